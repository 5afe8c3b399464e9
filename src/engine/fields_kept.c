// SPDX-License-Identifier: ISC
#include "engine/fields_inside.h"

// clang-format off
// What the store is told and what it tells back are the same.
#define FACT_FIELDS(of)                                                                            \
    PLAIN(of, U32, kept_fact.number, "number"),                                                    \
    PLAIN(of, U32, kept_fact.place, "place"),                                                      \
    PLAIN(of, I64, kept_fact.wall_ns, "wall_ns"),                                                  \
    NAMED(of, kept_fact.kind, "kind", fact_kind_names),                                            \
    PLAIN(of, I64, kept_fact.at.ns, "at_was_ns"),                                                  \
    PLAIN(of, I64, kept_fact.last_at.ns, "last_at_ns"),                                            \
    PLAIN(of, LINE, kept_fact.device, "device"),                                                   \
    PLAIN(of, LINE, kept_fact.who, "who"),                                                         \
    PLAIN(of, LINE, kept_fact.subject, "subject"),                                                 \
    PLAIN(of, LINE, kept_fact.text, "text"),                                                       \
    PLAIN(of, LINE, kept_fact.odd, "odd"),                                                         \
    PLAIN(of, LINE, kept_fact.nodes, "nodes"),                                                     \
    PLAIN(of, LINE, kept_fact.odd_nodes, "odd_nodes"),                                             \
    PLAIN(of, U32, kept_fact.count, "count"),                                                      \
    PLAIN(of, BOOL, kept_fact.standing, "standing"),                                               \
    PLAIN(of, BOOL, kept_fact.unseen, "unseen"),                                                   \
    PLAIN(of, I64, kept_fact.rate_nhz, "rate_nhz")
#define OUTAGE_FIELDS(of)                                                                          \
    PLAIN(of, U32, kept_outage.number, "number"),                                                  \
    PLAIN(of, I64, kept_outage.run_s, "run_s"),                                                    \
    PLAIN(of, I64, kept_outage.wall_ns, "wall_ns"),                                                \
    NAMED(of, kept_outage.state, "state", outage_state_names),                                     \
    PLAIN(of, U32, kept_outage.share_ppm, "share_ppm"),                                            \
    NAMED(of, kept_outage.severity, "severity", outage_severity_names),                            \
    PLAIN(of, BOOL, kept_outage.lost, "lost"),                                                     \
    PLAIN(of, I64, kept_outage.onset.ns, "onset_ns"),                                              \
    PLAIN(of, I64, kept_outage.lost_at.ns, "lost_at_ns"),                                          \
    PLAIN(of, I64, kept_outage.bad_at.ns, "bad_at_ns"),                                            \
    PLAIN(of, U32, kept_outage.facts, "facts"),                                                    \
    PLAIN(of, U32, kept_outage.warned_by, "warned_by"),                                            \
    PLAIN(of, U32, kept_outage.changed_by, "changed_by"),                                          \
    PLAIN(of, U32, kept_outage.rolled_back_by, "rolled_back_by"),                                  \
    PLAIN(of, LINE, kept_outage.paths, "paths"),                                                   \
    PLAIN(of, LINE, kept_outage.own, "own"),                                                       \
    PLAIN(of, LINE, kept_outage.foreign, "foreign"),                                               \
    PLAIN(of, LINE, kept_outage.nodes, "nodes"),                                                   \
    PLAIN(of, LINE, kept_outage.told, "told"),                                                     \
    PLAIN(of, LINE, kept_outage.title, "title"),                                                   \
    PLAIN(of, LINE, kept_outage.cause, "cause"),                                                   \
    PLAIN(of, LINE, kept_outage.action, "action"),                                                 \
    NAMED(of, kept_outage.life, "life", alert_life_names),                                         \
    PLAIN(of, U32, kept_outage.round, "round"),                                                    \
    PLAIN(of, I64, kept_outage.round_at.ns, "round_at_ns"),                                        \
    PLAIN(of, I64, kept_outage.acked_until.ns, "acked_until_ns"),                                  \
    PLAIN(of, LINE, kept_outage.has_it, "has_it")

const struct field fields_kept_fact_event[] = {FACT_FIELDS(event), END};
const struct field fields_kept_fact_effect[] = {FACT_FIELDS(effect), END};
const struct field fields_kept_outage_event[] = {OUTAGE_FIELDS(event), END};
const struct field fields_kept_outage_effect[] = {OUTAGE_FIELDS(effect), END};
// clang-format on
