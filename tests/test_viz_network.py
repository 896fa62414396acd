"""Networks are drawn as they are: every unit, weight, shape and number in the picture is the model's."""

import html
import itertools
import math
import re
import string
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn, viz
from micrograd_nd.viz.labels import MARK
from micrograd_nd.viz.networks.layers import called, layers_of, title_lines
from micrograd_nd.viz.printable import visible
from micrograd_nd.viz.themes import THEMES

pygraphviz = pytest.importorskip("pygraphviz", reason="pygraphviz reads the pictures")

few = settings(max_examples=30, deadline=None)
sizes = st.lists(st.integers(1, 30), min_size=2, max_size=5)
directions = st.sampled_from(["LR", "RL", "TB", "BT"])


READ = []


def read(picture):
    """Read a picture as a graph; its nodes and edges need it for as long as they are looked at."""
    READ.append(pygraphviz.AGraph(picture.source))
    return READ[-1]


@pytest.fixture(autouse=True)
def forget_what_was_read():
    yield
    READ.clear()


def of_class(graph, *kinds):
    return [node for node in graph.nodes() if node.attr["class"] in kinds]


def circles(graph):
    return of_class(graph, "input", "unit", "output", "bias")


def place(node):
    return tuple(map(float, node.attr["pos"].split(",")))


def words(markup):
    """The texts in a label."""
    found = re.findall(r">([^<>]+)<", f">{markup}<")
    return [html.unescape(text).replace("\\\\", "\\") for text in found if text.strip("<> ")]


def texts(svg):
    elements = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - our own
    return ["".join(element.itertext()).replace("\N{NO-BREAK SPACE}", " ").replace(MARK, "") for element in elements]


def shown(n):
    """Which of n units are drawn."""
    return list(range(n)) if n <= 8 else [0, 1, 2, n - 2, n - 1]


# Circles


@few
@given(sizes)
def test_every_unit_is_a_circle_and_every_weight_between_circles_an_arrow(n):
    graph = read(viz.network(nn.MLP(n, output="linear"), style="units"))
    assert {str(node) for node in circles(graph)} == {f"{l}_{i}" for l in range(len(n)) for i in shown(n[l])}
    weights = {(f"{l}_{j}", f"{l + 1}_{i}") for l in range(len(n) - 1) for j in shown(n[l]) for i in shown(n[l + 1])}
    predictions = {(f"{len(n) - 1}_{i}", f"y_{i}") for i in shown(n[-1])}
    assert sorted(graph.edges()) == sorted(weights | predictions)


def test_units_are_called_as_in_the_course():
    graph = read(viz.network(nn.MLP([2, 3, 1])))
    labels = {str(node): words(node.attr["label"]) for node in graph.nodes()}
    assert (labels["0_0"], labels["0_1"]) == (["x", "1"], ["x", "2"])
    assert (labels["1_2"], labels["2_0"], labels["y_0"]) == (["a", "[1]", "3"], ["a", "[2]", "1"], ["ŷ"])


def test_several_outputs_have_an_index():
    graph = read(viz.network(nn.MLP([2, 3], output="softmax")))
    assert [words(graph.get_node(f"y_{i}").attr["label"]) for i in range(3)] == [["ŷ", "1"], ["ŷ", "2"], ["ŷ", "3"]]


@few
@given(sizes, directions, st.booleans())
def test_every_pair_of_circles_is_apart(n, direction, biases):
    graph = read(viz.network(nn.MLP(n, output="linear"), style="units", direction=direction, biases=biases))
    for a, b in itertools.combinations(circles(graph), 2):
        radii = 72 * (float(a.attr["width"]) + float(b.attr["width"])) / 2
        assert math.dist(place(a), place(b)) > radii + 5


@few
@example([12288, 20, 7, 5, 1], "TB", True, True)
@example([1234567, 1], "TB", False, False)
@given(sizes, directions, st.booleans(), st.booleans())
def test_nothing_overlaps(n, direction, biases, weights):
    """Whatever has a place has it for itself, by the sizes that Graphviz finds for circles and texts."""
    model = nn.MLP(n, output="linear", weights="zeros", dtype=np.float16)
    for layer in layers_of(model):
        layer.linear.W.name = "重み" * 8
    options = {"direction": direction, "biases": biases, "weights": weights, "title": "A title"}
    graph = read(viz.network(model, style="units", **options))
    graph.layout(prog="nop2")
    boxes = [(*place(node), 36 * float(node.attr["width"]), 36 * float(node.attr["height"])) for node in graph.nodes()]
    for (x, y, w, h), (other_x, other_y, other_w, other_h) in itertools.combinations(boxes, 2):
        assert abs(x - other_x) > w + other_w - 1 or abs(y - other_y) > h + other_h - 1


