"""Expressions as text: what they compute, what they refuse and where, and the limits that hold."""

import operator
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.expressions import ExpressionError, evaluate, read_values
from micrograd_nd.expressions.evaluation import MOST_WORK
from micrograd_nd.expressions.functions import FUNCTIONS
from micrograd_nd.expressions.grammar import LONGEST, MOST_CALLS
from micrograd_nd.expressions.options import KINDS

VALUES = {"a": 0.75, "b": np.array([0.5, -1.5, 2.0]), "c": np.array([[1.25], [-0.5]])}


def derivatives(result, tensors):
    """The derivatives of the sum of a result: None of what it does not depend on."""
    for tensor in tensors.values():
        tensor.zero_grad()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if isinstance(result, mg.Tensor) and result.requires_grad:
            result.backward(np.ones(result.shape))
    return {name: tensor.grad for name, tensor in tensors.items()}


def assert_same(found, result, tensors):
    """The value and the derivatives of an expression have the bits of the same Python code's."""
    expected = result.numpy() if isinstance(result, mg.Tensor) else np.asarray(result)
    np.testing.assert_array_equal(found.result.numpy(), expected)
    ours, theirs = derivatives(found.result, found.inputs), derivatives(result, tensors)
    for name, gradient in ours.items():
        if theirs[name] is None:
            assert gradient is None
        else:
            np.testing.assert_array_equal(gradient, theirs[name])


def caret(error):
    """The column under which the caret is, in the line above it."""
    _, line, below = str(error).split("\n")
    assert below.strip() == "^"
    assert line[:2] == "  "
    return below.index("^") - 2


# What is computed


SIGNS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "//": operator.floordiv,
    "<": operator.lt,
    ">=": operator.ge,
    "!=": operator.ne,
}
CALLS = {"exp": np.exp, "np.tanh": np.tanh, "sin": np.sin, "sigmoid": mg.sigmoid, "mg.relu": mg.relu, "abs": np.abs}
PAIRS = {"maximum": np.maximum, "arctan2": np.arctan2, "np.hypot": np.hypot}

leaves = st.one_of(
    st.sampled_from(sorted(VALUES)).map(lambda name: (name, lambda v: v[name])),
    st.sampled_from(["0", "1", "2.5", "1e-3", "7"]).map(lambda text: (text, lambda v: np.float64(text))),
    st.just(("pi", lambda v: np.pi)),
)


def larger(parts):
    def binary(sign, x, y):
        return f"({x[0]} {sign} {y[0]})", lambda v: SIGNS[sign](x[1](v), y[1](v))

    def call(name, x):
        return f"{name}({x[0]})", lambda v: CALLS[name](x[1](v))

    def pair(name, x, y):
        return f"{name}({x[0]}, {y[0]})", lambda v: PAIRS[name](x[1](v), y[1](v))

    def squared(x):
        return f"({x[0]})**2", lambda v: np.square(x[1](v))

    def opposite(x):
        return f"(-{x[0]})", lambda v: np.negative(x[1](v))

    return st.one_of(
        st.builds(binary, st.sampled_from(sorted(SIGNS)), parts, parts),
        st.builds(call, st.sampled_from(sorted(CALLS)), parts),
        st.builds(pair, st.sampled_from(sorted(PAIRS)), parts, parts),
        st.builds(squared, parts),
        st.builds(opposite, parts.filter(lambda x: not any(sign in x[0] for sign in ("<", ">", "!")))),
    )


@given(st.recursive(leaves, larger, max_leaves=8))
def test_a_generated_expression_has_the_value_and_the_derivatives_of_the_same_code(pair):
    text, code = pair
    tensors = {name: mg.Tensor(value) for name, value in VALUES.items()}
    with np.errstate(all="ignore"):
        try:
            expected = code(tensors)
        except TypeError:  # a difference of truths
            with pytest.raises(ExpressionError, match="boolean"):
                evaluate(text, VALUES)
            return
    assert_same(evaluate(text, VALUES), expected, tensors)


X = np.array([[0.3, 0.8], [0.6, 0.2]])
Y = np.array([[0.7, 0.1], [0.4, 0.9]])
S = np.array([[4.0, 1.0], [1.0, 3.0]])

