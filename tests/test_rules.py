"""Every function in the registry is differentiated rightly: first and second order, any shape, float64 and float32.

`CASES` says for each function how its arguments are drawn. A function in the registry without a case fails the suite.
"""

import operator
from functools import partial
from typing import Any, NamedTuple

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.demo.graphs import loss
from micrograd_nd.graph import Constant, ancestors
from micrograd_nd.primitives import Primitive, derivative, readable
from micrograd_nd.rules.indexing import scatter_add
from micrograd_nd.testing import check_gradients


class Case(NamedTuple):
    """A function of arrays, and arrays to call it with."""

    function: Any
    arrays: tuple[Any, ...]


# Values are multiples of 1/16, moved by less, so that no two are within 1/32 of each other or of zero: far enough from
# every kink for finite differences.


def grid(low, high, offset, unique):
    def arrays(shape):
        size = int(np.prod(shape))
        values = st.lists(st.integers(low * 16, high * 16 - 1), min_size=size, max_size=size, unique=unique)
        return values.map(lambda ks: (np.reshape(np.array(ks, dtype=float), shape) + offset) / 16)

    return arrays


real = grid(-3, 3, 0.5, unique=False)
positive = grid(0, 3, 0.5, unique=False)
distinct = grid(-4, 4, 0.5, unique=True)
between_reals = grid(-3, 3, 0.0, unique=False)


def whole(shape):
    return hnp.arrays(np.float64, shape, elements=st.integers(-2, 3))


shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3)


@st.composite
def elementwise(draw, function, domain=real):
    return Case(function, (draw(shapes.flatmap(domain)),))


@st.composite
def broadcasting(draw, function, *domains):
    """Arguments of shapes that broadcast together."""
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=len(domains), max_dims=3, max_side=3))
    return Case(function, tuple(draw(domain(shape)) for domain, shape in zip(domains, drawn.input_shapes, strict=True)))


@st.composite
def one_plain(draw, function, domain, number):
    """One argument is a Python number, on either side."""
    x, y = draw(shapes.flatmap(domain)), draw(number)
    return Case(draw(st.sampled_from([lambda a: function(a, y), lambda a: function(y, a)])), (x,))


@st.composite
def choosing(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3)).input_shapes
    condition = draw(hnp.arrays(bool, drawn[0]))
    return Case(lambda x, y: np.where(condition, x, y), tuple(draw(real(shape)) for shape in drawn[1:]))


@st.composite
def clipping(draw):
    a, low, gap = draw(broadcasting(None, between_reals, real, between_reals)).arrays
    gap = np.abs(gap) + 1
    calls = [
        Case(lambda a: np.clip(a, None, 0.5 / 16), (a,)),
        Case(lambda a, low: np.clip(a, min=low), (a, low)) if np.lib.NumpyVersion(np.__version__) >= "2.1.0" else None,
        Case(lambda a, low: np.clip(a, low, None), (a, low)),
        Case(lambda a, low, gap: np.clip(a, low, low + gap), (a, low, gap)),
        Case(lambda a, low, gap: np.clip(a, low, low - gap), (a, low, gap)),
    ]
    return draw(st.sampled_from([call for call in calls if call]))


@st.composite
def reducing(draw, function, domain=real):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(domain))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1) | hnp.valid_tuple_axes(x.ndim, min_size=1))
    return Case(partial(function, axis=axis, keepdims=draw(st.booleans())), (x,))


