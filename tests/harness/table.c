#include "table.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct row rows[TABLE_ROWS];

static size_t split(char *line, const char **fields)
{
    size_t count = 0;

    line[strcspn(line, "\n")] = '\0';
    while (line != NULL && count < TABLE_COLUMNS) {
        char *tab = strchr(line, '\t');
        fields[count++] = line;
        if (tab != NULL)
            *tab++ = '\0';
        line = tab;
    }
    return count;
}

static _Noreturn void bad_table(const char *path, const char *what, const char *line)
{
    fprintf(stderr, "%s: %s: %s\n", path, what, line);
    exit(99);
}

static size_t read_rows(const char *path, const char *const *columns)
{
    FILE *file = fopen(path, "r");
    char line[sizeof rows->line], header[sizeof line] = "";
    const char *names[TABLE_COLUMNS], *fields[TABLE_COLUMNS];
    size_t width = 0, count = 0, i, j;

    if (file == NULL)
        bad_table(path, "cannot be read", "");
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        if (width == 0) {
            width = split(strcpy(header, line), names);
            continue;
        }
        if (count == TABLE_ROWS || split(strcpy(rows[count].line, line), fields) != width)
            bad_table(path, "not a case", line);
        for (i = 0; columns[i] != NULL; i++) {
            for (j = 0; j < width && strcmp(names[j], columns[i]) != 0; j++)
                ;
            if (j == width)
                bad_table(path, "has no column", columns[i]);
            rows[count].field[i] = fields[j];
        }
        count++;
    }
    fclose(file);
    return count;
}

int run_table(const char *path, const char *const *columns, void (*run)(const void *row), int argc, char **argv)
{
    static struct test tests[TABLE_ROWS];
    size_t count = read_rows(path, columns);

    for (size_t i = 0; i < count; i++)
        tests[i] = (struct test){.name = rows[i].field[0], .run_row = run, .row = &rows[i]};
    return run_tests(tests, count, NULL, argc, argv);
}