ONE = {name: f"{name}(x)" for name, function in FUNCTIONS.items() if len(function.arrays) == 1 and not function.options}
TWO = {name: f"{name}(x, y)" for name, function in FUNCTIONS.items() if len(function.arrays) == 2}
CALLED = {
    **ONE,
    **TWO,
    **{name: f"{name}(x + 1)" for name in ("arccosh", "acosh")},
    **{name: f"{name}(S)" for name in ("cholesky", "det", "eigvalsh", "inv", "pinv")},
    **{name: f"{name}(x[0], y[1])" for name in ("convolve", "cross", "vdot")},
    **{name: f"{name}(x, 0, keepdims=True)" for name in ("all", "amax", "amin", "any", "logsumexp", "max", "mean")},
    **{name: f"{name}(x, axis=(0, 1))" for name in ("min", "prod", "sum", "median")},
    **{name: f"{name}(x, axis=-1)" for name in ("argmax", "argmin", "argsort", "cumprod", "cumsum", "ptp", "sort")},
    **{name: f"{name}(x, axis=0, ddof=1)" for name in ("std", "var")},
    **{name: f"{name}(x, axis=1)" for name in ("softmax", "log_softmax", "flip")},
    **{name: f"{name}([x, y], axis=1)" for name in ("concatenate", "stack")},
    **{name: f"{name}([x, y])" for name in ("hstack", "vstack", "array")},
    **{name: f"{name}(x, 1)" for name in ("diagonal", "trace", "tril", "triu", "diag", "expand_dims")},
    **{name: f"{name}((2, 3)) * x[0, 0]" for name in ("ones", "zeros")},
    "arange": "arange(0, 3, 0.5) * x[0, 0]",
    "array": "array([x[0], [1, 2], y[1]])",
    "broadcast_to": "broadcast_to(x, (3, 2, 2))",
    "clip": "clip(x, 0.25, y)",
    "diff": "diff(x)",
    "elu": "elu(-x, alpha=0.5)",
    "eye": "eye(2, 3, 1) * x[0, 0]",
    "gelu": "gelu(x, approximate=False)",
    "leaky_relu": "leaky_relu(-x, slope=0.2)",
    "linspace": "linspace(x, y, num=3)",
    "matrix_power": "matrix_power(x, 3)",
    "moveaxis": "moveaxis(x, 0, -1)",
    "norm": "norm(x, axis=0)",
    "repeat": "repeat(x, 2, axis=1)",
    "reshape": "reshape(x, (4,))",
    "roll": "roll(x, 1, axis=0)",
    "solve": "solve(S, y)",
    "squeeze": "squeeze(x[:1], axis=0)",
    "swapaxes": "swapaxes(x, 0, 1)",
    "tensordot": "tensordot(x, y, axes=1)",
    "tile": "tile(x, (2, 1))",
    "where": "where(x < y, x, y)",
}


def python_names():
    """The functions as Python code has them, looked up apart from the table."""
    names = {}
    for home in (np.linalg, mg, np):
        names |= {name: getattr(home, name) for name in FUNCTIONS if hasattr(home, name)}
    return {**names, "array": mg.array, "trace": np.trace}


def test_every_function_of_the_table_is_called_here():
    assert set(CALLED) == set(FUNCTIONS)


