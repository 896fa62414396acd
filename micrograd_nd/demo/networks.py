"""Parts 3 to 5: networks trained on real data, and the gradients of one of them checked."""

from pathlib import Path
from typing import Any

import numpy as np

from micrograd_nd import Tensor, nn, no_grad, viz
from micrograd_nd.demo import data
from micrograd_nd.demo.graphs import report
from micrograd_nd.testing import numerical_derivative

__all__ = ["gradient_check", "logistic_regression", "train_digits"]

# Few samples and small steps, so that no ReLU is likely to switch within a step.
SAMPLES = 16
STEP = 2.0**-14


def logistic_regression() -> float:
    """Train logistic regression on the breast-cancer data; return its held-out accuracy."""
    split = data.breast_cancer()
    model = nn.LogisticRegression(len(split.X))
    history = nn.fit(model, split.X, split.Y, epochs=200, learning_rate=0.5, seed=0, progress=False)
    print(f"  {split.X.shape[1]} tumours of {len(split.X)} measurements to train on, {split.X_test.shape[1]} held out")
    print(f"  cost {history.cost[0]:.4f} -> {history.cost[-1]:.4f} in {len(history)} iterations")
    accuracy = nn.accuracy(nn.predict(model, split.X_test), split.Y_test)
    print(f"  accuracy: training {nn.accuracy(nn.predict(model, split.X), split.Y):.4f}, held out {accuracy:.4f}")
    return accuracy


def train_digits(out: Path) -> tuple[nn.MLP, float]:
    """Train an L-layer network on handwritten digits; return it with its held-out accuracy."""
    split = data.digits()
    model = nn.MLP([64, 64, 32, 10], hidden="relu", output="softmax", seed=0)
    held_out = split.X_test, split.Y_test
    history = nn.fit(model, split.X, split.Y, epochs=60, batch_size=32, learning_rate=0.1, seed=0, validation=held_out)
    if history.interrupted:
        raise KeyboardInterrupt
    print(
        f"  {split.X.shape[1]} images of 8 x 8 pixels to train on, {split.X_test.shape[1]} held out; layers 64-64-32-10"
    )
    print(
        f"  cost {history.cost[0]:.4f} -> {history.cost[-1]:.4f} in {len(history)} epochs, {sum(history.seconds):.1f} s"
    )
    accuracy = nn.accuracy(nn.predict(model, split.X_test), split.Y_test)
    print(f"  accuracy: training {nn.accuracy(nn.predict(model, split.X), split.Y):.4f}, held out {accuracy:.4f}")
    curve: Any = viz.plot_cost(history).figure
    curve.savefig(out / "digits_cost.png", dpi=150)
    report(out / "digits_cost.png")
    predicted = nn.predict(model, split.X_test)[0]
    wrong = np.flatnonzero(predicted != split.Y_test[0])[:4]
    shown = np.concatenate([np.arange(28 - len(wrong)), wrong])
    images = split.X_test.T[shown].reshape(-1, 8, 8)
    grid: Any = viz.plot_predictions(images, predicted[shown], split.Y_test[0, shown], columns=7).figure
    grid.savefig(out / "digits_predictions.png", dpi=150)
    report(out / "digits_predictions.png")
    return model, accuracy


def gradient_check(model: nn.MLP) -> float:
    """Hold that network's gradients against central differences, on a sample of its parameters."""
    split = data.digits()
    X, Y = split.X[:, :SAMPLES], split.Y[:, :SAMPLES]
    model.zero_grad()
    nn.cross_entropy(model.logits(X), Y, from_logits=True).backward()
    rng = np.random.default_rng(0)
    errors = []
    for parameter in model.parameters():
        chosen = rng.choice(parameter.size, size=min(parameter.size, 20), replace=False)
        analytic = parameter.grad.reshape(-1)[chosen]
        numerical = np.array([slope(model, X, Y, parameter, index) for index in chosen])
        errors.append(relative_error(analytic, numerical))
        print(f"  {parameter.name:<4} {len(chosen)} of {parameter.size:>5,} elements: relative error {errors[-1]:.1e}")
    print(f"  worst relative error {max(errors):.1e}, by |g - g'| / (|g| + |g'|)")
    return max(errors)


def slope(model: nn.MLP, X: data.Array, Y: Any, parameter: Tensor, index: int) -> float:
    """Differentiate the cost with respect to one element of a parameter, from values of the cost alone."""
    values = parameter.numpy().copy()

    def cost(x: Any) -> Any:
        moved = values.copy()
        moved.reshape(-1)[index] = x
        parameter.data = moved
        with no_grad():
            return nn.cross_entropy(model.logits(X), Y, from_logits=True).item()

    derivative, _ = numerical_derivative(cost, values.reshape(-1)[index], 1.0, step=STEP)
    parameter.data = values
    return float(derivative)


def relative_error(g: data.Array, other: data.Array) -> float:
    """Compare two gradients as the course does; 0 where both are 0."""
    scale = np.linalg.norm(g) + np.linalg.norm(other)
    return float(np.linalg.norm(g - other) / scale) if scale else 0.0
