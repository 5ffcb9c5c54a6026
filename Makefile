# The two commands of Handoff are `make demo` and `make test`; both work first, on a machine with Python 3.11 to 3.13.
# ARGS goes to the command behind: make demo ARGS="--once --json", make test ARGS="tests/offers -x".

PY := .venv/bin/python
MANAGE := $(PY) manage.py
# Lint reads the settings and connects to nothing.
OFFLINE := env DATABASE_URL=postgres://lint@127.0.0.1:1/lint CELERY_BROKER_URL=redis://127.0.0.1:1/0 SECRET_KEY=lint
# For all Pythons from 3.11.0 on, every file by its hash, and without a word of where it was found.
LOCK := $(PY) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11.0 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench faults shots lock clean venv services

help:
	@sed -n 's/^\([a-z]*\):.*## /  make \1: /p' Makefile

demo: services ## the sample programme, one full pass, then the portal on port 8000
	@$(MANAGE) demo $(ARGS)

test: venv ## the whole suite, in parallel, on real services of its own
	@$(PY) -m pytest -n logical --maxprocesses 8 --dist worksteal $(ARGS)

lint: venv ## style, types, templates, migrations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(OFFLINE) $(PY) -m mypy
	$(PY) -m djlint --quiet --lint --check templates
	$(OFFLINE) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

bench: services ## make bench ARGS="sweep --size 100000"
	@$(MANAGE) bench $(ARGS)

faults: venv ## kill, hang and restart what the outbox depends on; writes the table of docs/faults.md
	@$(MANAGE) faults --write $(ARGS)

shots: services ## screenshots of the main pages, into var/shots
	@$(MANAGE) shots $(ARGS)

lock: venv ## write both locks anew from pyproject.toml; ARGS="--upgrade" for newer versions
	$(LOCK) --extra embedded --extra dev --output-file requirements.txt $(ARGS)
	$(LOCK) --extra prod --constraint requirements.txt --output-file deploy/requirements.txt $(ARGS)

clean: ## stop the services; remove .venv, their data and what tools left behind
	@if [ -x $(PY) ]; then $(MANAGE) services stop --discard; fi
	rm -rf .venv var staticfiles .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# DATABASE_URL, where it is given, says that somebody else runs the services.
services: venv
	@[ -n "$$DATABASE_URL" ] || $(MANAGE) services start >/dev/null

venv:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
			exec $$python -I config/bootstrap.py; \
		fi; \
	done; \
	echo "Handoff needs Python 3.11, 3.12 or 3.13: install one, or name it: make PYTHON=/path/to/python3.12 …" >&2; \
	exit 1
