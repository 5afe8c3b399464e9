#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Probes by a VRF: vrf_test.py FAIRLEAD PROBE_HOST; needs root and a kernel with VRFs; about 20 s.

    prober   VRF red: a1 10.72.1.1 fd72:1::1 ------ 10.72.1.2 fd72:1::2 b1  far: 10.72.9.9, fd72:9::9
    (flv-a)           a2 10.72.2.1 fd72:2::1 ------ 10.72.2.2 fd72:2::2 b2  (flv-b)

The default route leads over link 2: so goes what leaves by the VRF while that has no route.
"""
import atexit, os, re, subprocess, sys

import prober, spaces
from spaces import check, inside, run

NEAR, FAR = f"flv-a{os.getpid()}", f"flv-b{os.getpid()}"
FAIRLEAD, PROBE_HOST = (os.path.abspath(a) for a in sys.argv[1:3])
VRF, PLAIN = ("in-vrf ipv4", "in-vrf ipv6"), ("as-routed ipv4", "as-routed ipv6")
SKIP = 77

CONFIG = """
site: lab
bgp: {as: 64500, router_id: 10.72.1.1}
routers:
  - {name: edge, address: 10.72.1.2, local_address: 10.72.1.1, families: [ipv4, ipv6]}
upstreams:
  - {name: in-vrf, router: edge, next_hop: [10.72.1.2, "fd72:1::2"], probe: {device: red}}
targets:
  - {name: far, address: [10.72.9.9, "fd72:9::9"], protocol: stamp, ours: true, flows: 2, rate_pps: 20}
  - {name: echo, address: [10.72.9.9, "fd72:9::9"], protocol: icmp, ours: true, flows: 1, rate_pps: 10}
  - {name: refuses, address: [10.72.9.9, "fd72:9::9"], protocol: tcp, port: 9, ours: true, flows: 1, rate_pps: 10}
probe:
  timeout_min_ms: 500     # a busy machine is not a lossy path
  timeout_max_ms: 1000
  as_routed: {source: [10.72.2.1, "fd72:2::1"]}
steer: {prefixes: [], marker: '64500:666:1'}
"""


def build():
    prober.join(NEAR, FAR)
    if subprocess.run(["ip", "-n", NEAR, "link", "add", "red", "type", "vrf", "table", "10"]).returncode:
        return False
    inside(NEAR, "ip link set red up")
    inside(NEAR, "ip link set a1 master red")
    prober.address(NEAR, FAR, 72)
    route()
    return True


def route():
    """Links that were down have lost theirs."""
    for v, far, way in (4, "10.72.9.9", "10.72.%d.2"), (6, "fd72:9::9", "fd72:%d::2"):
        inside(NEAR, f"ip -{v} route replace {far} via {way % 1} dev a1 table 10")
        inside(NEAR, f"ip -{v} route replace default via {way % 2} dev a2")


def sees(one, when, paths, seconds=1.5):
    sums, _ = one.watch(seconds)
    for path in VRF + PLAIN:
        got = sums[path]
        said = f"{path}, {when}: {got['ok']} ok, {got['voided']} void, {got['lost']} lost"
        if path in paths:
            check(got["ok"] > 15 * seconds and got["voided"] == got["lost"] == 0, said)
            check(all(got[f"{kind}/ok"] > 4 * seconds for kind in ("far", "echo", "refuses")), f"{path}: all kinds")
        else:
            check(got["ok"] == got["lost"] == 0 and got["voided"] > 10 * seconds, said)


def loses_its_way(one, when, cut, heal):
    """What is out by then is void too."""
    one.events()
    inside(*cut)
    sums, _ = one.sums(6)  # all ways are asked for within 5 s
    check(all(sums[path]["lost"] == 0 for path in VRF + PLAIN), f"{when}: nothing lost")
    sees(one, when, PLAIN)
    inside(*heal)
    route()
    one.watch(7)
    sees(one, "again", VRF + PLAIN)


def starts_with_link_down():
    inside(NEAR, "ip link set a1 down")
    one = prober.Prober(NEAR, PROBE_HOST, CONFIG)
    one.watch(0.7)
    sees(one, "a1 down at the start", PLAIN)
    inside(NEAR, "ip link set a1 up")
    route()
    one.watch(7)
    sees(one, "a1 up", VRF + PLAIN)
    return one.stop()


def main():
    if os.geteuid() != 0:
        return print("needs root") or SKIP
    if not build():
        return print("this kernel has no VRFs") or SKIP
    reflector = subprocess.Popen(["ip", "netns", "exec", FAR, FAIRLEAD, "reflect"], stdout=subprocess.PIPE, text=True)
    atexit.register(reflector.kill)
    check("862" in reflector.stdout.readline(), "the reflector is up")
    for way in "-I red 10.72.1.2", "-I red fd72:1::2", "10.72.2.2", "fd72:2::2":  # neighbours know each other
        inside(NEAR, f"ping -c 1 -W 5 {way}")
    one = prober.Prober(NEAR, PROBE_HOST, CONFIG)
    one.watch(0.7)
    sees(one, "at first", VRF + PLAIN)
    loses_its_way(one, "no carrier", (FAR, "ip link set b1 down"), (FAR, "ip link set b1 up"))
    loses_its_way(one, "member taken down", (NEAR, "ip link set a1 down"), (NEAR, "ip link set a1 up"))
    for v, far in (4, "10.72.9.9"), (6, "fd72:9::9"):
        inside(NEAR, f"ip -{v} route del {far} table 10")
    one.watch(6)
    sees(one, "no route in the VRF", PLAIN)
    route()
    one.watch(6)
    sees(one, "a route again", VRF + PLAIN)
    said = one.stop()
    ways = set(re.findall(r"event=path_map path='(in-vrf ipv[46])'", said))
    check(ways == set(VRF), f"its ways are traced: {sorted(ways)}")
    starts_with_link_down()
    return spaces.failures > 0


sys.exit(main())
