/* A client shared by threads and used on both sides of a fork, as the header promises. */
#define _POSIX_C_SOURCE 200809L

#include "office.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, CALLS = 25 };

struct worker {
    pthread_t thread;
    const oo_client *client;
    int64_t first_id;
    int executed;
};

/* Assertions belong to the main thread. */
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

static void threads_share_a_client(void **state)
{
    oo_client *client = office_client();
    struct worker workers[THREADS];
    int i;

    (void)state;
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
    assert_int_equal(mock_count("executed"), THREADS * CALLS);
    assert_in_range(mock_count("connections"), 1, THREADS);
}

static int executed(const oo_client *client, int64_t id)
{
    return oo_client_execute_webhooks(client, "task", id, NULL) == OO_STATUS_OK;
}

/* Parent and child take turns on what would be one connection, were it shared. */
static void parent_and_child_execute_after_a_fork(void **state)
{
    oo_client *client = office_client();
    int64_t id;
    int exit_status;
    pid_t child;

    (void)state;
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
    assert_int_equal(mock_count("executed"), 42);
    assert_int_equal(mock_count("connections"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(threads_share_a_client, tidy_office),
        cmocka_unit_test_setup(parent_and_child_execute_after_a_fork, tidy_office),
    };
    return cmocka_run_group_tests_name("sharing", tests, start_office, stop_office);
}
