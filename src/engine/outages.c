// SPDX-License-Identifier: ISC
#include "engine/outages.h"

#include "engine/extent.h"
#include "engine/state.h"

#include <math.h>
#include <string.h>

// ---- what is heard

// What a notice is as a fact; FACT_KINDS: none.
static enum fact_kind fact_of(enum notice_kind kind)
{
    static const struct {
        enum notice_kind notice;
        enum fact_kind fact;
    } rows[] = {
        {NOTICE_DEVICE_COMMIT, FACT_CHANGE},
        {NOTICE_DEVICE_ROLLBACK, FACT_ROLLBACK},
        {NOTICE_DEVICE_MAINTENANCE, FACT_MAINTENANCE},
        {NOTICE_DEVICE_CRASH, FACT_CRASH},
        {NOTICE_DEVICE_GAVE_UP, FACT_GAVE_UP},
        {NOTICE_DEVICE_ALARM, FACT_ALARM},
        {NOTICE_DEVICE_BFD, FACT_BFD},
        {NOTICE_DEVICE_BGP, FACT_BGP},
        {NOTICE_BMP_PEER_DOWN, FACT_BGP},
        {NOTICE_DEVICE_IGP, FACT_IGP},
        {NOTICE_DEVICE_LACP, FACT_LACP},
        {NOTICE_DEVICE_LINK, FACT_LINK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].notice == kind)
            return rows[i].fact;
    return FACT_KINDS;
}

// "ca1 l2ald", "edge1/192.0.2.1 in-pre": the device, and what of it.
static void split(const char *peer, struct fact *fact)
{
    size_t device = strcspn(peer, " /"), rest = device + (peer[device] != '\0');
    size_t subject = strcspn(peer + rest, " ");
    struct words first = WORDS_IN(fact->device), second = WORDS_IN(fact->subject);
    words_add(&first, "%.*s", (int)device, peer);
    words_add(&second, "%.*s", (int)subject, peer + rest);
}

// The session is over this upstream.
static void add_upstream(const struct net *net, struct fact *fact)
{
    struct address peer;
    if (!address_parse(fact->subject, &peer))
        return;
    for (uint32_t u = 0; u < net->upstream_count; u++)
        if (address_equal(net->upstreams[u].next_hop[peer.family], peer))
            nodes_add(&fact->nodes, NODES_UPSTREAM + u);
}

void outage_desk_notice(struct engine *e, struct mono now, const struct notice *notice)
{
    struct fact fact = {.kind = fact_of(notice->kind), .at = now};
    struct words text = WORDS_IN(fact.text), who = WORDS_IN(fact.who);
    struct facts *facts = &e->outages.outages.facts;
    if (fact.kind == FACT_KINDS)
        return;
    split(notice->peer, &fact);
    words_add(&text, "%s", notice->text);
    if (fact.kind <= FACT_ROLLBACK) {
        words_add(&who, "%s", fact.subject);
        fact.subject[0] = '\0';
    }
    if (!notice->raised) {
        facts_over(facts, fact.kind, fact.device, fact.subject);
        return;
    }
    fact.standing = notice_rules[notice->kind].stands || fact.kind == FACT_GAVE_UP;
    add_upstream(e->net, &fact);
    facts_take(facts, &fact);
}

enum { CHANGE_AGE_MAX_S = 24 * 3600 };  // told so late it explains nothing of now any more

void outage_desk_change(struct engine *e, struct mono now, const struct change *change)
{
    struct fact fact = {.kind = FACT_CHANGE, .at = change->done_at};
    struct words who = WORDS_IN(fact.who), id = WORDS_IN(fact.subject), text = WORDS_IN(fact.text);
    struct mono oldest = mono_add_ms(now, -(int64_t)CHANGE_AGE_MAX_S * 1000);
    if (fact.at.ns < oldest.ns)
        fact.at = oldest;
    words_add(&who, "%s", change->who);
    words_add(&id, "%s", change->id);
    words_add(&text, "%s", change->what);
    uint32_t number = net_devices_next(&change->devices, 0);
    if (number == NET_NOBODY)
        facts_take(&e->outages.outages.facts, &fact);
    for (; number != NET_NOBODY; number = net_devices_next(&change->devices, number + 1)) {
        struct words device = WORDS_IN(fact.device);
        words_add(&device, "%s", net_device_name(e->net, number));
        facts_take(&e->outages.outages.facts, &fact);
    }
}

