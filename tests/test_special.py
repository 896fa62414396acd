"""scipy.special on Tensors: when its rules are loaded, what they refuse, and their digits."""

import subprocess
import sys

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.testing import check_gradients

special = pytest.importorskip("scipy.special")

from micrograd_nd.special import multigammaln, polygamma  # noqa: E402 - only where SciPy is installed


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_scipy_is_not_imported_before_its_user_does():
    code = "import sys, micrograd_nd as mg, numpy as np; np.exp(mg.Tensor(1.0)); print('scipy' in sys.modules)"
    assert run(code) == "False"


def test_the_rules_are_there_once_a_function_is_applied_to_a_tensor():
    code = "import micrograd_nd as mg; from scipy import special; print(float(mg.grad(special.erf)(0.0)))"
    assert float(run(code)) == pytest.approx(2 / np.sqrt(np.pi))


def test_rules_of_ones_own_are_kept_when_those_of_the_library_are_loaded():
    code = (
        "import micrograd_nd as mg; from scipy import special; "
        "mg.derivative(special.erf, lambda g, out, x: g * 7); "
        "print(float(mg.grad(special.erfc)(0.0)) < 0, float(mg.grad(special.erf)(0.0)))"
    )
    assert run(code) == "True 7.0"


def test_functions_without_a_rule_are_refused_under_the_name_they_have_for_users():
    with pytest.raises(TypeError, match=r"scipy\.special\.kolmogorov has no derivative rule"):
        special.kolmogorov(mg.Tensor(1.0))
    assert repr(mg.registry[special._ufuncs._zeta]) == "Primitive(scipy.special.zeta)"


REFUSED = {
    "its order": [
        (special.jv, (1.5, 2.0)),
        (special.yv, (1.5, 2.0)),
        (special.iv, (1.5, 2.0)),
        (special.kv, (1.5, 2.0)),
        (special.kve, (1.5, 2.0)),
        (special.kve, (0.5, 2.0)),
    ],
    "its parameter a": [
        (special.gammainc, (1.5, 2.0)),
        (special.gammaincc, (1.5, 2.0)),
        (special.gammaincinv, (1.5, 0.5)),
        (special.betainc, (1.5, 2.0, 0.5)),
        (special.hyp1f1, (1.5, 2.0, 0.5)),
        (special.hyp2f1, (1.5, 2.0, 2.5, 0.5)),
    ],
    "its exponent x": [(special.zeta, (2.5, 2.0))],
    "its degree n": [(special.eval_legendre, (1.5, 0.5))],
}


@pytest.mark.parametrize(("argument", "function", "args"), [(k, f, a) for k, v in REFUSED.items() for f, a in v])
def test_a_derivative_that_nobody_has_a_formula_for_is_refused_by_name_and_never_zero(argument, function, args):
    for differentiate in (mg.grad(function), lambda *xs: mg.jvp(lambda x: function(x, *xs[1:]), xs[:1], (1.0,))):
        with pytest.raises(TypeError, match=rf"scipy\.special\.\w+ has no derivative rule with respect to {argument}"):
            differentiate(*args)
    # The last argument alone is no matter.
    check_gradients(lambda x: function(*args[:-1], x), args[-1])


def test_the_derivative_of_psi_is_refused_for_complex_numbers():
    with pytest.raises(TypeError, match="real numbers only"):
        mg.grad(lambda z: np.real(special.psi(z)))(1 + 1j)
    check_gradients(special.gamma, 1 + 1j, order=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: special.polygamma(1, x),
        lambda x: special.multigammaln(x, 2),
        special.logsumexp,
        special.softmax,
        special.log_softmax,
        special.comb,
        special.factorial,
    ],
)
def test_functions_that_are_no_ufuncs_raise_and_do_not_cut_the_graph(call):
    with pytest.raises(TypeError):
        call(mg.Tensor([3.5, 4.5]))


