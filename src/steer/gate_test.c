// SPDX-License-Identifier: ISC
#include "steer/gate.h"

#include "steer/gate_check.h"

#include <string.h>

// Lets one more through and enters it, as the route role does.
static void enter(struct site *site, uint32_t router, const char *text)
{
    struct gate_request before = site->request;
    struct permit permit;
    char why[GATE_WHY_MAX];
    learn_both(site, text);
    site->request = (struct gate_request){
        .router = router, .upstream = TRANSIT_B, .prefix = check_prefix(text)};
    if (ask(site, &permit, why) != GATE_PERMITTED)
        fail_msg("%s: %s", text, why);
    ledger_put(site->ledger, &permit);
    site->request = before;
}

static void ask_for(struct site *site, const char *text)
{
    learn_both(site, text);
    site->request.prefix = check_prefix(text);
}

static void unlearn(struct site *site, uint32_t router, uint32_t path_id)
{
    rib_withdraw(site->rib, router, site->request.prefix, path_id);
}

SPOIL(nothing, (void)s)
SPOIL(observing, s->net.mode = NET_OBSERVE)
SPOIL(advising, s->net.mode = NET_ADVISE)
SPOIL(never_complete, s->gate.complete_at.ns = INT64_MAX)
SPOIL(quiet_not_over, s->now.ns = (int64_t)QUIET_S * NS_PER_S - 1)
SPOIL(quiet_just_over, s->now.ns = (int64_t)QUIET_S * NS_PER_S)
SPOIL(other_incomplete, s->gate.sessions[EDGE2].complete = false)
SPOIL(owner_down, s->gate.sessions[EDGE2] = (struct gate_session){0})
SPOIL(other_down, s->net.upstreams[TRANSIT_B].router = EDGE1; owner_down(s))

static void table_did_not_fit(struct site *s)
{
    struct rib_attributes a = via(&s->net, TRANSIT_B, FAMILY_IPV4);
    for (uint32_t id = 0; id <= RIB_PATHS_MAX; id++)
        check_learn(s->rib, EDGE2, check_prefix("30.0.0.0/16"), id, &a);
}

SPOIL(default_route, ask_for(s, "0.0.0.0/0"))
SPOIL(default_route6, ask_for(s, "::/0"))
SPOIL(too_short, ask_for(s, "20.0.0.0/7"))
SPOIL(short_enough, ask_for(s, "20.0.0.0/8"))
SPOIL(too_long, ask_for(s, "20.1.1.0/25"))
SPOIL(long_enough, ask_for(s, "20.1.1.0/24"))
SPOIL(too_short6, ask_for(s, "2a10::/18"))
SPOIL(short_enough6, ask_for(s, "2a10::/19"))
SPOIL(too_long6, ask_for(s, "2a10:1:1::/49"))
SPOIL(long_enough6, ask_for(s, "2a10:1:1::/48"))
SPOIL(private, ask_for(s, "10.1.0.0/16"))
SPOIL(covers_bogon, ask_for(s, "100.0.0.0/8"))
SPOIL(documentation, ask_for(s, "203.0.113.0/24"))
SPOIL(documentation6, ask_for(s, "2001:db8:f::/48"))
SPOIL(local6, ask_for(s, "fd00:1::/32"))
SPOIL(no_preference, s->net.steer.local_pref = 0)
SPOIL(most_preference, s->net.steer.local_pref = 1000)
SPOIL(too_much_preference, s->net.steer.local_pref = 1001)

static void allowed_documentation(struct site *s)
{
    ask_for(s, "203.0.113.0/24");
    list(&s->net.guard.allowed_bogons, "203.0.113.0/24");
}

static void wider_than_allowed(struct site *s)
{
    ask_for(s, "203.0.112.0/23");
    list(&s->net.guard.allowed_bogons, "203.0.113.0/24");
}

SPOIL(covers_router, ask_for(s, "1.0.0.0/24"))
SPOIL(covers_router6, ask_for(s, "2a01::/32"))
SPOIL(covers_local, s->net.routers[EDGE1].address = check_address("4.4.4.4");
      ask_for(s, "1.0.0.0/24"))
