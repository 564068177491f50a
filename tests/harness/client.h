/* Clients of the mock, and calls that must succeed. */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdint.h>

#include "mock.h"
#include "oo_webhooks.h"

/* Options and a client for the mock with the default account, freed by the caller. */
oo_options *options_for(const struct mock *mock);
oo_client *client_for(const struct mock *mock);

/* Whether the result is executed and its answer is about this very record. */
int is_answer_to(const oo_result *result, int64_t id);

/* Executes address `id` and ends the test unless it was executed and answered as such. */
void execute(const oo_client *client, int64_t id);

#endif
