#include "client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

oo_options *options_for(const struct mock *mock)
{
    oo_options *options;
    oo_options_new(&options);
    oo_options_set_credentials(options, MOCK_TOKEN, MOCK_SECRET);
    oo_options_set_url(options, mock->url);
    oo_options_set_ca_file(options, mock->ca_file);
    return options;
}

oo_client *client_for(const struct mock *mock)
{
    oo_options *options = options_for(mock);
    oo_client *client;
    oo_status status = oo_client_new(options, &client);
    CHECK(status == OO_STATUS_OK, "%s", oo_options_message(options));
    oo_options_free(options);
    return client;
}

int is_answer_to(const oo_result *result, int64_t id)
{
    char resource[64];
    snprintf(resource, sizeof resource, "\"resourceid\":\"%" PRId64 "\"", id);
    const char *body = oo_result_body(result, NULL);
    return oo_result_status(result) == OO_STATUS_OK && oo_result_id(result) == id && body && strstr(body, resource);
}

void execute(const oo_client *client, int64_t id)
{
    oo_result *result;
    oo_client_execute_webhooks(client, "address", id, &result);
    CHECK(is_answer_to(result, id), "address %" PRId64 ": %s: %s", id, oo_result_message(result),
          oo_result_body(result, NULL));
    oo_result_free(result);
}
