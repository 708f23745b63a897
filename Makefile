# The work is done by tools/bootstrap.py; this file only has short names for it.
PYTHON ?= python3
ARGS ?=
BOOTSTRAP = @$(PYTHON) tools/bootstrap.py

.PHONY: help run test check lock migration env clean

help: ## show this
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1	/'

run: ## start the whole platform with its demo network (Ctrl-C stops it)
	$(BOOTSTRAP) run $(ARGS)

test: ## run every test; ARGS="tests/app -x" narrows it
	$(BOOTSTRAP) test $(ARGS)

check: ## ruff, mypy, import contracts, tidy
	$(BOOTSTRAP) check

lock: ## resolve the dependencies anew
	$(BOOTSTRAP) lock

migration: ## write the next migration: make migration ARGS="what it does"
	$(BOOTSTRAP) migration $(ARGS)

env: ## make the virtual environment with everything for development
	$(BOOTSTRAP) env

clean: ## remove the environment and caches; the data in .data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results dist
