"""The graph of a computation: what is in its DOT source."""

import html
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import viz
from micrograd_nd.graph import ancestors, sweep
from micrograd_nd.viz.themes import THEMES


def read(picture):
    """Read the statements of a DOT source: the lines of each node, each arrow with its label, the legend."""
    nodes, kinds, arrows, legend = {}, {}, [], ""
    for line in picture.source.splitlines():
        label = re.search(r"label=(<.*>)", line)
        texts = [shown(part) for part in re.findall(r">([^<>]+)<", label[1])] if label else []
        kind = re.search(r"class=(\w+)", line)
        if arrow := re.match(r"\t(n\d+) -> (n\d+) ", line):
            arrows.append((arrow[1], arrow[2], kind[1], " ".join(texts)))
        elif node := re.match(r"\t(n\d+) \[", line):
            nodes[node[1]], kinds[node[1]] = texts, kind[1]
        elif line.startswith("\tgraph") and label:
            legend = " ".join(texts)
    return SimpleNamespace(nodes=nodes, kinds=kinds, arrows=arrows, legend=legend)


def shown(text):
    return html.unescape(text).replace("\\\\", "\\")


def course():
    a, b, c = mg.Tensor(5.0, name="a"), mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    u = b * c
    u.name = "u"
    v = a + u
    v.name = "v"
    return a, b, c, u, v, 3 * v


def formulas(J, **options):
    return [lines[0] for lines in read(viz.graph(J, **options)).nodes.values()]


def derivatives(J):
    texts = [text for _, _, kind, text in read(viz.graph(J)).arrows if kind == "backward"]
    return dict(text.split(" = ") for text in texts)


# The course's picture


def test_the_nodes_of_the_course_example_are_numbered_in_the_order_of_computation():
    assert read(viz.graph(course()[-1])).nodes == {
        "n0": ["a = 5"],
        "n1": ["b = 3"],
        "n2": ["c = 2"],
        "n3": ["u = b × c", "6"],
        "n4": ["v = a + u", "11"],
        "n5": ["J = 3 × v", "33"],
    }


def test_the_arrows_of_the_course_example_carry_values_forward_and_derivatives_back():
    assert set(read(viz.graph(course()[-1])).arrows) == {
        ("n1", "n3", "forward", "3"),
        ("n1", "n3", "backward", "dJ/db = 6"),
        ("n2", "n3", "forward", "2"),
        ("n2", "n3", "backward", "dJ/dc = 9"),
        ("n0", "n4", "forward", "5"),
        ("n0", "n4", "backward", "dJ/da = 3"),
        ("n3", "n4", "forward", "6"),
        ("n3", "n4", "backward", "dJ/du = 3"),
        ("n4", "n5", "forward", "11"),
        ("n4", "n5", "backward", "dJ/dv = 3"),
    }


def test_a_backward_arrow_is_drawn_against_the_forward_one_and_dashed():
    lines = [line for line in viz.graph(course()[-1]).source.splitlines() if "class=backward" in line]
    assert len(lines) == 5
    assert all("dir=back" in line and "style=dashed" in line for line in lines)


def test_the_legend_explains_the_arrows_and_the_boxes_that_occur():
    arrows, boxes = "forward: values backward: derivatives", "variable operation result"
    assert " ".join(read(viz.graph(course()[-1])).legend.split()) == f"{arrows} {boxes}"


def test_forward_and_backward_have_different_colours():
    source = viz.graph(course()[-1]).source
    assert source.count(THEMES["light"].forward) > 5
    assert source.count(THEMES["light"].backward) > 5


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_the_direction_is_graphvizs(direction):
    assert f"rankdir={direction}" in viz.graph(course()[-1], direction=direction).source


def test_without_gradients_there_is_no_backward_arrow_and_no_derivative():
    picture = read(viz.graph(course()[-1], gradients=False))
    assert {kind for _, _, kind, _ in picture.arrows} == {"forward"}
    assert " ".join(picture.legend.split()) == "forward: values variable operation result"
    assert "dJ" not in viz.graph(course()[-1], gradients=False).source


