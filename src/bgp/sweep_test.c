// SPDX-License-Identifier: ISC
// Every message that the corpora hold: as it is, cut at each octet, and with each octet 00 and ff.
// The fuzzer's own checks judge what comes of it, alone and over a session; each copy is as long as
// its message and no longer, so that a sanitizer sees what reads past it.
#include "bgp/session_check.h"

#include <dirent.h>
#include <glob.h>

#define CORPUS FAIRLEAD_SOURCE_DIR "/tests/corpus/bgp/*.tsv"
#define SHARED FAIRLEAD_SOURCE_DIR "/../shared/data/corpora/"

enum { OCTETS_MAX = 1 << 17, LINE_MAX_BYTES = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// Contexts of fuzz_context() in bgp/fuzz.h: any state, and then combinations of what matters.
static const uint8_t contexts[] = {0x00, 0x01, 0x02, 0x05, 0x88, 0x14, 0x20, 0x60};

static size_t messages, inputs;

static void judge(const uint8_t *message, size_t size)
{
    for (size_t i = 0; i < sizeof contexts; i++) {
        uint8_t *copy = malloc(size + 1);
        copy[0] = contexts[i];
        memcpy(copy + 1, message, size);
        LLVMFuzzerTestOneInput(copy, size + 1);
        free(copy);
        inputs++;
    }
}

// The same octets from a router over an established session, which they may end.
static void hear(const struct bgp_session *fresh, struct bgp_session *s, const uint8_t *message,
                 size_t size)
{
    memcpy(s, fresh, offsetof(struct bgp_session, in));
    size_t room;
    uint8_t *to = bgp_session_room(s, &room);
    memcpy(to, message, size < room ? size : room);
    bgp_session_received(s, size < room ? size : room);
    struct bgp_session_event event;
    for (int events = 0; bgp_session_next(s, start, &event); events++)
        assert_true(events < OCTETS_MAX / BGP_HEADER_SIZE);
    bgp_session_time(s, at_ms(HOLD_S * 1000));
    while (bgp_session_next(s, start, &event))
        ;
    assert_true(s->state <= BGP_CONNECT || s->state == BGP_ESTABLISHED);
}

static void sweep(const struct bgp_session *fresh, struct bgp_session *s, uint8_t *message,
                  size_t size)
{
    messages++;
    judge(message, size);
    hear(fresh, s, message, size);
    for (size_t at = 0; at < size; at++) {
        judge(message, at);
        static const uint8_t values[] = {0x00, 0xff};
        uint8_t was = message[at];
        for (size_t i = 0; i < sizeof values; i++) {
            message[at] = values[i];
            judge(message, size);
            hear(fresh, s, message, size);
        }
        message[at] = was;
    }
}

static size_t read_hex(const char *hex, uint8_t *octets)
{
    size_t size = 0;
    for (unsigned byte; size < OCTETS_MAX && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        octets[size++] = (uint8_t)byte;
    return size;
}

struct reader {
    struct bgp_session *fresh, *s;
    char *line;
    uint8_t *octets;
};

static struct reader reader_new(void)
{
    struct reader r = {.fresh = established(), .s = established()};
    r.line = malloc(LINE_MAX_BYTES);
    r.octets = malloc(OCTETS_MAX);
    return r;
}

static void reader_free(struct reader *r)
{
    free(r->fresh);
    free(r->s);
    free(r->line);
    free(r->octets);
}

// Lines that hold octets in hexadecimal, behind the last of `mark`.
static void sweep_lines(struct reader *r, const char *path, const char *mark)
{
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    while (fgets(r->line, LINE_MAX_BYTES, in)) {
        const char *hex = r->line;
        for (const char *found; r->line[0] != '#' && (found = strstr(hex, mark));)
            hex = found + strlen(mark);
        if (hex != r->line)
            sweep(r->fresh, r->s, r->octets, read_hex(hex, r->octets));
    }
    fclose(in);
}

// A raw stream of one direction, message by message as far as they can be told apart.
static void sweep_stream(struct reader *r, const char *path)
{
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    size_t size = fread(r->octets, 1, OCTETS_MAX, in), message;
    fclose(in);
    for (size_t at = 0; at < size; at += message) {
        message = size - at;
        size_t said = at + 18 < size ? (size_t)r->octets[at + 16] << 8 | r->octets[at + 17] : 0;
        if (said >= BGP_HEADER_SIZE && said < message)
            message = said;
        if (message > BGP_EXTENDED_MESSAGE_MAX)
            message = BGP_EXTENDED_MESSAGE_MAX;
        sweep(r->fresh, r->s, r->octets + at, message);
    }
}

static void each(const char *pattern, struct reader *r, const char *mark)
{
    glob_t found = {0};
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            if (mark)
                sweep_lines(r, found.gl_pathv[i], mark);
            else
                sweep_stream(r, found.gl_pathv[i]);
        }
    }
    globfree(&found);
}

static void the_corpus_of_the_tree(void **state)
{
    (void)state;
    struct reader r = reader_new();
    messages = inputs = 0;
    each(CORPUS, &r, "\t");
    printf("%zu messages, %zu inputs\n", messages, inputs);
    assert_true(messages > 500);
    reader_free(&r);
}

static void the_corpora_beside_it(void **state)
{
    (void)state;
    DIR *shared = opendir(SHARED);
    if (!shared) {
        printf("skipped: %s is not there\n", SHARED);
        skip();
    }
    closedir(shared);
    struct reader r = reader_new();
    messages = inputs = 0;
    each(SHARED "bgp-*/*.jsonl", &r, "\"hex\": \"");
    each(SHARED "bgp-*/*.bgp", &r, NULL);
    each(SHARED "ndpi-pcaps/*.bgp", &r, NULL);
    each(SHARED "pmacct-a/*/*.bgp", &r, NULL);
    printf("%zu messages, %zu inputs\n", messages, inputs);
    assert_true(messages > 800);
    reader_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus_of_the_tree),
        cmocka_unit_test(the_corpora_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
