"""Files of table models: what `nn.save` writes, and beside the architecture what columns mean, as JSON.

So `nn.load` of such a file gives the network. Nothing in a file is executed.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

from micrograd_nd import nn
from micrograd_nd.files import replace_file
from micrograd_nd.nn.files import MAX_HEADER, contents, explained, model_bytes, model_of, named
from micrograd_nd.tabular.errors import TableError
from micrograd_nd.tabular.features import CategoryFeature, Feature, NumberFeature
from micrograd_nd.tabular.table_models import TableModel
from micrograd_nd.tabular.targets import ClassTarget, NumberTarget, Target

__all__ = ["load_table_model", "save_table_model"]

KEY = "micrograd_nd.table"
VERSION = 1
# What arrays may take of the header, beside the columns.
RESERVED = 2**20

KINDS: dict[type[Any], str] = {
    NumberFeature: "number",
    CategoryFeature: "categories",
    NumberTarget: "number",
    ClassTarget: "classes",
}


def save_table_model(model: TableModel, path: Path) -> None:
    """Write a model to a file, which is replaced only once the new one is complete.

    Raises
    ------
    TableError
        For names and categories that are too long for a file.
    OSError
        When the file cannot be written; what was there is still there then.
    """
    description = {
        "version": VERSION,
        "features": [described(feature) for feature in model.features],
        "target": described(model.target),
    }
    text = json.dumps(description)
    if len(text) > (MAX_HEADER - RESERVED) // 2:  # quotes are written with a backslash, once more
        raise TableError(f"names and categories have {len(text):,} characters together, too many for a file of a model")
    content = model_bytes(model.network, {KEY: text})
    with named(path):
        replace_file(path.resolve(), content)


def load_table_model(path: Path) -> TableModel:
    """Read a model that `save_table_model` wrote. The file need not be trusted.

    Raises
    ------
    ModelFileError
        When the file holds no model with columns, or is damaged.
    OSError
        When the file cannot be read.
    """
    with explained(path, SafetensorError):
        metadata, state = contents(path)
        if KEY not in metadata:
            raise ValueError("a model that knows no columns: it was not written by micrograd-nd train, but by nn.save")
        features, target = understood(json.loads(metadata[KEY]))
        network = model_of(metadata, state)
        return TableModel(fitting(network, features, target), features, target)


def described(part: Feature | Target) -> dict[str, Any]:
    """Say what a column means, in what JSON has."""
    return {"kind": KINDS[type(part)], **asdict(part)}


# Reading


def understood(description: Any) -> tuple[tuple[Feature, ...], Target]:
    """Take a description, and refuse what is none."""
    if not isinstance(description, dict):
        raise ValueError("what it says of columns is malformed")
    version = description.get("version")
    if version != VERSION:
        raise ValueError(f"what it says of columns is of version {version!r}; this package reads version {VERSION}")
    features = description.get("features")
    if not isinstance(features, list) or not features:
        raise ValueError("what it says of columns is malformed: it has no features")
    parts = tuple(feature_of(feature) for feature in features)
    target = target_of(description.get("target"))
    if len({part.name for part in (*parts, target)}) <= len(parts):
        raise ValueError("what it says of columns is malformed: a name stands twice")
    return parts, target


def feature_of(given: Any) -> Feature:
    """Make a feature of its description."""
    if isinstance(given, dict) and is_text(given.get("name")):
        if given.get("kind") == "number" and are_scales(given):
            return NumberFeature(given["name"], given["mean"], given["scale"], gaps_of(given))
        if given.get("kind") == "categories" and are_labels(given.get("categories"), 1 if gaps_of(given) else 2):
            return CategoryFeature(given["name"], tuple(given["categories"]), gaps_of(given))
    raise ValueError("what it says of columns is malformed: a feature is none")


def target_of(given: Any) -> Target:
    """Make a target of its description."""
    if isinstance(given, dict) and is_text(given.get("name")):
        if given.get("kind") == "number" and are_scales(given):
            return NumberTarget(given["name"], given["mean"], given["scale"])
        if (
            given.get("kind") == "classes"
            and are_labels(given.get("labels"))
            and isinstance(given.get("numeric"), bool)
        ):
            return ClassTarget(given["name"], tuple(given["labels"]), given["numeric"])
    raise ValueError("what it says of columns is malformed: the target is none")


def are_scales(given: Mapping[str, Any]) -> bool:
    """Tell a mean and a scale."""
    mean, scale = given.get("mean"), given.get("scale")
    return type(mean) is float and isfinite(mean) and type(scale) is float and isfinite(scale) and scale > 0


def are_labels(given: Any, fewest: int = 2) -> bool:
    """Tell a list of so many different texts at least."""
    texts = isinstance(given, list) and all(map(is_text, given))
    return texts and len(set(given)) == len(given) >= fewest


def gaps_of(given: Mapping[str, Any]) -> bool:
    """Tell whether a feature fills in missing values: none did in files that do not say it."""
    gaps = given.get("gaps", False)
    if not isinstance(gaps, bool):
        raise ValueError("what it says of columns is malformed: a feature is none")
    return gaps


def is_text(given: Any) -> bool:
    """Tell a text that can be written."""
    return isinstance(given, str) and not any("\ud800" <= character <= "\udfff" for character in given)


def fitting(network: nn.Module, features: tuple[Feature, ...], target: Target) -> nn.Sequential:
    """Refuse a network that is not one of these columns."""
    if not isinstance(network, nn.Sequential) or not isinstance(network.last, OUTPUTS[target.output]):
        raise ValueError(f"its network does not end in a {target.output} output, which its target needs")
    X = np.zeros((sum(feature.size for feature in features), 1))
    with np.errstate(all="ignore"):
        shape = nn.predict_proba(network, X).shape if target.output != "linear" else nn.predict(network, X).shape
    if shape != (target.n_y, 1):
        raise ValueError(f"its network gives {shape[0]} rows, and its target needs {target.n_y}")
    return network


OUTPUTS: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "softmax": nn.Softmax, "linear": nn.Identity}
