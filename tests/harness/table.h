/* A table of cases: a line of column names, and below it a row a line, its fields between tabs. */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

enum { TABLE_ROWS = 500, TABLE_COLUMNS = 16 };

struct row {
    char line[2048];
    const char *field[TABLE_COLUMNS];
};

/* Runs each row as a test of the name in its first field; run gets the row. The columns that it wants, of which NULL is
   the last, are found by their names, so that others may follow. Ends the program when the table is none. Gives its exit
   status. */
int run_table(const char *path, const char *const *columns, void (*run)(const void *row), int argc, char **argv);

#endif
