"""The colours of plots, and what tells things apart without them."""

import functools
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from micrograd_nd.viz.plots.inks import (
    DARK,
    LIGHT,
    contrast,
    diverging,
    ink,
    line_style,
    luminance,
    marker_of,
    sequential,
)


@functools.cache
def axes(style="default"):
    import matplotlib.style
    from matplotlib.figure import Figure

    with matplotlib.style.context(style):
        return Figure().add_subplot()


def channels(colour, matrix):
    from matplotlib.colors import to_rgb

    return matrix @ np.array(to_rgb(colour)) ** 2.2


# How those without red, green or blue receptors see a colour: Machado, Oliveira and Fernandes (2009), severity 1.
VISIONS = {
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
    "all": np.eye(3),
}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_and_text_stand_out_from_their_background(colours):
    assert all(contrast(line, colours.background) >= 3 for line in colours.lines)
    assert contrast(colours.muted, colours.background) >= 4.5
    assert contrast(colours.text, colours.background) == pytest.approx(21)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_first_colours_differ_to_any_colour_vision(colours, vision):
    for one, other in itertools.combinations(colours.lines[:3], 2):
        a, b = (channels(colour, VISIONS[vision]) for colour in (one, other))
        assert np.abs(a - b).max() > 0.1, (one, other)


@given(st.integers(0, 62), st.integers(0, 62))
def test_no_two_of_many_lines_look_alike_without_colour(i, j):
    ax = axes()
    a, b = ((s["linestyle"], s["marker"]) for s in (line_style(ax, i, 10), line_style(ax, j, 10)))
    assert (a == b) == (i == j)


@given(st.integers(0, 8), st.integers(0, 8))
def test_classes_have_markers_of_their_own(i, j):
    assert (marker_of(i) == marker_of(j)) == (i == j)


@given(st.integers(0, 20), st.integers(1, 10_000))
def test_every_line_has_a_marker_at_one_of_its_points(number, points):
    first, every = line_style(axes(), number, points)["markevery"]
    assert 0 <= first < points
    assert every >= 1


@pytest.mark.parametrize(
    ("style", "colours"), [("default", LIGHT), ("dark_background", DARK), ("Solarize_Light2", LIGHT), ("ggplot", LIGHT)]
)
def test_colours_follow_the_style_that_the_axes_were_made_in(style, colours):
    from matplotlib.colors import same_color

    ax = axes(style)
    assert ink(ax).lines == colours.lines
    assert same_color(ink(ax).background, ax.get_facecolor())
    assert same_color(ink(ax).text, ax.xaxis.label.get_color())


@pytest.mark.parametrize(("filled", "ground"), [(False, "#123456"), (True, "#654321")])
def test_what_axes_are_seen_on_is_their_own_ground_or_that_of_their_figure(filled, ground):
    from matplotlib.figure import Figure

    ax = Figure(facecolor="#123456").add_subplot(facecolor="#654321" if filled else "none")
    assert ink(ax).background == ground


def test_axes_that_let_through_what_is_behind_have_colours_for_their_text():
    from matplotlib.figure import Figure

    ax = Figure(facecolor="none").add_subplot(facecolor="none")
    assert ink(ax).background == LIGHT.background


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_a_diverging_scale_has_the_background_in_its_middle(style):
    ax = axes(style)
    assert contrast(diverging(ax)(0.5), ink(ax).background) < 1.1
    assert luminance(diverging(ax)(0.0)) == pytest.approx(luminance(diverging(ax)(1.0)), abs=0.1)


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_black_or_white_can_be_read_all_along_a_sequential_scale(style):
    scale = sequential(axes(style))
    for share in np.linspace(0, 1, 50):
        assert max(contrast(scale(share), "black"), contrast(scale(share), "white")) >= 4.5


def test_contrast_is_that_of_the_guidelines():
    assert contrast("white", "black") == pytest.approx(21)
    assert contrast("#767676", "white") == pytest.approx(4.54, abs=0.01)
