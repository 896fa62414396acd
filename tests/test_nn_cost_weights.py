"""Costs reduce losses by mean, sum or not at all, and weigh samples and classes as scikit-learn does."""

import re
from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.testing import check_gradients

# Of each of ten costs.
few = settings(max_examples=20)
numbers = st.integers(-64, 64).map(lambda k: k / 16)
some_weights = st.integers(0, 12).map(lambda k: k / 4)

COSTS = {
    "binary_cross_entropy": lambda A, Y, **o: nn.binary_cross_entropy(nn.sigmoid(A), Y, **o),
    "binary_cross_entropy of logits": partial(nn.binary_cross_entropy, from_logits=True),
    "cross_entropy": lambda A, Y, **o: nn.cross_entropy(nn.softmax(A), Y, **o),
    "cross_entropy of logits": partial(nn.cross_entropy, from_logits=True),
    "mse": nn.mse,
    "mse of logits": partial(nn.mse, from_logits=True),
    "half_mse": nn.half_mse,
    "mae": nn.mae,
    "huber": nn.huber,
    "hinge": nn.hinge,
}
every_cost = pytest.mark.parametrize("name", COSTS)


@st.composite
def judged(draw, name):
    """Predictions and their labels, for a cost."""
    of_classes = name.startswith("cross_entropy")
    n_y, m = draw(st.tuples(st.integers(2 if of_classes else 1, 3), st.integers(1, 5)))
    A = draw(hnp.arrays(float, (n_y, m), elements=numbers))
    if of_classes:
        return A, draw(hnp.arrays(int, (1, m), elements=st.integers(0, n_y - 1)))
    return A, draw(hnp.arrays(int, (n_y, m), elements=st.integers(0, 1)))


@st.composite
def weighed(draw, name):
    """Predictions, labels, and weights that are not all zero."""
    A, Y = draw(judged(name))
    weights = draw(hnp.arrays(float, (1, A.shape[1]), elements=some_weights).filter(np.any))
    return A, Y, weights


def losses(cost, A, Y):
    """The cost of each sample alone."""
    return np.array([[cost(A[:, [i]], Y[:, [i]]) for i in range(A.shape[1])]])


# Reductions


@every_cost
@few
@given(data=st.data())
def test_no_reduction_gives_the_row_of_the_costs_of_each_sample(name, data):
    A, Y = data.draw(judged(name))
    row = COSTS[name](A, Y, reduction="none")
    assert type(row) is np.ndarray
    np.testing.assert_allclose(row, losses(COSTS[name], A, Y), rtol=1e-12, strict=True)


@every_cost
@few
@given(data=st.data())
def test_the_mean_and_the_sum_are_those_of_the_losses(name, data):
    A, Y = data.draw(judged(name))
    row = losses(COSTS[name], A, Y)
    np.testing.assert_allclose(COSTS[name](A, Y, reduction="mean"), row.mean(), rtol=1e-12)
    np.testing.assert_allclose(COSTS[name](A, Y, reduction="sum"), row.sum(), rtol=1e-12)
    assert COSTS[name](A, Y, reduction="mean") == COSTS[name](A, Y)


@every_cost
def test_losses_of_tensors_are_differentiable_one_by_one(name):
    A = mg.Tensor([[0.5, 0.25, 3.0], [1.5, -1.0, 2.0]])
    Y = [[0, 1, 1]] if name.startswith("cross_entropy") else [[0, 1, 1], [1, 1, 0]]
    row = COSTS[name](A, Y, reduction="none")
    assert row.shape == (1, 3)
    row[0, 1].backward()
    assert not A.grad[:, [0, 2]].any()
    assert A.grad[:, 1].any()


@every_cost
@pytest.mark.parametrize("reduction", ["average", None, "MEAN", 1])
def test_another_reduction_is_refused(name, reduction):
    with pytest.raises(ValueError, match=f'reduction must be "mean", "sum" or "none"; got {reduction!r}'):
        COSTS[name](np.ones((2, 2)), [[0, 1]], reduction=reduction)


# Weights of samples


