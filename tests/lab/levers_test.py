#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Exits and own prefixes on BIRD and FRR: what one route moves, and what the world sees.

    transit-a --- 10.0.1.0/30 --- edge1 (BIRD) --+                    AS 65001, AS 64500
                  2001:db8:a::/64                |-- LAN 198.51.100.0/24, 2001:db8:0:1::/64 -- guard .5
    transit-b --- 10.0.2.0/30 --- edge2 (FRR) ---+                    AS 65002
                  2001:db8:b::/64

Each transit announces the same prefixes; transit-b's path is longer. The routers resolve transit-a's
next hop over itself in a table of BIRD's own, and transit-b's over an address that FRR's policy
sets: what fairlead.yaml(5) says under Exits. The harness is the route role alone: this test is its
engine. Usage: levers_test.py ROUTE_HARNESS
"""
import json, os, pwd, re, signal, sys, time

from speaker_test import HOLD_S, Fairlead, Lab, play, run, v4, v6, wait_for

COUNT = 300  # prefixes of each family
OWN = {"ipv4": "203.0.113.0/24", "ipv6": "2001:db8:f::/48"}
EXIT_A = {"ipv4": "10.0.1.1", "ipv6": "2001:db8:a::1"}  # the transit itself
EXIT_B = {"ipv4": "10.9.0.2", "ipv6": "2001:db8:e::2"}
LINK_B = {"ipv4": "10.0.2.1", "ipv6": "2001:db8:b::1"}
EDGE1, EDGE2 = {"ipv4": v4(11), "ipv6": v6(11)}, {"ipv4": v4(12), "ipv6": v6(12)}
BITS = {"ipv4": 32, "ipv6": 128}
FAMILIES = ("ipv4", "ipv6")


def prefix(family, n):
    return f"20.{n // 256}.{n % 256}.0/24" if family == "ipv4" else f"2a10:{n:x}::/32"


def host(family, n):
    return f"20.{n // 256}.{n % 256}.1" if family == "ipv4" else f"2a10:{n:x}::1"


class LeversLab(Lab):
    nodes = ("sw", "guard", "edge1", "edge2", "transit-a", "transit-b")

    def add_link(self, transit, edge, number, letter):
        self.must("ip", "netns", "add", self.name(transit))
        self.must("ip", "link", "add", "up0", "netns", self.name(transit), "type", "veth", "peer",
                  "name", "up0", "netns", self.name(edge))  # fmt: skip
        for node, last in (transit, 1), (edge, 2):
            self.inside(node, "sysctl", "-qw", "net.ipv6.conf.up0.accept_dad=0")
            self.inside(node, "ip", "link", "set", "lo", "up")
            self.inside(node, "ip", "link", "set", "up0", "up")
            self.inside(node, "ip", "addr", "add", f"10.0.{number}.{last}/30", "dev", "up0")
            self.inside(node, "ip", "addr", "add", f"2001:db8:{letter}::{last}/64", "dev", "up0",
                        "nodad")  # fmt: skip

    def close(self):
        for daemon in self.daemons:
            daemon.kill()
            daemon.wait()
        for node in self.nodes:
            for pid in run("ip", "netns", "pids", self.name(node)).stdout.split():
                os.kill(int(pid), signal.SIGKILL)
            run("ip", "netns", "del", self.name(node))
        run("rm", "-rf", str(self.dir))


def start_transit(lab, node, asn, number, letter):
    prepend = "bgp_path.prepend(65100);" * (asn - 65000)
    text = f"router id 10.0.{number}.1;\nprotocol device {{}}\n"
    for family in FAMILIES:
        routes = "".join(f"route {prefix(family, n)} blackhole; " for n in range(1, COUNT + 1))
        near = f"10.0.{number}." if family == "ipv4" else f"2001:db8:{letter}::"
        text += f"protocol static s_{family} {{ {family}; {routes} }}\n"
        text += f"protocol bgp edge_{family} {{ local {near}1 as {asn}; neighbor {near}2 as 64500;"
        text += " connect delay time 1; error wait time 1,2;"
        text += f" {family} {{ import all; export filter {{ if source != RTS_STATIC then reject;"
        text += f" {prepend} accept; }}; }}; }}\n"
    config = lab.file(f"{node}.conf", text)
    lab.start(node, "bird", "-f", "-c", config, "-s", str(lab.dir / f"{node}.ctl"))


def bird_family(family):
    """BIRD resolves all BGP next hops in a table of its own: there a host route of Fairlead's takes
    the place of the static one, and never reaches the kernel, where the session with the transit
    itself would follow it. No recursive route may hang by another (BIRD), so gw is set."""
    bits, table, own = BITS[family], f"exits_{family}", OWN[family]
    near, far = (("10.0.1.2", "10.0.1.1") if family == "ipv4"
                 else ("2001:db8:a::2", "2001:db8:a::1"))  # fmt: skip
    edge1, edge2, guard = EDGE1[family], EDGE2[family], (v4 if family == "ipv4" else v6)(5)
    return f"""
{family} table {table};
protocol direct direct_{family} {{ {family} {{ table {table}; }}; }}
protocol kernel kernel_{family} {{ {family} {{
    export where source = RTS_BGP && net.len < {bits}; import none; }}; }}
