/* Processes that fork: every process gets its own answers on its own connections, and none hangs.
 *
 * Each call has an id that is used once, so what the mock executed tells which process it came from;
 * each answer names the record it is about. A process that hangs is ended by its alarm. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "client.h"
#include "mock.h"
#include "oo_webhooks.h"

#define ROUNDS 1000
#define CALLS 3    /* of each process */
#define LONGEST 60 /* seconds that a process may take, under the slowest tool */
#define IDS 100    /* a process has as many ids as this */

static struct mock mock;
static oo_client *client;

/* Seen by all processes. */
static struct {
    atomic_int arrived;
    atomic_int stop;
} * shared;

/* Forks; the child has a time limit. */
static pid_t forked(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0, "fork: %s", strerror(errno));
    if (pid == 0)
        alarm(LONGEST);
    return pid;
}

static void expect_success(pid_t pid)
{
    int status;
    CHECK(waitpid(pid, &status, 0) == pid, "%s", strerror(errno));
    CHECK(!WIFSIGNALED(status), "process ended by signal %d%s", WTERMSIG(status),
          WTERMSIG(status) == SIGALRM ? ": it hung" : "");
    CHECK(WEXITSTATUS(status) == 0, "process failed");
}

static void meet(int processes)
{
    atomic_fetch_add(&shared->arrived, 1);
    while (atomic_load(&shared->arrived) < processes)
        sched_yield();
}

/* The first id of a process. */
static int64_t ids_of(int round, int process)
{
    return ((int64_t)round * 10 + process + 1) * IDS;
}

static void execute_all(int64_t first)
{
    for (int call = 0; call < CALLS; call++)
        execute(client, first + call);
}

/* Every id once, `count` in all, and no connection with ids of two processes. */
static void check_ledger(size_t count)
{
    struct entry *entries;
    size_t total = mock_ledger(&mock, &entries);
    CHECK(total == count, "%zu records executed instead of %zu", total, count);
    long connections = 0;
    int64_t highest = 0;
    for (size_t index = 0; index < total; index++) {
        if (entries[index].connection > connections)
            connections = entries[index].connection;
        if (entries[index].id > highest)
            highest = entries[index].id;
    }
    int64_t *process_of = calloc((size_t)connections + 1, sizeof *process_of);
    char *seen = calloc((size_t)highest + 1, 1);
    for (size_t index = 0; index < total; index++) {
        int64_t id = entries[index].id, *process = &process_of[entries[index].connection];
        CHECK(!seen[id], "address %ld was executed twice", (long)id);
        seen[id] = 1;
        CHECK(!*process || *process == id / IDS, "connection %ld was used by processes %ld and %ld",
              entries[index].connection, (long)*process, (long)(id / IDS));
        *process = id / IDS;
    }
    free(seen);
    free(process_of);
    free(entries);
}

static void begin(void)
{
    mock_reset(&mock);
    atomic_store(&shared->arrived, 0);
    atomic_store(&shared->stop, 0);
}

/* Parent, child and grandchild call at once; the parent has called before or not. */
static void family(int round, int called_before)
{
    if (called_before)
        execute(client, ids_of(round, 0) + CALLS);
    atomic_store(&shared->arrived, 0);
    pid_t child = forked();
    if (child == 0) {
        pid_t grandchild = forked();
        meet(3);
        execute_all(ids_of(round, grandchild == 0 ? 2 : 1));
        if (grandchild != 0)
            expect_success(grandchild);
        _exit(0);
    }
    meet(3);
    execute_all(ids_of(round, 0));
    expect_success(child);
}

static void families(int called_before)
{
    begin();
    for (int round = 0; round < ROUNDS; round++) {
        /* In a process of its own, so that each round has a first call. */
        pid_t parent = forked();
        if (parent == 0) {
            family(round, called_before);
            _exit(0);
        }
        expect_success(parent);
    }
    check_ledger((size_t)ROUNDS * (3 * CALLS + (size_t)called_before));
}

static void before_the_first_call(void)
{
    families(0);
}
static void after_the_first_call(void)
{
    families(1);
}

/* Threads that call until they are told to stop. */
#define THREADS 8
static atomic_long next_id;

static void *call_on(void *unused)
{
    while (!atomic_load(&shared->stop))
        execute(client, atomic_fetch_add(&next_id, 1));
    return unused;
}

