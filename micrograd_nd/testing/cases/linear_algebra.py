"""Cases of np.linalg: of matrices that are well away from singular ones, and from equal eigenvalues."""

from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.rules.determinants import sign_and_logarithm
from micrograd_nd.rules.eigenvalues import packed_eig, packed_eigh
from micrograd_nd.rules.factorizations import packed_qr
from micrograd_nd.rules.linear_systems import least_squares, pseudo_inverse
from micrograd_nd.rules.norms import root_of_powers
from micrograd_nd.rules.singular_values import packed_svd
from micrograd_nd.testing.cases.drawing import Case, positive
from micrograd_nd.testing.cases.products import numbers, sides

stacks = st.sampled_from([(), (2,)])


def adjoint(a):
    return np.conjugate(np.swapaxes(a, -1, -2))


@st.composite
def near(draw, matrix, stack=None):
    """Matrices, real or complex, near the one that is given."""
    stack = draw(stacks) if stack is None else stack
    return matrix + draw(numbers((*stack, *matrix.shape))) / 16


def diagonal(m, n=None):
    """A matrix whose eigenvalues, and singular values, are well apart."""
    return np.eye(m, n or m) * np.array([3.0, 1.5, 5.0])[: n or m]


squares = sides.flatmap(lambda n: near(diagonal(n)))
oblongs = st.tuples(sides, sides).flatmap(lambda shape: near(diagonal(*shape)))


def of(matrices, function):
    return matrices.map(lambda a: Case(function, (a,)))


# Determinants, inverses, equations


@st.composite
def any_squares(draw):
    """Matrices that may have no inverse: equal rows are drawn often enough."""
    n = draw(sides)
    x = draw(numbers((*draw(stacks), n, n)))
    return x[..., :1, :] * np.ones((n, 1)) if draw(st.booleans()) else x


@st.composite
def solving(draw, function):
    """One right-hand side, several, and stacks that broadcast."""
    n = draw(sides)
    a = draw(near(diagonal(n)))
    shapes = [(n,), (n, 2)] if a.ndim == 2 else [(n,), (n, 2), (2, n, 1), (1, n, 2)]
    return Case(function, (a, draw(numbers(draw(st.sampled_from(shapes))))))


@st.composite
def inverting_tensors(draw):
    ind = draw(st.integers(1, 2))
    a = draw(near(diagonal(2), stack=()))
    return Case(partial(np.linalg.tensorinv, ind=ind), (np.reshape(a, (1, 2, 2) if ind == 2 else (2, 1, 2)),))


@st.composite
def solving_tensors(draw):
    a, b = draw(near(diagonal(2), stack=())), draw(numbers((1, 2)))
    if draw(st.booleans()):
        return Case(np.linalg.tensorsolve, (np.reshape(a, (1, 2, 2, 1)), b))
    return Case(lambda a, b: np.linalg.tensorsolve(a, b, axes=(0,)), (np.reshape(a, (2, 1, 2)), b))


@st.composite
def pseudo_inverting(draw):
    """Of full rank, of rank one wherever the arguments move, and Hermitian."""
    if draw(st.booleans()):
        options = draw(st.sampled_from([{}, {"rcond": 1e-3}, {"rtol": 1e-3}, {"rtol": None}]))
        return Case(partial(np.linalg.pinv, **options), (draw(oblongs),))
    if draw(st.booleans()):
        return Case(partial(np.linalg.pinv, hermitian=True), (draw(squares),))
    a, b = draw(sides), draw(sides)
    return Case(
        lambda x, y: np.linalg.pinv(x @ y, rcond=1e-2), (draw(near(diagonal(a, 1))), draw(near(diagonal(1, b), ())))
    )


@st.composite
def least(draw):
    """More equations than unknowns, and less."""
    a = draw(st.tuples(sides, sides).flatmap(lambda shape: near(diagonal(*shape), stack=())))
    b = draw(numbers((a.shape[0],)) | numbers((a.shape[0], 2)))
    rcond = draw(st.sampled_from([None, 1e-3, -1]))

    def solve(a, b):
        x, residuals, _, s = np.linalg.lstsq(a, b, rcond=rcond)
        return x, residuals, s

    return Case(solve, (a, b))


