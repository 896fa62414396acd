"""Rules of the Fourier transforms.

A transform is linear: its matrix is symmetric, so that the derivative is the same transform of the cotangent. Of a
transform of real numbers half the result is left out; what stands for two terms counts twice in the other direction.
An array that is cut off or filled up with zeros to the length `n` has a derivative that is filled up or cut off.
"""

import operator
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from micrograd_nd.primitives import composition, derivative
from micrograd_nd.rules.arguments import as_array

Axes = Sequence[int] | None
Norm = Literal["backward", "ortho", "forward"] | None

# Which of a pair of transforms is divided by the length: for the one, and for the other that undoes it.
OTHER_WAY: dict[Any, Norm] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def fitted(g: Any, length: int, axis: int) -> Any:
    """Cut off or fill up with zeros along an axis."""
    missing = length - g.shape[axis]
    if missing <= 0:
        return g[along(g.ndim, axis, slice(length))] if missing else g
    zeros = np.zeros(tuple(missing if i == axis % g.ndim else n for i, n in enumerate(g.shape)), g.dtype)
    return np.concatenate([g, zeros], axis=axis)


def along(ndim: int, axis: int, part: Any) -> tuple[Any, ...]:
    """Make the index that takes a part of one axis."""
    return tuple(part if i == axis % ndim else slice(None) for i in range(ndim))


def weighted(half: Any, length: int, axis: int, weight: float) -> Any:
    """Weigh the frequencies that stand for two: all but zero and, if there is one, the highest."""
    weights = np.full(half.shape[axis], weight, np.finfo(half.dtype).dtype)
    weights[0] = 1
    if length % 2 == 0:
        weights[-1] = 1
    return half * np.reshape(weights, [-1 if i == axis % half.ndim else 1 for i in range(half.ndim)])


def complex_rule(transform: Any) -> Any:
    """Make the rule of a transform of complex numbers."""

    def rule(g: Any, out: Any, a: Any, *, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
        return fitted(transform(g, None, axis, norm), a.shape[axis], axis)

    return rule


def rfft_rule(g: Any, out: Any, a: Any, *, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Differentiate the transform of real numbers: irfft, without its factor of two."""
    length = a.shape[axis] if n is None else n
    half = weighted(np.conjugate(g), length, axis, 0.5)
    return fitted(np.fft.irfft(half, length, axis, OTHER_WAY[norm]), a.shape[axis], axis)


def irfft_rule(g: Any, out: Any, a: Any, *, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Differentiate the transform to real numbers: rfft, with a factor of two."""
    half = np.conjugate(np.fft.rfft(g, None, axis, OTHER_WAY[norm]))
    return fitted(weighted(half, g.shape[axis], axis, 2.0), a.shape[axis], axis)


derivative(np.fft.fft, complex_rule(np.fft.fft), linear=True)
derivative(np.fft.ifft, complex_rule(np.fft.ifft), linear=True)
derivative(np.fft.rfft, rfft_rule, linear=True)
derivative(np.fft.irfft, irfft_rule, linear=True)
derivative(np.fft.fftshift, lambda g, out, x, *, axes=None: np.fft.ifftshift(g, axes), linear=True)
derivative(np.fft.ifftshift, lambda g, out, x, *, axes=None: np.fft.fftshift(g, axes), linear=True)


@composition(np.fft.hfft)
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Transform what is symmetric, and so has a real spectrum."""
    a = as_array(a)
    return np.fft.irfft(np.conjugate(a), 2 * (a.shape[axis] - 1) if n is None else n, axis, turned(norm))


@composition(np.fft.ihfft)
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Undo `hfft`."""
    return np.conjugate(np.fft.rfft(a, n, axis, turned(norm)))


def turned(norm: Norm) -> Norm:
    """Divide by the length in the other direction."""
    if norm not in OTHER_WAY:
        raise ValueError(f'norm is None, "backward", "ortho" or "forward"; got {norm!r}')
    return OTHER_WAY[norm]


# Transforms along several axes are transforms along one after another, in NumPy too.


def complex_transform(transform: Any, axes: Axes) -> Any:
    """Make a transform along several axes, by default along these (None: all)."""

    def apply(a: Any, s: Axes = None, axes: Axes = axes, norm: Norm = None) -> Any:
        a = np.positive(as_array(a))
        for n, axis in reversed(sides(a, s, axes)):
            a = transform(a, n, axis, norm)
        return a

    return apply


def real_transform(axes: Axes) -> Any:
    """Make a transform of real numbers, along the last of several axes first."""

    def apply(a: Any, s: Axes = None, axes: Axes = axes, norm: Norm = None) -> Any:
        a = as_array(a)
        *before, (n, axis) = sides(a, s, axes)
        a = np.fft.rfft(a, n, axis, norm)
        for n, axis in reversed(before):
            a = np.fft.fft(a, n, axis, norm)
        return a

    return apply


def transform_to_real(axes: Axes) -> Any:
    """Make a transform to real numbers, along the last of several axes last."""

    def apply(a: Any, s: Axes = None, axes: Axes = axes, norm: Norm = None) -> Any:
        a = as_array(a)
        *before, (n, axis) = sides(a, s, axes)
        length = 2 * (n - 1) if s is None else n
        for n, other in before:
            a = np.fft.ifft(a, n, other, norm)
        return np.fft.irfft(a, length, axis, norm)

    return apply


def sides(a: Any, s: Axes, axes: Axes) -> list[tuple[int, int]]:
    """List the length along each axis, and the axis; -1 stands for the length that the array has."""
    if axes is None:
        axes = range(a.ndim) if s is None else range(-len(s), 0)
    s = [-1] * len(axes) if s is None else s
    if len(s) != len(axes):
        raise ValueError(f"a transform has a length for each axis; got {len(s)} lengths and {len(axes)} axes")
    return [(a.shape[axis] if n == -1 else operator.index(n), axis) for n, axis in zip(s, axes, strict=True)]


composition(np.fft.fftn)(complex_transform(np.fft.fft, None))
composition(np.fft.ifftn)(complex_transform(np.fft.ifft, None))
composition(np.fft.fft2)(complex_transform(np.fft.fft, (-2, -1)))
composition(np.fft.ifft2)(complex_transform(np.fft.ifft, (-2, -1)))
composition(np.fft.rfftn)(real_transform(None))
composition(np.fft.rfft2)(real_transform((-2, -1)))
composition(np.fft.irfftn)(transform_to_real(None))
composition(np.fft.irfft2)(transform_to_real((-2, -1)))