SPOIL(covers_id, ask_for(s, "5.5.5.0/24"); s->net.bgp_listen[FAMILY_IPV4].family = FAMILY_NONE)
SPOIL(covers_listen, ask_for(s, "5.5.5.0/24"); s->net.router_id = check_address("4.4.4.4"))
SPOIL(covers_listen6, ask_for(s, "2a05::/48"))
SPOIL(covers_web, ask_for(s, "6.6.0.0/16"))
SPOIL(covers_sender, ask_for(s, "11.7.0.0/16"))
SPOIL(covers_sender6, ask_for(s, "2a0b::/48"))
SPOIL(covers_bmp_listen, ask_for(s, "5.6.0.0/16"))
SPOIL(covers_next_hop, ask_for(s, "8.0.1.0/24"))
SPOIL(covers_next_hop6, ask_for(s, "2a08:b::/48"))
SPOIL(covers_source, ask_for(s, "9.0.1.0/24"))
SPOIL(covers_source6, ask_for(s, "2a09:b::/48"))
SPOIL(covers_snmp, ask_for(s, "12.1.0.0/16"))
SPOIL(covers_snmp6, ask_for(s, "2a0c:1::/48"))
SPOIL(covers_agent, ask_for(s, "12.2.0.0/16"))
SPOIL(covers_agent6, ask_for(s, "2a0c:2::/48"))
SPOIL(covers_ssh, ask_for(s, "12.3.0.0/16"))
SPOIL(covers_ssh6, ask_for(s, "2a0c:3::/48"))
SPOIL(covers_as_routed, ask_for(s, "9.0.3.0/24"))
SPOIL(covers_as_routed6, ask_for(s, "2a09:c::/48"))
SPOIL(is_protected, ask_for(s, "7.7.0.0/16"))
SPOIL(inside_protected, ask_for(s, "7.7.7.0/24"))
SPOIL(covers_protected, ask_for(s, "7.0.0.0/8"))
SPOIL(inside_protected6, ask_for(s, "2a07:7:1::/48"))

static void holds_target(struct site *s)  // probes are pinned: a target's prefix may be moved
{
    s->net.target_count = 1;
    s->net.targets[0].address[FAMILY_IPV4] = check_address("20.1.0.10");
}

SPOIL(no_list, s->net.steer.prefixes.count = 0)
SPOIL(more_specific, s->request.prefix = check_prefix("20.1.1.0/24"))
SPOIL(aggregate, s->request.prefix = check_prefix("20.0.0.0/15"))
SPOIL(session_down, s->gate.sessions[EDGE1] = (struct gate_session){0})
SPOIL(family_not_spoken, s->gate.sessions[EDGE1].families[FAMILY_IPV4] = false)
SPOIL(not_on_that_router, unlearn(s, EDGE1, TRANSIT_A))
SPOIL(forgotten, rib_forget(s->rib, EDGE1))
SPOIL(no_alternative, unlearn(s, EDGE2, TRANSIT_B))
SPOIL(alternative_elsewhere, unlearn(s, EDGE2, TRANSIT_B);
      learn(s, EDGE1, "20.1.0.0/16", TRANSIT_B))
SPOIL(no_next_hop, s->net.upstreams[TRANSIT_B].next_hop[FAMILY_IPV4] = (struct address){0})
SPOIL(family_crossed,
      s->net.upstreams[TRANSIT_B].next_hop[FAMILY_IPV4] = check_address("2a08:b::1"))

static void narrow_list(struct site *s)
{
    s->net.steer.prefixes.count = 0;
    list(&s->net.steer.prefixes, "20.1.0.0/17");
}

// Our own announcement, reflected: no proof that the router has the prefix.
static void only_echo(struct site *s)
{
    unlearn(s, EDGE1, TRANSIT_A);
    struct rib_attributes echo = via(&s->net, TRANSIT_B, FAMILY_IPV4);
    echo.marked = true;
    check_learn(s->rib, EDGE1, s->request.prefix, 9, &echo);
}

