/* Threads: any number may call at a time, on one client or on clients that come and go. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "client.h"
#include "mock.h"
#include "oo_webhooks.h"

#define THREADS 64
#define CALLS 50 /* of each thread */

static struct mock mock;
static oo_client *shared;
static pthread_barrier_t barrier;
static atomic_int next_thread;

static void run_threads(void *(*run)(void *))
{
    pthread_t threads[THREADS];
    atomic_store(&next_thread, 0);
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int index = 0; index < THREADS; index++)
        CHECK(pthread_create(&threads[index], NULL, run, NULL) == 0, "no thread");
    for (int index = 0; index < THREADS; index++)
        pthread_join(threads[index], NULL);
    pthread_barrier_destroy(&barrier);
}

static void check_that_each_was_executed_once(void)
{
    struct entry *entries;
    size_t total = mock_ledger(&mock, &entries);
    CHECK(total == THREADS * CALLS, "%zu executed", total);
    char *seen = calloc(THREADS * CALLS + 1, 1);
    for (size_t index = 0; index < total; index++) {
        CHECK(entries[index].id >= 1 && entries[index].id <= THREADS * CALLS, "address %ld", (long)entries[index].id);
        CHECK(!seen[entries[index].id]++, "address %ld was executed twice", (long)entries[index].id);
    }
    free(seen);
    free(entries);
}

static void *call_on_the_shared_client(void *unused)
{
    int64_t first = (int64_t)atomic_fetch_add(&next_thread, 1) * CALLS + 1;
    pthread_barrier_wait(&barrier);
    for (int call = 0; call < CALLS; call++)
        execute(shared, first + call);
    return unused;
}

static void one_client_is_shared_by_64_threads(void)
{
    mock_reset(&mock);
    run_threads(call_on_the_shared_client);
    check_that_each_was_executed_once();
    long connections = mock_count(&mock, "connections");
    CHECK(connections <= THREADS, "%ld connections", connections);
}

/* Every second thread makes a client for each call and frees it; every eighth makes it the default. */
static void *call_on_clients_that_come_and_go(void *unused)
{
    int thread = atomic_fetch_add(&next_thread, 1);
    int64_t first = (int64_t)thread * CALLS + 1;
    pthread_barrier_wait(&barrier);
    for (int call = 0; call < CALLS; call++) {
        if (thread % 2 == 0) {
            execute(shared, first + call);
            continue;
        }
        oo_client *client = client_for(&mock);
        if (thread % 8 == 1)
            CHECK(oo_set_default_client(client) == OO_STATUS_OK, "refused");
        if (thread % 8 == 3) {
            oo_client_free(client);
            oo_result *result;
            oo_execute_webhooks("address", first + call, &result);
            CHECK(is_answer_to(result, first + call), "%s", oo_result_message(result));
            oo_result_free(result);
        } else {
            execute(client, first + call);
            oo_client_free(client);
        }
    }
    return unused;
}

static void clients_come_and_go_while_others_call(void)
{
    mock_reset(&mock);
    CHECK(oo_set_default_client(shared) == OO_STATUS_OK, "refused");
    run_threads(call_on_clients_that_come_and_go);
    check_that_each_was_executed_once();
    CHECK(oo_set_default_client(NULL) == OO_STATUS_OK, "refused");
}

/* A request that nobody changes may be read by any number of threads. */
static oo_request *request;

static void *parse_the_shared_request(void *unused)
{
    static const char answer[] =
        "{\"status\":{\"code\":200,\"errorcode\":0,\"message\":\"OK\"},\"response\":{\"results\":[{"
        "\"actionid\":\"urn:onoffice-de-ns:smart:2.5:smartml:action:do\",\"resourceid\":\"7\","
        "\"resourcetype\":\"executeMarketplaceWebhooks\",\"identifier\":\"\","
        "\"data\":{\"records\":[{\"id\":0,\"type\":\"\",\"elements\":{\"result\":\"success\"}}]},"
        "\"status\":{\"errorcode\":0,\"message\":\"OK\"}}]}}";
    pthread_barrier_wait(&barrier);
    for (int call = 0; call < CALLS; call++) {
        oo_results *results;
        oo_status status = oo_request_parse_response(request, 200, answer, strlen(answer), &results);
        CHECK(status == OO_STATUS_OK, "%s", oo_result_message(oo_results_get(results, 0)));
        oo_results_free(results);
    }
    return unused;
}

static void one_request_is_read_by_64_threads(void)
{
    oo_request_new(&request);
    oo_request_add(request, "task", 7);
    CHECK(oo_request_sign(request, shared, 1700000000) == OO_STATUS_OK, "%s", oo_request_message(request));
    run_threads(parse_the_shared_request);
    oo_request_free(request);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(one_client_is_shared_by_64_threads),
        TEST(clients_come_and_go_while_others_call),
        TEST(one_request_is_read_by_64_threads),
    };
    mock_start(&mock, NULL);
    shared = client_for(&mock);
    int failed = run_tests(tests, COUNT(tests), NULL, argc, argv);
    oo_client_free(shared);
    mock_stop(&mock);
    return failed;
}
