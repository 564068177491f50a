/* Runs every case of tests/conformance/outbox.tsv, which the README.md beside it explains, through the C API. */
#include "check.h"
#include "client.h"
#include "mock.h"
#include "table.h"

#include <oo_webhooks.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef OUTBOX_CASES
#error "OUTBOX_CASES names the table"
#endif

static struct mock mock;

static const char *const columns[] = {"name",  "folder", "in_doubt", "fault",    "steps",
                                      "error", "counts", "held",     "executed", NULL};
enum column { NAME, FOLDER, IN_DOUBT, FAULT, STEPS, ERROR, COUNTS, HELD, EXECUTED };

/* One word of the column `steps`. */
static oo_status take(oo_outbox *outbox, const oo_client *client, const char *step)
{
    char name[16], module[32];
    const char *colon = strchr(step, ':');
    size_t length = colon != NULL ? strcspn(colon + 1, ":") : 0;
    int64_t id;

    if (strcmp(step, "drain") == 0) {
        /* What became of the records is in their places. */
        oo_outbox_drain(outbox, client, 0, 0, NULL);
        return OO_STATUS_OK;
    }
    if (strcmp(step, "well") == 0) {
        mock_set_faults(&mock, "");
        return OO_STATUS_OK;
    }
    assert_non_null(colon);
    assert_true((size_t)(colon - step) < sizeof name && length < sizeof module);
    snprintf(name, sizeof name, "%.*s", (int)(colon - step), step);
    snprintf(module, sizeof module, "%.*s", (int)length, colon + 1);
    id = strtoll(colon + 1 + length + 1, NULL, 10);
    if (strcmp(name, "put") == 0)
        return oo_outbox_put(outbox, module, id);
    if (strcmp(name, "retry") == 0)
        return oo_outbox_retry(outbox, module, id, 0);
    assert_string_equal(name, "drop");
    return oo_outbox_drop(outbox, module, id, 0);
}

static oo_status take_all(oo_outbox *outbox, const char *words)
{
    oo_client *client = client_for(&mock);
    oo_status status = OO_STATUS_OK;
    char steps[512];
    char *step;

    snprintf(steps, sizeof steps, "%s", words);
    for (step = strtok(steps, " "); step != NULL && status == OO_STATUS_OK; step = strtok(NULL, " "))
        status = take(outbox, client, step);
    oo_client_free(client);
    return status;
}

static void check_contents(oo_outbox *outbox, const struct row *test)
{
    static const char *const states[] = {"waiting", "sending", "doubt", "failed"};
    char counts[128] = "", held[512] = "";

    for (int state = OO_OUTBOX_STATE_WAITING; state <= OO_OUTBOX_STATE_FAILED; state++) {
        oo_outbox_entries *entries;
        int64_t count;

        assert_int_equal(oo_outbox_count(outbox, state, &count), OO_STATUS_OK);
        snprintf(counts + strlen(counts), sizeof counts - strlen(counts), "%s%lld", state > 0 ? "," : "",
                 (long long)count);
        assert_int_equal(oo_outbox_list(outbox, state, 0, &entries), OO_STATUS_OK);
        assert_true(oo_outbox_entries_count(entries) == (size_t)count);
        for (size_t i = 0; i < oo_outbox_entries_count(entries); i++) {
            oo_status tried = oo_outbox_entries_status(entries, i);
            size_t used = strlen(held);
            snprintf(held + used, sizeof held - used, "%s%s:%s:%lld%s%s", used > 0 ? "," : "", states[state],
                     oo_outbox_entries_module(entries, i), (long long)oo_outbox_entries_id(entries, i),
                     tried != OO_STATUS_OK ? ":" : "", tried != OO_STATUS_OK ? oo_status_name(tried) : "");
        }
        oo_outbox_entries_free(entries);
    }
    assert_string_equal(counts, test->field[COUNTS]);
    assert_string_equal(held[0] != '\0' ? held : "-", test->field[HELD]);
}

static const char *error_of(oo_status status)
{
    if (status == OO_STATUS_OK)
        return "-";
    return status == OO_STATUS_OUTBOX_FAILED ? "OutboxError" : "argument";
}

static int32_t wish(const char *word)
{
    if (strcmp(word, "resend") == 0)
        return OO_OUTBOX_IN_DOUBT_RESEND;
    return strcmp(word, "drop") == 0 ? OO_OUTBOX_IN_DOUBT_DROP : OO_OUTBOX_IN_DOUBT_HOLD;
}

static void run_case(const void *row)
{
    const struct row *test = row;
    char folder[] = "/tmp/oo-outbox-c-XXXXXX", path[64], command[64];
    oo_outbox *outbox;
    oo_status status;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s%s", folder, strcmp(test->field[FOLDER], "there") == 0 ? "" : "/missing");
    mock_renew(&mock);
    if (strcmp(test->field[FAULT], "-") != 0)
        mock_set_faults(&mock, test->field[FAULT]);
    status = oo_outbox_open(path, &outbox);
    if (status == OO_STATUS_OK) {
        assert_int_equal(oo_outbox_set_in_doubt(outbox, wish(test->field[IN_DOUBT])), OO_STATUS_OK);
        status = take_all(outbox, test->field[STEPS]);
    }
    assert_string_equal(error_of(status), test->field[ERROR]);
    if (strcmp(test->field[COUNTS], "-") != 0)
        check_contents(outbox, test);
    assert_string_equal(mock_executed(&mock), test->field[EXECUTED]);
    oo_outbox_free(outbox);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

int main(int argc, char **argv)
{
    mock_start(&mock, mock_without_404);
    int failed = run_table(OUTBOX_CASES, columns, run_case, argc, argv);
    mock_stop(&mock);
    return failed;
}
