#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The Debian package on a throw-away copy of this system, under a systemd of its own: package_test.py BUILD; root, systemd.

Built from what is compiled in BUILD, installed, started, stopped dead, crashed again and again, upgraded while it runs,
removed, purged. All of it in namespaces of mounts, processes, network and cgroups: what is written goes to memory and is
gone with them. 10 s.
"""
import os, pathlib, re, subprocess, sys, tempfile, time

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = os.path.abspath(sys.argv[1])
HANG_S, SKIP = 120, 77
SYSTEMD = "/lib/systemd/systemd"
ROLES = "probe route ingest hook web audit notify store shell".split()
CONFIGURED = {"probe", "route", "web", "audit", "store"}  # the others have nothing to do in CONFIG
UNITS = ["fairlead.service", "fairlead-reflect.service", "fairlead-maintenance.service"]
CONFIG = """site: lab
bgp: {as: 64500, router_id: 127.0.0.1, listen: [127.0.0.1]}
routers:
  - {name: edge, address: 127.0.0.9, local_address: 127.0.0.1, families: [ipv4, ipv6]}
upstreams:
  - {name: transit, router: edge, next_hop: [127.0.0.9, "::1"]}
targets:
  - {name: far, address: [127.0.0.2, "::1"], protocol: icmp, ours: true, rate_pps: 10}
