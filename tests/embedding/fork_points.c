/* Forks at each point of a first call: a thread makes the process's first client or its first call, and
 * stops at its first allocation, then at its second, and so on to the last; there the main thread forks.
 * Whatever the library makes once in a process is half made in the child then. The child is answered all the
 * same, and never hangs. The parent's call goes on as if nothing had been.
 *
 * The program's malloc stands before the C library's for every object of the process. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "client.h"
#include "mock.h"
#include "oo_webhooks.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

/* The allocation at which the thread stops, from 1. */
static long stops_at, counted;
static _Thread_local int is_watched;
static sem_t stopped, go_on;
static int is_at_the_end;

static void allocates(void)
{
    if (is_watched && ++counted == stops_at) {
        sem_post(&stopped);
        sem_wait(&go_on);
    }
}

void *malloc(size_t size)
{
    return allocates(), __libc_malloc(size);
}
void *calloc(size_t count, size_t size)
{
    return allocates(), __libc_calloc(count, size);
}
void *realloc(void *old, size_t size)
{
    return allocates(), __libc_realloc(old, size);
}
void *memalign(size_t alignment, size_t size)
{
    return allocates(), __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}
int posix_memalign(void **out, size_t alignment, size_t size)
{
    *out = memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

static struct mock mock;

static void make_a_client(void)
{
    oo_client_free(client_for(&mock));
}

static void call_by_default(void)
{
    CHECK(oo_execute_webhooks("address", 1, NULL) == OO_STATUS_OK, "the parent's own call failed");
}

static void *run_watched(void *run)
{
    is_watched = 1;
    (*(void (**)(void))run)();
    is_watched = 0;
    is_at_the_end = 1;
    sem_post(&stopped);
    return NULL;
}

/* Exit statuses. */
enum { ANSWERED, FAILED, NO_SUCH_POINT };

static void child_calls_with_a_client(void)
{
    oo_client *client = client_for(&mock);
    oo_result *result;
    oo_client_execute_webhooks(client, "address", 2, &result);
    CHECK(is_answer_to(result, 2), "%s", oo_result_message(result));
    oo_result_free(result);
    oo_client_free(client);
}

static void child_calls_by_default(void)
{
    oo_result *result;
    oo_execute_webhooks("address", 2, &result);
    CHECK(is_answer_to(result, 2), "%s", oo_result_message(result));
    oo_result_free(result);
}

static int exit_status_of(pid_t pid)
{
    int status;
    CHECK(waitpid(pid, &status, 0) == pid, "%s", strerror(errno));
    CHECK(WIFEXITED(status), "at allocation %ld: ended by signal %d%s", stops_at, WTERMSIG(status),
          WTERMSIG(status) == SIGALRM ? ": it hung" : "");
    return WEXITSTATUS(status);
}

static pid_t forked(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0, "fork: %s", strerror(errno));
    if (pid == 0)
        alarm(60);
    return pid;
}

/* In a process of its own, so that the call is its first. */
static int fork_at(long point, void (*run)(void), void (*child_calls)(void))
{
    pid_t parent = forked();
    if (parent == 0) {
        stops_at = point;
        sem_init(&stopped, 0, 0);
        sem_init(&go_on, 0, 0);
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, run_watched, &run) == 0, "no thread");
        while (sem_wait(&stopped) != 0)
            CHECK(errno == EINTR, "%s", strerror(errno));
        if (is_at_the_end)
            _exit(NO_SUCH_POINT);
        pid_t child = forked();
        if (child == 0) {
            child_calls();
            _exit(ANSWERED);
        }
        int outcome = exit_status_of(child);
        sem_post(&go_on);
        pthread_join(thread, NULL);
        _exit(outcome);
    }
    stops_at = point;
    return exit_status_of(parent);
}

static void fork_everywhere(void (*run)(void), void (*child_calls)(void))
{
    long point = 1;
    for (int outcome; (outcome = fork_at(point, run, child_calls)) != NO_SUCH_POINT; point++) {
        CHECK(outcome == ANSWERED, "at allocation %ld: ended with %d", point, outcome);
        CHECK(point < 100000, "no end");
    }
    printf("# forked at %ld allocations\n", point - 1);
    fflush(stdout);
    CHECK(point > 10, "there are more allocations");
}

static void while_the_first_client_is_made(void)
{
    fork_everywhere(make_a_client, child_calls_with_a_client);
}
static void while_the_first_default_call_is_made(void)
{
    fork_everywhere(call_by_default, child_calls_by_default);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(while_the_first_client_is_made),
        TEST(while_the_first_default_call_is_made),
    };
    mock_start(&mock, NULL);
    mock_environment(&mock);
    int failed = run_tests(tests, COUNT(tests), NULL, argc, argv);
    mock_stop(&mock);
    return failed;
}
