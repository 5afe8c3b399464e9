// SPDX-License-Identifier: ISC
#include "said/status.h"

#include "incident/words.h"

#include <string.h>

enum { SENTENCE_MAX = 1024 };

// ---- names

struct ways {
    const struct net *net;
    uint32_t of[FAMILIES];  // upstreams, bit sets
};

static struct ways ways_now(const struct said_subject *s)
{
    return (struct ways){s->net, {[FAMILY_IPV4] = s->extent->hit_ipv4, s->extent->hit_ipv6}};
}

static struct ways ways_ever(const struct said_subject *s)
{
    return (struct ways){s->net, {[FAMILY_IPV4] = s->extent->ever_ipv4, s->extent->ever_ipv6}};
}

static uint32_t any_of(const struct ways *ways)
{
    return ways->of[FAMILY_IPV4] | ways->of[FAMILY_IPV6];
}

static const char *families_of(const struct ways *ways, uint32_t upstreams)
{
    bool ipv4 = ways->of[FAMILY_IPV4] & upstreams, ipv6 = ways->of[FAMILY_IPV6] & upstreams;
    return ipv4 && ipv6 ? "IPv4 and IPv6" : ipv4 ? "IPv4" : "IPv6";
}

// "transit-a (IPv4 and IPv6), transit-b (IPv6)"
static void add_ways(const struct ways *ways, struct words *words)
{
    uint32_t all = any_of(ways);
    for (uint32_t left = all; left; left &= left - 1) {
        uint32_t one = left & -left;
        words_add(words, "%s%s (%s)", left == all ? "" : ", ",
                  ways->net->upstreams[__builtin_ctz(left)].name, families_of(ways, one));
    }
}

static json_t *families_json(const struct ways *ways, uint32_t upstreams)
{
    json_t *families = json_array();
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (ways->of[family] & upstreams)
            json_array_append_new(families, json_string(family_name(family)));
    return families;
}

// ---- what is measured

static bool is_over(const struct said_subject *s)
{
    return s->outage->state == OUTAGE_OVER;
}

static void add_sentence(json_t *text, const struct words *words)
{
    if (words->length > 0)
        json_array_append_new(text, json_string(words->text));
}

static void say_where(const struct said_subject *s, json_t *text)
{
    char sentence[SENTENCE_MAX], began[SAID_TIME_MAX];
    struct words words = WORDS_IN(sentence);
    struct ways now = ways_now(s), ever = ways_ever(s);
    said_time(s->began_s, began);
    if (!any_of(&ever))
        return;
    if (any_of(&now) && s->extent->share_ppm > 0) {
        words_add(&words, "Since %s packets are lost that leave site %s by way of ", began,
                  s->net->site);
        add_ways(&now, &words);
    } else {
        words_add(&words, "From %s on packets were lost that left site %s by way of ", began,
                  s->net->site);
        add_ways(&ever, &words);
    }
    words_add(&words, ", or their answers.");
    add_sentence(text, &words);
}

static void say_networks(const struct said_subject *s, json_t *text)
{
    char sentence[SENTENCE_MAX], began[SAID_TIME_MAX];
    struct words words = WORDS_IN(sentence);
    said_time(s->began_s, began);
    if (s->extent->own[0] == '\0')
        return;
    if (s->extent->own_lost > 0)
        words_add(&words,
                  "Since %s networks of ours are in none of the routing tables of others that "
                  "we see: "
                  "%s.",
                  began, s->extent->own);
    else
        words_add(&words,
                  "From %s on networks of ours were in none of the routing tables that we "
                  "see: %s. All are there again.",
                  began, s->extent->own);
    add_sentence(text, &words);
}

static void say_foreign(const struct said_subject *s, json_t *text)
{
    char sentence[SENTENCE_MAX], began[SAID_TIME_MAX];
    struct words words = WORDS_IN(sentence);
    said_time(s->began_s, began);
    if (s->extent->foreign[0] == '\0')
        return;
    if (s->extent->foreign_now > 0)
        words_add(&words,
                  "Since %s networks of ours are announced by others, too, and packets to them may "
                  "go there: %s.",
                  began, s->extent->foreign);
    else
        words_add(&words,
                  "From %s on networks of ours were announced by others, too: %s. They no longer "
                  "are.",
                  began, s->extent->foreign);
    add_sentence(text, &words);
}

static void say_share(const struct said_subject *s, json_t *text)
{
    char sentence[SENTENCE_MAX];
    struct words words = WORDS_IN(sentence);
    double percent = s->extent->share_ppm / 1e4;
    struct ways now = ways_now(s);
    if (!any_of(&now))
        return;
    if (s->extent->share_ppm == 0)
        words_add(&words, "No loss is measured there at this moment.");
    else if (s->extent->traffic_known)
        words_add(&words, "That is about %.1f %% of the packets that leave this site.", percent);
    else
        words_add(&words,
                  "Of our test packets over all ways out %.1f %% are lost; what share of the "
                  "traffic that is, is not measured.",
                  percent);
    add_sentence(text, &words);
}

