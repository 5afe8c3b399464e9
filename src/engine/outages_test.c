// SPDX-License-Identifier: ISC
// What people are told of what is broken, as one.
#include "engine/site_check.h"
#include "engine/state.h"

#include "base/check.h"

enum { TOLD_MAX = 16 };

struct ear {
    struct site *site;
    struct effect_outage told[TOLD_MAX];
    uint32_t count;
};

// As site_run(), with what is told of outages kept.
static void listen(struct ear *ear)
{
    for (uint32_t i = 0; i < ear->site->outage_count; i++)
        if (ear->count < TOLD_MAX)
            ear->told[ear->count++] = ear->site->outages[i];
    ear->site->outage_count = 0;
}

static void run(struct ear *ear, int64_t ms)
{
    for (; ms > 0; ms -= 1000) {
        site_run(ear->site, 1000);
        listen(ear);
    }
}

static const struct effect_outage *last(const struct ear *ear)
{
    assert_true(ear->count > 0);
    return &ear->told[ear->count - 1];
}

static void opens_with_proof_and_ends_when_all_is_over(void **state)
{
    struct ear ear = {.site = site_open(7)};
    (void)state;
    ear.site->loss_percent[SITE_A] = ear.site->routed_percent = 40;
    site_signal(ear.site, SITE_A, SIGNAL_SUSPECT);
    run(&ear, 1000);
    assert_int_equal(ear.count, 0);  // nothing is proven
    site_signal(ear.site, SITE_A, SIGNAL_CONFIRMED);
    run(&ear, 1000);
    assert_true(ear.count > 0);
    assert_int_equal(ear.told[0].number, 1);
    assert_int_equal(ear.told[0].state, OUTAGE_OPEN);
    assert_string_equal(ear.told[0].title, "loss on a ipv4");
    assert_non_null(strstr(ear.told[0].cause, "the network behind a"));
    assert_non_null(strstr(ear.told[0].action, "incident 1: "));
    ear.site->routed_percent = 0;
    run(&ear, 20000);
    assert_int_equal(last(&ear)->state, OUTAGE_MITIGATED);
    ear.site->loss_percent[SITE_A] = 0;
    site_signal(ear.site, SITE_A, SIGNAL_CLEAR);
    run(&ear, 200000);
    assert_int_equal(last(&ear)->state, OUTAGE_OVER);
    assert_int_equal(last(&ear)->number, 1);
    site_close(ear.site);
}

// How far it reaches, as measured, and what of that is not known.
static void tells_how_far_it_reaches(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct site *s = ear.site;
    (void)state;
    strcpy(s->net.targets[0].country, "DE");
    strcpy(s->net.targets[1].country, "US");
    s->loss_percent[SITE_A] = s->routed_percent = 40;
    site_feed(s, (struct event){.kind = EVENT_ORIGIN, .origin = {0, FAMILY_IPV6, 3320}});
    site_feed(s, (struct event){.kind = EVENT_ORIGIN, .origin = {2, FAMILY_IPV4, 65100}});
    site_run(s, 5000);
    assert_int_equal(s->extent_count, 0);
    site_signal(s, SITE_A, SIGNAL_CONFIRMED);
    run(&ear, 1000);
    assert_true(s->extent_count > 0);
    assert_int_equal(s->extent.number, 1);
    assert_int_equal(s->extent.hit_ipv4, 1u << SITE_A);
    assert_int_equal(s->extent.hit_ipv6, 0);
    assert_int_equal(s->extent.ever_ipv4, 1u << SITE_A);
    assert_false(s->extent.traffic_known);
    assert_int_equal(s->extent.routed_ipv4_ppm, 200 * 1000);
    assert_int_equal(s->extent.routed_ipv6_ppm, -1);
    assert_string_equal(s->extent.destinations, "DE (AS3320): 1 of 1; US: 1 of 1; AS65100: 1 of 1");
    s->routed_percent = 0;
    run(&ear, 20000);
    assert_int_equal(last(&ear)->state, OUTAGE_MITIGATED);
    assert_true(s->extent.moved > 0);
    s->loss_percent[SITE_A] = 0;
    site_signal(s, SITE_A, SIGNAL_CLEAR);
    run(&ear, 200000);
    assert_int_equal(s->extent.hit_ipv4, 0);
    assert_int_equal(s->extent.ever_ipv4, 1u << SITE_A);
    assert_int_equal(s->extent.moved, 0);
    assert_string_equal(s->extent.destinations, "");
    assert_true(s->extent_count < 30);  // not at every tick
    site_close(s);
}

