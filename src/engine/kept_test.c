// SPDX-License-Identifier: ISC
// Outages from one life of the engine to the next, by way of messages as the store has them.
#include "engine/message.h"
#include "engine/small_alert.h"
#include "engine/state.h"

#include "base/check.h"

#include <stdlib.h>

enum { TOLD_MAX = 64, BOOT_MS = 50 * 1000 };

struct store {
    struct kept_outage outage;
    struct kept_fact facts[OUTAGE_KEPT_FACTS];
    uint32_t times;  // that it was told
};

struct life {
    struct net net;
    struct engine *engine;
    int64_t ms, wall_ms;  // of both clocks
    struct store store;
    uint32_t losing;  // paths, a bit set
    uint32_t page_count, outage_count;
    struct alert_page pages[TOLD_MAX];
    struct effect_outage outages[TOLD_MAX];
};

// As it comes back: through the text that the store has.
static struct event back(const struct life *life, const struct effect *effect)
{
    char text[MESSAGE_MAX], again[MESSAGE_MAX], why[MESSAGE_WHY_MAX];
    struct effect read;
    struct event event = {.kind = effect->kind == EFFECT_KEPT_FACT ? EVENT_KEPT_FACT
                                                                   : EVENT_KEPT_OUTAGE};
    size_t size = message_from_effect(&life->net, effect, text, sizeof text);
    assert_true(size > 0);
    assert_true(message_to_effect(&life->net, text, size, &read, why));
    assert_int_equal(message_from_effect(&life->net, &read, again, sizeof again), size);
    assert_string_equal(text, again);
    if (event.kind == EVENT_KEPT_FACT)
        event.kept_fact = read.kept_fact;
    else
        event.kept_outage = read.kept_outage;
    return event;
}

static void take(struct life *life, const struct effect *effect)
{
    if (effect->kind == EFFECT_PAGE && life->page_count < TOLD_MAX)
        life->pages[life->page_count++] = effect->page;
    if (effect->kind == EFFECT_OUTAGE && life->outage_count < TOLD_MAX)
        life->outages[life->outage_count++] = effect->outage;
    if (effect->kind == EFFECT_KEPT_FACT)
        life->store.facts[effect->kept_fact.place - 1] = effect->kept_fact;
    if (effect->kind != EFFECT_KEPT_OUTAGE)
        return;
    life->store.outage = effect->kept_outage;
    life->store.times++;
}

static void feed(struct life *life, struct event event)
{
    size_t count;
    event.at.ns = life->ms * NS_PER_MS;
    const struct effect *effects = engine_step(life->engine, &event, &count);
    for (size_t i = 0; i < count; i++)
        take(life, &effects[i]);
}

static void tally(struct life *life, uint32_t path)
{
    bool loses = life->losing >> path & 1;
    for (uint32_t t = 0; t < life->net.target_count; t++)
        feed(life, (struct event){.kind = EVENT_TALLY,
                                  .tally = {.path = path,
                                            .target = t,
                                            .ok = loses ? 60 : 100,
                                            .lost = loses ? 40 : 0}});
}

static void run(struct life *life, int64_t seconds)
{
    for (int64_t end = life->ms + seconds * 1000; life->ms < end; life->ms += 50) {
        feed(life, (struct event){.kind = EVENT_TICK});
        for (uint32_t path = 0; path < life->engine->path_count; path++)
            tally(life, path);
    }
}

static void begin(struct life *life)
{
    life->engine = engine_new(&life->net);
    life->page_count = life->outage_count = 0;
    feed(life, (struct event){.kind = EVENT_START,
                              .start = {{(life->wall_ms + life->ms) * NS_PER_MS}, 7}});
}

