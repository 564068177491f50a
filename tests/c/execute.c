/* The main job, end to end: what a caller is told is what the mock's ledger holds. */
#include "check.h"
#include "client.h"
#include "mock.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct mock mock;

/* For each test: an empty ledger and no connection. */
static void renew_mock(void)
{
    mock_renew(&mock);
}

static void clear_environment(void)
{
    unsetenv("ON_OFFICE_TOKEN");
    unsetenv("ON_OFFICE_SECRET");
    unsetenv("ON_OFFICE_URL");
    unsetenv("ON_OFFICE_CA_FILE");
    unsetenv("ON_OFFICE_TIMEOUT_MS");
}

static void the_one_call_executes_a_record_with_the_environments_settings(void)
{
    oo_result *result;
    const char *body;
    size_t length;

    mock_environment(&mock);
    assert_int_equal(oo_execute_webhooks("address", 15005, &result), OO_STATUS_OK);
    clear_environment();

    assert_int_equal(oo_result_status(result), OO_STATUS_OK);
    assert_int_equal(oo_result_outcome(result), OO_OUTCOME_EXECUTED);
    assert_string_equal(oo_result_module(result), "address");
    assert_int_equal(oo_result_id(result), 15005);
    assert_int_equal(oo_result_http_status(result), 200);
    assert_int_equal(oo_result_error_code(result), 0);
    assert_log_line(oo_result_message(result));
    body = oo_result_body(result, &length);
    assert_non_null(body);
    assert_int_equal(length, strlen(body));
    assert_ptr_equal(oo_result_body(result, NULL), body);
    assert_non_null(strstr(body, "\"success\""));
    oo_result_free(result);
    assert_string_equal(mock_executed(&mock), "address:15005");
    assert_int_equal(oo_set_default_client(NULL), OO_STATUS_OK);
}

static void a_status_is_enough_for_a_caller_without_interest_in_the_result(void)
{
    oo_client *client = client_for(&mock);

    assert_int_equal(oo_client_execute_webhooks(client, "task", 3, NULL), OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "task", 404, NULL), OO_STATUS_UNKNOWN_RECORD);
    oo_client_free(client);
    assert_string_equal(mock_executed(&mock), "task:3");
}

static void the_default_client_can_be_set_and_taken_back(void)
{
    oo_client *client = client_for(&mock);
    oo_result *result;

    assert_int_equal(oo_set_default_client(client), OO_STATUS_OK);
    oo_client_free(client);
    assert_int_equal(oo_execute_webhooks("estate", 7, NULL), OO_STATUS_OK);

    assert_int_equal(oo_set_default_client(NULL), OO_STATUS_OK);
    assert_int_equal(oo_execute_webhooks("estate", 8, &result), OO_STATUS_NOT_CONFIGURED);
    assert_names(oo_result_message(result), "ON_OFFICE_TOKEN");
    oo_result_free(result);
    assert_string_equal(mock_executed(&mock), "estate:7");
}

static void options_come_from_the_environment_and_can_be_put_right(void)
{
    oo_options *options;
    oo_client *client;

    mock_environment(&mock);
    setenv("ON_OFFICE_TIMEOUT_MS", "soon", 1);
    assert_int_equal(oo_options_from_env(&options), OO_STATUS_INVALID_OPTION);
    assert_names(oo_options_message(options), "ON_OFFICE_TIMEOUT_MS");
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_INVALID_OPTION);
    assert_null(client);

    assert_int_equal(oo_options_set_timeout_ms(options, 20000), OO_STATUS_OK);
    assert_null(oo_options_message(options));
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    clear_environment();
    oo_options_free(options);
    assert_int_equal(oo_client_execute_webhooks(client, "calendar", 42, NULL), OO_STATUS_OK);
    oo_client_free(client);
    assert_string_equal(mock_executed(&mock), "calendar:42");
}

static void a_client_does_not_change_with_the_options_it_was_made_of(void)
{
    oo_options *options = options_for(&mock);
    oo_client *client;

    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    assert_int_equal(oo_options_set_url(options, "https://127.0.0.1:1/"), OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "task", 1, NULL), OO_STATUS_OK);
    oo_options_free(options);
    assert_int_equal(oo_client_execute_webhooks(client, "task", 2, NULL), OO_STATUS_OK);
    oo_client_free(client);
    assert_string_equal(mock_executed(&mock), "task:1,task:2");
}

