// SPDX-License-Identifier: ISC
// A log of a few records, then what people and disks do to logs.
#include "audit/reader.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum { LOG_MAX = 256 * 1024, RECORDS = 6 };

struct log {
    size_t size;
    struct audit_chain chain;
    size_t at[RECORDS + 1];  // where each record begins, and the end
    char text[LOG_MAX];
};

static void add(struct log *log, const char *body)
{
    log->size += audit_chain_seal(&log->chain, body, strlen(body), log->text + log->size);
}

static void begin(struct log *log)
{
    char body[160];
    snprintf(body, sizeof body, "\"record\":\"begin\",\"previous\":\"%s\"", log->chain.hash);
    add(log, body);
}

static struct log *new_log(void)
{
    struct log *log = calloc(1, sizeof *log);
    audit_chain_init(&log->chain);
    for (int i = 0; i < RECORDS; i++) {
        char body[64];
        log->at[i] = log->size;
        snprintf(body, sizeof body, "\"record\":\"effect\",\"a\":%d", i);
        if (i == 0)
            begin(log);
        else
            add(log, body);
    }
    log->at[RECORDS] = log->size;
    return log;
}

// True when all is good; else `wrong` says where it is not.
static bool read_text(struct audit_reader *reader, const char *text, size_t size,
                      struct audit_wrong *wrong)
{
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        if (!audit_reader_line(reader, text, length, end != NULL, NULL))
            break;
        text += length + (end != NULL);
        size -= length + (end != NULL);
    }
    return audit_reader_end(reader, wrong);
}

static bool read_log(const struct log *log, struct audit_reader *reader, struct audit_wrong *wrong)
{
    audit_reader_init(reader);
    return read_text(reader, log->text, log->size, wrong);
}

static void reads_what_was_written(void **state)
{
    (void)state;
    struct log *log = new_log();
    struct audit_reader reader;
    struct audit_wrong wrong;
    assert_true(read_log(log, &reader, &wrong));
    assert_int_equal(reader.records, RECORDS);
    assert_int_equal(reader.torn, 0);
    assert_string_equal(reader.chain.hash, log->chain.hash);
    assert_int_equal(reader.chain.number, RECORDS);
    json_t *record;
    audit_reader_init(&reader);
    assert_true(audit_reader_line(&reader, log->text, log->at[1] - 1, true, &record));
    assert_string_equal(json_string_value(json_object_get(record, "record")), "begin");
    json_decref(record);
    free(log);
}

// As anybody can check it without us.
static void seals_as_the_manual_says(void **state)
{
    (void)state;
    char text[AUDIT_HASH_TEXT], line[AUDIT_LINE_MAX];
    audit_digest("abc", 3, text);  // FIPS 180-4, appendix B.1
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct audit_chain chain;
    audit_chain_init(&chain);
    size_t size = audit_chain_seal(&chain, "\"record\":\"x\"", 12, line);
    static const char rest[] = "\"number\":1,\"record\":\"x\"}";
    char all[256];
    snprintf(all, sizeof all, "%064d%s", 0, rest);
    audit_digest(all, strlen(all), text);
    snprintf(all, sizeof all, "{\"hash\":\"%s\",%s\n", text, rest);
    assert_int_equal(size, strlen(all));
    assert_memory_equal(line, all, size);
    assert_string_equal(chain.hash, text);
}

// The fault is found at the record that was changed, whatever bit it is. Only at the end may it
// look like a torn write: where the last line, or two of which the newline was changed, are no
// JSON.
static void finds_every_flipped_bit(void **state)
{
    (void)state;
    struct log *log = new_log();
    struct audit_reader reader;
    struct audit_wrong wrong;
    for (size_t i = 0; i < log->size; i++) {
        size_t record = 0;
        while (log->at[record + 1] <= i)
            record++;
        log->text[i] ^= (char)(1 << i % 8);
        assert_false(read_log(log, &reader, &wrong));
        assert_int_equal(wrong.line, record + 1);
        assert_int_equal(wrong.byte, log->at[record]);
        assert_true(record == RECORDS - 1 || i + 1 == log->at[RECORDS - 1] || !wrong.may_be_torn);
        log->text[i] ^= (char)(1 << i % 8);
    }
    free(log);
}

