// SPDX-License-Identifier: ISC
#include "detect/passive.h"

#include "detect/budget.h"
#include "detect/sources.h"
#include "detect/usual.h"
#include "stat/blocks.h"
#include "stat/evalue.h"
#include "stat/sprt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BLOCK_MS = 1000,
    LATE_MS = 5000,      // a tick so late: we did not listen ourselves
    WAIT_S = 60,         // failures wait so long for their attempts
    SAY_AGAIN_S = 60,    // what stands is told again with new numbers
    STANDS_S_MIN = 10,   // so long at least
    UNHEARD_S = 600,     // after that nothing is known any more, and
    FORGOTTEN_S = 3600,  // a prefix's place may be another's
    UPSTREAM_KEYS = NET_UPSTREAMS_MAX * 2,
    KEYS_MAX = UPSTREAM_KEYS + PASSIVE_PREFIXES_MAX,
    RELATIVE_MILLINATS = 9210,  // ln 10000, as the engine asks of probes
    PPM = 1000 * 1000,
};

struct seen {
    double events;    // that it stands for
    uint64_t looked;  // at so many of them
};

struct key {
    uint32_t upstream, path;  // NET_NOBODY: of a prefix
    struct prefix prefix;
    enum family family;
    struct seen attempts, failed;  // of the block that is open
    struct mono failed_since;      // the first of those that wait
    struct mono heard_at;
    struct usual usual;
    struct blocks blocks;
    struct rise {
        struct mono began_at;
        uint64_t ok, lost;
    } rises[CUSUM_MEMBERS];  // since each score last left 0
    struct evalue relative;
    uint64_t block_ok, block_lost;  // as scored last

    bool failing, tell, orphaned;  // orphaned: failures came without attempts, and were dropped
    struct mono failing_at, told_at;
    struct rise since;  // the change began
    uint32_t usual_ppm;
    struct sprt back;  // is it as usual again?
};

struct passive {
    const struct net *net;
    uint32_t least_ppm, key_count;
    struct blocks_rule rules[USUAL_STEPS];
    struct mono ticked_at, block_at;
    uint32_t void_blocks;  // from the open one on
    struct key keys[KEYS_MAX];
    struct sources sources;
};

static void key_init(struct key *key, const struct count *count, uint32_t path)
{
    *key = (struct key){.upstream = count->upstream,
                        .path = path,
                        .prefix = count->prefix,
                        .family = count->family};
    usual_init(&key->usual);
    evalue_init(&key->relative);
}

struct passive *passive_new(const struct net *net)
{
    struct passive *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->net = net;
    p->least_ppm = net->counters.failed_normal_ppm;
    // Blocks are a second apart.
    double apart = budget_act_s(net, KEYS_MAX);
    for (uint32_t step = 0; step < USUAL_STEPS; step++)
        blocks_rule_init(&p->rules[step], usual_step_ppm(step, p->least_ppm), apart);
    return p;
}

void passive_free(struct passive *passive)
{
    free(passive);
}

// ---- counts in

static bool is_of(const struct key *key, const struct count *count)
{
    return key->upstream == count->upstream && key->family == count->family &&
           prefix_equal(key->prefix, count->prefix);
}

static bool is_forgotten(const struct key *key, struct mono now)
{
    return key->upstream == NET_NOBODY && !key->failing && !key->tell &&
           mono_since_ns(now, key->heard_at) >= FORGOTTEN_S * (int64_t)NS_PER_S;
}

static struct key *find_key(struct passive *p, const struct count *count, struct mono now)
{
    struct key *forgotten = NULL;
    uint32_t prefixes = 0;
    for (uint32_t i = 0; i < p->key_count; i++) {
        if (is_of(&p->keys[i], count))
            return &p->keys[i];
        prefixes += p->keys[i].upstream == NET_NOBODY;
        if (is_forgotten(&p->keys[i], now))
            forgotten = &p->keys[i];
    }
    bool is_full = count->upstream == NET_NOBODY && prefixes == PASSIVE_PREFIXES_MAX;
    if (is_full && !forgotten)
        return NULL;
    struct key *key = is_full ? forgotten : &p->keys[p->key_count++];
    key_init(key, count,
             count->upstream == NET_NOBODY ? NET_NOBODY
                                           : net_path_find(p->net, count->upstream, count->family));
    return key;
}

static void add_seen(struct seen *seen, uint64_t looked, uint32_t rate_ppm)
{
    seen->looked += looked;
    seen->events += (double)looked * COUNT_RATE_ALL / rate_ppm;
}

