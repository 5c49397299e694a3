# The few commands there are. `make run` and `make test` set up what they need on a fresh machine with Rust and Python 3.

# `make run PROFILE=release` takes longer to build, and runs somewhat faster.
PROFILE ?= quick

.PHONY: run install test soak interleave bench build wasm web fmt lint setup setup-test setup-bench

# The page is built once, where Node.js is; `make web` builds it anew.
run: setup
	@tests/scripts/run.sh $(PROFILE)

install: setup
	cargo install --locked --path server/cli

test: setup-test lint
	cargo build --workspace
	cargo check --package kindstore --no-default-features
	cargo test --workspace --all-features
	tests/scripts/fuzz.sh 5
	$(MAKE) --no-print-directory interleave
	$(MAKE) --no-print-directory web
	wasm/test/run.sh
	node web-demo/test/app.mjs
	node web-demo/test/foreign.mjs
	target/venv/bin/python tests/scripts/readme.py
	target/venv/bin/python tests/scripts/outside.py
	tests/scripts/clients.sh
	tests/scripts/publish.sh

# The proofs in full length: hours, not minutes.
soak: setup-test
	cargo build --workspace
	KINDSTORE_SOAK=1 cargo test --workspace --all-features
	cargo build --release --package kindstore-cli
	KINDSTORE_SOAK=1 cargo test --release --package kindstore-tests -- bounds churn
	tests/scripts/fuzz.sh 600
	KINDSTORE_SOAK=1 $(MAKE) --no-print-directory interleave

# The threads of the store on sled in many orders. The build is one of its own: shuttle takes the place of locks and threads.
interleave:
	RUSTFLAGS="--cfg shuttle" cargo test --package kindstore --lib --target-dir target/shuttle interleave

# What it reaches beside its peers, written to target/bench/report.md. `make bench QUICK=1` takes two minutes.
bench: setup-bench wasm
	cargo build --quiet --release --package kindstore-cli --package kindstore-bench
	cargo bench --quiet --package kindstore-bench --bench rules -- $(if $(QUICK),--quick)
	target/release/kindstore-bench all target/bench

build:
	cargo build --workspace

# The npm package @kindstore/wasm for browsers and Node, in target/npm/kindstore.
wasm: setup
	@wasm/build/build.sh

# The web page with that package, in target/web-demo; the server has it at /app.
web: wasm
	@web-demo/build.sh

fmt:
	cargo fmt

lint:
	cargo fmt --check
	cargo clippy --workspace --all-targets --all-features -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" cargo doc --quiet --workspace --no-deps

setup:
	@tests/scripts/setup.sh

setup-test:
	@tests/scripts/setup.sh test

setup-bench:
	@tests/scripts/setup.sh bench
