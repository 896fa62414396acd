"""Transforms of functions: from a function of arrays to one that computes its derivatives.

The result for plain arrays is plain arrays. It is a Tensor where it depends on one: inside another transform, so that
transforms nest to any order, or where the function uses Tensors from outside of it.
"""

from micrograd_nd.transforms.checkpointing import checkpoint as checkpoint
from micrograd_nd.transforms.forward import hvp as hvp
from micrograd_nd.transforms.forward import jvp as jvp
from micrograd_nd.transforms.matrices import hessian as hessian
from micrograd_nd.transforms.matrices import jacobian as jacobian
from micrograd_nd.transforms.reverse import elementwise_grad as elementwise_grad
from micrograd_nd.transforms.reverse import grad as grad
from micrograd_nd.transforms.reverse import holomorphic_grad as holomorphic_grad
from micrograd_nd.transforms.reverse import stop_gradient as stop_gradient
from micrograd_nd.transforms.reverse import value_and_grad as value_and_grad
from micrograd_nd.transforms.reverse import vjp as vjp
