// SPDX-License-Identifier: ISC
#include "engine/message.h"

#include "base/check.h"
#include "engine/lifts.h"
#include "engine/small_alert.h"
#include "steer/drain.h"

#include <string.h>

#define V4                                                                                         \
    {                                                                                              \
        .address = {FAMILY_IPV4, {203, 0, 113, 128}}, .length = 25                                 \
    }
#define V6                                                                                         \
    {                                                                                              \
        .address = {FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 0, 0xf}}, .length = 48                       \
    }
#define SIGNAL                                                                                     \
    {                                                                                              \
        .kind = SIGNAL_CONFIRMED, .path = 1, .at = {11}, .began_at = {-12}, .evidence = {          \
            .samples = 13,                                                                         \
            .lost = 14,                                                                            \
            .voided = 15,                                                                          \
            .lost_forward = 16,                                                                    \
            .lost_reverse = 17,                                                                    \
            .targets_lossy = 18,                                                                   \
            .targets = 19,                                                                         \
            .flows_lossy = 20,                                                                     \
            .flows = 21,                                                                           \
            .loss_ppm = 22,                                                                        \
            .member_ppm = 23,                                                                      \
            .score = 24,                                                                           \
            .threshold = 25,                                                                       \
            .burst_millinats = 26,                                                                 \
            .burst_threshold_millinats = 27,                                                       \
            .span_ns = 28,                                                                         \
            .rtt_p50_ns = 29,                                                                      \
            .asked_s = 30,                                                                         \
            .normal_ppm = 31,                                                                      \
            .burst_mean_ns = 32,                                                                   \
            .burst_apart_ns = 33                                                                   \
        }                                                                                          \
    }
#define SIGNAL_TEXT                                                                                \
    "\"signal\":\"confirmed\",\"path\":\"transit-a ipv6\",\"said_at_ns\":11,\"began_at_ns\":-12,"  \
    "\"samples\":13,\"lost\":14,\"voided\":15,\"lost_forward\":16,\"lost_reverse\":17,"            \
    "\"targets_lossy\":18,\"targets\":19,\"flows_lossy\":20,\"flows\":21,\"loss_ppm\":22,"         \
    "\"member_ppm\":23,\"score\":24,\"threshold\":25,\"burst_millinats\":26,"                      \
    "\"burst_threshold_millinats\":27,\"span_ns\":28,\"rtt_p50_ns\":29,\"asked_s\":30,"            \
    "\"normal_ppm\":31,\"burst_mean_ns\":32,\"burst_apart_ns\":33}"

#define NOTICE                                                                                     \
    {                                                                                              \
        .kind = NOTICE_FIB_RULE, .router = 1, .prefix = V6, .peer = "edge2 \x01",                  \
        .text = "rule 99", .count = 3, .total = 4, .since = {-5}, .dropped = 6                     \
    }
#define NOTICE_TEXT                                                                                \
    "\"notice\":\"fib_rule\",\"raised\":false,\"asked\":false,\"router\":\"edge2\",\"prefix\":"    \
    "\"2001:db8:f::/48\",\"peer\":\"edge2 \\u0001\",\"text\":\"rule 99\",\"count\":3,"             \
    "\"total\":4,\"since_ns\":-5,\"dropped\":6}"

#define FAULT                                                                                      \
    {                                                                                              \
        .number = 1, .state = FAULT_NAMED, .symptom = FAULT_TUPLES, .at = {-2}, .began_at = {-3},  \
        .part =                                                                                    \
            {                                                                                      \
                .family = FAMILY_IPV6,                                                             \
                .router = 1,                                                                       \
                .upstream = 1,                                                                     \
                .target = 2,                                                                       \
                .place = "Asia",                                                                   \
                .group = "ca",                                                                     \
                .member = "ca2",                                                                   \
                .link = "swp3",                                                                    \
                .hop = {FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 0, 0xf}},                                \
                .bucket = 13,                                                                      \
                .bucket_count = 16,                                                                \
                .dscp = 46,                                                                        \
                .size_bytes = 1500,                                                                \
                .protocol = NET_ICMP,                                                              \
                .direction = FAULT_REVERSE,                                                        \
            },                                                                                     \
        .evidence = {4, 5, 6, 7, 8, 9, 10, 11, 12}, .words = "a \"b\" caf\xc3\xa9",                \
        .others = "c (1.0 nats)"                                                                   \
    }
#define FAULT_TEXT                                                                                 \
    "\"number\":1,\"state\":\"named\",\"symptom\":\"tuples\",\"family\":\"ipv6\",\"router\":"      \
    "\"edge2\",\"upstream\":\"transit-b\",\"target\":\"far-3\",\"place\":\"Asia\",\"group\":"      \
    "\"ca\",\"member\":"                                                                           \
    "\"ca2\","                                                                                     \
    "\"link\":\"swp3\",\"hop\":\"2001:db8:f::\",\"bucket\":13,\"bucket_count\":16,\"dscp\":46,"    \
    "\"size_bytes\":1500,\"protocol\":\"icmp\",\"direction\":\"reverse\",\"samples\":4,\"lost\":"  \
    "5,"                                                                                           \
    "\"loss_ppm\":6,\"flows\":7,\"flows_lossy\":8,\"share_ppm\":9,\"odds_millinats\":10,"          \
    "\"asked_millinats\":11,\"delay_ns\":12,\"began_at_ns\":-3,\"said_at_ns\":-2,"                 \
    "\"words\":\"a \\\"b\\\" caf\xc3\xa9\",\"others\":\"c (1.0 nats)\"}"
