// SPDX-License-Identifier: ISC
// The life of a case: whom it wants told, when. What goes out is in send.c.
#include "alert/alert.h"

#include "alert/inside.h"
#include "alert/rota.h"

#include <assert.h>
#include <string.h>

const char *const alert_life_names[ALERT_LIVES] = {"none", "open", "acknowledged", "over"};

static_assert((int)NET_GRAVITIES == (int)OUTAGE_SEVERITIES, "one row of keys for each");
static_assert(NET_PEOPLE_MAX <= 32, "bit sets of 32");

enum {
    CHANGED_FIRST_MS = 5 * 1000,    // what is found out right after a call is told so soon,
    CHANGED_AGAIN_MS = 60 * 1000,   // and then what changed, so often at most
    OVER_KEPT_MS = 60 * 60 * 1000,  // a case that nobody can be told is over
};

void alert_init(struct alert *alert, const struct net *net, int64_t first_page)
{
    memset(alert, 0, sizeof *alert);
    alert->net = net;
    alert->last_page = first_page - 1;
}

static struct alert_case *find(struct alert *alert, uint32_t outage)
{
    for (int i = 0; i < ALERT_CASES_MAX && outage != ALERT_NO_OUTAGE; i++)
        if (alert->cases[i].life != ALERT_FREE && alert->cases[i].outage.number == outage)
            return &alert->cases[i];
    return NULL;
}

const struct alert_case *alert_find(const struct alert *alert, uint32_t outage)
{
    return find((struct alert *)alert, outage);
}

static const struct net_gravity *gravity_of(const struct alert *alert, const struct alert_case *c)
{
    return &alert->net->alert.gravities[c->outage.severity];
}

// ---- whom a round pages

static uint32_t bit_of(uint32_t person)
{
    return person == NET_NOBODY ? 0 : UINT32_C(1) << person;
}

// Where nobody is on call the next round's people stand in: a gap in a rota loses no page.
static uint32_t people_of_team(const struct alert *alert, uint32_t t, int64_t utc_s, uint32_t round)
{
    const struct net_team *team = &alert->net->alert.teams[t];
    uint32_t people = bit_of(rota_on_call(team, &alert->zones[t], utc_s, ROTA_PRIMARY));
    if (round > 0 || !people)
        people |= bit_of(rota_on_call(team, &alert->zones[t], utc_s, ROTA_SECONDARY));
    if (round >= ALERT_ROUND_LAST || !people)
        people |= rota_members(team);
    return people;
}

static uint32_t people_of_round(const struct alert *alert, const struct alert_case *c,
                                int64_t utc_s)
{
    uint32_t teams = gravity_of(alert, c)->teams, people = 0;
    for (uint32_t t = 0; t < alert->net->alert.team_count; t++)
        if (teams >> t & 1)
            people |= people_of_team(alert, t, utc_s, c->round);
    return people;
}

bool alert_is_call(enum page_kind kind)
{
    return kind == PAGE_NEW || kind == PAGE_AGAIN || kind == PAGE_GRAVER || kind == PAGE_EXPIRED;
}

// A call that is under way is not begun anew: it goes on until it is delivered.
static void call(struct alert_slot *slot, enum page_kind again)
{
    if (slot->waits && alert_is_call(slot->kind))
        return;
    slot->wanted = slot->is_told ? again : PAGE_NEW;
}

static void begin_round(struct alert *alert, struct alert_now now, struct alert_case *c)
{
    const struct net_gravity *gravity = gravity_of(alert, c);
    uint32_t people = people_of_round(alert, c, now.utc_s);
    for (uint32_t person = 0; person < alert->net->alert.person_count; person++)
        if (people >> person & 1)
            call(&c->people[person], c->again);
    c->again = PAGE_AGAIN;
    bool is_last = c->round >= ALERT_ROUND_LAST;
    c->round_at = mono_add_ns(now.mono, is_last ? gravity->repeat_ns : gravity->acknowledge_ns);
    c->round += !is_last;
}

// Who had it is called too: what was acknowledged is no longer so.
static void call_anew(struct alert_now now, struct alert_case *c, enum page_kind again)
{
    c->life = ALERT_OPEN;
    c->again = again;
    c->change_due = mono_add_ms(now.mono, CHANGED_FIRST_MS);
    memcpy(c->had_it, c->has_it, sizeof c->had_it);
    c->has_it[0] = '\0';
    c->round = 0;
    c->round_at = now.mono;
}

// ---- what becomes of an outage

// Who knows of it hears what is new, but not too often: the latest then.
static void tell_change(struct alert_now now, struct alert_case *c)
{
    c->is_changed = false;
    c->change_due = mono_add_ms(now.mono, CHANGED_AGAIN_MS);
    for (uint32_t person = 0; person < NET_PEOPLE_MAX; person++)
        if (c->people[person].is_told && !c->people[person].wanted)
            c->people[person].wanted = PAGE_CHANGED;
}

static void end_case(struct alert_now now, struct alert_case *c)
{
    c->life = ALERT_OVER;
    c->over_at = now.mono;
    for (uint32_t person = 0; person < NET_PEOPLE_MAX; person++) {
        struct alert_slot *slot = &c->people[person];
        slot->wanted = slot->is_told || slot->wanted ? PAGE_OVER : PAGE_NONE;
    }
}

// Lower is rather given up.
static int worth(const struct alert_case *c)
{
    static const int lives[] = {
        [ALERT_OVER] = 1, [ALERT_ACKED] = 2, [ALERT_OPEN] = 2 + OUTAGE_SEVERITIES};
    bool is_live = c->life == ALERT_OPEN || c->life == ALERT_ACKED;
    return lives[c->life] + (is_live ? (int)c->outage.severity : 0);
}

