/* oo_webhooks as its users have it: the installed shared library, called from C. */

#include "client.h"

#include <oo_webhooks.h>
#include <string.h>

static oo_client *client;

caller *caller_new(const target *target)
{
    if (client == NULL) {
        oo_options *options;
        oo_options_new(&options);
        oo_options_set_credentials(options, TOKEN, SECRET);
        oo_options_set_url(options, target->url);
        oo_options_set_ca_file(options, target->ca_file);
        oo_options_set_connect_timeout_ms(options, 30000); /* a process that valgrind looks into is slow */
        require(oo_client_new(options, &client) == OO_STATUS_OK, "no client");
        oo_options_free(options);
    }
    return (caller *)client; /* all threads share it */
}

static oo_request *new_request(int records, int first_id)
{
    oo_request *request;
    oo_request_new(&request);
    for (int i = 0; i < records; i++)
        oo_request_add(request, MODULE, first_id + i);
    return request;
}

static void call_one(int id)
{
    oo_result *result;
    oo_status status = oo_client_execute_webhooks(client, MODULE, id, &result);
    require(status == OO_STATUS_OK, oo_result_message(result));
    oo_result_free(result);
}

void caller_call(caller *caller, int records, int first_id)
{
    (void)caller;
    if (records == 1) {
        call_one(first_id);
        return;
    }
    oo_request *request = new_request(records, first_id);
    oo_results *results;
    oo_status status = oo_client_execute_request(client, request, &results);
    require(status == OO_STATUS_OK, oo_result_message(oo_results_get(results, 0)));
    oo_results_free(results);
    oo_request_free(request);
}

void caller_connect(caller *caller)
{
    (void)caller;
    require(oo_client_connect(client, 0) == OO_STATUS_OK, "no connection");
}

void caller_sign(caller *caller, int records)
{
    (void)caller;
    oo_request *request = new_request(records, FIRST_ID);
    require(oo_request_sign(request, client, 1700000000) == OO_STATUS_OK, "not signed");
    oo_request_free(request);
}

void caller_parse(caller *caller, int records)
{
    static oo_request *request;
    static char *answer;
    (void)caller;
    if (oo_request_count(request) != (size_t)records) {
        request = new_request(records, FIRST_ID);
        require(oo_request_sign(request, client, 1700000000) == OO_STATUS_OK, "not signed");
        answer = answer_to(oo_request_body(request, NULL));
    }
    oo_results *results;
    oo_status status = oo_request_parse_response(request, 200, answer, strlen(answer), &results);
    require(status == OO_STATUS_OK, oo_result_message(oo_results_get(results, 0)));
    oo_results_free(results);
}
