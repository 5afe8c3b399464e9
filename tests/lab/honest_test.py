#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A prober that cannot see says so of itself, never of the network: honest_test.py FAIRLEAD WALL_STEP [--long]

    fairlead  10.74.0.1 fd74::1 (flh-N-a) ------ 10.74.0.2 fd74::2 (flh-N-b), reflectors at
                                                 10.74.9.1 to .3, fd74:9::1 to ::3

Needs root; about half a minute; with --long also stops of 30 s. Processes are stopped, starved,
flooded, their queue made too short, their packets dropped by their interface, their link taken down,
their wall clock stepped (by WALL_STEP, a library), each in namespaces of its own. Each time, in both
families: no suspicion, no outage, no fault; but a notice about our own probes.
"""
import atexit, concurrent.futures, json, os, pathlib, signal, struct, subprocess, sys, tempfile, time

from spaces import inside, run

FAIRLEAD, WALL_STEP = (os.path.abspath(a) for a in sys.argv[1:3])
LONG = "--long" in sys.argv
HANG_S = 30
SETTLE_S = 1.6  # the longest time-out, and what detectors take after it

CONFIG = """
site: lab
bgp: {as: 64500, router_id: 10.74.0.1}
routers:
  - {name: edge, address: 10.74.0.2, families: [ipv4, ipv6]}
upstreams:
  - {name: transit, router: edge, next_hop: [10.74.0.9, "fd74::9"], probe: {device: near}}
targets:
  - {name: far-1, address: [10.74.9.1, "fd74:9::1"], rate_pps: 20, ours: true}
  - {name: far-2, address: [10.74.9.2, "fd74:9::2"], port: 863, rate_pps: 40, ours: true}
  - {name: far-3, address: [10.74.9.3, "fd74:9::3"], protocol: icmp, rate_pps: 20, ours: true,
     sizes_bytes: [1400], variant_rate_pps: 10}
probe:
  path_rate_max_pps: 400
  timeout_min_ms: 200
  as_routed: {source: [10.74.0.1, "fd74::1"]}
links:
  - {name: first, device: near, neighbour: [10.74.0.2, "fd74::2"], address: [10.74.0.1, "fd74::1"],
     flows: 2, rate_pps: 10}
steer: {marker: '64500:666:1'}
web: ''
control: ''
"""


# A reflector that answers after 60 ms (this kernel may have no netem): some probes are always out.
FAR_AWAY = """
import select, socket, time
sockets = [socket.socket(f, socket.SOCK_DGRAM) for f in (socket.AF_INET, socket.AF_INET6)]
for s, address in zip(sockets, ("10.74.9.2", "fd74:9::2")):
    s.bind((address, 863))
print("ready", flush=True)
waiting = []
while True:
    wait_s = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    for s in select.select(sockets, [], [], wait_s)[0]:
        p, sender = s.recvfrom(2000)
        # sequence, T3, error, SSID, T2, and the sender's sequence, T1, error, TTL: RFC 8762 4.3.1
        answer = p[:16] + p[4:12] + p[:14] + bytes(2) + bytes([255]) + bytes(3)
        waiting.append((time.monotonic() + 0.06, s, answer, sender))
    while waiting and waiting[0][0] <= time.monotonic():
        _, s, answer, sender = waiting.pop(0)
        s.sendto(answer, sender)
