"""``viz.explain``: its page in a browser, step after step, and what the page does with hostile names."""

import re
from importlib.resources import files

import numpy as np
import pytest

import micrograd_nd as mg
from gallery.graphs import course, logistic_loss, network_cost
from micrograd_nd import nn, viz
from micrograd_nd.viz.graphs.picture import scene_of
from micrograd_nd.viz.printable import visible
from micrograd_nd.viz.themes import THEMES
from micrograd_nd.viz.walkthrough import explanation, picture_in_page
from micrograd_nd.viz.walkthrough.steps import count_of_steps, steps_of

pytest.importorskip("pygraphviz", reason="pictures are laid out by Graphviz")

STEPS = 11  # of the course example

HOSTILE = [
    '"a\\"] b [<x>',
    "\\N \\G \\L \\T \\n \\\\",
    "</script><script>window.hurt = 1</script>",
    "</style></title></svg><img src=x onerror='window.hurt = 1'>",
    '" onload="window.hurt = 1" tabindex="0" onfocus="window.hurt = 1" autofocus="',
    "' onpointerenter='window.hurt = 1",
    "javascript:window.hurt=1",
    "--> <!-- ]]> <![CDATA[",
    "${window.hurt = 1} `$title` $script ${style}",
    "one\ntwo\r\nthree\x00",
    "\u202eright to left\u202c \u2066 \u200f",
    "__proto__",
    "constructor",
    "n0",
    "⟦0⟧",
    "&lt;b&gt; &amp;",
    "עברית 👩\u200d🚀",
]


@pytest.fixture
def page(browser, tmp_path):
    """Opens the page of a result; gives the browser, which must have nothing to complain of at the end."""
    browser.emulate()

    def opened(J=None, **options):
        path = viz.explain(course() if J is None else J, tmp_path / "explain.html", **options)
        browser.open(path)
        return browser

    yield opened
    assert browser.complaints() == []
    assert [url.rpartition("/")[2] for url in browser.requests()] == ["explain.html"]


def named(name):
    """A result of values that are called so."""
    x = mg.Tensor(2.0, name=name)
    return x * x


def told(browser):
    """What the steps say that are shown."""
    shown = "[...document.querySelectorAll('.steps > li')].filter(li => getComputedStyle(li).visibility === 'visible')"
    found = browser.evaluate(f"{shown}.map(li => [...li.querySelectorAll('.equation')].map(p => p.textContent))")
    return [[line.replace("\N{NO-BREAK SPACE}", " ") for line in step] for step in found]


def place(browser):
    return browser.evaluate("Number(document.documentElement.dataset.step)")


def numbers(browser):
    """The texts of the picture that are visible, by the id of their part."""
    found = browser.evaluate(
        """Object.fromEntries([...document.querySelectorAll('.picture .node, .picture .edge')].map(part => [part.id,
        [...part.querySelectorAll('text')].filter(t => getComputedStyle(t).visibility === 'visible')
        .map(t => t.textContent.trim().replaceAll('\\u00a0', ' '))]))"""
    )
    return {id: texts for id, texts in found.items() if texts}


def go(browser, step):
    browser.evaluate(f"go({step - 1})")


# What is shown


def test_each_step_shows_its_equations_forward_and_back(page):
    browser = page()
    expected = [[x.text() for x in step.equations] for step in steps_of(scene_of(course(), local_derivatives=True))]
    seen = [told(browser)]
    for _ in range(STEPS - 1):
        browser.press("ArrowRight")
        seen.append(told(browser))
    assert seen == [[lines] for lines in expected]
    for lines in reversed(expected[:-1]):
        browser.press("ArrowLeft")
        assert told(browser) == [lines]


