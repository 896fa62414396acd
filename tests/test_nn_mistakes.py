"""The commonest mistakes are told in the course's words, with what would be right, and never train something else."""

import copy
import re

import numpy as np
import pytest

from micrograd_nd import nn

X = np.random.default_rng(0).normal(size=(3, 20))
Y = (X[:1] > 0).astype(int)
K = np.arange(20)[None] % 3


def binary(**options):
    return nn.MLP([3, 4, 1], seed=1, **options)


def fit(model, X=X, Y=Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 3, "learning_rate": 0.1, "seed": 0, "progress": False} | options)


def classes(output="softmax"):
    return nn.MLP([3, 4, 3], output=output, seed=1)


def columns():
    """X as people have it, a sample a row."""
    return pytest.importorskip("pandas", reason="pandas is not installed").DataFrame(X.T, columns=list("abc"))


def sparse():
    return pytest.importorskip("scipy.sparse", reason="SciPy is not installed").csr_matrix(X)


def with_array(model, name):
    setattr(model.layers[0], name, getattr(model.layers[0], name).numpy())
    return model


def with_nan(model):
    model.layers[0].b.data = [[0.0], [np.nan], [0.0], [0.0]]
    return model


class InASet(nn.Module):
    def __init__(self):
        self.parts = {nn.Linear(3, 1)}


