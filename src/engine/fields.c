// SPDX-License-Identifier: ISC
#include "engine/fields.h"

#include "engine/fields_inside.h"
#include "engine/lifts.h"
#include "steer/drain.h"

static const char *const signals[SIGNAL_KINDS] = {"suspect", "confirmed", "clear", "silent",
                                                  "heard"};
static const char *const commands[COMMANDS] = {"freeze", "thaw", "stop", "withdraw"};
const char *const fields_fault_directions[FAULT_DIRECTIONS] = {"either", "forward", "reverse"};
static const char *const pasts[ASK_PASTS] = {"outages", "facts",      "rates",
                                             "flows",   "postmortem", "evidence"};
static const char *const families[FAMILIES] = {"none", "ipv4", "ipv6"};

const char *const fields_asked[ANSWERED_KINDS] = {
    "freeze", "thaw",   "drain", "undrain", "approve", "withdraw_all",
    "lift",   "unlift", "stop",  "ack",     "publish", "maintenance"};
const char *const fields_session_states[SESSION_STATES] = {"down", "up", "complete"};
const char *const fields_override_states[OVERRIDE_STATES] = {"announced", "withdrawn", "refused",
                                                             "taken",     "not_taken", "untold"};
const char *const fields_roles[ROLES] = {"probe", "route",  "ingest", "hook", "web",
                                         "audit", "notify", "store",  "shell"};
const char *const fields_role_states[ROLE_STATES] = {"alive", "sick", "dead"};
const char *const fields_hook_states[HOOK_STATES] = {"started", "done", "failed", "timed_out",
                                                     "stands"};
const char *const fields_delivery_states[DELIVERY_STATES] = {"kept", "sent", "failed"};
const char *const fields_fault_states[FAULT_STATES] = {"suspected", "named", "over"};
const char *const fields_fault_symptoms[FAULT_SYMPTOMS] = {"loss", "tuples", "delay"};
const char *const fields_inbound_stages[INBOUND_STAGES] = {"planned", "heeded", "not_known"};
const char *const fields_plan_verdicts[PLAN_VERDICTS] = {"act",     "advise", "confirm", "observed",
                                                         "refused", "undo",   "return"};

// clang-format off
// The fields of a signal are the same in an event and in an effect.
#define SIGNAL_FIELDS(of)                                                                          \
    NAMED(of, signal.kind, "signal", signals), PLAIN(of, PATH, signal.path, "path"),               \
        PLAIN(of, I64, signal.at.ns, "said_at_ns"),                                                \
        PLAIN(of, I64, signal.began_at.ns, "began_at_ns"),                                         \
        PLAIN(of, U32, signal.evidence.samples, "samples"),                                        \
        PLAIN(of, U32, signal.evidence.lost, "lost"),                                              \
        PLAIN(of, U32, signal.evidence.voided, "voided"),                                          \
        PLAIN(of, U32, signal.evidence.lost_forward, "lost_forward"),                              \
        PLAIN(of, U32, signal.evidence.lost_reverse, "lost_reverse"),                              \
        PLAIN(of, U32, signal.evidence.targets_lossy, "targets_lossy"),                            \
        PLAIN(of, U32, signal.evidence.targets, "targets"),                                        \
        PLAIN(of, U32, signal.evidence.flows_lossy, "flows_lossy"),                                \
        PLAIN(of, U32, signal.evidence.flows, "flows"),                                            \
        PLAIN(of, U32, signal.evidence.loss_ppm, "loss_ppm"),                                      \
        PLAIN(of, U32, signal.evidence.member_ppm, "member_ppm"),                                  \
        PLAIN(of, U32, signal.evidence.score, "score"),                                            \
        PLAIN(of, U32, signal.evidence.threshold, "threshold"),                                    \
        PLAIN(of, U32, signal.evidence.burst_millinats, "burst_millinats"),                        \
        PLAIN(of, U32, signal.evidence.burst_threshold_millinats, "burst_threshold_millinats"),    \
        PLAIN(of, I64, signal.evidence.span_ns, "span_ns"),                                        \
        PLAIN(of, I64, signal.evidence.rtt_p50_ns, "rtt_p50_ns"),                                  \
        PLAIN(of, I64, signal.evidence.asked_s, "asked_s"),                                        \
        PLAIN(of, U32, signal.evidence.normal_ppm, "normal_ppm"),                                  \
        PLAIN(of, I64, signal.evidence.burst_mean_ns, "burst_mean_ns"),                            \
        PLAIN(of, I64, signal.evidence.burst_apart_ns, "burst_apart_ns")

