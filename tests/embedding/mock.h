/* The mock as a child process, seen from C: where it listens, what it executed, what goes wrong. */
#ifndef MOCK_H
#define MOCK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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

/* The account that the mock accepts unless it is told another one. */
extern const char *const MOCK_TOKEN;
extern const char *const MOCK_SECRET;

/* Starts build/bin/oo-webhooks mock with these arguments besides (NULL-terminated, may be NULL). */
void mock_start(struct mock *mock, const char *const *arguments);

/* Ends the mock, waits for it and removes its files. */
void mock_stop(struct mock *mock);

/* Sets ON_OFFICE_TOKEN and its like for it. */
void mock_environment(const struct mock *mock);

/* What the mock executed since it started or was reset, in order; freed by the caller. */
size_t mock_ledger(const struct mock *mock, struct entry **out_entries);

/* One of GET /mock/counts, such as "connections". */
long mock_count(const struct mock *mock, const char *name);

/* Replaces the faults by a JSON list. */
void mock_set_faults(const struct mock *mock, const char *json);

/* Forgets ledger, counts and faults. */
void mock_reset(const struct mock *mock);

#endif
