// SPDX-License-Identifier: ISC
#include "mrt/text.h"

// Two digits at a time halve the divisions, which are what writing a number costs.
static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
                            "34353637383940414243444546474849505152535455565758596061626364656667"
                            "6869707172737475767778798081828384858687888990919293949596979899";

char *text_decimal(char *to, uint32_t value)
{
    char digits[10];
    char *at = digits + sizeof digits;
    while (value >= 100) {
        at -= 2;
        memcpy(at, pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(at, pairs + value * 2, 2);
    } else {
        *--at = (char)('0' + value);
    }
    return text_bytes(to, at, (size_t)(digits + sizeof digits - at));
}

static char *octet(char *to, uint8_t value)
{
    if (value >= 100) {
        uint8_t hundreds = value >= 200 ? 2 : 1;
        *to++ = (char)('0' + hundreds);
        return text_bytes(to, pairs + (value - hundreds * 100) * 2, 2);
    }
    if (value >= 10)
        return text_bytes(to, pairs + value * 2, 2);
    *to++ = (char)('0' + value);
    return to;
}

char *text_ipv4(char *to, const uint8_t bytes[static 4])
{
    for (unsigned i = 0; i < 3; i++) {
        to = octet(to, bytes[i]);
        *to++ = '.';
    }
    return octet(to, bytes[3]);
}

static char *group(char *to, uint16_t value)
{
    static const char digits[] = "0123456789abcdef";
    unsigned shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0;
    for (;; shift -= 4) {
        *to++ = digits[value >> shift & 15];
        if (shift == 0)
            return to;
    }
}

struct run {
    unsigned at, length;
};

// The longest run of zero groups, of equal ones the first.
static struct run zeros(const uint16_t groups[static 8])
{
    struct run best = {8, 0}, now = {0, 0};
    for (unsigned i = 0; i < 8; i++) {
        if (groups[i] != 0) {
            now = (struct run){i + 1, 0};
            continue;
        }
        now.length++;
        if (now.length > best.length)
            best = now;
    }
    return best;
}

char *text_ipv6(char *to, const uint8_t bytes[static 16])
{
    uint16_t groups[8];
    for (unsigned i = 0; i < 8; i++)
        groups[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    struct run run = zeros(groups);
    bool dotted = run.at == 0 && (run.length == 6 || (run.length == 7 && groups[7] != 1) ||
                                  (run.length == 5 && groups[5] == 0xffff));
    for (unsigned i = 0; i < 8;) {
        if (i == run.at) {
            to = text_bytes(to, "::", 2);
            i += run.length;
            if (dotted && i > 6)
                i = 6;
        } else {
            to = group(to, groups[i++]);
            if (i < 8 && i != run.at)
                *to++ = ':';
        }
        if (dotted && i == 6)
            return text_ipv4(to, bytes + 12);
    }
    return to;
}