static struct life *born(void)
{
    struct life *life = calloc(1, sizeof *life);
    assert_non_null(life);
    life->net = small_net();
    small_alert(&life->net);
    strcpy(life->net.store.path, "db");
    life->net.own_count = 2;
    life->net.own[0].prefix = small_prefix("192.0.2.0/24");
    life->net.own[1].prefix = small_prefix("2001:db8:53::/48");
    life->ms = 1000 * 1000;
    life->wall_ms = INT64_C(1700000000) * 1000;
    begin(life);
    feed(life, (struct event){.kind = EVENT_KEPT_END});
    return life;
}

static void die(struct life *life)
{
    engine_free(life->engine);
    free(life);
}

// It died, and the host with it: CLOCK_MONOTONIC begins anew.
static void live_again(struct life *life, int64_t away_s)
{
    engine_free(life->engine);
    life->wall_ms += life->ms + away_s * 1000 - BOOT_MS;
    life->ms = BOOT_MS;
    begin(life);
}

static void give_back(struct life *life)
{
    struct effect outage = {.kind = EFFECT_KEPT_OUTAGE, .kept_outage = life->store.outage};
    for (uint32_t i = 0; i < life->store.outage.facts; i++) {
        struct effect fact = {.kind = EFFECT_KEPT_FACT, .kept_fact = life->store.facts[i]};
        feed(life, back(life, &fact));
    }
    feed(life, back(life, &outage));
    feed(life, (struct event){.kind = EVENT_KEPT_END});
}

static void deliver_all(struct life *life)
{
    for (uint32_t i = 0; i < life->page_count; i++)
        feed(life, (struct event){.kind = EVENT_DELIVERY,
                                  .delivery = {life->pages[i].number, life->pages[i].channel,
                                               DELIVERY_SENT, ""}});
    life->page_count = 0;
    run(life, 1);  // until that is kept
}

static void lose(struct life *life, uint32_t path, bool lost)
{
    struct event event = {.kind = EVENT_SIGNAL,
                          .signal = {.kind = lost ? SIGNAL_CONFIRMED : SIGNAL_CLEAR,
                                     .path = path,
                                     .began_at = {life->ms * NS_PER_MS},
                                     .evidence = {.samples = 50, .lost = 20, .loss_ppm = 400000}}};
    life->losing = lost ? life->losing | 1u << path : life->losing & ~(1u << path);
    feed(life, event);
}

static void hear(struct life *life, enum notice_kind kind, const char *peer, bool raised)
{
    struct event event = {.kind = EVENT_NOTICE,
                          .notice = {.kind = kind, .raised = raised, .router = NET_NOBODY}};
    strcpy(event.notice.peer, peer);
    feed(life, event);
}

static const struct effect_outage *last(const struct life *life)
{
    assert_true(life->outage_count > 0);
    return &life->outages[life->outage_count - 1];
}

static void ack(struct life *life)
{
    feed(life, (struct event){.kind = EVENT_ASKED,
                              .asked = {.what = ASKED_ACK,
                                        .who = "anna",
                                        .number = 1,
                                        .object = {.kind = NET_OBJECT_KINDS}}});
}

static uint32_t count_pages(const struct life *life, enum page_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < life->page_count; i++)
        count += life->pages[i].kind == kind;
    return count;
}

