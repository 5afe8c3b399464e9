// SPDX-License-Identifier: ISC
#include "engine/watch.h"

#include "probe/flight.h"
#include "stat/beta.h"
#include "steer/limits.h"

void watch_init(struct watch *watch, const struct net *net)
{
    watch->net = net;
    while (watch->as_routed < net_path_count(net) &&
           net_path(net, watch->as_routed).upstream != NET_NOBODY)
        watch->as_routed++;
    relative_init(&watch->relative, net);
}

static uint32_t believed(uint32_t count)
{
    return count < WATCH_TALLY_MAX ? count : WATCH_TALLY_MAX;
}

// The cell as it is by now.
static struct watch_cell faded(const struct watch_cell *cell, struct mono now)
{
    struct watch_cell c = *cell;
    int64_t period = now.ns / (WATCH_HALF_S * (int64_t)NS_PER_S), halves = period - c.period;
    uint32_t shift = halves < 0 ? 0 : halves > 31 ? 31 : (uint32_t)halves;
    return (struct watch_cell){
        .period = period,
        .ok = c.ok >> shift,
        .lost = c.lost >> shift,
        .voided = c.voided >> shift,
        .lost_forward = c.lost_forward >> shift,
        .lost_reverse = c.lost_reverse >> shift,
    };
}

struct watch_cell watch_cell_recent(const struct watch *watch, uint32_t path, uint32_t target,
                                    struct mono now)
{
    return faded(&watch->paths[path].cells[target], now);
}

static void count_cell(struct watch *watch, struct mono now, const struct event_tally *tally)
{
    struct watch_cell *cell = &watch->paths[tally->path].cells[tally->target];
    uint32_t ok = believed(tally->ok), lost = believed(tally->lost);
    uint32_t voided = believed(tally->voided);
    *cell = faded(cell, now);
    cell->ok += ok;
    cell->lost += lost;
    cell->voided += voided;
    cell->lost_forward += believed(tally->lost_forward);
    cell->lost_reverse += believed(tally->lost_reverse);
    uint32_t late = tally->late < cell->lost ? tally->late : cell->lost;
    cell->ok += late;
    cell->lost -= late;
    watch->paths[tally->path].totals[tally->target].ok += ok;
    watch->paths[tally->path].totals[tally->target].lost += lost;
    if (ok > lost + voided)
        watch->well_at[tally->target] = now;
}

static bool is_older(struct mono now, struct mono at)
{
    return mono_since_ns(now, at) > WATCH_FRESH_MS * (int64_t)NS_PER_MS;
}

void watch_lagged(struct watch *watch, struct mono now)
{
    watch->lagged = true;
    watch->lagged_at = now;
}

void watch_tally(struct watch *watch, struct mono now, const struct event_tally *tally,
                 struct mono *before)
{
    struct watch_path *path = &watch->paths[tally->path];
    uint32_t ok = believed(tally->ok), lost = believed(tally->lost);
    *before = path->told_at[tally->target];
    if (watch->told && is_older(now, watch->told_at))
        watch_lagged(watch, now);
    path->told_at[tally->target] = watch->told_at = now;
    watch->told = true;
    if (watch->lagged && !is_older(now, watch->lagged_at))
        return;
    watch->lagged = false;
    if (tally->path < watch->as_routed)
        count_cell(watch, now, tally);
    // A target that has ceased to tell anything is nobody's trouble.
    bool tells =
        (path->counted >> tally->target & 1) && !is_older(now, path->counted_at[tally->target]);
    window_add(&path->window, now,
               (struct window_sum){ok, lost, tells ? believed(tally->voided) : 0});
    int64_t late_ns = FLIGHT_LATE_FACTOR * watch->net->probe.timeout_max_ns;
    window_answered(&path->window, mono_add_ns(now, -late_ns), tally->late);
    if (ok + lost == 0)
        return;
    path->counted |= 1u << tally->target;
    path->counted_at[tally->target] = now;
    if (!path->heard)
        path->good_since = now;
    path->heard = true;
    path->usable_at = watch->usable_at = now;
    path->lost_at = lost > 0 ? now : path->lost_at;
    path->rtt_p50_ns = ok > 0 ? tally->rtt_p50_ns : path->rtt_p50_ns;
    relative_add(&watch->relative, tally->path, tally->target, (struct relative_count){ok, lost});
}

