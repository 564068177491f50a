/* CHECK and the tests of a program, reported in TAP. Each test runs in a process of its own, in which
 * nobody has called the library before. */
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

/* Ends the process, forked children too, at the first thing that is not as it should be. With _exit,
 * since a child must neither flush its parent's buffers nor run what its parent registered. */
#define CHECK(condition, ...)                                                                                \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      dprintf(STDERR_FILENO, "# %s:%d: %s: ", __FILE__, __LINE__, #condition);                               \
      dprintf(STDERR_FILENO, __VA_ARGS__);                                                                   \
      dprintf(STDERR_FILENO, "\n");                                                                          \
      _exit(1);                                                                                              \
    }                                                                                                        \
  } while (0)

struct test {
  const char *name;
  void (*run)(void);
};

/* Runs the tests, or the one that the first argument names. Gives the exit status of the program. */
int run_tests(const struct test *tests, size_t count, int argc, char **argv);

/* Ends the test as one that cannot run here. */
_Noreturn void skip(const char *why);

#endif