static void a_request_gives_one_result_for_each_record_in_order(void)
{
    static const char *const modules[] = {"estate", "address", "task", "calendar"};
    oo_client *client = client_for(&mock);
    oo_request *request;
    oo_results *results;
    size_t i;

    assert_int_equal(oo_request_new(&request), OO_STATUS_OK);
    assert_int_equal(oo_request_count(request), 0);
    for (i = 0; i < 4; i++)
        assert_int_equal(oo_request_add(request, modules[i], (int64_t)i + 1), OO_STATUS_OK);
    assert_int_equal(oo_request_add(request, "task", 404), OO_STATUS_OK);
    assert_int_equal(oo_request_count(request), 5);

    assert_int_equal(oo_client_execute_request(client, request, &results), OO_STATUS_UNKNOWN_RECORD);
    assert_int_equal(oo_results_count(results), 5);
    for (i = 0; i < 4; i++) {
        const oo_result *result = oo_results_get(results, i);
        assert_int_equal(oo_result_status(result), OO_STATUS_OK);
        assert_string_equal(oo_result_module(result), modules[i]);
        assert_int_equal(oo_result_id(result), i + 1);
    }
    assert_int_equal(oo_result_status(oo_results_get(results, 4)), OO_STATUS_UNKNOWN_RECORD);
    assert_int_equal(oo_result_error_code(oo_results_get(results, 4)), 80);
    assert_null(oo_results_get(results, 5));
    assert_null(oo_results_get(results, SIZE_MAX));
    oo_results_free(results);
    assert_string_equal(mock_executed(&mock), "estate:1,address:2,task:3,calendar:4");
    assert_int_equal(mock_count(&mock, "requests"), 1);
    oo_request_free(request);
    oo_client_free(client);
}

/* What one call reads is what nine do. */
static void assert_reads_alike(const oo_result *result)
{
    oo_result_fields fields;
    const char *body;
    size_t length;

    memset(&fields, 0xff, sizeof fields);
    assert_int_equal(oo_result_read(result, sizeof fields, &fields), OO_STATUS_OK);
    assert_int_equal(fields.status, oo_result_status(result));
    assert_int_equal(fields.outcome, oo_result_outcome(result));
    assert_ptr_equal(fields.module, oo_result_module(result));
    assert_int_equal(fields.id, oo_result_id(result));
    assert_int_equal(fields.http_status, oo_result_http_status(result));
    assert_int_equal(fields.error_code, oo_result_error_code(result));
    assert_ptr_equal(fields.message, oo_result_message(result));
    assert_int_equal(fields.message_length, strlen(fields.message));
    body = oo_result_body(result, &length);
    assert_ptr_equal(fields.body, body);
    assert_int_equal(fields.body_length, length);
}

static void a_result_can_be_read_at_once(void)
{
    oo_client *client = client_for(&mock);
    oo_result *result;

    oo_client_execute_webhooks(client, "address", 5, &result);
    assert_reads_alike(result);
    oo_result_free(result);
    oo_client_execute_webhooks(client, "task", 404, &result);
    assert_reads_alike(result);
    oo_result_free(result);
    /* Without a module and an answer. */
    oo_client_execute_webhooks(client, "adress", 5, &result);
    assert_reads_alike(result);
    oo_result_free(result);
    oo_client_free(client);
}

static void a_record_can_be_executed_and_read_by_one_call(void)
{
    static const char *const modules[] = {"address", "task", "adress"};
    static const int64_t ids[] = {5, 404, 5};
    oo_client *client = client_for(&mock);

    for (size_t i = 0; i < 3; i++) {
        oo_result_fields fields, read;
        oo_result *result;
        oo_status status;

        memset(&fields, 0xff, sizeof fields);
        status = oo_client_execute_and_read(client, modules[i], ids[i], &result, sizeof fields, &fields);
        assert_int_equal(status, oo_result_status(result));
        oo_result_read(result, sizeof read, &read);
        assert_memory_equal(&fields, &read, sizeof read);
        oo_result_free(result);
    }
    assert_string_equal(mock_executed(&mock), "address:5");
    oo_client_free(client);
}