@pytest.mark.parametrize(("direction", "axis", "sign"), [("LR", 0, 1), ("RL", 0, -1), ("TB", 1, -1), ("BT", 1, 1)])
def test_a_network_goes_where_it_is_told(direction, axis, sign):
    graph = read(viz.network(nn.MLP([2, 3, 1]), direction=direction))
    along = [sign * place(graph.get_node(name))[axis] for name in ("0_0", "1_0", "2_0", "y_0")]
    assert along == sorted(along)
    assert place(graph.get_node("1_0"))[axis] == place(graph.get_node("1_2"))[axis]


@few
@given(st.integers(1, 10**6))
def test_what_is_left_out_of_a_wide_layer_is_counted(n):
    graph = read(viz.network(nn.MLP([n, 1], weights="zeros", dtype=np.float16)))
    drawn = [words(node.attr["label"])[1] for node in of_class(graph, "input")]
    assert drawn == [str(i + 1) for i in shown(n)]
    gaps = [words(node.attr["label"]) for node in of_class(graph, "gap")]
    assert gaps == ([] if n <= 8 else [["⋮", f"{n - 5:,}", "more"]])


@few
@given(sizes, st.sampled_from(["tanh", "relu", "gelu", "linear"]))
def test_every_column_has_the_title_that_the_summary_has(n, hidden):
    model = nn.MLP(n, hidden=hidden, output="linear")
    graph = read(viz.network(model, style="units"))
    rows = [layer for layer in nn.summary(model).layers if layer.kind == "Linear"]
    first = words(graph.get_node("0_title").attr["label"])
    assert (first[0], first[-1]) == ("input", f"X ({n[0]}, m)")
    for l, row in enumerate(rows, 1):
        heading, does, shapes = words(graph.get_node(f"{l}_title").attr["label"])
        units = row.shapes["Z"][0]
        assert heading == f"layer {row.number}"
        assert does == f"{hidden if l < len(rows) else 'linear'}, {units} unit{'s' * (units != 1)}"
        assert shapes == f"W{l} {row.shapes['W']}, b{l} {row.shapes['b']}"


def test_what_leaves_the_units_as_they_are_stands_in_the_title():
    model = nn.Sequential(
        nn.BatchNorm(2), nn.Linear(2, 3), nn.BatchNorm(3), nn.LeakyReLU(0.2), nn.Dropout(keep_prob=0.5), nn.Linear(3, 1)
    )
    graph = read(viz.network(model))
    assert words(graph.get_node("0_title").attr["label"])[1] == "BatchNorm(2), 2 features"
    expected = ["layer 1", "BatchNorm(3)", "LeakyReLU(slope=0.2)", "Dropout(keep_prob=0.5)", "3 units"]
    assert words(graph.get_node("1_title").attr["label"])[:-1] == expected


def test_a_layer_alone_is_drawn_without_a_number():
    graph = read(viz.network(nn.Linear(2, 3)))
    assert words(graph.get_node("1_title").attr["label"])[:2] == ["layer", "linear, 3 units"]
    assert words(graph.get_node("1_0").attr["label"]) == ["a", "1"]


def test_biases_are_a_unit_that_is_always_one():
    graph = read(viz.network(nn.MLP([2, 3, 1]), biases=True))
    assert [(str(node), words(node.attr["label"])) for node in of_class(graph, "bias")] == [
        ("0_b", ["1"]),
        ("1_b", ["1"]),
    ]
    assert [edge for edge in graph.edges() if edge[0] == "0_b"] == [("0_b", "1_0"), ("0_b", "1_1"), ("0_b", "1_2")]
    assert not graph.has_edge("0_0", "1_b")


# Weights


