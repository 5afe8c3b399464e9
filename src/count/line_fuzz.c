// SPDX-License-Identifier: ISC
// Any datagram is lines, each taken with sane numbers, passed over, or refused at a byte of it.
#include "count/line.h"

#include "count/count_check.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct net net = count_net();
    struct count_lines lines = {.text = (const char *)bytes, .size = size};
    struct count_text line;
    uint32_t number = 0;
    while (count_lines_next(&lines, &line)) {
        assert(line.size > 0 && !memchr(line.text, '\n', line.size) && lines.number > number);
        number = lines.number;
        struct count count;
        struct count_error why;
        enum count_verdict verdict = count_line_read(&net, line.text, line.size, &count, &why);
        if (verdict == COUNT_MALFORMED)
            assert(why.byte >= 1 && why.byte <= line.size + 1 && why.expected[0]);
        if (verdict != COUNT_TAKEN)
            continue;
        assert(count.attempts <= COUNT_VALUE_MAX && count.failed <= COUNT_VALUE_MAX);
        assert(count.rate_ppm >= 1 && count.rate_ppm <= COUNT_RATE_ALL);
        assert((count.upstream == NET_NOBODY) == (count.prefix.address.family != FAMILY_NONE));
        assert(count.family != FAMILY_NONE);
    }
    return 0;
}
