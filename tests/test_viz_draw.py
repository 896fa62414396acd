"""Pictures as files, by every way to Graphviz and by none."""

import os
import re
import struct
import sys
import xml.etree.ElementTree as ET

import graphviz
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from gallery.graphs import course
from micrograd_nd import viz
from micrograd_nd.viz.labels import MARK
from micrograd_nd.viz.printable import visible

FAKE_DOT = """#!/bin/sh
echo "called with $@" > "${0%/*}/calls"
/bin/cat > "${0%/*}/source"
echo '<svg xmlns="http://www.w3.org/2000/svg"/>'
"""


@pytest.fixture
def no_system_dot(monkeypatch, tmp_path):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


@pytest.fixture
def pygraphviz_only(no_system_dot):
    pytest.importorskip("pygraphviz", reason="pygraphviz is not installed")


@pytest.fixture
def nothing_installed(no_system_dot, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def fake_dot(monkeypatch, tmp_path):
    if sys.platform == "win32":
        pytest.skip("the stand-in for dot is a shell script")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "dot").write_text(FAKE_DOT)
    (programs / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    return programs


def texts(svg):
    """The texts in an SVG; Graphviz writes runs of spaces as no-break spaces."""
    elements = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - our own
    return ["".join(element.itertext()).replace("\N{NO-BREAK SPACE}", " ").replace(MARK, "") for element in elements]


# With pygraphviz


@pytest.mark.usefixtures("pygraphviz_only")
def test_the_svg_of_the_course_example_holds_its_numbers():
    found = dict(text.split(" = ") for text in texts(viz.render(viz.graph(course()), "svg")) if " = " in text)
    numbers = {name: float(value) for name, value in found.items() if re.fullmatch(r"[−\d.]+", value)}
    assert numbers == {"a": 5, "b": 3, "c": 2, "dJ/dv": 3, "dJ/da": 3, "dJ/du": 3, "dJ/db": 6, "dJ/dc": 9}
    assert {"u", "v", "J"} <= found.keys()


@pytest.mark.usefixtures("pygraphviz_only")
@pytest.mark.parametrize(
    ("ending", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("PNG", b"\x89PNG")]
)
def test_a_file_is_what_its_ending_says(tmp_path, ending, magic):
    path = viz.draw(course(), tmp_path / f"graph.{ending}")
    assert path == tmp_path / f"graph.{ending}"
    assert path.read_bytes().startswith(magic)


@pytest.mark.usefixtures("pygraphviz_only")
def test_a_png_has_200_dots_per_inch():
    picture = viz.graph(course())
    points = float(re.search(rb'width="(\d+)pt"', viz.render(picture, "svg"))[1])
    (pixels,) = struct.unpack(">I", viz.render(picture, "png")[16:20])
    assert pixels == pytest.approx(points * 200 / 72, rel=0.02)
    assert "dpi" not in picture.source


@pytest.mark.usefixtures("pygraphviz_only")
def test_options_of_draw_are_those_of_graph(tmp_path):
    svg = viz.draw(course(), tmp_path / "graph.svg", gradients=False, direction="TB").read_text(encoding="utf-8")
    assert "dJ" not in svg


@pytest.mark.usefixtures("pygraphviz_only")
def test_every_element_of_a_matrix_is_in_the_svg():
    svg = viz.render(viz.graph(mg.Tensor([[1.5, -2.0], [3.25, 4.0]], name="W").sum()), "svg")
    assert {"1.5", "−2", "3.25", "4"} <= set(texts(svg))


HOSTILE = [
    '"a\\"] b [<x>',
    "\\N \\G \\L \\E \\T \\H \\n \\l \\r \\\\",
    "ends in \\",
    "&amp; &#60; &",
    "<b>bold</b>",
    "</TD></TABLE>> ]; } digraph {",
    "<!-- comment -->",
    "new\nline\r\ttab",
    "\x00\x07\ufffe",
    "🦊 👩\u200d🚀",
    "dJ/dx = 3",
    "%1 {curly|bars}",
    "  two  spaces  ",
    "עברית",
]


@pytest.mark.usefixtures("pygraphviz_only")
def test_a_name_is_drawn_as_that_text_and_nothing_else():
    @settings(max_examples=60, deadline=None)
    @given(st.text(min_size=1))
    def drawn_as_it_is(name):
        x = mg.Tensor(2.0, name=name)
        result = x * 3.0
        result.name = name
        found = texts(viz.render(viz.graph(result, direction="TB"), "svg"))
        shown = visible(name)
        assert f"{shown} = 2" in found
        assert f"d{shown}′/d{shown} = 3" in found
        assert len(found) == 9

    for name in HOSTILE:
        drawn_as_it_is = example(name)(drawn_as_it_is)
    drawn_as_it_is()


# With the system's dot


def test_the_systems_dot_is_used_where_there_is_one(fake_dot, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    path = viz.draw(course(), tmp_path / "graph.svg")
    assert path.read_text().startswith("<svg")
    assert "-Tsvg" in (fake_dot / "calls").read_text()
    assert (fake_dot / "source").read_text(encoding="utf-8").strip() == viz.graph(course()).source.strip()


def test_the_systems_dot_comes_before_pygraphviz(fake_dot):
    viz.render(viz.graph(course()), "pdf")
    assert "-Tpdf" in (fake_dot / "calls").read_text()


def test_a_failure_of_the_systems_dot_is_an_error(fake_dot):
    (fake_dot / "dot").write_text("#!/bin/sh\n/bin/cat > /dev/null\nexit 3\n")
    with pytest.raises(graphviz.CalledProcessError):
        viz.render(viz.graph(course()), "svg")


# With neither


@pytest.mark.usefixtures("nothing_installed")
def test_without_graphviz_the_error_names_both_remedies():
    with pytest.raises(ImportError, match=r"(?s)graphviz.org/download.*pip install 'micrograd-nd\[draw\]'.*source"):
        viz.render(viz.graph(course()), "svg")


@pytest.mark.usefixtures("nothing_installed")
def test_without_graphviz_no_file_is_left(tmp_path):
    target = tmp_path / "pictures"
    target.mkdir()
    with pytest.raises(ImportError, match="needs Graphviz"):
        viz.draw(course(), target / "graph.png")
    assert list(target.iterdir()) == []


@pytest.mark.usefixtures("nothing_installed")
def test_the_source_can_be_written_without_graphviz(tmp_path):
    path = viz.draw(course(), tmp_path / "graph.dot")
    assert path.read_text(encoding="utf-8") == viz.graph(course()).source


# Files


@pytest.mark.parametrize("name", ["graph", "graph.jpg", "graph.svg.txt", ".svg"])
def test_an_unknown_ending_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"ends in \.svg, \.png, \.pdf or \.dot; got"):
        viz.draw(course(), tmp_path / name)


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match='"svg", "png" or "pdf"; got \'gif\''):
        viz.render(viz.graph(course()), "gif")


