#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Whether routers took what Fairlead said, as FRR and GoBGP show it; needs root; about 40 s.

                 one LAN: 198.51.100.0/24, 2001:db8:0:1::/64
      .5 harness     .12 frr     .14 gobgp     .21 .22 transits (BIRD)
         AS 64500, iBGP to each, station for BMP    AS 65001, AS 65002

FRR shows its kernel, by `fairlead agent`, and GoBGP its Loc-RIB by BMP. FRR shows by BMP besides what
came from us before and behind its policy, which is no word: it has no session with .22, and never
shows an override to there behind its policy, though it takes it. The harness is the route role alone:
this test is its engine. Usage: taken_test.py FAIRLEAD ROUTE_HARNESS
"""
import sys, time

import speaker_test
from speaker_test import Fairlead, Lab, V4, V6, fairlead_config, play, run, v4, v6, wait_for

FAIRLEAD, HARNESS = sys.argv.pop(1), sys.argv[1]
ROUTERS = {"frr": 12, "gobgp": 14}
speaker_test.ROUTERS = ROUTERS
PREFIXES = V4, V6
WORDS = "taken", "not_taken", "untold"

FRR = f"""
router bgp 64500
 no neighbor {v4(22)}
 no neighbor {v6(22)}
 address-family ipv4 unicast
  neighbor {v4(5)} soft-reconfiguration inbound
  neighbor {v4(5)} route-map FROM-GUARD in
 exit-address-family
 address-family ipv6 unicast
  neighbor {v6(21)} route-map GLOBAL in
  neighbor {v4(5)} soft-reconfiguration inbound
  neighbor {v4(5)} route-map FROM-GUARD in
 exit-address-family
 bmp targets station
  bmp monitor ipv4 unicast pre-policy
  bmp monitor ipv4 unicast post-policy
  bmp monitor ipv6 unicast pre-policy
  bmp monitor ipv6 unicast post-policy
  bmp connect {v4(5)} port 11019 min-retry 200 max-retry 1000
 exit
exit
route-map FROM-GUARD permit 10
route-map GLOBAL permit 10
 set ipv6 next-hop prefer-global
"""
GOBGP = f"""
[[bmp-servers]]
[bmp-servers.config]
address = "{v4(5)}"
port = 11019
route-monitoring-policy = "all"
[[defined-sets.neighbor-sets]]
neighbor-set-name = "guard"
neighbor-info-list = ["{v4(5)}"]
[[policy-definitions]]
name = "from-guard"
[[policy-definitions.statements]]
name = "none"
[policy-definitions.statements.conditions.match-neighbor-set]
neighbor-set = "guard"
[policy-definitions.statements.actions]
route-disposition = "reject-route"
"""


class TakenLab(Lab):
    def file(self, name, text, mode=0o600):
        more = {"frr/bgpd.conf": FRR, "gobgpd.toml": GOBGP}
        return super().file(name, text + more.get(name, ""), mode)

    def start(self, node, *words, **options):
        if words[0].endswith("frr/bgpd"):
            words = (words[0], "-M", "bmp", *words[1:])
        return super().start(node, *words, **options)


def config(key):
    senders = "".join(f"\n    - {{name: {name}, address: {v4(at)}}}" for name, at in ROUTERS.items())
    text = fairlead_config(key).replace("router: frr", "router: gobgp")
    text = text.replace("router: bird", "router: frr")
    text = text.replace("  - name: frr\n", f"  - name: frr\n    fib: {{from: 'agent {v4(12)}:8471', md5_key: key}}\n")
    return f"{text}bmp:\n  listen: {v4(5)}\n  senders:{senders}\n"


class Guard(Fairlead):
    config = staticmethod(config)

    def ready(self):
        self.wait("four complete tables", lambda e: e.get("state") == "complete", 20, 4)
        expected = {("gobgp", u, p) for u in ("transit-a", "transit-b") for p in PREFIXES}
        expected |= {("frr", "transit-a", p) for p in PREFIXES}
        self.wait("all routes", lambda e: expected <= self.learned(), 20)
        time.sleep(1.2)  # quiet_start_s

    def all(self, effect, state):
        """Of both prefixes on both routers, first where the upstream is (S13)."""
        for router in "gobgp", "frr":
            for prefix in PREFIXES:
                about = lambda e: (e.get("event") == "override" and e["state"] not in WORDS
                                   and (e["router"], e["prefix"]) == (router, prefix))  # fmt: skip
                before = sum(map(about, self.events))
                self.order(effect, router, prefix)
                answer = self.wait(f"an answer of {router}", about, 5, before + 1)[-1]
                if answer["state"] != state:
                    sys.exit(f"FAIL: {answer}")

    def words(self, router):
        """What it says now, by prefix; {} where it never said anything."""
        return {e["prefix"]: (e["state"], e["reason"]) for e in self.events
                if e.get("event") == "override" and e["router"] == router and e["state"] in WORDS}  # fmt: skip

    def says(self, router, state, reason, seconds=20):
        def does():
            self.turn()
            said = self.words(router)
            return all(said.get(p, ("",))[0] == state and reason in said[p][1] for p in PREFIXES)

        try:
            took = wait_for(f"{router} to say {state}", does, seconds)[1]
        except SystemExit:
            print(self.words(router))
            raise
        print(f"ok: {router} says of both families: {state}, {self.words(router)[V6][1] or '-'},"
              f" {took:.1f} s")  # fmt: skip


def lets_in(lab, action):
    """FRR's policy for what comes from us."""
    other = "deny" if action == "permit" else "permit"
    commands = "configure terminal", f"no route-map FROM-GUARD {other} 10", f"route-map FROM-GUARD {action} 10"
    words = [word for command in commands for word in ("-c", command)]
    if (done := run("vtysh", "--vty_socket", str(lab.dir / "frr"), *words)).returncode:
        sys.exit(f"FAIL: vtysh: {done.stdout} {done.stderr}")


def test(lab):
    lab.add_switch()
    lab.add_node("guard", 5)
    lab.add_node("transits", 21, 22)
    for router, host in ROUTERS.items():
        lab.add_node(router, host)
    speaker_test.start_frr(lab)
    speaker_test.start_gobgp(lab)
    key = lab.file("agent-key", "key\n", 0o644)
    lab.start("frr", FAIRLEAD, "agent", "--listen", f"{v4(12)}:8471", "--allow", v4(5),
              "--md5-key-file", key)  # fmt: skip
    for host in 21, 22:
        speaker_test.start_transit(lab, host, 65000 + host - 20)
    guard = Guard(lab, HARNESS)
    guard.ready()
    guard.all("announce", "announced")
    guard.says("gobgp", "taken", "it is in its Loc-RIB")
    guard.says("frr", "taken", "its kernel forwards by it")
    lets_in(lab, "deny")
    guard.says("frr", "not_taken", "its kernel forwards by another upstream")
    lets_in(lab, "permit")
    guard.says("frr", "taken", "its kernel forwards by it")
    guard.all("withdraw", "withdrawn")
    lab.inside("gobgp", "gobgp", "global", "policy", "import", "add", "from-guard", "default", "accept")
    guard.all("announce", "announced")
    guard.says("gobgp", "not_taken", "next hop in its Loc-RIB: ")
    return 0


if __name__ == "__main__":
    sys.exit(play(TakenLab, test))
