#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What servers and devices tell, on real sockets: ingest_test.py FAIRLEAD; needs root and curl; about 15 s.

One namespace, whose daemon finds no router and no target. A shell sends StatsD lines to 127.0.0.1
and ::1, curl posts JSON to both. What fails is told to people and moves nothing; what is no counter
is told with its line and byte; devices' syslog comes over UDP and TCP; the process that reads it holds no privileges and may die.
"""
import atexit, json, os, pathlib, re, signal, subprocess, sys, tempfile, time

from spaces import run

SPACE = f"flr-i{os.getpid()}"
FAIRLEAD = os.path.abspath(sys.argv[1])
HERE = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-ingest-"))
TOKEN = "not-for-everybody"
HANG_S = 20

CONFIG = f"""
site: lab
mode: act
audit: {HERE}/audit
bgp: {{as: 64500, router_id: 10.73.0.1}}
routers:
  - {{name: edge, address: 10.73.0.2, families: [ipv4, ipv6]}}
upstreams:
  - {{name: transit-a, router: edge, next_hop: [10.73.0.8, "fd73::8"], probe: {{mark: 1}}}}
  - {{name: transit-b, router: edge, next_hop: [10.73.0.9, "fd73::9"], probe: {{mark: 2}}}}
targets:
  - {{name: far-1, address: [10.73.0.2, "fd73::2"], protocol: icmp, ours: true}}
  - {{name: far-2, address: [10.73.0.7, "fd73::7"], protocol: icmp, ours: true}}
probe: {{as_routed: {{mark: 3}}}}
steer: {{prefixes: [198.18.0.0/15], marker: '64500:666:1', capacity: ignore}}
counters:
  listen: [127.0.0.1, "::1"]
  http: [127.0.0.1, "::1"]
  token: {TOKEN}
syslog:
  listen: [127.0.0.1, "::1"]
  port: 1514
  devices:
    - {{name: ca2, address: [10.73.0.77, "fd73::77"]}}
control: {HERE}/control.sock
record: {HERE}/recording
"""


def inside(*command):
    return ["ip", "netns", "exec", SPACE, *command]


def wait_for(what, condition):
    until = time.monotonic() + HANG_S
    while not (found := condition()):
        if time.monotonic() >= until:
            print((HERE / "out").read_text()[-3000:], (HERE / "err").read_text()[-2000:])
            raise AssertionError(f"never: {what}")
        time.sleep(0.05)
    return found


def check(condition, *shown):
    if not condition:
        print(*shown, sep="\n---\n")
        raise AssertionError


class Daemon:
    def __init__(self):
        (HERE / "fairlead.yaml").write_text(CONFIG)
        self.process = subprocess.Popen(
            inside(FAIRLEAD, "run", "-c", str(HERE / "fairlead.yaml")),
            stdout=open(HERE / "out", "w"), stderr=open(HERE / "err", "w"),
        )
        atexit.register(self.process.kill)

    out = property(lambda self: (HERE / "out").read_text())
    err = property(lambda self: (HERE / "err").read_text())

    def ingest(self):
        for path in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for child in path.read_text().split():
                comm = pathlib.Path(f"/proc/{child}/comm")
                if comm.exists() and comm.read_text().strip() == "fairlead-ingest":
                    return int(child)
        return None


def say(address, *lines):
    text = "\\n".join(lines)
    # cat writes all at once: one datagram
    run(*inside("bash", "-c", f"printf '{text}' | cat >/dev/udp/{address}/8125"))


def post(address, items, token=TOKEN):
    return run(*inside(
        "curl", "-s", "-w", "%{http_code}", "-H", f"Authorization: Bearer {token}", "-d",
        json.dumps(items), f"http://{address}:8471/api/v1/counters",
    ))


def tells_what_fails(d):
    """UDP by one family tells of transit-a, HTTP by the other of transit-b."""
    def speak():
        for family, address in ("ipv4", "127.0.0.1"), ("ipv6", "::1"):
            tags = f"#upstream:transit-a,family:{family}"
            say(address, f"fairlead.attempts:100|c|{tags}", "other.metric:1|g",
                f"fairlead.failed:90|c|{tags}")
        for family, address in ("ipv4", "127.0.0.1"), ("ipv6", "[::1]"):
            answer = post(address, [{"upstream": "transit-b", "family": family, "attempts": 100,
                                     "failed": 80}, {"upstream": "transit-c"}])
            check(answer.endswith("200") and '"taken":1' in answer, answer)
        time.sleep(0.3)
        wanted = [f"servers see failures at transit-{u} ipv{f}: " for u in "ab" for f in "46"]
        return all(text in d.out for text in wanted)
    wait_for("four upstreams told", speak)
    check(re.search(r"transit-a ipv6: 90\.00 % of \d+ attempts failed in \d+ s", d.out), d.out)
    check(post("127.0.0.1", [], token="not-for-everybodz").endswith("401"))


def tells_what_it_cannot_read(d):
    wait_for("the item", lambda: "127.0.0.1: item 2: expected attempts and failed" in d.out)
    time.sleep(10)  # one such word in ten seconds
    say("::1", "fairlead.attempts:1|c|#prefix:2001:db8::/48", "fairlead.failed:1|c|#prefix:10.0.0.1/8")
    wanted = "counters refused: ::1: line 2, byte 29: expected a prefix such as 192.0.2.0/24"
    wait_for("the line", lambda: wanted in d.out)


def shout(address, text, protocol="udp"):
    run(*inside("bash", "-c", f"printf '%b' '{text}' | cat >/dev/{protocol}/{address}/1514"))


def tells_what_devices_say(d):
    """As a relay passes it on, by both families, over UDP and over TCP in both framings; and nobody else."""
    crash = "<29>Oct 23 13:26:21 {} systemd: l2ald.service: Main process exited, code=dumped, status=6/abrt"
    shout("127.0.0.1", crash.format("ca1"))
    shout("::1", crash.format("ca2"))
    alarm = "<28>Oct 23 13:27:45 ca{} emfd-fpa[6012]: EMF_EVO_ALARM_{}: Alarm {}: APP color=red, class=chassis, reason=l2ald"
    lines = alarm.format(1, "SET", "set") + "\\n" + alarm.format(2, "SET", "set") + "\\n"
    shout("127.0.0.1", lines, "tcp")
    over = alarm.format(2, "CLEARED", "cleared")
    shout("::1", f"{len(over)} {over}" + "<30>no count", "tcp")
    for text in ["process crashed at ca1 l2ald", "process crashed at ca2 l2ald", "alarm of a device at ca1 l2ald",
                 "s: alarm of a device at ca2 l2ald", "a count of octets or a line is expected"]:
        wait_for(text, lambda: text in d.out)
    shout("::1", "<30>Oct 23 13:26:21 x y: nobody knows this")
    wait_for("the line", lambda: 'text="nobody knows this"' in d.err)
    run(*inside("ip", "addr", "add", "10.73.0.78/32", "dev", "lo"))
    say_from = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.73.0.78", 0))
s.sendto(b"<1>x: y", ("127.0.0.1", 1514))
"""
    run(*inside("python3", "-c", say_from))
    wait_for("the stranger", lambda: "10.73.0.78: neither among syslog.devices nor syslog.relays" in d.out)