static void copied_is_echo(struct site *s)
{
    unlearn(s, EDGE2, TRANSIT_B);
    struct rib_attributes echo = via(&s->net, TRANSIT_B, FAMILY_IPV4);
    echo.marked = true;
    check_learn(s->rib, EDGE2, s->request.prefix, 9, &echo);
}

// What others tell of, however well it fits, justifies nothing and hinders nothing.
static void only_told_of(struct site *s, enum rib_peer_kind kind)
{
    struct rib_attributes a = via(&s->net, TRANSIT_B, FAMILY_IPV4);
    check_learn(s->rib, rib_peer_open(s->rib, kind), s->request.prefix, 0, &a);
}

// The router of transit-b itself prefers transit-a, which is edge1's.
static void sends_back(struct site *s)
{
    struct rib_attributes a = via(&s->net, TRANSIT_A, s->request.prefix.address.family);
    a.local_pref = 200;
    assert_true(check_learn(s->rib, EDGE2, s->request.prefix, TRANSIT_A, &a) != RIB_FULL);
}
SPOIL(sends_back6, ask_for(s, "2a00:1::/32"); sends_back(s))
SPOIL(sends_out_when_told, sends_back(s); struct permit permit = {0}; permit.router = EDGE2;
      permit.upstream = TRANSIT_B; permit.prefix = s->request.prefix;
      ledger_put(s->ledger, &permit))
SPOIL(its_own_router, sends_back(s); s->request.router = EDGE2)
SPOIL(path_by_bmp, unlearn(s, EDGE2, TRANSIT_B); only_told_of(s, RIB_PEER_BMP_IN);
      only_told_of(s, RIB_PEER_BMP_OUT); only_told_of(s, RIB_PEER_BMP_LOC))
SPOIL(path_by_kernel, unlearn(s, EDGE2, TRANSIT_B); only_told_of(s, RIB_PEER_FIB))
SPOIL(prefix_by_others, unlearn(s, EDGE1, TRANSIT_A); only_told_of(s, RIB_PEER_BMP_IN);
      only_told_of(s, RIB_PEER_FIB))

static void others_did_not_fit(struct site *s)
{
    uint32_t peer = rib_peer_open(s->rib, RIB_PEER_BMP_IN);
    rib_learn(s->rib, peer, check_prefix("30.0.0.0/16"), 0, 0);
    assert_true(rib_peer_is_partial(s->rib, peer));
}

static void relearn_with_path(struct site *s, uint16_t bytes)
{
    static const uint8_t path[2 * PERMIT_AS_PATH_BYTES_MAX] = {2, 255};
    struct rib_attributes a = via(&s->net, TRANSIT_B, FAMILY_IPV4);
    a.as_path = (struct bgp_bytes){path, bytes};
    check_learn(s->rib, EDGE2, s->request.prefix, TRANSIT_B, &a);
}
SPOIL(empty_path, relearn_with_path(s, 0))
SPOIL(endless_path, relearn_with_path(s, PERMIT_AS_PATH_BYTES_MAX + 4))
SPOIL(longest_path, relearn_with_path(s, PERMIT_AS_PATH_BYTES_MAX))

// Without ADD-PATH an override hides what it replaces.
SPOIL(here_without, s->gate.sessions[EDGE1].add_path[FAMILY_IPV4] = false)
SPOIL(there_without, s->gate.sessions[EDGE2].add_path[FAMILY_IPV4] = false)
SPOIL(owner_without, here_without(s); there_without(s); s->request.router = EDGE2)

static void owner_already_overridden(struct site *s)
{
    enter(s, EDGE2, "20.1.0.0/16");
    there_without(s);
}

static void standing_and_hidden(struct site *s)
{
    enter(s, EDGE1, "20.1.0.0/16");
    unlearn(s, EDGE1, TRANSIT_A);
    here_without(s);
}

static void standing_but_lost(struct site *s)
{
    enter(s, EDGE1, "20.1.0.0/16");
    unlearn(s, EDGE1, TRANSIT_A);
}

