#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The kinds of probes over real kernels, in both families: kinds_test.py FAIRLEAD PROBE_HOST; needs root.

    prober 10.72.1.1 fd72:1::1  ----  router 10.72.1.2 ... 10.72.2.1  ----  far 10.72.2.2 fd72:2::2
    (flk-a) a0                    r0 (flk-r)                        f0    b0  (flk-f)

Between prober and router is a bridge (flk-s, ports sa and sr), whose tables can be taken away while
its links stay up. TCP is asked at a port with a listener and at one without; far reflects STAMP at
862 and 443.
"""
import atexit, collections, json, os, re, signal, subprocess, sys, tempfile, time

import spaces
from prober import Told
from spaces import check, inside, run, start

A, S, R, F = (f"flk-{name}{os.getpid()}" for name in "asrf")
FAIRLEAD, PROBE_HOST = (os.path.abspath(a) for a in sys.argv[1:3])
PATHS = ["only ipv4", "only ipv6"]
HANG_S = 20  # a busy machine may take its time over what is right all the same

CONFIG = """
site: lab
bgp: {as: 64500, router_id: 10.72.1.1}
routers:
  - {name: edge, address: 10.72.1.2, local_address: 10.72.1.1, families: [ipv4, ipv6]}
upstreams:
  - {name: only, router: edge, next_hop: [10.72.1.2, "fd72:1::2"], probe: {%s}}
targets:
%s
probe: {path_rate_max_pps: 200, timeout_min_ms: 600, timeout_max_ms: 1000%s}
steer: {prefixes: [], marker: '64500:666:1'}
"""
FAR = '[10.72.2.2, "fd72:2::2"]'


def build():
    for space in A, S, R, F:
        run("ip", "netns", "add", space)
        atexit.register(subprocess.run, ["ip", "netns", "del", space])
        inside(space, "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0"
                      " net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0"
                      " net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0"
                      " net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")  # fmt: skip
        inside(space, "ip link set lo up")
    for one, end, other, peer in (A, "a0", S, "sa"), (R, "r0", S, "sr"), (R, "f0", F, "b0"):
        run("ip", "link", "add", end, "netns", one, "type", "veth", "peer", peer, "netns", other)
        inside(one, f"ip link set {end} up")
        inside(other, f"ip link set {peer} up")
    inside(S, "ip link add bridge0 type bridge mcast_snooping 0")
    for port in "sa", "sr":
        inside(S, f"ip link set {port} master bridge0")
    inside(S, "ip link set bridge0 up")
    for space, end, net, host in (A, "a0", 1, 1), (R, "r0", 1, 2), (R, "f0", 2, 1), (F, "b0", 2, 2):
        inside(space, f"ip addr add 10.72.{net}.{host}/24 dev {end}")
        inside(space, f"ip addr add fd72:{net}::{host}/64 dev {end} nodad")
    inside(A, "ip route add 10.72.2.0/24 via 10.72.1.2")
    inside(A, "ip route add fd72:2::/64 via fd72:1::2")
    inside(F, "ip route add default via 10.72.2.1")
    inside(F, "ip route add default via fd72:2::1")


def nft(space, text):
    inside(space, "nft -f -", input=text)


def drop(rule, space=None):
    nft(space or R, "table inet grey {\nchain c {\ntype filter hook forward priority -200;\n%s\n}\n}" % rule)


def heal(space=None):
    inside(space or R, "nft delete table inet grey")


class Prober:
    """The role and whatever it tells."""

    def __init__(self, targets, probe="", chosen="device: a0"):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.file.write(CONFIG % (chosen, targets, probe))
        self.file.flush()
        self.log = tempfile.TemporaryFile("w+")
        self.process = start(A, PROBE_HOST, self.file.name, stderr=self.log)
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            sys.exit("refused: " + self.log.read())
        self.pid = json.loads(line)["prober"]
        atexit.register(lambda: os.path.exists(f"/proc/{self.pid}") and os.kill(self.pid, signal.SIGKILL))
        self.events = Told(self.process.stdout).events

    def watch(self, seconds, enough=None):
        """Sums of ok, lost and void for each target and path from now on, until they are enough."""
        self.events()
        sums, until = collections.Counter(), time.monotonic() + seconds
        while time.monotonic() < until and not (enough and enough(sums)):
            time.sleep(0.02)
            for event in self.events():
                if event["event"] == "tally":
                    for key in "ok", "lost", "voided":
                        sums[f"{event['target']} {event['path']} {key}"] += event[key]
        return sums

    def watch_until(self, **least):
        """So many of each target and path are answered."""
        return self.watch(HANG_S, lambda sums: all(
            sums[f"{target} {path} ok"] > count for target, count in least.items() for path in PATHS))

    def ways_known(self, *targets):
        """Whether those by each path are, within a while: a host bears only so many packets, and takes them in turn."""
        words = [f"event=path_map path='{path}' target={target}" for target in targets for path in PATHS]

        def known(_):
            log = os.pread(self.log.fileno(), 1 << 20, 0).decode()
            return all(word in log for word in words)

        self.watch(HANG_S, known)
        return known(None)

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        self.process.wait(10)
        self.log.seek(0)
        return self.log.read()


def reflectors():
    for port in "862", "443":
        process = start(F, FAIRLEAD, "reflect", "--port", port)
        check("reflecting" in process.stdout.readline(), f"a reflector at {port}")


def listener():
    """Accepts, so that a connection that came about would be seen; says how many."""
    process = start(F, sys.executable, "-c", """
