// SPDX-License-Identifier: ISC
// Exits, own prefixes, and the limits on how often: each row spoils one thing about a site that
// would permit, in both families.
#include "steer/gate_kinds_check.h"

#include <string.h>

enum { MINUTE_S = 60 };

static const char *const inside[FAMILIES] = {NULL, "30.0.0.0/25", "2a30:1::/49"};
static const char *const around[FAMILIES] = {NULL, "30.0.0.0/23", "2a30::/47"};

// `from` is drained to `to`, first on the router of `to`.
static void drain(struct site *s, uint32_t from, uint32_t to)
{
    struct gate_request request = {
        .upstream = to, .prefix = exit_of(s, from, family_of(s)), .kind = PERMIT_EXIT};
    request.router = s->net.upstreams[to].router;
    enter(s, request);
}

static void let_go(struct site *s, const struct gate_request *request)
{
    ledger_strike(s->ledger, ledger_find(s->ledger, request->router, request->prefix));
}

static void pass(struct site *s, int64_t seconds)
{
    s->now.ns += seconds * NS_PER_S;
}

static void lose(struct site *s, uint32_t router, uint32_t upstream, uint32_t n)
{
    char text[PREFIX_TEXT_MAX];
    bool v4 = family_of(s) == FAMILY_IPV4;
    snprintf(text, sizeof text, v4 ? "21.%u.0.0/16" : "2a11:%x::/32", n);
    rib_withdraw(s->rib, router, check_prefix(text), upstream);
}

SPOIL(nothing, (void)s)
SPOIL(observing, s->net.mode = NET_OBSERVE)
SPOIL(advising, s->net.mode = NET_ADVISE)
SPOIL(never_complete, s->gate.complete_at.ns = INT64_MAX)
SPOIL(other_incomplete, s->gate.sessions[EDGE1].complete = false)
SPOIL(session_down, s->gate.sessions[s->request.router] = (struct gate_session){0})
SPOIL(family_not_spoken, s->gate.sessions[EDGE2].families[family_of(s)] = false)
SPOIL(no_marker, s->net.steer.marker = (struct net_community){0})
SPOIL(no_preference, s->net.steer.local_pref = 0)
SPOIL(too_much_preference, s->net.steer.local_pref = 1001)
SPOIL(as_override, s->request.kind = PERMIT_OVERRIDE; s->request.upstream = TRANSIT_B)

SPOIL(no_exit, s->net.upstreams[TRANSIT_A].exit[family_of(s)] = (struct address){0})
SPOIL(covers_exit, s->request.prefix.length--)
SPOIL(exit_of_itself, s->request.prefix = exit_of(s, TRANSIT_B, family_of(s)))
SPOIL(exit_is_next_hop,
      s->net.upstreams[TRANSIT_A].next_hop[family_of(s)] = s->request.prefix.address;
      s->net.upstreams[TRANSIT_C].router = EDGE1)
SPOIL(exit_is_anothers,
      s->net.upstreams[TRANSIT_C].next_hop[family_of(s)] = s->request.prefix.address)
SPOIL(exit_is_router, s->net.routers[EDGE1].address = s->request.prefix.address)
SPOIL(exit_inside_protected,
      s->net.guard.protected_prefixes.items[0] = prefix_of(s->request.prefix.address, 30))
SPOIL(exit_is_protected, s->net.guard.protected_prefixes.items[0] = s->request.prefix)
SPOIL(target_gone, for (uint32_t n = 0; n < TABLE; n++) lose(s, EDGE2, TRANSIT_B, n);
      rib_forget(s->rib, EDGE2))
static void echo(struct site *s, uint32_t upstream, struct prefix prefix)
{
    struct rib_attributes a = via(&s->net, upstream, family_of(s));
    a.marked = true;
    check_learn(s->rib, EDGE1, prefix, 9, &a);
}

SPOIL(target_is_echo, target_gone(s);
      echo(s, TRANSIT_B, check_prefix(family_of(s) == FAMILY_IPV4 ? "21.1.0.0/16" : "2a11:1::/32")))
