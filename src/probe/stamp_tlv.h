// SPDX-License-Identifier: ISC
// The TLVs behind a STAMP packet (RFC 8972, RFC 9503, RFC 9534): what a sender asks with them, and
// what a reflector answers. Of all types four are served: Extra Padding makes a packet as large as
// one likes; Class of Service tells whether somebody on the way re-marked us; Destination Node
// Address whether the right box answered; Micro-session ID which link of a bundle it came by.
#pragma once

#include "base/cursor.h"
#include "base/prefix.h"
#include "base/writer.h"

enum stamp_tlv_type {
    STAMP_EXTRA_PADDING = 1,      // RFC 8972 §4.1
    STAMP_CLASS_OF_SERVICE = 4,   // RFC 8972 §4.4
    STAMP_NODE_ADDRESS = 9,       // RFC 9503 §3
    STAMP_MICRO_SESSION_ID = 11,  // RFC 9534 §3.1
};

// As a reflector sets them; a sender sends STAMP_UNRECOGNISED alone.
enum stamp_tlv_flag { STAMP_UNRECOGNISED = 0x80, STAMP_MALFORMED = 0x40, STAMP_INTEGRITY = 0x20 };

struct stamp_tlv {
    uint8_t flags, type;
    uint16_t size;  // as it says itself
    struct cursor value;
    bool framed;  // false: longer than what is left; `value` is then all that is left
};

// What a sender adds; all zero: nothing.
struct stamp_wish {
    bool asks_class;         // Class of Service, with
    uint8_t dscp_back;       // what the answer is to be sent with
    struct address node;     // who is to answer; FAMILY_NONE: whoever is asked
    uint16_t micro_session;  // the link of a bundle that we send by; 0: not said
    size_t size;             // of all that the writer is to hold, in octets; less: no padding
};

struct stamp_class {              // the answer to Class of Service
    uint8_t dscp_came, ecn_came;  // as the reflector saw the probe
    bool refused;                 // its policy did not let it answer with what was asked
};

// Which box answered, and by which of its links the probe came.
enum stamp_node { STAMP_NODE_UNTOLD, STAMP_NODE_MEANT, STAMP_NODE_OTHER };

// What a reflector knows and allows when it answers TLVs.
struct stamp_policy {
    uint8_t traffic_class;      // of the request's IP header as it arrived
    uint64_t dscp_allowed;      // a bit for each that an answer may be sent with
    uint16_t micro_session;     // the link that the request came by; 0: not served
    const struct address *own;  // addresses that are the reflector's
    uint32_t own_count;
};

struct stamp_verdict {      // what the TLVs ask of the answer
    uint8_t dscp;           // to send it with
    struct address source;  // to send it from; FAMILY_NONE: the one that was asked
    bool discard;           // the request came by another link than it says (RFC 9534 §3.2)
};

// The next TLV of a packet; false at the end and at a rest too short for a header.
bool stamp_tlv_next(struct cursor *tlvs, struct stamp_tlv *tlv);
// Whether RFC 8972, 9503 or 9534 allow this length for the type; true for types they do not know.
bool stamp_tlv_length_fits(uint8_t type, size_t size);

// Behind a base packet that `w` already holds; ask writer_ok().
void stamp_wish_encode(struct writer *w, const struct stamp_wish *wish);
// What came back, by RFC 8972 §4: of TLVs that the reflector marked as not understood or not well
// formed nothing is believed, nor of any behind the latter. False when it is not there.
bool stamp_class_read(struct cursor tlvs, struct stamp_class *class);
// STAMP_NODE_OTHER also when the reflector knows nothing of RFC 9503.
enum stamp_node stamp_node_read(struct cursor tlvs);
// The reflector's link; 0: not told.
uint16_t stamp_micro_session_read(struct cursor tlvs);

// Sets flags and values of `answer`, a copy of `tlvs`, as a reflector must.
struct stamp_verdict stamp_tlvs_answer(struct cursor tlvs, const struct stamp_policy *policy,
                                       uint8_t *answer);