def test_the_picture_has_the_numbers_that_were_reached_and_no_others(page):
    browser = page()
    leaves = {"n0": ["a = 5"], "n1": ["b = 3"], "n2": ["c = 2"]}
    formulas = {"n3": ["u = b × c"], "n4": ["v = a + u"], "n5": ["J = 3 × v"]}
    assert numbers(browser) == {**leaves, **formulas}
    go(browser, 2)
    reached = {"n3": ["u = b × c", "6"], "forward-n1-n3": ["3"], "forward-n2-n3": ["2"]}
    assert numbers(browser) == {**leaves, **formulas, **reached}
    go(browser, STEPS)
    complete = numbers(browser)
    assert complete["n5"] == ["J = 3 × v", "33"]
    assert complete["backward-n1-n3"] == ["dJ/db = 6", "du/db = 2"]
    go(browser, 1)
    assert numbers(browser) == {**leaves, **formulas}


@pytest.mark.parametrize("J", [logistic_loss, network_cost])
def test_the_numbers_of_the_last_step_are_those_of_the_engine(page, J):
    result = J()
    scene = scene_of(result, detail="low")
    browser = page(result, detail="low")
    browser.press("End")
    cells = browser.evaluate(
        "[...document.querySelectorAll('.current .value')].map(v => (v.getAttribute('aria-label') ?? v.textContent))"
    )
    shown = [[float(x) for x in re.findall(r"-?[\d.]+(?:e-?\d+)?", cell.replace("−", "-"))] for cell in cells]
    leaves = [box for box in scene.boxes if not box.is_computed and box.derivative is not None]
    assert len(shown) == len(leaves)
    for found, box in zip(shown, leaves, strict=True):
        np.testing.assert_allclose(found, np.ravel(box.derivative), rtol=5e-3)


def test_a_derivative_in_a_box_is_shown_with_the_sum_of_its_parts(page):
    x = mg.Tensor(3.0, name="x")
    u = 2 * x
    u.name = "u"
    browser = page(u * x)
    shown = {}
    for step in range(1, 10):
        go(browser, step)
        shown[step] = "dJ/dx = 12" in numbers(browser)["n0"]
    assert [step for step in shown if shown[step]] == [8, 9]
    go(browser, 8)
    assert told(browser) == [["dJ/dx = 6 + 6 = 12"]]


def test_what_a_step_is_about_is_marked_by_more_than_colour(page, browser):
    browser.emulate(prefers_reduced_motion="reduce")  # else a line takes a moment to grow thick
    page()
    go(browser, 9)
    marked = browser.evaluate("[...document.querySelectorAll('.picture .about')].map(part => part.id)")
    assert sorted(marked) == ["backward-n1-n3", "n1"]
    width = "Number.parseFloat(getComputedStyle(document.querySelector('#{} > path')).strokeWidth)"
    assert browser.evaluate(width.format("n1")) > browser.evaluate(width.format("n2"))
    assert browser.evaluate(width.format("backward-n1-n3")) > browser.evaluate(width.format("backward-n2-n3"))


# How one goes on


def test_buttons_go_to_the_first_the_last_and_the_ones_beside(page):
    browser = page()
    for button, step in [("next", 2), ("next", 3), ("back", 2), ("last", 11), ("next", 11), ("first", 1), ("back", 1)]:
        browser.evaluate(f"document.getElementById('{button}').click()")
        assert place(browser) == step


def test_keys_do_the_same(page):
    browser = page()
    for key, step in [("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", 11), ("Home", 1)]:
        browser.press(key)
        assert place(browser) == step


def test_all_controls_are_reached_by_the_tab_key_and_have_names(page):
    browser = page()
    names = []
    for _ in range(8):
        browser.press("Tab")
        names.append(browser.evaluate("document.activeElement.id"))
    assert names == ["first", "back", "play", "next", "last", "speed", "slider", "n0"]
    browser.evaluate("document.getElementById('next').focus()")
    browser.press("Enter")
    assert place(browser) == 2
    browser.press(" ")
    assert place(browser) == 3
    tree = browser.command("Accessibility.getFullAXTree")["nodes"]
    named = {(node["role"]["value"], node.get("name", {}).get("value")) for node in tree}
    assert {("button", name) for name in ("First step", "Back", "Play", "Next", "Last step")} <= named
    assert {("slider", "Step"), ("combobox", "Speed"), ("group", "Steps")} <= named
    assert ("image", "u = b × c = 6; dJ/du = 3") in named


