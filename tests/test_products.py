"""Products of vectors and matrices, and contractions: what the cases of the registry do not draw."""

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.graph import ancestors
from micrograd_nd.testing import check_gradients


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (np.inner, [(2, 0), (3, 0)]),
        (np.matmul, [(2, 3, 0), (0, 4)]),
        (np.matmul, [(0, 3, 2), (2, 4)]),
        (np.vecdot, [(2, 0), (2, 0)]),
        (np.kron, [(0, 2), (2,)]),
        (lambda a, b: np.tensordot(a, b, 1), [(2, 0), (0, 3)]),
        (lambda a, b: np.einsum("ij,jk", a, b), [(2, 0), (0, 3)]),
    ],
)
def test_what_is_made_of_nothing_is_what_numpy_makes_of_it(function, shapes):
    arrays = [np.ones(shape) for shape in shapes]
    np.testing.assert_array_equal(function(*map(mg.Tensor, arrays)).numpy(), function(*arrays))
    grads = mg.grad(lambda *xs: np.sum(function(*xs)), (0, 1))(*arrays)
    assert [g.shape for g in grads] == shapes


def test_a_product_of_vectors_is_a_number():
    v = mg.Tensor([1.0, 2.0])
    for function in (np.vdot, np.inner, np.vecdot, np.dot, lambda a, b: np.tensordot(a, b, 1)):
        assert type(function(v, v).node.out) is np.float64
    assert type(np.einsum("i->", v).node.out) is np.float64


def test_vdot_conjugates_its_first_argument_and_dot_none():
    a, b = np.array([1 + 2j, 3j]), np.array([2 - 1j, 1 + 1j])
    by_first, by_second = mg.grad(lambda a, b: np.real(np.vdot(a, b)), (0, 1))(a, b)
    np.testing.assert_array_equal(by_first, np.conjugate(b))
    np.testing.assert_array_equal(by_second, np.conjugate(a))
    np.testing.assert_array_equal(mg.grad(lambda a: np.real(np.dot(a, b)))(a), b)


def test_one_matrix_for_a_whole_stack_gets_the_sum_of_the_derivatives():
    x, w = np.arange(24.0).reshape(2, 3, 4), np.arange(20.0).reshape(4, 5)
    got = mg.grad(lambda w: np.sum(np.square(x @ w)))(w)
    np.testing.assert_allclose(got, sum(2 * page.T @ (page @ w) for page in x))


@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors")
def test_the_cross_product_of_vectors_in_a_plane_has_one_component():
    a, b = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([4.0, -1.0])
    np.testing.assert_array_equal(np.cross(mg.Tensor(a), b).numpy(), np.cross(a, b))
    three = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(np.cross(mg.Tensor(b), three).numpy(), np.cross(b, three))
    check_gradients(np.cross, a, b)
    check_gradients(np.cross, b, three)


def test_products_refuse_what_they_are_not_defined_for():
    a = mg.Tensor(np.eye(2))
    with pytest.raises(ValueError, match="3 or 2 components; got 4"):
        np.cross(mg.Tensor(np.ones(4)), np.ones(3))
    with pytest.raises(ValueError, match="takes vectors of 3 components; got 2 and 2"):
        np.linalg.cross(a, a)
    with pytest.raises(ValueError, match=r"takes two vectors; got shapes \(2, 2\) and \(2, 2\)"):
        np.linalg.outer(a, a)
    with pytest.raises(ValueError, match="two arrays or more; got 1"):
        np.linalg.multi_dot([a])
    with pytest.raises(ValueError, match="takes matrices, the first and the last may be vectors"):
        np.linalg.multi_dot([a, mg.Tensor([1.0, 2.0]), a])
    with pytest.raises(TypeError, match=r"np\.matmul on Tensors takes no options; got axes="):
        np.matmul(a, a, axes=[(0, 1)] * 3)


def test_a_matrix_to_the_power_zero_does_not_depend_on_it():
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(np.linalg.matrix_power(mg.Tensor(a), 0), np.eye(2))
    assert not mg.grad(lambda a: np.sum(np.linalg.matrix_power(a, 0)))(a).any()