def lines(model, **options):
    """The arrows of the weights in a picture, each with its weight."""
    graph = read(viz.network(model, weights=True, **options))
    linear = [layer.linear for layer in layers_of(model, activations_only=False) if layer.linear]
    for edge in graph.edges():
        if not edge[1].startswith("y"):
            l, j = edge[0].split("_")
            i = int(edge[1].split("_")[1])
            layer = linear[int(l)]
            yield (layer.b.numpy()[i, 0] if j == "b" else layer.W.numpy()[i, int(j)]), edge


@few
@given(sizes, st.integers(0, 99), st.floats(-300, 300))
def test_a_line_is_thicker_in_proportion_to_its_weight(n, seed, exponent):
    model = nn.MLP(n, output="linear", seed=seed)
    for p in model.parameters():
        p.data *= 10.0**exponent
    found = list(lines(model, style="units"))
    largest = max(np.abs(p.numpy()).max() for p in model.parameters())
    for w, edge in found:
        assert float(edge.attr["penwidth"]) == pytest.approx(0.4 + 4.1 * abs(w) / largest, abs=1e-4)


@few
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=8))
def test_a_sign_is_told_by_the_dashes_of_a_line_as_well_as_by_its_colour(weights):
    model = nn.Sequential(nn.Linear(len(weights), 1))
    model[0].W.data = np.array([weights])
    looks = {"positive": ("solid", "#0069A5"), "negative": ("dashed", "#B04600")}
    for w, edge in lines(model):
        kind = "zero" if w == 0 else "positive" if w > 0 else "negative"
        kind = kind if math.isfinite(w) else "not-finite"
        style = looks.get(kind, ("dotted", "#595959"))
        assert (edge.attr["class"], (edge.attr["style"], edge.attr["color"])) == (kind, style)


def test_pointing_at_a_line_tells_its_weight():
    model = nn.MLP([2, 3, 1], seed=0)
    tips = {edge: edge.attr["tooltip"] for _, edge in lines(model, biases=True)}
    assert tips["0_1", "1_2"] == f"W1, from 2 to 3: {viz.values.number(model[0].W.numpy()[2, 1])}"
    assert tips["1_b", "2_0"] == "b2, to 1: 0"


def test_the_legend_says_what_the_thickest_line_is():
    model = nn.MLP([2, 1], seed=0)
    model[0].W.data = np.array([[0.25, -2.0]])
    legend = words(read(viz.network(model, weights=True)).get_node("legend").attr["label"])
    assert "the thickest line is a weight of ±2" in legend
    assert not any("dotted" in line for line in legend)


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ([0.0, 1.0], "dotted: zero"),
        ([np.nan, 1.0], "dotted: not a finite number"),
        ([np.inf, 0.0], "dotted: zero or not a finite number"),
    ],
)
def test_the_legend_says_what_is_dotted(weights, told):
    model = nn.Sequential(nn.Linear(2, 1))
    model[0].W.data = np.array([weights])
    assert told in "".join(words(read(viz.network(model, weights=True)).get_node("legend").attr["label"]))


def test_weights_are_drawn_as_they_are_now():
    model = nn.LogisticRegression(2)
    assert {edge.attr["class"] for _, edge in lines(model)} == {"zero"}
    model[0].W.data += 1.0
    assert {edge.attr["class"] for _, edge in lines(model)} == {"positive"}


# Blocks


@st.composite
def rows(draw, features, depth=2):
    """Modules one after the other, and how many features come out."""
    modules = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["dense", "linear", "activation", "dropout", "norm", "residual", "row"]))
        if kind in ("dense", "linear"):
            n = draw(st.integers(1, 5))
            modules.append(nn.Dense(features, n, "tanh") if kind == "dense" else nn.Linear(features, n))
            features = n
        elif kind == "activation":
            modules.append(draw(st.sampled_from([nn.Tanh(), nn.ReLU(), nn.Softmax(), nn.ELU(0.5)])))
        elif kind == "dropout":
            modules.append(nn.Dropout(keep_prob=0.5))
        elif kind == "norm":
            modules.append(nn.BatchNorm(features))
        elif depth:
            inside, n = draw(rows(features, depth - 1))
            if kind == "row":
                modules.append(nn.Sequential(*inside))
                features = n
            else:
                modules.append(nn.Residual(*inside, *([nn.Linear(n, features)] if n != features else [])))
    return modules, features


@st.composite
def networks(draw):
    features = draw(st.integers(1, 5))
    inside, _ = draw(rows(features))
    return nn.Sequential(nn.Linear(draw(st.integers(1, 5)), features), *inside)