/* Of a server that accepts a connection and says nothing, in far less than the 30 s of a call. */
static void assert_connect_timeout_counts(void)
{
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    char url[64];
    oo_client *client;

    assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server, 1), 0);
    getsockname(server, (struct sockaddr *)&address, &length);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", ntohs(address.sin_port));
    assert_int_equal(oo_client_new_with("token", "secret", url, NULL, NULL, 200, 0, &client), OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "address", 8, NULL), OO_STATUS_CONNECT_TIMEOUT);
    oo_client_free(client);
    close(server);
}

static void a_client_can_be_made_of_its_settings_by_one_call(void)
{
    oo_client *client;

    assert_int_equal(oo_client_new_with(MOCK_TOKEN, MOCK_SECRET, mock.url, mock.ca_file, NULL, 0, 0, &client),
                     OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "address", 5, NULL), OO_STATUS_OK);
    oo_client_free(client);
    /* Each setting counts: nothing listens at the proxy, and the answer comes late. */
    assert_int_equal(
        oo_client_new_with(MOCK_TOKEN, MOCK_SECRET, mock.url, mock.ca_file, "http://127.0.0.1:1", 5000, 30000, &client),
        OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "address", 6, NULL), OO_STATUS_PROXY_FAILED);
    oo_client_free(client);
    mock_set_faults(&mock, "{\"kind\":\"delay\",\"ms\":1000}");
    assert_int_equal(oo_client_new_with(MOCK_TOKEN, MOCK_SECRET, mock.url, mock.ca_file, NULL, 0, 200, &client),
                     OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "address", 7, NULL), OO_STATUS_TIMEOUT);
    oo_client_free(client);
    assert_connect_timeout_counts();
}