def test_a_chain_of_matrices_is_multiplied_in_the_cheapest_order():
    a, b, c = (mg.Tensor(np.ones(shape)) for shape in ((50, 2), (2, 50), (50, 3)))
    result = np.linalg.multi_dot([a, b, c])
    assert [node.out.shape for node in ancestors(result.node) if node.primitive] == [(2, 3), (50, 3)]


# Contractions


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ii->", [(3, 3)]),
        ("ii->i", [(3, 3)]),
        ("iij->ij", [(2, 2, 3)]),
        ("iii", [(2, 2, 2)]),
        ("ijij,j->i", [(2, 3, 2, 3), (3,)]),
        ("ij,k->i", [(2, 3), (2,)]),
        ("ii,i->i", [(1, 1), (3,)]),
        ("i,i->", [(1,), (3,)]),
        ("ij,jk->ik", [(2, 1), (3, 2)]),
        ("->", [()]),
        (",ij->ji", [(), (2, 3)]),
        ("i,i,i->", [(1,), (1,), (3,)]),
        ("...ij,...jk->...ik", [(4, 2, 3), (3, 2)]),
    ],
)
@pytest.mark.parametrize("optimize", [False, True])
def test_diagonals_lost_axes_and_axes_of_length_one_are_differentiated_rightly(subscripts, shapes, optimize):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape) for shape in shapes]
    check_gradients(lambda *xs: np.einsum(subscripts, *xs, optimize=optimize), *arrays, every_element=True)


def test_a_result_that_is_not_written_out_has_its_letters_in_order():
    a = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(np.einsum("ji", mg.Tensor(a)).numpy(), a.T)
    np.testing.assert_array_equal(np.einsum(mg.Tensor(a), [7, 2]).numpy(), a.T)
    stack = np.arange(12.0).reshape(2, 2, 3)
    np.testing.assert_array_equal(np.einsum("b...a", mg.Tensor(stack)).numpy(), np.einsum("b...a", stack))


def test_many_arrays_are_contracted_two_at_a_time():
    a, b, c = (mg.Tensor(np.ones(shape)) for shape in ((50, 2), (2, 50), (50, 3)))
    for result in (np.einsum("ij,jk,kl", a, b, c), np.einsum(a, [0, 1], b, [1, 2], c, [2, 3], optimize="optimal")):
        assert [node.out.shape for node in ancestors(result.node) if node.primitive] == [(2, 3), (50, 3)]
    path = ["einsum_path", (0, 1), (0, 1)]
    result = np.einsum("ij,jk,kl", a, b, c, optimize=path)
    assert [node.out.shape for node in ancestors(result.node) if node.primitive] == [(50, 50), (50, 3)]


def test_a_large_contraction_is_differentiated_at_the_speed_of_matrix_products():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 60, 60))
    by_a, by_b = mg.grad(lambda a, b: np.sum(np.einsum("ij,jk->ik", a, b) ** 2), (0, 1))(a, b)
    np.testing.assert_allclose(by_a, 2 * (a @ b) @ b.T)
    np.testing.assert_allclose(by_b, 2 * a.T @ (a @ b))


def test_einsum_refuses_what_numpy_refuses():
    a = mg.Tensor(np.eye(2))
    with pytest.raises(ValueError, match="are of 2 arrays; got 1"):
        np.einsum("ij,jk", a)
    with pytest.raises(ValueError, match=r"must have the '\.\.\.'"):
        np.einsum("...->", a)
    with pytest.raises(ValueError, match="have more letters than arrays"):
        np.einsum("ijk...", a)
    with pytest.raises(TypeError, match=r"np\.einsum on Tensors takes operands, optimize, dtype"):
        np.einsum("ij", a, casting="no")
    with pytest.raises(TypeError, match="takes subscripts"):
        np.einsum(a)


def test_a_dtype_of_an_einsum_is_that_of_the_sum():
    x = mg.Tensor(np.ones(3, np.float32))
    total = np.einsum("i->", x, dtype=np.float64)
    assert total.dtype == np.float64
    total.backward()
    assert x.grad.dtype == np.float32


def test_tensordot_refuses_axes_that_are_not_there():
    a = mg.Tensor(np.eye(2))
    with pytest.raises((ValueError, IndexError)):
        np.tensordot(a, a, axes=5)
    with pytest.raises((ValueError, IndexError)):
        np.tensordot(a, a, axes=(3, 0))
