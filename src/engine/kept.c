// SPDX-License-Identifier: ISC
#include "engine/kept.h"

#include "engine/names.h"
#include "engine/state.h"

#include <string.h>

// ---- what is kept

static void keep_fact(const struct engine *e, uint32_t number, uint32_t place,
                      const struct fact *fact, struct kept_fact *kept)
{
    struct words device = WORDS_IN(kept->device), who = WORDS_IN(kept->who);
    struct words subject = WORDS_IN(kept->subject), text = WORDS_IN(kept->text);
    struct words odd = WORDS_IN(kept->odd), nodes = WORDS_IN(kept->nodes);
    struct words odd_nodes = WORDS_IN(kept->odd_nodes);
    kept->number = number;
    kept->place = place;
    kept->wall_ns = e->pages.wall_ns;
    kept->kind = fact->kind;
    kept->at = fact->at;
    kept->last_at = fact->last_at;
    kept->count = fact->count;
    kept->standing = fact->standing;
    kept->unseen = fact->unseen;
    kept->rate_nhz = (int64_t)(fact->rate_hz * 1e9);
    words_add(&device, "%s", fact->device);
    words_add(&who, "%s", fact->who);
    words_add(&subject, "%s", fact->subject);
    words_add(&text, "%s", fact->text);
    words_add(&odd, "%s", fact->odd);
    nodes_say(e->net, &fact->nodes, &nodes);
    nodes_say(e->net, &fact->odd_nodes, &odd_nodes);
}

static uint32_t place_of(const uint32_t *ids, uint32_t count, uint32_t id)
{
    for (uint32_t i = 0; i < count; i++)
        if (ids[i] == id)
            return i + 1;
    return 0;
}

// Own prefixes of which such a notice stands.
static uint64_t own_noticed(const struct engine *e, enum notice_kind kind)
{
    uint64_t noticed = 0;
    for (uint32_t i = 0; i < e->notices.count; i++) {
        const struct notice *notice = &e->notices.items[i].notice;
        uint32_t own = notice->kind == kind ? net_own_of(e->net, notice->prefix) : NET_NOBODY;
        noticed |= own == NET_NOBODY ? 0 : UINT64_C(1) << own;
    }
    return noticed;
}

static void keep_sets(const struct engine *e, const struct outage *outage,
                      const struct alert_kept *of_case, struct kept_outage *kept)
{
    struct words paths = WORDS_IN(kept->paths), own = WORDS_IN(kept->own);
    struct words nodes = WORDS_IN(kept->nodes), told = WORDS_IN(kept->told);
    struct words foreign = WORDS_IN(kept->foreign);
    struct names names = {outage->paths, {[NAMES_STAR] = outage->hit}};
    names_say(e->net, NAMES_PATHS, &names, &paths);
    names = (struct names){outage->own, {0}};
    if (outage->own_lost) {
        names.marked[NAMES_STAR] = outage->own_lost & own_noticed(e, NOTICE_OWN_INVISIBLE);
        names.marked[NAMES_PLUS] = outage->own_lost & own_noticed(e, NOTICE_OWN_UNSEEN);
        names.marked[NAMES_PLUS] &= ~names.marked[NAMES_STAR];
    }
    names_say(e->net, NAMES_OWN, &names, &own);
    names = (struct names){outage->foreign, {0}};
    names_say(e->net, NAMES_OWN, &names, &foreign);
    names = (struct names){of_case->told, {[NAMES_STAR] = of_case->called}};
    names_say(e->net, NAMES_PEOPLE, &names, &told);
    nodes_say(e->net, &outage->nodes, &nodes);
}

static void keep_outage(const struct engine *e, uint32_t place, const uint32_t *ids,
                        uint32_t id_count, struct kept_outage *kept)
{
    const struct outage_kept is = outage_keep(&e->outages.outages.items[place]);
    const struct effect_outage *said = &e->outages.told[place].outage;
    const struct alert_kept of_case = alert_keep(&e->pages.alert, is.number);
    kept->number = is.number;
    kept->run_s = kept_run_s(e, is.number);
    kept->wall_ns = e->pages.wall_ns;
    kept->state = is.state;
    kept->severity = is.severity;
    kept->share_ppm = said->share_ppm;
    kept->lost = is.lost;
    kept->onset = is.onset;
    kept->lost_at = is.lost_at;
    kept->bad_at = is.bad_at;
    kept->facts = id_count;
    kept->warned_by = place_of(ids, id_count, is.warned_by);
    kept->changed_by = place_of(ids, id_count, is.changed_by);
    kept->rolled_back_by = place_of(ids, id_count, is.rolled_back_by);
    keep_sets(e, &e->outages.outages.items[place], &of_case, kept);
    memcpy(kept->title, said->title, sizeof kept->title);
    memcpy(kept->cause, said->cause, sizeof kept->cause);
    memcpy(kept->action, said->action, sizeof kept->action);
    kept->life = of_case.life;
    kept->round = of_case.round;
    kept->round_at = of_case.round_at;
    kept->acked_until = of_case.acked_until;
    memcpy(kept->has_it, of_case.has_it, sizeof kept->has_it);
}