steer: {prefixes: [198.18.0.0/15], marker: '64500:666:1'}
web: 127.0.0.1:8470
audit: /var/lib/fairlead/audit/audit.jsonl
store: {file: /var/lib/fairlead/store/store.db}
role_users: true
"""
# So that the test need not wait: what the unit says otherwise is the same.
SOONER = "[Service]\nWatchdogSec=1\nRestartSec=100ms\n"
# A copy of this system that has no more than systemd itself: nothing is enabled, no device is there.
COPY = """
mount -t tmpfs tmpfs memory
mkdir memory/upper memory/work memory/root cgroup
mount -t overlay overlay -o "lowerdir=/,upperdir=$PWD/memory/upper,workdir=$PWD/memory/work" memory/root
cp package/*.deb memory/root/fairlead.deb
rm -f memory/root/etc/systemd/system/*.wants/*
ln -sf /lib/systemd/system/basic.target memory/root/etc/systemd/system/default.target
systemd-id128 new >memory/root/etc/machine-id
"""
BOOT = f"""
cd memory/root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
[ -d sys/fs/cgroup ] || mount -t tmpfs tmpfs sys/fs && mkdir -p sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/shm dev/pts
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ip link set lo up
exec chroot . env -i container=test PATH="$PATH" {SYSTEMD}
"""
here = pathlib.Path(tempfile.gettempdir())  # a directory of our own
manager = 0  # our systemd, as seen from outside


def run(*command, **more):
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def on(*command, **more):
    """There: what it says, and how it ended."""
    enter = ["nsenter", f"--target={manager}", "--all", f"--root=/proc/{manager}/root", f"--wd=/proc/{manager}/root"]
    return run(*enter, *command, **more)


def must(*command, **more):
    done = on(*command, **more)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}"
    return done.stdout


def shown(name, unit="fairlead"):
    return must("systemctl", "show", "-P", name, unit).strip()


def wait_for(what, condition):
    until = time.monotonic() + HANG_S
    while not (found := condition()):
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.05)
    return found


def ok(what):
    print("ok   ", what, flush=True)


def written():
    """What differs from this system and has our name; what was taken away is a device there."""
    return [str(p) for p in (here / "memory/upper").rglob("*") if "fairlead" in p.name.lower() and not p.is_char_device()]


def installs():
    on("dpkg", "--purge", "fairlead")
    must("dpkg", "--install", "/fairlead.deb")
    for user in ["fairlead", *(f"fairlead-{role}" for role in ROLES)]:
        must("getent", "passwd", user)
    owners = must("stat", "-c", "%U %a", "/var/lib/fairlead/audit", "/var/lib/fairlead/store").split()
    assert owners == ["fairlead-audit", "700", "fairlead-store", "700"], owners
    assert shown("ActiveState") == "inactive" and shown("UnitFileState") == "disabled"
    assert not on("test", "-e", "/etc/fairlead/fairlead.yaml").returncode == 0
    must("fairlead", "--help")
    ok("it is installed, with its users and their directories; nothing is configured, nothing runs")
    words = must("strings", "-n", "8", "/usr/bin/fairlead")
    assert str(SOURCE) not in words, f"it names {SOURCE}"
    assert "cannot read the scenario" in on("fairlead", "rehearse", "no-such-outage").stdout
    must("test", "-f", "/usr/share/fairlead/scenarios/telia/scenario.yaml")
    must("test", "-f", "/usr/share/fairlead/patterns/cisco.pattern")
    ok("it knows nothing of where it was built, and has scenarios and patterns")


def starts():
    must("sh", "-c", "cat >/etc/fairlead/fairlead.yaml", input=CONFIG)
    must("systemctl", "enable", "fairlead")
    must("systemctl", "start", "fairlead")  # comes back when it is ready
    assert "mode observe" in shown("StatusText"), shown("StatusText")
    must("fairlead", "status")
    found = must("journalctl", "--no-pager", "--output=cat", "--unit=fairlead", "FAIRLEAD_EFFECT=role", "FAIRLEAD_ROLE=web")
    assert found == "the web process is alive\n", found
    ok("it starts, says that it is ready, answers, and the journal has what it tells by fields")


def is_confined(group):
    """As /proc has it: who each process is, and that it can do nothing that not anybody can."""
    found = {}
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            ours = f"/{group.name}/system.slice/fairlead.service" in (process / "cgroup").read_text()
            status = dict(re.findall(r"^(\w+):\s+(\S+)", (process / "status").read_text(), re.M))
            name = (process / "comm").read_text().strip()
        except OSError:
            continue
        if ours:
            found[status["Uid"], name] = status
    users = {name: must("getent", "passwd", uid).split(":")[0] for uid, name in found if not name.startswith("keep-")}
    assert users == {"fairlead": "fairlead"} | {f"fairlead-{role}": f"fairlead-{role}" for role in CONFIGURED}, users
    for (uid, name), status in found.items():
        caps = {status[c] for c in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
        assert caps == {"0" * 16}, f"{name}: {status}"
        assert uid != "0" and status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", f"{name}: {status}"
    for unit in UNITS:
        must("systemd-analyze", "security", "--no-pager", "--threshold=20", unit)
    ok("each process is a user of its own, without capabilities, filtered; each unit is at 2.0 or below")


def stops_dead():
    must("mkdir", "-p", "/run/systemd/system/fairlead.service.d")
    must("sh", "-c", "cat >/run/systemd/system/fairlead.service.d/sooner.conf", input=SOONER)
    must("systemctl", "daemon-reload")
    must("systemctl", "restart", "fairlead")
    before = shown("MainPID")
    must("kill", "-STOP", before)
    wait_for("another process", lambda: shown("MainPID") not in ("0", before) and shown("ActiveState") == "active")
    ok("one that stands still is ended by the watchdog, and begun again")


def crashes():
    def again():
        on("systemctl", "kill", "--kill-whom=main", "--signal=SEGV", "fairlead")
        return shown("ActiveState") == "failed"
    wait_for("an end of it", again)
    assert shown("MainPID") == "0"
    must("systemctl", "reset-failed", "fairlead")
    must("systemctl", "start", "fairlead")
    must("systemctl", "reload", "fairlead")
    ok("one that crashes again and again stays down; it is started by hand")


def units_beside():
    must("systemctl", "start", "fairlead-reflect", "fairlead-maintenance.path")
    must("sh", "-c", "echo none of ours >/var/lib/fairlead/maintenance/notice.txt")
    wait_for("a look at what came", lambda: shown("ExecMainExitTimestampMonotonic", "fairlead-maintenance") != "0")
    assert shown("Result", "fairlead-maintenance") == "success"
    assert shown("ActiveState", "fairlead-reflect") == "active"
    ok("the reflector runs, and the directory of notices is read when something comes")


def upgrades():
    newer = here / "newer"
    run("dpkg-deb", "--raw-extract", here / "memory/root/fairlead.deb", newer, check=True)
    control = newer / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 99", control.read_text(), flags=re.M))
    run("dpkg-deb", "-Znone", "--root-owner-group", "--build", newer, here / "memory/root/newer.deb", check=True)
    before = shown("MainPID")
    must("dpkg", "--install", "/newer.deb")
    assert shown("ActiveState") == "active" and shown("MainPID") != before
    assert must("cat", "/etc/fairlead/fairlead.yaml") == CONFIG
    must("fairlead", "audit", "verify", "/var/lib/fairlead/audit/audit.jsonl")
    ok("upgraded, what is new runs, with the configuration and the records of before")


def goes():
    must("dpkg", "--remove", "fairlead")
    assert not on("test", "-e", "/usr/bin/fairlead").returncode == 0
    must("test", "-f", "/etc/fairlead/fairlead.yaml")
    assert "fairlead" not in must("systemctl", "list-units", "--no-pager", "--plain", "--state=active")
    ok("removed, nothing runs, the configuration stays")
    must("rm", "/etc/fairlead/fairlead.yaml", "/newer.deb", "/fairlead.deb")
    must("rm", "-r", "/run/systemd/system/fairlead.service.d")
    must("dpkg", "--purge", "fairlead")
    assert not written(), f"left behind: {written()}"
    assert "fairlead" not in must("getent", "passwd") + must("getent", "group")
    ok("purged, nothing is left")


def boots():
    """A systemd in namespaces of its own, which end with it."""
    global manager
    with open("console", "w") as console:
        boot = subprocess.Popen(["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child",
                                 "sh", "-ec", BOOT], stdout=console, stderr=console)
    children = pathlib.Path(f"/proc/{boot.pid}/task/{boot.pid}/children")
    manager = int(wait_for("a first process", lambda: children.read_text().strip()))
    wait_for("systemd", lambda: pathlib.Path(f"/proc/{manager}/comm").read_text().strip() == "systemd")
    wait_for("a system", lambda: on("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"))
    ok("a systemd of its own runs")
    return boot


def clear(group):
    """The cgroups that systemd made, as soon as nobody is in them."""
    wait_for("an end", lambda: "populated 0" in (group / "cgroup.events").read_text())
    for directory in sorted(group.rglob("*"), reverse=True):
        if directory.is_dir():
            directory.rmdir()
    group.rmdir()


def inside():
    run("sh", "-ec", COPY, check=True)
    group = here / "cgroup" / here.name
    try:
        run("mount", "-t", "cgroup2", "cgroup2", "cgroup", check=True)
        group.mkdir()
        (group / "cgroup.procs").write_text("0")  # what we start begins there, and sees no more than that
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no cgroup of our own ({error}): skipped")
        sys.exit(SKIP)
    boot = None
    try:
        boot = boots()
        installs()
        starts()
        is_confined(group)
        units_beside()
        stops_dead()
        crashes()
        upgrades()
        goes()
    except AssertionError:
        print((here / "console").read_text(), on("journalctl", "--no-pager", "-n", "60").stdout if boot else "")
        raise
    finally:
        if boot:
            boot.kill()
            boot.wait()
        (here / "cgroup/cgroup.procs").write_text("0")
        clear(group)


def main():
    global here
    if sys.argv[2:]:
        here = pathlib.Path(sys.argv[2])
        os.chdir(here)
        return inside()
    if os.geteuid() != 0 or not os.path.exists(SYSTEMD):
        print("needs root and systemd: skipped")
        sys.exit(SKIP)
    with tempfile.TemporaryDirectory(prefix="fairlead-package-") as directory:
        made = pathlib.Path(directory, "package")
        done = run(SOURCE / "packaging/debian/package.sh", made, BUILD)
        assert done.returncode == 0, done.stdout
        pathlib.Path(directory, "memory").mkdir()
        done = subprocess.run(["unshare", "--mount", sys.executable, __file__, BUILD, directory])
    sys.exit(done.returncode)


main()