static const struct field nothing[] = {END};

static const struct field start[] = {
    PLAIN(event, I64, start.wall.ns, "wall_ns"),
    PLAIN(event, HEX64, start.seed, "seed"),
    END,
};

static const struct field tally[] = {
    PLAIN(event, PATH, tally.path, "path"),
    PLAIN(event, TARGET, tally.target, "target"),
    PLAIN(event, U32, tally.ok, "ok"),
    PLAIN(event, U32, tally.lost, "lost"),
    PLAIN(event, U32, tally.voided, "voided"),
    PLAIN(event, U32, tally.lost_forward, "lost_forward"),
    PLAIN(event, U32, tally.lost_reverse, "lost_reverse"),
    PLAIN(event, U32, tally.late, "late"),
    PLAIN(event, I64, tally.rtt_p50_ns, "rtt_p50_ns"),
    PLAIN(event, I64, tally.oldest_ns, "oldest_ns"),
    END,
};

// The same in an event and in an effect.
#define RATE_FIELDS(of)                                                                            \
    PLAIN(of, PATH, rate.path, "path"), PLAIN(of, U32, rate.ok, "ok"),                             \
        PLAIN(of, U32, rate.lost, "lost"), PLAIN(of, U32, rate.lost_forward, "lost_forward"),      \
        PLAIN(of, U32, rate.lost_reverse, "lost_reverse"),                                         \
        PLAIN(of, I64, rate.rtt_p50_ns, "rtt_p50_ns"),                                             \
        PLAIN(of, I64, rate.rtt_p90_ns, "rtt_p90_ns"),                                             \
        PLAIN(of, I64, rate.rtt_p99_ns, "rtt_p99_ns")

static const struct field origin[] = {
    PLAIN(event, TARGET, origin.target, "target"),
    NAMED(event, origin.family, "family", families),
    PLAIN(event, U32, origin.asn, "asn"),
    END,
};

#define FLOW_FIELDS(of)                                                                            \
    PLAIN(of, PATH, flow.path, "path"), PLAIN(of, TARGET, flow.target, "target"),                  \
        PLAIN(of, ADDRESS_IF_ANY, flow.source, "source"),                                          \
        PLAIN(of, ADDRESS_IF_ANY, flow.destination, "destination"),                                \
        NAMED(of, flow.protocol, "protocol", net_protocol_names),                                  \
        PLAIN(of, U32, flow.source_port, "source_port"),                                           \
        PLAIN(of, U32, flow.destination_port, "destination_port"),                                 \
        PLAIN(of, U32, flow.label, "label"), PLAIN(of, U32, flow.sent, "sent"),                    \
        PLAIN(of, U32, flow.lost, "lost"), PLAIN(of, U32, flow.lost_forward, "lost_forward"),      \
        PLAIN(of, U32, flow.lost_reverse, "lost_reverse"),                                         \
        PLAIN(of, I64, flow.span_ns, "span_ns"), PLAIN(of, TEXT, flow.hops, "hops")

static const struct field flow_event[] = {FLOW_FIELDS(event), END};
static const struct field flow_effect[] = {FLOW_FIELDS(effect), END};
static const struct field rate_event[] = {RATE_FIELDS(event), END};
static const struct field rate_effect[] = {RATE_FIELDS(effect), END};

static const struct field signal_event[] = {SIGNAL_FIELDS(event), END};
static const struct field signal_effect[] = {SIGNAL_FIELDS(effect), END};

#define SESSION_FIELDS(of)                                                                         \
    PLAIN(of, ROUTER, session.router, "router"),                                                   \
        NAMED(of, session.state, "state", fields_session_states),                                  \
        NAMED(of, session.family, "family", families), PLAIN(of, TEXT, session.reason, "reason")

static const struct field session_event[] = {SESSION_FIELDS(event), END};
static const struct field session_effect[] = {SESSION_FIELDS(effect), END};

static const struct field route[] = {
    PLAIN(event, ROUTER, route.router, "router"),
    PLAIN(event, UPSTREAM, route.upstream, "upstream"),
    PLAIN(event, PREFIX, route.prefix, "prefix"),
    PLAIN(event, BOOL, route.present, "present"),
    PLAIN(event, BOOL, route.best, "best"),
    END,
};

