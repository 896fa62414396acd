"""A film as one page: its pictures, buttons and a slider, in a file that needs no other and no network."""

import base64
import html
import json
import re
from collections.abc import Sequence

from micrograd_nd.viz.themes import ThemeName, theme_called

__all__ = ["film_page"]

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Training, epoch by epoch</title>
<style>
  :root { COLOURS }
  body { font: 1rem system-ui, sans-serif; margin: 1rem auto; max-width: 57rem; padding: 0 0.5rem; }
  img { display: block; width: 100%; height: auto; }
  [hidden] { display: none !important; }
  .controls { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin-top: 0.5rem; }
  button { font: inherit; min-width: 3rem; padding: 0.3rem 0.6rem; }
  input { flex: 1 1 8rem; min-width: 0; }
  output { min-width: min(15rem, 100%); font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<main>
<img id="picture" alt="" hidden>
<div class="controls" hidden>
<button id="play" type="button">Play</button>
<button id="back" type="button" aria-label="previous frame">&#8592;</button>
<button id="on" type="button" aria-label="next frame">&#8594;</button>
<input id="slider" type="range" min="0" max="LAST" value="0" aria-label="frame">
<output id="caption" for="slider"></output>
</div>
<noscript><p>CAPTION</p><img alt="CAPTION" src="STILL"></noscript>
</main>
<script>
"use strict";
const pictures = PICTURES, captions = CAPTIONS, pause = PAUSE;
const element = name => document.getElementById(name);
let current = 0, timer = null;
function show(number) {
  current = Math.min(Math.max(number, 0), pictures.length - 1);
  element("picture").src = "data:image/png;base64," + pictures[current];
  element("picture").alt = "Decision boundary and cost, " + captions[current];
  element("slider").value = current;
  element("slider").setAttribute("aria-valuetext", captions[current]);
  element("caption").textContent = captions[current];
}
function stop() {
  clearInterval(timer);
  timer = null;
  element("play").textContent = "Play";
  element("caption").setAttribute("aria-live", "polite");
}
function play() {
  if (current === pictures.length - 1) show(0);
  timer = setInterval(() => current === pictures.length - 1 ? stop() : show(current + 1), pause);
  element("play").textContent = "Pause";
  // Who listens could not follow every frame.
  element("caption").setAttribute("aria-live", "off");
}
function step(by) { stop(); show(current + by); }
element("play").addEventListener("click", () => timer === null ? play() : stop());
element("back").addEventListener("click", () => step(-1));
element("on").addEventListener("click", () => step(1));
element("slider").addEventListener("input", event => { stop(); show(Number(event.target.value)); });
document.addEventListener("keydown", event => {
  if (event.target === element("slider") || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
for (const part of document.querySelectorAll("[hidden]")) part.hidden = false;
show(0);
if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play();
</script>
</body>
</html>
"""


def film_page(
    pictures: Sequence[bytes], captions: Sequence[str], frames_per_second: float, theme: ThemeName | None = None
) -> str:
    """Make the page.

    Parameters
    ----------
    pictures : sequence of bytes
        The frames, as PNG; at least one.
    captions : sequence of str
        What to say under each, of any text.
    frames_per_second : float
        How fast it plays. It begins by itself, except for readers who have asked for less motion.
    theme : {"light", "dark"}, optional
        The colours around the frames; by default those that the reader's system asks for.

    Returns
    -------
    str
        HTML. A policy in it forbids the browser to load anything.

    Examples
    --------
    >>> "http-equiv" in film_page([b""], ["epoch 0"], 8)
    True
    """
    encoded = [base64.b64encode(picture).decode() for picture in pictures]
    # In a script only "<" could end it, and JSON may write any character by its number.
    parts = {
        "COLOURS": scheme(theme),
        "LAST": str(len(encoded) - 1),
        "PICTURES": json.dumps(encoded),
        "CAPTIONS": json.dumps(list(captions)).replace("<", "\\u003c"),
        "PAUSE": f"{1000 / frames_per_second:.0f}",
        "STILL": f"data:image/png;base64,{encoded[-1]}",
        "CAPTION": html.escape(captions[-1]),
    }
    return filled(PAGE, parts)


def scheme(theme: ThemeName | None) -> str:
    """Write what colours a page has."""
    if theme is None:
        return "color-scheme: light dark;"
    colours = theme_called(theme)
    return f"color-scheme: {theme}; background: {colours.background}; color: {colours.text};"


def filled(template: str, parts: dict[str, str]) -> str:
    """Put texts in the places of their names, all at once, so that none is looked for in another."""
    return re.sub(r"\b(" + "|".join(parts) + r")\b", lambda found: parts[found[1]], template)
