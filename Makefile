# `make help` lists what there is. Nothing but Python 3.11 with its venv module is needed beforehand.

PYTHON ?= python3
VENV ?= .venv
TESTS ?= tests
BIN = $(VENV)/bin
# What pip installs, for us and for a build, is what constraints.txt says; newer pips read the second name for builds.
PIP = PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
	$(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
.PHONY: help demo test faults check bench screenshots words lock clean packages

help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

demo: $(VENV)/.sk  ## Start the platform with demo data and print its addresses and log-ins
	$(BIN)/sk demo

test: $(VENV)/.dev packages  ## Run the tests but those that take minutes, or some: make test TESTS=tests/store
# Tests marked with one xdist_group take turns on one worker; all others go to whichever worker is free.
	$(BIN)/python -m pytest -n auto --dist loadgroup $(TESTS)

faults: $(VENV)/.dev packages  ## Run the tests that take minutes: they kill processes and servers while notices are posted
	$(BIN)/python -m pytest -n auto --dist loadgroup -m long $(TESTS)

check: $(VENV)/.dev  ## Lint, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy sk tests hatch_build.py $(wildcard bench/*.py)

bench: $(VENV)/.dev packages  ## Run the benchmarks; each prints one JSON line per figure
	$(BIN)/python bench

screenshots: $(VENV)/.dev packages  ## Take pictures of the pages, in the states that a tour visits, into screenshots/
	$(BIN)/python -m tests.pages.screenshots

words: $(VENV)/.dev  ## Take new German words into the English catalogue, for somebody to translate
	$(BIN)/python -m tests.web.catalogue

lock: $(VENV)/.dev  ## Write constraints.txt anew from pyproject.toml, with the newest versions
	$(PIP) install uv
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' | \
	$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --all-extras --upgrade --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--output-file constraints.txt pyproject.toml -

clean:  ## Remove the virtual environment and what tools left behind
	rm -rf $(VENV) dist screenshots sk/web/static/kern .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

packages:
	@tests/install-packages

# A stamp says that the environment holds what these files ask for.
INPUTS = pyproject.toml constraints.txt hatch_build.py

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.sk: $(INPUTS) | $(BIN)/python
	$(PIP) install --editable .
	touch $@

$(VENV)/.dev: $(INPUTS) | $(BIN)/python $(VENV)/.sk
	$(PIP) install --editable '.[test,check]'
	touch $@