// A part of which nothing is said is everything.
#define FAULT_ANYWHERE                                                                             \
    {                                                                                              \
        .part = {                                                                                  \
            .router = NET_NOBODY,                                                                  \
            .upstream = NET_NOBODY,                                                                \
            .target = NET_NOBODY,                                                                  \
            .bucket = FAULT_ANY,                                                                   \
            .bucket_count = FAULT_ANY,                                                             \
            .dscp = FAULT_ANY,                                                                     \
            .size_bytes = FAULT_ANY,                                                               \
            .protocol = FAULT_ANY                                                                  \
        }                                                                                          \
    }
#define FAULT_ANYWHERE_TEXT                                                                        \
    "\"number\":0,\"state\":\"suspected\",\"symptom\":\"loss\",\"family\":\"none\",\"router\":"    \
    "null,"                                                                                        \
    "\"upstream\":null,\"target\":null,\"place\":\"\",\"group\":\"\",\"member\":\"\",\"link\":"    \
    "\"\",\"hop\":null,"                                                                           \
    "\"bucket\":null,\"bucket_count\":null,\"dscp\":null,\"size_bytes\":null,\"protocol\":null,"   \
    "\"direction\":\"either\",\"samples\":0,\"lost\":0,\"loss_ppm\":0,\"flows\":0,"                \
    "\"flows_lossy\":0,\"share_ppm\":0,\"odds_millinats\":0,\"asked_millinats\":0,"                \
    "\"delay_ns\":0,\"began_at_ns\":0,\"said_at_ns\":0,\"words\":\"\",\"others\":\"\"}"

#define KEPT_FACT                                                                                  \
    {                                                                                              \
        .number = 7, .place = 2, .wall_ns = -3, .kind = FACT_CRASH, .at = {-4}, .last_at = {5},    \
        .device = "edge1", .who = "anna", .subject = "l2ald", .text = "a \"b\"", .odd = "15",      \
        .nodes = "edge1", .odd_nodes = "edge2", .count = 6, .standing = true, .rate_nhz = 400      \
    }
#define KEPT_FACT_TEXT                                                                             \
    "\"number\":7,\"place\":2,\"wall_ns\":-3,\"kind\":\"crash\",\"at_was_ns\":-4,\"last_at_ns"     \
    "\":5,\"device\":\"edge1\",\"who\":\"anna\",\"subject\":\"l2ald\",\"text\":\"a \\\"b\\\""      \
    "\",\"odd\":\"15\",\"nodes\":\"edge1\",\"odd_nodes\":\"edge2\",\"count\":6,\"standing\":t"     \
    "rue,\"unseen\":false,\"rate_nhz\":400}"
#define KEPT_OUTAGE                                                                                \
    {                                                                                              \
        .number = 7, .run_s = 8, .wall_ns = 9, .state = OUTAGE_MITIGATED, .share_ppm = 10,         \
        .severity = OUTAGE_MAJOR, .lost = true, .onset = {-11}, .lost_at = {-12}, .facts = 2,      \
        .warned_by = 1, .changed_by = 2, .paths = "transit-a ipv6*", .own = "192.0.2.0/24+",       \
        .nodes = "transit-a", .told = "anna", .title = "t", .cause = "c", .action = "a",           \
        .life = ALERT_ACKED, .round = 1, .round_at = {13}, .acked_until = {14}, .has_it = "anna"   \
    }
#define KEPT_OUTAGE_TEXT                                                                           \
    "\"number\":7,\"run_s\":8,\"wall_ns\":9,\"state\":\"mitigated\",\"share_ppm\":10,\"severi"     \
    "ty\":\"major\",\"lost\":true,\"onset_ns\":-11,\"lost_at_ns\":-12,\"bad_at_ns\":0,\"facts"     \
    "\":2,\"warned_by\":1,\"changed_by\":2,\"rolled_back_by\":0,\"paths\":\"transit-a ipv6*\""     \
    ",\"own\":\"192.0.2.0/"                                                                        \
    "24+\",\"foreign\":\"\",\"nodes\":\"transit-a\",\"told\":\"anna\",\"title\":\"t\",\"c"         \
    "ause\":\"c\",\"action\":\"a\",\"life\":\"acknowledged\",\"round\":1,\"round_at_ns\":13,"      \
    "\"acked_until_ns\":14,\"has_it\":\"anna\"}"

#define CHANGE                                                                                     \
    {                                                                                              \
        .source = CHANGE_GIT, .id = "CR-1", .who = "anna", .what = "a \"b\" caf\xc3\xa9",          \
        .devices = {{1 << 1}}, .others = 3, .done_at = {                                           \
            -4                                                                                     \
        }                                                                                          \
    }
#define CHANGE_TEXT                                                                                \
    "\"source\":\"git\",\"id\":\"CR-1\",\"who\":\"anna\",\"what\":\"a \\\"b\\\" caf\xc3\xa9\","    \
    "\"devices\":[\"edge2\"],\"others\":3,\"done_at_ns\":-4}"
#define ODD                                                                                        \
    {                                                                                              \
        .source = CHANGE_ETCD, .id = "/bfd", .devices = {{3}}, .what = "15; the others have 150"   \
    }
#define ODD_TEXT                                                                                   \
    "\"source\":\"etcd\",\"id\":\"/bfd\",\"devices\":[\"edge1\",\"edge2\"],"                       \
    "\"what\":\"15; the others have 150\"}"

