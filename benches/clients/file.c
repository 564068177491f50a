#include "client.h"

#include <stdio.h>
#include <stdlib.h>

void require(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

char *read_file(const char *folder, const char *name, long *out_length)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    require(file != NULL, path);
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    rewind(file);
    char *text = calloc((size_t)length + 1, 1);
    require(fread(text, 1, (size_t)length, file) == (size_t)length, path);
    fclose(file);
    if (out_length)
        *out_length = length;
    return text;
}
