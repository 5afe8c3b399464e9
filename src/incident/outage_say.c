// SPDX-License-Identifier: ISC
#include "incident/outage.h"

#include <stdlib.h>
#include <string.h>

enum { OWN_SAID_MAX = 3 };

static void say_paths(const struct net *net, uint64_t paths, struct words *words)
{
    char name[NET_NAME_MAX + 8];
    for (uint64_t left = paths; left; left &= left - 1)
        words_add(words, "%s%s", left == paths ? "" : ", ",
                  net_path_name(net, (uint32_t)__builtin_ctzll(left), name));
}

static bool hangs_exactly(const struct net *net, uint32_t node, const struct nodes *upstreams)
{
    struct nodes one = {0};
    nodes_add(&one, node);
    struct nodes closure = nodes_closure(net, &one);
    for (uint32_t u = NODES_UPSTREAM; u < NODES_MEMBER; u++)
        if (nodes_have(&closure, u) != nodes_have(upstreams, u))
            return false;
    return true;
}

// The one member or router on which exactly these upstreams hang; NODES: none.
static uint32_t common(const struct net *net, const struct nodes *upstreams)
{
    for (uint32_t g = 0; g < net->group_count; g++)
        for (uint32_t m = 0; m < net->groups[g].member_count; m++) {
            uint32_t node = NODES_MEMBER + g * NET_MEMBERS_MAX + m;
            if (hangs_exactly(net, node, upstreams))
                return node;
        }
    for (uint32_t r = 0; r < net->router_count; r++)
        if (hangs_exactly(net, NODES_ROUTER + r, upstreams))
            return NODES_ROUTER + r;
    return NODES;
}

// "all that hangs on ca2", or the paths one by one.
static void say_extent(const struct net *net, uint64_t paths, struct words *words)
{
    struct nodes upstreams = outage_upstreams(net, paths), one = {0};
    uint32_t node = common(net, &upstreams);
    if (node == NODES || (node < NODES_UPSTREAM && nodes_count(&upstreams) < 2)) {
        say_paths(net, paths, words);
        return;
    }
    nodes_add(&one, node);
    words_add(words, "all that hangs on ");
    nodes_say(net, &one, words);
    words_add(words, ": ");
    say_paths(net, paths, words);
}

static const struct fault *fault_of(const struct outage *outage, const struct outage_sight *sight)
{
    const struct fault *best = NULL;
    for (uint32_t i = 0; i < sight->fault_count; i++)
        for (uint32_t k = 0; k < outage->fault_count; k++)
            if (sight->faults[i].number == outage->faults[k] &&
                (!best || sight->faults[i].evidence.odds_millinats > best->evidence.odds_millinats))
                best = &sight->faults[i];
    return best;
}

// What the same alarm says elsewhere in the outage, so soon before or after, is the same to people.
static struct nodes say_alarm(const struct outages *outages, const struct outage *outage,
                              const struct fact *alarm, struct words *words)
{
    struct fact all = *alarm;
    for (uint32_t id = facts_first(&outages->facts); id <= outages->facts.last_id; id++) {
        const struct fact *fact = facts_get(&outages->facts, id);
        if (!fact || fact->kind != alarm->kind || strcmp(fact->subject, alarm->subject) != 0 ||
            !nodes_meet(&fact->nodes, &outage->nodes) ||
            llabs(mono_since_ns(fact->at, alarm->at)) > OUTAGE_WARN_S * (int64_t)NS_PER_S)
            continue;
        nodes_join(&all.nodes, &fact->nodes);
        all.count = fact->count > all.count ? fact->count : all.count;
    }
    fact_say(&outages->facts, &all, words);
    return all.nodes;
}

static void say_warning(const struct outages *outages, const struct outage *outage,
                        struct words *words)
{
    const struct fact *alarm = facts_get(&outages->facts, outage->warned_by);
    const struct fact *change = facts_get(&outages->facts, outage->changed_by);
    struct nodes said = {0};
    if (alarm)
        said = say_alarm(outages, outage, alarm, words);
    else
        words_add(words, "what never happened there before");
    uint32_t before = nodes_count(&said);
    if (change) {
        words_add(words, " after ");
        fact_say(&outages->facts, change, words);
    }
    nodes_join(&said, &outage->nodes);
    if (alarm && nodes_count(&said) == before)
        return;  // all of it was said
    words_add(words, "; hit: ");
    nodes_say(outages->net, &outage->nodes, words);
}

void outage_say_own(const struct net *net, uint64_t own, struct words *words)
{
    uint32_t count = (uint32_t)__builtin_popcountll(own), said = 0;
    char prefix[PREFIX_TEXT_MAX];
    for (uint64_t left = own; left && said < OWN_SAID_MAX; left &= left - 1, said++)
        words_add(words, "%s%s", said ? ", " : "",
                  prefix_format(net->own[__builtin_ctzll(left)].prefix, prefix));
    if (count > said)
        words_add(words, " and %u more", count - said);
}