/* A program that was compiled with a longer or shorter struct than the library's. */
static void a_result_is_read_into_the_size_that_the_caller_knows(void)
{
    struct {
        oo_result_fields known;
        char later[40];
    } fields;
    static const char zeros[sizeof fields.later];
    oo_client *client = client_for(&mock);
    oo_result *result;

    oo_client_execute_webhooks(client, "address", 5, &result);
    memset(&fields, 0xff, sizeof fields);
    assert_int_equal(oo_result_read(result, sizeof fields, &fields.known), OO_STATUS_OK);
    assert_int_equal(fields.known.id, 5);
    assert_memory_equal(fields.later, zeros, sizeof zeros);

    memset(&fields, 0xff, sizeof fields);
    assert_int_equal(oo_result_read(result, sizeof fields.known, &fields.known), OO_STATUS_OK);
    assert_int_equal(fields.later[0], (char)0xff);

    memset(&fields, 0xff, sizeof fields);
    assert_int_equal(oo_result_read(result, 8, &fields.known), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(fields.known.id, -1);
    oo_result_free(result);
    oo_client_free(client);
}

static void the_statuses_and_messages_of_a_batch_can_be_read_at_once(void)
{
    oo_client *client = client_for(&mock);
    oo_request *request;
    oo_results *results;
    const int64_t ids[] = {1, 404, 2};
    int32_t statuses[4] = {-1, -1, -1, -1};
    char messages[2048] = "";
    size_t length;

    oo_request_new(&request);
    oo_request_add_all(request, "task", ids, 3);
    oo_client_execute_request(client, request, &results);
    assert_int_equal(oo_results_statuses(results, 2, statuses), 2);
    assert_int_equal(statuses[0], OO_STATUS_OK);
    assert_int_equal(statuses[1], OO_STATUS_UNKNOWN_RECORD);
    assert_int_equal(statuses[2], -1);
    assert_int_equal(oo_results_statuses(results, 4, statuses), 3);
    assert_int_equal(statuses[2], OO_STATUS_OK);
    assert_int_equal(statuses[3], -1);
    for (size_t i = 0; i < 3; i++) {
        strcat(messages, oo_result_message(oo_results_get(results, i)));
        strcat(messages, i < 2 ? "\n" : "");
    }
    assert_string_equal(oo_results_messages(results, &length), messages);
    assert_int_equal(length, strlen(messages));
    assert_string_equal(oo_results_messages(results, NULL), messages);
    oo_results_free(results);
    oo_request_free(request);
    oo_client_free(client);
}

static void a_connection_that_was_opened_ahead_is_the_next_calls(void)
{
    oo_client *client = client_for(&mock);

    assert_int_equal(oo_client_connect(client, 0), OO_STATUS_OK);
    assert_int_equal(oo_client_connect(client, 10000), OO_STATUS_OK);
    assert_int_equal(mock_count(&mock, "requests"), 0);
    assert_int_equal(oo_client_execute_webhooks(client, "task", 3, NULL), OO_STATUS_OK);
    assert_int_equal(mock_count(&mock, "connections"), 1);
    oo_client_free(client);
}

static void opening_ahead_says_why_there_is_no_connection(void)
{
    oo_options *options = options_for(&mock);
    oo_client *client;

    assert_int_equal(oo_options_set_url(options, "https://127.0.0.1:1/"), OO_STATUS_OK);
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    assert_int_equal(oo_client_connect(client, 0), OO_STATUS_CONNECT_FAILED);
    oo_client_free(client);
    assert_int_equal(oo_options_set_proxy(options, "http://127.0.0.1:1"), OO_STATUS_OK);
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    assert_int_equal(oo_client_connect(client, 0), OO_STATUS_PROXY_FAILED);
    oo_client_free(client);
    oo_options_free(options);
}

static void a_probe_executes_nothing_and_compares_the_clocks(void)
{
    oo_client *client = client_for(&mock);
    oo_options *options = options_for(&mock);
    oo_probe *probe;

    assert_int_equal(oo_client_probe(client, &probe), OO_STATUS_OK);
    assert_string_equal(oo_probe_message(probe), "");
    assert_int_equal(oo_probe_http_status(probe), 200);
    assert_true(llabs(oo_probe_clock_ahead(probe)) <= 2);
    assert_null(oo_probe_keep_alive(probe));
    oo_probe_free(probe);
    assert_int_equal(oo_client_probe(client, NULL), OO_STATUS_OK);
    oo_client_free(client);

    assert_int_equal(oo_options_set_url(options, "https://127.0.0.1:1/"), OO_STATUS_OK);
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    assert_int_equal(oo_client_probe(client, &probe), OO_STATUS_CONNECT_FAILED);
    assert_names(oo_probe_message(probe), "127.0.0.1:1");
    assert_int_equal(oo_probe_http_status(probe), 0);
    assert_int_equal(oo_probe_clock_ahead(probe), INT64_MIN);
    oo_probe_free(probe);
    oo_client_free(client);
    oo_options_free(options);
    assert_string_equal(mock_executed(&mock), "-");
}

static void five_hundred_records_go_in_one_exchange_and_no_more(void)
{
    oo_client *client = client_for(&mock);
    oo_request *request;
    oo_results *results;
    int64_t id;

    oo_request_new(&request);
    for (id = 1; id <= 500; id++)
        assert_int_equal(oo_request_add(request, "address", 1000 + id), OO_STATUS_OK);
    assert_int_equal(oo_request_add(request, "address", 1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "500");
    assert_int_equal(oo_client_execute_request(client, request, &results), OO_STATUS_OK);
    assert_int_equal(oo_results_count(results), 500);
    assert_int_equal(oo_result_id(oo_results_get(results, 499)), 1500);
    oo_results_free(results);
    oo_request_free(request);
    oo_client_free(client);
    assert_int_equal(mock_count(&mock, "executed"), 500);
    assert_int_equal(mock_count(&mock, "requests"), 1);
}

static void a_record_may_be_executed_again_by_another_call(void)
{
    oo_client *client = client_for(&mock);

    assert_int_equal(oo_client_execute_webhooks(client, "address", 5, NULL), OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "address", 5, NULL), OO_STATUS_OK);
    oo_client_free(client);
    assert_string_equal(mock_executed(&mock), "address:5,address:5");
}

/* Clients come and go, as in PHP requests; the connection stays. */
static void connections_outlive_the_client(void)
{
    int64_t id;

    for (id = 1; id <= 5; id++) {
        oo_client *client = client_for(&mock);
        assert_int_equal(oo_client_execute_webhooks(client, "estate", id, NULL), OO_STATUS_OK);
        oo_client_free(client);
    }
    assert_int_equal(mock_count(&mock, "requests"), 5);
    assert_int_equal(mock_count(&mock, "connections"), 1);
}

static void nothing_is_repeated_once_bytes_left(void)
{
    oo_client *client = client_for(&mock);

    mock_set_faults(&mock, "{\"kind\":\"drop_after_executing\",\"times\":1}");
    assert_int_equal(oo_client_execute_webhooks(client, "task", 9, NULL), OO_STATUS_CONNECTION_LOST);
    oo_client_free(client);
    assert_string_equal(mock_executed(&mock), "task:9");
    assert_int_equal(mock_count(&mock, "requests"), 1);
}

static void a_short_timeout_bounds_the_whole_call(void)
{
    oo_options *options = options_for(&mock);
    oo_client *client;
    oo_result *result;

    mock_set_faults(&mock, "{\"kind\":\"stall_before_reading\"}");
    assert_int_equal(oo_options_set_timeout_ms(options, 2000), OO_STATUS_OK);
    assert_int_equal(oo_options_set_connect_timeout_ms(options, 1900), OO_STATUS_OK);
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "task", 9, &result), OO_STATUS_TIMEOUT);
    assert_int_equal(oo_result_outcome(result), OO_OUTCOME_IN_DOUBT);
    assert_int_equal(oo_result_http_status(result), 0);
    assert_null(oo_result_body(result, NULL));
    oo_result_free(result);
    oo_client_free(client);
    oo_options_free(options);
}

