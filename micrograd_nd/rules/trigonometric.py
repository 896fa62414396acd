"""Rules of circular and hyperbolic functions, their inverses, and angles."""

from math import pi

import numpy as np

from micrograd_nd.primitives import derivative
from micrograd_nd.rules.complex_numbers import nonzero

derivative(np.sin, lambda g, out, x: g * np.cos(x))
derivative(np.cos, lambda g, out, x: -g * np.sin(x))
derivative(np.tan, lambda g, out, x: g * (1 + out * out))

# Not 1 - x * x, which loses digits where x is nearly 1.
derivative(np.arcsin, lambda g, out, x: g / np.sqrt((x - 1) * -(1 + x)))
derivative(np.arccos, lambda g, out, x: -g / np.sqrt((x - 1) * -(1 + x)))
derivative(np.arctan, lambda g, out, x: g / (1 + x * x))

derivative(np.sinh, lambda g, out, x: g * np.cosh(x))
derivative(np.cosh, lambda g, out, x: g * np.sinh(x))
# Its relative error grows with 1 / (1 - out * out), to all of it at |x| = 19. 1 / np.cosh(x) ** 2 has none, and takes
# 1.6 times as long.
derivative(np.tanh, lambda g, out, x: g * (1 - out * out))

derivative(np.arcsinh, lambda g, out, x: g / (np.sqrt(1 + x * x) if np.iscomplexobj(x) else np.hypot(1, x)))
derivative(np.arccosh, lambda g, out, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)))
derivative(np.arctanh, lambda g, out, x: g / ((1 - x) * (1 + x)))

derivative(np.hypot, lambda g, out, x, y: g * (x / nonzero(out)), lambda g, out, x, y: g * (y / nonzero(out)))
derivative(
    np.arctan2,
    lambda g, out, y, x: g * (x / (r := np.hypot(x, y)) / r),
    lambda g, out, y, x: -g * (y / (r := np.hypot(x, y)) / r),
)

for degrees in (np.rad2deg, np.degrees):
    derivative(degrees, lambda g, out, x: g * (180 / pi))
for radians in (np.deg2rad, np.radians):
    derivative(radians, lambda g, out, x: g * (pi / 180))

derivative(np.unwrap, lambda g, out, p, *, discont=None, axis=-1, period=2 * pi: g, elementwise=True)