@every_cost
@few
@given(data=st.data())
def test_the_weighted_mean_is_over_the_sum_of_the_weights(name, data):
    A, Y, w = data.draw(weighed(name))
    row = losses(COSTS[name], A, Y)
    np.testing.assert_allclose(COSTS[name](A, Y, sample_weight=w), np.average(row, weights=w), rtol=1e-12)


@every_cost
@few
@given(data=st.data())
def test_a_weighted_sum_and_weighted_losses_are_multiplied_by_the_weights(name, data):
    A, Y, w = data.draw(weighed(name))
    row = losses(COSTS[name], A, Y)
    np.testing.assert_allclose(COSTS[name](A, Y, sample_weight=w, reduction="sum"), np.sum(w * row), rtol=1e-12)
    np.testing.assert_allclose(COSTS[name](A, Y, sample_weight=w, reduction="none"), w * row, rtol=1e-12)


@every_cost
@few
@given(data=st.data())
def test_a_sample_of_weight_2_counts_as_one_that_is_there_twice(name, data):
    A, Y = data.draw(judged(name))
    w = np.array(data.draw(st.lists(st.integers(0, 3), min_size=A.shape[1], max_size=A.shape[1]).filter(any)))
    A_repeated, Y_repeated = np.repeat(A, w, axis=1), np.repeat(Y, w, axis=1)
    np.testing.assert_allclose(COSTS[name](A, Y, sample_weight=w), COSTS[name](A_repeated, Y_repeated), rtol=1e-12)


@every_cost
@few
@given(data=st.data())
def test_weighted_costs_differentiate_rightly(name, data):
    A, Y, w = data.draw(weighed(name))
    A = A + 1 / 32 + np.where(np.abs(np.abs(A) - 1) < 1 / 4, 0.5, 0.0)  # away from the corners, at 0, 1 and 2
    A = np.where(np.abs(A - 2) < 1 / 4, 2.5, A)
    check_gradients(lambda a: COSTS[name](a, Y, sample_weight=w), A, order=1)


@every_cost
def test_weights_may_be_of_any_form_and_size(name):
    A, Y = np.array([[0.5, 0.25, 3.0], [1.5, -1.0, 2.0]]), np.array([[0, 1, 1]])
    Y = Y if name.startswith("cross_entropy") else np.concatenate([Y, Y])
    forms = [[1, 0, 3], [[1, 0, 3]], np.array([1.0, 0, 3]), mg.Tensor([1.0, 0.0, 3.0]), np.uint8([[1, 0, 3]])]
    values = {float(COSTS[name](A, Y, sample_weight=form)) for form in forms}
    assert len(values) == 1
    np.testing.assert_allclose(COSTS[name](A, Y, sample_weight=[1e300, 0, 3e300]), values.pop(), rtol=1e-12)


