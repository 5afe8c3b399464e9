// SPDX-License-Identifier: ISC
// For tests of the shell around it: an engine that renews the lease with every tick, tells what
// becomes of roles, and releases when it is to stop.
#include "engine/engine.h"
#include "engine/narrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct engine {
    struct effect effects[2];
};

struct engine *engine_new(const struct net *net)
{
    (void)net;
    return calloc(1, sizeof(struct engine));
}

void engine_free(struct engine *engine)
{
    free(engine);
}

const struct effect *engine_step(struct engine *engine, const struct event *event, size_t *count)
{
    static const enum effect_kind follows[EVENT_KINDS] = {
        [EVENT_TICK] = EFFECT_LEASE, [EVENT_ROLE] = EFFECT_ROLE, [EVENT_COMMAND] = EFFECT_RELEASE};
    struct effect *effect = &engine->effects[0];
    *effect = (struct effect){.kind = follows[event->kind], .at = event->at};
    if (event->kind == EVENT_ROLE) {
        effect->role.role = event->role.role;
        effect->role.state = event->role.state;
        memcpy(effect->role.reason, event->role.reason, sizeof effect->role.reason);
    }
    *count = effect->kind != EFFECT_NONE;
    return engine->effects;
}

size_t engine_status_json(const struct engine *engine, struct mono now, char *text, size_t size)
{
    (void)engine;
    return (size_t)snprintf(text, size, "{\"now_ns\":%lld}", (long long)now.ns);
}

size_t narrate_effect(const struct net *net, const struct effect *effect, char *text, size_t size)
{
    (void)net;
    if (effect->kind != EFFECT_ROLE)
        return 0;
    return (size_t)snprintf(text, size, "role %u state %u %s", effect->role.role,
                            effect->role.state, effect->role.reason);
}
