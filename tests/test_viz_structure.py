"""The structure of large computations: modules as boxes, repetitions, and summaries of graphs of any size."""

import contextlib
import copy
import gc
import html
import re
import threading
import weakref
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn, viz
from micrograd_nd.graph import ancestors, sweep
from micrograd_nd.nn.module import walk
from micrograd_nd.viz.graphs import module_groups
from micrograd_nd.viz.graphs.contraction import chain_of
from micrograd_nd.viz.graphs.layout import boxes_passed
from micrograd_nd.viz.graphs.picture import scene_of
from micrograd_nd.viz.graphs.recorded_scenes import recorded
from micrograd_nd.viz.graphs.repeats import FEWEST, without_repeats
from micrograd_nd.viz.graphs.stretches import PIECES, in_stretches
from micrograd_nd.viz.graphs.summarising import MOST_ARROWS, MOST_BOXES, MOST_PASSED, summarised
from micrograd_nd.viz.labels import MARK
from micrograd_nd.viz.printable import visible

X = np.ones((3, 5))


def titles(scene):
    return [group.title for group in scene.groups]


def inside(scene, title):
    """The formulas and leaves that lie in a group, however deep."""
    (group,) = [group.id for group in scene.groups if group.title == title]
    return [scene.formula(box) for box in scene.boxes if group in chain_of(scene, box.group)]


def formulas(scene):
    return [scene.formula(box) for box in scene.boxes if box.is_computed]


def operations(scene):
    """How many operations the boxes stand for."""
    return sum(box.operations for box in scene.boxes if box.is_computed)


def network(*more):
    return nn.Sequential(nn.Dense(3, 4, "relu", seed=1), *more, nn.Dense(4, 1, "sigmoid", seed=2))


# Modules as boxes


def test_the_operations_of_a_layer_and_its_parameters_lie_in_its_box():
    model = network()
    scene = scene_of(np.mean(model(X)))
    assert titles(scene) == ["Sequential", "layer 1: Dense 3 → 4, relu", "layer 2: Dense 4 → 1, sigmoid"]
    assert inside(scene, "layer 1: Dense 3 → 4, relu") == ["W1", "b1", "W1 c1", "t1 + b1", "ReLU(t2)"]
    assert scene.by_id[scene.root].group is None


def test_a_linear_layer_takes_in_the_activation_that_follows():
    model = nn.MLP([3, 2, 1], hidden="tanh")
    scene = scene_of(np.mean(model(X)))
    assert titles(scene) == ["MLP", "layer 1: Linear 3 → 2, tanh", "layer 2: Linear 2 → 1, sigmoid"]


@pytest.mark.parametrize("data", [X, mg.Tensor(X, requires_grad=False), mg.Tensor(X, name="X"), mg.Tensor(X)])
def test_what_a_model_is_given_lies_outside(data):
    model = network()
    scene = scene_of(np.mean(model(data)))
    assert [box.group for box in scene.boxes if not box.is_computed and box.kind != "parameter"] == [None]


def test_a_constant_that_a_module_makes_lies_inside():
    model = network(nn.Dropout(keep_prob=0.5, seed=1))
    scene = scene_of(np.mean(model(X)))
    (mask,) = [box for box in scene.boxes if box.kind == "constant" and np.shape(box.value) == (4, 5)]
    assert mask.group is not None


def test_nested_modules_nest():
    model = network(nn.Residual(nn.Linear(4, 4, seed=3), nn.Tanh()), nn.BatchNorm(4))
    scene = scene_of(np.mean(model(X)))
    outer = {group.title: group.outer and scene.group_by_id[group.outer].title for group in scene.groups}
    assert outer == {
        "Sequential": None,
        "layer 1: Dense 3 → 4, relu": "Sequential",
        "Residual": "Sequential",
        "layer 2: Linear 4 → 4, tanh": "Residual",
        "BatchNorm(4)": "Sequential",
        "layer 3: Dense 4 → 1, sigmoid": "Sequential",
    }


