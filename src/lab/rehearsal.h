// SPDX-License-Identifier: ISC
// A scenario played once: Fairlead starts, says that it is ready, the fault comes at a moment of
// chance, goes, and Fairlead returns. One lab serves many runs; Fairlead is a new one in each.
#pragma once

#include "base/random.h"
#include "lab/faults.h"
#include "lab/guard.h"
#include "lab/measure.h"

#include <signal.h>

// On the loopback of the machine, for whoever watches; Fairlead's own is in its namespace.
enum { REHEARSAL_PAGE_PORT = 8470 };

enum rehearsal_end {
    REHEARSAL_DONE,         // all that was to happen did
    REHEARSAL_NEVER_READY,  // Fairlead did not say so in time
    REHEARSAL_LATE,         // the run was not over in time
    REHEARSAL_GUARD_ENDED,  // Fairlead ended by itself
    REHEARSAL_ENDS
};

struct rehearsal_family {
    struct measure traffic;
    double suspect_ms, detect_ms, restore_ms,
        new_way_ms;  // from the first faulty packet; NAN: never
};

struct rehearsal_run {
    enum rehearsal_end end;
    struct rehearsal_family families[FAMILIES];
    uint32_t false_actions, acts, wrong_names;
    double said_ms[SCENARIO_SAID_MAX];  // from what each follows; NAN: it was not said in time
    double name_ms;  // from the first faulty packet; NAN: not all parts were named
    char wrong_words[FAULT_WORDS_MAX];  // of the first wrong name
    uint64_t own_drops, unsent;         // packets that the lab itself lost
    int exit_status;                    // of `fairlead run`; -1: killed
    double seconds;
    char unread[MESSAGE_MAX];  // what it said that nobody understands
    char last_error[256];      // the last line of its standard error
};

struct rehearsal;

// Something to do at every turn of the lab's loop, with every effect, and when a run is measured:
// narration. Each may be NULL.
struct rehearsal_watcher {
    void (*on_turn)(void *context, struct rehearsal *rehearsal, int64_t now_ns);
    void (*on_effect)(void *context, struct rehearsal *rehearsal,
                      const struct guard_effect *effect);
    // Before the lab stays up for `linger_s` more.
    void (*on_over)(void *context, struct rehearsal *rehearsal, const struct rehearsal_run *run,
                    uint32_t linger_s);
    void *context;
};

struct rehearsal_files {
    struct guard_files guard;
    char traffic[256];  // lost packets and changes of way; empty: not kept
};

struct rehearsal_options {
    const char *program;  // the path of `fairlead`; lent
    uint64_t seed;        // for the moments of chance
    uint32_t soak_s;      // instead of the scenario's; 0: that
    int listen;           // a listening socket handed to Fairlead for its page; 0: none
    struct rehearsal_watcher watcher;
};

struct rehearsal {
    struct lab lab;
    struct traffic traffic;
    struct faults faults;
    struct guard guard;
    struct random random;
    struct rehearsal_watcher watcher;
    int signals;  // a signalfd: SIGINT, SIGTERM and SIGHUP
    bool interrupted;
    int64_t soak_ns;  // how long a run without an outage lasts
    int listen;
    size_t told;  // effects that the watcher has seen
    int64_t began_ns, ready_ns;
};

// Blocks the signals, builds the lab, waits until traffic flows. 0; -EINTR when interrupted; else
// -errno and why in `rehearsal->lab.why`. To be closed in any case.
int rehearsal_open(struct rehearsal *rehearsal, const struct scenario *scenario,
                   const struct rehearsal_options *options);
void rehearsal_close(struct rehearsal *rehearsal);

// As rehearsal_open(). What went wrong with Fairlead is no error but a result. Fairlead and the lab
// stay up for `linger_s` more seconds after the measuring; an interrupt then is no error.
int rehearsal_run(struct rehearsal *rehearsal, const struct rehearsal_files *files,
                  uint32_t linger_s, struct rehearsal_run *run);

// One turn: waits for something to happen, at most until `until_ns`. 0, -EINTR, or -errno.
int rehearsal_turn(struct rehearsal *rehearsal, int64_t until_ns);
// The parts of a run, for tests that interfere. As rehearsal_open(); -ETIME when it is too late.
int rehearsal_wait_ready(struct rehearsal *rehearsal, int64_t limit_ns);
bool rehearsal_is_usual(struct rehearsal *rehearsal, uint32_t packets);