void outage_desk_odd(struct engine *e, const struct change_odd *odd)
{
    struct nodes nodes = {0};
    uint32_t number = net_devices_next(&odd->devices, 0);
    for (; number != NET_NOBODY; number = net_devices_next(&odd->devices, number + 1)) {
        struct nodes one = nodes_named(e->net, net_device_name(e->net, number));
        nodes_join(&nodes, &one);
    }
    facts_odd(&e->outages.outages.facts, odd->id, &nodes, odd->what);
}

void outage_desk_session(struct engine *e, const struct event_session *session)
{
    struct fact fact = {.kind = FACT_BGP, .at = e->now, .subject = "us", .standing = true};
    struct words device = WORDS_IN(fact.device), text = WORDS_IN(fact.text);
    words_add(&device, "%s", e->net->routers[session->router].name);
    words_add(&text, "%s", session->reason);
    if (session->state == SESSION_UP)
        facts_over(&e->outages.outages.facts, FACT_BGP, fact.device, fact.subject);
    else if (session->state == SESSION_DOWN && e->sessions[session->router].up)
        facts_take(&e->outages.outages.facts, &fact);
}

void outage_desk_start(struct engine *e, struct wall wall)
{
    e->outages.wall_ns = wall.ns > 0 ? wall.ns - e->now.ns : 0;
    e->outages.outages.facts.since = e->now;
}

static struct nodes nodes_of_object(const struct net *net, struct net_object object)
{
    struct nodes nodes = {0};
    uint32_t routers = net_object_routers(net, object);
    if (object.kind == NET_OBJECT_MEMBER)
        return nodes_of_member(object.index, object.member);
    for (uint32_t r = 0; r < net->router_count; r++)
        if (routers >> r & 1)
            nodes_add(&nodes, NODES_ROUTER + r);
    if (object.kind == NET_OBJECT_UPSTREAM)
        nodes_add(&nodes, NODES_UPSTREAM + object.index);
    return nodes;
}

static void take_work(struct engine *e, const struct drain *drain)
{
    struct fact fact = {.kind = FACT_MAINTENANCE, .at = e->now, .standing = true};
    struct words device = WORDS_IN(fact.device), who = WORDS_IN(fact.who);
    struct words subject = WORDS_IN(fact.subject), text = WORDS_IN(fact.text);
    words_add(&device, "drain %u", drain->number);  // of no device: its nodes are known
    words_add(&who, "%s", drain->who);
    words_add(&subject, "%s", drain->id);
    words_add(&text, "%s", drain->reason);
    fact.nodes = nodes_of_object(e->net, drain->object);
    facts_take(&e->outages.outages.facts, &fact);
}

// What people have taken out of use is worked on, from then until it returns.
static void look_at_drains(struct engine *e)
{
    struct outage_desk *desk = &e->outages;
    for (uint32_t i = 0; i < DRAINS_MAX; i++) {
        const struct drain *drain = &e->drains.items[i];
        uint32_t number = drain_is_active(drain->state) ? drain->number : 0;
        if (desk->work[i] == number)
            continue;
        char device[NET_NAME_MAX];
        struct words words = WORDS_IN(device);
        words_add(&words, "drain %u", desk->work[i]);
        facts_over(&desk->outages.facts, FACT_MAINTENANCE, device, "");
        desk->work[i] = number;
        if (number)
            take_work(e, drain);
    }
}

// ---- what is seen

static bool is_hit(const struct engine *e, uint32_t path)
{
    const struct story *story = &e->stories[path];
    bool by_person = story->causes >> STORY_DRAIN & 1 && !e->watch.paths[path].state;
    return story->state >= INCIDENT_CONFIRMED && !by_person;
}

static uint64_t paths_hit(const struct engine *e)
{
    uint64_t hit = 0;
    for (uint64_t left = e->open; left; left &= left - 1) {
        uint32_t path = (uint32_t)__builtin_ctzll(left);
        hit |= (uint64_t)is_hit(e, path) << path;
    }
    return hit;
}

bool outage_desk_knows_traffic(const struct engine *e)
{
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        if (!use_of(&e->use, u, e->now).known)
            return false;
    return true;
}

