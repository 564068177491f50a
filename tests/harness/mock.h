/* The mock as a child process, seen from C: where it listens, what it executed, what goes wrong. */
#ifndef MOCK_H
#define MOCK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The accounts that the mock accepts unless it is told another one: a customer's, and a provider's token. */
#define MOCK_TOKEN "MockTokenMockTokenMockToken00001"
#define MOCK_SECRET "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001"
#define MOCK_PROVIDER_TOKEN "MockProviderMockProviderToken001"

struct mock {
    pid_t pid;
    int input; /* the mock ends when this closes */
    int control_port;
    char url[128];
    char folder[64];
    char ca_file[96];
};

/* What the mock executed: one record on one of its connections. */
struct entry {
    char module[16];
    int64_t id;
    long connection;
};

/* Arguments for mock_start: the record 404 of each module does not exist. */
extern const char *const mock_without_404[];

/* Starts build/bin/oo-webhooks mock with these arguments besides (NULL-terminated, may be NULL), and removes every
   ON_OFFICE_ variable from the environment. Ends the program with a message when that fails. */
void mock_start(struct mock *mock, const char *const *arguments);

/* Ends the mock, waits for it and removes its files. */
void mock_stop(struct mock *mock);

/* Sets ON_OFFICE_TOKEN and its like for it. */
void mock_environment(const struct mock *mock);

/* What the mock executed since it started or was reset, in order; freed by the caller. */
size_t mock_ledger(const struct mock *mock, struct entry **out_entries);

/* The same as "module:id" joined by commas, and "-" when nothing was executed. Valid until the next call. */
const char *mock_executed(const struct mock *mock);

/* One of GET /mock/counts, such as "connections". */
long mock_count(const struct mock *mock, const char *name);

/* Replaces the faults by these: JSON objects joined by commas. */
void mock_set_faults(const struct mock *mock, const char *faults);

/* Forgets ledger, counts and faults. */
void mock_reset(const struct mock *mock);

/* mock_reset, and closes the connections that no request is on: the next call opens one. */
void mock_renew(const struct mock *mock);

#endif