def test_parameters_are_told_from_other_variables_without_the_model():
    model = network()
    scene = scene_of(np.mean(model(mg.Tensor(X, name="X"))))
    assert {box.name for box in scene.boxes if box.kind == "parameter"} == {"W1", "b1", "W2", "b2"}
    assert [box.kind for box in scene.boxes if box.name == "X"] == ["variable"]


def test_each_call_of_a_shared_module_has_a_box_of_its_own():
    layer = nn.Dense(3, 3, "tanh", seed=1)
    scene = scene_of(np.mean(layer(layer(X))))
    assert titles(scene) == ["Dense 3 → 3, tanh (call 1 of 2)", "Dense 3 → 3, tanh (call 2 of 2)"]
    assert {box.name: box.group for box in scene.boxes}["W"] is None
    computed = Counter(box.group for box in scene.boxes if box.is_computed)
    assert computed == {"g0": 3, "g1": 3, None: 1}


def test_a_module_is_looked_through_once_however_often_it_is_called(monkeypatch):
    looked_through = []

    def counted(module):
        looked_through.append(module)
        return walk(module)

    monkeypatch.setattr(module_groups, "walk", counted)
    layer, model = nn.Dense(3, 3, "tanh", seed=1), network()
    J = np.mean(model(layer(layer(layer(X)))))
    assert len(titles(scene_of(J))) == 6
    assert len(looked_through) == len(set(map(id, looked_through)))
    assert model in looked_through
    assert model.layers[0].linear not in looked_through


def test_what_a_module_keeps_of_a_computation_is_no_parameter_and_hides_none():
    class Keeping(nn.Module):
        def __init__(self):
            self.w = mg.Tensor(2.0, name="w")

        def forward(self, x):
            self.kept = self.w * x
            return np.tanh(self.kept)

    model = Keeping()
    scene = scene_of(model(mg.Tensor(1.0, name="x")) * 2)
    assert {box.name: box.kind for box in scene.boxes if not box.is_computed} == {"w": "parameter", "x": "variable"}
    assert scene.groups[0].parameters == 1


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("collapse", [None, "nothing"])
def test_the_garbage_collector_is_after_a_picture_what_it_was(enabled, collapse):
    (gc.enable if enabled else gc.disable)()
    try:
        with contextlib.suppress(ValueError):
            viz.graph(mg.Tensor(1.0) * 2, collapse=collapse)
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


def test_the_calls_of_a_copy_are_those_of_the_copy():
    model = network()
    model(X)
    twin = copy.deepcopy(model)
    scene = scene_of(np.mean(twin(X)) + np.mean(model(X)))
    assert titles(scene).count("Sequential") == 2
    assert not any("call" in title for title in titles(scene))


def test_what_another_thread_computes_meanwhile_lies_outside():
    class Waiting(nn.Module):
        def __init__(self, event):
            self.w = mg.Tensor(2.0, name="w")
            self.event = event

        def forward(self, x):
            u = self.w * x
            self.event()
            return np.tanh(u)

    others = []
    x = mg.Tensor(1.0, name="x")

    def elsewhere():
        thread = threading.Thread(target=lambda: others.append(np.sin(x) * 3))
        thread.start()
        thread.join()

    model = Waiting(elsewhere)
    scene = scene_of(model(x) + others[0])
    assert inside(scene, titles(scene)[0]) == ["w", "w × x", "tanh(t1)"]
    assert len(scene.groups) == 1


def test_a_module_that_computes_nothing_has_no_box():
    layer = nn.Dropout(keep_prob=0.5).eval()
    assert titles(scene_of(layer(mg.Tensor(X)) * 2)) == []


