// SPDX-License-Identifier: ISC
#include "role/past.h"

#include "role/daemon.h"

#include <stdio.h>

void past_read(struct past *past, const struct net *net)
{
    hooks_found_read(&past->hooks, net);
    words_found_read(&past->words, net);
}

static void tell_hooks(struct daemon *d, const struct hooks_found *found)
{
    for (uint32_t i = 0; i < found->count; i++) {
        const struct event event = {.kind = EVENT_HOOK, .at = d->now.mono, .hook = found->hooks[i]};
        daemon_feed(d, &event);
    }
}

static void tell_drains(struct daemon *d, const struct words_found *found)
{
    for (uint32_t i = 0; i < found->drain_count; i++) {
        struct event event = {.kind = EVENT_NOTICE, .at = d->now.mono};
        event.notice = (struct notice){.kind = NOTICE_DRAIN_FORGOTTEN,
                                       .raised = true,
                                       .router = NET_NOBODY,
                                       .since = d->now.mono};
        snprintf(event.notice.peer, sizeof event.notice.peer, "%s", found->drains[i].object);
        snprintf(event.notice.text, sizeof event.notice.text, "%s", found->drains[i].text);
        daemon_feed(d, &event);
    }
}

void past_tell(struct daemon *d)
{
    const struct event event = {
        .kind = EVENT_FROZEN, .at = d->now.mono, .frozen = d->past.words.frozen};
    if (event.frozen.why[0])
        daemon_feed(d, &event);
    tell_drains(d, &d->past.words);
    tell_hooks(d, &d->past.hooks);
}
