#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""From lost packets to a page in somebody's hands, and back: pages_test.py FAIRLEAD; needs root.

    fairlead 10.73.1.1 (ta) ----- 10.73.1.2 far side of transit-a (flr-p..a) has 10.73.9.1, .2, .9
             10.73.2.1 (tb) ----- 10.73.2.2 far side of transit-b (flr-p..b) has them, too

IPv6 likewise. One transit answers nothing any more: the one on call is paged by HTTPS, within the
namespace, and two others behind both transits (.9, by IPv4 and by IPv6) by the transit that is well.
The process that sends is killed on the way; then a person acknowledges.
"""
import atexit, json, os, pathlib, signal, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "notify"))
from receivers import make_certificate

FAIRLEAD = os.path.abspath(sys.argv[1])
GUARD, *FAR = [f"flr-p{os.getpid()}{end}" for end in "gab"]
ENDS = "transit-a", "transit-b"
HERE = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-pages-"))
HANG_S = 40

CONFIG = """
site: lab
bgp: {{as: 64500, router_id: 10.73.1.1}}
routers: [{{name: edge, address: 10.73.1.2, local_address: 10.73.1.1, families: [ipv4, ipv6]}}]
upstreams:
  - {{name: transit-a, router: edge, next_hop: [10.73.1.2, "fd73:1::2"], probe: {{device: ta}}}}
  - {{name: transit-b, router: edge, next_hop: [10.73.2.2, "fd73:2::2"], probe: {{device: tb}}}}
targets:
  - {{name: far-1, address: [10.73.9.1, "fd73:9::1"], protocol: icmp, ours: true, rate_pps: 20}}
  - {{name: far-2, address: [10.73.9.2, "fd73:9::2"], protocol: icmp, ours: true, rate_pps: 20}}
probe: {{as_routed: {{source: [10.73.1.1, "fd73:1::1"]}}}}
steer: {{prefixes: [], marker: '64500:666:1'}}
control: {here}/control
web: ''
kill_file: ''
alert:
  spool: {here}/spool
  channels:
    - {{name: dead, kind: webhook, url: 'https://10.73.1.1:1/', timeout_s: 1}}
    - {{name: phone, kind: webhook, url: 'https://[::1]:8443/page', ca_file: {here}/cert.pem}}
    - {{name: watched, kind: slack, url: 'http://127.0.0.1:8081/', heartbeat_s: 10}}
    - {{name: beyond4, kind: webhook, url: 'http://10.73.9.9:8082/', upstreams: [transit-a, transit-b], heartbeat_s: 3600}}
    - {{name: beyond6, kind: webhook, url: 'http://[fd73:9::9]:8082/', upstreams: [transit-a, transit-b], heartbeat_s: 3600}}
  people: [{{name: root, channels: [dead, phone]}}, {{name: ben, channels: phone}},
           {{name: noc4, channels: beyond4}}, {{name: noc6, channels: beyond6}}]
  teams:
    - {{name: network, zone: Europe/Berlin, rota: [{{people: [root, ben], from: 2020-01-06 09:00, weeks: 52}}]}}
    - {{name: noc4, rota: [{{people: noc4, from: 2020-01-06 09:00}}]}}
    - {{name: noc6, rota: [{{people: noc6, from: 2020-01-06 09:00}}]}}
  severities: {{minor: {{teams: [network, noc4, noc6]}}, major: {{teams: [network, noc4, noc6]}}, critical: {{teams: [network, noc4, noc6]}}}}
"""
RECEIVER = """
import sys, json, time
sys.path.insert(0, {tests!r})
import receivers
class Fixed(receivers.Server):
    def __init__(self, family, host, port, tls=None):
        self.fixed = host, port
        super().__init__(family, receivers.Http, tls)
    def server_bind(self):
        self.server_address = self.fixed
        super().server_bind()
    def take(self, what):
        print(json.dumps({{"port": self.fixed[1], **json.loads(what["body"])}}), flush=True)
        return True
if sys.argv[1] == "near":
    Fixed("ipv6", "::1", 8443, receivers.tls_of(({cert!r}, {key!r})))
    Fixed("ipv4", "127.0.0.1", 8081)
else:
    Fixed("ipv6", "fd73:9::9", 8082)
    Fixed("ipv4", "10.73.9.9", 8082)
