// SPDX-License-Identifier: ISC
#include "sim/replay.h"

#include "engine/message.h"

#include <stdlib.h>

enum { EVENTS_MAX = 64 * 1024 };

struct sim_replay {
    bool on;
    size_t count;
    uint64_t digest;
    struct event *events;
};

struct sim_replay *sim_replay_new(void)
{
    struct sim_replay *replay = calloc(1, sizeof *replay);
    if (replay)
        replay->events = malloc(EVENTS_MAX * sizeof *replay->events);
    if (replay && replay->events)
        return replay;
    free(replay);
    return NULL;
}

void sim_replay_free(struct sim_replay *replay)
{
    if (replay)
        free(replay->events);
    free(replay);
}

void sim_replay_switch(struct sim_replay *replay, bool on)
{
    replay->on = on;
    replay->count = 0;
}

void sim_replay_start(struct sim_replay *replay)
{
    replay->count = 0;
    replay->digest = 0xcbf29ce484222325u;
}

static uint64_t digest_of(uint64_t digest, const struct net *net, const struct effect *effects,
                          size_t count)
{
    char text[MESSAGE_MAX];
    for (size_t i = 0; i < count; i++) {
        size_t size = message_from_effect(net, &effects[i], text, sizeof text);
        for (size_t k = 0; k < size; k++)
            digest = (digest ^ (unsigned char)text[k]) * 0x100000001b3u;
    }
    return digest;
}

void sim_replay_keep(struct sim_replay *replay, const struct net *net, const struct event *event,
                     const struct effect *effects, size_t count)
{
    if (!replay->on || replay->count == EVENTS_MAX)
        return;
    replay->events[replay->count++] = *event;
    replay->digest = digest_of(replay->digest, net, effects, count);
}

bool sim_replay_agrees(const struct sim_replay *replay, const struct net *net, size_t *events)
{
    struct engine *engine = engine_new(net);
    uint64_t digest = 0xcbf29ce484222325u;
    *events = replay->count;
    for (size_t i = 0; engine && i < replay->count; i++) {
        size_t count;
        const struct effect *effects = engine_step(engine, &replay->events[i], &count);
        digest = digest_of(digest, net, effects, count);
    }
    engine_free(engine);
    return engine && digest == replay->digest;
}