def test_several_results_of_a_call_lie_in_one_box():
    class Two(nn.Module):
        def forward(self, x):
            u = x * 2
            return np.sin(u), {"c": np.cos(u)}

    model = Two()
    s, rest = model(mg.Tensor(1.0, name="x"))
    assert inside(scene_of(s * rest["c"]), "Two()") == ["x × 2", "sin(t1)", "cos(t1)"]


def test_no_module_is_kept_alive_by_what_it_computed():
    model = network()
    J = np.mean(model(X))
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    assert titles(scene_of(J)) == []


def test_without_gradients_nothing_is_remembered_of_a_call():
    with mg.no_grad():
        out = network()(X)
    assert not hasattr(out.node, "calls")


def test_a_compiled_call_of_a_module_gives_what_it_did():
    model = network()
    with mg.no_grad():
        expected = model(X).numpy()
    np.testing.assert_allclose(mg.compile(model)(X), expected)


@given(st.lists(st.sampled_from(["dense", "residual", "norm", "shared"]), max_size=6))
def test_every_operation_of_a_module_is_in_its_box_and_no_other(parts):
    shared = nn.Linear(4, 4, seed=9)
    made = {
        "dense": lambda: nn.Dense(4, 4, "tanh", seed=1),
        "residual": lambda: nn.Residual(nn.Linear(4, 4, seed=3), nn.Tanh()),
        "norm": lambda: nn.BatchNorm(4),
        "shared": lambda: shared,
    }
    model = network(*(made[part]() for part in parts))
    before = mg.Tensor(X) * 2
    out = model(before)
    scene = scene_of(np.mean(out) + np.sum(before))
    ours = set(ancestors(out.node)) - set(ancestors(before.node))
    for box in scene.boxes:
        if box.is_computed:
            assert ("g0" in chain_of(scene, box.group)) == (box.nodes[-1] in ours)


def test_less_detail_folds_nothing_from_one_module_into_another():
    model = network(nn.BatchNorm(4))
    assert "σ(W2 t5 + b2)" in formulas(scene_of(np.mean(model(X)), detail="low"))


