#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What each process may do, read in /proc, and what becomes of one that does more: confined_test.py
FAIRLEAD; needs root and bird; about 5 s. The network is that of run_test.py.

The daemon starts as its unit starts it, never root, with users of its own for each process. A call that a
process may not make is made in its name, by ptrace, as an attacker who took it over would.
"""
import ctypes, os, pathlib, platform, re, signal, subprocess, struct, sys

import run_test
from run_test import GUARD, HERE, Daemon, check, inside, router_says, wait_for

ROLES = ["probe", "route", "ingest", "hook", "web", "audit", "notify", "store", "shell"]
UNPRIVILEGED = 4200  # the daemon's own; the roles' follow it
UNIT = (pathlib.Path(__file__).parents[2] / "packaging/systemd/fairlead.service").read_text()
GIVEN = re.search(r"^CapabilityBoundingSet=(.*)", UNIT, re.M)[1].lower().replace("cap_", "").split()
MORE = f"""
role_users: true
control: {HERE}/run/control.sock
audit: {HERE}/audit/audit.jsonl
store: {{file: {HERE}/store/store.db}}
counters: {{listen: [127.0.0.1, "::1"]}}
ssh:
  {{user: guard, key_file: {HERE}/ssh_key, known_hosts: {HERE}/known_hosts, vendors: [{{name: junos, commands: [x]}}],
   devices: [{{name: edge1, address: 127.0.0.1, port: 9, vendor: junos}}]}}
hooks: [{{name: shut, object: upstream transit, program: /bin/true}}]
alert:
  spool: {HERE}/run/pages
  channels: [{{name: bell, kind: webhook, url: "http://127.0.0.1:9/"}}]
  people: [{{name: anna, channels: [bell]}}]
  teams: [{{name: network, rota: [{{people: [anna], from: "2026-01-05 00:00"}}]}}]
"""


def make_users():
    """An /etc/passwd of the namespaces' own, and directories for those that write."""
    names = ["guard", *(f"guard-{role}" for role in ROLES)]
    users = "".join(f"{name}:x:{UNPRIVILEGED + i}:{UNPRIVILEGED + i}::/:/bin/false\n" for i, name in enumerate(names))
    (HERE / "passwd").write_text("root:x:0:0::/:/bin/sh\n" + users)
    for directory, owner in ("run", "guard"), ("audit", "guard-audit"), ("store", "guard-store"):
        (HERE / directory).mkdir()
        number = UNPRIVILEGED + names.index(owner)
        os.chown(HERE / directory, number, number)
    for name in "ssh_key", "known_hosts":  # never used: nobody listens there
        (HERE / name).write_text("# none\n")
        (HERE / name).chmod(0o600)
        os.chown(HERE / name, UNPRIVILEGED, UNPRIVILEGED)


class Guard(Daemon):
    """As fairlead.service has it started."""

    def __init__(self):
        run_test.CONFIG = run_test.CONFIG.split("\nrole_users")[0] + MORE
        path = HERE / "fairlead.yaml"
        path.write_text(run_test.CONFIG % {"web": "127.0.0.1:8470", "record": ""})
        caps = ",".join(["-all", *(f"+{name}" for name in GIVEN)])
        self.process = subprocess.Popen(
            inside(GUARD, "sh", "-c", f'mount --bind {HERE}/passwd /etc/passwd && exec "$@"', "sh",
                   "setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups",
                   f"--inh-caps={caps}", f"--ambient-caps={caps}", f"--bounding-set={caps}", "--no-new-privs",
                   run_test.FAIRLEAD, "run", "-c", str(path)),
            stdout=open(HERE / "out", "w"), stderr=open(HERE / "err", "w"))
        run_test.atexit.register(self.process.kill)


def status(pid):
    return dict(re.findall(r"^(\w+):\t(.*)$", open(f"/proc/{pid}/status").read(), re.M))


def holds_nothing(pid, uid):
    found = status(pid)
    check(found["Uid"].split() == [str(uid)] * 4 and found["Gid"].split() == [str(uid)] * 4, found)
    check(found["Groups"].split() == [], found)
    for kind in "Inh", "Prm", "Eff", "Amb", "Bnd":  # nor could a program get them back
        check(int(found["Cap" + kind], 16) == 0, kind, found)
    check(found["NoNewPrivs"] == "1" and found["Seccomp"] == "2", found)


