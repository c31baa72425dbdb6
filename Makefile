# Every target sets up what it needs; the environment lives in .venv, made from the lock.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.synced
DATA := $(or $(GONGKAI_DATA),data)
WAREHOUSE := $(or $(GONGKAI_WAREHOUSE),$(DATA)/warehouse)
LAKE := $(or $(GONGKAI_LAKE),$(DATA)/lake)
SUPERSET := .venv-superset

.PHONY: help setup lock run up test test-all lint bench docs dashboard superset regions clean

help:  ## show what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP)  ## make or refresh .venv from requirements.txt

$(STAMP): requirements.txt pyproject.toml
	@echo "setting up $(VENV) from requirements.txt (Python 3.11; some minutes the first time, seconds later)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep -E '^uv==' requirements.txt)"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --system-certs requirements.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --system-certs --no-deps -e .
	@touch $(STAMP)

lock: $(STAMP)  ## pin requirements.in into requirements.txt, Superset's too
	$(BIN)/uv pip compile --quiet --system-certs --python-version 3.11 --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --system-certs --python-version 3.11 --no-header include/superset/requirements.in -o include/superset/requirements.txt

lint: $(STAMP)  ## ruff, mypy --strict, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(STAMP)  ## all tests but the slow ones, under 10 minutes on 2 cores
	$(BIN)/pytest -n 2 -m "not slow"

test-all: $(STAMP)  ## every test
	$(BIN)/pytest -n 2

bench: $(STAMP)  ## speed and size against their targets; ARGS="--corpus DIR" for other documents
	$(BIN)/python -m tests.bench $(ARGS)

run: $(STAMP)  ## the main job on the sample portal: backfill 2018-2024 with the real scheduler, publish, print what was made
	@$(BIN)/python -m samples.run run $(ARGS)

up: $(STAMP)  ## leave Airflow's UI and the sample portal running until Ctrl-C
	@$(BIN)/python -m samples.run up $(ARGS)

office:  ## install LibreOffice Writer (reads rtf, Works, Word 95) and unar (packed rar); Debian or Ubuntu
	$(if $(filter 0,$(shell id -u)),,sudo) apt-get update -q
	$(if $(filter 0,$(shell id -u)),,sudo) apt-get install -y -q --no-install-recommends libreoffice-writer-nogui python3-uno unar

dashboard: $(STAMP)  ## write the dashboard page of the current release, data/dashboard/index.html
	@$(BIN)/gongkai dashboard $(ARGS)

superset: $(STAMP) $(SUPERSET)/.synced  ## Apache Superset with our dashboard, in .venv-superset; ARGS=--start serves it
	@$(BIN)/gongkai bi superset -o $(DATA)/superset/gongkai.zip
	@$(SUPERSET)/bin/python include/superset/local.py $(DATA)/superset/gongkai.zip --home $(DATA)/superset \
		--folder $(WAREHOUSE) --folder $(LAKE) $(ARGS)

$(SUPERSET)/.synced: include/superset/requirements.txt | $(STAMP)
	@echo "setting up $(SUPERSET) from include/superset/requirements.txt (700 MB)"
	@test -x $(SUPERSET)/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python $(SUPERSET)
	@VIRTUAL_ENV=$(SUPERSET) $(BIN)/uv pip sync --quiet --system-certs include/superset/requirements.txt
	@touch $@

docs: $(STAMP)  ## write the data dictionary, shapes of tables, the schema of sources, and Data Docs of the rules (data/docs/index.html)
	$(BIN)/gongkai contracts docs

regions: $(STAMP)  ## write the tables of regions, and of their names over the years, from the packages that hold them
	$(BIN)/python -m gongkai.contracts.region_data
	$(BIN)/python -m gongkai.contracts.region_history

clean:  ## remove what runs made (data/, caches), keep .venv and .venv-superset
	rm -rf data .airflow build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
