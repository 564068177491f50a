/* Runs every case of tests/conformance/cases.tsv, which its README.md explains, through the C API. */
#include "check.h"
#include "client.h"
#include "mock.h"
#include "table.h"

#include <oo_webhooks.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef CASES
#error "CASES names the table"
#endif

static struct mock mock;

enum { MAX_RECORDS = 16 };

static const char *const columns[] = {"name",     "call",        "credentials", "settings", "records",
                                      "fault",    "status",      "outcome",     "error",    "http_status",
                                      "statuses", "error_codes", "executed",    NULL};
enum column {
    NAME,
    CALL,
    CREDENTIALS,
    SETTINGS,
    RECORDS,
    FAULT,
    STATUS,
    OUTCOME,
    ERROR,
    HTTP_STATUS,
    STATUSES,
    ERROR_CODES,
    EXECUTED
};

struct record {
    char module[32];
    int64_t id;
};

/* What came back: the status returned, and what each result says. */
struct reply {
    oo_status status;
    int http_status;
    char statuses[512];
    char error_codes[512];
};

static size_t read_records(const char *text, struct record *records)
{
    size_t count = 0;

    if (strcmp(text, "-") == 0)
        return 0;
    for (; text != NULL; text = strchr(text, ',')) {
        size_t length;
        text += *text == ',';
        length = strcspn(text, ":");
        assert_true(count < MAX_RECORDS && length < sizeof records->module);
        memcpy(records[count].module, text, length);
        records[count].module[length] = '\0';
        records[count].id = strtoll(text + length + 1, NULL, 10);
        count++;
    }
    return count;
}

static void set_credentials(oo_options *options, const char *which)
{
    const char *token = MOCK_TOKEN, *secret = MOCK_SECRET;

    if (strcmp(which, "none") == 0)
        return;
    if (strcmp(which, "wrong_secret") == 0) {
        secret = "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0002";
    } else if (strcmp(which, "unknown_token") == 0) {
        token = "MockTokenMockTokenMockToken00002";
    } else if (strcmp(which, "swapped") == 0) {
        token = MOCK_SECRET;
        secret = MOCK_TOKEN;
    } else if (strcmp(which, "provider") == 0) {
        token = MOCK_PROVIDER_TOKEN;
    } else {
        assert_string_equal(which, "right");
    }
    assert_int_equal(oo_options_set_credentials(options, token, secret), OO_STATUS_OK);
}

/* What the setters refuse shows at oo_client_new. */
static void set_option(oo_options *options, const char *key, const char *value)
{
    if (strcmp(key, "url") == 0)
        oo_options_set_url(options, value);
    else if (strcmp(key, "proxy") == 0)
        oo_options_set_proxy(options, value);
    else if (strcmp(key, "ca_file") == 0)
        oo_options_set_ca_file(options, value);
    else if (strcmp(key, "timeout_ms") == 0)
        oo_options_set_timeout_ms(options, strtoll(value, NULL, 10));
    else if (strcmp(key, "connect_timeout_ms") == 0)
        oo_options_set_connect_timeout_ms(options, strtoll(value, NULL, 10));
    else
        CHECK(0, "unknown setting %s", key);
}

static oo_options *make_options(const struct row *test)
{
    oo_options *options;
    char settings[512];
    char *setting;

    oo_options_new(&options);
    set_credentials(options, test->field[CREDENTIALS]);
    oo_options_set_url(options, mock.url);
    if (strstr(test->field[SETTINGS], "ca_file=") == NULL)
        oo_options_set_ca_file(options, mock.ca_file);
    snprintf(settings, sizeof settings, "%s", test->field[SETTINGS]);
    for (setting = strtok(settings, " "); setting != NULL; setting = strtok(NULL, " ")) {
        char *equals = strchr(setting, '=');
        if (equals == NULL || strcmp(setting, "ca_file=bundled") == 0)
            continue;
        *equals = '\0';
        set_option(options, setting, equals + 1);
    }
    return options;
}

