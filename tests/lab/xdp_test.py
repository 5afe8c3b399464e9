#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Probes by AF_XDP over a real wire, in both families: xdp_test.py FAIRLEAD PROBE_HOST; needs root.

    prober 10.73.1.1 fd73:1::1  ----  reflector 10.73.1.2 fd73:1::2
    (flx-a) a0                    b0  (flx-f)

A second upstream is a tunnel without Ethernet, which no frame can be sent to.
"""
import atexit, collections, json, os, re, signal, subprocess, sys, tempfile, time

import spaces
from prober import Told
from spaces import check, inside, run, start

A, F = (f"flx-{name}{os.getpid()}" for name in "af")
FAIRLEAD, PROBE_HOST = (os.path.abspath(a) for a in sys.argv[1:3])
PATHS = ["wire ipv4", "wire ipv6"]
LIMIT_S = 40

CONFIG = """
site: lab
bgp: {as: 64500, router_id: 10.73.1.1}
routers:
  - {name: edge, address: 10.73.1.2, local_address: 10.73.1.1, families: [ipv4, ipv6]}
upstreams:
  - {name: wire, router: edge, next_hop: [10.73.1.2, "fd73:1::2"], probe: {device: a0, xdp: true}}
  - {name: tunnel, router: edge, next_hop: [10.73.2.2, "fd73:2::2"], probe: {device: t0, xdp: true}}
targets:
  - {name: far, address: [10.73.1.2, "fd73:1::2"], protocol: stamp, flows: 4, rate_pps: 100, ours: true,
     sizes_bytes: [1400], dscp: [46], variant_rate_pps: 10}
probe: {path_rate_max_pps: 400, timeout_min_ms: 300, timeout_max_ms: 1000, trace_rate_pps: 0, as_routed: {mark: 7}}
steer: {prefixes: [], marker: '64500:666:1'}
"""


def until(condition, what):
    end = time.monotonic() + LIMIT_S
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    check(met, what)


def build():
    for space in A, F:
        run("ip", "netns", "add", space)
        atexit.register(subprocess.run, ["ip", "netns", "del", space])
        inside(space, "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0")
        inside(space, "ip link set lo up")
    run("ip", "link", "add", "a0", "netns", A, "type", "veth", "peer", "b0", "netns", F)
    for space, end, host in (A, "a0", 1), (F, "b0", 2):
        inside(space, f"ip addr add 10.73.1.{host}/24 dev {end}")
        inside(space, f"ip addr add fd73:1::{host}/64 dev {end} nodad")
        inside(space, f"ip link set {end} up")
    inside(A, "ip addr add 10.73.1.9/24 dev a0")
    inside(A, "ip addr add fd73:1::9/64 dev a0 nodad")
    inside(A, "ip tuntap add t0 mode tun")
    inside(A, "ip link set t0 up")


class Prober:
    """The role and whatever it tells."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.file.write(CONFIG)
        self.file.flush()
        self.log = tempfile.TemporaryFile("w+")
        self.process = start(A, PROBE_HOST, self.file.name, stderr=self.log)
        line = self.process.stdout.readline()
        if not line:
            sys.exit("refused: " + self.said())
        self.pid = json.loads(line)["prober"]
        atexit.register(lambda: os.path.exists(f"/proc/{self.pid}") and os.kill(self.pid, signal.SIGKILL))
        self.sums, self.events = collections.Counter(), Told(self.process.stdout).events

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def count(self):
        """Sums of ok, lost and void of each path since they were cleared last."""
        for event in self.events():
            if event["event"] == "tally":
                for key in "ok", "lost", "voided":
                    self.sums[f"{event['path']} {key}"] += event[key]
        return self.sums


def datagrams(space):
    """What UDP sockets of the space got: (IPv4, IPv6)."""
    v4 = re.findall(r"^Udp: (\d+)", inside(space, "cat /proc/net/snmp"), re.M)
    v6 = re.findall(r"^Udp6InDatagrams\s+(\d+)", inside(space, "cat /proc/net/snmp6"), re.M)
    return int(v4[0]), int(v6[0])


