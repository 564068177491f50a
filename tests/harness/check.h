/* The tests of a program in C: what they assert, and a report in TAP. Each test runs in a process of its own, in
   which nobody has called the library before. */
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>
#include <stdint.h>

/* Ends the process, in a thread or a forked child too, at the first thing that is not as it should be. With _exit,
   since a child must neither flush its parent's buffers nor run what its parent registered. */
_Noreturn void check_failed(const char *file, int line, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A condition, and what is said besides when it does not hold. */
#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            check_failed(__FILE__, __LINE__, #condition, __VA_ARGS__);                                                 \
    } while (0)

/* Those that say by themselves what was found. Each argument is evaluated once. */
#define assert_true(condition) CHECK(condition, "is false")
#define assert_null(pointer) check_null(pointer, #pointer, __FILE__, __LINE__)
#define assert_non_null(pointer) CHECK((pointer) != NULL, "is NULL")
#define assert_ptr_equal(found, expected) CHECK((const void *)(found) == (const void *)(expected), "are two")
#define assert_int_equal(found, expected) check_int((int64_t)(found), (int64_t)(expected), #found, __FILE__, __LINE__)
#define assert_string_equal(found, expected) check_string(found, expected, #found, __FILE__, __LINE__)
#define assert_memory_equal(found, expected, size) CHECK(memcmp(found, expected, size) == 0, "other bytes")
#define assert_contains(text, part) check_contains(text, part, __FILE__, __LINE__)

/* A message is one line that says something, and neither a token nor a secret of the mock. */
#define assert_log_line(message) check_log_line(message, __FILE__, __LINE__)

/* It also names the thing and, where there is one, the cure. */
#define assert_names(message, thing)                                                                                   \
    do {                                                                                                               \
        const char *named = (message);                                                                                 \
        assert_log_line(named);                                                                                        \
        assert_contains(named, thing);                                                                                 \
    } while (0)

void check_null(const void *found, const char *what, const char *file, int line);
void check_int(int64_t found, int64_t expected, const char *what, const char *file, int line);
void check_string(const char *found, const char *expected, const char *what, const char *file, int line);
void check_contains(const char *text, const char *part, const char *file, int line);
void check_log_line(const char *message, const char *file, int line);

struct test {
    const char *name;
    void (*run)(void);
    /* Instead of `run`, for the rows of a table. */
    void (*run_row)(const void *row);
    const void *row;
};

/* An entry of the list that run_tests takes. */
/* clang-format off */
#define TEST(function) {#function, function, NULL, NULL}
/* clang-format on */
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Runs the tests, or the one that the first argument names, each after `prepare` unless that is NULL. Gives the exit
   status of the program. */
int run_tests(const struct test *tests, size_t count, void (*prepare)(void), int argc, char **argv);

/* Ends the test as one that cannot run here. */
_Noreturn void skip(const char *why);

#endif
