"""``micrograd-nd check`` and ``verify``: what they print, and their exit statuses."""

import re
import sys

import pytest

from micrograd_nd import cli

MODES = ("reverse", "forward")
COLUMNS = ["order", "mode", "argument", "largest", "difference", "relative", "allowed", "verdict"]

MODEL = """
import numpy as np
import micrograd_nd as mg

def cost(w, b=0.0):
    return np.sum(np.tanh(w)) * b

def scaled(w, /, *, by):
    return np.sum(w * by)

bad = mg.primitive(lambda x: x * x, lambda g, out, x: g * x)

def wrong(x):
    return np.sum(bad(x))

def rows(x):
    return x[0] * x[1]

def text(x):
    return "text"

def broken(x):
    raise RuntimeError("on purpose")

number = 3
"""


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Runs the command in a folder with a module; gives the exit status, and what was printed to either stream."""
    (tmp_path / "some_model.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "needy_model.py").write_text("import nowhere_to_be_found\n", encoding="utf-8")
    (tmp_path / "failing_model.py").write_text("1 / 0\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])

    def run(*arguments):
        status = cli.main(["check", *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    yield run
    for name in ("some_model", "needy_model", "failing_model"):
        sys.modules.pop(name, None)


def test_a_right_function_gets_a_table_and_status_0(check):
    status, out, err = check("some_model:cost", "--at", "w=[0.5, -1], b=2")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "some_model:cost at w = array([ 0.5, -1. ]), b = np.float64(2.0)"
    assert lines[2].split() == COLUMNS
    rows = [re.split(r"  +", line) for line in lines[3:-2]]
    assert [row[:3] for row in rows[:4]] == [
        ["1st", "reverse", "w"],
        ["1st", "reverse", "b"],
        ["1st", "forward", "w"],
        ["1st", "forward", "b"],
    ]
    assert {row[1] for row in rows[4:]} == {f"{a} over {b}" for a in MODES for b in MODES}
    assert {row[-1] for row in rows} == {"ok"}
    assert all(float(row[4]) <= float(row[6]) for row in rows)
    assert lines[-1] == "every derivative agrees"


def test_a_wrong_derivative_is_named_and_gives_status_1(check):
    status, out, _ = check("some_model:wrong", "--at", "x=[[1, 2], [3, 4]]", "--order", "1")
    assert status == 1
    assert out.count("WRONG: d result / d x[1, 1] is 8, not 4") == 2
    assert out.endswith("WRONG: analytic and numerical derivatives differ by more than allowed\n")


def test_arguments_may_come_one_by_one_and_by_any_name(check):
    assert check("some_model:scaled", "--at", "by=2.5", "--at", "w=[1, 2]")[0] == 0
    assert check("numpy:tanh", "--at", "x=0.5", "--order", "3")[0] == 0
    assert check("some_model:rows", "--at", "x=[1, 2]")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["some_model"], "name a function as module:function, such as model:cost; got 'some_model'"),
        (["no_such_module:f"], "there is no module 'no_such_module'"),
        (["needy_model:f"], "needy_model needs a module that is not there: nowhere_to_be_found"),
        (["failing_model:f"], "importing failing_model failed: ZeroDivisionError"),
        (["some_model:coast"], "some_model has no function 'coast'; the functions in it: bad, broken, cost, rows"),
        (["some_model:number"], "some_model:number is no function, but int"),
        (["some_model:cost", "--at", "b=1"], "some_model:cost needs w too: --at 'w=...'"),
        (
            ["some_model:cost", "--at", "w=1, c=2"],
            "some_model:cost takes (w, b): got an unexpected keyword argument 'c'",
        ),
        (["some_model:cost", "--at", "w=[1, 2"], "cannot read this; write values as in x=[1, 2.5], y=-3\n  w=[1, 2\n"),
        (["some_model:cost", "--at", "[1, 2]"], "every value has a name, as in x=[1, 2.5], y=-3\n  [1, 2]\n  ^"),
        (["some_model:cost", "--at", "w=1", "--at", "w=2"], "w is given twice"),
        (["some_model:cost", "--at", "w=[1, [2]]"], "the lists of an array have one length; here is [2] after 1"),
        (
            ["some_model:cost", "--at", "w=__import__('os').getcwd()"],
            "w is no literal: write numbers and lists of numbers",
        ),
        (["some_model:cost", "--at", "w='text', b='text'"], "cost was given no floating-point numbers"),
        (["some_model:text", "--at", "x=1"], "text returned no floating-point numbers to differentiate"),
        (["some_model:broken", "--at", "x=1"], "some_model:broken could not be differentiated there: RuntimeError"),
        (["numpy:log", "--at", "x=0"], "np.log is not finite there: result is -inf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_user_can_mend_is_told_with_status_2(check, arguments, message):
    status, out, err = check(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("micrograd-nd check: ")
    assert message in err


def test_nothing_on_the_command_line_is_evaluated(check, tmp_path):
    status, _, _ = check("some_model:cost", "--at", f"w=open({str(tmp_path / 'made')!r}, 'w')")
    assert status == 2
    assert not (tmp_path / "made").exists()


def test_an_order_that_is_none_is_refused(check, capsys):
    with pytest.raises(SystemExit) as caught:
        check("some_model:cost", "--order", "0")
    assert caught.value.code == 2
    assert "argument --order: must be 1 or more" in capsys.readouterr().err


def test_verify_prints_the_worst_disagreement_and_says_whether_it_is_small(capsys):
    assert cli.main(["verify", "--examples", "3", "--only", "np.tan"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["function", "calls", "zeros", "disagreement"]
    assert {line.split()[0] for line in lines[1:3]} == {"np.tan", "np.tanh"}
    found = re.fullmatch(
        r"2 functions, 6 calls, 0 of them zeros: the worst disagreement is (\S+) \(\S+\), below 1e-09", lines[-1]
    )
    assert float(found[1]) < 1e-9


def test_verify_of_a_wrong_rule_gives_status_1(capsys, monkeypatch):
    import numpy as np

    import micrograd_nd as mg

    entry = mg.registry[np.tanh]
    monkeypatch.setattr(entry, "rules", (lambda g, out, x: g * (1 - out * out) * (1 + 1e-7),))
    assert cli.main(["verify", "--examples", "3", "--only", "np.tanh"]) == 1
    assert "NOT below 1e-09" in capsys.readouterr().out


def test_verify_of_nothing_gives_status_2(capsys):
    assert cli.main(["verify", "--only", "nothing of the kind"]) == 2
    assert "no differentiable function has 'nothing of the kind' in its name" in capsys.readouterr().err
