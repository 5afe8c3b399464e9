// SPDX-License-Identifier: ISC
// Any file of patterns is taken, or refused at a line of it; whatever was taken matches any text in
// bounded time. What stands behind the first empty line is the text.
#include "syslog/pattern.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct syslog_text all = {size > 0 ? (const char *)bytes : "", size};
    const char *end = size > 1 ? memmem(all.at, size, "\n\n", 2) : NULL;
    struct syslog_text file = {all.at, end ? (size_t)(end - all.at) : size};
    struct syslog_patterns *patterns = syslog_patterns_new();
    struct syslog_pattern_error error = {0};
    if (!patterns)
        return 0;
    bool taken = syslog_patterns_add(patterns, "fuzz", file, &error);
    assert(taken || error.what[0]);
    assert(taken || syslog_patterns_count(patterns) == 0);
    struct syslog_message message;
    struct syslog_match match;
    syslog_message_read(all.at + file.size, size - file.size, &message);
    if (syslog_patterns_match(patterns, &message, &match))
        for (size_t i = 0; i < SYSLOG_FIELDS; i++)
            assert(match.fields[i].size <= message.text.size);
    syslog_patterns_free(patterns);
    return 0;
}
