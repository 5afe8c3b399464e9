// SPDX-License-Identifier: ISC
// A text of any length under construction. When memory is out it stays as it is, and says so.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct said_text {
    char *bytes;  // with a final zero; NULL: nothing yet
    size_t size, room;
    bool failed;
};

// A zeroed struct is empty.
void said_text_done(struct said_text *text);
void said_add(struct said_text *text, const char *form, ...) __attribute__((format(printf, 2, 3)));
// What others wrote: within HTML and XML, text or quoted, it is text. What XML cannot hold
// (XML 1.0 §2.2) becomes '?'.
void said_add_markup(struct said_text *text, const char *what);
// Within a line of Markdown it is text.
void said_add_markdown(struct said_text *text, const char *what);
// RFC 3339, UTC, in full seconds.
enum { SAID_TIME_MAX = 32 };
const char *said_time(int64_t at_s, char *text);
