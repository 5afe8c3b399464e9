// SPDX-License-Identifier: ISC
// What the role does of what its detectors want: no sockets, no clock.
#include "role/probe_tell.h"

#include "base/check.h"
#include "base/random.h"
#include "detect/delays.h"
#include "detect/site_inside.h"
#include "engine/message.h"
#include "role/channel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY_BYTES = 256 * 1024 };  // not enough for the history
enum { FLOWS = 32, TARGETS = 4, STEP_MS = 25, FAULT_MS = 10000, UNTIL_MS = 16000 };

// Two upstreams, both families, four targets, a flow of each: once a second.
struct rig {
    struct net net;
    struct flow flows[FLOWS];
    struct probe_role role;
    int fds[2];
    uint32_t sent[FLOWS];  // since the fault
};

static void add_upstream(struct net *net, const char *name)
{
    struct net_upstream *upstream = &net->upstreams[net->upstream_count++];
    snprintf(upstream->name, sizeof upstream->name, "%s", name);
    upstream->next_hop[FAMILY_IPV4] = check_address("10.0.0.1");
    upstream->next_hop[FAMILY_IPV6] = check_address("2001:db8::1");
}

static void make_net(struct net *net)
{
    net->router_count = 1;
    add_upstream(net, "transit-a");
    add_upstream(net, "transit-b");
    for (; net->target_count < TARGETS; net->target_count++) {
        struct net_target *target = &net->targets[net->target_count];
        snprintf(target->name, sizeof target->name, "far-%u", net->target_count);
        target->flows = 1;
        target->address[FAMILY_IPV4] = check_address("203.0.113.1");
        target->address[FAMILY_IPV6] = check_address("2001:db8:f::1");
    }
    net->detect = (struct net_detect){.loss_normal_ppm = 1000,
                                      .false_suspicions_mpd = 10000,
                                      .false_acts_mpy = 100,
                                      .burst_mean_ns = 50 * NS_PER_MS,
                                      .burst_interval_s = 60};
    net->probe.path_rate_max_pps = 100;
}

static struct rig *rig_new(void)
{
    static const uint32_t unlimited[TARGETS] = {SCHEDULE_UNLIMITED, SCHEDULE_UNLIMITED,
                                                SCHEDULE_UNLIMITED, SCHEDULE_UNLIMITED};
    struct rig *rig = calloc(1, sizeof *rig);
    struct schedule_flow plans[FLOWS];
    assert_non_null(rig);
    make_net(&rig->net);
    struct probe_role *r = &rig->role;
    r->net = &rig->net;
    for (uint32_t path = 0; path < net_path_count(r->net); path++)
        for (uint32_t t = 0; net_path(r->net, path).upstream != NET_NOBODY && t < TARGETS; t++) {
            uint32_t id = r->scheduled_count++;
            rig->flows[id] = (struct flow){.path = (uint8_t)path, .target = (uint8_t)t};
            plans[id] = (struct schedule_flow){path, t, NS_PER_S, id * 30 * NS_PER_MS};
        }
    const struct schedule_caps caps = {.path_count = net_path_count(r->net),
                                       .path_pps = 100,
                                       .target_count = TARGETS,
                                       .target_pps = unlimited};
    r->flows = rig->flows;
    r->schedule = schedule_new(plans, r->scheduled_count, &caps, 1);
    assert_true(region_init(&r->memory, MEMORY_BYTES));
    r->site = site_new(r->net, r->flows, r->scheduled_count, &r->book, &r->memory);
    r->delays = delays_new(r->net, &r->book, &r->memory);
    assert_true(r->schedule && r->site && r->delays);
    assert_true(r->memory.used > FLOWS * sizeof(struct site_flow));
    assert_int_equal(channel_pair(rig->fds), 0);
    r->channel = rig->fds[0];
    return rig;
}

static void rig_free(struct rig *rig)
{
    schedule_free(rig->role.schedule);
    site_free(rig->role.site);
    delays_free(rig->role.delays);
    region_done(&rig->role.memory);
    close(rig->fds[0]);
    close(rig->fds[1]);
    free(rig);
}