SPOIL(target_has_most, for (uint32_t n = 0; n < TABLE / 20; n++) lose(s, EDGE2, TRANSIT_B, n))
SPOIL(target_lacks_some, for (uint32_t n = 0; n < TABLE / 10; n++) lose(s, EDGE2, TRANSIT_B, n))
SPOIL(drained_has_nothing, rib_forget(s->rib, EDGE1))
SPOIL(owner_down, s->request.router = EDGE1; s->gate.sessions[EDGE2] = (struct gate_session){0})
SPOIL(owner_first, s->request.router = EDGE1)
SPOIL(owner_was_first, drain(s, TRANSIT_A, TRANSIT_B); s->request.router = EDGE1)
SPOIL(owner_has_another, drain(s, TRANSIT_A, TRANSIT_C);
      enter(s, (struct gate_request){EDGE2, TRANSIT_C, s->request.prefix, PERMIT_EXIT, {0}});
      s->request.router = EDGE1)
SPOIL(target_is_drained, drain(s, TRANSIT_B, TRANSIT_C))
SPOIL(leaned_on, drain(s, TRANSIT_C, TRANSIT_A))
SPOIL(another_is_drained, s->net.upstreams[TRANSIT_B].router = EDGE1; s->request.router = EDGE1;
      drain(s, TRANSIT_C, TRANSIT_B))
SPOIL(exits_full, s->ledger->limits.exits_per_router = 0)
SPOIL(override_to_drained, drain(s, TRANSIT_B, TRANSIT_C))
SPOIL(only_way, rib_withdraw(s->rib, EDGE1, s->request.prefix, TRANSIT_A);
      learn(s, EDGE1, family_of(s) == FAMILY_IPV4 ? "20.1.0.0/16" : "2a10:1::/32", TRANSIT_B))

SPOIL(only_way_beside_echo, only_way(s); echo(s, TRANSIT_A, s->request.prefix))

SPOIL(own_not_listed, s->net.announce_count = 0)
SPOIL(own_inside, s->request.prefix = check_prefix(inside[family_of(s)]))
SPOIL(own_around, s->request.prefix = check_prefix(around[family_of(s)]))
SPOIL(own_elsewhere, s->net.announce[0].routers = s->net.announce[1].routers = 1 << EDGE1)
SPOIL(own_here, s->net.announce[0].routers = s->net.announce[1].routers = 1 << EDGE2)
SPOIL(own_covers_router, s->net.routers[EDGE1].address = s->request.prefix.address)
SPOIL(own_protected, s->net.guard.protected_prefixes.items[0] = s->request.prefix)
SPOIL(own_covers_protected,
      s->net.guard.protected_prefixes.items[0] = check_prefix(inside[family_of(s)]))
SPOIL(own_inside_protected,
      s->net.guard.protected_prefixes.items[0] = check_prefix(around[family_of(s)]))
SPOIL(own_crossed, s->net.announce[0].next_hop = check_address("2a30:9::9");
      s->net.announce[1].next_hop = check_address("30.9.9.9"))
SPOIL(own_full, s->ledger->limits.own_per_router = 0)
SPOIL(own_no_word, s->net.upstreams[TRANSIT_B].inbound[NET_STANCE_GRACEFUL].kind = NET_TAG_NONE;
      s->request.stances[NET_STANCE_GRACEFUL] = 1 << TRANSIT_B)
SPOIL(own_word_is_anothers, s->request.stances[NET_STANCE_PREPEND] = 1 << TRANSIT_C)

// On the other router, and there withheld from these.
static void stand_on_edge1(struct site *s, uint32_t withheld)
{
    struct gate_request request = s->request;
    request.router = EDGE1;
    request.stances[NET_STANCE_WITHHELD] = withheld;
    enter(s, request);
}
SPOIL(own_withheld_there, stand_on_edge1(s, 0);
      s->request.stances[NET_STANCE_WITHHELD] = 1 << TRANSIT_B)
SPOIL(own_withheld_from_others, stand_on_edge1(s, 1 << TRANSIT_A);
      s->request.stances[NET_STANCE_WITHHELD] = 1 << TRANSIT_B)
SPOIL(own_withheld_last, enter(s, s->request); stand_on_edge1(s, 1 << TRANSIT_A | 1 << TRANSIT_C);
      s->request.stances[NET_STANCE_WITHHELD] = 1 << TRANSIT_B)
SPOIL(own_withheld_alone, s->request.stances[NET_STANCE_WITHHELD] = 1 << TRANSIT_B)
SPOIL(own_withheld_everywhere, s->request.stances[NET_STANCE_WITHHELD] = 7)
SPOIL(own_withheld_where_told, own_here(s); own_withheld_alone(s))
SPOIL(own_anycast, own_withheld_everywhere(s);
      s->net.announce[0].anycast = s->net.announce[1].anycast = true)

