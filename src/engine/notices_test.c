// SPDX-License-Identifier: ISC
// Notices in the engine: told, limited, kept while they stand, and never a reason to move traffic.
#include "engine/world_check.h"

#include "base/check.h"
#include "detect/fault_book.h"
#include "detect/notices.h"

#include <jansson.h>

static struct event notice_event(enum notice_kind kind, bool raised, uint8_t number)
{
    struct event event = {.kind = EVENT_NOTICE, .notice = {.kind = kind, .raised = raised}};
    event.notice.router = number % 3 == 2 ? NET_NOBODY : number % 3u;
    event.notice.prefix = small_prefix(number % 2 ? "2001:db8:f::/48" : "203.0.113.0/24");
    snprintf(event.notice.peer, sizeof event.notice.peer, "peer %u", number);
    snprintf(event.notice.text, sizeof event.notice.text, "text %u", number);
    return event;
}

static struct event at_ms(struct event event, int64_t ms)
{
    event.at.ns = ms * NS_PER_MS;
    event.notice.since.ns = event.kind == EVENT_NOTICE ? event.at.ns : 0;
    return event;
}

static struct event fault_event(uint32_t number, enum fault_state state)
{
    struct event event = {.kind = EVENT_FAULT, .fault = {.number = number, .state = state}};
    snprintf(event.fault.words, sizeof event.fault.words, "part %u", number);
    return event;
}

static uint32_t step(struct engine *engine, struct event event, struct notice *last)
{
    size_t count;
    uint32_t notices = 0;
    const struct effect *effects = engine_step(engine, &event, &count);
    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(effects[i].kind, EFFECT_ANNOUNCE);
        if (effects[i].kind != EFFECT_NOTICE)
            continue;
        *last = effects[i].notice;
        notices++;
    }
    return notices;
}

static json_t *status_of(struct engine *engine)
{
    static const size_t room = 1 << 17;
    char *text = malloc(room);
    size_t size = engine_status_json(engine, (struct mono){0}, text, room);
    json_t *json = size > 0 ? json_loadb(text, size, 0, NULL) : NULL;
    assert_non_null(json);
    free(text);
    return json;
}

static void check_status(struct engine *engine, json_int_t count, const char *first)
{
    json_t *json = status_of(engine);
    json_t *notices = json_object_get(json, "notices");
    assert_int_equal(json_integer_value(json_object_get(json, "notice_count")), count);
    const char *peer = json_string_value(json_object_get(json_array_get(notices, 0), "peer"));
    assert_string_equal(peer ? peer : "", first);
    json_decref(json);
}

static void tells_and_keeps_what_stands(void **state)
{
    (void)state;
    struct net net = small_net();
    struct engine *engine = engine_new(&net);
    struct notice last;
    step(engine, (struct event){.kind = EVENT_START, .at = {NS_PER_MS}}, &last);
    struct event event = at_ms(notice_event(NOTICE_CHURN, true, 1), 10);
    assert_int_equal(step(engine, event, &last), 1);
    assert_int_equal(step(engine, event, &last), 0);  // known
    check_status(engine, 1, "peer 1");
    event = at_ms(notice_event(NOTICE_OWN_WITHDRAWN, true, 2), 20);
    assert_int_equal(step(engine, event, &last), 1);
    check_status(engine, 2, "peer 2");  // the graver one first
    assert_int_equal(step(engine, at_ms(notice_event(NOTICE_OWN_MOVED, true, 3), 30), &last), 1);
    check_status(engine, 2, "peer 2");  // a moment does not stand
    event = at_ms(notice_event(NOTICE_OWN_WITHDRAWN, false, 2), 520);
    assert_int_equal(step(engine, event, &last), 1);
    assert_false(last.raised);
    assert_int_equal(last.since.ns, 20 * NS_PER_MS);
    assert_int_equal(step(engine, event, &last), 0);
    check_status(engine, 1, "peer 1");
    struct event dead = {.kind = EVENT_ROLE, .at = {NS_PER_S}};
    dead.role = (struct event_role_change){ROLE_ROUTE, ROLE_DEAD, ""};
    step(engine, dead, &last);
    check_status(engine, 0, "");
    assert_false(engine_notice_told(engine, 0)->notice.raised);
    assert_int_equal(engine_notice_told(engine, 1)->notice.kind, NOTICE_OWN_MOVED);
    assert_int_equal(engine_notice_told(engine, 3)->at.ns, 10 * NS_PER_MS);
    assert_null(engine_notice_told(engine, 4));
    assert_int_equal(engine_notice_count(engine), 0);
    assert_null(engine_notice(engine, 0));
    engine_free(engine);
}