def test_the_picture_has_a_title_and_a_description(page):
    browser = page()
    tree = browser.command("Accessibility.getFullAXTree")["nodes"]
    described = {node.get("name", {}).get("value"): node.get("description", {}).get("value") for node in tree}
    assert described["The graph of J"] == "6 boxes and 5 arrows between them: u = b × c; v = a + u; J = 3 × v."


def test_what_a_step_is_about_is_scrolled_into_view(page, browser):
    browser.emulate(width=400, height=500)
    page(network_cost(), detail="low", direction="TB")
    seen = """(() => { const frame = document.querySelector('.picture .scrolled').getBoundingClientRect();
      return [...document.querySelectorAll('.node.about')].some(box => { const r = box.getBoundingClientRect();
        return r.left < frame.right && r.right > frame.left && r.top < frame.bottom && r.bottom > frame.top; }) })()"""
    for step in range(1, 23):
        go(browser, step)
        assert browser.evaluate(seen)


def test_the_slider_goes_to_any_step(page):
    browser = page()
    browser.evaluate("document.getElementById('slider').focus()")
    browser.press("ArrowRight")
    assert place(browser) == 2
    browser.press("End")
    assert place(browser) == STEPS
    set_to = "slider.value = 5; slider.dispatchEvent(new Event('input'))"
    browser.evaluate(f"{{ const slider = document.getElementById('slider'); {set_to} }}")
    assert place(browser) == 5
    assert browser.evaluate("document.getElementById('slider').getAttribute('aria-valuetext')") == "Step 5 of 11"


def test_the_space_bar_plays_to_the_end_and_stops_there(page):
    browser = page()
    browser.evaluate(
        "{ const speed = document.getElementById('speed'); speed.options[2].value = 10; speed.value = 10 }"
    )
    browser.press(" ")
    assert browser.evaluate("document.getElementById('play').textContent.trim()") == "Pause"
    waiting = (
        "new Promise(resolve => { (function look() { timer === null ? resolve(true) : setTimeout(look, 10) })() })"
    )
    assert browser.evaluate(waiting)
    assert place(browser) == STEPS
    assert browser.evaluate("document.getElementById('play').textContent.trim()") == "Play"
    browser.press(" ")
    assert place(browser) == 1
    browser.press(" ")
    assert browser.evaluate("timer === null")


def test_each_step_is_told_in_words_to_who_listens(page):
    browser = page()
    assert browser.evaluate("document.getElementById('told').getAttribute('aria-live')") == "polite"
    go(browser, 2)
    assert browser.evaluate("document.getElementById('told').textContent") == (
        "Step 2 of 11. Compute u. u equals b times c equals 3 times 2 equals 6"
    )


def test_a_box_tells_its_full_values_while_it_has_the_focus_or_is_pointed_at(page):
    x = mg.Tensor(1 / 3, name="x")
    browser = page(x * 2)
    card = "document.getElementById('card')"
    browser.evaluate("document.getElementById('n0').focus()")
    words = browser.evaluate(f"{card}.innerText")
    assert "0.3333333333333333" in words
    assert "(), float64" in words
    browser.press("Escape")
    assert browser.evaluate(f"{card}.hidden")
    assert place(browser) == 1
    middle = "(r => [r.x + r.width / 2, r.y + r.height / 2])(document.getElementById('n1').getBoundingClientRect())"
    browser.mouse("mouseMoved", *browser.evaluate(middle))
    assert "0.6666666666666666" in browser.evaluate(f"{card}.innerText")


# For every reader


