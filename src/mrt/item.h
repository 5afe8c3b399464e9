// SPDX-License-Identifier: ISC
// What an MRT record says: RFC 6396 §4, RFC 8050 (ADD-PATH), and the dialects of early collectors.
//
// Values are views into the record. Attributes and BGP messages stay octets as they were recorded,
// for bgp/ to judge. Nothing is allocated but the table of peers, which outlives its record.
#pragma once

#include "base/prefix.h"
#include "bgp/update.h"
#include "mrt/reader.h"

enum mrt_kind {
    MRT_UNKNOWN,  // a type or subtype that is passed over
    MRT_BAD,      // it is not what its type says: see the reason
    MRT_PEERS,    // the peer index table that the RIB records behind it count from
    MRT_RIB,      // one prefix and what each peer said of it
    MRT_ROUTE,    // one prefix of one peer
    MRT_MESSAGE,  // a BGP message
    MRT_STATE,    // a session changed its state
    MRT_KINDS
};

struct mrt_peer {
    struct address address;
    uint32_t as, id;  // id: BGP identifier, host order
};

struct mrt_peers {          // RFC 6396 §4.3.1; all zero is none
    struct mrt_peer *list;  // NULL: no good table was read
    uint32_t count;
    uint32_t collector_id;
};

struct mrt_nlri {              // a prefix as it stands in the record
    const uint8_t *bytes;      // (length + 7) / 8 of them; host bits as they came
    uint8_t length;            // bits
    enum family family;        // unicast or multicast; FAMILY_NONE: only `foreign` is set
    struct bgp_bytes foreign;  // the whole NLRI
};

struct mrt_rib {  // RFC 6396 §4.3.2 and §4.3.3, RFC 8050 §4
    struct mrt_nlri nlri;
    uint16_t afi;
    uint8_t safi;
    bool add_path;
    bool id_in_nlri;   // RFC 8050 §4.3: one path identifier, that of all entries
    uint32_t path_id;  // then
    uint32_t sequence;
    uint16_t count, seen;  // entries: as many as the record tells; as many as were given
    struct cursor entries;
    const struct mrt_peers *peers;
};

struct mrt_entry {
    const struct mrt_peer *peer;
    uint16_t peer_index;
    uint32_t originated_s;
    uint32_t path_id;             // 0 without ADD-PATH
    struct bgp_bytes attributes;  // 4-octet AS numbers; MP_REACH_NLRI cut down as §4.3.4 says
};

struct mrt_route {  // TABLE_DUMP: §4.2; BGP4MP_ENTRY
    struct mrt_nlri nlri;
    struct address peer;
    uint32_t peer_as;
    uint32_t originated_s;
    uint16_t view, sequence;
    uint16_t afi;
    uint8_t safi;
    uint8_t as_size;  // octets of an AS number in the attributes
    struct bgp_bytes attributes;
    struct bgp_bytes next_hop;  // of BGP4MP_ENTRY, which has it twice or only here
};

struct mrt_session {  // BGP4MP: §4.4, RFC 8050 §3
    struct address peer, local;
    uint32_t peer_as, local_as;
    uint8_t as_size;
    bool sent;              // by the recorder (_LOCAL), not by the peer
    bool add_path;          // the message has path identifiers
    uint8_t type;           // of the BGP message
    struct cursor message;  // with its header; empty in records of type MRT_BGP, which had none
    struct cursor body;     // what follows the header
    uint16_t old_state, new_state;  // §4.4.1: 1 idle to 6 established
};

struct mrt_item {
    enum mrt_kind kind;
    const char *reason;  // of MRT_BAD: "an attribute block goes past the end"
    size_t at;           // octets into the body of the record where it was found
    enum mrt_kind rest;  // of MRT_BAD: MRT_MESSAGE or MRT_ROUTE, as much as there is of it in
                         // `session` or `route`; MRT_UNKNOWN: nothing that can be shown
    union {
        struct mrt_rib rib;
        struct mrt_route route;
        struct mrt_session session;
    };
};

// Reads a record. A peer index table replaces what `peers` held, also when it is bad, since what
// follows counts from it. The item borrows the record and `peers`.
void mrt_item_decode(const struct mrt_record *record, struct mrt_peers *peers,
                     struct mrt_item *item);

// The next entry of a MRT_RIB; false behind the last, and where the item turns out to be bad: it
// then becomes MRT_BAD. Entries given before that are good.
bool mrt_entry_next(struct mrt_item *item, struct mrt_entry *entry);

// For those who only count: how many entries a good RIB record of IPv4 or IPv6 unicast has. False
// of all others, also of bad ones: mrt_item_decode() tells what they are.
bool mrt_rib_count(const struct mrt_record *record, const struct mrt_peers *peers, uint16_t *count);

// Host bits cleared; FAMILY_NONE where the NLRI is no prefix of ours.
struct prefix mrt_prefix(const struct mrt_nlri *nlri);

void mrt_peers_done(struct mrt_peers *peers);
