#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The exit status that says "skipped", as Automake has it. */
#define SKIPPED 77

/* Seconds for each test, under the slowest tool. */
#define TIME_LIMIT 900

static int reason[2];

_Noreturn void check_failed(const char *file, int line, const char *what, const char *format, ...)
{
    va_list arguments;
    dprintf(STDERR_FILENO, "# %s:%d: %s: ", file, line, what);
    va_start(arguments, format);
    vdprintf(STDERR_FILENO, format, arguments);
    va_end(arguments);
    dprintf(STDERR_FILENO, "\n");
    _exit(1);
}

void check_null(const void *found, const char *what, const char *file, int line)
{
    if (found != NULL)
        check_failed(file, line, what, "is not NULL");
}

void check_int(int64_t found, int64_t expected, const char *what, const char *file, int line)
{
    if (found != expected)
        check_failed(file, line, what, "is %lld instead of %lld", (long long)found, (long long)expected);
}

void check_string(const char *found, const char *expected, const char *what, const char *file, int line)
{
    if (found == NULL || strcmp(found, expected) != 0)
        check_failed(file, line, what, "is \"%s\" instead of \"%s\"", found ? found : "(NULL)", expected);
}

void check_contains(const char *text, const char *part, const char *file, int line)
{
    if (text == NULL || strstr(text, part) == NULL)
        check_failed(file, line, part, "is not in \"%s\"", text ? text : "(NULL)");
}

void check_log_line(const char *message, const char *file, int line)
{
    if (message == NULL || strlen(message) <= 10 || strpbrk(message, "\r\n") != NULL)
        check_failed(file, line, "no line for a log", "\"%s\"", message ? message : "(NULL)");
    if (strstr(message, "MockToken") != NULL || strstr(message, "MockSecret") != NULL
        || strstr(message, "MockProvider") != NULL)
        check_failed(file, line, "a message", "it has a token or a secret in it");
}

_Noreturn void skip(const char *why)
{
    CHECK(write(reason[1], why, strlen(why)) > 0, "%s", strerror(errno));
    _exit(SKIPPED);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool run_test(const struct test *test, void (*prepare)(void), int number)
{
    double start = seconds();
    CHECK(pipe(reason) == 0, "%s", strerror(errno));
    fflush(stdout);
    pid_t pid = fork();
    CHECK(pid >= 0, "%s", strerror(errno));
    if (pid == 0) {
        alarm(TIME_LIMIT);
        if (prepare != NULL)
            prepare();
        if (test->run != NULL)
            test->run();
        else
            test->run_row(test->row);
        /* Not _exit: tools that look for leaks look at the end. */
        exit(0);
    }
    close(reason[1]);
    int status;
    waitpid(pid, &status, 0);
    char why[200] = "";
    ssize_t length = read(reason[0], why, sizeof why - 1);
    close(reason[0]);
    bool skipped = length > 0 && WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED;
    bool passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (skipped)
        printf("ok %d - %s # SKIP %s\n", number, test->name, why);
    else
        printf("%s %d - %s (%.1f s)\n", passed ? "ok" : "not ok", number, test->name, seconds() - start);
    if (WIFSIGNALED(status))
        printf("# ended by signal %d%s\n", WTERMSIG(status), WTERMSIG(status) == SIGALRM ? ": its time was up" : "");
    fflush(stdout);
    return passed || skipped;
}

int run_tests(const struct test *tests, size_t count, void (*prepare)(void), int argc, char **argv)
{
    bool found = false, passed = true;
    for (size_t index = 0; index < count; index++) {
        if (argc > 1 && strcmp(argv[1], tests[index].name) != 0)
            continue;
        found = true;
        passed &= run_test(&tests[index], prepare, (int)index + 1);
    }
    CHECK(found, "no test is named %s", argc > 1 ? argv[1] : "anything");
    return passed ? 0 : 1;
}
