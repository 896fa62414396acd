"""Residual blocks add what their layers return to what they were given."""

import re

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_nd import nn
from micrograd_nd.testing import check_gradients

few = settings(max_examples=20)
smooth = st.integers(-40, 40).map(lambda k: (k + 0.5) / 16)


@given(hnp.arrays(float, (3, 4), elements=st.floats(-9, 9)))
def test_a_residual_block_adds_its_layers_to_what_comes_in(A):
    layers = nn.Linear(3, 5, seed=1), nn.Tanh(), nn.Linear(5, 3, seed=2)
    np.testing.assert_array_equal(nn.Residual(*layers)(A).numpy(), A + nn.Sequential(*layers)(A).numpy())


@few
@given(hnp.arrays(float, (3, 2), elements=smooth))
def test_a_residual_block_has_the_derivatives_of_its_formula(A):
    block = nn.Residual(nn.Linear(3, 3, seed=1), nn.Tanh())
    check_gradients(lambda A: block(A) * np.arange(1.0, 7.0).reshape(3, 2), A)


def test_with_weights_of_zero_a_residual_block_passes_on_what_comes_in():
    A = np.random.default_rng(0).standard_normal((3, 4))
    np.testing.assert_array_equal(nn.Residual(nn.Linear(3, 3, weights="zeros"), nn.Tanh())(A).numpy(), A)


@pytest.mark.parametrize(("n_out", "got"), [(2, "(2, 4)"), (1, "(1, 4)")])
def test_layers_that_change_the_shape_are_told(n_out, got):
    message = f"Residual(Linear(3, {n_out})) adds what its layers return to what they are given, so both must have"
    with pytest.raises(ValueError, match=re.escape(message) + f".*given \\(3, 4\\), they returned {re.escape(got)}"):
        nn.Residual(nn.Linear(3, n_out))(np.ones((3, 4)))


def test_the_layers_in_a_residual_block_are_numbered_with_those_around_it():
    model = nn.Sequential(nn.Linear(2, 3), nn.Residual(nn.Linear(3, 3), nn.Dense(3, 3)), nn.Linear(3, 1))
    assert [p.name for p in model.parameters()] == ["W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"]


def test_an_activation_inside_of_a_residual_block_is_no_output_activation():
    model = nn.Sequential(nn.Linear(2, 1, seed=0), nn.Residual(nn.Sigmoid()))
    X = np.ones((2, 3))
    np.testing.assert_array_equal(model.logits(X).numpy(), model(X).numpy())
    assert nn.predict(model, X).dtype == float


def test_a_compiled_run_is_that_of_uncompiled_steps():
    def run(compiled):
        model = nn.Sequential(
            nn.Dense(3, 4, "tanh", seed=1),
            nn.Residual(nn.Dense(4, 4, "silu", seed=2), nn.BatchNorm(4)),
            nn.Dense(4, 1, "sigmoid", seed=3),
        )
        rng = np.random.default_rng(0)
        X, Y = rng.normal(size=(3, 20)), rng.integers(0, 2, (1, 20))
        return nn.fit(
            model, X, Y, epochs=5, learning_rate=0.3, seed=0, batch_size=8, progress=False, compiled=compiled
        ).cost  # fmt: skip

    np.testing.assert_allclose(run(True), run(False), rtol=1e-9)


def test_a_residual_block_says_how_its_layers_are_given():
    with pytest.raises(TypeError, match=r"write ReLU\(\), not ReLU"):
        nn.Residual(nn.ReLU)
