"""Functions with no derivative to take: comparisons, tests, steps, positions, shapes, and what is for integers alone.

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
constant(np.isfinite, np.isinf, np.isnan, np.isnat, np.isposinf, np.isneginf, np.signbit)
constant(np.isclose, np.allclose, np.array_equal, np.array_equiv, np.any, np.all, np.count_nonzero)
constant(np.floor, np.ceil, np.rint, np.trunc, np.fix, np.round, np.around, np.floor_divide, np.spacing)
constant(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_count, np.invert, np.left_shift, np.right_shift)
constant(np.gcd, np.lcm)
constant(np.argmax, np.argmin, np.argsort, np.argwhere, np.nonzero, np.flatnonzero, np.searchsorted, np.digitize)
constant(np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal)
constant(np.zeros_like, np.ones_like, np.empty_like)
