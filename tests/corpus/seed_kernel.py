#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes the seeds of the fuzzer kernel_message/: what this machine's kernel says of routes, nexthop
objects, rules, neighbours and links that are made and deleted in a namespace. Needs root.

The first octet of a seed is the byte order (0 little, 1 big), the rest is a datagram of netlink.
"""
import ctypes, os, pathlib, socket, struct, subprocess, sys

OUT = pathlib.Path(__file__).parent / "kernel_message"
SPACE = f"flseed{os.getpid()}"
GROUPS = [1, 3, 7, 11, 8, 19, 32]  # LINK, NEIGH, IPV4_ROUTE, IPV6_ROUTE, IPV4_RULE, IPV6_RULE, NEXTHOP
ADD_MEMBERSHIP, SOL_NETLINK, GETLINK, GETROUTE, GETRULE, GETNEIGH, GETNEXTHOP = 1, 270, 18, 26, 34, 30, 106

STEPS = """
link-up: link set v0 up
address: addr add 192.0.2.1/24 dev v0
address6: addr add 2001:db8::1/64 dev v0 nodad
neighbour: neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0
neighbour6: neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 nud permanent dev v0
neighbour-gone: neigh del 192.0.2.2 dev v0
route: route add 198.51.100.0/24 via 192.0.2.2 proto bgp metric 20
route6: route add 2001:db8:1::/48 via 2001:db8::2 proto bgp metric 20
default: route add default via 192.0.2.2
multipath: route add 203.0.113.0/24 nexthop via 192.0.2.2 weight 2 nexthop via 192.0.2.3 dev v0
multipath6: route add 2001:db8:2::/48 nexthop via 2001:db8::2 nexthop via 2001:db8::3 dev v0
via6: route add 198.51.101.0/24 via inet6 2001:db8::2 dev v0 proto bird
blackhole: route replace blackhole 198.51.100.0/24 proto bgp metric 20
unreachable6: route add unreachable 2001:db8:3::/48
prohibit: route add prohibit 198.51.102.0/24 table 99
throw: route add throw 198.51.103.0/24 table 1000
onlink: route add 198.51.104.0/24 via 192.0.9.9 dev v0 onlink mtu 1400 src 192.0.2.1
append: route append 198.51.104.0/24 via 192.0.2.7 dev v0
tos: route add 198.51.105.0/24 tos 0x10 via 192.0.2.2
source6: -6 route add 2001:db8:4::/48 from 2001:db8:5::/48 via 2001:db8::2
nexthop: nexthop add id 1 via 192.0.2.2 dev v0 proto zebra
nexthop2: nexthop add id 2 via 192.0.2.3 dev v0
nexthop6: nexthop add id 3 via 2001:db8::2 dev v0
nexthop-blackhole: nexthop add id 4 blackhole
nexthop-link: nexthop add id 5 dev v0
group: nexthop add id 10 group 1,3/2,9
group-resilient: nexthop add id 11 group 1/2 type resilient buckets 4
route-by-nexthop: route add 198.51.106.0/24 nhid 10 proto bgp
route-by-nexthop6: route add 2001:db8:6::/48 nhid 3 proto bgp
nexthop-changed: nexthop replace id 1 via 192.0.2.9 dev v0
nexthop-gone: nexthop del id 2
rule: rule add pref 100 from 192.0.2.0/24 to 198.51.100.0/24 iif v0 lookup 99
rule-mark: rule add pref 101 fwmark 7/0xff lookup 1000
rule-blackhole: rule add pref 102 not from 192.0.2.0/24 blackhole
rule-port: rule add pref 103 ipproto tcp dport 80 lookup 99
rule-goto: rule add pref 104 goto 32766
rule-spares: -6 rule add pref 105 lookup main suppress_prefixlength 0
rule-gone: rule del pref 100
route-gone: route del 203.0.113.0/24
route6-gone: route del 2001:db8:1::/48
link-no-carrier: link set v1 down
link-gone: link del v0
"""
DUMPS = {
    "links": (GETLINK, 0, 16), "neighbours": (GETNEIGH, 0, 12), "nexthops": (GETNEXTHOP, 0, 8),
    "routes": (GETROUTE, 2, 12), "routes6": (GETROUTE, 10, 12), "rules": (GETRULE, 2, 12),
    "rules6": (GETRULE, 10, 12),
}


def ip(*words):
    subprocess.run(["ip", "-n", SPACE, *words], check=True, capture_output=True)


def listen():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    s.bind((0, 0))
    return s


def drain(s):
    s.settimeout(0.05)
    datagrams = b""
    try:
        while True:
            datagrams += s.recv(65536)
    except TimeoutError:
        return datagrams


def keep(name, datagram):
    if datagram:
        (OUT / name).write_bytes(bytes([sys.byteorder == "big"]) + datagram)


def dump(name, kind, family, size):
    s = listen()
    body = bytes([family]) + bytes(size - 1)
    s.send(struct.pack("=IHHII", 16 + len(body), kind, 0x301, 1, 0) + body)
    keep("dump-" + name, drain(s))


def capture():
    ip("link", "set", "lo", "up")
    ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
    ip("link", "set", "v1", "up")
    assert ctypes.CDLL(None).setns(os.open(f"/run/netns/{SPACE}", os.O_RDONLY), 0) == 0
    s = listen()
    for group in GROUPS:
        s.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)
    for line in STEPS.strip().splitlines():
        name, command = line.split(": ", 1)
        try:
            subprocess.run(["ip", *command.split()], check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            print(f"{name}: {error.stderr.decode().strip()}")
        keep(name, drain(s))
        if name == "rule-spares":
            for what, how in DUMPS.items():
                dump(what, *how)


def main():
    OUT.mkdir(exist_ok=True)
    subprocess.run(["ip", "netns", "add", SPACE], check=True)
    try:
        capture()
    finally:
        subprocess.run(["ip", "netns", "del", SPACE], check=True)


main()