static void start_threads(pthread_t threads[THREADS], void *(*run)(void *))
{
    for (int index = 0; index < THREADS; index++)
        CHECK(pthread_create(&threads[index], NULL, run, NULL) == 0, "no thread");
}

static void join_threads(pthread_t threads[THREADS])
{
    for (int index = 0; index < THREADS; index++)
        pthread_join(threads[index], NULL);
}

/* The children's ids are above all that the threads use. */
static const int64_t CHILDREN = 100000000;

static void check_connections_of_children(void)
{
    struct entry *entries;
    size_t total = mock_ledger(&mock, &entries);
    int64_t *user = calloc(total * 2 + 4096, sizeof *user);
    for (size_t index = 0; index < total; index++) {
        int64_t id = entries[index].id;
        int64_t by = id >= CHILDREN ? id / IDS : 1;
        CHECK((size_t)entries[index].connection < total * 2 + 4096, "connection %ld", entries[index].connection);
        CHECK(!user[entries[index].connection] || user[entries[index].connection] == by,
              "connection %ld was used by two processes", entries[index].connection);
        user[entries[index].connection] = by;
    }
    free(user);
    free(entries);
}

/* The parent's threads and its children use this client; the parent has called before. */
static void fork_while_threads_call(int rounds)
{
    pid_t parent = forked();
    if (parent == 0) {
        execute(client, 1);
        atomic_store(&next_id, 2);
        pthread_t threads[THREADS];
        start_threads(threads, call_on);
        for (int round = 0; round < rounds; round++) {
            pid_t child = forked();
            if (child == 0) {
                execute_all(CHILDREN + (int64_t)round * IDS);
                _exit(0);
            }
            expect_success(child);
        }
        atomic_store(&shared->stop, 1);
        join_threads(threads);
        _exit(0);
    }
    expect_success(parent);
}

static void while_threads_call(void)
{
    begin();
    fork_while_threads_call(300);
    check_connections_of_children();
}

/* Threads make the process's first calls while it forks: whatever is made on first use is half made
 * in the child. */
static void fork_while_threads_begin(void *(*run)(void *), void (*child_calls)(int64_t first))
{
    for (int round = 0; round < 300; round++) {
        pid_t parent = forked();
        if (parent == 0) {
            atomic_store(&next_id, ids_of(round, 0));
            pthread_t threads[THREADS];
            start_threads(threads, run);
            pid_t children[4];
            for (int index = 0; index < 4; index++) {
                children[index] = forked();
                if (children[index] == 0) {
                    child_calls(CHILDREN + ((int64_t)round * 4 + index) * IDS);
                    _exit(0);
                }
            }
            for (int index = 0; index < 4; index++)
                expect_success(children[index]);
            atomic_store(&shared->stop, 1);
            join_threads(threads);
            _exit(0);
        }
        expect_success(parent);
        atomic_store(&shared->stop, 0);
    }
}

static void while_threads_make_the_first_call(void)
{
    begin();
    fork_while_threads_begin(call_on, execute_all);
}

static void *call_by_default_on(void *unused)
{
    while (!atomic_load(&shared->stop))
        oo_execute_webhooks("address", atomic_fetch_add(&next_id, 1), NULL);
    return unused;
}

static void execute_by_default(int64_t id)
{
    oo_result *result;
    oo_execute_webhooks("address", id, &result);
    CHECK(is_answer_to(result, id), "%s", oo_result_message(result));
    oo_result_free(result);
}

static void while_threads_make_the_default_client(void)
{
    begin();
    mock_environment(&mock);
    fork_while_threads_begin(call_by_default_on, execute_by_default);
}

