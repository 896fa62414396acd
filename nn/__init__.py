"""Neural networks in the conventions of a first course; imported as `micrograd_nd.nn`.

A sample is a column: X is (n_x, m), Y is (1, m) or (n_y, m), W[l] is (n[l], n[l-1]), b[l] is (n[l], 1).

>>> import numpy as np
>>> from micrograd_nd import nn
>>> X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
>>> Y = np.array([[0, 1, 1, 0]])
>>> model = nn.MLP([2, 8, 1], hidden="tanh", output="sigmoid", seed=1)
>>> history = nn.fit(model, X, Y, epochs=500, learning_rate=1.0, seed=1, progress=False)
>>> nn.predict(model, X)
array([[0, 1, 1, 0]])
"""

from micrograd_nd.nn.activations import ELU as ELU
from micrograd_nd.nn.activations import GELU as GELU
from micrograd_nd.nn.activations import Identity as Identity
from micrograd_nd.nn.activations import LeakyReLU as LeakyReLU
from micrograd_nd.nn.activations import LogSoftmax as LogSoftmax
from micrograd_nd.nn.activations import ReLU as ReLU
from micrograd_nd.nn.activations import Sigmoid as Sigmoid
from micrograd_nd.nn.activations import SiLU as SiLU
from micrograd_nd.nn.activations import Softmax as Softmax
from micrograd_nd.nn.activations import Softplus as Softplus
from micrograd_nd.nn.activations import Tanh as Tanh
from micrograd_nd.nn.activations import activation as activation
from micrograd_nd.nn.activations import elu as elu
from micrograd_nd.nn.activations import gelu as gelu
from micrograd_nd.nn.activations import leaky_relu as leaky_relu
from micrograd_nd.nn.activations import linear as linear
from micrograd_nd.nn.activations import log_softmax as log_softmax
from micrograd_nd.nn.activations import relu as relu
from micrograd_nd.nn.activations import sigmoid as sigmoid
from micrograd_nd.nn.activations import silu as silu
from micrograd_nd.nn.activations import softmax as softmax
from micrograd_nd.nn.activations import softplus as softplus
from micrograd_nd.nn.activations import tanh as tanh
from micrograd_nd.nn.adam import Adam as Adam
from micrograd_nd.nn.adam import AdamW as AdamW
from micrograd_nd.nn.adaptive_rates import AdaGrad as AdaGrad
from micrograd_nd.nn.adaptive_rates import RMSProp as RMSProp
from micrograd_nd.nn.affine import Linear as Linear
from micrograd_nd.nn.batch_norm import BatchNorm as BatchNorm
from micrograd_nd.nn.callbacks import Callback as Callback
from micrograd_nd.nn.callbacks import Training as Training
from micrograd_nd.nn.checkpoints import Checkpoint as Checkpoint
from micrograd_nd.nn.clipping import clip_by_norm as clip_by_norm
from micrograd_nd.nn.clipping import clip_by_value as clip_by_value
from micrograd_nd.nn.containers import Sequential as Sequential
from micrograd_nd.nn.cross_entropies import binary_cross_entropy as binary_cross_entropy
from micrograd_nd.nn.cross_entropies import cross_entropy as cross_entropy
from micrograd_nd.nn.data import one_hot as one_hot
from micrograd_nd.nn.dense import Dense as Dense
from micrograd_nd.nn.dense import DenseCache as DenseCache
from micrograd_nd.nn.dense import DenseGradients as DenseGradients
from micrograd_nd.nn.dimensions import Summary as Summary
from micrograd_nd.nn.dimensions import summary as summary
from micrograd_nd.nn.dropout import Dropout as Dropout
from micrograd_nd.nn.early_stopping import EarlyStopping as EarlyStopping
from micrograd_nd.nn.files import ModelFileError as ModelFileError
from micrograd_nd.nn.files import load as load
from micrograd_nd.nn.files import save as save
from micrograd_nd.nn.foreign_weights import load_keras_weights as load_keras_weights
from micrograd_nd.nn.foreign_weights import load_torch_weights as load_torch_weights
from micrograd_nd.nn.gradient_checking import GradientCheck as GradientCheck
from micrograd_nd.nn.gradient_checking import check_gradients as check_gradients
from micrograd_nd.nn.hinge_cost import hinge as hinge
from micrograd_nd.nn.history import History as History
from micrograd_nd.nn.models import MLP as MLP
from micrograd_nd.nn.models import LogisticRegression as LogisticRegression
from micrograd_nd.nn.module import Module as Module
from micrograd_nd.nn.onnx_export import to_onnx as to_onnx
from micrograd_nd.nn.optimizers import SGD as SGD
from micrograd_nd.nn.optimizers import Momentum as Momentum
from micrograd_nd.nn.optimizers import Optimizer as Optimizer
from micrograd_nd.nn.penalties import l1 as l1
from micrograd_nd.nn.penalties import l2 as l2
from micrograd_nd.nn.predictions import accuracy as accuracy
from micrograd_nd.nn.predictions import confusion_matrix as confusion_matrix
from micrograd_nd.nn.predictions import predict as predict
from micrograd_nd.nn.predictions import predict_proba as predict_proba
from micrograd_nd.nn.regression_costs import half_mse as half_mse
from micrograd_nd.nn.regression_costs import huber as huber
from micrograd_nd.nn.regression_costs import mae as mae
from micrograd_nd.nn.regression_costs import mse as mse
from micrograd_nd.nn.residual import Residual as Residual
from micrograd_nd.nn.schedules import ConstantRate as ConstantRate
from micrograd_nd.nn.schedules import CosineDecay as CosineDecay
from micrograd_nd.nn.schedules import ExponentialDecay as ExponentialDecay
from micrograd_nd.nn.schedules import InverseTimeDecay as InverseTimeDecay
from micrograd_nd.nn.schedules import StepDecay as StepDecay
from micrograd_nd.nn.schedules import Warmup as Warmup
from micrograd_nd.nn.training import fit as fit
