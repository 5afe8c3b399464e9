// SPDX-License-Identifier: ISC
#include "bmp/verdict.h"

#include <stdarg.h>
#include <stdio.h>

const char *bmp_remedy_name(enum bmp_remedy remedy)
{
    static const char *const names[BMP_REMEDIES] = {
        [BMP_ACCEPT] = "accept", [BMP_IGNORE] = "ignore", [BMP_DISCARD] = "attribute-discard",
        [BMP_DROP] = "ignore",   [BMP_CLOSE] = "close",
    };
    return names[remedy];
}

struct bmp_verdict bmp_verdict_of(enum bmp_remedy remedy, size_t at, const char *spec,
                                  const char *reason, ...)
{
    struct bmp_verdict verdict = {.remedy = remedy, .spec = spec, .at = at};
    va_list arguments;
    va_start(arguments, reason);
    vsnprintf(verdict.reason, sizeof verdict.reason, reason, arguments);
    va_end(arguments);
    return verdict;
}
