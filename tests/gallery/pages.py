"""Pages that go through computations, and what they look like in a browser."""

import hashlib
import struct
import tempfile
import zlib
from pathlib import Path

from chromium import Chromium
from gallery import FOLDER, Gallery
from gallery.graphs import course
from micrograd_nd import viz

PAGES = Gallery()

# Pictures of a page: the one of the course example, at the step dJ/db = dJ/du · du/db.
STILLS = {"explain-light": "light", "explain-dark": "dark"}
STEP = 9
PAGE = FOLDER / "explain.html"


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
            browser.open(PAGE)
            browser.evaluate(f"go({STEP - 1})")
            still = FOLDER / f"{name}.png"
            browser.screenshot(still)
            still.write_bytes(with_words(still.read_bytes(), words_of(PAGE)))
        browser.close()


def words_of(page):
    """What a still says of the page that it was taken of."""
    return f"Source\0{page.name}, sha256 {hashlib.sha256(page.read_text(encoding='utf-8').encode()).hexdigest()}"


def with_words(png, words):
    """A PNG with words in it, after the header of 33 bytes (W3C PNG 3, sections 5.3 and 11.3.3.2)."""
    chunk = b"tEXt" + words.encode("latin-1")
    return png[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[33:]