@st.composite
def along(draw, function):
    """Functions with an axis and no keepdims."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(real))
    return Case(partial(function, axis=draw(st.none() | st.integers(-x.ndim, x.ndim - 1))), (x,))


@st.composite
def reshaping(draw):
    x = draw(shapes.flatmap(real))
    shape = draw(st.permutations([*x.shape, 1]) | st.just((-1,)))
    order = draw(orders)
    return Case(lambda a: np.reshape(a, tuple(shape), order=order), (x,))


orders = st.sampled_from(["C", "F"])


@st.composite
def ravelling(draw):
    order = draw(orders)
    return Case(lambda a: np.ravel(a, order=order), (draw(shapes.flatmap(real)),))


@st.composite
def stretching(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=1, base_shape=draw(shapes), max_dims=3, max_side=3))
    return Case(lambda a: np.broadcast_to(a, drawn.result_shape), (draw(real(drawn.input_shapes[0])),))


@st.composite
def expanding(draw):
    x = draw(shapes.flatmap(real))
    axis = draw(hnp.valid_tuple_axes(x.ndim + 2, min_size=2, max_size=2) | st.integers(-x.ndim - 1, x.ndim))
    return Case(lambda a: np.expand_dims(a, axis), (x,))


@st.composite
def squeezing(draw):
    shape = draw(shapes)
    position = draw(st.integers(0, len(shape)))
    x = draw(real((*shape[:position], 1, *shape[position:])))
    return Case(draw(st.sampled_from([np.squeeze, lambda a: np.squeeze(a, axis=position)])), (x,))


@st.composite
def transposing(draw):
    x = draw(shapes.flatmap(real))
    axes = draw(st.permutations(range(x.ndim)).map(lambda p: [i - x.ndim * draw(st.booleans()) for i in p]))
    return Case(draw(st.sampled_from([np.transpose, lambda a: np.transpose(a, axes)])), (x,))


@st.composite
def moving(draw, function):
    x = draw(hnp.array_shapes(min_dims=2, max_dims=3, max_side=3).flatmap(real))
    source, target = draw(st.tuples(*[st.integers(-x.ndim, x.ndim - 1)] * 2))
    return Case(lambda a: function(a, source, target), (x,))


@st.composite
def joining(draw):
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3))
    axis = draw(st.integers(-len(shape), len(shape) - 1) | st.none())
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    along = 0 if axis is None else axis % len(shape)
    arrays = tuple(draw(real((*shape[:along], n, *shape[along + 1 :]))) for n in lengths)
    return Case(lambda *xs: np.concatenate(xs, axis=axis), arrays)


@st.composite
def stacking(draw):
    shape = draw(shapes)
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    arrays = tuple(draw(real(shape)) for _ in range(draw(st.integers(1, 3))))
    return Case(lambda *xs: np.stack(xs, axis=axis), arrays)


@st.composite
def indexed(draw):
    """An array, and an index of any kind: integers, slices, new axes, masks, repeated positions."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    basic = hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)
    whole = hnp.array_shapes(min_dims=1, max_dims=2, max_side=3).flatmap(
        lambda result: hnp.integer_array_indices(shape, result_shape=st.just(result))
    )
    first = hnp.arrays(np.intp, hnp.array_shapes(min_dims=1, max_dims=2, max_side=3), elements=st.integers(-1, 0))
    mixed = first.map(lambda rows: (rows, *[slice(None, None, -1)] * (len(shape) - 1)))
    return shape, draw(basic | whole | mixed | hnp.arrays(bool, shape))


@st.composite
def reading(draw):
    shape, index = draw(indexed())
    return Case(lambda a: a[index], (draw(real(shape)),))


@st.composite
def writing(draw):
    shape, index = draw(indexed())
    part = np.shape(np.zeros(shape)[index])
    values = draw(real(part) | real(()))

    def replace(a, values):
        copy = a + 0
        copy[index] = values
        return copy

    return Case(replace, (draw(real(shape)), values))


@st.composite
def scattering(draw):
    shape, index = draw(indexed())
    values = draw(real(np.shape(np.zeros(shape)[index])))
    return Case(lambda v: scatter_add(v, shape=shape, index=index), (values,))


sides = st.integers(1, 3)


@st.composite
def multiplying(draw):
    """Shapes that matmul takes: vectors, matrices, stacks that broadcast."""
    drawn = draw(hnp.mutually_broadcastable_shapes(signature="(n?,k),(k,m?)->(n?,m?)", max_dims=2, max_side=3))
    return Case(operator.matmul, tuple(draw(real(shape)) for shape in drawn.input_shapes))


@st.composite
def dotting(draw):
    k = draw(sides)
    first = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    second = draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=2))
    left, right = (*first, k), (*second[:-1], k, *second[-1:])
    shapes = draw(st.sampled_from([(left, right), (left, (k,)), ((), right), (left, ()), ((), ())]))
    return Case(np.dot, tuple(draw(real(shape)) for shape in shapes))


