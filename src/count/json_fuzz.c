// SPDX-License-Identifier: ISC
// Any body is an array or is refused, and so is any item of it.
#include "count/json.h"

#include "count/count_check.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct net net = count_net();
    struct count_error why = {0};
    json_t *array = count_json_open((const char *)bytes, size, &why);
    assert(array || (why.byte <= size && why.expected[0]));
    for (size_t i = 0; i < json_array_size(array); i++) {
        struct count count;
        enum count_verdict verdict = count_json_read(&net, json_array_get(array, i), &count, &why);
        assert(verdict != COUNT_FOREIGN);
        if (verdict == COUNT_TAKEN)
            assert(count.failed <= count.attempts && count.attempts <= COUNT_VALUE_MAX &&
                   count.family != FAMILY_NONE);
    }
    json_decref(array);
    return 0;
}