/* A forked child goes on with the default client; what it sets is its own. */
static void default_client_is_inherited(void)
{
    begin();
    pid_t parent = forked();
    if (parent == 0) {
        CHECK(oo_set_default_client(client) == OO_STATUS_OK, "refused");
        execute_by_default(ids_of(0, 0));
        pid_t child = forked();
        if (child == 0) {
            execute_by_default(ids_of(0, 1));
            pid_t grandchild = forked();
            if (grandchild == 0) {
                execute_by_default(ids_of(0, 2));
                _exit(0);
            }
            expect_success(grandchild);
            /* Back to the environment, which has no credentials. */
            CHECK(oo_set_default_client(NULL) == OO_STATUS_OK, "refused");
            CHECK(oo_execute_webhooks("address", 1, NULL) == OO_STATUS_NOT_CONFIGURED, "the default is still there");
            pid_t other = forked();
            if (other == 0) {
                CHECK(oo_execute_webhooks("address", 1, NULL) == OO_STATUS_NOT_CONFIGURED, "not as its parent has it");
                _exit(0);
            }
            expect_success(other);
            _exit(0);
        }
        expect_success(child);
        execute_by_default(ids_of(0, 0) + 1);
        _exit(0);
    }
    expect_success(parent);
    check_ledger(4);
}

static void *set_default_on(void *unused)
{
    while (!atomic_load(&shared->stop))
        oo_set_default_client(client);
    return unused;
}

/* The parent replaces its default by an equal one all the time: a child has it at any moment, and may
 * set one itself. */
static void default_client_is_inherited_while_it_is_set(void)
{
    begin();
    pid_t parent = forked();
    if (parent == 0) {
        CHECK(oo_set_default_client(client) == OO_STATUS_OK, "refused");
        pthread_t threads[THREADS];
        start_threads(threads, set_default_on);
        for (int round = 0; round < ROUNDS; round++) {
            pid_t child = forked();
            if (child == 0) {
                execute_by_default(ids_of(round, 0));
                CHECK(oo_set_default_client(client) == OO_STATUS_OK, "refused");
                execute_by_default(ids_of(round, 0) + 1);
                _exit(0);
            }
            expect_success(child);
        }
        atomic_store(&shared->stop, 1);
        join_threads(threads);
        _exit(0);
    }
    expect_success(parent);
    check_ledger(2 * ROUNDS);
}

/* Many forks in a row, each process with a default client of its own. */
#define DEPTH 80

static void descend(int depth)
{
    CHECK(oo_set_default_client(client) == OO_STATUS_OK, "refused at depth %d", depth);
    execute_all(ids_of(depth, 0));
    execute_by_default(ids_of(depth, 0) + CALLS);
    if (depth == DEPTH)
        return;
    pid_t child = forked();
    if (child == 0) {
        descend(depth + 1);
        _exit(0);
    }
    expect_success(child);
    execute(client, ids_of(depth, 0) + CALLS + 1);
}

static void at_every_depth(void)
{
    begin();
    pid_t parent = forked();
    if (parent == 0) {
        descend(0);
        _exit(0);
    }
    expect_success(parent);
    check_ledger((DEPTH + 1) * (CALLS + 1) + DEPTH);
}

#define NO_RIGHT 9

/* A child that moved to a PID namespace of its own has the number that its parent has: 1. */
static void same_process_id(void)
{
    begin();
    pid_t outer = forked();
    if (outer == 0) {
        if (unshare(CLONE_NEWPID) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0)
            _exit(NO_RIGHT);
        pid_t parent = forked();
        if (parent == 0) {
            CHECK(getpid() == 1, "a namespace of its own begins with 1");
            execute(client, ids_of(0, 0) + CALLS);
            CHECK(unshare(CLONE_NEWPID) == 0, "%s", strerror(errno));
            pid_t child = forked();
            if (child == 0)
                CHECK(getpid() == 1, "a namespace of its own begins with 1");
            meet(2);
            execute_all(ids_of(0, child == 0 ? 1 : 0));
            if (child != 0)
                expect_success(child);
            _exit(0);
        }
        expect_success(parent);
        _exit(0);
    }
    int status;
    waitpid(outer, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_RIGHT)
        skip("no right to make a PID namespace");
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a process failed");
    check_ledger(2 * CALLS + 1);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(before_the_first_call),
        TEST(after_the_first_call),
        TEST(while_threads_call),
        TEST(while_threads_make_the_first_call),
        TEST(while_threads_make_the_default_client),
        TEST(default_client_is_inherited),
        TEST(default_client_is_inherited_while_it_is_set),
        TEST(at_every_depth),
        TEST(same_process_id),
    };
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mock_start(&mock, NULL);
    client = client_for(&mock);
    int failed = run_tests(tests, COUNT(tests), NULL, argc, argv);
    oo_client_free(client);
    mock_stop(&mock);
    return failed;
}
