"""The steps of a page that explains a computation: what they say is true, in symbols and to the digits printed."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from gallery.graphs import course, logistic_loss, network_cost
from micrograd_nd.viz.graphs.picture import scene_of
from micrograd_nd.viz.walkthrough.equations import Equation, Name, Shown, equation, is_rounded, piece_text, side_text
from micrograd_nd.viz.walkthrough.slopes import SLOPES, slope_formula
from micrograd_nd.viz.walkthrough.steps import count_of_steps, steps_of
from micrograd_nd.viz.walkthrough.words import spoken_equation


def explained(J, **options):
    return steps_of(scene_of(J, local_derivatives=True, **options))


def lines(J, phase=None, **options):
    found = [step for step in explained(J, **options) if phase in (None, step.phase)]
    return [told.text() for step in found for told in step.equations]


@st.composite
def computations(draw):
    """Numbers and small arrays, and operations on them in any order; the sum of two of the results."""
    values = [mg.Tensor(draw(st.floats(0.5, 2)), name="x"), mg.Tensor([[0.5, -1.5], [1.25, 0.7512345]], name="M")]
    values += [mg.Tensor([[0.25], [2.0]], name="b"), mg.Tensor(-1.25, name="y"), mg.Tensor([0.5, 2 / 3], name="v")]
    unary = [np.tanh, np.negative, np.square, np.transpose, np.sum, np.mean, mg.sigmoid, mg.relu, np.sin, np.abs]
    unary += [lambda t: np.exp(np.tanh(t)), lambda t: np.log(1.5 + np.tanh(t)), lambda t: np.sqrt(t * t + 1 / 3)]
    unary += [lambda t: t * (1 / 3), lambda t: t**3, lambda t: -2 * t, lambda t: np.sum(t, axis=0)]
    binary = [np.add, np.subtract, np.multiply, np.matmul, np.maximum, lambda t, u: t / (1.5 + np.tanh(u))]
    for i in range(draw(st.integers(1, 8))):
        x, y = draw(st.sampled_from(values)), draw(st.sampled_from(values))
        f = draw(st.sampled_from([*unary, *binary]))
        if f is np.matmul and (x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[0]):
            continue
        result = f(x) if f in unary else f(x, y)
        if np.max(np.abs(result.data)) > 1e3:
            continue
        if draw(st.booleans()):
            result.name = f"v{i}"
        values.append(result)
    return np.sum(values[-1]) + np.sum(values[draw(st.integers(0, len(values) - 1))])


class Reader:
    """Reads a side as mathematics: written signs to a value, by what names and numbers stand for.

    From the loosest sign to the firmest: sums, products, a minus, matrices side by side, powers.
    """

    FUNCTIONS = {  # noqa: RUF012 - never changed
        **{name: getattr(np, name) for name in ("tanh", "exp", "log", "sin", "cos", "sum", "mean", "sqrt", "sign")},
        "σ": mg.sigmoid,
        "ReLU": mg.relu,
        "max": np.maximum,
        "min": np.minimum,
    }

    def __init__(self, side, value_of):
        self.tokens = list(self.read(side, value_of))
        self.at = 0

    def read(self, side, value_of):
        marker = None  # the text before a name tells a derivative from a value
        for i, piece in enumerate(side):
            if isinstance(piece, Name):
                slash = side[i + 1 : i + 2] in (("/d",), ("/∂",))
                if marker and slash:
                    yield value_of(marker, piece.text, side[i + 2].text)
                elif marker != "/":
                    yield value_of(marker, piece.text, None)
                marker = None
            elif isinstance(piece, Shown):
                yield value_of("shown", piece, None)
            elif piece in ("/d", "/∂"):
                marker = "/"
            else:
                found = re.match(r"(.*?)([d∂]?)$", piece, re.DOTALL)
                text, marker = (
                    found.groups() if side[i + 1 : i + 2] and isinstance(side[i + 1], Name) else (piece, None)
                )
                yield from re.findall(r"[0-9.]+(?:e[0-9−]+)?|[A-Za-zσ]+=?|[^\s]", text)

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, *expected):
        token = self.peek()
        if isinstance(token, str) and token in expected:
            self.at += 1
            return token
        return None

    def whole(self):
        value = self.sum()
        assert self.at == len(self.tokens), self.tokens[self.at :]
        return value

    def sum(self):
        value = self.product()
        while sign := self.take("+", "−"):
            term = self.product()
            value = value + term if sign == "+" else value - term
        return value

    def product(self):
        value = self.signed()
        while sign := self.take("×", "·", "÷"):
            factor = self.signed()
            value = value / factor if sign == "÷" else value * factor
        return value

    def signed(self):
        return -self.signed() if self.take("−") else self.matrices()

    def matrices(self):
        value = self.power()
        while self.peek() is not None and (not isinstance(self.peek(), str) or self.peek() == "("):
            value = value @ self.power()
        return value

    def power(self):
        value = self.atom()
        while sign := self.take("²", "³", "^", "ᵀ"):
            value = value.T if sign == "ᵀ" else value ** ({"²": 2, "³": 3}.get(sign) or self.atom())
        return value

    def atom(self):
        sign = self.tokens[self.at]
        self.at += 1
        if not isinstance(sign, str):
            return sign
        if sign == "(":
            return self.closed(self.sum(), ")")
        if sign == "[":
            left, between, right = self.sum(), self.take("≥", ">", "<"), self.sum()
            return self.closed({"≥": left >= right, ">": left > right, "<": left < right}[between] * 1.0, "]")
        if sign == "|":
            return self.closed(np.abs(self.sum()), "|")
        if sign == "Σ":
            return np.sum(self.power())
        if sign == "√":
            return np.sqrt(self.atom())
        if sign in self.FUNCTIONS:
            return self.call(self.FUNCTIONS[sign])
        return float(sign.replace("−", "-"))

    def closed(self, value, sign):
        assert self.take(sign), (sign, self.tokens)
        return value

    def call(self, function):
        assert self.take("(")
        arguments, options = [self.sum()], {}
        while self.take(","):
            if name := self.take("axis=", "keepdims="):
                self.at += 1
                value = self.tokens[self.at - 1]
                options[name.removesuffix("=")] = value == "True" if name == "keepdims=" else int(value)
            else:
                arguments.append(self.sum())
        return self.closed(function(*arguments, **options), ")")


def printed(shown):
    """The numbers of a value as they are written, and how far each may be from what it stands for."""
    value = np.asarray(shown.value, float)
    text = piece_text(shown).replace("−", "-")
    numbers = np.array([float(x) for x in re.findall(r"-?(?:[0-9.]+(?:e-?[0-9]+)?|inf|nan)", text)])
    digits = 5 - value.ndim
    with np.errstate(divide="ignore"):
        half = 0.5 * 10.0 ** (np.floor(np.log10(np.abs(numbers))) - digits + 1)
    half = np.where((numbers == 0) | (not is_rounded(shown.value)), 0.0, half)
    return numbers.reshape(value.shape), half.reshape(value.shape)


def result_and_doubt(side):
    """What a side of numbers gives, and how far that may be off for the digits that are not written."""
    shown = [piece for piece in side if isinstance(piece, Shown)]
    numbers = {id(piece): printed(piece) for piece in shown}

    def read(off=None, element=None, sign=0):
        def value_of(kind, piece, _):
            value, half = numbers[id(piece)]
            if piece is off:
                value = value.copy()
                value[element] += sign * half[element]
            return value

        return Reader(side, value_of).whole()

    result = read()
    doubt = np.zeros(np.shape(result))
    for piece in shown:
        for element in np.ndindex(np.shape(piece.value)):
            doubt = doubt + np.maximum(*(abs(read(piece, element, sign) - result) for sign in (-1, 1)))
    return result, doubt


def assert_true_as_printed(told):
    sides = [side for side in told.sides if not any(isinstance(piece, Name) for piece in side)]
    results = [result_and_doubt(side) for side in sides if "repeated" not in side_text(side)]
    for (left, doubt), (right, other) in pairwise(results):
        allowed = 2 * (doubt + other) + 1e-9 * (1 + np.abs(left))
        assert np.all(np.abs(left - right) <= allowed), told.text()


def assert_true_in_symbols(told, scene):
    boxes = {box.name: box for box in scene.boxes}
    local = {(scene.names[a.target], scene.names[a.source]): a.local.value for a in scene.arrows if a.local}

    def value_of(marker, x, y):
        if marker == "shown":
            return np.asarray(x.value)
        if marker is None or marker == "":
            return np.asarray(boxes[x].value)
        if y is None:
            return np.asarray(boxes[x].derivative)
        return np.asarray(boxes[y].derivative if marker == "d" and x == scene.names[scene.root] else local[x, y])

    expected = np.asarray(told.sides[-1][-1].value)
    for side in told.sides:
        if "repeated" not in side_text(side) and not side_text(side).startswith("part through "):
            np.testing.assert_allclose(Reader(side, value_of).whole(), expected, rtol=1e-5, atol=1e-9)


# What is told


def test_the_course_example_is_told_as_in_the_course():
    assert lines(course()) == [
        "a = 5",
        "b = 3",
        "c = 2",
        "u = b × c = 3 × 2 = 6",
        "v = a + u = 5 + 6 = 11",
        "J = 3 × v = 3 × 11 = 33",
        "dJ/dJ = 1",
        "dJ/dv = 3",
        "dJ/du = dJ/dv · dv/du = 3 · 1 = 3",
        "dJ/dc = dJ/du · du/dc = 3 · b = 3 · 3 = 9",
        "dJ/db = dJ/du · du/db = 3 · c = 3 · 2 = 6",
        "dJ/da = dJ/dv · dv/da = 3 · 1 = 3",
        "dJ/da = 3",
        "dJ/db = 6",
        "dJ/dc = 9",
    ]


def test_a_value_that_is_used_twice_has_a_step_for_each_way_back_and_one_for_their_sum():
    x = mg.Tensor(2.0, name="x")
    u = 3 * x
    u.name = "u"
    assert lines(x * u, "backward")[-3:] == [
        "∂J/∂x = u = 6",
        "dJ/du · ∂u/∂x = 2 · 3 = 6",
        "dJ/dx = 6 + 6 = 12",
    ]


def test_activations_have_their_derivatives_in_terms_of_their_values():
    z = mg.Tensor(0.0, name="z")
    for function, expected in [
        (np.tanh, "1 − a² = 1 − 0² = 1"),
        (mg.sigmoid, "a × (1 − a) = 0.5 × (1 − 0.5) = 0.25"),
        (np.exp, "a = 1"),
        (mg.relu, "[z ≥ 0] = [0 ≥ 0] = 1"),
    ]:
        a = function(z)
        a.name = "a"
        assert lines(a, "backward")[-1] == f"da/dz = {expected}"


def test_a_layer_is_told_in_matrices():
    found = lines(network_cost(), "backward", detail="low")
    (rule,) = [line for line in found if line.startswith("dJ/dW1")]
    assert rule.startswith("dJ/dW1 = dZ1 Xᵀ ≈ [[")
    assert any(line.startswith("dJ/dZ1 = dJ/dA1 × dA1/dZ1 = dJ/dA1 × (1 − A1²) ≈ [[") for line in found)


def test_large_arrays_are_told_by_their_shapes_and_the_result_by_its_range_too():
    found = lines(network_cost(20, 7, 209), detail="low")
    (rule,) = [line for line in found if line.startswith("dJ/dW1 = dZ1")]
    assert re.fullmatch(r"dJ/dW1 = dZ1 Xᵀ = \(7, 209\) \(20, 209\)ᵀ = \(7, 20\) float64, \S+ … \S+", rule)


def test_each_element_of_the_derivative_of_a_mean_is_told_in_a_note():
    x = mg.Tensor([1.0, 2.0], name="x")
    step = explained(2 * np.mean(x))[-2]
    assert step.equations[0].text() == "dJ/dx = dJ/dt1 · dt1/dx = 2 · [0.5, 0.5] = [1, 1]"
    assert step.notes == ("Each element of dt1/dx is 1 ÷ 2.",)


def test_a_derivative_that_is_a_constant_array_is_no_number_of_which_each_element_is():
    x = mg.Tensor([1.0, 2.0, 3.0], name="x")
    step = explained(np.sum(x * np.array([1.0, 4.0, 9.0])))[-2]
    assert step.equations[0].text() == (
        "dJ/dx = dJ/dt1 × dt1/dx = dJ/dt1 × [1, 4, 9] = [1, 1, 1] × [1, 4, 9] = [1, 4, 9]"
    )
    assert step.notes == ()


def test_a_step_that_is_no_product_tells_the_shape_of_its_jacobian():
    x = mg.Tensor([1.0, 2.0], name="x")
    step = explained(np.sum(np.cumsum(x)))[-2]
    assert step.equations[0].text() == "dJ/dx = [2, 1]"
    assert step.notes == ("No product of numbers: the Jacobian of this step has shape (2, 2).",)


def test_a_part_that_is_no_product_is_called_by_its_way():
    x = mg.Tensor([1.0, 2.0], name="x")
    assert "part through t1 = [2, 1]" in lines(np.sum(np.cumsum(x)) + np.sum(x), "backward")


def test_a_tie_of_a_maximum_has_no_formula_that_would_be_wrong():
    x, y = mg.Tensor(1.0, name="x"), mg.Tensor(1.0, name="y")
    assert lines(np.maximum(x, y), "backward")[1:] == ["dJ/dy = 0.5", "dJ/dx = 0.5"]


def test_a_result_without_derivatives_is_told_forward_only():
    steps = explained(mg.Tensor([1.0, 2.0], name="x") * 2)
    assert [step.phase for step in steps] == ["start", "forward"]
    assert steps[0].notes == ("no derivatives: they are taken of one number, and J has shape (2,)",)


def test_a_single_value_is_given_and_has_the_derivative_1():
    assert lines(mg.Tensor(2.0, name="x")) == ["x = 2", "dx/dx = 1", "dx/dx = 1"]


def test_numbers_of_single_precision_are_told_like_others():
    x = mg.Tensor(np.float32(0.1), name="x")
    assert lines(x * np.float32(3))[1] == "J = x × 3 = 0.1 × 3 = 0.3"


@pytest.mark.parametrize(
    ("J", "expected"),
    [
        (lambda x: np.log(x - 2), "dJ/dt1 = 1 ÷ t1 = 1 ÷ (−1) = −1"),
        (lambda x: 1 / (x - 1), "dJ/dt1 = −1 ÷ t1² = −1 ÷ 0² = −inf"),
        (lambda x: np.sqrt(x - 2), "dJ/dt1 = 1 ÷ (2 × J) = 1 ÷ (2 × nan) = nan"),
        (lambda x: np.abs(x * 1j), "dJ/dt1 = 0 − 1i"),
        (lambda x: 3.0 - x * mg.Tensor(True, name="mask"), "dJ/dt1 = −1"),
    ],
    ids=["not a number", "infinite", "neither", "complex", "truth value"],
)
@pytest.mark.parametrize("detail", ["low", "high"])
def test_values_that_are_no_real_numbers_are_told_too(J, expected, detail):
    with np.errstate(all="ignore"):
        result = J(mg.Tensor(1.0, name="x"))
    found = lines(result, detail=detail)
    assert detail == "low" or expected in found


# What is said of numbers


def test_a_rounded_number_stands_beside_another_sign():
    third = Shown(np.float64(1 / 3), "forward")
    assert equation((Name("x"),), (third,)).signs == ["≈"]
    assert equation((Name("x"),), (Shown(np.float64(0.25), "forward"),)).signs == ["="]
    assert equation(("3 × ", third), (Shown(np.float64(1), "forward"),)).signs == ["≈"]


def test_what_arithmetic_leaves_at_the_end_of_a_number_is_not_called_rounding():
    assert not is_rounded(np.float64(0.1) * 3)
    assert is_rounded(np.float64(0.1) + 1e-9)


def test_a_constant_that_is_rounded_stands_beside_another_sign():
    x = mg.Tensor(3.0, name="x")
    assert lines(x * (1 / 3))[1] == "J ≈ x × 0.33333 ≈ 3 × 0.33333 ≈ 1"


def test_a_side_that_reads_like_the_next_is_left_out():
    one = (Shown(np.float64(1), "local"),)
    assert equation(one, one, ("2",)).text() == "1 = 2"


@given(computations(), st.sampled_from(["low", "high"]))
def test_every_equation_is_true_to_the_digits_printed(J, detail):
    for step in explained(J, detail=detail):
        for told in step.equations:
            assert_true_as_printed(told)


@given(computations(), st.sampled_from(["low", "high"]))
def test_every_side_of_an_equation_is_true_in_names_too(J, detail):
    scene = scene_of(J, detail=detail, local_derivatives=True)
    for step in steps_of(scene):
        for told in step.equations:
            assert_true_in_symbols(told, scene)


def test_a_wrong_number_is_seen_by_the_two_tests_above():
    scene = scene_of(logistic_loss(), local_derivatives=True)
    told = next(x for step in steps_of(scene) for x in step.equations if x.text().startswith("a = σ(z)"))
    wrong = Equation((*told.sides[:-1], (Shown(np.float64(0.5252), "forward"),)))
    with pytest.raises(AssertionError):
        assert_true_as_printed(wrong)
    with pytest.raises(AssertionError):
        assert_true_in_symbols(wrong, scene)


@pytest.mark.parametrize("function", SLOPES, ids=lambda f: f.__name__)
def test_every_formula_of_a_derivative_is_used(function):
    """A formula that is wrong would be left out, as it disagrees with the engine: it is wrong if it is not told."""
    x, y = mg.Tensor(0.625, name="x"), mg.Tensor(0.25, name="y")
    if function in (np.sum, np.mean):
        x = mg.Tensor([0.625, 0.25], name="x")
    if function is np.matmul:
        x, y = mg.Tensor([0.625, 0.5], name="x"), mg.Tensor([0.25, 1.0], name="y")
    arguments = [x, y] if getattr(function, "nin", 1) == 2 or function is np.dot else [x]
    scene = scene_of(function(*arguments), local_derivatives=True)
    assert len(scene.arrows) == len(arguments)
    assert all(slope_formula(scene, arrow) is not None for arrow in scene.arrows)


# What the steps are about


@given(computations(), st.sampled_from(["low", "high"]))
def test_every_part_of_the_picture_is_reached_once_after_what_it_depends_on(J, detail):
    scene = scene_of(J, detail=detail, local_derivatives=True)
    steps = steps_of(scene)
    reached = [part for step in steps for part in step.reveals]
    assert len(set(reached)) == len(reached)
    assert {box.id for box in scene.boxes} <= set(reached)
    assert {f"{way}-{arrow.id}" for way in ("forward", "backward") for arrow in scene.arrows} <= set(reached)
    when = {part: i for i, step in enumerate(steps) for part in step.reveals}
    for arrow in scene.arrows:
        assert when[arrow.source] < when[arrow.target]
        later = [when[f"backward-{a.id}"] for a in scene.arrows if a.source == arrow.target]
        assert all(when[f"backward-{arrow.id}"] > i for i in later)


@given(computations(), st.sampled_from(["low", "high"]), st.booleans())
def test_the_number_of_steps_is_known_without_them(J, detail, gradients):
    scene = scene_of(J, detail=detail, gradients=gradients)
    assert count_of_steps(scene) == len(steps_of(scene))


def test_equations_are_said_in_words():
    told = explained(course())[8].equations[0]
    assert told.text() == "dJ/db = dJ/du · du/db = 3 · c = 3 · 2 = 6"
    assert spoken_equation(told) == (
        "dJ by d b equals dJ by d u times du by d b equals 3 times c equals 3 times 2 equals 6"
    )


def test_powers_of_ten_and_what_is_no_finite_number_are_said_in_words():
    x, y = mg.Tensor(-1e-300, name="x"), mg.Tensor(np.inf, name="y")
    told = explained(x * y * np.nan, detail="low")
    assert spoken_equation(told[0].equations[0]) == "x equals minus 1 times 10 to the power of minus 300"
    assert spoken_equation(told[0].equations[1]) == "y equals infinity"
    assert spoken_equation(told[1].equations[0]).endswith(" equals not a number")


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_is_called_rounded_exactly_where_its_digits_do_not_give_it_back(x):
    written = float(piece_text(Shown(np.float64(x), "forward")).replace("−", "-"))
    assert is_rounded(np.float64(x)) == (not math.isclose(written, x, rel_tol=3.6e-15))
