// SPDX-License-Identifier: ISC
// What one router tells in one BMP stream: its peers, and each message read as they were
// negotiated. What the route role and `fairlead decode bmp` both call, so that both always say the
// same.
//
// RFC 7854 §3.3, RFC 8671 §5, RFC 9069 §5. The routes of a peer that was never announced by a Peer
// Up are taken as without ADD-PATH; those of a peer that went down are not taken until it is up
// again. A message before the Initiation is taken as any other.
#pragma once

#include "base/siphash.h"
#include "bgp/message.h"
#include "bmp/message.h"
#include "bmp/paths.h"

enum { BMP_MONITOR_PEERS_MAX = 4096 };  // that may be asked for
#define BMP_NOBODY UINT32_MAX

enum bmp_peer_state { BMP_UNTOLD, BMP_UP, BMP_DOWN };

// A peer, or a Loc-RIB: RFC 7854 §4.2 tells them apart by these three.
struct bmp_known {
    uint8_t type;
    uint64_t distinguisher;
    struct address address;
    uint32_t asn, id;
    enum bmp_peer_state state;
    bool external;  // by the OPENs; false: internal, or not known
    bool as4;       // by the OPENs; false also when not known
    bool add_path_in[FAMILIES], add_path_out[FAMILIES], add_path_loc[FAMILIES];
    uint8_t paths[BMP_TABLES];    // enum bmp_paths: what its routes have shown
    uint8_t guessed[BMP_TABLES];  // the same, as it was taken before that was sure
};

struct bmp_monitor;

// What became of one message.
struct bmp_reading {
    struct bmp_message message;
    uint32_t peer;               // whose number it is in this monitor; BMP_NOBODY
    enum bmp_peer_state before;  // of that peer
    bool has_bgp;                // Route Monitoring: the two below tell of its UPDATE
    struct bgp_message bgp;
    struct bgp_verdict bgp_verdict;
    bool paths_missing;  // its path identifiers, although they were negotiated
    bool misread;        // as is sure now, what came before in this table was taken wrongly
};

// `peers_max` is the room for peers; what is told of more is ignored. NULL: out of memory.
struct bmp_monitor *bmp_monitor_new(uint32_t peers_max, struct siphash_key key);
void bmp_monitor_free(struct bmp_monitor *m);

// Judges one whole message and does with the peers what it says. Of a Route Monitoring message that
// is accepted or used in part, bgp_verdict tells the rest: what bgp_update_decode() says of an
// UPDATE holds here too, but a session reset is BMP_DROP.
struct bmp_verdict bmp_monitor_read(struct bmp_monitor *m, struct cursor bytes,
                                    struct bmp_reading *reading);

// How a mirrored message of this peer is to be read: as the router received it (RFC 7854 §4.7).
struct bgp_context bmp_monitor_mirror_context(const struct bmp_monitor *m, uint32_t peer);

uint32_t bmp_monitor_count(const struct bmp_monitor *m);  // peers, numbered from 0
const struct bmp_known *bmp_monitor_peer(const struct bmp_monitor *m, uint32_t peer);

// "192.0.2.1", "192.0.2.1/64500:1" or "loc-rib": without the table, into `text`
// (BMP_KNOWN_TEXT_MAX bytes); gives it back.
enum { BMP_KNOWN_TEXT_MAX = ADDRESS_TEXT_MAX + BMP_DISTINGUISHER_TEXT_MAX + 8 };
const char *bmp_known_text(const struct bmp_known *known, char *text);
