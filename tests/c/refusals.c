/* Wrong arguments: the right status, a message that names thing and cure, and nothing sent. */
#include "check.h"

#include <oo_webhooks.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char not_utf8[] = "\xff\xfe";

static oo_options *usable_options(void)
{
    oo_options *options;

    assert_int_equal(oo_options_new(&options), OO_STATUS_OK);
    assert_int_equal(oo_options_set_credentials(options, "token", "secret"), OO_STATUS_OK);
    /* Nothing listens there: a call that is not refused fails at once. */
    assert_int_equal(oo_options_set_url(options, "http://127.0.0.1:1/"), OO_STATUS_OK);
    return options;
}

static oo_client *usable_client(void)
{
    oo_options *options = usable_options();
    oo_client *client;

    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    oo_options_free(options);
    return client;
}

static void options_refuse_null(void)
{
    oo_options *options = usable_options();

    assert_int_equal(oo_options_new(NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_from_env(NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_credentials(NULL, "token", "secret"), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_credentials(options, NULL, "secret"), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_credentials(options, "token", NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_url(NULL, "https://example.test/"), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_url(options, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_ca_file(NULL, "/dev/null"), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_ca_file(options, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_proxy(NULL, "http://127.0.0.1:1"), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_proxy(options, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_connect_timeout_ms(NULL, 1), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_timeout_ms(NULL, 1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_options_message(NULL), "options is NULL");
    oo_options_free(NULL);
    oo_options_free(options);
}

static void a_client_is_not_made_of_or_into_null(void)
{
    oo_options *options = usable_options();
    oo_client *client = (oo_client *)options;

    assert_int_equal(oo_client_new(NULL, &client), OO_STATUS_INVALID_ARGUMENT);
    assert_null(client);
    assert_int_equal(oo_client_new(options, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_client_new(NULL, NULL), OO_STATUS_INVALID_ARGUMENT);
    oo_client_free(NULL);
    oo_options_free(options);
}

/* Of what oo_client_new_with is given. */
static void assert_settings_refused(oo_status status, const char *token, const char *secret, const char *url,
                                    const char *ca_file, const char *proxy, int64_t connect_ms, int64_t ms)
{
    oo_client *client = (oo_client *)not_utf8;

    assert_int_equal(oo_client_new_with(token, secret, url, ca_file, proxy, connect_ms, ms, &client), status);
    assert_null(client);
}

static void settings_are_refused_as_their_setters_do(void)
{
    const char *good = "text", *none = NULL;

    assert_settings_refused(OO_STATUS_NOT_CONFIGURED, none, none, none, none, none, 0, 0);
    assert_settings_refused(OO_STATUS_INVALID_ARGUMENT, good, none, none, none, none, 0, 0);
    assert_settings_refused(OO_STATUS_INVALID_ARGUMENT, none, good, none, none, none, 0, 0);
    assert_settings_refused(OO_STATUS_INVALID_OPTION, "", good, none, none, none, 0, 0);
    assert_settings_refused(OO_STATUS_INVALID_ARGUMENT, not_utf8, good, none, none, none, 0, 0);
    assert_settings_refused(OO_STATUS_INVALID_OPTION, good, good, "ftp://host/", none, none, 0, 0);
    assert_settings_refused(OO_STATUS_INVALID_ARGUMENT, good, good, not_utf8, none, none, 0, 0);
    assert_settings_refused(OO_STATUS_INVALID_OPTION, good, good, none, "/nonexistent", none, 0, 0);
    assert_settings_refused(OO_STATUS_INVALID_OPTION, good, good, none, none, "socks://host", 0, 0);
    assert_settings_refused(OO_STATUS_INVALID_OPTION, good, good, none, none, none, -1, 0);
    assert_settings_refused(OO_STATUS_INVALID_OPTION, good, good, none, none, none, 0, 86400001);
    /* The token would be readable at the proxy. */
    assert_settings_refused(OO_STATUS_INVALID_OPTION, good, good, "http://127.0.0.1:1/", none, "http://proxy:1", 0, 0);
    assert_int_equal(oo_client_new_with(good, good, none, none, none, 0, 0, NULL), OO_STATUS_INVALID_ARGUMENT);
}

static void a_connection_is_not_opened_for_null_or_in_negative_time(void)
{
    oo_client *client = usable_client();

    assert_int_equal(oo_client_connect(NULL, 0), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_client_connect(client, -1), OO_STATUS_INVALID_ARGUMENT);
    oo_client_free(client);
}

static void null_is_not_probed(void)
{
    oo_probe *probe = (oo_probe *)not_utf8;

    assert_int_equal(oo_client_probe(NULL, &probe), OO_STATUS_INVALID_ARGUMENT);
    assert_null(probe);
    assert_int_equal(oo_client_probe(NULL, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_null(oo_probe_message(NULL));
    assert_null(oo_probe_keep_alive(NULL));
    assert_int_equal(oo_probe_http_status(NULL), 0);
    assert_int_equal(oo_probe_clock_ahead(NULL), INT64_MIN);
    oo_probe_free(NULL);
}

static void results_are_not_read_into_null(void)
{
    oo_result *result;

    oo_execute_webhooks("task", 0, &result);
    assert_int_equal(oo_result_read(result, sizeof(oo_result_fields), NULL), OO_STATUS_INVALID_ARGUMENT);
    oo_result_free(result);
}

/* The result is passed by its address: it is set by the call that gives `returned`. */
static void assert_refused(oo_status returned, oo_result *const *given, oo_status status, const char *names)
{
    oo_result *result = *given;

    assert_int_equal(returned, status);
    assert_int_equal(oo_result_status(result), status);
    assert_int_equal(oo_result_outcome(result), OO_OUTCOME_NOT_SENT);
    assert_int_equal(oo_result_http_status(result), 0);
    assert_int_equal(oo_result_error_code(result), 0);
    assert_null(oo_result_body(result, NULL));
    assert_names(oo_result_message(result), names);
    oo_result_free(result);
}

static void nothing_is_executed_that_cannot_be_read(void)
{
    oo_client *client = usable_client();
    oo_result_fields fields;
    oo_result *result;
    oo_status status;

    status = oo_client_execute_and_read(client, "task", 1, NULL, sizeof fields, &fields);
    assert_int_equal(status, OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(fields.status, OO_STATUS_INVALID_ARGUMENT);
    status = oo_client_execute_and_read(client, "task", 1, &result, sizeof fields, NULL);
    assert_refused(status, &result, OO_STATUS_INVALID_ARGUMENT, "out_fields");
    memset(&fields, 0x11, sizeof fields);
    status = oo_client_execute_and_read(client, "task", 1, &result, 8, &fields);
    assert_refused(status, &result, OO_STATUS_INVALID_ARGUMENT, "size");
    assert_int_equal(fields.status, 0x11111111);
    status = oo_client_execute_and_read(NULL, "task", 1, &result, sizeof fields, &fields);
    assert_int_equal(fields.status, OO_STATUS_INVALID_ARGUMENT);
    assert_refused(status, &result, OO_STATUS_INVALID_ARGUMENT, "client");
    oo_client_free(client);
}

static void executing_refuses_null_and_says_which(void)
{
    oo_client *client = usable_client();
    oo_result *result;

    assert_refused(oo_client_execute_webhooks(NULL, "task", 1, &result), &result, OO_STATUS_INVALID_ARGUMENT,
                   "client is NULL");
    assert_refused(oo_client_execute_webhooks(client, NULL, 1, &result), &result, OO_STATUS_INVALID_ARGUMENT,
                   "module is NULL");
    assert_refused(oo_execute_webhooks(NULL, 1, &result), &result, OO_STATUS_INVALID_ARGUMENT, "module is NULL");
    assert_int_equal(oo_client_execute_webhooks(NULL, NULL, 0, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_execute_webhooks(NULL, 0, NULL), OO_STATUS_INVALID_ARGUMENT);
    oo_client_free(client);
}

static void executing_refuses_unknown_modules_and_says_which_are_known(void)
{
    static const char *const modules[] = {"", "adress", "Address", "address ", "agentslog", "../etc"};
    oo_client *client = usable_client();
    oo_result *result;
    size_t i;

    for (i = 0; i < COUNT(modules); i++) {
        oo_status status = oo_client_execute_webhooks(client, modules[i], 7, &result);
        assert_null(oo_result_module(result));
        assert_int_equal(oo_result_id(result), 7);
        assert_refused(status, &result, OO_STATUS_INVALID_MODULE, "\"calendar\"");
    }
    assert_refused(oo_execute_webhooks("adress", 7, &result), &result, OO_STATUS_INVALID_MODULE, "\"adress\"");
    assert_refused(oo_client_execute_webhooks(client, not_utf8, 7, &result), &result, OO_STATUS_INVALID_ARGUMENT,
                   "module is not UTF-8");
    oo_client_free(client);
}

static void executing_refuses_ids_below_1(void)
{
    static const int64_t ids[] = {0, -1, INT64_MIN};
    oo_client *client = usable_client();
    oo_result *result;
    size_t i;

    for (i = 0; i < COUNT(ids); i++) {
        oo_status status = oo_client_execute_webhooks(client, "task", ids[i], &result);
        assert_string_equal(oo_result_module(result), "task");
        assert_true(oo_result_id(result) == ids[i]);
        assert_refused(status, &result, OO_STATUS_INVALID_ID, "1 or more");
    }
    assert_refused(oo_execute_webhooks("task", 0, &result), &result, OO_STATUS_INVALID_ID, "1 or more");
    oo_client_free(client);
}

static void requests_refuse_null(void)
{
    oo_client *client = usable_client();
    oo_request *request;
    oo_results *results = (oo_results *)client;
    size_t length = 99;

    assert_int_equal(oo_request_new(NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_request_new(&request), OO_STATUS_OK);
    assert_int_equal(oo_request_add(NULL, "task", 1), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_request_add(request, NULL, 1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "module is NULL");
    assert_int_equal(oo_request_add(request, "task", 1), OO_STATUS_OK);
    assert_null(oo_request_message(request));
    assert_int_equal(oo_request_count(NULL), 0);
    assert_int_equal(oo_request_sign(NULL, client, 1), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_request_sign(request, NULL, 1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "client is NULL");
    assert_null(oo_request_body(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(oo_request_body(NULL, NULL));
    assert_names(oo_request_message(NULL), "request is NULL");
    assert_int_equal(oo_client_execute_request(NULL, request, &results), OO_STATUS_INVALID_ARGUMENT);
    assert_null(results);
    results = (oo_results *)client;
    assert_int_equal(oo_client_execute_request(client, NULL, &results), OO_STATUS_INVALID_ARGUMENT);
    assert_null(results);
    assert_int_equal(oo_client_execute_request(client, request, NULL), OO_STATUS_CONNECT_FAILED);
    results = (oo_results *)client;
    assert_int_equal(oo_request_parse_response(NULL, 200, "{}", 2, &results), OO_STATUS_INVALID_ARGUMENT);
    assert_null(results);
    assert_int_equal(oo_request_parse_response(request, 200, NULL, 2, &results), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_request_parse_response(request, 200, NULL, 0, NULL), OO_STATUS_BAD_RESPONSE);
    oo_request_free(NULL);
    oo_request_free(request);
    oo_client_free(client);
}

static void requests_refuse_what_is_not_a_record_and_stay_as_they_were(void)
{
    oo_request *request;

    assert_int_equal(oo_request_new(&request), OO_STATUS_OK);
    assert_int_equal(oo_request_add(request, "task", 1), OO_STATUS_OK);
    assert_int_equal(oo_request_add(request, "agentslog", 1), OO_STATUS_INVALID_MODULE);
    assert_names(oo_request_message(request), "agentslog");
    assert_int_equal(oo_request_add(request, not_utf8, 1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "not UTF-8");
    assert_int_equal(oo_request_add(request, "task", 0), OO_STATUS_INVALID_ID);
    assert_names(oo_request_message(request), "1 or more");
    assert_int_equal(oo_request_add(request, "task", 1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "task 1 is in the request already");
    assert_int_equal(oo_request_count(request), 1);
    oo_request_free(request);
}

static void records_that_are_added_together_are_added_all_or_none(void)
{
    oo_request *request;
    const int64_t ids[] = {2, 3, 0}, again[] = {4, 3};
    static int64_t many[501];

    assert_int_equal(oo_request_new(&request), OO_STATUS_OK);
    assert_int_equal(oo_request_add(request, "task", 1), OO_STATUS_OK);
    assert_int_equal(oo_request_add_all(NULL, "task", ids, 2), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_request_add_all(request, NULL, ids, 2), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_request_add_all(request, "task", NULL, 2), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "ids is NULL");
    assert_int_equal(oo_request_add_all(request, "agentslog", ids, 2), OO_STATUS_INVALID_MODULE);
    assert_int_equal(oo_request_add_all(request, "task", ids, 3), OO_STATUS_INVALID_ID);
    assert_names(oo_request_message(request), "1 or more");
    assert_int_equal(oo_request_count(request), 1);
    assert_int_equal(oo_request_add_all(request, "task", ids, 2), OO_STATUS_OK);
    assert_null(oo_request_message(request));
    assert_int_equal(oo_request_count(request), 3);
    assert_int_equal(oo_request_add_all(request, "task", again, 2), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "task 3 is in the request already");
    for (int64_t id = 0; id < 501; id++)
        many[id] = id + 1;
    assert_int_equal(oo_request_add_all(request, "estate", many, 498), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "500 records");
    assert_int_equal(oo_request_add_all(request, "estate", many, SIZE_MAX), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_request_count(request), 3);
    assert_int_equal(oo_request_add_all(request, "estate", many, 0), OO_STATUS_OK);
    assert_int_equal(oo_request_add_all(request, "estate", many, 497), OO_STATUS_OK);
    assert_int_equal(oo_request_count(request), 500);
    oo_request_free(request);
}

static void an_empty_request_is_neither_signed_nor_executed_nor_parsed(void)
{
    oo_client *client = usable_client();
    oo_request *request;
    oo_results *results;

    assert_int_equal(oo_request_new(&request), OO_STATUS_OK);
    assert_int_equal(oo_request_sign(request, client, 1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "no record");
    assert_int_equal(oo_client_execute_request(client, request, &results), OO_STATUS_INVALID_ARGUMENT);
    assert_null(results);
    assert_int_equal(oo_request_parse_response(request, 200, "{}", 2, &results), OO_STATUS_INVALID_ARGUMENT);
    assert_null(results);
    oo_request_free(request);
    oo_client_free(client);
}

static void a_time_before_1970_is_not_signed(void)
{
    oo_client *client = usable_client();
    oo_request *request;

    oo_request_new(&request);
    oo_request_add(request, "task", 1);
    assert_int_equal(oo_request_sign(request, client, -1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_request_message(request), "Unix seconds");
    assert_null(oo_request_body(request, NULL));
    oo_request_free(request);
    oo_client_free(client);
}

static void a_number_that_is_no_http_status_is_not_parsed(void)
{
    static const int32_t strangers[] = {INT32_MIN, -200, 0, 99, 1000, INT32_MAX};
    oo_request *request;
    oo_results *results;
    size_t i;

    oo_request_new(&request);
    oo_request_add(request, "task", 1);
    for (i = 0; i < COUNT(strangers); i++) {
        assert_int_equal(oo_request_parse_response(request, strangers[i], "{}", 2, &results),
                         OO_STATUS_INVALID_ARGUMENT);
        assert_null(results);
    }
    oo_request_free(request);
}

static void results_that_are_null_read_as_empty(void)
{
    oo_result_fields fields;
    int32_t status;
    size_t length = 99;

    assert_int_equal(oo_results_count(NULL), 0);
    assert_null(oo_results_get(NULL, 0));
    oo_results_free(NULL);
    assert_int_equal(oo_result_status(NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_result_outcome(NULL), OO_OUTCOME_NOT_SENT);
    assert_null(oo_result_module(NULL));
    assert_int_equal(oo_result_id(NULL), 0);
    assert_int_equal(oo_result_http_status(NULL), 0);
    assert_int_equal(oo_result_error_code(NULL), 0);
    assert_null(oo_result_message(NULL));
    assert_null(oo_result_body(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(oo_result_body(NULL, NULL));
    assert_int_equal(oo_result_read(NULL, sizeof fields, &fields), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_results_statuses(NULL, 1, &status), 0);
    length = 99;
    assert_null(oo_results_messages(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(oo_results_messages(NULL, NULL));
    oo_result_free(NULL);
}

/* A setting that was refused stays refused, so that a caller need look only at oo_client_new. */
static void assert_no_client(oo_options *options, oo_status status, const char *names)
{
    oo_client *client;

    assert_names(oo_options_message(options), names);
    assert_int_equal(oo_client_new(options, &client), status);
    assert_null(client);
}

static void credentials_are_needed(void)
{
    oo_options *options;

    assert_int_equal(oo_options_new(&options), OO_STATUS_OK);
    assert_no_client(options, OO_STATUS_NOT_CONFIGURED, "ON_OFFICE_SECRET");
    assert_int_equal(oo_options_set_credentials(options, "", "secret"), OO_STATUS_INVALID_OPTION);
    assert_no_client(options, OO_STATUS_INVALID_OPTION, "token");
    assert_int_equal(oo_options_set_credentials(options, "token", ""), OO_STATUS_INVALID_OPTION);
    assert_no_client(options, OO_STATUS_INVALID_OPTION, "secret");
    assert_int_equal(oo_options_set_credentials(options, not_utf8, "secret"), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_set_credentials(options, "token", not_utf8), OO_STATUS_INVALID_ARGUMENT);
    assert_no_client(options, OO_STATUS_INVALID_ARGUMENT, "secret");
    oo_options_free(options);
}

static void urls_that_would_send_the_token_in_the_clear_are_refused(void)
{
    static const char *const urls[] = {"http://api.example/",
                                       "http://127.0.0.1.api.example/",
                                       "ftp://127.0.0.1/",
                                       "api.example/api.php",
                                       "https://",
                                       "",
                                       "https://u:p@api.example/",
                                       "http://localhost.api.example/"};
    size_t i;

    for (i = 0; i < COUNT(urls); i++) {
        oo_options *options = usable_options();
        assert_int_equal(oo_options_set_url(options, urls[i]), OO_STATUS_INVALID_OPTION);
        assert_no_client(options, OO_STATUS_INVALID_OPTION, "URL");
        assert_int_equal(oo_options_set_url(options, "http://localhost:1/"), OO_STATUS_OK);
        assert_null(oo_options_message(options));
        oo_options_free(options);
    }
}

static void unreadable_ca_files_are_refused_with_the_reason(void)
{
    char garbage[] = "/tmp/oo_webhooks-garbage-XXXXXX";
    int file = mkstemp(garbage);
    const struct {
        const char *path, *reason;
    } files[] = {
        {"/nonexistent/ca.pem", "no such file or directory"},
        {"/", "is a directory"},
        {"/dev/null", "holds no certificate"},
        {"", "no such file or directory"},
        {garbage, "not valid PEM"},
    };
    size_t i;

    assert_true(file >= 0);
    assert_int_equal(write(file, "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", 57), 57);
    close(file);
    for (i = 0; i < COUNT(files); i++) {
        oo_options *options = usable_options();
        assert_int_equal(oo_options_set_ca_file(options, files[i].path), OO_STATUS_INVALID_OPTION);
        assert_no_client(options, OO_STATUS_INVALID_OPTION, files[i].path);
        assert_no_client(options, OO_STATUS_INVALID_OPTION, files[i].reason);
        oo_options_free(options);
    }
    unlink(garbage);
}

static void proxies_that_are_not_http_are_refused(void)
{
    static const char *const proxies[] = {"socks5://127.0.0.1:1080", "127.0.0.1:3128", "", "http://"};
    size_t i;

    for (i = 0; i < COUNT(proxies); i++) {
        oo_options *options = usable_options();
        assert_int_equal(oo_options_set_proxy(options, proxies[i]), OO_STATUS_INVALID_OPTION);
        assert_no_client(options, OO_STATUS_INVALID_OPTION, "proxy");
        oo_options_free(options);
    }
}

static void timeouts_are_1_ms_to_a_day(void)
{
    static const int64_t refused[] = {0, -1, INT64_MIN, 86400001, INT64_MAX};
    oo_options *options = usable_options();
    size_t i;

    for (i = 0; i < COUNT(refused); i++) {
        assert_int_equal(oo_options_set_timeout_ms(options, refused[i]), OO_STATUS_INVALID_OPTION);
        assert_no_client(options, OO_STATUS_INVALID_OPTION, "86400000");
        assert_int_equal(oo_options_set_timeout_ms(options, 1), OO_STATUS_OK);
        assert_int_equal(oo_options_set_connect_timeout_ms(options, refused[i]), OO_STATUS_INVALID_OPTION);
        assert_no_client(options, OO_STATUS_INVALID_OPTION, "connect timeout");
        assert_int_equal(oo_options_set_connect_timeout_ms(options, 86400000), OO_STATUS_OK);
        assert_null(oo_options_message(options));
    }
    oo_options_free(options);
}

/* As from a getenv that found nothing: the default must not stand in for what was meant. */
static void a_setting_without_readable_text_stays_refused(void)
{
    static const struct {
        oo_status (*set)(oo_options *, const char *);
        const char *name;
    } setters[] = {
        {oo_options_set_url, "URL"},
        {oo_options_set_ca_file, "CA file"},
        {oo_options_set_proxy, "proxy"},
    };
    size_t i;

    for (i = 0; i < COUNT(setters); i++) {
        oo_options *options = usable_options();
        assert_int_equal(setters[i].set(options, NULL), OO_STATUS_INVALID_ARGUMENT);
        assert_no_client(options, OO_STATUS_INVALID_ARGUMENT, setters[i].name);
        assert_no_client(options, OO_STATUS_INVALID_ARGUMENT, "NULL");
        assert_int_equal(setters[i].set(options, not_utf8), OO_STATUS_INVALID_ARGUMENT);
        assert_no_client(options, OO_STATUS_INVALID_ARGUMENT, setters[i].name);
        assert_no_client(options, OO_STATUS_INVALID_ARGUMENT, "not UTF-8");
        oo_options_free(options);
    }
}

static void the_environment_is_refused_by_the_name_of_the_variable(void)
{
    static const struct {
        const char *variable, *value;
    } settings[] = {
        {"ON_OFFICE_URL", "http://api.example/"},  {"ON_OFFICE_CA_FILE", "/nonexistent/ca.pem"},
        {"ON_OFFICE_PROXY", "socks5://127.0.0.1"}, {"ON_OFFICE_TIMEOUT_MS", "0"},
        {"ON_OFFICE_TIMEOUT_MS", "30s"},           {"ON_OFFICE_URL", "\xff\xfe"},
    };
    oo_options *options;
    size_t i;

    setenv("ON_OFFICE_TOKEN", "token", 1);
    assert_int_equal(oo_options_from_env(&options), OO_STATUS_NOT_CONFIGURED);
    assert_no_client(options, OO_STATUS_NOT_CONFIGURED, "ON_OFFICE_SECRET is not");
    oo_options_free(options);
    setenv("ON_OFFICE_SECRET", "secret", 1);
    for (i = 0; i < COUNT(settings); i++) {
        setenv(settings[i].variable, settings[i].value, 1);
        assert_int_equal(oo_options_from_env(&options), OO_STATUS_INVALID_OPTION);
        assert_no_client(options, OO_STATUS_INVALID_OPTION, settings[i].variable);
        oo_options_free(options);
        unsetenv(settings[i].variable);
    }
    unsetenv("ON_OFFICE_TOKEN");
    unsetenv("ON_OFFICE_SECRET");
}

static void clear_environment(void)
{
    static const char *const names[] = {"ON_OFFICE_TOKEN",   "ON_OFFICE_SECRET", "ON_OFFICE_URL",
                                        "ON_OFFICE_CA_FILE", "ON_OFFICE_PROXY",  "ON_OFFICE_TIMEOUT_MS"};
    size_t i;

    for (i = 0; i < COUNT(names); i++)
        unsetenv(names[i]);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(options_refuse_null),
        TEST(a_client_is_not_made_of_or_into_null),
        TEST(settings_are_refused_as_their_setters_do),
        TEST(a_connection_is_not_opened_for_null_or_in_negative_time),
        TEST(null_is_not_probed),
        TEST(results_are_not_read_into_null),
        TEST(nothing_is_executed_that_cannot_be_read),
        TEST(executing_refuses_null_and_says_which),
        TEST(executing_refuses_unknown_modules_and_says_which_are_known),
        TEST(executing_refuses_ids_below_1),
        TEST(requests_refuse_null),
        TEST(requests_refuse_what_is_not_a_record_and_stay_as_they_were),
        TEST(records_that_are_added_together_are_added_all_or_none),
        TEST(an_empty_request_is_neither_signed_nor_executed_nor_parsed),
        TEST(a_time_before_1970_is_not_signed),
        TEST(a_number_that_is_no_http_status_is_not_parsed),
        TEST(results_that_are_null_read_as_empty),
        TEST(credentials_are_needed),
        TEST(urls_that_would_send_the_token_in_the_clear_are_refused),
        TEST(unreadable_ca_files_are_refused_with_the_reason),
        TEST(proxies_that_are_not_http_are_refused),
        TEST(timeouts_are_1_ms_to_a_day),
        TEST(a_setting_without_readable_text_stays_refused),
        TEST(the_environment_is_refused_by_the_name_of_the_variable),
    };
    return run_tests(tests, COUNT(tests), clear_environment, argc, argv);
}
