# Faultline: `make demo` runs the main job and shows a result, `make test` passes the tests.
# Both set up everything from nothing; PIP_OPTIONS takes extra pip options (a wheel index, say).

PYTHON ?= $(shell for p in python3.11 python3.12 python3; do \
	$$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] < (3,13))' 2>/dev/null && echo $$p && break; done)
PIP_OPTIONS ?=
DEMO_ENV := .venv-demo
TEST_ENV := .venv-test
ASAM_ENV := .venv-asam
SCENIC_ENV := .venv-scenic
CONSTRAINTS := constraints.txt
PIP := -m pip --disable-pip-version-check -q install $(PIP_OPTIONS) -c $(CONSTRAINTS)

.PHONY: demo test prove bench carla-examples clean python

python:
	@test -n "$(PYTHON)" || { echo "make: Faultline needs Python 3.11 or 3.12 on PATH; none was found. Install one, or say PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] < (3,13))' 2>/dev/null || { echo "make: $(PYTHON) is not Python 3.11 or 3.12"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "make: $(PYTHON) cannot make environments: install its venv and ensurepip modules"; exit 2; }

$(DEMO_ENV)/ready: pyproject.toml $(CONSTRAINTS) | python
	@echo "setting up $(DEMO_ENV) (once; a few minutes) ..."
	@$(PYTHON) -m venv $(DEMO_ENV)
	@$(DEMO_ENV)/bin/python $(PIP) -e ".[sim,record]"
	@touch $@

$(TEST_ENV)/ready: pyproject.toml $(CONSTRAINTS) | python
	@echo "setting up $(TEST_ENV) (once; a few minutes) ..."
	@$(PYTHON) -m venv $(TEST_ENV)
	@$(TEST_ENV)/bin/python $(PIP) -e ".[sim,record,dev]"
	@touch $@

demo: $(DEMO_ENV)/ready
	@echo "compiling the simulator's kernels (once; two or three minutes) ..."
	@$(DEMO_ENV)/bin/python -m scenarios.warmup
	@$(DEMO_ENV)/bin/faultline demo --out out/demo; code=$$?; \
	if [ $$code -eq 1 ]; then echo "some rows fail; which and why is in out/demo/report.html"; exit 0; else exit $$code; fi

test: $(TEST_ENV)/ready $(SCENIC_ENV)/ready
	@$(TEST_ENV)/bin/ruff format --check .
	@$(TEST_ENV)/bin/ruff check .
	@$(TEST_ENV)/bin/mypy
	@$(TEST_ENV)/bin/lint-imports
	@PIP_OPTIONS="$(PIP_OPTIONS)" sh tests/wheel/smoke.sh $(TEST_ENV)/bin/python
	@$(TEST_ENV)/bin/python -m scenarios.warmup
	@$(TEST_ENV)/bin/python -m pytest -m "not prove and not benchmark_speed"

# Scenic pins packages of its own and plays a user who has only the CARLA client; without it its tests skip.
# What could not be installed is tried again the next time.
$(SCENIC_ENV)/ready: tests/public_tools/requirements-scenic.txt | python
	@echo "setting up $(SCENIC_ENV) (once; a minute) ..."
	@$(PYTHON) -m venv $(SCENIC_ENV)
	@if $(SCENIC_ENV)/bin/python -m pip --disable-pip-version-check -q install $(PIP_OPTIONS) -r $<; then touch $@; \
	else echo "make: Scenic could not be installed; its tests will be skipped"; fi

# CARLA's own example scripts, as you have them: make carla-examples SRC=/opt/carla/PythonAPI
carla-examples: $(TEST_ENV)/ready $(SCENIC_ENV)/ready
	@test -n "$(SRC)" || { echo "make: name the PythonAPI folder of a CARLA you have: make carla-examples SRC=DIR"; exit 2; }
	@$(TEST_ENV)/bin/python -m scenarios.warmup
	@$(TEST_ENV)/bin/python -m tests.public_tools.examples "$(SRC)"

bench: $(TEST_ENV)/ready
	@$(TEST_ENV)/bin/python -m pytest -m benchmark_speed tests/benchmarks -s

# The ASAM checker pins an older numpy, so it lives in an environment of its own; without it its checks skip.
$(ASAM_ENV)/ready: | python
	@$(PYTHON) -m venv $(ASAM_ENV)
	@$(ASAM_ENV)/bin/python -m pip --disable-pip-version-check -q install $(PIP_OPTIONS) asam-qc-opendrive==1.0.0 \
	  || echo "make: the ASAM checker could not be installed; its checks will be skipped"
	@touch $@

prove: $(TEST_ENV)/ready $(ASAM_ENV)/ready
	@$(TEST_ENV)/bin/python -m scenarios.warmup
	@$(TEST_ENV)/bin/python -m pytest -m "prove or benchmark_speed" --timeout=3600 --junitxml=out/prove.xml; code=$$?; \
	$(TEST_ENV)/bin/python -m tests.benchmarks.summary out/prove.xml out/benchmarks.json analysis/baselines/prove.json; exit $$code

clean:
	rm -rf $(DEMO_ENV) $(TEST_ENV) $(ASAM_ENV) $(SCENIC_ENV) out build dist