protocol static over_{family} {{
    {family} {{ table {table}; preference 50; }};
    route {far}/{bits} via {far};
    route {EXIT_B[family]}/{bits} via {edge2};
}}
protocol pipe exits_pipe_{family} {{ table master{family[-1]}; peer table {table};
    import none; export where proto = "GUARD_{family}" && net.len = {bits}; }}
filter from_guard_{family} {{
    if net.len = {bits} then {{
        preference = 250;
        if bgp_next_hop = {far} then gw = {far};
        if bgp_next_hop = {EXIT_B[family]} then gw = {edge2};
    }}
    accept;
}}
filter to_transit_{family} {{
    if (64500, 666, 1) !~ bgp_large_community then reject;
    if (64500, 1, 3) ~ bgp_large_community then reject;
    if (64500, 1, 1) ~ bgp_large_community then {{
        bgp_path.prepend(64500); bgp_path.prepend(64500);
    }}
    if (64500, 1, 2) ~ bgp_large_community then bgp_community.add((65535, 0));
    accept;
}}
protocol bgp transit_{family} {{
    local {near} as 64500; neighbor {far} as 65001; connect delay time 1; error wait time 1,2;
    {family} {{ gateway recursive; igp table {table};
        import where net !~ [ {own} ]; export filter to_transit_{family}; }};
}}
protocol bgp edge2_{family} {{
    local {edge1} as 64500; neighbor {edge2} as 64500; connect delay time 1; error wait time 1,2;
    {family} {{ igp table {table}; import all; export where source = RTS_BGP; }};
}}
protocol bgp GUARD_{family} {{
    local {edge1} as 64500; neighbor {guard} as 64500; hold time 9; error wait time 1,4;
    {family} {{ add paths tx; igp table {table};
        import filter from_guard_{family}; export where source = RTS_BGP; }};
}}
"""


def start_bird(lab):
    # One session for each family would be two with one identifier: both ride on the IPv4 one.
    text = f"router id {v4(11)};\nprotocol device {{}}\n"
    for family in FAMILIES:
        text += bird_family(family)
    guard4, guard6 = (re.search(rf"protocol bgp GUARD_{f} {{.*?\n}}\n", text, re.S).group()
                      for f in FAMILIES)  # fmt: skip
    channel6 = guard6[guard6.index("    ipv6 {") : guard6.rindex("}\n")]
    both = guard4[: guard4.rindex("}\n")] + channel6 + "}\n"
    text = text.replace(guard6, "").replace(guard4, both).replace('"GUARD_ipv6"', '"GUARD_ipv4"')
    # the pipes name it, so it stands before them
    config = lab.file("edge1.conf", text.replace(both, "") + both)
    lab.start("edge1", "bird", "-f", "-c", config, "-s", str(lab.dir / "edge1.ctl"))


def frr_config():
    lines = [
        "router bgp 64500", f" bgp router-id {v4(12)}", " no bgp ebgp-requires-policy",
        " no bgp default ipv4-unicast",
        f" neighbor {v4(5)} remote-as 64500", f" neighbor {v4(5)} timers 3 9",
        f" neighbor {v4(5)} timers connect 1",
    ]  # fmt: skip
    for family in FAMILIES:
        for peer, asn in (LINK_B[family], 65002), (EDGE1[family], 64500):
            lines += [f" neighbor {peer} remote-as {asn}", f" neighbor {peer} timers connect 1"]
        # or the next hop that the policy sets would have to be on the link
        lines.append(f" neighbor {LINK_B[family]} disable-connected-check")
    for family in FAMILIES:
        lines += [
            f" address-family {family} unicast",
            f"  neighbor {v4(5)} activate", f"  neighbor {v4(5)} addpath-tx-all-paths",
            f"  neighbor {EDGE1[family]} activate",
            f"  neighbor {LINK_B[family]} activate",
            f"  neighbor {LINK_B[family]} route-map exit-{family} in",
            f"  neighbor {LINK_B[family]} route-map own out",
            *([f"  neighbor {EDGE1[family]} route-map global in"] if family == "ipv6" else []),
            " exit-address-family",
        ]  # fmt: skip
    for number, word in enumerate(("prepend", "graceful", "withhold"), 1):
        lines.append(f"bgp large-community-list standard {word} seq 5 permit 64500:2:{number}")
    lines += [
        "bgp large-community-list standard fairlead seq 5 permit 64500:666:1",
        "route-map exit-ipv4 permit 10", f" set ip next-hop {EXIT_B['ipv4']}",
        "route-map exit-ipv6 permit 10", f" set ipv6 next-hop global {EXIT_B['ipv6']}",
        " set ipv6 next-hop prefer-global",
        # a link-local next hop would lead to the neighbour, whatever becomes of the exit
        "route-map global permit 10", " set ipv6 next-hop prefer-global",
        "route-map own deny 10", " match large-community withhold",
        "route-map own permit 20", " match large-community prepend",
        " set as-path prepend 64500 64500",
        "route-map own permit 30", " match large-community graceful",
        " set community 65535:0 additive",
        "route-map own permit 40", " match large-community fairlead",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def static_config():
    """Worse than anything that BGP has (200 for iBGP): Fairlead's route takes its place."""
    return "".join(
        f"{'ip' if family == 'ipv4' else 'ipv6'} route {address[family]}/{BITS[family]} "
        f"{via[family]} 250\n"
        for family in FAMILIES for address, via in ((EXIT_A, EDGE1), (EXIT_B, LINK_B))
    )  # fmt: skip


