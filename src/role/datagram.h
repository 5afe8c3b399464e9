// SPDX-License-Identifier: ISC
// Datagrams many at a time, with what the kernel knows about each: when it came, with how many hops
// left, of which class, to which of our addresses and ports, and how many the socket had to drop
// before it.
#pragma once

#include "base/clock.h"
#include "role/endpoint.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    DATAGRAM_BATCH = 64,
    DATAGRAM_SIZE_MAX = 9216,  // bytes: the largest frames in use; what is longer is cut
    DATAGRAM_CONTROL_MAX = 256,
};

struct datagram_facts {
    struct wall received_at;  // by the kernel; 0: it did not say
    uint8_t ttl;              // 0: it did not say
    uint8_t traffic_class;    // DSCP and ECN
    struct address local;     // as it was asked for with datagram_want_local(); else FAMILY_NONE
    uint32_t interface;
    uint16_t local_port;  // of ours, as it was asked for with datagram_want_port(); else 0
    uint32_t dropped;     // by this socket since it was opened
};

struct datagram_slot {
    uint8_t *bytes;                                     // DATAGRAM_SIZE_MAX
    _Alignas(8) uint8_t control[DATAGRAM_CONTROL_MAX];  // as cmsg(3) aligns it
    union endpoint peer;
    struct iovec part;
};

struct datagram_batch {
    struct mmsghdr messages[DATAGRAM_BATCH];
    struct datagram_slot slots[DATAGRAM_BATCH];
    uint8_t *memory;
    int used;  // slots that are not ready to receive
};

// Most of its 600 kB are never touched. False without memory.
bool datagram_batch_init(struct datagram_batch *batch);
void datagram_batch_done(struct datagram_batch *batch);

// Every option above but the local address. 0 or -errno.
int datagram_want_facts(int fd, enum family family);
int datagram_want_local(int fd, enum family family);
int datagram_want_port(int fd, enum family family);  // UDP
int datagram_want_departures(int fd);
// Lets through what the program says. 0 or -errno.
struct sock_filter;
int datagram_filter(int fd, const struct sock_filter *code, size_t count);
// 255 hops (RFC 8762 §4.2 by RFC 5082). 0 or -errno.
int datagram_set_ttl(int fd, enum family family, int ttl);

// How many came, at most DATAGRAM_BATCH; 0: none now; or -errno. Never waits.
int datagram_receive(int fd, struct datagram_batch *batch);
// Of the i-th that came.
size_t datagram_size(const struct datagram_batch *batch, int i);  // SIZE_MAX when it was cut
struct datagram_facts datagram_facts(struct datagram_batch *batch, int i);

// Makes the i-th one to send: `size` of slots[i].bytes to slots[i].peer, from `local` (FAMILY_NONE:
// the kernel chooses) on `interface` (0: any).
void datagram_compose(struct datagram_batch *batch, int i, size_t size, struct address local,
                      uint32_t interface);
// The composed one goes with this DSCP and ECN instead of the socket's.
void datagram_classify(struct datagram_batch *batch, int i, uint8_t traffic_class);
// When the composed one leaves is to be told, of a socket with datagram_want_departures().
void datagram_ask_departure(struct datagram_batch *batch, int i);
// How many of the first `count` were taken; or -errno when not even one was.
int datagram_send(int fd, struct datagram_batch *batch, int first, int count);
// Likewise of a message of one's own, into `control` with room for DATAGRAM_CONTROL_MAX.
void datagram_put_departure(struct msghdr *message, uint8_t *control);
// When the next one that was asked of left, as it was handed to the device. False: none by now.
bool datagram_departed(int fd, struct wall *at);
// What the socket has dropped by now, as datagram_facts.dropped.
uint32_t datagram_dropped(int fd);
