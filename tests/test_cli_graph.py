"""``micrograd-nd graph``: what it prints and draws, what it refuses, and that hostile expressions do no harm."""

import random
import re
import shlex
import subprocess
import sys
import unicodedata
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from micrograd_nd import cli, viz
from micrograd_nd.expressions import ExpressionError, evaluate
from micrograd_nd.expressions.evaluation import MOST_WORK
from micrograd_nd.expressions.functions import FUNCTIONS
from micrograd_nd.expressions.grammar import MOST_CALLS
from micrograd_nd.graph import Node, ancestors
from micrograd_nd.viz import command
from micrograd_nd.viz.themes import THEMES

COURSE = ["u = b*c; v = a + u; J = 3*v", "a=5", "b=3", "c=2"]


@pytest.fixture
def graph(tmp_path, monkeypatch, capsys):
    """Runs the command in an empty folder; gives the exit status, and what was printed to either stream."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = cli.main(["graph", *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


# What is printed


def test_the_value_and_each_derivative_have_a_line(graph):
    assert graph("3*(a + b*c)", "a=5", "b=3", "c=2") == (0, "J = 33\ndJ/da = 3\ndJ/db = 6\ndJ/dc = 9\n", "")


def test_named_parts_have_lines_forward_and_backward(graph):
    status, out, err = graph(*COURSE)
    assert (status, err) == (0, "")
    assert out.splitlines()[:5] == ["u = 6", "v = 11", "J = 33", "dJ/dv = 3", "dJ/du = 3"]


def test_arrays_are_written_as_lists(graph):
    _, out, _ = graph("sum(W @ x)", "W=[[1, 2], [3, 4]]", "x=[0.5, -1]")
    assert out == "J = -4\ndJ/dW = [[0.5, -1], [0.5, -1]]\ndJ/dx = [4, 6]\n"


def test_a_large_array_has_a_line_of_its_shape_and_range(graph):
    _, out, _ = graph("u = linspace(0, a, 100); sum(u)", "a=1")
    assert out.splitlines()[0] == "u = an array of shape (100,), from 0 to 1"


def test_a_result_of_several_numbers_has_no_derivatives_and_a_note_says_why(graph):
    status, out, err = graph("2*x", "x=[1, 2]")
    assert (status, out) == (0, "J = [2, 4]\n")
    assert err == (
        "note: no derivatives: they are taken of one number, and J has shape (2,); sum(...) or mean(...) makes one\n"
    )


def test_a_comparison_has_no_derivatives_and_a_note_says_why(graph):
    status, out, err = graph("a > 1", "a=2")
    assert (status, out) == (0, "J = True\n")
    assert "J does not depend on the values by functions that have any" in err


def test_what_only_a_comparison_uses_has_the_derivative_0(graph):
    assert graph("where(a > 0, b, 2*b)", "a=1", "b=3")[1] == "J = 3\ndJ/da = 0\ndJ/db = 1\n"


def test_without_derivatives_there_are_values_only(graph):
    assert graph("a*b", "a=2", "b=3", "--no-derivatives") == (0, "J = 6\n", "")


def test_infinities_and_values_that_are_not_used_are_noted_and_no_error(graph):
    status, out, err = graph("log(a - 1)", "a=1", "b=2")
    assert (status, out) == (0, "J = -inf\ndJ/da = inf\n")
    assert err == "note: log(a - 1) is -inf\nnote: b is not used\n"


def test_an_expression_may_begin_with_a_minus_and_options_may_stand_anywhere(graph):
    expected = (0, "J = -6\ndJ/da = -3\ndJ/db = -2\n", "")
    assert graph("-a*b", "a=2", "b=3") == expected
    assert graph("--", "-a*b", "a=2", "b=3") == expected
    assert graph("--direction", "TB", "-a*b", "a=2", "b=3") == expected
    status, out, _ = graph("-a*b", "-o", "minus.dot", "a=2", "--direction=TB", "b=3")
    assert (status, out.splitlines()[-1]) == (0, "wrote minus.dot")
    assert "rankdir=TB" in Path("minus.dot").read_text(encoding="utf-8")


@pytest.mark.parametrize("expression", ["--2*a", "---a*2", "--(a + a)", "--a*2", "-outer(-a, 2)[0, 0]"])
def test_what_cannot_be_an_option_is_an_expression(graph, expression):
    status, out, err = graph(expression, "a=-3")
    assert (status, err) == (0, "")
    assert out.splitlines()[0] in ("J = 6", "J = -6")


@pytest.mark.parametrize("option", ["--them", "--o", "--no-gradients", "--detial=low"])
def test_an_option_that_there_is_not_is_no_expression(graph, capsys, option):
    with pytest.raises(SystemExit):
        graph("2*a", "a=3", option)
    assert f"unrecognized arguments: {option}" in capsys.readouterr().err


def test_notes_do_not_stand_among_the_results_where_standard_error_is_closed(graph, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert graph("log(a)", "a=-1") == (0, "J = nan\ndJ/da = -1\n", "")
    assert graph("a^2", "a=-1") == (2, "", "")


def test_several_values_may_stand_in_one_argument(graph):
    assert graph("a*b", "a=2, b=3")[1] == "J = 6\ndJ/da = 3\ndJ/db = 2\n"


def test_letters_that_the_terminal_lacks_are_written_nonetheless(graph, monkeypatch, tmp_path):
    with (tmp_path / "out").open("w", encoding="ascii") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        graph("2*α", "α=3")
    assert (tmp_path / "out").read_text(encoding="utf-8").splitlines()[1] == "dJ/dα = 2"


# What is drawn


@pytest.mark.parametrize(
    ("ending", "beginning"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")]
)
def test_the_ending_says_what_is_drawn(graph, ending, beginning):
    if ending != "dot":
        pytest.importorskip("pygraphviz")
    status, out, _ = graph(*COURSE, "-o", f"graph.{ending}")
    assert (status, out.splitlines()[-1]) == (0, f"wrote graph.{ending}")
    assert Path(f"graph.{ending}").read_bytes().startswith(beginning)


def test_the_numbers_in_the_drawing_are_those_in_the_terminal(graph):
    pytest.importorskip("pygraphviz")
    _, out, _ = graph(*COURSE, "-o", "graph.svg")
    texts = [x.text for x in ET.parse("graph.svg").iter() if x.tag.endswith("text")]  # noqa: S314 - our own
    drawn = " ".join(text.replace("\xa0", " ") for text in texts if text)
    for line in out.splitlines()[3:-1]:
        assert line in drawn
    assert {"u = b × c", "v = a + u", "J = 3 × v", "33"} <= {text.replace("\xa0", " ") for text in texts if text}


def test_a_page_goes_through_the_expression_step_by_step(graph):
    pytest.importorskip("pygraphviz")
    status, out, _ = graph(*COURSE, "-o", "graph.html")
    page = Path("graph.html").read_text(encoding="utf-8")
    assert (status, out.splitlines()[-1]) == (0, "wrote graph.html")
    assert page.startswith("<!DOCTYPE html>")
    assert "<h1>u = b*c; v = a + u; J = 3*v</h1>" in page
    assert page.count("<li ") == 11


def test_a_page_without_derivatives_goes_forward_only(graph):
    pytest.importorskip("pygraphviz")
    graph(*COURSE, "--no-derivatives", "-o", "graph.html")
    page = Path("graph.html").read_text(encoding="utf-8")
    assert page.count("<li ") == 4
    assert "dJ" not in page.partition("<body>")[2]  # in its policy are fingerprints, of any letters


def test_a_page_has_the_direction_that_was_asked_for(graph, monkeypatch):
    asked = []
    monkeypatch.setattr(viz, "explain", lambda J, path, **options: asked.append((J.name, str(path), options)))
    assert graph("a*a", "a=2", "-o", "graph.html", "--direction", "TB")[0] == 0
    assert asked == [("J", "graph.html", {"title": "a*a", "gradients": True, "direction": "TB", "detail": "high"})]


def test_an_expression_is_text_in_its_page(graph):
    pytest.importorskip("pygraphviz")
    status, _, _ = graph("where(a < 2, a, 1)  # </title><script>", "a=1", "-o", "graph.html")
    page = Path("graph.html").read_text(encoding="utf-8")
    assert status == 0
    assert page.count("<script") == 1
    assert "# &lt;/title&gt;&lt;script&gt;" in page


def test_arrows_that_lead_far_are_straight_since_curves_would_take_minutes(graph):
    graph("a" + " + a" * 40, "a=1", "-o", "far.dot")
    graph(" + ".join(f"w{i}*x{i}" for i in range(5)), *(f"w{i}=1, x{i}=2" for i in range(5)), "-o", "near.dot")
    assert "splines=line" in Path("far.dot").read_text(encoding="utf-8")
    assert "splines" not in Path("near.dot").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--theme", "dark"], f'bgcolor="{THEMES["dark"].background}"'),
        (["--detail=low"], "J = 3 × (a + b × c)"),
        (["--title", "--my <b>title</b>"], "&lt;b&gt;title"),
        (["--local-derivatives"], "dt2/dt1 = 1"),
    ],
)
def test_the_options_of_the_picture_are_passed_on(graph, options, found):
    for order in (["3*(a + b*c)", *COURSE[1:], *options], [*options, "3*(a + b*c)", *COURSE[1:]]):
        assert graph(*order, "-o", "graph.dot")[0] == 0
        assert found in Path("graph.dot").read_text(encoding="utf-8")
        Path("graph.dot").unlink()
    assert graph("3*(a + b*c)", *COURSE[1:], "-o", "graph.dot")[0] == 0
    assert found not in Path("graph.dot").read_text(encoding="utf-8")


def test_a_picture_of_too_many_boxes_is_refused(graph, monkeypatch):
    monkeypatch.setattr(command, "MOST_BOXES", 3)
    assert graph("a*b*a", "a=1", "b=1", "-o", "a.dot")[2].endswith(
        "would have 4 boxes; from the command line at most 3 are drawn\n"
    )


# What is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["3*(a + b^c)", "a=5", "b=3", "c=2"], "for a power write **\n  3*(a + b^c)\n          ^\n"),
        (["a + bb", "a=1", "bbb=2"], "bb has no value: did you mean bbb?\n  a + bb\n      ^\n"),
        (["W @ x", "W=[[1, 2], [3]]"], "here is [3] after [1, 2]\n  W=[[1, 2], [3]]\n             ^\n"),
        (["a", "a=1", "a=2"], "a is given twice\n  a=2\n  ^\n"),
        (["a", "1"], "every value has a name, as in x=[1, 2.5], y=-3\n  1\n  ^\n"),
        (["a", "a=True"], "a is a real number or a list of them, as in a=[1, 2.5]; got True\n"),
        (["a", "a=(1, 2)"], "a is a real number or a list of them"),
        (["a", "a=1j"], "a is a real number or a list of them, as in a=[1, 2.5]; got 1j\n"),
        (["sin", "sin=1"], "sin is a function here: choose another name for a value\n"),
        (["a", "a=1", "-o", "graph.gif"], "ends in .svg, .png, .pdf, .dot or .html; got 'graph.gif'\n"),
        (["a", "a=1", "-o", "."], "ends in .svg, .png, .pdf, .dot or .html; got '.'\n"),
        (["a", "a=1", "-o", "nowhere/graph.dot"], "there is no folder nowhere\n"),
        (["a", "a=1", "-o", "nowhere/graph.html"], "there is no folder nowhere\n"),
    ],
)
def test_what_a_user_can_mend_is_told_with_status_2(graph, arguments, message):
    pytest.importorskip("pygraphviz")
    status, out, err = graph(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("micrograd-nd graph: ")
    assert message in err
    assert list(Path().iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is simulated by a device")
def test_that_nothing_can_be_printed_is_told():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "micrograd_nd", "graph", "3*x", "x=2"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.decode() == "micrograd-nd graph: No space left on device: output\n"


@pytest.mark.parametrize("arguments", [[], ["a", "--theme"], ["a", "--theme", "grey"], ["a", "--direction", "up"]])
def test_a_command_that_is_not_understood_has_status_2(graph, arguments):
    with pytest.raises(SystemExit) as caught:
        graph(*arguments)
    assert caught.value.code == 2


# Hostile expressions

HOSTILE = 5000
GIVEN = {"a": 1.5, "b": -2.0, "x": [1.0, 2.0, 3.0], "W": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]}
VALID = [
    "3*(a + b*a)",
    "u = a*b; v = a + u; J = 3*v",
    "sum(tanh(W @ x)**2) / 2",
    "mean((W @ x - [1, 2])**2) + 0.1*sum(W*W)",
    "where(a > b, a, b)*log(abs(a))",
    "sum(W[0, 1:] * x[:2])",
    "-(a*log(sigmoid(b)) + (1 - a)*log(1 - sigmoid(b)))",
    "np.sum(np.reshape(W, (3, 2)) @ [[1, 0], [0, 1]], axis=0, keepdims=True)",
    "softmax(x, axis=0)[1]",
    "norm(x) + det(W @ transpose(W))",
]
EVIL = [
    "__import__('os').system('touch made')",
    "().__class__.__bases__[0].__subclasses__()",
    "open('made', 'w')",
    "eval('1')",
    "exec('import os')",
    "compile('1', '', 'eval')",
    "globals()['os']",
    "a.__init__.__globals__",
    "np.save('made', a)",
    "np.load('made')",
    "np.fromfile(a)",
    "np.lib.npyio.os.system(a)",
    "np.sum.__globals__",
    "mg.primitive(a)",
    "getattr(a, b)",
    "f'{a.__class__}'",
    "f'{a!r:{b}}'",
    "'{0.__class__}'.format(a)",
    "'%s' % a",
    "b'\\x00'",
    "lambda: a",
    "[a for a in x]",
    "(a for a in x)",
    "{**x}",
    "a if a else b",
    "(a := b)",
    "(yield a)",
    "await a",
    "import os",
    "from os import *",
    "del a",
    "class A: pass",
    "def f(): return f()",
    "while 1: pass",
    "assert a",
    "a.b = 3",
    "a[0] = 3",
    "x[__import__('os')]",
    "9**9**9**9",
    "a**1e308**1e308",
    "2**-1e999",
    "10**10**10 * x",
    "1e308 * 1e308",
    "99999999999999999999999999999999 * a",
    "0x" + "f" * 300,
    "1" * 1500,
    "1_000_000 * a",
    "0b101 + 0o17",
    "1e5j",
    "zeros(1000000000)",
    "zeros((10000, 10000))",
    "ones((1, " * 30 + "1" + "))" * 30,
    "ones((100000, 0, 100000))",
    "eye(99999)",
    "tile(x, (1000, 1000, 1000))",
    "repeat(W, 999999999)",
    "linspace(0, 1, 999999999)",
    "arange(0, 1e18)",
    "arange(0, 1, 0)",
    "broadcast_to(a, (99999, 99999))",
    "outer(ones(5000), ones(5000))",
    "kron(ones((99, 99)), ones((99, 99)))",
    "matrix_power(W @ transpose(W), 1000000000)",
    "tensordot(W, W, axes=1000000000)",
    "roll(x, 999999999999999999999)",
    "expand_dims(a, (" + ", ".join(map(str, range(63))) + "))",
    "x[99999999999999999999]",
    "x[" + "None, " * 70 + "0]",
    "x[::0]",
    "x[...,...]",
    "inv(W)",
    "solve(0*W @ transpose(W), [1, 2])",
    "reshape(x, (-1, -1))",
    "sum(x, axis=99)",
    "sum(x, x)",
    "sum(sum)",
    "sum()",
    "maximum(a)",
    "maximum(*x)",
    "concatenate([])",
    "concatenate(x)",
    "stack([x, W])",
    "[[1], [1, 2]]",
    "[" * 60 + "]" * 60,
    "(" * 250,
    "(" * 190 + "a" + ")" * 190,
    "-" * 1900 + "a",
    "~" * 200 + "a",
    "not " * 300 + "a",
    "a" + "**a" * 150,
    "a" + "+a" * 900,
    "abs(" * 99 + "a" + ")" * 99,
    "exp(" * 150 + "a" + ")" * 150,
    "a" + "[0]" * 500,
    "a" + ".b" * 500,
    "a" * 5000,
    "a + " + "é" * 3000,
    "\x00",
    "a\x00+b",
    "\ud800",
    "a\udcff",
    "\ufeffa",
    "a\u200b+b",
    "\u202ea+b",
    "a\u2028+b",
    "a\r+b",
    "a\x0c+b",
    "\N{MATHEMATICAL BOLD SMALL A} + \N{MATHEMATICAL BOLD SMALL B}",
    "\N{FULLWIDTH LATIN SMALL LETTER A}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH LATIN SMALL LETTER B}",
    "\N{CYRILLIC SMALL LETTER A} + b",
    "日本語 + 日本",
    "\N{MATHEMATICAL SCRIPT SMALL A}" * 700,
    "a\u0301\u0301\u0301 + b",
    "🙂",
    "a − b × 2",
    "a² + √a",
    "a; b; a",
    "u = a; u = b",
    ";;;",
    "\n\n",
    "\\",
    "a \\\n + b",
    "#",
    "'''",
    '"',
    "a $ b",
    "a ? b : a",
    "a ! b",
    "`a`",
    "a == b == a",
    "a < b < a",
    "a and b or a",
    "a is a",
    "a in x",
    "a << 999999999",
    "~a",
    "a ^ b",
    "print(a)",
    "<script>alert(1)</script>",
    "%s%n%x",
    "${IFS}",
    "a; import os; os.system('touch made')",
    "J = J",
    "None",
    "True + True",
    "...",
    "nan",
    "inf",
]
WORDS = [
    "lambda",
    "import",
    "for",
    "if",
    "__class__",
    ".",
    "**",
    "//",
    "@",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ":=",
    "=",
]
WORDS += [
    ",",
    ";",
    "'",
    '"',
    "\\",
    "\n",
    "\t",
    "\x00",
    "#",
    "^",
    "~",
    "<",
    "0",
    "9e99",
    "1e400",
    "2j",
    "é",
    "日",
    "\u202e",
]


def hostile(rng):
    """One expression: evil, or a valid one or a call that was changed at random, or evil inside valid."""
    kind = rng.randrange(5)
    if kind == 0:
        return rng.choice(EVIL)
    if kind == 1:
        return changed(rng.choice(VALID), rng)
    if kind == 2:
        return rng.choice(VALID).replace(rng.choice("abxW"), f"({rng.choice(EVIL)})", 1)
    if kind == 3:
        return changed(rng.choice(EVIL), rng)
    name = rng.choice(sorted(FUNCTIONS))
    arguments = rng.choices([*GIVEN, "0", "-1", "1e9", "1000000", "(2, 3)", "[x, x]", "axis=0", "None", "k=99999"], k=3)
    return f"{name}({', '.join(arguments[: rng.randrange(1, 4)])})"


def changed(text, rng):
    """Change a few places: leave out, double, swap, put in."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.randrange(6))
        part = rng.choice(
            [
                "",
                text[at:end] * rng.choice((2, 50)),
                rng.choice(WORDS),
                rng.choice(WORDS) * 30,
                chr(rng.randrange(0x3000)),
            ]
        )
        text = text[:at] + part + text[end:]
    return text