// clang-format off
static const struct {
    const char *text;
    struct event event;
} events[] = {
    {"{\"event\":\"change\",\"at_ns\":8," CHANGE_TEXT,
     {.kind = EVENT_CHANGE, .at = {8}, .change = CHANGE}},
    {"{\"event\":\"odd\",\"at_ns\":8," ODD_TEXT, {.kind = EVENT_ODD, .at = {8}, .odd = ODD}},
    {"{\"event\":\"start\",\"at_ns\":1,\"wall_ns\":1466424603210000000,\"seed\":"
     "\"fedcba9876543210\"}",
     {.kind = EVENT_START, .at = {1}, .start = {{1466424603210000000}, 0xfedcba9876543210}}},
    {"{\"event\":\"tick\",\"at_ns\":9223372036854775807}", {.kind = EVENT_TICK, .at = {INT64_MAX}}},
    {"{\"event\":\"tick\",\"at_ns\":-9223372036854775808}",
     {.kind = EVENT_TICK, .at = {INT64_MIN}}},
    {"{\"event\":\"tally\",\"at_ns\":2,\"path\":\"as-routed "
     "ipv4\",\"target\":\"far-2\",\"ok\":3,\"lost\":4,"
     "\"voided\":5,\"lost_forward\":6,\"lost_reverse\":4294967295,\"late\":7,\"rtt_p50_ns\":8,"
     "\"oldest_ns\":9}",
     {.kind = EVENT_TALLY, .at = {2}, .tally = {4, 1, 3, 4, 5, 6, UINT32_MAX, 7, 8, 9}}},
    {"{\"event\":\"signal\",\"at_ns\":10," SIGNAL_TEXT,
     {.kind = EVENT_SIGNAL, .at = {10}, .signal = SIGNAL}},
    {"{\"event\":\"session\",\"at_ns\":3,\"router\":\"edge2\",\"state\":\"complete\",\"family\":"
     "\"ipv6\",\"reason\":\"a \\\"b\\\"\\u0001\"}",
     {.kind = EVENT_SESSION,
      .at = {3},
      .session = {1, SESSION_COMPLETE, FAMILY_IPV6, "a \"b\"\x01"}}},
    {"{\"event\":\"session\",\"at_ns\":3,\"router\":\"edge1\",\"state\":\"down\",\"family\":"
     "\"none\",\"reason\":\"hold timer\"}",
     {.kind = EVENT_SESSION, .at = {3}, .session = {0, SESSION_DOWN, FAMILY_NONE, "hold timer"}}},
    {"{\"event\":\"route\",\"at_ns\":4,\"router\":\"edge1\",\"upstream\":\"transit-b\",\"prefix\":"
     "\"203.0.113.128/25\",\"present\":true,\"best\":false}",
     {.kind = EVENT_ROUTE, .at = {4}, .route = {0, 1, V4, true, false}}},
    {"{\"event\":\"route\",\"at_ns\":4,\"router\":\"edge2\",\"upstream\":null,\"prefix\":\"2001:"
     "db8:f::/48\",\"present\":false,\"best\":true}",
     {.kind = EVENT_ROUTE, .at = {4}, .route = {1, NET_NOBODY, V6, false, true}}},
    {"{\"event\":\"override\",\"at_ns\":5,\"router\":\"edge2\",\"upstream\":\"transit-b\","
     "\"prefix\":\"2001:db8:f::/48\",\"state\":\"refused\",\"reason\":\"S4: 200 of 200 routes\"}",
     {.kind = EVENT_OVERRIDE,
      .at = {5},
      .override = {1, 1, V6, OVERRIDE_REFUSED, "S4: 200 of 200 routes"}}},
    {"{\"event\":\"role\",\"at_ns\":6,\"role\":\"web\",\"state\":\"sick\",\"reason\":\"\"}",
     {.kind = EVENT_ROLE, .at = {6}, .role = {ROLE_WEB, ROLE_SICK, ""}}},
    {"{\"event\":\"command\",\"at_ns\":7,\"command\":\"stop\"}",
     {.kind = EVENT_COMMAND, .at = {7}, .command = COMMAND_STOP}},
    {"{\"event\":\"notice\",\"at_ns\":8," NOTICE_TEXT,
     {.kind = EVENT_NOTICE, .at = {8}, .notice = NOTICE}},
    {"{\"event\":\"notice\",\"at_ns\":8,\"notice\":\"own_announced\",\"raised\":true,"
     "\"asked\":false,"
     "\"router\":null,\"prefix\":null,\"peer\":\"\",\"text\":\"\",\"count\":0,\"total\":0,"
     "\"since_ns\":0,\"dropped\":0}",
     {.kind = EVENT_NOTICE, .at = {8}, .notice = {.raised = true, .router = NET_NOBODY}}},
    {"{\"event\":\"fault\",\"at_ns\":8," FAULT_TEXT,
     {.kind = EVENT_FAULT, .at = {8}, .fault = FAULT}},
    {"{\"event\":\"fault\",\"at_ns\":8," FAULT_ANYWHERE_TEXT,
     {.kind = EVENT_FAULT, .at = {8}, .fault = FAULT_ANYWHERE}},
    {"{\"event\":\"use\",\"at_ns\":9,\"upstream\":\"transit-b\",\"out_bps\":9223372036854775807,"
     "\"in_bps\":-1}",
     {.kind = EVENT_USE, .at = {9}, .use = {1, INT64_MAX, -1}}},
    {"{\"event\":\"demand\",\"at_ns\":9,\"prefix\":\"2001:db8:f::/48\",\"bps\":123}",
     {.kind = EVENT_DEMAND, .at = {9}, .demand = {V6, 123}}},
    {"{\"event\":\"demand\",\"at_ns\":9,\"prefix\":\"203.0.113.128/25\",\"bps\":0}",
     {.kind = EVENT_DEMAND, .at = {9}, .demand = {V4, 0}}},
    {"{\"event\":\"hook\",\"at_ns\":9,\"hook\":\"drain-a\",\"number\":7,\"undo\":true,\"state\":"
     "\"timed_out\",\"reason\":\"ssh: no route\"}",
     {.kind = EVENT_HOOK, .at = {9}, .hook = {0, 7, true, HOOK_TIMED_OUT, "ssh: no route"}}},
    {"{\"event\":\"hook\",\"at_ns\":9,\"hook\":\"drain-b\",\"number\":0,\"undo\":false,\"state\":"
     "\"stands\",\"reason\":\"it ran at 9\"}",
     {.kind = EVENT_HOOK, .at = {9}, .hook = {1, 0, false, HOOK_STANDS, "it ran at 9"}}},
    {"{\"event\":\"hook\",\"at_ns\":9,\"hook\":\"drain-b\",\"number\":0,\"undo\":false,\"state\":"
     "\"started\",\"reason\":\"\"}",
     {.kind = EVENT_HOOK, .at = {9}, .hook = {1, 0, false, HOOK_STARTED, ""}}},
    {"{\"event\":\"health\",\"at_ns\":9,\"announced\":\"2001:db8:53::/48\","
     "\"healthy\":false,\"reason\":\"status 1\"}",
     {.kind = EVENT_HEALTH, .at = {9}, .health = {1, false, "status 1"}}},
    {"{\"event\":\"asked\",\"at_ns\":8,\"what\":\"thaw\",\"uid\":4294967295,\"who\":\"anna\","
     "\"object\":null,\"until_ns\":0,\"number\":0,\"run\":0,\"reason\":\"caf\xc3\xa9\"}",
     {.kind = EVENT_ASKED,
      .at = {8},
      .asked = {ASKED_THAW, UINT32_MAX, "anna", {NET_OBJECT_KINDS, 0, 0}, {0}, 0, 0,
                "caf\xc3\xa9"}}},
    {"{\"event\":\"asked\",\"at_ns\":8,\"what\":\"drain\",\"uid\":7,\"who\":\"anna\",\"object\":"
     "\"router edge2\",\"until_ns\":9,\"number\":8,\"run\":6,\"reason\":\"\"}",
     {.kind = EVENT_ASKED,
      .at = {8},
      .asked = {ASKED_DRAIN, 7, "anna", {NET_OBJECT_ROUTER, 1, 0}, {9}, 8, 6, ""}}},
    {"{\"event\":\"maintenance\",\"at_ns\":8,\"id\":\"carrier/1\",\"sequence\":3,\"object\":"
     "\"upstream transit-b\",\"from_ns\":-9,\"until_ns\":9,\"over\":false,\"hurts\":true,"
     "\"uid\":7,\"who\":\"anna\",\"text\":\"fibre works\"}",
     {.kind = EVENT_MAINTENANCE,
      .at = {8},
      .maintenance = {"carrier/1", 3, {NET_OBJECT_UPSTREAM, 1, 0}, {-9}, {9}, false, true, 7,
                      "anna", "fibre works"}}},
    {"{\"event\":\"zone\",\"at_ns\":1,\"team\":\"network\",\"wall_ns\":2,\"changes_at_s\":-3,"
     "\"offset_s\":-3600}",
     {.kind = EVENT_ZONE, .at = {1}, .zone = {0, {2}, -3, -3600}}},
    {"{\"event\":\"delivery\",\"at_ns\":1,\"page\":1717986918400,\"channel\":\"mail\",\"state\":"
     "\"failed\",\"reason\":\"550 no\"}",
     {.kind = EVENT_DELIVERY,
      .at = {1},
      .delivery = {1717986918400, 1, DELIVERY_FAILED, "550 no"}}},
    {"{\"event\":\"rate\",\"at_ns\":1,\"path\":\"transit-b ipv6\",\"ok\":4294967295,\"lost\":2,"
     "\"lost_forward\":1,\"lost_reverse\":0,\"rtt_p50_ns\":3,\"rtt_p90_ns\":4,\"rtt_p99_ns\":5}",
     {.kind = EVENT_RATE, .at = {1}, .rate = {3, UINT32_MAX, 2, 1, 0, 3, 4, 5}}},
    {"{\"event\":\"origin\",\"at_ns\":1,\"target\":\"far-2\",\"family\":\"ipv6\",\"asn\":65100}",
     {.kind = EVENT_ORIGIN, .at = {1}, .origin = {1, FAMILY_IPV6, 65100}}},
    {"{\"event\":\"kept_fact\",\"at_ns\":1," KEPT_FACT_TEXT,
     {.kind = EVENT_KEPT_FACT, .at = {1}, .kept_fact = KEPT_FACT}},
    {"{\"event\":\"kept_outage\",\"at_ns\":1," KEPT_OUTAGE_TEXT,
     {.kind = EVENT_KEPT_OUTAGE, .at = {1}, .kept_outage = KEPT_OUTAGE}},
    {"{\"event\":\"kept_end\",\"at_ns\":1}", {.kind = EVENT_KEPT_END, .at = {1}}},
    {"{\"event\":\"frozen\",\"at_ns\":1,\"why\":\"anna since t1: core change\"}",
     {.kind = EVENT_FROZEN, .at = {1}, .frozen = {"anna since t1: core change"}}},
    {"{\"event\":\"flow\","
     "\"at_ns\":1,\"path\":\"transit-b ipv6\",\"target\":\"far-2\",\"source\":null,"
     "\"destination\":null,\"protocol\":\"icmp\",\"source_port\":1,\"destination_port\":2,"
     "\"label\":3,\"sent\":4,\"lost\":3,\"lost_forward\":2,\"lost_reverse\":1,\"span_ns\":5,"
     "\"hops\":\"192.0.2.1 2001:db8::1\"}",
     {.kind = EVENT_FLOW,
      .at = {1},
      .flow = {3, 1, {0}, {0}, NET_ICMP, 1, 2, 3, 4, 3, 2, 1, 5, "192.0.2.1 2001:db8::1"}}},
};