def test_every_option_in_the_table_is_of_a_kind_that_is_read():
    assert {kind for function in FUNCTIONS.values() for kind in function.options.values()} <= set(KINDS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_has_the_value_and_the_derivatives_of_the_same_code(name):
    tensors = {"x": mg.Tensor(X), "y": mg.Tensor(Y), "S": mg.Tensor(S)}
    with np.errstate(all="ignore"):
        expected = eval(CALLED[name], {**python_names(), **tensors})  # noqa: S307 - the text is this file's
    assert_same(evaluate(CALLED[name], {"x": X, "y": Y, "S": S}), expected, tensors)


@pytest.mark.parametrize("spelling", ["np.exp", "numpy.exp", "exp"])
def test_a_name_may_have_its_home_before_it(spelling):
    assert evaluate(f"{spelling}(a)", {"a": 0}).result.item() == 1


@pytest.mark.parametrize("spelling", ["np.linalg.inv", "numpy.linalg.inv", "linalg.inv", "inv"])
def test_a_function_of_linear_algebra_has_four_spellings(spelling):
    assert evaluate(f"{spelling}(a)", {"a": [[2]]}).result.item() == 0.5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3*4", 14),
        ("2**3**2", 512),
        ("-2**2", -4),
        ("7 // 2 + 7 % 2", 4),
        ("e**(2*pi) - exp(2*π)", 0),
        ("x[0]", 1),
        ("x[-1]", 3),
        ("sum(x[1:])", 5),
        ("sum(x[::-2] * [1, 10])", 13),
        ("W[1, 0]", 6),
        ("sum(W[:, None, 1])", 12),
        ("sum(W[..., 0])", 10),
        ("dot(x, [1, 0, -1])", -2),
        ("sum([x[0], 5])", 6),
        ("sum(W @ [1, 1])", 22),
        ("sum((x > 1) * x)", 5),
        ("sum(x,)", 6),
        ("(2 +\n 3)", 5),
        ("  2  ;", 2),
        ("2 # two", 2),
    ],
)
def test_an_expression_has_its_value(text, value):
    found = evaluate(text, {"x": [1, 2, 3], "W": [[4, 5], [6, 7]]})
    assert found.result.item() == pytest.approx(value, abs=1e-11)


def test_parts_have_names_that_their_tensors_bear():
    found = evaluate("u = b*c; v = a + u; 3*v", {"a": 5, "b": 3, "c": 2})
    found.result.backward()
    assert [(name, t.name, float(t.grad)) for name, t in found.named.items()] == [("u", "u", 6 / 2), ("v", "v", 3)]
    assert found.result.name == "J"
    assert list(found.inputs) == ["a", "b", "c"]


def test_the_result_has_the_name_of_the_last_part():
    assert evaluate("cost = a*a", {"a": 2}).result.name == "cost"


def test_the_result_is_not_called_as_a_value_is():
    assert evaluate("2*J", {"J": 2}).result.name == "result"


def test_another_name_for_a_value_changes_nothing():
    found = evaluate("u = a; 3*u", {"a": 5})
    assert found.named["u"] is found.inputs["a"]
    assert found.inputs["a"].name == "a"


def test_a_part_without_values_is_a_constant_with_a_name():
    found = evaluate("k = 2*3; k*a", {"a": 5})
    assert (found.named["k"].name, found.named["k"].requires_grad) == ("k", False)
    assert found.result.item() == 30


def test_what_is_not_used_is_told():
    assert evaluate("u = a; v = a*b; w = 2*a", {"a": 1, "b": 2, "d": 3}).unused == ("d", "u", "v")


def test_values_may_take_the_place_of_constants():
    assert evaluate("e + pi", {"e": 1, "pi": 2}).result.item() == 3


def test_every_value_is_float64():
    found = evaluate("3*a", {"a": np.array([1, 2], dtype=np.int8)})
    assert (found.inputs["a"].dtype, found.result.dtype) == (np.float64, np.float64)


def test_compatible_letters_are_one_name():
    assert evaluate("ﬁ + 1", {"fi": 1}).result.item() == 2
    with pytest.raises(ValueError, match="are one name"):
        evaluate("fi", {"fi": 1, "ﬁ": 2})


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("log(0*a - 1) + a", "log(0*a - 1) is nan"),
        ("a / 0 + 1", "a / 0 is inf"),
        ("1e308 * 10", "1e308 * 10 is inf"),
        ("9**9**9", "9**9**9 is inf"),
        ("sum(sqrt([-1, 4, a]))", "sqrt([-1, 4, a]) is infinite or no number in 1 of 3 elements"),
        ("mean([])", "mean([]) is nan"),
    ],
)
def test_the_first_operation_without_a_number_is_told(text, note):
    assert evaluate(text, {"a": 1}).notes == (note,)


