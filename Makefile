# make run: measures a real language model on this machine and ranks what it measured.
#   ENGINE=sim   the simulated engine instead, in a minute; every figure is marked so
#   ONCE=1       leaves after printing instead of serving on
export ENGINE ONCE REQUESTS

.PHONY: setup build run test lint format clean

setup: ## the Debian packages that building, testing and the engine need
	deploy/local/packages.sh build test engine

build: ## release binaries
	deploy/local/packages.sh build
	swift build -c release

run:
	deploy/local/run.sh

test:
	deploy/local/test.sh

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	swift format format --in-place --parallel --recursive Package.swift Sources Tests

clean: ## build results; the engine and the model stay in their cache
	rm -rf .build .venv-test
