// SPDX-License-Identifier: ISC
#include "sim/message.h"

#include <assert.h>

static bool is_before(const struct sim_message *a, const struct sim_message *b)
{
    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms;
    return a->came_ms != b->came_ms ? a->came_ms < b->came_ms : a->order < b->order;
}

static void swap(struct sim_message *a, struct sim_message *b)
{
    struct sim_message kept = *a;
    *a = *b;
    *b = kept;
}

static void put(struct sim_messages *m, const struct sim_message *message)
{
    assert(m->count < SIM_MESSAGES_MAX);
    uint32_t at = m->count++;
    m->heap[at] = *message;
    for (uint32_t above; at > 0 && is_before(&m->heap[at], &m->heap[above = (at - 1) / 2]);
         at = above)
        swap(&m->heap[at], &m->heap[above]);
}

void sim_message_send(struct sim_messages *m, const struct sim_message *message)
{
    struct sim_message sent = *message;
    sent.came_ms = sent.at_ms;
    sent.order = m->sent++;
    put(m, &sent);
}

void sim_message_put_off(struct sim_messages *m, const struct sim_message *message,
                         int64_t until_ms)
{
    struct sim_message later = *message;
    later.at_ms = until_ms;
    put(m, &later);
}

static void sink(struct sim_messages *m, uint32_t at)
{
    for (;;) {
        uint32_t least = at, below = 2 * at + 1;
        for (uint32_t i = below; i < below + 2 && i < m->count; i++)
            if (is_before(&m->heap[i], &m->heap[least]))
                least = i;
        if (least == at)
            return;
        swap(&m->heap[at], &m->heap[least]);
        at = least;
    }
}

bool sim_message_next(struct sim_messages *m, int64_t now_ms, struct sim_message *message)
{
    if (m->count == 0 || m->heap[0].at_ms > now_ms)
        return false;
    *message = m->heap[0];
    m->heap[0] = m->heap[--m->count];
    sink(m, 0);
    return true;
}

int64_t sim_message_due(const struct sim_messages *m)
{
    return m->count > 0 ? m->heap[0].at_ms : INT64_MAX;
}
