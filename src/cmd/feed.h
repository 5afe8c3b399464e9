// SPDX-License-Identifier: ISC
// `fairlead feed` from inside: feed.c (options, what happens in which order), feed_read.c (archives
// into memory), feed_session.c (the BGP session), feed_tell.c (what is said to people).
#pragma once

#include "base/clock.h"
#include "bgp/session.h"
#include "feed/replay.h"
#include "net/net.h"

enum { FEED_VIEWS_MAX = 1024 };  // peers of one archive: large collectors have some hundreds

struct feed_options {
    const char *const *files;
    size_t file_count;
    struct net_router peer;   // whom to: address, local address, port, key
    const char *view;         // address or AS number of the peer whose routes are taken; NULL: any
    uint32_t local_as, id;    // 0: the view's
    uint32_t peer_as;         // BGP_AS_ANY: whatever it says
    bool families[FAMILIES];  // what is read of the archives
    struct address next_hop[FAMILIES];
    bool next_hop_self, keep_path, no_extended;
    uint16_t hold_s;
    double speed;    // of recorded updates: 2 is twice as fast; INFINITY: without waiting
    int64_t stay_s;  // after all is said; -1: until interrupted
    int64_t wait_s;  // for the session to come up
    uint32_t cycles;
    bool withdraw, step, json, yes;
};

struct feed_view {
    struct address address;
    uint32_t as, id;
    uint64_t routes, updates;
    bool wanted;  // by --view
};

struct feed_archive {
    struct feed_table table;
    struct feed_replay replay;
    struct feed_view views[FEED_VIEWS_MAX];
    uint32_t view_count, at;  // `at`: the one met last
    uint32_t chosen;          // of the views; UINT32_MAX: none was met
    bool ambiguous;           // another that is wanted was met
    bool path_ids;            // the table has them
    uint64_t state_changes;   // of recorded sessions: passed over
    bool damaged;             // what stood before the damage is good
    char damage[512];         // "FILE: a record ... at offset ..."
};

// 0, or the exit status, after telling why. Done in every case.
int feed_read(const struct feed_options *options, struct feed_archive *archive);
void feed_archive_done(struct feed_archive *archive);

struct feed_stats {  // of one step
    struct mono began, ended;
    uint64_t announced, withdrawn, messages, bytes;
    int64_t late_ns;  // by how much an update went out after its time, at most
};

struct feed_feed;  // what feed_session.c keeps

// Dials and plays; gives the exit status.
int feed_session_run(const struct feed_options *options, const struct feed_archive *archive);

// feed_tell.c: to standard output, as text or JSON. Problems go to standard error.
void feed_tell_plan(const struct feed_options *options, const struct feed_archive *archive);
void feed_tell_up(const struct feed_options *options, const struct bgp_session *session);
void feed_tell_encoded(const struct feed_options *options, const struct feed_output *output,
                       const struct feed_schedule *schedule);
void feed_tell_begun(const struct feed_options *options, const char *step, struct mono at);
void feed_tell_done(const struct feed_options *options, const char *step,
                    const struct feed_stats *stats);
void feed_tell_rest(const struct feed_options *options);
void feed_tell_down(const struct feed_options *options, const char *reason, bool asked);
void feed_tell_progress(const struct feed_options *options, size_t done, size_t all);
void feed_problem(const char *format, ...) __attribute__((format(printf, 1, 2)));
