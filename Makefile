# Everything runs from .venv in this folder; the first target that needs it sets it up.
SHELL  := bash -o pipefail
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# `make demo KEEP=1` leaves the local Discord and the bot running after the story.
KEEP   ?=

# A dot for each package that arrives.
install = $(BIN)/pip install --disable-pip-version-check --require-hashes -r $< \
  | awk '/^Collecting/ { printf "."; fflush() } END { print "" }'

.PHONY: demo run test-all doctor test check format bench pins clean

demo: $(VENV)/.development
	@$(BIN)/python -m sandbox $(if $(KEEP),--keep)

run: $(VENV)/.runtime
	@$(BIN)/python -m bot run

doctor: $(VENV)/.runtime
	@$(BIN)/python -m bot doctor

# Many tests wait for a clock or a socket, so more of them than cores run side by side.
pytest = $(BIN)/python -m pytest -n 5 --maxschedchunk 1
# What touches the database runs on PostgreSQL too.
stored = tests/services tests/storage tests/decisions tests/survival

test: $(VENV)/.development
	@$(pytest) $(LONG) --cov --cov-report=
	@$(pytest) $(LONG) --store postgresql $(stored)
	@$(BIN)/coverage report --skip-covered --fail-under=90
	@$(BIN)/coverage report --include='governance/*' --skip-covered --fail-under=100

# The long sizes of the property, fault and survival tests.
test-all: LONG = --long --timeout 3600
test-all: test

check: $(VENV)/.development
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m bot migrate --check

format: $(VENV)/.development
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(VENV)/.development
	@$(BIN)/python -m benchmarks

# Pins are hashes only: no lock file, and no host name inside.
pins:
	@$(BIN)/pip install --quiet uv
	@for group in '' dev; do \
	  $(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate --universal \
	    --python-version 3.11 pyproject.toml $${group:+--group $$group} \
	    -o requirements$${group:+-$$group}.txt; done

clean:
	rm -rf $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/pip
	@echo 'Installing what the bot needs (about half a minute) …'
	@$(install)
	@touch $@

$(VENV)/.development: requirements-dev.txt | $(VENV)/bin/pip
	@echo 'Installing what the bot, its demo and its tests need (up to a minute) …'
	@$(install)
	@touch $@ $(VENV)/.runtime

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Folkmoot needs Python 3.11 or newer; name it with: make PYTHON=python3.12 …'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing; install its package, on Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@echo 'Making a Python environment in $(VENV) …'
	@$(PYTHON) -m venv $(VENV)
