// SPDX-License-Identifier: ISC
#include "capture/streams.h"

#include "base/check.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>

// "10SF:ab+2" is sequence number 10, SYN and FIN, the data "ab", and 2 more octets that were not
// captured; "<" before it turns it round. Gives what follows it.
static const char *read_segment(const char *text, struct packet *packet)
{
    struct packet_end a = {check_address("192.0.2.1"), 40000},
                      b = {check_address("192.0.2.2"), 179};
    bool back = *text == '<';
    char *at;
    *packet = (struct packet){.source = back ? b : a, .destination = back ? a : b};
    packet->sequence = (uint32_t)strtoul(text + back, &at, 10);
    for (; *at == 'S' || *at == 'F' || *at == 'R'; at++)
        packet->flags |= *at == 'S' ? PACKET_SYN : *at == 'F' ? PACKET_FIN : PACKET_RST;
    at += *at == ':';
    packet->size = strcspn(at, " +");
    packet->data = cursor_over(at, packet->size);
    at += packet->size;
    if (*at == '+')
        packet->size += strtoul(at + 1, &at, 10);
    return at + (*at == ' ');
}

static struct packet packet_of(const char *text)
{
    struct packet packet;
    read_segment(text, &packet);
    return packet;
}

// All events as text: bytes as they are, "<3>" for three that are missing, "|" for an end, and the
// number of the stream before what is not the first's.
static void draw(struct streams *s, char *text)
{
    struct streams_event event;
    while (streams_next(s, &event)) {
        uint32_t number = streams_ends(s, event.slot).number;
        if (number > 1)
            text += sprintf(text, "%u:", number);
        if (event.kind == STREAMS_DATA)
            text += sprintf(text, "%.*s", (int)cursor_left(&event.data),
                            (const char *)event.data.bytes);
        else if (event.kind == STREAMS_GAP)
            text += sprintf(text, "<%d>", (int)event.size);
        else
            text += sprintf(text, "|");
    }
    *text = '\0';
}

static const struct row {
    const char *name, *segments;
    const char *before, *after;  // what is given before and after the end of the capture
} rows[] = {
    {"in order", "9S 10:ab 12:cd 14F", "abcd|", ""},
    {"no end", "9S 10:ab", "ab", "|"},
    {"data with SYN", "9S:ab 12:c", "abc", "|"},
    {"SYN that is not counted", "9S:ab 11:cd 13:ef", "abcdef", "|"},
    {"probe behind data with SYN", "9S:ab 11:b 12:cd", "abcd", "|"},
    {"data with FIN", "9S 10F:ab", "ab|", ""},
    {"no beginning", "10:ab 12:cd", "abcd", "|"},
    {"out of order", "9S 12:cd 14:ef 10:ab", "abcdef", "|"},
    {"last first", "9S 14F:ef 12:cd 10:ab", "abcdef|", ""},
    {"sent again", "9S 10:ab 10:ab 12:cd", "abcd", "|"},
    {"sent again, and more", "9S 10:ab 10:abcd 11:bcde", "abcde", "|"},
    {"sent again while it waits", "9S 12:cd 12:XXef 10:ab", "abcdef", "|"},
    {"overlap that waits", "9S 13:def 12:cd 10:ab", "abcdef", "|"},
    {"contained", "9S 12:cdef 13:XX 10:ab", "abcdef", "|"},
    {"missing", "9S 10:ab 14:ef", "ab", "<2>ef|"},
    {"missing twice", "9S 14:ef 18:ij", "", "<4>ef<2>ij|"},
    {"missing before the end", "9S 10:ab 16F", "ab", "|"},
    {"beginning missing, then late", "12:cd 10:ab", "cd", "|"},
    {"captured in part", "9S 10:ab+2 14:ef", "ab", "<2>ef|"},
    {"sequence wraps", "4294967293S 4294967294:ab 0:cd 2F", "abcd|", ""},
    {"wraps out of order", "4294967293S 2:ef 0:cd 4294967294:ab", "abcdef", "|"},
    {"keepalive probe", "9S 10:ab 11:b 12:c", "abc", "|"},
    {"reset", "9S 10:ab 12R 12:cd", "ab|", ""},
    {"reset of old", "9S 10:ab 11R 12:cd", "abcd", "|"},
    {"reset ahead", "9S 10:ab 14R 12:cd", "abcd|", ""},
    {"late after the end", "9S 10F:ab 10:ab 12F", "ab|", ""},
    {"SYN again", "9S 9S 10:ab 9S", "ab", "|"},
    {"another connection", "9S 10F:ab 99S 100:cd", "ab|2:cd", "2:|"},
    {"another, the first open", "9S 10:ab 14:ef 99S 100:c", "ab<2>ef|2:c", "2:|"},
    {"another, far away", "9S 10:ab 1073741824:cd", "ab|2:cd", "2:|"},
    {"another, far behind", "1073741823S 1073741824:ab 10:cd", "ab|2:cd", "2:|"},
    {"both directions", "9S 10:ab <7S <8:xy", "ab2:xy", "|2:|"},
    {"no data, no SYN", "10 10F 10R", "", ""},
};

