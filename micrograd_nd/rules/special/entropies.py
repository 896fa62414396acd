"""Rules of scipy.special: products with logarithms, entropies, divergences."""

from typing import Any

import numpy as np
from scipy import special

from micrograd_nd.rules.optional import offer

offer(special.xlogy, lambda g, out, x, y: g * np.log(y), lambda g, out, x, y: g * ratio(x, y))
offer(special.xlog1py, lambda g, out, x, y: g * np.log1p(y), lambda g, out, x, y: g * ratio(x, 1 + y))
offer(special.entr, lambda g, out, x: g * (-1 - np.log(x)))
offer(special.rel_entr, lambda g, out, x, y: g * (np.log(x / y) + 1), lambda g, out, x, y: -g * ratio(x, y))
offer(special.kl_div, lambda g, out, x, y: g * np.log(x / y), lambda g, out, x, y: g * (1 - ratio(x, y)))


def ratio(x: Any, y: Any) -> Any:
    """Divide, with 0 for nothing of nothing."""
    return x / np.where((x == 0) & (y == 0), 1, y)
