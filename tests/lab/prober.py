# SPDX-License-Identifier: ISC
"""The probe role by itself, run by probe_host in a namespace, and sums of what it tells; and where it probes: two
namespaces with two links, the first ends of which are a1 and a2, and b1 and b2 the others."""
import atexit, collections, json, os, signal, subprocess, tempfile, time

from spaces import check, inside, run


def join(near, far):
    """Makes both; they go with the test."""
    for space in near, far:
        run("ip", "netns", "add", space)
        atexit.register(subprocess.run, ["ip", "netns", "del", space])
        inside(space, "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0"
                      " net.ipv6.conf.default.keep_addr_on_down=1"
                      " net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0")
        inside(space, "ip link set lo up")
    for n in 1, 2:
        run("ip", "link", "add", f"a{n}", "netns", near, "type", "veth", "peer", f"b{n}", "netns", far)


def address(near, far, net):
    """Link n is 10.NET.n.1 and .2, and fdNET:n::1 and ::2; behind the far end are 10.NET.9.9 and fdNET:9::9."""
    for n in 1, 2:
        for space, end, host in (near, "a", 1), (far, "b", 2):
            inside(space, f"ip addr add 10.{net}.{n}.{host}/24 dev {end}{n}")
            inside(space, f"ip addr add fd{net}:{n}::{host}/64 dev {end}{n} nodad")
            inside(space, f"ip link set {end}{n} up")
    inside(far, f"ip addr add 10.{net}.9.9/32 dev lo")
    inside(far, f"ip addr add fd{net}:9::9/128 dev lo nodad")


class Told:
    """What a process tells, one JSON object a line, as far as it has come."""

    def __init__(self, stream):
        self.file, self.rest = stream.fileno(), ""
        os.set_blocking(self.file, False)

    def events(self):
        try:
            while chunk := os.read(self.file, 1 << 20):
                self.rest += chunk.decode()
        except BlockingIOError:
            pass
        *lines, self.rest = self.rest.split("\n")
        return [json.loads(line) for line in lines]


class Prober:
    """The role and whatever it told so far."""

    def __init__(self, space, program, config, *arguments, wrapper=()):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.file.write(config)
        self.file.flush()
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", space, *wrapper, program, self.file.name, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:  # refused: the caller reads why
            return
        self.pid = json.loads(line)["prober"]
        atexit.register(lambda: os.path.exists(f"/proc/{self.pid}") and os.kill(self.pid, signal.SIGKILL))
        self.events = Told(self.process.stdout).events

    def watch(self, seconds):
        """Sums for each path of what is told from now on, and the signals."""
        self.events()
        return self.sums(seconds)

    def sums(self, seconds):
        until, sums, signals, last = time.monotonic() + seconds, {}, [], time.monotonic()
        self.silence = 0
        while time.monotonic() < until:
            time.sleep(0.02)
            for event in self.events():
                self.silence, last = max(self.silence, time.monotonic() - last), time.monotonic()
                if event["event"] == "signal":
                    signals.append((event["signal"], event["path"]))
                if event["event"] != "tally":
                    continue
                for key in event:
                    if isinstance(event[key], int):
                        of_path = sums.setdefault(event["path"], collections.Counter())
                        of_path[key] += event[key]
                        of_path[event["target"] + "/" + key] += event[key]
        return sums, signals

    def stop(self):
        """Lets the engine's end go away; the role must follow, in peace."""
        self.process.kill()
        for _ in range(100):
            if not os.path.exists(f"/proc/{self.pid}"):
                break
            time.sleep(0.02)
        errors = self.process.stderr.read()
        check("event=probe_end" in errors, f"the role ends with its engine: {errors}")
        return errors