// Steps and gives the fault that this makes the engine tell; number 0: none.
static struct fault step_fault(struct engine *engine, struct event event)
{
    size_t count;
    struct fault told = {0};
    const struct effect *effects = engine_step(engine, &event, &count);
    for (size_t i = 0; i < count; i++)
        if (effects[i].kind == EFFECT_FAULT)
            told = effects[i].fault;
    return told;
}

static void check_faults(struct engine *engine, size_t count, const char *words)
{
    json_t *json = status_of(engine);
    json_t *faults = json_object_get(json, "faults");
    assert_int_equal(json_integer_value(json_object_get(json, "fault_count")), count);
    assert_int_equal(json_array_size(faults), count < 16 ? count : 16);
    const char *first = json_string_value(json_object_get(json_array_get(faults, 0), "words"));
    assert_string_equal(first ? first : "", words);
    json_decref(json);
}

static void tells_and_keeps_open_faults(void **state)
{
    (void)state;
    struct net net = small_net();
    struct engine *engine = engine_new(&net);
    struct notice unused;
    step(engine, (struct event){.kind = EVENT_START, .at = {NS_PER_MS}}, &unused);
    struct event event = at_ms(fault_event(1, FAULT_SUSPECTED), 10);
    event.fault.began_at.ns = 5 * NS_PER_MS;
    event.fault.at.ns = INT64_MAX;
    struct fault told = step_fault(engine, event);
    assert_int_equal(told.number, 1);
    assert_int_equal(told.at.ns, 10 * NS_PER_MS);
    assert_int_equal(told.began_at.ns, 5 * NS_PER_MS);
    event = at_ms(fault_event(2, FAULT_NAMED), 20);
    event.fault.began_at.ns = 30 * NS_PER_MS;  // not yet
    assert_int_equal(step_fault(engine, event).began_at.ns, 20 * NS_PER_MS);
    event.fault.began_at.ns = INT64_MIN;
    assert_int_equal(step_fault(engine, event).began_at.ns, 20 * NS_PER_MS);
    check_faults(engine, 2, "part 1");
    assert_int_equal(step_fault(engine, at_ms(fault_event(1, FAULT_OVER), 30)).state, FAULT_OVER);
    assert_int_equal(step_fault(engine, at_ms(fault_event(1, FAULT_OVER), 30)).number, 0);
    check_faults(engine, 1, "part 2");
    for (uint32_t n = 3; n < 100; n++)  // a sick process: held back, and told when there is time
        step_fault(engine, at_ms(fault_event(n, FAULT_NAMED), 40));
    check_faults(engine, FAULT_BOOK_MAX, "part 2");
    assert_int_equal(step_fault(engine, at_ms((struct event){.kind = EVENT_TICK}, 50)).number, 0);
    assert_true(step_fault(engine, at_ms((struct event){.kind = EVENT_TICK}, 900)).number > 2);
    struct event dead = {.kind = EVENT_ROLE, .at = {NS_PER_S}};
    dead.role = (struct event_role_change){ROLE_PROBE, ROLE_DEAD, ""};
    step(engine, dead, &unused);
    check_faults(engine, 0, "");
    engine_free(engine);
}

static void limits_what_a_sick_process_says(void **state)
{
    (void)state;
    struct net net = small_net();
    struct engine *engine = engine_new(&net);
    struct notice last = {0};
    uint32_t told = 0;
    step(engine, (struct event){.kind = EVENT_START, .at = {NS_PER_MS}}, &last);
    for (uint8_t i = 0; i < 100; i++)
        told += step(engine, at_ms(notice_event(NOTICE_CHURN, true, i), 10), &last);
    assert_int_equal(told, NOTICES_BURST);
    check_status(engine, 100, "peer 99");
    for (int64_t ms = 50; ms <= 1050; ms += 50)  // the others wait for their turn
        told += step(engine, at_ms((struct event){.kind = EVENT_TICK}, ms), &last);
    assert_int_equal(told, NOTICES_BURST + 1040 / NOTICES_REFILL_MS);
    json_t *json = status_of(engine);
    assert_int_equal(json_array_size(json_object_get(json, "notices")), 20);
    json_decref(json);
    struct event lying = notice_event(NOTICE_FIB_RULE, true, 1);
    lying.at.ns = 1060 * NS_PER_MS;
    lying.notice.since.ns = INT64_MIN;
    assert_int_equal(step(engine, lying, &last), 1);
    assert_int_equal(last.since.ns, lying.at.ns);
    engine_free(engine);
}

