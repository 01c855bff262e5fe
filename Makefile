# The README's two commands are `make run` and `make test`; both need only Python 3.11+ and GNU make.

PYTHON ?= python3
BIN := .venv/bin
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test bench format

run: .venv
	$(BIN)/smsc serve

test: .venv .venv/peers/stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto --dist worksteal --cov --cov-report=term

bench: .venv
	$(BIN)/python -m bench.report --stored 1000000 --page docs/benchmarks.md

format: .venv
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The stamp is touched last, so a half-made environment is made again.
.venv: .venv/stamp
.venv/stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11: run make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "no venv module: on Debian, apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# Clients of other makers, for the tests alone.
.venv/peers/stamp: tests/journeys/peers/install | .venv
	tests/journeys/peers/install .venv/peers
	@touch $@
