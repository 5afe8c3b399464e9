// SPDX-License-Identifier: ISC
#include "steer/bogons.h"

#define V4(bits, ...)                                                                              \
    {                                                                                              \
        .address = {FAMILY_IPV4, {__VA_ARGS__}}, .length = bits                                    \
    }
#define V6(bits, ...)                                                                              \
    {                                                                                              \
        .address = {FAMILY_IPV6, {__VA_ARGS__}}, .length = bits                                    \
    }

// clang-format off
static const struct bogon bogons[] = {
    {V4(8, 0), "this network"},                    // RFC 1122 §3.2.1.3
    {V4(8, 10), "private use"},                    // RFC 1918
    {V4(10, 100, 64), "shared address space"},     // RFC 6598
    {V4(8, 127), "loopback"},                      // RFC 1122 §3.2.1.3
    {V4(16, 169, 254), "link-local"},              // RFC 3927
    {V4(12, 172, 16), "private use"},              // RFC 1918
    {V4(24, 192, 0, 0), "protocol assignments"},   // RFC 6890 §2.1
    {V4(24, 192, 0, 2), "documentation"},          // RFC 5737
    {V4(24, 192, 88, 99), "6to4 relay anycast"},   // RFC 7526
    {V4(16, 192, 168), "private use"},             // RFC 1918
    {V4(15, 198, 18), "benchmarking"},             // RFC 2544
    {V4(24, 198, 51, 100), "documentation"},       // RFC 5737
    {V4(24, 203, 0, 113), "documentation"},        // RFC 5737
    {V4(4, 224), "multicast"},                     // RFC 5771
    {V4(4, 240), "reserved"},                      // RFC 1112, with limited broadcast
    {V6(3, 0x00), "not global unicast"},           // RFC 4291 §2.4: loopback, mapped, NAT64
    {V6(23, 0x20, 0x01, 0x00), "protocol assignments"},     // RFC 2928, with Teredo, ORCHID
    {V6(32, 0x20, 0x01, 0x0d, 0xb8), "documentation"},      // RFC 3849
    {V6(16, 0x20, 0x02), "6to4"},                  // RFC 7526
    {V6(20, 0x3f, 0xff, 0x00), "documentation"},   // RFC 9637
    {V6(2, 0x40), "not global unicast"},           // RFC 4291 §2.4: the rest is IANA's reserve,
    {V6(1, 0x80), "not global unicast"},           // local (RFC 4193), link-local, multicast
};
// clang-format on

const struct bogon *bogon_find(struct prefix prefix)
{
    for (size_t i = 0; i < sizeof bogons / sizeof bogons[0]; i++) {
        const struct bogon *bogon = &bogons[i];
        if (prefix_contains(bogon->prefix, prefix) || prefix_contains(prefix, bogon->prefix))
            return bogon;
    }
    return NULL;
}
