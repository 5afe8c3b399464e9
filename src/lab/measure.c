// SPDX-License-Identifier: ISC
#include "lab/measure.h"

static bool is_usual(const struct scenario_traffic *data, const struct traffic_packet *packet)
{
    uint32_t target = (uint32_t)(packet->sequence % data->target_count);
    return packet->passed == data->targets[target].passes[data->usual];
}

static bool is_late(const struct scenario_traffic *data, const struct traffic_packet *packet)
{
    return data->late_ns > 0 && packet->arrived_ns - packet->sent_ns > data->late_ns;
}

static void add_late(struct measure *m, const struct measure_window *window, int64_t sent_ns)
{
    m->late++;
    if (window->fault_ns > 0 && sent_ns >= window->fault_ns && !m->first_faulty_ns)
        m->first_faulty_ns = sent_ns;
}

// Whether people let it go another way.
static bool is_moved_by_people(const struct measure_window *window, int64_t sent_ns)
{
    return window->people_ns > 0 && sent_ns >= window->people_ns;
}

static void add_arrived(struct measure *m, const struct scenario_traffic *data,
                        const struct measure_window *window, const struct traffic_packet *packet)
{
    bool usual = is_usual(data, packet), outage = window->fault_ns > 0;
    m->duplicated += packet->copies > 1;
    if (!usual && (!outage || packet->sent_ns < window->fault_ns) &&
        !is_moved_by_people(window, packet->sent_ns))
        m->strayed++;
    if (!usual && outage && packet->sent_ns >= window->fault_ns && !m->new_way_ns)
        m->new_way_ns = packet->sent_ns;
}

static void add_lost(struct measure *m, const struct measure_window *window, int64_t sent_ns)
{
    bool outage = window->fault_ns > 0;
    m->lost++;
    if (outage && sent_ns >= window->fault_ns && !m->first_faulty_ns)
        m->first_faulty_ns = sent_ns;
    if (outage && sent_ns >= window->fault_ns && sent_ns < window->fault_over_ns)
        m->outage_lost++;
    if (outage && sent_ns >= window->return_ns)
        m->return_lost++;
}

// The run of delivered packets that is still unbroken when the fault ends.
struct unbroken {
    int64_t began_ns;
    uint32_t packets;
};

static void unbroken_add(struct unbroken *run, const struct scenario_traffic *data,
                         const struct traffic_packet *packet)
{
    if (!packet->arrived_ns || is_late(data, packet))
        *run = (struct unbroken){0};
    else if (run->packets++ == 0)
        run->began_ns = packet->sent_ns;
}

// Of one destination: the way it goes, and how many packets in a row went the other; whether its
// last packet did, what was lost since, and what was lost on the other way.
struct way {
    bool is_other, last_is_other;
    uint32_t against, changes;
    uint32_t lost, other_lost;
};

static void way_add(struct way *way, bool is_other)
{
    way->other_lost += is_other && way->last_is_other ? way->lost : 0;
    way->last_is_other = is_other;
    way->lost = 0;
    way->against = is_other == way->is_other ? 0 : way->against + 1;
    if (way->against < MEASURE_CHANGED_MIN)
        return;
    way->is_other = is_other;
    way->against = 0;
    way->changes++;
}

static void add_ways(struct measure *m, const struct way *ways)
{
    for (uint32_t i = 0; i < SCENARIO_TARGETS_MAX; i++) {
        m->changes = ways[i].changes > m->changes ? ways[i].changes : m->changes;
        m->moved += ways[i].changes > 0;
        m->away += ways[i].is_other;
        m->moved_lost += ways[i].other_lost;
    }
}

struct measure measure_traffic(struct traffic_log *log, const struct scenario_traffic *data,
                               enum family family, const struct measure_window *window)
{
    struct measure m = {0};
    struct unbroken run = {0};
    struct way ways[SCENARIO_TARGETS_MAX] = {0};
    for (int64_t i = traffic_oldest(log, family), next = log->next[family]; i < next; i++) {
        const struct traffic_packet *packet = traffic_sent(log, family, i);
        if (!packet || packet->sent_ns < window->from_ns || packet->sent_ns >= window->until_ns)
            continue;
        m.sent++;
        struct way *way = &ways[packet->sequence % data->target_count];
        if (packet->arrived_ns)
            way_add(way, !is_usual(data, packet));
        else
            way->lost++;
        if (packet->arrived_ns)
            add_arrived(&m, data, window, packet);
        else
            add_lost(&m, window, packet->sent_ns);
        if (packet->arrived_ns && is_late(data, packet))
            add_late(&m, window, packet->sent_ns);
        if (packet->sent_ns >= window->fault_ns && packet->sent_ns < window->fault_over_ns)
            unbroken_add(&run, data, packet);
    }
    add_ways(&m, ways);
    if (m.first_faulty_ns && run.packets >= MEASURE_UNBROKEN_MIN)
        m.whole_ns = run.began_ns;
    return m;
}

bool measure_is_usual(struct traffic_log *log, const struct scenario_traffic *data,
                      enum family family, uint32_t count, int64_t before_ns)
{
    uint32_t seen = 0;
    for (int64_t i = log->next[family] - 1; i >= traffic_oldest(log, family) && seen < count; i--) {
        const struct traffic_packet *packet = traffic_sent(log, family, i);
        if (!packet || packet->sent_ns >= before_ns)
            continue;
        if (!packet->arrived_ns || !is_usual(data, packet))
            return false;
        seen++;
    }
    return seen == count;
}