static const struct {
    const char *text;
    struct effect effect;
} effects[] = {
    {"{\"effect\":\"announce\",\"at_ns\":1,\"router\":\"edge1\",\"upstream\":\"transit-b\","
     "\"prefix\":\"203.0.113.128/25\",\"incident\":2}",
     {.kind = EFFECT_ANNOUNCE, .at = {1}, .override = {0, 1, V4, 2}}},
    {"{\"effect\":\"withdraw\",\"at_ns\":1,\"router\":\"edge2\",\"upstream\":\"transit-a\","
     "\"prefix\":\"2001:db8:f::/48\",\"incident\":3}",
     {.kind = EFFECT_WITHDRAW, .at = {1}, .override = {1, 0, V6, 3}}},
    {"{\"effect\":\"release\",\"at_ns\":1}", {.kind = EFFECT_RELEASE, .at = {1}}},
    {"{\"effect\":\"lease\",\"at_ns\":1}", {.kind = EFFECT_LEASE, .at = {1}}},
    {"{\"effect\":\"stance\",\"at_ns\":1,\"router\":\"edge2\",\"own\":\"2001:db8:53::/48\","
     "\"announced\":true,\"prepend\":[],\"graceful\":[\"transit-a\",\"transit-b\"],"
     "\"withheld\":[]}",
     {.kind = EFFECT_STANCE, .at = {1}, .stance = {1, 1, true, 0, 3, 0}}},
    {"{\"effect\":\"stance\",\"at_ns\":1,\"router\":\"edge1\",\"own\":\"192.0.2.0/24\","
     "\"announced\":false,\"prepend\":[\"transit-b\"],\"graceful\":[],"
     "\"withheld\":[\"transit-a\"]}",
     {.kind = EFFECT_STANCE, .at = {1}, .stance = {0, 0, false, 2, 0, 1}}},
    {"{\"effect\":\"place\",\"at_ns\":1,\"prefix\":\"203.0.113.128/25\","
     "\"instead\":\"2001:db8:f::/48\"}",
     {.kind = EFFECT_PLACE, .at = {1}, .place = {V4, V6}}},
    {"{\"effect\":\"ready\",\"at_ns\":1}", {.kind = EFFECT_READY, .at = {1}}},
    {"{\"effect\":\"signal\",\"at_ns\":10," SIGNAL_TEXT,
     {.kind = EFFECT_SIGNAL, .at = {10}, .signal = SIGNAL}},
    {"{\"effect\":\"incident\",\"at_ns\":1,\"incident\":2,\"path\":\"transit-b "
     "ipv4\",\"state\":\"held\",\"before\":\"verify\",\"reason\":\"it helped\"}",
     {.kind = EFFECT_INCIDENT,
      .at = {1},
      .incident = {2, 2, INCIDENT_HELD, INCIDENT_VERIFY, "it helped"}}},
    {"{\"effect\":\"plan\",\"at_ns\":1,\"incident\":2,\"from\":\"transit-a\",\"to\":null,"
     "\"family\":\"ipv4\",\"verdict\":\"refused\",\"prefixes\":3,\"loss_from_ppm\":4,\"loss_to_"
     "ppm\":5,\"approval\":7,\"relative_millinats\":6,\"reason\":\"no other way\"}",
     {.kind = EFFECT_PLAN,
      .at = {1},
      .plan = {2, 0, NET_NOBODY, FAMILY_IPV4, PLAN_REFUSED, 3, 4, 5, 6, "no other way", 7}}},
    {"{\"effect\":\"acted\",\"at_ns\":1,\"router\":\"edge1\",\"upstream\":\"transit-b\",\"prefix\":"
     "\"203.0.113.128/25\",\"state\":\"announced\",\"reason\":\"\"}",
     {.kind = EFFECT_ACTED, .at = {1}, .acted = {0, 1, V4, OVERRIDE_ANNOUNCED, ""}}},
    {"{\"effect\":\"session\",\"at_ns\":1,\"router\":\"edge2\",\"state\":\"up\",\"family\":"
     "\"none\",\"reason\":\"\"}",
     {.kind = EFFECT_SESSION, .at = {1}, .session = {1, SESSION_UP, FAMILY_NONE, ""}}},
    {"{\"effect\":\"role\",\"at_ns\":1,\"role\":\"probe\",\"state\":\"dead\",\"reason\":\"signal "
     "9\"}",
     {.kind = EFFECT_ROLE, .at = {1}, .role = {ROLE_PROBE, ROLE_DEAD, "signal 9"}}},
    {"{\"effect\":\"notice\",\"at_ns\":1," NOTICE_TEXT,
     {.kind = EFFECT_NOTICE, .at = {1}, .notice = NOTICE}},
    {"{\"effect\":\"fault\",\"at_ns\":8," FAULT_TEXT,
     {.kind = EFFECT_FAULT, .at = {8}, .fault = FAULT}},
    {"{\"effect\":\"hook\",\"at_ns\":1,\"hook\":\"drain-b\",\"number\":4,\"undo\":true}",
     {.kind = EFFECT_HOOK, .at = {1}, .hook = {1, 4, true}}},
    {"{\"effect\":\"hooked\",\"at_ns\":1,\"hook\":\"drain-a\",\"number\":4,\"undo\":false,"
     "\"state\":\"failed\",\"reason\":\"status 3\"}",
     {.kind = EFFECT_HOOKED, .at = {1}, .hooked = {0, 4, false, HOOK_FAILED, "status 3"}}},
    {"{\"effect\":\"inbound\",\"at_ns\":1,\"incident\":4,\"upstream\":\"transit-a\","
     "\"family\":\"ipv6\",\"stage\":\"heeded\",\"verdict\":\"act\",\"stance\":\"graceful\","
     "\"prefixes\":1,\"own\":\"2001:db8:53::/48\",\"to\":null,\"loss_ppm\":380000,"
     "\"loss_to_ppm\":5000,\"relative_millinats\":14100,\"approval\":7,\"reason\":\"800 to 9\"}",
     {.kind = EFFECT_INBOUND,
      .at = {1},
      .inbound = {4, 0, FAMILY_IPV6, INBOUND_HEEDED, PLAN_ACT, NET_STANCE_GRACEFUL, 1,
                  "2001:db8:53::/48", NET_NOBODY, 380000, 5000, 14100, 7, "800 to 9"}}},
    {"{\"effect\":\"repair\",\"at_ns\":1,\"hook\":\"drain-a\",\"number\":4,\"verdict\":\"act\","
     "\"reason\":\"ca2\"}",
     {.kind = EFFECT_REPAIR, .at = {1}, .repair = {0, 4, PLAN_ACT, "ca2"}}},
    {"{\"effect\":\"health\",\"at_ns\":1,\"announced\":\"192.0.2.0/24\","
     "\"healthy\":true,\"reason\":\"\"}",
     {.kind = EFFECT_HEALTH, .at = {1}, .health = {0, true, ""}}},
    {"{\"effect\":\"answered\",\"at_ns\":8,\"what\":\"freeze\",\"done\":true,\"number\":3,"
     "\"uid\":1000,\"who\":\"anna\",\"text\":\"frozen\"}",
     {.kind = EFFECT_ANSWERED,
      .at = {8},
      .answered = {ASKED_FREEZE, true, 3, 1000, "anna", "frozen"}}},
    {"{\"effect\":\"lift\",\"at_ns\":8,\"number\":3,\"rule\":\"S9\",\"object\":"
     "\"upstream transit-b\",\"state\":\"in_force\",\"first\":\"anna\",\"second\":\"bert\","
     "\"text\":\"for 60 min\"}",
     {.kind = EFFECT_LIFT,
      .at = {8},
      .lift = {3, LIFT_S9, {NET_OBJECT_UPSTREAM, 1, 0}, LIFT_IN_FORCE, "anna", "bert",
               "for 60 min"}}},
    {"{\"effect\":\"drain\",\"at_ns\":8,\"number\":3,\"object\":\"site\",\"state\":\"safe\","
     "\"who\":\"anna\",\"text\":\"safe to work\"}",
     {.kind = EFFECT_DRAIN,
      .at = {8},
      .drain = {3, {NET_OBJECT_SITE, 0, 0}, DRAIN_SAFE, "anna", "safe to work"}}},
    {"{\"effect\":\"outage\",\"at_ns\":8,\"number\":2,\"state\":\"mitigated\",\"severity\":"
     "\"major\",\"onset_ns\":5,\"share_ppm\":20000,\"title\":\"loss on transit-a ipv4\","
     "\"cause\":\"unknown\",\"action\":\"moved\",\"part_of\":1}",
     {.kind = EFFECT_OUTAGE,
      .at = {8},
      .outage = {2, OUTAGE_MITIGATED, OUTAGE_MAJOR, {5}, 20000, "loss on transit-a ipv4", "unknown",
                 "moved", 1}}},
    {"{\"effect\":\"change\",\"at_ns\":8," CHANGE_TEXT,
     {.kind = EFFECT_CHANGE, .at = {8}, .change = CHANGE}},
    {"{\"effect\":\"odd\",\"at_ns\":8," ODD_TEXT,
     {.kind = EFFECT_ODD, .at = {8}, .odd = ODD}},
    {"{\"effect\":\"page\",\"at_ns\":1,\"page\":5,\"kind\":\"again\",\"outage\":4,\"person\":"
     "\"ben\",\"channel\":\"phone\",\"way\":\"transit-b\","
     "\"severity\":\"critical\",\"text\":\"loss\",\"run_s\":7}",
     {.kind = EFFECT_PAGE,
      .at = {1},
      .page = {5, PAGE_AGAIN, 4, 1, 0, 1, OUTAGE_CRITICAL, "loss", 7}}},
    {"{\"effect\":\"page\",\"at_ns\":1,\"page\":6,\"kind\":\"heartbeat\",\"outage\":0,\"person\":"
     "null,\"channel\":\"mail\",\"way\":null,\"severity\":\"minor\",\"text\":\"\",\"run_s\":8}",
     {.kind = EFFECT_PAGE,
      .at = {1},
      .page = {6, PAGE_HEARTBEAT, 0, NET_NOBODY, 1, NET_NOBODY, OUTAGE_MINOR, "", 8}}},
    {"{\"effect\":\"delivered\",\"at_ns\":1,\"page\":5,\"channel\":\"phone\",\"state\":\"sent\","
     "\"reason\":\"\"}",
     {.kind = EFFECT_DELIVERED, .at = {1}, .delivered = {5, 0, DELIVERY_SENT, ""}}},
    {"{\"effect\":\"rate\",\"at_ns\":1,\"path\":\"transit-a ipv4\",\"ok\":1,\"lost\":2,"
     "\"lost_forward\":0,\"lost_reverse\":1,\"rtt_p50_ns\":3,\"rtt_p90_ns\":4,\"rtt_p99_ns\":5}",
     {.kind = EFFECT_RATE, .at = {1}, .rate = {0, 1, 2, 0, 1, 3, 4, 5}}},
    {"{\"effect\":\"flow\","
     "\"at_ns\":1,\"path\":\"transit-b ipv6\",\"target\":\"far-2\",\"source\":null,"
     "\"destination\":null,\"protocol\":\"icmp\",\"source_port\":1,\"destination_port\":2,"
     "\"label\":3,\"sent\":4,\"lost\":3,\"lost_forward\":2,\"lost_reverse\":1,\"span_ns\":5,"
     "\"hops\":\"\"}",
     {.kind = EFFECT_FLOW,
      .at = {1},
      .flow = {3, 1, {0}, {0}, NET_ICMP, 1, 2, 3, 4, 3, 2, 1, 5, ""}}},
    {"{\"effect\":\"use\",\"at_ns\":1,\"upstream\":\"transit-b\",\"out_bps\":2,\"in_bps\":3}",
     {.kind = EFFECT_USE, .at = {1}, .use = {1, 2, 3}}},
    {"{\"effect\":\"extent\",\"at_ns\":1,\"number\":2,\"share_ppm\":3,\"traffic_known\":true,"
     "\"hit_ipv4\":[\"transit-a\"],\"hit_ipv6\":[],\"ever_ipv4\":[\"transit-a\",\"transit-b\"],"
     "\"ever_ipv6\":[\"transit-b\"],\"routed_ipv4_ppm\":4,\"routed_ipv6_ppm\":null,\"moved\":5,"
     "\"destinations\":\"DE: 1 of 2\",\"own_lost\":1,\"own\":\"192.0.2.0/24\",\"foreign_now\":2,"
     "\"foreign\":\"::/0\"}",
     {.kind = EFFECT_EXTENT,
      .at = {1},
      .extent = {2, 3, true, 1, 0, 3, 2, 4, -1, 5, "DE: 1 of 2", 1, "192.0.2.0/24", 2, "::/0"}}},
    {"{\"effect\":\"publish\",\"at_ns\":1,\"run\":3,\"number\":2,\"who\":\"anna\","
     "\"note\":\"we know\"}",
     {.kind = EFFECT_PUBLISH, .at = {1}, .publish = {3, 2, "anna", "we know"}}},
    {"{\"effect\":\"kept_fact\",\"at_ns\":1," KEPT_FACT_TEXT,
     {.kind = EFFECT_KEPT_FACT, .at = {1}, .kept_fact = KEPT_FACT}},
    {"{\"effect\":\"kept_outage\",\"at_ns\":1," KEPT_OUTAGE_TEXT,
     {.kind = EFFECT_KEPT_OUTAGE, .at = {1}, .kept_outage = KEPT_OUTAGE}},
};