// By what each upstream carries; where that is not known of all, each path counts the same.
static void weigh(struct engine *e, uint64_t hit)
{
    double all = 0, weights[NET_PATHS_MAX] = {0};
    bool known = outage_desk_knows_traffic(e);
    for (uint32_t path = 0; path < e->path_count; path++) {
        uint32_t upstream = e->paths[path].upstream;
        if (upstream != NET_NOBODY)
            weights[path] = known ? (double)e->use.upstreams[upstream].out_bps : 1;
        all += weights[path];
    }
    for (uint64_t left = hit; left && all > 0; left &= left - 1) {
        uint32_t path = (uint32_t)__builtin_ctzll(left);
        double loss = watch_ppm_recent(&e->watch, path, e->now);
        e->outages.lost_ppm[path] = (uint32_t)(loss * weights[path] / all);
    }
}

static void see_paths(const struct engine *e, struct outage_sight *sight)
{
    for (uint64_t left = sight->hit; left; left &= left - 1) {
        uint32_t path = (uint32_t)__builtin_ctzll(left);
        const struct story *story = &e->stories[path];
        const struct watch_path *watched = &e->watch.paths[path];
        if (story->state == INCIDENT_HELD || story->state == INCIDENT_TRIAL)
            sight->helped |= UINT64_C(1) << path;
        bool began = watched->state == WATCH_CONFIRMED && watched->bad.began_at.ns > 0 &&
                     watched->bad.began_at.ns < story->opened_at.ns;
        sight->began[path] = began ? watched->bad.began_at : story->opened_at;
        sight->lost_ppm[path] = e->outages.lost_ppm[path];
    }
}

// What people withhold with a drained site is gone as they want it.
static uint64_t own_lost(const struct engine *e, struct mono *began)
{
    uint64_t lost = 0;
    for (uint32_t i = 0; i < e->notices.count; i++) {
        const struct notice *notice = &e->notices.items[i].notice;
        bool is_lost = notice->kind == NOTICE_OWN_INVISIBLE || notice->kind == NOTICE_OWN_UNSEEN;
        if (!is_lost || own_is_withheld(e, notice->prefix))
            continue;
        uint32_t own = net_own_of(e->net, notice->prefix);
        if (own == NET_NOBODY)
            continue;
        lost |= UINT64_C(1) << own;
        began[own] = notice->since;
    }
    return lost;
}

static bool is_foreign(const struct notice *notice)
{
    return notice->kind == NOTICE_OWN_ORIGIN_CHANGED || notice->kind == NOTICE_OWN_MORE_SPECIFIC;
}

// Others' origins of own prefixes, and parts of them that nobody expects: since the first table.
static void see_foreign(const struct engine *e, struct outage_sight *sight)
{
    for (uint32_t i = 0; i < e->notices.count; i++) {
        const struct notice *notice = &e->notices.items[i].notice;
        uint32_t own = is_foreign(notice) ? net_own_around(e->net, notice->prefix) : NET_NOBODY;
        if (own == NET_NOBODY)
            continue;
        if (!(sight->foreign >> own & 1) || notice->since.ns < sight->foreign_began[own].ns)
            sight->foreign_began[own] = notice->since;
        sight->foreign |= UINT64_C(1) << own;
    }
}

static void see(const struct engine *e, uint64_t hit, struct outage_sight *sight)
{
    *sight = (struct outage_sight){.now = e->now, .minute = -1, .hit = hit};
    sight->own = own_lost(e, sight->own_began);
    see_foreign(e, sight);
    if (e->outages.wall_ns > 0)
        sight->minute = fmod((double)(e->outages.wall_ns + e->now.ns) / NS_PER_S / 60, 60);
    for (uint32_t i = 0; i < e->faults.count && sight->fault_count < OUTAGE_FAULTS_MAX; i++)
        if (e->faults.items[i].fault.state == FAULT_NAMED)
            sight->faults[sight->fault_count++] = e->faults.items[i].fault;
    see_paths(e, sight);
}

// ---- what is told

// By what way others saw it last: where to ask.
static void say_last_way(const struct engine *e, const struct outage *outage, char *cause)
{
    struct words words = {cause, OUTAGE_CAUSE_MAX, strlen(cause)};
    char prefix[PREFIX_TEXT_MAX];
    for (uint32_t i = 0; outage->own_lost && i < e->notices.count; i++) {
        const struct notice *notice = &e->notices.items[i].notice;
        uint32_t own = net_own_of(e->net, notice->prefix);
        if (notice->kind != NOTICE_OWN_WITHDRAWN || own == NET_NOBODY ||
            !(outage->own_lost >> own & 1))
            continue;
        words_add(&words, "; %s %.*s", prefix_format(notice->prefix, prefix),
                  (int)strcspn(notice->text, ";"), notice->text);
        return;  // one is enough to begin with
    }
}

