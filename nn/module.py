"""Module: something with parameters, which are found by themselves, and a `forward`.

This file knows Tensors and how modules are nested, and nothing of any particular layer.
"""

import textwrap
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from reprlib import recursive_repr
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from micrograd_nd import Tensor
from micrograd_nd.display import Displayed
from micrograd_nd.graph import moment, note_call
from micrograd_nd.tree import leaves

__all__ = ["Module", "call_like", "check_model", "evaluating", "walk"]

# In what `forward` may return several results.
NESTS = (tuple, list, dict)


class Module(Displayed):
    """Base of layers, models, and whatever else holds parameters.

    A subclass puts Tensors and other Modules into attributes, by themselves or in lists, tuples and dicts, and
    defines `forward`; calling the module calls it. There is no ``super().__init__()`` to remember. The parameters
    are the Tensors with ``requires_grad``, in the order in which the attributes were first assigned. Tensors without it
    are *buffers*: values that belong to the state of the module and are not trained, such as the running mean of
    `BatchNorm`. `forward` may change them in place, ``self.mean += ...``, by values that it has detached. To give a
    parameter other values, set its data: ``layer.W.data = values``.

    Attributes
    ----------
    training : bool
        Set by `train` and `eval`, for modules that behave differently while they are trained.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         self.hidden = nn.Linear(2, 4, seed=1)
    ...         self.output = nn.Linear(4, 1, seed=2)
    ...     def forward(self, X):
    ...         return mg.sigmoid(self.output(np.tanh(self.hidden(X))))
    >>> net = Net()
    >>> net
    Net(hidden=Linear(2, 4), output=Linear(4, 1))
    >>> [name for name, parameter in net.named_parameters()]
    ['hidden.W', 'hidden.b', 'output.W', 'output.b']
    >>> net(np.ones((2, 5))).shape
    (1, 5)
    """

    training: bool = True
    # Attributes that hold a Tensor as long as nobody has put something else in their place.
    own_tensors: tuple[str, ...] = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call `forward`. What is recorded of its results remembers that this module computed them."""
        start = moment()
        out = self.forward(*args, **kwargs)
        if type(out) is Tensor:
            note_call(self, start, out.node)
        elif type(out) in NESTS:
            for part in leaves(out):
                if type(part) is Tensor:
                    note_call(self, start, part.node)
        return out

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; subclasses say how.

        Raises
        ------
        NotImplementedError
            Where a subclass does not.
        """
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, X)")

    def parameters(self) -> list[Tensor]:
        """List the parameters, each once even where several attributes share it.

        Returns
        -------
        list of Tensor

        Raises
        ------
        TypeError
            For an attribute that is the recorded result of an operation.
        """
        return [parameter for _, parameter in self.named_parameters()]

    def named_parameters(self) -> list[tuple[str, Tensor]]:
        """List the parameters with the path of attributes that leads to each, such as ``layers.0.W``.

        Returns
        -------
        list of (str, Tensor)

        Raises
        ------
        TypeError
            As `parameters`.
        """
        return [(path, tensor) for path, tensor in tensors(self) if tensor.requires_grad]

    def buffers(self) -> list[Tensor]:
        """List the Tensors that are state and not trained, each once even where several attributes share it.

        Returns
        -------
        list of Tensor

        Raises
        ------
        TypeError
            As `parameters`.
        """
        return [buffer for _, buffer in self.named_buffers()]

    def named_buffers(self) -> list[tuple[str, Tensor]]:
        """List the buffers with the path of attributes that leads to each.

        Returns
        -------
        list of (str, Tensor)

        Raises
        ------
        TypeError
            As `parameters`.

        Examples
        --------
        >>> from micrograd_nd import nn
        >>> [name for name, buffer in nn.Sequential(nn.BatchNorm(2)).named_buffers()]
        ['layers.0.running_mean', 'layers.0.running_variance']
        """
        return [(path, tensor) for path, tensor in tensors(self) if not tensor.requires_grad]

    def modules(self) -> list["Module"]:
        """List this module and all modules in it, each once.

        Returns
        -------
        list of Module
        """
        return [part for _, part in walk(self) if isinstance(part, Module)]

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in all modules inside.

        Parameters
        ----------
        mode : bool
            False does what `eval` does.

        Returns
        -------
        Module
            This one.
        """
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set `training` to False here and in all modules inside.

        Returns
        -------
        Module
            This one.
        """
        return self.train(False)

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Copy the values of all parameters and buffers.

        Returns
        -------
        dict of str to ndarray
            By the names of `named_parameters` and `named_buffers`.

        Examples
        --------
        >>> from micrograd_nd import nn
        >>> nn.Linear(2, 1, weights="zeros").state_dict()
        {'W': array([[0., 0.]]), 'b': array([[0.]])}
        """
        return {name: np.array(tensor.numpy()) for name, tensor in uniquely_named(self).items()}

    def load_state_dict(self, state: Mapping[str, ArrayLike | Tensor]) -> None:
        """Give every parameter and buffer the values of `state`, or on an error none of them.

        Parameters
        ----------
        state : mapping of str to array_like
            What `state_dict` returns: exactly its names, shapes and dtypes.

        Raises
        ------
        TypeError
            If `state` is not a mapping.
        ValueError
            If names, shapes or dtypes differ; the message lists all differences.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict needs a dict of arrays; got {type(state).__name__}")
        own = uniquely_named(self)
        values = {
            name: value.numpy() if isinstance(value, Tensor) else np.asarray(value) for name, value in state.items()
        }
        if problems := list(differences(own, values)):
            lines = "\n  ".join(problems)
            theirs = any(name.rpartition(".")[2] == "weight" for name in values.keys() - own.keys())
            hint = ". For what PyTorch's state_dict() gives there is nn.load_torch_weights" if theirs else ""
            raise ValueError(f"the state does not fit {type(self).__name__}:\n  {lines}{hint}")
        for name, tensor in own.items():
            tensor.data = values[name]

    def __repr__(self) -> str:
        members = [f"{name}={text}" for name, part in vars(self).items() if (text := shown(part))]
        return call_like(type(self).__name__, members)


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Switch `training` off for a while, and then back to what each module had."""
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode


def check_model(model: Any) -> None:
    """Refuse what is no module, such as the class of one."""
    if not isinstance(model, Module):
        raise TypeError(f"a model is a Module, such as nn.MLP([2, 4, 1]); got {model!r}")


def walk(root: Module) -> Iterator[tuple[str, Module | Tensor]]:
    """Visit a module and every module and Tensor in it, with its path, each once, in order of assignment."""
    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [("", root)]
    while stack:
        path, part = stack.pop()
        if isinstance(part, set | frozenset | deque):
            refuse_hidden(path, part)
        if not isinstance(part, Module | Tensor | list | tuple | dict) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Module | Tensor):
            yield path, part
        inside = [(f"{path}.{key}" if path else str(key), value) for key, value in members(part)]
        stack.extend(reversed(inside))


def tensors(module: Module) -> Iterator[tuple[str, Tensor]]:
    """Visit the parameters and buffers of a module, and refuse results of operations, which are neither."""
    for path, part in walk(module):
        if isinstance(part, Module):
            check_own_tensors(part)
        else:
            if part.requires_grad and part.node.inputs:  # type: ignore[union-attr]
                raise TypeError(recorded(type(module).__name__, path))
            yield path, part


def check_own_tensors(module: Module) -> None:
    """Refuse a plain array that was put in the place of a parameter or buffer, which would be lost in silence."""
    for name in module.own_tensors:
        value = getattr(module, name, None)
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(
                f"{name} of {type(module).__name__} has become a {type(value).__name__}, which can neither be trained "
                f"nor saved. Keep the Tensor, and give it other values by {name}.data = values"
            )


def members(part: Any) -> Iterable[tuple[Any, Any]]:
    """List what a module or a container holds."""
    if isinstance(part, Module):
        return vars(part).items()
    if isinstance(part, dict):
        return part.items()
    return enumerate(part) if isinstance(part, list | tuple) else ()


def refuse_hidden(path: str, container: Iterable[Any]) -> None:
    """Refuse modules and Tensors in a container that is not looked into."""
    for part in container:
        if isinstance(part, Module | Tensor):
            raise TypeError(
                f"{path} is a {type(container).__name__} that holds a {type(part).__name__}: modules and parameters "
                "are found in attributes, lists, tuples and dicts, so use one of these"
            )


def uniquely_named(module: Module) -> dict[str, Tensor]:
    """Look up parameters and buffers by name, which only odd keys of dicts can make ambiguous."""
    found: dict[str, Tensor] = {}
    for name, tensor in tensors(module):
        if name in found:
            raise ValueError(f"two parameters are named {name!r}: use other keys in the dicts")
        found[name] = tensor
    return found


def differences(own: Mapping[str, Tensor], values: Mapping[str, NDArray[Any]]) -> Iterator[str]:
    """Say, a line each, in what a state differs from the Tensors it is meant for."""
    for name, tensor in own.items():
        if name not in values:
            yield f"{name} is missing"
        elif values[name].shape != tensor.shape:
            yield f"{name} must have shape {tensor.shape}; got {values[name].shape}"
        elif values[name].dtype != tensor.dtype:
            yield f"{name} must have dtype {tensor.dtype}; got {values[name].dtype}"
    yield from (f"{name} is unexpected" for name in values if name not in own)


def recorded(module: str, path: str) -> str:
    """Say what to do with an attribute that may be meant as a parameter, or as a value to look at."""
    return (
        f"{module}.{path} is the recorded result of an operation, which cannot be trained. As a parameter, make it "
        "a Tensor of its own, mg.Tensor(value), and update it by p.data = ...; to keep a result, keep its numpy()"
    )


@recursive_repr("...")
def shown(part: Any) -> str:
    """Show an attribute in its module's repr; nothing if it holds neither modules nor parameters."""
    if isinstance(part, Module):
        return repr(part)
    if isinstance(part, Tensor):
        return f"Tensor{part.shape}" if part.requires_grad else ""
    inside = [text for _, value in members(part) if (text := shown(value))]
    return call_like("", inside, "[]") if inside else ""


def call_like(name: str, arguments: Iterable[str], brackets: str = "()") -> str:
    """Write ``name(arguments)``: on one line, or on a line each where that is too long."""
    arguments = list(arguments)
    line = f"{name}{brackets[0]}{', '.join(arguments)}{brackets[1]}"
    if len(line) <= 80 and "\n" not in line:
        return line
    lines = textwrap.indent("".join(f"{argument},\n" for argument in arguments), "  ")
    return f"{name}{brackets[0]}\n{lines}{brackets[1]}"
