#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Routers and targets as they should not be: bad_input_test.py FAIRLEAD; needs root; about 25 s.

One daemon, one namespace, a dozen routers that each do something wrong and one that does not: each is
told of once and in words that say what is wrong, the good one stays up throughout, a target that
never answers counts for nothing, and the end is as clean as ever.
"""
import atexit, json, os, pathlib, re, signal, socket, struct, subprocess, sys, tempfile, threading, time

SPACE = f"flb-{os.getpid()}"
HANG_S = 30
CAPABILITIES = bytes([1, 4, 0, 1, 0, 1, 65, 4]) + struct.pack(">I", 64500)

# ---- the routers


def message(kind, body=b""):
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), kind) + body


def opening(number, asn=64500):
    options = bytes([2, len(CAPABILITIES)]) + CAPABILITIES if asn == 64500 else b""
    router_id = bytes([10, 73, 0, number])
    return message(1, struct.pack(">BHH4sB", 4, asn, 9, router_id, len(options)) + options)


KEEPALIVE = message(4)


def lives(call, first):
    call.recv(4096)
    call.sendall(first)
    call.settimeout(2)
    while True:
        try:
            if not call.recv(4096):
                return
        except TimeoutError:
            pass
        call.sendall(KEEPALIVE)


def says(call, what, pause_s=1):
    call.recv(4096)
    call.sendall(what)
    time.sleep(pause_s)


def is_mute(call):
    time.sleep(60)


def floods(call):
    says(call, opening(9) + KEEPALIVE, 0)
    while True:
        call.sendall(KEEPALIVE * 200)


# The last octet of the address, the name, what it does, and what must be said of it.
ROUTERS = [
    (2, "garbage", lambda c: says(c, b"\x00" * 600), "Connection Not Synchronized: marker has octet 00"),
    (3, "wrong-port", lambda c: says(c, b"SSH-2.0-OpenSSH_9.2\r\n"), "marker has octet 53"),
    (4, "hangs-up", lambda c: c.recv(4), "in OpenSent: "),
    (5, "half-open", lambda c: says(c, opening(5)[:25], 0), "in OpenSent: "),
    (6, "mute", is_mute, "no OPEN came"),
    (7, "wrong-as", lambda c: says(c, opening(7, 64999)), "Bad Peer AS"),
    (8, "bad-update", lambda c: says(c, opening(8) + KEEPALIVE + message(2, b"\xff" * 30)), "Malformed Attribute List"),
    (9, "flood", floods, " is up"),
    (10, "good", lambda c: lives(c, opening(10) + KEEPALIVE), " is up"),
    (11, "twin", lambda c: time.sleep(1) or lives(c, opening(10) + KEEPALIVE),
     "router good has this identifier already"),
    (12, "closed", None, "Connection refused"),
    (99, "absent", None, "No route to host"),
]


def serve(number, behave):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((f"10.73.0.{number}", 179))
    server.listen()

    def answer(call):
        try:
            behave(call)
        except OSError:
            pass
        call.close()

    while True:
        threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()


def be_the_routers():
    for number, _, behave, _ in ROUTERS:
        if behave:
            threading.Thread(target=serve, args=(number, behave), daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


# ---- the daemon

CONFIG = """
site: lab
bgp: {as: 64500, router_id: 10.73.0.1}
routers: [
%s
]
upstreams:
  - {name: transit-a, router: good, next_hop: [10.73.0.21], probe: {source: [10.73.0.1]}}
  - {name: transit-b, router: good, next_hop: [10.73.0.22], probe: {source: [10.73.0.12]}}
targets:
  - {name: answers, address: [10.73.0.2], protocol: icmp, ours: true, rate_pps: 10}
  - {name: answers-too, address: [10.73.0.3], protocol: icmp, ours: true, rate_pps: 10}
  - {name: never, address: [10.73.8.8], protocol: icmp, ours: true, rate_pps: 5}
