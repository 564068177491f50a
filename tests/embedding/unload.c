/* A host that loads the library at run time, unloads it, ends its threads and ends itself, in every
 * order. This program is not linked to the library. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "dispositions.h"
#include "mock.h"
#include "oo_webhooks.h"

static struct mock mock;
static char path[512];

/* What this host uses of the library. */
struct library {
    void *handle;
    oo_status (*execute)(const char *, int64_t, oo_result **);
    oo_status (*status)(const oo_result *);
    const char *(*message)(const oo_result *);
    void (*free)(oo_result *);
};

static void *symbol(void *handle, const char *name)
{
    void *address = dlsym(handle, name);
    CHECK(address, "%s", dlerror());
    return address;
}

static struct library load(void)
{
    struct library library = {.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    CHECK(library.handle, "%s", dlerror());
    *(void **)&library.execute = symbol(library.handle, "oo_execute_webhooks");
    *(void **)&library.status = symbol(library.handle, "oo_result_status");
    *(void **)&library.message = symbol(library.handle, "oo_result_message");
    *(void **)&library.free = symbol(library.handle, "oo_result_free");
    return library;
}

static void call(const struct library *library, int64_t id)
{
    oo_result *result;
    library->execute("address", id, &result);
    CHECK(library->status(result) == OO_STATUS_OK, "%s", library->message(result));
    library->free(result);
}

static long entries(const char *folder)
{
    DIR *open = opendir(folder);
    long count = 0;
    while (readdir(open))
        count++;
    closedir(open);
    return count;
}

static pid_t forked(void)
{
    fflush(stdout);
    pid_t pid = fork();
    CHECK(pid >= 0, "fork: %s", strerror(errno));
    if (pid == 0)
        alarm(60);
    return pid;
}

static void expect_exit(pid_t pid, int code)
{
    int status;
    waitpid(pid, &status, 0);
    CHECK(!WIFSIGNALED(status), "ended by signal %d", WTERMSIG(status));
    CHECK(WEXITSTATUS(status) == code, "exit status %d", WEXITSTATUS(status));
}

static atomic_int next_id = 1;

static void *load_call_and_unload(void *unused)
{
    struct library library = load();
    call(&library, atomic_fetch_add(&next_id, 1));
    dlclose(library.handle);
    return unused;
}

/* Each thread ends after the library it used was unloaded. */
static void threads_end_after_the_unload(void)
{
    pid_t host = forked();
    if (host == 0) {
        long descriptors = 0, threads = 0;
        for (int round = 0; round < 300; round++) {
            pthread_t thread;
            CHECK(pthread_create(&thread, NULL, load_call_and_unload, NULL) == 0, "no thread");
            pthread_join(thread, NULL);
            if (round == 5) {
                descriptors = entries("/proc/self/fd");
                threads = entries("/proc/self/task");
            }
        }
        CHECK(entries("/proc/self/fd") == descriptors, "%ld descriptors, then %ld", descriptors,
              entries("/proc/self/fd"));
        /* The kernel may still be taking down the thread that was joined last. */
        CHECK(entries("/proc/self/task") <= threads + 1, "%ld threads, then %ld", threads, entries("/proc/self/task"));
        _exit(0);
    }
    expect_exit(host, 0);
}

static void *unload_while_others_call(void *unused)
{
    for (int round = 0; round < 50; round++)
        load_call_and_unload(NULL);
    return unused;
}

static void threads_load_and_unload_at_once(void)
{
    pid_t host = forked();
    if (host == 0) {
        pthread_t threads[16];
        for (int index = 0; index < 16; index++)
            CHECK(pthread_create(&threads[index], NULL, unload_while_others_call, NULL) == 0, "no thread");
        for (int index = 0; index < 16; index++)
            pthread_join(threads[index], NULL);
        _exit(0);
    }
    expect_exit(host, 0);
}

/* Connections survive the unload, since the library does. */
static void connections_are_kept_across_an_unload(void)
{
    mock_reset(&mock);
    pid_t host = forked();
    if (host == 0) {
        for (int round = 0; round < 20; round++)
            load_call_and_unload(NULL);
        CHECK(mock_count(&mock, "connections") == 1, "%ld connections", mock_count(&mock, "connections"));
        _exit(0);
    }
    expect_exit(host, 0);
}

static void *call_for_ever(void *library)
{
    for (;;)
        call(library, atomic_fetch_add(&next_id, 1));
    return NULL;
}

/* exit() runs the host's handlers while eight threads are in the middle of a call. */
static void the_process_exits_while_threads_call(void)
{
    for (int round = 0; round < 100; round++) {
        pid_t host = forked();
        if (host == 0) {
            static struct library library;
            library = load();
            call(&library, 1);
            for (int index = 0; index < 8; index++) {
                pthread_t thread;
                CHECK(pthread_create(&thread, NULL, call_for_ever, &library) == 0, "no thread");
            }
            call(&library, 2);
            if (round % 2)
                dlclose(library.handle);
            exit(7);
        }
        expect_exit(host, 7);
    }
}

static struct library at_exit;

static void call_at_exit(void)
{
    call(&at_exit, 3);
}

/* The library works until the very end: a host may report its last record from an exit handler. */
static void an_exit_handler_may_call(void)
{
    pid_t host = forked();
    if (host == 0) {
        atexit(call_at_exit);
        at_exit = load();
        call(&at_exit, 4);
        exit(7);
    }
    expect_exit(host, 7);
}

static void *end_in_the_middle(void *library)
{
    call(library, 5);
    pthread_exit(NULL);
}

static void the_main_thread_ends_first(void)
{
    pid_t host = forked();
    if (host == 0) {
        static struct library library;
        library = load();
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, end_in_the_middle, &library) == 0, "no thread");
        call(&library, 6);
        pthread_exit(NULL);
    }
    expect_exit(host, 0);
}

/* What system calls a load makes is in system_calls.py. */
static void loading_changes_nothing(void)
{
    pid_t host = forked();
    if (host == 0) {
        struct dispositions before = dispositions_now();
        long descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
        /* A CA file that does not exist would be refused if the environment were read. */
        setenv("ON_OFFICE_CA_FILE", "/does/not/exist", 1);
        struct library library = load();
        setenv("ON_OFFICE_CA_FILE", mock.ca_file, 1);
        struct dispositions after = dispositions_now();
        CHECK(dispositions_equal(&before, &after), "a disposition or the mask changed");
        CHECK(entries("/proc/self/fd") == descriptors, "a descriptor was opened");
        CHECK(entries("/proc/self/task") == threads, "a thread was started");
        call(&library, 7);
        CHECK(entries("/proc/self/task") == threads, "a call started a thread");
        _exit(0);
    }
    expect_exit(host, 0);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(loading_changes_nothing),
        TEST(threads_end_after_the_unload),
        TEST(threads_load_and_unload_at_once),
        TEST(connections_are_kept_across_an_unload),
        TEST(the_process_exits_while_threads_call),
        TEST(an_exit_handler_may_call),
        TEST(the_main_thread_ends_first),
    };
    const char *build = getenv("OO_WEBHOOKS_BUILD");
    snprintf(path, sizeof path, "%s/lib/liboo_webhooks.so.1", build ? build : BUILD);
    mock_start(&mock, NULL);
    mock_environment(&mock);
    int failed = run_tests(tests, COUNT(tests), NULL, argc, argv);
    mock_stop(&mock);
    return failed;
}
