# Each target makes its own .venv when it is missing; nothing else is installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: demo test test-thorough lint bench dist schema clean

demo: $(VENV)/run-installed  ## Play the whole story against an embedded AWS.
	@$(BIN)/gatepass demo

test: $(VENV)/dev-installed  ## Run the tests.
	@$(BIN)/python -m pytest -n 4 --dist worksteal

test-thorough: $(VENV)/dev-installed  ## Run every test, and those that try one promise at ever more places.
	@$(BIN)/python -m pytest -n 4 --dist worksteal -m 'thorough or not thorough'

lint: $(VENV)/dev-installed  ## Check form, types and the direction of imports.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/dev-installed  ## Print measured speeds as ratios to a named baseline.
	@$(BIN)/python -m bench

dist: $(VENV)/dev-installed  ## Build the wheel and try it alone in a clean environment.
	@rm -rf dist
	@$(BIN)/python -m build --wheel --outdir dist .
	@$(BIN)/python -m bench.wheel dist

schema: $(VENV)/dev-installed  ## Read the schema of hashicorp/aws again, for the tests of the HCL.
	@$(BIN)/python -m tests.terraform.make_schema

clean:
	@rm -rf $(VENV) dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Gatepass needs Python 3.11 or newer; name one with: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "the module venv is missing (Debian: apt-get install python3-venv)"; exit 1; }

$(VENV)/run-installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing Gatepass into $(VENV), once"
	@$(PIP) --editable '.[sandbox]'
	@touch $@

$(VENV)/dev-installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing Gatepass and its development tools into $(VENV), once"
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/run-installed