HOSTILE = [
    '"a\\"] b [<x>',
    "\\N \\G \\L",
    "ends in \\",
    "&amp; <b>",
    "</TD></TABLE>> ]; } digraph {",
    "a\nb",
    "🦊 עברית",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_titles_of_modules_are_drawn_as_text(name):
    class Odd(nn.Module):
        def __init__(self):
            self.w = mg.Tensor(2.0, name="w")

        def forward(self, x):
            return np.tanh(self.w * x)

        def __repr__(self):
            return name

    model = Odd()
    J = model(mg.Tensor(1.0, name="x")) * 2
    for options in ({}, {"collapse": "layers"}):
        picture = viz.graph(J, **options)
        texts = [html.unescape(text).replace("\\\\", "\\") for text in re.findall(r">([^<>]+)<", picture.source)]
        assert visible(" ".join(name.split())) in [text.replace(MARK, "") for text in texts]
        pytest.importorskip("pygraphviz", reason="pictures are laid out by Graphviz")
        root = ET.fromstring(viz.render(picture, "svg"))  # noqa: S314 - our own
        drawn = [
            "".join(x.itertext()).replace("\N{NO-BREAK SPACE}", " ").replace(MARK, "").strip()
            for x in root.iter()
            if "text" in x.tag
        ]
        assert visible(" ".join(name.split())).strip() in drawn


# Modules as single boxes


def test_a_layer_becomes_a_box_with_its_result_its_parameters_and_its_derivative():
    model = network()
    J = np.mean(model(mg.Tensor(X, name="X", requires_grad=False)))
    scene = scene_of(J, collapse="layers")
    assert formulas(scene) == ["layer 1: Dense 3 → 4, relu", "layer 2: Dense 4 → 1, sigmoid", "mean(t6)"]
    box = scene.boxes[1]
    assert (box.kind, box.remarks, box.operations) == ("module", ("W1 (4, 3), b1 (4, 1)", "16 parameters"), 3)
    np.testing.assert_array_equal(box.value, model.layers[0](X).numpy())
    np.testing.assert_array_equal(box.derivative, dict(sweep({J.node: np.float64(1)}))[box.nodes[-1]])


def test_a_number_says_how_deep_the_modules_are_that_become_boxes():
    model = network(nn.Residual(nn.Linear(4, 4, seed=3), nn.Tanh()))
    J = np.mean(model(X))
    assert formulas(scene_of(J, collapse=1))[0] == "Sequential"
    assert formulas(scene_of(J, collapse=2))[:2] == ["layer 1: Dense 3 → 4, relu", "Residual"]
    assert formulas(scene_of(J, collapse=3))[1] == "layer 2: Linear 4 → 4, tanh"
    assert formulas(scene_of(J, collapse=9)) == formulas(scene_of(J, collapse="layers"))


@pytest.mark.parametrize("collapse", ["layer", "", 0, -1, True, 1.5, ["layers"]])
def test_what_names_nothing_to_collapse_is_refused(collapse):
    with pytest.raises(ValueError, match='collapse is "layers", "repeats", or how deep'):
        viz.graph(mg.Tensor(1.0) * 2, collapse=collapse)


def test_a_value_from_within_a_module_keeps_its_name_in_formulas_outside():
    class Keeping(nn.Module):
        def forward(self, x):
            self.inside = x * 2
            return np.tanh(self.inside)

    model = Keeping()
    out = model(mg.Tensor(1.0, name="x"))
    scene = scene_of(out * model.inside, collapse="layers")
    assert formulas(scene) == ["Keeping(inside=Tensor())", "t2 × t1"]
    assert [(arrow.source, arrow.target) for arrow in scene.arrows][1:] == [(scene.boxes[1].id, scene.root)]


def test_names_stay_what_they_are_where_formulas_hold_those_of_values_without_a_box():
    class Keeping(nn.Module):
        def forward(self, x):
            self.inside = np.sin(x)
            return np.tanh(self.inside)

    model = Keeping()
    out = model(mg.Tensor(1.0, name="x") * 2 + 1)
    scene = scene_of(np.exp(out) * model.inside, collapse="layers", detail="low")
    names = {box.name for box in scene.boxes}
    assert formulas(scene)[-1] == "t5 × t3"
    assert "t5" in names
    assert "t3" not in names


# Repetitions


def steps(times, f=lambda x: np.tanh(x) * 2):
    x = mg.Tensor(1.0, name="x")
    for _ in range(times):
        x = f(x)
    return x


@given(st.integers(FEWEST, 40))
def test_a_loop_of_equal_steps_shows_the_first_and_the_last(times):
    scene = scene_of(steps(times), collapse="repeats")
    last = 2 * times - 1
    assert formulas(scene) == [
        "tanh(x)",
        "t1 × 2",
        f"{times - 2} × the same 2 operations",
        f"tanh(t{last - 1})",
        f"t{last} × 2",
    ]
    assert operations(scene) == 2 * times


def test_less_than_four_times_is_no_repetition():
    J = steps(FEWEST - 1)
    assert formulas(scene_of(J, collapse="repeats")) == formulas(scene_of(J))


def test_equal_layers_are_folded_and_said_by_their_name():
    model = nn.Sequential(*[nn.Dense(3, 3, "tanh", seed=i) for i in range(50)])
    J = np.mean(model(X))
    assert formulas(scene_of(J, collapse="layers")) == [
        "layer 1: Dense 3 → 3, tanh",
        "48 × Dense 3 → 3, tanh",
        "layer 50: Dense 3 → 3, tanh",
        "mean(t150)",
    ]
    scene = scene_of(J, collapse="repeats")
    assert "48 × Dense 3 → 3, tanh" in formulas(scene)
    assert titles(scene) == ["Sequential", "layer 1: Dense 3 → 3, tanh", "layer 50: Dense 3 → 3, tanh"]
    (box,) = [box for box in scene.boxes if box.kind == "summary"]
    assert (box.operations, box.parameters, box.remarks) == (144, 48 * 12, ("576 parameters",))


def test_steps_of_other_shapes_are_no_repetition():
    model = nn.Sequential(*[nn.Dense(n, n + 1, "tanh", seed=n) for n in range(3, 9)])
    assert not any(box.kind == "summary" for box in scene_of(np.mean(model(X)), collapse="layers").boxes)


def test_a_loop_that_uses_something_from_before_it_repeats_itself():
    a = np.exp(mg.Tensor(0.1, name="a"))
    scene = scene_of(steps(300, lambda x: x * a), collapse="repeats")
    assert [formula for formula in formulas(scene) if "same operation" in formula]
    assert len(scene.boxes) < 250


# Graphs of any size


def random_graph(data, n):
    rng = np.random.default_rng(data)
    values = [mg.Tensor(float(i), name=f"x{i}") for i in range(3)]
    functions = [np.sin, np.cos, np.tanh]
    for _ in range(n):
        x, y = (values[i] for i in rng.integers(max(0, len(values) - rng.integers(2, 400)), len(values), 2))
        values.append(functions[rng.integers(3)](x) if rng.random() < 0.5 else x + y * rng.random())
        if rng.random() < 0.05:
            values[-1].name = f"v{len(values)}"
    return sum(values[3:], values[0])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(100, 1500), st.sampled_from(["low", "high"]))
