"""How operations, names and values are written."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import viz
from micrograd_nd.primitives import readable
from micrograd_nd.testing.cases import CASES
from micrograd_nd.tree import leaves
from micrograd_nd.viz.graphs.notation import Operand, written
from micrograd_nd.viz.printable import visible
from micrograd_nd.viz.values import is_small, number, rows, text


def formula(result):
    """The formula in the box of a result, as `written` makes it."""
    operands = [
        Operand(x.name) if getattr(x, "name", None) else Operand(text(x), is_name=False) for x in result.node.inputs
    ]
    return written(result.node.primitive.function, operands, result.node.options)


x, y, W = mg.Tensor([0.5, 2.0], name="x"), mg.Tensor([3.0, 4.0], name="y"), mg.Tensor(np.eye(2), name="W")

swish = mg.primitive(lambda x: x * 1, lambda g, out, x: g)


@mg.primitive
def squashed(x, *, by=2.0):
    return x / by


mg.derivative(squashed, lambda g, out, x, *, by=2.0: g / by)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (x + y, "x + y"),
        (x - y, "x − y"),
        (x * y, "x × y"),
        (x / y, "x ÷ y"),
        (x**2, "x²"),
        (x**3, "x³"),
        (x**0.5, "x^0.5"),
        (x**y, "x^y"),
        (x**-1.0, "x^(−1)"),
        (2.0**x, "2^x"),
        (-x, "−x"),
        (+x, "+x"),
        (abs(x), "|x|"),
        (x * -2.0, "x × (−2)"),
        (-2.0 * x, "−2 × x"),
        (x - -2.0, "x − (−2)"),
        (W @ x, "W x"),
        (W @ np.array([1.0, 2.0]), "W @ [1, 2]"),
        (np.dot(x, y), "x · y"),
        (W.T, "Wᵀ"),
        (np.exp(x), "exp(x)"),
        (np.log(x), "log(x)"),
        (np.sqrt(x), "√x"),
        (np.tanh(x), "tanh(x)"),
        (mg.sigmoid(x), "σ(x)"),
        (mg.relu(x), "ReLU(x)"),
        (mg.softmax(x, axis=0), "softmax(x, axis=0)"),
        (np.maximum(x, y), "max(x, y)"),
        (np.minimum(x, 0.0), "min(x, 0)"),
        (np.sum(x), "Σ x"),
        (np.sum(x, axis=0), "sum(x, axis=0)"),
        (W.sum(axis=1, keepdims=True), "sum(W, axis=1, keepdims=True)"),
        (np.mean(x), "mean(x)"),
        (np.max(x), "max(x)"),
        (np.where(np.array([True, False]), x, y), "where([True, False], x, y)"),
        (np.clip(x, 0.0, 1.0), "clip(x, 0, 1)"),
        (x.reshape(2, 1), "reshape(x, (2, 1))"),
        (W.ravel(), "ravel(W)"),
        (x.astype(np.float32), "x as float32"),
        (x[0], "x[0]"),
        (x[-1], "x[−1]"),
        (W[0, 1:], "W[0, 1:]"),
        (W[:, None, ::2], "W[:, None, ::2]"),
        (W[..., 0], "W[..., 0]"),
        (x[np.array([0, 1])], "x[[0, 1]]"),
        (x[np.array([True, False])], "x[mask (2,)]"),
        (np.concatenate([x, y]), "concatenate(x, y, axis=0)"),
        (np.concatenate([x] * 9), "concatenate(x, x, x, x, …, axis=0)"),
        (swish(x), "f(x)"),
        (squashed(x, by=3.0), "squashed(x, by=3)"),
    ],
)
def test_an_operation_is_written_as_mathematics(result, expected):
    assert formula(result) == expected


def test_a_name_that_reads_like_a_sum_gets_parentheses():
    assert written(np.multiply, [Operand("a + b"), Operand("c")]) == "(a + b) × c"
    assert written(np.exp, [Operand("a + b")]) == "exp(a + b)"
    assert written(np.matmul, [Operand("the weights"), Operand("X")]) == "(the weights) X"


def test_an_unknown_function_is_written_by_its_name():
    assert written(np.linalg.inv, [Operand("A")], {"hermitian": True}) == "inv(A, hermitian=True)"


def test_einsum_is_written_as_its_user_does():
    A, B = mg.Tensor(np.ones((2, 3)), name="A"), mg.Tensor(np.ones((3, 2)), name="B")
    assert formula(np.einsum("ij,jk->ik", A, B)) == 'einsum("ij,jk->ik", A, B)'


def test_a_text_among_the_options_keeps_its_hyphens():
    assert (
        written(np.pad, [Operand("x")], {"mode": "as-it-is", "pad_width": -1}) == "pad(x, mode=as-it-is, pad_width=−1)"
    )


def test_a_long_option_is_cut():
    assert len(written(np.linalg.inv, [Operand("A")], {"note": "n" * 1000})) < 60


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (33.0, "33"),
        (0.1 + 0.2, "0.3"),
        (2 / 3, "0.66667"),
        (-0.5, "−0.5"),
        (-0.0, "0"),
        (123456.0, "123456"),
        (123456.7, "1.2346e5"),
        (1e100, "1e100"),
        (-1e-7, "−1e−7"),
        (np.nan, "nan"),
        (np.inf, "inf"),
        (-np.inf, "−inf"),
        (True, "True"),
        (-7, "−7"),
        (np.float32(0.1), "0.1"),
        (np.float16(2), "2"),
        (np.int64(10**12), "1000000000000"),
        (1 - 2j, "1 − 2i"),
    ],
)
def test_a_number_is_written_briefly(value, expected):
    assert number(value) == expected


@given(st.floats(-1e300, 1e300))
def test_a_number_keeps_five_significant_digits(value):
    assert float(number(value).replace("−", "-")) == pytest.approx(value, rel=5.1e-5, abs=5e-324)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([1.0, 2.0]), "[1, 2]"),
        (np.zeros(7), "(7,) float64"),
        (np.zeros(0), "(0,) float64"),
        (np.zeros((2, 3, 4), dtype=np.float32), "(2, 3, 4) float32"),
        (np.array(4.0), "4"),
        (np.True_, "True"),
    ],
)
def test_an_array_is_written_in_one_line(value, expected):
    assert text(value) == expected


def test_matrices_of_up_to_four_rows_and_six_columns_are_small():
    assert rows(np.ones((4, 6))) == [["1"] * 6] * 4
    assert rows(np.ones((5, 1))) is None
    assert rows(np.ones((1, 7))) is None
    assert rows(np.ones(3)) is None
    assert not is_small(np.ones((0, 2)))


@given(st.text())
def test_a_visible_name_has_only_characters_with_a_place_in_xml(name):
    shown = visible(name)
    assert all(c.isprintable() or c in "\u200c\u200d" for c in shown)
    assert visible(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_a_printable_name_is_shown_as_it_is(name):
    assert visible(name) == name


def test_viz_offers_its_public_names():
    offered = {"animate_training", "draw", "graph", "mimebundle", "plot_cost", "plot_predictions", "render", "save"}
    assert offered <= set(dir(viz))


def test_a_complex_number_stands_in_parentheses():
    z = mg.Tensor(3 + 4j, name="z")
    assert "(0 + 1i) × z" in viz.graph(1j * z).source
    assert "−2 × z" in viz.graph(-2 * z).source


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.sum(x, initial=x[0]),
        lambda x: np.max(x, initial=x[0]),
        lambda x: np.sum(x, where=np.array([True, False])),
        lambda x: np.var(x, mean=x[0]),
        lambda x: np.linalg.eigh(np.outer(x, x) + np.diag([1.0, 3.0]))[1],
        lambda x: np.pad(np.sort(x), 1),
        lambda x: np.einsum("i,i->", x, np.fft.fft(x)),
        lambda x: np.quantile(x, [0.2, 0.7]),
    ],
)
def test_calls_of_every_form_can_be_drawn(call):
    assert "x" in viz.graph(call(mg.Tensor([1.5, 0.5], name="x"))).source


@pytest.mark.parametrize("function", CASES, ids=readable)
def test_every_function_can_be_drawn(function):
    @settings(max_examples=2, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(CASES[function])
    def draw(case):
        for x in leaves(case.function(*map(mg.Tensor, case.arrays))):
            if type(x) is mg.Tensor:
                assert viz.graph(x).source.startswith("digraph")

    draw()