def test_without_values_names_formulas_and_derivatives_are_left():
    picture = read(viz.graph(course()[-1], values=False))
    assert list(picture.nodes.values()) == [["a"], ["b"], ["c"], ["u = b × c"], ["v = a + u"], ["J = 3 × v"]]
    assert {text for _, _, kind, text in picture.arrows if kind == "forward"} == {""}
    assert ("n0", "n4", "backward", "dJ/da = 3") in picture.arrows


# Derivatives


def test_the_derivatives_are_right_before_after_and_after_two_backward_passes():
    *_, J = course()
    expected = {"dJ/da": "3", "dJ/db": "6", "dJ/dc": "9", "dJ/du": "3", "dJ/dv": "3"}
    assert derivatives(J) == expected
    J.backward()
    assert derivatives(J) == expected
    J.backward()
    assert derivatives(J) == expected


def test_drawing_leaves_every_grad_as_it_is():
    a, b, c, u, v, J = course()
    viz.graph(J)
    assert [t.grad for t in (a, b, c, u, v, J)] == [None] * 6
    J.backward()
    before = [t.grad for t in (a, b, c, u, v, J)]
    viz.graph(J)
    assert [t.grad for t in (a, b, c, u, v, J)] == before


def test_drawing_records_nothing():
    *_, J = course()
    before = ancestors(J.node)
    viz.graph(J)
    assert ancestors(J.node) == before


numbers = st.floats(-100, 100).filter(lambda x: x == 0 or abs(x) > 1e-3)


@given(numbers, numbers, numbers)
def test_every_derivative_in_the_picture_is_the_sweeps(x, y, z):
    a, b, c = mg.Tensor(x, name="a"), mg.Tensor(y, name="b"), mg.Tensor(z, name="c")
    J = np.tanh(a * b) - c
    shown = {name: float(value.replace("−", "-")) for name, value in derivatives(J).items()}
    found = {node.name: g for node, g in sweep({J.node: np.float64(1)}) if node.name}
    for name in "abc":
        assert shown[f"dJ/d{name}"] == pytest.approx(float(found[name]), rel=1e-4, abs=1e-300)


def test_a_value_used_twice_shows_the_sum_of_the_parts_that_its_arrows_bring():
    x = mg.Tensor(2.0, name="x")
    picture = read(viz.graph(np.exp(x) * 0 - 5 * x + x * x))
    assert picture.nodes["n0"] == ["x = 2", "dJ/dx = −1"]
    parts = [text for tail, _, kind, text in picture.arrows if kind == "backward" and tail == "n0"]
    assert sorted(parts) == ["+4", "0", "−5"]


def test_a_value_used_twice_by_one_operation_has_one_pair_of_arrows():
    x = mg.Tensor(3.0, name="x")
    assert read(viz.graph(x * x)).arrows == [
        ("n0", "n1", "forward", "3"),
        ("n0", "n1", "backward", "dJ/dx = 6"),
    ]


def test_a_part_leaves_out_what_reaches_a_value_through_another_argument():
    x = mg.Tensor(2.0, name="x")
    y = x * 3
    picture = read(viz.graph(x * y))
    assert picture.nodes["n0"] == ["x = 2", "dJ/dx = 12"]
    assert ("n0", "n2", "backward", "+6") in picture.arrows
    assert ("n0", "n1", "backward", "+6") in picture.arrows


def test_constants_get_no_derivative():
    k, x = mg.Tensor(2.0, name="k", requires_grad=False), mg.Tensor(3.0, name="x")
    picture = read(viz.graph(k * x))
    assert picture.kinds == {"n0": "variable", "n1": "input", "n2": "result"}
    assert picture.arrows == [
        ("n1", "n2", "forward", "2"),
        ("n0", "n2", "forward", "3"),
        ("n0", "n2", "backward", "dJ/dx = 2"),
    ]


