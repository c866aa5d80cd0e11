# Everything a person or a machine does with this checkout. `make run` and `make test` need Rust, Node 20 and make; what
# else is missing they install (Debian, Ubuntu, as root) or name.

SHELL  := /bin/bash
TARGET := $(or $(CARGO_TARGET_DIR),target)
# Virtual environments of the client tests: outside the checkout, so that a fresh checkout starts warm.
export CONCORD_CACHE  ?= $(HOME)/.cache/concord
# Real review data for one test; it says loudly that it is skipped where the data are not.
export CONCORD_SHARED ?= ../shared
# The binary that tests start: the one with assertions, which is there anyway. People run the other.
export CONCORD_BIN    ?= $(abspath $(TARGET))/debug/concord
RELEASE := $(abspath $(TARGET))/release

WEB_SOURCES := $(shell find web/src web/public web/tools -type f 2>/dev/null) \
               $(wildcard web/*.json web/*.ts web/*.html)

# In the order in which they fail soonest.
STAGES := tools web-check format lint docs unit fuzz binaries web-types-check crash clients postgres python requests squality browser

.PHONY: run test check bench web web-types release $(STAGES)

run: release
	$(RELEASE)/concord serve --demo

test:
	@tests/setup/stages.sh $(STAGES)

check: format lint docs web-check

bench: release
	$(RELEASE)/loadtest bench --server $(RELEASE)/concord

# --- parts -----------------------------------------------------------------------------------------------------------

tools:
	@tests/setup/tools.sh test

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@tests/setup/tools.sh run
	cd $* && npm ci --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run build
	@touch $@

web: web/dist/index.html

# The web app is embedded in the binary at compile time; cargo sees only files that were there the last time. The load generator
# comes along, so that what both depend on is compiled once.
release: web
	@tests/setup/tools.sh run
	@[ ! -e $(RELEASE)/concord ] || [ ! web/dist/index.html -nt $(RELEASE)/concord ] || touch server/src/web.rs
	cargo build --release --locked -p concord-server -p concord-loadtest

# A build fails when the app outgrows its budgets (web/tools/budgets.mjs).
web-check: web/node_modules/.package-lock.json
	cd web && npm run check
	$(MAKE) web
	cd web && npm run budgets

format:
	cargo fmt --all --check

lint:
	cargo clippy --locked --workspace --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

# The contract suite runs on every store, the black-box tests on SQLite.
unit: web
	tests/setup/postgres.sh cargo test --locked --workspace --no-fail-fast

# 30 s for each target; SECONDS_EACH=600 tests/fuzz/run.sh for longer.
fuzz:
	tests/fuzz/run.sh

# What the stages after it start. It reads the web app from web/dist.
binaries: web
	cargo build --locked --workspace --bins

# Kills, stops and restores the server under load; `loadtest crash --help` says how to do it longer.
crash: binaries
	$(TARGET)/debug/loadtest crash --server $(CONCORD_BIN) --rounds 12

# The types that the web app shares with the server are made of what the server says about itself.
web-types: binaries web/openapi/node_modules/.package-lock.json
	cd web/openapi && npm run --silent generate

web-types-check: binaries web/openapi/node_modules/.package-lock.json
	cd web/openapi && npm run --silent check

# Where the servers of the client tests note every request.
REQUEST_LOGS := $(abspath $(TARGET))/requests

clients: tests/clients/node/node_modules/.package-lock.json
	@mkdir -p $(REQUEST_LOGS) && rm -f $(REQUEST_LOGS)/node.log
	cd tests/clients/node && CONCORD_ACCESS_LOG=$(REQUEST_LOGS)/node.log npm test

# The black-box tests again, and stock clients that sync, on PostgreSQL. Of the whole workspace, like `unit`: naming a package
# would choose other features for what it depends on and compile that once more.
postgres: tests/clients/node/node_modules/.package-lock.json
	CONCORD_TEST_STORE=postgres tests/setup/postgres.sh bash -c 'cargo test --locked --workspace --test it && \
	  cd tests/clients/node && npm run sync'

python: tests/clients/node/node_modules/.package-lock.json
	REQUEST_LOGS=$(REQUEST_LOGS) tests/clients/python/run.sh
	tests/clients/openapi/run.sh

# After `clients` and `python`: whether stock clients made every request that they are known to make.
requests: tests/clients/node/node_modules/.package-lock.json
	cd tests/clients/node && npm run --silent requests $(REQUEST_LOGS)

squality: tests/clients/node/node_modules/.package-lock.json
	tests/clients/squality/run.sh

browser: tests/browser/node_modules/.package-lock.json
	cd tests/browser && CHROMIUM="$$(command -v chromium || command -v chromium-browser)" npm test
