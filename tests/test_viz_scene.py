"""Scenes: boxes and arrows with their numbers, folded to less detail, and the derivative of each step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from gallery.graphs import course, logistic_loss, network_cost
from micrograd_nd import nn, viz
from micrograd_nd.graph import ancestors, sweep
from micrograd_nd.viz.graphs.folding import ARITHMETIC, LONGEST
from micrograd_nd.viz.graphs.picture import scene_of


def formulas(J, **options):
    scene = scene_of(J, **options)
    return [f"{box.name} = {scene.formula(box)}" for box in scene.boxes if box.is_computed]


def kinds(J, **options):
    return {box.name: box.kind for box in scene_of(J, **options).boxes}


def locals_of(J, **options):
    scene = scene_of(J, local_derivatives=True, **options)
    return {(scene.names[a.source], scene.names[a.target]): a.local for a in scene.arrows}


@st.composite
def computations(draw):
    """Numbers and small arrays, and operations on them in any order, named or not; the sum of what was not used."""
    values = [mg.Tensor(draw(st.floats(0.5, 2)), name="x"), mg.Tensor([[0.5, -1.5], [1.25, 0.75]], name="M")]
    values.append(mg.Tensor([[0.25], [2.0]], name="b"))
    unary = [np.tanh, np.negative, np.exp, np.square, np.transpose, np.sum, np.mean, mg.sigmoid]
    binary = [np.add, np.subtract, np.multiply, np.divide, np.matmul, np.maximum]
    for i in range(draw(st.integers(1, 8))):
        x, y = draw(st.sampled_from(values)), draw(st.sampled_from(values))
        f = draw(st.sampled_from([*unary, *binary]))
        arguments = (x,) if f in unary else (x, 1.5 + np.tanh(y)) if f is np.divide else (x, y)
        if f is np.matmul and (x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[0]):
            continue
        if f is np.exp:
            arguments = (np.tanh(x),)
        result = f(*arguments)
        if draw(st.booleans()):
            result.name = f"v{i}"
        values.append(result)
    return np.sum(values[-1]) + np.sum(values[draw(st.integers(0, len(values) - 1))])


def evaluated(scene):
    """Compute each box anew, by its expression, from the boxes it refers to."""
    values = {}

    def value(expression):
        match type(expression).__name__:
            case "Reference":
                return values[expression.box]
            case "Written":
                return expression.value
        return expression.function(*map(value, expression.arguments), **expression.options)

    for box in scene.boxes:
        values[box.id] = value(box.expression) if box.is_computed else box.value
    return values


# What a scene holds


def test_the_boxes_of_the_course_example_hold_its_values_and_derivatives():
    scene = scene_of(course())
    assert [(b.id, b.name, b.kind, float(b.value), float(b.derivative)) for b in scene.boxes] == [
        ("n0", "a", "variable", 5, 3),
        ("n1", "b", "variable", 3, 6),
        ("n2", "c", "variable", 2, 9),
        ("n3", "u", "operation", 6, 3),
        ("n4", "v", "operation", 11, 3),
        ("n5", "J", "result", 33, 1),
    ]
    assert scene.root == "n5"


def test_the_arrows_of_the_course_example_hold_what_flows_back():
    shares = {arrow.id: float(arrow.share) for arrow in scene_of(course()).arrows}
    assert shares == {"n1-n3": 6, "n2-n3": 9, "n0-n4": 3, "n3-n4": 3, "n4-n5": 3}


@given(computations(), st.sampled_from(["low", "high"]))
def test_each_box_is_what_its_formula_gives(J, detail):
    scene = scene_of(J, detail=detail)
    for id, value in evaluated(scene).items():
        np.testing.assert_allclose(value, scene.by_id[id].value, rtol=1e-12)


@given(computations(), st.sampled_from(["low", "high"]))
def test_each_box_comes_after_those_it_was_computed_from(J, detail):
    seen = set()
    for box in scene_of(J, detail=detail).boxes:
        assert seen.issuperset(box.inputs())
        seen.add(box.id)


@given(computations(), st.sampled_from(["low", "high"]))
def test_the_derivative_of_a_box_is_the_sweeps_and_the_sum_of_what_its_arrows_bring(J, detail):
    scene = scene_of(J, detail=detail)
    expected = dict(sweep({J.node: np.ones_like(J.node.out)}))
    for box in scene.boxes:
        np.testing.assert_allclose(box.derivative, expected[box.nodes[-1]], rtol=1e-12)
        if box.id != scene.root:
            shares = [arrow.share for arrow in scene.arrows if arrow.source == box.id]
            np.testing.assert_allclose(sum(shares), box.derivative, rtol=1e-9, atol=1e-12)


@given(computations(), st.sampled_from(["low", "high"]))
def test_there_is_one_arrow_for_each_use_of_a_box_in_another(J, detail):
    scene = scene_of(J, detail=detail)
    uses = [(source, box.id) for box in scene.boxes for source in box.inputs()]
    assert sorted((arrow.source, arrow.target) for arrow in scene.arrows) == sorted(uses)
    assert len({arrow.id for arrow in scene.arrows}) == len(scene.arrows)


def test_no_box_of_a_scene_without_gradients_has_a_derivative():
    scene = scene_of(course(), gradients=False)
    assert not scene.has_derivatives
    assert not scene.notes
    assert all(arrow.share is None for arrow in scene.arrows)


def test_numbers_of_single_precision_stay_so():
    scene = scene_of(mg.Tensor(np.float32(2), name="x") * np.float32(3), local_derivatives=True)
    assert {box.derivative.dtype for box in scene.boxes} == {np.dtype("float32")}
    assert scene.arrows[0].local.value.dtype == np.float32


# Kinds


def test_a_named_constant_is_an_input_and_an_unnamed_array_is_a_constant():
    x = mg.Tensor(np.ones((3, 3)), name="x")
    k = mg.Tensor(2.0, name="k", requires_grad=False)
    assert kinds(np.sum(np.full((3, 3), 2.0) @ x) * k) == {
        "c1": "constant",
        "x": "variable",
        "t1": "operation",
        "t2": "operation",
        "k": "input",
        "J": "result",
    }


def test_the_parameters_of_a_model_are_told_from_other_variables():
    model = nn.MLP([2, 3, 1])
    X = mg.Tensor(np.ones((2, 4)), name="X")
    found = kinds(np.sum(model(X)), model=model)
    assert {name for name, kind in found.items() if kind == "parameter"} == {"W1", "b1", "W2", "b2"}
    assert found["X"] == "variable"


def test_a_parameter_without_a_name_is_called_by_its_path():
    class Scaled(nn.Module):
        def __init__(self):
            self.scales = [mg.Tensor(2.0), mg.Tensor(3.0)]

        def forward(self, X):
            return self.scales[0] * X * self.scales[1]

    model = Scaled()
    names = kinds(model(mg.Tensor(1.0, name="x")), model=model)
    assert {"scales.0", "scales.1"} <= names.keys()


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError, match=r"model is a Module.*got type"):
        viz.graph(course(), model=nn.MLP)


# Less detail


def test_a_linear_step_folds_into_one_formula():
    assert formulas(logistic_loss(), detail="low") == [
        "z = w1 × x1 + w2 × x2 + b",
        "a = σ(z)",
        "t1 = log(a)",
        "t2 = log(1 − a)",
        "L = −(y × t1 + 0 × t2)",
    ]


def test_what_is_named_keeps_its_box():
    assert formulas(course(), detail="low") == formulas(course(), detail="high")


def test_what_is_used_twice_keeps_its_box():
    x = mg.Tensor(2.0, name="x")
    t = x + 1
    assert formulas(t * t, detail="low") == ["t1 = x + 1", "J = t1 × t1"]


def test_what_is_no_arithmetic_keeps_its_box():
    x = mg.Tensor(2.0, name="x")
    assert formulas(2 * np.exp(-x) + 1, detail="low") == ["t1 = exp(−x)", "J = 2 × t1 + 1"]


def test_a_layer_reads_as_in_the_course():
    assert formulas(network_cost(), detail="low")[:4] == [
        "Z1 = W1 X + b1",
        "A1 = tanh(Z1)",
        "Z2 = W2 A1 + b2",
        "A2 = σ(Z2)",
    ]


def test_a_formula_gets_the_parentheses_that_its_parts_need():
    a, b, c = (mg.Tensor(2.0, name=name) for name in "abc")
    for result, expected in [
        ((a + b) * c, "(a + b) × c"),
        (a + b + c, "a + b + c"),
        (a - (b - c), "a − (b − c)"),
        (a - b * c, "a − b × c"),
        (a / (b * c), "a ÷ (b × c)"),
        (a * b / c, "a × b ÷ c"),
        (-(a + b), "−(a + b)"),
        ((-a) * b, "−a × b"),
        (a * (-b), "a × (−b)"),
        ((-a) ** 2, "(−a)²"),
        ((a * b) ** 2, "(a × b)²"),
        (-(a**2), "−a²"),
        (a ** (b + c), "a^(b + c)"),
        (np.exp(a + b), "exp(a + b)"),
        (np.sqrt(a + b), "√(a + b)"),
        (np.abs(a - b), "|a − b|"),
        (np.sum(a * b) * c, "(Σ (a × b)) × c"),
    ]:
        assert formulas(result, detail="low") == [f"J = {expected}"]


def test_matrix_products_and_scalar_products_stand_apart_from_other_signs():
    A, B, x, y = (mg.Tensor(np.eye(2), name=n) for n in "ABxy")
    assert formulas((A + B) @ x, detail="low") == ["J = (A + B) x"]
    assert formulas((A * B) @ x, detail="low") == ["J = (A × B) x"]
    assert formulas(2.0 * (A @ B), detail="low") == ["J = 2 × A B"]
    assert formulas(A @ (B @ x), detail="low") == ["J = A (B x)"]
    assert formulas((A @ B).T @ x, detail="low") == ["J = (A B)ᵀ x"]
    assert formulas(np.dot(x, y) * A, detail="low") == ["J = (x · y) × A"]


@given(computations())
def test_every_folded_step_is_unnamed_arithmetic_in_a_short_formula(J):
    scene = scene_of(J, detail="low")
    nodes = [node for box in scene.boxes for node in box.nodes]
    assert sorted(map(id, nodes)) == sorted(map(id, ancestors(J.node)))
    for box in scene.boxes:
        for node in box.nodes[:-1]:
            assert node.primitive.function in ARITHMETIC
            assert node.name is None
            assert len(scene.formula(box)) <= LONGEST


@given(computations())
def test_a_box_has_the_same_numbers_in_less_detail(J):
    high, low = scene_of(J, detail="high"), scene_of(J, detail="low")
    for box in low.boxes:
        other = high.by_id[box.id]
        np.testing.assert_array_equal(box.value, other.value)
        np.testing.assert_array_equal(box.derivative, other.derivative)


def test_a_sum_too_long_for_one_formula_is_told_in_several():
    terms = [mg.Tensor(float(i), name=f"a_long_name_{i}") for i in range(8)]
    found = formulas(sum(terms[1:], terms[0]), detail="low")
    assert len(found) > 1
    assert all(len(formula.partition(" = ")[2]) <= LONGEST for formula in found)


def test_the_graph_of_a_derivative_is_drawn_like_any_other():
    slope = mg.grad(lambda t: t**3)(mg.Tensor(2.0, name="x"))
    assert formulas(slope, detail="low") == ["J = 1 × (3 × x²)"]
    assert float(scene_of(slope).boxes[0].derivative) == 12
    assert float(scene_of(mg.grad(mg.grad(lambda t: t**3))(mg.Tensor(2.0, name="x"))).boxes[0].derivative) == 6


def test_nothing_folds_into_a_call_that_leaves_arguments_out():
    x = mg.Tensor([1.0, 2.0], name="x")
    found = formulas(np.concatenate([x + float(i) for i in range(9)]), detail="low")
    assert found[:9] == [f"t{i + 1} = x + {i}" for i in range(9)]


def test_less_detail_than_low_is_refused():
    with pytest.raises(ValueError, match='detail is "low" or "high"; got \'none\''):
        viz.graph(course(), detail="none")


# Local derivatives


def test_the_local_derivatives_of_the_course_example_are_its_factors():
    found = {"/".join(reversed(names)): float(local.value) for names, local in locals_of(course()).items()}
    assert found == {"u/b": 2, "u/c": 3, "v/a": 1, "v/u": 1, "J/v": 3}


@given(computations(), st.sampled_from(["low", "high"]))
def test_what_flows_back_is_the_derivative_at_the_end_times_the_local_derivative(J, detail):
    scene = scene_of(J, detail=detail, local_derivatives=True)
    for arrow in scene.arrows:
        assert arrow.local is not None
        if arrow.local.value is not None:
            product = scene.by_id[arrow.target].derivative * arrow.local.value
            np.testing.assert_allclose(product, arrow.share, rtol=1e-9, atol=1e-12)


@given(computations())
def test_numbers_computed_of_numbers_have_local_derivatives_that_are_numbers(J):
    scene = scene_of(J, local_derivatives=True)
    for arrow in scene.arrows:
        if scene.by_id[arrow.target].value.ndim == scene.by_id[arrow.source].value.ndim == 0:
            assert np.ndim(arrow.local.value) == 0


def test_an_elementwise_function_has_its_derivative_element_by_element():
    z = mg.Tensor([0.5, -1.0], name="z")
    local = locals_of(np.sum(np.tanh(z)))["z", "t1"]
    np.testing.assert_allclose(local.value, 1 - np.tanh(z.data) ** 2)
    assert local.shape == (2, 2)


def test_a_function_that_is_not_elementwise_shows_no_product():
    z = mg.Tensor([0.5, -1.0], name="z")
    for function in (np.cumsum, np.sort, lambda x: mg.softmax(x, axis=0)):
        local = locals_of(np.sum(function(z) * np.ones(2)))["z", "t1"]
        assert local.value is None
        assert local.shape == (2, 2)


def test_a_number_computed_of_an_array_has_its_gradient_as_local_derivative():
    x = mg.Tensor([1.0, 2.0], name="x")
    np.testing.assert_array_equal(locals_of(np.sum(x * x) * 3)["x", "t1"].value, [2.0, 4.0])
    np.testing.assert_array_equal(locals_of(np.mean(x) * 3)["x", "t1"].value, [0.5, 0.5])


def test_a_local_derivative_leaves_out_what_reaches_a_box_through_another_argument():
    x = mg.Tensor(2.0, name="x")
    y = x * 3
    y.name = "y"
    assert float(locals_of(x * y)["x", "J"].value) == 6


W, X = mg.Tensor([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]], name="W"), mg.Tensor(np.arange(12.0).reshape(3, 4), name="X")
b, c, Y = mg.Tensor([[1.0], [2.0]], name="b"), mg.Tensor(2.0, name="c"), mg.Tensor(np.ones((2, 4)), name="Y")
v = mg.Tensor([1.0, 2.0, 3.0, 4.0], name="v")


@pytest.mark.parametrize(
    ("Z", "name", "rule", "value"),
    [
        (lambda: W @ X, "W", "dZ Xᵀ", lambda dZ: dZ @ X.data.T),
        (lambda: W @ X, "X", "Wᵀ dZ", lambda dZ: W.data.T @ dZ),
        (lambda: np.dot(W, X), "W", "dZ Xᵀ", lambda dZ: dZ @ X.data.T),
        (lambda: W @ X + b, "W", "dZ Xᵀ", lambda dZ: dZ @ X.data.T),
        (lambda: W @ X + b, "b", "sum(dZ, axis=1, keepdims=True)", lambda dZ: dZ.sum(axis=1, keepdims=True)),
        (lambda: W @ X - b, "b", "sum(−dZ, axis=1, keepdims=True)", lambda dZ: -dZ.sum(axis=1, keepdims=True)),
        (lambda: W @ X + c, "c", "Σ dZ", lambda dZ: dZ.sum()),
        (lambda: c * Y, "c", "Σ (dZ × Y)", lambda dZ: (dZ * Y.data).sum()),
        (lambda: c / Y, "c", "Σ (dZ ÷ Y)", lambda dZ: (dZ / Y.data).sum()),
        (lambda: Y / c, "c", "Σ (−dZ × Y ÷ c²)", lambda dZ: (-dZ * Y.data / 4).sum()),
        (lambda: Y + v, "v", "sum(dZ, axis=0)", lambda dZ: dZ.sum(axis=0)),
        (lambda: Y * v, "v", "sum(dZ × Y, axis=0)", lambda dZ: (dZ * Y.data).sum(axis=0)),
        (lambda: 2.0 * (W @ X), "W", "(2 × dZ) Xᵀ", lambda dZ: 2 * dZ @ X.data.T),
        (lambda: (X.T @ W.T).T, "W", "(X dZᵀ)ᵀ", lambda dZ: (X.data @ dZ.T).T),
        (lambda: W.T, "W", "dZᵀ", lambda dZ: dZ.T),
        (lambda: np.sum(W, axis=0), "W", "dZ repeated along axis 0", lambda dZ: np.broadcast_to(dZ, (2, 3))),
        (lambda: np.mean(W, axis=0), "W", "dZ ÷ 2 repeated along axis 0", lambda dZ: np.broadcast_to(dZ / 2, (2, 3))),
        (lambda: W @ (2.0 * X + 1.0), "X", "2 × Wᵀ dZ", lambda dZ: 2 * W.data.T @ dZ),
        (
            lambda: np.square(W @ X) @ X.T,
            "W",
            "(2 × dZ X × W X) Xᵀ",
            lambda dZ: (2 * (dZ @ X.data) * (W.data @ X.data)) @ X.data.T,
        ),
        (lambda: (W @ X) ** 4 @ X.T, "W", None, None),
        (lambda: W @ W.T, "W", None, None),
        (lambda: W @ X[:, 0], "W", None, None),
    ],
)
def test_the_rule_of_a_step_in_matrices_is_what_flows_back(Z, name, rule, value):
    result = Z()
    result.name = "Z"
    weights = np.linspace(-1, 2, result.size).reshape(result.shape)
    scene = scene_of(np.sum(result * weights), detail="low", local_derivatives=True)
    (arrow,) = [a for a in scene.arrows if scene.names[a.source] == name and scene.names[a.target] == "Z"]
    assert arrow.local.value is None
    assert arrow.local.rule == rule
    if value is not None:
        np.testing.assert_allclose(value(weights), arrow.share)


def test_what_is_no_number_has_no_local_derivative():
    assert locals_of(mg.Tensor(2.0, name="z") * 1j) == {("z", "J"): None}
    k = mg.Tensor(2.0, name="k", requires_grad=False)
    assert locals_of(k * mg.Tensor(3.0, name="x"))["k", "J"] is None


def test_an_argument_without_a_derivative_has_no_local_one():
    condition, y = mg.Tensor(1.0, name="condition"), mg.Tensor(2.0, name="y")
    found = locals_of(np.where(condition, y, 0.0))
    assert found["condition", "J"] is None
    assert float(found["y", "J"].value) == 1


def test_steps_of_a_result_of_several_elements_have_local_derivatives():
    found = locals_of(mg.Tensor([1.0, 2.0], name="x") * 2)
    np.testing.assert_array_equal(found["x", "J"].value, [2, 2])


def test_local_derivatives_record_nothing_and_change_no_grad():
    J = course()
    before = ancestors(J.node)
    scene_of(J, local_derivatives=True)
    assert ancestors(J.node) == before
    assert all(node().grad is None for node in before if node() is not None)
