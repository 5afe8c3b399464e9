// SPDX-License-Identifier: ISC
// One BMP message, judged: RFC 7854 §4, RFC 8671, RFC 9069.
//
// Decoded values are views into the received bytes, valid as long as those. Nothing is allocated.
// Routes are read by bmp_monitor_read(): that takes what the peer's OPENs said.
#pragma once

#include "bgp/notification.h"
#include "bgp/open.h"
#include "bmp/peer.h"
#include "bmp/verdict.h"

enum {
    BMP_HEADER_SIZE = 6,
    BMP_MESSAGE_MAX = 128 * 1024,  // octets: one with the longest BGP message and as much beside it
};

enum bmp_type {  // RFC 7854 §4.1
    BMP_ROUTE_MONITORING,
    BMP_STATISTICS_REPORT,
    BMP_PEER_DOWN,
    BMP_PEER_UP,
    BMP_INITIATION,
    BMP_TERMINATION,
    BMP_ROUTE_MIRRORING,
    BMP_TYPES
};

enum bmp_down_reason {  // RFC 7854 §4.9, RFC 9069 §5.3
    BMP_DOWN_LOCAL_NOTIFICATION = 1,
    BMP_DOWN_LOCAL,
    BMP_DOWN_REMOTE_NOTIFICATION,
    BMP_DOWN_REMOTE,
    BMP_DOWN_UNMONITORED,  // it may be up, but nothing is told of it any more
    BMP_DOWN_LOC_RIB,      // the instance of a Loc-RIB was closed
    BMP_DOWN_REASONS
};

struct bmp_peer_up {
    struct address local_address;  // the router's end; FAMILY_NONE with Loc-RIB
    uint16_t local_port, remote_port;
    struct cursor sent_bytes, received_bytes;  // the OPENs, as they were
    struct bgp_open sent, received;            // by the router
    struct cursor information;                 // TLVs, checked
};

struct bmp_peer_down {
    uint8_t reason;      // enum bmp_down_reason, or one that we do not know
    uint16_t fsm_event;  // with BMP_DOWN_LOCAL; RFC 4271 §8.1; 0: not known
    bool notified;       // `notification` can be used
    struct bgp_notification notification;
    struct cursor information;  // TLVs, checked; with BMP_DOWN_LOC_RIB
};

struct bmp_message {
    uint32_t size;  // octets, header included
    uint8_t type;   // enum bmp_type, or one that we do not know
    bool decoded;   // the parts below were filled; good only as the verdict says
    bool has_peer;
    struct bmp_peer peer;
    uint32_t statistics_announced;  // of a report: how many counters it claims to hold
    union {
        struct cursor body;  // Route Monitoring: the UPDATE; Statistics: counters; Initiation,
                             // Termination and Route Mirroring: TLVs, checked
        struct bmp_peer_up up;
        struct bmp_peer_down down;
    };
};

// Judges the first BMP_HEADER_SIZE of `bytes`, which must be there; the rest may still be on its
// way. BMP_CLOSE: do not wait for it.
struct bmp_verdict bmp_frame_decode(struct cursor bytes, uint32_t *size, uint8_t *type);

// `bytes` is one whole message: as many octets as its header says, or the verdict is BMP_CLOSE.
struct bmp_verdict bmp_message_decode(struct cursor bytes, struct bmp_message *message);

const char *bmp_type_name(uint8_t type);            // "peer-up"; "unknown"
const char *bmp_down_reason_name(uint8_t reason);   // "remote-notification"; "unknown"
const char *bmp_termination_name(uint16_t reason);  // "out-of-resources"; "unknown"

// "the router said Cease/Administrative Shutdown: a text", safe for a log, into `text`.
const char *bmp_down_text(const struct bmp_peer_down *down, char *text, size_t size);