probe: {path_rate_max_pps: 100, timeout_min_ms: 200, timeout_max_ms: 1000}
steer: {prefixes: [198.18.0.0/15], marker: '64500:666:1'}
"""


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def inside(*command):
    return ["ip", "netns", "exec", SPACE, *command]


def wait_for(what, condition):
    until = time.monotonic() + HANG_S
    while not (found := condition()):
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.1)
    return found


def build():
    run("ip", "netns", "add", SPACE)
    atexit.register(subprocess.run, ["ip", "netns", "del", SPACE])
    run(*inside("ip", "link", "set", "lo", "up"))
    run(*inside("ip", "link", "add", "d0", "type", "veth", "peer", "d1"))
    run(*inside("ip", "link", "set", "d1", "up"))
    run(*inside("ip", "link", "set", "d0", "up"))
    run(*inside("ip", "addr", "add", "10.73.0.1/24", "dev", "d0"))
    run(*inside("ip", "route", "add", "10.73.8.0/24", "dev", "d1"))
    run(*inside("ip", "neigh", "add", "10.73.8.8", "lladdr", "02:00:00:00:00:08", "dev", "d1"))
    for number in range(2, 13):
        run(*inside("ip", "addr", "add", f"10.73.0.{number}/32", "dev", "lo"))
    routers = subprocess.Popen(inside(sys.executable, __file__, "--routers"),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(lambda: (routers.stdin.close(), routers.wait()))
    routers.stdout.readline()


def refuses_a_wrong_address(fairlead, directory):
    path = directory / "wrong.yaml"
    path.write_text(CONFIG % "  {name: good, address: 10.73.0.310, families: [ipv4]}")
    for verb in ["run", "-c", path], ["config", "check", path]:
        done = subprocess.run([fairlead, *verb], capture_output=True, text=True)
        assert done.returncode == 2, done
        assert f"{path}:5: routers[0].address: '10.73.0.310' is not an IP address" in done.stderr, done


def status():
    done = subprocess.run(inside("curl", "-sf", "http://127.0.0.1:8470/api/v1/status"),
                          capture_output=True, text=True)
    return json.loads(done.stdout)["engine"] if done.returncode == 0 else None


def tells_of_each_router_once(out):
    for _, name, _, reason in ROUTERS:
        lines = lambda: [l for l in out().splitlines() if f"session with {name} is" in l]
        wait_for(f"'{reason}' of {name}", lambda: any(reason in l for l in lines()))
        repeated = [l for l in lines() if reason in l]
        if name != "bad-update":  # it comes up in between: that is news
            assert len(repeated) == 1, repeated
    sessions = {s["router"]: s["up"] for s in status()["sessions"]}
    assert sessions.pop("good") and sessions.pop("flood"), sessions
    sessions.pop("bad-update")
    assert not any(sessions.values()), sessions
    assert not re.search("session with (good|flood) is down", out()), out()


def bears_a_target_that_never_answers():
    for path in status()["paths"]:
        # Ten seconds later its first losses have aged away, and what follows counts for nothing.
        assert path["verdict"] == "good" and path["loss_ppm"] == 0, path


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-bad-"))
    atexit.register(subprocess.run, ["rm", "-rf", directory])
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(1))
    fairlead = os.path.abspath(sys.argv[1])
    refuses_a_wrong_address(fairlead, directory)
    build()
    path = directory / "fairlead.yaml"
    path.write_text(CONFIG % ",\n".join(
        f"  {{name: {name}, address: 10.73.0.{number}, local_address: 10.73.0.1, families: [ipv4]}}"
        for number, name, _, _ in ROUTERS))
    began = time.monotonic()
    daemon = subprocess.Popen(inside(fairlead, "run", "-c", path),
                              stdout=open(directory / "out", "w"), stderr=open(directory / "err", "w"))
    atexit.register(daemon.kill)
    out, err = (lambda: (directory / "out").read_text()), (lambda: (directory / "err").read_text())
    try:
        tells_of_each_router_once(out)
        bears_a_target_that_never_answers()
        lived_s = time.monotonic() - began
        daemon.terminate()
        assert daemon.wait(HANG_S) == 0, err()
        # 25 a second on each of three paths, and not 100: nothing was probed faster for ever.
        sent = int(re.search(r"event=probe_end sent=(\d+)", err())[1])
        assert sent < 2 * 3 * 25 * lived_s, (sent, lived_s)
    except BaseException:
        print(out(), err(), sep="\n---\n")
        raise
    print("passed")


if __name__ == "__main__":
    be_the_routers() if sys.argv[1] == "--routers" else main()