def start_frr(lab):
    own = pwd.getpwnam("frr")
    home = lab.dir / "frr"
    home.mkdir()
    os.chown(home, own.pw_uid, own.pw_gid)
    contents = {"zebra": "", "staticd": static_config(), "bgpd": frr_config()}
    for daemon, content in contents.items():
        lab.file(f"frr/{daemon}.conf", content, 0o644)
        lab.start("edge2", f"/usr/lib/frr/{daemon}", "-f", f"{home}/{daemon}.conf", "-i",
                  f"{home}/{daemon}.pid", "-z", f"{home}/zserv.api", "--vty_socket", str(home), "-A",
                  "127.0.0.1", "-P", "0", "--log", "stdout")  # fmt: skip
        if daemon == "zebra":
            wait_for("zebra", (home / "zserv.api").exists, 5)


def vtysh(lab, *commands):
    words = [word for command in commands for word in ("-c", command)]
    return run("vtysh", "--vty_socket", str(lab.dir / "frr"), *words).stdout


CONFIG = f"""
site: lab1
mode: act
audit: /run/levers-audit
bgp: {{as: 64500, router_id: {v4(5)}}}
routers:
  - {{name: edge1, address: {v4(11)}, local_address: {v4(5)}, families: [ipv4, ipv6]}}
  - {{name: edge2, address: {v4(12)}, local_address: {v4(5)}, families: [ipv4, ipv6]}}
upstreams:
  - name: transit-a
    router: edge1
    next_hop: [{EXIT_A["ipv4"]}, "{EXIT_A["ipv6"]}"]
    exit: [{EXIT_A["ipv4"]}, "{EXIT_A["ipv6"]}"]
    inbound: {{prepend: 64500:1:1, graceful: 64500:1:2, withhold: 64500:1:3}}
    probe: {{mark: 1}}
  - name: transit-b
    router: edge2
    next_hop: [{EXIT_B["ipv4"]}, "{EXIT_B["ipv6"]}"]
    exit: [{EXIT_B["ipv4"]}, "{EXIT_B["ipv6"]}"]
    inbound: {{prepend: 64500:2:1, graceful: 64500:2:2, withhold: 64500:2:3}}
    probe: {{mark: 2}}
targets:
  - {{name: one, address: [{host("ipv4", 1)}, "{host("ipv6", 1)}"], protocol: icmp, ours: true, flows: 1}}
  - {{name: two, address: [{host("ipv4", 2)}, "{host("ipv6", 2)}"], protocol: icmp, ours: true, flows: 1}}
probe: {{as_routed: {{mark: 3}}}}
announce:
  - {{prefix: {OWN["ipv4"]}, next_hop: {v4(5)}, communities: [64500:80]}}
  - {{prefix: "{OWN["ipv6"]}", next_hop: "{v6(5)}", communities: [64500:80]}}
steer:
  prefixes: ["{prefix("ipv4", 7)}", "{prefix("ipv6", 7)}"]
  marker: 64500:666:1
  quiet_start_s: 1
  lease_s: 3
limits:
  allowed_bogons: ["{OWN["ipv4"]}", "{OWN["ipv6"]}"]
"""