COUNT = """
table inet count {
chain c { type filter hook %s priority -1;
meta nfproto ipv4 udp dport 862 counter
meta nfproto ipv6 udp dport 862 counter
meta nfproto ipv4 udp dport 862 udp sport >= 64200 counter
meta nfproto ipv6 udp dport 862 udp sport >= 64200 counter
}
}
"""


def past_kernel():
    """Probes that came to F and that A's kernel never saw: (IPv4, IPv6), then of them those that rove."""
    sent, came = (
        map(int, re.findall(r"counter packets (\d+)", inside(space, "nft list table inet count")))
        for space in (A, F))
    return [there - here for here, there in zip(sent, came)]


def has_program():
    return "prog/xdp" in inside(A, "ip -d link show dev a0")


LISTEN = """
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 0)); s.settimeout(%d)
print(s.getsockname()[1], flush=True)
print(s.recv(99).decode(), flush=True)
""" % LIMIT_S
SEND = """
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"theirs", (sys.argv[1], int(sys.argv[2])))
"""


def others():
    """Sockets of another, at a port outside our range: they get theirs while the program stands."""
    for address in "10.73.1.1", "fd73:1::1", "10.73.1.9", "fd73:1::9":
        listener = start(A, sys.executable, "-c", LISTEN, address)
        port = listener.stdout.readline().strip()
        run("ip", "netns", "exec", F, sys.executable, "-c", SEND, address, port)
        check(listener.stdout.readline() == "theirs\n", f"{address}: a socket of another gets its datagram")


def main():
    build()
    reflector = start(F, FAIRLEAD, "reflect")
    check("reflecting" in reflector.stdout.readline(), "a reflector")
    for address in "10.73.1.2", "fd73:1::2":
        ping = ["ip", "netns", "exec", A, "ping", "-c1", "-W1", address]
        until(lambda: subprocess.run(ping, capture_output=True).returncode == 0, f"{address} is there")
    inside(A, "nft -f -", input=COUNT % "output")
    inside(F, "nft -f -", input=COUNT % "input")
    prober = Prober()
    said = prober.said()
    check("event=probe_by_xdp device=a0 mode=native" in said, "the wire by AF_XDP")
    check("event=probe_by_sockets device=t0 reason='not an Ethernet interface" in said, "the tunnel by sockets, and why")
    check(has_program(), "a program stands")
    until(lambda: all(prober.count()[f"{path} ok"] > 100 for path in PATHS), "both families are answered")
    before, before_sent = datagrams(A), past_kernel()
    prober.sums.clear()
    until(lambda: all(prober.count()[f"{path} ok"] > 200 for path in PATHS), "and stay so")
    got = [after - first for after, first in zip(datagrams(A), before)]
    sent = [after - first for after, first in zip(past_kernel(), before_sent)]
    for path, came, left in zip(PATHS, got, sent):
        ok = prober.sums[f"{path} ok"]
        check(left > ok / 2, f"{path}: sent past the kernel, but for variants: {left} for {ok}")
        check(came < ok / 4, f"{path}: past the sockets of the kernel, but for variants: {came} of {ok}")
        check(prober.sums[f"{path} lost"] == 0, f"{path}: none lost")
    until(lambda: min(past_kernel()[2:]) > 5, "what roves goes past the kernel too")
    others()
    inside(F, "nft -f -", input="table ip grey {\nchain c {\ntype filter hook input priority 0; udp dport 862 drop\n}\n}")
    prober.count()
    prober.sums.clear()
    until(lambda: prober.count()["wire ipv4 lost"] > 20, "what is dropped is lost")
    check(prober.sums["wire ipv6 lost"] == 0, "in its family alone")
    os.kill(prober.pid, signal.SIGKILL)
    until(lambda: not has_program(), "the program went with the process that was killed")
    sys.exit(spaces.failures > 0)


main()
