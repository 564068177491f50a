/* Saves N records into an outbox: by the library, or with a plain write and rename. Prints nanoseconds a save.
 *
 *     put library|plain FOLDER FIRST COUNT FSYNC
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "oo_webhooks.h"

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void plain(const char *folder, long id, int fsync_wanted)
{
    char from[512], to[512];
    snprintf(from, sizeof from, "%s/tmp/%ld.%ld", folder, (long)getpid(), id);
    snprintf(to, sizeof to, "%s/new/address-%ld", folder, id);
    int file = open(from, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (file < 0 || write(file, "x", 1) != 1 || (fsync_wanted && fsync(file) != 0) || close(file) != 0) {
        fail(from);
    }
    if (rename(from, to) != 0) {
        fail(to);
    }
    if (fsync_wanted) {
        snprintf(to, sizeof to, "%s/new", folder);
        int directory = open(to, O_RDONLY | O_DIRECTORY);
        if (directory < 0 || fsync(directory) != 0 || close(directory) != 0) {
            fail(to);
        }
    }
}

int main(int count, char **arguments)
{
    if (count != 6) {
        fputs("usage: put library|plain FOLDER FIRST COUNT FSYNC\n", stderr);
        return 2;
    }
    const char *folder = arguments[2];
    long first = atol(arguments[3]), saves = atol(arguments[4]);
    int fsync_wanted = atoi(arguments[5]);
    int is_library = strcmp(arguments[1], "library") == 0;

    oo_outbox *outbox = NULL;
    if (oo_outbox_open(folder, &outbox) != OO_STATUS_OK || oo_outbox_set_fsync(outbox, fsync_wanted) != OO_STATUS_OK) {
        fputs(oo_outbox_message(outbox), stderr);
        return 1;
    }
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (long id = first; id < first + saves; id++) {
        if (!is_library) {
            plain(folder, id, fsync_wanted);
        } else if (oo_outbox_put(outbox, "address", id) != OO_STATUS_OK) {
            fputs(oo_outbox_message(outbox), stderr);
            return 1;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.0f\n",
           ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / (double)saves);
    oo_outbox_free(outbox);
    return 0;
}
