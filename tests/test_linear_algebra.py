"""Linear algebra: results, conventions and degenerate matrices, which the cases of the registry do not draw."""

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.graph import ancestors
from micrograd_nd.testing import check_gradients

linalg = np.linalg


def random(*shape, dtype=float, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    return x if dtype is float else x + 1j * rng.normal(size=shape)


both_kinds = pytest.mark.parametrize("dtype", [float, complex])


# What comes back


@pytest.mark.parametrize("function", [linalg.eig, linalg.eigh, linalg.svd, linalg.qr, linalg.slogdet])
@both_kinds
def test_results_are_of_numpys_own_types_and_dtypes(function, dtype):
    a = random(2, 3, 3, dtype=dtype)
    theirs, ours = function(a), function(mg.Tensor(a))
    assert type(ours) is type(theirs)
    for name, x, y in zip(theirs._fields, ours, theirs, strict=True):
        assert getattr(ours, name) is x
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        np.testing.assert_allclose(x.numpy(), y, atol=1e-14)


def test_least_squares_gives_a_tuple_of_the_solution_what_is_left_the_rank_and_the_singular_values():
    for first, second in (((4, 2), (4,)), ((4, 2), (4, 3)), ((2, 4), (2,)), ((3, 3), (3,))):
        a, b = random(*first), random(*second, seed=1)
        ours, theirs = linalg.lstsq(mg.Tensor(a), b), linalg.lstsq(a, b)
        assert type(ours) is tuple
        for x, y in zip(ours, theirs, strict=True):
            assert np.shape(x) == np.shape(y)
            np.testing.assert_allclose(x.numpy() if type(x) is mg.Tensor else x, y, atol=1e-13)
        assert type(ours[2]) is type(theirs[2])


def test_the_rank_of_a_matrix_is_a_plain_number():
    assert linalg.matrix_rank(mg.Tensor([[1.0, 2.0], [2.0, 4.0]])) == 1


def test_one_factorisation_serves_all_of_its_results():
    a = mg.Tensor(random(3, 3))
    u, s, vh = linalg.svd(a)
    total = np.sum(u) + np.sum(s) + np.sum(vh)
    names = [node.primitive.name for node in ancestors(total.node) if node.primitive]
    assert names.count("packed_svd") == 1


# Hermitian matrices are read by one triangle


@both_kinds
@pytest.mark.parametrize("UPLO", ["L", "U"])
def test_the_derivative_by_a_hermitian_matrix_lies_in_the_triangle_that_is_read(UPLO, dtype):
    a = random(3, 3, dtype=dtype)
    unread = np.triu_indices(3, 1) if UPLO == "L" else np.tril_indices(3, -1)
    for f in (lambda a: linalg.eigvalsh(a, UPLO), lambda a: np.abs(linalg.eigh(a, UPLO)[1])):
        assert not mg.grad(lambda a, f=f: np.sum(f(a) ** 3))(a)[unread].any()
        check_gradients(f, a, every_element=True)
    a = a / 8 + 2 * np.eye(3)
    assert not mg.grad(lambda a: np.sum(np.abs(linalg.cholesky(a, upper=UPLO == "U"))))(a)[unread].any()
    check_gradients(lambda a: linalg.cholesky(a, upper=UPLO == "U"), a, every_element=True)


def test_for_what_is_symmetric_by_itself_it_makes_no_difference_which_triangle_is_read():
    x = random(3, 4)
    lower, upper = (mg.grad(lambda x, u=u: np.sum(linalg.eigvalsh(x @ x.T, u) ** 3))(x) for u in "LU")
    np.testing.assert_allclose(lower, upper)
    np.testing.assert_allclose(lower, 6 * (x @ x.T) @ (x @ x.T) @ x)


def test_eigenvalues_that_are_equal_have_a_derivative():
    for f in (linalg.eigvalsh, lambda a: linalg.eigh(a)[0], linalg.svdvals):
        np.testing.assert_array_equal(mg.grad(lambda a, f=f: np.sum(f(a) ** 2))(np.eye(3)), 2 * np.eye(3))
        np.testing.assert_allclose(np.sum(mg.jvp(f, (np.eye(3),), (np.diag([1.0, 2.0, 3.0]),))[1]), 6)


def test_eigenvectors_of_other_eigenvalues_have_a_derivative_where_some_are_equal():
    a = np.diag([1.0, 1.0, 2.0])

    def tilt(a):
        return linalg.eigh(a)[1][0, 2] * linalg.eigh(a)[1][2, 2]

    step = np.zeros((3, 3))
    step[2, 0] = 1e-6
    assert mg.grad(tilt)(a)[2, 0] == pytest.approx((tilt(a + step) - tilt(a - step)) / 2e-6)


def test_eigenvectors_of_equal_eigenvalues_do_not_pass_for_differentiable():
    def mixed(a):
        v = linalg.eigh(a)[1]
        return np.sum(v[:, 0] * np.array([1.0, 2.0, 3.0]))

    with pytest.warns(RuntimeWarning):
        g = mg.grad(mixed)(np.diag([1.0, 1.0, 2.0]))
    assert not np.all(np.isfinite(g))


# Eigenvectors as LAPACK makes them


@both_kinds
def test_eigenvectors_keep_their_length_and_the_phase_that_lapack_gives_them(dtype):
    a = np.array([[1.0, 3.0, 0.2], [-1.0, 1.0, 0.1], [0.3, 0.5, 4.0]]) + random(3, 3, dtype=dtype) / 32

    def pair(a):
        w, v = linalg.eig(a)
        return v[:, np.argsort(np.imag(w))[[0, 2]]]

    check_gradients(pair, a, every_element=True)
    np.testing.assert_allclose(mg.grad(lambda a: np.sum(np.abs(linalg.eig(a)[1]) ** 2))(a), 0, atol=1e-14)


def test_eigenvalues_of_a_large_matrix_are_matched_with_their_eigenvectors():
    a = random(200, 200) / 14
    weights = random(200, seed=1)
    step, t = random(200, 200, seed=2), 1e-7
    w = linalg.eigvals(a)

    def total(w_moved):
        order = [int(np.argmin(np.abs(w_moved - x))) for x in w]
        return np.sum(w_moved[order].real * weights)

    numerical = (total(linalg.eigvals(a + t * step)) - total(linalg.eigvals(a - t * step))) / (2 * t)
    analytic = np.sum(mg.grad(lambda a: np.sum(np.real(linalg.eigvals(a)) * weights))(a) * step)
    assert analytic == pytest.approx(numerical, rel=1e-4)


# Matrices without an inverse


def dependent(n, rank, seed=0):
    return random(n, rank, seed=seed) @ random(rank, n, seed=seed + 1)


@pytest.mark.parametrize(
    "a",
    [
        np.zeros((1, 1)),
        np.zeros((2, 2)),
        np.zeros((3, 3)),
        np.ones((3, 3)),
        dependent(3, 1),
        dependent(3, 2),
        dependent(4, 2),
        dependent(4, 3) + 1e-12 * np.eye(4),
        np.stack([dependent(3, 1), dependent(3, 2), random(3, 3)]),
    ],
)
def test_a_determinant_is_a_polynomial_also_where_it_is_zero(a):
    check_gradients(linalg.det, a)
    check_gradients(linalg.det, a + 1j * a[..., ::-1, :])


def test_the_third_derivative_of_a_determinant_that_is_zero_is_right():
    check_gradients(linalg.det, dependent(3, 1), order=3, modes=("reverse",))


def test_a_determinant_of_badly_scaled_rows_has_exact_derivatives():
    a = random(3, 3)
    scales = np.array([1e-9, 1.0, 1e9])
    got = mg.grad(linalg.det)(scales[:, None] * a)
    np.testing.assert_allclose(got, mg.grad(linalg.det)(a) / scales[:, None], rtol=1e-12)


def test_a_determinant_of_a_large_matrix_has_exact_derivatives():
    a = random(60, 60)
    np.testing.assert_allclose(mg.grad(linalg.det)(a), linalg.det(a) * linalg.inv(a).T)


def test_what_has_no_inverse_is_refused_where_one_is_needed():
    with pytest.raises(linalg.LinAlgError, match="Singular"):
        linalg.inv(mg.Tensor(np.zeros((2, 2))))
    with pytest.raises(linalg.LinAlgError, match="Singular"):
        mg.grad(lambda a: linalg.slogdet(a)[1])(np.zeros((2, 2)))


def test_a_pseudo_inverse_of_fixed_rank_is_differentiable():
    for rank in (1, 2):
        x, y = random(4, rank), random(rank, 3, seed=1)
        check_gradients(lambda x, y: linalg.pinv(x @ y, rcond=1e-6), x, y)
        check_gradients(lambda x, y, b: linalg.lstsq(x @ y, b, rcond=1e-6)[0], x, y, random(4, seed=2))


def test_the_condition_number_of_a_singular_matrix_by_its_singular_values_is_what_numpy_says():
    a = np.zeros((2, 2))
    a[0, 0] = 1
    assert linalg.cond(mg.Tensor(a)).numpy() == linalg.cond(a) == np.inf


# Vectors that only span a space


@both_kinds
@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (2, 4, 2)])
def test_full_matrices_have_derivatives_as_far_as_the_basis_does_not_matter(shape, dtype):
    def projections(a):
        u, s, vh = linalg.svd(a)
        k = s.shape[-1]
        left, right = u[..., k:], vh[..., k:, :]
        transposed = np.swapaxes
        return (
            left @ np.conjugate(transposed(left, -1, -2)),
            np.conjugate(transposed(right, -1, -2)) @ right,
        )

    check_gradients(projections, random(*shape, dtype=dtype))