static void own_bogon(struct site *s)
{
    const char *text = family_of(s) == FAMILY_IPV4 ? "10.9.0.0/24" : "fd00:1::/48";
    s->request.prefix = s->net.announce[family_of(s) - FAMILY_IPV4].prefix = check_prefix(text);
}
SPOIL(own_bogon_allowed, own_bogon(s);
      s->net.guard.allowed_bogons = (struct net_prefixes){1, {s->request.prefix}})

static void own_short(struct site *s)
{
    s->request.prefix = s->net.announce[family_of(s) - FAMILY_IPV4].prefix =
        check_prefix(family_of(s) == FAMILY_IPV4 ? "32.0.0.0/7" : "2c00::/18");
}

static void own_host(struct site *s)
{
    s->request.prefix = s->net.announce[family_of(s) - FAMILY_IPV4].prefix =
        check_prefix(family_of(s) == FAMILY_IPV4 ? "30.7.0.1/32" : "2a30:7::1/128");
}

// Announced and let go so often, just as early as allowed.
static void act_often(struct site *s, uint32_t times)
{
    static const int64_t waits_s[] = {0, 0, 30, 60, 120, 240};
    for (uint32_t n = 0; n < times; n++) {
        pass(s, waits_s[n]);
        enter(s, s->request);
        let_go(s, &s->request);
    }
}
SPOIL(second_act, act_often(s, 1))
SPOIL(third_act, act_often(s, 2); pass(s, 29))
SPOIL(third_act_later, act_often(s, 2); pass(s, 30))
SPOIL(fourth_act, act_often(s, 3); pass(s, 59))
SPOIL(fourth_act_later, act_often(s, 3); pass(s, 60))
SPOIL(seventh_act, act_often(s, 6); pass(s, 3600 - 450 - 1))
SPOIL(seventh_act_later, act_often(s, 6); pass(s, 3600))
SPOIL(configured_lower, s->net.guard.acts_per_prefix_max = 2; act_often(s, 2); pass(s, 3599))
SPOIL(on_another_router, act_often(s, 2); s->request.router = EDGE1)
SPOIL(nothing_new, act_often(s, 5); pass(s, 240); enter(s, s->request))
SPOIL(no_memory, ledger_free(s->ledger);
      s->ledger = ledger_new(&(struct ledger_limits){5, 5, 5, 2, 5, 100, 1});
      s->gate.ledger = s->ledger; acts_note(s->ledger->acts, &(struct act){.router = 9}, s->now))
SPOIL(old_memory, no_memory(s); pass(s, 3600))

static void note_moves(struct site *s, uint32_t count)
{
    for (uint32_t n = 0; n < count; n++)
        acts_note_move(s->ledger->acts, s->now);
}
SPOIL(minute_full, note_moves(s, 300); pass(s, MINUTE_S - 1))
SPOIL(minute_nearly_full, note_moves(s, 299))
SPOIL(minute_over, note_moves(s, 300); pass(s, MINUTE_S))
SPOIL(minute_greedy, s->net.guard.acts_per_minute_max = 100000; note_moves(s, 1000))
SPOIL(minute_full_but_same, enter(s, s->request); note_moves(s, 300))

// Offered worse, then as usual again: that was the visible change.
static void come_back(struct site *s)
{
    s->request.stances[NET_STANCE_GRACEFUL] = 1 << TRANSIT_B;
    enter(s, s->request);
    s->request.stances[NET_STANCE_GRACEFUL] = 0;
    enter(s, s->request);
    s->request.stances[NET_STANCE_PREPEND] = 1 << TRANSIT_B;
    enter(s, s->request);
}
SPOIL(first_return, stand_on_edge1(s, 0); s->request.stances[NET_STANCE_WITHHELD] = 1 << TRANSIT_B;
      enter(s, s->request); s->request.stances[NET_STANCE_WITHHELD] = 0)
SPOIL(second_return, come_back(s); s->request.stances[NET_STANCE_PREPEND] = 0; pass(s, 1799))
SPOIL(second_return_later, come_back(s); s->request.stances[NET_STANCE_PREPEND] = 0; pass(s, 1800))
SPOIL(further_away, stand_on_edge1(s, 0); come_back(s); s->request.stances[NET_STANCE_PREPEND] = 0;
      s->request.stances[NET_STANCE_WITHHELD] = 1 << TRANSIT_B)
SPOIL(same_after_absence, come_back(s); let_go(s, &s->request))
SPOIL(return_told_to_another, come_back(s); s->request.stances[NET_STANCE_PREPEND] = 0;
      s->request.router = EDGE1)
