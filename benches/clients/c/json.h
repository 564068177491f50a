/* simdjson for C: whether an answer says of each of so many records that it was executed. */

#ifndef JSON_H
#define JSON_H

#include <stddef.h>

/* What `capacity` must have beyond `length`. */
enum { JSON_PADDING = 64 };

#ifdef __cplusplus
extern "C"
#endif
    int
    json_all_executed(const char *text, size_t length, size_t capacity, int records);

#endif