// A loss of either family that lasts: one number, one page, the end is said.
static void a_loss_goes_on(enum family family)
{
    struct life *life = born();
    uint32_t path = net_path_find(&life->net, 0, family);
    run(life, 5);
    lose(life, path, true);
    run(life, 3);
    assert_int_equal(last(life)->number, 1);
    assert_int_equal(count_pages(life, PAGE_NEW), 1);
    int64_t onset_ms = life->wall_ms + last(life)->onset.ns / NS_PER_MS;
    deliver_all(life);
    run(life, 20);
    deliver_all(life);
    const struct effect_outage before = *last(life);
    uint32_t times = life->store.times;
    run(life, 10);
    assert_true(life->store.times <= times + 2);  // what is the same is told once
    live_again(life, 40);
    feed(life, (struct event){.kind = EVENT_TICK});
    lose(life, path, true);  // before the store has said anything
    run(life, 2);
    assert_int_equal(life->outage_count, 0);
    give_back(life);
    assert_int_equal(last(life)->number, 1);
    assert_string_equal(last(life)->title, before.title);
    assert_string_equal(last(life)->cause, before.cause);
    assert_int_equal(life->wall_ms + last(life)->onset.ns / NS_PER_MS, onset_ms);
    run(life, 30);
    assert_int_equal(life->engine->outages.outages.count, 1);
    assert_int_equal(life->page_count, 0);
    run(life, 60);  // nobody has acknowledged: the next one is called when it was to be
    assert_true(count_pages(life, PAGE_NEW) > 0 && count_pages(life, PAGE_AGAIN) > 0);
    assert_int_equal(life->pages[0].outage, 1);
    deliver_all(life);
    run(life, 60);
    lose(life, path, false);
    run(life, 200);
    assert_int_equal(last(life)->state, OUTAGE_OVER);
    assert_int_equal(last(life)->number, 1);
    assert_true(count_pages(life, PAGE_OVER) > 0);
    die(life);
}

static void a_loss_of_either_family_goes_on(void **state)
{
    (void)state;
    a_loss_goes_on(FAMILY_IPV4);
    a_loss_goes_on(FAMILY_IPV6);
}

// What was mended while nobody looked is said to be over; until enough is heard, it is not.
static void a_loss_that_ended_meanwhile_is_over(void **state)
{
    struct life *life = born();
    (void)state;
    run(life, 5);
    lose(life, 0, true);
    run(life, 5);
    deliver_all(life);
    live_again(life, 600);
    life->losing = 0;
    give_back(life);
    run(life, OUTAGE_SETTLE_S - 2);
    assert_int_equal(last(life)->state, OUTAGE_OPEN);
    run(life, 10);
    assert_int_equal(last(life)->state, OUTAGE_WELL);
    run(life, OUTAGE_WELL_S);
    assert_int_equal(last(life)->state, OUTAGE_OVER);
    assert_int_equal(life->engine->outages.outages.count, 1);
    die(life);
}

// Only lines of devices tell of it: nothing would ever come of it anew.
static void a_warning_goes_on_with_its_causes(void **state)
{
    struct life *life = born();
    (void)state;
    run(life, 5);
    hear(life, NOTICE_DEVICE_COMMIT, "edge1 anna", true);
    run(life, 10);
    hear(life, NOTICE_DEVICE_CRASH, "edge1 l2ald", true);
    run(life, 5);
    assert_int_equal(last(life)->state, OUTAGE_WARNED);
    assert_int_equal(count_pages(life, PAGE_NEW), 1);
    deliver_all(life);
    struct effect_outage before = *last(life);
    assert_non_null(strstr(before.cause, "change by anna on edge1"));
    live_again(life, 30);
    give_back(life);
    run(life, 15);
    assert_string_equal(last(life)->title, before.title);
    assert_non_null(strstr(last(life)->cause, "change by anna on edge1"));
    assert_int_equal(life->page_count, 0);
    run(life, 80);
    assert_true(life->page_count > 0);  // escalated
    ack(life);
    deliver_all(life);
    live_again(life, 1);  // and once more: in somebody's hands
    give_back(life);
    run(life, 300);
    assert_int_equal(count_pages(life, PAGE_NEW) + count_pages(life, PAGE_AGAIN), 0);
    hear(life, NOTICE_DEVICE_ROLLBACK, "edge1 anna", true);
    run(life, 90);
    assert_int_equal(last(life)->state, OUTAGE_OVER);
    assert_int_equal(last(life)->number, 1);
    assert_true(count_pages(life, PAGE_OVER) > 0);
    die(life);
}

