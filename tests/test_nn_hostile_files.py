"""Ten thousand files that somebody has changed: each is a model or one documented error, and none takes memory."""

import json
import sys

import numpy as np
import pytest

from micrograd_nd import nn

FILES = 10_000
SPECIAL = [
    b"",
    b"\0" * 8,
    b"\xff" * 8,
    b"NaN",
    b"-1",
    b"1e999",
    b"null",
    b"[[[[",
    b'"class"',
    b'"layers.0.W"',
    b"\xed\xa0\x80",
]
NUMBERS = [-1, 0, 1, 2**31, 2**63, 10**40, 1e308, None, True, "1", [], {}]


def model():
    return nn.Sequential(
        nn.Dense(3, 4, "elu", seed=0),
        nn.BatchNorm(4),
        nn.Residual(nn.Linear(4, 4, seed=1), nn.Dropout(keep_prob=0.5, seed=2)),
        nn.Linear(4, 2, seed=3, dtype=np.float32),
        nn.Softmax(),
    )


def changed_bytes(content, rng):
    """Some bytes overwritten, left out, doubled or put in."""
    for _ in range(rng.integers(1, 5)):
        start, length = rng.integers(len(content) + 1), rng.integers(1, 20)
        part = SPECIAL[rng.integers(len(SPECIAL))] if rng.random() < 0.4 else rng.bytes(rng.integers(1, 9))
        middle = [part, b"", content[start : start + length] * 2, part + content[start : start + length]][
            rng.integers(4)
        ]
        content = content[:start] + middle + content[start + length :]
    return content


def changed_header(content, rng):
    """A header that is JSON, whatever it says; its length is right."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    places = list(inner_places(header))
    architecture = json.loads(header["__metadata__"]["micrograd_nd.architecture"])
    for _ in range(rng.integers(1, 4)):
        change(places[rng.integers(len(places))], rng)
    inside = list(inner_places(architecture))
    for _ in range(rng.integers(0, 4)):
        change(inside[rng.integers(len(inside))], rng)
    if isinstance(header.get("__metadata__"), dict):
        header["__metadata__"]["micrograd_nd.architecture"] = json.dumps(architecture)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


def inner_places(nest):
    """Every container in a nest of JSON, with every key in it."""
    for key in list(nest) if isinstance(nest, dict) else range(len(nest)):
        yield nest, key
        if isinstance(nest[key], dict | list) and nest[key]:
            yield from inner_places(nest[key])


def change(place, rng):
    """Put something else into a place, leave it out, or give it another key."""
    nest, key = place
    if isinstance(nest, dict) and key not in nest:
        return
    kind = rng.integers(3)
    if kind == 0 or isinstance(nest, list):
        nest[key] = NUMBERS[rng.integers(len(NUMBERS))]
    elif kind == 1:
        del nest[key]
    else:
        nest[f"{key}x"] = nest.pop(key)


@pytest.mark.parametrize("mutate", [changed_bytes, changed_header])
def test_a_file_that_was_changed_is_a_model_or_a_model_file_error_and_takes_no_memory(mutate, tmp_path):
    resource = pytest.importorskip("resource", reason="this system does not tell how much memory a process took")
    path = tmp_path / "model.safetensors"
    nn.save(model(), path)
    content, rng = path.read_bytes(), np.random.default_rng(0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loaded = 0
    for _ in range(FILES // 2):
        path.write_bytes(mutate(content, rng))
        try:
            found = nn.load(path)
        except nn.ModelFileError:
            continue
        assert isinstance(found, nn.Module)
        loaded += 1
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 50e6
    assert 0 < loaded < FILES // 4  # some changes do no harm, and most are found