MISTAKES = {
    "samples in rows": (
        lambda: fit(binary(), X.T, Y.T),
        "layer 1: W1 is (4, 3) and needs X of shape (3, m); got (20, 3). A sample is a column: did you mean X.T?",
    ),
    "a frame with a sample a row": (
        lambda: fit(binary(), columns()),
        "got (20, 3). A sample is a column: did you mean X",
    ),
    "labels in a column": (
        lambda: fit(binary(), X, Y.T),
        "Y must be of shape (1, 20) for these predictions; got (20, 1)",
    ),
    "labels of rank 1": (lambda: fit(binary(), X, Y[0]), "a rank-1 array. Write Y.reshape(1, -1) for a row"),
    "a series of labels": (lambda: fit(binary(), X, columns()["a"] > 0), "Write Y.reshape(1, -1) for a row"),
    "one sample of rank 1": (lambda: binary()(X[:, 0]), "a rank-1 array. Write X.reshape(-1, 1) for one sample"),
    "layers that do not fit": (
        lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(5, 1), nn.Sigmoid())(X),
        "layer 2: W2 is (1, 5) and needs A1 of shape (5, m); got (4, 20)",
    ),
    "fewer labels than samples": (
        lambda: fit(binary(), X, Y[:, :9]),
        "Y must be of shape (1, 20) for these predictions",
    ),
    "labels -1 and 1": (lambda: fit(binary(), X, 2 * Y - 1), "for labels -1 and 1 use (Y + 1) / 2"),
    "three classes for a sigmoid": (
        lambda: fit(binary(), X, K),
        "labels must be 0 or 1; Y holds 2 in row 0, column 2; for more than two classes let the model end in a softmax",
    ),
    "classes from 1": (
        lambda: fit(classes(), X, K + 1),
        "class indices must be whole numbers from 0 to 2; Y holds 3 in column 2",
    ),
    "one-hot in rows": (
        lambda: fit(classes(), X, nn.one_hot(K, 3).T),
        "Y must be of shape (3, 20) (one-hot) or (1, 20) (class indices) for these predictions; got (20, 3)",
    ),
    "classes by name": (
        lambda: fit(classes(), X, np.array([["cat", "dog"] * 10])),
        "Y must hold real numbers; got dtype <U3, text: np.unique(Y, return_inverse=True) numbers its classes",
    ),
    "a column of text": (
        lambda: fit(binary(), columns().assign(c="x").T),
        "X must hold real numbers; got dtype object: use X.astype(float), once all columns hold numbers",
    ),
    "a sparse matrix": (lambda: fit(binary(), sparse()), "a sparse matrix: use X.toarray()"),
    "a missing value": (
        lambda: fit(binary(), columns().mask(lambda frame: frame == X[0, 9]).T),
        "X holds nan in row 0 (feature), column 9 (sample). Clean the data first",
    ),
    "a class for a model": (lambda: fit(nn.MLP), "a model is a Module, such as nn.MLP([2, 4, 1]); got <class"),
    "a class for a layer": (
        lambda: nn.Sequential(nn.ReLU),
        "a layer is a module, not its class: write ReLU(), not ReLU",
    ),
    "a list of layers": (
        lambda: nn.Sequential([nn.ReLU()]),
        "Sequential takes its layers one by one: Sequential(*layers)",
    ),
    "the name of an optimiser": (
        lambda: fit(binary(), optimizer="adam"),
        "optimizer must be a function, such as nn.SGD",
    ),
    "an optimiser that is made already": (
        lambda: fit(binary(), optimizer=nn.Adam(binary().parameters(), 0.1)),
        "must be a function that makes one, such as nn.Adam; got one that is made already",
    ),
    "the optimiser of a copy": (
        lambda: fit(binary(), optimizer=lambda _, rate: nn.SGD(binary().parameters(), rate)),
        "the SGD moves no parameter of this MLP: it was made with those of another model",
    ),
    "the name of a cost": (lambda: fit(binary(), cost="mse"), "cost must be a function, such as nn.mse; got 'mse'"),
    "cross-entropy of a linear output": (
        lambda: fit(classes("linear"), X, K, cost=nn.cross_entropy),
        "nn.cross_entropy is a cost of probabilities that sum to 1, and MLP ends in Identity(): let it end",
    ),
    "cross-entropy of sigmoids": (
        lambda: fit(classes("sigmoid"), X, K, cost=nn.cross_entropy),
        "is a cost of probabilities that sum to 1, and MLP ends in Sigmoid(): let it end in a softmax, nn.MLP(",
    ),
    "binary cross-entropy of a linear output": (
        lambda: fit(binary(output="linear", weights="zeros"), cost=nn.binary_cross_entropy),
        'and MLP ends in Identity(): let it end in a sigmoid, nn.MLP(..., output="sigmoid"), or choose another cost',
    ),
    "logits for probabilities": (lambda: nn.binary_cross_entropy([[3.0]], [[1]]), "For logits say from_logits=True"),
    "samples alone for validation": (
        lambda: fit(binary(), validation=X),
        "validation must be a pair (X_val, Y_val), or batches, an iterable of such pairs; got ndarray",
    ),
    "a negative seed": (
        lambda: fit(binary(), seed=-1),
        "seed must be an int that is not negative, or a numpy.random.Generator; got -1",
    ),
    "a seed for weights that is none": (lambda: nn.Linear(3, 1, seed="a"), "seed must be an int that is not negative"),
    "a seed for dropout that is none": (lambda: nn.Dropout(keep_prob=0.5, seed=0.5), "seed must be an int"),
    "an array for a parameter": (
        lambda: fit(with_array(binary(), "W")),
        "W of Linear has become a ndarray, which can neither be trained nor saved.",
    ),
    "a model to save with an array for a parameter": (
        lambda: nn.save(with_array(binary(), "b"), "never written"),
        "give it other values by b.data = values",
    ),
    "a model that is lost already": (
        lambda: fit(with_nan(binary())),
        "layers.0.b holds a NaN or an infinity before the first step: make the model anew",
    ),
    "layers in a set": (
        lambda: InASet().parameters(),
        "parts is a set that holds a Linear: modules and parameters",
    ),
    "rows of different lengths": (
        lambda: fit(binary(), [[1, 2], [1], [1]]),
        "X must be a matrix with a sample a column, a",
    ),
    "three things for validation": (
        lambda: fit(binary(), validation=(X, Y, Y)),
        "validation must be a pair (X_val, Y_val), or batches, an iterable of such pairs; got 3 things",
    ),
    "a metric a sample": (
        lambda: fit(binary(), metric=lambda A, Y: (A > 0.5) == Y),
        "a metric must return a number; <lambda> returned a ndarray of shape (1, 20)",
    ),
    "a metric that returns nothing": (
        lambda: fit(binary(), metric=lambda A, Y: None),
        "a metric must return a number; <lambda> returned a NoneType",
    ),
    "a function that makes no optimiser": (
        lambda: fit(binary(), optimizer=lambda *_: None),
        "must return an object with step() and zero_grad(), such as nn.SGD; got None",
    ),
    "the class of a schedule": (
        lambda: fit(binary(), learning_rate=nn.StepDecay),
        "write StepDecay(...), not StepDecay",
    ),
    "prediction and labels swapped": (
        lambda: nn.accuracy(Y, nn.predict_proba(binary(), X)),
        "The prediction comes first: accuracy(prediction, Y)",
    ),
}


