"""Cases of functions that work element by element."""

import operator
from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.rules.bessel_functions import i0_derivative
from micrograd_nd.rules.complex_numbers import complex_sign
from micrograd_nd.rules.quotients import EXPM1, LOG1P, SINE, quotient
from micrograd_nd.rules.rounding import fractional_part
from micrograd_nd.testing.cases.drawing import (
    Case,
    between_reals,
    broadcasting,
    complexes,
    distinct,
    elementwise,
    one_plain,
    positive,
    real,
    whole,
)


def moved(domain, factor=1, by=0):
    """The values of another domain, in another range."""
    return lambda shape: domain(shape).map(lambda x: x * factor + by)


inside = moved(real, 0.25)
above_one = moved(positive, by=1)
# Of both signs, and 1/16 or more away from -1, 0 and 1.
outside = moved(real, 2)
# Away from the negative real numbers, where logarithms and roots jump.
right_half = moved(complexes, 0.25, by=1.5)


@st.composite
def choosing(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3)).input_shapes
    condition = draw(hnp.arrays(bool, drawn[0]))
    domain = draw(st.sampled_from([real, complexes]))
    return Case(lambda x, y: np.where(condition, x, y), tuple(draw(domain(shape)) for shape in drawn[1:]))


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
def scaling(draw):
    """A number times a whole power of two."""
    case = draw(elementwise(None))
    exponent = draw(hnp.arrays(np.int32, np.shape(case.arrays[0])[-1:], elements=st.integers(-2, 2)))
    return Case(lambda x: np.ldexp(x, exponent), case.arrays)


@st.composite
def dividing(draw, remainder):
    """Quotients away from whole numbers: dividends of k + 1/4, k + 3/4 times the divisor."""
    divisor = draw(st.sampled_from([1.0, -2.0, 3.0]))
    quarters = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3).flatmap(whole)) + 0.25
    return Case(remainder, (quarters * divisor, np.array(divisor)))


@st.composite
def interpolating(draw):
    """Points in order, places between and beyond them, away from both; real and complex values."""
    number = draw(st.integers(1, 4))
    points = np.arange(number) + draw(moved(between_reals, 1 / 16)((number,)))
    values = draw(draw(st.sampled_from([real, complexes]))((number,)))
    x = draw(st.sampled_from([(), (3,), (2, 2)]).flatmap(whole)) + 0.5
    shuffled = draw(st.permutations(range(number)))
    calls = [
        Case(np.interp, (x, points, values)),
        Case(lambda x, fp: np.interp(x, points, fp, left=1.5), (x, values)),
        Case(lambda x, right: np.interp(x, points, points, right=right), (x, np.array(-2.0))),
        Case(lambda x, xp, fp: np.interp(x, xp, fp, period=4.5), (x, points[shuffled], values)),
    ]
    return draw(st.sampled_from(calls))


@st.composite
def unwrapping(draw):
    p = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(moved(real, 3)))
    axis = draw(st.integers(-p.ndim, p.ndim - 1))
    options = draw(st.sampled_from([{}, {"axis": axis}, {"axis": axis, "period": 5.0}, {"discont": 4.0}]))
    return Case(partial(np.unwrap, **options), (p,))


@st.composite
def replacing(draw):
    """Finite numbers among NaN and infinities, which do not move."""
    x = draw(draw(st.sampled_from([real, complexes]))((3,)))
    replaced = [(np.nan, {}), (np.nan, {"nan": 2.0}), (np.inf, {"posinf": 1.0}), (-np.inf, {"neginf": -1.0})]
    held, options = draw(st.sampled_from(replaced))
    return Case(lambda x: np.nan_to_num(np.where([True, True, False], x, held), **options), (x,))


# Of the smallest dtype, which leaves that of the other argument.
signs = np.array([-1, 0, 1], np.float16).reshape(3, 1, 1, 1)

# By name, since NumPy has some functions under two.
analytic = {
    "exp": real,
    "exp2": real,
    "expm1": real,
    "sin": real,
    "cos": real,
    "sinh": real,
    "cosh": real,
    "tanh": real,
    "square": real,
    "sinc": real,
    "arcsinh": real,
    "arctan": real,
    "tan": inside,
    "arcsin": inside,
    "arccos": inside,
    "arctanh": inside,
    "arccosh": above_one,
    "log": positive,
    "log2": positive,
    "log10": positive,
    "log1p": positive,
    "sqrt": positive,
    "reciprocal": above_one,
    "negative": real,
    "positive": real,
}
of_real_numbers = {
    "cbrt": outside,
    "fabs": real,
    "deg2rad": real,
    "radians": real,
    "rad2deg": real,
    "degrees": real,
    "i0": real,
}
beyond_real = {
    np.emath.sqrt: outside,
    np.emath.log: outside,
    np.emath.log2: outside,
    np.emath.log10: outside,
    np.emath.arccos: outside,
    np.emath.arcsin: outside,
    np.emath.arctanh: outside,
}

