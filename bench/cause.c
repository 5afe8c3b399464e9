// SPDX-License-Identifier: ISC
// Made-up incidents with a known cause among decoys: what incident/cause.h ranks first. How long
// effects lag behind causes, how often devices change and what is hit are drawn from other
// distributions than those that the ranking believes in.
//   cause_bench FIRST_SEED COUNT      one line of JSON each
#include "base/random.h"
#include "incident/cause.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400, HISTORY_DAYS = 30, TELLS_MAX = 64, WATCH_S = 900 };

enum truth { BY_CHANGE, BY_CRASH, BY_FAILURE, BY_PROVIDER, BY_WORK, BY_PLANNED, TRUTHS };
static const char *const truth_names[TRUTHS] = {"change",   "change-crash", "failure",
                                                "provider", "unannounced",  "maintenance"};

struct tell {  // a fact, and when it is heard
    double heard_s;
    struct fact fact;
    bool is_truth;
};

struct incident {
    struct random random;
    struct net net;
    struct facts *facts;
    enum truth truth;
    uint32_t decoys, upstream, tell_count;
    double onset_s, seen_s;
    struct tell tells[TELLS_MAX];
    struct symptoms symptoms;
};

static double unit(struct incident *w)
{
    return random_unit(&w->random);
}

static uint32_t below(struct incident *w, uint32_t n)
{
    return (uint32_t)(unit(w) * n);
}

static double normal(struct incident *w)
{
    return sqrt(-2 * log(1 - unit(w))) * cos(2 * M_PI * unit(w));
}

static struct mono at(double s)
{
    return (struct mono){(int64_t)(s * NS_PER_S)};
}

// ---- a network

static void make_groups(struct incident *w)
{
    w->net.group_count = below(w, 4);
    for (uint32_t g = 0; g < w->net.group_count; g++) {
        struct net_group *group = &w->net.groups[g];
        snprintf(group->name, NET_NAME_MAX, "pair%u", g);
        group->kind = unit(w) < 0.8 ? NET_REDUNDANCY : NET_SHARED_RISK;
        group->member_count = 2;
        for (uint32_t m = 0; m < 2; m++)
            snprintf(group->members[m].name, NET_NAME_MAX, "sw%u-%u", g, m);
        for (uint32_t u = 0; u < w->net.upstream_count; u++)
            group->members[unit(w) < 0.5].upstreams |= (uint32_t)(unit(w) < 0.7) << u;
    }
}

static void add_device(struct net *net, const char *name)
{
    memmove(net->syslog.devices[net->syslog.device_count++].name, name, strlen(name) + 1);
}

static void make_net(struct incident *w)
{
    struct net *net = &w->net;
    net->router_count = 2 + below(w, 7);
    for (uint32_t r = 0; r < net->router_count; r++) {
        snprintf(net->routers[r].name, NET_NAME_MAX, "edge%u", r);
        for (uint32_t n = 1 + below(w, 3); n > 0 && net->upstream_count < NET_UPSTREAMS_MAX; n--) {
            uint32_t u = net->upstream_count++;
            snprintf(net->upstreams[u].name, NET_NAME_MAX, "transit%u", u);
            net->upstreams[u].router = r;
        }
    }
    make_groups(w);
    for (uint32_t r = 0; r < net->router_count; r++)
        add_device(net, net->routers[r].name);
    for (uint32_t g = 0; g < net->group_count; g++)
        for (uint32_t m = 0; m < 2; m++)
            add_device(net, net->groups[g].members[m].name);
    for (uint32_t n = 8 + below(w, 33); n > 0; n--) {
        char name[NET_NAME_MAX];
        snprintf(name, sizeof name, "rack%u", n);
        add_device(net, name);
    }
}

// ---- facts

static struct fact make_fact(enum fact_kind kind, double s, const char *device)
{
    struct fact fact = {.kind = kind, .at = at(s)};
    snprintf(fact.device, sizeof fact.device, "%s", device);
    fact.standing = kind != FACT_CHANGE && kind != FACT_ROLLBACK && kind != FACT_CRASH;
    return fact;
}

static void tell(struct incident *w, struct fact fact, bool is_truth)
{
    if (w->tell_count == TELLS_MAX)
        return;
    double heard_s = (double)fact.at.ns / NS_PER_S + 2 * unit(w);
    w->tells[w->tell_count++] = (struct tell){heard_s, fact, is_truth};
}

