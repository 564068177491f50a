/* A client shared by threads and used on both sides of a fork, as the header promises. */
#include "check.h"
#include "client.h"
#include "mock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct mock mock;

enum { THREADS = 8, CALLS = 25 };

/* For each test: an empty ledger and no connection. */
static void renew_mock(void)
{
    mock_renew(&mock);
}

struct worker {
    pthread_t thread;
    const oo_client *client;
    int64_t first_id;
    int executed;
};

static void *execute_some(void *argument)
{
    struct worker *worker = argument;
    int64_t id;

    for (id = worker->first_id; id < worker->first_id + CALLS; id++) {
        oo_result *result;
        if (oo_client_execute_webhooks(worker->client, "address", id, &result) == OO_STATUS_OK
            && oo_result_id(result) == id && strstr(oo_result_body(result, NULL), "success") != NULL)
            worker->executed++;
        oo_result_free(result);
    }
    return NULL;
}

static void threads_share_a_client(void)
{
    oo_client *client = client_for(&mock);
    struct worker workers[THREADS];
    int i;

    for (i = 0; i < THREADS; i++) {
        workers[i].client = client;
        workers[i].first_id = 1000 * (i + 1);
        workers[i].executed = 0;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, execute_some, &workers[i]), 0);
    }
    for (i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].executed, CALLS);
    }
    oo_client_free(client);
    assert_int_equal(mock_count(&mock, "executed"), THREADS * CALLS);
    CHECK(mock_count(&mock, "connections") <= THREADS, "%ld", mock_count(&mock, "connections"));
}

static int executed(const oo_client *client, int64_t id)
{
    return oo_client_execute_webhooks(client, "task", id, NULL) == OO_STATUS_OK;
}

/* Parent and child take turns on what would be one connection, were it shared. */
static void parent_and_child_execute_after_a_fork(void)
{
    oo_client *client = client_for(&mock);
    int64_t id;
    int exit_status;
    pid_t child;

    assert_true(executed(client, 1));
    child = fork();
    if (child == 0) {
        int all = 1;
        for (id = 100; id < 120; id++)
            all &= executed(client, id);
        oo_client_free(client);
        _exit(all ? 0 : 1);
    }
    assert_true(child > 0);
    for (id = 200; id < 220; id++)
        assert_true(executed(client, id));
    assert_int_equal(waitpid(child, &exit_status, 0), child);
    assert_true(WIFEXITED(exit_status) && WEXITSTATUS(exit_status) == 0);
    assert_true(executed(client, 2));
    oo_client_free(client);
    assert_int_equal(mock_count(&mock, "executed"), 42);
    assert_int_equal(mock_count(&mock, "connections"), 2);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(threads_share_a_client),
        TEST(parent_and_child_execute_after_a_fork),
    };
    mock_start(&mock, mock_without_404);
    int failed = run_tests(tests, COUNT(tests), renew_mock, argc, argv);
    mock_stop(&mock);
    return failed;
}
