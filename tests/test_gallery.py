"""The pictures of the documentation are those that the code draws now."""

import html
import re
import xml.etree.ElementTree as ET
from importlib.resources import files

import pytest

from gallery import FOLDER, rendered
from gallery.graphs import GRAPHS
from gallery.networks import NETWORKS
from gallery.pages import PAGE as STEPS
from gallery.pages import PAGES, STILLS, words_of
from gallery.plots import FILMS, PLOTS, film

pytest.importorskip("pygraphviz", reason="pictures are laid out by Graphviz")

PAGE = FOLDER.parent / "viz.md"
needs_repository = pytest.mark.skipif(not PAGE.is_file(), reason="runs in a checkout: docs is not beside tests/")
DRAWINGS = {**GRAPHS, **NETWORKS, **PAGES}


def worded(content):
    """The texts in a picture or a page, without what training may round otherwise elsewhere."""
    if content.startswith(b"<!DOCTYPE html>"):
        page = re.sub(r"<(style|script)>.*?</\1>", "", content.decode(), flags=re.DOTALL)
        written = re.findall(r">([^<>]+)<", page)
    else:
        elements = ET.fromstring(content).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - our own
        written = ["".join(element.itertext()) for element in elements]
    return [re.sub(r"\d+\.\d+", "number", html.unescape(text)) for text in written]


def shown():
    """The names of the pictures that the page shows."""
    return set(re.findall(r"gallery/([\w.-]+)", PAGE.read_text(encoding="utf-8")))


@needs_repository
@pytest.mark.parametrize("name", DRAWINGS)
def test_the_picture_in_the_documentation_says_what_is_drawn_now(name):
    ending, content = rendered(DRAWINGS[name]())
    kept = (FOLDER / f"{name}{ending}").read_bytes()
    assert worded(kept) == worded(content), "run make gallery: this picture is old"


@needs_repository
@pytest.mark.parametrize("name", ["page.css", "page.js"])
def test_the_page_in_the_documentation_looks_and_works_as_one_that_is_written_now(name):
    part = files("micrograd_nd.viz.walkthrough").joinpath(name).read_text(encoding="utf-8")
    assert part in STEPS.read_text(encoding="utf-8"), "run make gallery: this page is old"


@needs_repository
@pytest.mark.parametrize("name", STILLS)
def test_a_still_was_taken_of_the_page_beside_it(name):
    assert words_of(STEPS).encode() in (FOLDER / f"{name}.png").read_bytes(), "run make gallery: this still is old"


@needs_repository
def test_every_picture_is_shown_and_no_other():
    assert shown() == {path.name for path in FOLDER.iterdir()}
    assert {name.rpartition(".")[0] for name in shown()} == {*DRAWINGS, *PLOTS, *STILLS, *FILMS}


@needs_repository
def test_what_is_shown_for_light_pages_is_shown_for_dark_ones():
    light = {name for name in shown() if "-light." in name}
    assert {name.replace("-light.", "-dark.") for name in light} == {name for name in shown() if "-dark." in name}


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_can_be_made_and_is_a_small_file(name):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    pytest.importorskip("sklearn", reason="some pictures show scikit-learn's digits")
    _, content = rendered(PLOTS[name]())
    assert content.startswith(b"\x89PNG")
    assert len(content) < 50_000


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_film_can_be_made(tmp_path, theme):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    content = film(tmp_path / "training.gif", theme).read_bytes()
    assert content.startswith(b"GIF89a")
    assert len(content) < 200_000