// As routed: what customers' packets meet, whatever is moved.
static void say_customers(const struct said_subject *s, json_t *text)
{
    char sentence[SENTENCE_MAX];
    struct words words = WORDS_IN(sentence);
    const int32_t ppm[] = {s->extent->routed_ipv4_ppm, s->extent->routed_ipv6_ppm};
    static const char *const names[] = {"IPv4", "IPv6"};
    for (int i = 0; i < 2; i++)
        if (ppm[i] >= 0)
            words_add(&words, "%s %.1f %% (%s)",
                      words.length == 0 ? "Of test packets that take the way of customers' packets"
                                        : ",",
                      ppm[i] / 1e4, names[i]);
    if (words.length > 0)
        words_add(&words, " are lost now.");
    add_sentence(text, &words);
}

static void say_destinations(const struct said_subject *s, json_t *text)
{
    char sentence[SENTENCE_MAX];
    struct words words = WORDS_IN(sentence);
    if (s->extent->destinations[0] == '\0')
        return;
    words_add(&words, "Measured destinations to which packets are lost: %s.",
              s->extent->destinations);
    add_sentence(text, &words);
}

bool said_status_is_over(const json_t *status)
{
    static const char *const ends[] = {"over", "merged", "interrupted"};
    const char *state = json_string_value(json_object_get(status, "state"));
    for (size_t i = 0; state && i < sizeof ends / sizeof ends[0]; i++)
        if (strcmp(state, ends[i]) == 0)
            return true;
    return !state;
}

json_t *said_status_interrupted(const json_t *status)
{
    static const char text[] =
        "Measurement broke off here. If packets are still lost, that is told "
        "as another outage.";
    const char *changed = json_string_value(json_object_get(status, "changed"));
    if (!changed || said_status_is_over(status))
        return NULL;
    char sentence[SENTENCE_MAX];
    struct words words = WORDS_IN(sentence);
    json_t *after = json_deep_copy(status);
    words_add(&words, "As last measured at %s:", changed);
    json_array_insert_new(json_object_get(after, "text"), 0, json_string(sentence));
    json_object_set_new(after, "state", json_string("interrupted"));
    json_object_set_new(after, "doing", json_string(text));
    json_array_append_new(json_object_get(after, "updates"),
                          json_pack("{s:s, s:s}", "time", changed, "text", text));
    return after;
}

static json_t *text_json(const struct said_subject *s)
{
    json_t *text = json_array();
    say_networks(s, text);
    say_foreign(s, text);
    say_where(s, text);
    if (is_over(s))
        return text;
    say_share(s, text);
    say_customers(s, text);
    say_destinations(s, text);
    json_array_append_new(text, json_string("Other sites are not part of this measurement."));
    return text;
}

// ---- what is done

static void say_moved(const struct said_subject *s, struct words *words)
{
    uint32_t moved = s->extent->moved;
    words_add(words, "%s", s->in_hand ? "An engineer has it in hand. " : "");
    if (moved == 0)
        words_add(words, "No traffic is moved.");
    else
        words_add(words, "Traffic to %u prefix%s is moved to other ways out.", moved,
                  moved == 1 ? "" : "es");
}

static void say_back(const struct said_subject *s, struct words *words)
{
    struct ways now = ways_now(s), back = ways_ever(s);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        back.of[family] &= ~now.of[family];
    if (!any_of(&back))
        return;
    words_add(words, "It came back by way of ");
    add_ways(&back, words);
    words_add(words, ", not by the others. ");
}

static void say_doing(const struct said_subject *s, struct words *words)
{
    if (s->outage->part_of) {
        words_add(words, "It turned out to be part of %lld.%u, and goes on there.",
                  (long long)s->part_run, s->outage->part_of);
        return;
    }
    switch (s->outage->state) {
    case OUTAGE_WARNED:
    case OUTAGE_STATES:
        break;
    case OUTAGE_OPEN:
        say_moved(s, words);
        break;
    case OUTAGE_PARTLY_WELL:
        say_back(s, words);
        say_moved(s, words);
        break;
    case OUTAGE_STILL_BROKEN:
        words_add(words, "A change was taken back, and that did not end it. ");
        say_moved(s, words);
        break;
    case OUTAGE_MITIGATED:
        say_moved(s, words);
        words_add(words, " Measurements show that it arrives there.");
        break;
    case OUTAGE_WELL:
        words_add(words, "No loss is measured any more. It is being watched.");
        break;
    case OUTAGE_OVER:
        words_add(words, "It is over.");
        break;
    }
}

// ---- the draft