SPOIL(no_marker, s->net.steer.marker.global = 0)

static void fill(struct site *s, uint32_t router, enum family family, int count)
{
    for (int i = 0; i < count; i++) {
        char text[PREFIX_TEXT_MAX];
        const char *form = family == FAMILY_IPV4 ? "20.9.%u.0/24" : "2a10:%u::/32";
        snprintf(text, sizeof text, form, s->ledger->count);
        enter(s, router, text);
    }
}
SPOIL(router_nearly_full, fill(s, EDGE1, FAMILY_IPV4, 1); fill(s, EDGE1, FAMILY_IPV6, 1))
SPOIL(router_full, fill(s, EDGE1, FAMILY_IPV4, 1); fill(s, EDGE1, FAMILY_IPV6, 2))
SPOIL(family_full, fill(s, EDGE1, FAMILY_IPV4, 1); fill(s, EDGE2, FAMILY_IPV4, 3))
SPOIL(all_full, s->net.guard.routes_max = 3; fill(s, EDGE2, FAMILY_IPV6, 3))
SPOIL(again, router_nearly_full(s); enter(s, EDGE1, "20.1.0.0/16"))

static void greedy_router(struct site *s)
{
    s->net.guard = (struct net_guard){.routes_per_router_max = 100000,
                                      .routes_per_family_max = 100000,
                                      .routes_max = 100000,
                                      .acts_per_minute_max = 100000,
                                      .acts_per_prefix_max = 6};
    fill(s, EDGE1, FAMILY_IPV6, STEER_ROUTES_PER_FAMILY_MAX - 1);
    fill(s, EDGE1, FAMILY_IPV4, 1);
}

static void greedy_family(struct site *s)
{
    s->net.guard = (struct net_guard){.routes_per_router_max = 100000,
                                      .routes_per_family_max = 100000,
                                      .routes_max = 100000,
                                      .acts_per_minute_max = 100000,
                                      .acts_per_prefix_max = 6};
    fill(s, EDGE2, FAMILY_IPV4, STEER_ROUTES_PER_FAMILY_MAX);
}