CASES = {
    **{
        getattr(np, name): elementwise(getattr(np, name), domain) | elementwise(getattr(np, name), right_half)
        for name, domain in analytic.items()
    },
    **{getattr(np, name): elementwise(getattr(np, name), domain) for name, domain in of_real_numbers.items()},
    **{
        function: elementwise(function, domain) | elementwise(function, inside) | elementwise(function, right_half)
        for function, domain in beyond_real.items()
    },
    np.emath.sqrt: elementwise(np.emath.sqrt, outside) | elementwise(np.emath.sqrt, right_half),
    np.add: broadcasting(operator.add, real, real)
    | one_plain(operator.add, real, st.just(3))
    | broadcasting(np.add, real, complexes),
    np.subtract: broadcasting(np.subtract, real, real)
    | one_plain(operator.sub, real, st.just(3.5))
    | broadcasting(np.subtract, complexes, real),
    np.multiply: broadcasting(operator.mul, real, real)
    | one_plain(operator.mul, real, st.just(-2))
    | broadcasting(np.multiply, complexes, real)
    | broadcasting(np.multiply, complexes, complexes),
    np.divide: broadcasting(operator.truediv, real, positive)
    | one_plain(operator.truediv, positive, st.just(2))
    | broadcasting(np.divide, real, right_half)
    | broadcasting(np.divide, complexes, positive),
    np.power: broadcasting(operator.pow, positive, real)
    | broadcasting(operator.pow, positive, whole)
    | one_plain(operator.pow, positive, st.sampled_from([3, 2.5, 1]))
    | st.sampled_from([0, 1, 2, 3, 4]).flatmap(lambda n: elementwise(lambda x: x**n))
    | st.sampled_from([-1, -2.0, 0.0, 3.0]).flatmap(lambda n: elementwise(lambda x: np.power(x, n)))
    | broadcasting(np.power, right_half, complexes)
    | broadcasting(np.power, positive, complexes)
    | st.sampled_from([-2.0, -1, 3, 0.5j]).flatmap(lambda n: elementwise(lambda x: n**x, complexes))
    | st.sampled_from([-2, 3, 0.5]).flatmap(lambda n: elementwise(lambda x: x**n, right_half)),
    np.float_power: broadcasting(np.float_power, positive, real)
    | broadcasting(np.float_power, positive, whole)
    | broadcasting(np.float_power, right_half, complexes),
    np.emath.logn: broadcasting(np.emath.logn, moved(positive, by=1.5), outside),
    np.emath.power: broadcasting(np.emath.power, outside, real) | broadcasting(np.emath.power, right_half, complexes),
    np.logaddexp: broadcasting(np.logaddexp, real, real),
    np.logaddexp2: broadcasting(np.logaddexp2, real, real),
    np.hypot: broadcasting(np.hypot, real, real),
    np.arctan2: broadcasting(np.arctan2, outside, outside),
    np.maximum: broadcasting(np.maximum, real, between_reals)
    | broadcasting(np.maximum, complexes, moved(complexes, 2)),
    np.minimum: broadcasting(np.minimum, real, between_reals)
    | broadcasting(np.minimum, complexes, moved(complexes, 2)),
    np.fmax: broadcasting(np.fmax, real, between_reals) | one_plain(np.fmax, real, st.just(np.nan)),
    np.fmin: broadcasting(np.fmin, real, between_reals) | one_plain(np.fmin, real, st.just(np.nan)),
    np.heaviside: elementwise(lambda x: np.heaviside(signs, x)),
    np.where: choosing(),
    np.clip: clipping(),
    np.absolute: elementwise(abs) | elementwise(abs, complexes),
    np.conjugate: elementwise(np.conjugate, complexes) | elementwise(np.conj),
    np.real: elementwise(np.real, complexes) | elementwise(np.real),
    np.imag: elementwise(np.imag, complexes),
    np.sign: elementwise(np.sign, complexes),
    complex_sign: elementwise(complex_sign, complexes),
    np.angle: elementwise(np.angle, complexes) | elementwise(lambda z: np.angle(z, deg=True), right_half),
    np.real_if_close: elementwise(np.real_if_close, complexes)
    | elementwise(lambda x: np.real_if_close(x + 1e-15j))
    | elementwise(lambda z: np.real_if_close(z, tol=0.5), complexes),
    np.nan_to_num: replacing(),
    np.remainder: dividing(np.remainder),
    np.fmod: dividing(np.fmod),
    np.divmod: dividing(lambda x, y: np.divmod(x, y)[1]),
    np.modf: elementwise(lambda x: np.modf(x)[0]),
    fractional_part: elementwise(fractional_part),
    np.frexp: elementwise(lambda x: np.frexp(x)[0], moved(real, by=4.25)),
    np.ldexp: scaling(),
    np.copysign: broadcasting(np.copysign, real, distinct),
    np.nextafter: broadcasting(np.nextafter, real, outside),
    np.unwrap: unwrapping(),
    np.interp: interpolating(),
    i0_derivative: elementwise(partial(i0_derivative, order=1)) | elementwise(partial(i0_derivative, order=2)),
    quotient: st.sampled_from(
        [(SINE, complexes), (SINE, outside), (EXPM1, complexes), (EXPM1, outside), (LOG1P, inside)]
    ).flatmap(lambda pair: elementwise(partial(quotient, numerator=pair[0], order=1), pair[1])),
}