time.sleep(3600)
"""


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def inside(space, *command):
    return ["ip", "netns", "exec", space, *map(str, command)]


def wait_for(what, condition):
    until = time.monotonic() + HANG_S
    while not (found := condition()):
        assert time.monotonic() < until, f"never: {what}: {(HERE / 'out').read_text()}{(HERE / 'err').read_text()}"
        time.sleep(0.05)
    return found


def build():
    for space in GUARD, *FAR:
        run("ip", "netns", "add", space)
        atexit.register(subprocess.run, ["ip", "netns", "del", space])
        run(*inside(space, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0"))
        run(*inside(space, "ip", "link", "set", "lo", "up"))
    for n, (end, space) in enumerate(zip(("ta", "tb"), FAR), 1):
        run("ip", "link", "add", end, "netns", GUARD, "type", "veth", "peer", "far", "netns", space)
        for name, device, host in (GUARD, end, 1), (space, "far", 2):
            run(*inside(name, "ip", "addr", "add", f"10.73.{n}.{host}/24", "dev", device))
            run(*inside(name, "ip", "addr", "add", f"fd73:{n}::{host}/64", "dev", device, "nodad"))
            run(*inside(name, "ip", "link", "set", device, "up"))
        for target in 1, 2, 9:
            run(*inside(space, "ip", "addr", "add", f"10.73.9.{target}/32", "dev", "lo"))
            run(*inside(space, "ip", "addr", "add", f"fd73:9::{target}/128", "dev", "lo"))
        run(*inside(GUARD, "ip", "route", "add", "10.73.9.0/24", "via", f"10.73.{n}.2", "dev", end, "metric", n))
        run(*inside(GUARD, "ip", "route", "add", "fd73:9::/64", "via", f"fd73:{n}::2", "dev", end, "metric", n))


def start():
    certificate = make_certificate(HERE)
    tests = str(pathlib.Path(__file__).parent.parent / "notify")
    code = RECEIVER.format(tests=tests, cert=str(certificate[0]), key=str(certificate[1]))
    HERE.chmod(0o755)
    (HERE / "cert.pem").chmod(0o644)
    (HERE / "fairlead.yaml").write_text(CONFIG.format(here=HERE))
    for end, space in ("near", GUARD), *zip(ENDS, FAR):
        receiver = subprocess.Popen(inside(space, sys.executable, "-c", code, end), stdout=open(HERE / end, "w"))
        atexit.register(receiver.kill)
    daemon = subprocess.Popen(inside(GUARD, FAIRLEAD, "run", "-c", HERE / "fairlead.yaml"),
                              stdout=open(HERE / "out", "w"), stderr=open(HERE / "err", "w"))
    atexit.register(daemon.kill)
    return daemon


def taken(port, end="near"):
    lines = [json.loads(line) for line in (HERE / end).read_text().splitlines() if line.endswith("}")]
    return [line for line in lines if line["port"] == port]


def heard_beyond(end, kind):
    """By whom of those behind the transits, by this one."""
    return sorted({t["person"] or t["kind"] for t in taken(8082, end) if t["kind"] == kind})


def answer(*words):
    return subprocess.run(inside(GUARD, FAIRLEAD, *words, "--control", HERE / "control"), capture_output=True, text=True)


def status():
    return json.loads(answer("status", "--json").stdout.splitlines()[0])["engine"]["pages"]


def sender(daemon):
    for child in pathlib.Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text().split():
        if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "fairlead-notify":
            return int(child)


def lose_transit_a():
    for name in "net.ipv4.icmp_echo_ignore_all", "net.ipv6.icmp.echo_ignore_all":
        run(*inside(FAR[0], "sysctl", "-qw", f"{name}=1"))


def main():
    build()
    daemon = start()
    wait_for("a heartbeat", lambda: taken(8081))  # the whole way is good
    wait_for("heartbeats by the first transit", lambda: len(taken(8082, "transit-a")) >= 2)
    os.kill(sender(daemon), signal.SIGKILL)
    wait_for("another sender", lambda: sender(daemon))
    lose_transit_a()
    page = wait_for("a page by the second channel", lambda: [t for t in taken(8443) if t["kind"] == "new"])[0]
    assert page["person"] == "root" and "loss on transit-a ipv" in page["text"], page
    assert len(page["text"]) <= 300 and f"Do: fairlead ack {page['outage']}" in page["text"], page
    pages = status()
    assert pages["on_call"][0] == {"team": "network", "primary": "root", "secondary": "ben"}, pages
    wait_for("pages beyond the transits", lambda: heard_beyond("transit-b", "new") == ["noc4", "noc6"])
    assert heard_beyond("transit-a", "new") == [], "it is that which fails"
    shown = answer("status").stdout
    assert "on call" in shown and "then ben" in shown and f"outage {page['outage']}" in shown, shown
    done = answer("ack", page["outage"], "--reason", "calling them")
    assert done.returncode == 0 and f"outage {page['outage']} is root's" in done.stdout, done
    # While it still turns graver, what was acknowledged was less.
    wait_for("an acknowledgement that holds", lambda: answer("ack", page["outage"]).returncode == 0 and
             status()["cases"][0]["state"] == "acknowledged")
    assert answer("ack", "99").returncode == 1
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=HANG_S) == 0


if __name__ == "__main__":
    main()