import socket, sys, signal
s = socket.socket(socket.AF_INET6)
s.bind(("::", 179)); s.listen(64); s.settimeout(0.1)
count, over = 0, []
signal.signal(signal.SIGTERM, lambda *_: over.append(1))
print("up", flush=True)
while not over:
    try: s.accept(); count += 1
    except OSError: pass
print(count, flush=True)
""")  # fmt: skip
    check(process.stdout.readline() == "up\n", "a listener at 179")
    return process


def tcp():
    """A listener and a closed port answer; nothing ever connects; one that drops is lost."""
    listening = listener()
    prober = Prober(f"  - {{name: open, address: {FAR}, protocol: tcp, port: 179, flows: 2, rate_pps: 40, ours: true}}\n"
                    f"  - {{name: other, address: {FAR}, protocol: stamp, port: 443, rate_pps: 20, ours: true}}")  # fmt: skip
    prober.watch_until(open=5, other=5)
    sums = prober.watch_until(open=60, other=25)
    for path in PATHS:
        check(sums[f"open {path} ok"] > 60 and sums[f"open {path} lost"] == 0, f"{path}: SYN and ACK: {sums[f'open {path} ok']}")
        check(sums[f"other {path} ok"] > 25 and sums[f"other {path} lost"] == 0, f"{path}: plain UDP to 443: {sums[f'other {path} ok']}")
    drop("tcp dport 179 drop")
    unseen_of = lambda sums, path: sums[f"open {path} lost"] + sums[f"open {path} voided"]  # set aside after a while
    sums = prober.watch(HANG_S, lambda sums: all(
        unseen_of(sums, path) > 50 and sums[f"open {path} lost"] > 5 for path in PATHS))
    heal()
    for path in PATHS:
        unseen = unseen_of(sums, path)
        check(unseen > 50 and sums[f"open {path} lost"] > 5, f"{path}: dropped: {unseen} without answer")
        check(sums[f"other {path} lost"] == 0, f"{path}: the other whole")
    listening.send_signal(signal.SIGTERM)
    connections = int(listening.stdout.readline())
    check(connections == 0, f"no connection came about: {connections}")
    prober.watch(HANG_S, lambda sums: all(sums[f"open {path} ok"] > 40 for path in PATHS))
    sums = prober.watch_until(open=60)
    for path in PATHS:
        check(sums[f"open {path} ok"] > 60 and sums[f"open {path} lost"] == 0, f"{path}: refused counts: {sums[f'open {path} ok']}")
    end = prober.stop()
    strange = int(re.search(r"strange=(\d+)", end)[1])
    check(strange == 0, f"nothing strange: {end.strip().splitlines()[-1]}")


# Two ports as one wire, slow each way (this kernel may have no netem). With each frame goes what offloading has left
# for the device to do.
SLOW = """
import heapq, select, socket, time
ends = {}
for name in "sa", "sr":
    end = ends[name] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    end.setsockopt(263, 15, 1)  # PACKET_VNET_HDR
    end.bind((name, 3))
