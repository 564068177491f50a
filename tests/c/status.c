/* Numbers, names and meanings: what a caller may write into a switch or a log. */
#include "check.h"

#include <oo_webhooks.h>

#include <stdio.h>
#include <string.h>

static const struct {
    int32_t number;
    const char *name;
    oo_outcome outcome;
} statuses[] = {
    {OO_STATUS_OK, "ok", OO_OUTCOME_EXECUTED},
    {OO_STATUS_INVALID_ARGUMENT, "invalid_argument", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_INVALID_MODULE, "invalid_module", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_INVALID_ID, "invalid_id", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_INVALID_OPTION, "invalid_option", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_NOT_CONFIGURED, "not_configured", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_DNS_FAILED, "dns_failed", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_CONNECT_FAILED, "connect_failed", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_CONNECT_TIMEOUT, "connect_timeout", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_TLS_FAILED, "tls_failed", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_PROXY_FAILED, "proxy_failed", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_OUT_OF_MEMORY, "out_of_memory", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_FORKED_TOO_EARLY, "forked_too_early", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_TIMEOUT, "timeout", OO_OUTCOME_IN_DOUBT},
    {OO_STATUS_CONNECTION_LOST, "connection_lost", OO_OUTCOME_IN_DOUBT},
    {OO_STATUS_BAD_RESPONSE, "bad_response", OO_OUTCOME_IN_DOUBT},
    {OO_STATUS_HTTP_ERROR, "http_error", OO_OUTCOME_IN_DOUBT},
    {OO_STATUS_SERVER_ERROR, "server_error", OO_OUTCOME_IN_DOUBT},
    {OO_STATUS_NOT_AUTHENTICATED, "not_authenticated", OO_OUTCOME_REJECTED},
    {OO_STATUS_CLOCK_SKEW, "clock_skew", OO_OUTCOME_REJECTED},
    {OO_STATUS_NOT_ALLOWED, "not_allowed", OO_OUTCOME_REJECTED},
    {OO_STATUS_UNKNOWN_RECORD, "unknown_record", OO_OUTCOME_REJECTED},
    {OO_STATUS_REJECTED, "rejected", OO_OUTCOME_REJECTED},
    {OO_STATUS_OUTBOX_FAILED, "outbox_failed", OO_OUTCOME_NOT_SENT},
    {OO_STATUS_INTERNAL, "internal", OO_OUTCOME_IN_DOUBT},
};

static const size_t status_count = COUNT(statuses);

static void every_status_has_its_name_and_outcome(void)
{
    size_t i;

    for (i = 0; i < status_count; i++) {
        assert_string_equal(oo_status_name(statuses[i].number), statuses[i].name);
        assert_int_equal(oo_status_outcome(statuses[i].number), statuses[i].outcome);
    }
}

static void every_status_says_what_it_means_in_one_line(void)
{
    size_t i;

    for (i = 0; i < status_count; i++) {
        assert_non_null(oo_status_message(statuses[i].number));
        assert_true(strlen(oo_status_message(statuses[i].number)) > 10);
        assert_null(strchr(oo_status_message(statuses[i].number), '\n'));
    }
}

/* A newer library may return a status that a caller was not compiled with, and the other way round. */
static void a_number_that_is_no_status_is_in_doubt(void)
{
    static const int32_t strangers[] = {-1, 6, 9, 17, 41, 89, 91, INT32_MAX, INT32_MIN};
    size_t i;

    for (i = 0; i < COUNT(strangers); i++) {
        assert_string_equal(oo_status_name(strangers[i]), "unknown");
        assert_int_equal(oo_status_outcome(strangers[i]), OO_OUTCOME_IN_DOUBT);
        assert_string_equal(oo_status_message(strangers[i]), "not a status");
    }
}

/* As the calls for several records have it. */
static void the_worst_of_two_needs_more_attention(void)
{
    static const struct {
        int32_t first, second, worst;
    } cases[] = {
        {OO_STATUS_OK, OO_STATUS_OK, OO_STATUS_OK},
        {OO_STATUS_OK, OO_STATUS_OUT_OF_MEMORY, OO_STATUS_OUT_OF_MEMORY},
        {OO_STATUS_FORKED_TOO_EARLY, OO_STATUS_OK, OO_STATUS_FORKED_TOO_EARLY},
        {OO_STATUS_DNS_FAILED, OO_STATUS_NOT_ALLOWED, OO_STATUS_NOT_ALLOWED},
        {OO_STATUS_TIMEOUT, OO_STATUS_REJECTED, OO_STATUS_TIMEOUT},
        {OO_STATUS_REJECTED, OO_STATUS_TIMEOUT, OO_STATUS_TIMEOUT},
        {OO_STATUS_BAD_RESPONSE, OO_STATUS_TIMEOUT, OO_STATUS_BAD_RESPONSE},
        {OO_STATUS_REJECTED, 77, 77},
        {77, OO_STATUS_REJECTED, 77},
        {OO_STATUS_TIMEOUT, 77, OO_STATUS_TIMEOUT},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++)
        assert_int_equal(oo_status_worst(cases[i].first, cases[i].second), cases[i].worst);
}

static void the_version_has_three_numbers_and_the_abi_one(void)
{
    unsigned major, minor, patch;
    char rest;

    assert_int_equal(sscanf(oo_version(), "%u.%u.%u%c", &major, &minor, &patch, &rest), 3);
    assert_int_equal(oo_abi_version(), 1);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(every_status_has_its_name_and_outcome),         TEST(every_status_says_what_it_means_in_one_line),
        TEST(a_number_that_is_no_status_is_in_doubt),        TEST(the_worst_of_two_needs_more_attention),
        TEST(the_version_has_three_numbers_and_the_abi_one),
    };
    return run_tests(tests, COUNT(tests), NULL, argc, argv);
}
