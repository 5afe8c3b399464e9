// SPDX-License-Identifier: ISC
#include "engine/pages.h"

#include "alert/rota.h"
#include "engine/fields.h"
#include "engine/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    FIRST_MS = 5000,           // the process that sends is there by then, zones are told
    OFFSET_S_MAX = 26 * 3600,  // no zone has more, whatever a damaged recording says
};

static struct alert_now now_of(const struct engine *e)
{
    return (struct alert_now){e->now, (e->pages.wall_ns + e->now.ns) / NS_PER_S};
}

// Sums of times must not overflow, whatever a damaged recording says.
static void set_wall(struct engine *e, struct wall wall)
{
    int64_t ns = wall.ns < 0 ? 0 : wall.ns > ENGINE_TIME_MAX_NS ? ENGINE_TIME_MAX_NS : wall.ns;
    e->pages.wall_ns = ns - e->now.ns;
}

// Another life's pages have other numbers: some of them may still be on their way.
void pages_start(struct engine *e, struct wall wall)
{
    memset(&e->pages, 0, sizeof e->pages);
    set_wall(e, wall);
    e->pages.run_s = now_of(e).utc_s;
    alert_init(&e->pages.alert, e->net, e->pages.run_s << 20 | 1);
    e->pages.found.due = mono_add_ms(e->now, FIRST_MS);
    for (uint32_t i = 0; i < NET_CHANNELS_MAX; i++)
        e->pages.ways[i].due = e->pages.found.due;
}

void pages_zone(struct engine *e, const struct event *event)
{
    const struct event_zone *zone = &event->zone;
    set_wall(e, zone->wall);
    if (zone->team < NET_TEAMS_MAX && zone->offset_s >= -OFFSET_S_MAX &&
        zone->offset_s <= OFFSET_S_MAX)
        zone_add(&e->pages.alert.zones[zone->team],
                 (struct zone_change){zone->changes_at_s, (int32_t)zone->offset_s});
}

// ---- heartbeats

static void tell_stuck(struct engine *e, uint32_t channel, bool raised)
{
    const struct page_way *way = &e->pages.ways[channel];
    struct notice notice = {.kind = NOTICE_PAGES_STUCK,
                            .raised = raised,
                            .router = NET_NOBODY,
                            .count = way->missed,
                            .since = way->missed_since};
    snprintf(notice.peer, sizeof notice.peer, "%s", e->net->alert.channels[channel].name);
    snprintf(notice.text, sizeof notice.text, "%s",
             way->reason[0] ? way->reason : "nothing is heard of them");
    engine_notice_take(e, &notice);
}

static void send_heartbeat(struct engine *e, uint32_t channel)
{
    struct page_way *way = &e->pages.ways[channel];
    const struct net_channel *c = &e->net->alert.channels[channel];
    if (way->waits && way->missed++ == 0)
        way->missed_since = e->now;
    if (way->missed == PAGES_MISSED_MAX && way->waits)
        tell_stuck(e, channel, true);
    way->waits = true;
    way->due = mono_add_ns(e->now, c->heartbeat_ns);
    way->page = ++e->pages.alert.last_page;
    struct alert_page *page = &engine_tell(e, EFFECT_PAGE)->page;
    *page = (struct alert_page){.number = way->page,
                                .run_s = e->pages.run_s,
                                .kind = PAGE_HEARTBEAT,
                                .person = NET_NOBODY,
                                .channel = channel,
                                .way = c->upstreams ? (uint32_t)__builtin_ctz(c->upstreams)
                                                    : NET_NOBODY};
    page_write_heartbeat(e->net->site, c->name, now_of(e).utc_s, page->text);
}

static void advance_heartbeats(struct engine *e)
{
    for (uint32_t i = 0; i < e->net->alert.channel_count; i++)
        if (e->net->alert.channels[i].heartbeat_ns > 0 &&
            mono_reached(e->now, e->pages.ways[i].due))
            send_heartbeat(e, i);
}

static void heartbeat_came_through(struct engine *e, uint32_t channel)
{
    struct page_way *way = &e->pages.ways[channel];
    way->waits = false;
    if (way->missed >= PAGES_MISSED_MAX)
        tell_stuck(e, channel, false);
    way->missed = 0;
}

