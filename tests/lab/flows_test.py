#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Which way flows take, and those that nobody answers: flows_test.py FAIRLEAD PROBE_HOST [long];
needs root; about 40 s, long 70 s.

                                        .- mid 1 -.
    prober 10.72.0.1 --- edge, spreads  +- ...    -+  far: reflector at 10.72.99.9, fd72:99::9
    (flf-a) fd72::1      by 5-tuples    '- mid 8 -'

The edge router spreads flows over 8 next hops, then over 4. Later it drops a share of all 5-tuples,
chosen by a hash, each of them wholly.
"""
import atexit, os, re, signal, subprocess, sys, tempfile, time

import spaces
from spaces import check, inside, run

PID = os.getpid()
NEAR, EDGE, FAR = (f"flf-{name}{PID}" for name in ("a", "e", "z"))
WAYS = 8
MIDS = [f"flf-m{i}-{PID}" for i in range(1, WAYS + 1)]
FAIRLEAD, PROBE_HOST = (os.path.abspath(a) for a in sys.argv[1:3])
LONG = "long" in sys.argv[3:]
FAMILIES = 4, 6
FAR_ADDRESS = {4: "10.72.99.9", 6: "fd72:99::9"}

CONFIG = """
site: lab
bgp: {as: 64500, router_id: 10.72.0.1}
routers:
  - {name: edge, address: 10.72.0.2, local_address: 10.72.0.1, families: [ipv4, ipv6]}
upstreams:
  - name: via
    router: edge
    next_hop: [10.72.0.2, "fd72::2"]
    probe: {source: [10.72.0.1, "fd72::1"]}
targets:
  - {name: far, address: [10.72.99.9, "fd72:99::9"], protocol: %(protocol)s, port: 862, flows: %(flows)d, rate_pps: 40, ours: true}
  - {name: echo, address: [10.72.99.8, "fd72:99::8"], protocol: icmp, flows: %(echoes)d, rate_pps: 5, ours: true}
probe:
  path_rate_max_pps: 400
  timeout_min_ms: 150     # a busy machine is not a lossy path
  timeout_max_ms: 1000
  roving_rate_pps: %(roving)d
  trace_rate_pps: %(trace)d
  trace_interval_s: 3600
