#include "client.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_THREADS = 256 };

typedef void work(caller *caller, int records);

static caller *callers[MAX_THREADS];

/* Each call is for other records, than those of other clients too: no request is like one that the server has seen. */
static atomic_int next_id;

static void call(caller *caller, int records)
{
    caller_call(caller, records, atomic_fetch_add(&next_id, records));
}

void require(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

char *answer_to(const char *request)
{
    static const char label[] = "\"identifier\":\"";
    size_t actions = 0;
    for (const char *at = request; (at = strstr(at, label)); at++)
        actions++;
    char *answer = malloc(256 + 512 * actions);
    char *end = answer
                + sprintf(answer, "{\"status\":{\"code\":200,\"errorcode\":0,\"message\":\"OK\"},"
                                  "\"response\":{\"results\":[");
    for (size_t i = 0; i < actions; i++) {
        request = strstr(request, label) + strlen(label);
        end += sprintf(end,
                       "%s{\"actionid\":\"" ACTION_ID "\",\"resourceid\":\"%zu\",\"resourcetype\":\"" RESOURCE_TYPE
                       "\",\"cacheable\":false,\"identifier\":\"%.*s\",\"data\":{\"meta\":{\"cntabsolute\":null},"
                       "\"records\":[{\"id\":0,\"type\":\"\",\"elements\":{\"result\":\"success\"}}]},"
                       "\"status\":{\"errorcode\":0,\"message\":\"OK\"}}",
                       i ? "," : "", FIRST_ID + i, (int)strcspn(request, "\""), request);
    }
    strcpy(end, "]}}");
    return answer;
}

static int64_t nanoseconds(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The time that `percent` of the times do not exceed. */
static int64_t percentile(int64_t *times, size_t count, size_t percent)
{
    qsort(times, count, sizeof *times, by_size);
    return count ? times[(count - 1) * percent / 100] : 0;
}

/* Of one piece of work; what is short is done `repeats` times between two looks at the clock. */
static int64_t timed(work *work, caller *caller, int records, int repeats)
{
    int64_t begin = nanoseconds(CLOCK_MONOTONIC);
    for (int i = 0; i < repeats; i++)
        work(caller, records);
    return (nanoseconds(CLOCK_MONOTONIC) - begin) / repeats;
}

static void run(work *work, int records, size_t times, int repeats)
{
    int64_t *all = calloc(times + 1, sizeof *all);
    int64_t cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < times; i++)
        all[i] = timed(work, callers[0], records, repeats);
    cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    int64_t each = times ? cpu / (int64_t)times / repeats : 0;
    printf("%" PRId64 " %" PRId64 "\n", percentile(all, times, 50), each);
    free(all);
}

typedef struct share {
    caller *caller;
    int64_t *times;
    size_t calls;
    pthread_barrier_t *barrier;
} share;

static void *run_share(void *argument)
{
    share *share = argument;
    pthread_barrier_wait(share->barrier);
    for (size_t i = 0; i < share->calls; i++)
        share->times[i] = timed(call, share->caller, 1, 1);
    return NULL;
}

static void run_together(size_t threads, size_t calls, const target *target)
{
    static share shares[MAX_THREADS];
    static pthread_t ids[MAX_THREADS];
    require(threads <= MAX_THREADS, "too many threads");
    int64_t *times = calloc(threads * calls, sizeof *times);
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, (unsigned)threads + 1);
    for (size_t i = 0; i < threads; i++) {
        if (callers[i] == NULL)
            callers[i] = caller_new(target);
        shares[i] = (share){callers[i], times + i * calls, calls, &barrier};
        require(pthread_create(&ids[i], NULL, run_share, &shares[i]) == 0, "no thread");
    }
    pthread_barrier_wait(&barrier);
    int64_t begin = nanoseconds(CLOCK_MONOTONIC);
    for (size_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    int64_t wall = nanoseconds(CLOCK_MONOTONIC) - begin;
    int64_t p50 = percentile(times, threads * calls, 50), p99 = percentile(times, threads * calls, 99);
    printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", wall, p50, p99);
    free(times);
    pthread_barrier_destroy(&barrier);
}

int main(int argc, char **argv)
{
    require(argc == 4, "usage: URL CA-FILE cold|connected|warm");
    target target = {argv[1], argv[2]};
    next_id = (int)(FIRST_ID + nanoseconds(CLOCK_MONOTONIC) / 1000 % 8000000);
    callers[0] = caller_new(&target);
    if (strcmp(argv[3], "connected") == 0)
        caller_connect(callers[0]);
    int64_t first = timed(call, callers[0], 1, 1);
    printf("%" PRId64 "\n", first);
    if (strcmp(argv[3], "warm") != 0)
        return 0;

    fflush(stdout);
    char order[16];
    int number;
    size_t times;
    while (scanf("%15s %d %zu", order, &number, &times) == 3) {
        if (strcmp(order, "call") == 0)
            run(call, number, times, 1);
        else if (strcmp(order, "sign") == 0)
            run(caller_sign, number, times, 10);
        else if (strcmp(order, "parse") == 0)
            run(caller_parse, number, times, 10);
        else if (strcmp(order, "threads") == 0)
            run_together((size_t)number, times, &target);
        else
            require(0, "an order that is not known");
        fflush(stdout);
    }
    return 0;
}
