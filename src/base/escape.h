// SPDX-License-Identifier: ISC
// Text from strangers, made safe for a terminal and a log: control bytes, broken UTF-8 (RFC 3629
// §4), quotes, backslashes and characters that turn or hide the text around them become \xNN.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Writes into `text` (`text_size` bytes, 1 at least) with a final zero. False when not all of it
// fits: it is then cut at a character. Four bytes for each octet and one more are always enough.
bool escape_text(const void *bytes, size_t size, char *text, size_t text_size);