struct alert_case *alert_make_case(struct alert *alert, const struct alert_outage *outage)
{
    struct alert_case *victim = &alert->cases[0];
    for (int i = 1; i < ALERT_CASES_MAX; i++)
        if (worth(&alert->cases[i]) < worth(victim))
            victim = &alert->cases[i];
    const struct alert_case wanted = {.life = ALERT_OPEN, .outage = *outage};
    alert->refused += victim->life == ALERT_OPEN;
    if (victim->life == ALERT_OPEN && worth(victim) >= worth(&wanted))
        return NULL;
    memset(victim, 0, sizeof *victim);
    victim->outage = *outage;
    return victim;
}

static bool says_otherwise(const struct alert_outage *a, const struct alert_outage *b)
{
    return a->state != b->state || strcmp(a->title, b->title) != 0 ||
           strcmp(a->cause, b->cause) != 0 || strcmp(a->action, b->action) != 0;
}

void alert_outage(struct alert *alert, struct alert_now now, const struct alert_outage *outage)
{
    struct alert_case *c = find(alert, outage->number);
    if (!c && outage->state == OUTAGE_OVER)
        return;
    if (!c) {
        c = alert_make_case(alert, outage);
        if (c)
            call_anew(now, c, PAGE_AGAIN);
        return;
    }
    // Of a warning nobody had to hurry; now packets are lost.
    bool is_lost_now = c->outage.state == OUTAGE_WARNED && outage->state != OUTAGE_WARNED;
    bool is_graver = outage->severity > c->outage.severity || is_lost_now;
    bool is_news = says_otherwise(outage, &c->outage);
    c->outage = *outage;
    if (outage->state == OUTAGE_OVER && c->life != ALERT_OVER)
        end_case(now, c);
    else if (is_graver)  // what was acknowledged was less
        call_anew(now, c, PAGE_GRAVER);
    else
        c->is_changed |= is_news && c->life != ALERT_OVER;
}

// A case that is over from the start: it has no rounds, and is forgotten once all have heard it.
void alert_found(struct alert *alert, struct alert_now now, const char text[PAGE_TEXT_MAX])
{
    struct alert_outage none = {.number = ALERT_NO_OUTAGE, .severity = OUTAGE_MAJOR};
    if (!alert->net->alert.gravities[OUTAGE_MAJOR].teams)  // then those of the gravest
        none.severity = OUTAGE_CRITICAL;
    struct alert_case *c = alert_make_case(alert, &none);
    if (!c)
        return;
    memcpy(alert->found, text, sizeof alert->found);
    c->life = ALERT_OVER;
    c->over_at = now.mono;
    uint32_t people = people_of_round(alert, c, now.utc_s);
    for (uint32_t person = 0; person < alert->net->alert.person_count; person++)
        c->people[person].wanted = people >> person & 1 ? PAGE_STARTED : PAGE_NONE;
}

void alert_quiet(struct alert *alert, struct alert_now now, uint32_t outage, bool is_quiet)
{
    struct alert_case *c = find(alert, outage);
    if (!c || alert->net->alert.page_planned || c->is_quiet == is_quiet)
        return;
    c->is_quiet = is_quiet;
    if (c->life == ALERT_OPEN && !is_quiet)
        call_anew(now, c, PAGE_AGAIN);
}

enum alert_answer alert_acknowledge(struct alert *alert, struct alert_now now, uint32_t outage,
                                    const char *who)
{
    struct alert_case *c = find(alert, outage);
    if (!c)
        return ALERT_UNKNOWN;
    if (c->life == ALERT_OVER)
        return ALERT_ENDED;
    c->life = ALERT_ACKED;
    c->acked_until = mono_add_ns(now.mono, gravity_of(alert, c)->expires_ns);
    strncpy(c->has_it, who, sizeof c->has_it - 1);
    for (uint32_t person = 0; person < alert->net->alert.person_count; person++) {
        struct alert_slot *slot = &c->people[person];
        bool is_who = strcmp(alert->net->alert.people[person].name, who) == 0;
        if (alert_is_call(slot->kind))
            slot->waits = false;
        slot->wanted = slot->is_told && !is_who ? PAGE_CHANGED : PAGE_NONE;
    }
    return ALERT_TAKEN;
}

// ---- time

static bool has_work(const struct alert_case *c)
{
    for (uint32_t person = 0; person < NET_PEOPLE_MAX; person++)
        if (c->people[person].wanted || c->people[person].waits)
            return true;
    return false;
}

static void advance_case(struct alert *alert, struct alert_now now, struct alert_case *c)
{
    if (c->life == ALERT_ACKED && mono_reached(now.mono, c->acked_until))
        call_anew(now, c, PAGE_EXPIRED);
    if (c->life == ALERT_OPEN && !c->is_quiet && mono_reached(now.mono, c->round_at))
        begin_round(alert, now, c);
    if (c->is_changed && c->life != ALERT_OVER && !c->is_quiet &&
        mono_reached(now.mono, c->change_due))
        tell_change(now, c);
    bool is_old = mono_since_ns(now.mono, c->over_at) >= (int64_t)OVER_KEPT_MS * NS_PER_MS;
    if (c->life == ALERT_OVER && (is_old || !has_work(c)))
        c->life = ALERT_FREE;
}

bool alert_advance(struct alert *alert, struct alert_now now)
{
    bool is_any = false;
    for (int i = 0; i < ALERT_CASES_MAX; i++) {
        if (alert->cases[i].life != ALERT_FREE)
            advance_case(alert, now, &alert->cases[i]);
        is_any |= alert->cases[i].life != ALERT_FREE;
    }
    return is_any;
}