// clang-format on

enum {
    EVENT_ROWS = sizeof events / sizeof events[0],
    EFFECT_ROWS = sizeof effects / sizeof effects[0]
};

static struct net own_net(void)
{
    struct net net = small_net();
    small_alert(&net);
    net.announce_count = 2;
    net.announce[0].prefix = small_prefix("192.0.2.0/24");
    net.announce[1].prefix = small_prefix("2001:db8:53::/48");
    return net;
}

static void writes_and_reads_every_kind(void **state)
{
    (void)state;
    struct net net = own_net();
    char text[MESSAGE_MAX], why[96];
    uint64_t events_seen = 0, effects_seen = 0;
    for (size_t i = 0; i < EVENT_ROWS; i++) {
        struct event event;
        size_t size = message_from_event(&net, &events[i].event, text, sizeof text);
        CHECK_ROW(text, size == strlen(text) && strcmp(text, events[i].text) == 0);
        CHECK_ROW(text, message_to_event(&net, text, size, &event, why));
        CHECK_ROW(text, message_from_event(&net, &event, text, sizeof text) == size);
        CHECK_ROW(text, strcmp(text, events[i].text) == 0);
        events_seen |= UINT64_C(1) << event.kind;
    }
    for (size_t i = 0; i < EFFECT_ROWS; i++) {
        struct effect effect;
        size_t size = message_from_effect(&net, &effects[i].effect, text, sizeof text);
        CHECK_ROW(text, size == strlen(text) && strcmp(text, effects[i].text) == 0);
        CHECK_ROW(text, message_to_effect(&net, text, size, &effect, why));
        CHECK_ROW(text, message_from_effect(&net, &effect, text, sizeof text) == size);
        CHECK_ROW(text, strcmp(text, effects[i].text) == 0);
        effects_seen |= UINT64_C(1) << effect.kind;
    }
    assert_int_equal(events_seen, (UINT64_C(1) << EVENT_KINDS) - 2);  // all but EVENT_NONE
    assert_int_equal(effects_seen, (UINT64_C(1) << EFFECT_KINDS) - 2);
}