static const char *any_device(struct incident *w)
{
    return w->net.syslog.devices[below(w, w->net.syslog.device_count)].name;
}

// A month of what always goes on: devices differ in how often they are changed, and fail, tenfold.
struct past {
    double s;
    enum fact_kind kind;
    uint32_t device;
};

static int by_time(const void *a, const void *b)
{
    const struct past *x = a, *y = b;
    return (x->s > y->s) - (x->s < y->s);
}

static void live(struct incident *w)
{
    static const struct {
        enum fact_kind kind;
        double every_s;
    } kinds[] = {{FACT_CHANGE, DAY_S},
                 {FACT_LINK, 20 * DAY_S},
                 {FACT_BFD, 60 * DAY_S},
                 {FACT_CRASH, 200 * DAY_S}};
    static struct past past[64 * 1024];
    uint32_t count = 0;
    for (uint32_t d = 0; d < w->net.syslog.device_count; d++)
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            double every_s = kinds[k].every_s * exp(0.8 * normal(w)), s = 0;
            while ((s -= log(1 - unit(w)) * every_s) < HISTORY_DAYS * DAY_S - 3600)
                if (count < sizeof past / sizeof past[0])
                    past[count++] = (struct past){s, kinds[k].kind, d};
        }
    qsort(past, count, sizeof past[0], by_time);
    for (uint32_t i = 0; i < count; i++) {
        struct fact fact =
            make_fact(past[i].kind, past[i].s, w->net.syslog.devices[past[i].device].name);
        fact.standing = false;
        if (fact.kind == FACT_CHANGE)
            snprintf(fact.who, sizeof fact.who, "u%u", i);
        facts_take(w->facts, &fact);
    }
}

// How long it takes until what is changed breaks: at once, with what is reloaded, or when something
// runs out.
static double lag_s(struct incident *w)
{
    double kind = unit(w);
    return kind < 0.55   ? exp(log(15) + normal(w))
           : kind < 0.85 ? 60 + 540 * unit(w)
                         : 600 * exp(log(10) * unit(w));
}

// ---- what breaks

// A device that packets pass, and what is hit: mostly all that hangs on it.
static const char *breakable(struct incident *w, uint32_t *hit)
{
    uint32_t all = (UINT32_C(1) << w->net.upstream_count) - 1;
    for (;;) {
        const char *device = any_device(w);
        struct nodes nodes = nodes_named(&w->net, device);
        struct nodes closure = nodes_closure(&w->net, &nodes);
        *hit = 0;
        for (uint32_t u = 0; u < w->net.upstream_count; u++)
            *hit |= (uint32_t)nodes_have(&closure, NODES_UPSTREAM + u) << u;
        bool part = unit(w) < 0.3;
        for (uint32_t u = 0; u < w->net.upstream_count && part; u++)
            if (unit(w) < 0.5 && (*hit & ~(UINT32_C(1) << u)))
                *hit &= ~(UINT32_C(1) << u);
        if (*hit && unit(w) < 0.04)  // what the configuration does not tell
            *hit = UINT32_C(1) << below(w, w->net.upstream_count);
        if (*hit & all)
            return device;
    }
}

// What localisation can tell at best: the router or member, where more than one upstream is hit.
static uint32_t part_of(const struct incident *w, const char *device, uint32_t hit)
{
    struct nodes nodes = nodes_named(&w->net, device);
    uint32_t node = 0;
    if (__builtin_popcount(hit) == 1)
        return NODES_UPSTREAM + (uint32_t)__builtin_ctz(hit);
    while (node < NODES_DEVICE && !nodes_have(&nodes, node))
        node++;
    return node < NODES_DEVICE ? node : NODES;
}

static void lose(struct incident *w, uint32_t hit, uint32_t part)
{
    struct symptoms *s = &w->symptoms;
    *s = (struct symptoms){.lost = true, .onset_sigma_s = 2, .minute = fmod(w->onset_s / 60, 60)};
    s->onset = at(w->onset_s + normal(w));
    double count = __builtin_popcount(hit), left = 1;
    if (part < NODES && unit(w) < 0.6) {  // localisation names it; rarely it is wrong
        double share = 1 / (1 + exp(-5 - 7 * unit(w)));
        uint32_t node = unit(w) < 0.97 ? part : NODES_ROUTER + below(w, w->net.router_count);
        s->parts[s->part_count++] = (struct cause_part){node, share};
        left -= share;
    }
    for (uint32_t u = 0; u < w->net.upstream_count; u++)
        if (hit >> u & 1)
            s->parts[s->part_count++] = (struct cause_part){NODES_UPSTREAM + u, left / count};
    w->seen_s = w->onset_s + 0.5 + 2.5 * unit(w);
}

