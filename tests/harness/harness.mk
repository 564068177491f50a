# What the programs of the tests in C are built with: the harness of this folder, and the library of BUILD. A
# Makefile that includes this sets ROOT and BUILD first.

HARNESS := $(ROOT)/tests/harness
HARNESS_CFLAGS := -std=c11 -D_GNU_SOURCE -Wall -Wextra -pedantic -Werror -g -O1 -pthread -I$(HARNESS) \
	-I$(BUILD)/include -DBUILD='"$(BUILD)"'
HARNESS_LDLIBS := -L$(BUILD)/lib -loo_webhooks -Wl,-rpath,$(BUILD)/lib
# The second is for programs that are linked to the library.
HARNESS_SOURCES := $(HARNESS)/check.c $(HARNESS)/mock.c
HARNESS_CLIENT := $(HARNESS)/client.c
HARNESS_FILES := $(wildcard $(HARNESS)/*.[ch]) $(HARNESS)/harness.mk $(BUILD)/lib/liboo_webhooks.so.1

$(BUILD)/lib/liboo_webhooks.so.1:
	@$(ROOT)/tools/stage $(BUILD)