static void gives_each_byte_once_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct streams *s = streams_new((struct siphash_key){1, 2});
        char text[256], before[256] = "";
        for (const char *at = rows[i].segments; *at;) {
            struct packet packet;
            at = read_segment(at, &packet);
            streams_add(s, &packet);
            draw(s, text);
            strcat(before, text);
        }
        if (strcmp(before, rows[i].before) != 0)
            fail_msg("row '%s': '%s' before the end", rows[i].name, before);
        streams_finish(s);
        draw(s, text);
        if (strcmp(text, rows[i].after) != 0)
            fail_msg("row '%s': '%s' at the end", rows[i].name, text);
        streams_free(s);
    }
}

// Segments of any size, in an order that is wrong by a little, some twice, some never: what comes
// out is what went in, and says how much of it is missing.
static void loses_nothing_else(void **state)
{
    (void)state;
    enum { SIZE = 20000, SEGMENTS_MAX = 4000 };
    static char sent[SIZE];
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct random random = {seed};
        for (size_t i = 0; i < SIZE; i++)
            sent[i] = (char)(i * 31 >> 3);
        struct cut {
            uint32_t at, size;
            double place;
        } cuts[SEGMENTS_MAX];
        size_t count = 0, missing = 0;
        for (uint32_t at = 0, size; at < SIZE; at += size) {
            size = 1 + (uint32_t)(random_unit(&random) * 40);
            size = size > SIZE - at ? SIZE - at : size;
            // The first is there: otherwise nobody knows where the stream begins; so is the last.
            bool lost = at > 0 && at + size < SIZE && random_unit(&random) < 0.05;
            missing += lost ? size : 0;
            for (int copies = lost ? 0 : 1 + (random_unit(&random) < 0.1); copies > 0;
                 copies--, count++)
                cuts[count] =
                    (struct cut){at, size, at == 0 ? -1 : (double)count + random_unit(&random) * 8};
        }
        for (size_t i = 1; i < count; i++)
            for (size_t j = i; j > 0 && cuts[j].place < cuts[j - 1].place; j--) {
                struct cut swapped = cuts[j];
                cuts[j] = cuts[j - 1];
                cuts[j - 1] = swapped;
            }

        struct streams *s = streams_new((struct siphash_key){seed, 2});
        uint32_t base = (uint32_t)(random_unit(&random) * UINT32_MAX);
        size_t got = 0, gaps = 0;
        for (size_t i = 0; i <= count; i++) {
            struct packet packet = packet_of("0");
            packet.sequence = base + (i < count ? cuts[i].at : 0);
            packet.data =
                cursor_over(sent + (i < count ? cuts[i].at : 0), i < count ? cuts[i].size : 0);
            packet.size = cursor_left(&packet.data);
            if (i < count)
                streams_add(s, &packet);
            else
                streams_finish(s);
            for (struct streams_event event; streams_next(s, &event);) {
                size_t size = event.kind == STREAMS_GAP ? event.size : 0;
                if (event.kind == STREAMS_DATA) {
                    size = cursor_left(&event.data);
                    assert_true(size > 0 && got + size <= SIZE);
                    assert_memory_equal(event.data.bytes, sent + got, size);
                }
                gaps += event.kind == STREAMS_GAP ? size : 0;
                got += size;
            }
        }
        assert_int_equal(got, SIZE);
        assert_int_equal(gaps, missing);
        streams_free(s);
    }
}

