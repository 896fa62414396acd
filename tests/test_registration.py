"""Functions and rules of one's own are registered in a statement, and nonsense is refused."""

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.graph import Constant, ancestors
from micrograd_nd.primitives import derivative
from micrograd_nd.testing import check_gradients


def test_a_function_of_ones_own_is_registered_in_one_statement():
    cube = mg.primitive(lambda x: x**3, lambda g, out, x: g * 3 * x**2)
    assert cube(2.0) == 8
    check_gradients(cube, np.array([0.5, -1.5]))
    result = cube(mg.Tensor(2.0))
    assert [type(x) for x in result.node.inputs] != [Constant]
    assert len(ancestors(result.node)) == 2


def test_options_of_ones_own_function_reach_its_rule():
    @mg.primitive
    def scale(x, *, by=2.0):
        return x * by

    derivative(scale, lambda g, out, x, *, by=2.0: g * by)
    assert mg.grad(scale)(1.0) == 2
    assert mg.grad(lambda x: scale(x, by=5.0))(1.0) == 5
    with pytest.raises(TypeError, match="takes by=; got to="):
        scale(mg.Tensor(1.0), to=3)


def test_an_array_argument_may_be_left_out():
    def total(x, y=1.0, z=None):
        return x * y if z is None else x * y + z

    f = mg.primitive(total, None, lambda g, out, x, y=1.0, z=None: g * x, lambda g, out, x, y, z: g)
    a, b = mg.Tensor(2.0), mg.Tensor(3.0)
    (f(a) + f(a, b) + f(a, b, b)).backward()
    assert (a.grad, b.grad) == (None, 5)


def test_registering_again_replaces_the_rules():
    double = mg.primitive(lambda x: 2 * x, lambda g, out, x: g * 7)
    assert mg.grad(double)(1.0) == 7
    derivative(double, lambda g, out, x: g * 2)
    assert mg.grad(double)(1.0) == 2


def test_a_registration_without_a_rule_or_with_nonsense_is_refused():
    with pytest.raises(TypeError, match="was given no rule"):
        derivative(np.cbrt)
    with pytest.raises(TypeError, match=r"np\.hypot takes 2 arrays and returns 1; .* got 1"):
        derivative(np.hypot, lambda g, out, x: g)
    with pytest.raises(TypeError, match=r"np\.modf takes 1 arrays and returns 2"):
        derivative(np.modf, lambda g, out, x: g)
    with pytest.raises(TypeError, match="must be callable or None; got 3"):
        derivative(np.cbrt, 3)
    with pytest.raises(TypeError, match="needs a function"):
        derivative("cbrt", lambda g, out, x: g)
    with pytest.raises(TypeError, match="needs a function"):
        mg.primitive(3)


def test_a_rule_of_the_wrong_shape_is_told():
    broken = mg.primitive(lambda x: x + 0.0, lambda g, out, x: np.ones(4))
    with pytest.raises(ValueError, match="derivative of shape"):
        mg.grad(lambda x: np.sum(broken(x)))(np.ones(3))
