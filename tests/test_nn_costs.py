"""Costs are the means of their losses, differentiate rightly, and stay finite; bad labels are told as such."""

import re
from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.graph import Node, ancestors
from micrograd_nd.testing import check_gradients

# A derivative takes many evaluations.
few = settings(max_examples=20)
shapes = st.tuples(st.integers(1, 3), st.integers(1, 5))
probabilities = st.integers(1, 63).map(lambda k: k / 64)
logits = st.integers(-80, 80).map(lambda k: k / 16)


@st.composite
def binary(draw, elements):
    shape = draw(shapes)
    return draw(hnp.arrays(float, shape, elements=elements)), draw(hnp.arrays(bool, shape))


@st.composite
def classes(draw, elements):
    n_y, m = draw(st.tuples(st.integers(2, 4), st.integers(1, 5)))
    indices = draw(hnp.arrays(int, (1, m), elements=st.integers(0, n_y - 1)))
    return draw(hnp.arrays(float, (n_y, m), elements=elements)), indices


@st.composite
def values(draw, elements=logits):
    shape = draw(shapes)
    return draw(hnp.arrays(float, shape, elements=elements)), draw(hnp.arrays(float, shape, elements=elements))


def value_and_gradient(cost, prediction, Y, **options):
    Z = mg.Tensor(prediction)
    J = cost(Z, Y, **options)
    J.backward()
    return J, Z.grad


# What they are


@given(binary(probabilities))
def test_binary_cross_entropy_is_its_formula(case):
    A, Y = case
    expected = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / A.shape[1]
    np.testing.assert_allclose(nn.binary_cross_entropy(A, Y), expected, rtol=1e-12)


@given(classes(probabilities))
def test_cross_entropy_is_its_formula(case):
    A, Y = case
    expected = -np.mean([np.log(A[k, i]) for i, k in enumerate(Y[0])])
    np.testing.assert_allclose(nn.cross_entropy(A, Y), expected, rtol=1e-12)


@given(values())
def test_mse_is_its_formula(case):
    A, Y = case
    expected = np.mean([np.sum((A[:, i] - Y[:, i]) ** 2) for i in range(A.shape[1])])
    np.testing.assert_allclose(nn.mse(A, Y), expected, rtol=1e-12)


@given(values())
def test_half_mse_is_its_formula(case):
    A, Y = case
    expected = np.mean([np.sum((A[:, i] - Y[:, i]) ** 2) / 2 for i in range(A.shape[1])])
    np.testing.assert_allclose(nn.half_mse(A, Y), expected, rtol=1e-12)


@given(values())
def test_mae_is_its_formula(case):
    A, Y = case
    expected = np.mean([np.sum(np.abs(A[:, i] - Y[:, i])) for i in range(A.shape[1])])
    np.testing.assert_allclose(nn.mae(A, Y), expected, rtol=1e-12)


@given(values(), st.integers(1, 64).map(lambda k: k / 16))
def test_huber_is_its_formula(case, delta):
    A, Y = case
    e = np.abs(A - Y)
    losses = np.sum(np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)), axis=0)
    np.testing.assert_allclose(nn.huber(A, Y, delta=delta), np.mean(losses), rtol=1e-12)


@given(values())
def test_huber_is_half_mse_for_small_errors_and_grows_like_mae_for_large_ones(case):
    A, Y = case
    np.testing.assert_allclose(nn.huber(A, Y, delta=1e3), nn.half_mse(A, Y), rtol=1e-12)
    far = np.where(A < Y, A - 100, A + 100)
    np.testing.assert_allclose(nn.huber(far, Y, delta=0.5), 0.5 * nn.mae(far, Y) - len(A) / 8, rtol=1e-12)


@given(binary(logits))
def test_hinge_is_its_formula(case):
    Z, Y = case
    losses = np.sum(np.maximum(0, 1 - np.where(Y, 1, -1) * Z), axis=0)
    np.testing.assert_allclose(nn.hinge(Z, Y), np.mean(losses), rtol=1e-12)


@given(binary(logits))
def test_binary_cross_entropy_from_logits_is_that_of_their_sigmoid(case):
    Z, Y = case
    direct = nn.binary_cross_entropy(Z, Y, from_logits=True)
    np.testing.assert_allclose(direct, nn.binary_cross_entropy(nn.sigmoid(Z), Y), rtol=1e-9)


