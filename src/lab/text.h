// SPDX-License-Identifier: ISC
// A text that grows: batches for `ip`, what a program printed, a report. Running out of memory is
// sticky: write all of it and ask text_ok() once.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *bytes;  // ends with a zero; NULL while empty
    size_t size, capacity;
    bool failed;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const char *bytes, size_t size);
bool text_ok(const struct text *text);
const char *text_get(const struct text *text);  // never NULL
void text_clear(struct text *text);
void text_done(struct text *text);

// Appends a whole file; 0 or -errno.
int text_read(struct text *text, const char *path);
int text_read_fd(struct text *text, int fd);
int text_write(const struct text *text, const char *path);