// One to four devices that are changed alike: the rest of its kind with it, or others.
static void change(struct incident *w, double s, const char *device, const char *who, bool is_truth)
{
    uint32_t others = unit(w) < 0.6 ? 0 : 1 + below(w, 3);
    struct fact fact = make_fact(FACT_CHANGE, s, device);
    snprintf(fact.who, sizeof fact.who, "%s", who);
    tell(w, fact, is_truth);
    while (others-- > 0) {
        fact = make_fact(FACT_CHANGE, s + 20 * unit(w), any_device(w));
        snprintf(fact.who, sizeof fact.who, "%s", who);
        tell(w, fact, is_truth);
    }
}

static void session(struct incident *w, uint32_t upstream, const char *text)
{
    struct fact fact = make_fact(FACT_BGP, w->onset_s + 3 * unit(w),
                                 w->net.routers[w->net.upstreams[upstream].router].name);
    nodes_add(&fact.nodes, NODES_UPSTREAM + upstream);
    snprintf(fact.text, sizeof fact.text, "%s", text);
    tell(w, fact, false);
}

static void break_by_device(struct incident *w)
{
    static const enum fact_kind alarms[] = {FACT_CRASH, FACT_GAVE_UP, FACT_ALARM, FACT_LINK};
    uint32_t hit;
    const char *device = breakable(w, &hit);
    double before_s = w->truth == BY_CHANGE ? lag_s(w) : 2 + 58 * unit(w);
    double alarm_s = w->onset_s - (unit(w) < 0.5 ? 5 * unit(w) : 600 * unit(w));
    if (w->truth == BY_CHANGE)
        change(w, w->onset_s - before_s, device, "anna", true);
    if (w->truth == BY_CRASH) {
        change(w, alarm_s - before_s, device, "anna", true);
        tell(w, make_fact(FACT_CRASH, alarm_s, device), false);
        tell(w, make_fact(FACT_GAVE_UP, alarm_s + 1, device), false);
    }
    if (w->truth == BY_FAILURE)
        tell(w, make_fact(alarms[below(w, 4)], w->onset_s - 4 * unit(w), device), true);
    if (w->truth == BY_PLANNED)
        tell(w, make_fact(FACT_MAINTENANCE, w->onset_s - 300 * unit(w), device), true);
    if (unit(w) < 0.4)
        session(w, (uint32_t)__builtin_ctz(hit), "hold timer expired");
    lose(w, hit, part_of(w, device, hit));
}

static void break_by_provider(struct incident *w)
{
    w->upstream = below(w, w->net.upstream_count);
    if (w->truth == BY_WORK) {
        w->onset_s = floor(w->onset_s / 900) * 900 + 60 * fabs(normal(w));
        if (unit(w) < 0.8)
            session(w, w->upstream, "Cease/Administrative Shutdown");
    } else if (unit(w) < 0.3) {
        session(w, w->upstream, "hold timer expired");
    }
    lose(w, UINT32_C(1) << w->upstream, NODES_UPSTREAM + w->upstream);
}

static enum truth any_truth(struct incident *w)
{
    static const double shares[TRUTHS] = {0.45, 0.15, 0.12, 0.15, 0.06, 0.07};
    double at_most = unit(w);
    for (enum truth truth = 0; truth < TRUTHS; truth++)
        if ((at_most -= shares[truth]) < 0)
            return truth;
    return BY_CHANGE;
}

static struct incident *make(uint64_t seed)
{
    struct incident *w = calloc(1, sizeof *w);
    w->random.state = seed * UINT64_C(0xd1342543de82ef95);
    w->facts = calloc(1, sizeof *w->facts);
    make_net(w);
    facts_init(w->facts, &w->net, (struct mono){0});
    live(w);
    w->truth = any_truth(w);
    w->onset_s = HISTORY_DAYS * DAY_S + 3600 * unit(w);
    w->upstream = NET_NOBODY;
    if (w->truth == BY_PROVIDER || w->truth == BY_WORK)
        break_by_provider(w);
    else
        break_by_device(w);
    w->decoys = below(w, 6);
    for (uint32_t d = 0; d < w->decoys; d++) {
        char who[NET_NAME_MAX];
        snprintf(who, sizeof who, "decoy%u", d);
        change(w, w->onset_s - 600 + 1200 * unit(w), any_device(w), who, false);
    }
    return w;
}