@given(classes(logits))
def test_cross_entropy_from_logits_is_that_of_their_softmax(case):
    Z, Y = case
    direct = nn.cross_entropy(Z, Y, from_logits=True)
    np.testing.assert_allclose(direct, nn.cross_entropy(nn.softmax(Z), Y), rtol=1e-9)


@given(values())
def test_mse_from_logits_is_that_of_their_sigmoid(case):
    Z, Y = case
    np.testing.assert_array_equal(nn.mse(Z, Y, from_logits=True), nn.mse(nn.sigmoid(Z), Y))


@pytest.mark.parametrize("cost", [nn.binary_cross_entropy, nn.mse])
def test_a_cost_of_a_tensor_is_a_0d_tensor(cost):
    J = cost(mg.Tensor([[0.5, 0.25]]), [[0, 1]])
    assert isinstance(J, mg.Tensor)
    assert J.shape == ()


# How they differentiate


@few
@given(binary(probabilities))
def test_binary_cross_entropy_differentiates_rightly(case):
    A, Y = case
    check_gradients(lambda a: nn.binary_cross_entropy(a, Y), A)


@few
@given(binary(logits))
def test_binary_cross_entropy_from_logits_differentiates_rightly(case):
    Z, Y = case
    check_gradients(lambda z: nn.binary_cross_entropy(z, Y, from_logits=True), Z)


@few
@given(classes(probabilities))
def test_cross_entropy_differentiates_rightly(case):
    A, Y = case
    check_gradients(lambda a: nn.cross_entropy(a, Y), A)


@few
@given(classes(logits))
def test_cross_entropy_from_logits_differentiates_rightly(case):
    Z, Y = case
    check_gradients(lambda z: nn.cross_entropy(z, Y, from_logits=True), Z)


@pytest.mark.parametrize("from_logits", [False, True])
@few
@given(case=values())
def test_mse_differentiates_rightly_also_by_its_targets(from_logits, case):
    check_gradients(lambda a, y: nn.mse(a, y, from_logits=from_logits), *case)


@pytest.mark.parametrize("cost", [nn.half_mse, nn.huber, partial(nn.huber, delta=0.25)])
@few
@given(case=values())
def test_costs_of_regression_differentiate_rightly_also_by_their_targets(cost, case):
    check_gradients(cost, *case, order=1)


@few
@given(values(), st.sampled_from([nn.mae, nn.huber]))
def test_costs_with_corners_differentiate_rightly_away_from_them(case, cost):
    A, Y = case
    error = A - Y
    near = np.abs(np.abs(error) - (cost is nn.huber)) < 1 / 8
    check_gradients(lambda a: cost(a, Y), np.where(near, Y + 3 / 8, A))


@few
@given(binary(logits))
def test_hinge_differentiates_rightly_away_from_its_corner(case):
    Z, Y = case
    near = np.abs(1 - np.where(Y, 1, -1) * Z) < 1 / 8
    check_gradients(lambda z: nn.hinge(z, Y), np.where(near, 0.0, Z))


def test_an_exact_prediction_is_where_mae_is_flat_and_huber_is_curved():
    zero = np.zeros((1, 1))
    assert mg.grad(lambda a: nn.mae(a, zero))(zero) == 0
    assert mg.hessian(lambda a: nn.huber(a, zero))(zero).item() == 1


def test_a_margin_of_exactly_1_has_the_derivative_of_the_sloping_side():
    _, dZ = value_and_gradient(nn.hinge, [[1.0, -1.0]], [[1, 0]])
    assert dZ.tolist() == [[-0.5, 0.5]]


@given(values(), st.integers(1, 64).map(lambda k: k / 16))
def test_the_derivative_of_huber_is_the_error_cut_off_at_delta(case, delta):
    A, Y = case
    _, dA = value_and_gradient(nn.huber, A, Y, delta=delta)
    np.testing.assert_allclose(dA, np.clip(A - Y, -delta, delta) / A.shape[1], rtol=1e-12)


@given(binary(st.floats(-800, 800)))
def test_dz_of_binary_cross_entropy_is_a_minus_y(case):
    Z, Y = case
    _, dZ = value_and_gradient(nn.binary_cross_entropy, Z, Y, from_logits=True)
    np.testing.assert_allclose(dZ, (nn.sigmoid(Z) - Y) / Z.shape[1], rtol=1e-12, atol=1e-15)


