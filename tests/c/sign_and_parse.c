/* The builder and the parser without our HTTP client. */
#include "check.h"

#include <oo_webhooks.h>

#include <stdio.h>
#include <string.h>

#include "vectors.h" /* made from tests/vectors/hmac-v2.json by vectors.py */

static const size_t vector_count = COUNT(vectors);

/* What onOffice documents as the answer to one executed record. */
static const char success[] =
    "{\"status\":{\"code\":200,\"errorcode\":0,\"message\":\"OK\"},\"response\":{\"results\":[{"
    "\"actionid\":\"urn:onoffice-de-ns:smart:2.5:smartml:action:do\",\"resourceid\":\"15005\","
    "\"resourcetype\":\"executeMarketplaceWebhooks\",\"cacheable\":false,\"identifier\":\"\","
    "\"data\":{\"meta\":{\"cntabsolute\":null},\"records\":[{\"id\":0,\"type\":\"\","
    "\"elements\":{\"result\":\"success\"}}]},"
    "\"status\":{\"errorcode\":0,\"message\":\"OK\"}}]}}";

static oo_client *client_with(const char *token, const char *secret)
{
    oo_options *options;
    oo_client *client;

    assert_int_equal(oo_options_new(&options), OO_STATUS_OK);
    assert_int_equal(oo_options_set_credentials(options, token, secret), OO_STATUS_OK);
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    oo_options_free(options);
    return client;
}

static oo_request *request_for(const char *module, int64_t id)
{
    oo_request *request;

    assert_int_equal(oo_request_new(&request), OO_STATUS_OK);
    assert_int_equal(oo_request_add(request, module, id), OO_STATUS_OK);
    return request;
}

static void assert_has(const char *text, const char *format, const char *value)
{
    char expected[512];

    snprintf(expected, sizeof expected, format, value);
    assert_contains(text, expected);
}

static void a_request_is_signed_as_the_vectors_say(void)
{
    size_t i, length;

    assert_int_equal(vector_count, 8);
    for (i = 0; i < vector_count; i++) {
        oo_client *client = client_with(vectors[i].token, vectors[i].secret);
        oo_request *request = request_for("address", 15005);
        char timestamp[32];
        const char *body;

        assert_int_equal(oo_request_sign(request, client, vectors[i].timestamp), OO_STATUS_OK);
        body = oo_request_body(request, &length);
        assert_int_equal(length, strlen(body));
        assert_ptr_equal(oo_request_body(request, NULL), body);
        assert_has(body, "\"hmac\":\"%s\"", vectors[i].hmac);
        assert_has(body, "{\"token\":\"%s\"", vectors[i].token);
        snprintf(timestamp, sizeof timestamp, "%lld", (long long)vectors[i].timestamp);
        assert_has(body, "\"timestamp\":%s,", timestamp);
        oo_request_free(request);
        oo_client_free(client);
    }
}

static void the_known_mistakes_are_not_made(void)
{
    oo_client *client = client_with(vectors[0].token, vectors[0].secret);
    oo_request *request = request_for("address", 15005);
    size_t i;

    assert_string_equal(vectors[0].name, "A1");
    assert_int_equal(COUNT(wrong_answers_for_a1), 4);
    assert_int_equal(oo_request_sign(request, client, vectors[0].timestamp), OO_STATUS_OK);
    for (i = 0; i < 4; i++)
        assert_null(strstr(oo_request_body(request, NULL), wrong_answers_for_a1[i]));
    oo_request_free(request);
    oo_client_free(client);
}

static void the_body_says_what_the_documentation_asks_for(void)
{
    oo_client *client = client_with("token", "secret");
    oo_request *request = request_for("estate", 7);
    const char *body;

    assert_int_equal(oo_request_sign(request, client, 1), OO_STATUS_OK);
    body = oo_request_body(request, NULL);
    assert_has(body, "\"actionid\":\"%s\"", "urn:onoffice-de-ns:smart:2.5:smartml:action:do");
    assert_has(body, "\"resourceid\":\"%s\"", "7");
    assert_has(body, "\"resourcetype\":\"%s\"", "executeMarketplaceWebhooks");
    assert_has(body, "\"hmac_version\":\"%s\"", "2");
    assert_has(body, "\"parameters\":{\"module\":\"%s\"}", "estate");
    oo_request_free(request);
    oo_client_free(client);
}

static void the_secret_is_not_in_the_body(void)
{
    oo_client *client = client_with("some-token", "some-secret");
    oo_request *request = request_for("task", 1);

    oo_request_sign(request, client, 1);
    assert_null(strstr(oo_request_body(request, NULL), "some-secret"));
    oo_request_free(request);
    oo_client_free(client);
}

