#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The prober on real links: probe_test.py FAIRLEAD PROBE_HOST; needs root; about 50 s.

    prober  a1 10.71.1.1 fd71:1::1 ------ 10.71.1.2 fd71:1::2 b1  far: reflector at
    (flp-a) a2 10.71.2.1 fd71:2::1 ------ 10.71.2.2 fd71:2::2 b2  10.71.9.9, fd71:9::9 (flp-b)

Plain routes lead over link 1. Link 2 is chosen by its source address, by one on lo (10.71.5.5, fd71:5::5), by
firewall mark or by device, one upstream each, in both families. Who sent what is counted at the far end by source
port.
"""
import atexit, collections, os, re, signal, subprocess, sys, time

import prober, spaces
from spaces import check, inside, run

NEAR, FAR = f"flp-a{os.getpid()}", f"flp-b{os.getpid()}"
PORT_FIRST, PORTS_EACH, FLOWS = 61000, 64, 2
PATHS = [f"{name} ipv{v}" for name in ("by-source", "by-mark", "by-device", "by-lo", "as-routed") for v in (4, 6)]
FAIRLEAD, PROBE_HOST = (os.path.abspath(a) for a in sys.argv[1:3])

CONFIG = """
site: lab
bgp: {as: 64500, router_id: 10.71.1.1}
routers:
  - {name: edge, address: 10.71.1.2, local_address: 10.71.1.1, families: [ipv4, ipv6]}
upstreams:
  - name: by-source
    router: edge
    next_hop: [10.71.2.2, "fd71:2::2"]
    probe: {source: [%(source)s, "fd71:2::1"]}
  - name: by-mark
    router: edge
    next_hop: [10.71.2.3, "fd71:2::3"]
    probe: {mark: 102}
  - name: by-device
    router: edge
    next_hop: [10.71.2.4, "fd71:2::4"]
    probe: {device: %(device)s}
  - name: by-lo
    router: edge
    next_hop: [10.71.2.5, "fd71:2::5"]
    probe: {source: [10.71.5.5, "fd71:5::5"]}
targets:
  - {name: far, address: [10.71.9.9, "fd71:9::9"], protocol: stamp, ours: true, flows: 2, rate_pps: 40}
  - {name: echo, address: [10.71.9.9, "fd71:9::9"], protocol: icmp, ours: true, flows: 1, rate_pps: 10}
probe:
  path_rate_max_pps: 60
  timeout_min_ms: 500     # a busy machine is not a lossy path
  timeout_max_ms: 1000
  as_routed: {source: [10.71.1.1, "fd71:1::1"]}
