# SPDX-License-Identifier: ISC
"""The devices under test: how each is started, and its own count of what it has learned.

A count is asked for often while a table comes in, so it must be cheap for the daemon: counters it
keeps anyway, by its control socket, never a walk over the table.
"""
import json, os, pathlib, pwd, re, shutil, socket, subprocess, sys

from data import FAIRLEAD, HERE
from ground import DEVICE, descendants, feeder_address, wait_for

DEVICE_AS, FEEDER_AS = 64500, 65001  # the feeders' are 65001, 65002 ..., the first of each path
HOLD_S = 180


class Device:
    """One daemon in the ground's device namespace with `peers` sessions configured."""

    name = version_command = None
    internal = False  # whether the sessions are iBGP
    slow = False  # so that some may want fewer runs of it
    peers_max = 16
    asked = "always"  # for its count; or "when idle", or "never"
    poll_s = 0.005

    def __init__(self, ground, peers):
        self.ground, self.peers = ground, peers
        self.process = None

    def begin(self):
        self.start()
        wait_for(f"{self.name} to start", self.is_ready, 20)
        return self

    def main_pid(self):
        """The process that holds the tables: the largest."""
        def size(pid):
            return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
        return max(self.pids(), key=size)

    def pids(self):
        return [self.process.pid, *descendants(self.process.pid)]

    def counts(self):
        """Routes learned from each peer, both families; None: it does not say just now."""
        raise NotImplementedError

    def end(self):
        if self.process:
            self.ground.stop(self.process)
            self.process = None

    def file(self, name, text, mode=0o600):
        path = self.ground.dir / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def more(self):
        """What else its configuration says."""
        return ""

    def feeder_as(self, peer):
        return DEVICE_AS if self.internal else FEEDER_AS + peer

    @classmethod
    def version(cls):
        done = subprocess.run(cls.version_command, capture_output=True, text=True)
        found = re.search(r"\d+\.\d+[\w.]*", done.stdout + done.stderr)
        return f"{cls.name} {found[0] if found else '?'}"

    @classmethod
    def is_installed(cls):
        return shutil.which(cls.version_command[0]) is not None


class Bird(Device):
    name, version_command = "bird", ["bird", "--version"]

    def start(self):
        text = f"router id {DEVICE};\nprotocol device {{}}\n"
        for peer in range(self.peers):
            text += (
                f"protocol bgp p{peer} {{ local {DEVICE} as {DEVICE_AS}; hold time {HOLD_S};\n"
                f"  neighbor {feeder_address(peer)} as {self.feeder_as(peer)}; passive;\n"
                f"  error wait time 1,2;\n"
                f"  ipv4 {{ import all; export none; }};\n  ipv6 {{ import all; export none; }};\n}}\n"
            )
        self.control = self.ground.dir / "bird.ctl"
        config = self.file("bird.conf", text + self.more())
        self.process = self.ground.start_device("bird", "-f", "-c", config, "-s", self.control)
        self.socket = None

    def is_ready(self):
        return self.control.exists()

    def ask(self, question):
        if not self.socket:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(str(self.control))
            self.read_answer()
        self.socket.sendall(question.encode() + b"\n")
        return self.read_answer()

    def read_answer(self):
        text = b""
        while not re.search(rb"(?m)^(0|8|9)\d\d\d( .*)?\n\Z", text):
            text += self.socket.recv(65536)
        return text.decode()

    def imported(self, protocol):
        answer = self.ask(f"show protocols all {protocol}")
        return sum(int(n) for n in re.findall(r"Routes:\s+(\d+) imported", answer))

    def counts(self):
        return [self.imported(f"p{peer}") for peer in range(self.peers)]

    def end(self):
        if self.process and self.socket:
            self.socket.close()
        super().end()


