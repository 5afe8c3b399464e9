// SPDX-License-Identifier: ISC
// JSON text straight into a writer, for what needs no tree of values: integers, and texts in which
// nothing is to be escaped.
#pragma once

#include "base/writer.h"

void json_put_raw(struct writer *w, const char *text);  // as it is
void json_put_integer(struct writer *w, int64_t value);
// Between quotes. False, and nothing is written, where that would not be the whole of it: a control
// character, a quote, a backslash, or anything beyond ASCII.
bool json_put_string(struct writer *w, const char *text);
