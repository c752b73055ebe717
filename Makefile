# make demo     a working floor on this machine: address, sign-ins and how to stop are printed
# make demo CARRIER=asterisk   the same on real calls: builds and starts a telephone network (root, Debian)
# make test     everything that must hold, on a machine where nothing was installed
# make look | think | touch | break   one stage of it

SHELL := /bin/sh
BIN := .venv/bin
RUNTIME := .venv/.runtime-installed
DEV := .venv/.dev-installed
BUNDLE := web/dist/.built
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
PYTEST := $(BIN)/pytest -q --maxprocesses 4 --dist loadscope
# Houses and browsers wait more than they work: half as many again as there are cores.
MORE := $(shell echo $$(( ($$(nproc) * 3 + 1) / 2 )))
TREES := app dialer realtime loadtests tests
COMPILE := $(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra embedded pyproject.toml

.PHONY: setup setup-dev bundle programs asterisk asterisk-built asterisk-stop demo demo-reset test look look-python look-web think touch break \
	lock coverage-map describe bench-pop bench-import bench-law bench-pacing bench-pacing-cost bench-pacing-live bench-pace-log bench-sockets bench-wall bench-floor \
	load-floor load-login load-storm load-rolling load-cut load-slow load-soak load-chaos clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# make/make/p' Makefile

# --- what has to be there ---------------------------------------------------------------------------

setup: $(RUNTIME)
setup-dev: $(DEV)
bundle: $(BUNDLE)

# The development set holds the runtime set, so either satisfies `setup`.
$(RUNTIME): requirements.lock .ci/setup .ci/link
	@if [ -e $(DEV) ] && [ ! requirements-dev.lock -nt $(DEV) ]; then .venv/bin/python .ci/link; \
	else .ci/setup requirements.lock; fi
	@touch $@

$(DEV): requirements-dev.lock .ci/setup .ci/link
	@.ci/setup requirements-dev.lock
	@touch $@ $(RUNTIME)

$(BUNDLE): $(RUNTIME) $(WEB_SOURCES)
	@.ci/bundle
	@touch $@

programs: $(DEV)
	@.ci/programs

# a telephone network on loopback, for calls with real sound (root, Debian): built once, started
asterisk:
	@deploy/asterisk-lab/build
	@deploy/asterisk-lab/start

asterisk-stop:
	@deploy/asterisk-lab/stop

# Where it cannot be built the tests on it are skipped, and this line says why.
asterisk-built:
	@deploy/asterisk-lab/build || echo "asterisk: the tests on it are skipped"

# --- the demonstration ------------------------------------------------------------------------------

# The launcher ends with this make, however make ends.
demo: $(RUNTIME) $(BUNDLE) $(filter asterisk,$(CARRIER))
	@exec env PACELINE_ENDS_WITH_PARENT=1 $(if $(CARRIER),$$(deploy/asterisk-lab/start)) $(BIN)/paceline demo $(ARGS)

demo-reset: $(RUNTIME)
	@$(BIN)/paceline demo --reset

# --- the check --------------------------------------------------------------------------------------

test: $(DEV) $(BUNDLE) programs
	@rm -rf .pytest_cache/reports && mkdir -p .pytest_cache/reports
	@$(MAKE) --no-print-directory -k -j3 --output-sync=target look think asterisk-built
	@$(MAKE) --no-print-directory touch
	@$(MAKE) --no-print-directory break
	@$(BIN)/python .ci/closing

look: look-python look-web

look-python: $(DEV)
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy --no-error-summary
	$(BIN)/interrogate -q app dialer realtime loadtests
	$(BIN)/djlint --check --lint --quiet web/templates
	$(BIN)/codespell

look-web: $(BUNDLE)
	@.ci/check-web

think: $(DEV)
	$(PYTEST) -n auto --junitxml=.pytest_cache/reports/think.xml tests/unit tests/properties tests/house

touch: $(DEV)
	$(PYTEST) -n $(MORE) --junitxml=.pytest_cache/reports/touch.xml $(wildcard tests/contracts tests/integration)

break: $(DEV) $(BUNDLE)
	@.ci/break $(PYTEST) -n $(MORE) $(wildcard tests/faults tests/journeys)

coverage-map: $(DEV)
	@$(BIN)/python -m tests.house.coverage_map

# docs/asyncapi.yaml and docs/openapi.yaml, from the types of the frames and the doors of the site
describe: $(DEV)
	@$(BIN)/python -m tests.house.describe

# --- figures (docs/benchmarks.md) -------------------------------------------------------------------

bench-pop: $(DEV) $(BUNDLE) programs
	$(BIN)/python -m loadtests.bench_pop $(ARGS)

bench-import: $(DEV)
	$(BIN)/python -m loadtests.bench_import $(ARGS)

# What a wall of 2,000 agents costs its leader, its hub and its browser.
bench-wall: $(DEV) $(BUNDLE) programs
	$(BIN)/python -m loadtests.bench_wall $(ARGS)

# Locust users in a house of their own, small by default: ARGS="--agents 2000 --viewers 200 --seconds 600".
load-floor load-login load-storm load-rolling load-cut load-slow load-soak load-chaos: $(DEV) $(BUNDLE)
	$(BIN)/python -m loadtests.crowd $(@:load-%=%) $(ARGS)

# 2,000 agents and 200 viewers, 16 answered calls a second, with the machine to itself.
bench-floor: $(DEV) $(BUNDLE)
	$(BIN)/python -m loadtests.crowd floor --agents 2000 --viewers 200 --probe 20 --customers 50000 \
		--profile floor --warm-up 60 --minutes 10 --out .paceline/bench-floor $(ARGS)

bench-law: $(DEV)
	$(BIN)/python -m loadtests.bench_law $(ARGS)

# the engine on the referee's days, by JSON lines, beside every published method
bench-pacing: $(DEV)
	$(BIN)/python -m loadtests.bench_pacing $(ARGS)

# The referee's days through the dialer's own room, opener, verdict and exchange, beside the referee.
bench-pacing-live: $(DEV)
	$(BIN)/python -m loadtests.pacing_live $(ARGS)

bench-pace-log: $(DEV)
	$(BIN)/python -m loadtests.bench_pace_log $(ARGS)

bench-pacing-cost: $(DEV)
	$(BIN)/python -m loadtests.bench_pacing_cost $(ARGS)

# sockets beside the least that is possible and what others use; needs cc, takes a quarter of an hour
bench-sockets: $(DEV)
	$(BIN)/python -m loadtests.bench_sockets $(ARGS)

# --- upkeep -----------------------------------------------------------------------------------------

# Hashes and no hosts: the lines say what is installed, the machine says from where.
lock:
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group test --group load --group dev -o requirements-dev.lock

clean:
	rm -rf web/dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage*