def test_a_summary_is_small_has_all_operations_and_the_right_derivatives(data, n, detail):
    J = random_graph(data, n)
    scene = scene_of(J, detail=detail, in_full=False)
    assert len(scene.boxes) <= MOST_BOXES
    assert len(scene.arrows) <= MOST_ARROWS
    nodes = [node for box in scene.boxes for node in box.nodes]
    assert sorted(map(id, nodes)) == sorted(map(id, ancestors(J.node)))
    expected = dict(sweep({J.node: np.float64(1)}))
    seen = set()
    for box in scene.boxes:
        assert seen.issuperset(box.inputs())
        seen.add(box.id)
        assert box.value is box.nodes[-1].out
        np.testing.assert_allclose(box.derivative, expected[box.nodes[-1]], rtol=1e-9)
    assert scene.formula(scene.by_id[scene.root])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60))
def test_what_flows_back_to_a_value_that_only_its_box_gives_sums_up(data, n):
    scene = scene_of(random_graph(data, n), collapse="repeats")
    uses = Counter(node for box in scene.boxes for node in box.nodes[:-1])
    for box in scene.boxes:
        if box.id != scene.root and box.nodes[-1] not in uses:
            shares = [arrow.share for arrow in scene.arrows if arrow.source == box.id and arrow.share is not None]
            np.testing.assert_allclose(sum(shares), box.derivative, rtol=1e-9)


def chain(n):
    return steps(n, np.sin)


def named_chain(n):
    x = mg.Tensor(1.0, name="x")
    for i in range(n):
        x = np.sin(x) if i * i % 7 < 3 else np.cos(x)
        x.name = f'<b>"{i}\\'
    return x


def wide_sum(n):
    return sum((mg.Tensor(1.0, name=f"x{i}") for i in range(n)), mg.Tensor(0.0))


def one_call_of_many(n):
    return np.sum(np.concatenate([mg.Tensor(np.ones(1)) for _ in range(n)]))


def leaf_used_often(n):
    a = y = mg.Tensor(1.0, name="a")
    for i in range(n):
        y = y + a if i * i % 7 < 3 else y * a
    return y


def many_constants(n):
    y = mg.Tensor(np.ones(8), name="y")
    for i in range(n):
        y = y + np.full(8, i) if i * i % 7 < 3 else y * np.ones(8)
    return np.sum(y)


def dense(n):
    return random_graph(1, n)