static void say_owns(const struct net *net, uint64_t own, const char *what, struct words *words)
{
    if (!own)
        return;
    words_add(words, "%sown prefix%s ", words->length > 0 ? "; " : "", own & (own - 1) ? "es" : "");
    outage_say_own(net, own, words);
    words_add(words, " %s", what);
}

void outage_title(const struct outages *outages, const struct outage *outage,
                  const struct outage_sight *sight, char *title)
{
    const struct fault *fault = fault_of(outage, sight);
    if (!fault && outage->lost && !outage->hit && !outage->own_lost && !outage->foreign_now)
        return;  // it is well: what it was is said
    struct words words = words_in(title, OUTAGE_TITLE_MAX);
    say_owns(outages->net, outage->foreign_now, "announced by others", &words);
    say_owns(outages->net, outage->own_lost, "unseen from outside", &words);
    if (words.length > 0 && (fault || outage->hit))
        words_add(&words, "; ");
    if (!outage->lost) {
        say_warning(outages, outage, &words);
    } else if (fault) {
        words_add(&words, "%s", fault->words);
    } else if (outage->hit) {
        words_add(&words, "loss on ");
        say_extent(outages->net, outage->hit, &words);
    }
}

// Work that is going on, but where nothing of this hangs: said, so that nobody suspects it.
static void say_unrelated(const struct outages *outages, const struct outage *outage,
                          struct words *words)
{
    const struct facts *facts = &outages->facts;
    struct nodes all = nodes_closure(outages->net, &outage->nodes);
    for (uint32_t id = facts_first(facts); id <= facts->last_id; id++) {
        const struct fact *fact = facts_get(facts, id);
        if (!fact || fact->kind != FACT_MAINTENANCE || !fact->standing ||
            nodes_meet(&fact->closure, &all) || nodes_are_none(&fact->nodes))
            continue;
        words_add(words, "; unrelated: ");
        fact_say(facts, fact, words);
        words_add(words, ", where nothing of this hangs");
    }
}

void outage_cause(const struct outages *outages, const struct outage *outage, char *cause)
{
    struct words words = words_in(cause, OUTAGE_CAUSE_MAX);
    const struct causes *causes = &outage->causes;
    for (uint32_t i = 0; i < causes->count && i < 2; i++) {
        if (i > 0 && causes->items[0].share >= CAUSE_SURE)
            break;
        words_add(&words, "%s", i > 0 ? "; or else " : "");
        cause_say(&outages->facts, &causes->items[i], &outage->symptoms, &words);
    }
    say_unrelated(outages, outage, &words);
}

static void advise_warned(const struct outages *outages, const struct outage *outage,
                          struct words *words)
{
    const struct cause *top = &outage->causes.items[0];
    bool likely = top->kind == CAUSE_CHANGE && top->share >= CAUSE_LIKELY;
    const struct fact *change = facts_get(&outages->facts, outage->changed_by ? outage->changed_by
                                                           : likely           ? top->fact
                                                                              : 0);
    if (outage->rolled_back_by) {
        words_add(words, "nothing is lost; rolled back: watched for %d s", OUTAGE_WELL_S);
        return;
    }
    if (change) {
        words_add(words, "roll back on ");
        nodes_say(outages->net,
                  nodes_are_none(&change->odd_nodes) ? &change->nodes : &change->odd_nodes, words);
        words_add(words, ": ");
    }
    words_add(words, "nothing is lost yet");
}

static void advise_partly(const struct outages *outages, const struct outage *outage,
                          struct words *words)
{
    words_add(words, "only ");
    struct nodes back = outage_upstreams(outages->net, outage->paths & ~outage->hit), one = {0};
    uint32_t node = common(outages->net, &back);
    if (node < NODES) {
        nodes_add(&one, node);
        words_add(words, "what hangs on ");
        nodes_say(outages->net, &one, words);
    } else {
        say_paths(outages->net, outage->paths & ~outage->hit, words);
    }
    words_add(words, " came back; still lossy: ");
    say_extent(outages->net, outage->hit, words);
}

static void advise_broken(const struct outages *outages, const struct outage *outage,
                          struct words *words)
{
    const struct fact *rollback = facts_get(&outages->facts, outage->rolled_back_by);
    words_add(words, "rolled back%s%s and still broken: what was changed back did not mend it",
              rollback && rollback->who[0] ? " by " : "", rollback ? rollback->who : "");
}

void outage_advice(const struct outages *outages, const struct outage *outage, char *advice)
{
    struct words words = words_in(advice, OUTAGE_ACTION_MAX);
    if (outage->part_of)
        words_add(&words, "it is part of outage %u, which goes on", outage->part_of);
    else if (outage->state == OUTAGE_WARNED)
        advise_warned(outages, outage, &words);
    else if (outage->state == OUTAGE_PARTLY_WELL)
        advise_partly(outages, outage, &words);
    else if (outage->state == OUTAGE_STILL_BROKEN)
        advise_broken(outages, outage, &words);
}
