# The one list of commands. Bare `make` prints it.
PYTHON ?= python3
VENV = .venv/bin/python

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: venv ## start the lab (console, AWS API, database, worker); Ctrl-C stops it
	@exec $(VENV) manage.py lab

test: dev ## all tests: the fast part, then live labs and the browser
	@$(VENV) -m tests.browser
	@$(VENV) -m pytest -n 2 -m "not slow and not lab and not browser"
	@$(VENV) -m pytest -m "slow or lab or browser"

test-fast: dev ## the fast tests only
	@$(VENV) -m pytest -n 2 -m "not slow and not lab and not browser"

lint: dev ## ruff: errors and format; djlint: templates
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .
	@$(VENV) -m djlint templates --lint --quiet

types: dev ## mypy, strict
	@$(VENV) -m mypy .

messages: dev ## bring locale/ko up to date with templates and code; lists what is untranslated
	@$(VENV) -m tools.messages update

docs: dev ## write docs/coverage.md anew
	@$(VENV) manage.py coverage

check: lint types ## lint, types, migrations, translations, docs/coverage.md
	@$(VENV) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@$(VENV) -m tools.messages check
	@$(VENV) manage.py coverage --check

bench: dev ## benchmarks; each prints a table
	@for name in $$(ls tests/bench | sed -n 's/^\([a-z].*\)\.py$$/\1/p'); do \
	  $(VENV) -m tests.bench.$$name; done

clean: ## delete the environment, caches and compiled translations; keeps the lab's data
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/artefacts
	@find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +
	@find locale -name '*.mo' -delete

venv:
	@$(PYTHON) tools/bootstrap.py

dev:
	@$(PYTHON) tools/bootstrap.py --dev

.PHONY: help run test test-fast lint types messages docs check bench clean venv dev
