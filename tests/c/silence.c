/* The library prints nothing, whatever happens. */
#include "check.h"
#include "client.h"
#include "mock.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct mock mock;

static void execute_under(const char *fault, oo_status expected)
{
    oo_options *options = options_for(&mock);
    oo_client *client;

    mock_renew(&mock);
    mock_set_faults(&mock, fault);
    oo_options_set_timeout_ms(options, 5000);
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    assert_int_equal(oo_client_execute_webhooks(client, "task", 1, NULL), expected);
    oo_client_free(client);
    oo_options_free(options);
}

static void one_of_each_kind(void)
{
    oo_options *options;

    execute_under("", OO_STATUS_OK);
    execute_under("{\"kind\":\"error_code\",\"code\":137}", OO_STATUS_NOT_AUTHENTICATED);
    execute_under("{\"kind\":\"drop_after_executing\",\"how\":\"reset\"}", OO_STATUS_CONNECTION_LOST);
    execute_under("{\"kind\":\"stall_before_reading\"}", OO_STATUS_TIMEOUT);
    execute_under("{\"kind\":\"garbage\"}", OO_STATUS_BAD_RESPONSE);
    execute_under("{\"kind\":\"http_status\",\"status\":502}", OO_STATUS_HTTP_ERROR);
    execute_under("{\"kind\":\"tls_alert\"}", OO_STATUS_TLS_FAILED);
    assert_int_equal(oo_execute_webhooks("task", 1, NULL), OO_STATUS_NOT_CONFIGURED);
    assert_int_equal(oo_execute_webhooks(NULL, 0, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_options_new(&options), OO_STATUS_OK);
    assert_int_equal(oo_options_set_ca_file(options, "/nonexistent"), OO_STATUS_INVALID_OPTION);
    oo_options_free(options);
}

static void nothing_is_printed(void)
{
    FILE *printed = tmpfile();
    int out = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
    long length;

    assert_non_null(printed);
    fflush(stdout);
    fflush(stderr);
    dup2(fileno(printed), STDOUT_FILENO);
    dup2(fileno(printed), STDERR_FILENO);
    one_of_each_kind();
    fflush(stdout);
    fflush(stderr);
    dup2(out, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    close(out);
    close(error);
    fseek(printed, 0, SEEK_END);
    length = ftell(printed);
    fclose(printed);
    assert_int_equal(length, 0);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(nothing_is_printed),
    };
    setenv("RUST_BACKTRACE", "1", 1);
    mock_start(&mock, mock_without_404);
    int failed = run_tests(tests, COUNT(tests), NULL, argc, argv);
    mock_stop(&mock);
    return failed;
}
