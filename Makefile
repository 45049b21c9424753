# SPDX-License-Identifier: Apache-2.0
# One entry for everything. A fresh Debian or Ubuntu machine needs Swift 6.3, git and make; the rest is installed here.

SWIFT ?= swift
CONFIGURATION ?= debug
ARGS ?=

.PHONY: run test simulate lint format bench build deps test-deps clean
.PHONY: detection model
.PHONY: differential differential-iso8583 scan-memory check-allocations models fuzz sanitize bench-crypto bench-iso8583 bench-triggers soak

run: build
	exec .build/$(CONFIGURATION)/tillguard serve $(ARGS)

build: deps
	$(SWIFT) build -c $(CONFIGURATION) --product tillguard

# The whole suite: everything in debug, payment cryptography and ISO 8583 against their peers where PyPI can be reached,
# then two hundred simulated seeds of the cores in release, the process's memory searched for secrets, blocks of
# memory counted, and the models checked.
test: test-deps
	$(SWIFT) build --build-tests
	Scripts/suite $(SWIFT)
	DIFFERENTIAL_OPTIONAL=1 DIFFERENTIAL_BINARY=.build/debug/CryptoDifferential Scripts/differential "" 1000
	DIFFERENTIAL_OPTIONAL=1 DIFFERENTIAL_BINARY=.build/debug/ISO8583Differential \
		Scripts/differential "" 300 iso8583
	$(MAKE) simulate
	$(MAKE) scan-memory
	$(MAKE) check-allocations
	$(MAKE) models

simulate: deps
	TILLGUARD_CORES=1 TILLGUARD_ONLY=SimulatorTests SIMULATION_SEEDS=$(or $(SEEDS),200) \
		$(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build-cores --filter SimulatorTests

# Payment cryptography against psec, pyemv and pydukpt on random inputs: make differential SEED=… COUNT=…
differential: deps
	Scripts/differential "$(SEED)" $(or $(COUNT),2000)

# Messages against pyiso8583 and iso8583sim, both ways: make differential-iso8583 SEED=… COUNT=…
differential-iso8583: deps
	Scripts/differential "$(SEED)" $(or $(COUNT),2000) iso8583

# The process's own memory after wiping, in code that is optimised as what ships: also what was left on the stack.
scan-memory: deps
	SCAN_MEMORY=1 LD_BIND_NOW=1 TILLGUARD_CORES=1 TILLGUARD_ONLY=PaymentCryptographyTests \
		$(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build-cores --filter 'memory of the process'

# The hot paths ask for no memory: DUKPT, key blocks and PIN translation in room of the caller's, triggers without a hit.
# Built beside what `simulate` and `scan-memory` have built already.
check-allocations: deps
	for name in CryptoBenchmarks TriggerBenchmarks; do \
		TILLGUARD_CORES=1 TILLGUARD_ONLY=$$name $(SWIFT) build -c release -Xswiftc -enable-testing \
			--scratch-path .build-cores --product $$name || exit 1; done
	.build-cores/release/CryptoBenchmarks --allocations
	.build-cores/release/TriggerBenchmarks allocations

# The models of Models/ by spin, every formula and what must break it; `make test` does without where there is no spin.
models:
	@Scripts/ensure-packages --optional spin
	@command -v spin >/dev/null 2>&1 || { echo "spin is not installed: models are not checked"; exit 0; }; Models/check

# Each fuzzer for that long: make fuzz SECONDS=60 FUZZERS=…
fuzz: deps
	Fuzz/fuzz $(or $(SECONDS),60) $(FUZZERS)

sanitize: deps
	Scripts/sanitize $(SANITIZERS)

# Payment cryptography beside its peers: make bench-crypto OPENEMV=…, as Benchmarks/bench-crypto says
bench-crypto: deps
	Benchmarks/bench-crypto $(OPERATION)

# Decoding and encoding one purchase: nanoseconds and blocks of memory, a line of JSON for each operation
bench-iso8583: deps
	TILLGUARD_CORES=1 $(SWIFT) build -c release --scratch-path .build-benchmarks/build --product ISO8583Benchmarks
	.build-benchmarks/build/release/ISO8583Benchmarks $(OPERATION)

# The models that ship, trained anew on generated traffic: Rules/default.* and what the tests compare; about two minutes.
model:
	TILLGUARD_CORES=1 TILLGUARD_ONLY=DefaultModel $(SWIFT) build -c release \
		--scratch-path .build-benchmarks/build --product DefaultModel
	.build-benchmarks/build/release/DefaultModel Rules Tests/Vectors/models

# The triggers beside Redis and PostgreSQL over the same events: decisions a second, latency, memory; the large run wants
# about 12 GB: make bench-triggers CARDS=1000000 PEERS=redis
bench-triggers: deps
	@Scripts/ensure-packages --optional redis-server libhiredis-dev postgresql libpq-dev gcc libc6-dev
	Benchmarks/bench-triggers $(TASKS)

# The Fraud Detection Handbook's protocol on a recording, plain or gzip: features, training on the 7 days from START, 7 days
# of delay, scores of the 7 days after as `tx_id,score`; ARGS as docs/detection.md has them.
detection:
	@test -n "$(DATA)" -a -n "$(OUT)" || \
		{ echo "usage: make detection DATA=FILE [START=2018-07-25] OUT=scores.csv [ARGS=--model scorecard]" >&2; exit 2; }
	TILLGUARD_CORES=1 TILLGUARD_ONLY=Detection $(SWIFT) build -c release \
		--scratch-path .build-benchmarks/build --product Detection
	@.build-benchmarks/build/release/Detection "$(DATA)" --start "$(or $(START),2018-07-25)" --out "$(OUT)" $(ARGS)

# The server killed again and again under load, for so many minutes: make soak MINUTES=60 [REPORT=FILE]
soak: test-deps
	$(SWIFT) build --build-tests
	SOAK_MINUTES=$(or $(MINUTES),10) SOAK_REPORT=$(REPORT) $(SWIFT) test --skip-build --filter SoakTests

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks Examples Fuzz Scripts

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks Examples Fuzz Scripts

bench: deps
	$(SWIFT) build -c release --product tillguard
	.build/release/tillguard bench $(ARGS)

deps:
	@Scripts/ensure-packages libssl-dev libsqlite3-dev pkg-config

test-deps:
	@Scripts/ensure-packages libssl-dev libsqlite3-dev pkg-config --optional chromium python3-venv softhsm2 swtpm tpm2-tools

clean:
	rm -rf .build .build-cores .build-differential .build-differential-iso8583 .build-fuzz .build-sanitize .build-benchmarks