steer: {prefixes: [], marker: '64500:666:1'}
"""


def add_space(space):
    run("ip", "netns", "add", space)
    atexit.register(subprocess.run, ["ip", "netns", "del", space])
    inside(space, "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0"
                  " net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0"
                  " net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
                  " net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0"
                  " net.ipv4.fib_multipath_hash_policy=1 net.ipv6.fib_multipath_hash_policy=1")
    inside(space, "ip link set lo up")


def link(one, name, other, peer, number):
    """10.72.NUMBER.1 and fd72:NUMBER::1 at the one end, .2 and ::2 at the other."""
    run("ip", "link", "add", "name", name, "netns", one, "type", "veth", "peer", "name", peer, "netns", other)
    v6 = f"fd72:{number}::" if number else "fd72::"
    for space, end, host in (one, name, 1), (other, peer, 2):
        inside(space, f"ip addr add 10.72.{number}.{host}/24 dev {end}")
        inside(space, f"ip addr add {v6}{host}/64 dev {end} nodad")
        inside(space, f"ip link set {end} up")


def spread(ways):
    """The edge sends to the far end over so many next hops."""
    for v in FAMILIES:
        first, group = v * 100, v * 1000
        for i in range(1, ways + 1):
            via = f"10.72.{i}.2" if v == 4 else f"fd72:{i}::2"
            inside(EDGE, f"ip nexthop replace id {first + i} via {via} dev mid{i}")
        members = "/".join(str(first + i) for i in range(1, ways + 1))
        inside(EDGE, f"ip nexthop replace id {group} group {members}")
        net = "10.72.99.0/24" if v == 4 else "fd72:99::/64"
        inside(EDGE, f"ip -{v} route replace {net} nhid {group}")


def build():
    for space in [NEAR, EDGE, FAR] + MIDS:
        add_space(space)
    link(NEAR, "edge", EDGE, "near", 0)
    for i, mid in enumerate(MIDS, 1):
        link(EDGE, f"mid{i}", mid, "edge", i)
        link(mid, "far", FAR, f"mid{i}", 100 + i)
        for v, net, back, near in (4, "10.72.99.0/24", f"10.72.{i}.1", "10.72.0.0/24"), (6, "fd72:99::/64", f"fd72:{i}::1", "fd72::/64"):
            there = f"10.72.{100 + i}.2" if v == 4 else f"fd72:{100 + i}::2"
            inside(mid, f"ip -{v} route add {net} via {there}")
            inside(mid, f"ip -{v} route add {near} via {back}")
    for host in 8, 9:
        inside(FAR, f"ip addr add 10.72.99.{host}/32 dev lo")
        inside(FAR, f"ip addr add fd72:99::{host}/128 dev lo nodad")
    inside(NEAR, "ip route add default via 10.72.0.2")
    inside(NEAR, "ip -6 route add default via fd72::2")
    inside(FAR, "ip route add 10.72.0.0/24 via 10.72.101.1")
    inside(FAR, "ip -6 route add fd72::/64 via fd72:101::1")
    spread(WAYS)


class Prober:
    """The role, and the lines that it logs."""

    def __init__(self, flows, roving, trace, protocol="stamp", echoes=1):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.file.write(CONFIG % {"flows": flows, "protocol": protocol, "echoes": echoes, "roving": roving, "trace": trace})
        self.file.flush()
        self.process = subprocess.Popen(["ip", "netns", "exec", NEAR, PROBE_HOST, self.file.name],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        os.set_blocking(self.process.stderr.fileno(), False)
        self.rest, self.lines = "", []

    def read(self):
        try:
            while chunk := os.read(self.process.stderr.fileno(), 1 << 16):
                self.rest += chunk.decode()
        except BlockingIOError:
            pass
        *lines, self.rest = self.rest.split("\n")
        self.lines += lines
        return self.lines

    def of(self, event, **wanted):
        """The facts of all lines of that event, so far, with these facts among them."""
        found = []
        for line in self.read():
            facts = {key: value.strip("'") for key, value in re.findall(r"(\w+)=('[^']*'|\S+)", line)}
            if facts.get("event") == event and wanted.items() <= facts.items():
                found.append(facts)
        return found

    def wait(self, seconds, done):
        until = time.monotonic() + seconds
        while not done() and time.monotonic() < until:
            time.sleep(0.05)
        return time.monotonic() - until + seconds

    def stop(self):
        self.process.kill()
        time.sleep(0.5)
        self.read()


def traces(ways, flows, protocol="stamp"):
    """Every way is found, and every one has a sentinel. TCP is answered by RST."""
    spread(ways)
    prober = Prober(flows, 0, 20, protocol)
    seconds = prober.wait(40, lambda: len(prober.of("path_map", target="far")) == 2)
    for v in FAMILIES:
        path = f"via ipv{v}"
        maps = prober.of("path_map", path=path, target="far")
        check(bool(maps), f"{path}, {ways} ways: traced, after {seconds:.0f} s at most")
        if not maps:
            continue
        found = maps[0]
        check(found["ways"] == str(ways) and found["hops"] == "2" and found["missed"] == "0",
              f"{path}: hops {found['hops']}, ways {found['ways']}, by {found['flows']} flows, missed {found['missed']}")
        forks = prober.of("path_fork", path=path, target="far")
        router = "10.72.0.2" if v == 4 else "fd72::2"
        check([(f["router"], f["ttl"], f["by"], f["complete"]) for f in forks] == [(router, "2", "flow", "yes")],
              f"{path}: it is the edge that spreads: {[f['router'] for f in forks]}")
        sentinels = prober.of("path_sentinel", path=path, target="far")
        hops = {s["next_hop"]: s["bucket"] for s in sentinels}
        check(len(sentinels) == flows and len(hops) == ways and sorted(map(int, hops.values())) == list(range(1, ways + 1)),
              f"{path}: {len(sentinels)} sentinels through {len(hops)} next hops")
        expected = {f"10.72.{i}.2" if v == 4 else f"fd72:{i}::2" for i in range(1, ways + 1)}
        check(set(hops) == expected, f"{path}: the right ones")
        check(goes_as_said(v, sentinels, "tcp" if protocol == "tcp" else "udp"), f"{path}: their packets do go there")
    ends_well(prober)



def goes_as_said(v, sentinels, carrier):
    """Each sentinel's port is met at the router that it was said to pass, and at no other."""
    address = "ip saddr 10.72.0.1" if v == 4 else "ip6 saddr fd72::1"
    seen = {}
    for i, mid in enumerate(MIDS, 1):
        inside(mid, "nft -f -", input=f"""table inet seen {{
            set ports {{ type inet_service; size 4000; flags dynamic; }}
            chain c {{
                type filter hook prerouting priority 0;
                {address} {carrier} dport 862 add @ports {{ {carrier} sport }}
            }}
        }}""")
    time.sleep(len(sentinels) / 40 * 2 + 0.5)
    for i, mid in enumerate(MIDS, 1):
        hop = f"10.72.{i}.2" if v == 4 else f"fd72:{i}::2"
        text = inside(mid, "nft list set inet seen ports")
        elements = re.search(r"elements = \{([^}]*)\}", text)
        for port in re.findall(r"\d+", elements[1]) if elements else ():
            seen.setdefault(port, set()).add(hop)
        inside(mid, "nft delete table inet seen")
    return all(seen.get(s["port"]) == {s["next_hop"]} for s in sentinels)


