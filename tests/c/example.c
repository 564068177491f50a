/* The example that C programmers copy: what it prints and ends with for each outcome. */
#define _POSIX_C_SOURCE 200809L

#include "office.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

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

static int configure(void **state)
{
    setenv("ON_OFFICE_TOKEN", MOCK_TOKEN, 1);
    setenv("ON_OFFICE_SECRET", MOCK_SECRET, 1);
    setenv("ON_OFFICE_URL", mock_url(), 1);
    setenv("ON_OFFICE_CA_FILE", mock_ca_file(), 1);
    return tidy_office(state);
}

static void it_executes_a_record(void **state)
{
    (void)state;
    assert_int_equal(example("estate 7"), OO_OUTCOME_EXECUTED);
    assert_string_equal(printed, "executed: estate 7\n");
    assert_string_equal(mock_executed(), "estate:7");
}

static void it_has_a_record_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(example(""), OO_OUTCOME_EXECUTED);
    assert_string_equal(mock_executed(), "address:15005");
}

static void it_tells_the_cause_of_a_rejection(void **state)
{
    (void)state;
    assert_int_equal(example("address 404"), OO_OUTCOME_REJECTED);
    assert_non_null(strstr(printed, "fix the cause: address 404"));
    assert_non_null(strstr(printed, "onOffice's error 292"));
}

static void it_says_when_a_retry_is_safe(void **state)
{
    (void)state;
    setenv("ON_OFFICE_URL", "https://127.0.0.1:1/", 1);
    assert_int_equal(example("address 1"), OO_OUTCOME_NOT_SENT);
    assert_non_null(strstr(printed, "nothing was sent: address 1"));
}

static void it_warns_when_a_repeat_may_execute_twice(void **state)
{
    (void)state;
    mock_faults("{\"kind\":\"drop_after_executing\"}");
    assert_int_equal(example("task 1"), OO_OUTCOME_IN_DOUBT);
    assert_non_null(strstr(printed, "a repeat may execute twice: task 1"));
    assert_string_equal(mock_executed(), "task:1");
}

static void it_refuses_an_id_that_is_no_number(void **state)
{
    (void)state;
    assert_int_equal(example("task 1x"), 64);
    assert_int_equal(example("task 99999999999999999999"), 64);
    assert_non_null(strstr(printed, "usage: "));
    assert_string_equal(mock_executed(), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_executes_a_record, configure),
        cmocka_unit_test_setup(it_has_a_record_of_its_own, configure),
        cmocka_unit_test_setup(it_tells_the_cause_of_a_rejection, configure),
        cmocka_unit_test_setup(it_says_when_a_retry_is_safe, configure),
        cmocka_unit_test_setup(it_warns_when_a_repeat_may_execute_twice, configure),
        cmocka_unit_test_setup(it_refuses_an_id_that_is_no_number, configure),
    };
    return cmocka_run_group_tests_name("example", tests, start_office, stop_office);
}