SPOIL(return_after_two_steps, s->request.stances[NET_STANCE_GRACEFUL] = 1 << TRANSIT_B;
      enter(s, s->request); s->request.stances[NET_STANCE_GRACEFUL] = 0; first_return(s))
SPOIL(return_after_absence, come_back(s); let_go(s, &s->request);
      s->request.stances[NET_STANCE_PREPEND] = 0)

static const struct {
    const char *name;
    enum permit_kind kind;
    void (*spoil)(struct site *s);
    enum gate_answer answer;
    const char *why;  // in IPv4
} rows[] = {
    {"exit", PERMIT_EXIT, nothing, GATE_PERMITTED, ""},
    {"observing", PERMIT_EXIT, observing, GATE_S16_MODE,
     "S16: the mode is neither 'act' nor 'confirm'"},
    {"advising", PERMIT_EXIT, advising, GATE_S16_MODE,
     "S16: the mode is neither 'act' nor 'confirm'"},
    {"too early", PERMIT_EXIT, never_complete, GATE_S7_TOO_EARLY,
     "S7: the tables are not complete yet"},
    {"a table arrives", PERMIT_EXIT, other_incomplete, GATE_S7_TOO_EARLY,
     "S7: the table of edge1 is not complete"},
    {"no session", PERMIT_EXIT, session_down, GATE_S1_NOT_LEARNED,
     "S1: no ipv4 session with edge2"},
    {"family not spoken", PERMIT_EXIT, family_not_spoken, GATE_S1_NOT_LEARNED,
     "S1: no ipv4 session with edge2"},
    {"no marker", PERMIT_EXIT, no_marker, GATE_S3_UNMARKED,
     "S3: no marker community is configured"},
    {"no preference", PERMIT_EXIT, no_preference, GATE_S5_FORBIDDEN,
     "S5: local_pref 0, at most 1000"},
    {"too much preference", PERMIT_EXIT, too_much_preference, GATE_S5_FORBIDDEN,
     "S5: local_pref 1001, at most 1000"},
    {"not configured", PERMIT_EXIT, no_exit, GATE_S1_NOT_LEARNED,
     "S1: 8.9.0.1/32 is no upstream's exit"},
    {"wider than the exit", PERMIT_EXIT, covers_exit, GATE_S1_NOT_LEARNED,
     "S1: 8.9.0.1/31 is no upstream's exit"},
    {"to itself", PERMIT_EXIT, exit_of_itself, GATE_S1_NOT_LEARNED,
     "S1: 8.9.0.2/32 is the exit of transit-b itself"},
    {"as an override", PERMIT_EXIT, as_override, GATE_S1_NOT_LEARNED,
     "S1: 8.9.0.1/32 is configured as an exit or as our own"},
    {"the exit is the next hop", PERMIT_EXIT, exit_is_next_hop, GATE_PERMITTED, ""},
    {"another's next hop", PERMIT_EXIT, exit_is_anothers, GATE_S6_CONTROL,
     "S6: covers 8.9.0.1, next hop of transit-c"},
    {"a router", PERMIT_EXIT, exit_is_router, GATE_S6_CONTROL, "S6: covers 8.9.0.1, router edge1"},
    {"inside a protected prefix", PERMIT_EXIT, exit_inside_protected, GATE_PERMITTED, ""},
    {"a protected host", PERMIT_EXIT, exit_is_protected, GATE_S6_CONTROL,
     "S6: protected prefix 8.9.0.1/32"},
    {"the target has no path", PERMIT_EXIT, target_gone, GATE_S2_NO_PATH,
     "S2: no live ipv4 path via transit-b"},
    {"the target's path is an echo of ours", PERMIT_EXIT, target_is_echo, GATE_S2_NO_PATH,
     "S2: no live ipv4 path via transit-b"},
    {"the target has most", PERMIT_EXIT, target_has_most, GATE_PERMITTED, ""},
    {"the target lacks some", PERMIT_EXIT, target_lacks_some, GATE_S2_NO_PATH,
     "S2: transit-b has paths to 59 of 65 prefixes of transit-a"},
    {"nothing to move yet", PERMIT_EXIT, drained_has_nothing, GATE_PERMITTED, ""},
    {"the target's router is down", PERMIT_EXIT, owner_down, GATE_S13_LAST_WAY,
     "S13: no ipv4 session with edge2, the router of transit-b"},
    {"not first to the target's router", PERMIT_EXIT, owner_first, GATE_S13_LAST_WAY,
     "S13: edge2, the router of transit-b, is to be told first"},
    {"then to the others", PERMIT_EXIT, owner_was_first, GATE_PERMITTED, ""},
    {"its router has it through another", PERMIT_EXIT, owner_has_another, GATE_S13_LAST_WAY,
     "S13: edge2, the router of transit-b, is to be told first"},
    {"the target is drained", PERMIT_EXIT, target_is_drained, GATE_S13_LAST_WAY,
     "S13: transit-b is drained to transit-c"},
    {"another leans on it", PERMIT_EXIT, leaned_on, GATE_S13_LAST_WAY,
     "S13: transit-c is drained to transit-a"},
    {"another is drained", PERMIT_EXIT, another_is_drained, GATE_S8_TOO_OFTEN,
     "S8: transit-c is drained already"},
    {"exits full", PERMIT_EXIT, exits_full, GATE_S4_TOO_MANY, "S4: 0 of 0 exits on edge2"},

    {"override", PERMIT_OVERRIDE, nothing, GATE_PERMITTED, ""},
    {"override to a drained one", PERMIT_OVERRIDE, override_to_drained, GATE_S13_LAST_WAY,
     "S13: transit-b is drained to transit-c"},
    {"the only way", PERMIT_OVERRIDE, only_way, GATE_S13_LAST_WAY,
     "S13: transit-b is the only way to 20.1.0.0/16"},

    {"the only way beside an echo of ours", PERMIT_OVERRIDE, only_way_beside_echo,
     GATE_S13_LAST_WAY, "S13: transit-b is the only way to 20.1.0.0/16"},

    {"own", PERMIT_OWN, nothing, GATE_PERMITTED, ""},
    {"own, observing", PERMIT_OWN, observing, GATE_PERMITTED, ""},
    {"own, at once", PERMIT_OWN, never_complete, GATE_PERMITTED, ""},
    {"own, no session", PERMIT_OWN, session_down, GATE_S1_NOT_LEARNED,
     "S1: no ipv4 session with edge2"},
    {"own, family not spoken", PERMIT_OWN, family_not_spoken, GATE_S1_NOT_LEARNED,
     "S1: no ipv4 session with edge2"},
    {"own, no marker", PERMIT_OWN, no_marker, GATE_S3_UNMARKED,
     "S3: no marker community is configured"},
    {"own, as an override", PERMIT_OWN, as_override, GATE_S1_NOT_LEARNED,
     "S1: 30.0.0.0/24 is configured as an exit or as our own"},
    {"own, not listed", PERMIT_OWN, own_not_listed, GATE_S1_NOT_LEARNED,
     "S1: 30.0.0.0/24 is not in announce"},
    {"own, more specific", PERMIT_OWN, own_inside, GATE_S1_NOT_LEARNED,
     "S1: 30.0.0.0/25 is not in announce"},
    {"own, less specific", PERMIT_OWN, own_around, GATE_S1_NOT_LEARNED,
     "S1: 30.0.0.0/23 is not in announce"},
    {"own, for another router", PERMIT_OWN, own_elsewhere, GATE_S1_NOT_LEARNED,
     "S1: 30.0.0.0/24 is not for edge2"},
    {"own, for this router", PERMIT_OWN, own_here, GATE_PERMITTED, ""},
    {"own, covers a router", PERMIT_OWN, own_covers_router, GATE_S6_CONTROL,
     "S6: covers 30.0.0.0, router edge1"},
    {"own, protected itself", PERMIT_OWN, own_protected, GATE_PERMITTED, ""},
    {"own, covers a protected one", PERMIT_OWN, own_covers_protected, GATE_S6_CONTROL,
     "S6: protected prefix 30.0.0.0/25"},
    {"own, inside a protected one", PERMIT_OWN, own_inside_protected, GATE_PERMITTED, ""},
    {"own, bogon", PERMIT_OWN, own_bogon, GATE_S5_FORBIDDEN,
     "S5: 10.9.0.0/24: private use (RFC 6890)"},
    {"own, bogon that is allowed", PERMIT_OWN, own_bogon_allowed, GATE_PERMITTED, ""},
    {"own, short", PERMIT_OWN, own_short, GATE_S5_FORBIDDEN, "S5: 32.0.0.0/7 is shorter than /8"},
    {"own, one host", PERMIT_OWN, own_host, GATE_PERMITTED, ""},
    {"own, next hop of the other family", PERMIT_OWN, own_crossed, GATE_S5_FORBIDDEN,
     "S5: the next hop of 30.0.0.0/24 is not ipv4"},
    {"own, full", PERMIT_OWN, own_full, GATE_S4_TOO_MANY, "S4: 0 of 0 own prefixes on edge2"},
    {"own, no word for it", PERMIT_OWN, own_no_word, GATE_S3_UNMARKED,
     "S3: no community says 'graceful' towards transit-b"},
    {"own, no word on another router", PERMIT_OWN, own_word_is_anothers, GATE_PERMITTED, ""},
    {"own, withheld from one", PERMIT_OWN, own_withheld_there, GATE_PERMITTED, ""},
    {"own, withheld from some", PERMIT_OWN, own_withheld_from_others, GATE_PERMITTED, ""},
    {"own, withheld from the last", PERMIT_OWN, own_withheld_last, GATE_S13_LAST_WAY,
     "S13: 30.0.0.0/24 would be withheld from every upstream"},
    {"own, withheld, nowhere else", PERMIT_OWN, own_withheld_alone, GATE_S13_LAST_WAY,
     "S13: 30.0.0.0/24 would be withheld from every upstream"},
    {"own, withheld from all", PERMIT_OWN, own_withheld_everywhere, GATE_S13_LAST_WAY,
     "S13: 30.0.0.0/24 would be withheld from every upstream"},
    {"own, withheld from all who are told", PERMIT_OWN, own_withheld_where_told, GATE_S13_LAST_WAY,
     "S13: 30.0.0.0/24 would be withheld from every upstream"},
    {"anycast, withheld from all", PERMIT_OWN, own_anycast, GATE_PERMITTED, ""},

    {"second act", PERMIT_OVERRIDE, second_act, GATE_PERMITTED, ""},
    {"third act", PERMIT_OVERRIDE, third_act, GATE_S15_FLAPPING,
     "S15: 2 acts on 20.1.0.0/16 in an hour, the next in 1 s"},
    {"third act, later", PERMIT_OVERRIDE, third_act_later, GATE_PERMITTED, ""},
    {"fourth act", PERMIT_OVERRIDE, fourth_act, GATE_S15_FLAPPING,
     "S15: 3 acts on 20.1.0.0/16 in an hour, the next in 1 s"},
    {"fourth act, later", PERMIT_OVERRIDE, fourth_act_later, GATE_PERMITTED, ""},
    {"seventh act", PERMIT_OVERRIDE, seventh_act, GATE_S15_FLAPPING,
     "S15: 6 acts on 20.1.0.0/16 in an hour, the next in 1 s"},
    {"seventh act, later", PERMIT_OVERRIDE, seventh_act_later, GATE_PERMITTED, ""},
    {"configured lower", PERMIT_OVERRIDE, configured_lower, GATE_S15_FLAPPING,
     "S15: 2 acts on 20.1.0.0/16 in an hour, the next in 1 s"},
    {"on another router", PERMIT_OVERRIDE, on_another_router, GATE_PERMITTED, ""},
    {"nothing new", PERMIT_OVERRIDE, nothing_new, GATE_PERMITTED, ""},
    {"no memory left", PERMIT_OVERRIDE, no_memory, GATE_S15_FLAPPING,
     "S15: acts on 1 prefixes in an hour"},
    {"memory of long ago", PERMIT_OVERRIDE, old_memory, GATE_PERMITTED, ""},
    {"third act on an exit", PERMIT_EXIT, third_act, GATE_S15_FLAPPING,
     "S15: 2 acts on 8.9.0.1/32 in an hour, the next in 1 s"},
    {"third act on our own", PERMIT_OWN, third_act, GATE_S15_FLAPPING,
     "S15: 2 acts on 30.0.0.0/24 in an hour, the next in 1 s"},
    {"full minute", PERMIT_OVERRIDE, minute_full, GATE_S8_TOO_OFTEN,
     "S8: 300 of 300 acts a minute"},
    {"full minute, exit", PERMIT_EXIT, minute_full, GATE_S8_TOO_OFTEN,
     "S8: 300 of 300 acts a minute"},
    {"full minute, our own", PERMIT_OWN, minute_full, GATE_PERMITTED, ""},
    {"nearly full minute", PERMIT_OVERRIDE, minute_nearly_full, GATE_PERMITTED, ""},
    {"the minute is over", PERMIT_OVERRIDE, minute_over, GATE_PERMITTED, ""},
    {"a configuration cannot raise it", PERMIT_OVERRIDE, minute_greedy, GATE_S8_TOO_OFTEN,
     "S8: 1000 of 1000 acts a minute"},
    {"full minute, nothing new", PERMIT_OVERRIDE, minute_full_but_same, GATE_PERMITTED, ""},

    {"first return", PERMIT_OWN, first_return, GATE_PERMITTED, ""},
    {"second return", PERMIT_OWN, second_return, GATE_I3_VISIBLE,
     "I3: 30.0.0.0/24 came back to transit-b lately, again in 1 s"},
    {"second return, later", PERMIT_OWN, second_return_later, GATE_PERMITTED, ""},
    {"first return after two steps", PERMIT_OWN, return_after_two_steps, GATE_PERMITTED, ""},
    {"the same after an absence", PERMIT_OWN, same_after_absence, GATE_PERMITTED, ""},
    {"said to a router that does not show it", PERMIT_OWN, return_told_to_another, GATE_PERMITTED,
     ""},
    {"further away", PERMIT_OWN, further_away, GATE_PERMITTED, ""},
    {"return after an absence", PERMIT_OWN, return_after_absence, GATE_I3_VISIBLE,
     "I3: 30.0.0.0/24 came back to transit-b lately, again in 1800 s"},
};