// Sends what is due; of transit-a's IPv6 all is lost. The schedule is told of no loss: whatever
// comes sooner than once a second was wished for.
static void turn(struct rig *rig, int ms)
{
    struct probe_role *r = &rig->role;
    r->now = (struct mono){ms * (int64_t)NS_PER_MS};
    for (uint32_t id; (id = schedule_take(r->schedule, r->now)) != SCHEDULE_NOBODY;) {
        struct net_path is = net_path(r->net, rig->flows[id].path);
        bool lost = ms >= FAULT_MS && is.upstream == 0 && is.family == FAMILY_IPV6;
        rig->sent[id] += ms >= FAULT_MS;
        schedule_told(r->schedule, id, false, r->now);
        site_sample(r->site, &(struct sample){.id = id,
                                              .path = rig->flows[id].path,
                                              .target = rig->flows[id].target,
                                              .verdict = lost ? SAMPLE_LOST : SAMPLE_OK,
                                              .sent_at = r->now,
                                              .known_at = r->now});
    }
    probe_tick_detectors(r);
}

static void hastens_what_tells_parts_apart(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    schedule_start(rig->role.schedule, (struct mono){0});
    int ms = 0;
    for (; ms < FAULT_MS; ms += STEP_MS)
        turn(rig, ms);
    for (; ms < UNTIL_MS; ms += STEP_MS)
        turn(rig, ms);
    uint32_t most = 0, all = 0;
    for (uint32_t id = 0; id < rig->role.scheduled_count; id++) {
        all += rig->sent[id];
        most = rig->sent[id] > most ? rig->sent[id] : most;
    }
    uint32_t usual = (UNTIL_MS - FAULT_MS) / 1000;
    assert_true(most >= usual + 10);  // a few were, and not all
    assert_true(all < rig->role.scheduled_count * usual * 4);
    rig_free(rig);
}

static uint32_t hear_rates(struct rig *rig, struct mono at, uint32_t *lost)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    uint32_t heard = 0;
    while (channel_receive_event(rig->fds[1], &rig->net, &event, why) == 1) {
        assert_int_equal(event.kind, EVENT_RATE);
        assert_int_equal(event.at.ns, at.ns);
        *lost += event.rate.lost;
        heard++;
    }
    return heard;
}

// All paths of one time, in turns; what the engine has no room for waits, and nothing is lost of it
// nor counted twice.
static void tells_rates_in_time(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct probe_role *r = &rig->role;
    r->path_count = net_path_count(&rig->net);
    r->paths = calloc(r->path_count, sizeof r->paths[0]);
    r->wall_ns = 1234 * (int64_t)NS_PER_S;
    r->rates_at = probe_rates_end((struct mono){3 * (int64_t)NS_PER_S}, r->wall_ns);
    assert_int_equal(r->rates_at.ns, 6 * (int64_t)NS_PER_S);
    uint32_t heard = 0, lost = 0, turns = 0;
    for (uint32_t path = 0; path < r->path_count; path++)
        rate_add(&r->paths[path].rate, &(struct sample){.verdict = SAMPLE_LOST});
    r->now = (struct mono){r->rates_at.ns - 1};
    probe_send_rates(r);
    assert_int_equal(hear_rates(rig, r->rates_at, &lost), 0);
    const struct mono at = r->rates_at;
    r->now = (struct mono){at.ns + 25 * NS_PER_MS};
    const struct event filler = {.kind = EVENT_RATE, .at = at};
    while (probe_send_event(r, &filler))
        heard--;
    probe_send_rates(r);  // none of them
    heard += hear_rates(rig, at, &lost);
    assert_int_equal(heard, 0);
    for (; heard < r->path_count && turns < 100; turns++) {
        probe_send_rates(r);
        heard += hear_rates(rig, at, &lost);
    }
    assert_int_equal(heard, r->path_count);
    assert_int_equal(lost, r->path_count);
    assert_int_equal(r->rates_at.ns, 16 * (int64_t)NS_PER_S);
    free(r->paths);
    rig_free(rig);
}

static uint32_t hear_flows(struct rig *rig, uint32_t *lossy)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    uint32_t heard = 0;
    for (int turn = 0; turn < 50; turn++) {
        probe_flows_turn(&rig->role);
        while (channel_receive_event(rig->fds[1], &rig->net, &event, why) == 1) {
            if (event.kind != EVENT_FLOW)
                continue;
            assert_int_equal(event.flow.path, 1);
            assert_int_equal(event.flow.destination.family, FAMILY_IPV6);
            assert_int_equal(event.flow.sent, 10);
            assert_true(heard >= *lossy || event.flow.lost > 0);  // those first
            *lossy += event.flow.lost > 0;
            heard++;
        }
    }
    return heard;
}

