# The few commands there are. `make run` and `make test` set up what they need on a fresh machine with Rust and Python 3.

# `make run PROFILE=dev` builds faster and runs slower.
PROFILE ?= release
OUT = target/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))

.PHONY: run test build fmt lint setup

run: setup
	@cargo build --quiet --package kindstore-server --profile $(PROFILE)
	@$(OUT)/kindstore serve

test: setup lint
	cargo build --workspace
	cargo check --package kindstore --no-default-features
	cargo test --workspace --all-features
	target/venv/bin/python tests/scripts/readme.py

build:
	cargo build --workspace

fmt:
	cargo fmt

lint:
	cargo fmt --check
	cargo clippy --workspace --all-targets --all-features -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" cargo doc --quiet --workspace --no-deps

setup:
	@tests/scripts/setup.sh