class Frr(Device):
    """bgpd; zebra only says which next hops can be reached, and no route goes to the kernel."""

    name, version_command = "frr", ["/usr/lib/frr/bgpd", "--version"]
    slow, poll_s = True, 0.05

    def start(self):
        own = pwd.getpwnam("frr")
        self.home = self.ground.dir / "frr"
        self.home.mkdir(exist_ok=True)
        os.chown(self.home, own.pw_uid, own.pw_gid)
        text = f"router bgp {DEVICE_AS}\n bgp router-id {DEVICE}\n no bgp ebgp-requires-policy\n"
        text += " no bgp default ipv4-unicast\n no bgp network import-check\n"
        active = ""
        for peer in range(self.peers):
            address = feeder_address(peer)
            text += f" neighbor {address} remote-as {self.feeder_as(peer)}\n"
            text += f" neighbor {address} passive\n neighbor {address} timers 60 {HOLD_S}\n"
            active += f"  neighbor {address} activate\n  neighbor {address} route-map NOTHING out\n"
        for family in "ipv4", "ipv6":
            text += f" address-family {family} unicast\n{active} exit-address-family\n"
        text += self.more() + "exit\nroute-map NOTHING deny 10\n"
        common = ["-z", self.home / "zserv.api", "--vty_socket", self.home, "-A", "127.0.0.1", "-P",
                  "0", "--log", "stdout"]
        self.zebra = self.ground.start_device(
            "/usr/lib/frr/zebra", "-f", self.file("frr/zebra.conf", "", 0o644), "-i",
            self.home / "zebra.pid", *common)
        wait_for("zebra", (self.home / "zserv.api").exists, 20)
        self.process = self.ground.start_device(
            "/usr/lib/frr/bgpd", "-f", self.file("frr/bgpd.conf", text, 0o644), "-i",
            self.home / "bgpd.pid", "--no_kernel", *common)
        self.socket = None

    def is_ready(self):
        return (self.home / "bgpd.vty").exists()

    def ask(self, command):
        if not self.socket:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(str(self.home / "bgpd.vty"))
            self.socket.settimeout(60)
        self.socket.sendall(command.encode() + b"\0")
        text = b""
        while len(text) < 4 or text[-4:-1] != b"\0\0\0":  # then the status
            text += self.socket.recv(65536)
        return text[:-4].decode()

    def received(self, address):
        count = 0
        for family in "ipv4", "ipv6":
            told = json.loads(self.ask(f"show bgp {family} unicast summary json"))
            count += told.get("peers", {}).get(address, {}).get("pfxRcd", 0)
        return count

    def counts(self):
        return [self.received(feeder_address(peer)) for peer in range(self.peers)]

    def end(self):
        if self.process and self.socket:
            self.socket.close()
        super().end()
        self.ground.stop(self.zebra)
        (self.home / "zserv.api").unlink(missing_ok=True)
        (self.home / "bgpd.vty").unlink(missing_ok=True)


class Openbgpd(Device):
    name, version_command = "openbgpd", ["bgpctl", "-V"]
    slow, poll_s = True, 0.05

    def start(self):
        pathlib.Path("/run/openbgpd").mkdir(exist_ok=True)  # its chroot, compiled in
        self.control = self.ground.dir / "bgpd.sock"
        text = f"AS {DEVICE_AS}\nrouter-id {DEVICE}\nfib-update no\nsocket \"{self.control}\"\n"
        text += f"listen on {DEVICE}\nholdtime {HOLD_S}\n"
        for peer in range(self.peers):
            text += f"neighbor {feeder_address(peer)} {{\n remote-as {self.feeder_as(peer)}\n passive\n"
            text += " announce IPv4 unicast\n announce IPv6 unicast\n export none\n}\n"
        text += "allow from any\n"
        self.process = self.ground.start_device(
            "/usr/sbin/bgpd", "-d", "-f", self.file("bgpd.conf", text))

    def ask(self, *words):
        done = subprocess.run(["bgpctl", "-s", self.control, "-j", *words], capture_output=True,
                              text=True)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else None

    def is_ready(self):
        return self.control.exists() and self.ask("show", "neighbor") is not None

    def counts(self):
        told = self.ask("show", "neighbor")
        if told is None:
            return None
        counts = {n["remote_addr"]: n["stats"]["prefixes"]["received"] for n in told["neighbors"]
                  if "remote_addr" in n}
        return [counts.get(feeder_address(peer), 0) for peer in range(self.peers)]


