/* The mock of the onOffice API, as a process of its own, for one test program. */
#ifndef MOCK_H
#define MOCK_H

#include <stddef.h>

#define MOCK_TOKEN "MockTokenMockTokenMockToken00001"
#define MOCK_SECRET "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001"
#define MOCK_PROVIDER_TOKEN "MockProviderMockProviderToken001"

/* Starts the mock and removes every ON_OFFICE_ variable from the environment. The record 404 of each
   module does not exist. Ends the program with a message when that fails, and after five minutes in
   any case. */
void mock_start(void);

/* Ends the mock. */
void mock_stop(void);

/* The URL of the API and the CA file to trust. */
const char *mock_url(void);
const char *mock_ca_file(void);

/* Empties ledger, counts and faults, and closes the connections that wait: the next call opens one. */
void mock_reset(void);

/* Arms faults: JSON objects joined by commas. */
void mock_faults(const char *faults);

/* What was executed, in order, as "module:id" joined by commas; "-" when nothing was. Valid until the
   next call. */
const char *mock_executed(void);

/* One of the numbers of GET /mock/counts. */
long mock_count(const char *name);

#endif
