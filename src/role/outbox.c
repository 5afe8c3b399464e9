// SPDX-License-Identifier: ISC
#include "role/outbox.h"

#include "engine/engine.h"
#include "role/channel.h"

#include <errno.h>
#include <stdlib.h>

enum { OUTBOX_MAX = 2 * ENGINE_EFFECTS_MAX };  // orders: all that two steps of the engine can give

struct outbox {
    uint32_t first, count;
    bool stuck;
    struct mono stuck_since;
    struct effect items[OUTBOX_MAX];
};

struct outbox *outbox_new(void)
{
    return calloc(1, sizeof(struct outbox));
}

void outbox_free(struct outbox *box)
{
    free(box);
}

bool outbox_is_empty(const struct outbox *box)
{
    return box->count == 0;
}

bool outbox_add(struct outbox *box, const struct effect *effect)
{
    if (effect->kind == EFFECT_LEASE && box->count > 0)
        return true;
    if (box->count == OUTBOX_MAX)
        return false;
    box->items[(box->first + box->count++) % OUTBOX_MAX] = *effect;
    return true;
}

int outbox_flush(struct outbox *box, int channel, const struct net *net, struct mono now)
{
    while (box->count > 0) {
        int sent = channel_send_effect(channel, net, &box->items[box->first]);
        if (sent == -EAGAIN && !box->stuck) {
            box->stuck = true;
            box->stuck_since = now;
        }
        if (sent)
            return sent;
        box->stuck = false;
        box->first = (box->first + 1) % OUTBOX_MAX;
        box->count--;
    }
    return 0;
}

int64_t outbox_stuck_ns(const struct outbox *box, struct mono now)
{
    return box->stuck ? mono_since_ns(now, box->stuck_since) : 0;
}
