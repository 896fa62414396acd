"""Titles of modules in pictures: no arrow runs through them."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn, viz
from micrograd_nd.viz.group_titles import with_clear_titles
from micrograd_nd.viz.rendering import drawn
from micrograd_nd.viz.themes import THEMES

pytest.importorskip("pygraphviz", reason="pictures are laid out by Graphviz")

SVG = "{http://www.w3.org/2000/svg}"
X = np.ones((3, 2))


class Both(nn.Module):
    """Two uses of what it is given, under a title that Graphviz's own text could be mistaken for."""

    def __init__(self):
        self.w = mg.Tensor(2.0, name="w")

    def forward(self, x):
        return np.tanh(self.w * x) + np.sin(x)

    def __repr__(self):
        return '"]; lp="1,2" subgraph cluster_g0 {'


def residual(model):
    return np.mean(model(mg.Tensor(X, name="X")))


def twice(model):
    return np.mean(model(X) - model(X - 1))


def crossed(model):
    x, y = mg.Tensor(1.0, name="x"), mg.Tensor(2.0, name="y")
    return model(x) * y + model(y) * x


MODELS = {
    residual: lambda: nn.Sequential(
        nn.Dense(3, 4, "relu", seed=1), nn.Residual(nn.Linear(4, 4, seed=3), nn.Tanh()), nn.BatchNorm(4)
    ),
    twice: lambda: nn.MLP([3, 4, 1], hidden="tanh", seed=1),
    crossed: Both,
}


def points_of(path):
    """Points along a curve as SVG writes it."""
    knots = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d")), float)
    t = np.linspace(0, 1, 100)[:, None]
    for i in range(0, len(knots) - 1, 3):
        a, b, c, d = knots[i : i + 4]
        yield from (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d


def runs_through(points, text):
    """Tell whether a curve comes into a text, whose letters are at least a third as wide as they are high."""
    x, y, size = (float(text.get(name)) for name in ("x", "y", "font-size"))
    ends = x + size * len("".join(text.itertext())) / 3
    return bool(
        np.any((x < points[:, 0]) & (points[:, 0] < ends) & (y - 0.7 * size < points[:, 1]) & (points[:, 1] < y))
    )


def parts(svg, kind):
    return [g for g in svg.iter(f"{SVG}g") if kind in (g.get("class") or "").split()]


@pytest.mark.parametrize("options", [{}, {"detail": "low"}, {"collapse": "layers"}])
@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("compute", MODELS)
def test_no_arrow_is_drawn_over_the_title_of_a_module(compute, direction, options):
    model = MODELS[compute]()
    picture = viz.graph(compute(model), direction=direction, **options)
    svg = ET.fromstring(viz.render(picture, "svg"))  # noqa: S314 - our own
    arrows = parts(svg, "edge")
    for text in (text for group in parts(svg, "group") for text in group.iter(f"{SVG}text")):
        for arrow in arrows:
            points = np.array([point for path in arrow.iter(f"{SVG}path") for point in points_of(path)])
            assert not runs_through(points, text), (arrow.get("id"), "".join(text.itertext()))
    order = [*svg.iter(f"{SVG}g")]
    last = max(map(order.index, arrows))
    for plate in parts(svg, "title"):
        assert order.index(plate) > last
        assert next(plate.iter(f"{SVG}polygon")).get("fill").upper() in THEMES["light"].grounds


def test_a_module_keeps_its_title_however_it_is_drawn():
    model = MODELS[twice]()
    svg = ET.fromstring(viz.render(viz.graph(twice(model), detail="low"), "svg"))  # noqa: S314 - our own
    titles = ["".join(t.itertext()) for g in (*parts(svg, "group"), *parts(svg, "title")) for t in g.iter(f"{SVG}text")]
    assert sorted(titles) == sorted(
        title.replace(" ", "\N{NO-BREAK SPACE}") if "\N{NO-BREAK SPACE}" in "".join(titles) else title
        for call in ("(call 1 of 2)", "(call 2 of 2)")
        for title in (f"MLP {call}", f"layer 1: Linear 3 → 4, tanh {call}", f"layer 2: Linear 4 → 1, sigmoid {call}")
    )


def test_boxes_keep_their_places_and_are_drawn_in_the_order_of_computation():
    model = MODELS[twice]()
    picture = viz.graph(twice(model))
    before, after = (
        [(g.get("id"), float(next(g.iter(f"{SVG}text")).get("x"))) for g in parts(svg, "node") if g.get("id")[0] == "n"]
        for svg in map(ET.fromstring, (drawn(picture.source, "svg"), viz.render(picture, "svg")))
    )
    assert len(before) > 10
    assert [id for id, _ in after] == [f"n{place}" for place in range(len(before))]
    np.testing.assert_allclose([x for _, x in after], [dict(before)[id] for id, _ in after], atol=0.1)


def test_titles_with_room_stay_where_they_are():
    model = nn.Dense(2, 2, "tanh", seed=1)
    source = viz.graph(np.mean(model(np.ones((2, 2)))), direction="TB", legend=False).source
    laid_out = drawn(source, "dot").decode().replace("\\\n", "")
    place = re.compile(r'lp="[^"]*"')
    assert sorted(place.findall(with_clear_titles(laid_out))) == sorted(place.findall(laid_out))


@pytest.mark.parametrize("title", [None, "A title"])
def test_the_box_of_a_module_has_a_line_around_it(title):
    model = nn.Dense(2, 2, "tanh", seed=1)
    svg = ET.fromstring(viz.render(viz.graph(np.mean(model(np.ones((2, 2)))), title=title), "svg"))  # noqa: S314 - our own
    (group,) = parts(svg, "group")
    assert next(group.iter(f"{SVG}path")).get("stroke").upper() == THEMES["light"].group