def test_polygamma_and_multigammaln_have_scipys_values_and_all_derivatives():
    x = np.array([0.5, 3.25])
    for n in (0, 1, 4):
        np.testing.assert_allclose(polygamma(n, x), special.polygamma(n, x), rtol=1e-14)
        check_gradients(lambda x, n=n: polygamma(n, x), x)
    orders = np.array([[0], [1], [2]])
    np.testing.assert_allclose(polygamma(orders, x), special.polygamma(orders, x), rtol=1e-14)
    check_gradients(lambda x: polygamma(orders, x), x)
    np.testing.assert_allclose(multigammaln(x + 2, 3), special.multigammaln(x + 2, 3), rtol=1e-14)
    check_gradients(lambda a: multigammaln(a, 3), x + 2)
    with pytest.raises(ValueError, match="needs a > "):
        multigammaln(mg.Tensor(0.5), 3)


def test_orders_may_be_python_numbers_and_arrays():
    x = np.array([0.75, 2.0])
    for function in (special.jn, special.yn, special.kn, special.iv, special.expn):
        check_gradients(lambda x, f=function: f(2, x), x)
        check_gradients(lambda x, f=function: f(np.array([[0], [1], [3]]), x), x)
    check_gradients(lambda x: special.eval_legendre(np.array([[0], [1], [3]]), x), x / 4)


# Singular points


def test_nothing_times_the_logarithm_of_nothing_has_the_derivative_zero_in_the_logarithm():
    for function, y in ((special.xlogy, 0.0), (special.xlog1py, -1.0)):
        with np.errstate(divide="ignore"):
            assert mg.grad(function, 1)(0.0, y) == 0
            assert mg.grad(function, (0, 1))(0.0, 2.0 + y) == (np.log(2.0), 0)
    assert mg.grad(special.rel_entr, 1)(0.0, 0.0) == 0


def test_one_over_gamma_has_every_derivative_at_its_zeros():
    assert mg.grad(special.rgamma)(0.0) == pytest.approx(1)
    assert mg.grad(special.rgamma)(-3.0) == pytest.approx(-6)
    assert mg.grad(mg.grad(special.rgamma))(0.0) == pytest.approx(2 * np.euler_gamma)


def test_the_transformation_of_box_and_cox_is_smooth_across_the_power_zero():
    first = mg.grad(special.boxcox, 1)
    assert first(2.5, 0.0) == pytest.approx(np.log(2.5) ** 2 / 2, rel=1e-15)
    assert first(2.5, 1e-12) == pytest.approx(np.log(2.5) ** 2 / 2, rel=1e-11)
    assert mg.grad(first, 1)(2.5, 0.0) == pytest.approx(np.log(2.5) ** 3 / 3, rel=1e-14)
    assert mg.grad(special.inv_boxcox, 1)(1.5, 0.0) == pytest.approx(-np.exp(1.5) * 1.5**2 / 2, rel=1e-15)


def test_elliptic_integrals_have_every_derivative_at_zero():
    assert mg.grad(special.ellipk)(0.0) == pytest.approx(np.pi / 8, rel=1e-15)
    assert mg.grad(special.ellipe)(0.0) == pytest.approx(-np.pi / 8, rel=1e-15)
    assert mg.grad(mg.grad(special.ellipk))(0.0) == pytest.approx(9 * np.pi / 64, rel=1e-15)


# Digits, held against mpmath


def test_derivatives_keep_their_digits_far_out():
    assert mg.grad(special.erfcx)(1e4) == pytest.approx(-5.6418957508491275e-9, rel=1e-14)
    assert mg.grad(special.dawsn)(40.0) == pytest.approx(-3.1279342751785595e-4, rel=1e-13)
    assert mg.grad(special.log_ndtr)(-1000.0) == pytest.approx(1000.000999998, rel=1e-14)
    assert mg.grad(special.log_expit)(-40.0) == pytest.approx(1, rel=1e-15)
    assert mg.grad(special.expit)(40.0) == pytest.approx(np.exp(-40.0), rel=1e-14)
