# `make demo` shows it, `make test` proves it; both install what they need on Debian or Ubuntu.

BUILD := $(CURDIR)/build
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)

.PHONY: build
## The library, headers and program as they are installed, below build/.
build:
	@tools/stage $(BUILD)