void watch_signal(struct watch *watch, struct mono now, const struct signal *signal)
{
    struct watch_path *path = &watch->paths[signal->path];
    switch (signal->kind) {
    case SIGNAL_SUSPECT:
        path->state = path->state == WATCH_CONFIRMED ? WATCH_CONFIRMED : WATCH_SUSPECT;
        break;
    case SIGNAL_CONFIRMED:
        path->state = WATCH_CONFIRMED;
        path->bad = *signal;
        path->bad.at = now;
        break;
    case SIGNAL_CLEAR:
        if (path->state == WATCH_CONFIRMED)
            path->good_since = now;
        evalue_init(&watch->relative.evidence[signal->path]);  // of what is over
        path->state = WATCH_GOOD;
        break;
    case SIGNAL_SILENT:
        path->silent = true;
        break;
    case SIGNAL_HEARD:
        path->silent = false;
        path->good_since = now;
        break;
    case SIGNAL_KINDS:
        break;
    }
}

bool watch_is_fresh(const struct watch *watch, uint32_t path, struct mono now)
{
    const struct watch_path *p = &watch->paths[path];
    return p->heard && !p->silent &&
           mono_since_ns(now, p->usable_at) <= WATCH_FRESH_MS * (int64_t)NS_PER_MS;
}

bool watch_is_heard(const struct watch *watch, uint32_t path, struct mono now)
{
    const struct watch_path *p = &watch->paths[path];
    return p->heard && !p->silent && !is_older(now, watch->told_at);
}

bool watch_hears(const struct watch *watch, uint32_t path, uint32_t target, struct mono now)
{
    const struct watch_path *p = &watch->paths[path];
    return (p->counted >> target & 1) &&
           mono_since_ns(now, p->counted_at[target]) <= WATCH_RECENT_S * (int64_t)NS_PER_S;
}

bool watch_is_losing(const struct watch *watch, uint32_t path, struct mono now)
{
    return mono_since_ns(now, watch->paths[path].lost_at) <= WATCH_FRESH_MS * (int64_t)NS_PER_MS;
}

bool watch_is_good(const struct watch *watch, uint32_t path, struct mono now)
{
    return watch->paths[path].state == WATCH_GOOD && watch_is_fresh(watch, path, now);
}

bool watch_is_proven(const struct watch *watch, uint32_t path, struct mono now)
{
    return watch_is_good(watch, path, now) &&
           mono_since_ns(now, watch->paths[path].good_since) >= watch->net->steer.healthy_min_ns;
}

struct window_loss watch_loss_recent(const struct watch *watch, uint32_t path, struct mono now)
{
    return window_loss(&watch->paths[path].window, mono_add_ms(now, -WATCH_RECENT_S * 1000), now);
}

uint32_t watch_ppm_recent(const struct watch *watch, uint32_t path, struct mono now)
{
    return window_count_ppm(
        window_count(&watch->paths[path].window, mono_add_ms(now, -WATCH_RECENT_S * 1000), now));
}

// Since its loss began, or lately.
static struct mono since_bad(const struct watch *watch, uint32_t path, struct mono now)
{
    struct mono since = mono_add_ms(now, -WATCH_RECENT_S * 1000);
    struct mono began = watch->paths[path].bad.began_at;
    return since.ns > began.ns ? since : began;
}

struct watch_bad watch_loss_bad(const struct watch *watch, uint32_t path, struct mono now)
{
    const struct watch_path *p = &watch->paths[path];
    const struct detect_evidence *evidence = &p->bad.evidence;
    struct window_count count = window_count(&p->window, since_bad(watch, path, now), now);
    struct watch_bad bad = {window_count_ppm(count), beta_low_ppm(count.ok, count.lost)};
    // At first the window is coarse: it holds answers from before the change. The detector knows
    // better, for as long as its word is new.
    if (p->state != WATCH_CONFIRMED || evidence->lost > evidence->samples ||
        mono_since_ns(now, p->bad.at) > WATCH_FRESH_MS * (int64_t)NS_PER_MS)
        return bad;
    uint32_t low_ppm = beta_low_ppm(evidence->samples - evidence->lost, evidence->lost);
    return low_ppm > bad.low_ppm ? (struct watch_bad){evidence->loss_ppm, low_ppm} : bad;
}

struct directions {
    uint64_t lost, forward, reverse;
};

static struct directions directions_of(const struct watch *watch, uint32_t path, struct mono now)
{
    struct directions d = {0};
    for (uint32_t t = 0; t < watch->net->target_count; t++) {
        struct watch_cell cell = faded(&watch->paths[path].cells[t], now);
        d.lost += cell.lost;
        d.forward += cell.lost_forward;
        d.reverse += cell.lost_reverse;
    }
    return d;
}