over = {ends["sa"]: ends["sr"], ends["sr"]: ends["sa"]}
waiting, count = [], 0
print("up", flush=True)
while True:
    left = max(0, waiting[0][0] - time.monotonic()) if waiting else 1
    for end in select.select(list(over), [], [], left)[0]:
        frame, come = end.recvfrom(1 << 16)
        if come[2] != 4:
            count += 1
            heapq.heappush(waiting, (time.monotonic() + 0.08, count, over[end], frame))
    while waiting and waiting[0][0] <= time.monotonic():
        *_, end, frame = heapq.heappop(waiting)
        end.send(frame)
"""


def traces_meet_probes():
    """A SYN that is to expire before the listener, and does not, begins a connection there that is half open for a
    round trip: the probes of its 5-tuple that are not answered for that are not lost."""
    listening = listener()
    for port in "sa", "sr":
        inside(S, f"ip link set {port} nomaster")
    slow = start(S, sys.executable, "-c", SLOW)
    check(slow.stdout.readline() == "up\n", "a slow wire")
    prober = Prober(f"  - {{name: open, address: {FAR}, protocol: tcp, port: 179, flows: 2, rate_pps: 40, ours: true}}\n",
                    ", trace_rate_pps: 20, trace_interval_s: 10")  # fmt: skip
    prober.watch_until(open=5)
    sums = prober.watch(22)
    for path in PATHS:
        ok, lost, void = (sums[f"open {path} {key}"] for key in ("ok", "lost", "voided"))
        check(ok > 700 and lost == 0 and 0 < void < 80, f"{path}: {ok} ok, {lost} lost, {void} void")
    end = prober.stop()
    check(all(f"event=path_map path='{path}' target=open" in end for path in PATHS), "the ways were traced")
    slow.kill()
    slow.wait()
    for port in "sa", "sr":
        inside(S, f"ip link set {port} master bridge0")
    listening.kill()
    listening.wait()


VARIANTS = f"""  - name: all
    address: {FAR}
    flows: 2
    rate_pps: 40
    ours: true
    sizes_bytes: [1400, 600]
    dscp: [46, 10]
    variant_rate_pps: 10
"""


def counts(end):
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", end.strip().splitlines()[-1])}


def variants():
    """Whole; a hole for large packets; one class dropped: the flows of every day see nothing of it."""
    for what, rule, least, most in (
        ("all pass", None, 0, 0),
        ("large ones vanish", "meta length > 1300 drop", 0.06, 0.13),
        ("EF vanishes", "ip dscp ef drop\nip6 dscp ef drop", 0.06, 0.13),
        ("both", "meta length > 1300 drop\nip dscp ef drop\nip6 dscp ef drop", 0.14, 0.27),
    ):
        if rule:
            drop(rule)
        prober = Prober(VARIANTS)
        sums = prober.watch_until(all=150)
        end = prober.stop()
        if rule:
            heal()
        said = counts(end)
        for path in PATHS:
            check(sums[f"all {path} ok"] > 100 and sums[f"all {path} lost"] == 0, f"{what}: {path} whole: {sums[f'all {path} ok']}")
        check(least <= said["lost"] / said["sent"] <= most, f"{what}: of {said['sent']}: {said['lost']} lost")
        check(said["strange"] == 0 and "class_changed" not in end, f"{what}: nothing strange: {end.strip().splitlines()[-1]}")


def marked_anew():
    """Somebody gives packets of EF to best effort, there or on the way back: it is told."""
    for rule, there, back in (
        ("oifname f0 ip dscp ef ip dscp set cs0\noifname f0 ip6 dscp ef ip6 dscp set cs0", 0, 46),
        ("oifname r0 ip dscp ef ip dscp set cs1\noifname r0 ip6 dscp ef ip6 dscp set cs1", 46, 8),
    ):
        drop(rule)
        prober = Prober(VARIANTS)
        prober.watch_until(all=60)
        end = prober.stop()
        heal()
        for path in PATHS:
            line = f"event=class_changed path='{path}' target=all dscp=46 there={there} back={back}"
            check(end.count(line) == 1, f"told: {line}")
        check(end.count("class_changed") == 2 * len(PATHS), "by each path, once, and of no other class")


# When each packet to UDP port 862 and to TCP port 80 came to the router, whether or not it gets further.
ARRIVALS = """
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
s.bind(("r0", 3))
s.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
print("up", flush=True)
while True:
    packet, said, _, come = s.recvmsg(2048, 256)
    version = packet[0] >> 4
    at, protocol = (20, packet[9]) if version == 4 else (40, packet[6])
    if come[2] == 4 or version not in (4, 6) or len(packet) < at + 4 or not said:
        continue
    port = struct.unpack_from(">H", packet, at + 2)[0]
    if (protocol, port) in ((17, 862), (6, 80)):
        print(port, *struct.unpack("qq", said[0][2]), flush=True)
