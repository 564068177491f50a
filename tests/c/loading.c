/* Nothing happens when the library is loaded, and it starts no thread later either. This program is
   not linked with the library: its own functions stand before those of libc when it loads it. */
#include "check.h"
#include "mock.h"

#include <oo_webhooks.h>

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct mock mock;
static int watching, threads, handlers, variables, settings, exits;

/* ISO C has no cast from void * to a function. */
#define NEXT(function, name) *(void **)&(function) = dlsym(RTLD_NEXT, name)

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

    threads += watching;
    NEXT(next, "pthread_create");
    return next(thread, attributes, start, argument);
}

int sigaction(int number, const struct sigaction *new_action, struct sigaction *old_action)
{
    int (*next)(int, const struct sigaction *, struct sigaction *);

    handlers += watching;
    NEXT(next, "sigaction");
    return next(number, new_action, old_action);
}

void (*signal(int number, void (*handler)(int)))(int)
{
    void (*(*next)(int, void (*)(int)))(int);

    handlers += watching;
    NEXT(next, "signal");
    return next(number, handler);
}

char *getenv(const char *name)
{
    char *(*next)(const char *);

    variables += watching;
    settings += watching && strncmp(name, "ON_OFFICE_", 10) == 0;
    NEXT(next, "getenv");
    return next(name);
}

int __cxa_atexit(void (*function)(void *), void *argument, void *library);
int __cxa_atexit(void (*function)(void *), void *argument, void *library)
{
    int (*next)(void (*)(void *), void *, void *);

    exits += watching;
    NEXT(next, "__cxa_atexit");
    return next(function, argument, library);
}

static int entries(const char *folder)
{
    DIR *directory = opendir(folder);
    int count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static void watch(void)
{
    threads = handlers = variables = settings = exits = 0;
    watching = 1;
}

static void *load(void)
{
    return dlopen(BUILD "/lib/liboo_webhooks.so.1", RTLD_NOW | RTLD_LOCAL);
}

static void nothing_happens_when_it_is_loaded(void)
{
    int files = entries("/proc/self/fd");
    void *library;

    watch();
    library = load();
    watching = 0;
    assert_non_null(library);
    assert_int_equal(threads, 0);
    assert_int_equal(handlers, 0);
    assert_int_equal(variables, 0);
    assert_int_equal(exits, 0);
    assert_int_equal(entries("/proc/self/task"), 3 /* with . and .. */);
    assert_int_equal(entries("/proc/self/fd"), files);
}

static void it_stays_loaded_when_it_is_closed(void)
{
    void *library = load();

    assert_int_equal(dlclose(library), 0);
    assert_int_equal(dlclose(library), 0);
    assert_non_null(dlopen(BUILD "/lib/liboo_webhooks.so.1", RTLD_NOW | RTLD_NOLOAD));
}

static void *function(const char *name)
{
    void *found = dlsym(load(), name);

    assert_non_null(found);
    return found;
}

static void free_with(const char *name, void *handle)
{
    void (*free_handle)(void *);

    *(void **)&free_handle = function(name);
    free_handle(handle);
}

static oo_client *make_client(void)
{
    oo_status (*options_new)(oo_options **);
    oo_status (*set_credentials)(oo_options *, const char *, const char *);
    oo_status (*set_text)(oo_options *, const char *);
    oo_status (*client_new)(const oo_options *, oo_client **);
    oo_options *options;
    oo_client *client;

    *(void **)&options_new = function("oo_options_new");
    *(void **)&set_credentials = function("oo_options_set_credentials");
    *(void **)&client_new = function("oo_client_new");
    assert_int_equal(options_new(&options), OO_STATUS_OK);
    assert_int_equal(set_credentials(options, MOCK_TOKEN, MOCK_SECRET), OO_STATUS_OK);
    *(void **)&set_text = function("oo_options_set_url");
    assert_int_equal(set_text(options, mock.url), OO_STATUS_OK);
    *(void **)&set_text = function("oo_options_set_ca_file");
    assert_int_equal(set_text(options, mock.ca_file), OO_STATUS_OK);
    assert_int_equal(client_new(options, &client), OO_STATUS_OK);
    free_with("oo_options_free", options);
    return client;
}

static void executing_starts_no_thread_and_asks_the_environment_for_no_setting(void)
{
    oo_status (*execute)(const oo_client *, const char *, int64_t, oo_result **);
    oo_client *client;
    oo_status status;

    *(void **)&execute = function("oo_client_execute_webhooks");
    watch();
    client = make_client();
    status = execute(client, "address", 15005, NULL);
    watching = 0;
    assert_int_equal(status, OO_STATUS_OK);
    assert_int_equal(threads, 0);
    assert_int_equal(handlers, 0);
    assert_int_equal(settings, 0);
    free_with("oo_client_free", client);
    assert_string_equal(mock_executed(&mock), "address:15005");
}

/* So that the counts of 0 above mean something. */
static void the_watch_sees_what_the_library_calls(void)
{
    oo_status (*options_from_env)(oo_options **);
    oo_options *options;

    *(void **)&options_from_env = function("oo_options_from_env");
    watch();
    assert_int_equal(options_from_env(&options), OO_STATUS_NOT_CONFIGURED);
    watching = 0;
    free_with("oo_options_free", options);
    assert_int_equal(settings, 6);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(nothing_happens_when_it_is_loaded),
        TEST(it_stays_loaded_when_it_is_closed),
        TEST(executing_starts_no_thread_and_asks_the_environment_for_no_setting),
        TEST(the_watch_sees_what_the_library_calls),
    };
    mock_start(&mock, mock_without_404);
    int failed = run_tests(tests, COUNT(tests), NULL, argc, argv);
    mock_stop(&mock);
    return failed;
}
