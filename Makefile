# One command does everything: `make run`, `make demo`, `make test`. See README.md.
# PORT, DATABASE_URL, REDIS_URL, SEED, PART and PEERS are read from the environment.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
JOBS ?= auto
TESTS ?=

.PHONY: help run demo test check soak bench format lock clean
help:
	@echo 'make run     set up what is missing, start everything, stay in front (Ctrl-C stops)'
	@echo 'make demo    walk a new firm through its first year on the running system (SEED=n)'
	@echo 'make test    the whole test suite (TESTS=path for a part)'
	@echo 'make check   lint, format, types, layers, SQL at home, OpenAPI drift'
	@echo 'make soak    kills, fuzz, thousands of generated runs (PART=name)'
	@echo 'make bench   ratios side by side (PART=name, PEERS=1)'

run: $(READY)
	@exec $(PY) -m app up

demo: $(READY)
	@exec $(PY) -m app demo

test: $(READY_DEV)
	$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(READY_DEV)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	$(PY) -m pytest -q -k 'not prepares' tests/house/test_structure.py tests/house/test_queries.py
	$(PY) -m app openapi --check

soak: $(READY_DEV)
	$(PY) -m tests.soak $(PART)

bench: $(READY_DEV)
	$(PY) -m tests.bench $(PART)

format: $(READY_DEV)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean:
	rm -rf $(VENV)

# --- set-up: stamps, so that a second start costs nothing ---------------------------------------
$(PY):
	@sh .ci/venv $(VENV)

$(READY): requirements.lock | $(PY)
	@echo 'Installing what requirements.lock names (once) …'
	$(PIP) -r requirements.lock
	@$(PY) -m app doctor --mend
	@touch $@

$(READY_DEV): requirements-dev.lock $(READY)
	@echo 'Installing what requirements-dev.lock names (once) …'
	$(PIP) -r requirements-dev.lock
	-@$(PY) -m app doctor --mend --browser
	@touch $@

# Needs uv. The lock names no index: pip takes the one you have set.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
lock:
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) requirements-dev.in -o requirements-dev.lock -c requirements.lock