class Guard(Fairlead):
    config = staticmethod(lambda key: CONFIG)

    def ready(self):
        self.wait("four complete tables", lambda e: e.get("state") == "complete", 25, 4)
        steered = {(r, u, prefix(f, 7)) for r in ("edge1", "edge2") for f in FAMILIES
                   for u in ("transit-a", "transit-b")}  # fmt: skip
        # a router does not send on what it has by iBGP
        own = {(r, u, p) for r, u, p in steered if (r == "edge1") == (u == "transit-a")}
        self.wait("routes of both upstreams", lambda e: own <= self.learned(), 20)
        time.sleep(1.2)  # quiet_start_s

    def told(self, what, **order):
        """Says so, and waits for the answer."""
        before = len(self.events)
        self.say(what, **order)
        name = order.get("prefix") or order["own"]
        fits = lambda e: (e.get("event") == "override" and e["router"] == order["router"]
                          and e["prefix"] == name)  # fmt: skip
        self.wait(f"an answer about {name}", lambda e: fits(e) and self.events.index(e) >= before, 5)
        return [e for e in self.events[before:] if fits(e)][-1]

    def must(self, what, state, **order):
        answer = self.told(what, **order)
        if answer["state"] != state:
            sys.exit(f"FAIL: {order}: {answer}")

    def exit(self, what, state, routers, upstream, address):
        """A whole upstream, by one route for each router."""
        for family in FAMILIES:
            for router in routers:
                self.must(what, state, router=router, upstream=upstream, incident=0,
                          prefix=f"{address[family]}/{BITS[family]}")  # fmt: skip

    def stance(self, **how):
        rest = {"announced": True, "prepend": [], "graceful": [], "withheld": []} | how
        for family in FAMILIES:
            for router in "edge1", "edge2":
                state = "announced" if rest["announced"] else "withdrawn"
                self.must("stance", state, router=router, own=OWN[family], **rest)


def vias(lab, node, family):
    """Through which gateways the kernel of a router sends the prefixes, and how many each."""
    text = run("ip", f"-{family[-1]}", "-j", "-n", lab.name(node), "route", "show").stdout
    counts = {}
    mine = {prefix(family, n) for n in range(1, COUNT + 1)}
    for route in json.loads(text or "[]"):
        if route["dst"] in mine:
            hops = [route.get("gateway")] + [hop.get("gateway") for hop in route.get("nexthops", [])]
            via = next((hop for hop in hops if hop), None)
            counts[via] = counts.get(via, 0) + 1
    return counts


