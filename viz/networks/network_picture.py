"""The picture of a network: a model becomes circles in columns, or blocks with their shapes."""

from collections.abc import Sequence
from typing import Any, Literal

from micrograd_nd.nn.module import Module, check_model
from micrograd_nd.viz.drawing import Drawing
from micrograd_nd.viz.networks.blocks import blocks_picture
from micrograd_nd.viz.networks.layers import Layer, called, layers_of
from micrograd_nd.viz.networks.units import can_be_units, most_units, not_units, units_picture
from micrograd_nd.viz.themes import Theme, theme_called

__all__ = ["drawing_of", "network"]

# Up to these a network is drawn as circles, unless a style is asked for.
MOST_LAYERS, MOST_UNITS = 6, 64


def network(
    model: Module,
    *,
    style: Literal["units", "blocks"] | None = None,
    weights: bool = False,
    biases: bool = False,
    theme: Literal["light", "dark"] = "light",
    direction: str | None = None,
    title: str | None = None,
) -> Drawing:
    r"""Draw a network: as the course does, in circles, or in blocks with shapes and numbers of parameters.

    Circles stand in columns: the inputs :math:`x_i`, the units :math:`a^{[l]}_i` of each layer, and :math:`\hat y`. Of
    a layer of more than 8 units the first and the last are drawn, and the number of those between is said. Above a
    column stand the layer's number, as in `micrograd_nd.nn.summary`, its activation, and the shapes of its parameters.

    Blocks are drawn of every model. A layer and its activation are one block, a `Residual` is a box around its layers
    with an arrow that goes past them, and a module of your own class is a block with its repr. On the arrows is the
    shape of what runs along them, where the modules tell it: the model is not run. Of more than 40 blocks in a row, the
    first and the last are drawn, and it is said what is between.

    Parameters
    ----------
    model : Module
    style : {"units", "blocks"}, optional
        Circles or blocks. By default circles for networks of `Linear` layers, activations, `Dropout` and `BatchNorm`
        alone, of up to 6 layers of at most 64 units, and blocks for all others.
    weights : bool
        Whether arrows show their weights, as they are now: a thicker line is a larger magnitude, on one scale for all
        layers; positive ones are blue and solid, negative ones orange and dashed, zeros dotted. Pointing at a line in
        an SVG shows its value. For circles alone.
    biases : bool
        Whether to draw the biases, as a unit that is always 1. For circles alone.
    theme : {"light", "dark"}
        For light or dark pages.
    direction : {"LR", "RL", "TB", "BT"}, optional
        Where the network goes: from left to right, top to bottom, or the reverse. By default circles go from left to
        right and blocks from top to bottom.
    title : str, optional
        Over the picture, in lines of up to 60 letters.

    Returns
    -------
    graphviz.Digraph
        For `draw`, `save` and `render`; it shows itself in a notebook.

    Raises
    ------
    TypeError
        If `model` is not a Module, or `title` no string.
    ValueError
        For another style, theme or direction, for circles of a model that has other modules, for weights or biases
        in blocks, and for layers that do not fit together.

    Examples
    --------
    >>> from micrograd_nd import nn, viz
    >>> picture = viz.network(nn.MLP([2, 4, 1], hidden="tanh", output="sigmoid", seed=1), weights=True)
    >>> "layer 1" in picture.source, "tanh, 4 units" in picture.source
    (True, True)
    """
    return drawing_of(
        model, theme_called(theme), style=style, weights=weights, biases=biases, direction=direction, title=title
    )


def drawing_of(
    model: Module,
    colours: Theme,
    *,
    style: str | None = None,
    weights: bool = False,
    biases: bool = False,
    direction: str | None = None,
    title: str | None = None,
) -> Drawing:
    """Draw a network in the colours of a theme; the rest is as of `network`."""
    check_model(model)
    check_choices(style, direction, title)
    layers = layers_of(model, activations_only=False)
    if style is None:
        style = "units" if is_for_circles(layers) or weights or biases else "blocks"
    if style == "blocks":
        if weights or biases:
            raise ValueError('weights and biases are drawn between circles: leave out style="blocks", or them')
        return blocks_picture(model, colours=colours, direction=direction or "TB", title=title)
    if not can_be_units(layers):
        raise ValueError(not_in_circles(layers))
    return units_picture(
        layers, weights=weights, biases=biases, colours=colours, direction=direction or "LR", title=title
    )


def is_for_circles(layers: Sequence[Layer]) -> bool:
    """Tell whether a network is small enough to be drawn unit by unit."""
    linear = sum(layer.linear is not None for layer in layers)
    return can_be_units(layers) and linear <= MOST_LAYERS and most_units(layers) <= MOST_UNITS


def not_in_circles(layers: Sequence[Layer]) -> str:
    """Say why a model cannot be drawn in circles."""
    other = not_units(layers)
    why = "there is no Linear layer here" if other is None else f"{called(other)} is none of these"
    return f'circles are drawn of Linear layers, activations, Dropout and BatchNorm, and {why}: use style="blocks"'


def check_choices(style: Any, direction: Any, title: Any) -> None:
    """Refuse what names no choice."""
    if style not in ("units", "blocks", None):
        raise ValueError(f'style is "units" for circles, "blocks", or None for what fits; got {style!r}')
    if direction not in ("LR", "RL", "TB", "BT", None):
        raise ValueError(f'direction is "LR", "RL", "TB" or "BT" (from left to right, ...); got {direction!r}')
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title is a string; got {title!r}")
