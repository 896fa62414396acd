"""What is installed is what is written, under its own names, and light to import."""

import importlib
import importlib.resources
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import micrograd_nd

ROOT = Path(__file__).resolve().parents[1]

needs_repository = pytest.mark.skipif(
    not (ROOT / "pyproject.toml").is_file(),
    reason="runs in a checkout: pyproject.toml is not next to tests/",
)


def run_python(code, cwd, *options):
    """Run `code` in a new interpreter and return the words it printed."""
    command = [sys.executable, *options, "-c", code]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def package_folders(name, folder):
    """The dotted names of all folders with Python files in and below `folder`."""
    found = {path.parent.relative_to(folder) for path in folder.rglob("*.py")}
    return {".".join((name, *relative.parts)) for relative in found}


@needs_repository
def test_every_package_folder_is_listed_in_pyproject():
    setuptools = pyproject()["tool"]["setuptools"]
    listed = setuptools["packages"]
    on_disk = set()
    for name, folder in setuptools["package-dir"].items():
        on_disk |= package_folders(name, ROOT / folder)
    assert sorted(listed) == sorted(on_disk)


@needs_repository
@pytest.mark.parametrize("name", ["nn", "viz"])
def test_the_checkout_links_each_folder_into_the_package(name):
    link = ROOT / "micrograd_nd" / name
    if not link.is_symlink():
        pytest.skip("this checkout has no symbolic links")
    assert link.readlink() == Path("..", name)


@needs_repository
def test_the_oldest_tested_versions_are_the_lower_bounds():
    project = pyproject()["project"]
    extras = project["optional-dependencies"]
    requirements = [*project["dependencies"]]
    for extra in ["doctor", "draw", "native", "onnx", "plot", "scipy", "sklearn", "testing"]:
        requirements += extras[extra]
    pins = (ROOT / ".ci" / "oldest.txt").read_text(encoding="utf-8")
    for requirement in requirements:
        name, bound = requirement.split(">=")
        assert re.search(rf"^{name}=={re.escape(bound)}(\.0)*$", pins, re.MULTILINE), requirement


def test_importing_the_engine_imports_numpy_and_the_standard_library_only(tmp_path):
    # numpy.random is imported first because its compiled parts register names of their own.
    code = """if True:
        import sys
        import numpy.random
        before = set(sys.modules)
        import micrograd_nd
        print(*sorted(set(sys.modules) - before))
    """
    imported = run_python(code, tmp_path, "-I")
    allowed = {"micrograd_nd", "numpy", *sys.stdlib_module_names}
    assert "micrograd_nd" in imported
    assert [name for name in imported if name.partition(".")[0] not in allowed] == []
    assert {"micrograd_nd.nn", "micrograd_nd.viz"}.isdisjoint(imported)


def test_the_compiler_is_imported_once_it_is_asked_for(tmp_path):
    code = """if True:
        import sys
        import micrograd_nd as mg
        print("micrograd_nd.compiler" in sys.modules, "compile" in dir(mg))
        print(mg.compile is sys.modules["micrograd_nd.compiler"].compile, hasattr(mg, "compiled"))
    """
    assert run_python(code, tmp_path, "-I") == ["False", "True", "True", "False"]


def test_the_installed_package_says_that_it_is_typed():
    assert importlib.resources.files("micrograd_nd").joinpath("py.typed").is_file()


@pytest.mark.parametrize("name", ["nn", "viz"])
def test_a_subpackage_is_imported_by_its_full_name_only(name, tmp_path):
    code = f"""if True:
        import importlib.util
        import micrograd_nd.{name}
        print(micrograd_nd.{name}.__name__, importlib.util.find_spec("{name}") is None)
    """
    assert run_python(code, tmp_path, "-I") == [f"micrograd_nd.{name}", "True"]


def test_a_star_import_brings_every_public_name():
    public = {name for name in dir(micrograd_nd) if not name.startswith("_")}
    modules = {name for name in public if inspect.ismodule(getattr(micrograd_nd, name))}
    assert set(micrograd_nd.__all__) == public - modules - {"TYPE_CHECKING", "Any"}
    names = {}
    exec("from micrograd_nd import *", names)  # noqa: S102 - this line
    assert names["compile"] is micrograd_nd.compile


@needs_repository
@pytest.mark.parametrize("name", ["nn", "viz"])
def test_a_class_is_one_object_by_either_name(name):
    """At the root of a checkout `import nn` works too, and must not make second copies."""
    package = importlib.import_module(f"micrograd_nd.{name}")
    classes = [key for key, value in vars(package).items() if inspect.isclass(value)]
    if not classes:
        pytest.skip(f"micrograd_nd.{name} exports no class")
    code = f"""if True:
        import {name}
        import micrograd_nd.{name}
        print(*[getattr({name}, key) is getattr(micrograd_nd.{name}, key) for key in {classes}])
    """
    assert run_python(code, ROOT) == ["True"] * len(classes)