bool passive_take(struct passive *p, const struct count *count, struct mono now)
{
    struct key *key = find_key(p, count, now);
    if (!key)
        return false;
    key->heard_at = now;
    if (count->failed > 0 && key->failed.looked == 0)
        key->failed_since = now;
    add_seen(&key->attempts, count->attempts, count->rate_ppm);
    add_seen(&key->failed, count->failed, count->rate_ppm);
    return true;
}

void passive_heard(struct passive *p, struct address sender, struct mono now)
{
    sources_heard(&p->sources, sender, now);
}

void passive_void(struct passive *p)
{
    p->void_blocks = 2;  // what still waits to be read has gaps too
}

// ---- a block of a key

// The part of events that was looked at.
static double looked_part(const struct seen *seen)
{
    return seen->looked > 0 ? (double)seen->looked / seen->events : 1;
}

static void drop_orphans(struct key *key, struct seen *failed)
{
    *failed = (struct seen){0};
    key->orphaned = true;
}

// Both as if the rarer sampling had been that of both: then no event counts for more than one.
static void close_block(struct key *key, struct mono now)
{
    double part = fmin(looked_part(&key->attempts), looked_part(&key->failed));
    uint64_t all = (uint64_t)llround(key->attempts.events * part);
    uint64_t lost = (uint64_t)llround(key->failed.events * part);
    struct seen rest = {0};
    if (lost > all) {  // of attempts told earlier or later
        rest = (struct seen){key->failed.events - (double)all / part, lost - all};
        lost = all;
        if (mono_since_ns(now, key->failed_since) >= WAIT_S * (int64_t)NS_PER_S)
            drop_orphans(key, &rest);
    }
    key->block_ok = all - lost;
    key->block_lost = lost;
    key->attempts = (struct seen){0};
    key->failed = rest;
    if (all > 0)
        key->failed_since = now;
}

static void drop_block(struct key *key)
{
    key->block_ok = key->block_lost = 0;
    key->attempts = key->failed = (struct seen){0};
}

static bool is_peer(const struct key *key, const struct key *other)
{
    return key != other && other->upstream != NET_NOBODY && key->family == other->family;
}

static uint32_t clamp32(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static void compare(struct passive *p, struct key *key)
{
    uint64_t ok = 0, lost = 0;
    for (uint32_t i = 0; i < p->key_count; i++)
        if (is_peer(key, &p->keys[i])) {
            ok += p->keys[i].block_ok;
            lost += p->keys[i].block_lost;
        }
    evalue_add(&key->relative,
               &(struct evalue_block){clamp32(key->block_ok), clamp32(key->block_lost), clamp32(ok),
                                      clamp32(lost)});
}

// ---- what it says

static uint32_t share_ppm(const struct rise *rise)
{
    uint64_t all = rise->ok + rise->lost;
    return all > 0 ? (uint32_t)((double)rise->lost / (double)all * PPM) : 0;
}

// Each member that alarmed dates the change; the one that best explains what came since.
static const struct rise *best_rise(const struct key *key, const struct blocks_rule *rule,
                                    uint32_t alarms)
{
    const struct rise *best = NULL;
    double best_gain = -INFINITY;
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        const struct rise *rise = &key->rises[k];
        double gain = (double)rise->lost * rule->lost_nats[k] + (double)rise->ok * rule->ok_nats[k];
        if (!(alarms >> k & 1) || gain <= best_gain)
            continue;
        best_gain = gain;
        best = rise;
    }
    return best;
}

static void begin_failing(struct key *key, const struct blocks_rule *rule, uint32_t alarms,
                          struct mono now)
{
    key->failing = key->tell = true;
    key->failing_at = now;
    key->since = *best_rise(key, rule, alarms);
    key->usual_ppm = rule->normal_ppm;
    uint32_t good = 2 * key->usual_ppm, bad = share_ppm(&key->since) / 2;
    sprt_init(&key->back, good, bad > 5 * key->usual_ppm ? bad : 5 * key->usual_ppm);
}

static void end_failing(struct key *key)
{
    key->failing = false;
    key->tell = true;
    key->blocks = (struct blocks){{0}};
}

static void watch_recovery(struct key *key, struct mono now)
{
    key->since.ok += key->block_ok;
    key->since.lost += key->block_lost;
    enum sprt_answer answer = sprt_add(&key->back, key->block_ok, key->block_lost);
    if (answer == SPRT_BAD)
        sprt_restart(&key->back);
    if (answer == SPRT_GOOD && mono_reached(now, mono_add_ms(key->failing_at, STANDS_S_MIN * 1000)))
        end_failing(key);
}

