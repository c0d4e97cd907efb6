# What a machine with Python 3.11 or later, make and nothing else can do with this project.
# A venv in .venv is made on the way. PYTHON=... chooses another Python, PROFILE=soak a longer
# search by Hypothesis, ARGS=... goes to pytest, WORKERS=... breaks more mutants at a time, COVER=1
# measures which lines the tests reach, for `make coverage`.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$python && break; done)
PROFILE ?= default
WORKERS ?= 2
ROUNDS ?= 200
SOAK_SECONDS ?= 600
FUZZ_SECONDS ?= 600
DASK_ROUNDS ?= 50
SPARK_ROUNDS ?= 10
STORES ?= memory sqlite postgres
LOCKED ?= yes
BIN := .venv/bin
SUITE = -n auto --dist loadgroup --hypothesis-profile=$(PROFILE)
COVERED := --cov --cov-report= --cov-fail-under=0
COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
	--no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help audit sbom demo lock test coverage oldest lint mypy pyright docs site fire soak fuzz mutants isolation clean bench bench-long bench-scale scale-faults strength

help:
	@echo "make demo   print the example chronology, who held what, and the toll"
	@echo "make test   run the whole test suite"
	@echo "make coverage  report the lines that make test COVER=1 reached, fail below the gate"
	@echo "make oldest run it with the oldest dependencies that pyproject.toml allows"
	@echo "make lint   check style (ruff) and types (mypy, pyright)"
	@echo "make audit  look up known faults of all that requirements/ lists"
	@echo "make sbom   write what the package needs to build/sbom.json, as it goes with a release"
	@echo "make lock   list anew, by version and hash, what the targets here install"
	@echo "make docs   run the code of README and docs, check their links and names"
	@echo "make fire   kill writers in ROUNDS=200 rounds, and break disks at every step of an append"
	@echo "make soak   write, follow, keep, correct and kill at once, SOAK_SECONDS=600 for each store"
	@echo "make fuzz   push on every door for FUZZ_SECONDS=600"
	@echo "make site   build the pages of docs for a browser, in build/site"
	@echo "make mutants  break the code on purpose and see whether its tests notice"
	@echo "make isolation  100,000 appends to PostgreSQL while writers are killed and it crashes"
	@echo "make bench  measure the library beside its peers, write docs/benchmarks.md"
	@echo "make bench-long  measure how cost grows with a log, draw it, write docs/curves.md"
	@echo "make bench-scale  measure one fold on Dask, alone and in DuckDB, and draw it"
	@echo "make scale-faults  break Dask in DASK_ROUNDS=50 rounds and Spark in SPARK_ROUNDS=10"
	@echo "make strength  measure how surely the laws catch what is faulty"
	@echo "make clean  remove what the others made"

# What looks at the package is installed beside it, so that no list has it.
.venv-release/bin/python: requirements/release.txt .venv/package
	$(BIN)/python -m venv --clear .venv-release
	$@ -m pip install --quiet --require-hashes --only-binary :all: -r requirements/release.txt

# One that nothing could be asked about is a failure too.
audit: .venv-release/bin/python
	$< -m pip_audit --strict --require-hashes --disable-pip -r requirements/package.txt \
	-r requirements/dev.txt -r requirements/release.txt

sbom: .venv-release/bin/python
	mkdir -p build
	$< -m cyclonedx_py environment --pyproject pyproject.toml --output-file build/sbom.json \
	$(BIN)/python

demo: .venv/package
	$(BIN)/python examples/kharkiv_2022.py

test: .venv/dev
	$(BIN)/python -m pytest $(SUITE) $(if $(COVER),--part=measured $(COVERED)) $(ARGS)
	$(if $(COVER),$(BIN)/python -m pytest $(SUITE) --part=unmeasured $(ARGS))

coverage: .venv/dev
	$(BIN)/python -m coverage report

oldest: .venv/dev
	$(BIN)/python -m venv --clear .venv-oldest
	$(BIN)/python -c 'import tomllib, pathlib; \
	project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]; \
	print(*(need.replace(">=", "==") for need in project["dependencies"]), sep="\n")' \
	> .venv-oldest/floors.txt
	.venv-oldest/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	.venv-oldest/bin/python -m pip install --quiet --editable . --group dev -c .venv-oldest/floors.txt
	.venv-oldest/bin/python -m pytest -n auto --dist loadgroup $(ARGS)

lint: .venv/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(MAKE) --no-print-directory -j2 mypy pyright

mypy: .venv/dev
	$(BIN)/mypy

pyright: .venv/dev
	$(BIN)/pyright --pythonpath $(BIN)/python