@st.composite
def outer(draw):
    return Case(np.outer, (draw(shapes.flatmap(real)), draw(shapes.flatmap(real))))


@st.composite
def judging(draw):
    a = draw(shapes.flatmap(positive)) / 4
    return Case(partial(loss, y=draw(hnp.arrays(np.int8, a.shape, elements=st.integers(0, 1)))), (a,))


CASES = {
    np.add: broadcasting(operator.add, real, real) | one_plain(operator.add, real, st.just(3)),
    np.subtract: broadcasting(np.subtract, real, real) | one_plain(operator.sub, real, st.just(3.5)),
    np.multiply: broadcasting(operator.mul, real, real) | one_plain(operator.mul, real, st.just(-2)),
    np.divide: broadcasting(operator.truediv, real, positive) | one_plain(operator.truediv, positive, st.just(2)),
    np.power: broadcasting(operator.pow, positive, real)
    | broadcasting(operator.pow, positive, whole)
    | one_plain(operator.pow, positive, st.sampled_from([3, 2.5, 1]))
    | st.sampled_from([0, 1, 2, 3, 4]).flatmap(lambda n: elementwise(lambda x: x**n))
    | st.sampled_from([-1, -2.0, 0.0, 3.0]).flatmap(lambda n: elementwise(lambda x: np.power(x, n))),
    np.negative: elementwise(operator.neg),
    np.positive: elementwise(operator.pos),
    np.absolute: elementwise(abs),
    np.exp: elementwise(np.exp),
    np.expm1: elementwise(np.expm1),
    np.log: elementwise(np.log, positive),
    np.log1p: elementwise(np.log1p, positive),
    np.sqrt: elementwise(np.sqrt, positive),
    np.square: elementwise(np.square),
    np.tanh: elementwise(np.tanh),
    np.sin: elementwise(np.sin),
    np.cos: elementwise(np.cos),
    np.maximum: broadcasting(np.maximum, real, between_reals),
    np.minimum: broadcasting(np.minimum, real, between_reals),
    np.where: choosing(),
    np.clip: clipping(),
    np.sum: reducing(np.sum),
    np.mean: reducing(np.mean),
    np.max: reducing(np.max, distinct),
    np.min: reducing(np.min, distinct),
    np.amax: reducing(np.amax, distinct),
    np.amin: reducing(np.amin, distinct),
    np.reshape: reshaping(),
    np.ravel: ravelling(),
    np.expand_dims: expanding(),
    np.squeeze: squeezing(),
    np.broadcast_to: stretching(),
    np.transpose: transposing(),
    np.swapaxes: moving(np.swapaxes),
    np.moveaxis: moving(np.moveaxis),
    np.ndarray.astype: elementwise(lambda x: x.astype(np.float64)),
    np.concatenate: joining(),
    np.stack: stacking(),
    operator.getitem: reading(),
    operator.setitem: writing(),
    scatter_add: scattering(),
    np.matmul: multiplying(),
    np.dot: dotting(),
    np.outer: outer(),
    loss: judging(),
    mg.sigmoid: elementwise(mg.sigmoid),
    mg.relu: elementwise(mg.relu),
    mg.leaky_relu: elementwise(mg.leaky_relu) | elementwise(partial(mg.leaky_relu, slope=0.2)),
    mg.softplus: elementwise(mg.softplus),
    mg.logsumexp: reducing(mg.logsumexp),
    mg.softmax: along(mg.softmax),
    mg.log_softmax: along(mg.log_softmax),
}

OURS = [function for function in mg.registry if "test" not in getattr(function, "__module__", "")]
DIFFERENTIABLE = [function for function in OURS if mg.registry[function].rules != ()]

each_function = pytest.mark.parametrize("function", DIFFERENTIABLE, ids=readable)


def test_every_differentiable_function_has_a_case_and_every_case_a_function():
    assert set(CASES) == set(DIFFERENTIABLE)


def primitives_of(case):
    """The functions recorded when a case runs."""
    result = case.function(*map(mg.Tensor, case.arrays))
    return [node.primitive.function for node in ancestors(result.node) if node.primitive]