static void a_change_makes_the_signature_void(void)
{
    oo_client *client = client_with("token", "secret");
    oo_request *request = request_for("task", 1);
    size_t length = 99;

    assert_null(oo_request_body(request, &length));
    assert_int_equal(length, 0);
    assert_int_equal(oo_request_sign(request, client, 1), OO_STATUS_OK);
    assert_non_null(oo_request_body(request, NULL));
    assert_int_equal(oo_request_add(request, "task", 0), OO_STATUS_INVALID_ID);
    assert_non_null(oo_request_body(request, NULL));
    assert_int_equal(oo_request_add(request, "task", 2), OO_STATUS_OK);
    assert_null(oo_request_body(request, NULL));
    oo_request_free(request);
    oo_client_free(client);
}

static void the_documented_answer_is_executed(void)
{
    oo_request *request = request_for("address", 15005);
    oo_results *results;
    const oo_result *result;
    size_t length;

    assert_int_equal(oo_request_parse_response(request, 200, success, strlen(success), &results), OO_STATUS_OK);
    assert_int_equal(oo_results_count(results), 1);
    result = oo_results_get(results, 0);
    assert_int_equal(oo_result_outcome(result), OO_OUTCOME_EXECUTED);
    assert_int_equal(oo_result_http_status(result), 200);
    assert_memory_equal(oo_result_body(result, &length), success, strlen(success));
    assert_int_equal(length, strlen(success));
    oo_results_free(results);
    oo_request_free(request);
}

/* A response buffer is rarely NUL-terminated, and a request may be gone when its results are read. */
static void the_answer_is_read_to_its_length_and_copied(void)
{
    char buffer[sizeof success + 8];
    oo_request *request = request_for("address", 15005);
    oo_results *results;

    memset(buffer, 'x', sizeof buffer);
    memcpy(buffer, success, strlen(success));
    assert_int_equal(oo_request_parse_response(request, 200, buffer, strlen(success), &results), OO_STATUS_OK);
    oo_request_free(request);
    memset(buffer, 'x', sizeof buffer);
    assert_string_equal(oo_result_body(oo_results_get(results, 0), NULL), success);
    oo_results_free(results);
}

/* Every shorter answer is one that was cut: never executed. */
static void no_beginning_of_the_answer_is_taken_for_the_whole(void)
{
    oo_request *request = request_for("address", 15005);
    size_t length;

    for (length = 0; length < strlen(success); length++)
        assert_int_equal(oo_request_parse_response(request, 200, success, length, NULL), OO_STATUS_BAD_RESPONSE);
    oo_request_free(request);
}

static void a_gateways_page_is_in_doubt(void)
{
    static const char page[] = "<html>Bad Gateway</html>";
    oo_request *request = request_for("address", 15005);
    oo_results *results;

    assert_int_equal(oo_request_parse_response(request, 502, page, strlen(page), &results), OO_STATUS_HTTP_ERROR);
    assert_int_equal(oo_result_outcome(oo_results_get(results, 0)), OO_OUTCOME_IN_DOUBT);
    assert_int_equal(oo_result_http_status(oo_results_get(results, 0)), 502);
    assert_names(oo_result_message(oo_results_get(results, 0)), "502");
    oo_results_free(results);
    oo_request_free(request);
}

/* What the top level says fits an action that failed: the actions beside it are executed. */
static void an_error_on_top_that_another_action_explains_leaves_success_executed(void)
{
    static const char *const top_codes[] = {"97", "292"};
    static const char format[] =
        "{\"status\":{\"code\":500,\"errorcode\":%s,\"message\":\"Error\"},\"response\":{\"results\":["
        "{\"resourceid\":\"1\",\"status\":{\"errorcode\":0,\"message\":\"OK\"},"
        "\"data\":{\"records\":[{\"elements\":{\"result\":\"success\"}}]}},"
        "{\"resourceid\":\"2\",\"status\":{\"errorcode\":292,\"message\":\"Unknown\"}}]}}";
    char answer[1024];
    size_t i;

    for (i = 0; i < 2; i++) {
        oo_request *request = request_for("task", 1);
        oo_results *results;

        assert_int_equal(oo_request_add(request, "address", 2), OO_STATUS_OK);
        snprintf(answer, sizeof answer, format, top_codes[i]);
        assert_int_equal(oo_request_parse_response(request, 200, answer, strlen(answer), &results),
                         OO_STATUS_UNKNOWN_RECORD);
        assert_int_equal(oo_result_outcome(oo_results_get(results, 0)), OO_OUTCOME_EXECUTED);
        assert_int_equal(oo_result_error_code(oo_results_get(results, 1)), 292);
        oo_results_free(results);
        oo_request_free(request);
    }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(a_request_is_signed_as_the_vectors_say),
        TEST(the_known_mistakes_are_not_made),
        TEST(the_body_says_what_the_documentation_asks_for),
        TEST(the_secret_is_not_in_the_body),
        TEST(a_change_makes_the_signature_void),
        TEST(the_documented_answer_is_executed),
        TEST(the_answer_is_read_to_its_length_and_copied),
        TEST(no_beginning_of_the_answer_is_taken_for_the_whole),
        TEST(a_gateways_page_is_in_doubt),
        TEST(an_error_on_top_that_another_action_explains_leaves_success_executed),
    };
    return run_tests(tests, COUNT(tests), NULL, argc, argv);
}
