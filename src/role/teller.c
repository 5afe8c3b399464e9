// SPDX-License-Identifier: ISC
#include "role/teller.h"

#include "base/utf8.h"
#include "engine/message.h"
#include "engine/narrate.h"
#include "role/journal.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 4096,            // PIPE_BUF: what a writable pipe takes at once, see pipe(7)
    CLOCK_STEP_NS = 100 * NS_PER_MS,  // more than two readings of two clocks lie apart
};

void teller_init(struct teller *t, const struct net *net, int fd, bool json)
{
    *t = (struct teller){.net = net, .fd = fd, .journal = -1, .json = json};
}

const char *teller_time(struct wall at, char *text)
{
    time_t seconds = (time_t)(at.ns / NS_PER_S);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t size = strftime(text, TELLER_TIME_MAX, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + size, TELLER_TIME_MAX - size, ".%06ldZ", (long)(at.ns % NS_PER_S / NS_PER_US));
    return text;
}

// For a person at a terminal: their own zone, milliseconds.
static size_t write_clock(struct wall at, char *text, size_t size)
{
    time_t seconds = (time_t)(at.ns / NS_PER_S);
    struct tm local;
    localtime_r(&seconds, &local);
    size_t used = strftime(text, size, "%H:%M:%S", &local);
    return used + (size_t)snprintf(text + used, size - used, ".%03ld  ",
                                   (long)(at.ns % NS_PER_S / NS_PER_MS));
}

// Whether a whole line can be written without waiting.
static bool is_writable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLOUT);
}

static bool write_whole(int fd, const char *text, size_t size)
{
    ssize_t written;
    do
        written = write(fd, text, size);
    while (written < 0 && errno == EINTR);
    return written == (ssize_t)size;
}

static void write_line(struct teller *t, const char *line, size_t size)
{
    if (!is_writable(t->fd)) {
        t->skipped++;
        return;
    }
    char gap[96];
    if (t->skipped > 0) {
        const char *form = t->json ? "{\"skipped_lines\":%llu}\n" : "... %llu lines skipped ...\n";
        int gap_size = snprintf(gap, sizeof gap, form, (unsigned long long)t->skipped);
        bool told = write_whole(t->fd, gap, (size_t)gap_size) && is_writable(t->fd);
        t->skipped = told ? 0 : t->skipped + 1;
        if (!told)
            return;
    }
    if (!write_whole(t->fd, line, size))
        t->skipped++;
}

// Parts of a text may come from a neighbour: a terminal must not obey it. C1 controls too, which
// UTF-8 writes as c2 80 to c2 9f.
static void make_harmless(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            *c = '?';
        else if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)  // half of it is no text any more
            c[0] = c[1] = '?';
}

static struct teller_fact make_fact(struct wall at, const char *text)
{
    struct teller_fact fact = {.at = at};
    snprintf(fact.text, sizeof fact.text, "%s", text);
    utf8_trim(fact.text);
    make_harmless(fact.text);
    return fact;
}

static bool is_more_of(const struct teller_fact *last, const struct teller_fact *fact)
{
    return last->acted && fact->acted && last->router == fact->router &&
           last->upstream == fact->upstream && last->state == fact->state;
}

static void keep_fact(struct teller *t, const struct teller_fact *fact)
{
    struct teller_fact *last = &t->facts[(t->told + TELLER_FACTS_MAX - 1) % TELLER_FACTS_MAX];
    if (t->told > 0 && is_more_of(last, fact))
        last->more++;
    else
        t->facts[t->told++ % TELLER_FACTS_MAX] = *fact;
}

// `json`: the effect that it is the sentence of; NULL: of none.
static void write_fact(struct teller *t, const struct teller_fact *fact, const char *json)
{
    char line[LINE_MAX_BYTES];
    if (t->journal >= 0) {
        t->skipped += !journal_tell(t->journal, fact->text, json);
        return;
    }
    size_t size = write_clock(fact->at, line, sizeof line);
    size += (size_t)snprintf(line + size, sizeof line - size, "%s\n", fact->text);
    write_line(t, line, size);
}

// The two clocks are disciplined alike, so that their difference changes only by steps.
static struct wall wall_of(struct teller *t, struct teller_now now, struct mono at)
{
    int64_t offset_ns = now.wall.ns - now.mono.ns;
    if (llabs(offset_ns - t->wall_offset_ns) > CLOCK_STEP_NS)
        t->wall_offset_ns = offset_ns;
    return (struct wall){at.ns + t->wall_offset_ns};
}

// The effect's message with the wall time put in front of its fields.
size_t teller_json(struct teller *t, struct teller_now now, const struct effect *effect, char *line)
{
    char message[MESSAGE_MAX], time[TELLER_TIME_MAX];
    size_t size = message_from_effect(t->net, effect, message, sizeof message);
    if (size < 2)
        return 0;
    return (size_t)snprintf(line, TELLER_LINE_MAX, "{\"time\":\"%s\",%s",
                            teller_time(wall_of(t, now, effect->at), time), message + 1);
}

static void write_json(struct teller *t, struct teller_now now, const struct effect *effect)
{
    char line[TELLER_LINE_MAX];
    size_t size = teller_json(t, now, effect, line);
    if (size == 0)
        return;
    line[size++] = '\n';
    write_line(t, line, size);
}

// A lease comes with every tick; what is kept of outages was told in words; whose routes the engine
// hears of is no news to people.
bool teller_is_news(enum effect_kind kind)
{
    return kind != EFFECT_LEASE && kind != EFFECT_PLACE && kind != EFFECT_KEPT_FACT &&
           kind != EFFECT_KEPT_OUTAGE;
}

void teller_effect(struct teller *t, struct teller_now now, const struct effect *effect)
{
    const struct wall at = wall_of(t, now, effect->at);
    char text[TELLER_FACT_MAX];
    if (t->json && teller_is_news(effect->kind))
        write_json(t, now, effect);
    if (narrate_effect(t->net, effect, text, sizeof text) == 0)
        return;
    struct teller_fact fact = make_fact(at, text);
    if (effect->kind == EFFECT_ACTED) {
        fact.acted = true;
        fact.router = effect->acted.router;
        fact.upstream = effect->acted.upstream;
        fact.state = effect->acted.state;
    }
    if (!t->json) {
        char line[TELLER_LINE_MAX];
        bool whole = t->journal >= 0 && teller_json(t, now, effect, line) > 0;
        write_fact(t, &fact, whole ? line : NULL);
    }
    keep_fact(t, &fact);
}

void teller_say(struct teller *t, struct teller_now now, const char *text, ...)
{
    char said[TELLER_FACT_MAX];
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(said, sizeof said, text, arguments);
    va_end(arguments);
    const struct teller_fact fact = make_fact(now.wall, said);
    if (!t->json)
        write_fact(t, &fact, NULL);
    keep_fact(t, &fact);
}

json_t *teller_facts_json(const struct teller *t)
{
    json_t *facts = json_array();
    uint64_t kept = t->told < TELLER_FACTS_MAX ? t->told : TELLER_FACTS_MAX;
    for (uint64_t back = 1; facts && back <= kept; back++) {
        const struct teller_fact *fact = &t->facts[(t->told - back) % TELLER_FACTS_MAX];
        char time[TELLER_TIME_MAX];
        json_t *item = json_pack("{s:s, s:s, s:I}", "time", teller_time(fact->at, time), "text",
                                 fact->text, "more", (json_int_t)fact->more);
        json_array_append_new(facts, item);
    }
    return facts;
}