def labels(policy, hashed):
    """Whether the edge spreads packets of one 5-tuple by their labels; if so, also those that have no ports."""
    spread(WAYS)
    inside(EDGE, f"sysctl -qw net.ipv6.fib_multipath_hash_policy={policy}")
    prober = Prober(10, 0, 20, echoes=6)
    ways = lambda: {m["path"]: int(m["ways"]) for m in prober.of("path_map", target="echo")}
    seconds = prober.wait(40, lambda: prober.of("path_labels", path="via ipv6", target="far") and {"via ipv4", "via ipv6"} <= ways().keys())
    said = [s for s in prober.of("path_labels") if s["path"][:3] == "via"]  # of far, which has ports, at any rate
    expected = "via ipv6", hashed, "fd72::2" if hashed == "yes" else None
    check(said and {(s["path"], s["hashed"], s.get("router")) for s in said} == {expected},
          f"policy {policy}: labels hashed: {[s['hashed'] for s in said]}, after {seconds:.0f} s")
    found = ways()
    check(found.get("via ipv4") == 1 and (found.get("via ipv6", 0) > 1) == (hashed == "yes"),
          f"ICMP takes so many ways: {found}")
    ends_well(prober)
    inside(EDGE, "sysctl -qw net.ipv6.fib_multipath_hash_policy=1")


def drop_tuples(one_in):
    inside(EDGE, "nft -f -", input=f"""table inet grey {{
        chain c {{
            type filter hook prerouting priority -200;
            udp dport 862 ip daddr 10.72.99.9 jhash ip saddr . ip daddr . udp sport mod {one_in} seed 0x5eed == 0 drop
            udp dport 862 ip6 daddr fd72:99::9 jhash ip6 saddr . ip6 daddr . udp sport mod {one_in} seed 0x5eed == 0 drop
        }}
    }}""")


def heal():
    inside(EDGE, "nft delete table inet grey")


