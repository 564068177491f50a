/* Records that wait in a folder: saved at once, executed later, and never lost or executed twice.
   Called with a folder, a module and an id, it saves that record: tests/outbox/put_cases.sh does so. */
#include "check.h"
#include "client.h"
#include "mock.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct mock mock;
static char folder[] = "/tmp/oo-outbox-c-XXXXXX";

static const char *const inner[] = {"tmp", "new", "retry", "sending", "doubt", "failed", "corrupt", "lock"};

static const char *in_folder(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Removes every file of the inner folders; how many there were. */
static int empty_outbox(void)
{
    int files = 0;
    size_t i;

    for (i = 0; i < COUNT(inner); i++) {
        struct dirent *entry;
        DIR *open = opendir(in_folder(inner[i]));

        while (open != NULL && (entry = readdir(open)) != NULL)
            if (entry->d_name[0] != '.' && unlinkat(dirfd(open), entry->d_name, 0) == 0)
                files++;
        if (open != NULL)
            closedir(open);
    }
    return files;
}

static void remove_outbox(void)
{
    size_t i;

    empty_outbox();
    for (i = 0; i < COUNT(inner); i++)
        rmdir(in_folder(inner[i]));
    unlink(in_folder("version"));
    rmdir(folder);
}

static void prepare(void)
{
    empty_outbox();
    mock_renew(&mock);
}

static oo_outbox *open_outbox(void)
{
    oo_outbox *outbox;

    assert_int_equal(oo_outbox_open(folder, &outbox), OO_STATUS_OK);
    assert_null(oo_outbox_message(outbox));
    return outbox;
}

static int64_t counted(oo_outbox *outbox, oo_outbox_state state)
{
    int64_t count = -1;

    assert_int_equal(oo_outbox_count(outbox, state, &count), OO_STATUS_OK);
    return count;
}

/* Drains with the mock's right client; how many records left for a reason. */
static int64_t drained(oo_outbox *outbox, oo_status expected, oo_outbox_reason reason)
{
    oo_client *client = client_for(&mock);
    oo_outbox_report *report;
    int64_t count;

    assert_int_equal(oo_outbox_drain(outbox, client, 0, 0, &report), expected);
    assert_true((oo_outbox_report_message(report) != NULL) == (expected != OO_STATUS_OK));
    if (expected != OO_STATUS_OK)
        assert_log_line(oo_outbox_report_message(report));
    count = oo_outbox_report_count(report, reason);
    oo_outbox_report_free(report);
    oo_client_free(client);
    return count;
}

static void saves_become_one_call_each(void)
{
    oo_outbox *outbox = open_outbox(), *writer = open_outbox();

    assert_int_equal(oo_outbox_put(writer, "address", 7), OO_STATUS_OK);
    assert_int_equal(oo_outbox_put(writer, "address", 7), OO_STATUS_OK);
    assert_int_equal(oo_outbox_put(outbox, "address", 7), OO_STATUS_OK);
    assert_int_equal(counted(outbox, OO_OUTBOX_STATE_WAITING), 1);
    assert_string_equal(mock_executed(&mock), "-");
    assert_int_equal(drained(outbox, OO_STATUS_OK, OO_OUTBOX_REASON_EXECUTED), 1);
    assert_int_equal(drained(outbox, OO_STATUS_OK, OO_OUTBOX_REASON_EXECUTED), 0);
    assert_string_equal(mock_executed(&mock), "address:7");
    oo_outbox_free(writer);
    oo_outbox_free(outbox);
    assert_int_equal(empty_outbox(), 0);
}

static void the_limits_of_a_drain_are_kept(void)
{
    oo_outbox *outbox = open_outbox();
    oo_client *client = client_for(&mock);
    oo_outbox_report *report;
    int64_t id;

    for (id = 1; id <= 5; id++)
        assert_int_equal(oo_outbox_put(outbox, "task", id), OO_STATUS_OK);
    assert_int_equal(oo_outbox_drain(outbox, client, 2, 60000, &report), OO_STATUS_OK);
    assert_int_equal(oo_outbox_report_tried(report), 2);
    oo_outbox_report_free(report);
    assert_int_equal(oo_outbox_drain(outbox, client, 2, 0, NULL), OO_STATUS_OK);
    assert_int_equal(counted(outbox, OO_OUTBOX_STATE_WAITING), 1);
    assert_int_equal(mock_count(&mock, "executed"), 4);
    oo_client_free(client);
    oo_outbox_free(outbox);
}

static void what_is_refused_fails_with_its_reason_and_can_be_retried(void)
{
    oo_outbox *outbox = open_outbox();
    oo_outbox_entries *entries;
    int64_t since;

    assert_int_equal(oo_outbox_put(outbox, "address", 404), OO_STATUS_OK);
    assert_int_equal(drained(outbox, OO_STATUS_OK, OO_OUTBOX_REASON_REJECTED), 1);
    assert_int_equal(oo_outbox_list(outbox, OO_OUTBOX_STATE_FAILED, 0, &entries), OO_STATUS_OK);
    assert_int_equal(oo_outbox_entries_count(entries), 1);
    assert_string_equal(oo_outbox_entries_module(entries, 0), "address");
    assert_int_equal(oo_outbox_entries_id(entries, 0), 404);
    assert_int_equal(oo_outbox_entries_status(entries, 0), OO_STATUS_UNKNOWN_RECORD);
    assert_int_equal(oo_outbox_entries_error_code(entries, 0), 292);
    assert_names(oo_outbox_entries_message(entries, 0), "address 404: rejected");
    assert_int_equal(oo_outbox_entries_due_ms(entries, 0), 0);
    since = oo_outbox_entries_since_ms(entries, 0);
    assert_true(since > 0);

    assert_int_equal(oo_outbox_retry(outbox, "address", 404, since - 1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_outbox_message(outbox), "not as it was");
    assert_int_equal(oo_outbox_retry(outbox, "address", 404, since), OO_STATUS_OK);
    assert_null(oo_outbox_message(outbox));
    assert_int_equal(counted(outbox, OO_OUTBOX_STATE_WAITING), 1);
    assert_int_equal(oo_outbox_retry(outbox, "address", 404, 0), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_outbox_message(outbox), "waits to be sent already");
    assert_int_equal(oo_outbox_drop(outbox, "address", 404, 0), OO_STATUS_OK);
    assert_int_equal(oo_outbox_drop(outbox, "address", 404, 0), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_outbox_message(outbox), "not there");
    oo_outbox_entries_free(entries);
    oo_outbox_free(outbox);
    assert_int_equal(empty_outbox(), 0);
}

static void a_doubt_is_held_and_never_repeated_by_itself(void)
{
    oo_outbox *outbox = open_outbox();

    mock_set_faults(&mock, "{\"kind\":\"drop_after_executing\",\"times\":1}");
    assert_int_equal(oo_outbox_put(outbox, "estate", 7), OO_STATUS_OK);
    assert_int_equal(drained(outbox, OO_STATUS_CONNECTION_LOST, OO_OUTBOX_REASON_HELD), 1);
    assert_int_equal(counted(outbox, OO_OUTBOX_STATE_DOUBT), 1);
    assert_int_equal(drained(outbox, OO_STATUS_OK, OO_OUTBOX_REASON_EXECUTED), 0);
    assert_string_equal(mock_executed(&mock), "estate:7");
    assert_int_equal(oo_outbox_put(outbox, "estate", 7), OO_STATUS_OK);
    assert_int_equal(counted(outbox, OO_OUTBOX_STATE_DOUBT), 0);
    assert_int_equal(drained(outbox, OO_STATUS_OK, OO_OUTBOX_REASON_SUPERSEDED), 1);
    assert_string_equal(mock_executed(&mock), "estate:7,estate:7");
    oo_outbox_free(outbox);
    assert_int_equal(empty_outbox(), 0);
}

static void an_operator_may_have_doubts_dropped_or_resent(void)
{
    oo_outbox *outbox = open_outbox();

    assert_int_equal(oo_outbox_set_in_doubt(outbox, OO_OUTBOX_IN_DOUBT_DROP), OO_STATUS_OK);
    mock_set_faults(&mock, "{\"kind\":\"drop_after_executing\"}");
    assert_int_equal(oo_outbox_put(outbox, "estate", 7), OO_STATUS_OK);
    assert_int_equal(drained(outbox, OO_STATUS_CONNECTION_LOST, OO_OUTBOX_REASON_DROPPED), 1);
    assert_int_equal(oo_outbox_set_in_doubt(outbox, OO_OUTBOX_IN_DOUBT_RESEND), OO_STATUS_OK);
    assert_int_equal(oo_outbox_put(outbox, "estate", 7), OO_STATUS_OK);
    assert_int_equal(drained(outbox, OO_STATUS_CONNECTION_LOST, OO_OUTBOX_REASON_RESENT), 1);
    assert_int_equal(counted(outbox, OO_OUTBOX_STATE_WAITING), 1);
    assert_int_equal(oo_outbox_set_in_doubt(outbox, OO_OUTBOX_IN_DOUBT_HOLD), OO_STATUS_OK);
    assert_int_equal(oo_outbox_set_in_doubt(outbox, 3), OO_STATUS_INVALID_OPTION);
    assert_names(oo_outbox_message(outbox), "oo_outbox_in_doubt");
    oo_outbox_free(outbox);
}

static void what_is_not_sent_waits_and_says_why(void)
{
    oo_outbox *outbox = open_outbox();
    oo_options *options = options_for(&mock);
    oo_client *client;
    oo_outbox_report *report;
    oo_outbox_entries *entries;

    /* Nothing listens there. */
    assert_int_equal(oo_options_set_url(options, "https://127.0.0.1:1/"), OO_STATUS_OK);
    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    oo_options_free(options);
    assert_int_equal(oo_outbox_set_fsync(outbox, 1), OO_STATUS_OK);
    assert_int_equal(oo_outbox_put(outbox, "task", 1), OO_STATUS_OK);
    assert_int_equal(oo_outbox_put(outbox, "task", 2), OO_STATUS_OK);
    assert_int_equal(oo_outbox_drain(outbox, client, 0, 0, &report), OO_STATUS_CONNECT_FAILED);
    assert_int_equal(oo_outbox_report_tried(report), 1);
    assert_int_equal(oo_outbox_report_count(report, OO_OUTBOX_REASON_NOT_SENT), 1);
    assert_int_equal(oo_outbox_list(outbox, OO_OUTBOX_STATE_WAITING, 0, &entries), OO_STATUS_OK);
    assert_int_equal(oo_outbox_entries_count(entries), 2);
    assert_true(oo_outbox_entries_due_ms(entries, 0) > 0);
    oo_outbox_entries_free(entries);
    oo_outbox_report_free(report);
    oo_client_free(client);
    oo_outbox_free(outbox);
}

/* The sender is killed by the system while its call is on the way. */
static void a_sender_that_is_killed_leaves_a_doubt(void)
{
    oo_outbox *outbox = open_outbox();
    oo_outbox_entries *entries;
    int64_t sending = 0;
    pid_t sender;

    mock_set_faults(&mock, "{\"kind\":\"delay\",\"ms\":60000}");
    assert_int_equal(oo_outbox_put(outbox, "estate", 7), OO_STATUS_OK);
    sender = fork();
    if (sender == 0) {
        oo_client *client = client_for(&mock);
        oo_outbox_drain(outbox, client, 0, 0, NULL);
        _exit(0);
    }
    assert_true(sender > 0);
    while (sending == 0)
        sending = counted(outbox, OO_OUTBOX_STATE_SENDING);
    assert_int_equal(drained(outbox, OO_STATUS_OK, OO_OUTBOX_REASON_SENDER_DIED), 0);
    assert_int_equal(kill(sender, SIGKILL), 0);
    assert_int_equal(waitpid(sender, NULL, 0), sender);
    assert_int_equal(drained(outbox, OO_STATUS_OK, OO_OUTBOX_REASON_SENDER_DIED), 1);
    assert_int_equal(oo_outbox_list(outbox, OO_OUTBOX_STATE_DOUBT, 1, &entries), OO_STATUS_OK);
    assert_int_equal(oo_outbox_entries_count(entries), 1);
    assert_names(oo_outbox_entries_message(entries, 0), "its sender ended");
    oo_outbox_entries_free(entries);
    oo_outbox_free(outbox);
}

static void strange_files_are_counted_and_stand_in_nobodys_way(void)
{
    oo_outbox *outbox = open_outbox();

    assert_int_equal(symlink("/etc/passwd", in_folder("new/estate-5")), 0);
    assert_int_equal(symlink("/etc/passwd", in_folder("new/\x01\xff")), 0);
    assert_int_equal(oo_outbox_put(outbox, "estate", 7), OO_STATUS_OK);
    assert_int_equal(counted(outbox, OO_OUTBOX_STATE_CORRUPT), 2);
    assert_int_equal(drained(outbox, OO_STATUS_OK, OO_OUTBOX_REASON_CORRUPT), 2);
    assert_int_equal(counted(outbox, OO_OUTBOX_STATE_CORRUPT), 2);
    assert_string_equal(mock_executed(&mock), "estate:7");
    oo_outbox_free(outbox);
}

/* Nothing that is stored lets anybody sign. */
static void no_file_holds_a_credential(void)
{
    oo_outbox *outbox = open_outbox();
    size_t i;

    mock_set_faults(&mock, "{\"kind\":\"drop_after_executing\",\"times\":1}");
    assert_int_equal(oo_outbox_put(outbox, "address", 404), OO_STATUS_OK);
    drained(outbox, OO_STATUS_CONNECTION_LOST, OO_OUTBOX_REASON_HELD);
    assert_int_equal(oo_outbox_put(outbox, "task", 404), OO_STATUS_OK);
    drained(outbox, OO_STATUS_OK, OO_OUTBOX_REASON_REJECTED);
    for (i = 0; i < COUNT(inner); i++) {
        struct dirent *entry;
        DIR *open = opendir(in_folder(inner[i]));

        assert_non_null(open);
        while ((entry = readdir(open)) != NULL) {
            char text[4096] = "";
            int file = openat(dirfd(open), entry->d_name, O_RDONLY);
            ssize_t length = read(file, text, sizeof text - 1);

            close(file);
            if (length > 0) {
                assert_null(strstr(text, "MockToken"));
                assert_null(strstr(text, "MockSecret"));
                assert_null(strstr(text, "hmac"));
            }
        }
        closedir(open);
    }
    oo_outbox_free(outbox);
}

static void an_outbox_that_cannot_be_opened_says_why(void)
{
    oo_outbox *outbox;
    int64_t count = 7;

    assert_int_equal(oo_outbox_open(in_folder("missing"), &outbox), OO_STATUS_OUTBOX_FAILED);
    assert_non_null(outbox);
    assert_names(oo_outbox_message(outbox), "no such file or directory");
    assert_int_equal(oo_outbox_put(outbox, "estate", 7), OO_STATUS_OUTBOX_FAILED);
    assert_int_equal(oo_outbox_count(outbox, OO_OUTBOX_STATE_WAITING, &count), OO_STATUS_OUTBOX_FAILED);
    assert_int_equal(count, 0);
    assert_names(oo_outbox_message(outbox), "make the folder with mkdir");
    oo_outbox_free(outbox);
    assert_int_equal(oo_outbox_open("\xff\xfe", &outbox), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_outbox_message(outbox), "not UTF-8");
    oo_outbox_free(outbox);
}

static void wrong_arguments_are_refused(void)
{
    oo_outbox *outbox = open_outbox();
    oo_client *client = client_for(&mock);
    oo_outbox_report *report = (oo_outbox_report *)outbox;
    oo_outbox_entries *entries = (oo_outbox_entries *)outbox;
    int64_t count = 7;

    assert_int_equal(oo_outbox_open(folder, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_outbox_put(NULL, "task", 1), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_outbox_message(NULL), "outbox is NULL");
    assert_int_equal(oo_outbox_put(outbox, NULL, 1), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_outbox_put(outbox, "tasks", 1), OO_STATUS_INVALID_MODULE);
    assert_names(oo_outbox_message(outbox), "tasks");
    assert_int_equal(oo_outbox_put(outbox, "task", 0), OO_STATUS_INVALID_ID);
    assert_int_equal(oo_outbox_set_fsync(outbox, 2), OO_STATUS_INVALID_OPTION);
    assert_names(oo_outbox_message(outbox), "0 or 1");
    assert_int_equal(oo_outbox_drain(outbox, NULL, 0, 0, &report), OO_STATUS_INVALID_ARGUMENT);
    assert_null(report);
    assert_int_equal(oo_outbox_drain(NULL, client, 0, 0, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_outbox_drain(outbox, client, -1, 0, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_names(oo_outbox_message(outbox), "max is negative");
    assert_int_equal(oo_outbox_drain(outbox, client, 0, -1, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_outbox_count(outbox, 5, &count), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(count, 0);
    assert_names(oo_outbox_message(outbox), "unknown state 5");
    assert_int_equal(oo_outbox_count(outbox, 0, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_outbox_list(outbox, OO_OUTBOX_STATE_CORRUPT, 0, &entries), OO_STATUS_INVALID_ARGUMENT);
    assert_null(entries);
    assert_int_equal(oo_outbox_list(outbox, 0, -1, NULL), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_outbox_retry(outbox, "task", 1, -1), OO_STATUS_INVALID_ARGUMENT);
    assert_int_equal(oo_outbox_retry(outbox, "tasks", 1, 0), OO_STATUS_INVALID_MODULE);
    assert_int_equal(oo_outbox_drop(outbox, "task", -1, 0), OO_STATUS_INVALID_ID);
    oo_client_free(client);
    oo_outbox_free(outbox);
    oo_outbox_free(NULL);
    assert_int_equal(empty_outbox(), 0);
}

static void readers_take_null_and_any_index(void)
{
    oo_outbox *outbox = open_outbox();
    oo_outbox_entries *entries;

    assert_int_equal(oo_outbox_report_count(NULL, 0), 0);
    assert_int_equal(oo_outbox_report_tried(NULL), 0);
    assert_null(oo_outbox_report_message(NULL));
    oo_outbox_report_free(NULL);
    assert_int_equal(oo_outbox_list(outbox, OO_OUTBOX_STATE_DOUBT, 0, &entries), OO_STATUS_OK);
    assert_int_equal(oo_outbox_entries_count(entries), 0);
    assert_null(oo_outbox_entries_module(entries, 0));
    assert_int_equal(oo_outbox_entries_id(entries, SIZE_MAX), 0);
    assert_int_equal(oo_outbox_entries_since_ms(NULL, 0), 0);
    assert_int_equal(oo_outbox_entries_due_ms(entries, 1), 0);
    assert_int_equal(oo_outbox_entries_status(entries, 1), OO_STATUS_OK);
    assert_int_equal(oo_outbox_entries_error_code(NULL, 0), 0);
    assert_null(oo_outbox_entries_message(entries, 0));
    oo_outbox_entries_free(entries);
    oo_outbox_entries_free(NULL);
    oo_outbox_free(outbox);
}

/* As put_cases.sh asks for it. */
static int save(char **arguments)
{
    oo_outbox *outbox;
    oo_status status = oo_outbox_open(arguments[1], &outbox);

    if (status == OO_STATUS_OK)
        status = oo_outbox_put(outbox, arguments[2], strtoll(arguments[3], NULL, 10));
    if (status != OO_STATUS_OK)
        fprintf(stderr, "%s\n", oo_outbox_message(outbox));
    oo_outbox_free(outbox);
    return status != OO_STATUS_OK;
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(saves_become_one_call_each),
        TEST(the_limits_of_a_drain_are_kept),
        TEST(what_is_refused_fails_with_its_reason_and_can_be_retried),
        TEST(a_doubt_is_held_and_never_repeated_by_itself),
        TEST(an_operator_may_have_doubts_dropped_or_resent),
        TEST(what_is_not_sent_waits_and_says_why),
        TEST(a_sender_that_is_killed_leaves_a_doubt),
        TEST(strange_files_are_counted_and_stand_in_nobodys_way),
        TEST(no_file_holds_a_credential),
        TEST(an_outbox_that_cannot_be_opened_says_why),
        TEST(wrong_arguments_are_refused),
        TEST(readers_take_null_and_any_index),
    };

    if (argc == 4)
        return save(argv);
    assert_non_null(mkdtemp(folder));
    mock_start(&mock, mock_without_404);
    int failed = run_tests(tests, COUNT(tests), prepare, argc, argv);
    mock_stop(&mock);
    remove_outbox();
    return failed;
}