# What is refused


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("3*(a + b^a)", "for a power write **", 8),
        ("3(a + b)", "for a product write *", 0),
        ("b + a(a + b)", "a is a value, no function: for a product write a * (...)", 4),
        ("expp(a)", "expp is no function here: did you mean exp?", 0),
        ("a + abs", "abs is a function: write abs(x)", 4),
        ("1 + aa", "aa has no value: did you mean a?", 4),
        ("1 + qqq", "qqq has no value: give one, qqq=...", 4),
        ("a + A", "A has no value: did you mean a?", 4),
        ("a" * 1000, "has no value: give one", 0),
        ("a.__class__", "attributes have no place here", 2),
        ("a + x.T", "write transpose(x) for x.T", 6),
        ("x.sum()", "write sum(x, axis=, keepdims=)", 2),
        ("np.relu(a)", "np.relu is called relu or mg.relu here", 3),
        ("os.system(a)", "attributes have no place here", 3),
        ("np.linalg.exp(a)", "np.linalg.exp is called exp or np.exp here", 10),
        ("a + np.save", "attributes have no place here", 7),
        ("np.save(a)", "np.save is no function here", 3),
        ("__import__(a)", "__import__ is no function here", 0),
        ("a + __name__", "underscores that Python keeps for its own names", 4),
        ("0 < a < 1", "write logical_and(x < y, y < z)", 6),
        ("a and b", "write logical_and(x, y)", 2),
        ("not a", "write logical_and(x, y), logical_or(x, y) or logical_not(x)", 0),
        ("(a > 0) & (b > 0)", "write logical_and(x, y)", 8),
        ("~a", "logical_not(x)", 0),
        ("a is b", "to compare numbers write ==", 2),
        ("a in b", "write any(x == y)", 2),
        ("a << b", "<< has no place here", 2),
        ("a if b else 1", "write where(condition, x, y)", 0),
        ("[q for q in a]", "a loop has no place here", 0),
        ("a + (lambda: 1)", "a function of one's own has no place here", 5),
        ("(u := a)", "write name = ... as a part of its own", 1),
        ("a + 'text'", "text has no place here", 4),
        ("f'{a}'", "text has no place here", 0),
        ("a + True", "write 1 for True", 4),
        ("2j * a", "imaginary numbers have no place here", 0),
        ("a + 1e400", "this number is larger than a float64 can be", 4),
        (f"a + {'9' * 400}", "this number is larger than a float64 can be", 4),
        ("maximum(*a)", "arguments are written out", 8),
        ("exp(**a)", "arguments are written out", 4),
        ("sum(a, **b)", "arguments are written out", 7),
        ("maximum(a)", "maximum(x, y): too few arguments, 1", 0),
        ("exp(a, b, 1)", "exp(x): too many arguments, 3", 10),
        ("max(a, b)", "the larger of two is maximum(x, y)", 7),
        ("sum(a, axes=0)", "sum(x, axis=, keepdims=): axes= is not among its arguments", 7),
        ("sum(a, 0, axis=0)", "axis is given twice", 10),
        ("sum(a, axis=1 + 1)", "axis is the number of an axis", 12),
        ("reshape(a)", "shape is missing", 0),
        ("zeros(10**9)", "shape is one length or several", 6),
        ("concatenate(a, b)", "the arrays stand in a list", 12),
        ("x[a]", "an index is an integer or a slice", 2),
        ("x[[0, 0]]", "an index is an integer or a slice", 2),
        ("{a: b}", "a dict has no place here", 0),
        ("(a, b)", "a tuple has no place here", 0),
        ("import os", "an import has no place here", 0),
        ("u = a; del b", "a statement has no place here", 7),
        ("a += 1", "another name for what is made of it", 0),
        ("u = v = a", "one part gives one name", 4),
        ("u, v = a, b", "one part gives one name", 0),
        ("a; b", "only the last part may be without a name", 0),
        ("u = a; u = b", "u is given twice", 7),
        ("a = 2; a", "a is given twice: as a value, and by this part", 0),
        ("exp = a", "exp is a function here", 0),
        ("u = u + 1", "u has no value", 4),
        ("", "there is nothing to compute", 0),
        ("# nothing", "there is nothing to compute", 0),
        ("a + * b", "cannot read this", 4),
        ("a − b", "for − write -", 2),
        ("2×a", "for × write *", 1),
        ("a²", "for ² write **2", 1),
        ("a\x00b", "the character U+0000 has no place here", 1),
        ("a\u202eb", "U+202E RIGHT-TO-LEFT OVERRIDE", 1),
        ("a\xa0+ b", "U+00A0 NO-BREAK SPACE", 1),
        ("a\udc80", "the character U+DC80 has no place here", 1),
        ("x @ [1, 2, 3, 4]", "matrices of the shapes (2,) and (4,) have no product", 2),
        ("x + [1, 2, 3]", "shapes", 2),
        ("[1, x]", "the elements of a list have one shape; here are () and (2,)", 0),
        ("x[5]", "index 5 is out of bounds", 0),
        ("-(a > b)", "boolean negative", 0),
        ("inv([[1, 1], [1, 1]])", "Singular matrix", 0),
    ],
)
def test_a_refusal_says_what_would_be_right_and_where(text, message, column):
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, {"a": 1, "b": 2, "x": [1, 2]})
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert column is None or caret(caught.value) == column