// ---- judging

static int by_hearing(const void *a, const void *b)
{
    const struct tell *x = a, *y = b;
    return (x->heard_s > y->heard_s) - (x->heard_s < y->heard_s);
}

struct score {
    uint32_t rank, naive;  // from 1 on; 0: not there
    double right_s;        // after the onset: first from then on to the end; negative: never
    double share;
};

static bool is_right(const struct incident *w, const struct cause *cause, uint32_t truth_id)
{
    if (w->truth == BY_PROVIDER)
        return cause->kind == CAUSE_PROVIDER && cause->upstream == w->upstream;
    if (w->truth == BY_WORK)
        return cause->kind == CAUSE_UNANNOUNCED && cause->upstream == w->upstream;
    return cause->fact == truth_id && truth_id > 0;
}

// The list that everybody looks at: the latest change before the loss first.
static uint32_t naive_rank(const struct incident *w, uint32_t truth_id)
{
    const struct fact *truth = facts_get(w->facts, truth_id);
    uint32_t rank = 1;
    if (!truth || truth->kind != FACT_CHANGE)
        return 0;
    for (uint32_t id = facts_first(w->facts); id <= w->facts->last_id; id++) {
        const struct fact *fact = facts_get(w->facts, id);
        rank += fact && fact->kind == FACT_CHANGE && fact->at.ns > truth->at.ns &&
                fact->at.ns <= w->symptoms.onset.ns;
    }
    return rank;
}

static void judge(struct incident *w, struct score *score)
{
    uint32_t truth_id = 0;
    struct causes causes;
    *score = (struct score){.right_s = -1};
    qsort(w->tells, w->tell_count, sizeof w->tells[0], by_hearing);
    for (uint32_t i = 0; i <= w->tell_count; i++) {
        double heard_s = i < w->tell_count ? w->tells[i].heard_s : w->onset_s + WATCH_S;
        if (heard_s > w->seen_s) {  // as it stands until this is heard
            causes_rank(w->facts, &w->symptoms, &causes);
            double from_s = i > 0 ? fmax(w->tells[i - 1].heard_s, w->seen_s) : w->seen_s;
            bool right = is_right(w, &causes.items[0], truth_id);
            score->right_s = !right                ? -1
                             : score->right_s >= 0 ? score->right_s
                                                   : from_s - w->onset_s;
        }
        if (i == w->tell_count)
            break;
        uint32_t id = facts_take(w->facts, &w->tells[i].fact);
        truth_id = w->tells[i].is_truth ? id : truth_id;
    }
    for (uint32_t i = 0; i < causes.count && score->rank == 0; i++)
        if (is_right(w, &causes.items[i], truth_id))
            score->rank = i + 1;
    score->share = causes.items[0].share;
    score->naive = naive_rank(w, truth_id);
    if (getenv("CAUSE_SHOW") && score->rank != 1) {
        char text[512];
        for (uint32_t i = 0; i < causes.count && i < 3; i++) {
            const struct cause *c = &causes.items[i];
            struct words words = WORDS_IN(text);
            cause_say(w->facts, c, &w->symptoms, &words);
            fprintf(stderr, "  %s t %.1f p %.1f pr %.1f ch %.1f ag %.1f: %s\n",
                    is_right(w, c, truth_id) ? "*" : " ", c->time_nats, c->place_nats,
                    c->prior_nats, c->chain_nats, c->again_nats, text);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct incident *w = make(seed);
        struct score score;
        judge(w, &score);
        printf("{\"seed\":%llu,\"truth\":\"%s\",\"decoys\":%u,\"rank\":%u,\"naive\":%u,"
               "\"right_s\":%.3f,\"share\":%.4f}\n",
               (unsigned long long)seed, truth_names[w->truth], w->decoys, score.rank, score.naive,
               score.right_s, score.share);
        free(w->facts);
        free(w);
    }
    return 0;
}
