// SPDX-License-Identifier: ISC
#include "role/probe_tell.h"

#include "base/civil.h"
#include "detect/delays.h"
#include "detect/site.h"
#include "role/channel.h"
#include "role/probe_hairpin.h"
#include "role/probe_rove.h"

#include <errno.h>
#include <string.h>

#define RATE_NS (RATE_S * (int64_t)NS_PER_S)

// Of very many groups each is told less often, in turn: 1000 of them every 200 ms.
enum { TALLIES_PER_TURN_MAX = 128 };
enum { RATES_PER_TURN_MAX = 8 };
enum { FETCH_AHEAD = 8 };                 // answers: some 300 ns
enum { HEARTBEAT_NS = 200 * NS_PER_MS };  // the engine hears from us at least so often

bool probe_send_event(struct probe_role *r, const struct event *event)
{
    int error = channel_send_event(r->channel, r->net, event);
    if (error == -EPIPE)
        probe_stop(r);
    r->counts.untold += error != 0;
    return !error;
}

static bool send_signal(struct probe_role *r, const struct signal *signal)
{
    return probe_send_event(
        r, &(struct event){.kind = EVENT_SIGNAL, .at = signal->at, .signal = *signal});
}

// When the engine has no room the latest waits: what a detector says last is what holds.
static void tell_signal(struct probe_role *r, uint32_t path, const struct signal *signal)
{
    probe_flows_signal(r, signal);
    r->paths[path].pending = *signal;
    r->paths[path].has_pending = !send_signal(r, signal);
}

static bool send_fault(struct probe_role *r, const struct fault *fault)
{
    return probe_send_event(r,
                            &(struct event){.kind = EVENT_FAULT, .at = fault->at, .fault = *fault});
}

// One that the engine has no room for waits, and those after it stay where they are.
static void tell_faults(struct probe_role *r)
{
    struct fault *fault = &r->pending_fault;
    while (fault->number || delays_tick(r->delays, r->now, fault) ||
           site_tick(r->site, r->now, fault)) {
        if (!send_fault(r, fault))
            return;
        fault->number = 0;
    }
}

// A target that is set aside on every path of the family would make all of them look alike bad: no
// way would be good enough to move to. One that fails on some paths only is evidence.
static bool is_deaf(const struct probe_role *r, const struct sample *sample)
{
    enum family family = r->paths[sample->path].is.family;
    for (uint32_t i = 0; i < r->path_count; i++)
        if (r->paths[i].is.family == family &&
            !detect_path_has_aside(r->paths[i].detector, sample->target))
            return false;
    return true;
}

static void count(struct probe_tally *tally, const struct sample *sample, bool deaf)
{
    if (deaf) {
        tally->sums.voided += !sample->late;
        return;
    }
    tally->sums.lost_forward += sample->lost_forward;
    tally->sums.lost_reverse += sample->lost_reverse;
    if (sample->late && tally->sums.lost == 0) {  // the engine was told that it is lost
        tally->sums.late++;
        return;
    }
    tally->sums.lost -= sample->late;
    tally->sums.ok += sample->verdict == SAMPLE_OK;
    tally->sums.lost += sample->verdict == SAMPLE_LOST;
    tally->sums.voided += sample->verdict == SAMPLE_VOID;
    if (sample->verdict == SAMPLE_OK)
        tally->rtts_ns[tally->rtt_count++ % PROBE_RTTS_MAX] = sample->rtt_ns;
}

static void tell_detector(struct probe_role *r, const struct sample *sample)
{
    struct signal signal;
    struct detect_path *detector = r->paths[sample->path].detector;
    // A target that fails by itself is no reason to look closer at the path, for ever.
    bool own_affair = detect_path_has_aside(detector, sample->target);
    bool deaf = own_affair && is_deaf(r, sample);
    count(&r->groups[probe_group_of(r, sample->path, sample->target)].tally, sample, deaf);
    probe_flows_sample(r, sample);
    if (!deaf)
        rate_add(&r->paths[sample->path].rate, sample);
    if (sample->verdict != SAMPLE_VOID)
        schedule_told(r->schedule, sample->id, sample->verdict == SAMPLE_LOST && !own_affair,
                      r->now);
    if (detect_path_sample(detector, sample, &signal))
        tell_signal(r, sample->path, &signal);
    delays_sample(r->delays, sample);
}

static void tell(struct probe_role *r, const struct sample *sample)
{
    const struct probe_listener *listener = &r->listeners[sample->use];
    vouch_sample(&r->vouch, sample, r->now);
    r->counts.ok += sample->verdict == SAMPLE_OK && !sample->late;
    r->counts.lost += sample->verdict == SAMPLE_LOST;
    r->counts.voided += sample->verdict == SAMPLE_VOID;
    r->counts.late += sample->late;
    site_sample(r->site, sample);
    if (sample->use == FLOW_SENTINEL)
        tell_detector(r, sample);
    else if (sample->use == FLOW_CROSSING && sample->verdict != SAMPLE_VOID)
        schedule_told(r->schedule, sample->id, sample->verdict == SAMPLE_LOST, r->now);
    if (listener->told)
        listener->told(listener->listener, sample);
}

