/* cmocka, and what the tests of this library assert on top of it. */
#ifndef CHECK_H
#define CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A message is one line that says something, and neither a token nor a secret of the mock. */
static inline void assert_log_line(const char *message)
{
    assert_non_null(message);
    assert_true(strlen(message) > 10);
    assert_null(strpbrk(message, "\r\n"));
    assert_null(strstr(message, "MockToken"));
    assert_null(strstr(message, "MockSecret"));
    assert_null(strstr(message, "MockProvider"));
}

/* It also names the thing and, where there is one, the cure. */
static inline void assert_names(const char *message, const char *thing)
{
    assert_log_line(message);
    if (strstr(message, thing) == NULL)
        fail_msg("\"%s\" does not name \"%s\"", message, thing);
}

#endif
