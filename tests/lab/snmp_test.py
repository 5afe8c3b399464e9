#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What a device says by SNMP that an upstream carries: snmp_test.py FAIRLEAD; needs root and snmpd; about 12 s.

    daemon 10.74.1.1 fd74:1::1 a0  ----  b0 10.74.1.2 fd74:1::2 snmpd

Asked by version 2c over IPv4 and by version 3, encrypted, over IPv6, for the wire between them, on which
pings go to and fro. An interface that is not there, keys that are wrong and nobody at all say nothing, and
so does an agent that is gone; it is heard again when it is back.
"""
import atexit, json, os, pathlib, re, shutil, subprocess, sys, tempfile, time

from spaces import run

A, F = f"fls-a{os.getpid()}", f"fls-f{os.getpid()}"
FAIRLEAD = os.path.abspath(sys.argv[1])
HERE = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-snmp-"))
HANG_S = 60
atexit.register(shutil.rmtree, HERE)
V2, V3 = "community: public", "user: watcher, auth_key: authauthauth, priv_key: privprivpriv"
UPSTREAMS = {
    "four": f"{{address: 10.74.1.2, {V2}, interface: b0}}",
    "six": f"{{address: 'fd74:1::2', {V3}, interface: b0}}",
    "absent": f"{{address: 'fd74:1::2', {V2}, interface: b9}}",
    "refused": "{address: 10.74.1.2, user: other, auth_key: wrongwrong, interface: b0}",
    "silent": f"{{address: 10.74.1.77, {V2}, interface: b0}}",
}
CONFIG = f"""
site: lab
mode: observe
bgp: {{as: 64500, router_id: 10.74.1.1}}
routers:
  - {{name: edge, address: 10.74.1.9, local_address: 10.74.1.1, families: [ipv4, ipv6]}}
upstreams:
""" + "".join(f"""  - name: {name}
    router: edge
    next_hop: [10.74.2.{i}, "fd74:2::{i}"]
    probe: {{mark: {i}}}
    capacity_mbps: 1000
    use: {{from: snmp, snmp: {snmp}}}
""" for i, (name, snmp) in enumerate(UPSTREAMS.items(), 1)) + f"""
targets:
  - {{name: far, address: [10.74.1.2, "fd74:1::2"], protocol: icmp, ours: true}}
steer: {{prefixes: [], marker: '64500:666:1'}}
control: {HERE}/control.sock
"""  # fmt: skip
AGENT = """
agentaddress udp:161,udp6:161
rocommunity public
rocommunity6 public
createUser watcher SHA "authauthauth" AES "privprivpriv"
createUser other SHA "rightright"
rouser watcher authpriv
rouser other authnopriv
"""


def start(space, *command, **options):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | options
    process = subprocess.Popen(["ip", "netns", "exec", space, *command], **quiet)
    atexit.register(process.wait)
    atexit.register(process.kill)
    return process


def build():
    for space in A, F:
        run("ip", "netns", "add", space)
        atexit.register(subprocess.run, ["ip", "netns", "del", space])
        run("ip", "netns", "exec", space, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
        run("ip", "-n", space, "link", "set", "lo", "up")
    run("ip", "link", "add", "a0", "netns", A, "type", "veth", "peer", "b0", "netns", F)
    for space, end, host in (A, "a0", 1), (F, "b0", 2):
        run("ip", "-n", space, "addr", "add", f"10.74.1.{host}/24", "dev", end)
        run("ip", "-n", space, "addr", "add", f"fd74:1::{host}/64", "dev", end, "nodad")
        run("ip", "-n", space, "link", "set", end, "up")


def agent():
    (HERE / "snmpd.conf").write_text(AGENT)
    return start(F, "snmpd", "-f", "-Lf", str(HERE / "agent.log"), "-C", "-c", str(HERE / "snmpd.conf"), "-p", str(HERE / "pid"),
                 env=os.environ | {"SNMP_PERSISTENT_DIR": str(HERE), "MIBS": ""})  # fmt: skip


def use():
    """{upstream: (out, in)} in bit/s, None where it is not known."""
    lines = map(json.loads, run(FAIRLEAD, "upstreams", "--json", "--control", f"{HERE}/control.sock").splitlines())
    return {one["upstream"]: (one["out_bps"], one["in_bps"]) for line in lines if "out_bps" in line for one in [line]}


def said():
    return re.findall(r"event=(use_\w+) upstream=(\w+) (?:.*reason='([^']*)')?", (HERE / "err").read_text())


def until(what, condition):
    end = time.monotonic() + HANG_S
    while not (met := condition()):
        if time.monotonic() > end:
            sys.exit(f"FAIL never: {what}\n{said()}\n" + (HERE / "err").read_text()[-2000:])
        time.sleep(0.1)
    print("ok  ", what, flush=True)
    return met


def main():
    build()
    first = agent()
    (HERE / "fairlead.yaml").write_text(CONFIG)
    start(A, FAIRLEAD, "run", "-c", str(HERE / "fairlead.yaml"), stdout=open(HERE / "out", "w"), stderr=open(HERE / "err", "w"))
    start(A, "ping", "-q", "-i", "0.01", "-s", "1000", "10.74.1.2")
    until("a daemon", (HERE / "control.sock").exists)
    for name in "four", "six":
        out, in_ = until(f"use of '{name}'", lambda: None not in (got := use()[name]) and got)
        # 100 pings of 1042 octets a second, both ways, or fewer where the machine is busy.
        assert 20_000 < out < 2_000_000 and 20_000 < in_ < 2_000_000 and 0.4 < out / in_ < 2.5, (out, in_)
    reasons = {"absent": "the agent has no interface of that ifName", "silent": "no answer", "refused": "no answer, or none to this user with these keys"}
    for name, reason in reasons.items():
        until(f"'{name}': {reason}", lambda: ("use_unknown", name, reason) in said())
        assert use()[name] == (None, None)
    first.kill()
    before = said().count(("use_unknown", "four", "no answer"))
    until("the agent is missed", lambda: said().count(("use_unknown", "four", "no answer")) > before)
    assert use()["four"] != (0, 0), "silence is no zero"
    agent()
    known = len([1 for event, name, _ in said() if event == "use_known" and name in ("four", "six")])
    until("and heard again", lambda: len([1 for e, n, _ in said() if e == "use_known" and n in ("four", "six")]) >= known + 2)


main()