def nobody_holds_anything():
    d = Guard().is_up()
    for i, role in enumerate(ROLES):
        pid = d.role(role)
        wait_for(f"the filter of {role}", lambda: int(status(pid)["Seccomp_filters"]) == 2)  # its keeper's too
        holds_nothing(pid, UNPRIVILEGED + 1 + i)
    wait_for("the filter of the parent", lambda: status(d.process.pid)["Seccomp"] == "2")
    holds_nothing(d.process.pid, UNPRIVILEGED)
    wait_for("a picture", d.status)
    wait_for("the audit log", lambda: (HERE / "audit/audit.jsonl").stat().st_uid == UNPRIVILEGED + 1 + ROLES.index("audit"))
    wait_for("the store", lambda: (HERE / "store/store.db").exists())
    return d


# ---- a call in a process's name

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
ATTACH, CONTINUE, DETACH, GET, SET = 16, 7, 17, 12, 13
WORDS = 27  # of struct user_regs_struct, sys/user.h
RAX, RDX, RSI, RDI, ORIG_RAX, RIP = 10, 12, 13, 14, 15, 16
EXECVE, SOCKET, KILL, PTRACE = 59, 41, 62, 101


def makes_call(pid, number, *arguments):
    """The process makes this call next; gives the signal that ends it."""
    check(LIBC.ptrace(ATTACH, pid, None, None) == 0, os.strerror(ctypes.get_errno()))
    os.waitpid(pid, 0x40000000)  # __WALL
    room = ctypes.create_string_buffer(8 * WORDS)
    check(LIBC.ptrace(GET, pid, None, ctypes.addressof(room)) == 0)
    registers = list(struct.unpack(f"{WORDS}Q", room.raw))
    with open(f"/proc/{pid}/mem", "rb") as memory:
        memory.seek(registers[RIP] - 2)
        check(memory.read(2) == b"\x0f\x05", "it waits in no call")  # syscall
    registers[RIP] -= 2
    registers[RAX], registers[ORIG_RAX] = number, 2**64 - 1
    for register, argument in zip((RDI, RSI, RDX), arguments):
        registers[register] = argument
    room.raw = struct.pack(f"{WORDS}Q", *registers)
    check(LIBC.ptrace(SET, pid, None, ctypes.addressof(room)) == 0)
    check(LIBC.ptrace(CONTINUE, pid, None, None) == 0)
    _, ended = os.waitpid(pid, 0x40000000)
    return os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else None


def one_that_may_die_lives_again(d):
    for role, call in (("web", (SOCKET, 2, 1, 0)), ("store", (SOCKET, 2, 1, 0)), ("audit", (KILL, 1, 0, 0)),
                       ("ingest", (EXECVE, 0, 0, 0)), ("notify", (PTRACE, 0, 0, 0))):
        first = d.role(role)
        check(makes_call(first, *call) == signal.SIGSYS, role)
        again = wait_for(f"{role} again", lambda: d.role_now(role) not in (None, first) and d.role_now(role))
        wait_for("its filter", lambda: status(again)["Seccomp_filters"] == "2")
        holds_nothing(again, UNPRIVILEGED + 1 + ROLES.index(role))
    check("it asked the kernel for what it may not" in d.out, d.out)
    check("Established" in router_says(), router_says())


def what_overrides_depend_on_takes_all_along(d):
    # With sanitizers the parent may do anything, see role/filter.h.
    parent = [] if b"__asan_init" in open(run_test.FAIRLEAD, "rb").read() else [(None, (EXECVE, 0, 0, 0))]
    for role, call in ("probe", (SOCKET, 2, 3, 1)), ("route", (EXECVE, 0, 0, 0)), *parent:
        pid = d.role(role) if role else d.process.pid
        roles = [d.role(name) for name in ROLES]
        if role:
            check(makes_call(pid, *call) == signal.SIGSYS, role)
            check(d.process.wait(run_test.HANG_S) == 3, d.err)
            check(f"fairlead: {role} killed by signal 31" in d.err, d.err)
        else:
            check(makes_call(pid, *call) == signal.SIGSYS, "the parent")
        wait_for("the session's end", lambda: "Established" not in router_says())
        wait_for("everybody's end", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in roles))
        d = Guard().is_up() if role else d
    d.process.kill()


def main():
    run_test.prepare()
    make_users()
    d = nobody_holds_anything()
    if platform.machine() == "x86_64":
        one_that_may_die_lives_again(d)
        what_overrides_depend_on_takes_all_along(d)
    print("passed", "" if platform.machine() == "x86_64" else "(without calls in their names)")


if __name__ == "__main__":
    main()
