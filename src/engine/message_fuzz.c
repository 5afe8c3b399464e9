// SPDX-License-Identifier: ISC
// Whatever text comes: no crash, and what is accepted is written back and read again the same.
#include "engine/ask.h"
#include "engine/message.h"
#include "engine/small_net.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct net net = small_net();
    char once[MESSAGE_MAX], twice[MESSAGE_MAX], why[96];
    struct event event;
    struct effect effect;
    if (message_to_event(&net, (const char *)bytes, size, &event, why)) {
        size_t length = message_from_event(&net, &event, once, sizeof once);
        assert(length > 0 && message_to_event(&net, once, length, &event, why));
        assert(message_from_event(&net, &event, twice, sizeof twice) == length);
        assert(memcmp(once, twice, length) == 0);
    }
    if (message_to_effect(&net, (const char *)bytes, size, &effect, why)) {
        size_t length = message_from_effect(&net, &effect, once, sizeof once);
        assert(length > 0 && message_to_effect(&net, once, length, &effect, why));
        assert(message_from_effect(&net, &effect, twice, sizeof twice) == length);
        assert(memcmp(once, twice, length) == 0);
    }
    struct ask ask;
    if (ask_read((const char *)bytes, size, &ask, why)) {
        size_t length = ask_write(&ask, once, sizeof once);
        assert(length > 0 && ask_read(once, length, &ask, why));
        assert(ask_write(&ask, twice, sizeof twice) == length);
        assert(memcmp(once, twice, length) == 0);
    }
    return 0;
}
