# Strata: bring a serving platform up, look at it, test it. `make` alone lists the targets.

.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3

# ---- toolchain -------------------------------------------------------------------------------------------------------

.PHONY: toolchain
toolchain: ## Install what running needs: Pulumi, the embedded control plane, .venv
	@$(PYTHON) -m tools.toolchain install --group run

.PHONY: toolchain-check
toolchain-check: ## Install what tests and checks need as well
	@$(PYTHON) -m tools.toolchain install --group all

.PHONY: toolchain-live
toolchain-live: ## Install what live nodes need as well; Linux only
	@$(PYTHON) -m tools.toolchain install --group live

.PHONY: toolchain-controllers
toolchain-controllers: ## Install controllers that run as pods of live nodes as well: an hour of builds on 2 cores
	@$(PYTHON) -m tools.toolchain install --group live-all

# pip-tools is used from a throw-away environment, because it is needed by no one but the person who changes a pin.
PIP_COMPILE = .strata/pip-tools/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.PHONY: requirements
requirements: ## Generate requirements*.txt from requirements*.in
	@test -x .strata/pip-tools/bin/pip-compile || \
		{ $(PYTHON) -m venv .strata/pip-tools && .strata/pip-tools/bin/pip install --quiet pip-tools; }
	CUSTOM_COMPILE_COMMAND="make requirements" $(PIP_COMPILE) -o requirements.txt requirements.in
	CUSTOM_COMPILE_COMMAND="make requirements" $(PIP_COMPILE) -o requirements-dev.txt requirements-dev.in
	CUSTOM_COMPILE_COMMAND="make requirements" $(PIP_COMPILE) -o requirements-checkov.txt requirements-checkov.in

# ---- help ------------------------------------------------------------------------------------------------------------

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- a stack ---------------------------------------------------------------------------------------------------------

STACK ?= dev
OUT ?= .strata/rendered/$(STACK)
REPORT ?=
# Cloud stacks run against simulated clouds unless somebody says SIMULATED=0; local stacks take no notice.
SIMULATED ?= 1
export SIMULATED
IN_ENV = . .strata/env &&
STRATA = $(IN_ENV) .venv/bin/python -m cli

.PHONY: check migrate plan explain prerequisites up preview start stop status verify permissions down render
check: toolchain ## Check the settings and plans of STACK
	@$(STRATA) check $(STACK)
migrate: toolchain ## Rewrite the file of STACK where settings are spelled as in an earlier release
	@$(STRATA) migrate $(STACK)

plan: toolchain ## Show the plans of STACK with costs and other ways
	@$(STRATA) plan $(STACK)

explain: toolchain ## Show the arithmetic behind each number of the plans of STACK
	@$(STRATA) explain $(STACK)

prerequisites: toolchain ## Bring up the stacks that STACK builds on, lowest first; most stacks have none
	@set -e; names=$$($(STRATA) prerequisites $(STACK)); for stack in $$names; do $(STRATA) up "$$stack"; done

up: toolchain ## Bring STACK up and say what runs (STACK=dev is the default; SIMULATED=0 for a real cloud)
	@$(STRATA) up $(STACK)

preview: toolchain ## Show what `make up` would change and cost; REPORT=preview.md writes it for a pull request
	@$(STRATA) preview $(STACK) $(if $(REPORT),--report "$(REPORT)")

start: toolchain ## Start or repair the embedded or simulated cluster of STACK, for plain `pulumi up`
	@$(STRATA) start $(STACK)

stop: toolchain ## Stop the embedded or simulated cluster of STACK and keep its data
	@$(STRATA) stop $(STACK)

status: toolchain ## Say what runs
	@$(STRATA) status $(STACK)

verify: toolchain ## Compare what STACK promised with what its cluster answers
	@$(STRATA) verify $(STACK)

permissions: toolchain ## Print what whoever deploys STACK has to be allowed at the cloud
	@$(STRATA) permissions $(STACK)

down: toolchain ## Remove everything that STACK made
	@$(STRATA) down $(STACK)

.PHONY: live live-down
NODES ?= 1
live: toolchain ## Bring STACK up on NODES real nodes, with real pods and requests; Linux as root
	@$(STRATA) live $(STACK) --nodes $(NODES) --possible
	@$(PYTHON) -m tools.toolchain install --group live
	@$(STRATA) live $(STACK) --nodes $(NODES)

live-down: toolchain ## End the live nodes of STACK
	@$(STRATA) live-down $(STACK)

render: toolchain ## Write every Kubernetes object of STACK as YAML to OUT, secrets withheld
	@$(STRATA) render $(STACK) "$(OUT)"

# ---- tests -----------------------------------------------------------------------------------------------------------

# Files run side by side, the tests of one file in their order: lives of stacks build on their steps.
PYTEST = $(IN_ENV) .venv/bin/python -m pytest --durations=15

.PHONY: lint test test-fast e2e
lint: toolchain-check ## Types, style and floors
	@$(IN_ENV) .venv/bin/ruff check . && .venv/bin/ruff format --check -q . && .venv/bin/lint-imports --no-cache \
		&& .venv/bin/pyright

