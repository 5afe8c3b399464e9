// SPDX-License-Identifier: ISC
// The story of one path: what an incident remembers, and who moves it on. Part of the engine:
//
//   story.c    from suspicion over acting to verification
//   stay.c     from hold-down over trial to return
//   verdict.c, taken.c  what packets prove, what routers say
#pragma once

#include "engine/decide.h"
#include "engine/event.h"
#include "engine/harm.h"
#include "engine/verdict.h"
#include "steer/hold.h"

struct memory {  // of one path: outlives its incidents
    struct hold hold;
    uint32_t tries;  // acts in a row that did not help
    struct mono retry_at;
    struct mono tainted_until[NET_UPSTREAMS_MAX];
    struct mono exit_refused_until;  // until then prefixes move one by one
    // What returned last.
    struct mono returned_at;
    uint64_t returned_kbps;
};

enum trial_phase { TRIAL_SLICE_DOWN, TRIAL_SLICE_VERIFY, TRIAL_REST_DOWN };

// Why a path should be left. What is asked for, or named, is told by story_ask() and story_over();
// loss is what detectors say.
enum story_cause {
    STORY_LOSS,   // packets are lost: a move must gain
    STORY_DRAIN,  // a person wants it empty: a move must not do worse
    STORY_FAULT,  // a part of it is named at fault
    STORY_CAUSES
};

struct story {  // of one path
    uint32_t number;
    enum incident_state state;
    uint8_t causes;  // bit set of enum story_cause, beside loss
    struct mono opened_at, entered_at;
    char reason[160];  // of the present state
    // While a plan is looked for, or one for what rests.
    enum refusal refused;
    uint32_t refused_subject;
    struct mono refused_since;
    bool refused_said;
    // While it waits for approval, mode confirm.
    uint32_t approval;       // its number; 0: nothing waits
    uint32_t approval_ways;  // bit set: where it would move to, as told
    struct mono proposed_at;
    bool approved;
    // While something is moved.
    uint32_t ways;  // bit set: upstreams that something is moved to
    uint32_t good;  // of those, the ones that packets have proven
    uint32_t loss_before_ppm;
    bool backing;  // all is being taken back
    bool verified;
    struct verdict verdicts[NET_UPSTREAMS_MAX];  // of each way
    struct verdict slice_verdict;
    bool rests;             // not all that should moves: looked at again
    struct mono looked_at;  // for that, the last time
    // While held and tried.
    int64_t hold_ns;
    struct mono well_since;  // no doubt since, at the earliest since it is held
    bool well_proven;
    bool worse_said, full_said;
    struct sprt well;
    enum trial_phase phase;
    struct prefix slice;
    struct effect_plan last_plan;  // for the status page
};

// story.c
void story_signal(struct engine *e, const struct signal *signal);
// A person approves the plan of this number: done, or `text` (ENGINE_WHY_MAX bytes) says why not.
bool story_approve(struct engine *e, uint32_t approval, char *text);
void story_override(struct engine *e, const struct event_override *outcome);
void story_advance(struct engine *e, uint32_t path);
void story_enter(struct engine *e, uint32_t path, enum incident_event event, const char *reason);
// Opens a story of the path for this cause, or adds it to the one there is. From then on it goes as
// every story does: a plan within all limits, verification, and HELD until every cause is over;
// STORY_DRAIN and STORY_FAULT until story_over() says so.
void story_ask(struct engine *e, uint32_t path, enum story_cause cause, const char *reason);
// The cause is over: what was moved returns by trial, when nothing else holds it.
void story_over(struct engine *e, uint32_t path, enum story_cause cause);
// The cause by which the path is judged now.
enum story_cause story_cause(const struct engine *e, uint32_t path);
// The way did not help, or does no longer: what was moved to it is taken back, and it is left alone
// for a while. With the last way that is a failure of all: tries are counted.
void story_fail_way(struct engine *e, uint32_t path, uint32_t way, enum effect_plan_verdict verdict,
                    const char *reason);
// The same of those of e->moves that are marked, and go as this one; false: none stays there.
bool story_fail_part(struct engine *e, const struct move *like, const bool *part, const char *why);
// What found no room, was not to move at first, or came since, is looked at again.
void story_look_for_more(struct engine *e);
void story_look_for_rest(struct engine *e, uint32_t path);
// Takes back all that is moved for this path, and says why.
void story_undo(struct engine *e, uint32_t path, enum effect_plan_verdict verdict,
                const char *reason);
// Tells a plan to take traffic back from each way (bit set) that it was moved to.
void story_tell_back(struct engine *e, uint32_t path, uint32_t ways,
                     enum effect_plan_verdict verdict, const char *reason);
void story_session_lost(struct engine *e, uint32_t router);
void story_thaw(struct engine *e, uint32_t path);
// Nothing of the path's stands any more.
void story_bare(struct engine *e, uint32_t path, const char *reason);
// Whether anything is moved, or on its way.
bool story_moves(const struct story *story);

// stay.c
void stay_hold(struct engine *e, uint32_t path, enum incident_event event, const char *reason);
void stay_tally(struct engine *e, uint32_t path, uint64_t ok, uint64_t lost);
// What is returning is wanted away again, where it would leave by the old way.
void stay_want_back(struct engine *e, uint32_t path);
// Takes back what a trial has returned.
void stay_relapse(struct engine *e, uint32_t path, const char *reason);
void stay_advance(struct engine *e, uint32_t path);
// How long a path or an alternative is left alone after one more failure.
int64_t stay_penalty_ns(struct engine *e, uint32_t path);
