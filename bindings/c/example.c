/*
 * Executes the marketplace webhooks of one record and shows what each outcome asks of the caller.
 *
 *     cc example.c $(pkg-config --cflags --libs oo_webhooks) -o example
 *     ON_OFFICE_TOKEN=... ON_OFFICE_SECRET=... ./example address 15005
 *
 * It ends with the number of the outcome: 0 executed, 1 rejected, 2 not sent, 3 in doubt.
 */
#include <oo_webhooks.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int execute(const char *module, int64_t id)
{
    oo_result *result;
    oo_outcome outcome;

    /* Token and secret, and a URL or CA file if set, come from the environment. */
    oo_execute_webhooks(module, id, &result);

    outcome = oo_result_outcome(result);
    switch (outcome) {
    case OO_OUTCOME_EXECUTED:
        printf("executed: %s %lld\n", module, (long long)id);
        break;
    case OO_OUTCOME_REJECTED:
        printf("fix the cause: %s (onOffice's error %d)\n", oo_result_message(result),
               (int)oo_result_error_code(result));
        break;
    case OO_OUTCOME_NOT_SENT:
        printf("nothing was sent: %s\n", oo_result_message(result));
        break;
    case OO_OUTCOME_IN_DOUBT:
        printf("a repeat may execute twice: %s\n", oo_result_message(result));
        break;
    }
    oo_result_free(result);
    return outcome;
}

int main(int argc, char **argv)
{
    const char *module = argc > 1 ? argv[1] : "address";
    const char *digits = argc > 2 ? argv[2] : "15005";
    char *end;
    long long id;

    errno = 0;
    id = strtoll(digits, &end, 10);
    if (end == digits || *end != '\0' || errno != 0) {
        fprintf(stderr, "usage: %s [estate|address|task|calendar] [id]\n", argv[0]);
        return 64;
    }
    return execute(module, id);
}