def all_go(lab, edge1_via, edge2_via):
    return all(vias(lab, node, family) == {via[family]: COUNT}
               for family in FAMILIES
               for node, via in (("edge1", edge1_via), ("edge2", edge2_via)))  # fmt: skip


def check_all_go(lab, what, edge1_via, edge2_via, seconds=8):
    try:
        return wait_for(what, lambda: all_go(lab, edge1_via, edge2_via), seconds)[1]
    except SystemExit:
        print({(n, f): vias(lab, n, f) for n in ("edge1", "edge2") for f in FAMILIES})
        raise


def heard_by_bird(lab):
    text = run("birdc", "-s", str(lab.dir / "edge1.ctl"), "show", "protocols", "all",
               "GUARD_ipv4").stdout  # fmt: skip
    return [int(n) for n in re.findall(r"Import updates:\s+(\d+)", text)]


def seen_by(lab, transit):
    """All that the transit has from our routers: {prefix: (path, communities)}."""
    found = {}
    for family in FAMILIES:
        text = run("birdc", "-r", "-s", str(lab.dir / f"{transit}.ctl"), "show", "route", "all",
                   "protocol", f"edge_{family}").stdout  # fmt: skip
        for part in re.split(r"\n(?=\S+ +unicast)", text):
            name = re.match(r"(\S+/\d+) +unicast", part)
            path = re.search(r"BGP.as_path: (.*)", part)
            if name and path:
                communities = re.search(r"BGP.community: (.*)", part)
                found[name[1]] = (path[1].strip(), communities[1].split() if communities else [])
    return found


def everywhere(path="64500", also=()):
    return {p: (path, ["(64500,80)", *also]) for p in OWN.values()}


def check_seen(lab, what, at_a, at_b):
    look = lambda: (seen_by(lab, "transit-a"), seen_by(lab, "transit-b"))
    try:
        wait_for(what, lambda: look() == (at_a, at_b), 8)
    except SystemExit:
        print(*look(), sep="\n")
        raise


def test_exits(lab, fairlead):
    took = check_all_go(lab, "the routers' own choice", EXIT_A, EDGE1, 20)
    print(f"ok: {COUNT} prefixes of each family go by transit-a, {took:.2f} s")
    early = lambda family: fairlead.told(
        "announce", router="edge1", upstream="transit-b", incident=0,
        prefix=f"{EXIT_A[family]}/{BITS[family]}")["reason"]  # fmt: skip
    for family in FAMILIES:  # S2 as long as the tables still come in
        wait_for("the right order to be asked for", lambda: early(family) ==
                 "S13: edge2, the router of transit-b, is to be told first", 20)  # fmt: skip
    before = heard_by_bird(lab)
    fairlead.exit("announce", "announced", ("edge2", "edge1"), "transit-b", EXIT_A)
    took = check_all_go(lab, "the exit to move all", EDGE2, LINK_B)
    heard = [now - then for now, then in zip(heard_by_bird(lab), before)]
    if heard != [1, 1]:
        sys.exit(f"FAIL: {heard} UPDATEs where one for each family should do")
    print(f"ok: one route for each router and family moved all to transit-b, {took:.2f} s")
    lean = fairlead.told("announce", router="edge1", upstream="transit-a", incident=0,
                         prefix=EXIT_B["ipv4"] + "/32")  # fmt: skip
    if lean["reason"] != "S13: transit-a is drained to transit-b":
        sys.exit(f"FAIL: two upstreams leaned on each other: {lean}")
    fairlead.exit("withdraw", "withdrawn", ("edge1", "edge2"), "transit-b", EXIT_A)
    print(f"ok: and back, {check_all_go(lab, 'the way back', EXIT_A, EDGE1):.2f} s")

    for family in FAMILIES:  # what leans on transit-b follows its exit
        for router in "edge2", "edge1":
            fairlead.must("announce", "announced", router=router, upstream="transit-b", incident=0,
                          prefix=prefix(family, 7))  # fmt: skip
    moved = lambda e1, e2: all(
        vias(lab, "edge1", f).get(e1[f]) == 1 and vias(lab, "edge2", f).get(e2[f]) == 1
        for f in FAMILIES)  # fmt: skip
    wait_for("one override", lambda: moved(EDGE2, LINK_B), 8)
    fairlead.exit("announce", "announced", ("edge1", "edge2"), "transit-a", EXIT_B)
    took = check_all_go(lab, "an override that follows", EXIT_A, EDGE1)
    print(f"ok: an override through a drained upstream follows its exit, {took:.2f} s")
    fairlead.exit("withdraw", "withdrawn", ("edge2", "edge1"), "transit-a", EXIT_B)
    wait_for("the override again", lambda: moved(EDGE2, LINK_B), 8)