def hostile_expressions(count, seed):
    rng = random.Random(seed)  # noqa: S311 - the same each time
    return [*EVIL, *(hostile(rng) for _ in range(count - len(EVIL)))]


@pytest.fixture
def watched():
    """Switches on what Python reports of code that is run, of files and processes; gives the list of it."""
    seen = []
    switch = SimpleNamespace(on=False, seen=seen)

    def hook(event, arguments):
        # Of a syntax error Python's parser looks for the line in the file of the code, which has no name.
        nameless = event == "open" and not arguments[0]
        if switch.on and event.partition(".")[0] in ("exec", "open", "os", "subprocess", "socket") and not nameless:
            seen.append((event, arguments))

    sys.addaudithook(hook)  # there is no taking away
    yield switch
    switch.on = False


def test_a_hostile_expression_is_computed_within_the_limits_or_is_an_error_of_one_line_and_nothing_is_run(watched):
    outcomes = Counter()
    for text in [*VALID, *EVIL]:  # what is imported at its first use is imported here
        with suppress(ExpressionError):
            viz.graph(evaluate(text, GIVEN).result, gradients=False)
    watched.on = True
    for text in hostile_expressions(HOSTILE, seed=0):
        try:
            found = evaluate(text, GIVEN)
        except ExpressionError as error:
            outcomes["refused"] += 1
            message, line, below = str(error).split("\n")
            assert message.isprintable()
            assert len(message) < 500
            assert line.isprintable()
            assert below.strip() == "^"
            assert len(below) <= 2 * len(line) + 1
        else:
            outcomes["computed"] += 1
            assert within_limits(found.result)
            viz.graph(found.result, gradients=False)
    assert min(outcomes["refused"], outcomes["computed"]) > HOSTILE // 20
    watched.on = False
    assert watched.seen == []