@given(classes(st.floats(-800, 800)))
def test_dz_of_cross_entropy_is_a_minus_y(case):
    Z, Y = case
    _, dZ = value_and_gradient(nn.cross_entropy, Z, Y, from_logits=True)
    np.testing.assert_allclose(dZ, (nn.softmax(Z) - nn.one_hot(Y, len(Z))) / Z.shape[1], rtol=1e-10, atol=1e-15)


# That they stay finite, or say that they are not


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("cost", "prediction", "Y"),
    [
        (nn.binary_cross_entropy, [[np.nan, 0.5]], [[1, 0]]),
        (nn.binary_cross_entropy, [[np.nan, 0.5]], [[0, 0]]),
        (nn.cross_entropy, [[np.nan, 0.5], [np.nan, 0.5]], [[1, 0]]),
        (nn.cross_entropy, [[np.nan, 0.5], [0.5, 0.5]], [[1, 0]]),
        (nn.mse, [[np.nan, 0.5]], [[1, 0]]),
    ],
)
def test_a_nan_among_the_predictions_makes_the_cost_nan(cost, prediction, Y, dtype, from_logits):
    A = np.array(prediction, dtype=dtype)
    assert np.isnan(cost(A, Y, from_logits=from_logits))
    assert np.isnan(cost(mg.Tensor(A), Y, from_logits=from_logits).item())


@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("cost", [nn.half_mse, nn.mae, nn.huber, nn.hinge])
def test_a_nan_among_the_scores_makes_the_cost_nan(cost, y):
    assert np.isnan(cost(np.array([[np.nan, 0.5]]), [[y, 0]]))
    J, dA = value_and_gradient(cost, [[np.nan, 0.5]], [[y, 0]])
    assert np.isnan(J.item())
    assert np.isfinite(dA[0, 1])


@pytest.mark.parametrize("cost", [nn.mae, nn.huber, nn.hinge])
@given(binary(st.floats(-(2.0**1020), 2.0**1020)))
def test_costs_that_grow_in_proportion_are_finite_for_any_finite_scores(cost, case):
    Z, Y = case
    J, dZ = value_and_gradient(cost, Z, Y)
    assert np.isfinite(J.item())
    assert np.isfinite(dZ).all()


@pytest.mark.parametrize(("dtype", "largest"), [(np.float64, 2.0**1020), (np.float32, 2.0**124)])
@given(data=st.data())
def test_costs_of_any_finite_logits_are_finite_with_finite_derivatives(dtype, largest, data):
    anything = st.floats(-largest, largest, width=32 if dtype == np.float32 else 64)
    for cost, case in ((nn.binary_cross_entropy, binary(anything)), (nn.cross_entropy, classes(anything))):
        Z, Y = data.draw(case)
        J, dZ = value_and_gradient(cost, Z.astype(dtype), Y, from_logits=True)
        assert np.isfinite(J.numpy())
        assert np.isfinite(dZ).all()
        assert J.dtype == dZ.dtype == dtype