// What the engine orders comes back with what became of it.
#define OVERRIDE_FIELDS(of, as)                                                                    \
    PLAIN(of, ROUTER, as.router, "router"), PLAIN(of, UPSTREAM, as.upstream, "upstream"),          \
        PLAIN(of, PREFIX, as.prefix, "prefix")
#define OUTCOME_FIELDS(of, as)                                                                     \
    NAMED(of, as.state, "state", fields_override_states), PLAIN(of, TEXT, as.reason, "reason")

static const struct field override_event[] = {OVERRIDE_FIELDS(event, override),
                                              OUTCOME_FIELDS(event, override), END};
static const struct field acted[] = {OVERRIDE_FIELDS(effect, acted), OUTCOME_FIELDS(effect, acted),
                                     END};
static const struct field override_effect[] = {
    OVERRIDE_FIELDS(effect, override), PLAIN(effect, U32, override.incident, "incident"), END};

static const struct field place[] = {
    PLAIN(effect, PREFIX, place.prefix, "prefix"),
    PLAIN(effect, PREFIX, place.instead, "instead"),
    END,
};
static const struct field stance[] = {
    PLAIN(effect, ROUTER, stance.router, "router"),
    PLAIN(effect, OWN, stance.own, "own"),
    PLAIN(effect, BOOL, stance.announced, "announced"),
    PLAIN(effect, UPSTREAMS, stance.prepend, "prepend"),
    PLAIN(effect, UPSTREAMS, stance.graceful, "graceful"),
    PLAIN(effect, UPSTREAMS, stance.withheld, "withheld"),
    END,
};

static const struct field extent[] = {
    PLAIN(effect, U32, extent.number, "number"),
    PLAIN(effect, U32, extent.share_ppm, "share_ppm"),
    PLAIN(effect, BOOL, extent.traffic_known, "traffic_known"),
    PLAIN(effect, UPSTREAMS, extent.hit_ipv4, "hit_ipv4"),
    PLAIN(effect, UPSTREAMS, extent.hit_ipv6, "hit_ipv6"),
    PLAIN(effect, UPSTREAMS, extent.ever_ipv4, "ever_ipv4"),
    PLAIN(effect, UPSTREAMS, extent.ever_ipv6, "ever_ipv6"),
    PLAIN(effect, NUMBER_IF_ANY, extent.routed_ipv4_ppm, "routed_ipv4_ppm"),
    PLAIN(effect, NUMBER_IF_ANY, extent.routed_ipv6_ppm, "routed_ipv6_ppm"),
    PLAIN(effect, U32, extent.moved, "moved"),
    PLAIN(effect, TEXT, extent.destinations, "destinations"),
    PLAIN(effect, U32, extent.own_lost, "own_lost"),
    PLAIN(effect, TEXT, extent.own, "own"),
    PLAIN(effect, U32, extent.foreign_now, "foreign_now"),
    PLAIN(effect, TEXT, extent.foreign, "foreign"),
    END,
};

static const struct field publish[] = {
    PLAIN(effect, U32, publish.run, "run"),
    PLAIN(effect, U32, publish.number, "number"),
    PLAIN(effect, LINE, publish.who, "who"),
    PLAIN(effect, LINE, publish.note, "note"),
    END,
};

#define ROLE_FIELDS(of)                                                                            \
    NAMED(of, role.role, "role", fields_roles),                                                    \
        NAMED(of, role.state, "state", fields_role_states), PLAIN(of, TEXT, role.reason, "reason")

static const struct field role_event[] = {ROLE_FIELDS(event), END};
static const struct field role_effect[] = {ROLE_FIELDS(effect), END};

// A notice is the same in an event and in an effect.
#define NOTICE_FIELDS(of)                                                                          \
    PLAIN(of, NOTICE, notice.kind, "notice"), PLAIN(of, BOOL, notice.raised, "raised"),            \
        PLAIN(of, BOOL, notice.asked, "asked"),                                                    \
        PLAIN(of, ROUTER_IF_ANY, notice.router, "router"),                                         \
        PLAIN(of, PREFIX_IF_ANY, notice.prefix, "prefix"), PLAIN(of, TEXT, notice.peer, "peer"),   \
        PLAIN(of, TEXT, notice.text, "text"), PLAIN(of, U32, notice.count, "count"),               \
        PLAIN(of, U32, notice.total, "total"), PLAIN(of, I64, notice.since.ns, "since_ns"),        \
        PLAIN(of, U32, notice.dropped, "dropped")