class Nest(nn.Module):
    def __init__(self, depth):
        self.linear = nn.Linear(2, 2, seed=depth)
        self.inner = Nest(depth - 1) if depth else None

    def forward(self, A):
        A = np.tanh(self.linear(A))
        return A + self.inner(A) if self.inner else A


@pytest.mark.parametrize(
    ("make", "n"),
    [
        (chain, 100_000),
        (named_chain, 10_000),
        (wide_sum, 10_000),
        (one_call_of_many, 10_000),
        (leaf_used_often, 10_000),
        (many_constants, 10_000),
        (dense, 10_000),
    ],
)
def test_a_graph_of_any_size_is_drawn_and_says_how_much_is_folded(make, n):
    J = make(n)
    picture = viz.graph(J)
    told = re.search(r"([\d,]+) operations folded", picture.source)
    shown = len(re.findall(r"class=operation", picture.source))
    total = sum(node.primitive is not None for node in ancestors(J.node))
    assert int(told[1].replace(",", "")) + shown + ("class=result" in picture.source) >= total
    assert picture.source.count("class=forward") <= MOST_ARROWS
    pytest.importorskip("pygraphviz", reason="pictures are laid out by Graphviz")
    assert viz.render(picture, "svg").startswith(b"<?xml")


def test_modules_nested_a_hundred_deep_are_drawn():
    model = Nest(100)
    scene = scene_of(np.sum(model(np.ones((2, 2)))), in_full=False)
    assert operations(scene) == 404
    assert len(scene.boxes) <= MOST_BOXES


def test_a_large_model_is_summarised_by_its_modules():
    sizes = np.random.default_rng(0).integers(2, 60, 101)
    sizes[0] = 3
    model = nn.Sequential(*[nn.Dense(int(i), int(o), "tanh", seed=1) for i, o in pairwise(sizes)])
    found = formulas(scene_of(np.mean(model(X)), in_full=False))
    assert len(found) == 101
    assert all(formula.startswith(f"layer {l}: Dense") for l, formula in enumerate(found[:-1], 1))


def test_three_hundred_boxes_are_drawn_in_full():
    J = named_chain(MOST_BOXES - 1)
    scene = recorded(J)
    assert len(scene.boxes) == MOST_BOXES
    assert summarised(scene) is scene
    assert len(without_repeats(scene).boxes) <= MOST_BOXES


def test_stretches_end_with_what_has_a_name_where_there_is_such_a_value():
    x = mg.Tensor(1.0, name="x")
    for i in range(160):
        x = np.sin(x)
        if i % 10 == 6:
            x.name = f"h{i}"
    names = [box.name for box in in_stretches(recorded(x)).boxes if box.is_computed]
    assert len(names) == PIECES
    assert all(name.startswith("h") for name in names[:-1])


def test_a_large_program_is_summarised_too():
    def f(x):
        for i in range(700):
            x = np.sin(x) if i * i % 7 < 3 else np.cos(x)
        return x

    program = mg.compile(f, measure=False, native=False)
    program(np.ones(3))
    scene = scene_of(program, in_full=False)
    assert len(scene.boxes) <= MOST_BOXES
    assert operations(scene) == 700


def test_one_leaf_that_is_used_everywhere_is_summarised_before_graphviz_takes_long():
    J = leaf_used_often(200)
    assert len(recorded(J).boxes) < MOST_BOXES
    assert boxes_passed(scene_of(J)) > MOST_PASSED >= boxes_passed(scene_of(J, in_full=False))


def test_a_chain_has_curves_however_long_it_is():
    assert boxes_passed(recorded(chain(250))) == 0
    assert "splines" not in viz.graph(chain(250)).source


def test_long_arrows_are_straight_whoever_draws_them():
    assert "splines=line" in viz.graph(leaf_used_often(40)).source
    assert "splines" not in viz.graph(leaf_used_often(5)).source
