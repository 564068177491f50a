/* Memory that runs out: in each function of the library the first allocation fails, then the second,
 * and so on to the last; once by itself, and once with all that follow. Each time the process lives, what
 * the function gave is sound and can be freed, and the next call works.
 *
 * The program's malloc stands before the C library's for every object of the process. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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

static struct {
    int armed;
    int all_that_follow;
    long fails; /* the number of the allocation that fails, from 1 */
    long counted;
} failure;

static int fails_now(void)
{
    if (!failure.armed)
        return 0;
    failure.counted++;
    if (failure.counted != failure.fails && !(failure.all_that_follow && failure.counted > failure.fails))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails_now() ? NULL : __libc_malloc(size);
}
void *calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __libc_calloc(count, size);
}
void *realloc(void *old, size_t size)
{
    return fails_now() ? NULL : __libc_realloc(old, size);
}
void *memalign(size_t alignment, size_t size)
{
    return fails_now() ? NULL : __libc_memalign(alignment, size);
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

/* What a function works on, made while there is memory. */
static oo_options *options;
static oo_client *client;
static oo_request *request;

/* What it gave. */
static oo_result *result;
static oo_results *results;
static oo_client *new_client;
static oo_options *new_options;
static oo_request *new_request;

static oo_status run_options_new(void)
{
    return oo_options_new(&new_options);
}
static oo_status run_options_from_env(void)
{
    return oo_options_from_env(&new_options);
}
static oo_status run_set_credentials(void)
{
    return oo_options_set_credentials(options, MOCK_TOKEN, MOCK_SECRET);
}
static oo_status run_set_url(void)
{
    return oo_options_set_url(options, mock.url);
}
static oo_status run_set_url_refused(void)
{
    return oo_options_set_url(options, "ftp://host/") ? 0 : 1;
}
static oo_status run_set_ca_file(void)
{
    return oo_options_set_ca_file(options, mock.ca_file);
}
static oo_status run_set_proxy(void)
{
    return oo_options_set_proxy(options, "http://me:word@127.0.0.1:1");
}
static oo_status run_client_new(void)
{
    return oo_client_new(options, &new_client);
}
static oo_status run_client_new_with(void)
{
    return oo_client_new_with(MOCK_TOKEN, MOCK_SECRET, mock.url, mock.ca_file, NULL, 5000, 30000, &new_client);
}
static oo_status run_set_default(void)
{
    return oo_set_default_client(client);
}
static oo_status run_execute(void)
{
    return oo_client_execute_webhooks(client, "address", 1, &result);
}
static oo_status run_execute_and_read(void)
{
    oo_result_fields fields;
    oo_status status = oo_client_execute_and_read(client, "address", 1, &result, sizeof fields, &fields);
    CHECK(fields.status == (int32_t)status, "status %d in the fields", fields.status);
    CHECK((fields.message != NULL) == (result != NULL), "a message without its result, or none with it");
    return status;
}
static oo_status run_execute_default(void)
{
    return oo_execute_webhooks("address", 1, &result);
}
static oo_status run_execute_request(void)
{
    return oo_client_execute_request(client, request, &results);
}
static oo_status run_refused(void)
{
    return oo_client_execute_webhooks(client, "house", 1, &result) ? 0 : 1;
}
static oo_status run_request_new(void)
{
    return oo_request_new(&new_request);
}
static oo_status run_add(void)
{
    return oo_request_add(request, "estate", 1);
}
static oo_status run_sign(void)
{
    return oo_request_sign(request, client, 1700000000);
}

static oo_status run_parse(void)
{
    static const char answer[] = "{\"status\":{\"code\":500,\"errorcode\":137,\"message\":\"wrong\"}}";
    oo_status status = oo_request_parse_response(request, 200, answer, strlen(answer), &results);
    return status == OO_STATUS_NOT_AUTHENTICATED ? OO_STATUS_OK : status;
}

static void call_once(void)
{
    execute(client, 1000);
}

/* The answer for one record is longer than what the reserve gives at a time. */
static void have_a_long_answer(void)
{
    enum { LENGTH = 300 * 1000 };
    static char fault[LENGTH + 100];
    int begun = sprintf(fault, "{\"kind\": \"raw_answer\", \"records\": [77], \"body\": {\"padding\": \"");
    memset(fault + begun, 'x', LENGTH);
    strcpy(fault + begun + LENGTH, "\"}}");
    mock_set_faults(&mock, fault);
}
static oo_status run_execute_long_answer(void)
{
    oo_status status = oo_client_execute_webhooks(client, "address", 77, &result);
    return status == OO_STATUS_OK ? OO_STATUS_INTERNAL : status;
}

struct function {
    const char *name;
    void (*before)(void);
    oo_status (*run)(void);
};

static const struct function functions[] = {
    {"oo_options_new", NULL, run_options_new},
    {"oo_options_from_env", NULL, run_options_from_env},
    {"oo_options_set_credentials", NULL, run_set_credentials},
    {"oo_options_set_url", NULL, run_set_url},
    {"oo_options_set_url, refused", NULL, run_set_url_refused},
    {"oo_options_set_ca_file", NULL, run_set_ca_file},
    {"oo_options_set_proxy", NULL, run_set_proxy},
    {"oo_client_new", NULL, run_client_new},
    {"oo_client_new_with", NULL, run_client_new_with},
    {"oo_set_default_client", NULL, run_set_default},
    {"oo_request_new", NULL, run_request_new},
    {"oo_request_add", NULL, run_add},
    {"oo_request_sign", NULL, run_sign},
    {"oo_request_parse_response", NULL, run_parse},
    {"oo_client_execute_webhooks, refused", NULL, run_refused},
    {"oo_client_execute_webhooks, first", NULL, run_execute},
    {"oo_client_execute_webhooks, kept", call_once, run_execute},
    {"oo_client_execute_webhooks, a long answer", have_a_long_answer, run_execute_long_answer},
    {"oo_client_execute_and_read, kept", call_once, run_execute_and_read},
    {"oo_client_execute_request, first", NULL, run_execute_request},
    {"oo_client_execute_request, kept", call_once, run_execute_request},
    {"oo_execute_webhooks, first", NULL, run_execute_default},
};

static void prepare(void)
{
    options = options_for(&mock);
    client = client_for(&mock);
    oo_request_new(&request);
    for (int id = 1; id <= 20; id++)
        oo_request_add(request, "task", id);
}

/* Reads everything of what was given, and frees it. */
static void check_what_was_given(oo_status status)
{
    if (result) {
        CHECK(oo_result_status(result) == status || status == 0, "status %d in the result", oo_result_status(result));
        CHECK(oo_result_message(result), "no message");
    }
    for (size_t index = 0; index < oo_results_count(results); index++)
        CHECK(oo_result_message(oo_results_get(results, index)), "no message");
    CHECK(status == OO_STATUS_OK || !(new_options || new_client || new_request) || new_options,
          "a handle with a failure");
    oo_options_message(new_options);
    oo_options_message(options);
    oo_request_message(request);
    oo_result_free(result);
    oo_results_free(results);
    oo_client_free(new_client);
    oo_options_free(new_options);
    oo_request_free(new_request);
}

#define ENDED_BEFORE 3 /* exit status: there are fewer allocations */

/* The outcome is true whatever there was no memory for. */
static void check_outcome(oo_status status, long executed)
{
    if (status == OO_STATUS_OK || oo_status_outcome(status) == OO_OUTCOME_IN_DOUBT)
        return;
    CHECK(executed == 0, "%s, but %ld were executed", oo_status_name(status), executed);
}

/* Rust's last words when it ends a process: the test says it in fewer. */
static oo_status run_silently(oo_status (*run)(void))
{
    int errors = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDERR_FILENO);
    failure.armed = 1;
    oo_status status = run();
    failure.armed = 0;
    dup2(errors, STDERR_FILENO);
    close(errors);
    close(nowhere);
    return status;
}

