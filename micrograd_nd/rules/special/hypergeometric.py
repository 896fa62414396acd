"""Rules of scipy.special: hypergeometric functions and classical orthogonal polynomials, in their last argument."""

from typing import Any

import numpy as np
from scipy import special

from micrograd_nd.rules.optional import offer
from micrograd_nd.rules.refusals import no_derivative

offer(
    special.hyp0f1,
    no_derivative(special.hyp0f1, "its parameter v"),
    lambda g, out, v, z: g * (special.hyp0f1(v + 1, z) / v),
)
offer(
    special.hyp1f1,
    no_derivative(special.hyp1f1, "its parameter a"),
    no_derivative(special.hyp1f1, "its parameter b"),
    lambda g, out, a, b, x: g * (a / b * special.hyp1f1(a + 1, b + 1, x)),
)
offer(
    special.hyperu,
    no_derivative(special.hyperu, "its parameter a"),
    no_derivative(special.hyperu, "its parameter b"),
    lambda g, out, a, b, x: g * (-a * special.hyperu(a + 1, b + 1, x)),
)
offer(
    special.hyp2f1,
    no_derivative(special.hyp2f1, "its parameter a"),
    no_derivative(special.hyp2f1, "its parameter b"),
    no_derivative(special.hyp2f1, "its parameter c"),
    lambda g, out, a, b, c, z: g * (a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z)),
)


def lower(function: Any, n: Any, *arguments: Any) -> Any:
    """Evaluate a polynomial of one degree less; the one less than 0 is zero."""
    if isinstance(n, int | float):
        return function(n - 1, *arguments) if n else 0 * arguments[-1]
    return np.where(n == 0, 0, function(np.where(n == 0, 0, n - 1), *arguments))


def offer_polynomial(function: Any, slope: Any, *parameters: str) -> None:
    """Register the derivative of a polynomial, of ``(n, *parameters, x)``."""
    refusals = [no_derivative(function, f"its {name}") for name in ("degree n", *parameters)]
    offer(function, *refusals, lambda g, out, *arguments: g * slope(*arguments))


offer_polynomial(special.eval_chebyt, lambda n, x: n * lower(special.eval_chebyu, n, x))
offer_polynomial(special.eval_chebyu, lambda n, x: 2 * lower(special.eval_gegenbauer, n, 2, x))
offer_polynomial(special.eval_legendre, lambda n, x: lower(special.eval_gegenbauer, n, 1.5, x))
offer_polynomial(special.eval_hermite, lambda n, x: 2 * n * lower(special.eval_hermite, n, x))
offer_polynomial(special.eval_hermitenorm, lambda n, x: n * lower(special.eval_hermitenorm, n, x))
offer_polynomial(special.eval_laguerre, lambda n, x: -lower(special.eval_genlaguerre, n, 1, x))
offer_polynomial(
    special.eval_genlaguerre, lambda n, alpha, x: -lower(special.eval_genlaguerre, n, alpha + 1, x), "parameter alpha"
)
offer_polynomial(
    special.eval_gegenbauer,
    lambda n, alpha, x: 2 * alpha * lower(special.eval_gegenbauer, n, alpha + 1, x),
    "parameter alpha",
)
offer_polynomial(
    special.eval_jacobi,
    lambda n, alpha, beta, x: (n + alpha + beta + 1) / 2 * lower(special.eval_jacobi, n, alpha + 1, beta + 1, x),
    "parameter alpha",
    "parameter beta",
)
