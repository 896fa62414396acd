"""Cases of scipy.special; none where SciPy is not installed."""

from importlib.util import find_spec

import numpy as np
from hypothesis import strategies as st

from micrograd_nd.testing.cases.drawing import broadcasting, complexes, elementwise, positive, real
from micrograd_nd.testing.cases.elementwise import above_one, inside, moved, outside, right_half

fraction = moved(positive, 0.25, by=1 / 16)
near_zero = moved(complexes, 1 / 16, by=0.25 + 0.25j)


def cases():
    """List them; this registers the rules."""
    from scipy import special

    from micrograd_nd.rules.special import bessel, integrals

    def both(function, domain=real):
        return elementwise(function, domain) | elementwise(function, right_half)

    def several(function, numbers, *domains):
        """Functions of numbers that are not differentiated, such as an order, and then of arrays.

        SciPy computes in double precision unless the numbers are of the arrays' own dtype.
        """

        def call(n):
            n = n if isinstance(n, tuple) else (n,)
            return lambda *xs: function(*map(np.real(xs[-1]).dtype.type, n), *xs)

        return st.sampled_from(numbers).flatmap(lambda n: broadcasting(call(n), *domains))

    def polynomial(function, degrees, domain):
        """Polynomials, of whole degrees as Python has them; then SciPy computes in double precision."""
        return st.sampled_from(degrees).flatmap(
            lambda n: elementwise(lambda x: function(*(n if isinstance(n, tuple) else (n,)), x), domain)
        )

    def part(function, number):
        return lambda x: function(x)[number]

    orders, whole = [0, 1, 2, 0.5, -1.5], [0, 1, 2, 3]
    zeta, lambertw = special._ufuncs._zeta, special._ufuncs._lambertw
    return {
        special.exp2: elementwise(special.exp2),
        special.exp10: elementwise(special.exp10, inside),
        special.expm1: both(special.expm1),
        special.log1p: both(special.log1p, positive),
        special.cbrt: elementwise(special.cbrt, outside),
        special.cosm1: elementwise(special.cosm1),
        special.exprel: elementwise(special.exprel),
        special.powm1: broadcasting(special.powm1, positive, real) | several(special.powm1, [2.5], real),
        special.expit: elementwise(special.expit),
        special.log_expit: elementwise(special.log_expit),
        special.logit: elementwise(special.logit, fraction),
        special.sindg: elementwise(special.sindg, moved(real, 20)),
        special.cosdg: elementwise(special.cosdg, moved(real, 20)),
        special.tandg: elementwise(special.tandg, moved(real, 20)),
        special.cotdg: elementwise(special.cotdg, moved(positive, 20, by=10)),
        special.radian: broadcasting(special.radian, real, real, real),
        lambertw: both(special.lambertw, positive) | elementwise(lambda z: special.lambertw(z, -1), right_half),
        special.wrightomega: both(special.wrightomega),
        # error functions
        special.erf: both(special.erf),
        special.erfc: both(special.erfc),
        special.erfi: both(special.erfi),
        special.erfcx: both(special.erfcx) | elementwise(special.erfcx, moved(positive, by=31)),
        special.dawsn: both(special.dawsn) | elementwise(special.dawsn, moved(positive, -1, by=-31)),
        special.wofz: elementwise(special.wofz, right_half) | elementwise(special.wofz, moved(complexes, by=50j)),
        special.erfinv: elementwise(special.erfinv, inside),
        special.erfcinv: elementwise(special.erfcinv, moved(fraction, 2)),
        special.ndtr: both(special.ndtr),
        special.log_ndtr: both(special.log_ndtr),
        special.ndtri: elementwise(special.ndtri, fraction),
        special.ndtri_exp: elementwise(special.ndtri_exp, moved(positive, -1, by=-1 / 4)),
        special.owens_t: broadcasting(special.owens_t, real, real),
        # gamma functions
        special.gamma: elementwise(special.gamma, moved(positive, by=1 / 4))
        | elementwise(special.gamma, moved(inside, 0.5, -1.5)),
        special.gammaln: elementwise(special.gammaln, moved(positive, by=1 / 4)),
        special.loggamma: elementwise(special.loggamma, moved(positive, by=1 / 4)),
        special.rgamma: elementwise(special.rgamma),
        special.psi: elementwise(special.psi, moved(positive, by=1 / 4))
        | elementwise(special.psi, moved(inside, 0.5, -1.5)),
        zeta: several(special.zeta, [2, 3.5], moved(positive, by=1 / 4)),
        special.beta: broadcasting(special.beta, moved(positive, by=1 / 4), above_one),
        special.betaln: broadcasting(special.betaln, moved(positive, by=1 / 4), above_one),
        special.poch: broadcasting(special.poch, above_one, positive),
        special.binom: broadcasting(special.binom, moved(positive, by=3), positive),
        special.gammainc: several(special.gammainc, [0.5, 1, 2.5], positive),
        special.gammaincc: several(special.gammaincc, [0.5, 1, 2.5], positive),
        special.gammaincinv: several(special.gammaincinv, [1, 2.5], fraction),
        special.gammainccinv: several(special.gammainccinv, [1, 2.5], fraction),
        special.betainc: several(special.betainc, [(1, 2), (2.5, 1.5)], fraction),
        special.betaincc: several(special.betaincc, [(1, 2), (2.5, 1.5)], fraction),
        special.betaincinv: several(special.betaincinv, [(1, 2), (2.5, 1.5)], fraction),
        special.betainccinv: several(special.betainccinv, [(1, 2), (2.5, 1.5)], fraction),
        # Bessel functions
        special.jv: several(special.jv, orders, above_one)
        | several(special.jv, orders, right_half)
        | several(special.jn, [0, 1], real),
        special.yv: several(special.yv, orders, above_one) | several(special.yv, orders, right_half),
        special.iv: several(special.iv, orders, above_one) | several(special.iv, orders, right_half),
        special.kv: several(special.kv, orders, above_one) | several(special.kv, orders, right_half),
        special.yn: several(special.yn, whole, above_one),
        special.kn: several(special.kn, whole, above_one),
        special.jve: several(special.jve, orders, above_one) | several(special.jve, orders, right_half),
        special.yve: several(special.yve, orders, above_one) | several(special.yve, orders, right_half),
        special.ive: several(special.ive, orders, above_one) | several(special.ive, orders, right_half),
        special.kve: several(special.kve, orders, above_one) | several(special.kve, orders, right_half),
        special.hankel1: several(special.hankel1, orders, right_half),
        special.hankel2: several(special.hankel2, orders, right_half),
        special.hankel1e: several(special.hankel1e, orders, right_half),
        special.hankel2e: several(special.hankel2e, orders, right_half),
        special.j0: elementwise(special.j0),
        special.j1: elementwise(special.j1),
        special.i0: elementwise(special.i0),
        special.i1: elementwise(special.i1),
        special.i0e: elementwise(special.i0e),
        special.i1e: elementwise(special.i1e),
        special.y0: elementwise(special.y0, above_one),
        special.y1: elementwise(special.y1, above_one),
        special.k0: elementwise(special.k0, above_one),
        special.k1: elementwise(special.k1, above_one),
        special.k0e: elementwise(special.k0e, above_one),
        special.k1e: elementwise(special.k1e, above_one),
        special.airy: st.sampled_from([0, 1, 2, 3]).flatmap(lambda i: both(part(special.airy, i))),
        bessel.airy_ai: both(bessel.airy_ai),
        bessel.airy_ai_prime: both(bessel.airy_ai_prime),
        bessel.airy_bi: both(bessel.airy_bi),
        bessel.airy_bi_prime: both(bessel.airy_bi_prime),
        # entropies
        special.xlogy: broadcasting(special.xlogy, real, positive) | broadcasting(special.xlogy, complexes, right_half),
        special.xlog1py: broadcasting(special.xlog1py, real, positive)
        | broadcasting(special.xlog1py, complexes, right_half),
        special.entr: elementwise(special.entr, positive),
        special.rel_entr: broadcasting(special.rel_entr, positive, positive),
        special.kl_div: broadcasting(special.kl_div, positive, positive),
        # losses, and the transformations of Box and Cox
        special.huber: broadcasting(special.huber, moved(positive, 2 / 16, by=1), outside),
        special.pseudo_huber: broadcasting(special.pseudo_huber, above_one, real),
        special.boxcox: broadcasting(special.boxcox, positive, real)
        | elementwise(lambda x: special.boxcox(x, 0), positive),
        special.boxcox1p: broadcasting(special.boxcox1p, positive, real),
        special.inv_boxcox: broadcasting(special.inv_boxcox, fraction, inside),
        special.inv_boxcox1p: broadcasting(special.inv_boxcox1p, fraction, inside),
        # integrals
        special.expi: both(special.expi, positive),
        special.exp1: both(special.exp1, positive),
        special.expn: several(special.expn, whole, positive),
        special.spence: both(special.spence, moved(positive, by=1 / 4)),
        special.sici: st.sampled_from([0, 1]).flatmap(lambda i: both(part(special.sici, i), positive)),
        special.shichi: st.sampled_from([0, 1]).flatmap(lambda i: both(part(special.shichi, i), positive)),
        special.fresnel: st.sampled_from([0, 1]).flatmap(lambda i: both(part(special.fresnel, i))),
        integrals.sine_integral: both(integrals.sine_integral),
        integrals.cosine_integral: both(integrals.cosine_integral, positive),
        integrals.hyperbolic_sine_integral: both(integrals.hyperbolic_sine_integral),
        integrals.hyperbolic_cosine_integral: both(integrals.hyperbolic_cosine_integral, positive),
        integrals.fresnel_sine_integral: both(integrals.fresnel_sine_integral),
        integrals.fresnel_cosine_integral: both(integrals.fresnel_cosine_integral),
        special.ellipk: elementwise(special.ellipk, inside),
        special.ellipkm1: elementwise(special.ellipkm1, positive),
        special.ellipe: elementwise(special.ellipe, inside),
        special.ellipkinc: broadcasting(lambda phi: special.ellipkinc(phi, phi.dtype.type(0.5)), real),
        special.ellipeinc: broadcasting(lambda phi: special.ellipeinc(phi, phi.dtype.type(0.5)), real),
        # hypergeometric functions and polynomials
        special.hyp0f1: several(special.hyp0f1, [1.5], real) | several(special.hyp0f1, [1.5], right_half),
        special.hyp1f1: several(special.hyp1f1, [(0.5, 1.5)], real),
        special.hyperu: several(special.hyperu, [(0.5, 1.5)], above_one),
        special.hyp2f1: several(special.hyp2f1, [(0.5, 1.5, 2.5)], inside)
        | several(special.hyp2f1, [(0.5, 1.5, 2.5)], near_zero),
        special.eval_chebyt: polynomial(special.eval_chebyt, whole, inside),
        special.eval_chebyu: polynomial(special.eval_chebyu, whole, inside),
        special.eval_legendre: polynomial(special.eval_legendre, whole, inside),
        special.eval_hermite: polynomial(special.eval_hermite, whole, inside),
        special.eval_hermitenorm: polynomial(special.eval_hermitenorm, whole, inside),
        special.eval_laguerre: polynomial(special.eval_laguerre, whole, inside),
        special.eval_genlaguerre: polynomial(special.eval_genlaguerre, [(n, 0.5) for n in whole], inside),
        special.eval_gegenbauer: polynomial(special.eval_gegenbauer, [(n, 1.5) for n in whole], inside),
        special.eval_jacobi: polynomial(special.eval_jacobi, [(n, 0.5, 1) for n in whole], inside),
    }


CASES = cases() if find_spec("scipy") else {}
