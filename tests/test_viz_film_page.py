"""The page of a film in a browser: its controls, narrow windows, who listens, and no script."""

import struct
import zlib

import pytest

from micrograd_nd.viz.films.film_page import film_page

CAPTIONS = ["epoch 0, cost 0.7", "epoch 10, cost 0.4", '</script><img src=x onerror="window.hurt = 1"> PICTURES']


def picture(grey):
    """A PNG of 90 × 40 grey pixels."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 90, 40, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes([grey]) * 90) * 40)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def page(browser, tmp_path):
    """Opens the page of three pictures; gives the browser, which must have nothing to complain of at the end."""

    def opened(*, frames_per_second=0.001, **wishes):
        path = tmp_path / "film.html"
        page = film_page([picture(grey) for grey in (0, 120, 240)], CAPTIONS, frames_per_second)
        path.write_text(page, encoding="utf-8")
        browser.emulate(**{"prefers_reduced_motion": "reduce", **wishes})
        browser.open(path)
        return browser

    yield opened
    assert browser.complaints() == []
    assert {url.partition(":")[0] for url in browser.requests()} <= {"file", "data"}
    assert not browser.evaluate("window.hurt")


def caption(browser):
    return browser.evaluate("document.querySelector('#caption').textContent")


def test_arrow_keys_go_to_the_frames_beside(page):
    browser = page()
    assert caption(browser) == CAPTIONS[0]
    browser.press("ArrowRight")
    assert caption(browser) == CAPTIONS[1]
    browser.press("ArrowLeft")
    browser.press("ArrowLeft")
    assert caption(browser) == CAPTIONS[0]


def test_a_key_of_the_browser_is_left_to_it(page):
    browser = page()
    key = "new KeyboardEvent('keydown', {key: 'ArrowRight', altKey: true, bubbles: true})"
    browser.evaluate(f"document.body.dispatchEvent({key})")
    assert caption(browser) == CAPTIONS[0]


def test_the_picture_and_what_is_told_of_it_are_those_of_the_frame(page):
    browser = page()
    browser.evaluate("show(2)")
    shown = browser.evaluate("[document.querySelector('img').alt, document.querySelector('#slider').ariaValueText]")
    assert shown == [f"Decision boundary and cost, {CAPTIONS[2]}", CAPTIONS[2]]
    assert browser.evaluate("document.querySelector('img').decode().then(() => document.querySelector('img').width)")


@pytest.mark.parametrize("width", [1200, 600, 320])
def test_the_page_is_never_wider_than_its_window_and_the_slider_can_be_used(page, width):
    browser = page(width=width)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate("document.querySelector('#slider').offsetWidth") >= 120


def test_who_listens_is_told_each_frame_but_while_the_film_plays(page):
    browser = page(prefers_reduced_motion="no-preference")
    live = "document.querySelector('#caption').getAttribute('aria-live')"
    assert browser.evaluate("document.querySelector('#play').textContent") == "Pause"
    assert browser.evaluate(live) == "off"
    browser.press("ArrowRight")
    assert browser.evaluate("document.querySelector('#play').textContent") == "Play"
    assert browser.evaluate(live) == "polite"


def test_without_a_script_the_last_picture_is_there_and_no_controls(page, browser):
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page()
        seen = "[...document.querySelectorAll('img, button, input')].filter(e => e.offsetWidth).map(e => e.alt)"
        assert browser.evaluate(seen) == [CAPTIONS[2]]
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)
