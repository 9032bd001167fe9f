# Everything is installed into .venv, from the package registry that pip is configured for, with the versions of constraints.txt.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --constraint constraints.txt
SEED ?= 0
PYTEST ?= -n 2

.PHONY: help quickstart test check format clean

help:  ## Say what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 14

quickstart: .venv/.installed-train  ## Install, then the main job: media, demonstrations, start, GRPO, report
	$(BIN)/visgen quickstart --seed $(SEED)

# Tests run side by side, so each keeps to a thread and does not spin while it waits.
test: export OMP_NUM_THREADS = 1
test: export OMP_WAIT_POLICY = PASSIVE
test: .venv/.installed-dev  ## Install, then all tests
	$(BIN)/python -m pytest $(PYTEST)

check: .venv/.installed-dev  ## Install, then format, lint, types and the import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.installed-dev  ## Write the format and what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## Take away the virtual environment and the caches; runs stay
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# A stamp is written when its install is whole: what was interrupted is installed again, what stands is left alone.
.venv/.created:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; found '$(PYTHON)'. Name yours: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "== virtual environment .venv, of $(PYTHON)"
	"$(PYTHON)" -m venv .venv
	@touch $@

.venv/.installed-train: .venv/.created pyproject.toml constraints.txt
	@echo "== installing VisGenEnv with its media and training stack (2 GB, some minutes)"
	$(PIP) --editable '.[media,train]'
	@touch $@

.venv/.installed-dev: .venv/.created pyproject.toml constraints.txt
	@echo "== installing VisGenEnv with all that its tests need (2 GB, some minutes)"
	$(PIP) --editable '.[dev]'
	@touch .venv/.installed-train $@
