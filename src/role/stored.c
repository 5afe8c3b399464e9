// SPDX-License-Identifier: ISC
#include "role/stored.h"

#include "engine/message.h"
#include "engine/narrate.h"
#include "role/channel.h"
#include "role/daemon.h"
#include "role/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const bool is_kept[EFFECT_KINDS] = {
    [EFFECT_READY] = true,    [EFFECT_SIGNAL] = true,    [EFFECT_INCIDENT] = true,
    [EFFECT_PLAN] = true,     [EFFECT_ACTED] = true,     [EFFECT_SESSION] = true,
    [EFFECT_ROLE] = true,     [EFFECT_NOTICE] = true,    [EFFECT_FAULT] = true,
    [EFFECT_HOOKED] = true,   [EFFECT_REPAIR] = true,    [EFFECT_HEALTH] = true,
    [EFFECT_CHANGE] = true,   [EFFECT_ODD] = true,       [EFFECT_DRAIN] = true,
    [EFFECT_ANSWERED] = true, [EFFECT_OUTAGE] = true,    [EFFECT_LIFT] = true,
    [EFFECT_PAGE] = true,     [EFFECT_DELIVERED] = true, [EFFECT_RATE] = true,
    [EFFECT_EXTENT] = true,   [EFFECT_PUBLISH] = true,   [EFFECT_FLOW] = true,
    [EFFECT_USE] = true,      [EFFECT_KEPT_FACT] = true, [EFFECT_KEPT_OUTAGE] = true,
    [EFFECT_INBOUND] = true,
};

static void tell(struct daemon *d, bool sick, const char *text)
{
    if (d->children[ROLE_STORE].pid > 0)
        crew_tell(d, ROLE_STORE, sick ? ROLE_SICK : ROLE_ALIVE, text);
}

void stored_effect(struct daemon *d, const struct effect *effect)
{
    char text[STORE_PACKET_MAX];
    int channel = d->children[ROLE_STORE].channel;
    if (channel < 0 || !is_kept[effect->kind])
        return;
    int64_t at_ns = d->now.wall.ns - mono_since_ns(d->now.mono, effect->at);
    int head = snprintf(text, sizeof text, "%" PRId64 " ", at_ns);
    size_t size = message_from_effect(d->net, effect, text + head, MESSAGE_MAX);
    if (size == 0)
        return;
    size += (size_t)head;
    text[size++] = '\n';
    size += narrate_effect(d->net, effect, text + size, sizeof text - size);
    if (channel_send_text(channel, text, size) == -EAGAIN)
        d->stored.dropped++;
}

// What an earlier life of ours left open. Of all else that it could say nothing is heard.
static void take_kept(struct daemon *d, const char *text, size_t size)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    if (!message_to_event(d->net, text, size, &event, why))
        return;
    bool may = event.kind == EVENT_KEPT_FACT || event.kind == EVENT_KEPT_OUTAGE ||
               event.kind == EVENT_KEPT_END;
    if (may)
        daemon_feed(d, &event);
}

// Told in a turn of its own: it is a fact for the store, too.
static void tell_dropped(struct daemon *d)
{
    char text[96];
    bool more = d->stored.dropped != d->stored.told;
    if (more && !d->stored.full) {
        d->stored.full = true;
        tell(d, true, "the store takes nothing more: facts are dropped");
    } else if (!more && d->stored.full) {
        d->stored.full = false;
        snprintf(text, sizeof text, "the store takes facts again: %" PRIu64 " were dropped",
                 d->stored.dropped);
        d->stored.dropped = 0;
        tell(d, false, text);
    }
    d->stored.told = d->stored.dropped;
}

bool stored_has_draft(const struct daemon *d, uint32_t run, uint32_t number)
{
    char name[32];
    if (run > 0)
        snprintf(name, sizeof name, " %u.%u ", run, number);
    else
        snprintf(name, sizeof name, " %u ", number);
    return strstr(d->stored.drafts, name) != NULL;
}

void stored_turn(struct daemon *d, bool tick)
{
    char text[MESSAGE_MAX];
    size_t size;
    int channel = d->children[ROLE_STORE].channel;
    if (channel < 0)
        d->stored.drafts[0] = '\0';  // nobody is there to publish one
    while (channel >= 0 && channel_receive_text(channel, text, sizeof text - 1, &size) == 1) {
        text[size] = '\0';
        if (text[0] == '{')
            take_kept(d, text, size);
        else if (text[0] == '!' || text[0] == '=')
            tell(d, text[0] == '!', text + 1);
        else if (text[0] == '#')
            snprintf(d->stored.drafts, sizeof d->stored.drafts, "%.*s", SAID_NAMES_MAX - 1,
                     text + 1);
    }
    if (tick)
        tell_dropped(d);
}