@each_function
@settings(max_examples=60)
@given(data=st.data())
def test_first_and_second_derivatives_agree_with_finite_differences(function, data):
    case = data.draw(CASES[function])
    check_gradients(case.function, *case.arrays)


@each_function
@settings(max_examples=10)
@given(data=st.data())
def test_float32_stays_float32_through_value_and_both_derivatives(function, data):
    case = data.draw(CASES[function])
    singles = tuple(x.astype(np.float32) for x in case.arrays)
    if function is np.ndarray.astype:
        case = Case(lambda x: x.astype(np.float32), case.arrays)

    def total(*xs):
        return np.sum(case.function(*xs))

    def slopes(*xs):
        return np.sum(np.square(np.concatenate([np.ravel(g) for g in mg.grad(total, everything)(*xs)])))

    everything = tuple(range(len(singles)))
    for f in (total, slopes):
        inputs = [mg.Tensor(x) for x in singles]
        result = f(*inputs)
        if type(result) is mg.Tensor and result.requires_grad:
            assert [node for node in ancestors(result.node) if node.out.dtype != np.float32] == []
        for double, single in zip(mg.grad(f, everything)(*case.arrays), mg.grad(f, everything)(*singles), strict=True):
            assert single.dtype == np.float32
            np.testing.assert_allclose(single, double, rtol=2e-3, atol=2e-3 * np.max(np.abs(double), initial=1e-2))


@each_function
@settings(max_examples=10)
@given(data=st.data())
def test_the_value_is_the_one_that_numpy_computes(function, data):
    case = data.draw(CASES[function])
    if function is not operator.setitem:
        expected = case.function(*case.arrays)
        result = case.function(*map(mg.Tensor, case.arrays))
        # NumPy's x**-1 and np.power(x, -1) differ by a rounding; an operator is recorded for both.
        np.testing.assert_allclose(result.numpy(), expected, rtol=3e-16, atol=0)
        assert result.shape == np.shape(expected)


@each_function
def test_a_case_records_the_function_it_stands_for(function):
    def records(case):
        return function in primitives_of(case)

    found = CASES[function].filter(records)
    settings(max_examples=1)(given(found)(lambda case: None))()


# The tester is tested


def scaled(rule, order):
    """A rule that is wrong by 0.1 %, in its value or in its derivative alone."""

    def wrong(g, out, *arrays, **options):
        right = rule(g, out, *arrays, **options)
        if order == 1:
            return right * 1.001
        arrays = [x for x in (g, *arrays) if type(x) is mg.Tensor]
        plain = sum(np.sum(x) for x in arrays)
        # Equal in value, since the difference is zero; its derivative is not.
        return right + 0.001 * np.sum(right * right) * (plain - float_of(plain))

    return wrong


def float_of(x):
    return x.detach() if type(x) is mg.Tensor else x


@pytest.mark.parametrize("order", [1, 2])
@each_function
def test_a_rule_wrong_by_a_thousandth_is_caught(function, order, monkeypatch):
    entry: Primitive = mg.registry[function]
    if type(entry.rules) is tuple:
        wrong: Any = tuple(rule and scaled(rule, order) for rule in entry.rules)
    else:
        joint = entry.rules

        def wrong(g, out, *arrays, **options):
            right = joint(g, out, *arrays, **options)
            return [
                scaled(lambda *_, i=i, **__: right[i], order)(g, out, *arrays, **options) for i in range(len(right))
            ]

    monkeypatch.setattr(entry, "rules", wrong)

    @settings(max_examples=20, database=None, phases=[Phase.generate], report_multiple_bugs=False)
    @given(CASES[function].filter(lambda case: function in primitives_of(case)))
    def check(case):
        check_gradients(case.function, *case.arrays)

    with pytest.raises(AssertionError, match="analytic"):
        check()


def test_piecewise_constant_functions_give_plain_arrays():
    x = mg.Tensor([-1.5, 0.0, 2.0])
    for function in (np.sign, np.floor, np.isfinite, np.argmax, np.zeros_like, np.shape):
        assert type(function(x)) is not mg.Tensor
        np.testing.assert_array_equal(function(x), function(x.numpy()))