def test_a_result_of_several_elements_has_no_derivatives_and_the_legend_says_why():
    picture = read(viz.graph(mg.Tensor([1.0, 2.0], name="x") * 2))
    assert {kind for _, _, kind, _ in picture.arrows} == {"forward"}
    assert "no derivatives: they are taken of one number, and J has shape (2,)" in picture.legend


def test_a_complex_result_has_no_derivatives_and_the_legend_says_why():
    picture = read(viz.graph(mg.Tensor(2.5, name="x") * 1j))
    assert "no derivatives: J is of dtype complex128" in picture.legend


def test_a_result_of_one_element_has_derivatives_whatever_its_shape():
    arrows = read(viz.graph(mg.Tensor([[2.0]], name="x") * 3)).arrows
    assert arrows[1] == ("n0", "n1", "backward", "dJ/dx =  3")


def test_infinite_derivatives_are_drawn_without_a_warning():
    assert derivatives(np.sqrt(mg.Tensor(0.0, name="x")))["dJ/dx"] == "inf"


# Names


def test_what_has_no_name_is_numbered_by_kind():
    x, matrix = mg.Tensor([[1.0], [2.0]]), np.array([[1.0, 2.0]])
    assert formulas(mg.sigmoid(matrix @ x)) == ["x1 = ", "c1 = ", "t1 = c1 x1", "J = σ(t1)"]


def test_names_in_use_are_skipped():
    x1, t1, J = mg.Tensor(1.0, name="t1"), mg.Tensor(2.0, name="x1"), mg.Tensor(3.0, name="J")
    assert formulas((x1 + t1) * J * mg.Tensor(4.0)) == [
        "t1 = 1",
        "x1 = 2",
        "J = 3",
        "t2 = t1 + x1",
        "t3 = t2 × J",
        "x2 = 4",
        "t4 = t3 × x2",
    ]


def test_nodes_of_the_same_name_are_told_apart_by_primes():
    u = mg.Tensor(1.0, name="u")
    for _ in range(5):
        u += 1.0
    assert formulas(u) == [
        "u = 1",
        "u′ = u + 1",
        "u″ = u′ + 1",
        "u‴ = u″ + 1",
        "u⁽⁴⁾ = u‴ + 1",
        "u⁽⁵⁾ = u⁽⁴⁾ + 1",
    ]


def test_a_prime_that_the_user_wrote_is_not_given_twice():
    names = ["u", "u′", "u", "u′"]
    total = sum(mg.Tensor(1.0, name=name) for name in names)
    assert len({formula.split(" = ")[0] for formula in formulas(total)}) == 8


def test_the_names_of_a_graph_are_all_different():
    names = ["x1", "", "t1", "J", "J′", "J", "c1"]
    values = [mg.Tensor(float(i), name=name) for i, name in enumerate(names)]
    shown = [formula.split(" = ")[0] for formula in formulas(sum(values))]
    assert len(set(shown)) == len(shown)


# What is drawn, and how


def test_a_leaf_alone_is_one_node_without_a_legend():
    picture = read(viz.graph(mg.Tensor(2.0, name="x")))
    assert picture.nodes == {"n0": ["x = 2"]}
    assert not picture.arrows
    assert not picture.legend


def test_a_constant_alone_is_one_node():
    picture = read(viz.graph(mg.Tensor([1.0, 2.0], requires_grad=False)))
    assert picture.nodes == {"n0": ["c1 = [1, 2]"]}
    assert picture.kinds == {"n0": "constant"}


def test_a_constant_used_twice_is_one_node():
    k, x = mg.Tensor(2.0, name="k", requires_grad=False), mg.Tensor(3.0, name="x")
    assert len(read(viz.graph(k * x + k)).nodes) == 4


def test_an_array_used_twice_is_one_node():
    data, x = np.ones((2, 2)), mg.Tensor(3.0, name="x")
    assert len(read(viz.graph(np.sum(data * x + data))).nodes) == 5


