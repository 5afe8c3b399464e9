// SPDX-License-Identifier: ISC
#include "alert/kept.h"

#include "alert/inside.h"

#include <string.h>

enum { CHANGED_MS = 60 * 1000 };  // what is found out anew after a start is soon as it was

static bool is_called(const struct alert_slot *slot)
{
    return alert_is_call(slot->wanted) || (slot->waits && alert_is_call(slot->kind));
}

struct alert_kept alert_keep(const struct alert *alert, uint32_t outage)
{
    const struct alert_case *c = alert_find(alert, outage);
    struct alert_kept kept = {.life = c ? c->life : ALERT_FREE};
    if (!c)
        return kept;
    kept.round = c->round;
    kept.round_at = c->round_at;
    kept.acked_until = c->life == ALERT_ACKED ? c->acked_until : (struct mono){0};
    memcpy(kept.has_it, c->has_it, sizeof kept.has_it);
    for (uint32_t person = 0; person < alert->net->alert.person_count; person++) {
        const struct alert_slot *slot = &c->people[person];
        kept.told |= (uint32_t)(slot->is_told || is_called(slot)) << person;
        kept.called |= (uint32_t)is_called(slot) << person;
    }
    return kept;
}

static struct mono at_most(struct mono at, struct mono latest)
{
    return at.ns < latest.ns ? at : latest;
}

// Of a call that was on its way nobody knows whether it arrived: once more, then.
void alert_take_up(struct alert *alert, struct alert_now now, const struct alert_outage *outage,
                   const struct alert_kept *kept)
{
    const struct net_gravity *gravity = &alert->net->alert.gravities[outage->severity];
    bool is_live = kept->life == ALERT_OPEN || kept->life == ALERT_ACKED;
    struct alert_case *c =
        is_live && !alert_find(alert, outage->number) ? alert_make_case(alert, outage) : NULL;
    if (!c)
        return;
    // Whatever became of the wall clock meanwhile, nothing is put off for longer than by its rule.
    int64_t round_ns =
        gravity->repeat_ns > gravity->acknowledge_ns ? gravity->repeat_ns : gravity->acknowledge_ns;
    c->life = kept->life;
    c->again = PAGE_AGAIN;
    c->round = kept->round <= ALERT_ROUND_LAST ? kept->round : ALERT_ROUND_LAST;
    c->round_at = at_most(kept->round_at, mono_add_ns(now.mono, round_ns));
    c->acked_until = at_most(kept->acked_until, mono_add_ns(now.mono, gravity->expires_ns));
    c->change_due = mono_add_ms(now.mono, CHANGED_MS);
    memcpy(c->has_it, kept->has_it, sizeof c->has_it);
    for (uint32_t person = 0; person < alert->net->alert.person_count; person++) {
        struct alert_slot *slot = &c->people[person];
        bool again = kept->called >> person & 1;
        slot->is_told = !again && kept->told >> person & 1;
        slot->wanted = again ? PAGE_NEW : PAGE_NONE;
    }
}