static int fail_at(const struct function *function, long number, int all_that_follow)
{
    pid_t pid = fork();
    CHECK(pid >= 0, "%s", strerror(errno));
    if (pid == 0) {
        alarm(60);
        prepare();
        if (function->before)
            function->before();
        long executed = mock_count(&mock, "executed");
        failure.fails = number;
        failure.all_that_follow = all_that_follow;
        oo_status status = run_silently(function->run);
        check_what_was_given(status);
        check_outcome(status, mock_count(&mock, "executed") - executed);
        oo_set_default_client(NULL);
        execute(client, 2000);
        oo_request_free(request);
        oo_options_free(options);
        oo_client_free(client);
        _exit(failure.counted < number ? ENDED_BEFORE : 0);
    }
    int status;
    waitpid(pid, &status, 0);
    return status;
}

static void fail_everywhere(int all_that_follow)
{
    long failed = 0;
    for (size_t index = 0; index < sizeof functions / sizeof *functions; index++) {
        const struct function *function = &functions[index];
        long number = 1, survived = 0;
        for (;; number++) {
            int status = fail_at(function, number, all_that_follow);
            if (WIFEXITED(status) && WEXITSTATUS(status) == ENDED_BEFORE)
                break;
            survived += WIFEXITED(status) && WEXITSTATUS(status) == 0;
            CHECK(number < 100000, "no end");
        }
        printf("# %s: survives %ld of %ld\n", function->name, survived, number - 1);
        failed += number - 1 - survived;
    }
    fflush(stdout);
    CHECK(failed == 0, "%ld failures of an allocation ended the process", failed);
}

