/* What a client in C provides; client.c is its main and takes the orders that README.md describes. */

#ifndef CLIENT_H
#define CLIENT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TOKEN "MockTokenMockTokenMockToken00001"
#define SECRET "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001"
#define ACTION_ID "urn:onoffice-de-ns:smart:2.5:smartml:action:do"
#define RESOURCE_TYPE "executeMarketplaceWebhooks"
#define MODULE "address"

/* The first record of all, whose id has seven digits. */
enum { FIRST_ID = 1000000 };

typedef struct target {
    const char *url, *ca_file;
} target;

/* What a thread needs to make calls; its first one connects. */
typedef struct caller caller;
caller *caller_new(const target *target);
void caller_call(caller *caller, int records, int first_id);
/* Opens a connection ahead. */
void caller_connect(caller *caller);

/* The same without a connection. What is parsed is the answer to a request of this process. */
void caller_sign(caller *caller, int records);
void caller_parse(caller *caller, int records);

/* The documented answer of success to a signed request, with its labels. */
char *answer_to(const char *request);

/* Ends the process with a message when something is not as it must be. */
void require(int holds, const char *what);

#ifdef __cplusplus
}
#endif

#endif