def shapes_along(graph):
    """The shape that comes out of each node, and those that are told more than once agree."""
    found = {}
    for edge in graph.edges():
        if edge.attr["class"] != "skip":
            (shape,) = words(edge.attr["label"])
            assert found.setdefault(edge[0], shape.strip()) == shape.strip()
    return found


@few
@given(networks())
def test_the_shapes_and_numbers_of_blocks_are_those_of_the_summary(model):
    graph = read(viz.network(model, style="blocks"))
    shapes = shapes_along(graph)
    seen = [row for row in nn.summary(model).layers if row.kind != "Sequential"]  # an empty one has a row too
    # A row of the summary is a module that ran; a block takes in the activation behind its linear layer.
    for node in of_class(graph, "block"):
        lines = words(node.attr["label"])
        row = seen.pop(0)
        if row.kind == "Linear":
            if lines[0] == f"layer {row.number}:" and not lines[1].startswith(" linear"):
                row, linear = seen.pop(0), row
            else:
                linear = row
            assert lines[0] == f"layer {linear.number}:"
            assert f"{linear.parameters:,} parameter" in lines[-1]
        shape = row.shapes.get("A") or row.shapes["Z"]
        assert shapes[str(node)] == f"({shape[0]}, m)"
    assert seen == []


@few
@given(networks())
def test_the_parameters_of_all_blocks_are_those_of_the_model(model):
    graph = read(viz.network(model, style="blocks"))
    numbers = [
        int(count.replace(",", ""))
        for node in of_class(graph, "block")
        for count in re.findall(r"([\d,]+) parameter", words(node.attr["label"])[-1])
    ]
    assert sum(numbers) == nn.summary(model).parameters
    assert f"{sum(numbers):,} parameters" in graph.graph_attr["label"].replace(" parameter<", " parameters<")


@few
@given(networks())
def test_every_block_is_on_the_way_from_x_to_y(model):
    graph = read(viz.network(model, style="blocks"))
    reached = {"X"}
    for edge in sorted(graph.edges(), key=lambda edge: int(edge[0].strip("nX") or -1)):
        assert edge[0] in reached
        reached.add(edge[1])
    assert reached == {str(node) for node in graph.nodes()}
    assert all(graph.out_degree(node) >= 1 for node in graph.nodes() if node != "Y")


def test_a_residual_block_is_a_box_with_an_arrow_past_its_layers():
    graph = read(viz.network(nn.Sequential(nn.Linear(2, 3), nn.Residual(nn.Linear(3, 3), nn.Tanh()), nn.Linear(3, 1))))
    (box,) = graph.subgraphs()
    (fork,), (skip,), (plus,) = (of_class(box, kind) for kind in ("fork", "skip", "sum"))
    (inside,) = of_class(box, "block")
    assert words(fork.attr["label"])[:2] == ["Residual:", " A + f(A)"]
    assert set(box.nodes()) == {fork, inside, skip, plus}
    assert [edge for edge in graph.edges() if edge.attr["class"] == "skip"] == [(fork, skip), (skip, plus)]
    assert graph.has_edge(fork, inside)
    assert graph.has_edge(inside, plus)


def test_boxes_are_nested_as_modules_are():
    graph = read(viz.network(nn.Residual(nn.Residual(nn.Linear(2, 2)))))
    (outer,) = graph.subgraphs()
    (inner,) = outer.subgraphs()
    assert set(inner.nodes()) < set(outer.nodes())


class Own(nn.Module):
    """Does what nobody knows."""

    def __init__(self, text=None):
        self.text = text
        self.layer = nn.Linear(3, 3)

    def forward(self, X):
        raise AssertionError("a model is not run to be drawn")

    def __repr__(self):
        return self.text or super().__repr__()


def test_a_module_of_ones_own_is_a_block_with_its_repr_and_is_not_run():
    graph = read(viz.network(nn.Sequential(nn.Linear(2, 3), Own(), nn.Tanh(), nn.Linear(4, 1))))
    own = of_class(graph, "block")[1]
    assert words(own.attr["label"]) == ["Own(layer=Linear(3, 3))", "12 parameters"]
    # What comes out of it is told by the next layer that knows.
    assert [words(edge.attr["label"]) for edge in graph.out_edges(own)] == [[]]


