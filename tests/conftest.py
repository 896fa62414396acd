"""What holds for every test."""

import os
import shutil
import tempfile

import pytest
from hypothesis import settings

from chromium import Chromium, find_chromium
from micrograd_nd.compiler.recipes import RECIPES

# Shared machines are too uneven for a limit on one example's time. Under CI the same examples are drawn each time.
settings.register_profile("default", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
# Where the same tests have run in full elsewhere: pytest --hypothesis-profile=brief.
settings.register_profile("brief", settings.get_profile("default"), max_examples=12)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def _no_recipe_of_another_test():
    """Programs are made anew in every test: some change what they are made by."""
    RECIPES.clear()


@pytest.fixture(scope="module")
def browser():
    """One for all tests of a file."""
    program = find_chromium()
    if program is None:
        pytest.skip("there is no Chromium")
    profile = tempfile.mkdtemp()
    chromium = Chromium(program, profile)
    yield chromium
    chromium.close()
    shutil.rmtree(profile, ignore_errors=True)