static void check_row(size_t i, enum family family)
{
    struct site site = site_of(rows[i].kind, family);
    site.gate.net = &site.net;
    rows[i].spoil(&site);
    struct permit permit = {0};
    char why[GATE_WHY_MAX] = "";
    enum gate_answer answer = ask(&site, &permit, why);
    bool same_words = family == FAMILY_IPV6 || strcmp(why, rows[i].why) == 0;
    bool same_rule = strncmp(why, rows[i].why, strcspn(rows[i].why, ":")) == 0;
    if (answer != rows[i].answer || !same_words || !same_rule)
        fail_msg("row '%s', %s: answer %d, '%s'", rows[i].name, family_name(family), answer, why);
    assert_int_equal(gate_is_limit(answer),
                     answer != GATE_PERMITTED && strchr("SI", why[0]) &&
                         (strncmp(why, "S4:", 3) == 0 || strncmp(why, "S8:", 3) == 0 ||
                          strncmp(why, "S15:", 4) == 0 || strncmp(why, "I3:", 3) == 0));
    site_free(&site);
}

static void refuses_what_the_limits_forbid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row(i, FAMILY_IPV4);
        check_row(i, FAMILY_IPV6);
    }
}

static struct permit permit_for(struct site *s)
{
    struct permit permit;
    char why[GATE_WHY_MAX] = "";
    s->gate.net = &s->net;
    if (ask(s, &permit, why) != GATE_PERMITTED)
        fail_msg("%s", why);
    return permit;
}

