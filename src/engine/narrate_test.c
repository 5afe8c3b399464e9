// SPDX-License-Identifier: ISC
#include "engine/narrate.h"

#include "base/check.h"
#include "engine/event.h"
#include "engine/lifts.h"
#include "engine/small_alert.h"
#include "steer/drain.h"

#include <string.h>

#define V4                                                                                         \
    {                                                                                              \
        .address = {FAMILY_IPV4, {203, 0, 113}}, .length = 24                                      \
    }
#define MS(ms)                                                                                     \
    {                                                                                              \
        (ms) * INT64_C(1000000)                                                                    \
    }

#define INBOUND_OF(stage, verdict, stance, prefixes, approval)                                     \
    {                                                                                              \
        .kind = EFFECT_INBOUND,                                                                    \
        .inbound = {4, 0,      FAMILY_IPV4, stage, verdict,  stance, prefixes, "192.0.2.0/24",     \
                    1, 380000, 4000,        14100, approval, "why"},                               \
    }

// clang-format off
static const struct {
    const char *text;
    struct effect effect;
} rows[] = {
    {"", {.kind = EFFECT_NONE}},
    {"", {.kind = EFFECT_LEASE}},
    {"", {.kind = EFFECT_PLACE}},
    {"ready: all tables are complete, every path is measured, the quiet time is over",
     {.kind = EFFECT_READY}},
    {"letting go of everything: the routers choose for themselves", {.kind = EFFECT_RELEASE}},
    {"transit-a IPv4 loses 37.5 % of packets (24 of 64 within 0.72 s; forward 24, reverse 0; 3 of "
     "3 "
     "targets, 8 of 9 flows): harmless bursts do not explain it (25.1 of 24.2 nats); "
     "asked: wrong once in 10 years",
     {.kind = EFFECT_SIGNAL,
      .signal = {.kind = SIGNAL_CONFIRMED, .path = 0, .at = MS(1720), .began_at = MS(1000),
                 .evidence = {.samples = 64, .lost = 24, .lost_forward = 24, .targets_lossy = 3,
                              .targets = 3, .flows_lossy = 8, .flows = 9, .loss_ppm = 375000,
                              .burst_millinats = 25100, .burst_threshold_millinats = 24200,
                              .asked_s = 315576000}}}},
    {"the way that customers' packets go (IPv6) is suspected to lose 0.50 % of packets (1 of 200 "
     "within 2.00 s; 1 of 3 targets, 1 of 9 flows; 7 samples void): the detector for 5.0 % loss "
     "stands at 90, its alarm is at 88; asked: wrong once in 2 hours",
     {.kind = EFFECT_SIGNAL,
      .signal = {.kind = SIGNAL_SUSPECT, .path = 5, .at = MS(3000), .began_at = MS(1000),
                 .evidence = {.samples = 200, .lost = 1, .voided = 7, .targets_lossy = 1,
                              .targets = 3, .flows_lossy = 1, .flows = 9, .loss_ppm = 5000,
                              .member_ppm = 50000, .score = 90, .threshold = 88,
                              .asked_s = 7200}}}},
    {"transit-b IPv6 is good again",
     {.kind = EFFECT_SIGNAL, .signal = {.kind = SIGNAL_CLEAR, .path = 3}}},
    {"transit-b IPv4 gives no usable samples: nothing is known of it, and nothing is done about it",
     {.kind = EFFECT_SIGNAL, .signal = {.kind = SIGNAL_SILENT, .path = 2}}},
    {"transit-b IPv4 gives usable samples again",
     {.kind = EFFECT_SIGNAL, .signal = {.kind = SIGNAL_HEARD, .path = 2}}},
    {"incident 3, transit-a IPv4: held: it helped",
     {.kind = EFFECT_INCIDENT,
      .incident = {3, 0, INCIDENT_HELD, INCIDENT_VERIFY, "it helped"}}},
    {"plan: move 1 IPv4 prefix from transit-a to transit-b: at least 13.4 % is lost on transit-a, "
     "at "
     "most 0.64 % on transit-b, evidence against its peers 9.6 nats; a reason",
     {.kind = EFFECT_PLAN,
      .plan = {3, 0, 1, FAMILY_IPV4, PLAN_ACT, 1, 134000, 6400, 9600, "a reason", 0}}},
    {"advice: move 2 IPv6 prefixes from transit-b to transit-a: at least 100.0 % is lost on "
     "transit-b, at most 0.00 % on transit-a, evidence against its peers 15.0 nats; a reason",
     {.kind = EFFECT_PLAN,
      .plan = {3, 1, 0, FAMILY_IPV6, PLAN_ADVISE, 2, 1000000, 0, 15000, "a reason", 0}}},
    {"only looking: it would be right to move 2 IPv6 prefixes from transit-b to transit-a: at "
     "least "
     "50.0 % is lost on transit-b, at most 0.00 % on transit-a, evidence against its peers 15.0 "
     "nats; a reason",
     {.kind = EFFECT_PLAN,
      .plan = {3, 1, 0, FAMILY_IPV6, PLAN_OBSERVED, 2, 500000, 0, 15000, "a reason", 0}}},
    {"no move away from transit-a IPv6: a reason",
     {.kind = EFFECT_PLAN,
      .plan = {3, 0, NET_NOBODY, FAMILY_IPV6, PLAN_REFUSED, 0, 0, 0, 0, "a reason", 0}}},
    {"undo: take back 2 IPv4 prefixes from transit-b to transit-a: a reason",
     {.kind = EFFECT_PLAN, .plan = {3, 1, 0, FAMILY_IPV4, PLAN_UNDO, 2, 0, 0, 0, "a reason", 0}}},
    {"waits for approval: move 1 IPv4 prefix from transit-a to transit-b: at least 13.4 % is lost "
     "on transit-a, at most 0.64 % on transit-b, evidence against its peers 9.6 nats; a reason; "
     "fairlead approve 7",
     {.kind = EFFECT_PLAN,
      .plan = {3, 0, 1, FAMILY_IPV4, PLAN_CONFIRM, 1, 134000, 6400, 9600, "a reason", 7}}},
    {"plan: return 2 IPv4 prefixes from transit-b to transit-a: a reason: at most 0.65 % is lost "
     "there now",
     {.kind = EFFECT_PLAN,
      .plan = {3, 1, 0, FAMILY_IPV4, PLAN_RETURN, 2, 0, 6500, 0, "a reason", 0}}},
    {"",
     {.kind = EFFECT_ANNOUNCE, .override = {0, 1, V4, 3}}},
    {"",
     {.kind = EFFECT_WITHDRAW, .override = {1, 1, V4, 3}}},
    {"",
     {.kind = EFFECT_STANCE, .stance = {.announced = true}}},
    {"announced to edge1: 203.0.113.0/24, our own",
     {.kind = EFFECT_ACTED, .acted = {0, NET_NOBODY, V4, OVERRIDE_ANNOUNCED, ""}}},
    {"withdrawn from edge1: 203.0.113.0/24, our own: a person drains it",
     {.kind = EFFECT_ACTED,
      .acted = {0, NET_NOBODY, V4, OVERRIDE_WITHDRAWN, "a person drains it"}}},
    {"announced to edge1: 203.0.113.0/24 through transit-b",
     {.kind = EFFECT_ACTED, .acted = {0, 1, V4, OVERRIDE_ANNOUNCED, ""}}},
    {"withdrawn from edge1: 203.0.113.0/24 through transit-b: lease",
     {.kind = EFFECT_ACTED, .acted = {0, 1, V4, OVERRIDE_WITHDRAWN, "lease"}}},
    {"not announced to edge1: 203.0.113.0/24 through transit-b: S4: 200 of 200 routes",
     {.kind = EFFECT_ACTED, .acted = {0, 1, V4, OVERRIDE_REFUSED, "S4: 200 of 200 routes"}}},
    {"the BGP session with edge2 is complete for IPv6: End-of-RIB",
     {.kind = EFFECT_SESSION, .session = {1, SESSION_COMPLETE, FAMILY_IPV6, "End-of-RIB"}}},
    {"the BGP session with edge2 is down: hold timer",
     {.kind = EFFECT_SESSION, .session = {1, SESSION_DOWN, FAMILY_NONE, "hold timer"}}},
    {"the probe process is dead: killed by signal 9",
     {.kind = EFFECT_ROLE, .role = {ROLE_PROBE, ROLE_DEAD, "killed by signal 9"}}},
    {"alarm: own prefix withdrawn: 203.0.113.0/24 at edge1 192.0.2.1: was by AS 64501",
     {.kind = EFFECT_NOTICE,
      .notice = {NOTICE_OWN_WITHDRAWN, true, 0, V4, "edge1 192.0.2.1", .text = "was by AS 64501"}}},
    {"over after 1.5 s: own prefix withdrawn: 203.0.113.0/24 at edge1",
     {.kind = EFFECT_NOTICE, .at = MS(2500),
      .notice = {NOTICE_OWN_WITHDRAWN, false, 0, V4, "edge1", "", .since = MS(1000)}}},
    {"own prefix announced: 203.0.113.0/24 at edge2: by AS 64501",
     {.kind = EFFECT_NOTICE,
      .notice = {NOTICE_OWN_ANNOUNCED, true, 1, V4, .text = "by AS 64501"}}},
    {"warning: unusual churn at edge2: a text (17 such notices before it were left out)",
     {.kind = EFFECT_NOTICE,
      .notice = {NOTICE_CHURN, true, 1, .text = "a text", .dropped = 17}}},
    {"fault 3 named: transit-a IPv6, bucket 2 of 8: 100 % of 12 % of flows; IPv4 clean; 14.2 nats",
     {.kind = EFFECT_FAULT, .at = MS(2500),
      .fault = {3, FAULT_NAMED, FAULT_LOSS, MS(2500), MS(1000),
                .words = "transit-a IPv6, bucket 2 of 8: 100 % of 12 % of flows; IPv4 clean; "
                         "14.2 nats"}}},
    {"change CR-1 by anna (webhook) on edge1, edge2: BFD timers",
     {.kind = EFFECT_CHANGE,
      .change = {CHANGE_WEBHOOK, "CR-1", "anna", "BFD timers", {{3}}, 0, MS(1)}}},
    {"change 9fceb02 (git) on edge1 and 4 that Fairlead does not know",
     {.kind = EFFECT_CHANGE, .change = {CHANGE_GIT, "9fceb02", "", "", {{1}}, 4, MS(1)}}},
    {"change /x (etcd): 1 -> 2",
     {.kind = EFFECT_CHANGE, .change = {CHANGE_ETCD, "/x", "", "1 -> 2", {{0}}, 0, MS(1)}}},
    {"warning: change CR-1: edge2 is not as the others: bfd interval 15; the others have 150",
     {.kind = EFFECT_ODD,
      .odd = {CHANGE_WEBHOOK, "CR-1", {{2}}, "bfd interval 15; the others have 150"}}},
    {"fault 3 suspected: transit-a; or else edge1 (1.2 nats)",
     {.kind = EFFECT_FAULT, .fault = {3, FAULT_SUSPECTED, .words = "transit-a",
                                      .others = "edge1 (1.2 nats)"}}},
    {"fault 3 over after 1.5 s: transit-a",
     {.kind = EFFECT_FAULT,
      .fault = {3, FAULT_OVER, FAULT_LOSS, MS(2500), MS(1000), .words = "transit-a",
                .others = "edge1 (1.2 nats)"}}},
    {"hook drain-a (3): done: port 4 is shut",
     {.kind = EFFECT_HOOKED, .hooked = {0, 3, false, HOOK_DONE, "port 4 is shut"}}},
    {"hook drain-b back (3): took too long",
     {.kind = EFFECT_HOOKED, .hooked = {1, 3, true, HOOK_TIMED_OUT, ""}}},
    {"", {.kind = EFFECT_HOOK, .hook = {0, 3, false}}},
    {"plan: offer 1 IPv4 prefix of ours to transit-a as graceful (192.0.2.0/24): at least 38.0 % "
     "is lost on transit-a, at most 0.40 % on transit-b, evidence against its peers 14.1 nats; why",
     INBOUND_OF(INBOUND_PLANNED, PLAN_ACT, NET_STANCE_GRACEFUL, 1, 0)},
    {"waits for approval: offer 2 IPv4 prefixes of ours to transit-a as prepend (192.0.2.0/24): at "
     "least 38.0 % is lost on transit-a, at most 0.40 % on transit-b, evidence against its peers "
     "14.1 nats; why; fairlead approve 7",
     INBOUND_OF(INBOUND_PLANNED, PLAN_CONFIRM, NET_STANCE_PREPEND, 2, 7)},
    {"undo: offer 1 IPv4 prefix of ours to transit-a as usual (192.0.2.0/24): why",
     INBOUND_OF(INBOUND_PLANNED, PLAN_UNDO, NET_STANCE_GRACEFUL, 1, 0)},
    {"own prefixes are offered as before to transit-a IPv4: why",
     INBOUND_OF(INBOUND_PLANNED, PLAN_REFUSED, NET_STANCE_GRACEFUL, 1, 0)},
    {"own prefixes are offered otherwise to transit-a IPv4: why",
     INBOUND_OF(INBOUND_HEEDED, PLAN_ACT, NET_STANCE_GRACEFUL, 1, 0)},
    {"plan: hook drain-a takes router edge1 out of use: all is lost there",
     {.kind = EFFECT_REPAIR, .repair = {0, 3, PLAN_ACT, "all is lost there"}}},
    {"undo: hook drain-b brings router edge2 back into use: it did not help",
     {.kind = EFFECT_REPAIR, .repair = {1, 3, PLAN_UNDO, "it did not help"}}},
    {"what 2001:db8:53::/48 leads to is not well: status 1: connection refused",
     {.kind = EFFECT_HEALTH, .health = {1, false, "status 1: connection refused"}}},
    {"anna (uid 1000) asked for freeze: refused: frozen already",
     {.kind = EFFECT_ANSWERED,
      .answered = {ASKED_FREEZE, false, 0, 1000, "anna", "frozen already"}}},
    {"lift 3 of S9 for upstream transit-b, by anna: waits: a fire",
     {.kind = EFFECT_LIFT,
      .lift = {3, LIFT_S9, {NET_OBJECT_UPSTREAM, 1, 0}, LIFT_WAITS, "anna", "", "a fire"}}},
    {"lift 3 of S10 for router edge1, by anna and bert: over: its time is over",
     {.kind = EFFECT_LIFT,
      .lift = {3, LIFT_S10, {NET_OBJECT_ROUTER, 0, 0}, LIFT_OVER, "anna", "bert",
               "its time is over"}}},
    {"drain 3 of router edge2, for anna: safe: safe to work: 0.0 Mbit/s go by it",
     {.kind = EFFECT_DRAIN,
      .drain = {3, {NET_OBJECT_ROUTER, 1, 0}, DRAIN_SAFE, "anna",
                "safe to work: 0.0 Mbit/s go by it"}}},
    {"uid 7 (uid 7) asked for thaw: done: thawed",
     {.kind = EFFECT_ANSWERED, .answered = {ASKED_THAW, true, 0, 7, "uid 7", "thawed"}}},
    {"outage 2, major, open after 1.5 s: loss on transit-a ipv4 (2.0 % of all packets); cause: "
     "unknown; incident 4: acting: 3 prefixes",
     {.kind = EFFECT_OUTAGE, .at = MS(2500),
      .outage = {2, OUTAGE_OPEN, OUTAGE_MAJOR, MS(1000), 20000, "loss on transit-a ipv4",
                 "unknown", "incident 4: acting: 3 prefixes", 0}}},
    {"page 5 to ben by phone (again): loss",
     {.kind = EFFECT_PAGE,
      .page = {5, PAGE_AGAIN, 4, 1, 0, NET_NOBODY, OUTAGE_CRITICAL, "loss", 0}}},
    {"",
     {.kind = EFFECT_PAGE,
      .page = {6, PAGE_HEARTBEAT, 0, NET_NOBODY, 1, NET_NOBODY, OUTAGE_MINOR, "", 0}}},
    {"page 5 by mail: failed: 550 no",
     {.kind = EFFECT_DELIVERED, .delivered = {5, 1, DELIVERY_FAILED, "550 no"}}},
    {"", {.kind = EFFECT_RATE, .rate = {0, 1, 2, 0, 1, 3, 4, 5}}},
    {"", {.kind = EFFECT_FLOW, .flow = {.sent = 2}}},
    {"", {.kind = EFFECT_USE, .use = {1, 2, 3}}},
    {"", {.kind = EFFECT_EXTENT, .extent = {.number = 2}}},
    {"", {.kind = EFFECT_KEPT_FACT, .kept_fact = {.number = 2}}},
    {"", {.kind = EFFECT_KEPT_OUTAGE, .kept_outage = {.number = 2}}},
    {"", {.kind = EFFECT_PUBLISH, .publish = {0, 2, "anna", "we know"}}},
    {"alarm: policy rule beside the table",
     {.kind = EFFECT_NOTICE, .notice = {NOTICE_FIB_RULE, true, .router = NET_NOBODY}}},
};
// clang-format on

static void speaks_plainly(void **state)
{
    (void)state;
    struct net net = small_net();
    small_announce(&net);
    small_alert(&net);
    uint64_t seen = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        size_t length = narrate_effect(&net, &rows[i].effect, text, sizeof text);
        assert_string_equal(text, rows[i].text);
        CHECK_ROW(rows[i].text, length == strlen(text));
        seen |= UINT64_C(1) << rows[i].effect.kind;
    }
    assert_int_equal(seen, (UINT64_C(1) << EFFECT_KINDS) - 1);
}

static void stays_within_its_room(void **state)
{
    (void)state;
    struct net net = small_net();
    small_announce(&net);
    small_alert(&net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t size = 1; size <= strlen(rows[i].text); size++) {
            char text[512];
            memset(text, 'x', sizeof text);
            size_t length = narrate_effect(&net, &rows[i].effect, text, size);
            CHECK_ROW(rows[i].text, length == size - 1 && text[length] == '\0');
            CHECK_ROW(rows[i].text, strncmp(text, rows[i].text, length) == 0 && text[size] == 'x');
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speaks_plainly),
        cmocka_unit_test(stays_within_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