def test_qr_has_its_modes_but_the_raw_one():
    a = random(3, 2)
    np.testing.assert_allclose(linalg.qr(mg.Tensor(a), mode="r").numpy(), linalg.qr(a, mode="r"))
    assert linalg.qr(mg.Tensor(a), mode="complete").Q.shape == (3, 3)
    with pytest.raises(ValueError, match="'reduced', 'complete' and 'r'; got 'raw'"):
        linalg.qr(mg.Tensor(a), mode="raw")


# Norms


@pytest.mark.parametrize("order", [None, 1, 2, 3, 1.5, np.inf])
def test_the_derivative_of_a_norm_at_zero_is_zero(order):
    np.testing.assert_array_equal(mg.grad(lambda x: linalg.norm(x, order))(np.zeros(3)), 0)
    np.testing.assert_array_equal(mg.grad(lambda x: linalg.norm(x, order))(np.zeros(3, complex)), 0)


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, 2, np.inf])
def test_the_derivative_of_a_norm_of_a_zero_matrix_is_zero(order):
    np.testing.assert_array_equal(mg.grad(lambda x: linalg.norm(x, order))(np.zeros((2, 3))), 0)


def test_rows_of_zeros_do_not_spoil_the_other_rows():
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(mg.grad(lambda x: np.sum(linalg.norm(x, axis=1)))(x), [[0, 0], [0.6, 0.8]])
    np.testing.assert_allclose(mg.hvp(lambda x: np.sum(linalg.norm(x[1:], axis=1)), (x,), (x,)), 0, atol=1e-15)