static uint32_t tag_count(const struct site *s, const struct permit *permit)
{
    struct net_tag tags[PERMIT_TAGS_MAX];
    return permit_tags(permit, &s->net, tags);
}

static bool has_tag(const struct site *s, const struct permit *permit, enum net_tag_kind kind,
                    struct net_community value)
{
    struct net_tag tags[PERMIT_TAGS_MAX];
    for (uint32_t i = permit_tags(permit, &s->net, tags); i-- > 0;)
        if (tags[i].kind == kind && memcmp(&tags[i].value, &value, sizeof value) == 0)
            return true;
    return false;
}

static void permits_only_what_is_configured(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site s = site_of(PERMIT_EXIT, family);
        struct permit permit = permit_for(&s);
        assert_true(permit.kind == PERMIT_EXIT && permit.no_export && permit.local_pref == 500);
        assert_true(prefix_equal(permit.prefix, exit_of(&s, TRANSIT_A, family)));
        assert_true(address_equal(permit.next_hop, s.net.upstreams[TRANSIT_B].next_hop[family]));
        assert_true(permit.upstream == TRANSIT_B && permit.router == EDGE2);
        assert_true(permit.as_path_size == 0 && permit.origin == 0);
        assert_int_equal(tag_count(&s, &permit), 0);
        assert_true(permit.marker.global == 64500 && permit.marker.local1 == 666);
        site_free(&s);

        s = site_of(PERMIT_OWN, family);
        stand_on_edge1(&s, 0);
        s.request.stances[NET_STANCE_GRACEFUL] = 1 << TRANSIT_A;  // another router's
        s.request.stances[NET_STANCE_WITHHELD] = 1 << TRANSIT_B;
        permit = permit_for(&s);
        assert_true(permit.kind == PERMIT_OWN && !permit.no_export && permit.local_pref == 100);
        assert_true(prefix_equal(permit.prefix, check_prefix(owns[family])));
        assert_true(address_equal(permit.next_hop, s.net.announce[family - 1].next_hop));
        assert_true(permit.upstream == NET_NOBODY && permit.router == EDGE2);
        assert_true(permit.as_path_size == 0 && permit.origin == 0);
        assert_int_equal(tag_count(&s, &permit), 3);
        const struct net_community withheld = {64500, 100 + TRANSIT_B, NET_STANCE_WITHHELD};
        assert_true(has_tag(&s, &permit, NET_TAG_STANDARD, (struct net_community){64500, 80, 0}));
        assert_true(has_tag(&s, &permit, NET_TAG_LARGE, (struct net_community){64500, 8, 0}));
        assert_true(has_tag(&s, &permit, NET_TAG_LARGE, withheld));
        assert_true(permit.marker.global == 64500 && permit.marker.local1 == 666);
        s.request.stances[NET_STANCE_WITHHELD] = 0;
        permit = permit_for(&s);
        assert_int_equal(tag_count(&s, &permit), 2);
        site_free(&s);
    }
}