def test_logits_farther_apart_than_the_largest_number_do_no_harm_to_the_true_class():
    J, dZ = value_and_gradient(nn.cross_entropy, [[1.7e308], [-1.7e308]], [[0]], from_logits=True)
    assert J.item() == 0
    assert dZ.tolist() == [[0], [0]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@given(data=st.data())
def test_costs_of_probabilities_are_finite_also_at_0_and_1(dtype, data):
    edges = st.sampled_from([0.0, 1.0, 5e-324, 1e-300, 1e-30, 0.5, 1 - 1e-7, 1 - 1e-16])
    for cost, case in ((nn.binary_cross_entropy, binary(edges)), (nn.cross_entropy, classes(edges))):
        A, Y = data.draw(case)
        J, dA = value_and_gradient(cost, A.astype(dtype), Y)
        assert np.isfinite(J.numpy())
        assert np.isfinite(dA).all()
        assert J.item() >= 0


def test_a_certain_and_right_prediction_costs_nothing():
    assert nn.binary_cross_entropy(np.array([[0.0, 1.0]]), [[0, 1]]) == 0
    assert nn.cross_entropy(np.array([[0.0, 1.0], [1.0, 0.0]]), [[1, 0]]) == 0


@pytest.mark.parametrize("y", [0, 1])
def test_a_certain_and_wrong_prediction_costs_more_than_any_other(y):
    nearly = np.nextafter(1.0 - y, y)
    certain, almost = (nn.binary_cross_entropy(np.array([[a]]), [[y]]) for a in (1.0 - y, nearly))
    assert 36 < almost <= certain < almost + 1


@given(st.floats(30, 700))
def test_small_losses_keep_their_digits(z):
    J = nn.binary_cross_entropy(np.array([[z, -z]]), [[1, 0]], from_logits=True)
    np.testing.assert_allclose(J, np.exp(-z), rtol=1e-12)


COSTS = {
    "binary_cross_entropy": (nn.binary_cross_entropy, [[0, 1, 1]]),
    "binary_cross_entropy of logits": (partial(nn.binary_cross_entropy, from_logits=True), [[0, 1, 1]]),
    "cross_entropy": (nn.cross_entropy, [[0, 1, 1]]),
    "cross_entropy of logits": (partial(nn.cross_entropy, from_logits=True), [[0, 1, 1]]),
    "mse": (nn.mse, [[0.5, 1, 1]]),
    "mse of logits": (partial(nn.mse, from_logits=True), [[0.5, 1, 1]]),
    "half_mse": (nn.half_mse, [[0.5, 1, 1]]),
    "mae": (nn.mae, [[0.5, 1, 1]]),
    "huber": (nn.huber, [[0.5, 1, 1]]),
    "hinge": (nn.hinge, [[0, 1, 1]]),
}


@pytest.mark.parametrize("name", COSTS)
def test_float32_predictions_are_judged_in_float32_throughout(name):
    cost, Y = COSTS[name]
    rows = 2 if name.startswith("cross_entropy") else 1
    A = mg.Tensor(np.full((rows, 3), 0.25, dtype=np.float32))
    J = cost(A, np.asarray(Y))
    J.backward()
    graph = ancestors(J.node)
    constants = [x for node in graph for x in node.inputs if not isinstance(x, Node)]
    assert len(graph) > 2
    assert {node.out.dtype for node in graph} == {np.dtype(np.float32)}
    assert {x.dtype for x in constants if isinstance(x, np.ndarray)} <= {np.dtype(np.float32), np.dtype(bool)}
    assert A.grad.dtype == np.float32


# Labels


@given(classes(logits))
def test_one_hot_and_index_labels_cost_the_same(case):
    Z, Y = case
    forms = [Y, Y.astype(float), nn.one_hot(Y, len(Z)), nn.one_hot(Y, len(Z)).astype(bool), Y.tolist(), mg.Tensor(Y)]
    assert len({float(nn.cross_entropy(Z, form, from_logits=True)) for form in forms}) == 1


@given(binary(logits))
def test_labels_of_every_dtype_cost_the_same(case):
    Z, Y = case
    forms = [Y, Y.astype(int), Y.astype(np.uint8), Y.astype(np.float32), Y.tolist(), mg.Tensor(Y, dtype=float)]
    assert len({float(nn.binary_cross_entropy(Z, form, from_logits=True)) for form in forms}) == 1


A13, A23 = np.full((1, 3), 0.5), np.full((2, 3), 0.5)


@pytest.mark.parametrize(
    ("cost", "prediction", "Y", "message"),
    [
        (
            nn.binary_cross_entropy,
            A13,
            [0, 1, 1],
            "a rank-1 array. Write Y.reshape(1, -1) for a row or Y.reshape(-1, 1) for a column",
        ),
        (nn.cross_entropy, A23, [0, 1, 1], "got shape (3,), a rank-1 array. Write Y.reshape(1, -1) for a row"),
        (nn.mse, A13, [0, 1, 1], "got shape (3,), a rank-1 array"),
        (nn.binary_cross_entropy, A13, [[0, 1, 2]], "labels must be 0 or 1; Y holds 2 in row 0, column 2"),
        (nn.binary_cross_entropy, A13, [[0, 1, 0.5]], "labels must be 0 or 1; Y holds 0.5 in row 0, column 2"),
        (
            nn.binary_cross_entropy,
            A13,
            [[-1, 1, 1]],
            "holds -1 in row 0, column 0; for labels -1 and 1 use (Y + 1) / 2",
        ),
        (nn.binary_cross_entropy, A13, [[0, np.nan, 1]], "labels must be 0 or 1; Y holds nan in row 0, column 1"),
        (nn.binary_cross_entropy, A13, [[0, 1]], "Y must be of shape (1, 3) for these predictions; got (1, 2)"),
        (nn.binary_cross_entropy, A13, [[0], [1], [1]], "got (3, 1); did you mean Y.T?"),
        (nn.mse, A13, A23, "Y must be of shape (1, 3) for these predictions; got (2, 3)"),
        (nn.mse, A13, [[1, 2, np.inf]], "Y holds inf in row 0 (feature), column 2 (sample)"),
        (nn.binary_cross_entropy, A13, [["a", "b", "c"]], "Y must hold real numbers; got dtype <U1"),
        (nn.cross_entropy, A23, [[0, 1, 2]], "class indices must be whole numbers from 0 to 1; Y holds 2 in column 2"),
        (nn.cross_entropy, A23, [[0, 1, -1]], "from 0 to 1; Y holds -1 in column 2"),
        (nn.cross_entropy, A23, [[0, 0.5, 1]], "from 0 to 1; Y holds 0.5 in column 1"),
        (nn.cross_entropy, A23, [[0, 1]], "Y must be of shape (2, 3) (one-hot) or (1, 3) (class indices)"),
        (nn.cross_entropy, A23, [[0], [1], [1]], "got (3, 1); did you mean Y.T?"),
        (
            nn.cross_entropy,
            A23,
            [[1, 1, 0], [0, 1, 1]],
            "each column of one-hot labels is a single 1 among zeros; column 1 of Y is [1 1]",
        ),
        (nn.cross_entropy, A13, [[0, 0, 0]], "softmax needs at least two classes, so two rows"),
        (
            nn.binary_cross_entropy,
            A13 - 1,
            [[0, 1, 1]],
            "from 0 to 1; got -0.5 in row 0, column 0. For logits say from_",
        ),
        (nn.cross_entropy, A23 + 1, [[0, 1, 1]], "predictions must be probabilities from 0 to 1; got 1.5 in row 0"),
        (nn.mse, A13[0], [[0, 1, 1]], "predictions must be a matrix (n_y, m), a sample a column; got shape (3,)"),
        (nn.mse, np.ones((1, 0)), np.ones((1, 0)), "predictions must be a matrix (n_y, m)"),
        (nn.mse, A13, A13 + 1j, "Y must hold real numbers; got dtype complex128"),
        (nn.mse, A13, np.ma.array(A13, mask=True), "Y is a masked array: fill it, Y.filled(0), or leave its samples"),
        (nn.mse, A13 + 1j, A13, "predictions must be real numbers; got dtype complex128"),
        (
            nn.hinge,
            A13,
            [[-1, 1, 1]],
            "labels must be 0 or 1; Y holds -1 in row 0, column 0; for labels -1 and 1 use (Y",
        ),
        (nn.half_mse, A13, A23, "Y must be of shape (1, 3) for these predictions; got (2, 3)"),
        (nn.mae, A13, [0, 1, 1], "got shape (3,), a rank-1 array"),
        (partial(nn.huber, delta=0), A13, A13, "delta, from where on an error is large, must be positive; got 0.0"),
        (partial(nn.huber, delta=np.inf), A13, A13, "delta must be a finite number; got inf"),
        (partial(nn.huber, delta="1"), A13, A13, "delta must be a number; got '1'"),
        (nn.binary_cross_entropy, A13, mg.Tensor(A13) * 1, "labels are constants, and Y is the result of a recorded"),
    ],
)
def test_what_cannot_be_judged_is_told_clearly(cost, prediction, Y, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        cost(mg.Tensor(prediction), Y)


def test_a_masked_prediction_is_refused():
    with pytest.raises(TypeError, match="prediction is a masked array: fill it"):
        nn.mse(np.ma.array(A13, mask=[[True, False, False]]), A13)


def test_predictions_may_be_lists_and_integers():
    assert nn.mse([[1, 2]], [[1, 4]]) == 2
    assert nn.binary_cross_entropy([[0, 1]], [[0, 1]]) == 0


@pytest.mark.parametrize("indices", [[0, 1], [[0], [1]], [[0, 3]], [[0, 0.5]]])
def test_one_hot_refuses_what_is_no_row_of_classes(indices):
    with pytest.raises(ValueError, match=r"class indices must|must be a matrix"):
        nn.one_hot(indices, 3)