@every_cost
def test_weights_keep_float32(name):
    A = mg.Tensor(np.full((2, 3), 0.25, np.float32))
    Y = [[0, 1, 1]] if name.startswith("cross_entropy") else [[0, 1, 1], [0, 1, 1]]
    J = COSTS[name](A, Y, sample_weight=np.array([1.0, 2.0, 3.0]))
    J.backward()
    assert J.dtype == A.grad.dtype == np.float32
    for reduction in ("mean", "sum", "none"):
        assert COSTS[name](A.numpy(), Y, sample_weight=[1.0, 2, 3], reduction=reduction).dtype == np.float32


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], "sample_weight must be of shape (3,) or (1, 3), a weight a sample; got (2,)"),
        ([[1], [2], [3]], "sample_weight must be of shape (3,) or (1, 3), a weight a sample; got (3, 1)"),
        (2.0, "sample_weight must be of shape (3,) or (1, 3), a weight a sample; got ()"),
        ([1, -2, 3], "sample_weight must hold finite numbers that are not negative; got -2 for column 1"),
        ([1, 2, np.nan], "sample_weight must hold finite numbers that are not negative; got nan for column 2"),
        ([np.inf, 2, 3], "got inf for column 0"),
        ([0, 0, 0], "the weights of the samples sum to 0.0, so there is no weighted mean"),
        ([1.7e308, 1.7e308, 0], "the weights of the samples sum to inf, so there is no weighted mean"),
        (["a", "b", "c"], "sample_weight must hold real numbers; got dtype <U1"),
        (np.ma.array([1.0, 2.0, 3.0], mask=[True, False, False]), "sample_weight is a masked array: fill it"),
        (
            mg.Tensor([1.0, 2.0, 3.0]) * 2,
            "weights are constants, and sample_weight is the result of a recorded operation",
        ),
    ],
)
def test_weights_that_make_no_sense_are_told(weights, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.mse(np.ones((1, 3)), np.zeros((1, 3)), sample_weight=weights)


def test_a_weight_too_large_for_the_predictions_is_told():
    with pytest.raises(ValueError, match=r"sample_weight holds 1e\+300, which is too large for float32"):
        nn.mse(np.ones((1, 2), np.float32), [[0, 0]], sample_weight=[1.0, 1e300])


def test_without_a_mean_weights_may_all_be_zero():
    assert nn.mse(np.ones((1, 2)), [[0, 0]], sample_weight=[0, 0], reduction="sum") == 0


# Weights of classes


@st.composite
def classified(draw):
    n_y, m = draw(st.tuples(st.integers(2, 4), st.integers(1, 6)))
    Y = draw(hnp.arrays(int, (1, m), elements=st.integers(0, n_y - 1)))
    weights = draw(hnp.arrays(float, (n_y,), elements=some_weights.filter(bool)))
    return draw(hnp.arrays(float, (n_y, m), elements=numbers)), Y, weights


@given(classified())
def test_a_weight_a_class_is_that_of_each_of_its_samples(case):
    Z, Y, weights = case
    expected = nn.cross_entropy(Z, Y, from_logits=True, sample_weight=weights[Y])
    for form in (weights, weights.tolist(), dict(enumerate(weights)), mg.Tensor(weights)):
        assert nn.cross_entropy(Z, Y, from_logits=True, class_weight=form) == expected
    one_hot = nn.one_hot(Y, len(Z))
    assert nn.cross_entropy(Z, one_hot, from_logits=True, class_weight=weights) == expected


@given(classified())
def test_weights_of_classes_of_one_row_are_those_of_0_and_1(case):
    Z, Y, weights = case
    Z, Y, weights = Z[:1], Y % 2, weights[:2]
    expected = nn.binary_cross_entropy(Z, Y, from_logits=True, sample_weight=weights[Y])
    for form in (weights, {0: weights[0], 1: weights[1]}):
        assert nn.binary_cross_entropy(Z, Y, from_logits=True, class_weight=form) == expected


@given(classified())
def test_weights_of_samples_and_classes_are_multiplied(case):
    Z, Y, weights = case
    w = 1.0 + np.arange(Y.size)
    both = nn.cross_entropy(Z, Y, from_logits=True, class_weight=weights, sample_weight=w, reduction="sum")
    np.testing.assert_allclose(
        both, nn.cross_entropy(Z, Y, from_logits=True, sample_weight=w * weights[Y], reduction="sum"), rtol=1e-12
    )


def test_a_class_that_a_dict_does_not_name_weighs_1():
    Z, Y = np.array([[0.5, -1.0, 2.0]]), [[0, 1, 1]]
    cost = partial(nn.binary_cross_entropy, Z, Y, from_logits=True)
    assert cost(class_weight={1: 3}) == cost(class_weight=[1, 3])


@given(classified())
def test_balanced_weights_are_those_of_scikit_learn(case):
    from_sklearn = pytest.importorskip("sklearn.utils.class_weight").compute_sample_weight
    Z, Y, _ = case
    expected = nn.cross_entropy(Z, Y, from_logits=True, sample_weight=from_sklearn("balanced", Y[0]), reduction="none")
    balanced = nn.cross_entropy(Z, Y, from_logits=True, class_weight="balanced", reduction="none")
    np.testing.assert_allclose(balanced, expected, rtol=1e-12)


@given(classified())
def test_the_weighted_cross_entropy_is_the_log_loss_of_scikit_learn(case):
    metrics = pytest.importorskip("sklearn.metrics")
    Z, Y, weights = case
    A = nn.softmax(Z)
    expected = metrics.log_loss(Y[0], A.T, labels=range(len(Z)), sample_weight=weights[Y[0]])
    np.testing.assert_allclose(nn.cross_entropy(A, Y, class_weight=weights), expected, rtol=1e-9)


def test_balanced_classes_count_the_same_together():
    Y = np.array([[0, 0, 0, 0, 0, 0, 0, 1, 1, 2]])
    row = nn.cross_entropy(np.zeros((3, 10)), Y, from_logits=True, class_weight="balanced", reduction="none")
    np.testing.assert_allclose([row[k == Y].sum() for k in range(3)], np.full(3, 10 / 3 * np.log(3)))


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({2: 1.0}, "class_weight has a weight for 2, and the classes are 0 to 1"),
        ({"1": 1.0}, "class_weight has a weight for '1', and the classes are 0 to 1"),
        ({True: 1.0}, "class_weight has a weight for True, and the classes are 0 to 1"),
        ({0: -1.0}, "class_weight must hold finite numbers that are not negative; got -1.0 for class 0"),
        ([1, 2, 3], "class_weight must be of shape (2,), a weight a class; got (3,)"),
        ([1, np.nan], "class_weight must hold finite numbers that are not negative; got nan for class 1"),
        ("even", "class_weight must be a dict, an array, or \"balanced\"; got 'even'"),
        (["a", "b"], "class_weight must hold real numbers; got dtype <U1"),
        ({0: 0, 1: 0}, "the weights of the samples sum to 0.0, so there is no weighted mean"),
    ],
)
def test_weights_of_classes_that_make_no_sense_are_told(class_weight, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.binary_cross_entropy(np.full((1, 3), 0.5), [[0, 1, 1]], class_weight=class_weight)


def test_several_labels_a_sample_have_no_class():
    with pytest.raises(
        ValueError, match=r"class_weight needs one label a sample, so Y of shape \(1, m\); got \(2, 3\)"
    ):
        nn.binary_cross_entropy(np.full((2, 3), 0.5), np.ones((2, 3)), class_weight="balanced")


# Compiled


OPTIONS = [{}, {"sample_weight": np.array([0.5, 2.0, 0.0])}]


@every_cost
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("options", OPTIONS, ids=["", "weighted"])
def test_compiled_costs_are_the_same_for_labels_and_weights_of_every_call(name, reduction, options):
    rng = np.random.default_rng(0)
    rows = 3 if name.startswith("cross_entropy") else 1

    def cost(A, Y, w):
        weights = {"sample_weight": w} if options else {}
        return np.sum(np.square(COSTS[name](A, Y, reduction=reduction, **weights)))

    compiled, plain = mg.compile(mg.value_and_grad(cost)), mg.value_and_grad(cost)
    for _ in range(2):
        A, Y, w = rng.normal(size=(rows, 3)), rng.integers(0, rows + (rows == 1), (1, 3)), rng.random((1, 3))
        for one, other in zip(compiled(A, Y, w), plain(A, Y, w), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("class_weight", ["balanced", {0: 2.0, 2: 0.5}, [1.0, 2.0, 3.0]], ids=repr)
def test_compiled_costs_weigh_the_classes_of_every_call(class_weight):
    rng = np.random.default_rng(0)
    of_classes = partial(nn.cross_entropy, from_logits=True, class_weight=class_weight)
    compiled = mg.compile(mg.value_and_grad(of_classes))
    for _ in range(3):
        Z, Y = rng.normal(size=(3, 6)), rng.integers(0, 3, (1, 6))
        for one, other in zip(compiled(Z, Y), mg.value_and_grad(of_classes)(Z, Y), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


def test_a_compiled_binary_cost_balances_the_labels_of_every_call():
    rng = np.random.default_rng(0)
    balanced = partial(nn.binary_cross_entropy, from_logits=True, class_weight="balanced")
    compiled = mg.compile(balanced)
    for _ in range(3):
        Z, Y = rng.normal(size=(1, 6)), rng.integers(0, 2, (1, 6))
        np.testing.assert_allclose(compiled(Z, Y), balanced(Z, Y), rtol=1e-12)