"""


def strangers_are_spared():
    """Somebody else's hosts, whose ways are traced; then all that is sent to them is dropped, so that every flow
    would speed up. What is to expire on its way counts for them too."""
    prober = Prober(f"  - {{name: host, address: {FAR}}}\n  - {{name: web, address: {FAR}, protocol: tcp, port: 80, rate_pps: 2.4, dscp: [46], variant_rate_pps: 0.1, rate_max_pps: 20}}\n",
                    ", trace_rate_pps: 100, trace_interval_s: 10")
    arrivals = start(R, sys.executable, "-c", ARRIVALS)
    check(arrivals.stdout.readline() == "up\n", "the router counts")
    os.set_blocking(arrivals.stdout.fileno(), False)

    def arrivals_in(seconds):
        text, until = "", time.monotonic() + seconds
        came = {862: [], 80: []}
        while time.monotonic() < until:
            prober.watch(0.2)
            try:
                while chunk := os.read(arrivals.stdout.fileno(), 1 << 16):
                    text += chunk.decode()
            except BlockingIOError:
                pass
        for line in text.splitlines():
            port, s, ns = map(int, line.split())
            came[port].append(s + ns / 1e9)
        return came

    for what, rule in ("well", None), ("lost", "oifname r0 drop"):
        if rule:
            check(prober.ways_known("host", "web"), "the ways are known all the same")
            drop(rule)
        arrivals_in(0)
        came = arrivals_in(25)
        came["both"] = sorted(came[862] + came[80])  # one host, which bears the higher of the two
        for port, pps, least in (862, 10, 150), (80, 20, 160), ("both", 20, 400):
            times = came[port]
            shortest = min((b - a for a, b in zip(times, times[pps:])), default=0)
            check(len(times) >= least, f"{what}: port {port}: {len(times)} in 25 s")
            # A busy machine may hold one back.
            check(shortest > 0.8, f"{what}: port {port}: {pps + 1} of them take {shortest:.2f} s at least")
    heal()
    prober.stop()
    arrivals.kill()


LINKS = f"""  - {{name: all, address: {FAR}, flows: 2, rate_pps: 10, ours: true}}
links:
  - {{name: to-router, device: a0, neighbour: [10.72.1.2, "fd72:1::2"], address: [10.72.1.1, "fd72:1::1"]}}
