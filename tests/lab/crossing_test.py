#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Which direction loses, told by packets that cross two ways: crossing_test.py PROBE_HOST; needs
root; about 40 s.

    prober  a1 10.72.1.1 fd72:1::1 ------ 10.72.1.2 fd72:1::2 b1  far: answers echo requests to
    (flx-a) a2 10.72.2.1 fd72:2::1 ------ 10.72.2.2 fd72:2::2 b2  10.72.9.9, fd72:9::9 and .10, ::10

Upstream `one` goes out by device a1 and comes back by its source address, `two` by a2. Nobody counts.
"""
import atexit, json, os, subprocess, sys, tempfile, time

NEAR, FAR = f"flx-a{os.getpid()}", f"flx-b{os.getpid()}"
PROBE_HOST = os.path.abspath(sys.argv[1])
CONFIG = """
site: lab
bgp: {as: 64500, router_id: 10.72.1.1}
routers:
  - {name: edge, address: 10.72.1.2, local_address: 10.72.1.1, families: [ipv4, ipv6]}
upstreams:
  - name: one
    router: edge
    next_hop: [10.72.1.2, "fd72:1::2"]
    probe: {device: a1, source: [10.72.1.1, "fd72:1::1"]}
  - name: two
    router: edge
    next_hop: [10.72.2.2, "fd72:2::2"]
    probe: {device: a2, source: [10.72.2.1, "fd72:2::1"]}
targets:
  - {name: far-1, address: [10.72.9.9, "fd72:9::9"], protocol: icmp, ours: true, flows: 4, rate_pps: 40}
  - {name: far-2, address: [10.72.9.10, "fd72:9::10"], protocol: icmp, ours: true, flows: 4, rate_pps: 40}
probe: {path_rate_max_pps: 150, timeout_min_ms: 200, timeout_max_ms: 1000}
steer: {prefixes: [], marker: '64500:666:1'}
"""
LOSS = "numgen random mod 10 < 4 counter drop"
OUTAGES = {  # at the far end: what comes to it, what leaves it
    "forward": f"type filter hook prerouting priority 0;\n iifname b1 icmp type echo-request {LOSS}\n"
               f"iifname b1 icmpv6 type echo-request {LOSS}",
    "reverse": f"type filter hook postrouting priority 0;\n oifname b1 icmp type echo-reply {LOSS}\n"
               f"oifname b1 icmpv6 type echo-reply {LOSS}",
}


def inside(space, text, **options):
    return subprocess.run(["ip", "netns", "exec", space, *text.split()], check=True, capture_output=True,
                          text=True, **options).stdout


def build():
    for space in NEAR, FAR:
        subprocess.run(["ip", "netns", "add", space], check=True)
        atexit.register(subprocess.run, ["ip", "netns", "del", space])
        inside(space, "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0")
        inside(space, "ip link set lo up")
    for n in 1, 2:
        subprocess.run(["ip", "link", "add", f"a{n}", "netns", NEAR, "type", "veth",
                        "peer", f"b{n}", "netns", FAR], check=True)
        for space, end, host in (NEAR, "a", 1), (FAR, "b", 2):
            inside(space, f"ip addr add 10.72.{n}.{host}/24 dev {end}{n}")
            inside(space, f"ip addr add fd72:{n}::{host}/64 dev {end}{n} nodad")
            inside(space, f"ip link set {end}{n} up")
    for host in 9, 10:
        inside(FAR, f"ip addr add 10.72.9.{host}/32 dev lo")
        inside(FAR, f"ip addr add fd72:9::{host}/128 dev lo nodad")
    for n in 1, 2:
        inside(NEAR, f"ip route add 10.72.9.0/24 via 10.72.{n}.2 dev a{n} metric {n}")
        inside(NEAR, f"ip -6 route add fd72:9::/64 via fd72:{n}::2 dev a{n} metric {n}")


def faults(outage):
    """The faults that the prober names of an outage of upstream `one`."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file, tempfile.TemporaryFile("w+") as told:
        file.write(CONFIG)
        file.flush()
        prober = subprocess.Popen(["ip", "netns", "exec", NEAR, PROBE_HOST, file.name], text=True,
                                  stdout=told, stderr=subprocess.DEVNULL)
        try:
            time.sleep(4)
            inside(FAR, "nft -f -", input=f"table inet grey {{\n chain c {{\n {OUTAGES[outage]}\n }}\n}}\n")
            time.sleep(9)
        finally:
            inside(FAR, "nft delete table inet grey")
            prober.terminate()
            prober.wait(10)
        told.seek(0)
        events = [json.loads(line) for line in told.read().splitlines()]
    return [event for event in events if event.get("event") == "fault" and event["state"] == "named"]


def main():
    build()
    failures = 0
    for outage in OUTAGES:
        found = faults(outage)
        last = {fault["number"]: fault for fault in found}.values()
        good = last and all(fault["upstream"] == "one" and fault["direction"] == outage for fault in last)
        failures += not good
        print(f"{'ok' if good else 'FAILED'}: {outage}: " +
              "; ".join(f"{fault['words']} ({fault['direction']})" for fault in found), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