@pytest.mark.parametrize("order", [1.5, 2.5, 3, 4])
def test_single_zeros_have_the_derivative_zero_in_norms_of_higher_order(order):
    x = np.array([0.0, 1.0, -2.0])
    assert mg.grad(lambda x: linalg.norm(x, order))(x)[0] == 0
    assert np.all(np.isfinite(mg.hvp(lambda x: linalg.norm(x, order), (x,), (np.ones(3),))))


def test_the_number_of_elements_that_are_not_zero_is_a_plain_number():
    count = linalg.norm(mg.Tensor([0.0, 2.0, 3.0]), 0)
    assert type(count) is np.float64
    assert count == 2


def test_large_and_small_numbers_have_norms_with_exact_derivatives():
    for scale in (1e-150, 1e150):
        g = mg.grad(lambda x: linalg.norm(x, 3))(scale * np.array([3.0, 4.0]) ** (1 / 3) * 1e-50)
        assert np.all(np.isfinite(g))


def test_norms_refuse_orders_that_they_do_not_have():
    a = mg.Tensor(np.eye(2))
    for order in ("bad", 7):
        with pytest.raises(ValueError, match="norms of matrices are"):
            linalg.norm(a, order)
    with pytest.raises(ValueError, match="Invalid norm order 'fro' for vectors"):
        linalg.norm(a, "fro", axis=0)
    with pytest.raises(ValueError, match="Improper number of dimensions"):
        linalg.norm(mg.Tensor(np.ones((2, 2, 2))), 2)


# Nothing at all


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (linalg.inv, (2, 0, 0)),
        (linalg.det, (0, 0)),
        (lambda a: linalg.slogdet(a)[1], (0, 0)),
        (linalg.eigvalsh, (0, 2, 2)),
        (lambda a: linalg.eigh(a)[1], (0, 2, 2)),
        (linalg.eigvals, (0, 2, 2)),
        (linalg.svdvals, (0, 3)),
        (lambda a: linalg.svd(a)[0], (2, 0)),
        (lambda a: linalg.qr(a)[1], (0, 3, 2)),
        (linalg.cholesky, (0, 2, 2)),
        (linalg.pinv, (2, 0)),
        (linalg.norm, (0,)),
        (lambda a: linalg.lstsq(a, np.ones(3))[0], (3, 0)),
        (lambda a: linalg.solve(a, np.ones((0, 2))), (0, 0)),
    ],
)
def test_nothing_has_a_derivative_of_its_shape(function, shape):
    a = np.zeros(shape)
    assert function(mg.Tensor(a)).shape == np.shape(function(a))
    assert mg.grad(lambda a: np.sum(np.abs(function(a))))(a).shape == shape


def test_a_truncated_inverse_is_refused_in_both_modes():
    a, b = np.array([[3.3, 0.3], [0.3, 1.3], [0.3, 0.3]]), np.ones(3)
    for f in (lambda a: np.linalg.pinv(a, 0.5), lambda a: np.linalg.lstsq(a, b, rcond=0.5)[0]):
        for transform in (mg.jacobian(f), lambda a, f=f: mg.jvp(f, (a,), (a,))):
            with pytest.raises(np.linalg.LinAlgError, match="left out singular values that are not zero"):
                transform(a)
    assert mg.grad(lambda b: np.sum(np.linalg.lstsq([[2, 0], [0, 4]], b)[0]))(np.ones(2)).tolist() == [0.5, 0.25]
