// SPDX-License-Identifier: ISC
#include "incident/fact.h"

#include <math.h>
#include <string.h>

#define DAY_S 86400.0
#define CHANGES_BELIEVED 3.0

const char *const fact_kind_names[FACT_KINDS] = {"change",  "rollback", "maintenance", "crash",
                                                 "gave_up", "alarm",    "bfd",         "bgp",
                                                 "igp",     "lacp",     "link"};

// What is believed of a place before anything was seen there: half an event in so many days. The
// numbers only matter while nothing is known; of 30 days without any they leave a sixtieth a day.
static const double believed_days[FACT_KINDS] = {
    [FACT_CHANGE] = 0.5, [FACT_ROLLBACK] = 5, [FACT_MAINTENANCE] = 5, [FACT_CRASH] = 30,
    [FACT_GAVE_UP] = 30, [FACT_ALARM] = 20,   [FACT_BFD] = 20,        [FACT_BGP] = 10,
    [FACT_IGP] = 20,     [FACT_LACP] = 20,    [FACT_LINK] = 5,
};

void facts_init(struct facts *facts, const struct net *net, struct mono since)
{
    struct nodes all = nodes_all(net);
    *facts = (struct facts){.net = net, .since = since, .node_count = nodes_count(&all)};
}

bool fact_is_alarm(enum fact_kind kind)
{
    return kind >= FACT_CRASH;
}

bool fact_meets(const struct fact *a, const struct fact *b)
{
    return nodes_meet(&a->nodes, &b->nodes) || (a->device[0] && strcmp(a->device, b->device) == 0);
}

static double seconds(struct mono later, struct mono earlier)
{
    return (double)mono_since_ns(later, earlier) / NS_PER_S;
}

// FNV-1a: names are those of the configuration, or of who may pass lines on. Two places that share
// a row look busier than they are, which only makes what happens there weigh less.
static uint32_t place_of(const char *device)
{
    uint32_t hash = 2166136261u;
    for (; *device; device++)
        hash = (hash ^ (unsigned char)*device) * 16777619u;
    return hash % FACT_PLACES;
}

static double seen(const struct fact_rate *rate, struct mono now)
{
    return rate->seen * exp(-seconds(now, rate->at) / (FACT_RATE_DAYS * DAY_S));
}

// Gamma smoothing: what was seen and half an event more, by the time of both.
static double smooth_hz(const struct facts *facts, const struct fact_rate *rate,
                        const struct fact *fact)
{
    double watched_s = fmin(fmax(seconds(fact->at, facts->since), 0), FACT_RATE_DAYS * DAY_S);
    return (seen(rate, fact->at) + 0.5) / (watched_s + believed_days[fact->kind] * DAY_S);
}

double facts_usual_hz(const struct facts *facts, enum fact_kind kind)
{
    const struct fact_rate *all = &facts->all[kind];
    struct fact last = {.kind = kind, .at = all->at};
    return smooth_hz(facts, all, &last);
}

// Any change may be the bad one, whoever makes few as well: where few are made is believed to be
// as the other places are by the weight of CHANGES_BELIEVED changes. That something fails where it
// never did is news of that place alone.
static double rate_hz(const struct facts *facts, const struct fact *fact)
{
    const struct fact_rate *rate = &facts->rates[fact->kind][place_of(fact->device)];
    if (fact_is_alarm(fact->kind))
        return smooth_hz(facts, rate, fact);
    uint32_t places = facts->net->syslog.device_count + facts->net->router_count;
    double mean_hz = smooth_hz(facts, &facts->all[fact->kind], fact) / fmax(places, 1);
    double watched_s = fmin(fmax(seconds(fact->at, facts->since), 0), FACT_RATE_DAYS * DAY_S);
    return (seen(rate, fact->at) + CHANGES_BELIEVED) / (watched_s + CHANGES_BELIEVED / mean_hz);
}

static void count(struct facts *facts, struct fact *fact)
{
    struct fact_rate *rate = &facts->rates[fact->kind][place_of(fact->device)];
    double before = seen(rate, fact->at), here = rate_hz(facts, fact);
    fact->unseen &= before < 0.1;  // one is forgotten after 69 days
    fact->rate_hz = fmax(fact->rate_hz, here);
    *rate = (struct fact_rate){before + 1, fact->at};
    struct fact_rate *all = &facts->all[fact->kind];
    *all = (struct fact_rate){seen(all, fact->at) + 1, fact->at};
}

// That one session falls now and then makes it no less rare that many do.
static void count_burst(struct facts *facts, struct fact *fact)
{
    struct fact_rate *rate = &facts->bursts[fact->kind][place_of(fact->device)];
    double before = seen(rate, fact->at);
    fact->unseen = before < 0.1;
    fact->rate_hz = smooth_hz(facts, rate, fact);
    *rate = (struct fact_rate){before + 1, fact->at};
}

uint32_t facts_first(const struct facts *facts)
{
    return facts->last_id > FACTS_MAX ? facts->last_id - FACTS_MAX + 1 : 1;
}

const struct fact *facts_get(const struct facts *facts, uint32_t id)
{
    const struct fact *fact = &facts->items[id % FACTS_MAX];
    return id > 0 && fact->id == id ? fact : NULL;
}

