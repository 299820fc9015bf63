.PHONY: setup build test lint format proto clean

# What building, testing and the real engine need: Debian packages, llama.cpp, a small model.
setup:
	deploy/local/packages.sh build test engine
	deploy/local/engine.sh

build:
	deploy/local/packages.sh build
	swift build --manifest-cache none -c release

test:
	deploy/local/test.sh

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	swift format format --in-place --parallel --recursive Package.swift Sources Tests

# The bindings; make test installs what this needs.
proto:
	proto/generate.sh

# The engine and the model stay in their cache.
clean:
	rm -rf .build .venv-test
