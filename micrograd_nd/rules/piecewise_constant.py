"""Functions with no derivative to take: comparisons, tests, signs, positions, shapes.

In eager code they give plain arrays.
"""

import operator

import numpy as np

from micrograd_nd.primitives import constant

constant(
    np.equal,
    np.not_equal,
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
)
constant(np.logical_and, np.logical_or, np.logical_not, np.logical_xor)
constant(np.isfinite, np.isinf, np.isnan, np.signbit)
constant(np.isclose, np.allclose, np.array_equal, np.any, np.all, np.count_nonzero)
constant(np.sign, np.floor, np.ceil, np.rint, np.trunc, np.floor_divide)
constant(np.argmax, np.argmin, np.argsort, np.nonzero, np.flatnonzero)
constant(np.shape, np.ndim, np.size, np.result_type)
constant(np.zeros_like, np.ones_like, np.empty_like)
