// SPDX-License-Identifier: ISC
#include "engine/inbound_check.h"

#include "engine/state.h"

#include "base/check.h"

struct inbound *inbound_of_a(struct site *s)
{
    return &s->engine->inbound[net_path_find(&s->net, INBOUND_A, s->family)];
}

static void say(struct net *net, uint32_t upstream, enum net_stance stance)
{
    net->upstreams[upstream].inbound[stance] = (struct net_tag){NET_TAG_LARGE, {64500, 1, stance}};
}

struct site *inbound_site(enum family family, enum net_mode stance_mode)
{
    struct site *s = site_open(1);
    s->net.hook_count = 0;
    s->net.steer.inbound = true;
    s->net.lever_modes[NET_LEVER_STANCE] = stance_mode + 1;
    small_announce(&s->net);
    for (uint32_t own = 0; own < s->net.announce_count; own++)
        s->net.announce[own].routers = 1u << INBOUND_A | 1u << INBOUND_B;
    for (enum net_stance stance = NET_STANCE_PREPEND; stance < NET_STANCES; stance++)
        say(&s->net, INBOUND_A, stance);
    s->family = family;
    site_run(s, 2000);
    return s;
}

void inbound_use(struct site *s, int64_t a_mbps, int64_t b_mbps)
{
    site_feed(s, (struct event){.kind = EVENT_USE, .use = {INBOUND_A, MBIT, a_mbps * MBIT}});
    site_feed(s, (struct event){.kind = EVENT_USE, .use = {INBOUND_B, MBIT, b_mbps * MBIT}});
}

void inbound_run(struct site *s, int64_t ms)
{
    for (int64_t until = s->ms + ms; s->ms < until; s->ms += 350)
        site_run(s, 50);
}

void inbound_lose(struct site *s, uint32_t percent, int64_t ms)
{
    s->loss_percent[INBOUND_A] = percent;
    site_signal(s, INBOUND_A, SIGNAL_CONFIRMED);
    inbound_run(s, ms);
}

void inbound_heal(struct site *s)
{
    s->loss_percent[INBOUND_A] = 0;
    site_signal(s, INBOUND_A, SIGNAL_CLEAR);
}

bool inbound_is_offered_last(const struct site *s)
{
    for (uint32_t own = 0; own < s->net.announce_count; own++)
        if (s->net.announce[own].prefix.address.family == s->family &&
            s->engine->owns.items[own].places[INBOUND_A].stands.graceful == 1u << INBOUND_A)
            return true;
    return false;
}
