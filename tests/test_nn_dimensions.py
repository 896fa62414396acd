"""The table of dimensions has the shapes that are seen when a model runs, and the model stays as it is."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.nn.dimensions import in_units


def shapes(summary):
    return [(layer.number, layer.kind, layer.shapes) for layer in summary.layers]


# The course's table


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(1, 9))
def test_every_shape_is_that_of_the_course(sizes, m):
    rows = iter(nn.summary(nn.MLP(sizes, hidden="tanh"), m).layers)
    for l in range(1, len(sizes)):
        W, b, A = (sizes[l], sizes[l - 1]), (sizes[l], 1), (sizes[l], m)
        linear, activation = next(rows), next(rows)
        assert (linear.number, linear.kind) == (l, "Linear")
        assert linear.shapes == {"W": W, "b": b, "Z": A, "dW": W, "db": b}
        assert linear.parameters == sizes[l] * sizes[l - 1] + sizes[l]
        assert (activation.number, activation.shapes, activation.parameters) == (l, {"A": A}, 0)
    assert next(rows, None) is None


def test_a_layer_without_parameters_shows_a_alone():
    lines = repr(nn.summary(nn.MLP([2, 3], output="softmax"), m=4)).splitlines()
    assert lines[0].split() == ["l", "layer", "W", "b", "Z", "A", "dW", "db", "parameters"]
    assert re.split(r"  +", lines[1]) == ["1", "Linear", "(3, 2)", "(3, 1)", "(3, 4)", "(3, 2)", "(3, 1)", "9"]
    assert re.split(r"  +", lines[2]) == ["1", "Softmax", "(3, 4)", "0"]
    assert lines[2].index("(3, 4)") == lines[0].index("A ")


def test_the_network_of_the_course_takes_a_quarter_of_a_million_parameters():
    summary = nn.summary(nn.MLP([12288, 20, 7, 5, 1]), m=209)
    assert summary.parameters == 20 * 12289 + 7 * 21 + 5 * 8 + 6
    assert "parameters: 245,973" in repr(summary)


# Totals


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_memory_is_that_of_parameters_gradients_and_what_layers_return(dtype):
    size = np.dtype(dtype).itemsize
    summary = nn.summary(nn.MLP([3, 4, 2], dtype=dtype, seed=0), m=10)
    assert summary.parameter_bytes == summary.gradient_bytes == size * (4 * 4 + 2 * 5)
    assert summary.activation_bytes == size * 2 * (4 * 10 + 2 * 10)


def test_gradients_take_the_memory_that_backward_takes():
    model = nn.MLP([3, 4, 2], seed=0)
    nn.mse(model(np.ones((3, 5))), np.zeros((2, 5))).backward()
    assert nn.summary(model).gradient_bytes == sum(p.grad.nbytes for p in model.parameters())


def test_what_is_passed_on_takes_no_memory_again():
    linear = nn.Linear(2, 3)
    assert nn.summary(nn.Sequential(linear, nn.Identity()), m=5).activation_bytes == 8 * 15
    assert nn.summary(nn.Sequential(nn.Sequential(linear)), m=5).activation_bytes == 8 * 15


def test_the_last_line_has_the_totals():
    last = repr(nn.summary(nn.LogisticRegression(3), m=1000)).splitlines()[-1]
    assert last == ("memory: 32 B parameters + 32 B gradients + 15.6 KiB activations of 1,000 samples = 15.7 KiB")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (2**20, "1.0 MiB"), (5 * 2**40, "5120.0 GiB")],
)
def test_memory_is_written_in_units_for_readers(count, text):
    assert in_units(count) == text


# Models of every kind


class Residual(nn.Module):
    """A connection around a layer, and a parameter that is no layer's."""

    def __init__(self):
        self.layer = nn.Linear(3, 3, seed=1)
        self.scale = mg.Tensor(np.ones((3, 1)))

    def forward(self, X):
        return X + self.scale * np.tanh(self.layer(X))


def test_a_module_with_layers_and_a_parameter_of_its_own_has_a_row_beside_theirs():
    summary = nn.summary(Residual(), m=4)
    assert shapes(summary) == [
        (None, "Residual", {"scale": (3, 1), "A": (3, 4), "dscale": (3, 1)}),
        (None, "Linear", {"W": (3, 3), "b": (3, 1), "Z": (3, 4), "dW": (3, 3), "db": (3, 1)}),
    ]
    assert [layer.parameters for layer in summary.layers] == [3, 12]
    assert summary.parameters == 15


