# The two commands are `make demo` and `make test`; what they need, they install.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup ## Run the whole of Padan with demo data at http://127.0.0.1:$(PORT)
	@exec $(BIN)/padan demo --port $(PORT)

test: setup $(VENV)/.tools browser ## Lint, types, import contracts and every test, with a real browser
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 $(T)

bench: setup $(VENV)/.tools ## Measure speed against references in the same run
	$(BIN)/pytest tests/benchmarks -q -s --benchmarks

quality: setup $(VENV)/.tools ## Evaluate matching on all judgements: half an hour at first, minutes once vectors are kept
	$(BIN)/pytest tests/quality -q --whole

setup: $(VENV)/.ready ## Make the virtual environment with what is pinned

# A plain Debian has no venv module beside its Python; root may install it, anybody else is told.
$(VENV)/bin/python:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Padan needs Python 3.11 or newer"; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; \
	  else echo "Please install Python's venv module (Debian: apt install python3-venv)"; exit 1; fi; }
	python3 -m venv $(VENV)

$(VENV)/.ready: $(VENV)/bin/python requirements.lock pyproject.toml
	$(BIN)/pip install -q --require-hashes -r requirements.lock
	$(BIN)/pip install -q --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.tools: $(VENV)/.ready tests/requirements.lock
	$(BIN)/pip install -q --require-hashes -r tests/requirements.lock
	@touch $@

# Debian's Chromium where we may install it, else the one that the test driver brings.
browser: $(VENV)/.tools
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	  else $(BIN)/playwright install chromium; fi; }

lock: setup ## Pin anew what pyproject.toml asks for
	$(BIN)/pip install -q pip-tools
	PIP_COMPILE="$(BIN)/pip-compile -q --upgrade --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-options"; \
	tools=$$(mktemp --suffix .in); $(BIN)/python -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"]))' > $$tools; \
	base=$$(mktemp --suffix .in); echo "setuptools>=70.1" > $$base; \
	$$PIP_COMPILE -o requirements.lock pyproject.toml $$base; \
	echo "-c $(CURDIR)/requirements.lock" >> $$tools; \
	$$PIP_COMPILE -o tests/requirements.lock $$tools; rm -f $$tools $$base

migration: setup ## Write a migration from what the models say: make migration M="add a column"
	$(BIN)/padan migration "$(M)"

catalogues: setup ## Collect the words of the pages into the catalogues
	$(BIN)/padan catalogues

clean: ## Remove what was made here, the demo's data included
	rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .import_linter_cache

.PHONY: help demo test bench quality setup browser lock migration catalogues clean
