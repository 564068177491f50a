/* Many calls: descriptors, memory and threads of the process stay where they were after the first
 * few, also when the server goes away and comes back. CALLS is how many, 20,000 if it is not set. */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "client.h"
#include "mock.h"
#include "oo_webhooks.h"

#define THREADS 8

static long calls = 20000;
static struct mock mock;
static oo_client *shared;
static atomic_long next_id;
static long last_id;

struct usage {
    long descriptors;
    long threads;
    long kilobytes; /* resident */
};

static long line_of_status(const char *name)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    long value = -1;
    while (fgets(line, sizeof line, status))
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name) + 1, NULL, 10);
    fclose(status);
    return value;
}

static struct usage usage(void)
{
    struct usage usage = {0, line_of_status("Threads"), line_of_status("VmRSS")};
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder))
        usage.descriptors++;
    closedir(folder);
    return usage;
}

static void *call_until_the_last(void *unused)
{
    for (long id; (id = atomic_fetch_add(&next_id, 1)) <= last_id;)
        execute(shared, id);
    return unused;
}

static void call(long count)
{
    last_id = atomic_load(&next_id) + count - 1;
    pthread_t threads[THREADS];
    for (int index = 0; index < THREADS; index++)
        CHECK(pthread_create(&threads[index], NULL, call_until_the_last, NULL) == 0, "no thread");
    for (int index = 0; index < THREADS; index++)
        pthread_join(threads[index], NULL);
    atomic_store(&next_id, last_id + 1);
}

static void check_usage(struct usage before, const char *what)
{
    struct usage now = usage();
    printf("# %s: %ld descriptors, %ld threads, %ld kB; after the warm-up %ld, %ld, %ld\n", what, now.descriptors,
           now.threads, now.kilobytes, before.descriptors, before.threads, before.kilobytes);
    CHECK(now.descriptors <= before.descriptors + THREADS, "%ld descriptors", now.descriptors);
    CHECK(now.threads == before.threads, "%ld threads", now.threads);
    CHECK(now.kilobytes <= before.kilobytes + 1024, "%ld kB", now.kilobytes);
}

static void open_shared(const char *const *arguments)
{
    mock_start(&mock, arguments);
    shared = client_for(&mock);
    atomic_store(&next_id, 1);
}

static void close_shared(void)
{
    oo_client_free(shared);
    mock_stop(&mock);
}

static void many_calls_on_kept_connections(void)
{
    open_shared(NULL);
    call(2000);
    struct usage before = usage();
    for (int part = 1; part <= 4; part++) {
        call(calls / 4);
        check_usage(before, "kept");
    }
    CHECK(mock_count(&mock, "connections") <= THREADS, "%ld connections", mock_count(&mock, "connections"));
    CHECK(mock_count(&mock, "executed") == 2000 + calls / 4 * 4, "%ld executed", mock_count(&mock, "executed"));
    close_shared();
}

static void many_calls_on_connections_of_their_own(void)
{
    open_shared((const char *[]){"--no-keep-alive", NULL});
    call(2000);
    struct usage before = usage();
    for (int part = 1; part <= 2; part++) {
        call(calls / 20);
        check_usage(before, "not kept");
    }
    close_shared();
}

/* Plain HTTP, since a mock that is started again shows the certificate of another CA. */
static void a_server_that_is_started_again(void)
{
    char port[8];
    open_shared((const char *[]){"--http", NULL});
    sscanf(mock.url, "http://127.0.0.1:%7[0-9]", port);
    call(2000);
    struct usage before = usage();
    for (int round = 0; round < 5; round++) {
        mock_stop(&mock);
        oo_status status = oo_client_execute_webhooks(shared, "address", 1, NULL);
        CHECK(status == OO_STATUS_CONNECT_FAILED, "%s", oo_status_name(status));
        mock_start(&mock, (const char *[]){"--http", "--port", port, NULL});
        call(calls / 20);
        check_usage(before, "restarted");
    }
    close_shared();
}

/* Calls that end in every other way give everything back too. */
static void many_calls_that_fail(void)
{
    open_shared(NULL);
    /* In this order, so that no connection is left for the first one of the next round. */
    static const char *const faults[] = {
        "{\"kind\":\"close_on_accept\"}",
        "{\"kind\":\"html\"}",
        "{\"kind\":\"error_code\",\"code\":137}",
        "{\"kind\":\"garbage\"}",
        "{\"kind\":\"cut_answer\",\"at\":-1}",
        "{\"kind\":\"drop_before_reading\"}",
        "{\"kind\":\"drop_after_executing\",\"how\":\"reset\"}",
    };
    enum { FAULTS = sizeof faults / sizeof *faults, WARM_UP = 5 };
    struct usage before = {0};
    for (long round = 0; round < WARM_UP + calls / 1000; round++) {
        if (round == WARM_UP)
            before = usage();
        for (int fault = 0; fault < FAULTS; fault++) {
            mock_set_faults(&mock, faults[fault]);
            for (int call = 0; call < 4; call++)
                CHECK(oo_client_execute_webhooks(shared, "task", 1, NULL) != OO_STATUS_OK, "%s", faults[fault]);
        }
    }
    check_usage(before, "failed");
    close_shared();
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(many_calls_on_kept_connections),
        TEST(many_calls_on_connections_of_their_own),
        TEST(a_server_that_is_started_again),
        TEST(many_calls_that_fail),
    };
    if (getenv("CALLS"))
        calls = atol(getenv("CALLS"));
    return run_tests(tests, COUNT(tests), NULL, argc, argv);
}