static bool is_listed(const struct engine *e, uint32_t place)
{
    const struct outage *outage = &e->outages.outages.items[place];
    return outage->number && outage->state != OUTAGE_OVER && !outage->part_of &&
           e->outages.told[place].outage.number == outage->number;  // people know of it
}

// Both are zeroed before they are filled, so that what is equal is equal byte for byte.
static void look_at(struct engine *e, uint32_t place)
{
    const struct facts *facts = &e->outages.outages.facts;
    uint32_t ids[OUTAGE_KEPT_FACTS];
    uint32_t count = outage_kept_facts(&e->outages.outages.items[place], ids);
    struct kept_fact fact;
    struct kept_outage outage;
    for (uint32_t i = 0; i < count; i++) {
        struct kept_fact *told = &e->outages.kept.facts[place][i];
        memset(&fact, 0, sizeof fact);
        if (facts_get(facts, ids[i]))
            keep_fact(e, e->outages.outages.items[place].number, i + 1, facts_get(facts, ids[i]),
                      &fact);
        if (memcmp(&fact, told, sizeof fact) == 0)
            continue;
        memcpy(told, &fact, sizeof fact);
        engine_tell(e, EFFECT_KEPT_FACT)->kept_fact = fact;
    }
    memset(&outage, 0, sizeof outage);
    keep_outage(e, place, ids, count, &outage);
    if (memcmp(&outage, &e->outages.kept.told[place], sizeof outage) == 0)
        return;
    memcpy(&e->outages.kept.told[place], &outage, sizeof outage);
    engine_tell(e, EFFECT_KEPT_OUTAGE)->kept_outage = outage;
}

void kept_advance(struct engine *e)
{
    if (!e->net->store.path[0] ||
        mono_since_ns(e->now, e->outages.kept.looked_at) < (int64_t)KEPT_LOOK_MS * NS_PER_MS)
        return;
    e->outages.kept.looked_at = e->now;
    for (uint32_t place = 0; place < OUTAGES_MAX; place++)
        if (is_listed(e, place))
            look_at(e, place);
}

// ---- what comes back

void kept_start(struct engine *e)
{
    e->outages.kept.is_back = e->net->store.path[0] == '\0';
    e->outages.kept.began_at = e->now;
}

bool kept_is_awaited(const struct engine *e)
{
    return !e->outages.kept.is_back &&
           mono_since_ns(e->now, e->outages.kept.began_at) < (int64_t)KEPT_WAIT_MS * NS_PER_MS;
}

int64_t kept_run_s(const struct engine *e, uint32_t outage)
{
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        if (e->outages.kept.runs[i].outage == outage)
            return e->outages.kept.runs[i].run_s;
    return e->pages.run_s;
}

// By the wall clock, which may have been wrong then or now: what has happened is past, in any case.
static struct mono here(const struct engine *e, int64_t wall_ns, struct mono at, int64_t latest)
{
    int64_t wall = engine_bounded_ns(at.ns) + engine_bounded_ns(wall_ns);
    int64_t ns = engine_bounded_ns(wall - e->pages.wall_ns);
    return (struct mono){ns < latest ? ns : latest};
}

// A drain of another life is no more: what it worked on is not worked on.
static bool is_of_drain(const struct fact *fact)
{
    return fact->kind == FACT_MAINTENANCE && strncmp(fact->device, "drain ", 6) == 0;
}

void kept_take_fact(struct engine *e, const struct event *event)
{
    const struct kept_fact *kept = &event->kept_fact;
    struct fact fact = {.kind = kept->kind,
                        .at = here(e, kept->wall_ns, kept->at, e->now.ns),
                        .last_at = here(e, kept->wall_ns, kept->last_at, e->now.ns),
                        .nodes = nodes_read(e->net, kept->nodes),
                        .odd_nodes = nodes_read(e->net, kept->odd_nodes),
                        .count = kept->count,
                        .unseen = kept->unseen,
                        .rate_hz = (double)(kept->rate_nhz > 0 ? kept->rate_nhz : 1) / 1e9};
    if (kept->number <= e->outages.outages.count || kept->place < 1 ||
        kept->place > OUTAGE_KEPT_FACTS)
        return;
    memcpy(fact.device, kept->device, sizeof fact.device);
    memcpy(fact.who, kept->who, sizeof fact.who);
    memcpy(fact.subject, kept->subject, sizeof fact.subject);
    memcpy(fact.text, kept->text, sizeof fact.text);
    memcpy(fact.odd, kept->odd, sizeof fact.odd);
    fact.standing = kept->standing && !is_of_drain(&fact);
    if (e->outages.kept.back_of != kept->number)
        memset(e->outages.kept.back, 0, sizeof e->outages.kept.back);
    e->outages.kept.back_of = kept->number;
    e->outages.kept.back[kept->place - 1] = facts_take_up(&e->outages.outages.facts, &fact);
}