static void note(struct reply *reply, const oo_result *result, const struct record *record)
{
    size_t used = strlen(reply->statuses);
    const char *comma = used > 0 ? "," : "";

    assert_string_equal(oo_result_module(result), record->module);
    assert_true(oo_result_id(result) == record->id);
    assert_int_equal(oo_result_outcome(result), oo_status_outcome(oo_result_status(result)));
    assert_log_line(oo_result_message(result));
    snprintf(reply->statuses + used, sizeof reply->statuses - used, "%s%s", comma,
             oo_status_name(oo_result_status(result)));
    used = strlen(reply->error_codes);
    snprintf(reply->error_codes + used, sizeof reply->error_codes - used, "%s%d", comma,
             (int)oo_result_error_code(result));
    reply->http_status = oo_result_http_status(result);
}

/* An argument that is refused gives a result in C; bindings throw their own error instead of it. */
static void execute_one(const oo_client *client, const struct record *record, int refused, struct reply *reply)
{
    oo_result *result;

    reply->status = oo_client_execute_webhooks(client, record->module, record->id, &result);
    assert_non_null(result);
    assert_int_equal(oo_result_status(result), reply->status);
    if (refused)
        assert_log_line(oo_result_message(result));
    else
        note(reply, result, record);
    oo_result_free(result);
}

static void execute_all(const oo_client *client, const struct record *records, size_t count, struct reply *reply)
{
    oo_request *request;
    oo_results *results;
    size_t i;

    oo_request_new(&request);
    for (i = 0; i < count && reply->status == OO_STATUS_OK; i++)
        reply->status = oo_request_add(request, records[i].module, records[i].id);
    if (reply->status == OO_STATUS_OK) {
        reply->status = oo_client_execute_request(client, request, &results);
        assert_int_equal(oo_results_count(results), count);
        for (i = 0; i < count; i++)
            note(reply, oo_results_get(results, i), &records[i]);
        oo_results_free(results);
    }
    oo_request_free(request);
}

static struct reply execute_row(const struct row *test)
{
    struct reply reply = {OO_STATUS_OK, 0, "", ""};
    struct record records[MAX_RECORDS];
    size_t count = read_records(test->field[RECORDS], records);
    oo_options *options = make_options(test);
    oo_client *client;

    reply.status = oo_client_new(options, &client);
    if (reply.status != OO_STATUS_OK) {
        assert_null(client);
        assert_log_line(oo_options_message(options));
    } else if (strcmp(test->field[CALL], "one") == 0) {
        execute_one(client, records, strcmp(test->field[ERROR], "argument") == 0, &reply);
    } else {
        execute_all(client, records, count, &reply);
    }
    oo_client_free(client);
    oo_options_free(options);
    if (reply.statuses[0] == '\0') {
        strcpy(reply.statuses, "-");
        strcpy(reply.error_codes, "-");
    }
    return reply;
}

static void run_case(const void *row)
{
    static const char *const outcomes[] = {"executed", "rejected", "not_sent", "in_doubt"};
    const struct row *test = row;
    struct reply reply;

    mock_renew(&mock);
    if (strcmp(test->field[FAULT], "-") != 0)
        mock_set_faults(&mock, test->field[FAULT]);
    reply = execute_row(test);

    assert_string_equal(oo_status_name(reply.status), test->field[STATUS]);
    assert_string_equal(outcomes[oo_status_outcome(reply.status)], test->field[OUTCOME]);
    assert_string_equal(reply.statuses, test->field[STATUSES]);
    assert_string_equal(reply.error_codes, test->field[ERROR_CODES]);
    assert_int_equal(reply.http_status, strtol(test->field[HTTP_STATUS], NULL, 10));
    assert_string_equal(mock_executed(&mock), test->field[EXECUTED]);
}

int main(int argc, char **argv)
{
    mock_start(&mock, mock_without_404);
    /* Under valgrind a process's first call takes longer than the timeouts of the table. The processes of the rows have
       the code of this one translated already. */
    oo_client *client = client_for(&mock);
    assert_int_equal(oo_client_execute_webhooks(client, "task", 1, NULL), OO_STATUS_OK);
    oo_client_free(client);
    int failed = run_table(CASES, columns, run_case, argc, argv);
    mock_stop(&mock);
    return failed;
}