def test_a_title_longer_than_graphviz_reads_is_drawn_by_its_beginning():
    assert viz.render(viz.network(nn.MLP([2, 1]), title="'" * 20_000), "svg").startswith(b"<?xml")


def test_a_long_repr_is_cut_and_it_is_said_how_much_there_is():
    text = "\n".join(f"line {i} {'x' * 99}" for i in range(50))
    (own,) = of_class(read(viz.network(Own(text))), "block")
    lines = words(own.attr["label"])
    assert (lines[0], lines[-2]) == ("Own", "… 40 more lines")
    assert all(len(line) <= 60 for line in lines)


class Doubled(nn.Sequential):
    """Looks like a row of layers and computes something else."""

    def forward(self, X):
        return 2 * super().forward(X)


def test_a_class_that_computes_something_else_is_not_drawn_as_its_base():
    graph = read(viz.network(Doubled(nn.Linear(2, 1))))
    assert [words(node.attr["label"])[0] for node in of_class(graph, "block")] == ["Doubled(Linear(2, 1))"]


def test_parameters_that_several_layers_share_are_counted_once():
    shared = nn.Linear(2, 2)
    graph = read(viz.network(nn.Sequential(shared, nn.Tanh(), shared), style="blocks"))
    counts = [words(node.attr["label"])[-1] for node in of_class(graph, "block")]
    assert counts == ["6 parameters", "its parameters are counted before"]
    assert words(graph.graph_attr["label"]) == ["6 parameters"]


def test_of_very_many_blocks_the_first_and_last_are_drawn_and_the_others_counted():
    model = nn.Sequential(*(nn.Dense(8, 8) for _ in range(1000)))
    graph = read(viz.network(model))
    titles = [words(node.attr["label"])[0] for node in of_class(graph, "block")]
    assert titles == [f"layer {l}:" for l in [*range(1, 13), *range(989, 1001)]]
    (gap,) = of_class(graph, "gap")
    assert words(gap.attr["label"]) == ["⋮", "976 more blocks", f"{976 * 72:,} parameters"]


# Which of the two


@pytest.mark.parametrize(
    ("model", "circles_are_drawn"),
    [
        (nn.MLP([784, 64, 10], output="softmax"), True),
        (nn.MLP([784, 65, 10], output="softmax"), False),
        (nn.MLP([2] * 7), True),
        (nn.MLP([2] * 8), False),
        (nn.Sequential(nn.Linear(2, 2), nn.Residual(nn.Linear(2, 2))), False),
        (nn.Sequential(nn.Linear(2, 2), nn.Dropout(keep_prob=0.5)), True),
        (nn.Tanh(), False),
        (nn.Sequential(), False),
    ],
)
def test_small_networks_of_layers_are_circles_and_others_blocks(model, circles_are_drawn):
    assert bool(circles(read(viz.network(model)))) == circles_are_drawn


def test_asking_for_weights_asks_for_circles():
    assert circles(read(viz.network(nn.MLP([2] * 12), weights=True)))


# How it looks