def test_nested_networks_are_shown_layer_by_layer_with_their_numbers():
    model = nn.Sequential(nn.Sequential(nn.Linear(2, 3), nn.Tanh()), nn.MLP([3, 4, 1], seed=0))
    numbers = [(layer.number, layer.kind) for layer in nn.summary(model).layers]
    assert numbers == [(1, "Linear"), (1, "Tanh"), (2, "Linear"), (2, "ReLU"), (3, "Linear"), (3, "Sigmoid")]


def test_a_layer_that_is_called_twice_has_two_rows_and_its_parameters_count_once():
    shared = nn.Linear(2, 2)
    summary = nn.summary(nn.Sequential(shared, nn.Tanh(), shared), m=3)
    assert [layer.parameters for layer in summary.layers] == [6, 0, 0]
    assert summary.parameters == 6
    assert summary.layers[0].shapes == summary.layers[2].shapes


def test_a_layer_that_is_not_called_is_said_to_be_so():
    class Spare(nn.Module):
        def __init__(self):
            self.used, self.spare = nn.Linear(2, 1), nn.Linear(5, 3)

        def forward(self, X):
            return self.used(X)

    summary = nn.summary(Spare(), m=4)
    assert shapes(summary)[1] == (
        None,
        "Linear (not called)",
        {"W": (3, 5), "b": (3, 1), "dW": (3, 5), "db": (3, 1)},
    )
    assert summary.parameters == 3 + 18


def test_an_example_says_what_a_model_without_linear_layers_takes():
    class Counts(nn.Module):
        def forward(self, X):
            return np.sum(X, axis=0, keepdims=True)

    with pytest.raises(ValueError, match=r"Counts holds no Linear layer that would say what it takes: give an example"):
        nn.summary(Counts())
    summary = nn.summary(Counts(), X=np.ones((7, 4)))
    assert shapes(summary) == [(None, "Counts", {"A": (1, 4)})]
    assert summary.m == 4
    assert repr(summary).splitlines()[0].split() == ["l", "layer", "A", "parameters"]


def test_shapes_are_seen_and_not_computed_by_formulas():
    class Widened(nn.Module):
        def forward(self, A):
            return np.concatenate([A, A, A])

    rows = nn.summary(nn.Sequential(nn.Linear(2, 3), Widened(), nn.Linear(9, 1)), m=2).layers
    assert [row.shapes.get("A") or row.shapes["Z"] for row in rows] == [(3, 2), (9, 2), (1, 2)]


def test_what_does_not_fit_together_is_told_in_the_words_of_the_layer():
    with pytest.raises(ValueError, match=r"layer 2: W2 is \(1, 4\) and needs A1 of shape \(4, m\); got \(3, 5\)"):
        nn.summary(nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1)), m=5)


# That nothing is changed


class Counting(nn.Module):
    """Changes with every call, and differently in training."""

    def __init__(self):
        self.calls, self.modes, self.rng = 0, [], np.random.default_rng(0)

    def forward(self, X):
        self.calls += 1
        self.modes.append(self.training)
        self.rng.random()
        return X


def test_the_model_stays_as_it_is():
    counting = Counting()
    model = nn.Sequential(counting, nn.MLP([2, 3, 1], seed=0))
    model.layers[1].eval()
    before = [dict(vars(module)) for module in model.modules()]
    nodes = [(p.node, p.grad) for p in model.parameters()]
    text, state = repr(model), counting.rng.bit_generator.state
    nn.summary(model, m=3)
    assert [dict(vars(module)) for module in model.modules()] == before
    assert all(p.node is node and p.grad is grad for p, (node, grad) in zip(model.parameters(), nodes, strict=True))
    assert (counting.calls, counting.modes, counting.rng.bit_generator.state) == (0, [], state)
    assert repr(model) == text


def test_a_model_is_looked_at_in_evaluation():
    class Modes(nn.Module):
        def forward(self, X):
            return np.concatenate([X, X]) if self.training else X

    assert nn.summary(nn.Sequential(nn.Linear(2, 3), Modes())).layers[1].shapes == {"A": (3, 1)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"m": 0}, "m must be at least 1; got 0"),
        ({"m": 2.5}, "m must be an int; got 2.5"),
        ({"m": 5, "X": np.ones((2, 3))}, "m is the number of samples in X, of shape (2, 3); got 5: leave m out"),
    ],
)
def test_what_is_no_number_of_samples_is_refused(options, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.summary(nn.MLP([2, 1]), **options)


@pytest.mark.parametrize(
    "look", [nn.summary, lambda model: nn.l2(model, 1), lambda model: nn.check_gradients(model, 1, 1)]
)
@pytest.mark.parametrize("model", [nn.Linear, "MLP", None], ids=repr)
def test_what_is_no_model_is_refused(look, model):
    with pytest.raises(TypeError, match=re.escape(f"a model is a Module, such as nn.MLP([2, 4, 1]); got {model!r}")):
        look(model)
