# SPDX-License-Identifier: Apache-2.0
# One entry for everything. A fresh Debian or Ubuntu machine needs Swift 6.3, git and make; the rest is installed here.

SWIFT ?= swift
CONFIGURATION ?= debug
ARGS ?=

.PHONY: run test simulate lint format bench build deps test-deps clean

run: build
	exec .build/$(CONFIGURATION)/tillguard serve $(ARGS)

build: deps
	$(SWIFT) build -c $(CONFIGURATION) --product tillguard

# The whole suite: everything in debug, then two hundred simulated seeds of the cores in release.
test: test-deps
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build
	$(MAKE) simulate

simulate: deps
	TILLGUARD_CORES=1 SIMULATION_SEEDS=$(or $(SEEDS),200) $(SWIFT) test -c release -Xswiftc -enable-testing \
		--scratch-path .build-cores --filter SimulatorTests

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

bench: deps
	$(SWIFT) build -c release --product tillguard
	.build/release/tillguard bench $(ARGS)

deps:
	@Scripts/ensure-packages libssl-dev libsqlite3-dev pkg-config

test-deps:
	@Scripts/ensure-packages libssl-dev libsqlite3-dev pkg-config --optional chromium

clean:
	rm -rf .build .build-cores