def test_what_is_told_of_a_box_at_the_edge_of_the_picture_has_room(page, browser):
    browser.emulate(width=700)
    page(logistic_loss())
    for box in browser.evaluate("[...document.querySelectorAll('.picture .node')].map(box => box.id)"):
        browser.evaluate(f"document.getElementById('{box}').focus()")
        heights = browser.evaluate("[...card.querySelectorAll('pre')].map(pre => pre.getBoundingClientRect().height)")
        assert max(heights) < 30
        assert browser.evaluate("card.getBoundingClientRect().right") <= 700


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
@pytest.mark.parametrize("wish", ["light", "dark"])
def test_colours_are_the_theme_or_what_the_reader_wishes(page, browser, theme, wish):
    browser.emulate(prefers_color_scheme=wish)
    page(theme=theme)
    ground = browser.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    expected = THEMES[wish if theme == "auto" else theme].background
    assert ground == "rgb({}, {}, {})".format(*bytes.fromhex(expected[1:]))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_stands_out_from_its_ground(page, browser, theme):
    """WCAG 2.2, success criterion 1.4.3: a contrast of at least 4.5."""
    page(network_cost(), theme=theme, detail="low")
    texts = browser.evaluate(
        """(() => {
        const found = new Set();
        for (const element of document.querySelectorAll('body *')) {
          const direct = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
          if (!direct || ['SCRIPT', 'title', 'desc'].includes(element.tagName)) continue;
          const inSvg = element instanceof SVGElement;
          const ink = getComputedStyle(element)[inSvg ? 'fill' : 'color'];
          let ground = element;
          if (inSvg) {
            const box = element.closest('.node')?.querySelector('path, polygon');
            if (box) { found.add(ink + '|' + getComputedStyle(box).fill); continue; }
          }
          const clear = c => getComputedStyle(c).backgroundColor === 'rgba(0, 0, 0, 0)';
          while (clear(ground)) ground = ground.parentElement;
          found.add(ink + '|' + getComputedStyle(ground).backgroundColor);
        }
        return [...found];
        })()"""
    )
    assert len(texts) > 8
    for pair in texts:
        ink, ground = (luminance([int(x) for x in re.findall(r"\d+", colour)[:3]]) for colour in pair.split("|"))
        assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) >= 4.5, pair


def luminance(rgb):
    """WCAG 2.2, relative luminance."""
    linear = [x / 255 / 12.92 if x <= 10 else ((x / 255 + 0.055) / 1.055) ** 2.4 for x in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_nothing_moves_by_itself_where_the_reader_wishes_so(page, browser):
    moving = "getComputedStyle(document.querySelector('#n3 > polygon')).transitionDuration"
    browser.emulate(prefers_reduced_motion="no-preference")
    assert "0.25s" in page().evaluate(moving)
    browser.emulate(prefers_reduced_motion="reduce")
    assert page().evaluate(moving) == "0s"


@pytest.mark.parametrize("width", [1600, 600, 320])
def test_the_page_is_never_wider_than_its_window(page, browser, width):
    browser.emulate(width=width)
    page(network_cost(), detail="low")
    for step in (1, 3, 20):
        go(browser, step)
        assert browser.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("J", [named("long" * 40), np.sum(mg.Tensor(-np.full((1, 6), 1 / 3)))], ids=["name", "row"])
def test_no_name_and_no_row_is_wider_than_a_small_window(page, browser, J):
    browser.emulate(width=320)
    page(J)
    browser.evaluate("document.querySelector('details').open = true")
    assert browser.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(("width", "height"), [(1200, 800), (600, 400), (360, 640)])
def test_the_equation_of_a_step_is_seen_without_scrolling(page, browser, width, height):
    browser.emulate(width=width, height=height)
    page()
    for step in range(2, STEPS):
        go(browser, step)
        assert browser.evaluate("document.querySelector('.current .equation').getBoundingClientRect().bottom") <= height


def test_a_step_of_very_many_lines_leaves_the_picture_in_sight_and_can_be_scrolled(page, browser):
    x = mg.Tensor(1.5, name="x")
    page(sum((np.sin(x) for _ in range(40)), start=x))
    assert browser.evaluate("document.querySelector('.picture').getBoundingClientRect().top") <= 0.65 * 800
    step = browser.evaluate("steps.findIndex(li => li.textContent.includes('Add up')) + 1")
    go(browser, step)
    assert browser.evaluate("steps[current].scrollHeight > steps[current].clientHeight")
    assert browser.evaluate("getComputedStyle(steps[current]).overflowY") == "auto"


def test_on_paper_all_steps_and_all_numbers_are_there(page, browser):
    page()
    go(browser, 1)
    browser.emulate(media="print")
    assert len(told(browser)) == STEPS
    assert numbers(browser)["backward-n1-n3"] == ["dJ/db = 6", "du/db = 2"]
    assert not browser.evaluate("document.querySelector('.controls').checkVisibility()")


def test_without_a_script_all_steps_and_all_numbers_are_there(page, browser):
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page()
        assert len(told(browser)) == STEPS
        assert numbers(browser)["backward-n1-n3"] == ["dJ/db = 6", "du/db = 2"]
        assert not browser.evaluate("document.querySelector('.controls').checkVisibility()")
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)