docs: .venv/dev
	$(BIN)/python -m pytest tests/test_docs.py $(ARGS)

fire: .venv/dev
	$(BIN)/python -m tests.crash kills $(ROUNDS)
	$(BIN)/python -m tests.crash disks

soak: .venv/dev
	$(BIN)/python -m tests.soak $(SOAK_SECONDS) $(STORES)

# Led by what code an input reaches, where atheris can be had; it has no wheel for every Python.
fuzz: .venv/dev
	$(BIN)/python -m pip install --quiet --group fuzz || true
	$(BIN)/python -m tests.fuzz $(FUZZ_SECONDS)

# Warnings are errors; what is built asks no server for anything.
site: .venv/dev
	$(BIN)/python -m sphinx -W --keep-going -b html docs build/site

# In a copy, so that no broken file is ever seen here.
mutants: .venv/dev
	$(BIN)/python -m pip install --quiet --group mutants
	rm -rf .mutants && mkdir .mutants
	cp -R pyproject.toml README.md LICENSE docs src tests .mutants
	cd .mutants && ../$(BIN)/python -m mutmut run --max-children $(WORKERS)
	cd .mutants && ../$(BIN)/python -m tests.mutants docs/mutants.md

# ACKNOWLEDGED=... chooses another number of appends.
isolation: .venv/dev
	$(BIN)/python -m tests.isolation $(or $(ACKNOWLEDGED),100000)

# Some minutes; on a machine that does nothing else, for figures that mean something.
bench: .venv/dev
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python benchmarks/table.py --write $(ARGS)

# Half an hour.
bench-long: .venv/dev
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python benchmarks/curves.py $(ARGS)

# Half an hour, and eight gigabytes in build/scale; --most 1000000 for less.
bench-scale: .venv/dev
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python benchmarks/scale.py $(ARGS)

scale-faults: .venv/dev
	$(BIN)/python -m tests.scale_faults dask $(DASK_ROUNDS)
	$(BIN)/python -m tests.scale_faults spark $(SPARK_ROUNDS)

strength: .venv/dev
	$(BIN)/python benchmarks/law_strength.py $(ARGS)

clean:
	rm -rf .venv .venv-release .venv-oldest .venv-lock .mutants .node .node-lock build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src tests examples -name __pycache__ -type d -prune -exec rm -rf {} +

# What is installed is what requirements/ lists, by version and hash, whatever index serves it; every
# wheel of every platform is listed. LOCKED=no takes what pyproject.toml allows instead, where an index
# lacks some of it or a platform has no wheel.
HASHED := --quiet --require-hashes --only-binary :all: --no-binary pyspark --no-build-isolation
REFUSED := What requirements/ lists couldn't be installed. Where a hash doesn't match, somebody may \
	have changed the file: find out who. Where your index or platform lacks one, make LOCKED=no takes \
	what pyproject.toml allows, without looking at hashes.

# The package alone: what a user gets, and all that the demo needs.
.venv/package: pyproject.toml requirements/package.txt
	@$(if $(strip $(PYTHON)),,echo "No Python 3.11 or later was found: install one (on Debian or \
	Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3" >&2; \
	exit 1)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "timeline needs \
	Python 3.11 or later, and $(PYTHON) isn't; choose another: make PYTHON=/path/to/python3" >&2; \
	exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; echo "$(PYTHON) can't make a virtual \
	environment; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
ifeq ($(LOCKED),no)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
else
	$(BIN)/python -m pip install $(HASHED) -r requirements/package.txt \
	|| { echo "$(REFUSED)" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
endif
	@touch $@

# Dependency groups need pip 25.1 or later, hence the upgrade above.
.venv/dev: .venv/package requirements/dev.txt
ifeq ($(LOCKED),no)
	$(BIN)/python -m pip install --quiet --group dev
else
	$(BIN)/python -m pip install $(HASHED) -r requirements/dev.txt \
	|| { echo "$(REFUSED)" >&2; exit 1; }
endif
	@touch $@

# Lists anew what is installed: the newest that pyproject.toml allows, for every Python and platform.
lock:
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet "uv>=0.9"
	.venv-lock/bin/uv pip compile $(COMPILE) requirements/build.in pyproject.toml \
	--output-file requirements/package.txt
	.venv-lock/bin/uv pip compile $(COMPILE) requirements/build.in pyproject.toml --group dev \
	--constraints requirements/package.txt --output-file requirements/dev.txt
	.venv-lock/bin/uv pip compile $(COMPILE) requirements/build.in pyproject.toml --group release \
	--constraints requirements/dev.txt --output-file requirements/release.txt
	rm -rf .venv-lock