/* Nothing listens at port 1: what the proxy is told is not reached, and nothing goes around it. */
static void a_proxy_is_not_gone_around(void)
{
    oo_options *options = options_for(&mock);
    oo_client *client;
    oo_result *result;

    assert_int_equal(oo_options_set_proxy(options, "http://user:hidden@127.0.0.1:1"), OO_STATUS_OK);
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "task", 9, &result), OO_STATUS_PROXY_FAILED);
    assert_names(oo_result_message(result), "127.0.0.1:1");
    assert_null(strstr(oo_result_message(result), "hidden"));
    oo_result_free(result);
    oo_client_free(client);
    oo_options_free(options);
    assert_int_equal(mock_count(&mock, "connections"), 0);
}

static void proxies_of_the_environment_are_not_used(void)
{
    static const char *const names[] = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"};
    oo_options *options = options_for(&mock);
    oo_client *client;
    size_t i;

    for (i = 0; i < 4; i++)
        setenv(names[i], "http://127.0.0.1:1", 1);
    /* Settings that no other test has: connections that are there already cannot hide a proxy. */
    assert_int_equal(oo_options_set_timeout_ms(options, 29999), OO_STATUS_OK);
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "task", 9, NULL), OO_STATUS_OK);
    for (i = 0; i < 4; i++)
        unsetenv(names[i]);
    oo_client_free(client);
    oo_options_free(options);
    assert_string_equal(mock_executed(&mock), "task:9");
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(the_one_call_executes_a_record_with_the_environments_settings),
        TEST(a_status_is_enough_for_a_caller_without_interest_in_the_result),
        TEST(the_default_client_can_be_set_and_taken_back),
        TEST(options_come_from_the_environment_and_can_be_put_right),
        TEST(a_client_does_not_change_with_the_options_it_was_made_of),
        TEST(a_request_gives_one_result_for_each_record_in_order),
        TEST(a_result_can_be_read_at_once),
        TEST(a_record_can_be_executed_and_read_by_one_call),
        TEST(a_client_can_be_made_of_its_settings_by_one_call),
        TEST(a_result_is_read_into_the_size_that_the_caller_knows),
        TEST(the_statuses_and_messages_of_a_batch_can_be_read_at_once),
        TEST(a_connection_that_was_opened_ahead_is_the_next_calls),
        TEST(opening_ahead_says_why_there_is_no_connection),
        TEST(a_probe_executes_nothing_and_compares_the_clocks),
        TEST(five_hundred_records_go_in_one_exchange_and_no_more),
        TEST(a_record_may_be_executed_again_by_another_call),
        TEST(connections_outlive_the_client),
        TEST(nothing_is_repeated_once_bytes_left),
        TEST(a_short_timeout_bounds_the_whole_call),
        TEST(a_proxy_is_not_gone_around),
        TEST(proxies_of_the_environment_are_not_used),
    };
    mock_start(&mock, mock_without_404);
    int failed = run_tests(tests, COUNT(tests), renew_mock, argc, argv);
    mock_stop(&mock);
    return failed;
}
