# SPDX-License-Identifier: Apache-2.0
# The commands of the house. Bare `make` lists them.

PRESET ?= release
PYTHON ?= /usr/bin/python3
FUZZ_PRESET ?= fuzz
FUZZ_SECONDS ?= 60
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run build test tsan asan fuzz bench continuity loss saves lint format format-check \
    docs docs-check check-house edge-peers compat compat-check

help: ## List these commands
	@echo "Hawser: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | while IFS='|' read -r name text; \
	    do printf '%-16s %s\n' "$$name" "$$text"; done

run: ## Build what is missing and start the demo (ARGS="--help" for its options)
	@tools/build.sh release hawser
	@exec build/release/hawser demo $(ARGS)

build: build-$(PRESET) ## Build everything of PRESET (release; debug, asan, tsan, fuzz)

test: build-release ## Run every unit and integration test
	@tools/install.sh test
	@$(PYTHON) tools/run_tests.py --build build/release --integration

asan: build-asan ## Run the unit tests and the fuzzers' corpora under ASan and UBSan
	@$(PYTHON) tools/run_tests.py --build build/asan --corpora

tsan: build-tsan ## Run the unit tests under ThreadSanitizer
	@$(PYTHON) tools/run_tests.py --build build/tsan

fuzz: build-$(FUZZ_PRESET) ## Run every fuzzer for FUZZ_SECONDS
	@$(PYTHON) tools/fuzz.py --build build/$(FUZZ_PRESET) --seconds $(FUZZ_SECONDS)

edge-peers: ## Ask HAProxy and nginx what the tests of the edge ask (docs/edge-peers.md)
	@tools/install.sh test
	@$(PYTHON) tools/edge_peers.py

continuity: build-release ## Users, faults and a table, beside HAProxy and nginx (docs/continuity.md)
	@tools/install.sh test
	@$(PYTHON) tests/continuity/run.py $(ARGS)

compat: build-release ## Ask every session library the same, here and of redis-server (docs/session-libraries.md)
	@tools/install.sh test compat
	@$(PYTHON) tests/compat/run.py $(ARGS)

compat-check: ## Fail if that page is not what `make compat` writes
	@$(MAKE) --no-print-directory compat ARGS=--check

loss: build-release ## Kill the session service 50 times, and cut its power 50 times (docs/sessions.md)
	@tools/install.sh test
	@HAWSER_LOSS_ROUNDS=50 build/release/tests_store --gtest_filter='loss.*'
	@HAWSER_LOSS_ROUNDS=50 $(PYTHON) -m pytest -q tests/integration/test_session_store.py -k kill_9

saves: build-release ## Cross 10,000 saves each way, and log out 10,000 times before slower ones (docs/sessions.md)
	@tools/install.sh test
	@HAWSER_SAVES=10000 $(PYTHON) -m pytest -q tests/integration/test_sessions_consistency.py

bench: build-release ## Measure beside HAProxy and nginx, and sessions beside redis-server and memcached
	@tools/install.sh bench
	@$(PYTHON) bench/run.py $(ARGS)
	@$(PYTHON) bench/sessions.py $(SESSIONS_ARGS)

lint: ## Run clang-tidy over everything (LINT="src/http tests/http": over a part)
	@tools/lint.sh $(LINT)

format: ## Format every C++ file
	@tools/install.sh lint
	@tools/sources.sh | xargs clang-format-19 -i

format-check: ## Fail if a C++ file is not formatted
	@tools/install.sh lint
	@tools/sources.sh | xargs clang-format-19 --dry-run -Werror

docs: ## Write docs/reference.md and the manual page from what the program says of itself
	@tools/build.sh release hawser
	@build/release/hawser schema --reference > build/reference.md
	@mv build/reference.md docs/reference.md
	@build/release/hawser manual > build/hawser.1
	@mv build/hawser.1 packaging/hawser.1

docs-check: ## Fail if they are not what `make docs` writes
	@tools/build.sh release hawser
	@build/release/hawser schema --reference > build/reference.md
	@diff -u docs/reference.md build/reference.md || { echo 'Run `make docs` and commit it.'; exit 1; }
	@build/release/hawser manual > build/hawser.1
	@diff -u packaging/hawser.1 build/hawser.1 || { echo 'Run `make docs` and commit it.'; exit 1; }

check-house: ## Run the house test: layers, READMEs, kinds, banned calls
	@$(PYTHON) tools/tidy.py

build-%:
	@tools/build.sh $*