// What came of one engine: all effects but what only tells people, as text.
struct outcome {
    const struct net *net;
    struct engine *engine;
    uint64_t digest;
    uint32_t notices;
};

static void feed(struct outcome *o, const struct event *event)
{
    size_t count;
    const struct effect *effects = engine_step(o->engine, event, &count);
    for (size_t i = 0; i < count; i++) {
        if (effects[i].kind == EFFECT_NOTICE || effects[i].kind == EFFECT_FAULT)
            o->notices++;
        else if (effects[i].kind != EFFECT_OUTAGE &&
                 effects[i].kind != EFFECT_EXTENT)  // what people are told changes with them
            o->digest = world_digest(o->digest, o->net, &effects[i]);
    }
}

static struct outcome play(const struct world *w, bool with_notices)
{
    struct outcome outcome = {&w->net, engine_new(&w->net), 0, 0};
    char *script = strndup(w->script, w->script_size), *rest = script, *line, why[MESSAGE_WHY_MAX];
    struct random random = {7};
    for (uint32_t n = 0; (line = strtok_r(rest, "\n", &rest)); n++) {
        struct event event;
        assert_true(message_to_event(&w->net, line, strlen(line), &event, why));
        feed(&outcome, &event);
        uint64_t dice = random_u64(&random);
        struct event notice = notice_event(dice % NOTICE_KINDS, dice >> 32 & 1, dice >> 40 & 0xff);
        notice.at = mono_add_ms(event.at, 30);
        struct event fault = fault_event(n % 9, dice % FAULT_STATES);
        fault.at = notice.at;
        if (with_notices && n % 5 == 0)
            feed(&outcome, &notice);
        if (with_notices && n % 7 == 0)
            feed(&outcome, &fault);
    }
    free(script);
    engine_free(outcome.engine);
    return outcome;
}

static void never_moves_traffic(void **state)
{
    (void)state;
    const struct world_event outage[] = {{WORLD_LOSS, 15000, 20000, 0, FAMILY_NONE, 380000}};
    struct net net = world_net(NET_ACT);
    struct world *world = world_new(&net, 1, true);
    world->events = outage;
    world->event_count = 1;
    world_run(world, 30000);
    assert_true(world->acts > 0);
    struct outcome without = play(world, false), with = play(world, true);
    assert_int_equal(without.notices, 0);
    assert_true(with.notices > 100);
    assert_true(with.digest == without.digest);
    world_free(world);
}

static struct event servers_see(const struct net *net, uint32_t path, bool raised)
{
    struct event event = {.kind = EVENT_NOTICE,
                          .notice = {.kind = NOTICE_SERVERS_FAILING, .raised = raised}};
    net_path_name(net, path, event.notice.peer);
    strcpy(event.notice.text, "90 % of 100000 attempts failed");
    event.notice.count = 90000;
    event.notice.total = 100000;
    return event;
}

// However bad it is and however long: a plan needs probes.
static void servers_alone_are_no_reason_to_act(void **state)
{
    (void)state;
    struct net net = world_net(NET_ACT);
    struct world *world = world_new(&net, 1, true);
    world_run(world, 20000);  // all is well, all tables are there, the quiet time is over
    struct engine *engine = engine_new(&net);
    char *script = strndup(world->script, world->script_size), *rest = script, *line;
    char why[MESSAGE_WHY_MAX];
    bool ready = false;
    for (uint32_t n = 0; (line = strtok_r(rest, "\n", &rest)); n++) {
        struct event events[2];
        size_t count;
        assert_true(message_to_event(&net, line, strlen(line), &events[0], why));
        events[1] =
            at_ms(servers_see(&net, n % net_path_count(&net), true), events[0].at.ns / NS_PER_MS);
        for (int i = 0; i < 2; i++) {
            const struct effect *effects = engine_step(engine, &events[i], &count);
            for (size_t e = 0; e < count; e++) {
                ready |= effects[e].kind == EFFECT_READY;
                assert_true(effects[e].kind != EFFECT_PLAN && effects[e].kind != EFFECT_INCIDENT);
                assert_true(effects[e].kind != EFFECT_ANNOUNCE &&
                            effects[e].kind != EFFECT_RELEASE);
            }
        }
    }
    assert_true(ready);
    assert_int_equal(engine_notice_count(engine), net_path_count(&net));
    free(script);
    engine_free(engine);
    world_free(world);
}

static const char *servers_in_status(struct engine *engine, uint32_t path, char text[64])
{
    json_t *json = status_of(engine);
    json_t *of = json_array_get(json_object_get(json, "paths"), path);
    const char *said = json_string_value(json_object_get(of, "servers"));
    snprintf(text, 64, "%s", said ? said : "");
    json_decref(json);
    return text;
}