steer: {prefixes: [], marker: '64500:666:1'}
"""


def build():
    prober.join(NEAR, FAR)
    prober.address(NEAR, FAR, 71)
    inside(NEAR, "ip addr add 10.71.5.5/32 dev lo")
    inside(NEAR, "ip addr add fd71:5::5/128 dev lo nodad")
    route()
    for v, source, lo in (4, "10.71.2.1", "10.71.5.5"), (6, "fd71:2::1", "fd71:5::5"):
        for which in "iif lo fwmark 102", f"from {source}", f"from {lo}":
            inside(NEAR, f"ip -{v} rule add {which} table 102")


def route():
    """Links that were down have lost theirs."""
    for v, far, way, lo in (4, "10.71.9.9", "10.71.%d.%d", "10.71.5.5"), (6, "fd71:9::9", "fd71:%d::%d", "fd71:5::5"):
        for n in 1, 2:
            inside(NEAR, f"ip -{v} route replace {far} via {way % (n, 2)} dev a{n} metric {n}0")
        inside(NEAR, f"ip -{v} route replace {far} via {way % (2, 2)} dev a2 table 102")
        inside(FAR, f"ip -{v} route replace {lo} via {way % (2, 1)} dev b2")


def nft(space, text):
    inside(space, "nft -f -", input=text)


def counter_of(path, link):
    return f"{path}_{link}".replace(" ", "_").replace("-", "_")


def count_probes():
    """At the far end: how many of each path came over which link, with which hop limit and flow label."""
    rules = ["counter not_255 {}"]
    for i, path in enumerate(PATHS):
        ports = f"{PORT_FIRST + i * PORTS_EACH}-{PORT_FIRST + (i + 1) * PORTS_EACH - 1}"
        icmp = "icmp" if path.endswith("4") else "icmpv6"
        for link in "b1", "b2":
            name = counter_of(path, link)
            rules += [f"""
                counter {name} {{}}
                chain c_{name} {{
                    type filter hook prerouting priority -300;
                    iifname {link} udp dport 862 udp sport {ports} counter name {name}
                    iifname {link} {icmp} type echo-request {icmp} id {ports} counter name {name}
                }}"""]
    nft(FAR, "table inet count {\n" + "\n".join(rules) + """
        set labels { typeof ip6 flowlabel . udp sport; size 1000; flags dynamic; }
        chain whole {
            type filter hook prerouting priority -300;
            udp dport 862 ip ttl != 255 counter name not_255
            udp dport 862 ip6 hoplimit != 255 counter name not_255
            udp dport 862 add @labels { ip6 flowlabel . udp sport }
        }
    }""")


def counted(name):
    return int(re.search(r"packets (\d+)", inside(FAR, f"nft list counter inet count {name}"))[1])


def flow_labels():
    """Of each port that is not roved over, as (label, port) in text."""
    found = re.findall(r"(0x[0-9a-f]+|\d+) \. (\d+)", inside(FAR, "nft list set inet count labels"))
    return {(label, port) for label, port in found if int(port) < PORT_FIRST + 34 * PORTS_EACH}


def drop(space, rule):
    nft(space, f"""table inet grey {{
        chain c {{
            type filter hook prerouting priority -200;
            {rule}
        }}
    }}""")


def heal(space):
    inside(space, "nft delete table inet grey")


class Prober(prober.Prober):
    def __init__(self, *arguments, wrapper=(), **config):
        config = CONFIG % ({"source": "10.71.2.1", "device": "a2"} | config)
        super().__init__(NEAR, PROBE_HOST, config, *arguments, wrapper=wrapper)


def share(sums, key):
    return sums[key] / max(1, sums["ok"] + sums["lost"])


def takes_the_right_way(prober):
    sums, signals = prober.watch(2)
    for path in PATHS:
        right, wrong = ("b1", "b2") if path.startswith("as-routed") else ("b2", "b1")
        there, astray = counted(counter_of(path, right)), counted(counter_of(path, wrong))
        check(there > 100 and astray == 0, f"{path} leaves over link {right[1]}: {there}, astray {astray}")
        got = sums.get(path, collections.Counter())
        check(got["ok"] > 85 and got["lost"] == 0, f"{path} is answered: {got['ok']} ok, {got['lost']} lost")
        check(got["echo/ok"] > 14 and got["far/ok"] > 65, f"{path}: both protocols")
    rate = sum(s["ok"] for s in sums.values()) / 2 / len(PATHS)
    check(45 < rate < 53, f"at its rate: {rate:.1f}/s of 50")
    check(not signals, f"no signal on healthy paths: {signals}")
    check(counted("not_255") == 0, "every probe arrives with 255 hops left over a direct link")
    labels = flow_labels()
    check(len(labels) == len(PATHS) // 2 * FLOWS, f"one flow label for each port: {sorted(labels)}")
    check(len({label for label, port in labels}) == len(labels) and
          not any(int(label, 0) == 0 for label, port in labels), "each its own")


def tells_there_from_back():
    for direction, space, rule in (
        ("forward", FAR, "udp dport 862 numgen random mod 100 < 30 drop"),
        ("reverse", NEAR, "udp sport 862 numgen random mod 100 < 30 drop"),
    ):
        other = "reverse" if direction == "forward" else "forward"
        prober = Prober()  # a new one: it has not set the target aside yet
        prober.watch(0.7)
        drop(space, rule)
        _, early = prober.watch(0.8)  # answers are known at once, losses after their time-out
        sums, signals = prober.watch(3.5)
        heal(space)
        total = sum(sums.values(), collections.Counter())
        probes = total["far/ok"] + total["far/lost"]
        right, wrong = (total[f"far/lost_{d}"] / probes for d in (direction, other))
        check(0.25 < total["far/lost"] / probes < 0.35, f"30 % lost {direction}: {total['far/lost'] / probes:.3f} of {probes}")
        check(0.25 < right < 0.35 and wrong < 0.01, f"told as {direction}: {right:.3f}, {other}: {wrong:.3f}")
        check(total["echo/lost"] < 0.02 * total["echo/ok"], f"the other target is whole: {total['echo/lost']}")
        rates = {path: (s["ok"] + s["lost"]) / 3.5 for path, s in sums.items()}
        check(max(rates.values()) <= 61, f"never over the cap: {max(rates.values()):.1f}/s")
        suspected = {path for kind, path in early + signals if kind == "suspect"}
        check(suspected == set(PATHS), f"every path is suspected: {len(suspected)} of {len(PATHS)}")
        prober.stop()


def stall_is_void(prober):
    """What was out when the prober stopped gets no answer, and is still not lost."""
    for seconds in 0.1, 1.2:
        prober.events()
        drop(FAR, "udp dport 862 drop")
        time.sleep(0.1)
        os.kill(prober.pid, signal.SIGSTOP)
        heal(FAR)
        time.sleep(seconds)
        os.kill(prober.pid, signal.SIGCONT)
        sums, signals = prober.sums(0.8)
        total = sum(sums.values(), collections.Counter())
        check(total["lost"] == 0 and total["ok"] > 100, f"stopped for {seconds} s: nothing lost: {total['lost']}")
        check(total["voided"] > 15, f"what was out is void: {total['voided']}")
        check(not {"suspect", "confirmed"} & {kind for kind, path in signals}, f"and no path suspected: {len(signals)}")


def link_down_is_void(prober):
    """However it is chosen: by a carrier that is gone, when routes stay and packets are taken; and taken down at our
    end, when routes go and packets fall through to those over the other link."""
    for space, end in (FAR, "b2"), (NEAR, "a2"):
        prober.events()
        inside(space, f"ip link set {end} down")
        sums, _ = prober.sums(2)
        inside(space, f"ip link set {end} up")
        route()
        for path in PATHS:
            got = sums[path]
            said = f"{path}, {end} down: {got['ok']} ok, {got['voided']} void, {got['lost']} lost"
            if path.startswith("as-routed"):
                check(got["ok"] > 70 and got["voided"] == got["lost"] == 0, said)
            else:
                check(got["lost"] == 0 and got["voided"] > 60 and got["ok"] < 10, said)
        prober.watch(1.2)  # what came to the far end before it had its routes again is lost
        sums, _ = prober.watch(1.5)
        for path in PATHS:
            check(sums[path]["ok"] > 30 and sums[path]["lost"] == 0, f"{path}, {end} up: {sums[path]['ok']} ok, {sums[path]['lost']} lost")


def starts_with_link_down():
    """A link that is down already takes no routes: the kernel would send its packets over the other one, and did so
    since before anybody knew which is theirs."""
    inside(NEAR, "ip link set a2 down")
    prober = Prober()
    sums, _ = prober.sums(2.5)
    for path in PATHS:
        got = sums[path]
        said = f"{path}, a2 down at the start: {got['ok']} ok, {got['voided']} void, {got['lost']} lost"
        if path.startswith("as-routed"):
            check(got["ok"] > 90 and got["voided"] == got["lost"] == 0, said)
        else:
            check(got["ok"] == got["lost"] == 0 and got["voided"] > 60, said)
    inside(NEAR, "ip link set a2 up")
    route()
    prober.watch(1.5)
    sums, _ = prober.watch(1.5)
    for path in PATHS:
        check(sums[path]["ok"] > 30 and sums[path]["lost"] == 0, f"{path}, a2 up: {sums[path]['ok']} ok, {sums[path]['lost']} lost")
    prober.stop()


def falls_out_of_its_table():
    """The table that rules mean packets for loses its route while the link is up: those of the main table take them,
    over the other link, which says nothing of this one."""
    prober = Prober()
    prober.watch(0.7)
    for v, far in (4, "10.71.9.9"), (6, "fd71:9::9"):
        inside(NEAR, f"ip -{v} route del {far} table 102")
    prober.watch(5.5)  # all ways are asked for within 5 s
    sums, _ = prober.watch(1.5)
    for path in PATHS:
        got = sums[path]
        said = f"{path}, no route in table 102: {got['ok']} ok, {got['voided']} void, {got['lost']} lost"
        if path.startswith(("as-routed", "by-device")):
            check(got["ok"] > 50 and got["voided"] == got["lost"] == 0, said)
        else:
            check(got["ok"] == got["lost"] == 0 and got["voided"] > 30, said)
    for v, source, lo in (4, "10.71.2.1", "10.71.5.5"), (6, "fd71:2::1", "fd71:5::5"):  # rules for another table
        far, way = ("10.71.9.9", "10.71.2.2") if v == 4 else ("fd71:9::9", "fd71:2::2")
        inside(NEAR, f"ip -{v} route add {far} via {way} dev a2 table 103")
        for which in "iif lo fwmark 102", f"from {source}", f"from {lo}":
            inside(NEAR, f"ip -{v} rule add {which} table 103 pref 100")
    has_ways_again(prober, "by rules made since")
    for v in 4, 6:
        for _ in range(3):
            inside(NEAR, f"ip -{v} rule del pref 100")
    route()
    has_ways_again(prober, "by those of before")
    prober.stop()


def has_ways_again(prober, how):
    prober.watch(6)
    sums, _ = prober.watch(1.5)
    for path in PATHS:
        got = sums[path]
        said = f"{path}, {how}: {got['ok']} ok, {got['voided']} void, {got['lost']} lost"
        check(got["ok"] > 50 and got["voided"] == got["lost"] == 0, said)


def spreads_over_two_links():
    """Plain routes lead over both links, by addresses, with IPv6 by flow label too: one without its carrier takes its
    part of the packets still, and nobody else is to blame."""
    for v, far, way in (4, "10.71.9.9", "10.71.%d.2"), (6, "fd71:9::9", "fd71:%d::2"):
        for n in 1, 2:
            inside(NEAR, f"ip -{v} route del {far} metric {n}0")
        hops = " ".join(f"nexthop via {way % n} dev a{n}" for n in (1, 2))
        inside(NEAR, f"ip -{v} route add {far} {hops}")
    prober = Prober()
    before = counted(counter_of("as-routed ipv6", "b2"))
    prober.watch(2)
    check(counted(counter_of("as-routed ipv6", "b2")) > before, "some flows of IPv6 leave by the other link")
    prober.events()
    inside(FAR, "ip link set b2 down")
    sums, _ = prober.sums(2)
    inside(FAR, "ip link set b2 up")
    for path in "as-routed ipv4", "as-routed ipv6":
        got = sums[path]
        is_void = got["voided"] > 60 and got["ok"] < 15
        check(got["lost"] == 0 and (is_void or path.endswith("4") and got["ok"] > 60 and got["voided"] == 0),
              f"{path}, spread, b2 down: {got['ok']} ok, {got['voided']} void, {got['lost']} lost")
    prober.stop()
    for v, far in (4, "10.71.9.9"), (6, "fd71:9::9"):
        inside(NEAR, f"ip -{v} route del {far}")
    route()


def far_stall_is_loss(reflector):
    """Until it is plain that the target alone fails, on all paths: then it is no evidence."""
    prober = Prober()
    prober.watch(0.7)
    reflector.send_signal(signal.SIGSTOP)
    sums, _ = prober.watch(1.2)
    reflector.send_signal(signal.SIGCONT)
    total = sum(sums.values(), collections.Counter())
    check(total["far/lost"] > 50, f"a stalled far end is loss: {total['far/lost']}")
    check(total["echo/lost"] == 0, f"the other target is whole: {total['echo/lost']}")
    prober.stop()


def throws_garbage(prober):
    """Datagrams of every size to the port of an own probe, some of them like answers."""
    inside(FAR, "python3 -", input="""
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for size in range(300):
    s.sendto(os.urandom(size) if size & 1 else bytes(size), ("10.71.1.1", %d))
