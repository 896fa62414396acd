"""Random programs, of up to twelve functions each, differentiated here and by JAX: the same numbers.

Optional: needs JAX; `make against-jax` installs it beside everything else and runs a thousand programs, about a second
each, and by itself this runs a hundred. A program is drawn while it runs on plain arrays, so that each step fits the
shapes and the domain.
"""

import os
from functools import partial

import numpy as np
import pytest

import micrograd_nd as mg

jax = pytest.importorskip("jax", reason="compares with JAX, which is not installed: pip install jax")
jnp = pytest.importorskip("jax.numpy")

PROGRAMS = int(os.environ.get("JAX_PROGRAMS", "100"))
BATCH, DEPTH = 25, 12
TOLERANCE = 1e-10
# Values are about 1. Where they change this much faster than the arguments, rounding alone is more than the tolerance.
STEEP = 1e4


@pytest.fixture(autouse=True)
def _double_precision():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    with jax.disable_jit():  # which compiles less
        yield
    jax.config.update("jax_enable_x64", before)


# Steps: (xp, argument, *constants) -> result, where xp is NumPy or jax.numpy. The argument is first brought to a domain
# where the function is smooth and not steep.

DOMAINS = {
    "any": lambda xp, a: a,
    "positive": lambda xp, a: 0.6 + a * a,
    "unit": lambda xp, a: 0.8 * xp.sin(a),
    "above one": lambda xp, a: 1.4 + a * a,
    "not zero": lambda xp, a: xp.where(a > 0, a + 0.7, a - 0.7),
}

ELEMENTWISE = {
    "any": (
        "sin cos tanh sinh cosh arctan arcsinh exp exp2 expm1 square negative positive sinc absolute fabs "
        "logaddexp_self nan_to_num i0 conj real round floor sign"
    ),
    "positive": "log log2 log10 log1p sqrt cbrt reciprocal power_self",
    "unit": "arcsin arccos arctanh tan",
    "above one": "arccosh float_power_self",
    "not zero": "reciprocal deg2rad rad2deg radians degrees",
}

SPECIAL = {
    "logaddexp_self": lambda xp, a: xp.logaddexp(a, 0.3 - a),
    "power_self": lambda xp, a: xp.power(a, 0.5 * a),
    "float_power_self": lambda xp, a: xp.float_power(a, 1.5),
}

PAIRS = {
    "add": "any",
    "subtract": "any",
    "multiply": "any",
    "maximum": "any",
    "minimum": "any",
    "fmax": "any",
    "fmin": "any",
    "arctan2": "not zero",
    "hypot": "not zero",
    "divide": "not zero",
    "logaddexp": "any",
    "logaddexp2": "any",
    "copysign": "not zero",
    "power": "positive",
}


def unary(name):
    return SPECIAL.get(name, lambda xp, a: getattr(xp, name)(a))


def draw_elementwise(rng, a):
    domain = rng.choice(list(ELEMENTWISE))
    name = rng.choice(ELEMENTWISE[domain].split())
    return name, lambda xp, a: unary(name)(xp, DOMAINS[domain](xp, a))


def draw_pair(rng, a):
    name = rng.choice(list(PAIRS))
    other = rng.uniform(-2, 2, a.shape)
    twice = rng.uniform(0.5, 1.5, a.shape[-1:])
    domain = DOMAINS[PAIRS[name]]
    return name, lambda xp, a: getattr(xp, name)(domain(xp, a), domain(xp, xp.flip(a) * twice + other))


REDUCTIONS = "sum mean max min amax amin prod var std median ptp nansum nanmean nanmax nanprod nanvar"


def draw_reduction(rng, a):
    name = rng.choice(REDUCTIONS.split())
    axis = None if rng.random() < 0.3 else int(rng.integers(-a.ndim, a.ndim))
    if name == "std" and (a.size if axis is None else a.shape[axis]) == 1:
        name = "var"  # the root of zero has no derivative
    keepdims = bool(rng.random() < 0.5)
    apart = np.linspace(0, 3, a.size).reshape(a.shape)
    return name, lambda xp, a: getattr(xp, name)(a + apart, axis=axis, keepdims=keepdims)


OURS = "sigmoid softplus relu leaky_relu elu gelu silu logsumexp softmax log_softmax"


def draw_ours(rng, a):
    name = rng.choice(OURS.split())
    options = {"axis": -1} if "max" in name or "sum" in name else {}
    return name, lambda xp, a: getattr(mg if xp is np else jax.nn, name)(a + 0.05, **options)