enum { FOREIGN_SAID_MAX = 2, FOREIGN_PEERS_SAID_MAX = 3 };

static bool is_before(const struct engine *e, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++) {
        const struct notice *one = &e->notices.items[i].notice, *two = &e->notices.items[at].notice;
        if (one->kind == two->kind && prefix_equal(one->prefix, two->prefix))
            return true;
    }
    return false;
}

// In whose tables: a more-specific says that by itself.
static void say_peers(const struct engine *e, const struct notice *like, struct words *words)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < e->notices.count; i++) {
        const struct notice *notice = &e->notices.items[i].notice;
        if (notice->kind != like->kind || !prefix_equal(notice->prefix, like->prefix) ||
            !notice->peer[0] || count++ >= FOREIGN_PEERS_SAID_MAX)
            continue;
        words_add(words, "%s%s", count == 1 ? ", seen by " : ", ", notice->peer);
    }
    if (count > FOREIGN_PEERS_SAID_MAX)
        words_add(words, " and %u more", count - FOREIGN_PEERS_SAID_MAX);
}

// Whose it is now, by whom it comes and who sees it, before all that may explain it: whom to call.
static void say_foreign(const struct engine *e, const struct outage *outage, char *cause)
{
    char usual[OUTAGE_CAUSE_MAX], prefix[PREFIX_TEXT_MAX];
    struct words words = {cause, OUTAGE_CAUSE_MAX, 0};
    uint32_t said = 0;
    if (!outage->foreign_now)
        return;
    memcpy(usual, cause, sizeof usual);
    for (uint32_t i = 0; i < e->notices.count && said < FOREIGN_SAID_MAX; i++) {
        const struct notice *notice = &e->notices.items[i].notice;
        uint32_t own = is_foreign(notice) ? net_own_around(e->net, notice->prefix) : NET_NOBODY;
        if (own == NET_NOBODY || !(outage->foreign_now >> own & 1) || is_before(e, i))
            continue;
        words_add(&words, "%s%s: ", said++ > 0 ? "; " : "", prefix_format(notice->prefix, prefix));
        if (notice->kind == NOTICE_OWN_ORIGIN_CHANGED)
            words_add(&words, "%.*s", (int)strcspn(notice->text, ";"), notice->text);
        else
            words_add(&words, "%s", notice->text);
        say_peers(e, notice, &words);
    }
    words_add(&words, "; %s", usual);
}

// "203.0.113.0/24 is announced to edge2": what can bring it back.
static void say_announced(const struct engine *e, const struct outage *outage, struct words *words)
{
    char prefix[PREFIX_TEXT_MAX];
    for (uint64_t left = outage->own; left; left &= left - 1) {
        struct prefix own = e->net->own[__builtin_ctzll(left)].prefix;
        bool any = false;
        for (uint32_t router = 0; router < e->net->router_count; router++) {
            if (!own_is_announced(e, own, router))
                continue;
            if (!any)
                words_add(words, "%s%s is announced to ", words->length ? "; " : "",
                          prefix_format(own, prefix));
            words_add(words, "%s%s", any ? ", " : "", e->net->routers[router].name);
            any = true;
        }
    }
}

static void say_inbound(const struct engine *e, uint32_t path, struct words *words)
{
    char name[NET_NAME_MAX + 8];
    const char *what = inbound_words(e, path);
    if (what[0])
        words_add(words, "; what comes in by %s: %s", net_path_name(e->net, path, name), what);
}

// What Fairlead does: of the path of which the state is the newest.
static void say_action(const struct engine *e, const struct outage *outage, char *action)
{
    const struct story *newest = NULL;
    outage_advice(&e->outages.outages, outage, action);
    struct words words = {action, OUTAGE_ACTION_MAX, strlen(action)};
    say_announced(e, outage, &words);
    for (uint64_t left = outage->hit; left; left &= left - 1) {
        const struct story *story = &e->stories[__builtin_ctzll(left)];
        if (!newest || story->entered_at.ns > newest->entered_at.ns)
            newest = story;
    }
    if (newest)
        words_add(&words, "%sincident %u: %s: %s", action[0] ? "; " : "", newest->number,
                  incident_state_names[newest->state], newest->reason);
    else if (!action[0])
        words_add(&words, "nothing is moved");
    for (uint64_t left = outage->hit; left; left &= left - 1)
        say_inbound(e, (uint32_t)__builtin_ctzll(left), &words);
}