def test_the_caret_stands_under_the_place_whatever_is_before_it():
    cases = {"日本 + q": 7, "é + q": 4, "e\u0301 + q": 4, "αβ*(q)": 4, "  u = a\n  q": 0}  # columns of a terminal
    for text, column in cases.items():
        with pytest.raises(ExpressionError, match="q has no value") as caught:
            evaluate(text, {"日本": 1, "é": 1, "αβ": 1, "a": 1})
        assert caret(caught.value) == column


def test_of_a_long_line_the_part_around_the_place_is_shown():
    with pytest.raises(ExpressionError) as caught:
        evaluate("a + " * 40 + "q" + " + a" * 40, {"a": 1})
    _, line, _ = str(caught.value).split("\n")
    assert len(line) < 80
    assert line[caret(caught.value) + 2] == "q"


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("not a name", 1, ValueError, "a value has a name such as x or W1"),
        ("sum", 1, ValueError, "sum is a function here"),
        ("__a", 1, ValueError, "underscores that Python keeps"),
        ("a", True, TypeError, "a is a real number or an array of them; got dtype bool"),
        ("a", 1j, TypeError, "got dtype complex128"),
        ("a", "1", TypeError, "got dtype <U1"),
        ("a", np.zeros(MOST_WORK + 1), ValueError, "a has 1000001 elements"),
    ],
)
def test_a_value_that_is_no_number_is_refused(name, value, error, message):
    with pytest.raises(error, match=message):
        evaluate("2", {name: value})


# Limits


@pytest.mark.parametrize(
    "text",
    [
        "zeros(1000000000)",
        "zeros((100000, 0, 100000))",
        "ones((1000, 1000)) * 2",
        "x * reshape(x, (2000, 1))",
        "outer(x, x)",
        "kron(x, x)",
        "tile(x, 1000)",
        "repeat(x, 1000000)",
        "broadcast_to(a, (1000, 1001))",
        "eye(1001)",
        "eye(1, 1000000000)",
        "diag(x)",
        "diag(a*[1], 1000000)",
        "tril(x)",
        "linspace(a, 1, 1000000000)",
        "linspace(x, 1, 1000)",
        "arange(0, 1, 1e-299)",
        "arange(1e299)",
        "reshape(x, (2000, 1)) @ reshape(x, (1, 2000))",
        "zeros((2000, 0)) @ zeros((0, 2000))",
        "tensordot(x, x, axes=0)",
        "convolve(x, x)",
        "inv(ones((300, 300)))",
        "matrix_power(ones((80, 80)), 1000000)",
        "sum(sort(ones((300, 300))))",
        "[" + ", ".join(["x"] * 600) + "]",
        ";".join(f"x{i} = exp(ones(100000))" for i in range(11)),
    ],
)
def test_too_much_is_refused_before_it_is_computed(text):
    with pytest.raises(ExpressionError, match="would be too much: at most 1,000,000 elements are computed"):
        evaluate(text, {"x": np.ones(2000), "a": 1})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a" + " + a" * LONGEST, "characters are more than the 2000 that are read"),
        ("(" * 900 + "a" + ")" * 900, "cannot read this|nested too deep"),
        ("-" * 1900 + "a", "nested 120 deep|nested too deep"),
        ("[" * 100 + "a" + "]" * 100, "an array has at most 32 axes"),
        ("a" + "**a" * 300, "nested 120 deep"),
        ("sum([" + "a + a, " * (MOST_CALLS + 1) + "])", "more than 100 operations are no longer a picture"),
        ("[" + "1, " * 500 + "]", "more than 400 numbers and operations are no longer a picture"),
    ],
)
def test_what_is_too_long_or_too_deep_is_refused(text, message):
    with pytest.raises(ExpressionError, match=message):
        evaluate(text, {"a": 1})