// ---- what a start found

void pages_notice(struct engine *e, const struct notice *notice)
{
    struct pages_found *found = &e->pages.found;
    if (notice->kind == NOTICE_FROZEN_BEFORE)
        snprintf(found->frozen, sizeof found->frozen, "%s", notice->raised ? notice->text : "");
    if (notice->kind == NOTICE_DRAIN_FORGOTTEN && found->drains++ == 0)
        memcpy(found->drain, notice->peer, sizeof found->drain);
}

static void tell_found(struct engine *e)
{
    struct pages_found *found = &e->pages.found;
    char text[PAGE_TEXT_MAX];
    if (found->is_told || !mono_reached(e->now, found->due))
        return;
    found->is_told = true;
    const struct page_found about = {e->net->site, found->frozen, found->drain, found->drains};
    if (!found->frozen[0] && found->drains == 0)
        return;
    page_write_found(&about, text);
    alert_found(&e->pages.alert, now_of(e), text);
}

// ---- outages

void pages_delivery(struct engine *e, const struct event *event)
{
    const struct event_delivery *delivery = &event->delivery;
    struct page_way *way = &e->pages.ways[delivery->channel];
    struct effect_delivered told = {delivery->page, delivery->channel, delivery->state, ""};
    memcpy(told.reason, delivery->reason, sizeof told.reason);
    if (delivery->state == DELIVERY_KEPT)
        return;
    way->is_known = true;
    way->state = delivery->state;
    memcpy(way->reason, delivery->reason, sizeof way->reason);
    if (delivery->page == way->page) {
        if (delivery->state == DELIVERY_SENT)
            heartbeat_came_through(e, delivery->channel);
        return;
    }
    engine_tell(e, EFFECT_DELIVERED)->delivered = told;
    if (delivery->state == DELIVERY_SENT)
        alert_delivered(&e->pages.alert, delivery->page);
    else
        alert_failed(&e->pages.alert, now_of(e), delivery->page, delivery->channel);
}

void pages_sender_began(struct engine *e)
{
    alert_sender_began(&e->pages.alert, now_of(e));
}

bool pages_acknowledge(struct engine *e, const struct event_asked *asked, char *text)
{
    struct alert *alert = &e->pages.alert;
    enum alert_answer answer = alert_acknowledge(alert, now_of(e), asked->number, asked->who);
    if (answer == ALERT_TAKEN)
        snprintf(
            text, ENGINE_WHY_MAX, "outage %u is %s's for %" PRId64 " minutes", asked->number,
            asked->who,
            e->net->alert.gravities[alert_find(alert, asked->number)->outage.severity].expires_ns /
                NS_PER_S / 60);
    else
        snprintf(text, ENGINE_WHY_MAX, "outage %u %s", asked->number,
                 answer == ALERT_ENDED ? "is over already" : "is not known, or long over");
    return answer == ALERT_TAKEN;
}

struct alert_outage pages_outage(const struct engine *e, const struct effect_outage *told)
{
    struct alert_outage outage = {.number = told->number,
                                  .state = told->state,
                                  .severity = told->severity,
                                  .share_ppm = told->share_ppm,
                                  .onset_s = (e->pages.wall_ns + told->onset.ns) / NS_PER_S};
    memcpy(outage.title, told->title, sizeof outage.title);
    memcpy(outage.cause, told->cause, sizeof outage.cause);
    memcpy(outage.action, told->action, sizeof outage.action);
    return outage;
}

void pages_take_up(struct engine *e, const struct alert_outage *outage,
                   const struct alert_kept *kept)
{
    alert_take_up(&e->pages.alert, now_of(e), outage, kept);
    if (e->net->alert.channel_count > 0 && !alert_find(&e->pages.alert, outage->number))
        alert_outage(&e->pages.alert, now_of(e), outage);  // nobody was to be paged, until now
}

static void take_outages(struct engine *e)
{
    for (uint32_t i = 0; i < e->effect_count; i++) {
        if (e->effects[i].kind != EFFECT_OUTAGE)
            continue;
        struct alert_outage outage = pages_outage(e, &e->effects[i].outage);
        alert_outage(&e->pages.alert, now_of(e), &outage);
    }
}

