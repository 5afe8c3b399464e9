// SPDX-License-Identifier: ISC
#include "alert/page.h"

#include "base/civil.h"
#include "incident/words.h"

#include <ctype.h>
#include <string.h>

const char *const page_kind_names[PAGE_KINDS] = {
    "none", "new", "again", "changed", "over", "heartbeat", "graver", "expired", "started"};

// The three texts that others wrote, of any length.
enum { TITLE, CAUSE, ACTION, PARTS };

enum { WORD_MAX = 12 };  // bytes: of a longer word a part is better than nothing

// As many of its bytes as fit, ending in dots where that is not all; never half a character.
static void add_cut(struct words *words, const char *text, size_t max)
{
    size_t size = strlen(text);
    if (size <= max) {
        words_add(words, "%s", text);
        return;
    }
    size = max > 3 ? max - 3 : 0;
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
        size--;
    size_t word = size;
    while (word > 0 && text[word] != ' ')
        word--;
    size = size - word <= WORD_MAX && word > 0 ? word : size;
    words_add(words, "%.*s...", (int)size, text);
}

// Room for each: its share, and what the others leave; the cause gets it first.
static void share_room(const char *const parts[PARTS], size_t room, size_t given[PARTS])
{
    static const size_t eighths[PARTS] = {[TITLE] = 2, [CAUSE] = 4, [ACTION] = 2};
    static const int order[PARTS] = {CAUSE, TITLE, ACTION};
    size_t left = room;
    for (int i = 0; i < PARTS; i++) {
        size_t size = strlen(parts[i]), share = room * eighths[i] / 8;
        given[i] = size < share ? size : share;
        left -= given[i];
    }
    for (int i = 0; i < PARTS; i++) {
        size_t missing = strlen(parts[order[i]]) - given[order[i]];
        size_t more = missing < left ? missing : left;
        given[order[i]] += more;
        left -= more;
    }
}

static void add_time(struct words *words, int64_t at_s)
{
    struct civil date = civil_of(civil_floor(at_s, CIVIL_DAY_S));
    int64_t of_day_s = at_s - civil_floor(at_s, CIVIL_DAY_S) * CIVIL_DAY_S;
    words_add(words, "%04d-%02u-%02u %02d:%02d:%02d UTC", date.year, date.month, date.day,
              (int)(of_day_s / 3600), (int)(of_day_s / 60 % 60), (int)(of_day_s % 60));
}

enum { TAKEN_BY_MAX = 16 };  // bytes of the name of who had it: the cause needs the room

static void add_head(struct words *words, const struct page_about *about)
{
    static const char *const words_of[PAGE_KINDS] = {[PAGE_AGAIN] = " is not acknowledged",
                                                     [PAGE_CHANGED] = " now",
                                                     [PAGE_OVER] = " is over",
                                                     [PAGE_GRAVER] = " is graver"};
    bool was_taken = about->had_it && about->had_it[0];
    for (const char *c = outage_severity_names[about->severity]; *c; c++)
        words_add(words, "%c", toupper((unsigned char)*c));
    words_add(words, " %s outage %u%s", about->site, about->outage,
              words_of[about->kind] ? words_of[about->kind] : "");
    if (about->kind == PAGE_EXPIRED)
        words_add(words, " is no longer %.*s's", TAKEN_BY_MAX, was_taken ? about->had_it : "any");
    else if (about->kind == PAGE_GRAVER && was_taken)
        words_add(words, " than what %.*s took", TAKEN_BY_MAX, about->had_it);
    words_add(words, ": ");
}

static void add_when(struct words *words, const struct page_about *about)
{
    words_add(words, " since ");
    add_time(words, about->onset_s);
    if (about->share_ppm > 0 && about->kind != PAGE_OVER)
        words_add(words, ", %.1f %% of packets lost", about->share_ppm / 1e4);
}

// Ends what was said, which dots may have ended already.
static void add_stop(struct words *words)
{
    bool ended = words->length > 0 && words->text[words->length - 1] == '.';
    words_add(words, ended ? " " : ". ");
}

static void add_remedy(struct words *words, const struct page_about *about)
{
    if (about->kind != PAGE_OVER)
        add_stop(words);
    if (about->kind != PAGE_OVER && about->has_it[0])
        words_add(words, "%s has it", about->has_it);
    else if (about->kind != PAGE_OVER)
        words_add(words, "Do: fairlead ack %u", about->outage);
    if (about->others > 0)
        words_add(words, "; %u more: fairlead incidents", about->others);
}

// What is to be done must not read as if it was.
static const char *action_words(const struct page_about *about)
{
    bool is_advice = about->state == OUTAGE_WARNED || about->state == OUTAGE_PARTLY_WELL ||
                     about->state == OUTAGE_STILL_BROKEN;
    return is_advice ? "Now" : "Done";
}

static void compose(const struct page_about *about, const char *const parts[PARTS],
                    const size_t room[PARTS], struct words *words)
{
    add_head(words, about);
    add_cut(words, parts[TITLE], room[TITLE]);
    add_when(words, about);
    words_add(words, ". Cause: ");
    add_cut(words, parts[CAUSE], room[CAUSE]);
    add_stop(words);
    words_add(words, "%s: ", action_words(about));
    add_cut(words, parts[ACTION], room[ACTION]);
    add_remedy(words, about);
}

void page_write(const struct page_about *about, char text[PAGE_TEXT_MAX])
{
    const char *const nothing[PARTS] = {"", "", ""};
    const char *const parts[PARTS] = {about->title, about->cause, about->action};
    size_t room[PARTS] = {0};
    struct words words = words_in(text, PAGE_TEXT_MAX);
    compose(about, nothing, room, &words);
    share_room(parts, PAGE_TEXT_MAX - 1 - words.length, room);
    words = words_in(text, PAGE_TEXT_MAX);
    compose(about, parts, room, &words);
}

void page_write_found(const struct page_found *found, char text[PAGE_TEXT_MAX])
{
    enum { WHY_MAX = 72, OBJECT_MAX = 32 };  // where both are to be said
    struct words words = words_in(text, PAGE_TEXT_MAX);
    words_add(&words, "%s: Fairlead started anew", found->site);
    if (found->frozen[0]) {
        words_add(&words, ", still frozen by ");
        add_cut(&words, found->frozen, found->drains > 0 ? WHY_MAX : PAGE_TEXT_MAX);
        add_stop(&words);
        words_add(&words, "Nothing is moved. Do: fairlead thaw");
    }
    if (found->drains == 0)
        return;
    words_add(&words, ". No longer drained: ");
    add_cut(&words, found->drain, OBJECT_MAX);
    if (found->drains > 1)
        words_add(&words, " and %u more", found->drains - 1);
    words_add(&words, ". Do, if somebody works there: fairlead drain OBJECT");
}

void page_write_heartbeat(const char *site, const char *channel, int64_t now_s,
                          char text[PAGE_TEXT_MAX])
{
    struct words words = words_in(text, PAGE_TEXT_MAX);
    words_add(&words, "%s: Fairlead pages by %s at ", site, channel);
    add_time(&words, now_s);
}
