"""scikit-learn's own checks of estimators pass, none of them skipped or expected to fail."""

import warnings
from collections import Counter
from functools import partial

import pytest

sklearn = pytest.importorskip("sklearn")

from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks  # noqa: E402

from micrograd_nd.nn.sklearn import (  # noqa: E402
    LogisticRegressionClassifier,
    NeuralNetworkClassifier,
    NeuralNetworkRegressor,
)

ESTIMATORS = [LogisticRegressionClassifier(), NeuralNetworkClassifier(), NeuralNetworkRegressor()]
GIVEN = parametrize_with_checks(ESTIMATORS)

# Of scikit-learn 1.5, which has the fewest.
FEWEST = {"LogisticRegressionClassifier": 53, "NeuralNetworkClassifier": 53, "NeuralNetworkRegressor": 50}


@pytest.fixture(autouse=True)
def array_interface(monkeypatch):
    """A check of array interfaces is skipped without this."""
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")


@pytest.mark.filterwarnings("ignore")  # the checks look at the warnings that matter
@pytest.mark.parametrize(GIVEN.args[0], list(GIVEN.args[1]), **GIVEN.kwargs)  # pytest has no more use for iterators
def test_every_check_of_scikit_learn_passes(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
def test_no_check_is_skipped_or_expected_to_fail(estimator):
    pytest.importorskip("pandas", reason="some of the checks use DataFrames, and are skipped without")
    name = type(estimator).__name__
    found = Counter(statuses(estimator))
    print(f"{name}: {found['passed']} checks of scikit-learn {sklearn.__version__} passed")  # noqa: T201
    assert set(found) == {"passed"}
    assert found["passed"] >= FEWEST[name]


def statuses(estimator):
    """What became of each check."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return [result["status"] for result in check_estimator(estimator, on_skip=None, on_fail=None)]
        except TypeError:  # before scikit-learn 1.6
            checks = check_estimator(estimator, generate_only=True)
            return [outcome(partial(check, instance)) for instance, check in checks]


def outcome(check):
    """What becomes of a check where scikit-learn does not tell."""
    try:
        check()
    except BaseException as error:  # noqa: BLE001 - a skip is no Exception
        return type(error).__name__
    return "passed"
