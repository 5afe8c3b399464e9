#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What FRR and GoBGP tell by BMP, against what they say of themselves; needs root; about 25 s.

                  one LAN: 198.51.100.0/24, 2001:db8:0:1::/64
      .5 fairlead run      .12 frr      .14 gobgp      .21 outside     .22 inside (BIRD)
         BMP station        AS 64500, BMP to .5            AS 65001        AS 64500

FRR tells of IPv4 and IPv6 before and behind its policy, GoBGP also of its Loc-RIB. Both BIRDs
announce four routes of each family; each router's policy changes one of them and drops one.

The BIRD inside sends ADD-PATH, and both routers tell by BMP that it was negotiated; yet they leave
the path identifiers out of its routes. What FRR 8.4 tells differs from what it has, in three ways that this test knows: of an eBGP peer it
tells paths as it would send them back, its own AS in front and LOCAL_PREF left out; what its policy
rejects, it withdraws before policy too, but not always; and a route whose next hop becomes known only later is not
told of at all, so that its policy here prefers the global next hops.
usage: bmp_test.py FAIRLEAD
"""
import json, os, pwd, re, sys

from speaker_test import Lab, play, run, v4, v6, wait_for

HANG_S = 20
TRANSITS = {21: 65001, 22: 64500}
ROUTERS = {"frr": 12, "gobgp": 14}
DROPPED, CHANGED = 1, 2  # by the routers' policies: the routes with this number


def prefixes(host):
    """What the transit at .host announces: four routes in each family."""
    for n in range(4):
        yield f"203.0.{host}.{n * 64}/26"
        yield f"2001:db8:{host}:{n}::/64"


def number_of(prefix):
    return int(prefix.split(".")[3].split("/")[0]) // 64 if "." in prefix else int(prefix.split(":")[3])


def start_transit(lab, host, asn):
    paths = "add paths tx;" if host == 22 else ""
    text = f"router id {v4(host)};\nprotocol device {{}}\n"
    for family, mark in ("ipv4", "."), ("ipv6", ":"):
        routes = "".join(f" route {p} blackhole;" for p in prefixes(host) if mark in p)
        text += f"protocol static {{ {family};{routes} }}\n"
    for router, at in ROUTERS.items():
        for family, address in ("ipv4", v4), ("ipv6", v6):
            text += (
                f"protocol bgp {router}_{family} {{ local {address(host)} as {asn};"
                f" neighbor {address(at)} as 64500; strict bind yes; connect retry time 1;"
                f" connect delay time 1; error wait time 1,2;"
                f" {family} {{ {paths} import all; export where source = RTS_STATIC;"
                f" next hop self; }}; }}\n"
            )
    config = lab.file(f"transit{host}.conf", text)
    return lab.start("transits", "bird", "-f", "-c", config, "-s", str(lab.dir / f"transit{host}.ctl"))


def start_frr(lab):
    own = pwd.getpwnam("frr")
    home = lab.dir / "frr"
    home.mkdir(exist_ok=True)
    os.chown(home, own.pw_uid, own.pw_gid)
    activate = {"ipv4": "", "ipv6": ""}
    text = f"router bgp 64500\n bgp router-id {v4(12)}\n no bgp default ipv4-unicast\n"
    for host, asn in TRANSITS.items():
        for family, address in ("ipv4", v4), ("ipv6", v6):
            peer = f" neighbor {address(host)}"
            text += f"{peer} remote-as {asn}\n{peer} timers connect 1\n"
            activate[family] += f" {peer} activate\n {peer} soft-reconfiguration inbound\n"
            activate[family] += f" {peer} route-map IN in\n {peer} route-map ALL out\n"
    for family, lines in activate.items():
        text += f" address-family {family} unicast\n{lines} exit-address-family\n"
    text += " bmp targets station\n"
    text += "".join(
        f"  bmp monitor {family} unicast {side}-policy\n"
        for family in activate for side in ("pre", "post")
    )
    text += "  bmp stats interval 500\n  bmp mirror\n"
    text += f"  bmp connect {v4(5)} port 11019 min-retry 200 max-retry 1000\n exit\n"
    for family, word, mark in ("ipv4", "ip", "."), ("ipv6", "ipv6", ":"):
        for name, number in ("DROPPED", DROPPED), ("CHANGED", CHANGED):
            for host in TRANSITS:
                for prefix in prefixes(host):
                    if mark in prefix and number_of(prefix) == number:
                        text += f"{word} prefix-list {name}{word} permit {prefix}\n"
    for order, (name, action) in enumerate((("DROPPED", "deny"), ("CHANGED", "permit")), 1):
        for word in "ip", "ipv6":
            order += 2
            text += f"route-map IN {action} {order * 10 + (word == 'ipv6')}\n"
            text += f" match {word} address prefix-list {name}{word}\n set ipv6 next-hop prefer-global\n"
            text += " set local-preference 222\n" if name == "CHANGED" else ""
    text += "route-map IN permit 90\n set ipv6 next-hop prefer-global\nroute-map ALL permit 10\n"
    for name, content in ("zebra.conf", ""), ("bgpd.conf", text):
        lab.file(f"frr/{name}", content, 0o644)
    for daemon, module in ("zebra", ()), ("bgpd", ("-M", "bmp")):
        lab.start("frr", f"/usr/lib/frr/{daemon}", *module, "-f", f"{home}/{daemon}.conf", "-i",
                  f"{home}/{daemon}.pid", "-z", f"{home}/zserv.api", "--vty_socket", str(home), "-A",
                  "127.0.0.1", "-P", "0", "--log", "stdout")  # fmt: skip
        if daemon == "zebra":
            wait_for("zebra", (home / "zserv.api").exists, 5)


def start_gobgp(lab):
    text = f'[global.config]\nas = 64500\nrouter-id = "{v4(14)}"\n'
    text += '[global.apply-policy.config]\nimport-policy-list = ["in"]\n'
    text += 'default-import-policy = "accept-route"\ndefault-export-policy = "accept-route"\n'
    for host, asn in TRANSITS.items():
        for family, address in ("ipv4", v4), ("ipv6", v6):
            text += f'[[neighbors]]\n[neighbors.config]\nneighbor-address = "{address(host)}"\n'
            text += f"peer-as = {asn}\n[neighbors.timers.config]\nconnect-retry = 1\n"
            text += "idle-hold-time-after-reset = 1\nhold-time = 9\nkeepalive-interval = 3\n"
            text += "[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\n"
            text += f'afi-safi-name = "{family}-unicast"\n'
            text += "[neighbors.afi-safis.add-paths.config]\nreceive = true\n"
    text += f'[[bmp-servers]]\n[bmp-servers.config]\naddress = "{v4(5)}"\nport = 11019\n'
    text += 'route-monitoring-policy = "all"\nstatistics-timeout = 15\n'
    for name, number in ("dropped", DROPPED), ("changed", CHANGED):
        for mark, family in (".", "v4"), (":", "v6"):
            text += f'[[defined-sets.prefix-sets]]\nprefix-set-name = "{name}-{family}"\n'
            for host in TRANSITS:
                for prefix in prefixes(host):
                    if mark in prefix and number_of(prefix) == number:
                        text += f'[[defined-sets.prefix-sets.prefix-list]]\nip-prefix = "{prefix}"\n'
    text += '[[policy-definitions]]\nname = "in"\n'
    for name, disposition in ("dropped", "reject-route"), ("changed", "accept-route"):
        for family in "v4", "v6":
            text += "[[policy-definitions.statements]]\n"
            text += f'[policy-definitions.statements.conditions.match-prefix-set]\nprefix-set = "{name}-{family}"\n'
            text += f'[policy-definitions.statements.actions]\nroute-disposition = "{disposition}"\n'
            if name == "changed":
                text += "[policy-definitions.statements.actions.bgp-actions]\nset-local-pref = 222\nset-med = \"33\"\n"
    config = lab.file("gobgpd.toml", text)
    lab.start("gobgp", "gobgpd", "-f", config, "--api-hosts", "127.0.0.1:50051")


def fairlead_config(lab):
    routers = "".join(
        f'  - {{name: {name}, address: "{v4(host)}", local_address: "{v4(5)}", families: [ipv4, ipv6]}}\n'
        for name, host in ROUTERS.items()
    )
    upstreams = "".join(
        f'  - {{name: t{host}, router: frr, next_hop: ["{v4(host)}", "{v6(host)}"],'
        f' probe: {{source: ["{v4(5)}", "{v6(5)}"], mark: {host}}}}}\n'
        for host in TRANSITS
    )
    senders = "".join(
        f"    - {{name: {name}, address: {v4(host)}}}\n" for name, host in ROUTERS.items()
    )
    return f"""
