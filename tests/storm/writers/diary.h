/*
 * What a writer of the storm notes, in a file of its own and with one write a line, so that nothing it noted is lost
 * when it is killed: `begin ID NS` before a save, `saved ID NS` once it was confirmed, `refused ID NS` if it was not.
 * The times are those of CLOCK_REALTIME in nanoseconds, as the other languages have them. For C and C++.
 */
#ifndef DIARY_H
#define DIARY_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct diary {
    int file;
    uint64_t dice;
    long saves, records, pause_us;
};

/* writer PLACE FILE SEED SAVES RECORDS PAUSE_US */
static struct diary diary_open(char **argv)
{
    struct diary diary;
    diary.file = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
    diary.dice = strtoull(argv[3], NULL, 10);
    diary.saves = strtol(argv[4], NULL, 10);
    diary.records = strtol(argv[5], NULL, 10);
    diary.pause_us = strtol(argv[6], NULL, 10);
    if (diary.file < 0)
        exit(1);
    return diary;
}

static int64_t diary_record(struct diary *diary)
{
    diary->dice = (diary->dice * 1103515245 + 12345) & 0x7fffffff;
    return (int64_t)(diary->dice >> 8) % diary->records + 1;
}

static void diary_note(const struct diary *diary, const char *word, int64_t id)
{
    struct timespec now;
    char line[96];
    int length;

    clock_gettime(CLOCK_REALTIME, &now);
    length =
        snprintf(line, sizeof line, "%s %lld %lld%09ld\n", word, (long long)id, (long long)now.tv_sec, now.tv_nsec);
    if (write(diary->file, line, (size_t)length) != length)
        exit(1);
}

static void diary_pause(const struct diary *diary)
{
    struct timespec pause;

    pause.tv_sec = 0;
    pause.tv_nsec = diary->pause_us * 1000;
    nanosleep(&pause, NULL);
}

#endif
