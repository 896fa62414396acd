"""Functions that scipy.special has only for plain arrays, in terms of those that can be applied to Tensors.

Needs SciPy. The ufuncs of scipy.special, ``erf``, ``gammaln``, ``jv``, ..., can be applied to Tensors themselves;
`mg.logsumexp`, `mg.softmax` and `mg.log_softmax` are there without SciPy.
"""

from math import log, pi
from typing import Any

import numpy as np
from scipy import special

import micrograd_nd.rules.special  # noqa: F401 - registers the rules of what is used below
from micrograd_nd.rules.arguments import anywhere

__all__ = ["multigammaln", "polygamma"]


def polygamma(n: Any, x: Any) -> Any:
    """Derivative of psi, the logarithmic derivative of the gamma function, of order `n`.

    Parameters
    ----------
    n : int or array of int
        The order; 0 gives psi itself. No derivative is taken with respect to it.
    x : array or Tensor
        Real.

    Returns
    -------
    array or Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.special import polygamma
    >>> polygamma(1, 1.0), mg.grad(lambda x: polygamma(1, x))(1.0)
    (np.float64(1.6449340668482266), np.float64(-2.404113806319188))
    """
    if isinstance(n, int):
        return -((-1) ** n) * float(special.gamma(n + 1)) * special.zeta(n + 1, x) if n else special.psi(x)
    n = np.asarray(n)
    factor = -((-1.0) ** n) * special.gamma(n + 1.0)
    return np.where(n == 0, special.psi(x), factor * special.zeta(np.where(n == 0, 2, n + 1), x))


def multigammaln(a: Any, d: int) -> Any:
    r"""Logarithm of the multivariate gamma function, :math:`\log \Gamma_d(a)`.

    Parameters
    ----------
    a : array or Tensor
        Each greater than ``(d - 1) / 2``.
    d : int
        The dimension.

    Returns
    -------
    array or Tensor
        Of the shape of `a`.

    Raises
    ------
    ValueError
        If an element of `a` is too small.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.special import multigammaln
    >>> mg.grad(lambda a: multigammaln(a, 2))(3.0)
    np.float64(1.6259409757437102)
    """
    if anywhere(a <= (d - 1) / 2):
        raise ValueError(f"multigammaln needs a > (d - 1) / 2, which is {(d - 1) / 2} for d = {d}")
    terms = [special.gammaln(a - j / 2) for j in range(d)]
    return sum(terms) + d * (d - 1) / 4 * log(pi)
