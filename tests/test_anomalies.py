"""detect_anomaly: the operation that first made a NaN or an infinity, and constants that were written to."""

import numpy as np
import pytest

import micrograd_nd as mg

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_the_operation_that_makes_an_infinity_is_named_with_its_place_and_line():
    x = mg.Tensor([1.0, 0.0])
    y = x * 2
    with mg.detect_anomaly(), pytest.raises(FloatingPointError) as caught:
        np.log(y)
    assert str(caught.value).startswith("np.log made inf at [1], in test_anomalies.py, line ")
    assert str(caught.value).endswith("of array([2., 0.])")


def test_a_nan_is_told_from_an_infinity():
    with mg.detect_anomaly(), pytest.raises(FloatingPointError, match=r"np\.sqrt made nan, in"):
        np.sqrt(mg.Tensor(-1.0))
    with mg.detect_anomaly(), pytest.raises(FloatingPointError, match=r"np\.divide made nan"), mg.no_grad():
        mg.Tensor(0.0) / 0.0


def test_the_rule_that_makes_one_is_named_with_the_line_of_the_forward_pass():
    with mg.detect_anomaly():
        x = mg.Tensor([4.0, 0.0])
        root = np.sqrt(x)  # this line
        with pytest.raises(FloatingPointError, match=r"the derivative of np.sqrt with respect to argument 0 is inf at"):
            root.sum().backward()
    assert x.grad is None


def test_the_rule_is_named_inside_transforms_too():
    with mg.detect_anomaly(), pytest.raises(FloatingPointError) as caught:
        mg.grad(mg.grad(np.sqrt))(0.0)
    assert any("in the derivative of np.sqrt" in note for note in getattr(caught.value, "__notes__", [])) or (
        "the derivative of np.sqrt" in str(caught.value)
    )


def test_what_was_not_finite_before_is_not_blamed():
    with mg.detect_anomaly():
        x = mg.Tensor([-np.inf, 0.0])
        y = x + 1
        np.exp(y).sum().backward()
    np.testing.assert_allclose(x.grad, [0, np.e])


def test_a_constant_written_to_between_forward_and_backward_is_noticed():
    weights = np.ones(2)
    x = mg.Tensor([1.0, 2.0])
    with mg.detect_anomaly():
        y = (x * weights).sum()
        weights[0] = 5
        with pytest.raises(
            RuntimeError, match=r"argument 1 of np.multiply, in test_anomalies.py, line \d+, was written"
        ):
            y.backward()


def test_outside_of_it_nothing_is_checked_or_kept():
    with mg.detect_anomaly():
        pass
    result = np.log(mg.Tensor(0.0))
    assert not hasattr(result.node, "origin")
    with mg.detect_anomaly(), mg.detect_anomaly():
        pass
    assert np.isinf(np.log(mg.Tensor(0.0)).item())


def test_what_was_recorded_before_is_checked_without_its_line():
    y = np.sqrt(mg.Tensor(0.0))
    with mg.detect_anomaly(), pytest.raises(FloatingPointError, match="recorded before detect_anomaly was on"):
        y.backward()


def test_forward_mode_is_watched_too():
    with mg.detect_anomaly(), pytest.raises(FloatingPointError, match=r"the tangent of np\.sqrt is inf at \[0\]"):
        mg.jvp(np.sqrt, (np.array([0.0, 1.0]),), (np.ones(2),))
    mask = np.array([True, False])

    def changing(a):
        total = np.sum(a, where=mask)
        mask[:] = False
        return total

    np.testing.assert_array_equal(mg.grad(changing)(np.ones(2)), [1, 0])  # options are copied