def within_limits(result):
    """Whether what was computed is as little as the limits say; a composed function may record a few nodes more."""
    nodes = ancestors(result.node) if type(result.node) is Node else []
    return sum(np.size(node.out) for node in nodes) <= MOST_WORK and len(nodes) <= 10 * MOST_CALLS


def test_hostile_expressions_give_the_command_status_0_or_2_and_leave_nothing_behind(graph, capsys):
    statuses = Counter()
    values = [f"{name}={value}" for name, value in GIVEN.items()]
    for text in hostile_expressions(600, seed=1):
        with np.errstate(all="raise"):
            try:
                status, out, err = graph("-o", "drawn.dot", "--", text, *values)
            except SystemExit as stop:  # from argparse
                status, out, err = stop.code, "", capsys.readouterr().err
        statuses[status] += 1
        assert status in (0, 2)
        assert "Traceback" not in err
        assert out == "" or status == 0
        if status == 2:
            assert err.startswith("micrograd-nd graph: ")
            assert len(err.splitlines()) in (1, 3)
    assert min(statuses[0], statuses[2]) > 30
    assert {path.name for path in Path().iterdir()} <= {"drawn.dot"}


def test_hostile_values_are_read_or_are_an_error_of_one_line(graph):
    rng = random.Random(2)  # noqa: S311 - the same each time
    statuses = Counter()
    for text in [*(f"a={evil}" for evil in EVIL), *(changed("a=[[1, 2.5], [-3e4, 0]]", rng) for _ in range(500))]:
        status, _, err = graph("--", "sum(a)", text)
        statuses[status] += 1
        if status == 2:
            assert err.startswith("micrograd-nd graph: ")
            assert len(err.splitlines()) in (1, 3)
    assert set(statuses) == {0, 2}
    assert list(Path().iterdir()) == []


def test_names_of_any_letters_are_drawn(graph):
    letters = [chr(i) for i in range(0x80, 0x3000) if chr(i).isidentifier()]
    for name in random.Random(3).sample(letters, 40):  # noqa: S311 - the same each time
        status, out, _ = graph(f"2*{name}", f"{name}=3", "-o", "drawn.dot")
        assert status == 0
        assert out.splitlines()[1] == f"dJ/d{unicodedata.normalize('NFKC', name)} = 2"


# The documentation

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [path for path in (ROOT / "README.md", ROOT / "docs" / "expressions.md") if path.is_file()]
EXAMPLE = re.compile(r"^```sh\n(micrograd-nd graph .*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(not DOCUMENTS, reason="runs in a checkout: README.md is not next to tests/")
def test_the_commands_in_the_documentation_print_what_it_says(graph):
    pytest.importorskip("pygraphviz")
    examples = [example for path in DOCUMENTS for example in EXAMPLE.findall(path.read_text(encoding="utf-8"))]
    assert len(examples) >= 5
    for line, printed in examples:
        _, out, err = graph(*shlex.split(line)[2:])
        assert out + err == printed
