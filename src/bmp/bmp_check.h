// SPDX-License-Identifier: ISC
// For tests: BMP messages as hexadecimal, put together of parts that are named.
#pragma once

#include "base/check.h"

#include <string.h>

#define CHECK_ZEROS "0000000000000000"
// Behind the address: AS 64500, identifier 192.0.2.9, 2023-11-14T22:13:20Z.
#define CHECK_REST " 0000fbf4 c0000209 6553f100 00000000 "
// Per-peer headers: the flags as two digits.
#define CHECK_PEER(flags) "00 " flags CHECK_ZEROS "000000000000000000000000 c0000209" CHECK_REST
#define CHECK_PEER6(flags) "00 " flags CHECK_ZEROS "20010db8000000000000000000000009" CHECK_REST
#define CHECK_VRF(n) "01 00 0000fbf40000000" n "000000000000000000000000 c0000209" CHECK_REST
#define CHECK_LOC_RIB "03 00" CHECK_ZEROS CHECK_ZEROS CHECK_ZEROS CHECK_REST

#define CHECK_MARK "ffffffffffffffffffffffffffffffff "
#define CHECK_OPEN_OF(as, size, capabilities)                                                      \
    CHECK_MARK size " 01 04 " as " 005a c0000202 " capabilities
#define CHECK_OPEN CHECK_OPEN_OF("fbf4", "001d", "00")
#define CHECK_OPEN_AS4 CHECK_OPEN_OF("fbf4", "0025", "08 0206 41040000fbf4")
#define CHECK_OPEN_OUTSIDE CHECK_OPEN_OF("fbf5", "0025", "08 0206 41040000fbf5")
// ADD-PATH of IPv4: the digit is 1 to receive, 2 to send, 3 for both.
#define CHECK_OPEN_PATHS(n) CHECK_OPEN_OF("fbf4", "0025", "08 0206 45040001010" n)

// Of a Peer Up, between its header and its OPENs.
#define CHECK_ENDS "000000000000000000000000 c0000201 00b3 9c40 "
#define CHECK_UP CHECK_ENDS CHECK_OPEN CHECK_OPEN

#define CHECK_UPDATE(size, attributes_size, attributes, prefixes)                                  \
    CHECK_MARK size " 02 0000 " attributes_size " " attributes prefixes
#define CHECK_UNREADABLE CHECK_MARK "0017 02 0100 0000"
#define CHECK_GOOD "40010100 400206 0201 0000fde9 400304c0000201 "
#define CHECK_ROUTE CHECK_UPDATE("002f", "0014", CHECK_GOOD, "18 c63364")  // 198.51.100.0/24
#define CHECK_ROUTE_2 CHECK_UPDATE("002f", "0014", CHECK_GOOD, "18 c63365")
#define CHECK_ROUTE6                                                                               \
    CHECK_UPDATE("0044", "002d",                                                                   \
                 "800e1d 0002 01 10 20010db8000000000000000000000001 00 38 20010db8000001 "        \
                 "40010100 400206 0201 0000fde9 ",                                                 \
                 "")  // 2001:db8:0:100::/56
#define CHECK_ROUTE_2_BAD                                                                          \
    CHECK_UPDATE("002f", "0014", "40010109 400206 0201 0000fde9 400304c0000201 ", "18 c63365")
#define CHECK_FLOWSPEC                                                                             \
    CHECK_UPDATE("002d", "0016", "800e06 0001 85 00 0000 40010100 400206 0201 0000fde9 ", "")
#define CHECK_WITHDRAWN CHECK_MARK "001b 02 0004 18 c63364 0000"
#define CHECK_END_OF_RIB CHECK_MARK "0017 02 0000 0000"
#define CHECK_END_OF_RIB6 CHECK_MARK "001d 02 0000 0006 800f03 0002 01"
#define CHECK_CEASE CHECK_MARK "0015 03 06 02 "

// A whole message of this type, BMP header included, into `bytes`. Gives its size.
static inline size_t check_bmp(uint8_t type, const char *body, uint8_t *bytes)
{
    size_t size = 6 + check_hex(body, bytes + 6);
    memcpy(bytes, (uint8_t[]){3, 0, 0, (uint8_t)(size >> 8), (uint8_t)size, type}, 6);
    return size;
}
