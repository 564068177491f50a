#include "client.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_THREADS = 256 };

static caller *callers[MAX_THREADS];

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

static int64_t median(int64_t *times, size_t count)
{
    qsort(times, count, sizeof *times, by_size);
    return count ? times[count / 2] : 0;
}

static int64_t timed_call(caller *caller)
{
    int64_t begin = nanoseconds(CLOCK_MONOTONIC);
    caller_call(caller);
    return nanoseconds(CLOCK_MONOTONIC) - begin;
}

static void run_round(size_t calls)
{
    int64_t *times = calloc(calls + 1, sizeof *times);
    int64_t cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < calls; i++)
        times[i] = timed_call(callers[0]);
    cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%" PRId64 " %" PRId64 "\n", median(times, calls), calls ? cpu / (int64_t)calls : 0);
    free(times);
}

typedef struct share {
    caller *caller;
    int64_t *times;
    size_t calls;
    int burst;
    pthread_barrier_t *barrier;
} share;

static void *run_share(void *argument)
{
    share *share = argument;
    pthread_barrier_wait(share->barrier);
    for (size_t i = 0; i < share->calls; i++) {
        if (share->burst)
            pthread_barrier_wait(share->barrier);
        share->times[i] = timed_call(share->caller);
    }
    return NULL;
}

static void run_together(size_t threads, size_t calls, int burst)
{
    static share shares[MAX_THREADS];
    static pthread_t ids[MAX_THREADS];
    int64_t *times = calloc(threads * calls, sizeof *times);
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, (unsigned)threads + 1);
    for (size_t i = 0; i < threads; i++) {
        shares[i] = (share){callers[i], times + i * calls, calls, burst, &barrier};
        require(pthread_create(&ids[i], NULL, run_share, &shares[i]) == 0, "no thread");
    }
    pthread_barrier_wait(&barrier);
    int64_t begin = nanoseconds(CLOCK_MONOTONIC);
    for (size_t i = 0; burst && i < calls; i++)
        pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    int64_t wall = nanoseconds(CLOCK_MONOTONIC) - begin;
    printf("%" PRId64 " %" PRId64 "\n", wall, median(times, threads * calls));
    free(times);
    pthread_barrier_destroy(&barrier);
}

int main(int argc, char **argv)
{
    require(argc >= 3, "usage: PORT FOLDER [cold]");
    target target;
    snprintf(target.url, sizeof target.url, "https://localhost:%s/api/stable/api.php", argv[1]);
    snprintf(target.ca_file, sizeof target.ca_file, "%s/ca.pem", argv[2]);
    target.request = read_file(argv[2], "request.json", NULL);
    callers[0] = caller_new(&target);
    caller_call(callers[0]);
    if (argc > 3 && strcmp(argv[3], "cold") == 0)
        return 0;

    puts("ready");
    fflush(stdout);
    char order[16];
    size_t first, second;
    size_t count = 1;
    while (scanf("%15s %zu", order, &first) == 2) {
        if (strcmp(order, "round") == 0) {
            run_round(first);
        } else {
            require(scanf("%zu", &second) == 1 && first <= MAX_THREADS, "an order that is not known");
            while (count < first)
                callers[count++] = caller_new(&target);
            run_together(first, second, strcmp(order, "burst") == 0);
        }
        fflush(stdout);
    }
    return 0;
}