# What happens on a kink


def test_equal_arguments_of_an_extremum_share_the_derivative():
    for function in (np.maximum, np.minimum):
        assert mg.grad(function, (0, 1))(2.0, 2.0) == (0.5, 0.5)
    np.testing.assert_array_equal(mg.grad(np.max)(np.array([1.0, 3.0, 3.0])), [0, 0.5, 0.5])
    np.testing.assert_array_equal(mg.grad(np.min)(np.array([1.0, 1.0, 3.0])), [0.5, 0.5, 0])


def test_relu_has_slope_one_and_abs_slope_zero_at_zero():
    assert mg.grad(mg.relu)(0.0) == 1
    assert mg.grad(mg.leaky_relu)(0.0) == 1
    assert mg.grad(mg.leaky_relu)(-1.0) == 0.01
    assert mg.grad(np.abs)(0.0) == 0


def test_a_power_of_zero_has_the_derivative_of_the_polynomial():
    assert mg.grad(lambda x: x**1)(0.0) == 1
    assert mg.grad(lambda x: x**0)(0.0) == 0
    assert mg.grad(lambda x: x**2.0)(0.0) == 0
    assert mg.grad(lambda y: 0.0**y)(2.0) == 0


def test_derivatives_of_a_power_at_exponent_zero_agree_in_either_order():
    assert mg.grad(lambda y: mg.grad(lambda x: x**y)(2.0))(0.0) == 0.5
    assert mg.grad(lambda x: mg.grad(lambda y: x**y)(0.0))(2.0) == 0.5


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64])
def test_integer_exponents_of_any_kind_have_every_derivative(dtype):
    f = mg.grad(mg.grad(mg.grad(lambda x: np.sum(x ** np.array([0, 1, 2, 3], dtype)))))
    assert f(2.0) == 6


EMPTY = [((0,), (0,)), ((2, 0), (0,)), ((0,), (0, 3)), ((2, 3, 0), (2, 0, 4)), ((2, 3), (0, 3, 4)), ((2, 0), (2, 0, 3))]


@pytest.mark.parametrize(("first", "second"), EMPTY)
def test_products_of_nothing_have_derivatives_of_the_right_shape(first, second):
    a, b = mg.grad(lambda a, b: np.sum(np.dot(a, b)), (0, 1))(np.ones(first), np.ones(second))
    assert (a.shape, b.shape) == (first, second)
    assert not a.any()
    assert not b.any()


def test_a_derivative_keeps_its_digits_where_a_value_loses_them():
    assert mg.grad(np.expm1)(-40.0) == pytest.approx(np.exp(-40.0), rel=1e-15)


def test_clip_passes_the_derivative_on_up_to_its_bounds():
    slopes = [mg.grad(lambda x: np.clip(x, 0.0, 1.0))(x) for x in (-0.5, 0.0, 0.5, 1.0, 1.5)]
    assert slopes == [0, 1, 1, 1, 0]


# Large arguments

LARGE = [-1e308, -1e4, -800.0, -40.0, 0.0, 40.0, 800.0, 1e4, 1e308]


@pytest.mark.parametrize("x", LARGE)
def test_sigmoid_and_softplus_are_exact_for_arguments_of_any_size(x):
    small = np.exp(-abs(x))
    assert mg.sigmoid(x) == pytest.approx(1 / (1 + small) if x >= 0 else small / (1 + small), rel=1e-15)
    assert mg.grad(mg.sigmoid)(x) == pytest.approx(small / (1 + small) ** 2, rel=1e-14)
    assert mg.softplus(x) == pytest.approx(max(x, 0) + np.log1p(small), rel=1e-15)
    assert mg.grad(mg.softplus)(x) == mg.sigmoid(x)
    assert np.isfinite(mg.grad(mg.grad(mg.softplus))(x))