def draw_move(rng, a):
    axis = int(rng.integers(-a.ndim, a.ndim))
    rows = rng.integers(0, a.shape[axis], 3)
    mask = rng.random(a.shape) < 0.6
    moves = {
        "reshape": lambda xp, a: xp.reshape(a, (-1,)),
        "ravel": lambda xp, a: xp.ravel(a),
        "transpose": lambda xp, a: xp.transpose(a),
        "swapaxes": lambda xp, a: xp.swapaxes(a, axis, 0),
        "moveaxis": lambda xp, a: xp.moveaxis(a, axis, 0),
        "expand_dims": lambda xp, a: xp.expand_dims(a, axis),
        "roll": lambda xp, a: xp.roll(a, 1, axis=axis),
        "flip": lambda xp, a: xp.flip(a, axis=axis),
        "tile": lambda xp, a: xp.tile(a, 2),
        "repeat": lambda xp, a: xp.repeat(a, 2, axis=axis),
        "take": lambda xp, a: xp.take(a, rows, axis=axis),
        "getitem": lambda xp, a: a[::-1],
        "newaxis": lambda xp, a: a[..., None, ::2],
        "concatenate": lambda xp, a: xp.concatenate([a, 2 * a], axis=axis),
        "stack": lambda xp, a: xp.stack([a, a * a], axis=axis),
        "vstack": lambda xp, a: xp.vstack([a, xp.sin(a)]),
        "hstack": lambda xp, a: xp.hstack([a, a]),
        "where": lambda xp, a: xp.where(mask, a, 0.5 * a * a),
        "clip": lambda xp, a: xp.clip(a, -0.7, 0.9),
        "pad": lambda xp, a: xp.pad(a, 1),
        "diff": lambda xp, a: xp.diff(xp.concatenate([a, 2 * a, a], axis=axis), axis=axis),
        "cumsum": lambda xp, a: xp.cumsum(a, axis=axis),
        "cumprod": lambda xp, a: xp.cumprod(0.5 + 0.4 * xp.sin(a), axis=axis),
        "sort": lambda xp, a: xp.sort(a + np.linspace(0, 1, a.size).reshape(a.shape), axis=axis),
        "tril": lambda xp, a: xp.tril(a[..., None] * a[..., None, :]),
        "diagonal": lambda xp, a: xp.diagonal(a[..., None] * a[..., None, :], axis1=-2, axis2=-1),
        "trace": lambda xp, a: xp.trace(a[..., None] * xp.sin(a)[..., None, :], axis1=-2, axis2=-1),
        "split": lambda xp, a: xp.array_split(a, 2, axis=axis)[0],
        "rot90": lambda xp, a: xp.rot90(xp.atleast_2d(a)),
        "atleast_3d": lambda xp, a: xp.atleast_3d(a),
        "broadcast_to": lambda xp, a: xp.broadcast_to(a, (2, *a.shape)),
        "gradient": lambda xp, a: xp.gradient(xp.concatenate([a, xp.cos(a)], axis=axis), axis=axis),
        "squeeze": lambda xp, a: xp.squeeze(a[None], axis=0),
    }
    name = rng.choice(list(moves))
    return name, moves[name]


def square(xp, a):
    """A well-conditioned matrix made of any array."""
    row = xp.ravel(a)[:3]
    n = row.shape[0]
    return xp.outer(row, xp.sin(row)) * 0.3 + 2 * np.eye(n) + 0.2 * np.arange(n * n).reshape(n, n) / n**2


def symmetric(xp, a):
    matrix = square(xp, a)
    return (matrix + matrix.T) / 2 + np.diag(np.arange(matrix.shape[0]) * 3.0)