static void refuses_cut_messages(void **state)
{
    (void)state;
    struct net net = own_net();
    struct event event;
    struct effect effect;
    char why[96];
    for (size_t i = 0; i < EVENT_ROWS; i++)
        for (size_t size = 0; size < strlen(events[i].text); size++)
            CHECK_ROW(events[i].text, !message_to_event(&net, events[i].text, size, &event, why));
    for (size_t i = 0; i < EFFECT_ROWS; i++)
        for (size_t size = 0; size < strlen(effects[i].text); size++)
            CHECK_ROW(effects[i].text,
                      !message_to_effect(&net, effects[i].text, size, &effect, why));
}

static void bounds_its_size(void **state)
{
    (void)state;
    struct net net = own_net();
    char text[MESSAGE_MAX], why[96], spaces[MESSAGE_MAX];
    struct event event;
    for (size_t i = 0; i < EVENT_ROWS; i++) {
        size_t size = strlen(events[i].text);
        CHECK_ROW(events[i].text, message_from_event(&net, &events[i].event, text, size) == 0);
        CHECK_ROW(events[i].text,
                  message_from_event(&net, &events[i].event, text, size + 1) == size);
    }
    memset(spaces, ' ', sizeof spaces);
    memcpy(spaces, events[1].text, strlen(events[1].text));
    assert_true(message_to_event(&net, spaces, MESSAGE_MAX - 1, &event, why));
    assert_false(message_to_event(&net, spaces, MESSAGE_MAX, &event, why));
    assert_string_equal(why, "3072 bytes, at most 3071");
}