static void one_allocation_fails(void)
{
    fail_everywhere(0);
}
static void all_allocations_fail_from_one_on(void)
{
    fail_everywhere(1);
}

/* Fills the address space, to the last block of 16 bytes. */
static void **take_all_memory(void)
{
    volatile char stack[256 * 1024]; /* which could not grow later */
    for (size_t index = 0; index < sizeof stack; index += 4096)
        stack[index] = 0;
    CHECK(setrlimit(RLIMIT_AS, &(struct rlimit){0, RLIM_INFINITY}) == 0, "%s", strerror(errno));
    void **blocks = NULL;
    for (size_t size = 1 << 20; size >= 16; size /= 2)
        for (void **block; (block = __libc_malloc(size)); blocks = block)
            *block = blocks;
    return blocks;
}

static void give_back(void **blocks)
{
    setrlimit(RLIMIT_AS, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
    while (blocks) {
        void **next = *blocks;
        free(blocks);
        blocks = next;
    }
}

static void the_host_has_no_memory_left(void)
{
    prepare();
    execute(client, 1);
    void **blocks = take_all_memory();
    for (int call = 0; call < 200; call++) {
        oo_status status = oo_client_execute_webhooks(client, "address", 1, &result);
        CHECK(result && oo_result_status(result) == status, "no result");
        oo_result_free(result);
        oo_client_new(options, &new_client);
        oo_client_free(new_client);
        oo_client_execute_request(client, request, &results);
        oo_results_free(results);
    }
    give_back(blocks);
    execute(client, 2);
}

/* A host without memory that keeps every result: at some time the library has too little for a call. */
static void calls_without_memory_are_refused_as_such_until_there_is_some(void)
{
    static oo_result *kept[10000];
    prepare();
    execute(client, 1);
    long count = 0, executed = mock_count(&mock, "executed");
    void **blocks = take_all_memory();
    oo_status status;
    do
        status = oo_client_execute_webhooks(client, "address", 1, &kept[count]);
    while (status == OO_STATUS_OK && ++count < 10000);
    CHECK(status == OO_STATUS_OUT_OF_MEMORY, "%s", oo_status_name(status));
    CHECK(oo_result_outcome(kept[count]) == OO_OUTCOME_NOT_SENT, "%s", oo_result_message(kept[count]));
    CHECK(strstr(oo_result_message(kept[count]), "not enough memory"), "%s", oo_result_message(kept[count]));
    status = oo_client_execute_request(client, request, &results);
    CHECK(status == OO_STATUS_OUT_OF_MEMORY, "%s", oo_status_name(status));
    oo_results_free(results);
    for (long index = 0; index <= count; index++)
        oo_result_free(kept[index]);
    status = oo_client_execute_webhooks(client, "address", 1, NULL);
    give_back(blocks);
    CHECK(status == OO_STATUS_OK, "%s", oo_status_name(status));
    CHECK(mock_count(&mock, "executed") == executed + count + 1, "not what the results say");
}

/* Calls of two threads meet in the reserve, so that it is low when they end. More at once may need all of it. */
static pthread_barrier_t barrier;

static void *call_and_free(void *unused)
{
    oo_result *given;

    pthread_barrier_wait(&barrier);
    for (int call = 0; call < 50; call++) {
        oo_client_execute_webhooks(client, "address", 1, &given);
        oo_result_free(given);
    }
    pthread_barrier_wait(&barrier);
    return unused;
}

static void the_reserve_is_whole_again_after_threads_without_memory(void)
{
    pthread_t threads[2];
    prepare();
    execute(client, 1);
    pthread_barrier_init(&barrier, NULL, COUNT(threads) + 1);
    for (size_t index = 0; index < COUNT(threads); index++)
        CHECK(pthread_create(&threads[index], NULL, call_and_free, NULL) == 0, "no thread");
    void **blocks = take_all_memory();
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    oo_status status = oo_client_execute_webhooks(client, "address", 1, NULL);
    give_back(blocks);
    CHECK(status == OO_STATUS_OK, "%s", oo_status_name(status));
    for (size_t index = 0; index < COUNT(threads); index++)
        pthread_join(threads[index], NULL);
    execute(client, 2);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(one_allocation_fails),
        TEST(all_allocations_fail_from_one_on),
        TEST(the_host_has_no_memory_left),
        TEST(calls_without_memory_are_refused_as_such_until_there_is_some),
        TEST(the_reserve_is_whole_again_after_threads_without_memory),
    };
    mock_start(&mock, NULL);
    mock_environment(&mock);
    int failed = run_tests(tests, COUNT(tests), NULL, argc, argv);
    mock_stop(&mock);
    return failed;
}
