.DEFAULT_GOAL := help
.PHONY: help setup build run test coverage sanitize fuzz lint format proto bench-rpc bench-ingest bench-recommend clean

help:
	@echo "make run       measures a real language model here and ranks it (ENGINE=sim, ONCE=1, REQUESTS=N)"
	@echo "make test      all tests            make sanitize   the transport under sanitizers"
	@echo "make build     release programs     make setup      all that building, tests and engine need"
	@echo "make bench-rpc the transport beside other servers   make fuzz   its parsers, ten minutes each"
	@echo "make coverage  lines of each target that all tests run"
	@echo "make bench-ingest  samples into PostgreSQL beside a bare COPY"
	@echo "make bench-recommend  how often an answer is at hand while results arrive"
	@echo "make lint, make format, make proto, make clean"

# What building, testing and the real engine need: Debian packages, llama.cpp, a small model.
setup:
	deploy/local/packages.sh build test engine
	deploy/local/engine.sh

build:
	deploy/local/packages.sh build
	BENCHFRONT_PART=product swift build -c release

# The main job: measures a real language model on this machine and ranks what it measured.
#   ENGINE=sim   the simulated engine instead, in a minute; every figure is marked so
#   ONCE=1       leaves after printing instead of serving on
#   REQUESTS=N   measured requests of each configuration
export ENGINE ONCE REQUESTS
run:
	deploy/local/run.sh

test:
	deploy/local/test.sh

# All tests with counters in the programs, then a table: the lines of each target that ran.
coverage:
	deploy/local/coverage.sh

# The transport under AddressSanitizer and ThreadSanitizer, and some seconds of each fuzz target.
sanitize:
	deploy/local/sanitize.sh

# Each fuzz target for ten minutes; SECONDS_EACH=N for another time.
fuzz:
	Tests/Fuzz/fuzz.sh $(or $(SECONDS_EACH),600)

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	swift format format --in-place --parallel --recursive Package.swift Sources Tests

# The bindings; make test installs what this needs.
proto:
	proto/generate.sh
	clients/python/generate.sh

# The transport beside nghttpd and other gRPC servers; RUNS, REQUESTS, CASES, SUBJECTS as
# docs/performance.md says.
export RUNS CASES SUBJECTS CONNECTIONS
bench-rpc:
	Tests/Benchmarks/rpc.sh

# Samples from agents into PostgreSQL beside a bare COPY of the same rows; RUNS, SAMPLES, AGENTS,
# CASES as docs/performance.md says.
export SAMPLES AGENTS
bench-ingest:
	Tests/Benchmarks/ingest.sh

# Recommendations by Zipf's law while results arrive; RUNS, RATE, WARM_UP_S, MEASURED_S, CASES as
# docs/performance.md says.
export RATE WARM_UP_S MEASURED_S
bench-recommend:
	Tests/Benchmarks/recommend.sh

# The engine and the model stay in their cache.
clean:
	rm -rf .build .venv-test