static void score(struct passive *p, struct key *key, struct mono now)
{
    const struct blocks_rule *rule = &p->rules[key->usual.step];
    for (uint32_t k = 0; k < CUSUM_MEMBERS; k++) {
        if (key->blocks.score[k] == 0)
            key->rises[k] = (struct rise){.began_at = p->block_at};
        key->rises[k].ok += key->block_ok;
        key->rises[k].lost += key->block_lost;
    }
    uint32_t alarms = blocks_add(&key->blocks, rule, key->block_ok, key->block_lost);
    // What one block adds at most is not yet a rise: else bursts would never be usual.
    bool is_calm = blocks_height(&key->blocks, rule) <= 1.01 / BLOCKS_MIN;
    if (key->failing)
        watch_recovery(key, now);
    else if (alarms)
        begin_failing(key, rule, alarms, now);
    else if (is_calm && usual_add(&key->usual, p->least_ppm, key->block_ok, key->block_lost))
        key->blocks = (struct blocks){{0}};
}

static void close_blocks(struct passive *p, struct mono now)
{
    for (uint32_t i = 0; i < p->key_count; i++) {
        if (p->void_blocks > 0)
            drop_block(&p->keys[i]);
        else
            close_block(&p->keys[i], now);
    }
    for (uint32_t i = 0; i < p->key_count; i++) {
        struct key *key = &p->keys[i];
        if (key->block_ok + key->block_lost == 0)
            continue;
        if (key->upstream != NET_NOBODY)
            compare(p, key);
        score(p, key, now);
    }
    p->void_blocks -= p->void_blocks > 0;
    p->block_at = now;
}

// ---- for people

static const char *say_peers(const struct passive *p, const struct key *key)
{
    bool has_peers = false;
    for (uint32_t i = 0; i < p->key_count; i++)
        has_peers |= key->upstream != NET_NOBODY && is_peer(key, &p->keys[i]);
    if (!has_peers)
        return "nothing to compare it with";
    return evalue_nats(&key->relative) * 1000 >= RELATIVE_MILLINATS
               ? "more than through other upstreams"
               : "not surely more than through other upstreams";
}

static void fill(const struct passive *p, const struct key *key, struct mono now,
                 struct notice *notice)
{
    *notice = (struct notice){.kind = NOTICE_SERVERS_FAILING,
                              .raised = key->failing,
                              .router = NET_NOBODY,
                              .prefix = key->prefix,
                              .since = key->since.began_at,
                              .count = clamp32(key->since.lost),
                              .total = clamp32(key->since.ok + key->since.lost)};
    if (key->upstream != NET_NOBODY) {
        notice->router = p->net->upstreams[key->upstream].router;
        net_path_name(p->net, key->path, notice->peer);
    }
    snprintf(notice->text, sizeof notice->text,
             "%.2f %% of %u attempts failed in %.0f s, usual is at most %.2f %%; %s",
             share_ppm(&key->since) / 1e4, notice->total,
             (double)mono_since_ns(now, key->since.began_at) / NS_PER_S, key->usual_ppm / 1e4,
             say_peers(p, key));
}

static void fill_orphaned(const struct passive *p, const struct key *key, struct notice *notice)
{
    char name[PREFIX_TEXT_MAX];
    if (key->upstream == NET_NOBODY)
        prefix_format(key->prefix, name);
    else
        net_path_name(p->net, key->path, name);
    *notice =
        (struct notice){.kind = NOTICE_COUNTERS_REFUSED, .raised = true, .router = NET_NOBODY};
    snprintf(notice->text, sizeof notice->text,
             "failures of %s came without attempts for a minute: send fairlead.attempts too", name);
}

static bool tick_key(const struct passive *p, struct key *key, struct mono now,
                     struct notice *notice)
{
    if (key->orphaned) {
        key->orphaned = false;
        fill_orphaned(p, key, notice);
        return true;
    }
    if (key->failing && mono_reached(now, mono_add_ms(key->heard_at, UNHEARD_S * 1000)))
        end_failing(key);
    bool is_due = key->failing && mono_reached(now, mono_add_ms(key->told_at, SAY_AGAIN_S * 1000));
    if (!key->tell && !is_due)
        return false;
    key->tell = false;
    key->told_at = now;
    fill(p, key, now, notice);
    return true;
}

bool passive_tick(struct passive *p, struct mono now, struct notice *notice)
{
    int64_t late_ns = mono_since_ns(now, p->ticked_at);
    if (p->ticked_at.ns == 0)
        p->block_at = now;
    else if (late_ns >= LATE_MS * (int64_t)NS_PER_MS)
        sources_excuse(&p->sources, late_ns);
    p->ticked_at = now;
    if (mono_reached(now, mono_add_ms(p->block_at, BLOCK_MS)))
        close_blocks(p, now);
    for (uint32_t i = 0; i < p->key_count; i++)
        if (tick_key(p, &p->keys[i], now, notice))
            return true;
    return sources_tick(&p->sources, now, notice);
}
