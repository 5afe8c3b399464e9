// SPDX-License-Identifier: ISC
#include "incident/cause.h"

#include <string.h>

static const char *const alarm_words[FACT_KINDS] = {
    [FACT_CHANGE] = "change",
    [FACT_ROLLBACK] = "rollback",
    [FACT_MAINTENANCE] = "maintenance",
    [FACT_CRASH] = "crash",
    [FACT_GAVE_UP] = "process not started again",
    [FACT_ALARM] = "alarm",
    [FACT_BFD] = "BFD session down",
    [FACT_BGP] = "BGP session down",
    [FACT_IGP] = "IGP neighbour lost",
    [FACT_LACP] = "port out of its bundle",
    [FACT_LINK] = "interface down",
};

static void say_where(const struct facts *facts, const struct fact *fact, struct words *words)
{
    if (nodes_are_none(&fact->nodes)) {
        words_add(words, "%s", fact->device[0] ? fact->device : "an unknown device");
        return;
    }
    nodes_say(facts->net, &fact->nodes, words);
}

// 7 s, 4 min, 2 h.
static void say_apart(double s, struct words *words)
{
    if (s < 120)
        words_add(words, "%.0f s", s);
    else if (s < 7200)
        words_add(words, "%.0f min", s / 60);
    else
        words_add(words, "%.0f h", s / 3600);
}

enum { CHANGE_WORDS_MAX = 40 };  // bytes: a change's number, and what it is about

// What people call it: its id, or how whoever made it describes it. A device's line that only says
// who it was says nothing more.
static void say_change(const struct fact *fact, struct words *words)
{
    size_t size = strlen(fact->text);
    if (fact->subject[0])
        words_add(words, " %s", fact->subject);
    if (fact->subject[0] || (fact->who[0] && strstr(fact->text, fact->who)))
        return;
    bool whole = size <= CHANGE_WORDS_MAX;
    for (size = whole ? size : CHANGE_WORDS_MAX - 3; !whole && size > 0; size--)
        if (((unsigned char)fact->text[size] & 0xc0) != 0x80)
            break;  // no half characters
    if (size > 0)
        words_add(words, " '%.*s%s'", (int)size, fact->text, whole ? "" : "...");
}

static void say_what(const struct fact *fact, struct words *words)
{
    bool many = fact_is_alarm(fact->kind) && fact->count > 1;
    words_add(words, "%s", alarm_words[fact->kind]);
    if (fact->kind == FACT_CHANGE)
        say_change(fact, words);
    else if (fact->subject[0] && !(many && fact->kind >= FACT_BFD))  // of many it is the first only
        words_add(words, "%s%s", fact_is_alarm(fact->kind) ? " of " : " ", fact->subject);
    if (many)
        words_add(words, " %u times", fact->count);
    if (fact->who[0])
        words_add(words, " by %s", fact->who);
}

void fact_say(const struct facts *facts, const struct fact *fact, struct words *words)
{
    say_what(fact, words);
    words_add(words, " on ");
    say_where(facts, fact, words);
}

static void say_when(const struct facts *facts, const struct cause *cause,
                     const struct symptoms *symptoms, struct words *words)
{
    const struct fact *fact = facts_get(facts, cause->fact);
    const struct fact *via = facts_get(facts, cause->via);
    int64_t ns = mono_since_ns(via ? via->at : symptoms->onset, fact->at);
    words_add(words, ", ");
    say_apart((double)(ns < 0 ? 0 : ns) / NS_PER_S, words);
    words_add(words, " before %s", via || symptoms->lost ? "" : "the first alarm");
    if (via)
        fact_say(facts, via, words);
    else if (symptoms->lost)
        words_add(words, "the loss");
}

static void say_share(const struct cause *cause, struct words *words)
{
    static const char *const sure[] = {"possible", "likely", "the cause"};
    words_add(words, " (%s, %.0f %%)",
              sure[(cause->share >= CAUSE_LIKELY) + (cause->share >= CAUSE_SURE)],
              cause->share * 100);
}

// What it has otherwise on one device comes before all that may be cut off: it is what to mend.
static void say_odd(const struct facts *facts, const struct cause *cause, struct words *words)
{
    const struct fact *fact = facts_get(facts, cause->fact);
    say_what(fact, words);
    words_add(words, ", on ");
    nodes_say(facts->net, &fact->odd_nodes, words);
    words_add(words, " alone: %s", fact->odd);
    say_share(cause, words);
}

void cause_say(const struct facts *facts, const struct cause *cause,
               const struct symptoms *symptoms, struct words *words)
{
    const struct fact *fact = facts_get(facts, cause->fact);
    bool is_odd = cause->kind == CAUSE_CHANGE && fact && fact->odd[0];
    bool nothing_told = cause->kind == CAUSE_UNKNOWN && cause->share >= CAUSE_SURE;
    const char *upstream = cause->upstream < facts->net->upstream_count
                               ? facts->net->upstreams[cause->upstream].name
                               : "?";
    if (cause->kind <= CAUSE_FAILURE && !fact)
        words_add(words, "%s long ago", cause_kind_names[cause->kind]);
    else if (cause->kind <= CAUSE_FAILURE) {
        is_odd ? say_odd(facts, cause, words) : fact_say(facts, fact, words);
        say_when(facts, cause, symptoms, words);
    } else if (cause->kind == CAUSE_PROVIDER)
        words_add(words, "the network behind %s: nothing happened here that explains it", upstream);
    else if (cause->kind == CAUSE_UNANNOUNCED)
        words_add(words, "maintenance of %s that was not announced", upstream);
    else
        words_add(words, "unknown%s", nothing_told ? ": nothing was told that explains it" : "");
    if (!is_odd && !nothing_told)
        say_share(cause, words);
}
