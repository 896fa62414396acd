"""The list of functions says what the registry says."""

import re
from pathlib import Path

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.coverage import page, statuses
from micrograd_nd.primitives import readable

PAGE = Path(__file__).resolve().parents[1] / "docs" / "functions.md"
VERSION = ".".join(np.__version__.split(".")[:2])


def test_a_listed_status_is_what_happens():
    t = mg.Tensor([1.5, 2.5])
    found = statuses()["numpy"]
    assert type(np.tanh(t)) is mg.Tensor
    assert found["tanh"] == "rule"
    assert type(np.hsplit(t, 2)[0]) is mg.Tensor
    assert found["hsplit"] == "composed"
    assert type(np.argmax(t)) is np.int64
    assert found["argmax"] == "plain"
    with pytest.raises(TypeError, match=r"np\.unique has no derivative rule"):
        np.unique(t)
    assert found["unique"] == "refused"


def test_every_public_function_of_the_registry_is_listed():
    listed = {name for names in statuses().values() for name in names}
    for function, entry in mg.registry.items():
        name = readable(function)
        if entry.rules != () and name.startswith("np."):
            assert name.split(".")[-1] in listed, name


def test_refused_functions_are_listed_and_are_not_in_the_registry():
    refused = [name for name, status in statuses()["numpy"].items() if status == "refused"]
    assert "histogram" in refused
    assert not any(getattr(np, name) in mg.registry for name in refused)


@pytest.mark.skipif(not PAGE.exists(), reason="runs in a checkout: docs/ is not next to tests/")
def test_the_page_is_the_one_that_the_registry_makes():
    pytest.importorskip("scipy", reason="the page lists SciPy's functions")
    text = PAGE.read_text(encoding="utf-8")
    (made_with,) = re.findall(r"with NumPy (\d+\.\d+)", text)
    if made_with != VERSION:
        pytest.skip(f"the page was made with NumPy {made_with}, which has other functions than {VERSION}")
    assert text == page(), "run: make functions"
