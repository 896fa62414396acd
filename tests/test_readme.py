"""The examples in the documentation run as printed."""

import contextlib
import io
import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from micrograd_nd import cli

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    path for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")] if path.is_file()
]

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"micrograd-nd (train|predict) ")

needs_repository = pytest.mark.skipif(not DOCUMENTS, reason="runs in a checkout: README.md is not next to tests/")


def examples(text):
    """Each block of Python, or of commands, with the text block that follows it, which is what it prints."""
    blocks = [*BLOCK.findall(text), ("", "")]
    return [
        (language, code, printed if kind == "text" else None)
        for (language, code), (kind, printed) in pairwise(blocks)
        if language == "python" or (language == "sh" and COMMANDS.match(code))
    ]


def run(language, code, names, path):
    """Run a block."""
    if language == "python":
        exec(compile(code, path.name, "exec"), names)  # noqa: S102 - the point of the test
        return
    for line in code.replace("\\\n", " ").splitlines():
        assert cli.main(shlex.split(line)[1:]) == 0, line


@needs_repository
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_example_prints_what_the_document_says(path, tmp_path, monkeypatch):
    for package in ("matplotlib", "sklearn", "pygraphviz"):
        pytest.importorskip(package, reason=f"the examples use {package}")
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "example"}
    for language, code, printed in examples(path.read_text(encoding="utf-8")):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            run(language, code, names, path)
        if printed is not None:
            assert output.getvalue() == printed


@needs_repository
def test_the_readme_has_its_examples_in_order():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    places = [text.index(call) for call in ("viz.draw(", "mg.grad(", "check_gradients(", "nn.fit(")]
    assert places == sorted(places)
    assert len([code for _, code, printed in examples(text) if printed]) >= 4


@needs_repository
def test_every_link_to_a_file_leads_somewhere():
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
