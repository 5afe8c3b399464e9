# SPDX-License-Identifier: ISC
"""Two namespaces and a wire, and what a process costs: CPU seconds, resident memory.

    device under test 10.99.0.1, fd00:99::1 ---- feeders 10.99.0.10 .11 ..., fd00:99::10 :11 ...

The feeders stand on the next hops of the generated table, so that every daemon finds them on its
own link. Each end has a core of its own; the device's is no one else's.
"""
import atexit, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, time

DEVICE_CORE, FEEDER_CORE = 0, 1
DEVICE, DEVICE6 = "10.99.0.1", "fd00:99::1"
FEEDERS_MAX = 16

def feeder_address(index):
    return f"10.99.0.{10 + index}"

def fail(what):
    sys.exit(f"bench: {what}")

def must(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        fail(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")
    return done.stdout

class Ground:
    """The namespaces and a directory; all that was started and made goes at the end."""

    def __init__(self):
        if os.geteuid():
            fail("namespaces need root")
        if os.cpu_count() < 2:
            fail("the device under test and its feeder need a core each: this machine has one")
        self.device, self.feeders = f"flb{os.getpid()}-d", f"flb{os.getpid()}-f"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-bench-"))
        self.dir.chmod(0o755)
        self.started = []
        for number in signal.SIGINT, signal.SIGTERM:
            signal.signal(number, lambda *_: sys.exit("bench: interrupted"))
        atexit.register(self.close)
        self.build()

    def build(self):
        for space in self.device, self.feeders:
            must("ip", "netns", "add", space)
            must("ip", "netns", "exec", space, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0",
                 "net.ipv6.conf.default.accept_dad=0")
            must("ip", "-n", space, "link", "set", "lo", "up")
        must("ip", "link", "add", "wire", "netns", self.device, "type", "veth", "peer", "name",
             "wire", "netns", self.feeders)
        self.addresses(self.device, [DEVICE], [DEVICE6])
        self.addresses(self.feeders, [feeder_address(i) for i in range(FEEDERS_MAX)],
                       [f"fd00:99::{0x10 + i:x}" for i in range(FEEDERS_MAX)])

    def addresses(self, space, v4, v6):
        for address in v4:
            must("ip", "-n", space, "addr", "add", f"{address}/24", "brd", "+", "dev", "wire")
        for address in v6:
            must("ip", "-n", space, "addr", "add", f"{address}/64", "dev", "wire", "nodad")
        must("ip", "-n", space, "link", "set", "wire", "up")

    def start(self, space, core, *words, **options):
        """A process on a core of its own, in a group of its own."""
        inside = ["ip", "netns", "exec", space, "taskset", "-c", str(core), *map(str, words)]
        process = subprocess.Popen(inside, start_new_session=True, **options)
        self.started.append(process)
        return process

    def start_device(self, *words, **options):
        log = open(self.dir / "device.log", "ab")
        options = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log} | options
        return self.start(self.device, DEVICE_CORE, *words, **options)

    def stop(self, process):
        """It, and what it started: daemons with several processes."""
        group = [process.pid, *descendants(process.pid)]
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pid in group[1:]:
            wait_gone(pid)
        self.started.remove(process)

    def close(self):
        for process in list(self.started):
            self.stop(process)
        for space in self.device, self.feeders:
            for pid in subprocess.run(["ip", "netns", "pids", space], capture_output=True,
                                      text=True).stdout.split():
                kill(int(pid))
            subprocess.run(["ip", "netns", "del", space], capture_output=True)
        shutil.rmtree(self.dir, ignore_errors=True)

def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass

def wait_gone(pid, seconds=5):
    until = time.monotonic() + seconds
    while os.path.exists(f"/proc/{pid}"):
        if time.monotonic() > until:
            kill(pid)
        time.sleep(0.02)

def wait_for(what, condition, seconds, every_s=0.02):
    until = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(every_s)
    return found

def descendants(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found

def cpu_s(pids):
    """Seconds of CPU of all threads of these processes so far, to the nanosecond."""
    total = 0
    for pid in pids:
        for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(path.read_text().split()[0])
    return total / 1e9

def resident_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024

def proportional_mib(pids):
    """Memory of several processes together, shared pages counted once."""
    total = 0
    for pid in pids:
        rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])
    return total / 1024