class Gobgp(Device):
    name, version_command = "gobgp", ["gobgpd", "--version"]
    slow, poll_s = True, 0.25
    peers_max = 2  # minutes, and all of a machine's memory

    def start(self):
        text = f'[global.config]\nas = {DEVICE_AS}\nrouter-id = "{DEVICE}"\n'
        text += "[global.apply-policy.config]\ndefault-export-policy = \"reject-route\"\n"
        for peer in range(self.peers):
            text += f'[[neighbors]]\n[neighbors.config]\nneighbor-address = "{feeder_address(peer)}"\n'
            text += f"peer-as = {self.feeder_as(peer)}\n[neighbors.transport.config]\npassive-mode = true\n"
            text += f"[neighbors.timers.config]\nhold-time = {HOLD_S}\nkeepalive-interval = 60\n"
            for family in "ipv4", "ipv6":
                text += "[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\n"
                text += f'afi-safi-name = "{family}-unicast"\n'
        self.process = self.ground.start_device(
            "gobgpd", "-f", self.file("gobgpd.toml", text), "--api-hosts", "127.0.0.1:50051",
            "--pprof-disable")

    def ask(self, *words):
        done = subprocess.run(["ip", "netns", "exec", self.ground.device, "gobgp", "-j", *words],
                              capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def is_ready(self):
        return self.ask("neighbor") is not None

    def counts(self):
        told = self.ask("neighbor")
        if told is None:
            return None
        counts = {}
        for neighbor in told:
            tables = [family.get("state", {}) for family in neighbor.get("afi_safis", [])]
            counts[neighbor["conf"]["neighbor_address"]] = sum(t.get("accepted", 0) for t in tables)
        return [counts.get(feeder_address(peer), 0) for peer in range(self.peers)]


class Fairlead(Device):
    """`fairlead run`, observing: engine, probe, route and web are all on the device's core."""

    name, version_command = "fairlead", [str(FAIRLEAD), "--help"]
    asked = "when idle"  # it counts when asked
    internal = True  # Fairlead's sessions are with the routers of its own AS

    @classmethod
    def version(cls):
        words = ["git", "-C", HERE, "describe", "--always", "--dirty"]
        return f"fairlead {subprocess.run(words, capture_output=True, text=True).stdout.strip() or '?'}"

    def start(self):
        self.control = self.ground.dir / "control.sock"
        self.control.unlink(missing_ok=True)
        routers = "".join(
            f"  - {{name: r{peer}, address: {feeder_address(peer)}, local_address: {DEVICE},"
            f" hold_time_s: {HOLD_S}, families: [ipv4, ipv6]}}\n" for peer in range(self.peers))
        upstreams = "".join(
            f"  - {{name: u{peer}, router: r{peer}, next_hop: [{feeder_address(peer)},"
            f' "fd00:99::{0x10 + peer:x}"], probe: {{mark: {peer + 1}}}}}\n' for peer in range(self.peers))
        text = (
            f"site: bench\nmode: observe\nbgp: {{as: {DEVICE_AS}, router_id: {DEVICE},"
            f" listen: [{DEVICE}]}}\nrouters:\n{routers}upstreams:\n{upstreams}"
            "targets:\n"
            f'  - {{name: one, address: [{feeder_address(8)}, "fd00:99::18"], protocol: icmp, ours: true, rate_pps: 1}}\n'
            f'  - {{name: two, address: [{feeder_address(9)}, "fd00:99::19"], protocol: icmp, ours: true, rate_pps: 1}}\n'
            "steer: {prefixes: [198.18.0.0/15], marker: '64500:666:1'}\nweb: ''\n"
            f"control: '{self.control}'\n")
        self.log = self.ground.dir / "fairlead.log"
        self.process = self.ground.start_device(
            FAIRLEAD, "run", "-c", self.file("fairlead.yaml", text), stdout=subprocess.DEVNULL,
            stderr=open(self.log, "w"))

    def is_ready(self):
        return self.control.exists() and self.counts() is not None

    def main_pid(self):
        """The route process, though with empty tables it is not the largest."""
        names = {pathlib.Path(f"/proc/{pid}/comm").read_text().strip(): pid for pid in self.pids()}
        return names["fairlead-route"]

    def told(self):
        """What it says of each peer's table."""
        with socket.socket(socket.AF_UNIX) as asker:
            asker.connect(str(self.control))
            asker.sendall(b'{"ask":"upstreams","version":1}\n')
            lines = [json.loads(line) for line in asker.makefile()]
        return [line["peer"] for line in lines if "peer" in line]

    def counts(self):
        routes = {peer["peer"]: peer["routes_ipv4"] + peer["routes_ipv6"] for peer in self.told()}
        return [routes.get(f"r{peer}", 0) for peer in range(self.peers)]


class Floor(Device):
    """Reads all and understands nothing: what the feeder and TCP alone take."""

    name, version_command = "floor", [sys.executable, "--version"]
    asked = "never"

    def start(self):
        sink = pathlib.Path(__file__).with_name("sink.py")
        self.process = self.ground.start_device(sys.executable, sink, DEVICE, DEVICE_AS)

    def is_ready(self):
        return "ready" in (self.ground.dir / "device.log").read_text()

    def counts(self):
        return None


ALL = [Fairlead, Bird, Frr, Openbgpd, Gobgp]