// The longest texts, escaped six-fold, still fit; bytes that are not UTF-8 do not stop a message.
static void carries_hostile_texts(void **state)
{
    (void)state;
    struct net net = own_net();
    char text[MESSAGE_MAX], why[96];
    struct effect plan = effects[10].effect, back;
    memset(plan.plan.reason, 1, sizeof plan.plan.reason - 1);
    size_t size = message_from_effect(&net, &plan, text, sizeof text);
    assert_true(size > 0 && message_to_effect(&net, text, size, &back, why));
    assert_string_equal(back.plan.reason, plan.plan.reason);
    struct effect role = {.kind = EFFECT_ROLE, .role = {.reason = "caf\xe9 \xc3\xa9"}};
    struct event notice = {.kind = EVENT_NOTICE, .notice = {.prefix = V6}}, again;
    memset(notice.notice.peer, 1, sizeof notice.notice.peer - 1);
    memset(notice.notice.text, 1, sizeof notice.notice.text - 1);
    notice.notice.count = notice.notice.total = notice.notice.dropped = UINT32_MAX;
    notice.at.ns = notice.notice.since.ns = INT64_MIN;
    size = message_from_event(&net, &notice, text, sizeof text);
    assert_true(size > 0 && message_to_event(&net, text, size, &again, why));
    assert_string_equal(again.notice.text, notice.notice.text);
    struct event fault = {.kind = EVENT_FAULT, .fault = FAULT_ANYWHERE}, same;
    memset(fault.fault.words, '"', sizeof fault.fault.words - 1);
    memset(fault.fault.others, '\\', sizeof fault.fault.others - 1);
    memset(fault.fault.part.group, '"', sizeof fault.fault.part.group - 1);
    memset(fault.fault.part.member, '"', sizeof fault.fault.part.member - 1);
    memset(fault.fault.part.link, 1, sizeof fault.fault.part.link - 1);
    size = message_from_event(&net, &fault, text, sizeof text);
    assert_true(size > 0 && message_to_event(&net, text, size, &same, why));
    assert_string_equal(same.fault.words, fault.fault.words);
    assert_string_equal(same.fault.others, fault.fault.others);
    assert_string_equal(same.fault.part.link, "???????????????????????????????");
    struct event change = {.kind = EVENT_CHANGE, .change = {.others = UINT32_MAX}}, told;
    memset(change.change.id, '"', sizeof change.change.id - 1);
    memset(change.change.who, 1, sizeof change.change.who - 1);
    memset(change.change.what, '\\', sizeof change.change.what - 1);
    change.at.ns = change.change.done_at.ns = INT64_MIN;
    net.syslog.device_count = CHANGE_DEVICES_MAX;
    for (uint32_t i = 0; i < CHANGE_DEVICES_MAX; i++) {
        snprintf(net.syslog.devices[i].name, NET_NAME_MAX, "%031u", i);
        net_devices_add(&change.change.devices, NET_ROUTERS_MAX + i);
    }
    size = message_from_event(&net, &change, text, sizeof text);
    assert_true(size > 0 && message_to_event(&net, text, size, &told, why));
    assert_true(net_devices_equal(&told.change.devices, &change.change.devices));
    assert_string_equal(told.change.what, change.change.what);
    size = message_from_effect(&net, &role, text, sizeof text);
    assert_true(size > 0 && message_to_effect(&net, text, size, &back, why));
    assert_string_equal(back.role.reason, "caf? ??");
}