static void rate_end(struct rig *rig)
{
    struct probe_role *r = &rig->role;
    r->now = mono_add_ms(r->now, 10 * 1000);
    for (uint32_t path = 0; path < r->path_count; path++)
        probe_flows_rated(r, path);
}

// Ten probes of each flow; of those of the second path to the first targets some are lost.
static void probe_all(struct rig *rig, uint32_t lossy)
{
    for (uint32_t id = 0; id < rig->role.scheduled_count; id++)
        for (int n = 0; n < 10; n++) {
            bool lost = rig->flows[id].path == 1 && rig->flows[id].target < lossy && n < 3;
            probe_flows_sample(&rig->role,
                               &(struct sample){.id = id,
                                                .path = rig->flows[id].path,
                                                .verdict = lost ? SAMPLE_LOST : SAMPLE_OK});
        }
}

// Nothing while all is well; then what came of each 5-tuple of the path that is accused, once a
// minute and when it is over; then it is forgotten.
static void tells_flows_of_what_is_accused(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct probe_role *r = &rig->role;
    uint32_t lossy = 0;
    r->path_count = net_path_count(&rig->net);
    r->paths = calloc(r->path_count, sizeof r->paths[0]);
    r->groups = calloc(r->path_count * TARGETS, sizeof r->groups[0]);
    for (uint32_t path = 0; path < r->path_count; path++)
        r->paths[path].is = net_path(r->net, path);
    probe_all(rig, 0);
    rate_end(rig);
    assert_int_equal(hear_flows(rig, &lossy), 0);
    probe_all(rig, 3);
    probe_flows_signal(r, &(struct signal){.kind = SIGNAL_CONFIRMED, .path = 1});
    assert_int_equal(hear_flows(rig, &lossy), 0);
    rate_end(rig);
    assert_int_equal(hear_flows(rig, &lossy), TARGETS);
    assert_int_equal(lossy, 3);
    rate_end(rig);
    assert_int_equal(hear_flows(rig, &lossy), 0);  // not every ten seconds
    probe_flows_signal(r, &(struct signal){.kind = SIGNAL_CLEAR, .path = 1});
    lossy = 0;
    assert_int_equal(hear_flows(rig, &lossy), TARGETS);
    rate_end(rig);
    probe_flows_signal(r, &(struct signal){.kind = SIGNAL_CONFIRMED, .path = 1});
    rate_end(rig);
    assert_int_equal(hear_flows(rig, &lossy), 0);  // none has been sent since
    free(r->paths);
    free(r->groups);
    rig_free(rig);
}

// What the path's detector has learned to be harmless, the site does not name.
static void tells_the_site_what_is_harmless(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct probe_role *r = &rig->role;
    struct probe_path *paths = calloc(2, sizeof *paths);
    r->paths = paths;
    r->path_count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        paths[i].detector = calloc(1, sizeof *paths[i].detector);
        assert_true(detect_path_init(paths[i].detector, r->net, i, &r->book));
    }
    paths[1].detector->harmless = (struct harmless){20000, 300 * NS_PER_MS, 30 * (int64_t)NS_PER_S};
    probe_tick_detectors(r);
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(harmless_is_equal(&r->site->harmless[i], &paths[i].detector->harmless));
        free(paths[i].detector);
    }
    free(paths);
    r->path_count = 0;
    rig_free(rig);
}

static void groups_new(struct rig *rig)
{
    struct probe_role *r = &rig->role;
    r->path_count = net_path_count(&rig->net);
    r->paths = calloc(r->path_count, sizeof r->paths[0]);
    r->group_count = r->path_count * TARGETS;
    r->groups = region_take(NULL, r->group_count, sizeof r->groups[0]);
    assert_true(flight_init(&r->flight, r->flows,
                            &(struct flight_room){r->scheduled_count, r->group_count, 64, NULL}));
    for (uint32_t path = 0; path < r->path_count; path++) {
        r->paths[path].is = net_path(r->net, path);
        r->paths[path].detector = calloc(1, sizeof *r->paths[path].detector);
        assert_true(detect_path_init(r->paths[path].detector, r->net, path, &r->book));
    }
}

