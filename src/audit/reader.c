// SPDX-License-Identifier: ISC
#include "audit/reader.h"

#include <stdio.h>
#include <string.h>

static const char head[] = "{\"hash\":\"";
enum { HEAD = sizeof head - 1, REST = HEAD + AUDIT_HASH_TEXT - 1 + 2 };

void audit_reader_init(struct audit_reader *reader)
{
    *reader = (struct audit_reader){.line = 1};
    audit_chain_init(&reader->chain);
}

void audit_reader_next_file(struct audit_reader *reader)
{
    reader->line = 1;
    reader->byte = 0;
    reader->doubts = reader->file_begun = false;
}

static const char *text_of(const json_t *record, const char *key)
{
    const char *text = json_string_value(json_object_get(record, key));
    return text ? text : "";
}

// Where the chain of a file that is read by itself, or first, begins.
static const char *begin(struct audit_reader *r, const json_t *record, uint64_t number)
{
    const char *previous = text_of(record, "previous");
    if (strcmp(text_of(record, "record"), "begin") != 0 || strlen(previous) != AUDIT_HASH_TEXT - 1)
        return "is not one that begins a file";
    if (r->begun && (strcmp(previous, r->chain.hash) != 0 || number != r->chain.number + 1))
        return "does not continue the file before";
    memcpy(r->chain.hash, previous, AUDIT_HASH_TEXT);
    r->chain.number = number - 1;
    return NULL;
}

// NULL when it is the next record; else why not.
static const char *take(struct audit_reader *r, const char *text, size_t size, json_t *record)
{
    char hash[AUDIT_HASH_TEXT];
    json_int_t number = json_integer_value(json_object_get(record, "number"));
    struct audit_chain before = r->chain;
    if (!record || size < REST || memcmp(text, head, HEAD) != 0 ||
        memcmp(text + REST - 2, "\",", 2) != 0)
        return "is no record";
    const char *why = r->file_begun ? NULL : begin(r, record, (uint64_t)number);
    if (!why && (number < 1 || (uint64_t)number != r->chain.number + 1))
        why = "does not have the next number: one is missing, or was moved";
    audit_hash(r->chain.hash, text + REST, size - REST, hash);
    if (!why && memcmp(hash, text + HEAD, AUDIT_HASH_TEXT - 1) != 0)
        why = "does not fit its hash: it, or what stood before it, was changed";
    if (why) {
        r->chain = before;
        return why;
    }
    memcpy(r->chain.hash, hash, sizeof hash);
    r->chain.number = (uint64_t)number;
    r->begun = r->file_begun = true;
    r->records++;
    return NULL;
}

static void doubt(struct audit_reader *r, const char *what)
{
    r->doubts = true;
    r->doubt = (struct audit_wrong){r->line, r->byte, what, true, 0};
    sha256_init(&r->doubted);
}

static void add_doubt(struct audit_reader *r, const char *text, size_t size, bool ended)
{
    sha256_update(&r->doubted, size, (const uint8_t *)text);
    if (ended)
        sha256_update(&r->doubted, 1, (const uint8_t *)"\n");
    r->doubt.bytes += size + ended;
    r->doubt.may_be_torn &= r->doubt.bytes <= AUDIT_WRITE_MAX;
}

// Whether this record closes the stretch before it.
static bool closes(const struct audit_reader *r, const json_t *record)
{
    struct sha256_ctx copy = r->doubted;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char text[AUDIT_HASH_TEXT];
    sha256_digest(&copy, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    json_int_t bytes = json_integer_value(json_object_get(record, "bytes"));
    return strcmp(text_of(record, "record"), "torn") == 0 && bytes >= 0 &&
           (uint64_t)bytes == r->doubt.bytes && strcmp(text_of(record, "sha256"), text) == 0;
}

static void look(struct audit_reader *r, const char *text, size_t size, bool ended, json_t **record)
{
    bool read = ended && size < AUDIT_LINE_MAX && (!r->doubts || r->doubt.may_be_torn);
    json_t *json = read ? json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *why = "is not complete";
    if (ended && (!r->doubts || closes(r, json)))
        why = take(r, text, size, json);
    if (!why && r->doubts) {
        r->doubts = false;
        r->torn++;
    } else if (why && !r->doubts) {
        doubt(r, why);
    }
    if (r->doubts)
        add_doubt(r, text, size, ended);
    if (json_object_get(json, "hash"))  // a whole record: nobody left that half written
        r->doubt.may_be_torn = false;
    if (record && !why)
        *record = json_incref(json);
    json_decref(json);
}

bool audit_reader_line(struct audit_reader *reader, const char *text, size_t size, bool ended,
                       json_t **record)
{
    if (record)
        *record = NULL;
    look(reader, text, size, ended, record);
    reader->line++;
    reader->byte += size + ended;
    return !reader->doubts || reader->doubt.may_be_torn;
}

bool audit_reader_end(const struct audit_reader *reader, struct audit_wrong *wrong)
{
    if (reader->doubts)
        *wrong = reader->doubt;
    return !reader->doubts;
}
