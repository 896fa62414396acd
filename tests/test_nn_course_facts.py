"""What a first course tells of logistic regression and its cost, seen to be so."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn

numbers = st.integers(-48, 48).map(lambda k: k / 16)


@st.composite
def samples(draw, n_x=2):
    """X, Y, and the weights and bias of logistic regression."""
    m = draw(st.integers(1, 6))
    X, Y = (
        draw(hnp.arrays(float, (n_x, m), elements=numbers)),
        draw(hnp.arrays(int, (1, m), elements=st.integers(0, 1))),
    )
    return X, Y, draw(hnp.arrays(float, n_x + 1, elements=numbers))


def logistic(X, Y, theta):
    """Run logistic regression with theta = (w, b), and backpropagate its cost."""
    model = nn.LogisticRegression(len(X))
    layer = model.layers[0]
    layer.W.data, layer.b.data = theta[None, :-1], theta[None, -1:]
    Z = layer(X)
    A = nn.sigmoid(Z)
    J = nn.binary_cross_entropy(A, Y)
    J.backward()
    return layer, Z, A, J


@given(samples())
def test_the_derivative_of_the_cost_by_z_is_a_minus_y_over_m(case):
    X, Y, theta = case
    _, Z, A, _ = logistic(X, Y, theta)
    np.testing.assert_allclose(Z.grad, (A.numpy() - Y) / Y.size, rtol=1e-6, atol=1e-12)


@given(samples())
def test_the_derivative_of_the_loss_by_z_is_a_minus_y_of_a_single_sample(case):
    X, Y, theta = case
    _, Z, A, _ = logistic(X[:, :1], Y[:, :1], theta)
    np.testing.assert_allclose(Z.grad, A.numpy() - Y[:, :1], rtol=1e-6, atol=1e-12)


@given(samples())
def test_the_derivative_of_the_loss_by_a_is_minus_y_over_a_plus_1_minus_y_over_1_minus_a(case):
    X, Y, theta = case
    _, _, A, _ = logistic(X, Y, theta)
    a = A.numpy()
    np.testing.assert_allclose(A.grad * Y.size, -Y / a + (1 - Y) / (1 - a), rtol=1e-9)


@given(samples())
def test_dw_is_x_times_dz_transposed_over_m_and_db_is_the_mean_of_dz(case):
    X, Y, theta = case
    layer, _, A, _ = logistic(X, Y, theta)
    dZ = A.numpy() - Y
    np.testing.assert_allclose(layer.W.grad, dZ @ X.T / Y.size, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(layer.b.grad, dZ.mean(axis=1, keepdims=True), rtol=1e-6, atol=1e-12)


@given(samples())
def test_the_cost_of_m_samples_is_the_mean_of_the_losses_of_each(case):
    X, Y, theta = case
    *_, J = logistic(X, Y, theta)
    alone = [logistic(X[:, [i]], Y[:, [i]], theta)[3].item() for i in range(Y.size)]
    np.testing.assert_allclose(J.item(), np.mean(alone), rtol=1e-12)


@given(samples(n_x=1), st.sampled_from(["tanh", "relu", "sigmoid"]))
def test_units_that_start_alike_stay_alike(case, hidden):
    X, Y, _ = case
    model = nn.MLP([1, 3, 1], hidden=hidden, weights="zeros")
    nn.fit(model, X, Y, epochs=3, learning_rate=0.5, seed=0, progress=False)
    W1 = model.layers[0].W.numpy()
    assert np.all(W1[0] == W1)


# Convexity: of a cost that is convex no Hessian has a negative eigenvalue anywhere; one point is enough to deny it.


def hessian_eigenvalues(cost, X, Y, theta):
    """The curvatures of a cost of logistic regression at theta = (w, b)."""

    def J(theta):
        return cost(theta[None, :-1] @ X + theta[-1], Y, from_logits=True)

    return np.linalg.eigvalsh(mg.hessian(J)(theta))


@given(samples())
def test_cross_entropy_makes_the_cost_of_logistic_regression_convex(case):
    X, Y, theta = case
    curvatures = hessian_eigenvalues(nn.binary_cross_entropy, X, Y, theta)
    assert np.all(curvatures >= -1e-12 * max(1.0, np.max(np.abs(curvatures))))


@pytest.mark.parametrize("y", [0, 1])
def test_squared_error_makes_the_cost_of_logistic_regression_non_convex(y):
    X, Y = np.array([[1.0], [0.0]]), np.array([[y]])
    wrong_side = np.array([3.0, 0.0, 0.0]) * (1 - 2 * y)
    right_side = np.array([0.5, 0.0, 0.0]) * (2 * y - 1)
    assert hessian_eigenvalues(nn.mse, X, Y, wrong_side).min() < -1e-3
    assert hessian_eigenvalues(nn.mse, X, Y, right_side).min() > -1e-12
    assert hessian_eigenvalues(nn.binary_cross_entropy, X, Y, wrong_side).min() > -1e-12


def test_squared_error_gives_logistic_regression_several_minima_and_cross_entropy_one():
    """Of one weight: the slope turns from minus to plus once, or more than once."""
    X, Y = np.array([[1.0, 30.0, -0.2]]), np.array([[1, 0, 1]])
    line = np.linspace(-3, 3, 1201)

    def minima(cost):
        slope = mg.grad(lambda w: cost(w * X, Y, from_logits=True))
        signs = np.sign([slope(w) for w in line])
        return int(np.sum((signs[:-1] < 0) & (signs[1:] > 0)))

    assert minima(nn.binary_cross_entropy) == 1
    assert minima(nn.mse) > 1


@given(samples())
def test_half_the_squared_error_makes_linear_regression_convex_with_the_error_as_derivative(case):
    X, Y, theta = case

    def J(theta):
        return nn.half_mse(theta[None, :-1] @ X + theta[-1], Y)

    assert np.linalg.eigvalsh(mg.hessian(J)(theta)).min() >= -1e-9
    prediction = mg.Tensor(theta[None, :-1] @ X + theta[-1])
    nn.half_mse(prediction, Y).backward()
    np.testing.assert_allclose(prediction.grad, (prediction.numpy() - Y) / Y.size, rtol=1e-12)