def draw_product(rng, a):
    other = rng.uniform(-1, 1, (a.shape[-1], 2))
    vector = rng.uniform(-1, 1, a.shape[-1])
    products = {
        "matmul": lambda xp, a: a @ other,
        "dot": lambda xp, a: xp.dot(a, vector),
        "outer": lambda xp, a: xp.outer(xp.ravel(a)[:3], vector),
        "inner": lambda xp, a: xp.inner(a, xp.sin(a)),
        "vdot": lambda xp, a: xp.vdot(a, xp.cos(a)),
        "tensordot": lambda xp, a: xp.tensordot(a, other, axes=1),
        "einsum": lambda xp, a: xp.einsum("...i,ij->...j", a, other),
        "einsum, squared": lambda xp, a: xp.einsum("...i,...i->...", a, a),
        "kron": lambda xp, a: xp.kron(xp.ravel(a)[:2], xp.ravel(a)[:2] * vector[0]),
        "cross": lambda xp, a: xp.cross(xp.ravel(square(xp, a))[:1] * np.arange(3.0), np.ones(3) * xp.ravel(a)[0]),
        "inv": lambda xp, a: xp.linalg.inv(square(xp, a)),
        "det": lambda xp, a: xp.linalg.det(square(xp, a)),
        "slogdet": lambda xp, a: xp.linalg.slogdet(square(xp, a))[1],
        "solve": lambda xp, a: xp.linalg.solve(square(xp, a), xp.ravel(a)[:3]),
        "cholesky": lambda xp, a: xp.linalg.cholesky(square(xp, a) @ square(xp, a).T),
        "norm": lambda xp, a: xp.linalg.norm(a + 0.1, axis=-1),
        "norm, Frobenius": lambda xp, a: xp.linalg.norm(square(xp, a)),
        "matrix_power": lambda xp, a: xp.linalg.matrix_power(square(xp, a), 3) / 20,
        "eigvalsh": lambda xp, a: xp.linalg.eigvalsh(symmetric(xp, a)),
        "eigh": lambda xp, a: xp.abs(xp.linalg.eigh(symmetric(xp, a))[1] + 0.01),
        "svd": lambda xp, a: xp.linalg.svd(symmetric(xp, a), compute_uv=False),
        "qr": lambda xp, a: xp.abs(xp.linalg.qr(square(xp, a))[1]),
        "pinv": lambda xp, a: xp.linalg.pinv(square(xp, a)),
        "fft": lambda xp, a: xp.real(xp.fft.fft(a)),
        "rfft": lambda xp, a: xp.abs(xp.fft.rfft(a) + (2 + 1j)),
        "irfft": lambda xp, a: xp.fft.irfft(a * (1 + 0.5j), n=4),
        "ifft2": lambda xp, a: xp.imag(xp.fft.ifft2(xp.atleast_2d(a) * 1j)),
        "angle": lambda xp, a: xp.angle(1.5 + 0.3j * a),
        "complex": lambda xp, a: xp.real(xp.exp(1j * a) * xp.conj(1 + 1j * a)),
    }
    name = rng.choice(list(products))
    return name, products[name]


KINDS = [draw_elementwise, draw_elementwise, draw_pair, draw_reduction, draw_ours, draw_move, draw_move, draw_product]


SHAPES = [(2, 3), (6,), (3, 1, 2)]


def bounded(rng, value):
    """Scale large values by a constant, and go on with six elements: JAX compiles each function for each new shape."""
    scale = max(1.0, np.max(np.abs(value)) / 1.5)
    six = np.arange(6) % value.size
    shape = SHAPES[rng.integers(len(SHAPES))]
    return lambda xp, a: xp.reshape(xp.ravel(a)[six], shape) / scale


def draw_program(rng):
    """Names and steps of a program for arguments of shapes (3,) and (2, 3)."""
    names, steps = [], []
    value = rng.uniform(-1, 1, (2, 3))
    length = rng.integers(3, DEPTH + 1)
    while len(names) < length:
        name, step = KINDS[rng.integers(len(KINDS))](rng, value)
        try:
            result = np.asarray(step(np, value), dtype=float)
        except (ValueError, np.linalg.LinAlgError, IndexError):
            continue  # does not fit this shape
        if np.all(np.isfinite(result)) and result.size:
            scale = bounded(rng, result)
            names, steps, value = [*names, name], [*steps, step, scale], scale(np, result)
    weights = rng.uniform(0.5, 1.5, value.shape)

    def run(xp, x, y):
        a = x * 0.7 + y
        for step in steps:
            a = step(xp, a)
        return xp.sum(weights * a)

    return names, run


def agree(ours, theirs):
    theirs = [np.asarray(t) for t in theirs]
    size = max(1e-3, *(np.max(np.abs(t)) for t in theirs))
    return max(np.max(np.abs(o - t)) for o, t in zip(ours, theirs, strict=True)) / size


def along(gradient, xp, directions):
    """The derivative along a direction, as a function to differentiate again."""

    def slope(*arguments):
        return sum(xp.sum(g * v) for g, v in zip(gradient(*arguments), directions, strict=True))

    return slope


@pytest.mark.parametrize("batch", range(-(-PROGRAMS // BATCH)))
@pytest.mark.filterwarnings("ignore")
def test_random_programs_have_the_derivatives_that_jax_finds(batch):
    rng = np.random.default_rng(batch)
    compared = 0
    while compared < BATCH:
        names, run = draw_program(rng)
        about = f"program {compared} of batch {batch}: {', '.join(names)}"
        at, directions = ([rng.uniform(-1, 1, shape) for shape in ((3,), (2, 3))] for _ in range(2))
        ours, theirs = mg.grad(partial(run, np), (0, 1)), jax.grad(partial(run, jnp), (0, 1))
        if max(np.max(np.abs(g)) for g in ours(*at)) > STEEP:
            continue
        compared += 1
        assert agree(ours(*at), theirs(*at)) < TOLERANCE, about
        second = mg.grad(along(ours, np, directions), (0, 1)), jax.grad(along(theirs, jnp, directions), (0, 1))
        assert agree(*(gradient(*at) for gradient in second)) < TOLERANCE, f"second order, {about}"
