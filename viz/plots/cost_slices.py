"""The cost of a model as a function of two numbers: along two of its weights, or along two directions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.compiled_steps import standing_for
from micrograd_nd.nn.gradient_checking import names
from micrograd_nd.nn.module import Module, check_model, evaluating
from micrograd_nd.nn.objective import Cost, Objective, objective
from micrograd_nd.nn.preparation import prepared
from micrograd_nd.viz.films.snapshots import Snapshots

__all__ = ["CostSlice", "cost_slice"]

Array = NDArray[Any]
Along = tuple[str, str] | tuple[Mapping[str, ArrayLike], Mapping[str, ArrayLike]] | Snapshots


@dataclass(frozen=True, repr=False)
class CostSlice:
    """The cost J of a model as a function of two numbers u and v, with all else held; made by `cost_slice`.

    All parameters together are ``base + u * first + v * second``.

    Attributes
    ----------
    labels : (str, str)
        What u and v are.
    origin : array, shape (2,)
        u and v of the model as it was when the slice was made.
    """

    labels: tuple[str, str]
    origin: Array
    model: Module = field(repr=False)
    plan: Objective = field(repr=False)
    X: Array = field(repr=False)
    Y: Any = field(repr=False)
    base: Array = field(repr=False)
    directions: Array = field(repr=False)

    def __call__(self, u: float, v: float) -> float:
        """Compute the cost, with the model in evaluation. It stays as it is."""
        parameters = self.model.parameters()
        values = split(self.base + u * self.directions[0] + v * self.directions[1], parameters)
        with evaluating(self.model), mg.no_grad(), standing_for(parameters, values), np.errstate(all="ignore"):
            return float(self.plan.total(self.plan.run(self.X), self.Y))

    def path(self, snapshots: Snapshots) -> Array:
        """Find u and v of what was recorded in training; what lies beside the slice is brought onto it at right angles.

        Parameters
        ----------
        snapshots : Snapshots
            Of a run of this model.

        Returns
        -------
        array, shape (k, 2)

        Raises
        ------
        TypeError, ValueError
            For what are no snapshots, or of another model.
        """
        recorded = np.stack(snapshots_of(snapshots, self.model))
        return coordinates(recorded - self.base, self.directions)

    def __repr__(self) -> str:
        return f"CostSlice({type(self.model).__name__}, along {self.labels[0]} and {self.labels[1]})"


def cost_slice(
    model: Module, X: ArrayLike | Tensor, Y: ArrayLike | Tensor, *, along: Along, cost: Cost | None = None
) -> CostSlice:
    """Make of the cost of a model a function of two numbers, to be plotted by `plot_cost_surface`.

    Parameters
    ----------
    model : Module
        Its values of now are held, apart from what is varied.
    X : array_like, shape (n_x, m)
        A sample a column.
    Y : array_like, shape (n_y, m) or (1, m)
        As `fit` takes it.
    along : pair of str, pair of mappings, or Snapshots
        Two weights by their names, such as ``("W1[0, 3]", "b1")``, where one number in a parameter is chosen by its
        indices, from 0. Or two directions, each of arrays by the paths of `Module.named_parameters`; those left out do
        not move. Or what was recorded of a run: then the two directions in which it went the farthest, the principal
        components of its way to the last values (Li et al. 2018, "Visualizing the loss landscape of neural nets",
        section 7).
    cost : callable, optional
        As `fit` takes it, and chosen as `fit` does by default.

    Returns
    -------
    CostSlice
        To be called with two numbers.

    Raises
    ------
    TypeError, ValueError
        For names and shapes that the model does not have, two directions that are one, and samples that do not fit.

    Examples
    --------
    >>> from micrograd_nd import nn, viz
    >>> model = nn.LogisticRegression(1)
    >>> J = viz.cost_slice(model, [[-1.0, 2.0]], [[0, 1]], along=("W1", "b1"))
    >>> round(J(0.0, 0.0), 6), J(1.0, 0.0) < J(0.0, 0.0)
    (0.693147, True)
    """
    check_model(model)
    plan = objective(model, cost, None)
    X, labels = prepared(model, plan, X, Y, "")
    parameters = model.parameters()
    if not parameters:
        raise ValueError(f"{type(model).__name__} has no parameters, so its cost is one number")
    now = joined([parameter.numpy() for parameter in parameters])
    base, directions, named = now, np.zeros((0, len(now))), ("u", "v")
    if isinstance(along, Snapshots):
        directions, named, base = principal(np.stack(snapshots_of(along, model)))
    else:
        first, second = pair(along)
        if isinstance(first, str) and isinstance(second, str):
            directions, named = np.stack([element(model, first), element(model, second)]), (first, second)
            base = np.where(directions.any(axis=0), 0.0, now)
        else:
            directions = np.stack([direction(model, first), direction(model, second)])
    if np.linalg.matrix_rank(directions) < 2:
        raise ValueError("the two directions are one, or nothing moves along one of them: they must span a plane")
    origin = coordinates((now - base)[None], directions)[0]
    return CostSlice(named, origin, model, plan, X, labels, base, directions)


def joined(arrays: Sequence[Array]) -> Array:
    """Put all values of parameters into one vector."""
    return np.concatenate([array.ravel() for array in arrays]).astype(np.float64)


def split(values: Array, parameters: Sequence[Tensor]) -> list[Tensor]:
    """Take the parameters out of one vector."""
    parts = np.split(values, np.cumsum([parameter.size for parameter in parameters])[:-1])
    return [
        Tensor(part.reshape(parameter.shape), dtype=parameter.dtype)
        for part, parameter in zip(parts, parameters, strict=True)
    ]


def coordinates(points: Array, directions: Array) -> Array:
    """Find how far to go along each direction to be closest to points; the result has shape (k, 2)."""
    found: Array = np.linalg.lstsq(directions.T, points.T, rcond=None)[0].T
    return found


def pair(along: Any) -> tuple[Any, Any]:
    """Refuse what does not say along what."""
    if isinstance(along, tuple | list) and len(along) == 2:
        first, second = along
        if all(isinstance(x, str) for x in along) or all(isinstance(x, Mapping) for x in along):
            return first, second
    raise TypeError(
        'along must be two names, such as ("W1[0, 1]", "b1"), two directions, each a dict of arrays, or viz.Snapshots; '
        f"got {along!r}"
    )


def element(model: Module, name: str) -> Array:
    """Point along one number in one parameter."""
    known = dict(zip(names(model), model.parameters(), strict=True))
    known |= dict(model.named_parameters())
    matched = re.fullmatch(r"(.+?)(?:\[ *(\d+(?: *, *\d+)*) *\])?", name.strip())
    parameter = known.get(matched[1].strip()) if matched else None
    if matched is None or parameter is None:
        raise ValueError(f"{type(model).__name__} has no parameter {name!r}; it has {', '.join(names(model))}")
    index = tuple(int(i) for i in re.findall(r"\d+", matched[2] or "")) or (0,) * parameter.ndim
    if len(index) != parameter.ndim or any(i >= n for i, n in zip(index, parameter.shape, strict=True)):
        raise ValueError(f"{matched[1]} has shape {parameter.shape}, and no element [{matched[2]}]")
    if matched[2] is None and parameter.size != 1:
        example = ", ".join("0" for _ in index)
        raise ValueError(
            f"{name} has shape {parameter.shape}, so {parameter.size} numbers: choose one, such as {name}[{example}]"
        )
    arrays = [np.zeros(p.shape) for p in model.parameters()]
    arrays[next(i for i, p in enumerate(model.parameters()) if p is parameter)][index] = 1.0
    return joined(arrays)


def direction(model: Module, arrays: Mapping[str, Any]) -> Array:
    """Point along arrays for some of the parameters."""
    named = dict(model.named_parameters())
    if unknown := [name for name in arrays if name not in named]:
        raise ValueError(f"{type(model).__name__} has no parameter {unknown[0]!r}; it has {', '.join(named)}")
    found = []
    for name, parameter in named.items():
        given = arrays.get(name, np.zeros(parameter.shape))
        values = np.asarray(given.numpy() if isinstance(given, Tensor) else given, dtype=np.float64)
        if values.shape != parameter.shape or not np.isfinite(values).all():
            raise ValueError(
                f"a direction must have finite numbers of shape {parameter.shape} for {name}; got {values}"
            )
        found.append(values)
    return joined(found)


def principal(recorded: Array) -> tuple[Array, tuple[str, str], Array]:
    """Find the two directions in which a run went the farthest, and the last values, about which they are taken."""
    steps = recorded[:-1] - recorded[-1]
    _, sizes, directions = np.linalg.svd(steps, full_matrices=False)
    if len(sizes) < 2 or sizes[1] <= 1e-10 * sizes[0]:
        raise ValueError(
            f"{len(recorded)} snapshots lie on one line, so they span no plane: record more, or choose two weights"
        )
    shares = sizes**2 / np.sum(sizes**2)
    first, second = (f"principal direction {i + 1} ({100 * shares[i]:.0f} %)" for i in range(2))
    return directions[:2], (first, second), recorded[-1]


def snapshots_of(snapshots: Any, model: Module) -> list[Array]:
    """List what was recorded of the parameters, each as one vector."""
    if not isinstance(snapshots, Snapshots):
        raise TypeError(f"a path is what viz.Snapshots recorded in nn.fit; got {type(snapshots).__name__}")
    states = snapshots.checked().states
    for name, parameter in model.named_parameters():
        if name not in states[0] or states[0][name].shape != parameter.shape:
            raise ValueError(f"the snapshots are of another model: {name} of this one is {parameter.shape}")
    return [joined([state[name] for name, _ in model.named_parameters()]) for state in states]
