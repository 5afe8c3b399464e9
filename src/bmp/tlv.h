// SPDX-License-Identifier: ISC
// The type-length-value elements of BMP: 2 octets each of type and length, then the value. RFC 7854
// §4.4 to §4.8, RFC 8671 §6.3, RFC 9069 §4.4.
#pragma once

#include "base/cursor.h"

enum bmp_information {  // Initiation and Peer Up
    BMP_TEXT,
    BMP_SYSTEM_DESCRIPTION,
    BMP_SYSTEM_NAME,
    BMP_TABLE_NAME,   // RFC 9069 §4.4: VRF or table
    BMP_ADMIN_LABEL,  // RFC 8671 §6.3
    BMP_INFORMATIONS
};

enum { BMP_TERMINATION_TEXT, BMP_TERMINATION_REASON };
enum { BMP_MIRRORED_MESSAGE, BMP_MIRRORED_INFORMATION };  // RFC 7854 §4.7
enum { BMP_MIRROR_ERRORED, BMP_MIRROR_LOST };             // codes of the latter

struct bmp_tlv {
    uint16_t type;
    size_t at;  // octets into the cursor, of its first
    struct cursor value;
};

// The next; false at the end, and where one overruns the rest (then the cursor has failed).
bool bmp_tlv_next(struct cursor *tlvs, struct bmp_tlv *tlv);
// Whether all of them fit. `end` is set to behind them, or to the one that does not fit.
bool bmp_tlvs_check(struct cursor tlvs, size_t *end);
// The value of the last of a type; false when there is none.
bool bmp_tlv_find(struct cursor tlvs, uint16_t type, struct cursor *value);

const char *bmp_information_name(uint16_t type);  // "system_name"; NULL: unknown