# Factorisations


@st.composite
def hermitian(draw, function, *, upper=True):
    """A matrix of which either triangle is read; the other is another."""
    a = draw(squares)
    return Case(partial(function, UPLO=draw(st.sampled_from("LU"))) if upper else function, (a,))


@st.composite
def positive_definite(draw):
    upper = draw(st.booleans())
    return Case(lambda a: np.linalg.cholesky(a, upper=upper), (draw(squares),))


def whole_projection(vectors):
    """The projection on the space that columns span: it does not depend on the basis."""
    return vectors @ adjoint(vectors)


def each_projection(vectors):
    """The projections on each column: they do not depend on factors of length one."""
    return np.einsum("...ik,...jk->...kij", vectors, np.conjugate(vectors))


def eigenvectors_of_hermitian(a, UPLO="L"):
    w, v = np.linalg.eigh(a, UPLO)
    return w, each_projection(v), v @ (np.exp(w / 4)[..., None] * adjoint(v))


# Eigenvalues that are real, and pairs of complex ones.
SPECTRA = [diagonal(1), diagonal(2), diagonal(3), np.array([[1.0, 3.0], [-1.0, 1.0]])]


def eigenvalues(a):
    """Eigenvalues in an order that does not change when they move a little."""
    w = np.linalg.eigvals(a)
    return np.take_along_axis(w, np.argsort(np.real(w) + np.imag(w)), axis=-1)


def eigenvectors(a):
    """The same with eigenvectors, up to sign: their length, and their phase, count."""
    w, v = np.linalg.eig(a)
    order = np.argsort(np.real(w) + np.imag(w))
    squares = np.einsum("...ik,...jk->...ijk", v, v)
    return np.take_along_axis(w, order, axis=-1), np.take_along_axis(squares, order[..., None, None, :], axis=-1)


general = st.sampled_from(SPECTRA).flatmap(near)


@st.composite
def triangular(draw):
    mode = draw(st.sampled_from(["reduced", "r", "complete"]))

    def factors(a):
        if mode != "complete":
            return np.linalg.qr(a, mode=mode)
        q, r = np.linalg.qr(a, mode="complete")
        k = min(a.shape[-2:])
        return q[..., :k], whole_projection(q[..., k:]), r

    return Case(factors, (draw(oblongs),))


@st.composite
def singular(draw):
    """What does not depend on the choice of the factors: each of the products of a left and a right vector."""
    options = draw(st.sampled_from([{}, {"full_matrices": False}, {"hermitian": True}, {"compute_uv": False}]))
    a = draw(squares if "hermitian" in options else oblongs)
    if options.get("hermitian"):
        options = {"hermitian": True, "compute_uv": draw(st.booleans())}

    def factors(a):
        found = np.linalg.svd(a, **options)
        if not isinstance(found, tuple):
            return found
        u, s, vh = found
        k = s.shape[-1]
        pairs = np.einsum("...ik,...kj->...kij", u[..., :k], vh[..., :k, :])
        return s, pairs, whole_projection(u[..., k:]), whole_projection(adjoint(vh[..., k:, :]))

    return Case(factors, (a,))


# Norms


@st.composite
def signed(draw, sizes):
    """Numbers of the sizes that are given, in any direction."""
    if draw(st.booleans()):
        return sizes * draw(hnp.arrays(np.int8, sizes.shape, elements=st.sampled_from([-1, 1])))
    turns = draw(hnp.arrays(np.int8, sizes.shape, elements=st.integers(1, 5)))
    return sizes * np.exp(1j * turns)


@st.composite
def apart(draw, shape):
    """Numbers whose sizes are well apart, and those of their sums along either of the last two axes."""
    steps = np.reshape(np.arange(np.prod(shape)), shape) ** 2
    return draw(signed(draw(positive(shape)) / 4 + 1 + steps))


VECTOR_ORDERS = [None, 2, 1, np.inf, -np.inf, 3, 2.5, 1.5, 0.5, -1]
MATRIX_ORDERS = [None, "fro", 1, -1, np.inf, -np.inf]
SPECTRAL = [2, -2, "nuc"]