"""


def start(space, *command, **options):
    process = subprocess.Popen(["ip", "netns", "exec", space, *command], **options)
    atexit.register(lambda: (process.kill(), process.wait()))
    return process


def wait_for(what, condition):
    until = time.monotonic() + HANG_S
    while not (found := condition()):
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.05)
    return found


class Site:
    """Two namespaces, `fairlead run` in one of them, and what it says."""

    count = 0

    def __init__(self):
        Site.count += 1
        self.near, self.far = (f"flh{os.getpid()}-{Site.count}-{end}" for end in "ab")
        self.here = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-honest-"))
        os.chmod(self.here, 0o755)
        atexit.register(subprocess.run, ["rm", "-rf", str(self.here)])
        for space in self.near, self.far:
            run("ip", "netns", "add", space)
            atexit.register(subprocess.run, ["ip", "netns", "del", space])
            inside(space, "sysctl -qw net.ipv6.conf.default.accept_dad=0"
                          " net.ipv6.conf.default.keep_addr_on_down=1")
            inside(space, "sysctl -qw net.ipv4.conf.default.send_redirects=0"
                          " net.ipv4.conf.all.send_redirects=0"
                          " net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
            inside(space, "ip link set lo up")
        run("ip", "link", "add", "name", "near", "netns", self.near, "type", "veth", "peer", "name",
            "far", "netns", self.far)
        for space, device, n in (self.near, "near", 1), (self.far, "far", 2):
            inside(space, f"ip addr add 10.74.0.{n}/24 dev {device}")
            inside(space, f"ip addr add fd74::{n}/64 dev {device} nodad")
            inside(space, f"ip link set {device} up")
        for n in 1, 2, 3:
            inside(self.far, f"ip addr add 10.74.9.{n}/32 dev lo")
            inside(self.far, f"ip addr add fd74:9::{n}/128 dev lo nodad")
        self.route()
        start(self.far, FAIRLEAD, "reflect", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the reflector", lambda: ":862" in inside(self.far, "ss -Huln"))
        start(self.far, "python3", "-c", FAR_AWAY, stdout=subprocess.PIPE).stdout.readline()
        (self.here / "fairlead.yaml").write_text(CONFIG)
        self.step(0)
        os.chmod(self.here / "step", 0o644)
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        self.process = start(
            self.near, "env", f"LD_PRELOAD={WALL_STEP}", f"WALL_STEP={self.here / 'step'}", f"ASAN_OPTIONS={options}",
            FAIRLEAD, "run", "--json", "-c", str(self.here / "fairlead.yaml"),
            stdout=open(self.here / "out", "w"), stderr=open(self.here / "err", "w"))
        wait_for("the prober", self.prober)
        time.sleep(3)  # neighbours are found, round trips learned

    def route(self):
        inside(self.near, "ip -4 route replace 10.74.9.0/24 via 10.74.0.2 dev near")
        inside(self.near, "ip -6 route replace fd74:9::/64 via fd74::2 dev near")

    def step(self, seconds):
        """Its wall clock is ahead by so much from now on."""
        with open(self.here / "step", "r+b" if (self.here / "step").exists() else "wb", buffering=0) as file:
            file.write(struct.pack("q", round(seconds * 1e9)))

    def says(self):
        text = (self.here / "out").read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def children(self):
        path = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(child) for child in path.read_text().split()]

    def tree(self):
        return [self.process.pid, *self.children()]

    def prober(self):
        for child in self.children():
            if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "fairlead-probe":
                return child
        return None

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(HANG_S) == 0


def voids(says):
    return [s for s in says if s["effect"] == "notice" and s["notice"] == "probes_void"]


def is_about_the_network(say):
    # What answers after 60 ms is a script: on a busy machine it may well take longer.
    if say["effect"] == "fault" and say["symptom"] == "delay" and say["target"] == "far-2":
        return False
    return (say["effect"] in ("fault", "incident", "plan") or
            say["effect"] == "signal" and say["signal"] in ("suspect", "confirmed"))


def is_calm(says):
    states = {s["incident"]: s["state"] for s in says if s["effect"] == "incident"}
    return not [s for s in voids(says)[-1:] if s["raised"]] and set(states.values()) <= {"closed"}


def blames_nobody_but_itself(name, disturb, word):
    site = Site()
    # A busy machine may have made it speak of itself already: that must end first.
    wait_for("calm before " + name, lambda: is_calm(site.says()))
    before, began = len(site.says()), time.monotonic()
    disturb(site)
    time.sleep(SETTLE_S)
    said = site.says()[before:]
    wrong = [s for s in said if is_about_the_network(s)]
    assert not wrong, f"{name}: {wrong}\n" + (site.here / "err").read_text()[-2000:]
    own = [s for s in voids(said) if s["raised"] and word in s["text"]]
    assert own, f"{name}: it says nothing of itself with '{word}': {said}"
    site.end()
    return f"{name}: {time.monotonic() - began:.1f} s: {own[-1]['text']}"


def stopped(pids, seconds):
    def disturb(site):
        stop = pids(site)
        for pid in stop:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in reversed(stop):
            os.kill(pid, signal.SIGCONT)
    return disturb


def host_stopped(site):
    """As a virtual machine that is paused: what comes meanwhile is lost."""
    pids = site.tree()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    inside(site.near, "nft -f -", input="""table inet off {
        chain heard { type filter hook input priority 0; policy drop; }
    }
    """)
    time.sleep(1)
    inside(site.near, "nft delete table inet off")
    for pid in reversed(pids):
        os.kill(pid, signal.SIGCONT)


def starved(site):
    """One processor for the prober, at the lowest weight, and some others at the highest."""
    cpu, prober = max(os.sched_getaffinity(0)), site.prober()
    loops = [subprocess.Popen(["taskset", "-c", str(cpu), "nice", "-n", "-20", "sh", "-c",
                               "while :; do :; done"]) for _ in range(6)]
    try:
        os.sched_setaffinity(prober, {cpu})
        os.setpriority(os.PRIO_PROCESS, prober, 19)
        time.sleep(2)
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
        os.setpriority(os.PRIO_PROCESS, prober, 0)
        os.sched_setaffinity(prober, os.sched_getaffinity(0))


FLOOD = """
import socket, time
family = socket.AF_INET6 if ":" in "%(to)s" else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
s.connect(("%(to)s", 61000))
until = time.monotonic() + %(seconds)g
while time.monotonic() < until:
    for _ in range(1000):
        try: s.send(b"x" * 1400)
        except OSError: pass
