"""Pages that go through computations, and what they look like in a browser."""

import tempfile
from pathlib import Path

from chromium import Chromium
from gallery import FOLDER, Gallery
from gallery.graphs import course
from micrograd_nd import viz

PAGES = Gallery()

# Pictures of a page: the one of the course example, at the step dJ/db = dJ/du · du/db.
STILLS = {"explain-light": "light", "explain-dark": "dark"}
STEP = 9


@PAGES.picture
def explain():
    """The chain rule of the course example, step by step."""
    with tempfile.TemporaryDirectory() as folder:
        page = viz.explain(course(), Path(folder, "explain.html"), title="J = 3(a + bc), step by step")
        return page.read_text(encoding="utf-8")


def take_stills(program):
    """Take the pictures of the page that lies in the gallery, by a browser."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Chromium(program, profile)
        for name, theme in STILLS.items():
            browser.emulate(width=1000, height=640, prefers_color_scheme=theme, prefers_reduced_motion="reduce")
            browser.open(FOLDER / "explain.html")
            browser.evaluate(f"go({STEP - 1})")
            browser.screenshot(FOLDER / f"{name}.png")
        browser.close()