static void an_acknowledgement_expires_when_it_would_have(void **state)
{
    struct life *life = born();
    (void)state;
    life->net.alert.gravities[OUTAGE_CRITICAL].expires_ns = 600ll * NS_PER_S;
    run(life, 5);
    lose(life, 0, true);
    run(life, 15);
    ack(life);
    deliver_all(life);
    live_again(life, 300);
    give_back(life);
    lose(life, 0, true);
    run(life, 290);
    assert_int_equal(count_pages(life, PAGE_EXPIRED), 0);
    run(life, 20);
    assert_true(count_pages(life, PAGE_EXPIRED) > 0);
    die(life);
}

// A call that was on its way may not have arrived.
static void a_call_on_its_way_goes_out_again(void **state)
{
    struct life *life = born();
    (void)state;
    run(life, 5);
    lose(life, 0, true);
    run(life, 3);
    assert_int_equal(count_pages(life, PAGE_NEW), 1);
    live_again(life, 1);
    give_back(life);
    run(life, 2);
    assert_int_equal(count_pages(life, PAGE_NEW), 1);
    assert_int_equal(life->pages[0].outage, 1);
    die(life);
}

// Who pages people since the restart pages them of what goes on, too.
static void what_nobody_was_paged_of_is_paged(void **state)
{
    struct life *life = born();
    (void)state;
    life->net.alert.channel_count = 0;
    run(life, 5);
    lose(life, 0, true);
    run(life, 3);
    assert_int_equal(life->store.outage.life, ALERT_FREE);
    assert_int_equal(life->page_count, 0);
    life->net.alert.channel_count = 2;
    live_again(life, 1);
    give_back(life);
    run(life, 2);
    assert_int_equal(count_pages(life, PAGE_NEW), 1);
    die(life);
}

// Route never saw the prefix, so that it says nothing: until it sees it, it is lost.
static void a_lost_prefix_stays_lost_until_it_is_seen(void **state)
{
    struct life *life = born();
    struct event notice = {.kind = EVENT_NOTICE,
                           .notice = {.kind = NOTICE_OWN_UNSEEN,
                                      .raised = true,
                                      .router = NET_NOBODY,
                                      .prefix = life->net.own[1].prefix}};
    (void)state;
    run(life, 5);
    notice.notice.since.ns = life->ms * NS_PER_MS;
    feed(life, notice);
    run(life, 5);
    assert_int_equal(last(life)->severity, OUTAGE_CRITICAL);
    deliver_all(life);
    live_again(life, 30);
    give_back(life);
    run(life, OUTAGE_SETTLE_S + OUTAGE_WELL_S + 30);
    assert_int_equal(last(life)->state, OUTAGE_OPEN);
    notice.notice.raised = false;
    feed(life, notice);
    run(life, OUTAGE_WELL_S + 5);
    assert_int_equal(last(life)->state, OUTAGE_OVER);
    assert_int_equal(last(life)->number, 1);
    die(life);
}

// Without a store that answers everything is as it is without a store, ten seconds late; what it
// says then after all has its number, and what was opened meanwhile is part of it.
static void a_store_that_hangs_stops_nothing(void **state)
{
    struct life *life = born();
    (void)state;
    run(life, 5);
    hear(life, NOTICE_DEVICE_COMMIT, "edge1 anna", true);
    hear(life, NOTICE_DEVICE_CRASH, "edge1 l2ald", true);
    run(life, 300);
    lose(life, 0, true);
    run(life, 5);
    live_again(life, 10);
    lose(life, 0, true);
    run(life, KEPT_WAIT_MS / 1000 - 1);
    assert_int_equal(life->outage_count, 0);
    run(life, 3);
    assert_int_equal(last(life)->number, 1);
    life->store.outage.number = 3;
    life->outage_count = 0;
    give_back(life);
    run(life, 3);
    assert_int_equal(life->outages[0].number, 3);
    bool is_part = false;
    for (uint32_t i = 0; i < life->outage_count; i++)
        is_part |= life->outages[i].number == 1 && life->outages[i].part_of == 3;
    assert_true(is_part);
    assert_int_equal(life->engine->outages.outages.count, 3);
    uint32_t facts = life->engine->outages.outages.facts.last_id;
    life->outage_count = 0;
    for (uint32_t number = 1; number <= 3; number++) {  // by a store that began anew: all is known
        life->store.outage.number = number;
        give_back(life);
    }
    assert_int_equal(life->engine->outages.outages.facts.last_id, facts);
    assert_int_equal(life->outage_count, 0);
    die(life);
}