# Names that mean harm


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_in_the_page_and_nothing_else(page, name):
    W = mg.Tensor(np.arange(6.0).reshape(2, 3), name=name)
    k = mg.Tensor(2.0, name=f"{name}k")
    Z = k * (W @ np.ones((3, 2)))
    Z.name = f"{name}Z"
    browser = page(np.sum(Z), title=name)
    for _ in range(12):
        browser.press("ArrowRight")
    pointed_at = "box.focus(); box.dispatchEvent(new PointerEvent('pointerenter'));"
    browser.evaluate(f"for (const box of document.querySelectorAll('.node')) {{ {pointed_at} }}")
    assert browser.evaluate("window.hurt") is None
    assert browser.evaluate("document.scripts.length") == 1
    assert browser.evaluate("document.querySelectorAll('img, iframe, object, embed, link, base, form, a').length") == 0
    handlers = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => /^on/.test(n))"
    assert browser.evaluate(handlers) == []
    names = browser.evaluate("[...new Set([...document.querySelectorAll('.name')].map(e => e.textContent))]")
    assert {visible(f"{name}{end}") for end in ("", "k", "Z")} <= set(names)


@pytest.mark.parametrize("letter", ["x", "'"])
def test_a_name_longer_than_graphviz_reads_is_drawn_by_its_beginning_and_its_end(page, letter):
    drawn = "".join(numbers(page(named(f"begin{letter * 20_000}end")))["n0"])
    assert re.fullmatch(f"begin{letter}+…{letter}+end = 2", drawn)


def test_only_the_script_and_the_style_of_the_page_may_run(browser, tmp_path):
    browser.open(viz.explain(course(), tmp_path / "explain.html"))
    injected = '<p style="color: red" onclick="window.hurt = 1">x</p><img src="https://example.org/x.png">'
    browser.evaluate(f"document.body.insertAdjacentHTML('beforeend', '{injected}')")
    browser.evaluate("document.querySelector('p[onclick]').click()")
    assert browser.evaluate("window.hurt") is None
    assert browser.evaluate("getComputedStyle(document.querySelector('p[onclick]')).color") != "rgb(255, 0, 0)"
    assert "Content Security Policy" in str(browser.complaints())
    assert not any(url.startswith("https:") for url in browser.loaded())


# The file


def test_a_page_of_a_small_graph_is_small(tmp_path):
    assert viz.explain(course(), tmp_path / "explain.html").stat().st_size < 60_000
    assert viz.explain(network_cost(), tmp_path / "explain.html").stat().st_size < 300_000


def test_large_arrays_do_not_make_a_large_page(tmp_path):
    assert viz.explain(network_cost(20, 7, 2090), tmp_path / "explain.html").stat().st_size < 300_000