// Route does not know that they were ever there: it says when it sees them.
static void notice_lost(struct engine *e, uint64_t own, enum notice_kind kind, struct mono since)
{
    for (uint64_t left = own; left; left &= left - 1) {
        struct notice notice = {.kind = kind,
                                .raised = true,
                                .router = NET_NOBODY,
                                .prefix = e->net->own[__builtin_ctzll(left)].prefix,
                                .text = "as it was before Fairlead began anew",
                                .since = since};
        engine_notice_take(e, &notice);
    }
}

static uint32_t fact_at(const struct engine *e, const struct kept_outage *kept, uint32_t place)
{
    bool is_there =
        place >= 1 && place <= OUTAGE_KEPT_FACTS && e->outages.kept.back_of == kept->number;
    return is_there ? e->outages.kept.back[place - 1] : 0;
}

static struct outage_kept outage_here(const struct engine *e, const struct kept_outage *kept)
{
    struct names paths = names_read(e->net, NAMES_PATHS, kept->paths);
    int64_t now = e->now.ns;
    return (struct outage_kept){
        .number = kept->number,
        .state = kept->state,
        .severity = kept->severity,
        .onset = here(e, kept->wall_ns, kept->onset, now),
        .lost_at = here(e, kept->wall_ns, kept->lost_at, now),
        .bad_at = here(e, kept->wall_ns, kept->bad_at, now),
        .lost = kept->lost,
        .paths = paths.all,
        .hit = paths.marked[NAMES_STAR],
        .own = names_read(e->net, NAMES_OWN, kept->own).all,
        .foreign = names_read(e->net, NAMES_OWN, kept->foreign).all,
        .nodes = nodes_read(e->net, kept->nodes),
        .warned_by = fact_at(e, kept, kept->warned_by),
        .changed_by = fact_at(e, kept, kept->changed_by),
        .rolled_back_by = fact_at(e, kept, kept->rolled_back_by),
    };
}

static void take_case(struct engine *e, const struct kept_outage *kept,
                      const struct effect_outage *told)
{
    const struct names people = names_read(e->net, NAMES_PEOPLE, kept->told);
    struct alert_outage outage = pages_outage(e, told);
    struct alert_kept is = {
        .life = kept->life,
        .round = kept->round,
        .round_at = here(e, kept->wall_ns, kept->round_at, ENGINE_TIME_MAX_NS),
        .acked_until = here(e, kept->wall_ns, kept->acked_until, ENGINE_TIME_MAX_NS),
        .told = (uint32_t)people.all,
        .called = (uint32_t)people.marked[NAMES_STAR],
    };
    memcpy(is.has_it, kept->has_it, sizeof is.has_it);
    pages_take_up(e, &outage, &is);
}

void kept_take_outage(struct engine *e, const struct event *event)
{
    const struct kept_outage *kept = &event->kept_outage;
    struct names own = names_read(e->net, NAMES_OWN, kept->own);
    const struct outage_kept is = outage_here(e, kept);
    struct outage *outage = outages_take_up(&e->outages.outages, e->now, &is);
    if (!outage)
        return;
    uint32_t place = (uint32_t)(outage - e->outages.outages.items);
    struct effect_outage told = {.number = is.number,
                                 .state = is.state,
                                 .severity = is.severity,
                                 .onset = is.onset,
                                 .share_ppm = kept->share_ppm};
    memcpy(told.title, kept->title, sizeof told.title);
    memcpy(told.cause, kept->cause, sizeof told.cause);
    memcpy(told.action, kept->action, sizeof told.action);
    e->outages.told[place] = (struct outage_told){told, e->now, e->now};
    e->outages.kept.runs[place] = (struct kept_run){is.number, kept->run_s};
    notice_lost(e, own.marked[NAMES_STAR], NOTICE_OWN_INVISIBLE, is.lost_at);
    notice_lost(e, own.marked[NAMES_PLUS], NOTICE_OWN_UNSEEN, is.lost_at);
    take_case(e, kept, &told);
    engine_tell(e, EFFECT_OUTAGE)->outage = told;  // this life's people know of it, too
}

void kept_take_end(struct engine *e, const struct event *event)
{
    (void)event;
    e->outages.kept.is_back = true;
}
