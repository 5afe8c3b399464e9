// SPDX-License-Identifier: ISC
#include "role/probe_vouch.h"

#include "role/channel.h"
#include "role/probe_tell.h"

#include <errno.h>

// The next waits until the engine has taken the one before.
void probe_tell_vouch(struct probe_role *r)
{
    if (!r->has_pending)
        r->has_pending = vouch_tick(&r->vouch, r->now, &r->pending);
    if (!r->has_pending)
        return;
    const struct event event = {.kind = EVENT_NOTICE, .at = r->now, .notice = r->pending};
    int error = channel_send_event(r->channel, r->net, &event);
    r->has_pending = error == -EAGAIN;
    if (error == -EPIPE)
        probe_stop(r);
}