def luminance(colour):
    """Relative luminance, as the Web Content Accessibility Guidelines 2.2 define it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a, b):
    darker, lighter = sorted([luminance(a), luminance(b)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_and_lines_stand_out_from_what_is_behind_them(theme):
    assert all(contrast(theme.text, behind) >= 7 for behind in (theme.background, *theme.fills.values()))
    assert all(contrast(theme.muted, behind) >= 4.5 for behind in (theme.background, *theme.fills.values()))
    lines = theme.forward, theme.backward, theme.connection, theme.outline
    assert all(contrast(line, theme.background) >= 3 for line in lines)


@pytest.mark.parametrize("style", ["units", "blocks"])
def test_a_dark_picture_has_no_colour_of_a_light_one(style):
    source = viz.network(nn.MLP([9, 2, 1]), style=style, theme="dark", title="t").source
    colours = set(re.findall(r"#[0-9A-Fa-f]{6}|\bwhite\b|\bblack\b", source))
    dark = THEMES["dark"]
    assert colours <= {dark.background, dark.text, dark.muted, dark.connection, dark.outline, *dark.fills.values()}
    assert THEMES["dark"].background in colours


@pytest.mark.parametrize("style", ["units", "blocks"])
def test_a_title_stands_in_the_picture_line_by_line(style):
    svg = viz.render(viz.network(nn.MLP([2, 1]), style=style, title="First\nsecond"), "svg")
    assert {"First", "second"} <= set(texts(svg))


HOSTILE = [
    '"a\\"] b [<x>',
    "\\N \\G \\L \\E \\T \\H \\n \\l \\r \\\\",
    "&amp; &#60; &",
    "</TD></TABLE>> ]; } digraph {",
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "\x00\x07\ufffe",
    "🦊 עברית",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_titles_reprs_and_names_are_drawn_as_that_text_and_nothing_else(name):
    model = nn.Sequential(nn.Linear(2, 1))
    model[0].W.name = name
    units = viz.render(viz.network(model, weights=True, title=name), "svg").decode()
    assert visible(name) in texts(units)
    assert any(text.startswith(visible(name)[:10]) and text.endswith("b1 (1, 1)") for text in texts(units))
    blocks = viz.render(viz.network(nn.Sequential(model, Own(name)), style="blocks"), "svg").decode()
    assert visible(name) in texts(blocks)
    for svg in (units, blocks):
        root = ET.fromstring(svg)  # noqa: S314 - our own
        assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
            "svg", "g", "title", "polygon", "polyline", "ellipse", "path", "text", "a",
        }  # fmt: skip
        assert not any(
            key.startswith("on") or key.endswith("href") for element in root.iter() for key in element.attrib
        )


@pytest.mark.parametrize("name", ["<Own object at 0x7f>", "<<b>", "<", *HOSTILE])
def test_pointing_at_a_module_tells_its_repr(name):
    (block,) = of_class(read(viz.network(Own(name))), "block")
    assert block.attr["tooltip"].replace("\\\\", "\\") == called(Own(name))


def told(svg):
    """What a reader of an SVG is told who points at something."""
    elements = ET.fromstring(svg).iter()  # noqa: S314 - our own
    return [x for element in elements for key, x in element.attrib.items() if key.endswith("}title")]


def test_pointing_at_a_circle_tells_which_it_is():
    model = nn.MLP([2, 10, 1])
    shown = told(viz.render(viz.network(model, biases=True), "svg"))
    assert {"feature 2", "unit 10 of layer 1", "unit 1 of layer 2", "prediction 1", "5 more"} <= set(shown)
    assert {"from feature 2 to unit 10 of layer 1", "from the bias to unit 1 of layer 1"} <= set(shown)


@few
@given(networks(), st.sampled_from([None, "blocks"]))
def test_whatever_is_pointed_at_tells_what_it_is(model, style):
    graph = read(viz.network(model, style=style))
    assert all(thing.attr["tooltip"].strip() for thing in [*graph.nodes(), *graph.edges()])


def test_any_text_is_drawn_as_a_title():
    @settings(max_examples=50, deadline=None)
    @given(st.text(st.characters(exclude_characters="\n"), min_size=1).filter(lambda title: len(visible(title)) <= 60))
    def drawn(title):
        assert visible(title) in texts(viz.render(viz.network(nn.Linear(1, 1), title=title), "svg"))

    drawn()


@given(st.lists(st.text(string.ascii_letters, min_size=1, max_size=12), max_size=30).map(" ".join))
def test_a_title_of_many_words_stands_in_lines_of_at_most_60_letters(title):
    lines = title_lines(title)
    assert all(len(line) <= 60 for line in lines)
    assert " ".join(lines).split() == title.split()


def test_a_title_of_very_many_lines_ends_where_the_network_would_be_lost():
    assert title_lines("\n".join("abcdefghij")) == [*"abcdefg", "…"]


# Files and notebooks


def test_draw_takes_a_model_and_the_options_of_network(tmp_path):
    path = viz.draw(nn.MLP([2, 4, 1]), tmp_path / "network.svg", theme="dark", title="A network")
    assert "A network" in texts(path.read_bytes())


def test_draw_takes_a_picture(tmp_path):
    picture = viz.network(nn.MLP([2, 4, 1]))
    assert viz.draw(picture, tmp_path / "network.dot").read_text(encoding="utf-8") == picture.source
    with pytest.raises(TypeError, match="has been drawn with its options; got title beside one"):
        viz.draw(picture, tmp_path / "network.dot", title="late")


@pytest.mark.parametrize("style", ["units", "blocks"])
@pytest.mark.parametrize(("format", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_network_is_rendered_in_every_format(style, format, magic):
    assert viz.render(viz.network(nn.MLP([2, 4, 1]), style=style), format).startswith(magic)


def test_circles_are_drawn_where_they_were_placed():
    picture = viz.network(nn.MLP([3, 2]), direction="LR")
    placed = [place(node) for node in circles(read(picture))]
    svg = ET.fromstring(viz.render(picture, "svg"))  # noqa: S314 - our own
    ellipses = list(svg.iter("{http://www.w3.org/2000/svg}ellipse"))
    drawn = [(float(ellipse.get("cx")), -float(ellipse.get("cy"))) for ellipse in ellipses]
    (x0, y0), (u0, v0) = placed[0], drawn[0]
    for (x, y), (u, v) in zip(placed, drawn, strict=True):
        assert (u - u0, v - v0) == pytest.approx((x - x0, y - y0), abs=0.1)


def test_a_picture_shows_itself_in_a_notebook():
    bundle = viz.network(nn.MLP([2, 1]))._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"].startswith("digraph")


def test_without_graphviz_a_picture_shows_its_source(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    assert viz.network(nn.MLP([2, 1]))._repr_mimebundle_().keys() == {"text/plain"}


def test_drawing_changes_no_model():
    model = nn.MLP([2, 3, 1], seed=0)
    before = (
        [(p.node, p.grad, p.name) for p in model.parameters()],
        repr(model),
        [dict(vars(x)) for x in model.modules()],
    )
    viz.network(model, weights=True, biases=True)
    viz.network(model, style="blocks")
    after = (
        [(p.node, p.grad, p.name) for p in model.parameters()],
        repr(model),
        [dict(vars(x)) for x in model.modules()],
    )
    assert before == after


# What is refused


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"style": "circles"},
            ValueError,
            'style is "units" for circles, "blocks", or None for what fits; got \'circles\'',
        ),
        ({"theme": "neon"}, ValueError, 'theme is "light" or "dark"; got \'neon\''),
        ({"theme": ["dark"]}, ValueError, 'theme is "light" or "dark"; got [\'dark\']'),
        (
            {"direction": "up"},
            ValueError,
            'direction is "LR", "RL", "TB" or "BT" (from left to right, ...); got \'up\'',
        ),
        ({"title": 3}, TypeError, "title is a string; got 3"),
        ({"style": "blocks", "weights": True}, ValueError, "weights and biases are drawn between circles"),
        ({"style": "blocks", "biases": True}, ValueError, "weights and biases are drawn between circles"),
    ],
)
def test_what_is_no_choice_is_refused(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        viz.network(nn.MLP([2, 1]), **options)


@pytest.mark.parametrize("model", [nn.Linear, "MLP", None, mg.Tensor(1.0)], ids=repr)
def test_what_is_no_model_is_refused(model):
    with pytest.raises(TypeError, match=re.escape(f"a model is a Module, such as nn.MLP([2, 4, 1]); got {model!r}")):
        viz.network(model)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (nn.Sequential(nn.Linear(2, 2), nn.Residual(nn.Tanh())), "Residual(Tanh()) is none of these"),
        (nn.Sequential(nn.Tanh()), "there is no Linear layer here"),
    ],
)
@pytest.mark.parametrize("options", [{"style": "units"}, {"weights": True}])
def test_circles_of_what_has_no_units_are_refused(model, why, options):
    with pytest.raises(ValueError, match=re.escape(f'{why}: use style="blocks"')):
        viz.network(model, **options)


@pytest.mark.parametrize("style", ["units", "blocks"])
@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([nn.Linear(2, 3), nn.Linear(4, 1)], "layer 2 takes 4 features, and what is before it gives 3"),
        ([nn.Linear(2, 3), nn.BatchNorm(5)], "BatchNorm(5) takes 5 features, and what is before it gives 3"),
    ],
)
def test_layers_that_do_not_fit_together_are_told(layers, message, style):
    with pytest.raises(ValueError, match=re.escape(message)):
        viz.network(nn.Sequential(*layers), style=style)


def test_a_residual_block_that_changes_the_number_of_features_is_told():
    with pytest.raises(ValueError, match=r"Residual\(Linear\(3, 2\)\) adds .*: given 3, they return 2"):
        viz.network(nn.Residual(nn.Linear(3, 2)))