def test_a_small_matrix_is_shown_element_by_element():
    picture = read(viz.graph(np.sum(mg.Tensor([[1.0, -2.5], [0.125, 4.0]], name="W"))))
    assert picture.nodes["n0"] == ["W = ", "1", "−2.5", "0.125", "4"]
    assert picture.arrows[1][3] == "dJ/dW =  1 1 1 1"


def test_a_large_array_is_shown_as_shape_dtype_and_range_and_so_is_its_derivative():
    W = mg.Tensor(np.linspace(-1, 3, 20 * 209, dtype=np.float32).reshape(20, 209), name="W")
    picture = read(viz.graph(np.sum(W)))
    assert picture.nodes["n0"] == ["W", "(20, 209) float32", "−1 … 3"]
    assert picture.arrows[1][3] == "dJ/dW (20, 209) float32 1 … 1"


def test_anonymous_numbers_and_short_vectors_stand_in_the_formula():
    x = mg.Tensor(2.0, name="x")
    assert formulas(np.sum(x * np.array([1.0, 2.0]) - 1.5))[1:3] == ["t1 = x × [1, 2]", "t2 = t1 − 1.5"]


def test_a_missing_bound_is_written_as_none():
    assert formulas(np.clip(mg.Tensor(2.0, name="x"), None, 1.0))[-1] == "J = clip(x, None, 1)"


def test_an_array_of_another_library_is_not_looked_into():
    class Foreign:
        __array_ufunc__ = None
        shape, dtype, ndim, size, name = (3,), np.dtype(float), 1, 3, "not-a-name"

    x = mg.Tensor(1.0, name="x")
    y = x * 2.0
    y.node.inputs = (x.node, Foreign())
    assert "(3,) float64" in viz.graph(y, gradients=False).source
    assert "not-a-name" not in viz.graph(y, gradients=False).source


def test_assignment_to_elements_is_drawn():
    p = mg.Tensor([1.0, 2.0], name="p")
    p[0] = mg.Tensor(5.0, name="v")
    assert formulas(np.sum(p))[2] == "p′ = p with [0] = v"


def test_a_graph_that_a_gradient_was_computed_in_is_drawn():
    x = mg.Tensor(2.0, name="x")
    slope = mg.grad(lambda t: t * t * t)(x)
    source = viz.graph(slope).source
    assert "x = 2" in source
    assert "= 12" in source


def test_an_argument_without_a_derivative_gets_no_backward_arrow():
    condition, y = mg.Tensor(1.0, name="condition"), mg.Tensor(2.0, name="y")
    picture = read(viz.graph(np.where(condition, y, 0.0)))
    assert [(tail, kind) for tail, _, kind, _ in picture.arrows] == [
        ("n0", "forward"),
        ("n1", "forward"),
        ("n1", "backward"),
    ]


def test_a_chain_longer_than_the_recursion_limit_has_a_source():
    x = mg.Tensor(1.0, name="x")
    y = x
    for _ in range(10_000):
        y = y + x
    assert sys.getrecursionlimit() < 10_000
    picture = viz.graph(y)
    assert "n10000 " in picture.source
    assert "dJ/dx = 10001" in picture.source


def test_a_name_repeated_ten_thousand_times_stays_short():
    p = mg.Tensor(1.0, name="p")
    for _ in range(10_000):
        p += 1.0
    assert "p⁽¹⁰⁰⁰⁰⁾ = p⁽⁹⁹⁹⁹⁾ + 1" in viz.graph(p, gradients=False).source


# Errors


@pytest.mark.parametrize("other", [3.0, np.ones(2), "J", None])
def test_what_is_no_tensor_is_refused(other):
    with pytest.raises(TypeError, match=r"how a Tensor was computed, or a program of mg\.compile; got"):
        viz.graph(other)


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match=r'"LR", "RL", "TB" or "BT".*got .left.'):
        viz.graph(course()[-1], direction="left")