static void groups_free(struct rig *rig)
{
    struct probe_role *r = &rig->role;
    flight_done(&r->flight);
    for (uint32_t path = 0; path < r->path_count; path++)
        free(r->paths[path].detector);
    free(r->paths);
    region_give(NULL, r->groups);
    rig_free(rig);
}

// What is told of a group without anything else to tell: the one tally with answers, late or not.
static struct event_tally hear(struct rig *rig, uint32_t group)
{
    struct probe_role *r = &rig->role;
    struct event event;
    struct event_tally heard = {0};
    char why[MESSAGE_WHY_MAX];
    r->groups[group].peer.any.sa_family = AF_INET;
    r->told_at = r->now;
    probe_send_tallies(r);
    while (channel_receive_event(rig->fds[1], &rig->net, &event, why) == 1)
        if (event.kind == EVENT_TALLY && event.tally.ok + event.tally.late > 0)
            heard = event.tally;
    return heard;
}

// A late answer is no loss: one that waits to be told is none any more, of one that was told the
// engine hears.
static void takes_back_losses_that_are_answered(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct probe_role *r = &rig->role;
    groups_new(rig);
    for (uint32_t path = 0; path < 2; path++) {  // of both families
        struct event_tally *sums = &r->groups[probe_group_of(r, path, 1)].tally.sums;
        struct sample lost = {
            .id = path * TARGETS + 1, .path = path, .target = 1, .verdict = SAMPLE_LOST};
        struct sample late = lost;
        late.verdict = SAMPLE_OK;
        late.late = true;
        late.rtt_ns = NS_PER_S;
        probe_tell(r, &lost);
        assert_true(sums->lost == 1 && sums->ok == 0 && sums->late == 0);
        probe_tell(r, &late);
        assert_true(sums->lost == 0 && sums->ok == 1 && sums->late == 0);
        assert_int_equal(r->groups[probe_group_of(r, path, 1)].tally.rtts_ns[0], NS_PER_S);
        probe_tell(r, &lost);
        *sums = (struct event_tally){0};  // told
        probe_tell(r, &late);
        assert_true(sums->lost == 0 && sums->ok == 0 && sums->late == 1);
        assert_int_equal(hear(rig, probe_group_of(r, path, 1)).late, 1);
        assert_int_equal(hear(rig, probe_group_of(r, path, 1)).late, 0);
    }
    groups_free(rig);
}

// The upper one where two stand in the middle; of the last that are kept. Some are alike.
static void tells_the_median(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct probe_role *r = &rig->role;
    struct random random = {3};
    groups_new(rig);
    uint32_t group = probe_group_of(r, 0, 1);
    for (int run = 0; run < 2000; run++) {
        struct probe_tally *tally = &r->groups[group].tally;
        uint32_t count = 1 + (uint32_t)(random_u64(&random) % (PROBE_RTTS_MAX + 8));
        uint32_t kept = count < PROBE_RTTS_MAX ? count : PROBE_RTTS_MAX;
        tally->sums = (struct event_tally){.target = 1, .ok = count};
        tally->rtt_count = count;
        for (uint32_t i = 0; i < kept; i++)
            tally->rtts_ns[i] = 1 + (int64_t)(random_u64(&random) % (run % 2 ? 10 : 1000000));
        int64_t all[PROBE_RTTS_MAX];
        memcpy(all, tally->rtts_ns, sizeof all);
        int64_t median_ns = hear(rig, group).rtt_p50_ns;
        uint32_t below = 0, up_to = 0;
        for (uint32_t i = 0; i < kept; i++) {
            below += all[i] < median_ns;
            up_to += all[i] <= median_ns;
        }
        assert_true(below <= kept / 2 && up_to > kept / 2);
    }
    groups_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hastens_what_tells_parts_apart),
                                       cmocka_unit_test(tells_rates_in_time),
                                       cmocka_unit_test(tells_flows_of_what_is_accused),
                                       cmocka_unit_test(tells_the_site_what_is_harmless),
                                       cmocka_unit_test(takes_back_losses_that_are_answered),
                                       cmocka_unit_test(tells_the_median)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
