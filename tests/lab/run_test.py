#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The daemon's frame on real sockets: run_test.py FAIRLEAD; needs root and bird; about 10 s.

    fairlead 10.72.0.1 (flr-a) ------ 10.72.0.2 edge, BIRD (flr-b)

What it says when a socket cannot be had, how it starts, who it becomes, what the router and the
page see when its processes end, and how it ends itself.
"""
import atexit, json, os, pathlib, re, signal, subprocess, sys, tempfile, time, urllib.request

from spaces import run

GUARD, EDGE = f"flr-a{os.getpid()}", f"flr-b{os.getpid()}"
FAIRLEAD = os.path.abspath(sys.argv[1])
HERE = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-run-"))
HANG_S = 20

CONFIG = """
site: lab
bgp: {as: 64500, router_id: 10.72.0.1, listen: [10.72.0.1, "fd72::1"]}
routers:
  - {name: edge, address: 10.72.0.2, local_address: 10.72.0.1, families: [ipv4, ipv6]}
upstreams:
  - {name: transit, router: edge, next_hop: [10.72.0.9, "fd72::9"]}
targets:
  - {name: far-1, address: [10.72.0.2, "fd72::2"], protocol: icmp, ours: true, rate_pps: 10}
  - {name: far-2, address: [10.72.0.7, "fd72::7"], protocol: icmp, ours: true, rate_pps: 10}  # never answers
