// SPDX-License-Identifier: ISC
// Countries as people write them: codes of ISO 3166, which are known, or words, which are not.
#pragma once

#include <stdbool.h>

// A code in small letters, or one that stands for another, becomes the one that all are compared
// by. In place; words stay.
void country_settle(char *country);
// Of a code that is settled; "": it is none that is known.
const char *country_continent(const char *country);
// Whether it looks like a code, and is none.
bool country_is_no_code(const char *country);