// Moves [from, until) to before `to`, or removes it.
static void tamper(struct log *log, size_t from, size_t until, size_t to)
{
    char piece[1024];
    size_t size = until - from;
    assert_true(size <= sizeof piece);
    memcpy(piece, log->text + from, size);
    memmove(log->text + from, log->text + until, log->size - until);
    log->size -= size;
    if (to == SIZE_MAX)
        return;
    memmove(log->text + to + size, log->text + to, log->size - to);
    memcpy(log->text + to, piece, size);
    log->size += size;
}

static void finds_what_was_removed_moved_or_put_in(void **state)
{
    (void)state;
    static const char missing[] = "does not have the next number: one is missing, or was moved";
    for (size_t i = 1; i < RECORDS; i++) {
        struct log *log = new_log();
        struct audit_reader reader;
        struct audit_wrong wrong = {0};
        tamper(log, log->at[i], log->at[i + 1], SIZE_MAX);
        bool last = i == RECORDS - 1;  // that nobody can see in the log alone: keep its last hash
        assert_true(read_log(log, &reader, &wrong) == last);
        assert_true(last || (wrong.line == i + 1 && wrong.byte == log->at[i]));
        assert_true(last || strcmp(wrong.what, missing) == 0);
        free(log);
        log = new_log();
        tamper(log, log->at[i], log->at[i + 1], log->at[i - 1]);
        assert_false(read_log(log, &reader, &wrong));
        assert_int_equal(wrong.line, i);
        assert_false(wrong.may_be_torn);
        free(log);
        log = new_log();
        memmove(log->text + log->at[i + 1], log->text + log->at[i], log->size - log->at[i]);
        log->size += log->at[i + 1] - log->at[i];
        assert_false(read_log(log, &reader, &wrong));  // one twice
        assert_int_equal(wrong.line, i + 2);
        free(log);
    }
}

static void finds_a_forged_record(void **state)
{
    (void)state;
    struct log *log = new_log(), *forged = new_log();
    struct audit_reader reader;
    struct audit_wrong wrong;
    forged->chain.number = 2;
    memset(forged->chain.hash, 'a', AUDIT_HASH_TEXT - 1);
    forged->size = log->at[2];
    add(forged, "\"record\":\"effect\",\"a\":2");
    assert_false(read_log(forged, &reader, &wrong));
    assert_string_equal(wrong.what,
                        "does not fit its hash: it, or what stood before it, was changed");
    free(log);
    free(forged);
}

static const struct {
    const char *name, *text, *what;
} heads[] = {
    {"nothing", "", NULL},
    {"an empty line", "\n", "is no record"},
    {"a number", "7\n", "is no record"},
    {"zeros", "\\0\\0\n", "is no record"},
    {"no hash", "{\"number\":1,\"record\":\"begin\"}\n", "is no record"},
    {"a short hash", "{\"hash\":\"00\",\"number\":1,\"record\":\"begin\"}\n", "is no record"},
    {"no beginning",
     "{\"hash\":\"0000000000000000000000000000000000000000000000000000000000000000\","
     "\"number\":1,\"record\":\"effect\"}\n",
     "is not one that begins a file"},
    {"a beginning without its hash before",
     "{\"hash\":\"0000000000000000000000000000000000000000000000000000000000000000\","
     "\"number\":1,\"record\":\"begin\",\"previous\":\"00\"}\n",
     "is not one that begins a file"},
    {"number 0",
     "{\"hash\":\"0000000000000000000000000000000000000000000000000000000000000000\","
     "\"number\":0,\"record\":\"begin\",\"previous\":"
     "\"0000000000000000000000000000000000000000000000000000000000000000\"}\n",
     "does not have the next number: one is missing, or was moved"},
    {"another hash",
     "{\"hash\":\"0000000000000000000000000000000000000000000000000000000000000000\","
     "\"number\":1,\"record\":\"begin\",\"previous\":"
     "\"0000000000000000000000000000000000000000000000000000000000000000\"}\n",
     "does not fit its hash: it, or what stood before it, was changed"},
    {"half a record", "{\"hash\":\"0000", "is not complete"},
};

static void says_what_is_no_log(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct audit_reader reader;
        struct audit_wrong wrong = {.what = NULL};
        audit_reader_init(&reader);
        bool good = read_text(&reader, heads[i].text, strlen(heads[i].text), &wrong);
        CHECK_ROW(heads[i].name, good == !heads[i].what);
        CHECK_ROW(heads[i].name, good || strcmp(wrong.what, heads[i].what) == 0);
        CHECK_ROW(heads[i].name, good || (wrong.line == 1 && wrong.byte == 0));
    }
}

