"""Fourier transforms: what the cases of the registry do not draw."""

import numpy as np
import pytest

import micrograd_nd as mg

REAL = [np.fft.rfft, np.fft.ihfft]
COMPLEX = [np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft]


@pytest.mark.parametrize("norm", [None, "backward", "ortho", "forward"])
@pytest.mark.parametrize("transform", [np.fft.fft, np.fft.ifft, np.fft.rfft])
def test_the_derivative_of_a_transform_is_its_matrix(transform, norm):
    n = 5
    matrix = transform(np.eye(n), norm=norm, axis=0)
    for k in range(len(matrix)):
        for part, row in ((np.real, matrix[k].real), (np.imag, matrix[k].imag)):
            got = mg.grad(lambda x, k=k, part=part: part(transform(x, norm=norm)[k]))(np.arange(float(n)))
            np.testing.assert_allclose(got, row, atol=1e-15)


@pytest.mark.parametrize("transform", REAL + COMPLEX)
@pytest.mark.parametrize("n", [None, 3, 4, 9])
def test_single_precision_stays_single(transform, n):
    x = np.ones(5, np.float32 if transform in REAL else np.complex64)
    expected = transform(x, n)
    result = transform(mg.Tensor(x), n)
    assert result.dtype == expected.dtype
    assert mg.grad(lambda x: np.sum(np.abs(transform(x, n)) ** 2))(x).dtype == x.dtype


def test_energy_is_kept_by_an_orthonormal_transform():
    x = np.array([1.0, -2.0, 0.5, 3.0])
    got = mg.grad(lambda x: np.sum(np.abs(np.fft.fft(x, norm="ortho")) ** 2))(x)
    np.testing.assert_allclose(got, 2 * x)


def test_imaginary_parts_that_a_real_result_ignores_have_no_derivative():
    half = np.array([1 + 1j, 2 - 1j, 3 + 2j])
    g = mg.grad(lambda h: np.sum(np.square(np.fft.irfft(h, 4))))(half)
    assert g[0].imag == g[2].imag == 0
    assert g[1].imag != 0


def test_transforms_along_an_axis_twice_are_what_numpy_computes():
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(np.fft.fftn(mg.Tensor(x), axes=(0, 0)).numpy(), np.fft.fftn(x, axes=(0, 0)))


def test_a_number_has_no_axes_to_transform_along():
    assert np.fft.fftn(mg.Tensor(2.0)).numpy() == np.fft.fftn(np.float64(2.0)) == 2


def test_transforms_of_no_rows_have_no_rows():
    for transform in (np.fft.fft, np.fft.rfft, np.fft.irfft, np.fft.fftn, np.fft.rfftn, np.fft.irfft2):
        x = np.zeros((0, 4, 3))
        options = {} if transform in (np.fft.fft, np.fft.rfft, np.fft.irfft) else {"axes": (1, 2)}
        assert transform(mg.Tensor(x), **options).shape == transform(x, **options).shape
        assert mg.grad(lambda x, f=transform, o=options: np.sum(np.abs(f(x, **o))))(x).shape == x.shape


def test_transforms_refuse_what_numpy_refuses():
    x = mg.Tensor(np.ones((2, 4)))
    with pytest.raises(ValueError, match="norm"):
        np.fft.fft(x, norm="bad")
    with pytest.raises(ValueError, match="norm"):
        np.fft.hfft(x, norm="bad")
    with pytest.raises(TypeError):
        np.fft.rfft(x * 1j)
    with pytest.raises(ValueError, match="2 lengths and 1 axes"):
        np.fft.fftn(x, s=(2, 3), axes=(1,))
    with pytest.raises(ValueError, match="data points"):
        np.fft.fft(x, 0)


def test_shifts_undo_each_other():
    x = np.arange(5.0)
    np.testing.assert_array_equal(np.fft.ifftshift(np.fft.fftshift(mg.Tensor(x))).numpy(), x)
    weights = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    np.testing.assert_array_equal(mg.grad(lambda x: np.sum(np.fft.fftshift(x) * weights))(x), np.fft.ifftshift(weights))
