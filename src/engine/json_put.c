// SPDX-License-Identifier: ISC
#include "engine/json_put.h"

#include <string.h>

void json_put_raw(struct writer *w, const char *text)
{
    writer_bytes(w, text, strlen(text));
}

void json_put_integer(struct writer *w, int64_t value)
{
    char digits[20];  // INT64_MIN has as many characters
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        digits[--at] = '-';
    writer_bytes(w, digits + at, sizeof digits - at);
}

bool json_put_string(struct writer *w, const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c < ' ' || *c >= 0x7f || *c == '"' || *c == '\\')
            return false;
    json_put_raw(w, "\"");
    json_put_raw(w, text);
    json_put_raw(w, "\"");
    return true;
}
