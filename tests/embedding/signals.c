/* Signals: a peer that goes away while we write does not end the host by SIGPIPE, and a host that
 * gets signals all the time, without SA_RESTART, has the same outcomes at the same times. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "check.h"
#include "client.h"
#include "dispositions.h"
#include "mock.h"
#include "oo_webhooks.h"

static struct mock mock;
static oo_client *client;

static oo_client *client_with_timeouts(int64_t connect_timeout_ms, int64_t timeout_ms)
{
    oo_options *options = options_for(&mock);
    oo_options_set_connect_timeout_ms(options, connect_timeout_ms);
    oo_options_set_timeout_ms(options, timeout_ms);
    oo_client *hasty;
    CHECK(oo_client_new(options, &hasty) == OO_STATUS_OK, "%s", oo_options_message(options));
    oo_options_free(options);
    return hasty;
}

/* 500 records: more than goes out in one piece. */
static oo_request *large_request(void)
{
    oo_request *request;
    oo_request_new(&request);
    for (int id = 1; id <= 500; id++)
        oo_request_add(request, "estate", id);
    return request;
}

static void a_peer_that_resets_while_we_write(void)
{
    signal(SIGPIPE, SIG_DFL);
    oo_request *request = large_request();
    static const char *const faults[] = {
        "{\"kind\":\"drop_after_handshake\",\"how\":\"reset\"}",     "{\"kind\":\"drop_after_handshake\"}",
        "{\"kind\":\"drop_before_reading\",\"how\":\"reset\"}",      "{\"kind\":\"drop_before_reading\"}",
        "{\"kind\":\"drop_after_head\",\"how\":\"reset\"}",          "{\"kind\":\"drop_after_head\"}",
        "{\"kind\":\"drop_in_body\",\"after\":1,\"how\":\"reset\"}",
    };
    for (size_t fault = 0; fault < sizeof faults / sizeof *faults; fault++) {
        mock_set_faults(&mock, faults[fault]);
        for (int round = 0; round < 50; round++) {
            oo_results *results;
            oo_status status = oo_client_execute_request(client, request, &results);
            CHECK(status == OO_STATUS_CONNECTION_LOST || status == OO_STATUS_CONNECT_FAILED, "%s: %s: %s",
                  faults[fault], oo_status_name(status), oo_result_message(oo_results_get(results, 0)));
            oo_results_free(results);
        }
    }
    CHECK(mock_count(&mock, "executed") == 0, "%ld executed", mock_count(&mock, "executed"));
    mock_set_faults(&mock, "");
    oo_request_free(request);
}

static atomic_long signals;

static void count_signal(int number)
{
    (void)number;
    atomic_fetch_add(&signals, 1);
}

/* SIGALRM every 200 microseconds, which no system call sleeps through. */
static void begin_storm(void)
{
    struct sigaction action = {.sa_handler = count_signal};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 200}, {0, 200}};
    atomic_store(&signals, 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0, "%s", strerror(errno));
}

static void end_storm(long at_least)
{
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    /* Drops one that is still on its way. */
    signal(SIGALRM, SIG_IGN);
    signal(SIGALRM, SIG_DFL);
    CHECK(atomic_load(&signals) >= at_least, "only %ld signals came", atomic_load(&signals));
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void calls_in_a_storm_are_executed(void)
{
    mock_reset(&mock);
    mock_set_faults(&mock, "{\"kind\":\"delay\",\"ms\":20}");
    begin_storm();
    for (int id = 1; id <= 50; id++)
        execute(client, id);
    end_storm(1000);
    CHECK(mock_count(&mock, "executed") == 50, "%ld executed", mock_count(&mock, "executed"));

    mock_set_faults(&mock, "{\"kind\":\"drip\",\"bytes\":40,\"every_ms\":5}");
    begin_storm();
    for (int id = 51; id <= 60; id++)
        execute(client, id);
    end_storm(100);
}

/* A new connection for each call. */
static void connections_are_made_in_a_storm(void)
{
    struct mock closing;
    mock_start(&closing, (const char *[]){"--no-keep-alive", NULL});
    oo_client *other = client_for(&closing);
    begin_storm();
    for (int id = 1; id <= 100; id++)
        execute(other, id);
    end_storm(20);
    oo_client_free(other);
    mock_stop(&closing);
}

static void expect_timeout(const char *faults, oo_client *hasty, oo_status expected, double timeout)
{
    mock_set_faults(&mock, faults);
    begin_storm();
    double start = milliseconds();
    oo_result *result;
    oo_status status = oo_client_execute_webhooks(hasty, "address", 1, &result);
    double took = milliseconds() - start;
    end_storm(100);
    CHECK(status == expected, "%s: after %.0f ms: %s", faults, took, oo_result_message(result));
    oo_result_free(result);
    /* The kernel counts a socket's timeout in ticks and may be part of one early. */
    CHECK(took > timeout - 10 && took < timeout + 400, "%s: %.0f ms", faults, took);
}

static void deadlines_hold_in_a_storm(void)
{
    oo_client *hasty = client_with_timeouts(5000, 300);
    expect_timeout("{\"kind\":\"delay\",\"ms\":60000}", hasty, OO_STATUS_TIMEOUT, 300);
    expect_timeout("{\"kind\":\"drip\",\"bytes\":1,\"every_ms\":50}", hasty, OO_STATUS_TIMEOUT, 300);
    oo_client_free(hasty);
    hasty = client_with_timeouts(300, 5000);
    expect_timeout("{\"kind\":\"stall_handshake\"}", hasty, OO_STATUS_CONNECT_TIMEOUT, 300);
    oo_client_free(hasty);
    mock_set_faults(&mock, "");
}

static void dispositions_and_mask_stay_as_they_are(void)
{
    signal(SIGPIPE, SIG_DFL);
    mock_reset(&mock);
    struct dispositions before = dispositions_now();
    execute(client, 1000);
    oo_client *hasty = client_with_timeouts(5000, 100);
    mock_set_faults(&mock, "{\"kind\":\"delay\",\"ms\":60000}");
    CHECK(oo_client_execute_webhooks(hasty, "address", 1001, NULL) == OO_STATUS_TIMEOUT, "no timeout");
    mock_set_faults(&mock, "");
    oo_client_free(hasty);
    struct dispositions after = dispositions_now();
    CHECK(dispositions_equal(&before, &after), "a disposition or the mask changed");
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(a_peer_that_resets_while_we_write),      TEST(calls_in_a_storm_are_executed),
        TEST(connections_are_made_in_a_storm),        TEST(deadlines_hold_in_a_storm),
        TEST(dispositions_and_mask_stay_as_they_are),
    };
    mock_start(&mock, NULL);
    client = client_for(&mock);
    int failed = run_tests(tests, COUNT(tests), NULL, argc, argv);
    oo_client_free(client);
    mock_stop(&mock);
    return failed;
}
