// SPDX-License-Identifier: ISC
// What people are woken for: everything that belongs together, as one. Incidents of paths and
// faults keep their own numbers and lives beneath it; they are joined by when they began and by
// what they hang on. A change that makes a process crash which never crashed is one before a packet
// is lost. Bounded; what there is no room for joins the youngest.
#pragma once

#include "detect/fault.h"
#include "incident/cause.h"

enum outage_state {
    OUTAGE_WARNED,       // nothing is lost yet: a change, and then what never happened there before
    OUTAGE_OPEN,         // packets are lost, and nothing of ours helps yet
    OUTAGE_PARTLY_WELL,  // some of it came back, the rest has not
    OUTAGE_STILL_BROKEN,  // what was changed is rolled back, and that did not mend it
    OUTAGE_MITIGATED,     // traffic was moved, and packets prove that it helped; the cause is there
    OUTAGE_WELL,          // nothing is lost any more: watched for a while
    OUTAGE_OVER,
    OUTAGE_STATES
};

enum outage_severity { OUTAGE_MINOR, OUTAGE_MAJOR, OUTAGE_CRITICAL, OUTAGE_SEVERITIES };

enum {
    OUTAGE_TITLE_MAX = 160,
    OUTAGE_CAUSE_MAX = 240,
    OUTAGE_ACTION_MAX = 240,
    OUTAGES_MAX = 8,            // open at once
    OUTAGE_WARN_S = 120,        // from a change to what never happened before (detection.md 5)
    OUTAGE_WELL_S = 60,         // what comes back so soon is the same outage
    OUTAGE_WARNED_S = 30 * 60,  // without anything more a warning is over
    OUTAGE_ROLLBACK_S = 20,     // a rollback that mends has mended by then
    OUTAGE_FAULTS_MAX = 8,      // that are remembered of one
    OUTAGE_SETTLE_S = 60,       // of one taken up: its loss is found again by then, if it goes on
};

extern const char *const outage_state_names[OUTAGE_STATES];
extern const char *const outage_severity_names[OUTAGE_SEVERITIES];

struct outage {
    uint32_t number;  // 0: none
    enum outage_state state;
    enum outage_severity severity;  // the highest yet
    struct mono onset;              // of the first of all that belongs to it
    bool lost;                      // anything ever was,
    struct mono lost_at;            // since then
    struct mono entered_at;         // the state
    struct mono bad_at;             // the last time that anything was wrong
    struct mono joined_at;          // of what was last joined: when that began
    struct mono ranked_at;          // the causes
    struct mono partly_since;       // some of its paths are well; 0: all or none
    struct mono settles_until;      // taken up from an earlier life: what lost counts as losing
    uint64_t settling;              // until then: these paths, a bit set
    uint64_t paths, hit, helped;    // bit sets: ever, now, and of these where our move helps
    uint64_t own,
        own_lost;  // own prefixes unseen from outside, bit sets by place in net.own: ever, now
    uint64_t foreign, foreign_now;  // likewise, that others announce, or a part of them
    uint32_t faults[OUTAGE_FAULTS_MAX], fault_count;  // numbers, as ever named
    struct nodes nodes;                               // of all of it
    uint32_t warned_by, changed_by;  // ids of facts: the alarm and the change of a warning; 0: none
    uint32_t rolled_back_by;         // likewise
    uint32_t part_of;                // found to be part of that outage, and over as one; 0: not
    uint32_t share_ppm;              // of all packets that leave: lost now
    struct symptoms symptoms;
    struct causes causes;
};

// What is seen of the network now.
struct outage_sight {
    struct mono now;
    double minute;                     // of now in its hour; negative: unknown
    uint64_t hit;                      // paths that lose, by their incidents
    uint64_t helped;                   // of those: what was moved away from is proven to be better
    struct mono began[NET_PATHS_MAX];  // when what is lost began to be
    uint32_t lost_ppm[NET_PATHS_MAX];  // of all packets that leave
    uint64_t own;  // prefixes that are unseen from outside, and nobody wants it so,
    struct mono own_began[NET_OWN_MAX];
    uint64_t foreign;  // prefixes that others announce, or a part of them
    struct mono foreign_began[NET_OWN_MAX];
    uint32_t fault_count;  // that are named
    struct fault faults[OUTAGE_FAULTS_MAX];
};

struct outages {
    const struct net *net;
    uint32_t count;  // numbers given so far
    uint32_t seen;   // the last fact that was looked at,
    uint32_t burst;  // and the last whose sessions were found to be many
    struct outage items[OUTAGES_MAX];
    struct facts facts;
};

void outages_init(struct outages *outages, const struct net *net, struct mono now);
// Joins what is seen and what was told, and moves each outage on. One that gets OVER is so until
// the next look, and then gone.
void outages_look(struct outages *outages, const struct outage_sight *sight);
// `lost_ppm`: of all packets that leave.
enum outage_severity outage_severity(uint32_t lost_ppm);

// The upstreams of these paths (a bit set).
struct nodes outage_upstreams(const struct net *net, uint64_t paths);

// "192.0.2.0/24, 2001:db8::/48 and 3 more", by places in net.own.
void outage_say_own(const struct net *net, uint64_t own, struct words *words);
// Whether too little is heard yet, after it was taken up, to say anything new of it.
bool outage_settles(const struct outage *outage, struct mono now);

// outage_say.c, each into an array of its OUTAGE_*_MAX.
void outage_title(const struct outages *outages, const struct outage *outage,
                  const struct outage_sight *sight, char *title);
void outage_cause(const struct outages *outages, const struct outage *outage, char *cause);
// What there is to do, or to know, beside what Fairlead does by itself; empty: nothing.
void outage_advice(const struct outages *outages, const struct outage *outage, char *advice);
