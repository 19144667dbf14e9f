# Everything a person or a machine does here. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup run test lint format bench lock clean

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
UV     ?= $(BIN)/uv
COMPILE = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
          --custom-compile-command "make lock" $(LOCK_FLAGS)

help: ## list the verbs
	@sed -n 's/^\([a-z]*\):[^#]*## /\1|/p' Makefile | while IFS='|' read -r verb does; do printf '  make %-7s %s\n' "$$verb" "$$does"; done

setup: $(READY) ## make .venv and install exactly what the lock says

$(READY): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "DeskLedger needs Python 3.11 or newer with venv (Debian: apt install python3-venv); name another with make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

run: setup ## show the engine at work on a small helpdesk
	$(BIN)/deskledger demo

test: setup lint ## lint, then every test
	$(BIN)/python -m pytest

lint: setup ## style, format, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup ## format the code and repair what can be repaired
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

bench: setup ## measure the claims; each prints a ratio
	$(BIN)/python -m benchmarks

lock: | $(BIN)/python ## resolve the locks again; LOCK_FLAGS=--upgrade takes newer versions
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --constraint requirements.lock --no-annotate --output-file requirements-dev.lock

clean: ## remove what setup, run and the tools made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist deskledger.db* deskledger-demo.db*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
