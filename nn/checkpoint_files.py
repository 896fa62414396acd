"""Files of checkpoints: arrays in the safetensors format, all else as JSON in its metadata.

This file knows how a snapshot is written, and how one is read that need not be trusted; nothing of runs.
"""

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.files import replace_file
from micrograd_nd.nn.files import DTYPES, check_header, check_name, explained, named

__all__ = ["Snapshot", "read_snapshot", "write_snapshot"]

Array = NDArray[Any]
VERSION = "1"
NUMBERS = {f"{kind}{8 * size}": np.dtype(f"{kind.lower()}{size}") for kind in "IU" for size in (1, 2, 4, 8)}
STORED = DTYPES | NUMBERS | {"BOOL": np.dtype(bool)}


@dataclass
class Snapshot:
    """All that is needed to go on with a run, as arrays and what JSON has.

    Attributes
    ----------
    arrays : dict of str to dict of str to ndarray
        By what they are of, such as ``"model"``, and then by name.
    facts : dict of str to object
        All that is no array.
    """

    arrays: dict[str, dict[str, Array]]
    facts: dict[str, Any]


def write_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Write a file, which is replaced only once the new one is complete.

    Raises
    ------
    TypeError, ValueError
        For what a file cannot hold.
    OSError
        When the file cannot be written; what was there is still there then.
    """
    from safetensors.numpy import save as serialized

    arrays = {f"{part}/{name}": values for part, named in snapshot.arrays.items() for name, values in named.items()}
    for name, values in arrays.items():
        check_name(name)
        if values.dtype not in STORED.values():
            raise TypeError(f"{name} has dtype {values.dtype}; a file holds {', '.join(map(str, STORED.values()))}")
    layouts = {name: axes for name, values in arrays.items() if (axes := axes_of(values)) != [*range(values.ndim)]}
    contiguous = {name: np.asarray(values, order="C") for name, values in arrays.items()}
    texts = {"micrograd_nd.facts": json.dumps(snapshot.facts), "micrograd_nd.layouts": json.dumps(layouts)}
    metadata = {
        "micrograd_nd.checkpoint": VERSION,
        "micrograd_nd.checksum": checksum(texts, contiguous),
        **texts,
    }
    with named(path):
        replace_file(path.resolve(), serialized(contiguous, metadata=metadata))


def read_snapshot(path: str | os.PathLike[str]) -> Snapshot:
    """Read a file that `write_snapshot` wrote. It need not be trusted: nothing in it is executed.

    Raises
    ------
    ModelFileError
        When the file holds no checkpoint, or is damaged.
    OSError
        When the file cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    with explained(path, SafetensorError):
        check_header(path)
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            check_version(metadata)
            layouts = json.loads(metadata["micrograd_nd.layouts"])
            stored = dict(read_arrays(file))
            # A file may come without one: it tells of accidents, and proves nothing of where a file is from.
            if metadata.get("micrograd_nd.checksum") not in (None, checksum(metadata, stored)):
                raise ValueError("it has changed since it was written: its checksum is another")
            arrays: dict[str, dict[str, Array]] = {}
            for name, values in laid(stored, layouts):
                part, _, rest = name.partition("/")
                arrays.setdefault(part, {})[rest] = values
        facts = json.loads(metadata["micrograd_nd.facts"])
        if not isinstance(facts, dict):
            raise ValueError("what it says of the run is malformed")
        return Snapshot(arrays, facts)


def check_version(metadata: Mapping[str, str]) -> None:
    """Refuse files of others, and of later versions."""
    version = metadata.get("micrograd_nd.checkpoint")
    if version is None or not {"micrograd_nd.facts", "micrograd_nd.layouts"} <= metadata.keys():
        hint = "; it is a model, which nn.load reads" if "micrograd_nd.architecture" in metadata else ""
        raise ValueError(f"not written by nn.Checkpoint{hint}")
    if version != VERSION:
        raise ValueError(f"written in version {version} of the format; this package reads version {VERSION}")


def checksum(texts: Mapping[str, str], arrays: Mapping[str, Array]) -> str:
    """Compute the CRC-32 of all that a run goes on from, in hexadecimal digits."""
    value = 0
    for name in ("micrograd_nd.facts", "micrograd_nd.layouts"):
        value = zlib.crc32(texts[name].encode(), value)
    for name in sorted(arrays):
        values = arrays[name]
        value = zlib.crc32(f"{name} {values.dtype.str} {values.shape}".encode(), value)
        value = zlib.crc32(np.ascontiguousarray(values).data, value)
    return f"{value:08x}"


def read_arrays(file: Any) -> Iterator[tuple[str, Array]]:
    """Read all arrays, as they lie in the file."""
    for name in file.keys():  # noqa: SIM118 - it is no dict
        dtype = file.get_slice(name).get_dtype()
        if dtype not in STORED:
            raise ValueError(f"{name} has dtype {dtype}; checkpoints have {', '.join(STORED)}")
        yield name, np.array(file.get_tensor(name))


def laid(arrays: Mapping[str, Array], layouts: Any) -> Iterator[tuple[str, Array]]:
    """Let arrays lie in memory as they lay."""
    if not isinstance(layouts, dict):
        raise ValueError("what it says of memory is malformed")
    for name, values in arrays.items():
        axes = layouts.get(name, [*range(values.ndim)])
        whole = isinstance(axes, list) and all(type(axis) is int for axis in axes)
        if not whole or sorted(axes) != [*range(values.ndim)]:
            raise ValueError(f"what it says of the memory of {name} is malformed")
        yield name, np.array(values.transpose(axes), order="C").transpose(sorted(axes, key=axes.__getitem__))


def axes_of(values: Array) -> list[int]:
    """List the axes from that with the longest way from element to element, since bits may depend on it."""
    if values.flags.c_contiguous:
        return [*range(values.ndim)]
    return sorted(range(values.ndim), key=lambda axis: -abs(values.strides[axis]))
