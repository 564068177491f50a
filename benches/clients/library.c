/* oo_webhooks as its users have it: the installed shared library, called from C, default timeouts. */

#include "client.h"

#include <oo_webhooks.h>
#include <stddef.h>

static oo_client *client;

caller *caller_new(const target *target)
{
    if (client == NULL) {
        oo_options *options;
        oo_options_new(&options);
        oo_options_set_credentials(options, "0123456789abcdef0123456789abcdef",
                                   "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210");
        oo_options_set_url(options, target->url);
        oo_options_set_ca_file(options, target->ca_file);
        require(oo_client_new(options, &client) == OO_STATUS_OK, "no client");
        oo_options_free(options);
    }
    return (caller *)client; /* all threads share it */
}

void caller_call(caller *caller)
{
    oo_result *result;
    oo_status status = oo_client_execute_webhooks((const oo_client *)caller, "address", 15005, &result);
    require(status == OO_STATUS_OK, oo_result_message(result));
    oo_result_free(result);
}
