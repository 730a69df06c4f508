# make env | run | test | bench | clean. Options: DATASET=name CORES=4 PYTHON=python3.12
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := run
.PHONY: env run test bench clean

CORES ?= all
DATASET ?=
PYTHON ?=
BIN := .venv/bin
PROFILE := workflow/profiles/default
SNAKEMAKE := $(BIN)/snakemake --workflow-profile $(PROFILE) --cores $(CORES)
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

env: .venv/.installed

run: .venv/.installed
	@$(SNAKEMAKE) $(if $(DATASET),--config run=$(DATASET))

test: .venv/.installed-test
	@ruff check
	ruff format --check
	snakefmt --check Snakefile workflow
	snakemake --lint
	mypy
	pytest -n 2 --dist loadgroup

bench: .venv/.installed
	@OMP_NUM_THREADS=1 python scripts/bench.py results/bench

clean:
	@rm -rf .venv .snakemake build mixedmodel_em_mfvi.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find results -mindepth 1 ! -name .gitkeep -delete

.venv/.made:
	@for python in $(PYTHONS); do
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
			echo "Make .venv with $$("$$python" --version)"
			"$$python" -m venv .venv || { echo "$$python can't make .venv (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
			touch $@
			exit 0
		fi
	done
	echo "Python 3.11 or newer is needed; tried: $(PYTHONS). Install one, or name it: make PYTHON=path/to/python3" >&2
	exit 1

.venv/.installed: .venv/.made pyproject.toml
	@echo "Install the requirements (about a minute, once)"
	python -m pip install -qq .
	touch $@

.venv/.installed-test: .venv/.installed
	@echo "Install what the checks need"
	python -m pip install -qq '.[test]'
	touch $@