// There are more flows than a processor's caches hold: what one needs is asked for while others are
// told.
static void fetch(const struct probe_role *r, const struct gather_entry *entry)
{
    uint32_t id = entry->id;
    __builtin_prefetch(&r->flows[id], 1);
    const struct probe_tally *tally =
        &r->groups[probe_group_of(r, entry->path, entry->target)].tally;
    __builtin_prefetch(tally, 1);
    detect_path_fetch(r->paths[entry->path].detector, entry->target);
    schedule_fetch(r->schedule, id);
    site_fetch(r->site, id);
    delays_fetch(r->delays, entry->path, entry->target, entry->flow);
    probe_rove_fetch(r->rove, entry->path, entry->target);
}

// What that leads to.
static void fetch_more(const struct probe_role *r, const struct gather_entry *entry)
{
    const struct probe_tally *tally =
        &r->groups[probe_group_of(r, entry->path, entry->target)].tally;
    __builtin_prefetch(&tally->rtts_ns[tally->rtt_count % PROBE_RTTS_MAX], 1);
    delays_fetch_recent(r->delays, entry->path, entry->target);
}

void probe_tell_gathered(struct probe_role *r)
{
    struct gather *g = &r->answers;
    gather_sort(g);
    for (uint32_t n = 0; n < g->count; n++) {
        if (n + FETCH_AHEAD < g->count)
            fetch(r, gather_entry(g, n + FETCH_AHEAD));
        if (n + FETCH_AHEAD / 2 < g->count)
            fetch_more(r, gather_entry(g, n + FETCH_AHEAD / 2));
        struct sample sample = gather_sample(gather_entry(g, n));
        tell(r, &sample);
    }
    g->count = 0;
}

void probe_tell(struct probe_role *r, const struct sample *sample)
{
    if (r->is_busy && gather_add(&r->answers, sample))
        return;
    probe_tell_gathered(r);
    tell(r, sample);
}

void probe_void(struct probe_role *r, uint32_t flow, enum sample_void_reason reason)
{
    struct sample sample;
    while (flight_void(&r->flight, flow, reason, r->now, &sample))
        probe_tell(r, &sample);
}

void probe_void_where(struct probe_role *r, bool (*is_void)(const struct probe_role *, uint32_t),
                      enum sample_void_reason reason)
{
    uint32_t count = flight_waiting(&r->flight, r->scratch);
    for (uint32_t i = 0; i < count; i++)
        if (is_void(r, r->scratch[i]))
            probe_void(r, r->scratch[i], reason);
}

// What tells soonest which part it is, goes soonest.
static void grant_wish(struct probe_role *r)
{
    struct site_wish wish;
    if (!site_take_wish(r->site, &wish))
        return;
    if (wish.flow == NET_NOBODY)
        probe_rove_hasten(r->rove, wish.path, wish.target);
    else if (wish.flow < r->scheduled_count)
        schedule_hasten(r->schedule, wish.flow, r->now);
    else
        probe_hairpins_hasten(r, wish.flow);
}

void probe_tick_detectors(struct probe_role *r)
{
    struct signal signal;
    for (uint32_t i = 0; i < r->path_count; i++) {
        if (detect_path_tick(r->paths[i].detector, r->now, &signal))
            tell_signal(r, i, &signal);
        site_harmless(r->site, i, &r->paths[i].detector->harmless);
    }
    tell_faults(r);
    grant_wish(r);
}

static void swap(int64_t *one, int64_t *other)
{
    int64_t swapped = *one;
    *one = *other;
    *other = swapped;
}

// Puts what would stand at `at`, were they in order, there: Hoare (1961).
static int64_t select_ns(int64_t *values, uint32_t count, uint32_t at)
{
    for (uint32_t first = 0, end = count; end - first > 1;) {
        swap(&values[first], &values[first + (end - first) / 2]);
        uint32_t less = first;  // those after `first` up to it are
        for (uint32_t i = first + 1; i < end; i++) {
            swap(&values[i], &values[less + 1]);
            less += values[less + 1] < values[first];
        }
        swap(&values[first], &values[less]);
        if (at == less)
            break;
        if (at < less)
            end = less;
        else
            first = less + 1;
    }
    return values[at];
}

static int64_t median_ns(struct probe_tally *tally)
{
    uint32_t n = tally->rtt_count < PROBE_RTTS_MAX ? tally->rtt_count : PROBE_RTTS_MAX;
    return n > 0 ? select_ns(tally->rtts_ns, n, n / 2) : 0;
}