test: lint ## Everything: types, style, floors, unit, conformance, planner, manifests, engine
	@$(PYTEST) -n 2 --dist loadfile

test-fast: toolchain-check ## What needs no control plane, under a minute
	@$(IN_ENV) .venv/bin/ruff check . && .venv/bin/lint-imports --no-cache > /dev/null
	@$(PYTEST) -n 2 -m "not engine and not slow"

e2e: toolchain-check ## Take STACK through up, unchanged up, refresh, change, destroy, in a copy of the project
	@$(IN_ENV) STACK=$(STACK) .venv/bin/python -m pytest tests/e2e -s

.PHONY: e2e-live
e2e-live: toolchain-check toolchain-live ## Take dev through its life on live nodes: answers, rollouts, a drain, kills, the end
	@$(IN_ENV) LIVE_REQUIRED=1 .venv/bin/python -m pytest -s tests/live/test_live_life.py

.PHONY: live-contract
live-contract: toolchain-check toolchain-live ## Ask the real vLLM on CPU again what its stand-in is held to (6 GB, half an hour)
	@$(IN_ENV) .venv/bin/python -m tests.live.engine.record_again
	@$(IN_ENV) LIVE_REQUIRED=1 .venv/bin/python -m pytest tests/live/engine

.PHONY: live-real
live-real: toolchain-check toolchain-live ## Run the real vLLM with a small real model as a pod of a live node (9 GB, root, Linux)
	@$(IN_ENV) LIVE_REQUIRED=1 LLM_REAL=1 .venv/bin/python -m pytest -s tests/live/test_real_engine.py

.PHONY: live-all
live-all: toolchain-check toolchain-controllers ## Run what is too slow for CI on live nodes: controllers as pods
	@$(IN_ENV) LIVE_REQUIRED=1 LIVE_ALL=1 .venv/bin/python -m pytest --durations=15 tests/live/controllers

.PHONY: gpu-witness
RECORD ?=
gpu-witness: toolchain-check toolchain-live ## On a machine with NVIDIA GPUs: compare their driver with its stand-in
	@$(IN_ENV) .venv/bin/python -m tests.live.devices.gpu_witness $(RECORD)

.PHONY: schema
schema: toolchain ## Write docs/settings.schema.json, which editors complete stack files from, and docs/settings.md
	@$(IN_ENV) .venv/bin/python -m stacks.schema docs/settings.schema.json
	@$(IN_ENV) .venv/bin/python -m stacks.reference docs/settings.md

.PHONY: recovery
KILLS ?= 20
CONFIGURATIONS ?= 20000
recovery: toolchain-check ## Kill runs at KILLS points, touch objects by hand, and see the next `make up` repair it all
	@$(IN_ENV) KILLS=$(KILLS) .venv/bin/python -m pytest tests/recovery -s

.PHONY: fuzz
fuzz: toolchain-check ## Check CONFIGURATIONS stacks that nobody would write; writes docs/reliability.md
	@$(IN_ENV) CONFIGURATIONS=$(CONFIGURATIONS) .venv/bin/python -m pytest tests/fuzz

.PHONY: planner-witnesses
CONFIGS ?=
KINDS ?=
planner-witnesses: toolchain-check ## Let code that is not ours count parameters and caches of CONFIGS, a folder of config.json files (6 GB, slow)
	@test -n "$(CONFIGS)" || { echo "give CONFIGS=…/aic-core/src/aiconfigurator_core/model_configs"; exit 1; }
	@test -x .strata/planner-witnesses/bin/python || { $(PYTHON) -m venv .strata/planner-witnesses && \
		.strata/planner-witnesses/bin/pip install --quiet -r tests/witnesses/planner/requirements.txt; }
	@.strata/planner-witnesses/bin/python tests/witnesses/planner/count_parameters.py $(CONFIGS) \
		tests/witnesses/planner/parameters.csv
	@$(IN_ENV) .venv/bin/python -m tests.witnesses.planner.ask_engine $(CONFIGS) $(KINDS)

.PHONY: golden
golden: toolchain-check ## Rewrite the golden files from what is rendered and computed now
	@$(IN_ENV) .venv/bin/python -m pytest tests/manifests/test_rendering.py tests/clusters/eks/test_efa.py --update-golden

.PHONY: benchmark
RUNS ?= 3
benchmark: toolchain-check ## Time the dev stack beside a flat program and kubectl; writes docs/benchmarks.md
	@$(IN_ENV) .venv/bin/python -m benchmarks.engine --runs $(RUNS) --write

.PHONY: scale
scale: toolchain-check ## Measure 1,000 GPU nodes with 200 models on the embedded cluster; writes docs/benchmarks.md
	@$(IN_ENV) .venv/bin/python -m benchmarks.scale --write

.PHONY: startup
startup: toolchain-check ## Time start-up and preview of every stack beside an empty program; writes docs/benchmarks.md
	@$(IN_ENV) .venv/bin/python -m benchmarks.startup --runs $(RUNS) --write