static bool is_same_change(const struct fact *fact, const struct fact *told)
{
    if (fabs(seconds(told->at, fact->at)) > FACT_SAME_CHANGE_S)
        return false;
    if (fact->subject[0] && told->subject[0])
        return strcmp(fact->subject, told->subject) == 0;
    bool named = !fact->subject[0] && !told->subject[0] && fact->who[0] && told->who[0];
    return named ? strcmp(fact->who, told->who) == 0 : fact_meets(fact, told);
}

static bool belongs(const struct fact *fact, const struct fact *told)
{
    if (fact->kind != told->kind)
        return false;
    if (fact->kind <= FACT_ROLLBACK)
        return is_same_change(fact, told);
    bool again = fact->kind < FACT_BFD && fact->standing != told->standing;
    return mono_since_ns(told->at, fact->at) >= 0 && strcmp(fact->device, told->device) == 0 &&
           !again && seconds(told->at, fact->last_at) <= FACT_TOGETHER_S &&
           seconds(told->at, fact->at) <= FACT_TOGETHER_MAX_S;
}

static struct fact *find(struct facts *facts, const struct fact *told)
{
    for (uint32_t id = facts->last_id; id > 0 && id >= facts_first(facts); id--) {
        struct fact *fact = &facts->items[id % FACTS_MAX];
        if (belongs(fact, told))
            return fact;
        if (seconds(told->at, fact->last_at) > FACT_SAME_CHANGE_S)
            break;
    }
    return NULL;
}

static void name(struct fact *fact, const struct fact *told)
{
    memcpy(fact->subject, told->subject, sizeof fact->subject);
    memcpy(fact->text, told->text, sizeof fact->text);
}

// A device may tell of one crash twice: as the kernel sees it and as whoever starts it again does.
// What crashes again so soon counts once more at the next time.
static bool is_told_twice(const struct fact *old, const struct fact *told)
{
    return told->kind == FACT_CRASH && seconds(told->at, old->last_at) < 1 &&
           strcmp(old->device, told->device) == 0 && strcmp(old->subject, told->subject) == 0;
}

uint32_t facts_take(struct facts *facts, const struct fact *told)
{
    struct fact fact = *told;
    struct nodes named = nodes_named(facts->net, told->device);
    nodes_join(&fact.nodes, &named);
    fact.closure = nodes_closure(facts->net, &fact.nodes);
    fact.unseen = true;
    struct fact *old = find(facts, &fact);
    bool elsewhere = old && strcmp(old->device, told->device) != 0;
    if (!old || elsewhere)  // of one device it is one event, however often it is told
        count(facts, &fact);
    if (!old) {
        fact.id = ++facts->last_id;
        fact.count = 1;
        fact.last_at = fact.at;
        facts->items[fact.id % FACTS_MAX] = fact;
        return fact.id;
    }
    nodes_join(&old->nodes, &fact.nodes);
    nodes_join(&old->closure, &fact.closure);
    old->rate_hz = fmax(old->rate_hz, fact.rate_hz);
    bool again = fact.standing && !old->standing;        // the one is up, and another fell
    if (again || (fact.subject[0] && !old->subject[0]))  // its pipeline knows more than its device
        name(old, &fact);
    old->standing |= again;
    if (fact.who[0] && (!old->who[0] || fact.subject[0]))
        memcpy(old->who, fact.who, sizeof old->who);
    old->count += !is_told_twice(old, &fact) && old->count < UINT32_MAX;
    old->last_at = fact.at;
    if (fact.kind >= FACT_BFD && old->count == FACT_BURST)
        count_burst(facts, old);
    return old->id;
}

static bool is_equal(const struct fact *a, const struct fact *b)
{
    return a->kind == b->kind && a->at.ns == b->at.ns && strcmp(a->device, b->device) == 0 &&
           strcmp(a->subject, b->subject) == 0;
}

uint32_t facts_take_up(struct facts *facts, const struct fact *fact)
{
    for (uint32_t id = facts_first(facts); id <= facts->last_id; id++)
        if (facts_get(facts, id) && is_equal(facts_get(facts, id), fact))
            return id;  // two outages have it
    struct fact *taken = &facts->items[++facts->last_id % FACTS_MAX];
    *taken = *fact;
    taken->id = facts->last_id;
    taken->closure = nodes_closure(facts->net, &taken->nodes);
    taken->is_taken_up = true;
    return taken->id;
}

void facts_odd(struct facts *facts, const char *id, const struct nodes *nodes, const char *odd)
{
    for (uint32_t i = 0; i < FACTS_MAX; i++) {
        struct fact *fact = &facts->items[i];
        if (!fact->id || fact->kind != FACT_CHANGE || !fact->subject[0] ||
            strncmp(fact->subject, id, sizeof fact->subject - 1) != 0)
            continue;
        struct words words = WORDS_IN(fact->odd);
        words_add(&words, "%s", odd);
        fact->odd_nodes = *nodes;
    }
}

void facts_over(struct facts *facts, enum fact_kind kind, const char *device, const char *subject)
{
    for (uint32_t i = 0; i < FACTS_MAX; i++) {
        struct fact *fact = &facts->items[i];
        bool same = !subject[0] || !fact->subject[0] || strcmp(fact->subject, subject) == 0;
        if (fact->id && fact->kind == kind && same && strcmp(fact->device, device) == 0)
            fact->standing = false;
    }
}
