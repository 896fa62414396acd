"""Automatic differentiation of NumPy code.

A `Tensor` records what NumPy computes with it and gives back exact derivatives of any order.

>>> import micrograd_nd as mg
>>> a, b, c = mg.Tensor(5.0), mg.Tensor(3.0), mg.Tensor(2.0)
>>> J = 3 * (a + b * c)
>>> J.backward()
>>> print(J.item(), a.grad, b.grad, c.grad)
33.0 3.0 6.0 9.0
"""

from typing import TYPE_CHECKING, Any

from micrograd_nd.anomalies import detect_anomaly as detect_anomaly
from micrograd_nd.assemble import array as array
from micrograd_nd.modes import TraceError as TraceError
from micrograd_nd.modes import no_grad as no_grad
from micrograd_nd.primitives import derivative as derivative
from micrograd_nd.primitives import primitive as primitive
from micrograd_nd.primitives import registry as registry
from micrograd_nd.random import default_rng as default_rng
from micrograd_nd.rules.activations import elu as elu
from micrograd_nd.rules.activations import leaky_relu as leaky_relu
from micrograd_nd.rules.activations import log_softmax as log_softmax
from micrograd_nd.rules.activations import logsumexp as logsumexp
from micrograd_nd.rules.activations import relu as relu
from micrograd_nd.rules.activations import sigmoid as sigmoid
from micrograd_nd.rules.activations import silu as silu
from micrograd_nd.rules.activations import softmax as softmax
from micrograd_nd.rules.activations import softplus as softplus
from micrograd_nd.rules.gaussian import gelu as gelu
from micrograd_nd.rules.gaussian import normal_cdf as normal_cdf
from micrograd_nd.tensor import Tensor as Tensor
from micrograd_nd.transforms import checkpoint as checkpoint
from micrograd_nd.transforms import elementwise_grad as elementwise_grad
from micrograd_nd.transforms import grad as grad
from micrograd_nd.transforms import hessian as hessian
from micrograd_nd.transforms import holomorphic_grad as holomorphic_grad
from micrograd_nd.transforms import hvp as hvp
from micrograd_nd.transforms import jacobian as jacobian
from micrograd_nd.transforms import jvp as jvp
from micrograd_nd.transforms import stop_gradient as stop_gradient
from micrograd_nd.transforms import value_and_grad as value_and_grad
from micrograd_nd.transforms import vjp as vjp

if TYPE_CHECKING:
    from micrograd_nd.compiler import compile as compile

__all__ = [
    "Tensor",
    "TraceError",
    "array",
    "checkpoint",
    "compile",
    "default_rng",
    "derivative",
    "detect_anomaly",
    "elementwise_grad",
    "elu",
    "gelu",
    "grad",
    "hessian",
    "holomorphic_grad",
    "hvp",
    "jacobian",
    "jvp",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
    "no_grad",
    "normal_cdf",
    "primitive",
    "registry",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the compiler once somebody asks for it: it takes as long as all the rest."""
    if name != "compile":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from micrograd_nd import compiler

    globals()["compile"] = compiler.compile
    return compiler.compile


def __dir__() -> list[str]:
    return sorted({*globals(), "compile"})