static void close_torn(struct log *log, size_t from)
{
    char body[200], hash[AUDIT_HASH_TEXT];
    if (log->text[log->size - 1] != '\n')
        log->text[log->size++] = '\n';
    audit_digest(log->text + from, log->size - from, hash);
    snprintf(body, sizeof body, "\"record\":\"torn\",\"bytes\":%zu,\"sha256\":\"%s\"",
             log->size - from, hash);
    add(log, body);
}

// However many bytes of the last record were left: closed, the log is good again, and what was torn
// cannot be changed either. Of one that lacks but its newline nothing was lost.
static void accepts_what_was_torn_and_closed(void **state)
{
    (void)state;
    struct log *whole = new_log();
    struct audit_chain before = whole->chain;
    add(whole, "\"record\":\"effect\",\"x\":\"the last one\"");
    for (size_t cut = whole->at[RECORDS] + 1; cut < whole->size - 1; cut++) {
        struct log *log = malloc(sizeof *log);
        struct audit_reader reader;
        struct audit_wrong wrong;
        *log = *whole;
        log->size = cut;
        log->chain = before;
        assert_false(read_log(log, &reader, &wrong));
        assert_true(wrong.may_be_torn);
        assert_int_equal(wrong.bytes, cut - whole->at[RECORDS]);
        assert_int_equal(wrong.line, RECORDS + 1);
        close_torn(log, whole->at[RECORDS]);
        add(log, "\"record\":\"effect\",\"x\":\"goes on\"");
        assert_true(read_log(log, &reader, &wrong));
        assert_int_equal(reader.torn, 1);
        assert_int_equal(reader.records, RECORDS + 2);
        log->text[whole->at[RECORDS]] ^= 1;
        assert_false(read_log(log, &reader, &wrong));
        assert_int_equal(wrong.line, RECORDS + 1);
        assert_false(wrong.may_be_torn);
        free(log);
    }
    struct audit_reader reader;
    struct audit_wrong wrong;
    whole->size--;
    assert_false(read_log(whole, &reader, &wrong));
    whole->text[whole->size++] = '\n';
    assert_true(read_log(whole, &reader, &wrong));
    free(whole);
}

// What is too long for one write, or holds whole records, was not torn.
static void does_not_take_damage_for_torn(void **state)
{
    (void)state;
    struct log *log = new_log();
    struct audit_reader reader;
    struct audit_wrong wrong;
    memset(log->text + log->size, 'x', AUDIT_WRITE_MAX + 1);
    log->size += AUDIT_WRITE_MAX;
    assert_false(read_log(log, &reader, &wrong));
    assert_true(wrong.may_be_torn);
    log->size++;
    assert_false(read_log(log, &reader, &wrong));
    assert_false(wrong.may_be_torn);
    close_torn(log, log->at[RECORDS]);
    assert_false(read_log(log, &reader, &wrong));
    free(log);
}

static void follows_a_chain_through_files(void **state)
{
    (void)state;
    struct log *first = new_log(), *second = calloc(1, sizeof *second);
    struct audit_reader reader;
    struct audit_wrong wrong;
    second->chain = first->chain;
    begin(second);
    add(second, "\"record\":\"effect\"");
    assert_true(read_log(first, &reader, &wrong));
    audit_reader_next_file(&reader);
    assert_true(read_text(&reader, second->text, second->size, &wrong));
    assert_int_equal(reader.chain.number, RECORDS + 2);
    assert_true(read_log(second, &reader, &wrong));  // by itself
    audit_reader_next_file(&reader);
    assert_false(read_text(&reader, first->text, first->size, &wrong));  // in the wrong order
    assert_string_equal(wrong.what, "does not continue the file before");
    assert_int_equal(wrong.line, 1);
    free(first);
    free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(seals_as_the_manual_says),
        cmocka_unit_test(finds_every_flipped_bit),
        cmocka_unit_test(finds_what_was_removed_moved_or_put_in),
        cmocka_unit_test(finds_a_forged_record),
        cmocka_unit_test(says_what_is_no_log),
        cmocka_unit_test(accepts_what_was_torn_and_closed),
        cmocka_unit_test(does_not_take_damage_for_torn),
        cmocka_unit_test(follows_a_chain_through_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
