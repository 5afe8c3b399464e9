// SPDX-License-Identifier: ISC
// What happened in the network and to it, with where and when: changes, rollbacks, maintenance,
// crashes, alarms, sessions that fall. What comes together is one fact: 28 BFD sessions of one
// device, one change on four. Bounded: the oldest goes when there is no room. And how often each
// kind usually happens where: what is rare weighs more (detection.md section 5).
#pragma once

#include "base/clock.h"
#include "incident/nodes.h"

enum fact_kind {
    FACT_CHANGE,       // of the configuration or the software, as whoever makes it tells
    FACT_ROLLBACK,     // of a change
    FACT_MAINTENANCE,  // planned, or as a device says
    FACT_CRASH,        // of a process
    FACT_GAVE_UP,      // a process that is started no more
    FACT_ALARM,        // of a chassis
    FACT_BFD,          // sessions down, as all from here on
    FACT_BGP,
    FACT_IGP,
    FACT_LACP,
    FACT_LINK,
    FACT_KINDS
};

enum {
    FACTS_MAX = 512,           // a busy day of a site; what is older explains no outage of now
    FACT_TOGETHER_S = 10,      // alike on one device, so soon one after the other: one fact,
    FACT_TOGETHER_MAX_S = 60,  // but no longer than this in all
    FACT_BURST = 10,           // sessions of one device that fall as one (arveon: 28 in 200 ms)
    // Of the same id, by the same person, or as its device and as its pipeline tell: one change.
    FACT_SAME_CHANGE_S = 60,
    FACT_PLACES = 512,  // of which the rates are kept apart
    FACT_RATE_DAYS = 30,
    FACT_TEXT_MAX = 160,
};

struct fact {
    uint32_t id;  // from 1 on
    enum fact_kind kind;
    struct mono at, last_at;
    struct nodes nodes, closure;
    char device[NET_NAME_MAX];   // the first that told; ""
    char who[NET_NAME_MAX];      // of a change; ""
    char subject[NET_NAME_MAX];  // the process, alarm or neighbour; of a change its id; ""
    char text[FACT_TEXT_MAX];    // in its own words
    struct nodes odd_nodes;      // of a change: where it is otherwise than elsewhere,
    char odd[FACT_TEXT_MAX];     // and how; ""
    uint32_t count;              // how often it was told, as one
    bool standing;               // not over, as far as told
    // Nothing alike there in FACT_RATE_DAYS, as far as is remembered; of many sessions: not many.
    bool unseen;
    double rate_hz;    // of its kind there, before it came; likewise
    bool is_taken_up;  // of an earlier life: what follows from it has followed
};

struct fact_rate {
    double seen;  // in the last FACT_RATE_DAYS: decays
    struct mono at;
};

struct facts {
    const struct net *net;
    struct mono since;    // what is remembered begins
    uint32_t node_count;  // of the whole network
    uint32_t last_id;
    struct fact items[FACTS_MAX];  // of id i: at i % FACTS_MAX
    struct fact_rate rates[FACT_KINDS][FACT_PLACES], all[FACT_KINDS];
    struct fact_rate bursts[FACT_KINDS][FACT_PLACES];  // of FACT_BURST and more
};

extern const char *const fact_kind_names[FACT_KINDS];

// `net` is lent. From here on is what is remembered.
void facts_init(struct facts *facts, const struct net *net, struct mono since);
// `told`: kind, at, device, who, subject, text,
// standing, and nodes beside those of the device's name. Gives its id; that of another that it
// belongs to.
uint32_t facts_take(struct facts *facts, const struct fact *told);
// One that another life of the process took, as it is; its id in this one. It counts in no rate.
uint32_t facts_take_up(struct facts *facts, const struct fact *fact);
// What stood is over: alarms of a device are cleared, its session is up.
void facts_over(struct facts *facts, enum fact_kind kind, const char *device, const char *subject);
// What of the change of this id is odd, and where.
void facts_odd(struct facts *facts, const char *id, const struct nodes *nodes, const char *odd);
// NULL: it is no longer kept.
const struct fact *facts_get(const struct facts *facts, uint32_t id);
// The oldest that is kept; ids go on from there to facts->last_id.
uint32_t facts_first(const struct facts *facts);
// How often the kind happens anywhere, as of the last that did.
double facts_usual_hz(const struct facts *facts, enum fact_kind kind);
bool fact_is_alarm(enum fact_kind kind);
// A node that both name, or both of a name that nobody knows.
bool fact_meets(const struct fact *a, const struct fact *b);
