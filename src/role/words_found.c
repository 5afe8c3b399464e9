// SPDX-License-Identifier: ISC
#include "role/words_found.h"

#include "engine/fields.h"
#include "role/audit_past.h"
#include "steer/drain.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
    ITEMS_MAX = 4 * DRAINS_MAX,
    HEAD_MAX = 88,  // bytes of a line in which its hash and number are
};

// What was last said of a drain of the last life.
struct item {
    uint32_t number;   // 0: none
    bool over, later;  // later: said in a later file than the one that is read
    char object[NET_OBJECT_TEXT_MAX], who[NET_NAME_MAX], state[16];
};

// Files come latest first, lines of each in order: what a later file said stays.
struct search {
    bool any, known, started;  // a record; the last word of a freeze; the start of the last life
    bool doubts;               // damage behind the last word
    bool known_here, started_here, doubts_here;  // in the file that is read
    struct event_frozen frozen, frozen_here;
    struct item items[ITEMS_MAX];
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

// Whatever is cut stays UTF-8.
static void cut(char *text, size_t size, int wanted)
{
    size_t length = strlen(text);
    while ((size_t)wanted >= size && length > 0 && text[length - 1] & 0x80)
        text[--length] = '\0';
}

static void take_word(struct search *s, const char *why)
{
    struct event_frozen *here = &s->frozen_here;
    cut(here->why, sizeof here->why, snprintf(here->why, sizeof here->why, "%s", why));
    s->known_here = true;
    s->doubts_here = false;
}

static void take_event(struct search *s, const json_t *record)
{
    const json_t *event = json_object_get(record, "event");
    const char *kind = text_of(event, "event"), *time = text_of(record, "time");
    const char *what = text_of(event, "what"), *reason = text_of(event, "reason");
    char why[2 * sizeof s->frozen.why];
    if (strcmp(kind, "command") == 0 && strcmp(text_of(event, "command"), "withdraw") == 0) {
        snprintf(why, sizeof why, "the kill file since %.40s", time);
        take_word(s, why);
    }
    if (strcmp(kind, "asked") != 0)
        return;
    if (strcmp(what, fields_asked[ASKED_THAW]) == 0)
        take_word(s, "");
    bool is_frozen = s->known_here && s->frozen_here.why[0];  // so another freeze was refused
    if ((strcmp(what, fields_asked[ASKED_FREEZE]) == 0 && !is_frozen) ||
        strcmp(what, fields_asked[ASKED_WITHDRAW_ALL]) == 0) {
        snprintf(why, sizeof why, "%.40s since %.40s%s%s", text_of(event, "who"), time,
                 reason[0] ? ": " : "", reason);
        take_word(s, why);
    }
}

// Each start says what it found itself; what its life was asked comes behind.
static void take_start(struct search *s, const json_t *record)
{
    const json_t *frozen = json_object_get(record, "frozen");
    s->started_here = true;
    if (json_is_string(frozen))
        take_word(s, json_string_value(frozen));
    for (struct item *item = s->items; item < s->items + ITEMS_MAX; item++)
        if (!item->later)
            *item = (struct item){0};
}

// Its place, or a free one, or that of one that is over.
static struct item *item_of(struct search *s, uint32_t number)
{
    struct item *unused = NULL, *over = NULL;
    for (struct item *item = s->items; item < s->items + ITEMS_MAX; item++) {
        if (item->number == number)
            return item;
        if (item->number == 0 && !unused)
            unused = item;
        if (item->over && !over)
            over = item;
    }
    return unused ? unused : over;
}

static void take_drain(struct search *s, const json_t *record)
{
    const json_t *drain = json_object_get(record, "effect");
    json_int_t number = json_integer_value(json_object_get(drain, "number"));
    const char *state = text_of(drain, "state");
    struct item *item = number > 0 && !s->started ? item_of(s, (uint32_t)number) : NULL;
    if (!item || (item->later && item->number == number))
        return;
    *item = (struct item){.number = (uint32_t)number};
    item->over = strcmp(state, drain_state_names[DRAIN_RESTORING]) == 0 ||
                 strcmp(state, drain_state_names[DRAIN_OVER]) == 0;
    snprintf(item->object, sizeof item->object, "%s", text_of(drain, "object"));
    snprintf(item->who, sizeof item->who, "%s", text_of(drain, "who"));
    snprintf(item->state, sizeof item->state, "%s", state);
}

static bool has(const char *line, size_t size, const char *words)
{
    return memmem(line, size, words, strlen(words)) != NULL;
}

// What was torn may have been a word of a person, unless it still says that it was none.
static void take_damage(struct search *s, const char *line, size_t size)
{
    static const char marker[] = "\"record\":\"", word[] = "event\"";
    const char *kind = memmem(line, size, marker, sizeof marker - 1);
    size_t left = kind ? size - (size_t)(kind - line) - (sizeof marker - 1) : 0;
    size_t seen = left < sizeof word - 1 ? left : sizeof word - 1;
    if (!kind || memcmp(kind + sizeof marker - 1, word, seen) == 0)
        s->doubts_here = true;
}

static bool is_record(const char *line, size_t size)
{
    static const char begin[] = "{\"hash\":\"";
    return size > sizeof begin && memcmp(line, begin, sizeof begin - 1) == 0 &&
           line[size - 1] == '}' && !memchr(line, '\0', size);
}

static void take_line(void *search, const char *line, size_t size)
{
    struct search *s = search;
    assert(line);
    size -= line[size - 1] == '\n';
    if (size == 0)
        return;
    s->any = true;
    if (!is_record(line, size)) {
        take_damage(s, line, size);
        return;
    }
    if (has(line, size < HEAD_MAX ? size : HEAD_MAX, "\"number\":1,"))
        take_word(s, "");  // before the first record of all nothing was asked
    bool is_event = has(line, size, "\"record\":\"event\"");
    bool is_start = has(line, size, "\"record\":\"start\"");
    bool is_drain = has(line, size, "\"effect\":\"drain\"");
    if (!is_event && !is_start && !is_drain)
        return;
    json_t *record = json_loadb(line, size, 0, NULL);
    if (!record)
        take_damage(s, line, size);
    else if (is_event)
        take_event(s, record);
    else if (is_start)
        take_start(s, record);
    else
        take_drain(s, record);
    json_decref(record);
}

static void end_file(struct search *s)
{
    if (!s->known) {
        s->doubts |= s->doubts_here;
        s->frozen = s->frozen_here;
        s->known = s->known_here;
    }
    s->started |= s->started_here;
    s->doubts_here = s->known_here = s->started_here = false;
    for (struct item *item = s->items; item < s->items + ITEMS_MAX; item++)
        item->later = item->number > 0;
}

static bool is_wanted(void *search)
{
    struct search *s = search;
    end_file(s);
    return !s->known || !s->started;
}

// When in doubt, nothing is done.
static void say_doubt(struct search *s, int error)
{
    struct event_frozen *frozen = &s->frozen;
    if (frozen->why[0])
        return;
    if (error && (s->doubts || !s->known))
        snprintf(frozen->why, sizeof frozen->why,
                 "Fairlead itself: the audit log cannot be read: %s", strerror(-error));
    else if (s->doubts)
        snprintf(frozen->why, sizeof frozen->why,
                 "Fairlead itself: a damaged record of the audit log may have said so");
    else if (!s->known && s->any)
        snprintf(frozen->why, sizeof frozen->why,
                 "Fairlead itself: the audit log does not go back to where it was said");
}

static void take_drains(const struct search *s, struct words_found *found)
{
    for (const struct item *item = s->items; item < s->items + ITEMS_MAX; item++) {
        if (item->number == 0 || item->over || found->drain_count == DRAINS_MAX)
            continue;
        uint32_t n = found->drain_count++;
        memcpy(found->drains[n].object, item->object, sizeof item->object);
        snprintf(found->drains[n].text, sizeof found->drains[n].text,
                 "%s asked for it, it was %s: whoever still works there asks again", item->who,
                 item->state);
    }
}

void words_found_read(struct words_found *found, const struct net *net)
{
    *found = (struct words_found){0};
    if (!net->audit_path[0])
        return;
    struct search s = {0};
    int error = audit_past_read(net->audit_path, WORDS_FOUND_FILES_MAX,
                                (struct audit_past){take_line, is_wanted, &s});
    s.doubts_here |= error != 0;
    end_file(&s);
    say_doubt(&s, error);
    found->frozen = s.frozen;
    take_drains(&s, found);
}
