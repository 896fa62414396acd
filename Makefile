# Needs Python 3.11 or later, make and git; everything else goes into .venv.

PYTHON ?= python3
OUT ?= demo-output

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: gallery help venv demo test lint types format format-check bench bench-peers bench-overhead bench-transforms against-jax
.PHONY: against-torch functions wheel-test oldest clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

venv: $(INSTALLED)  ## create .venv: this package, editable, and all tools (PYTHON=... chooses the Python)

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "$(PYTHON) is not Python 3.11 or later. Name one that is, as in: make PYTHON=python3.12" >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --editable '.[dev]'
	@touch $@

demo: $(INSTALLED)  ## run the demonstration, which writes into demo-output (OUT=... chooses another folder)
	$(BIN)/micrograd-nd demo --out '$(OUT)'

test: $(INSTALLED)  ## run the tests and the doctests (ARGS=... are passed to pytest)
	$(BIN)/pytest -n auto $(ARGS)

lint: $(INSTALLED)  ## look for mistakes and style
	$(BIN)/ruff check .

types: $(INSTALLED)  ## check the types
	$(BIN)/mypy

format: $(INSTALLED)  ## format the code
	$(BIN)/ruff format .

format-check: $(INSTALLED)  ## say whether the code is formatted
	$(BIN)/ruff format --check .

gallery: $(INSTALLED)  ## draw the pictures of the documentation
	PYTHONPATH=tests $(BIN)/python -m gallery

bench: $(INSTALLED)  ## compare with NumPy by hand and with peers, into benchmarks/results (30 minutes; let nothing else run)
	$(BIN)/python benchmarks/compare.py --out benchmarks/results
	$(BIN)/python benchmarks/footprint.py --out benchmarks/results
	$(BIN)/python benchmarks/digits.py --out benchmarks/results

bench-peers: $(INSTALLED)  ## install what the benchmarks compare with
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r benchmarks/requirements.txt

bench-overhead: $(INSTALLED)  ## measure what recording an operation costs
	$(BIN)/python benchmarks/overhead.py

bench-transforms: $(INSTALLED)  ## measure what derivatives cost, as multiples of the function
	$(BIN)/python benchmarks/transforms.py

against-jax: $(INSTALLED)  ## compare a thousand random programs with JAX, which this installs into .venv (10 minutes)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet 'jax[cpu]'
	JAX_PROGRAMS=1000 $(BIN)/pytest -n auto tests/test_against_jax.py $(ARGS)

against-torch: bench-peers  ## compare optimisers, clipping and schedules with PyTorch, which this installs into .venv
	$(BIN)/pytest tests/test_nn_against_torch.py $(ARGS)

functions: $(INSTALLED)  ## write docs/functions.md, the list of functions, from the registry
	$(BIN)/micrograd-nd functions > docs/functions.md

wheel-test: venv  ## build the wheel and test it, installed, away from this folder
	PYTHON='$(PYTHON)' .ci/run wheel-test

oldest: venv  ## test on the oldest supported versions (needs Python 3.11 or 3.12)
	PYTHON='$(PYTHON)' .ci/run oldest

clean:  ## remove everything these targets made
	rm -rf $(VENV) demo-output build dist *.egg-info .coverage htmlcov
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