site: lab
bgp: {{as: 64500, router_id: {v4(5)}}}
routers:
{routers}upstreams:
{upstreams}targets:
  - {{name: one, address: [{v4(21)}, "{v6(21)}"], protocol: icmp, ours: true, flows: 1}}
  - {{name: two, address: [{v4(22)}, "{v6(22)}"], protocol: icmp, ours: true, flows: 1}}
steer: {{prefixes: [], marker: '64500:666:1'}}
web: ''
control: {lab.dir}/control.sock
bmp:
  listen: {v4(5)}
  senders:
{senders}"""


class Station:
    """The daemon, asked on its control socket."""

    def __init__(self, lab, fairlead):
        self.fairlead, self.control = fairlead, str(lab.dir / "control.sock")
        config = lab.file("fairlead.yaml", fairlead_config(lab), 0o644)
        self.process = lab.start("guard", fairlead, "run", "-c", config)

    def ask(self, *words):
        text = run(self.fairlead, *words, "--control", self.control, "--json").stdout
        return [json.loads(line) for line in text.splitlines()]

    def peers(self):
        return {a["peer"]["peer"]: a["peer"] for a in self.ask("upstreams") if "peer" in a}

    def tables(self):
        """What the peers of BMP have: {peer: {prefix: (next hop, AS path, LOCAL_PREF, MED)}}."""
        tables = {}
        for host in TRANSITS:
            for prefix in prefixes(host):
                for answer in self.ask("routes", prefix):
                    path = answer.get("path", {})
                    if path.get("kind", "").startswith("bmp"):
                        told = tuple(path.get(key) for key in ("next_hop", "as_path", "local_pref", "med"))
                        tables.setdefault(path["peer"], {})[prefix] = told
        return tables

def plain(prefix):
    """GoBGP and FRR write 2001:db8:21::/64 where prefixes() has 2001:db8:21:0::/64."""
    return re.sub(r"^(2001:db8:\w+)::/", r"\1:0::/", prefix)


def frr_says(lab, what):
    return json.loads(run("vtysh", "--vty_socket", str(lab.dir / "frr"), "-c", f"show bgp {what} json").stdout or "{}")


def frr_tables(lab):
    tables = {}
    for host, asn in TRANSITS.items():
        for family, address in ("ipv4", v4), ("ipv6", v6):
            own = "64500 " if asn != 64500 else ""
            heard = frr_says(lab, f"{family} unicast neighbors {address(host)} received-routes")
            used = frr_says(lab, f"{family} unicast neighbors {address(host)} routes")
            tables[f"frr/{address(host)} in-pre"] = {
                plain(prefix): (route.get("nextHop") or route["nextHopGlobal"], (own + route["path"]).strip(),
                         100 if asn == 64500 else None, None)
                for prefix, route in heard.get("receivedRoutes", {}).items()
                if number_of(plain(prefix)) != DROPPED
            }  # fmt: skip
            tables[f"frr/{address(host)} in-post"] = {
                plain(prefix): (route["nexthops"][0]["ip"], (own + route["path"]).strip(),
                         route.get("locPrf") if asn == 64500 else None, None)
                for prefix, (route,) in used.get("routes", {}).items()
            }  # fmt: skip
    return tables


def gobgp_says(lab, *words):
    text = run("ip", "netns", "exec", lab.name("gobgp"), "gobgp", "-j", *words).stdout
    says = json.loads(text) if text.startswith("{") else {}
    return {} if "error" in says else says


def gobgp_route(path):
    attrs = {attr["type"]: attr for attr in path["attrs"]}
    as_path = " ".join(str(n) for part in attrs[2].get("as_paths", []) for n in part["asns"])
    hop = attrs[14]["nexthop"] if 14 in attrs else attrs[3]["nexthop"]
    return hop, as_path, attrs.get(5, {}).get("value"), attrs.get(4, {}).get("metric")


def gobgp_tables(lab):
    tables = {"gobgp/loc-rib": {}}
    for host in TRANSITS:
        for family, address in ("ipv4", v4), ("ipv6", v6):
            heard = gobgp_says(lab, "neighbor", address(host), "adj-in", "-a", family)
            used = gobgp_says(lab, "global", "rib", "-a", family)
            tables[f"gobgp/{address(host)} in-pre"] = {
                plain(prefix): gobgp_route(path) for prefix, (path,) in heard.items()
            }
            tables[f"gobgp/{address(host)} in-post"] = {
                plain(prefix): gobgp_route(path) for prefix, (path,) in used.items()
                if path["neighbor-ip"] == address(host)
            }  # fmt: skip
            tables["gobgp/loc-rib"] |= tables[f"gobgp/{address(host)} in-post"]
    return tables


def compare(station, lab, which=ROUTERS):
    """Whether every table is what its router says of itself; what differs, otherwise."""
    theirs = {}
    if "frr" in which:
        theirs |= frr_tables(lab)
    if "gobgp" in which:
        theirs |= gobgp_tables(lab)
    ours = {peer: table for peer, table in station.tables().items() if peer.split("/")[0] in which}
    for peer in ours:
        if peer.startswith("frr/") and peer.endswith("in-pre"):
            ours[peer] = {p: x for p, x in ours[peer].items() if number_of(p) != DROPPED}
    theirs = {peer: table for peer, table in theirs.items() if table}
    return [(peer, ours.get(peer), theirs.get(peer)) for peer in sorted(ours | theirs)
            if ours.get(peer) != theirs.get(peer)], theirs  # fmt: skip


def agrees(station, lab, what, tables, which=ROUTERS):
    """Waits until both sides have so many tables, and the same ones."""
    last = []

    def same():
        last[:] = compare(station, lab, which)
        return not last[0] and len(last[1]) == tables

    try:
        took = wait_for(what, same, HANG_S)[1]
    except SystemExit:
        sys.exit(f"FAIL: {what}: {len(last[1])} tables, which differ: {json.dumps(last[0], indent=1)}")
    print(f"ok: {what} ({took:.1f} s)")


def stands(station, kind, peer):
    """The text of a notice that stands."""
    for answer in station.ask("notices"):
        notice = answer.get("stands", {})
        if notice.get("notice") == kind and notice.get("peer") == peer:
            return notice["text"]
    return None


def counters(station):
    """Whether all that the routers say of themselves, beside routes, is known."""
    answers = station.ask("bmp")
    routers = {a["router"]["router"]: a["router"] for a in answers if "router" in a}
    peers = {(p["router"], p["peer"]): p for a in answers if (p := a.get("peer"))}
    names = {name: (x["up"], x["system_name"]) for name, x in routers.items()}
    if names != {"frr": (True, os.uname().nodename), "gobgp": (True, "GoBGP")}:
        sys.exit(f"FAIL: fairlead bmp says {names}")
    frr = [peers["frr", address(host)] for host in TRANSITS for address in (v4, v6)]
    states = {p["state"] for p in frr} | {peers["gobgp", "loc-rib"]["state"]}
    return states == {"up", "untold"} and all(p["statistics"].get("rejected_prefixes") for p in frr)


def birdc(lab, host, *words):
    return run("birdc", "-s", str(lab.dir / f"transit{host}.ctl"), *words).stdout


def test(lab, fairlead):
    station = Station(lab, fairlead)
    # A GoBGP whose sessions are up before its station listens never tells what is withdrawn behind
    # policy.
    wait_for("a station that listens", lambda: station.ask("bmp"), HANG_S)
    transits = {host: start_transit(lab, host, asn) for host, asn in TRANSITS.items()}
    start_frr(lab)
    start_gobgp(lab)
    agrees(station, lab, "the tables of two routers are what they say themselves", 17)
    both = {f"frr/{address(host)} {side}" for host in TRANSITS for address in (v4, v6)
            for side in ("in-pre", "in-post")}  # fmt: skip
    done = lambda: {p for p, x in station.peers().items() if x["complete"]} >= both
    wait_for("End-of-RIB of FRR", done, HANG_S)
    print("ok: FRR's tables are complete")
    told = lambda: counters(station)
    wait_for("statistics of FRR", told, HANG_S)
    print("ok: fairlead bmp knows both routers, their peers and counters")

    birdc(lab, 21, "disable", "static1")
    agrees(station, lab, "what a peer withdraws is withdrawn", 13)
    birdc(lab, 21, "enable", "static1")
    agrees(station, lab, "and comes again", 17)

    for family, address in ("ipv4", v4), ("ipv6", v6):
        birdc(lab, 21, "disable", f"frr_{family}", '"maintenance"')
        peer = f"frr/{address(21)}"
        text = wait_for("a peer down", lambda: stands(station, "bmp_peer_down", peer), HANG_S)[0]
        if text != "the peer said Cease/Administrative Shutdown: maintenance":
            sys.exit(f"FAIL: the reason is '{text}'")
        if gone := [p for p in station.tables() if p.startswith(f"{peer} ")]:
            sys.exit(f"FAIL: {gone} outlived their session")
        agrees(station, lab, f"a peer that is down over {family} is forgotten", 15)
        birdc(lab, 21, "enable", f"frr_{family}")
        wait_for("the peer to be up", lambda: not stands(station, "bmp_peer_down", peer), HANG_S)
        agrees(station, lab, "and is back", 17)

    gobgpd = lab.daemons[-1]
    gobgpd.kill()
    gobgpd.wait()
    down = lambda: stands(station, "bmp_router_down", "gobgp")
    took = wait_for("a router to be missed", down, HANG_S)[1]
    if left := [peer for peer in station.peers() if peer.startswith("gobgp/")]:
        sys.exit(f"FAIL: {left} outlived their router")
    agrees(station, lab, f"a router that is lost is forgotten after {took:.2f} s", 8, ["frr"])
    start_gobgp(lab)
    agrees(station, lab, "and its tables are back", 17)
    if down():
        sys.exit("FAIL: the router is still called lost")

    station.process.kill()
    station.process.wait()
    station = Station(lab, fairlead)
    agrees(station, lab, "FRR comes back to a station that died", 8, ["frr"])
    text = (lab.dir / "guard.log").read_text(errors="replace")
    if bad := [line for line in text.splitlines() if "event=bmp_malformed" in line or "update_mended" in line]:
        sys.exit("FAIL: something was malformed:\n" + "\n".join(bad[:10]))
    station.process.terminate()
    if (status := station.process.wait(HANG_S)) != 0:
        sys.exit(f"FAIL: fairlead ended with {status}")


def build_and_test(lab):
    lab.dir.chmod(0o777)  # the daemon's control socket is made when it is nobody
    lab.add_switch()
    lab.add_node("guard", 5)
    lab.add_node("transits", 21, 22)
    for router, host in ROUTERS.items():
        lab.add_node(router, host)
    test(lab, os.path.abspath(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(play(Lab, build_and_test))