// How long the oldest probe of the group has been waiting; of its sentinels: others are asked
// because they are silent.
static int64_t oldest_ns(const struct probe_role *r, uint32_t group)
{
    int64_t oldest = 0;
    struct mono sent_at;
    if (!flight_group_waits(&r->flight, group))
        return 0;
    uint32_t first = r->groups[group].first;
    uint32_t end = first + r->net->targets[group % r->net->target_count].flows;
    for (uint32_t id = first; id < end; id++)
        if (r->flows[id].flight.open > 0 && flight_oldest(&r->flight, id, &sent_at) &&
            mono_since_ns(r->now, sent_at) > oldest)
            oldest = mono_since_ns(r->now, sent_at);
    return oldest;
}

// Tallies that are sent together.
struct tallies {
    uint32_t groups[CHANNEL_BURST];
    struct channel_burst burst;
};

// What the engine had no room for stays and grows until it has.
static void send_tallies(struct probe_role *r, struct tallies *tallies)
{
    uint32_t count = tallies->burst.count, sent;
    int error = channel_burst_send(&tallies->burst, r->channel, &sent);
    if (error == -EPIPE)
        probe_stop(r);
    r->counts.untold += count - sent;
    for (uint32_t i = 0; i < sent; i++) {
        struct probe_tally *tally = &r->groups[tallies->groups[i]].tally;
        tally->sums = (struct event_tally){.path = tally->sums.path, .target = tally->sums.target};
        tally->rtt_count = 0;
        r->told_at = r->now;
    }
}

static void add_tally(struct probe_role *r, struct tallies *tallies, uint32_t group)
{
    struct probe_tally *tally = &r->groups[group].tally;
    tally->sums.rtt_p50_ns = median_ns(tally);
    tally->sums.oldest_ns = oldest_ns(r, group);
    struct event event = {.kind = EVENT_TALLY, .at = r->now, .tally = tally->sums};
    if (!channel_burst_add(&tallies->burst, r->net, &event)) {
        send_tallies(r, tallies);
        (void)channel_burst_add(&tallies->burst, r->net, &event);  // an empty one has room
    }
    tallies->groups[tallies->burst.count - 1] = group;
}

static bool has_news(const struct probe_tally *tally)
{
    return tally->sums.ok + tally->sums.lost + tally->sums.voided + tally->sums.lost_forward +
               tally->sums.lost_reverse + tally->sums.late >
           0;
}

static void send_some_tallies(struct probe_role *r)
{
    bool is_quiet = mono_since_ns(r->now, r->told_at) >= HEARTBEAT_NS;
    uint32_t most = TALLIES_PER_TURN_MAX;
    struct tallies tallies;
    tallies.burst.count = 0;
    for (uint32_t seen = 0; seen < r->group_count && most > 0; seen++) {
        r->tallied = r->tallied + 1 < r->group_count ? r->tallied + 1 : 0;
        const struct probe_group *group = &r->groups[r->tallied];
        if (group->peer.any.sa_family == AF_UNSPEC || (!is_quiet && !has_news(&group->tally)))
            continue;
        add_tally(r, &tallies, r->tallied);
        most--;
    }
    send_tallies(r, &tallies);
}

static bool send_rate(struct probe_role *r, uint32_t path)
{
    struct probe_path *p = &r->paths[path];
    struct event event = {.kind = EVENT_RATE, .at = r->rates_at, .rate = rate_of(&p->rate, path)};
    if (!probe_send_event(r, &event))
        return false;
    p->rate = (struct rate_sum){0};
    probe_flows_rated(r, path);
    return true;
}

struct mono probe_rates_end(struct mono now, int64_t wall_ns)
{
    return (struct mono){(civil_floor(now.ns + wall_ns, RATE_NS) + 1) * RATE_NS - wall_ns};
}

// A few in each turn, so that tallies have room beside them; those of which nothing is known are
// told too: that is what is known of that time.
void probe_send_rates(struct probe_role *r)
{
    if (!mono_reached(r->now, r->rates_at))
        return;
    for (uint32_t n = 0; n < RATES_PER_TURN_MAX && r->rated < r->path_count; n++) {
        if (!send_rate(r, r->rated))
            return;
        r->rated++;
    }
    if (r->rated < r->path_count)
        return;
    r->rated = 0;
    r->rates_at = probe_rates_end(r->now, r->wall_ns);
}

void probe_send_tallies(struct probe_role *r)
{
    for (uint32_t i = 0; i < r->path_count; i++)
        if (r->paths[i].has_pending)
            r->paths[i].has_pending = !send_signal(r, &r->paths[i].pending);
    send_some_tallies(r);
}
