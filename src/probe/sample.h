// SPDX-License-Identifier: ISC
// What became of one probe. Only a sample that our own side can vouch for is ok or lost; everything
// else is void and counts for nothing (detection.md 1.7).
#pragma once

#include "base/clock.h"
#include "probe/flow.h"

#include <stdbool.h>
#include <stdint.h>

enum sample_verdict { SAMPLE_OK, SAMPLE_LOST, SAMPLE_VOID, SAMPLE_VERDICTS };

enum sample_void_reason {
    SAMPLE_NOT_VOID,
    SAMPLE_LOOP_LAGGED,     // our loop ran late while the probe was out
    SAMPLE_SEND_FAILED,     // the kernel did not take it
    SAMPLE_SOCKET_DROPPED,  // SO_RXQ_OVFL moved: we lost it ourselves
    SAMPLE_CLOCK_STEPPED,
    SAMPLE_LINK_DOWN,     // the first link
    SAMPLE_LINK_DROPPED,  // that link's own counters moved: what it cannot send or take
    SAMPLE_UNDATED,       // it came, but the kernel did not say when
    SAMPLE_UNSEEN,        // it may not have left in time: our own queue
    SAMPLE_MET_TRACE,     // a SYN of ours that was to expire may have begun a connection before it
    SAMPLE_VOID_REASONS
};

struct sample {
    uint32_t id;  // of the flow: its index in the list of all
    enum flow_use use;
    uint32_t path, target, flow;  // path and target index struct net; flow counts from 0 in both
    enum sample_verdict verdict;
    enum sample_void_reason void_reason;
    bool late;  // an answer after its time-out: was told as lost before
    struct mono sent_at, known_at;
    int64_t rtt_ns;  // when ok: (T4 - T1) - (T3 - T2)
    // A stateful reflector's counters tell where earlier probes of this flow got lost (RFC 8762):
    // how many since the last answer, in each direction. Only with ok.
    uint32_t lost_forward, lost_reverse;
    bool direction_known;
};