static const struct field notice_event[] = {NOTICE_FIELDS(event), END};
static const struct field notice_effect[] = {NOTICE_FIELDS(effect), END};

// A fault is the same in an event and in an effect.
#define FAULT_FIELDS(of)                                                                           \
    PLAIN(of, U32, fault.number, "number"),                                                        \
    NAMED(of, fault.state, "state", fields_fault_states),                                          \
    NAMED(of, fault.symptom, "symptom", fields_fault_symptoms),                                    \
    NAMED(of, fault.part.family, "family", families),                                              \
    PLAIN(of, ROUTER_IF_ANY, fault.part.router, "router"),                                         \
    PLAIN(of, UPSTREAM, fault.part.upstream, "upstream"),                                          \
    PLAIN(of, TARGET_IF_ANY, fault.part.target, "target"),                                         \
    PLAIN(of, LINE, fault.part.place, "place"),                                                    \
    PLAIN(of, LINE, fault.part.group, "group"),                                                    \
    PLAIN(of, LINE, fault.part.member, "member"),                                                  \
    PLAIN(of, LINE, fault.part.link, "link"),                                                      \
    PLAIN(of, ADDRESS_IF_ANY, fault.part.hop, "hop"),                                              \
    PLAIN(of, NUMBER_IF_ANY, fault.part.bucket, "bucket"),                                         \
    PLAIN(of, NUMBER_IF_ANY, fault.part.bucket_count, "bucket_count"),                             \
    PLAIN(of, NUMBER_IF_ANY, fault.part.dscp, "dscp"),                                             \
    PLAIN(of, NUMBER_IF_ANY, fault.part.size_bytes, "size_bytes"),                                 \
    NAMED_IF_ANY(of, fault.part.protocol, "protocol", net_protocol_names),                         \
    NAMED(of, fault.part.direction, "direction", fields_fault_directions),                         \
    PLAIN(of, U32, fault.evidence.samples, "samples"),                                             \
    PLAIN(of, U32, fault.evidence.lost, "lost"),                                                   \
    PLAIN(of, U32, fault.evidence.loss_ppm, "loss_ppm"),                                           \
    PLAIN(of, U32, fault.evidence.flows, "flows"),                                                 \
    PLAIN(of, U32, fault.evidence.flows_lossy, "flows_lossy"),                                     \
    PLAIN(of, U32, fault.evidence.share_ppm, "share_ppm"),                                         \
    PLAIN(of, U32, fault.evidence.odds_millinats, "odds_millinats"),                               \
    PLAIN(of, U32, fault.evidence.asked_millinats, "asked_millinats"),                             \
    PLAIN(of, I64, fault.evidence.delay_ns, "delay_ns"),                                           \
    PLAIN(of, I64, fault.began_at.ns, "began_at_ns"),                                              \
    PLAIN(of, I64, fault.at.ns, "said_at_ns"),                                                     \
    PLAIN(of, LINE, fault.words, "words"),                                                         \
    PLAIN(of, LINE, fault.others, "others")

static const struct field fault_event[] = {FAULT_FIELDS(event), END};
static const struct field fault_effect[] = {FAULT_FIELDS(effect), END};

#define HOOK_FIELDS(of, as)                                                                        \
    PLAIN(of, HOOK, as.hook, "hook"), PLAIN(of, U32, as.number, "number"),                         \
        PLAIN(of, BOOL, as.undo, "undo")
#define HOOKED_FIELDS(of, as)                                                                      \
    HOOK_FIELDS(of, as), NAMED(of, as.state, "state", fields_hook_states),                         \
        PLAIN(of, LINE, as.reason, "reason")

static const struct field hook_event[] = {HOOKED_FIELDS(event, hook), END};
static const struct field hook_effect[] = {HOOK_FIELDS(effect, hook), END};
static const struct field hooked[] = {HOOKED_FIELDS(effect, hooked), END};

