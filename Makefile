# `make` lists what there is to do. The first target that needs it builds .venv from requirements.txt.

.DEFAULT_GOAL := help
.PHONY: help setup run shares reference docs test studies verify published population recovery twins mutants words hashes lint bench notebooks clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHONS := $(or $(PYTHON),python3.12 python3.13 python3.14 python3)
# all notebooks run in one process among the tests; this one in a kernel of its own too
TESTS := tests $(wildcard notebooks/01-first-run.ipynb)
# tests of single rules, which need no compilation; those of bounds and kernels run compiled
RULES := $(filter-out %_bounds.py,$(wildcard tests/kernels/test_rules_*.py))
# pytest says 5 when there is nothing to run, which is no failure
NONE_IS_FINE = || [ $$? -eq 5 ]

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */|/' | awk -F'|' '{printf "make %-10s %s\n", $$1, $$2}'

setup: $(READY)  ## build .venv (PYTHON=... names the interpreter; 3.12 or newer)

$(READY): requirements.txt pyproject.toml
	@set -e; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then \
		for candidate in $(PYTHONS); do \
			if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then found="$$candidate"; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "luohu needs Python 3.12 or newer, and none of '$(PYTHONS)' is; install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
		fi; \
		"$$found" -m venv --clear $(VENV) || { echo "$$found cannot make a virtual environment; install its venv module (Debian: python3-venv)." >&2; exit 1; }; \
	fi
	@echo "Installing into $(VENV); this takes a minute or two."
	$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps -e .
	@touch $@
	@$(BIN)/luohu warm

run: $(READY)  ## the main job: baseline and plan, comparison and report, into results/projection
	$(BIN)/luohu project --overwrite

shares: $(READY)  ## the main job with intervals of the shares that the actions have in the effect; some minutes more
	$(BIN)/luohu project --split-draws 20 --overwrite

reference: run  ## the main job, and what is kept of it in git: results/reference and docs/gallery
	$(BIN)/python -m sim.report.export.reference results/projection

docs: $(READY)  ## the documentation as a site, without a network; site/index.html
	$(BIN)/python -m mkdocs build -q --strict

test: $(READY)  ## all tests and the notebooks, on two cores; the rules as plain Python, the rest compiled
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest $(RULES) -W "ignore:overflow encountered" -n 2 --dist worksteal
	$(BIN)/python -m pytest $(TESTS) --ignore=tests/benchmarks $(addprefix --ignore=,$(RULES)) --nbmake --nbmake-timeout=300 -m "not study" -n 2 --dist loadfile --no-loadscope-reorder

studies: $(READY)  ## the long tests: twenty kills at random moments, 23,000 generated inputs, rates at several scales, the measures
	$(BIN)/python -m pytest tests -m study -n 2 --dist loadfile

verify: $(READY)  ## every S and F test and four thought experiments, measured; docs/verification.md
	$(BIN)/python -m calibration.validation.verify

published: $(READY)  ## published effects run as experiments, and a placebo; docs/published.md, docs/placebo.md
	$(BIN)/python -m calibration.validation.published
	$(BIN)/python -m calibration.validation.placebo

population: $(READY)  ## "Is this Hebei?": the base and its years beside the census; docs/population.md
	$(BIN)/python -m calibration.validation.population

recovery: $(READY)  ## data made by the model, refitted; docs/recovery.md
	$(BIN)/python -m calibration.validation.recovery

twins: $(READY)  ## forty worlds made by the model, assimilated and projected; docs/twins.md; hours, goes on where it was
	$(BIN)/python -m calibration.validation.twins

mutants: $(READY)  ## mutation testing of the rules; docs/mutants.md
	$(BIN)/python tests/mutants.py

words: $(READY)  ## the Chinese catalogue of messages: brought up to date with the code, and compiled
	$(BIN)/python tests/catalogue.py

hashes: $(READY)  ## whether results have the bytes recorded in tests/hashes.txt
	$(BIN)/python tests/hashes.py $(RECORD)

lint: $(READY)  ## ruff, mypy, and the import contracts of the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(READY)  ## speed and memory
	@if [ -d tests/benchmarks ]; then $(BIN)/python -m pytest tests/benchmarks --benchmark-only $(NONE_IS_FINE); else echo "There are no benchmarks yet."; fi

notebooks: $(READY)  ## run every notebook
	@if [ -d notebooks ]; then $(BIN)/python -m pytest --nbmake notebooks $(NONE_IS_FINE); else echo "There are no notebooks yet."; fi

clean:  ## remove .venv and caches; results stay
	rm -rf $(VENV) site .pytest_cache .mypy_cache .ruff_cache .benchmarks .hypothesis *.egg-info
	find sim calibration tests -name __pycache__ -type d -prune -exec rm -rf {} +
