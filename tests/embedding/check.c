#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

/* The exit status that says "skipped", as Automake has it. */
#define SKIPPED 77

/* Seconds for each test, under the slowest tool. */
#define TIME_LIMIT 900

static int reason[2];

_Noreturn void skip(const char *why) {
  CHECK(write(reason[1], why, strlen(why)) > 0, "%s", strerror(errno));
  _exit(SKIPPED);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool run_test(const struct test *test, int number) {
  double start = seconds();
  CHECK(pipe(reason) == 0, "%s", strerror(errno));
  fflush(stdout);
  pid_t pid = fork();
  CHECK(pid >= 0, "%s", strerror(errno));
  if (pid == 0) {
    alarm(TIME_LIMIT);
    test->run();
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

int run_tests(const struct test *tests, size_t count, int argc, char **argv) {
  bool found = false, passed = true;
  for (size_t index = 0; index < count; index++) {
    if (argc > 1 && strcmp(argv[1], tests[index].name) != 0)
      continue;
    found = true;
    passed &= run_test(&tests[index], (int)index + 1);
  }
  CHECK(found, "no test is named %s", argv[1]);
  return passed ? 0 : 1;
}