static void check_stands(struct site *s, const struct permit *permit, enum gate_answer answer)
{
    struct permit now;
    char why[GATE_WHY_MAX] = "";
    assert_int_equal(gate_stand(&s->gate, permit, &now, why), answer);
    assert_true(answer != GATE_PERMITTED || permit_equal(permit, &now));
}

// An exit falls when what it leads to is lost; when what it leads away from is, it stands on.
static void exits_stand_while_they_lead_somewhere(void **state)
{
    (void)state;
    static const struct {
        void (*spoil)(struct site *s);
        enum gate_answer answer;
    } standing[] = {
        {nothing, GATE_PERMITTED},         {observing, GATE_PERMITTED},
        {minute_full, GATE_PERMITTED},     {drained_has_nothing, GATE_PERMITTED},
        {target_has_most, GATE_PERMITTED}, {target_lacks_some, GATE_S2_NO_PATH},
        {target_gone, GATE_S2_NO_PATH},    {session_down, GATE_S1_NOT_LEARNED},
    };
    for (size_t i = 0; i < 2 * sizeof standing / sizeof standing[0]; i++) {
        struct site s = site_of(PERMIT_EXIT, i & 1 ? FAMILY_IPV4 : FAMILY_IPV6);
        struct permit permit = permit_for(&s);
        ledger_act(s.ledger, &permit, s.now);
        standing[i / 2].spoil(&s);
        check_stands(&s, &permit, standing[i / 2].answer);
        site_free(&s);
    }
}

