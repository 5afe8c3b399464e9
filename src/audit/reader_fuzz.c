// SPDX-License-Identifier: ISC
// Any bytes as a log: the reader never breaks; and behind a good log they never make it better:
// what was good stays so, and a fault is never named before them.
#include "audit/reader.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_all(struct audit_reader *reader, const char *text, size_t size)
{
    bool goes_on = true;
    while (size > 0 && goes_on) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        json_t *record;
        goes_on = audit_reader_line(reader, text, length, end != NULL, &record);
        json_decref(record);
        text += length + (end != NULL);
        size -= length + (end != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct audit_reader reader;
    struct audit_wrong wrong;
    struct audit_chain chain;
    char body[128], line[AUDIT_LINE_MAX];
    audit_reader_init(&reader);
    read_all(&reader, (const char *)bytes, size);
    (void)audit_reader_end(&reader, &wrong);
    audit_chain_init(&chain);
    audit_reader_init(&reader);
    int length =
        snprintf(body, sizeof body, "\"record\":\"begin\",\"previous\":\"%s\"", chain.hash);
    size_t end = audit_chain_seal(&chain, body, (size_t)length, line);
    read_all(&reader, line, end);
    assert(reader.records == 1 && audit_reader_end(&reader, &wrong));
    read_all(&reader, (const char *)bytes, size);
    if (!audit_reader_end(&reader, &wrong))
        assert(wrong.line >= 2 && wrong.byte >= end);
    return 0;
}
