"""Plots of activations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn, viz
from micrograd_nd.nn.activations import ACTIVATIONS

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

CURVES = [name for name in ACTIVATIONS if "softmax" not in name]


def curves(ax):
    """z, g(z) and g'(z)."""
    value, derivative = ax.lines[:2]
    assert (value.get_label(), derivative.get_label()) == ("g(z)", "g′(z)")
    return value.get_xdata(), value.get_ydata(), derivative.get_ydata()


@pytest.mark.parametrize("name", CURVES)
def test_an_activation_is_plotted_with_its_derivative(name):
    z, value, derivative = curves(viz.plot_activation(name))
    g = nn.activation(name)
    assert np.array_equal(value, np.asarray(g(z)))
    shown = np.isfinite(derivative)
    slopes = np.array([mg.grad(lambda x: +g(x))(x) for x in z[shown]])
    assert np.allclose(derivative[shown], slopes, rtol=1e-12, atol=1e-14)
    assert np.count_nonzero(~shown) <= 1


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_no_line_is_drawn_over_the_jump_of_a_derivative(name):
    z, _, derivative = curves(viz.plot_activation(name))
    (gap,) = np.flatnonzero(np.isnan(derivative))
    assert -0.011 < z[gap] < 0
    assert derivative[gap + 1] == 1


@given(st.floats(-20, 0), st.floats(0.5, 20))
def test_the_interval_can_be_chosen(low, high):
    z, _, _ = curves(viz.plot_activation("tanh", between=(low, high)))
    assert (z[0], z[-1]) == (low, high)


def test_modules_and_functions_are_plotted_too():
    def cube(z):
        return z**3

    z, value, derivative = curves(viz.plot_activation(cube))
    assert np.allclose(value, z**3)
    assert np.allclose(derivative, 3 * z**2)
    assert viz.plot_activation(cube).get_title(loc="left") == "cube"
    assert viz.plot_activation(nn.LeakyReLU(0.2)).get_title(loc="left") == "LeakyReLU(slope=0.2)"


@pytest.mark.parametrize("function", [np.log, np.sqrt, lambda z: 1 / z])
def test_where_a_function_is_not_finite_there_is_a_gap(function):
    _, value, derivative = curves(viz.plot_activation(function))
    assert np.isfinite(value[-100:]).all()
    assert np.isfinite(derivative[-100:]).all()
    assert not np.isfinite(value[500]) or not np.isfinite(derivative[500])


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_what_depends_on_a_whole_column_has_no_curve(name):
    with pytest.raises(ValueError, match="has no curve: its value at one z depends on the others"):
        viz.plot_activation(name)


def test_what_is_no_activation_is_told():
    with pytest.raises(ValueError, match="unknown activation 'rely'; known are sigmoid"):
        viz.plot_activation("rely")
    with pytest.raises(TypeError, match="a name, such as"):
        viz.plot_activation(3)
    with pytest.raises(TypeError, match="a name, such as"):
        viz.plot_activation(nn.ReLU)
    with pytest.raises(ValueError, match=r"a value for each z; for shape \(1001,\) it gave \(\)"):
        viz.plot_activation(np.sum)


@pytest.mark.parametrize("between", [(1, 1), (2, -2), (0, np.inf)])
def test_an_interval_that_is_none_is_told(between):
    with pytest.raises(ValueError, match=r"low < high|finite"):
        viz.plot_activation("relu", between=between)
    with pytest.raises(TypeError, match="a pair"):
        viz.plot_activation("relu", between=5)


def test_a_step_is_a_function_like_any_other():
    g, slope = viz.plot_activation(lambda z: z > 0).lines[:2]
    values = g.get_ydata()
    assert set(values[np.isfinite(values)]) == {0.0, 1.0}
    assert not slope.get_ydata().any()