// A configuration without the upstream that failed: what is left of it ends.
static void what_is_configured_no_more_is_left_out(void **state)
{
    struct life *life = born();
    (void)state;
    run(life, 5);
    lose(life, net_path_find(&life->net, 1, FAMILY_IPV4), true);
    run(life, 5);
    deliver_all(life);
    life->losing = 0;
    strcpy(life->net.upstreams[1].name, "renamed");
    strcpy(life->net.alert.people[0].name, "nora");
    live_again(life, 10);
    give_back(life);
    assert_int_equal(life->engine->outages.outages.items[0].paths, 0);
    run(life, OUTAGE_SETTLE_S + OUTAGE_WELL_S + 5);
    assert_int_equal(last(life)->state, OUTAGE_OVER);
    die(life);
}

// A drain ends with the life in which it was asked for; a device's own work goes on.
static void a_drain_of_another_life_is_no_work(void **state)
{
    static const struct {
        const char *device;
        bool standing;
    } rows[] = {{"drain 3", false}, {"edge1", true}};
    struct life *life = born();
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        struct event event = {.kind = EVENT_KEPT_FACT,
                              .kept_fact = {.number = 1,
                                            .place = i + 1,
                                            .kind = FACT_MAINTENANCE,
                                            .nodes = "edge1, transit-a",
                                            .standing = true}};
        strcpy(event.kept_fact.device, rows[i].device);
        feed(life, event);
        const struct fact *fact = facts_get(&life->engine->outages.outages.facts, i + 1);
        CHECK_ROW(rows[i].device, fact && fact->standing == rows[i].standing);
        assert_int_equal(nodes_count(&fact->nodes), 2);
    }
    die(life);
}

// Clocks that are wrong, and records that nobody wrote.
static void no_record_is_trusted(void **state)
{
    struct life *life = born();
    (void)state;
    run(life, 5);
    lose(life, 0, true);
    run(life, 5);
    ack(life);
    deliver_all(life);
    const struct store good = life->store;
    const int64_t walls[] = {INT64_MIN, 0, INT64_MAX};
    for (size_t i = 0; i < sizeof walls / sizeof walls[0]; i++) {
        live_again(life, 10);
        life->store = good;
        life->store.outage.wall_ns = walls[i];
        life->store.outage.warned_by = UINT32_MAX;
        life->store.outage.round = UINT32_MAX;
        life->store.outage.onset.ns = life->store.outage.acked_until.ns = walls[i];
        give_back(life);
        assert_true(life->engine->outages.outages.items[0].onset.ns <= life->ms * NS_PER_MS);
        run(life, 2 * OUTAGE_SETTLE_S + 2 * OUTAGE_WELL_S);
    }
    die(life);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loss_of_either_family_goes_on),
        cmocka_unit_test(a_loss_that_ended_meanwhile_is_over),
        cmocka_unit_test(a_warning_goes_on_with_its_causes),
        cmocka_unit_test(an_acknowledgement_expires_when_it_would_have),
        cmocka_unit_test(a_call_on_its_way_goes_out_again),
        cmocka_unit_test(what_nobody_was_paged_of_is_paged),
        cmocka_unit_test(a_lost_prefix_stays_lost_until_it_is_seen),
        cmocka_unit_test(a_store_that_hangs_stops_nothing),
        cmocka_unit_test(what_is_configured_no_more_is_left_out),
        cmocka_unit_test(a_drain_of_another_life_is_no_work),
        cmocka_unit_test(no_record_is_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