static json_t *upstreams_json(const struct said_subject *s)
{
    json_t *upstreams = json_array();
    struct ways now = ways_now(s), ever = ways_ever(s);
    for (uint32_t left = any_of(&ever); left; left &= left - 1)
        json_array_append_new(upstreams, json_pack("{s:s, s:o, s:o}", "name",
                                                   s->net->upstreams[__builtin_ctz(left)].name,
                                                   "families", families_json(&ever, left & -left),
                                                   "now", families_json(&now, left & -left)));
    return upstreams;
}

static json_t *ppm_json(int64_t ppm)
{
    return ppm < 0 ? json_null() : json_integer(ppm);
}

static json_t *scope_json(const struct said_subject *s)
{
    const struct effect_extent *e = s->extent;
    struct ways ever = ways_ever(s);
    return json_pack("{s:[s], s:o, s:o, s:I, s:s, s:o, s:o, s:s%, s:s}", "sites", s->net->site,
                     "families", families_json(&ever, any_of(&ever)), "upstreams",
                     upstreams_json(s), "share_ppm", (json_int_t)e->share_ppm, "share_of",
                     e->traffic_known ? "traffic" : "probes", "customers_ipv4_ppm",
                     ppm_json(e->routed_ipv4_ppm), "customers_ipv6_ppm",
                     ppm_json(e->routed_ipv6_ppm), "destinations", e->destinations,
                     strlen(e->destinations), "networks", e->own);
}

// What was said in the same moment was half of it: an outage and its extent come one by one.
static const char *last_said(json_t *updates, const char *time)
{
    const json_t *last = json_array_get(updates, json_array_size(updates) - 1);
    const char *at = json_string_value(json_object_get(last, "time"));
    if (at && strcmp(at, time) == 0) {
        json_array_remove(updates, json_array_size(updates) - 1);
        last = json_array_get(updates, json_array_size(updates) - 1);
    }
    const char *said = json_string_value(json_object_get(last, "text"));
    return said ? said : "";
}

// One more where what is done, or where it is, is no longer what the last one says.
static json_t *updates_json(const struct said_subject *s, const char *title, const char *doing,
                            const json_t *before)
{
    char text[2 * SENTENCE_MAX], time[SAID_TIME_MAX];
    struct words words = WORDS_IN(text);
    struct ways now = ways_now(s);
    json_t *updates = json_deep_copy(json_object_get(before, "updates"));
    if (!updates)
        updates = json_array();
    said_time(s->at_s, time);
    const char *said = last_said(updates, time);
    if (any_of(&now)) {
        words_add(&words, "Loss by way of ");
        add_ways(&now, &words);
        words_add(&words, ". ");
    } else if (json_array_size(updates) == 0) {
        words_add(&words, "%s. ", title);
    }
    words_add(&words, "%s", doing);
    if (strcmp(said, text) == 0)
        return updates;
    if (json_array_size(updates) >= SAID_UPDATES_MAX)
        json_array_remove(updates, 1);  // how it began stays
    json_array_append_new(updates, json_pack("{s:s, s:s}", "time", time, "text", text));
    return updates;
}

static void say_title(const struct said_subject *s, struct words *words)
{
    struct ways ever = ways_ever(s);
    if (s->extent->foreign[0] != '\0')
        words_add(words, "Networks announced by others: %s%s", s->extent->foreign,
                  s->extent->own[0] ? "; "
                  : any_of(&ever)   ? "; packet loss"
                                    : "");
    if (s->extent->own[0] != '\0')
        words_add(words, "Networks out of reach: %s%s", s->extent->own,
                  any_of(&ever) ? "; packet loss" : "");
    else if (s->extent->foreign[0] == '\0')
        words_add(words, "Packet loss");
    if (any_of(&ever)) {
        words_add(words, " by way of ");
        add_ways(&ever, words);
    }
}

json_t *said_status(const struct said_subject *s, const json_t *before)
{
    char title_text[SENTENCE_MAX], doing_text[SENTENCE_MAX], id[48];
    char began[SAID_TIME_MAX], changed[SAID_TIME_MAX];
    struct words title = WORDS_IN(title_text), doing = WORDS_IN(doing_text), name = WORDS_IN(id);
    const char *note = json_string_value(json_object_get(before, "note"));
    words_add(&name, "%lld.%u", (long long)s->run, s->outage->number);
    say_title(s, &title);
    say_doing(s, &doing);
    said_time(s->at_s, changed);
    bool ended = is_over(s) && !s->outage->part_of;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:o, s:o, s:s, s:s, s:o}", "id", id,
                     "state", s->outage->part_of ? "merged" : outage_state_names[s->outage->state],
                     "severity", outage_severity_names[s->outage->severity], "title", title_text,
                     "began", said_time(s->began_s, began), "changed", changed, "ended",
                     ended ? changed : NULL, "scope", scope_json(s), "text", text_json(s), "doing",
                     doing_text, "note", note ? note : "", "updates",
                     updates_json(s, title_text, doing_text, before));
}
