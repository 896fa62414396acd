"""What a type checker sees of Tensors: `make types` checks that every line here is as it says."""

from typing import Any, assert_type

import numpy as np
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.testing import assert_gradients_match, check_gradients, numerical_derivative, strategies

t = mg.Tensor([1.0, 2.0], name="t")

for result in (t + 1, 1 + t, t - t, t * np.ones(2), t / 2.0, t**2, 2.0**t, t @ t, -t, abs(t)):
    assert_type(result, mg.Tensor)
assert_type(t[0], mg.Tensor)
assert_type(t.T, mg.Tensor)
assert_type(t.sum(axis=0, keepdims=True), mg.Tensor)
assert_type(t.reshape(2, 1), mg.Tensor)
assert_type(t.detach(), mg.Tensor)
assert_type(mg.array([t[0], 1.0]), mg.Tensor)
assert_type(t.name, str | None)
assert_type(t.shape, tuple[int, ...])
assert_type(float(t[0]), float)
assert_type([row.sum() for row in t], list[mg.Tensor])

t += 1
assert_type(t, mg.Tensor)


@mg.primitive
def cube(x: float) -> float:
    return x * x * x


assert_type(cube(2.0), float)


@mg.no_grad()
def evaluate(x: mg.Tensor) -> str:
    return f"{x:.2f}"


assert_type(evaluate(t[0]), str)


derivative, error = numerical_derivative(np.exp, 1.0, method="central")
assert_type(error, NDArray[Any])
check_gradients(np.exp, 1.0, order=1, modes=("reverse",))
assert_gradients_match(np.exp, np.exp, 1.0, argnums=0)
assert_type(strategies.arrays((2, 3), dtype=np.float32), SearchStrategy[NDArray[Any]])
assert_type(strategies.tensors(avoid=(0.0, 1.0)), SearchStrategy[mg.Tensor])
assert_type(strategies.einsum_calls(), SearchStrategy[strategies.EinsumCall])

model = nn.MLP([2, 3, 1])
assert_type(nn.l2(model, 0.1) + nn.l1(model, 0.1), mg.Tensor)
assert_type(nn.predict_proba(model, [[1.0], [2.0]]), NDArray[Any])
assert_type(nn.confusion_matrix([[0, 1]], [[0, 1]]), NDArray[np.int64])
assert_type(nn.summary(model, m=209).parameters, int)
assert_type(nn.check_gradients(model, [[1.0], [2.0]], [[1]]).errors, dict[str, float])
history = nn.fit(
    model, [[1.0], [2.0]], [[1]], epochs=1, learning_rate=0.1, seed=0, l2=0.7, sample_weight=[1], class_weight={1: 2.0}
)
assert_type(history, nn.History)


def trained(model: nn.Module, X: NDArray[Any], Y: NDArray[Any]) -> nn.History:
    def optimizer(parameters: list[mg.Tensor], rate: float) -> nn.Optimizer:
        return nn.AdamW([{"parameters": parameters[:1]}, {"parameters": parameters[1:], "weight_decay": 0}], rate)

    nn.fit(model, X, Y, epochs=1, learning_rate=0.1, seed=0, optimizer=optimizer)
    return nn.fit(model, X, Y, epochs=1, learning_rate=nn.CosineDecay(0.1, 5), seed=0, optimizer=nn.Adam)


def loaded(model: nn.Module, batches: list[tuple[NDArray[Any], NDArray[Any]]]) -> nn.History:
    def look(training: nn.Training) -> None:
        assert_type(training.history.cost, list[float])
        training.stop("enough")

    callbacks: list[nn.Callback] = [look, nn.EarlyStopping(patience=5), nn.Checkpoint("run.checkpoint")]
    history = nn.fit(model, batches, epochs=1, learning_rate=0.1, seed=0, callbacks=callbacks, resume="run.checkpoint")
    assert_type(history.stopped, str | None)
    return history


assert_type(nn.Warmup(5, lambda epoch: 0.1)(0), float)
assert_type(nn.SGD([t], 0.1).state_dict(), dict[str, Any])