// A flow that is dead on the way there is never answered, so nobody counts it: half of all losses
// must have been counted.
static bool are_mostly(uint64_t these, uint64_t others, uint64_t lost)
{
    return these >= WATCH_REVERSE_MIN && 10 * others <= these && 2 * these >= lost;
}

bool watch_loses_in_reverse(const struct watch *watch, uint32_t path, struct mono now)
{
    struct directions d = directions_of(watch, path, now);
    return are_mostly(d.reverse, d.forward, d.lost);
}

bool watch_loses_back(const struct watch *watch, uint32_t path, struct mono now)
{
    struct directions d = directions_of(watch, path, now);
    return d.reverse >= WATCH_REVERSE_MIN && 10 * d.reverse >= d.lost;
}

bool watch_loses_forward(const struct watch *watch, uint32_t path, struct mono now)
{
    struct directions d = directions_of(watch, path, now);
    return are_mostly(d.forward, d.reverse, d.lost);
}

bool watch_is_spared(const struct watch *watch, uint32_t path, uint32_t bad, struct mono now)
{
    struct watch_bad loss = watch_loss_bad(watch, bad, now);
    struct mono since = watch->paths[bad].bad.began_at;
    struct window_count count = window_count(&watch->paths[path].window, since, now);
    // P(lost <= count.lost of so many) where each is lost at that rate.
    return count.ok > 0 &&
           1 - beta_cdf((double)count.lost + 1, (double)count.ok, loss.low_ppm / 1e6) <=
               WATCH_ALIKE;
}

bool watch_is_known(const struct watch *watch, uint32_t path, uint32_t bad, uint32_t low_ppm,
                    struct mono now)
{
    int64_t later_ns = watch_timeout_ns(watch, path) - watch_timeout_ns(watch, bad);
    if (later_ns > 0 && !mono_reached(now, mono_add_ns(watch->paths[bad].bad.at, later_ns)))
        return false;
    struct window_count count =
        window_count(&watch->paths[path].window, since_bad(watch, bad, now), now);
    uint64_t all = count.ok + count.lost + count.voided, not_ok = count.lost + count.voided;
    return count.ok + count.lost > 0 &&
           (100 * count.voided <= STEER_VOID_PERCENT * all || not_ok * 1000 * 1000 < all * low_ppm);
}

uint32_t watch_high_ppm_good(const struct watch *watch, uint32_t path, struct mono now)
{
    struct mono since = mono_add_ns(now, -watch->net->steer.healthy_min_ns);
    struct window_count count = window_count(&watch->paths[path].window, since, now);
    return beta_high_ppm(count.ok, count.lost);
}

uint32_t watch_void_percent(const struct watch *watch, struct mono now)
{
    uint64_t all = 0, voided = 0;
    for (uint32_t path = 0; path < watch->as_routed; path++)
        for (uint32_t t = 0; t < watch->net->target_count; t++) {
            struct watch_cell c = faded(&watch->paths[path].cells[t], now);
            if (c.ok + c.lost == 0)
                continue;
            all += c.ok + c.lost + c.voided;
            voided += c.voided;
        }
    return all > 0 ? (uint32_t)(100 * voided / all) : 0;
}

static bool is_bad_everywhere(const struct watch *watch, uint32_t target, struct mono now)
{
    bool heard = false;
    for (uint32_t path = 0; path < watch->as_routed; path++) {
        struct watch_cell c = faded(&watch->paths[path].cells[target], now);
        heard |= c.ok + c.lost + c.voided > 0;
        if (c.ok > c.lost + c.voided)
            return false;
    }
    return heard;
}

uint32_t watch_targets_turned(const struct watch *watch, struct mono now)
{
    uint32_t count = 0;
    for (uint32_t t = 0; t < watch->net->target_count; t++) {
        int64_t since_ns = mono_since_ns(now, watch->well_at[t]);
        count += watch->well_at[t].ns > 0 && since_ns < STEER_MINUTE_S * (int64_t)NS_PER_S &&
                 is_bad_everywhere(watch, t, now);
    }
    return count;
}

int64_t watch_timeout_ns(const struct watch *watch, uint32_t path)
{
    const struct net_probe *probe = &watch->net->probe;
    int64_t rtt = watch->paths[path].rtt_p50_ns;
    if (rtt >= probe->timeout_max_ns / 2)
        return probe->timeout_max_ns;
    return 2 * rtt > probe->timeout_min_ns ? 2 * rtt : probe->timeout_min_ns;
}