"""


def flooded(site):
    """More datagrams to our ports than the sockets hold, while nobody reads for a moment."""
    floods = [start(site.far, "python3", "-c", FLOOD % {"to": to, "seconds": 1.2})
              for to in ("10.74.0.1", "fd74::1")]
    time.sleep(0.2)
    stopped(lambda site: [site.prober()], 0.7)(site)
    for flood in floods:
        flood.wait()


def queue_too_short(site):
    """Our own interface takes a part of what we send, and drops the rest before the wire."""
    inside(site.near, "tc qdisc add dev near root tbf rate 100kbit burst 1600 limit 1600")
    time.sleep(2)
    # Emptied first: who takes a queue away drops what is in it, and tells nobody.
    inside(site.near, "tc qdisc change dev near root tbf rate 1gbit burst 100000 limit 1600")


def queue_too_long(site):
    """Our own interface sends all of it, later and later."""
    inside(site.near, "tc qdisc add dev near root tbf rate 100kbit burst 1600 limit 1000000")
    time.sleep(2)
    inside(site.near, "tc qdisc change dev near root tbf rate 1gbit burst 100000 limit 1000000")


def interface_drops(site):
    """Our own interface cannot hand over what is large, and counts that; all others pass. Behind a queue nobody is
    told."""
    inside(site.near, "tc qdisc add dev near root pfifo limit 1000")
    inside(site.far, "ip link set far mtu 1300")
    time.sleep(3)
    inside(site.far, "ip link set far mtu 1500")


def clock_steps(site):
    for seconds in 3600, 0, 0.5, -0.5, 0, -86400, 0, 0.05, 0:
        site.step(seconds)
        time.sleep(0.25)


def link_down(site):
    inside(site.near, "ip link set near down")
    time.sleep(1.5)
    inside(site.near, "ip link set near up")
    site.route()


def main():
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(1))
    prober = lambda site: [site.prober()]
    lagged = "our loop lagged"
    at_once = [(f"the prober stops for {s} s", stopped(prober, s), lagged)
               for s in (0.1, 0.3, 1, 3, 10, *([30] if LONG else []))]
    at_once += [(f"all stop for {s} s", stopped(Site.tree, s), lagged)
                for s in (0.3, 3, *([0.1, 1, 10, 30] if LONG else []))]
    at_once += [("the host stops for 1 s", host_stopped, lagged), ("a queue too short", queue_too_short, "not sent"),
                ("a queue too long", queue_too_long, "not seen to leave in time"),
                ("an interface that drops", interface_drops, "dropped by our interface"),
                ("a clock that steps", clock_steps, "clock stepped"), ("link down", link_down, "first link down")]
    with concurrent.futures.ThreadPoolExecutor(len(at_once)) as pool:
        for said in pool.map(lambda case: blames_nobody_but_itself(*case), at_once):
            print(said, flush=True)
    print(blames_nobody_but_itself("starved", starved, ""), flush=True)
    print(blames_nobody_but_itself("flooded", flooded, "dropped by our socket"), flush=True)
    print("passed")


if __name__ == "__main__":
    main()
