# make run | report | env | test | lint | lock | docs | image | approve | native-equations | gallery | story-names | rule-graph | bench | bench-large | bench-readme | coverage | clean. Options: DATASET=name CORES=4 PYTHON=python3.12 LOCKED=1 RUN=5000x50000 LARGEST=4000x32000 (the last two of bench-large)
.DEFAULT_GOAL := run
.PHONY: env run report test lint lock docs image approve native-equations gallery story-names rule-graph bench bench-large bench-readme coverage clean

CORES := all
DATASET :=
LOCKED :=
RUN :=
LARGEST := 4000x32000
PYTHON := python3 python3.14 python3.13 python3.12 python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
TREE := $(if $(LOCKED),--no-deps --no-build-isolation )--editable
LOCK = $(if $(LOCKED),$(PIP) --require-hashes --requirement locks/$(1).txt)
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet --upgrade
RECENT := import sys; sys.exit(sys.version_info < (3, 11))

env: .venv/.installed

run: .venv/.installed
	@$(BIN)/snakemake --workflow-profile workflow/profiles/default --cores $(CORES) \
		$(if $(DATASET),--config run=$(DATASET))

report:
	@$(MAKE) --no-print-directory run
	@said=$$($(BIN)/snakemake --report results/report.html \
		--report-stylesheet workflow/report/style.css \
		$(if $(DATASET),--config run=$(DATASET)) 2>&1) || { echo "$$said" >&2; exit 1; }
	@echo "results/report.html  (all results in one page)"

test: lint
	@$(BIN)/pytest -n 3 --dist loadgroup

lint: .venv/.installed-test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/snakefmt --check Snakefile workflow
	@$(BIN)/snakemake --lint
	@$(BIN)/mypy

lock:
	@$(COMPILE) locks/build.txt pyproject.toml --output-file locks/run.txt
	@$(COMPILE) locks/build.txt pyproject.toml --extra test --extra slurm --output-file locks/test.txt

docs: .venv/.installed-test
	@$(BIN)/mkdocs build --strict --quiet
	@echo "build/site/index.html"

image:
	@podman build --tag mixedmodel .

story-names: .venv/.installed
	@$(BIN)/python scripts/story_names.py docs/story_names.md

native-equations: .venv/.installed-test
	@$(BIN)/python scripts/native_equations.py workflow/story/equations.yaml workflow/story/native.xml

gallery:
	@$(MAKE) run DATASET=demo
	@$(BIN)/python scripts/gallery.py results/demo/deck.pptx docs/slides

rule-graph: .venv/.installed
	@$(BIN)/snakemake --quiet all --rulegraph mermaid-js \
		| $(BIN)/python scripts/rule_graph.py docs/architecture.md

approve: .venv/.installed-test
	@APPROVE=1 $(BIN)/pytest -q tests/report/test_approved.py
	@git diff --stat -- tests/approved

bench: .venv/.installed-bench
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.speed results/bench

bench-readme: .venv/.installed
	@$(BIN)/python -m benchmarks.published results/bench README.md docs/speed.png

bench-large: .venv/.installed
	@$(BIN)/python -m benchmarks.large results/bench --run '$(RUN)' --largest $(LARGEST)

coverage: .venv/.installed
	@OMP_NUM_THREADS=1 $(BIN)/python scripts/coverage_study.py docs/coverage.md

clean:
	@rm -rf .venv .snakemake build scripts/*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find results -mindepth 1 ! -name .gitkeep -delete

.venv/.made:
	@for python in $(PYTHON); do \
		if "$$python" -c '$(RECENT)' 2> /dev/null; then \
			echo "Make .venv with $$("$$python" --version)"; \
			"$$python" -m venv .venv && touch $@ && exit 0; \
			echo "$$python can't make .venv (Debian: apt-get install python3-venv)" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Python 3.11 or newer is needed; tried: $(PYTHON)" >&2; \
	echo "Install one, or say where it is: make PYTHON=path/to/python3" >&2; \
	exit 1

.venv/.installed: .venv/.made pyproject.toml
	@echo "Install the requirements (about a minute, once)"
	@$(call LOCK,run)
	@$(PIP) $(TREE) .
	@touch $@

.venv/.installed-test: .venv/.installed
	@echo "Install what the checks need"
	@$(call LOCK,test)
	@$(PIP) $(TREE) '.[test,slurm]'
	@touch $@

.venv/.installed-bench: .venv/.installed
	@echo "Install the programs to compare with"
	@$(PIP) --editable '.[bench]'
	@touch $@