@pytest.mark.parametrize("x", LARGE)
def test_the_softmax_family_is_stable_for_arguments_of_any_size(x):
    row = np.array([x, 0.5, -0.5])
    with np.errstate(over="raise"):
        weights = mg.softmax(row)
        assert np.all(np.isfinite(weights))
        assert weights.sum() == pytest.approx(1)
        assert mg.logsumexp(row) >= np.max(row)
        np.testing.assert_allclose(mg.grad(mg.logsumexp)(row), weights, atol=1e-15)
        assert np.all(np.isfinite(mg.log_softmax(row)))
        assert np.all(np.isfinite(mg.grad(lambda r: mg.log_softmax(r)[0])(row)))


@pytest.mark.parametrize("function", [mg.sigmoid, mg.relu, mg.leaky_relu, mg.softplus, mg.logsumexp, mg.softmax])
def test_functions_of_real_numbers_take_lists_and_refuse_the_rest_by_name(function):
    np.testing.assert_array_equal(function([1.0, 2.0]), function(np.array([1.0, 2.0])))
    for x in (1j, np.array([1 + 2j]), "text", None, mg.Tensor([1j])):
        with pytest.raises(TypeError, match=rf"mg\.{function.__name__} takes real numbers; got dtype"):
            function(x)


def test_a_term_of_minus_infinity_is_not_there():
    row = np.array([-np.inf, 0.0])
    assert mg.logsumexp(row) == 0
    np.testing.assert_array_equal(mg.grad(mg.logsumexp)(row), [0, 1])
    assert mg.logsumexp(np.array([-np.inf, -np.inf])) == -np.inf


# Rules of one's own


def test_a_function_of_ones_own_is_registered_in_one_statement():
    cube = mg.primitive(lambda x: x**3, lambda g, out, x: g * 3 * x**2)
    assert cube(2.0) == 8
    check_gradients(cube, np.array([0.5, -1.5]))
    result = cube(mg.Tensor(2.0))
    assert [type(x) for x in result.node.inputs] != [Constant]
    assert len(ancestors(result.node)) == 2


def test_options_of_ones_own_function_reach_its_rule():
    @mg.primitive
    def scale(x, *, by=2.0):
        return x * by

    derivative(scale, lambda g, out, x, *, by=2.0: g * by)
    assert mg.grad(scale)(1.0) == 2
    assert mg.grad(lambda x: scale(x, by=5.0))(1.0) == 5
    with pytest.raises(TypeError, match="takes by=; got to="):
        scale(mg.Tensor(1.0), to=3)


def test_an_array_argument_may_be_left_out():
    def total(x, y=1.0, z=None):
        return x * y if z is None else x * y + z

    f = mg.primitive(total, None, lambda g, out, x, y=1.0, z=None: g * x, lambda g, out, x, y, z: g)
    a, b = mg.Tensor(2.0), mg.Tensor(3.0)
    (f(a) + f(a, b) + f(a, b, b)).backward()
    assert (a.grad, b.grad) == (None, 5)


def test_registering_again_replaces_the_rules():
    double = mg.primitive(lambda x: 2 * x, lambda g, out, x: g * 7)
    assert mg.grad(double)(1.0) == 7
    derivative(double, lambda g, out, x: g * 2)
    assert mg.grad(double)(1.0) == 2


def test_a_registration_without_a_rule_or_with_nonsense_is_refused():
    with pytest.raises(TypeError, match="was given no rule"):
        derivative(np.cbrt)
    with pytest.raises(TypeError, match=r"np\.hypot takes 2 arrays and returns 1; .* got 1"):
        derivative(np.hypot, lambda g, out, x: g)
    with pytest.raises(TypeError, match=r"np\.modf takes 1 arrays and returns 2"):
        derivative(np.modf, lambda g, out, x: g)
    with pytest.raises(TypeError, match="must be callable or None; got 3"):
        derivative(np.cbrt, 3)
    with pytest.raises(TypeError, match="needs a function"):
        derivative("cbrt", lambda g, out, x: g)
    with pytest.raises(TypeError, match="needs a function"):
        mg.primitive(3)


def test_a_rule_of_the_wrong_shape_is_told():
    broken = mg.primitive(lambda x: x + 0.0, lambda g, out, x: np.ones(4))
    with pytest.raises(ValueError, match="derivative of shape"):
        mg.grad(lambda x: np.sum(broken(x)))(np.ones(3))