steer: {prefixes: [198.18.0.0/15], marker: '64500:666:1'}
record: '%(record)s'
web: '%(web)s'
"""

BIRD = """
router id 10.72.0.2;
protocol device {}
protocol bgp guard {
    local 10.72.0.2 as 64500; neighbor 10.72.0.1 as 64500; passive; hold time 9;
    error wait time 1,2;
    ipv4 { import all; export all; };
    ipv6 { import all; export all; };
}
"""


def inside(space, *command):
    return ["ip", "netns", "exec", space, *command]


def wait_for(what, condition):
    until = time.monotonic() + HANG_S
    while not (found := condition()):
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.05)
    return found


def build():
    for space in GUARD, EDGE:
        run("ip", "netns", "add", space)
        atexit.register(subprocess.run, ["ip", "netns", "del", space])
        run(*inside(space, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0"))
        run(*inside(space, "ip", "link", "set", "lo", "up"))
    run("ip", "link", "add", "g", "netns", GUARD, "type", "veth", "peer", "e", "netns", EDGE)
    for space, device, number in (GUARD, "g", 1), (EDGE, "e", 2):
        run(*inside(space, "ip", "addr", "add", f"10.72.0.{number}/24", "dev", device))
        run(*inside(space, "ip", "addr", "add", f"fd72::{number}/64", "dev", device, "nodad"))
        run(*inside(space, "ip", "link", "set", device, "up"))
    (HERE / "bird.conf").write_text(BIRD)
    bird = subprocess.Popen(
        inside(EDGE, "bird", "-f", "-c", HERE / "bird.conf", "-s", HERE / "bird.ctl"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    atexit.register(lambda: (bird.terminate(), bird.wait()))
    wait_for("bird", (HERE / "bird.ctl").exists)


def router_says():
    return run("birdc", "-s", str(HERE / "bird.ctl"), "show", "protocols", "all", "guard")


class Daemon:
    def __init__(self, *arguments, user=None, given=(), web="127.0.0.1:8470", record=""):
        path = HERE / "fairlead.yaml"
        path.write_text(CONFIG % {"web": web, "record": record})
        caps = [f"--{kind}-caps=" + ",".join(["-all", *(f"+{name}" for name in given)])
                for kind in (["inh", "ambient"] if given else ["inh"])]
        as_user = ["setpriv", f"--reuid={user}", "--clear-groups", *caps] if user else []
        self.process = subprocess.Popen(
            inside(GUARD, *as_user, FAIRLEAD, "run", "-c", str(path), *arguments),
            stdout=open(HERE / "out", "w"), stderr=open(HERE / "err", "w"),
        )
        atexit.register(self.process.kill)

    out = property(lambda self: (HERE / "out").read_text())
    err = property(lambda self: (HERE / "err").read_text())

    def role(self, name):
        """The pid of a role that starts now or runs."""
        return wait_for(f"the process of {name}", lambda: self.role_now(name))

    def role_now(self, name):
        """The pid of a role: the parent's child of that name; None: not now."""
        for child in pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            try:
                if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == f"fairlead-{name}":
                    return int(child)
            except FileNotFoundError:
                continue
        return None

    def is_up(self):
        wait_for("a session", lambda: "Established" in router_says())
        return self

    def status(self):
        with_ns = inside(GUARD, "curl", "-sf", "http://127.0.0.1:8470/api/v1/status")
        done = subprocess.run(with_ns, capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def end(self, sign=signal.SIGTERM):
        self.process.send_signal(sign)
        return self.process.wait(HANG_S)


def check(condition, *shown):
    if not condition:
        print(*shown, sep="\n---\n")
        raise AssertionError


def refuses_without_privileges():
    d = Daemon(user="nobody")
    check(d.process.wait(HANG_S) == 3, d.err)
    check("permit" in d.err or "permission" in d.err.lower(), d.err)
    check(d.err.count("fairlead: ") >= 2, d.err)  # probe and route, not only the first
    check("179" in d.err, d.err)


def refuses_when_a_port_is_taken():
    for address, port, words in (("127.0.0.1", 8470, "another fairlead"), ("10.72.0.1", 179, "")):
        holder = subprocess.Popen(
            inside(GUARD, "python3", "-c",
                   f"import socket; s=socket.socket(); s.bind(('{address}',{port})); s.listen();"
                   "print('ready', flush=True); input()"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        holder.stdout.readline()
        d = Daemon()
        check(d.process.wait(HANG_S) == 3, d.err)
        check(str(port) in d.err and "in use" in d.err and words in d.err, d.err)
        holder.communicate("\n")


def starts_and_drops_privileges():
    d = Daemon().is_up()
    for name in "probe", "route", "web":
        status = pathlib.Path(f"/proc/{d.role(name)}/status").read_text()
        check(re.search(r"Uid:\s+65534\s+65534\s+65534\s+65534", status), name, status)
        check(re.search(r"CapEff:\s+0000000000000000", status), name, status)
        check(re.search(r"NoNewPrivs:\s+1", status), name, status)
        check(not re.search(r"Groups:\s+\d", status), name, status)
    mine = pathlib.Path(f"/proc/{d.process.pid}/status")
    wait_for("the parent is nobody", lambda: re.search(r"Uid:\s+65534", mine.read_text()) and
             "CapEff:\t0000000000000000" in mine.read_text())
    page = wait_for("a picture", d.status)
    check(page["engine"]["site"] == "lab" and page["facts"], page)
    heard = lambda: all(p["verdict"] != "unheard" for p in d.status()["engine"]["paths"] if p["upstream"])
    wait_for("paths heard", heard)
    return d


def gives_up_what_a_service_manager_gave():
    """As its unit starts it: never root, with four capabilities, which no process keeps."""
    d = Daemon(user=65534, given=["net_raw", "net_admin", "net_bind_service", "bpf"]).is_up()
    for name in "probe", "route", "web":
        status = pathlib.Path(f"/proc/{d.role(name)}/status").read_text()
        for kind in "Inh", "Prm", "Eff", "Amb":
            check(re.search(rf"Cap{kind}:\s+0000000000000000", status), name, status)
    # Its roles may be heard of before it has started the last of them.
    mine = pathlib.Path(f"/proc/{d.process.pid}/status")
    wait_for("the parent has nothing", lambda: len(re.findall(r"Cap(?:Inh|Prm|Eff|Amb):\s+0{16}", mine.read_text())) == 4)
    check(d.end() == 0, d.err)


def ends_cleanly(d):
    check(d.end() == 0, d.err)
    check("Established" not in router_says(), router_says())
    check("Administrative shutdown" in router_says(), router_says())


def page_lives_again():
    d = Daemon().is_up()
    first = d.role("web")
    wait_for("a picture", d.status)
    os.kill(first, signal.SIGKILL)
    wait_for("another process", lambda: d.role_now("web") not in (None, first))
    wait_for("a picture again", d.status)
    check("Established" in router_says(), router_says())
    check(d.end(signal.SIGINT) == 0, d.err)


def ends_when_a_role_dies():
    for name in "probe", "route":
        d = Daemon().is_up()
        os.kill(d.role(name), signal.SIGKILL)
        check(d.process.wait(HANG_S) == 3, d.err)
        check(f"fairlead: {name} killed by signal 9" in d.err, d.err)
        wait_for("the session's end", lambda: "Established" not in router_says())


def leaves_nothing_when_the_parent_is_killed():
    d = Daemon().is_up()
    roles = [d.role(name) for name in ("probe", "route", "web")]
    d.end(signal.SIGKILL)
    wait_for("their end", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in roles))
    wait_for("the session's end", lambda: "Established" not in router_says())


def kills_a_role_that_hangs_at_the_end():
    d = Daemon().is_up()
    os.kill(d.role("route"), signal.SIGSTOP)
    check(d.end() == 0, d.err)
    check("route is killed: it did not end in time" in d.err, d.err)


def tells_json_and_records():
    record = HERE / "recording"
    d = Daemon("--json", record=str(record), web="").is_up()
    wait_for("a session told", lambda: '"state":"up"' in d.out)
    wait_for("a tally recorded", lambda: '"tally"' in record.read_text())
    check(d.end() == 0, d.err)
    lines = [json.loads(line) for line in d.out.splitlines()]
    check(all(set(line) >= {"effect", "time", "at_ns"} for line in lines), d.out)
    check(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", l["time"]) for l in lines), d.out)
    replayed = run(FAIRLEAD, "replay", "--json", str(record))
    check(replayed == d.out, replayed, d.out)
    header, *events = (json.loads(line) for line in record.read_text().splitlines())
    check(header["recording"] == 1 and "site: lab" in header["config"], header)
    check({e["event"] for e in events} >= {"start", "tick", "tally", "session", "role", "command"}, events[-1])


def prepare():
    os.chmod(HERE, 0o755)
    atexit.register(subprocess.run, ["rm", "-rf", str(HERE)])
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(1))
    build()


def main():
    prepare()
    refuses_without_privileges()
    refuses_when_a_port_is_taken()
    ends_cleanly(starts_and_drops_privileges())
    gives_up_what_a_service_manager_gave()
    page_lives_again()
    ends_when_a_role_dies()
    leaves_nothing_when_the_parent_is_killed()
    kills_a_role_that_hangs_at_the_end()
    tells_json_and_records()
    print("passed")


if __name__ == "__main__":
    main()
