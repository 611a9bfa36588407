# Every target sets up what is missing by itself; `make run` is the first command, `make test` the second.
.PHONY: bundle test-bundle run test test-slow test-servers lint bench shots lock clean
.DEFAULT_GOAL := run
# Tests start the program some hundred times: without compiled modules each start compiles all of them anew.
export PYTHONDONTWRITEBYTECODE :=

python := .venv/bin/python

run:  ## open the window on the demonstration recording
	@installer/setup.sh run
	$(python) -m app demo --replace

# One worker more than there are cores: tests wait for processes, disks and timers too.
test:  ## all tests but the slow sets and those of a real model server
	@installer/setup.sh test
	$(python) -m pytest -n $$($(python) -c "import os; print(min((os.cpu_count() or 1) + 1, 4))") --dist loadgroup --no-loadscope-reorder --max-worker-restart 0 -m "not slow and not servers and not bundle"

test-slow:  ## the long sets: random kills of the store and the window
	@installer/setup.sh test
	$(python) -m pytest -m slow --timeout 1800

test-servers:  ## against a real model server, which is installed first (docs/model_readers.md)
	@installer/setup.sh test
	installer/model_server.sh
	installer/speech.sh
	$(python) -m pytest -m servers --timeout 1200 tests/servers

lint:  ## ruff, formatting, mypy strict, the rooms' directions
	@installer/setup.sh test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench:  ## every number of docs/performance.md, measured anew
	@installer/setup.sh test
	$(python) -m benchmarks all --docs docs/performance.md

shots:  ## pictures of the window, light and dark, into out/shots
	@installer/setup.sh test
	$(python) -m tests.shots --out out/shots

lock:  ## write the locks anew
	@installer/setup.sh test
	UV=.venv/bin/uv installer/lock.sh

clean:  ## what can be made again
	rm -rf out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

bundle:  ## the program for Linux computers without Python: a folder, dist/*.tar.xz and dist/*.deb
	@installer/setup.sh test
	installer/bundle.sh

test-bundle: bundle  ## the bundle in a bare Debian without Python and network (takes root's rights)
	$(python) -m pytest -m bundle tests/bundle