static const struct field inbound[] = {
    PLAIN(effect, U32, inbound.incident, "incident"),
    PLAIN(effect, UPSTREAM, inbound.upstream, "upstream"),
    NAMED(effect, inbound.family, "family", families),
    NAMED(effect, inbound.stage, "stage", fields_inbound_stages),
    NAMED(effect, inbound.verdict, "verdict", fields_plan_verdicts),
    NAMED(effect, inbound.stance, "stance", net_stance_names),
    PLAIN(effect, U32, inbound.prefixes, "prefixes"),
    PLAIN(effect, LINE, inbound.own, "own"),
    PLAIN(effect, UPSTREAM, inbound.to, "to"),
    PLAIN(effect, U32, inbound.loss_ppm, "loss_ppm"),
    PLAIN(effect, U32, inbound.loss_to_ppm, "loss_to_ppm"),
    PLAIN(effect, U32, inbound.relative_millinats, "relative_millinats"),
    PLAIN(effect, U32, inbound.approval, "approval"),
    PLAIN(effect, LINE, inbound.reason, "reason"),
    END,
};

static const struct field repair[] = {
    PLAIN(effect, HOOK, repair.hook, "hook"),
    PLAIN(effect, U32, repair.number, "number"),
    NAMED(effect, repair.verdict, "verdict", fields_plan_verdicts),
    PLAIN(effect, LINE, repair.reason, "reason"),
    END,
};

#define HEALTH_FIELDS(of)                                                                          \
    PLAIN(of, OWN, health.announced, "announced"),                                           \
        PLAIN(of, BOOL, health.healthy, "healthy"), PLAIN(of, LINE, health.reason, "reason")

static const struct field health_event[] = {HEALTH_FIELDS(event), END};
static const struct field health_effect[] = {HEALTH_FIELDS(effect), END};

static const struct field frozen[] = {PLAIN(event, LINE, frozen.why, "why"), END};

static const struct field command[] = {NAMED(event, command, "command", commands), END};

#define USE_FIELDS(of)                                                                             \
    PLAIN(of, UPSTREAM, use.upstream, "upstream"), PLAIN(of, I64, use.out_bps, "out_bps"),         \
        PLAIN(of, I64, use.in_bps, "in_bps")

static const struct field use_event[] = {USE_FIELDS(event), END};
static const struct field use_effect[] = {USE_FIELDS(effect), END};

static const struct field demand[] = {
    PLAIN(event, PREFIX, demand.prefix, "prefix"),
    PLAIN(event, I64, demand.bps, "bps"),
    END,
};

static const struct field asked[] = {
    {"what", FIELD_NAMED, offsetof(struct event, asked.what), ASKED_KINDS, fields_asked},
    PLAIN(event, U32, asked.uid, "uid"),
    PLAIN(event, LINE, asked.who, "who"),
    PLAIN(event, OBJECT_IF_ANY, asked.object, "object"),
    PLAIN(event, I64, asked.until.ns, "until_ns"),
    PLAIN(event, U32, asked.number, "number"),
    PLAIN(event, U32, asked.run, "run"),
    PLAIN(event, LINE, asked.reason, "reason"),
    END,
};

static const struct field maintenance[] = {
    PLAIN(event, LINE, maintenance.id, "id"),
    PLAIN(event, U32, maintenance.sequence, "sequence"),
    PLAIN(event, OBJECT_IF_ANY, maintenance.object, "object"),
    PLAIN(event, I64, maintenance.from.ns, "from_ns"),
    PLAIN(event, I64, maintenance.until.ns, "until_ns"),
    PLAIN(event, BOOL, maintenance.over, "over"),
    PLAIN(event, BOOL, maintenance.hurts, "hurts"),
    PLAIN(event, U32, maintenance.uid, "uid"),
    PLAIN(event, LINE, maintenance.who, "who"),
    PLAIN(event, LINE, maintenance.text, "text"),
    END,
};

static const struct field drain[] = {
    PLAIN(effect, U32, drain.number, "number"),
    PLAIN(effect, OBJECT_IF_ANY, drain.object, "object"),
    NAMED(effect, drain.state, "state", drain_state_names),
    PLAIN(effect, LINE, drain.who, "who"),
    PLAIN(effect, LINE, drain.text, "text"),
    END,
};

static const struct field lift[] = {
    PLAIN(effect, U32, lift.number, "number"),
    NAMED(effect, lift.rule, "rule", lift_rule_names),
    PLAIN(effect, OBJECT_IF_ANY, lift.object, "object"),
    NAMED(effect, lift.state, "state", lift_state_names),
    PLAIN(effect, LINE, lift.first, "first"),
    PLAIN(effect, LINE, lift.second, "second"),
    PLAIN(effect, LINE, lift.text, "text"),
    END,
};