// What servers see stands beside what probes confirm, of the same path only.
static void is_shown_beside_what_probes_confirm(void **state)
{
    (void)state;
    char text[64];
    struct net net = small_net();
    struct notice last = {0};
    for (uint32_t path = 0; path < net_path_count(&net); path++) {
        struct engine *engine = engine_new(&net);
        step(engine, (struct event){.kind = EVENT_START, .at = {NS_PER_MS}}, &last);
        step(engine, at_ms(servers_see(&net, path, true), 10), &last);
        assert_string_equal(servers_in_status(engine, path, text),
                            "90 % of 100000 attempts failed");
        for (uint32_t other = 0; other < net_path_count(&net); other++) {
            struct event signal = {.kind = EVENT_SIGNAL, .at = {20 * NS_PER_MS}};
            signal.signal = (struct signal){.kind = SIGNAL_SUSPECT, .path = other};
            assert_int_equal(step(engine, signal, &last), 0);
            signal.signal.kind = SIGNAL_CONFIRMED;
            assert_int_equal(step(engine, signal, &last), other == path);
            assert_true(last.raised);
        }
        step(engine, at_ms(servers_see(&net, path, false), 30), &last);
        assert_string_equal(servers_in_status(engine, path, text), "");
        engine_free(engine);
    }
}

// Who is gone takes its notices along, and nobody else's.
static void each_process_has_its_own(void **state)
{
    (void)state;
    struct net net = small_net();
    struct notice last;
    struct engine *engine = engine_new(&net);
    step(engine, (struct event){.kind = EVENT_START, .at = {NS_PER_MS}}, &last);
    step(engine, at_ms(servers_see(&net, 0, true), 10), &last);
    step(engine, at_ms(notice_event(NOTICE_CHURN, true, 1), 10), &last);
    struct event dead = {.kind = EVENT_ROLE, .at = {NS_PER_S}};
    dead.role = (struct event_role_change){ROLE_INGEST, ROLE_DEAD, ""};
    step(engine, dead, &last);
    check_status(engine, 1, "peer 1");
    step(engine, at_ms(servers_see(&net, 0, true), 2000), &last);
    dead.role.role = ROLE_ROUTE;
    step(engine, dead, &last);
    check_status(engine, 1, servers_see(&net, 0, true).notice.peer);
    engine_free(engine);
}

static struct effect changed(struct engine *engine, struct event event, int64_t ms)
{
    size_t count;
    event.at.ns = ms * NS_PER_MS;
    const struct effect *effects = engine_step(engine, &event, &count);
    return count == 1 ? effects[0] : (struct effect){.kind = EFFECT_NONE};
}

// All that came, at most so many at once, and none that lies in the future.
static void passes_changes_on(void **state)
{
    (void)state;
    enum { BURST = 256 };
    struct net net = small_net();
    struct engine *engine = engine_new(&net);
    assert_non_null(engine);
    struct event change = {.kind = EVENT_CHANGE, .change = {.id = "CR-1", .done_at = {INT64_MAX}}};
    const struct event odd = {.kind = EVENT_ODD, .odd = {.id = "CR-1"}};
    const struct event tick = {.kind = EVENT_TICK};
    int told = 0;
    changed(engine, (struct event){.kind = EVENT_START}, 1);
    changed(engine, tick, 1000);
    struct effect effect = changed(engine, change, 1000);
    assert_int_equal(effect.kind, EFFECT_CHANGE);
    assert_true(effect.change.done_at.ns == effect.at.ns && effect.at.ns > 0);
    assert_int_equal(changed(engine, odd, 1000).kind, EFFECT_ODD);
    for (int i = 0; i < 2000; i++)
        told += changed(engine, odd, 1000).kind == EFFECT_ODD;
    assert_int_equal(told, BURST - 2);
    changed(engine, tick, 4500);
    for (int i = 0; i < 10; i++)
        told += changed(engine, change, 4500).kind == EFFECT_CHANGE;
    assert_int_equal(told, BURST - 2 + 3);
    engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_and_keeps_what_stands),
        cmocka_unit_test(tells_and_keeps_open_faults),
        cmocka_unit_test(limits_what_a_sick_process_says),
        cmocka_unit_test(never_moves_traffic),
        cmocka_unit_test(servers_alone_are_no_reason_to_act),
        cmocka_unit_test(is_shown_beside_what_probes_confirm),
        cmocka_unit_test(each_process_has_its_own),
        cmocka_unit_test(passes_changes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