// One octet is missing, and the rest of a long stream behind it: it is given up before long.
static void gives_up_what_waits_too_long(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t size;  // of a segment
        size_t waits;
    } cases[] = {
        {"many segments", 1, STREAMS_WAITING_MAX},
        {"many bytes", 64000, STREAMS_WAITING_BYTES_MAX / 64000},
    };
    static char bytes[64000];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct streams *s = streams_new((struct siphash_key){1, 2});
        struct packet packet = packet_of("9S");
        struct streams_event event;
        streams_add(s, &packet);
        CHECK_ROW(cases[i].name, !streams_next(s, &event));
        packet.flags = 0;
        packet.sequence = 11;
        packet.data = cursor_over(bytes, cases[i].size);
        packet.size = cases[i].size;
        for (size_t n = 0; n < cases[i].waits; n++, packet.sequence += (uint32_t)cases[i].size) {
            streams_add(s, &packet);
            CHECK_ROW(cases[i].name, !streams_next(s, &event));
        }
        streams_add(s, &packet);
        CHECK_ROW(cases[i].name, streams_next(s, &event));
        CHECK_ROW(cases[i].name, event.kind == STREAMS_GAP && event.size == 1);
        size_t given = 0;
        while (streams_next(s, &event))
            given += cursor_left(&event.data);
        CHECK_ROW(cases[i].name, given == (cases[i].waits + 1) * cases[i].size);
        streams_free(s);
    }
}

// More connections than there is room for: the one silent for longest ends, the others go on.
static void forgets_the_oldest(void **state)
{
    (void)state;
    struct streams *s = streams_new((struct siphash_key){1, 2});
    struct streams_event event;
    char text[64];
    for (uint32_t i = 0; i < STREAMS_MAX + 10; i++) {
        struct packet packet = packet_of("5:ab");
        packet.source.port = (uint16_t)(1000 + i);
        streams_add(s, &packet);
        if (i >= STREAMS_MAX) {
            assert_true(streams_next(s, &event) && event.kind == STREAMS_END);
            assert_int_equal(streams_ends(s, event.slot).number, i + 1 - STREAMS_MAX + 1);
        }
        assert_true(streams_next(s, &event) && event.kind == STREAMS_DATA);
        assert_int_equal(streams_ends(s, event.slot).number, i + 1);
        assert_false(streams_next(s, &event));
        // The first never rests.
        packet.source.port = 1000;
        packet.sequence = 7 + i;
        packet.data = cursor_over("x", 1);
        streams_add(s, &packet);
        draw(s, text);
        assert_string_equal(text, "x");
    }
    streams_free(s);
}

static void knows_the_other_direction(void **state)
{
    (void)state;
    struct streams *s = streams_new((struct siphash_key){1, 2});
    struct streams_event event;
    uint32_t twin, slots[2];
    for (int back = 0; back < 2; back++) {
        struct packet packet = packet_of(back ? "<5:ab" : "5:ab");
        streams_add(s, &packet);
        assert_true(streams_next(s, &event));
        slots[back] = event.slot;
        assert_int_equal(streams_twin(s, event.slot, &twin), back);
        assert_false(streams_next(s, &event));
    }
    assert_true(twin == slots[0] && streams_twin(s, slots[0], &twin) && twin == slots[1]);
    assert_int_equal(streams_ends(s, slots[1]).source.port, 179);
    streams_free(s);
    streams_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_byte_once_in_order), cmocka_unit_test(loses_nothing_else),
        cmocka_unit_test(gives_up_what_waits_too_long),  cmocka_unit_test(forgets_the_oldest),
        cmocka_unit_test(knows_the_other_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