@pytest.mark.parametrize("mistake", list(MISTAKES))
def test_a_common_mistake_is_told_with_what_would_be_right(mistake):
    make, message = MISTAKES[mistake]
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        make()


# What would train in silence, and something else than meant


def test_a_cost_of_probabilities_is_no_less_careful_where_it_is_compiled():
    class Scores(nn.Module):
        """Gives what look like probabilities in the beginning."""

        def __init__(self):
            self.layer = nn.Linear(3, 1, weights="zeros")
            self.layer.b.data = [[0.5]]

        def forward(self, X):
            return self.layer(X)

    for compiled in (True, False):
        with pytest.raises(ValueError, match="predictions must be probabilities from 0 to 1"):
            fit(Scores(), cost=nn.binary_cross_entropy, learning_rate=5.0, epochs=20, compiled=compiled)


def test_an_optimizer_of_some_parameters_freezes_the_others():
    model = binary()
    start = model.state_dict()
    fit(model, optimizer=lambda _, rate: nn.SGD(model.layers[2].parameters(), rate))
    same = {name: np.array_equal(values, start[name]) for name, values in model.state_dict().items()}
    assert same == {"layers.0.W": True, "layers.0.b": True, "layers.2.W": False, "layers.2.b": False}


def test_a_copy_is_not_trained_by_the_optimizer_of_the_original():
    model = binary()
    optimizer = nn.Adam(model.parameters(), 0.1)
    fit(model, optimizer=lambda *_: optimizer)
    with pytest.raises(ValueError, match="moves no parameter of this MLP"):
        fit(copy.deepcopy(model), optimizer=lambda *_: optimizer)
    both, theirs = copy.deepcopy((model, optimizer))
    fit(both, optimizer=lambda *_: theirs)
    assert theirs.state_dict()["steps"] == 6


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.float16, np.longdouble])
def test_labels_and_samples_of_any_real_dtype_train_as_their_values_do(dtype):
    whole = (X > 0).astype(dtype)
    assert fit(binary(), whole, Y.astype(dtype)).cost == fit(binary(), whole.astype(float), Y).cost
    assert fit(binary(dtype=np.float32), whole, Y).cost == fit(binary(dtype=np.float32), whole.astype("f4"), Y).cost


@pytest.mark.parametrize("batch_size", [None, 1, 7, 20, 100])
@pytest.mark.parametrize("compiled", [True, False])
def test_it_does_not_matter_how_samples_lie_in_memory(batch_size, compiled):
    wide = np.random.default_rng(0).normal(size=(6, 40))
    wide[::2, ::2] = X
    read_only = X.copy(), Y.copy()
    for array in read_only:
        array.setflags(write=False)
    forms = [
        (X, Y),
        read_only,
        (wide[::2, ::2], Y),
        (np.asfortranarray(X), np.asfortranarray(Y)),
        (X.tolist(), Y.tolist()),
    ]
    runs = [fit(binary(), *form, batch_size=batch_size, compiled=compiled).cost for form in forms]
    for cost in runs[1:]:
        np.testing.assert_allclose(cost, runs[0], rtol=1e-12)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("batch_size", [None, 1])
def test_a_single_sample_and_a_single_class_can_be_learned(batch_size, compiled):
    for samples in ((X[:, :1], Y[:, :1]), (X, Y * 0)):
        history = fit(binary(), *samples, batch_size=batch_size, compiled=compiled)
        assert history.cost[-1] < history.cost[0]
