"""Files of models: parameters and buffers in the safetensors format, the architecture as JSON in its metadata.

Nothing in a file is executed.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.files import replace_file
from micrograd_nd.nn.architecture import described, rebuilt
from micrograd_nd.nn.module import Module

__all__ = ["ModelFileError", "contents", "explained", "load", "model_bytes", "model_of", "named", "save"]

VERSION = "1"
MAX_HEADER = 16 * 2**20

DTYPES = {"F16": np.dtype(np.float16), "F32": np.dtype(np.float32), "F64": np.dtype(np.float64)}


class ModelFileError(ValueError):
    """A file that holds no model, a damaged one, or another one than was asked for."""


def save(model: Module, path: str | os.PathLike[str]) -> None:
    """Write a model to a file, which is replaced only once the new one is complete.

    Parameters
    ----------
    model : Module
        Of any class. Models of this package's classes can be loaded from the file alone; of others it holds the
        parameters and buffers.
    path : path-like
        Such as ``"model.safetensors"``. A file that is there already passes its permissions on.

    Raises
    ------
    TypeError
        For what is no Module, and for parameters or buffers of another dtype than float16, float32 and float64.
    ValueError
        For a model without parameters and buffers, or with one whose name a file cannot hold.
    OSError
        When the file cannot be written, or `path` is no regular file; what was there is still there then.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from micrograd_nd import nn
    >>> model = nn.MLP([2, 4, 1], hidden="tanh", output="sigmoid", seed=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "model.safetensors")
    ...     nn.save(model, path)
    ...     nn.load(path)
    MLP(Linear(2, 4), Tanh(), Linear(4, 1), Sigmoid())
    """
    if not isinstance(model, Module):
        raise TypeError(f"save takes the model first, nn.save(model, path); got {type(model).__name__}")
    path, content = Path(path), model_bytes(model)
    with named(path):
        replace_file(path.resolve(), content)


def model_bytes(model: Module, more: Mapping[str, str] | None = None) -> bytes:
    """Give what the file of a model holds: for the same model the same bytes.

    Parameters
    ----------
    model : Module
    more : mapping of str to str, optional
        Further metadata, which `load` passes over.

    Raises
    ------
    TypeError, ValueError
        As `save`.
    """
    state = {name: np.asarray(values, order="C") for name, values in model.state_dict().items()}
    if not state:
        raise ValueError(f"{type(model).__name__} has no parameters to save")
    for name, values in state.items():
        check_name(name)
        if values.dtype not in DTYPES.values():
            raise TypeError(f"{name} has dtype {values.dtype}; a file holds float16, float32 and float64")
    metadata = {
        "micrograd_nd.version": VERSION,
        "micrograd_nd.class": type(model).__name__,
        "micrograd_nd.architecture": json.dumps(described(model, list(state))),
    }
    return serialized(state, metadata | dict(more or {}))


def load(path: str | os.PathLike[str], *, into: Module | None = None) -> Module:
    """Read a model from a file that `save` wrote.

    Parameters
    ----------
    path : path-like
        The file. It need not be trusted: nothing in it is executed, and no more memory is used than its size suggests.
    into : Module, optional
        A model to give parameters and buffers to, of the same names, shapes and dtypes. Needed for classes of your own.

    Returns
    -------
    Module
        A new model, or `into`.

    Raises
    ------
    ModelFileError
        When the file does not hold a model, is damaged, or does not fit `into`, which is then unchanged. It is a
        ValueError.
    OSError
        When the file cannot be read.
    """
    from safetensors import SafetensorError

    path = Path(path)
    with explained(path, SafetensorError):
        metadata, state = contents(path)
        if into is not None:
            into.load_state_dict(state)
            return into
        return model_of(metadata, state)


# Writing


def check_name(name: str) -> None:
    """Refuse a name that the format has another use for, and one that is no text."""
    if name == "__metadata__" or any("\ud800" <= character <= "\udfff" for character in name):
        raise ValueError(f"a file cannot hold a parameter named {name!r}: rename the attribute or key")


def serialized(state: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """Write arrays and metadata in the format, the metadata in the order of their names.

    In which order safetensors writes them is another in every process.
    """
    from safetensors.numpy import save

    content = save(dict(state), metadata=dict(metadata))
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # arrays begin at multiples of 8
    return b"".join((len(text).to_bytes(8, "little"), text, memoryview(content)[end:]))


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Let errors name the path that the user wrote, not one that was made of it."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None


# Reading


def contents(path: Path) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Read the metadata and the arrays of a file that `save` wrote, inside of `explained`."""
    from safetensors import safe_open

    check_header(path)
    with safe_open(path, framework="numpy") as file:
        metadata: dict[str, str] = file.metadata() or {}
        check_version(metadata)
        return metadata, {name: parameter(file, name) for name in file.keys()}  # noqa: SIM118


def model_of(metadata: Mapping[str, str], state: Mapping[str, NDArray[Any]]) -> Module:
    """Make the model that a file's contents describe, inside of `explained`."""
    description = json.loads(metadata["micrograd_nd.architecture"])
    if description is None:
        name = metadata.get("micrograd_nd.class", "module")
        raise ValueError(
            f"it holds the parameters of a {name} but not how to make one: make it, and nn.load(path, into=model)"
        )
    return rebuilt(description, state)


@contextmanager
def explained(path: Path, format_error: type[Exception]) -> Iterator[None]:
    """Give everything that can be wrong with a file as one error, which names the file."""
    try:
        yield
    except (format_error, ValueError, RecursionError) as error:
        raise ModelFileError(f"{path}: {error}") from error


def check_header(path: Path) -> None:
    """Refuse, before any memory is given to it, a header that is longer than the file or than any model's."""
    size = path.stat().st_size
    if not path.is_file():
        raise ValueError("not a file")
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > size - 8:
        raise ValueError("not a safetensors file, or a truncated one")
    if length > MAX_HEADER:
        raise ValueError(f"its header has {length} bytes, more than {MAX_HEADER}")


def check_version(metadata: Mapping[str, str]) -> None:
    """Refuse files of others, and of later versions."""
    version = metadata.get("micrograd_nd.version")
    if version is None or "micrograd_nd.architecture" not in metadata:
        hint = (
            "; it is a checkpoint, which nn.fit(..., resume=path) reads"
            if "micrograd_nd.checkpoint" in metadata
            else ""
        )
        raise ValueError(f"not written by nn.save{hint}")
    if version != VERSION:
        raise ValueError(f"written in version {version} of the format; this package reads version {VERSION}")


def parameter(file: Any, name: str) -> NDArray[Any]:
    """Read an array."""
    dtype = file.get_slice(name).get_dtype()
    if dtype not in DTYPES:
        raise ValueError(f"{name} has dtype {dtype}; parameters have {', '.join(DTYPES)}")
    values: NDArray[Any] = file.get_tensor(name)
    return values
