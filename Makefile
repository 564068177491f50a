# `make demo` shows it, `make test` proves it; both install what they need on Debian or Ubuntu with Rust.

OO_WEBHOOKS_BUILD ?= $(CURDIR)/build
BUILD := $(abspath $(OO_WEBHOOKS_BUILD))
PREFIX ?= /usr/local
# lib64 or lib/x86_64-linux-gnu, say; below PREFIX.
LIBDIR ?= lib
# As a shell sees it: a path may have spaces, which make's own functions take for ends.
INSTALLED := "$(DESTDIR)$(if $(filter /%,$(firstword $(PREFIX))),,$(CURDIR)/)$(PREFIX)"
# It is in /sbin, where not everybody's PATH looks.
TELL_LOADER := if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then PATH="$$PATH:/usr/sbin:/sbin" ldconfig; fi

export OO_WEBHOOKS_BUILD := $(BUILD)

.PHONY: help build demo test generate install uninstall dist dist-check reproduce bare-test split-php bench bench-counts soak storm fuzz
## This list.
help:
	@awk '/^## / { text = substr($$0, 4) } /^[a-z-]+:/ && text { sub(/:.*/, ""); printf "make %-12s %s\n", $$0, text; text = "" }' Makefile

## The library, headers and program as they are installed, below build/.
build:
	@tools/setup build
	@tools/stage $(BUILD)

## Webhooks executed from C, C++, PHP and Python against the mock.
demo:
	@tools/demo

## Every test in every language.
test:
	@tools/test

## The files that are made from the source: headers, the list of the ABI, Python's bindings.
generate:
	@cargo run --quiet --locked --package oo-webhooks-generate $(if $(CHECK),-- --check)
	@python3 bindings/python/tools/generate_bindings.py $(if $(CHECK),--check)
	@python3 bindings/php/tools/generate_call.py $(if $(CHECK),--check)
	@python3 bindings/php/tools/generate_stub.py $(if $(CHECK),--check)

## What make build made, below PREFIX (/usr/local), libraries in LIBDIR (lib); DESTDIR goes before it.
install:
	@[ -e $(BUILD)/lib/liboo_webhooks.so.1 ] || { echo "nothing to install: run make build first" >&2; exit 1; }
	@tools/install add "$(BUILD)" $(INSTALLED) "$(LIBDIR)"
	@$(TELL_LOADER)

## Removes from PREFIX what make install put there, and nothing else.
uninstall:
	@tools/install remove $(INSTALLED)
	@$(TELL_LOADER)

## The packages for each platform, in build/dist with their checksums.
dist:
	@tools/setup build dist
	@packaging/dist

## Installs them as users do, executes a webhook from each, and tests those for other systems. As root.
dist-check:
	@tools/setup check
	@packaging/try
	@packaging/emulate

## make demo and make test on a clean clone in a bare Debian: make bare-test RELEASE=trixie. As root.
bare-test:
	@tools/bare-test $(RELEASE)

## Whether two builds of the packages, in two folders, are the same bit by bit.
reproduce:
	@packaging/reproduce $(PLATFORMS)

## A branch with the PHP package as its root, for a repository that Composer reads.
split-php:
	@packaging/composer/split

## The benchmarks: how long a call takes, beside other clients. ROUNDS=5 is short.
bench: build
	@$(MAKE) --no-print-directory -C benches setup
	@$(MAKE) --no-print-directory -C benches bench

## What a call costs on each machine alike, beside what was recorded; RECORD=1 records anew.
bench-counts: build
	@$(MAKE) --no-print-directory -C benches setup-counts
	@$(MAKE) --no-print-directory -C benches counts

## The long run under faults: make soak CALLS=1000000 SEED=2.
soak:
	@$(MAKE) --no-print-directory -C tests/soak soak

## The long storm on each place of an outbox: make storm SEED=2.
storm: build
	@$(MAKE) --no-print-directory -C tests/storm setup storm

## The fuzzers of parser and builder.
fuzz:
	@$(MAKE) --no-print-directory -C fuzz fuzz