def moves_nothing(d):
    check("plan" not in d.out and "incident" not in d.out, d.out)
    standing = run(*inside(FAIRLEAD, "notices", "-c", str(HERE / "fairlead.yaml")))
    check(standing.count("servers_failing") >= 4 or standing.count("servers see failures") >= 4, standing)


def holds_nothing_and_may_die(d):
    status = pathlib.Path(f"/proc/{d.ingest()}/status").read_text()
    check(re.search(r"Uid:\s+65534\s+65534\s+65534\s+65534", status), status)
    check("CapEff:\t0000000000000000" in status and "NoNewPrivs:\t1" in status, status)
    first = d.ingest()
    os.kill(first, signal.SIGKILL)
    wait_for("another process", lambda: d.ingest() not in (None, first))
    check("the ingest process is alive: started again" in d.out, d.out)
    for address in "127.0.0.1", "[::1]":
        answer = wait_for("an answer", lambda: post(address, []))
        check(answer == '{"taken":0,"refused":[],"refused_count":0}200', answer)


def ends(d):
    d.process.send_signal(signal.SIGTERM)
    check(d.process.wait(HANG_S) == 0, d.err)
    check(TOKEN not in (HERE / "recording").read_text())


def main():
    os.chmod(HERE, 0o755)
    atexit.register(subprocess.run, ["rm", "-rf", str(HERE)])
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(1))
    run("ip", "netns", "add", SPACE)
    atexit.register(subprocess.run, ["ip", "netns", "del", SPACE])
    run(*inside("ip", "link", "set", "lo", "up"))
    d = Daemon()
    wait_for("the process", d.ingest)
    wait_for("an answer", lambda: subprocess.run(
        inside("curl", "-s", "http://127.0.0.1:8471/"), capture_output=True).stdout)
    tells_what_fails(d)
    tells_what_it_cannot_read(d)
    tells_what_devices_say(d)
    moves_nothing(d)
    holds_nothing_and_may_die(d)
    ends(d)
    print("passed")


if __name__ == "__main__":
    main()
