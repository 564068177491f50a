/*
 * Saves that the webhooks of a record are to be executed: after the app's own save, instead of waiting for onOffice.
 *
 *     cc outbox_example.c $(pkg-config --cflags --libs oo_webhooks) -o outbox_example
 *     ./outbox_example /var/spool/shop address 15005
 *
 * A worker executes them: oo-webhooks work --outbox /var/spool/shop
 */
#include <oo_webhooks.h>

#include <stdio.h>
#include <stdlib.h>

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "usage: %s FOLDER MODULE ID\n", arguments[0]);
        return 2;
    }
    oo_outbox *outbox = NULL;
    oo_status status = oo_outbox_open(arguments[1], &outbox);
    if (status == OO_STATUS_OK) {
        status = oo_outbox_put(outbox, arguments[2], strtoll(arguments[3], NULL, 10));
    }
    if (status == OO_STATUS_OK) {
        printf("saved: %s %s\n", arguments[2], arguments[3]);
    } else {
        fprintf(stderr, "%s\n", oo_outbox_message(outbox));
    }
    oo_outbox_free(outbox);
    return status == OO_STATUS_OK ? 0 : 1;
}