static const struct field answered[] = {
    NAMED(effect, answered.what, "what", fields_asked),
    PLAIN(effect, BOOL, answered.done, "done"),
    PLAIN(effect, U32, answered.number, "number"),
    PLAIN(effect, U32, answered.uid, "uid"),
    PLAIN(effect, LINE, answered.who, "who"),
    PLAIN(effect, LINE, answered.text, "text"),
    END,
};

static const struct field incident[] = {
    PLAIN(effect, U32, incident.incident, "incident"),
    PLAIN(effect, PATH, incident.path, "path"),
    NAMED(effect, incident.state, "state", incident_state_names),
    NAMED(effect, incident.before, "before", incident_state_names),
    PLAIN(effect, TEXT, incident.reason, "reason"),
    END,
};

static const struct field plan[] = {
    PLAIN(effect, U32, plan.incident, "incident"),
    PLAIN(effect, UPSTREAM, plan.from, "from"),
    PLAIN(effect, UPSTREAM, plan.to, "to"),
    NAMED(effect, plan.family, "family", families),
    NAMED(effect, plan.verdict, "verdict", fields_plan_verdicts),
    PLAIN(effect, U32, plan.prefixes, "prefixes"),
    PLAIN(effect, U32, plan.loss_from_ppm, "loss_from_ppm"),
    PLAIN(effect, U32, plan.loss_to_ppm, "loss_to_ppm"),
    PLAIN(effect, U32, plan.approval, "approval"),
    PLAIN(effect, U32, plan.relative_millinats, "relative_millinats"),
    PLAIN(effect, TEXT, plan.reason, "reason"),
    END,
};

static const struct field outage[] = {
    PLAIN(effect, U32, outage.number, "number"),
    NAMED(effect, outage.state, "state", outage_state_names),
    NAMED(effect, outage.severity, "severity", outage_severity_names),
    PLAIN(effect, I64, outage.onset.ns, "onset_ns"),
    PLAIN(effect, U32, outage.share_ppm, "share_ppm"),
    PLAIN(effect, LINE, outage.title, "title"),
    PLAIN(effect, LINE, outage.cause, "cause"),
    PLAIN(effect, LINE, outage.action, "action"),
    PLAIN(effect, U32, outage.part_of, "part_of"),
    END,
};

// A change, and what is odd of it, are the same in an event and in an effect.
#define CHANGE_FIELDS(of)                                                                          \
    NAMED(of, change.source, "source", change_source_names), PLAIN(of, LINE, change.id, "id"),     \
        PLAIN(of, LINE, change.who, "who"), PLAIN(of, LINE, change.what, "what"),                  \
        PLAIN(of, DEVICES, change.devices, "devices"), PLAIN(of, U32, change.others, "others"),    \
        PLAIN(of, I64, change.done_at.ns, "done_at_ns")
#define ODD_FIELDS(of)                                                                             \
    NAMED(of, odd.source, "source", change_source_names), PLAIN(of, LINE, odd.id, "id"),           \
        PLAIN(of, DEVICES, odd.devices, "devices"), PLAIN(of, LINE, odd.what, "what")

static const struct field change_event[] = {CHANGE_FIELDS(event), END};
static const struct field change_effect[] = {CHANGE_FIELDS(effect), END};
static const struct field odd_event[] = {ODD_FIELDS(event), END};
static const struct field odd_effect[] = {ODD_FIELDS(effect), END};

static const struct field zone[] = {
    PLAIN(event, TEAM, zone.team, "team"),
    PLAIN(event, I64, zone.wall.ns, "wall_ns"),
    PLAIN(event, I64, zone.changes_at_s, "changes_at_s"),
    PLAIN(event, I64, zone.offset_s, "offset_s"),
    END,
};

#define DELIVERY_FIELDS(of, as)                                                                    \
    PLAIN(of, I64, as.page, "page"), PLAIN(of, CHANNEL, as.channel, "channel"),                    \
        NAMED(of, as.state, "state", fields_delivery_states),                                      \
        PLAIN(of, LINE, as.reason, "reason")

static const struct field delivery_event[] = {DELIVERY_FIELDS(event, delivery), END};
static const struct field delivered[] = {DELIVERY_FIELDS(effect, delivered), END};