@st.composite
def norms(draw):
    keepdims = draw(st.booleans())
    kind = draw(st.sampled_from(["all", "vectors", "matrices", "spectral"]))
    if kind == "all":
        x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(numbers))
        return Case(lambda a: np.linalg.norm(a, keepdims=keepdims), (x,))
    if kind == "spectral":
        x, axes = draw(oblongs), draw(st.sampled_from([(0, 1), (-1, -2)]))
        x = x if x.ndim == 2 else np.moveaxis(x, 0, -1) if axes == (0, 1) else x
        order = draw(st.sampled_from(SPECTRAL))
        return Case(lambda a: np.linalg.norm(a, order, axis=axes, keepdims=keepdims), (x,))
    x = draw(hnp.array_shapes(min_dims=2, max_dims=3, max_side=3).flatmap(apart))
    if kind == "vectors":
        order, axis = draw(st.sampled_from(VECTOR_ORDERS)), draw(st.integers(-x.ndim, x.ndim - 1))
    else:
        order, axis = draw(st.sampled_from(MATRIX_ORDERS)), draw(st.permutations(range(x.ndim)).map(lambda p: p[:2]))
        axis = tuple(axis)
    return Case(lambda a: np.linalg.norm(a, ord=order, axis=axis, keepdims=keepdims), (x,))


@st.composite
def vector_norms(draw):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(apart))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1) | hnp.valid_tuple_axes(x.ndim, min_size=1))
    order, keepdims = draw(st.sampled_from(VECTOR_ORDERS[1:])), draw(st.booleans())
    return Case(lambda a: np.linalg.vector_norm(a, ord=order, axis=axis, keepdims=keepdims), (x,))


@st.composite
def matrix_norms(draw):
    order, keepdims = draw(st.sampled_from(MATRIX_ORDERS[1:] + SPECTRAL)), draw(st.booleans())
    matrices = oblongs if order in SPECTRAL else hnp.array_shapes(min_dims=2, max_dims=3, max_side=3).flatmap(apart)
    return Case(lambda a: np.linalg.matrix_norm(a, ord=order, keepdims=keepdims), (draw(matrices),))


@st.composite
def conditions(draw):
    order = draw(st.sampled_from([None, 2, -2, "fro", "nuc", 1, np.inf]))
    matrices = squares.filter(lambda a: a.shape[-1] > 1)
    if order not in (None, 2, -2):  # of complex matrices NumPy 2.0 gives these as complex numbers
        matrices = matrices.filter(np.isrealobj)
    return Case(lambda a: np.linalg.cond(a, order), (draw(matrices),))


CASES = {
    np.linalg.inv: of(squares, np.linalg.inv),
    np.linalg.solve: solving(np.linalg.solve),
    np.linalg.tensorinv: inverting_tensors(),
    np.linalg.tensorsolve: solving_tensors(),
    np.linalg.pinv: pseudo_inverting(),
    pseudo_inverse: pseudo_inverting(),
    np.linalg.lstsq: least(),
    least_squares: least(),
    np.linalg.det: of(any_squares(), np.linalg.det),
    np.linalg.slogdet: of(squares, np.linalg.slogdet),
    sign_and_logarithm: of(squares, np.linalg.slogdet),
    np.linalg.cholesky: positive_definite(),
    np.linalg.qr: triangular(),
    packed_qr: triangular(),
    np.linalg.eigvalsh: hermitian(np.linalg.eigvalsh),
    np.linalg.eigh: hermitian(eigenvectors_of_hermitian),
    packed_eigh: hermitian(eigenvectors_of_hermitian),
    np.linalg.eigvals: of(general, eigenvalues),
    np.linalg.eig: of(general, eigenvectors),
    packed_eig: of(general, eigenvectors),
    np.linalg.svdvals: of(oblongs, np.linalg.svdvals),
    np.linalg.svd: singular(),
    packed_svd: singular(),
    np.linalg.norm: norms(),
    np.linalg.vector_norm: vector_norms(),
    root_of_powers: norms() | vector_norms(),
    np.linalg.matrix_norm: matrix_norms(),
    np.linalg.cond: conditions(),
}