def test_a_missing_folder_is_told_before_anything_is_drawn(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        viz.draw(course(), tmp_path / "nowhere" / "graph.svg")


def test_a_folder_in_the_place_of_the_file_is_told_and_stays(tmp_path):
    (tmp_path / "graph.dot").mkdir()
    with pytest.raises(OSError, match="cannot write the picture"):
        viz.draw(course(), tmp_path / "graph.dot")
    assert [path.name for path in tmp_path.iterdir()] == ["graph.dot"]


def test_a_folder_that_nobody_may_write_to_is_told(tmp_path, monkeypatch):
    def refuse(self, *_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(PermissionError, match="cannot write the picture: Permission denied"):
        viz.draw(course(), tmp_path / "graph.dot")


def test_an_existing_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "graph.dot"
    path.write_text("old")
    viz.draw(course(), path)
    assert "digraph" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_has_the_permissions_of_any_other_new_file(tmp_path):
    (tmp_path / "other").touch()
    assert viz.draw(course(), str(tmp_path / "graph.dot")).stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    path = tmp_path / "graph.dot"
    os.mkfifo(path)
    with pytest.raises(OSError, match="cannot write the picture: not a regular file"):
        viz.draw(course(), path)
    assert path.is_fifo()


def test_an_interrupt_leaves_the_old_picture_and_no_other_file(tmp_path, monkeypatch):
    path = viz.draw(course(), tmp_path / "graph.dot")
    before = path.read_bytes()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        viz.draw(course() + 1, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_any_graphviz_graph_can_be_saved(tmp_path):
    picture = graphviz.Digraph(body=["a -> b\n"])
    assert "a -> b" in viz.save(picture, tmp_path / "any.dot").read_text()


# In a notebook


@pytest.mark.usefixtures("pygraphviz_only")
def test_a_small_graph_shows_itself_in_a_notebook():
    J = course()
    bundle = viz.mimebundle(J)
    assert bundle["text/plain"] == repr(J)
    assert "dJ/du = 3" in texts(bundle["image/svg+xml"])
    assert bundle["image/svg+xml"].startswith("<svg")


@pytest.mark.parametrize(
    "tensor", [mg.Tensor(2.0), mg.Tensor(2), mg.Tensor([1.0], requires_grad=False)], ids=["leaf", "integer", "constant"]
)
def test_what_has_no_graph_shows_itself_as_text(tensor):
    assert viz.mimebundle(tensor) == {"text/plain": repr(tensor)}


def test_a_large_graph_shows_itself_as_text():
    x = mg.Tensor(1.0)
    for _ in range(50):
        x = x + 1.0
    assert viz.mimebundle(x).keys() == {"text/plain"}


@pytest.mark.usefixtures("nothing_installed")
def test_without_graphviz_a_tensor_shows_itself_as_text():
    assert viz.mimebundle(course()).keys() == {"text/plain"}


def test_a_rule_that_fails_does_not_stand_in_the_way_of_a_display():
    def broken(g, out, x):
        raise ZeroDivisionError

    doubled = mg.primitive(lambda x: 2 * x, broken)
    assert viz.mimebundle(doubled(mg.Tensor(1.0))).keys() == {"text/plain"}


def test_a_display_changes_no_grad():
    x = mg.Tensor(2.0)
    viz.mimebundle(np.exp(x))
    assert x.grad is None
