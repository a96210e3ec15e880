# The workbench. `make help` lists the recipes.

PYTHON ?= python3
SIZES ?= 1000000 3000000 10000000
ARGS ?=

BIN := .venv/bin
INSTALLED := .venv/installed
SPARK_INSTALLED := .venv/spark-installed
LOCK_COMMAND := uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --no-strip-extras --quiet
# Of a second lock, what the first does not hold: a package begins at the start of a line, its hashes are indented.
LOCK_MORE := awk 'NR == FNR {if (/^[a-z]/) held[$$1] = 1; next} /^[a-z]/ {is_more = !($$1 in held)} is_more'
ROOT_COMMAND := $$( [ "$$(id -u)" = 0 ] || echo sudo -n )

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run setup test soundness check format docs parity accept bench lock chromium postgresql java spark clean

help:  ## lists the recipes
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1 \2/p' $(MAKEFILE_LIST) | awk '{printf "  make %-10s", $$2; $$1=$$2=""; print substr($$0, 3)}'

run: setup workspace  ## simulates the sample workspace (once), builds it and serves the dashboard
	@$(BIN)/dockledger build workspace
	@$(BIN)/dockledger serve workspace

# Made under another name first, so that an interrupted simulation is not taken for a workspace.
workspace: | setup
	@rm -rf workspace.part
	@echo "Simulating three sites with 50,000 events."
	@$(BIN)/dockledger simulate three-dc --out workspace.part --events 50000 --seed 7 >/dev/null
	@mv workspace.part workspace

setup: $(INSTALLED)  ## makes .venv from requirements.lock

# pip runs from outside the environment, so that it works where Debian leaves ensurepip out.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Dockledger needs Python 3.11 or newer; name one, for example: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
		echo "pip for $(PYTHON) is missing; on Debian: apt-get install python3-pip" >&2; exit 1; }
	@[ "$$($(BIN)/python -V 2>/dev/null)" = "$$($(PYTHON) -V)" ] || $(PYTHON) -m venv --clear --without-pip .venv
	@echo "Installing the versions of requirements.lock into .venv (a minute or two the first time)."
	@$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-input \
		--no-deps --require-hashes --only-binary :all: -r requirements.lock
	@$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-input \
		--no-deps --no-build-isolation --no-index --editable .
	@touch $@

# PySpark comes as source only, which holds Spark's own Java archives (half a gigabyte); nothing is compiled.
$(SPARK_INSTALLED): $(INSTALLED) requirements-spark.lock
	@echo "Installing PySpark for the tests of Spark."
	@$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-input \
		--no-deps --require-hashes --only-binary :all: --no-binary pyspark -r requirements-spark.lock
	@touch $@

spark: $(SPARK_INSTALLED) java

test: setup chromium postgresql spark  ## runs all tests (ARGS="-k latency" to choose)
	@$(BIN)/pytest -n 3 --dist worksteal $(ARGS)

soundness: setup  ## kills and floods builds as CI does and holds scenarios to their truth, with larger numbers (an hour)
	@DOCKLEDGER_SOUNDNESS=1 $(BIN)/pytest -m soundness $(ARGS)

parity: setup spark  ## compares what DuckDB and a Spark cluster of two workers make of two scenarios, row for row
	@DOCKLEDGER_PARITY=1 $(BIN)/pytest tests/parity $(ARGS)

check: setup  ## lint, format, types, import rules, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	NO_COLOR=1 $(BIN)/lint-imports
	$(BIN)/dockledger docs --check

format: setup  ## formats the code and mends what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup  ## writes the generated pages again
	$(BIN)/dockledger docs

accept: setup  ## writes the golden outputs anew; a changed one needs a line in CHANGELOG.md
	@$(BIN)/pytest tests/golden --accept -p no:randomly $(ARGS)

bench: setup  ## times a build against its peers, one more day on a year, every measure, mining, filters, every format (SIZES="1000000")
	@$(BIN)/python -m bench $(SIZES)
	@$(BIN)/python -m bench.incremental $(SIZES)
	@$(BIN)/python -m bench.catalogue $(SIZES)
	@$(BIN)/python -m bench.mining $(SIZES)
	@$(BIN)/python -m bench.filters $(SIZES)
	@$(BIN)/python -m bench.formats

lock:  ## resolves requirements.lock anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv (https://docs.astral.sh/uv)" >&2; exit 1; }
	@$(LOCK_COMMAND) -o requirements.lock
	@cp requirements.lock requirements.part
	@$(LOCK_COMMAND) --extra spark -o requirements.part
	@$(LOCK_MORE) requirements.lock requirements.part >requirements-spark.lock
	@rm requirements.part

chromium:
	@command -v chromium >/dev/null && exit 0; \
	if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then \
		echo "Installing Debian's chromium for the browser tests."; \
		export DEBIAN_FRONTEND=noninteractive; \
		{ $(ROOT_COMMAND) apt-get update -qq && $(ROOT_COMMAND) apt-get install -y -qq --no-install-recommends chromium fonts-liberation; } >/dev/null 2>&1; \
	fi; \
	command -v chromium >/dev/null || \
		echo "chromium is missing and could not be installed: the browser tests are skipped (install it with: apt-get install chromium)." >&2

# Only its programs are used: no cluster of its own is made, unless one was configured before.
postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null && exit 0; \
	if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then \
		echo "Installing Debian's postgresql for the tests of databases."; \
		export DEBIAN_FRONTEND=noninteractive; \
		{ $(ROOT_COMMAND) apt-get update -qq && $(ROOT_COMMAND) apt-get install -y -qq --no-install-recommends postgresql-common && \
			$(ROOT_COMMAND) sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf && \
			$(ROOT_COMMAND) apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null 2>&1; \
	fi; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
		echo "PostgreSQL is missing and could not be installed: its tests are skipped (install it with: apt-get install postgresql)." >&2

java:
	@command -v java >/dev/null && exit 0; \
	if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then \
		echo "Installing Debian's default-jre-headless for the tests of Spark."; \
		export DEBIAN_FRONTEND=noninteractive; \
		{ $(ROOT_COMMAND) apt-get update -qq && $(ROOT_COMMAND) apt-get install -y -qq --no-install-recommends default-jre-headless; } >/dev/null 2>&1; \
	fi; \
	command -v java >/dev/null || \
		echo "Java is missing and could not be installed: the tests of Spark are skipped (install it with: apt-get install default-jre-headless)." >&2

clean:  ## removes what the recipes made, the sample workspace too; .venv stays
	rm -rf workspace workspace.part bench/work dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