static const struct field page[] = {
    PLAIN(effect, I64, page.number, "page"),
    NAMED(effect, page.kind, "kind", page_kind_names),
    PLAIN(effect, U32, page.outage, "outage"),
    PLAIN(effect, PERSON_IF_ANY, page.person, "person"),
    PLAIN(effect, CHANNEL, page.channel, "channel"),
    PLAIN(effect, UPSTREAM, page.way, "way"),
    NAMED(effect, page.severity, "severity", outage_severity_names),
    PLAIN(effect, TEXT, page.text, "text"),
    PLAIN(effect, I64, page.run_s, "run_s"),
    END,
};

#define VERSION PLAIN(ask, U32, version, "version")

static const struct field ask_nothing[] = {VERSION, END};
static const struct field ask_routes[] = {VERSION, PLAIN(ask, TEXT, routes.of, "of"), END};
static const struct field ask_whatif[] = {
    VERSION, PLAIN(ask, TEXT, whatif.object, "object"), PLAIN(ask, BOOL, whatif.each, "each"), END,
};
static const struct field ask_act[] = {VERSION, PLAIN(ask, LINE, act.reason, "reason"), END};
static const struct field ask_drain[] = {
    VERSION, PLAIN(ask, TEXT, act.object, "object"), PLAIN(ask, U32, act.for_s, "for_s"),
    PLAIN(ask, LINE, act.reason, "reason"), END,
};
static const struct field ask_number[] = {
    VERSION, PLAIN(ask, U32, act.number, "number"), PLAIN(ask, LINE, act.reason, "reason"), END,
};
static const struct field ask_publish[] = {
    VERSION,
    PLAIN(ask, U32, act.run, "run"),
    PLAIN(ask, U32, act.number, "number"),
    PLAIN(ask, LINE, act.reason, "reason"),
    END,
};
static const struct field ask_undrain[] = {
    VERSION, PLAIN(ask, TEXT, act.object, "object"), PLAIN(ask, LINE, act.reason, "reason"), END,
};
static const struct field ask_lift[] = {
    VERSION, NAMED(ask, act.number, "rule", lift_rule_names),
    PLAIN(ask, TEXT, act.object, "object"), PLAIN(ask, U32, act.for_s, "for_s"),
    PLAIN(ask, LINE, act.reason, "reason"), END,
};
static const struct field ask_maintenance[] = {
    VERSION,
    PLAIN(ask, LINE, maintenance.id, "id"),
    PLAIN(ask, U32, maintenance.sequence, "sequence"),
    PLAIN(ask, LINE, maintenance.circuit, "circuit"),
    PLAIN(ask, I64, maintenance.from_s, "from_s"),
    PLAIN(ask, I64, maintenance.until_s, "until_s"),
    PLAIN(ask, BOOL, maintenance.over, "over"),
    PLAIN(ask, BOOL, maintenance.hurts, "hurts"),
    PLAIN(ask, LINE, maintenance.text, "text"),
    END,
};
static const struct field ask_history[] = {
    VERSION, NAMED(ask, history.what, "what", pasts), PLAIN(ask, TEXT, history.of, "of"),
    PLAIN(ask, I64, history.from_s, "from_s"), PLAIN(ask, I64, history.until_s, "until_s"),
    PLAIN(ask, U32, history.step_s, "step_s"), END,
};
static const struct field ask_fib[] = {VERSION, PLAIN(ask, TEXT, fib.router, "router"), END};

const struct fields event_fields[EVENT_KINDS] = {
    [EVENT_START] = {"start", start},
    [EVENT_TICK] = {"tick", nothing},
    [EVENT_TALLY] = {"tally", tally},
    [EVENT_SIGNAL] = {"signal", signal_event},
    [EVENT_SESSION] = {"session", session_event},
    [EVENT_ROUTE] = {"route", route},
    [EVENT_OVERRIDE] = {"override", override_event},
    [EVENT_ROLE] = {"role", role_event},
    [EVENT_COMMAND] = {"command", command},
    [EVENT_NOTICE] = {"notice", notice_event},
    [EVENT_FAULT] = {"fault", fault_event},
    [EVENT_USE] = {"use", use_event},
    [EVENT_DEMAND] = {"demand", demand},
    [EVENT_HOOK] = {"hook", hook_event},
    [EVENT_HEALTH] = {"health", health_event},
    [EVENT_ASKED] = {"asked", asked},
    [EVENT_ZONE] = {"zone", zone},
    [EVENT_DELIVERY] = {"delivery", delivery_event},
    [EVENT_CHANGE] = {"change", change_event},
    [EVENT_ODD] = {"odd", odd_event},
    [EVENT_MAINTENANCE] = {"maintenance", maintenance},
    [EVENT_RATE] = {"rate", rate_event},
    [EVENT_FLOW] = {"flow", flow_event},
    [EVENT_ORIGIN] = {"origin", origin},
    [EVENT_KEPT_FACT] = {"kept_fact", fields_kept_fact_event},
    [EVENT_KEPT_OUTAGE] = {"kept_outage", fields_kept_outage_event},
    [EVENT_KEPT_END] = {"kept_end", nothing},
    [EVENT_FROZEN] = {"frozen", frozen},
};

