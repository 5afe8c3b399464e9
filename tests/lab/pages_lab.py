# SPDX-License-Identifier: ISC
"""A small network whose pages are taken: for pages_test.py, and for bench/pages, which kills in it.

    fairlead 10.73.1.1 (ta) ----- 10.73.1.2 far side of transit-a (flr-p..a) has 10.73.9.1, .2, .9
             10.73.2.1 (tb) ----- 10.73.2.2 far side of transit-b (flr-p..b) has them, too

IPv6 likewise. Pages are taken within the namespace of fairlead, and behind both transits (.9).
"""
import atexit, json, os, pathlib, shutil, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "notify"))
from receivers import make_certificate

GUARD, *FAR = [f"flr-p{os.getpid()}{end}" for end in "gab"]
ENDS = "transit-a", "transit-b"
HERE = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-pages-"))
atexit.register(shutil.rmtree, HERE, ignore_errors=True)
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
        sys.stdout.write(json.dumps({{"port": self.fixed[1], **json.loads(what["body"])}}) + "\\n")  # threads: at once
        sys.stdout.flush()
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


def take_pages(more=""):
    """Writes the configuration, with these keys too, and starts all who take pages."""
    certificate = make_certificate(HERE)
    tests = str(pathlib.Path(__file__).parent.parent / "notify")
    code = RECEIVER.format(tests=tests, cert=str(certificate[0]), key=str(certificate[1]))
    HERE.chmod(0o755)
    (HERE / "cert.pem").chmod(0o644)
    (HERE / "fairlead.yaml").write_text((CONFIG + more).format(here=HERE))
    for end, space in ("near", GUARD), *zip(ENDS, FAR):
        receiver = subprocess.Popen(inside(space, sys.executable, "-c", code, end), stdout=open(HERE / end, "w"))
        atexit.register(receiver.kill)


def guard(fairlead, mode="w"):
    daemon = subprocess.Popen(inside(GUARD, fairlead, "run", "-c", HERE / "fairlead.yaml"), stdin=subprocess.DEVNULL,
                              stdout=open(HERE / "out", mode), stderr=open(HERE / "err", mode))
    atexit.register(daemon.kill)
    return daemon


def taken(port, end="near"):
    lines = [json.loads(line) for line in (HERE / end).read_text().splitlines() if line.endswith("}")]
    return [line for line in lines if line["port"] == port]


def heard_beyond(end, kind):
    """By whom of those behind the transits, by this one."""
    return sorted({t["person"] or t["kind"] for t in taken(8082, end) if t["kind"] == kind})


def answer(fairlead, *words):
    return subprocess.run(inside(GUARD, fairlead, *words, "--control", HERE / "control"), capture_output=True, text=True)


def status(fairlead):
    """What the engine shows of itself; none: it does not answer."""
    shown = answer(fairlead, "status", "--json").stdout.splitlines()
    return json.loads(shown[0])["engine"] if shown else {}


def processes(daemon):
    """(name, number) of each, itself too."""
    all = {daemon.pid: "engine"}
    for child in pathlib.Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text().split():
        all[int(child)] = pathlib.Path(f"/proc/{child}/comm").read_text().strip().removeprefix("fairlead-")
    return [(name, pid) for pid, name in all.items()]


def sender(daemon):
    return dict(processes(daemon)).get("notify")


def answer_pings(space, do):
    for name in "net.ipv4.icmp_echo_ignore_all", "net.ipv6.icmp.echo_ignore_all":
        run(*inside(space, "sysctl", "-qw", f"{name}={int(not do)}"))
