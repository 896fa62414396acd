"""The pictures of the documentation."""

import importlib.util
import re
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed")
pytest.importorskip("sklearn", reason="some pictures show scikit-learn's digits")

SPEC = importlib.util.spec_from_file_location("gallery", Path(__file__).with_name("gallery.py"))
gallery = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(gallery)

PAGE = gallery.FOLDER.parent / "viz.md"

needs_repository = pytest.mark.skipif(not PAGE.is_file(), reason="runs in a checkout: docs/ is not next to tests/")


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("name", gallery.PICTURES)
def test_every_picture_can_be_made_on_light_and_on_dark(name, style):
    import matplotlib.style

    with matplotlib.style.context(style):
        suffix, content = gallery.rendered(gallery.PICTURES[name]())
    assert content.startswith({".png": b"\x89PNG", ".svg": b"<?xml"}[suffix])
    assert len(content) < 50_000


def test_the_film_can_be_made(tmp_path):
    assert gallery.film(tmp_path / "training.gif").read_bytes().startswith(b"GIF89a")


@needs_repository
def test_every_picture_is_shown_and_none_else():
    shown = set(re.findall(r"\]\(gallery/([^)]+)\)", PAGE.read_text(encoding="utf-8")))
    there = {path.name for path in gallery.FOLDER.iterdir()}
    assert shown == there
    assert {name.rpartition(".")[0] for name in there} == {*gallery.PICTURES, "training"}