const struct fields effect_fields[EFFECT_KINDS] = {
    [EFFECT_ANNOUNCE] = {"announce", override_effect},
    [EFFECT_WITHDRAW] = {"withdraw", override_effect},
    [EFFECT_RELEASE] = {"release", nothing},
    [EFFECT_LEASE] = {"lease", nothing},
    [EFFECT_STANCE] = {"stance", stance},
    [EFFECT_PLACE] = {"place", place},
    [EFFECT_READY] = {"ready", nothing},
    [EFFECT_SIGNAL] = {"signal", signal_effect},
    [EFFECT_INCIDENT] = {"incident", incident},
    [EFFECT_PLAN] = {"plan", plan},
    [EFFECT_ACTED] = {"acted", acted},
    [EFFECT_SESSION] = {"session", session_effect},
    [EFFECT_ROLE] = {"role", role_effect},
    [EFFECT_NOTICE] = {"notice", notice_effect},
    [EFFECT_FAULT] = {"fault", fault_effect},
    [EFFECT_HOOK] = {"hook", hook_effect},
    [EFFECT_HOOKED] = {"hooked", hooked},
    [EFFECT_INBOUND] = {"inbound", inbound},
    [EFFECT_REPAIR] = {"repair", repair},
    [EFFECT_HEALTH] = {"health", health_effect},
    [EFFECT_DRAIN] = {"drain", drain},
    [EFFECT_ANSWERED] = {"answered", answered},
    [EFFECT_LIFT] = {"lift", lift},
    [EFFECT_OUTAGE] = {"outage", outage},
    [EFFECT_CHANGE] = {"change", change_effect},
    [EFFECT_ODD] = {"odd", odd_effect},
    [EFFECT_PAGE] = {"page", page},
    [EFFECT_DELIVERED] = {"delivered", delivered},
    [EFFECT_RATE] = {"rate", rate_effect},
    [EFFECT_EXTENT] = {"extent", extent},
    [EFFECT_PUBLISH] = {"publish", publish},
    [EFFECT_FLOW] = {"flow", flow_effect},
    [EFFECT_USE] = {"use", use_effect},
    [EFFECT_KEPT_FACT] = {"kept_fact", fields_kept_fact_effect},
    [EFFECT_KEPT_OUTAGE] = {"kept_outage", fields_kept_outage_effect},
};

const struct fields ask_fields[ASK_KINDS] = {
    [ASK_STATUS] = {"status", ask_nothing},
    [ASK_NOTICES] = {"notices", ask_nothing},
    [ASK_UPSTREAMS] = {"upstreams", ask_nothing},
    [ASK_ROUTES] = {"routes", ask_routes},
    [ASK_WHATIF] = {"whatif", ask_whatif},
    [ASK_BMP] = {"bmp", ask_nothing},
    [ASK_TABLE] = {"table", ask_nothing},
    [ASK_FIB] = {"fib", ask_fib},
    [ASK_FREEZE] = {"freeze", ask_act},
    [ASK_THAW] = {"thaw", ask_act},
    [ASK_WITHDRAW_ALL] = {"withdraw_all", ask_act},
    [ASK_DRAIN] = {"drain", ask_drain},
    [ASK_APPROVE] = {"approve", ask_number},
    [ASK_UNDRAIN] = {"undrain", ask_undrain},
    [ASK_PLANS] = {"plans", ask_nothing},
    [ASK_INCIDENTS] = {"incidents", ask_nothing},
    [ASK_HISTORY] = {"history", ask_history},
    [ASK_MAINTENANCE] = {"maintenance", ask_maintenance},
    [ASK_LIFT] = {"lift", ask_lift},
    [ASK_UNLIFT] = {"unlift", ask_number},
    [ASK_STOP] = {"stop", ask_act},
    [ASK_ACK] = {"ack", ask_number},
    [ASK_PUBLISH] = {"publish", ask_publish},
};
// clang-format on
