"""The look of pictures: themes, legend, titles, heat strips, and the ids by which a page finds their parts."""

import itertools
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import micrograd_nd as mg
from gallery.graphs import GRAPHS, course, logistic_loss, network_cost
from micrograd_nd import viz
from micrograd_nd.viz import heat
from micrograd_nd.viz.graphs.picture import scene_of
from micrograd_nd.viz.labels import MARK, in_order
from micrograd_nd.viz.printable import visible
from micrograd_nd.viz.themes import BORDERS, THEMES
from micrograd_nd.viz.values import extent

SVG = "{http://www.w3.org/2000/svg}"


def svg(picture):
    pytest.importorskip("pygraphviz", reason="pygraphviz is not installed")
    return ET.fromstring(viz.render(picture, "svg"))  # noqa: S314 - our own


def texts(element):
    """The texts in an element; Graphviz writes runs of spaces as no-break spaces. Marks of order have no width."""
    found = ("".join(text.itertext()).replace(MARK, "") for text in element.iter(f"{SVG}text"))
    return [text.replace("\N{NO-BREAK SPACE}", " ").strip() for text in found]


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text.replace("−", "-"))]


def luminance(colour):
    """Relative luminance by WCAG 2.2."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """Contrast ratio by WCAG 2.2."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def lightness(colour):
    """The lightness of CIELAB."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > (6 / 29) ** 3 else 903.3 * y


# Themes


@pytest.mark.parametrize("theme", THEMES)
def test_all_that_is_written_stands_out_from_what_it_is_written_on(theme):
    colours = THEMES[theme]
    for ink in (colours.text, colours.forward, colours.backward, colours.local, colours.muted):
        for ground in (colours.background, *colours.fills.values(), *colours.grounds):
            assert contrast(ink, ground) >= 4.5, (ink, ground)


@pytest.mark.parametrize("theme", THEMES)
def test_arrows_and_borders_stand_out_from_the_page(theme):
    colours = THEMES[theme]
    kinds = (colours.lines[kind] for kind in BORDERS if kind != "variable")
    for line in (colours.forward, colours.backward, colours.group, *kinds):
        assert contrast(line, colours.background) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("make", [course, logistic_loss, lambda: network_cost(20, 7, 209)])
def test_a_picture_has_no_colour_but_those_of_its_theme_and_of_the_heat_scale(theme, make):
    colours = THEMES[theme]
    allowed = {
        *(colours.background, colours.text, colours.muted, colours.forward, colours.backward, colours.local),
        *colours.fills.values(),
        *colours.lines.values(),
    }
    source = viz.graph(make(), theme=theme, local_derivatives=True, title="A title").source
    strips = set(re.findall(r'FIXEDSIZE="TRUE" BGCOLOR="(#\w+)"', source))
    assert set(re.findall(r"#[0-9A-F]{6}\b", source)) - strips <= allowed


def test_the_ground_of_a_dark_picture_is_dark():
    drawn = svg(viz.graph(course(), theme="dark"))
    assert next(drawn.iter(f"{SVG}polygon")).get("fill").upper() == THEMES["dark"].background
    assert luminance(THEMES["dark"].background) < 0.02


def test_kinds_of_boxes_are_told_apart_without_colours():
    assert len(set(BORDERS.values())) == len(BORDERS)


def test_both_kinds_of_arrow_are_told_apart_without_colours():
    drawn = svg(viz.graph(course()))
    for kind, dashed in (("forward", False), ("backward", True)):
        paths = [p for g in drawn.iter(f"{SVG}g") if g.get("class") == f"edge {kind}" for p in g.iter(f"{SVG}path")]
        assert len(paths) == 5
        assert all((p.get("stroke-dasharray") is not None) is dashed for p in paths)


@pytest.mark.parametrize("theme", ["blue", None, ["light"]])
def test_an_unknown_theme_is_refused(theme):
    with pytest.raises(ValueError, match='theme is "light" or "dark"; got'):
        viz.graph(course(), theme=theme)


# Legend and title


def test_the_legend_tells_the_kinds_of_boxes_that_occur_and_no_others():
    drawn = texts(svg(viz.graph(logistic_loss(), detail="low")))
    assert {"variable", "input: no derivative", "operation", "result"} <= set(drawn)
    assert not {"parameter", "constant: no derivative"} & set(drawn)


def test_the_legend_explains_local_derivatives_and_heat_strips_where_there_are_any():
    explained = "local derivatives: factors of the chain rule", "means along the last axis: lowest"
    plain = texts(svg(viz.graph(course())))
    full = texts(svg(viz.graph(network_cost(20, 7, 209), local_derivatives=True)))
    for text in explained:
        assert text not in plain
        assert text in full


def test_without_a_legend_boxes_and_arrows_are_left():
    drawn = texts(svg(viz.graph(course(), legend=False)))
    assert "forward: values" not in drawn
    assert "operation" not in drawn
    assert "dJ/dv = 3" in drawn


def test_a_title_stands_above_the_picture_in_lines():
    drawn = svg(viz.graph(course(), title="One line\nand another"))
    heights = {"".join(t.itertext()): float(t.get("y")) for t in drawn.iter(f"{SVG}text")}
    others = [y for text, y in heights.items() if text not in ("One line", "and another")]
    assert heights["One line"] < heights["and another"] < min(others)


def test_a_picture_of_the_same_contents_has_the_same_texts_with_and_without_a_title():
    plain, titled = texts(svg(viz.graph(course()))), texts(svg(viz.graph(course(), title="title")))
    assert sorted(titled) == sorted([*plain, "title"])


@pytest.mark.parametrize(("title", "lines"), [("", 0), ("\n", 0), ("a\n\nb", 2)])
def test_empty_lines_of_a_title_are_room(title, lines, capfd):
    drawn = texts(svg(viz.graph(course(), title=title)))
    assert len([text for text in drawn if text]) == lines + len(texts(svg(viz.graph(course()))))
    assert "syntax error" not in capfd.readouterr().err


@pytest.mark.parametrize("name", ["שלום", "שלום עולם", "متغير"])
def test_a_name_in_a_script_that_runs_to_the_left_leaves_the_equation_in_its_order(name):
    source = viz.graph(mg.Tensor(2.0, name=name) * 3).source
    assert f"{MARK}{name}{MARK} = 2" in source
    assert f"{MARK}dJ/d{name}{MARK} = 3" in source


@given(st.text())
def test_nothing_but_marks_of_order_is_put_into_a_text(plain):
    assert in_order(plain).replace(MARK, "") == plain.replace(MARK, "")


def test_a_title_that_is_no_text_is_refused():
    with pytest.raises(TypeError, match="title is a text; got int"):
        viz.graph(course(), title=3)


# Ids


@pytest.mark.parametrize("options", [{}, {"title": "t"}, {"detail": "low"}])
def test_boxes_and_arrows_are_found_in_the_svg_by_the_ids_of_the_scene(options):
    scene = scene_of(logistic_loss(), detail=options.get("detail", "high"))
    drawn = svg(viz.graph(logistic_loss(), **options))
    groups = {g.get("id"): g.get("class") for g in drawn.iter(f"{SVG}g")}
    for box in scene.boxes:
        assert groups[box.id] == f"node {box.kind}"
    for arrow in scene.arrows:
        assert groups[f"forward-{arrow.id}"] == "edge forward"
        assert (f"backward-{arrow.id}" in groups) is (arrow.share is not None)


def test_the_texts_of_a_box_are_in_its_element():
    drawn = svg(viz.graph(course()))
    by_id = {g.get("id"): g for g in drawn.iter(f"{SVG}g")}
    assert texts(by_id["n3"]) == ["u = b × c", "6"]
    assert texts(by_id["backward-n3-n4"]) == ["dJ/du = 3"]


def test_no_id_occurs_twice():
    ids = [element.get("id") for element in svg(viz.graph(network_cost(), title="t")).iter() if element.get("id")]
    assert len(set(ids)) == len(ids)


# Local derivatives


def test_a_local_derivative_stands_beside_what_flows_back():
    drawn = svg(viz.graph(course(), local_derivatives=True))
    by_id = {g.get("id"): g for g in drawn.iter(f"{SVG}g")}
    assert texts(by_id["backward-n3-n4"]) == ["dJ/du = 3", "dv/du = 1"]
    assert texts(by_id["backward-n4-n5"]) == ["dJ/dv = 3"]
    assert texts(by_id["forward-n3-n4"]) == ["6"]


def test_a_local_derivative_stands_on_the_arrow_forward_where_nothing_flows_back():
    drawn = svg(viz.graph(course(), local_derivatives=True, gradients=False))
    by_id = {g.get("id"): g for g in drawn.iter(f"{SVG}g")}
    assert texts(by_id["forward-n4-n5"]) == ["11", "dJ/dv = 3"]


def test_the_local_derivative_of_what_is_used_elsewhere_too_is_written_as_a_partial_one():
    x = mg.Tensor(2.0, name="x")
    y = x * 3
    y.name = "y"
    found = texts(svg(viz.graph(x * y, local_derivatives=True)))
    assert {"∂J/∂x = 6", "∂y/∂x = 3", "dJ/dx = 12", "dJ/dy = 2"} <= set(found)
    assert "dy/dx = 3" not in found


def test_a_rule_says_what_flows_back_and_of_a_part_that_it_is_added():
    W, X = mg.Tensor(np.ones((2, 3)), name="W"), mg.Tensor(np.ones((3, 4)), name="X")
    Z = W @ X
    Z.name = "Z"
    assert {"dW = dZ Xᵀ", "dX = Wᵀ dZ"} <= set(texts(svg(viz.graph(np.sum(Z), local_derivatives=True))))
    assert "+ dZ Xᵀ" in texts(svg(viz.graph(np.sum(Z) + np.sum(W), local_derivatives=True)))


def test_a_step_without_a_rule_shows_the_shape_of_its_jacobian():
    z = mg.Tensor([0.5, -1.0, 2.0], name="z")
    t = mg.softmax(z, axis=0)
    t.name = "t"
    assert "dt/dz: Jacobian (3, 3)" in texts(svg(viz.graph(t[0], local_derivatives=True)))


# Numbers


@pytest.mark.parametrize("options", [{}, {"detail": "low"}, {"direction": "TB", "theme": "dark", "title": "T"}])
@pytest.mark.parametrize("make", [course, logistic_loss, network_cost], ids=["course", "logistic", "network"])
def test_the_numbers_in_the_svg_are_the_values_and_derivatives(make, options):
    J = make()
    scene = scene_of(J, detail=options.get("detail", "high"))
    by_id = {g.get("id"): g for g in svg(viz.graph(J, **options)).iter(f"{SVG}g")}
    for box in scene.boxes:
        first, *others = texts(by_id[box.id])
        if box.is_computed:
            assert first == f"{box.name} = {scene.formula(box)}"
            found = others
        else:
            found = [first.removeprefix(f"{box.name} ="), *others]
        place = next((i for i, text in enumerate(found) if text.startswith(("dJ", "dL"))), len(found))
        assert_written(found[:place], box.value)
        if place < len(found):
            assert_written([found[place].partition("=")[2], *found[place + 1 :]], box.derivative)
    for arrow in scene.arrows:
        if arrow.share is not None:
            first, *others = texts(by_id[f"backward-{arrow.id}"])
            assert_written([first.rpartition("=")[2], *others], arrow.share)


def assert_written(shown, value):
    found = [number for text in shown for number in numbers(text)]
    np.testing.assert_allclose(found, np.ravel(value), rtol=5e-3 if np.ndim(value) else 5e-5, atol=1e-12)


# Heat strips


@given(st.floats(0, 1), st.floats(0, 1))
def test_equal_steps_of_the_heat_scale_look_equal(start, end):
    step = lightness(heat.colour(end)) - lightness(heat.colour(start))
    assert step == pytest.approx((end - start) * (lightness(heat.colour(1)) - lightness(heat.colour(0))), abs=3)


def test_the_heat_scale_goes_from_dark_to_light():
    assert lightness(heat.colour(0)) < 20
    assert lightness(heat.colour(1)) > 90
    shades = [lightness(heat.colour(x)) for x in np.linspace(0, 1, 17)]
    assert all(one < other for one, other in itertools.pairwise(shades))


@given(arrays(np.float64, array_shapes(max_dims=3, max_side=40), elements=st.floats(-1e6, 1e6)))
def test_a_strip_has_a_cell_for_each_of_at_most_sixteen_stretches(array):
    cells = heat.cells(array)
    length = array.shape[-1] if array.shape[-1] > 1 else max(array.shape)
    assert len(cells) == min(16, length)
    assert all(0 <= cell <= 1 for cell in cells)


def test_a_strip_shows_the_means_along_the_last_axis():
    array = np.arange(32.0)[None] * np.ones((5, 1))
    np.testing.assert_allclose(heat.cells(array), np.arange(16) / 15)
    np.testing.assert_allclose(heat.cells(array.T[:, :1]), np.arange(16) / 15)


def test_a_cell_without_a_finite_mean_is_a_gap():
    array = np.arange(8.0)
    array[3] = np.nan
    array[5] = np.inf
    assert [cell is None for cell in heat.cells(array)] == [False] * 3 + [True, False, True, False, False]


@pytest.mark.parametrize(
    ("array", "cells"),
    [
        (np.full(7, 3.0), [0.5] * 7),
        (np.full(7, np.nan), [None] * 7),
        (np.array([-1e308] * 4 + [1e308] * 4), [0.0] * 4 + [1.0] * 4),
    ],
)
def test_a_strip_of_equal_missing_or_extreme_values_is_drawn(array, cells):
    assert heat.cells(array) == cells


@pytest.mark.parametrize("array", [np.ones(9) * 1j, np.zeros((0, 3)), np.array(3.0), [1.0, 2.0]])
def test_what_has_no_order_or_no_elements_has_no_strip(array):
    assert heat.cells(array) is None


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.arange(10.0), "0 … 9"),
        (np.arange(10) - 5, "−5 … 4"),
        (np.array([np.nan] * 9), "9 NaN"),
        (np.array([-np.inf, *range(8), np.nan]), "−inf … 7, 1 NaN"),
        (np.ones(3), None),
        (np.ones(10) * 1j, None),
        (np.zeros((0, 3)), None),
    ],
)
def test_the_extent_of_a_large_array_counts_what_is_no_number(array, expected):
    assert extent(array) == expected


def test_a_strip_has_as_many_coloured_cells_as_the_array_has_stretches():
    W = mg.Tensor(np.arange(20.0).reshape(2, 10), name="W")
    source = viz.graph(W * 2, gradients=False, legend=False).source
    assert source.count('FIXEDSIZE="TRUE" BGCOLOR') == 20


# Hostile texts


HOSTILE = [
    '"a\\"] b [<x>',
    "\\N \\G \\L \\E \\T \\n \\\\",
    "ends in \\",
    "&amp; &#60; &",
    "</TD></TABLE>> ]; } digraph {",
    '<script>alert("x")</script>',
    '" onload="alert(1)',
    "javascript:alert(1)",
    "<!-- comment -->",
    "\x00\x07\ufffe",
    "🦊 👩\u200d🚀",
    "עברית",
]


def test_a_title_and_all_that_is_made_of_names_are_drawn_as_text_and_nothing_else():
    structure = None

    @settings(max_examples=40, deadline=None)
    @given(st.text(min_size=1))
    def drawn_as_it_is(name):
        nonlocal structure
        W = mg.Tensor(np.arange(6.0).reshape(2, 3), name=name)
        Z = W @ np.ones((3, 2))
        Z.name = f"{name}Z"
        drawn = svg(viz.graph(np.sum(Z), title=name, detail="low", local_derivatives=True, direction="TB"))
        shown = visible(name).replace("\N{NO-BREAK SPACE}", " ")
        found = texts(drawn)
        assert {visible(line).strip() for line in name.split("\n")} - {""} <= set(found)
        assert f"{shown} =".strip() in found
        elements = {(element.tag, *sorted(set(element.attrib) - {"textLength"})) for element in drawn.iter()}
        structure = structure or elements
        assert elements == structure
        assert {element.tag.removeprefix(SVG) for element in drawn.iter()} <= {
            *("svg", "g", "title", "polygon", "polyline", "path", "text"),
        }

    for name in HOSTILE:
        drawn_as_it_is = example(name)(drawn_as_it_is)
    drawn_as_it_is()


# The gallery


@pytest.mark.parametrize("name", GRAPHS)
def test_every_picture_of_the_gallery_is_drawn(name):
    drawn = svg(GRAPHS[name]())
    assert len(texts(drawn)) > 10
