"""Estimators in scikit-learn's convention, a sample a row; imported as `micrograd_nd.nn.sklearn`.

They go into pipelines, grid searches and cross-validation as scikit-learn's own do, and need it: ``pip install
'micrograd-nd[sklearn]'``.

>>> import numpy as np
>>> from micrograd_nd.nn.sklearn import LogisticRegressionClassifier
>>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
>>> LogisticRegressionClassifier().fit(X, ["no", "no", "yes", "yes"]).predict([[0.5], [2.5]]).tolist()
['no', 'yes']
"""

from importlib.util import find_spec

if find_spec("sklearn") is None:
    raise ImportError("micrograd_nd.nn.sklearn needs scikit-learn: pip install 'micrograd-nd[sklearn]'")

from micrograd_nd.nn.sklearn_logistic import LogisticRegressionClassifier
from micrograd_nd.nn.sklearn_network_classifier import NeuralNetworkClassifier
from micrograd_nd.nn.sklearn_network_regressor import NeuralNetworkRegressor

__all__ = ["LogisticRegressionClassifier", "NeuralNetworkClassifier", "NeuralNetworkRegressor"]
