/* The example that C programmers copy: what it prints and ends with for each outcome. */
#include "check.h"
#include "client.h"
#include "mock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static struct mock mock;
static char printed[1024];

/* Runs the example with the settings of the mock and returns its exit code. */
static int example(const char *arguments)
{
    char command[512];
    size_t length;
    FILE *output;
    int status;

    snprintf(command, sizeof command, "%s/examples/example-c %s 2>&1", BUILD, arguments);
    output = popen(command, "r");
    assert_non_null(output);
    length = fread(printed, 1, sizeof printed - 1, output);
    printed[length] = '\0';
    status = pclose(output);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void configure(void)
{
    mock_renew(&mock);
    mock_environment(&mock);
}

static void it_executes_a_record(void)
{
    assert_int_equal(example("estate 7"), OO_OUTCOME_EXECUTED);
    assert_string_equal(printed, "executed: estate 7\n");
    assert_string_equal(mock_executed(&mock), "estate:7");
}

static void it_has_a_record_of_its_own(void)
{
    assert_int_equal(example(""), OO_OUTCOME_EXECUTED);
    assert_string_equal(mock_executed(&mock), "address:15005");
}

static void it_tells_the_cause_of_a_rejection(void)
{
    assert_int_equal(example("address 404"), OO_OUTCOME_REJECTED);
    assert_non_null(strstr(printed, "fix the cause: address 404"));
    assert_non_null(strstr(printed, "onOffice's error 292"));
}

static void it_says_when_a_retry_is_safe(void)
{
    setenv("ON_OFFICE_URL", "https://127.0.0.1:1/", 1);
    assert_int_equal(example("address 1"), OO_OUTCOME_NOT_SENT);
    assert_non_null(strstr(printed, "nothing was sent: address 1"));
}

static void it_warns_when_a_repeat_may_execute_twice(void)
{
    mock_set_faults(&mock, "{\"kind\":\"drop_after_executing\"}");
    assert_int_equal(example("task 1"), OO_OUTCOME_IN_DOUBT);
    assert_non_null(strstr(printed, "a repeat may execute twice: task 1"));
    assert_string_equal(mock_executed(&mock), "task:1");
}

static void it_refuses_an_id_that_is_no_number(void)
{
    assert_int_equal(example("task 1x"), 64);
    assert_int_equal(example("task 99999999999999999999"), 64);
    assert_non_null(strstr(printed, "usage: "));
    assert_string_equal(mock_executed(&mock), "-");
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(it_executes_a_record),
        TEST(it_has_a_record_of_its_own),
        TEST(it_tells_the_cause_of_a_rejection),
        TEST(it_says_when_a_retry_is_safe),
        TEST(it_warns_when_a_repeat_may_execute_twice),
        TEST(it_refuses_an_id_that_is_no_number),
    };
    mock_start(&mock, mock_without_404);
    int failed = run_tests(tests, COUNT(tests), configure, argc, argv);
    mock_stop(&mock);
    return failed;
}