static const struct {
    const char *name;
    void (*spoil)(struct site *s);
    enum gate_answer answer;
    const char *why;
} rows[] = {
    {"as it should be", nothing, GATE_PERMITTED, ""},
    {"observe", observing, GATE_S16_MODE, "S16: the mode is neither 'act' nor 'confirm'"},
    {"advise", advising, GATE_S16_MODE, "S16: the mode is neither 'act' nor 'confirm'"},

    {"tables never complete", never_complete, GATE_S7_TOO_EARLY,
     "S7: the tables are not complete yet"},
    {"quiet time", quiet_not_over, GATE_S7_TOO_EARLY, "S7: 1 s of the quiet start left"},
    {"quiet time over", quiet_just_over, GATE_PERMITTED, ""},
    {"another router is still sending", other_incomplete, GATE_S7_TOO_EARLY,
     "S7: the table of edge2 is not complete"},
    {"another router is down", other_down, GATE_PERMITTED, ""},
    {"the router of the upstream would send it back", sends_back, GATE_S13_LAST_WAY,
     "S13: 20.1.0.0/16 would circle: edge2 sends it by transit-a"},
    {"the same in IPv6", sends_back6, GATE_S13_LAST_WAY,
     "S13: 2a00:1::/32 would circle: edge2 sends it by transit-a"},
    {"it was told first", sends_out_when_told, GATE_PERMITTED, ""},
    {"it is told now", its_own_router, GATE_PERMITTED, ""},
    {"the router of the upstream is down", owner_down, GATE_S13_LAST_WAY,
     "S13: no ipv4 session with edge2, the router of transit-b"},
    {"a table did not fit", table_did_not_fit, GATE_S7_TOO_EARLY,
     "S7: the table of edge2 did not fit"},

    {"default route", default_route, GATE_S5_FORBIDDEN,
     "S5: length of 0.0.0.0/0 not within /8 to /24"},
    {"default route, IPv6", default_route6, GATE_S5_FORBIDDEN,
     "S5: length of ::/0 not within /19 to /48"},
    {"too short", too_short, GATE_S5_FORBIDDEN, "S5: length of 20.0.0.0/7 not within /8 to /24"},
    {"short enough", short_enough, GATE_PERMITTED, ""},
    {"too long", too_long, GATE_S5_FORBIDDEN, "S5: length of 20.1.1.0/25 not within /8 to /24"},
    {"long enough", long_enough, GATE_PERMITTED, ""},
    {"too short, IPv6", too_short6, GATE_S5_FORBIDDEN,
     "S5: length of 2a10::/18 not within /19 to /48"},
    {"short enough, IPv6", short_enough6, GATE_PERMITTED, ""},
    {"too long, IPv6", too_long6, GATE_S5_FORBIDDEN,
     "S5: length of 2a10:1:1::/49 not within /19 to /48"},
    {"long enough, IPv6", long_enough6, GATE_PERMITTED, ""},
    {"private", private, GATE_S5_FORBIDDEN, "S5: 10.1.0.0/16: private use (RFC 6890)"},
    {"covers a bogon", covers_bogon, GATE_S5_FORBIDDEN,
     "S5: 100.0.0.0/8: shared address space (RFC 6890)"},
    {"documentation", documentation, GATE_S5_FORBIDDEN,
     "S5: 203.0.113.0/24: documentation (RFC 6890)"},
    {"documentation, IPv6", documentation6, GATE_S5_FORBIDDEN,
     "S5: 2001:db8:f::/48: documentation (RFC 6890)"},
    {"local, IPv6", local6, GATE_S5_FORBIDDEN, "S5: fd00:1::/32: not global unicast (RFC 6890)"},
    {"documentation, allowed", allowed_documentation, GATE_PERMITTED, ""},
    {"wider than what is allowed", wider_than_allowed, GATE_S5_FORBIDDEN,
     "S5: 203.0.112.0/23: documentation (RFC 6890)"},
    {"no preference", no_preference, GATE_S5_FORBIDDEN, "S5: local_pref 0, at most 1000"},
    {"most preference", most_preference, GATE_PERMITTED, ""},
    {"too much preference", too_much_preference, GATE_S5_FORBIDDEN,
     "S5: local_pref 1001, at most 1000"},

    {"router", covers_router, GATE_S6_CONTROL, "S6: covers 1.0.0.1, router edge1"},
    {"router, IPv6", covers_router6, GATE_S6_CONTROL, "S6: covers 2a01::2, router edge2"},
    {"local address", covers_local, GATE_S6_CONTROL,
     "S6: covers 1.0.0.5, our address towards edge1"},
    {"router id", covers_id, GATE_S6_CONTROL, "S6: covers 5.5.5.5, our router_id"},
    {"listening", covers_listen, GATE_S6_CONTROL, "S6: covers 5.5.5.6, our bgp.listen"},
    {"listening, IPv6", covers_listen6, GATE_S6_CONTROL, "S6: covers 2a05::6, our bgp.listen"},
    {"web", covers_web, GATE_S6_CONTROL, "S6: covers 6.6.6.6, our web address"},
    {"BMP sender", covers_sender, GATE_S6_CONTROL, "S6: covers 11.7.7.7, BMP sender edge1"},
    {"BMP sender, IPv6", covers_sender6, GATE_S6_CONTROL, "S6: covers 2a0b::7, BMP sender edge1"},
    {"BMP listening", covers_bmp_listen, GATE_S6_CONTROL, "S6: covers 5.6.5.6, our bmp.listen"},
    {"SNMP", covers_snmp, GATE_S6_CONTROL, "S6: covers 12.1.0.7, SNMP agent of transit-a"},
    {"SNMP, IPv6", covers_snmp6, GATE_S6_CONTROL, "S6: covers 2a0c:1::7, SNMP agent of transit-b"},
    {"agent", covers_agent, GATE_S6_CONTROL, "S6: covers 12.2.0.7, agent on edge1"},
    {"agent, IPv6", covers_agent6, GATE_S6_CONTROL, "S6: covers 2a0c:2::7, agent on edge2"},
    {"SSH", covers_ssh, GATE_S6_CONTROL, "S6: covers 12.3.0.7, SSH of edge1"},
    {"SSH, IPv6", covers_ssh6, GATE_S6_CONTROL, "S6: covers 2a0c:3::7, SSH of edge2"},
    {"next hop", covers_next_hop, GATE_S6_CONTROL, "S6: covers 8.0.1.1, next hop of transit-a"},
    {"next hop, IPv6", covers_next_hop6, GATE_S6_CONTROL,
     "S6: covers 2a08:b::1, next hop of transit-b"},
    {"probe source", covers_source, GATE_S6_CONTROL,
     "S6: covers 9.0.1.5, probe source of transit-a"},
    {"probe source, IPv6", covers_source6, GATE_S6_CONTROL,
     "S6: covers 2a09:b::5, probe source of transit-b"},
    {"as routed", covers_as_routed, GATE_S6_CONTROL, "S6: covers 9.0.3.5, probe source as routed"},
    {"as routed, IPv6", covers_as_routed6, GATE_S6_CONTROL,
     "S6: covers 2a09:c::5, probe source as routed"},
    {"protected", is_protected, GATE_S6_CONTROL, "S6: protected prefix 7.7.0.0/16"},
    {"inside a protected one", inside_protected, GATE_S6_CONTROL,
     "S6: protected prefix 7.7.0.0/16"},
    {"covers a protected one", covers_protected, GATE_S6_CONTROL,
     "S6: protected prefix 7.7.0.0/16"},
    {"inside a protected one, IPv6", inside_protected6, GATE_S6_CONTROL,
     "S6: protected prefix 2a07:7::/32"},
    {"target", holds_target, GATE_PERMITTED, ""},

    {"empty list", no_list, GATE_S1_NOT_LEARNED, "S1: 20.1.0.0/16 is not inside steer.prefixes"},
    {"narrower list", narrow_list, GATE_S1_NOT_LEARNED,
     "S1: 20.1.0.0/16 is not inside steer.prefixes"},
    {"more specific", more_specific, GATE_S1_NOT_LEARNED,
     "S1: 20.1.1.0/24 is not in the table of edge1"},
    {"aggregate", aggregate, GATE_S1_NOT_LEARNED, "S1: 20.0.0.0/15 is not in the table of edge1"},
    {"session down", session_down, GATE_S1_NOT_LEARNED, "S1: no ipv4 session with edge1"},
    {"family not spoken", family_not_spoken, GATE_S1_NOT_LEARNED, "S1: no ipv4 session with edge1"},
    {"not on that router", not_on_that_router, GATE_S1_NOT_LEARNED,
     "S1: 20.1.0.0/16 is not in the table of edge1"},
    {"forgotten", forgotten, GATE_S1_NOT_LEARNED, "S1: 20.1.0.0/16 is not in the table of edge1"},
    {"only an echo of ours", only_echo, GATE_S1_NOT_LEARNED,
     "S1: 20.1.0.0/16 is not in the table of edge1"},
    {"lost while it stands", standing_but_lost, GATE_S1_NOT_LEARNED,
     "S1: 20.1.0.0/16 is not in the table of edge1"},
    {"hidden while it stands", standing_and_hidden, GATE_PERMITTED, ""},

    {"no alternative", no_alternative, GATE_S2_NO_PATH,
     "S2: no live path to 20.1.0.0/16 via transit-b"},
    {"alternative on another router", alternative_elsewhere, GATE_PERMITTED, ""},
    {"the path is told of by BMP alone", path_by_bmp, GATE_S2_NO_PATH,
     "S2: no live path to 20.1.0.0/16 via transit-b"},
    {"the path is a kernel's alone", path_by_kernel, GATE_S2_NO_PATH,
     "S2: no live path to 20.1.0.0/16 via transit-b"},
    {"the prefix is told of by others alone", prefix_by_others, GATE_S1_NOT_LEARNED,
     "S1: 20.1.0.0/16 is not in the table of edge1"},
    {"a table told of by BMP did not fit", others_did_not_fit, GATE_PERMITTED, ""},
    {"no next hop", no_next_hop, GATE_S2_NO_PATH, "S2: transit-b has no ipv4 next hop"},
    {"next hop of the other family", family_crossed, GATE_S2_NO_PATH,
     "S2: transit-b has no ipv4 next hop"},
    {"the path is an echo of ours", copied_is_echo, GATE_S2_NO_PATH,
     "S2: no live path to 20.1.0.0/16 via transit-b"},
    {"empty path", empty_path, GATE_S2_NO_PATH, "S2: no live path to 20.1.0.0/16 via transit-b"},
    {"endless path", endless_path, GATE_S2_NO_PATH,
     "S2: no live path to 20.1.0.0/16 via transit-b"},
    {"longest path", longest_path, GATE_PERMITTED, ""},
    {"no ADD-PATH here", here_without, GATE_PERMITTED, ""},
    {"no ADD-PATH there", there_without, GATE_PERMITTED, ""},
    {"no ADD-PATH on the owner itself", owner_without, GATE_S2_NO_PATH,
     "S2: edge2 would hide the path copied: it needs ADD-PATH"},
    {"no ADD-PATH on an overridden owner", owner_already_overridden, GATE_S2_NO_PATH,
     "S2: edge2 would hide the path copied: it needs ADD-PATH"},

    {"no marker", no_marker, GATE_S3_UNMARKED, "S3: no marker community is configured"},

    {"router nearly full", router_nearly_full, GATE_PERMITTED, ""},
    {"router full", router_full, GATE_S4_TOO_MANY, "S4: 3 of 3 routes on edge1"},
    {"family full", family_full, GATE_S4_TOO_MANY, "S4: 4 of 4 ipv4 routes"},
    {"all full", all_full, GATE_S4_TOO_MANY, "S4: 3 of 3 routes in all"},
    {"full, but it stands already", again, GATE_PERMITTED, ""},
    {"a configuration cannot raise a router's", greedy_router, GATE_S4_TOO_MANY,
     "S4: 200 of 200 routes on edge1"},
    {"a configuration cannot raise a family's", greedy_family, GATE_S4_TOO_MANY,
     "S4: 200 of 200 ipv4 routes"},
};