// Whether people took all of its paths out of use.
static bool is_planned(const struct engine *e, const struct outage *outage)
{
    bool planned = outage->paths != 0;
    for (uint64_t left = outage->paths; left; left &= left - 1)
        planned &= e->stories[__builtin_ctzll(left)].causes >> STORY_DRAIN & 1;
    return planned;
}

// Looks at each outage; gives the upstreams that fail, a bit set.
static uint32_t look_at_outages(struct engine *e)
{
    uint32_t failing = 0;
    for (uint32_t i = 0; i < OUTAGES_MAX; i++) {
        const struct outage *outage = &e->outages.outages.items[i];
        if (outage->number == 0)
            continue;
        alert_quiet(&e->pages.alert, now_of(e), outage->number, is_planned(e, outage));
        for (uint64_t left = outage->hit; left; left &= left - 1) {
            uint32_t upstream = e->paths[__builtin_ctzll(left)].upstream;
            failing |= upstream == NET_NOBODY ? 0 : UINT32_C(1) << upstream;
        }
    }
    return failing;
}

void pages_advance(struct engine *e)
{
    struct alert_page page;
    if (e->net->alert.channel_count == 0)
        return;
    take_outages(e);
    advance_heartbeats(e);
    tell_found(e);
    uint32_t failing = look_at_outages(e);
    for (int n = 0; n < PAGES_PER_STEP_MAX; n++) {
        if (!alert_next(&e->pages.alert, now_of(e), failing, &page))
            return;
        page.run_s = kept_run_s(e, page.outage);
        engine_tell(e, EFFECT_PAGE)->page = page;
    }
}

// ---- for people

static json_t *name_or_null(const struct engine *e, uint32_t person)
{
    return person == NET_NOBODY ? json_null() : json_string(e->net->alert.people[person].name);
}

static json_t *teams_json(const struct engine *e)
{
    json_t *teams = json_array();
    for (uint32_t t = 0; t < e->net->alert.team_count; t++) {
        const struct net_team *team = &e->net->alert.teams[t];
        const struct zone *zone = &e->pages.alert.zones[t];
        int64_t utc_s = now_of(e).utc_s;
        json_array_append_new(
            teams,
            json_pack("{s:s, s:o, s:o}", "team", team->name, "primary",
                      name_or_null(e, rota_on_call(team, zone, utc_s, ROTA_PRIMARY)), "secondary",
                      name_or_null(e, rota_on_call(team, zone, utc_s, ROTA_SECONDARY))));
    }
    return teams;
}

static json_t *channels_json(const struct engine *e)
{
    json_t *channels = json_array();
    for (uint32_t i = 0; i < e->net->alert.channel_count; i++) {
        const struct page_way *way = &e->pages.ways[i];
        json_array_append_new(
            channels, json_pack("{s:s, s:s, s:s, s:I}", "channel", e->net->alert.channels[i].name,
                                "state", way->is_known ? fields_delivery_states[way->state] : "",
                                "reason", way->reason, "missed", (json_int_t)way->missed));
    }
    return channels;
}

static json_t *cases_json(const struct engine *e)
{
    json_t *cases = json_array();
    for (int i = 0; i < ALERT_CASES_MAX; i++) {
        const struct alert_case *c = &e->pages.alert.cases[i];
        if (c->life == ALERT_FREE || !alert_find(&e->pages.alert, c->outage.number))
            continue;
        json_t *paged = json_array();
        for (uint32_t p = 0; p < e->net->alert.person_count; p++)
            if (c->people[p].is_told)
                json_array_append_new(paged, json_pack("{s:s, s:b}", "person",
                                                       e->net->alert.people[p].name, "delivered",
                                                       (int)!c->people[p].waits));
        json_array_append_new(cases, json_pack("{s:I, s:I, s:s, s:s, s:b, s:o}", "outage",
                                               (json_int_t)c->outage.number, "run_s",
                                               (json_int_t)kept_run_s(e, c->outage.number), "state",
                                               alert_life_names[c->life], "has_it", c->has_it,
                                               "planned", (int)c->is_quiet, "paged", paged));
    }
    return cases;
}

json_t *pages_json(const struct engine *e)
{
    return json_pack("{s:o, s:o, s:o}", "on_call", teams_json(e), "channels", channels_json(e),
                     "cases", cases_json(e));
}
