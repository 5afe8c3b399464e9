// SPDX-License-Identifier: ISC
#include "probe/trace_wire.h"

#include <stdlib.h>

// What is accepted quotes a header of the right size and something behind it, and nothing else is
// written.
static void check(enum family family, const uint8_t *bytes, size_t size, size_t least)
{
    struct address from = {.family = family, .bytes = {1}};
    struct trace_quote quote = {.kind = TRACE_KINDS};
    bool accepted = trace_quote_decode(from, bytes, size, &quote);
    if (accepted != (quote.kind != TRACE_KINDS))
        abort();
    if (accepted &&
        (size < least || quote.source.family != family || quote.destination.family != family))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    check(FAMILY_IPV4, bytes, size, 20 + 8 + 20 + 8);
    check(FAMILY_IPV6, bytes, size, 8 + 40 + 8);
    return 0;
}