def test_arrows_that_lead_far_are_straight_since_curves_would_take_minutes(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(picture_in_page, "render", lambda picture, _: drawn.append(picture.source) or b"<svg></svg>")
    x = mg.Tensor(1.0, name="x")
    far = x
    for _ in range(40):
        far = far + x
    viz.explain(far, tmp_path / "far.html")
    viz.explain(course(), tmp_path / "near.html")
    assert ["splines=line" in source for source in drawn] == [True, False]


def test_the_parameters_of_a_model_are_told_from_other_variables(tmp_path):
    model = nn.MLP([2, 2, 1], seed=1)
    cost = np.mean(model(np.ones((2, 3))))
    page = viz.explain(cost, tmp_path / "explain.html", model=model).read_text(encoding="utf-8")
    assert page.count('class="node parameter"') == 4


def test_a_page_is_the_same_each_time(tmp_path):
    first = viz.explain(course(), tmp_path / "first.html").read_bytes()
    assert viz.explain(course(), tmp_path / "second.html").read_bytes() == first


def test_explaining_changes_no_gradient(tmp_path):
    x = mg.Tensor(2.0, name="x")
    viz.explain(x * x, tmp_path / "explain.html")
    assert x.grad is None


def test_the_page_the_style_and_the_script_are_installed():
    folder = files("micrograd_nd.viz.walkthrough")
    assert all(folder.joinpath(f"page.{ending}").is_file() for ending in ("html", "css", "js"))


# What is refused


@pytest.mark.parametrize("detail", ["high", "low"])
def test_a_graph_far_too_large_is_refused_before_a_scene_is_made_of_it(monkeypatch, tmp_path, detail):
    def refused(*_, **__):
        raise AssertionError("a scene was made")

    total = mg.Tensor(1.0, name="x")
    for _ in range(13_000):
        total = total + 1
    monkeypatch.setattr(explanation, "scene_of", refused)
    with pytest.raises(ValueError, match="would have more than 300 steps, and has no more than that"):
        viz.explain(total, tmp_path / "page.html", detail=detail)
    assert not list(tmp_path.iterdir())


def test_a_graph_of_too_many_steps_is_refused_with_what_would_help(tmp_path):
    x = mg.Tensor(1.0, name="x")
    total = x
    for _ in range(200):
        total = np.tanh(total)
    message = r'would have 403 steps, and has at most 300; try detail="low".* or a smaller graph'
    assert count_of_steps(scene_of(total)) == 403
    with pytest.raises(ValueError, match=message):
        viz.explain(total, tmp_path / "explain.html")
    with pytest.raises(ValueError, match="try a smaller graph"):
        viz.explain(total, tmp_path / "explain.html", detail="low")
    assert list(tmp_path.iterdir()) == []


def test_a_graph_of_almost_too_many_steps_is_explained(tmp_path, monkeypatch):
    x = mg.Tensor(1.0, name="x")
    monkeypatch.setattr(explanation, "MOST_STEPS", count_of_steps(scene_of(x * x)))
    assert viz.explain(x * x, tmp_path / "explain.html").is_file()


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (ValueError, 'theme is "auto", "light" or "dark"; got \'sepia\'', {"theme": "sepia"}),
        (ValueError, "direction is .*; got 'UP'", {"direction": "UP"}),
        (ValueError, 'detail is "low" or "high"; got \'some\'', {"detail": "some"}),
        (TypeError, "title is a text; got int", {"title": 3}),
        (TypeError, "model is a Module", {"model": 3}),
    ],
)
def test_what_is_no_option_is_refused(tmp_path, error, message, options):
    with pytest.raises(error, match=message):
        viz.explain(course(), tmp_path / "explain.html", **options)


def test_what_is_no_tensor_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"viz\.explain goes through how a Tensor was computed; got float"):
        viz.explain(3.0, tmp_path / "explain.html")


def test_a_file_that_is_no_page_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a page's file name ends in \.html; got 'explain\.svg'"):
        viz.explain(course(), tmp_path / "explain.svg")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        viz.explain(course(), tmp_path / "nowhere" / "explain.html")


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path):
    (tmp_path / "explain.html").mkdir()
    with pytest.raises(OSError, match="cannot write the page"):
        viz.explain(course(), tmp_path / "explain.html")