def is_answered(v, port):
    """Whether the reflector answers this very 5-tuple, but for the flow label."""
    script = f"""
import socket
s = socket.socket(socket.AF_INET{'6' if v == 6 else ''}, socket.SOCK_DGRAM)
s.bind(("{'10.72.0.1' if v == 4 else 'fd72::1'}", {port}))
s.connect(("{FAR_ADDRESS[v]}", 862))
s.settimeout(0.2)
for i in range(3):
    s.send(bytes(12) + b"\\x80\\x01" + bytes(30))
    try:
        s.recv(100)
        print("yes")
        break
    except OSError:
        pass
"""
    return "yes" in inside(NEAR, "python3 -", input=script)


def finds_dead_tuples(one_in, roving, seconds):
    spread(WAYS)
    prober = Prober(8, roving, 0)
    time.sleep(4)
    check(not prober.of("tuple_dead"), f"healthy: nothing is called dead: {len(prober.of('tuple_dead'))}")
    drop_tuples(one_in)
    began = time.monotonic()
    found = {}
    while time.monotonic() - began < seconds and len(found) < 2:
        for v in FAMILIES:
            if prober.of("tuple_dead", path=f"via ipv{v}"):
                found.setdefault(v, time.monotonic() - began)
        time.sleep(0.05)
    for v in FAMILIES:
        check(v in found, f"1 in {one_in} dead, ipv{v}: found after {found.get(v, 999):.1f} s at {roving} a second")
    dead = prober.of("tuple_dead")
    truths = [is_answered(int(d["path"][-1]), int(d["port"])) for d in dead[:6]]
    check(not any(truths), f"each of them is dead: {len(truths)} asked, {sum(truths)} answered")
    check(all(float(d["nats"]) >= 16 for d in dead), f"with {min(float(d['nats']) for d in dead):.1f} nats" if dead else "none")
    heal()
    count = len(prober.of("tuple_dead"))
    prober.wait(12, lambda: len(prober.of("tuple_alive")) >= min(count, 10))
    alive = {(d["path"], d["port"]) for d in prober.of("tuple_alive")}
    check(len(alive) >= min(count, 10), f"healed: {len(alive)} of {count} are released")
    time.sleep(1)
    after = len(prober.of("tuple_dead"))
    time.sleep(2)
    check(len(prober.of("tuple_dead")) == after, "and nothing new is called dead")
    ends_well(prober)


def stays_calm_in_bursts():
    """All packets lost for 20 to 500 ms, again and again: no 5-tuple is at fault."""
    prober = Prober(4, 20, 0)
    time.sleep(2)
    for i, ms in enumerate([20, 100, 500, 300, 50, 200, 500, 20]):
        inside(EDGE, "nft -f -", input="""table inet burst {
            chain c {
                type filter hook prerouting priority -200;
                udp dport 862 drop
            }
        }""")
        time.sleep(ms / 1000)
        inside(EDGE, "nft delete table inet burst")
        time.sleep(0.4)
    time.sleep(2.5)
    check(not prober.of("tuple_dead"), f"bursts kill no 5-tuple: {len(prober.of('tuple_dead'))}")
    ends_well(prober)


def ends_well(prober):
    prober.stop()
    check(bool(prober.of("probe_end")), "the role ends with its engine")


def main():
    if os.geteuid() != 0:
        return print("needs root") or 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    build()
    for address in "10.72.99.9", "fd72:99::9":  # neighbours know each other
        for i in range(2):
            subprocess.run(["ip", "netns", "exec", NEAR, "ping", "-qc", "20", "-i", "0.01", address], capture_output=True)
    reflector = subprocess.Popen(["ip", "netns", "exec", FAR, FAIRLEAD, "reflect"], stdout=subprocess.PIPE, text=True)
    atexit.register(reflector.kill)
    check("862" in reflector.stdout.readline(), "the reflector is up")
    traces(8, 10)
    traces(8, 10, "tcp")
    labels(0, "yes")
    labels(1, "no")
    if LONG:
        traces(4, 6)
        finds_dead_tuples(20, 20, 15)
    finds_dead_tuples(100, 50, 30)
    stays_calm_in_bursts()
    return spaces.failures > 0


sys.exit(main())
