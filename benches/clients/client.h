/* What a client in C provides; client.c is its main and takes the orders that
 * src/client.rs describes. */

#ifndef CLIENT_H
#define CLIENT_H

typedef struct target {
    char url[256];
    char ca_file[512];
    char *request; /* the signed request for one record */
} target;

/* What a thread needs to make calls; the first one connects. */
typedef struct caller caller;
caller *caller_new(const target *target);
void caller_call(caller *caller);

/* Ends the process with a message when something is not as it must be. */
void require(int holds, const char *what);

char *read_file(const char *folder, const char *name, long *out_length);

#endif
