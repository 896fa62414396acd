"""The schedule of a compiled program, drawn by the same function as the graph of a Tensor."""

import re

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import viz
from micrograd_nd.viz.graphs.picture import scene_of


def compiled(f, *arguments):
    program = mg.compile(f, measure=False, native=False)
    program(*arguments)
    return program


def layer(W, X, b):
    return np.tanh(W @ X + b)


LAYER = np.ones((2, 3)), np.ones((3, 4)), np.ones((2, 1))


def formulas(scene):
    return [f"{box.name} = {scene.formula(box)}" for box in scene.boxes if box.is_computed]


def test_a_program_is_drawn_in_the_order_of_its_operations():
    program = compiled(mg.value_and_grad(lambda W, X, b: np.sum(layer(W, X, b)), argnums=0), *LAYER)
    scene = scene_of(program)
    operations = list(program.made().recipe.program.operations)
    assert [box.value for box in scene.boxes if box.is_computed] == operations
    seen = set()
    for box in scene.boxes:
        assert seen.issuperset(box.inputs())
        seen.add(box.id)


def test_inputs_and_what_is_returned_are_told_from_other_operations():
    scene = scene_of(compiled(lambda x: (np.exp(x), np.exp(x) * 3.0), np.ones(5)))
    assert [(box.kind, scene.formula(box)) for box in scene.boxes] == [
        ("input", "x"),
        ("result", "exp(x)"),
        ("result", f"{scene.boxes[1].name} × 3"),
    ]


def test_every_box_of_a_program_shows_its_shape():
    source = viz.graph(compiled(layer, *LAYER)).source
    for shape in ("(2, 3)", "(3, 4)", "(2, 1)", "(2, 4)"):
        assert f"{shape} float64" in source
    assert "dJ" not in source


def test_a_program_folds_to_formulas():
    scene = scene_of(compiled(lambda x, y: np.tanh(x * y + 1.0), np.ones(2), np.ones(2)), detail="low")
    assert [formula.partition(" = ")[2] for formula in formulas(scene)] == ["tanh(x × y + 1)"]


def test_what_is_returned_keeps_its_box():
    def both(x):
        scaled = x * 2.0
        return [scaled, np.tanh(scaled)][::-1]

    scene = scene_of(compiled(both, np.ones(3)), detail="low")
    assert [box.kind for box in scene.boxes] == ["input", "result", "result"]


def test_a_program_that_returns_no_value_is_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        viz.graph(compiled(lambda x: "text", np.ones(3)))


def test_an_index_that_is_computed_is_an_argument():
    def largest(x):
        return x[np.argmax(x)] * 2.0

    scene = scene_of(compiled(largest, np.array([1.0, 3.0, 2.0])))
    (position,) = [box for box in scene.boxes if "argmax" in scene.formula(box)]
    (element,) = [box for box in scene.boxes if position.id in box.inputs()]
    assert scene.formula(element) == f"x[{position.name}]"


def test_constants_of_some_size_have_boxes_and_numbers_stand_in_formulas():
    data = np.arange(12.0).reshape(3, 4)
    scene = scene_of(compiled(lambda x: x @ data + 2.0, np.ones((2, 3))))
    (constant,) = [box for box in scene.boxes if box.kind == "constant"]
    np.testing.assert_array_equal(constant.value, data)
    assert any("2" in formula for formula in formulas(scene))


def test_a_program_is_rendered():
    pytest.importorskip("pygraphviz", reason="pygraphviz is not installed")
    program = compiled(mg.grad(lambda W, X, b: np.sum(layer(W, X, b)), argnums=0), *LAYER)
    svg = viz.render(viz.graph(program, title="One layer", theme="dark", direction="TB"), "svg").decode()
    assert {"One layer", "input", "result"} <= {text.strip() for text in re.findall(r">([^<>]+)</text>", svg)}
    assert "no derivative" not in svg


def test_a_program_that_returns_what_it_is_given_is_drawn():
    assert [box.kind for box in scene_of(compiled(lambda x: x, np.ones(2))).boxes] == ["input"]


def test_a_function_that_was_not_called_has_no_program_to_draw():
    with pytest.raises(ValueError, match="there is no program yet"):
        viz.graph(mg.compile(layer))