// Without the router that would send straight out, others' packets would go nowhere.
static void exits_fall_with_the_router_they_lead_to(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site s = site_of(PERMIT_EXIT, family);
        s.gate.net = &s.net;
        owner_was_first(&s);
        struct permit permit = permit_for(&s);
        ledger_act(s.ledger, &permit, s.now);
        check_stands(&s, &permit, GATE_PERMITTED);
        s.gate.sessions[EDGE2] = (struct gate_session){0};
        check_stands(&s, &permit, GATE_S13_LAST_WAY);
        site_free(&s);
    }
}

// Nothing but its session: neither measurements nor tables are a reason to take it from the world.
static void our_own_stand_with_their_session(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site s = site_of(PERMIT_OWN, family);
        s.request.stances[NET_STANCE_PREPEND] = 1 << TRANSIT_B;
        struct permit permit = permit_for(&s);
        ledger_act(s.ledger, &permit, s.now);
        assert_int_equal(acts_in_minute(s.ledger->acts, s.now), 0);  // it moves no traffic
        rib_forget(s.rib, EDGE1);
        rib_forget(s.rib, EDGE2);
        observing(&s);
        never_complete(&s);
        check_stands(&s, &permit, GATE_PERMITTED);
        session_down(&s);
        check_stands(&s, &permit, GATE_S1_NOT_LEARNED);
        site_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_the_limits_forbid),
        cmocka_unit_test(permits_only_what_is_configured),
        cmocka_unit_test(exits_stand_while_they_lead_somewhere),
        cmocka_unit_test(exits_fall_with_the_router_they_lead_to),
        cmocka_unit_test(our_own_stand_with_their_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
