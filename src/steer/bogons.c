// SPDX-License-Identifier: ISC
#include "steer/bogons.h"

// The first octets of an address, as one number.
#define OCTETS(a, b, c, d, ...)                                                                    \
    ((uint64_t)(a) << 56 | (uint64_t)(b) << 48 | (uint64_t)(c) << 40 | (uint64_t)(d) << 32)
#define BOGON(bits, ...) bits, OCTETS(__VA_ARGS__, 0, 0, 0, 0)

// clang-format off
static const struct bogon ipv4[] = {
    {BOGON(8, 0), "this network"},                    // RFC 1122 §3.2.1.3
    {BOGON(8, 10), "private use"},                    // RFC 1918
    {BOGON(10, 100, 64), "shared address space"},     // RFC 6598
    {BOGON(8, 127), "loopback"},                      // RFC 1122 §3.2.1.3
    {BOGON(16, 169, 254), "link-local"},              // RFC 3927
    {BOGON(12, 172, 16), "private use"},              // RFC 1918
    {BOGON(24, 192, 0, 0), "protocol assignments"},   // RFC 6890 §2.1
    {BOGON(24, 192, 0, 2), "documentation"},          // RFC 5737
    {BOGON(24, 192, 88, 99), "6to4 relay anycast"},   // RFC 7526
    {BOGON(16, 192, 168), "private use"},             // RFC 1918
    {BOGON(15, 198, 18), "benchmarking"},             // RFC 2544
    {BOGON(24, 198, 51, 100), "documentation"},       // RFC 5737
    {BOGON(24, 203, 0, 113), "documentation"},        // RFC 5737
    {BOGON(4, 224), "multicast"},                     // RFC 5771
    {BOGON(4, 240), "reserved"},                      // RFC 1112, with limited broadcast
};
static const struct bogon ipv6[] = {
    {BOGON(3, 0x00), "not global unicast"},           // RFC 4291 §2.4: loopback, mapped, NAT64
    {BOGON(23, 0x20, 0x01, 0x00), "protocol assignments"},     // RFC 2928, with Teredo, ORCHID
    {BOGON(32, 0x20, 0x01, 0x0d, 0xb8), "documentation"},      // RFC 3849
    {BOGON(16, 0x20, 0x02), "6to4"},                  // RFC 7526
    {BOGON(20, 0x3f, 0xff, 0x00), "documentation"},   // RFC 9637
    {BOGON(2, 0x40), "not global unicast"},           // RFC 4291 §2.4: the rest is IANA's reserve,
    {BOGON(1, 0x80), "not global unicast"},           // local (RFC 4193), link-local, multicast
};
// clang-format on

static const struct {
    const struct bogon *bogons;
    size_t count;
} lists[FAMILIES] = {
    [FAMILY_IPV4] = {ipv4, sizeof ipv4 / sizeof ipv4[0]},
    [FAMILY_IPV6] = {ipv6, sizeof ipv6 / sizeof ipv6[0]},
};

// No bogon is longer than the first eight octets: what touches one agrees in those that both have.
const struct bogon *bogon_find(struct prefix prefix)
{
    const struct bogon *bogon = lists[prefix.address.family].bogons;
    const struct bogon *end = bogon + lists[prefix.address.family].count;
    uint64_t octets;
    memcpy(&octets, prefix.address.bytes, sizeof octets);
    octets = be64toh(octets);
    for (; bogon < end && prefix.length > 0; bogon++) {
        uint32_t bits = bogon->length < prefix.length ? bogon->length : prefix.length;
        if ((octets ^ bogon->octets) >> (64 - bits) == 0)
            return bogon;
    }
    return bogon < end ? bogon : NULL;  // the default route touches all
}