// Packets are lost to some targets only; of one too little is known to say anything.
static void tells_to_which_targets(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct site *s = ear.site;
    (void)state;
    for (uint32_t t = 0; t < 3; t++)
        site_feed(s, (struct event){.kind = EVENT_ORIGIN, .origin = {t, FAMILY_IPV4, 65000 + t}});
    s->loss_percent[SITE_A] = 40;
    site_signal(s, SITE_A, SIGNAL_CONFIRMED);
    site_feed(s, (struct event){.kind = EVENT_TALLY,
                                .tally = {.path = SITE_A, .target = 1, .ok = 90000}});
    run(&ear, 1000);
    assert_string_equal(s->extent.destinations,
                        "AS65000: 1 of 1; AS65001: 0 of 1; AS65002: 1 of 1");
    site_close(s);
}

static void is_opened_by_a_named_fault(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct event fault = {
        .kind = EVENT_FAULT,
        .fault = {.number = 3, .state = FAULT_NAMED, .part = fault_part_any(), .words = "ca2"}};
    (void)state;
    site_feed(ear.site, fault);
    run(&ear, 1000);
    assert_int_equal(ear.count, 1);
    assert_int_equal(ear.told[0].state, OUTAGE_OPEN);
    assert_string_equal(ear.told[0].title, "ca2");
    fault.fault.state = FAULT_OVER;
    site_feed(ear.site, fault);
    run(&ear, 1000);
    assert_int_equal(last(&ear)->state, OUTAGE_WELL);
    run(&ear, 70000);
    assert_int_equal(last(&ear)->state, OUTAGE_OVER);
    assert_int_equal(ear.count, 3);
    site_close(ear.site);
}

// What was two is told to be one, and how far it reaches is told of that one only.
static void tells_what_turns_out_to_be_part_of_another(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct site *s = ear.site;
    struct event fault = {
        .kind = EVENT_FAULT,
        .fault = {.number = 3, .state = FAULT_NAMED, .part = fault_part_any(), .words = "m1"}};
    (void)state;
    s->net.group_count = 1;
    s->net.groups[0] = (struct net_group){.name = "m", .member_count = 2};
    strcpy(s->net.groups[0].members[0].name, "m1");
    strcpy(s->net.groups[0].members[1].name, "m2");
    s->loss_percent[SITE_A] = 40;
    site_signal(s, SITE_A, SIGNAL_CONFIRMED);
    run(&ear, 200000);
    s->loss_percent[SITE_B] = 40;
    site_signal(s, SITE_B, SIGNAL_CONFIRMED);
    run(&ear, 3000);
    assert_int_equal(s->engine->outages.outages.count, 2);
    s->net.groups[0].members[0].upstreams = 1u << SITE_A | 1u << SITE_B;
    strcpy(fault.fault.part.group, "m");
    strcpy(fault.fault.part.member, "m1");
    fault.fault.began_at = s->engine->now;
    site_feed(s, fault);
    ear.count = 0;
    site_run(s, 100);
    assert_int_equal(s->extent.number, 1);
    run(&ear, 1000);
    const struct effect_outage *younger = NULL;
    for (uint32_t i = 0; i < ear.count; i++)
        younger = ear.told[i].number == 2 ? &ear.told[i] : younger;
    assert_non_null(younger);
    assert_int_equal(younger->state, OUTAGE_OVER);
    assert_int_equal(younger->part_of, 1);
    assert_int_equal(s->extent.ever_ipv4, 1u << SITE_A | 1u << SITE_B);
    site_close(s);
}

