// SPDX-License-Identifier: ISC
// Traffic of a customer, and what became of every packet: the lab's own eyes. A sender and a
// receiver run as processes of their own inside the namespaces and know nothing of Fairlead; both
// write into one log in shared memory. Arrival times are the kernel's.
#pragma once

#include "base/clock.h"
#include "lab/lab.h"

// One packet. Its destination is `sequence` modulo the number of targets; sort and source port take
// turns more slowly. The log is a ring.
struct traffic_packet {
    _Atomic int64_t sequence;    // -1: never used
    _Atomic int64_t sent_ns;     // CLOCK_MONOTONIC; 0: not sent yet, or the kernel did not take it
    _Atomic int64_t arrived_ns;  // 0: not arrived
    _Atomic uint8_t passed;      // routers between
    _Atomic uint8_t copies;      // arrivals
};

struct traffic_log {
    uint32_t capacity, target_count;
    _Atomic int64_t next[FAMILIES];     // sequence that will be sent next
    _Atomic uint64_t unsent[FAMILIES];  // the kernel did not take them
    _Atomic uint64_t own_drops;         // the receiver's socket overflowed: our fault
    struct traffic_packet *packets[FAMILIES];
};

struct traffic {
    struct traffic_log *log;
    size_t log_bytes;
    pid_t sender, receiver;
};

// Begins to send and to receive; remembers the last `seconds`. 0, or -errno and why in the lab.
int traffic_start(struct traffic *traffic, struct lab *lab, uint32_t seconds);
void traffic_stop(struct traffic *traffic);
// Whether both processes still run.
bool traffic_is_alive(const struct traffic *traffic);

struct traffic_packet *traffic_packet(struct traffic_log *log, enum family family,
                                      int64_t sequence);
// The same, when it stands in the log and was sent; else NULL.
const struct traffic_packet *traffic_sent(struct traffic_log *log, enum family family,
                                          int64_t sequence);
int64_t traffic_oldest(const struct traffic_log *log, enum family family);  // sequence