// What names nothing is never written.
static void refuses_bad_structs(void **state)
{
    (void)state;
    struct net net = own_net();
    char text[MESSAGE_MAX];
    const struct event rows[] = {
        {.kind = EVENT_NONE},
        {.kind = EVENT_KINDS},
        {.kind = EVENT_TALLY, .tally = {.path = 6}},
        {.kind = EVENT_TALLY, .tally = {.target = 3}},
        {.kind = EVENT_ROUTE, .route = {.router = 2, .prefix = V4}},
        {.kind = EVENT_ROUTE, .route = {.upstream = 2, .prefix = V4}},
        {.kind = EVENT_ROUTE},
        {.kind = EVENT_SESSION, .session = {.state = SESSION_STATES}},
        {.kind = EVENT_COMMAND, .command = COMMANDS},
        {.kind = EVENT_NOTICE, .notice = {.kind = NOTICE_KINDS}},
        {.kind = EVENT_NOTICE, .notice = {.router = 2}},
        {.kind = EVENT_USE, .use = {.upstream = 2}},
        {.kind = EVENT_DEMAND, .demand = {.bps = 1}},
        {.kind = EVENT_CHANGE, .change = {.source = CHANGE_SOURCES}},
        {.kind = EVENT_CHANGE, .change = {.devices = {{1 << 2}}}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(message_from_event(&net, &rows[i], text, sizeof text), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_every_kind),
        cmocka_unit_test(refuses_cut_messages),
        cmocka_unit_test(bounds_its_size),
        cmocka_unit_test(carries_hostile_texts),
        cmocka_unit_test(refuses_bad_structs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