static void refuses_what_the_limits_forbid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site site = site_new("20.1.0.0/16");
        if (rows[i].spoil == owner_already_overridden || rows[i].spoil == family_full)
            site.net.guard.routes_per_router_max = 10;
        rows[i].spoil(&site);
        struct permit permit = {0};
        char why[GATE_WHY_MAX] = "";
        enum gate_answer answer = ask(&site, &permit, why);
        if (answer != rows[i].answer || strcmp(why, rows[i].why) != 0)
            fail_msg("row '%s': answer %d, '%s'", rows[i].name, answer, why);
        CHECK_ROW(rows[i].name, answer == GATE_PERMITTED || permit.prefix.length == 0);
        bool never = answer == GATE_S6_CONTROL ||
                     (answer == GATE_S5_FORBIDDEN && !strstr(why, "local_pref"));
        CHECK_ROW(rows[i].name, gate_never(&site.net, site.request.prefix) == never);
        site_free(&site);
    }
}

// Our own are never moved; an exit is moved as what it is.
static void never_plans_our_own(void **state)
{
    (void)state;
    struct net net;
    fill_net(&net);
    net.announce[net.announce_count++].prefix = check_prefix("20.9.0.0/16");
    net.upstreams[TRANSIT_A].exit[FAMILY_IPV4] = check_address("20.8.0.1");
    assert_true(gate_never(&net, check_prefix("20.9.0.0/16")));
    assert_false(gate_never(&net, check_prefix("20.8.0.1/32")));
    assert_true(gate_never(&net, check_prefix("20.8.0.2/32")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_the_limits_forbid),
        cmocka_unit_test(never_plans_our_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