static void hear(struct site *s, enum notice_kind kind, const char *peer, const char *text)
{
    struct event event = {.kind = EVENT_NOTICE,
                          .notice = {.kind = kind, .raised = true, .router = NET_NOBODY}};
    strcpy(event.notice.peer, peer);
    strcpy(event.notice.text, text);
    site_feed(s, event);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void shows_why_and_what_is_beneath(void **state)
{
    struct ear ear = {.site = site_open(7)};
    (void)state;
    hear(ear.site, NOTICE_DEVICE_COMMIT, "a anna", "UI_COMMIT: User 'anna'");
    run(&ear, 5000);
    assert_int_equal(ear.count, 0);
    hear(ear.site, NOTICE_DEVICE_CRASH, "a rpd", "rpd: dumped core");
    run(&ear, 1000);
    assert_int_equal(last(&ear)->state, OUTAGE_WARNED);
    ear.site->loss_percent[SITE_A] = ear.site->routed_percent = 40;
    site_signal(ear.site, SITE_A, SIGNAL_CONFIRMED);
    run(&ear, 2000);
    struct mono now = {(1000 * 1000 + ear.site->ms) * (int64_t)NS_PER_MS};
    json_t *outages = engine_outages_json(ear.site->engine, now, true);
    const json_t *outage = json_array_get(outages, 0);
    assert_int_equal(json_array_size(outages), 1);
    assert_string_equal(text_of(outage, "title"), last(&ear)->title);
    const json_t *cause = json_array_get(json_object_get(outage, "causes"), 0);
    assert_string_equal(text_of(cause, "cause"), "change");
    assert_non_null(strstr(text_of(cause, "words"), "change by anna on a"));
    json_int_t sum = 0;
    static const char *const terms[] = {"time", "place", "prior", "fit", "chain", "again", "odd"};
    for (size_t t = 0; t < sizeof terms / sizeof terms[0]; t++) {
        char key[32];
        snprintf(key, sizeof key, "%s_millinats", terms[t]);
        sum += json_integer_value(json_object_get(cause, key));
    }
    assert_true(llabs(sum - json_integer_value(json_object_get(cause, "millinats"))) < 8);
    const json_t *path = json_array_get(json_object_get(outage, "incidents"), 0);
    assert_string_equal(text_of(path, "path"), "a ipv4");
    json_decref(outages);
    outages = engine_outages_json(ear.site->engine, now, false);
    assert_null(json_object_get(json_array_get(outages, 0), "causes"));
    json_decref(outages);
    site_close(ear.site);
}

static const char *healthy_of(const struct ear *ear, char text[400])
{
    struct mono now = {(1000 * 1000 + ear->site->ms) * (int64_t)NS_PER_MS};
    json_t *outages = engine_outages_json(ear->site->engine, now, true);
    snprintf(text, 400, "%s", text_of(json_array_get(outages, 0), "healthy"));
    json_decref(outages);
    return text;
}

// Nobody has to ask whether it is a peering or a line card.
static void shows_what_is_well(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct site *s = ear.site;
    char text[400];
    (void)state;
    s->net.syslog.device_count = 1;
    strcpy(s->net.syslog.devices[0].name, "sw1");
    run(&ear, 5000);
    s->loss_percent[SITE_A] = s->routed_percent = 40;
    site_signal(s, SITE_A, SIGNAL_CONFIRMED);
    run(&ear, 2000);
    healthy_of(&ear, text);
    assert_non_null(strstr(text, "packets by b ipv4"));
    assert_non_null(strstr(text, " (0 of "));
    assert_null(strstr(text, "packets by a ipv4"));
    assert_non_null(strstr(text, "; BGP with a, b"));
    assert_non_null(strstr(text,
                           "; no chassis alarm, crash, interface down, port out of its bundle "
                           "told by any of 1 devices"));
    hear(s, NOTICE_DEVICE_ALARM, "sw1 fpc", "FPC 0 Major Errors");
    run(&ear, 1000);
    assert_non_null(strstr(healthy_of(&ear, text), "; no crash, interface down"));
    s->net.syslog.device_count = 0;
    assert_null(strstr(healthy_of(&ear, text), "; no "));  // nobody tells anything
    site_close(s);
}

// Lines of one moment come one after the other: what a warning says is said of all of them.
static void a_warning_waits_for_the_rest_of_it(void **state)
{
    struct ear ear = {.site = site_open(7)};
    (void)state;
    hear(ear.site, NOTICE_DEVICE_COMMIT, "a anna", "CR-7 vlan 700");
    hear(ear.site, NOTICE_DEVICE_COMMIT, "b anna", "CR-7 vlan 700");
    run(&ear, 2000);
    hear(ear.site, NOTICE_DEVICE_CRASH, "a l2ald", "dumped core");
    site_run(ear.site, 100);
    listen(&ear);
    assert_int_equal(ear.count, 0);
    hear(ear.site, NOTICE_DEVICE_CRASH, "b l2ald", "dumped core");
    site_run(ear.site, 600);
    listen(&ear);
    assert_true(ear.count > 0);
    assert_non_null(
        strstr(ear.told[0].title, "crash of l2ald on a, b after change 'CR-7 vlan 700' by"));
    site_close(ear.site);
}

// What people have out of use is worked on: sessions that fall there wake nobody.
static void what_is_drained_is_worked_on(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct event asked = {
        .kind = EVENT_ASKED,
        .asked = {.what = ASKED_DRAIN, .who = "anna", .object = {NET_OBJECT_ROUTER, SITE_A, 0}}};
    (void)state;
    for (int drained = 0; drained < 2; drained++) {
        const char *device = drained ? "a" : "b";
        if (drained)
            site_feed(ear.site, asked);
        run(&ear, 10000);
        for (int n = 0; n < FACT_BURST; n++) {
            char peer[32];
            snprintf(peer, sizeof peer, "%s 192.0.2.%d", device, n);
            hear(ear.site, NOTICE_DEVICE_BGP, peer, "down");
        }
        run(&ear, 2000);
        assert_int_equal(last(&ear)->number, 1);  // of b
    }
    site_close(ear.site);
}

static void own_prefix(struct ear *ear, bool missing)
{
    struct event event = {.kind = EVENT_NOTICE,
                          .notice = {.kind = NOTICE_OWN_INVISIBLE,
                                     .raised = missing,
                                     .router = NET_NOBODY,
                                     .prefix = ear->site->net.own[0].prefix,
                                     .since = ear->site->engine->now}};
    site_feed(ear->site, event);
}

static void hijack(struct site *s, enum notice_kind kind, const char *prefix, const char *peer,
                   bool raised)
{
    struct event event = {.kind = EVENT_NOTICE,
                          .notice = {.kind = kind,
                                     .raised = raised,
                                     .router = NET_NOBODY,
                                     .text = "origin AS 64666, neighbour AS 64501; 2 paths",
                                     .since = s->engine->now}};
    assert_true(prefix_parse(prefix, &event.notice.prefix));
    strcpy(event.notice.peer, peer);
    site_feed(s, event);
}

// Which prefix, whose it is now, who sees it: of either family; a part of one is as bad.
static void an_own_prefix_that_others_announce_is_an_outage(void **state)
{
    static const struct {
        enum notice_kind kind;
        const char *prefix, *peers[5], *cause;
    } rows[] = {
        {NOTICE_OWN_ORIGIN_CHANGED,
         "192.0.2.0/24",
         {"a", "b"},
         "192.0.2.0/24: origin AS 64666, neighbour AS 64501, seen by a, b; unknown: "},
        {NOTICE_OWN_ORIGIN_CHANGED,
         "2001:db8:53::/48",
         {"a", "b", "c", "d/10.0.0.1", "e"},
         "2001:db8:53::/48: origin AS 64666, neighbour AS 64501, seen by a, b, c and 2 more; "},
        {NOTICE_OWN_MORE_SPECIFIC,
         "2001:db8:53:1::/64",
         {""},
         "2001:db8:53:1::/64: origin AS 64666, neighbour AS 64501; 2 paths; unknown: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ear ear = {.site = site_open(7)};
        struct site *s = ear.site;
        s->net.own_count = 3;
        prefix_parse("192.0.2.0/24", &s->net.own[0].prefix);
        prefix_parse("2001:db8::/32", &s->net.own[1].prefix);
        prefix_parse("2001:db8:53::/48", &s->net.own[2].prefix);
        hijack(s, rows[i].kind, "198.51.100.0/24", "a", true);  // none of ours
        run(&ear, 2000);
        assert_int_equal(ear.count, 0);
        for (int n = 0; n < 5 && rows[i].peers[n]; n++)
            hijack(s, rows[i].kind, rows[i].prefix, rows[i].peers[n], true);
        run(&ear, 2000);
        assert_int_equal(last(&ear)->severity, OUTAGE_CRITICAL);
        assert_string_equal(last(&ear)->title,
                            i == 0 ? "own prefix 192.0.2.0/24 announced by others"
                                   : "own prefix 2001:db8:53::/48 announced by others");
        if (strncmp(last(&ear)->cause, rows[i].cause, strlen(rows[i].cause)) != 0)
            fail_msg("%s", last(&ear)->cause);
        assert_int_equal(s->extent.foreign_now, 1);
        assert_int_equal(s->extent.own_lost, 0);
        assert_string_equal(s->extent.foreign, i == 0 ? "192.0.2.0/24" : "2001:db8:53::/48");
        for (int n = 0; n < 5 && rows[i].peers[n]; n++) {
            assert_int_equal(last(&ear)->state, OUTAGE_OPEN);
            hijack(s, rows[i].kind, rows[i].prefix, rows[i].peers[n], false);
            run(&ear, 1000);
        }
        assert_int_equal(last(&ear)->state, OUTAGE_WELL);
        assert_int_equal(s->extent.foreign_now, 0);
        run(&ear, 70000);
        assert_int_equal(last(&ear)->state, OUTAGE_OVER);
        site_close(s);
    }
}

static void an_own_prefix_in_no_table_is_an_outage(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct site *s = ear.site;
    (void)state;
    s->net.own_count = s->net.announce_count = 1;
    prefix_parse("192.0.2.0/24", &s->net.own[0].prefix);
    s->net.announce[0] = (struct net_announce){.prefix = s->net.own[0].prefix, .anycast = true};
    struct event gone = {.kind = EVENT_NOTICE,
                         .notice = {.kind = NOTICE_OWN_WITHDRAWN,
                                    .raised = true,
                                    .router = NET_NOBODY,
                                    .prefix = s->net.own[0].prefix,
                                    .peer = "outside/10.0.3.0 in-pre",
                                    .text = "was by next hop 10.0.3.0, neighbour AS 65001; in 1 "
                                            "of 7 complete tables"}};
    site_feed(s, gone);
    own_prefix(&ear, true);
    run(&ear, 2000);
    assert_string_equal(last(&ear)->cause,
                        "unknown: nothing was told that explains it; 192.0.2.0/24 was by next hop "
                        "10.0.3.0, neighbour AS 65001");
    assert_string_equal(last(&ear)->title, "own prefix 192.0.2.0/24 unseen from outside");
    assert_int_equal(last(&ear)->state, OUTAGE_OPEN);
    assert_int_equal(last(&ear)->severity, OUTAGE_CRITICAL);
    assert_string_equal(last(&ear)->action, "nothing is moved");
    assert_string_equal(s->extent.own, "192.0.2.0/24");
    assert_int_equal(s->extent.own_lost, 1);
    run(&ear, 11000);  // by then what is configured stands
    assert_string_equal(last(&ear)->action, "192.0.2.0/24 is announced to a, b, c, d");
    own_prefix(&ear, false);
    run(&ear, 2000);
    assert_int_equal(last(&ear)->state, OUTAGE_WELL);
    assert_int_equal(s->extent.own_lost, 0);
    run(&ear, 100000);
    assert_int_equal(last(&ear)->state, OUTAGE_OVER);
    // A site that people took out of use: they want it so.
    uint32_t told = ear.count;
    own_want(s->engine,
             &(struct own_wish){{NET_OBJECT_SITE, 0, 0}, FAMILY_NONE, NET_STANCE_WITHHELD});
    own_prefix(&ear, true);
    run(&ear, 3000);
    assert_int_equal(ear.count, told);
    site_close(s);
}

static void a_drain_is_none(void **state)
{
    struct ear ear = {.site = site_open(7)};
    struct event asked = {
        .kind = EVENT_ASKED,
        .asked = {.what = ASKED_DRAIN, .who = "anna", .object = {NET_OBJECT_UPSTREAM, SITE_A, 0}}};
    (void)state;
    site_feed(ear.site, asked);
    run(&ear, 20000);
    assert_int_equal(ear.site->state, INCIDENT_HELD);
    assert_int_equal(ear.count, 0);
    site_close(ear.site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_with_proof_and_ends_when_all_is_over),
        cmocka_unit_test(tells_how_far_it_reaches),
        cmocka_unit_test(tells_to_which_targets),
        cmocka_unit_test(is_opened_by_a_named_fault),
        cmocka_unit_test(tells_what_turns_out_to_be_part_of_another),
        cmocka_unit_test(shows_why_and_what_is_beneath),
        cmocka_unit_test(shows_what_is_well),
        cmocka_unit_test(a_warning_waits_for_the_rest_of_it),
        cmocka_unit_test(what_is_drained_is_worked_on),
        cmocka_unit_test(an_own_prefix_in_no_table_is_an_outage),
        cmocka_unit_test(an_own_prefix_that_others_announce_is_an_outage),
        cmocka_unit_test(a_drain_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