def test_own(lab, fairlead):
    check_seen(lab, "nothing of ours", {}, {})  # though an override stands: NO_EXPORT
    fairlead.stance()
    check_seen(lab, "our own prefixes", everywhere(), everywhere())
    print("ok: our own prefixes are with both transits, and nothing else is")
    fairlead.stance(prepend=["transit-a"])
    check_seen(lab, "a longer path", everywhere("64500 64500 64500"), everywhere())
    fairlead.stance(graceful=["transit-a"])
    check_seen(lab, "graceful", everywhere(also=["(65535,0)"]), everywhere())
    fairlead.stance(withheld=["transit-a"])
    check_seen(lab, "withheld from transit-a", {}, everywhere())
    fairlead.stance(graceful=["transit-b"])  # transit-a first: that is its one return
    check_seen(lab, "graceful there", everywhere(), everywhere(also=["(65535,0)"]))
    fairlead.stance(withheld=["transit-b"])
    check_seen(lab, "withheld from transit-b", everywhere(), {})
    print("ok: longer path, 65535:0 and nothing at all, towards one transit and not the other")
    last = fairlead.told("stance", router="edge1", own=OWN["ipv4"], announced=True, prepend=[],
                         graceful=[], withheld=["transit-a", "transit-b"])  # fmt: skip
    if last["reason"] != f"S13: {OWN['ipv4']} would be withheld from every upstream":
        sys.exit(f"FAIL: the last upstream was taken away: {last}")
    fairlead.say("release")
    time.sleep(0.3)
    check_seen(lab, "what a release spares", everywhere(), {})
    fairlead.stance()
    check_seen(lab, "as usual", everywhere(), everywhere())


def test_death(lab, fairlead):
    fairlead.exit("announce", "announced", ("edge2", "edge1"), "transit-b", EXIT_A)
    check_all_go(lab, "the exit again", EDGE2, LINK_B)
    os.kill(fairlead.role, signal.SIGKILL)
    gone = lambda: (all_go(lab, EXIT_A, EDGE1) and not seen_by(lab, "transit-a")
                    and not seen_by(lab, "transit-b"))  # fmt: skip
    took = wait_for("SIGKILL to be noticed", gone, HOLD_S + 1)[1]
    fairlead.process.wait()
    print(f"ok: nothing is left {took:.2f} s after SIGKILL: the old way, and no prefix of ours")


def build_and_test(lab):
    lab.add_switch()
    lab.add_node("guard", 5)
    lab.add_node("edge1", 11)
    lab.add_node("edge2", 12)
    lab.add_link("transit-a", "edge1", 1, "a")
    lab.add_link("transit-b", "edge2", 2, "b")
    start_transit(lab, "transit-a", 65001, 1, "a")
    start_transit(lab, "transit-b", 65002, 2, "b")
    start_bird(lab)
    start_frr(lab)
    fairlead = Guard(lab, sys.argv[1])
    fairlead.ready()
    test_exits(lab, fairlead)
    test_own(lab, fairlead)
    test_death(lab, fairlead)


if __name__ == "__main__":
    sys.exit(play(LeversLab, build_and_test))