"""


def bridge(forwards):
    """Its tables: without them, learning and flooding off, its links are up and nothing passes."""
    for port in "sa", "sr":
        switch = "on" if forwards else "off"
        inside(S, f"ip link set {port} type bridge_slave learning {switch} flood {switch} mcast_flood {switch} bcast_flood {switch}")
    inside(S, "ip link set bridge0 type bridge fdb_flush")


def said(prober, word, since, seconds):
    """How long after `since` the log had the word of each family; None: not within that time."""
    found = {}
    while time.monotonic() < since + seconds and len(found) < 2:
        time.sleep(0.02)
        prober.log.seek(0)
        for line in prober.log.read().splitlines():
            if f"event={word} link=to-router" in line:
                found.setdefault(re.search(r"family=(\w+)", line)[1], time.monotonic() - since)
    return [found.get(family) for family in ("ipv4", "ipv6")]


def check_link_fault(prober, what, family, share_ppm):
    """Named as the link is, in that family, if first in less; so many of what goes to targets fails with it."""
    named, until = [], time.monotonic() + HANG_S
    while time.monotonic() < until and not any(f["family"] == family and f["share_ppm"] == share_ppm for f in named):
        time.sleep(0.02)
        named += [e for e in prober.events() if e["event"] == "fault" and e["state"] == "named"]
    check(named and named[-1]["family"] == family and named[-1]["share_ppm"] == share_ppm and
          {fault["link"] for fault in named} == {"to-router"}, f"{what}: {[fault['words'] for fault in named]}")


def hairpins():
    """A bridge that forwards nothing any more while its links are up; and one that does again."""
    for space, host in (A, 1), (R, 2):
        inside(space, f"ping -c 1 -W 5 10.72.1.{3 - host}")
        inside(space, f"ping -c 1 -W 5 fd72:1::{3 - host}")
    prober = Prober(LINKS)
    found = said(prober, "neighbour_found", time.monotonic(), HANG_S)
    check(None not in found, f"the neighbour's address is known: {found}")
    time.sleep(2)
    check(said(prober, "link_dead", time.monotonic(), 0.1) == [None, None], "alive through a real router")
    bridge(False)
    dead = said(prober, "link_dead", time.monotonic(), HANG_S)
    for path, after in zip(PATHS, dead):
        check(after is not None, f"{path}: seen to be dead after {after and round(after, 2)} s")
    check_link_fault(prober, "both families", "none", 1000000)
    bridge(True)
    alive = said(prober, "link_alive", time.monotonic(), HANG_S)
    for path, after in zip(PATHS, alive):
        check(after is not None, f"{path}: seen to be alive after {after and round(after, 2)} s")
    end = prober.stop()
    check(counts(end)["strange"] == 0, f"nothing strange: {end.strip().splitlines()[-1]}")
    for family, only in ("none", ""), ("ipv4", "meta nfproto ipv4"), ("ipv6", "meta nfproto ipv6"):
        prober = Prober(LINKS)
        said(prober, "neighbour_found", time.monotonic(), HANG_S)
        time.sleep(2)
        drop(f"iifname r0 oifname r0 {only} drop")
        check_link_fault(prober, "turned around no more", family, 0)
        heal()
        prober.stop()


# The other end of a tap: a neighbour that turns hairpins around, one hop less to live; and reads nothing for as many
# seconds as it is told.
TAP = """
import fcntl, os, select, struct, sys, time
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", b"t0", 0x1002))  # TUNSETIFF, IFF_TAP | IFF_NO_PI
print("up", flush=True)
while True:
    if sys.stdin in select.select([tap, sys.stdin], [], [])[0]:
        time.sleep(float(sys.stdin.readline()))
        print("heard again", flush=True)
        continue
    frame = bytearray(os.read(tap, 2000))
    kind, hops = frame[12:14].hex(), {"0800": 22, "86dd": 21}
    if kind not in hops or frame[hops[kind]] != 255:
        continue
    frame[0:6], frame[6:12] = frame[6:12], frame[0:6]
    frame[hops[kind]] -= 1
    if kind == "0800":
        sum = int.from_bytes(frame[24:26], "big") + 0x100
        frame[24:26] = ((sum & 0xffff) + (sum >> 16)).to_bytes(2, "big")
    os.write(tap, frame)
"""


def hairpins_dropped():
    """What our own device has no room for has never been on the link."""
    tap = start(A, sys.executable, "-c", TAP, stdin=subprocess.PIPE)
    check(tap.stdout.readline() == "up\n", "a tap")
    inside(A, "ip link set t0 txqueuelen 4 up")
    for neighbour in "10.72.1.2", "fd72:1::2":
        inside(A, f"ip neigh replace {neighbour} lladdr 02:00:00:00:00:01 dev t0 nud permanent")
    prober = Prober(LINKS.replace("a0", "t0"), chosen="mark: 7")
    found = said(prober, "neighbour_found", time.monotonic(), HANG_S)
    check(None not in found, f"the neighbour's address is known: {found}")
    time.sleep(1.5)
    tap.stdin.write("1.5\n")
    tap.stdin.flush()
    tap.stdout.readline()
    time.sleep(1.5)
    dropped = int(inside(A, "cat /sys/class/net/t0/statistics/tx_dropped"))
    end = prober.stop()
    counted = counts(end)
    check(dropped > 10 and counted["lost"] == 0 and counted["void"] >= dropped,
          f"{dropped} dropped by our own device: {counted['void']} void, {counted['lost']} lost")
    check("link_dead" not in end, "and no link is called dead")
    tap.kill()


def main():
    if os.geteuid() != 0:
        return print("needs root") or 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    build()
    reflectors()
    if "traces" in sys.argv: return traces_meet_probes() or spaces.failures > 0
    if "hairpins" in sys.argv: return hairpins() or hairpins_dropped() or spaces.failures > 0
    tcp()
    traces_meet_probes()
    variants()
    marked_anew()
    strangers_are_spared()
    hairpins()
    hairpins_dropped()
    return spaces.failures > 0


sys.exit(main())