""" % (PORT_FIRST + PATHS.index("as-routed ipv4") * PORTS_EACH))
    sums, _ = prober.watch(0.3)
    check(sums["as-routed ipv4"]["ok"] > 5, "garbage does not disturb")


def engine_stall_stops_nothing():
    """A channel of some messages and an engine that does not read: probes go on, nothing is untold."""
    prober = Prober("narrow")
    time.sleep(0.5)
    inside(FAR, "nft reset counters table inet count")
    started = counted(counter_of("as-routed ipv4", "b1"))
    os.kill(prober.process.pid, signal.SIGSTOP)
    time.sleep(2)
    sent = counted(counter_of("as-routed ipv4", "b1")) - started
    os.kill(prober.process.pid, signal.SIGCONT)
    check(sent > 85, f"probing while the engine does not read: {sent}")
    sums, _ = prober.sums(0.5)
    told = sums["as-routed ipv4"]["ok"]
    check(told > sent, f"and told afterwards: {told}")
    end = prober.stop()
    check("untold=0" not in end, f"the channel was full: {end.strip().splitlines()[-1]}")


def refuses_clearly():
    for config, message in (
        ({"source": "10.71.77.7"}, "cannot send probes of by-source ipv4 from 10.71.77.7: Cannot assign "
                                   "requested address: no interface of this host has that address"),
        ({"device": "nowhere0"}, "cannot send probes of by-device ipv4 by device 'nowhere0': No such device: "
                                 "name an interface of this host"),
    ):
        prober = Prober(**config)
        error = prober.process.stderr.read().strip()
        check(prober.process.wait() == 3 and error == "fairlead: " + message, error)
    prober = Prober(wrapper=["setpriv", "--bounding-set=-net_raw,-net_admin"])
    error = prober.process.stderr.read().strip()
    check(prober.process.wait() == 3 and error == "fairlead: cannot open a raw socket: Operation not permitted: "
          "run as root or give CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF", error)


def main():
    if os.geteuid() != 0:
        return print("needs root") or 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    build()
    count_probes()
    reflector = subprocess.Popen(["ip", "netns", "exec", FAR, FAIRLEAD, "reflect"], stdout=subprocess.PIPE, text=True)
    atexit.register(reflector.kill)
    check("862" in reflector.stdout.readline(), "the reflector is up")
    for address in "10.71.1.2", "10.71.2.2", "fd71:1::2", "fd71:2::2":  # neighbours know each other
        inside(NEAR, f"ping -c 1 -W 5 {address}")
    prober = Prober()
    prober.watch(0.7)
    takes_the_right_way(prober)
    check(prober.silence < 0.3, f"heard at least every 250 ms: {prober.silence * 1000:.0f} ms")
    stall_is_void(prober)
    link_down_is_void(prober)
    throws_garbage(prober)
    end = prober.stop()
    strange = int(re.search(r"strange=(\d+)", end)[1])
    check(strange == 300, f"garbage is counted and nothing else: {strange}")
    starts_with_link_down()
    falls_out_of_its_table()
    spreads_over_two_links()
    tells_there_from_back()
    far_stall_is_loss(reflector)
    engine_stall_stops_nothing()
    refuses_clearly()
    reflector.send_signal(signal.SIGINT)
    check(reflector.wait(5) == 0 and "answered" in reflector.stdout.read(), "the reflector says what it did")
    return spaces.failures > 0


sys.exit(main())