def test_a_sum_of_a_hundred_operations_is_computed():
    assert evaluate("a" + " + a" * MOST_CALLS, {"a": 1}).result.item() == MOST_CALLS + 1


# Values as text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x=1", {"x": 1.0}),
        ("x=-1e3, y = +2", {"x": -1000.0, "y": 2.0}),
        ("x=[[1, 2], [3, 4]]", {"x": [[1, 2], [3, 4]]}),
        ("x=[]", {"x": np.zeros(0)}),
        ("x=[(1, 2), (3, 4)]", {"x": [[1, 2], [3, 4]]}),
        ("x=1+2j", {"x": 1 + 2j}),
        ("x=[1, -2j]", {"x": [1, -2j]}),
        (f"x={2**70}", {"x": 2.0**70}),
    ],
)
def test_values_are_read(text, values):
    found = read_values([text])
    assert found.keys() == values.keys()
    for name, value in values.items():
        np.testing.assert_array_equal(found[name], value)
        assert found[name].dtype in (np.float64, np.complex128)


def test_nests_and_what_is_no_number_stay_what_they_are():
    assert read_values(["p=(1, {'W': 2}), name='x', flag=True, none=None"]) == {
        "p": (1.0, {"W": 2.0}),
        "name": "x",
        "flag": True,
        "none": None,
    }


@given(st.dictionaries(st.sampled_from("xyzW"), st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_number_that_is_written_is_the_number_that_is_read(numbers):
    assert read_values([f"{name}={x!r}" for name, x in numbers.items()]) == numbers


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("W=[[1, 2], [3]]", "the lists of an array have one length; here is [3] after [1, 2]", 11),
        ("W=[1, [2]]", "here is [2] after 1", 6),
        ("x=open('f')", "x is no literal: write numbers and lists of numbers, such as x=[1, 2.5]", 2),
        ("x=[1, y]", "x is no literal", 6),
        ("x=1/2", "x is no literal", 2),
        ("x=[1, 'a']", "x is no literal", 6),
        ("x=1e999", "larger than a float64 can be", 2),
        (f"x={'9' * 400}", "larger than a float64 can be", 2),
        ("x=--1", "x is no literal", 2),
        ("x=...", "x is no literal", 2),
        ("1", "every value has a name", 0),
        ("", "every value has a name", 0),
        ("x=1, 2", "cannot read this", None),
        ("**{}", "every value has a name", 0),
        ("x=1)(y=2", "every value has a name", 0),
        ("x=1), f(y=2", "every value has a name", 0),
        ("x=1) + _(y=2", "every value has a name", 0),
        ("x=1, x=2", "x is given twice", 5),
        ("lambda=1", "lambda is a word of Python's own: choose another name, such as lambda_", 0),
        ("x=[1", "cannot read this; write values as in x=[1, 2.5], y=-3", None),
        ("x=" + "[" * 60 + "]" * 60, "an array has at most 32 axes", None),
        ("x=" + "[" * 500, "cannot read this|nested", None),
        ("x=1\x00", "the character U+0000 has no place here", 3),
        ("x=" + "1" * 50_000, "values have at most 50,000 characters and 500 names", 0),
        (", ".join(f"x{i}=1" for i in range(501)), "values have at most 50,000 characters and 500 names", None),
    ],
)
def test_what_is_no_value_is_refused(text, message, column):
    with pytest.raises(ExpressionError) as caught:
        read_values([text])
    assert any(part in caught.value.message for part in message.split("|"))
    assert column is None or caret(caught.value) == column


def test_of_many_texts_the_characters_and_names_are_counted_together():
    for texts in ([f"x{i}=1" for i in range(501)], ["x=" + "1" * 30_000, "y=" + "1" * 30_000]):
        with pytest.raises(ExpressionError, match="values have at most"):
            read_values(texts)


def test_a_value_that_is_given_twice_is_refused():
    with pytest.raises(ExpressionError, match="x is given twice"):
        read_values(["x=1", "y=2, x=3"])
