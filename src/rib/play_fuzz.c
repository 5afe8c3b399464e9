// SPDX-License-Identifier: ISC
// Any sequence of what can be done to a table, beside its model: the first octet says how much
// memory there is.
#include "rib/play_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    struct play p = play_new((size_t)(320 + 8 * bytes[0]) << 10, bytes[0]);
    p.may_fail = true;
    p.bytes = bytes + 1;
    p.size = size - 1;
    while (p.size > 0)
        play_step(&p);
    play_end(&p);
    return 0;
}
