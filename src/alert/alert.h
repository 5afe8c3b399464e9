// SPDX-License-Identifier: ISC
// Who is paged of which outage, when, by which channel, and when again. A function of what it is
// told: outages, acknowledgements, deliveries, time. Two promises: no page is lost, it goes out by
// the next channel and to the next person until somebody has it; and nobody gets more than
// net.alert.pages_per_hour_max.
//
// Knows no network: what a page is sent by, and whether it arrived, others say.
#pragma once

#include "alert/page.h"
#include "alert/zone.h"
#include "base/clock.h"
#include "net/net.h"

enum {
    ALERT_CASES_MAX = 16,   // outages at once; the least grave makes room
    ALERT_HOURLY_MAX = 120  // at least pages_per_hour_max
};

struct alert_now {
    struct mono mono;
    int64_t utc_s;  // for rotas
};

// An outage as it is now.
struct alert_outage {
    uint32_t number;
    enum outage_state state;
    enum outage_severity severity;
    uint32_t share_ppm;
    int64_t onset_s;
    char title[OUTAGE_TITLE_MAX], cause[OUTAGE_CAUSE_MAX], action[OUTAGE_ACTION_MAX];
};

struct alert_page {
    int64_t number;  // the same by each channel: who has seen it twice has seen it once
    enum page_kind kind;
    uint32_t outage;  // 0: of none
    uint32_t person, channel;
    uint32_t way;  // the upstream to go out by; NET_NOBODY: as the host routes
    enum outage_severity severity;
    char text[PAGE_TEXT_MAX];
    int64_t run_s;  // when the engine began in whose time the outage did, for whoever tells
};

// One person in one case.
struct alert_slot {
    enum page_kind wanted;  // has not gone out yet
    bool is_told;           // something of this case went out
    bool waits;             // for the delivery of the latest page:
    int64_t page;
    enum page_kind kind;
    uint32_t tries, channel;  // channels taken so far, and the last one
    struct mono due;          // the next one is taken then
};

enum alert_life { ALERT_FREE, ALERT_OPEN, ALERT_ACKED, ALERT_OVER, ALERT_LIVES };
extern const char *const alert_life_names[ALERT_LIVES];

struct alert_case {
    enum alert_life life;
    struct alert_outage outage;
    bool is_quiet;         // planned work explains it
    enum page_kind again;  // how the next round calls those who know of it
    uint32_t round;        // 0: primaries, 1: secondaries too, then whole teams
    struct mono round_at;  // of it
    bool is_changed;       // and who knows of it has not heard
    struct mono acked_until, change_due, over_at;
    char has_it[NET_NAME_MAX], had_it[NET_NAME_MAX];
    struct alert_slot people[NET_PEOPLE_MAX];
};

struct alert_spent {  // when one person was paged last
    uint32_t count;
    struct mono at[ALERT_HOURLY_MAX];
};

struct alert {
    const struct net *net;
    struct zone zones[NET_TEAMS_MAX];
    int64_t last_page;
    uint64_t refused;  // outages for which there was no room
    char found[PAGE_TEXT_MAX];
    struct alert_case cases[ALERT_CASES_MAX];
    struct alert_spent spent[NET_PEOPLE_MAX];
};

// Pages are numbered from `first_page` on: another life of the process has others.
void alert_init(struct alert *alert, const struct net *net, int64_t first_page);

// It opened, what is said of it changed, or it is over.
void alert_outage(struct alert *alert, struct alert_now now, const struct alert_outage *outage);
// Whether planned work explains it: then nobody is paged, until it no longer does.
void alert_quiet(struct alert *alert, struct alert_now now, uint32_t outage, bool is_quiet);

// What a start found: told once, to who is on call, and not to be acknowledged.
void alert_found(struct alert *alert, struct alert_now now, const char text[PAGE_TEXT_MAX]);

enum alert_answer { ALERT_TAKEN, ALERT_UNKNOWN, ALERT_ENDED };
enum alert_answer alert_acknowledge(struct alert *alert, struct alert_now now, uint32_t outage,
                                    const char *who);

void alert_delivered(struct alert *alert, int64_t page);
// An attempt by this channel failed.
void alert_failed(struct alert *alert, struct alert_now now, int64_t page, uint32_t channel);
// Who sends pages began anew: what it has not delivered is asked for once more.
void alert_sender_began(struct alert *alert, struct alert_now now);

// The next page that is due, until it gives false. `failing`: upstreams that lose packets, a bit
// set.
bool alert_next(struct alert *alert, struct alert_now now, uint32_t failing,
                struct alert_page *page);

// The case of this outage; NULL.
const struct alert_case *alert_find(const struct alert *alert, uint32_t outage);