// The numbers go up and down; only what would make people do something else is news.
static bool is_news(const struct effect_outage *now, const struct effect_outage *told)
{
    return now->number != told->number || now->state != told->state ||
           now->severity != told->severity;
}

static bool may_say(const struct effect_outage *now, const struct outage_told *told,
                    int64_t since_ns)
{
    bool title = strcmp(now->title, told->outage.title) != 0;
    bool rest = strcmp(now->cause, told->outage.cause) != 0 ||
                strcmp(now->action, told->outage.action) != 0;
    return is_news(now, &told->outage) ||
           (title && since_ns >= (int64_t)OUTAGES_TITLE_MS * NS_PER_MS) ||
           (rest && since_ns >= (int64_t)OUTAGES_AGAIN_MS * NS_PER_MS);
}

static void tell(struct engine *e, const struct outage *outage, const struct outage_sight *sight,
                 struct outage_told *told)
{
    struct effect_outage now = told->outage;
    if (now.number != outage->number)
        now = (struct effect_outage){0};
    int64_t since_ns = mono_since_ns(e->now, told->at);
    if (outage->state == OUTAGE_WARNED && !now.number &&
        mono_since_ns(e->now, outage->entered_at) < (int64_t)OUTAGES_WARN_MS * NS_PER_MS)
        return;
    now.number = outage->number;
    now.state = outage->state;
    now.severity = outage->severity;
    now.onset = outage->onset;
    now.share_ppm = outage->share_ppm;
    now.part_of = outage->part_of;
    if (outage_settles(outage, e->now) && !is_news(&now, &told->outage))
        return;
    int64_t looked_ns = mono_since_ns(e->now, told->looked_at);
    if ((since_ns < (int64_t)OUTAGES_TITLE_MS * NS_PER_MS ||
         looked_ns < (int64_t)OUTAGES_LOOK_MS * NS_PER_MS) &&
        !is_news(&now, &told->outage))
        return;
    told->looked_at = e->now;
    outage_title(&e->outages.outages, outage, sight, now.title);
    outage_cause(&e->outages.outages, outage, now.cause);
    say_last_way(e, outage, now.cause);
    say_foreign(e, outage, now.cause);
    say_action(e, outage, now.action);
    if (!may_say(&now, told, since_ns))
        return;
    engine_tell(e, EFFECT_OUTAGE)->outage = now;
    *told = (struct outage_told){now, e->now, e->now};
}

// Before the outage itself, where that takes another turn: whoever hears of both has them of the
// same moment. Bounds of losses are dear, as above.
static void tell_extent(struct engine *e, const struct outage *outage,
                        const struct effect_outage *before, struct extent_told *told)
{
    bool turned = outage->number != before->number || outage->state != before->state;
    if (!outage->lost || outage->part_of ||  // its paths are those of the other
        outage_settles(outage, e->now) ||
        (!turned && mono_since_ns(e->now, told->looked_at) < NS_PER_S))
        return;
    struct effect_extent now = extent_of(e, outage);
    told->looked_at = e->now;
    bool again = turned || mono_since_ns(e->now, told->at) >= (int64_t)OUTAGES_AGAIN_MS * NS_PER_MS;
    if (!extent_is_news(&now, &told->extent) && (!again || extent_is_equal(&now, &told->extent)))
        return;
    engine_tell(e, EFFECT_EXTENT)->extent = now;
    told->extent = now;
    told->at = e->now;
}

void outage_desk_advance(struct engine *e)
{
    struct outages *outages = &e->outages.outages;
    struct outage_sight sight;
    uint64_t hit = paths_hit(e);
    bool any = e->notices.count > 0;  // of own prefixes, too
    if (kept_is_awaited(e))
        return;
    look_at_drains(e);
    // Bounds of losses are dear, and nobody asks for them more often.
    if (hit && mono_since_ns(e->now, e->outages.weighed_at) >= NS_PER_S) {
        weigh(e, hit);
        e->outages.weighed_at = e->now;
    }
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        any |= outages->items[i].number != 0;
    if (!any && !hit && e->faults.count == 0 && outages->seen == outages->facts.last_id)
        return;
    see(e, hit, &sight);
    outages_look(outages, &sight);
    for (uint32_t i = 0; i < OUTAGES_MAX; i++) {
        if (outages->items[i].number) {
            tell_extent(e, &outages->items[i], &e->outages.told[i].outage, &e->outages.extents[i]);
            tell(e, &outages->items[i], &sight, &e->outages.told[i]);
        }
    }
}
