#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`fairlead top` on a real terminal, that of tmux: top_test.py FAIRLEAD; the daemon is played by this
script. What is drawn is tested in src/cmd/top_test.c; here that it arrives, in each sort of terminal,
and that the terminal is given back as it was. About 4 s."""
import json, os, pathlib, re, signal, socket, subprocess, sys, tempfile, threading, time

FAIRLEAD = os.path.abspath(sys.argv[1])
HERE = tempfile.TemporaryDirectory(prefix="fairlead-top-")
SOCKET = pathlib.Path(HERE.name) / "control.sock"
OPTIONS = pathlib.Path(HERE.name) / "tmux.conf"
OPTIONS.write_text("set -s escape-time 0\nset -s exit-empty off\nset -g default-shell /bin/sh\n")
TMUX = ["tmux", "-S", f"{HERE.name}/tmux", "-f", OPTIONS]
NASTY = "\x1b[2J\x1b]0;owned\x07\u009b31m\u202e"


def path(upstream, family, verdict, loss_ppm):
    return {"path": f"{upstream} {family}", "upstream": upstream, "family": family, "verdict": verdict,
            "loss_ppm": loss_ppm, "samples": 640, "rtt_p50_ns": 2100000}


OUTAGE = {"outage": 5, "severity": "critical", "state": "open", "age_ns": 41 * 10**9, "title": f"transit-a {NASTY}",
          "cause": "change by luke on ca1", "action": "12 prefixes are at transit-b", "faults": [1],
          "causes": [{"words": "change by luke on ca1", "share_ppm": 991000, "millinats": 12300}],
          "incidents": [{"path": "transit-a ipv4", "incident": 7, "state": "acting", "reason": "loses all"}]}
ENGINE = {"site": "fra1", "mode": "act", "frozen": False, "ready": True, "waiting": "",
          "paths": [path("transit-a", "ipv4", "confirmed", 990000), path("transit-a", "ipv6", "good", 0)],
          "sessions": [{"router": "edge1", "up": True, "complete": ["ipv4", "ipv6"]}],
          "roles": [{"role": "probe", "state": "alive"}], "override_count": 12, "faults": [], "drains": [],
          "notices": [{"words": "own prefix withdrawn", "severity": "error", "text": NASTY}], "notice_count": 1,
          "use": [{"upstream": "transit-a", "capacity_mbps": 10000, "out_bps": 3.1e9, "in_bps": 8.2e8}]}
ANSWERS = {"status": [{"time": "2026-10-03T07:01:22.000000Z", "version": "0.1.0", "engine": ENGINE},
                      {"done": True}],
           "incidents": [{"outage": OUTAGE}, {"done": True}]}


class Daemon(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        SOCKET.unlink(missing_ok=True)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(SOCKET))
        self.server.listen()
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            with client:
                question = json.loads(client.makefile().readline())
                lines = ANSWERS[question["ask"]]
                client.sendall("".join(json.dumps(line) + "\n" for line in lines).encode())

    def stop(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        SOCKET.unlink()
        self.join()


def tmux(*words):
    return subprocess.run([*TMUX, *words], check=True, capture_output=True, text=True).stdout


def capture(*options):
    return tmux("capture-pane", "-p", "-t", "top", *options)


def wait(what, shown=capture, gone=False):
    """Until the screen has it, or has it no more; gives the screen, of which the rest may not be drawn yet."""
    deadline = time.monotonic() + 60
    while (re.search(what, screen := shown()) is None) != gone:
        assert time.monotonic() < deadline, f"{what!r} {'stays' if gone else 'never came'}:\n{screen}"
        time.sleep(0.02)
    return screen


def start(columns, rows, environment=""):
    """Within a shell that tells what it left of the terminal."""
    line = (f"trap : INT; stty -g >{HERE.name}/before; env {environment} {FAIRLEAD} top --control {SOCKET}; echo status $?;"
            f"stty -g | cmp - {HERE.name}/before && echo as before; sleep 60")
    tmux("new-session", "-d", "-s", "top", "-x", str(columns), "-y", str(rows), line)


def end(how):
    how()
    wait("status 0")
    wait("as before")
    tmux("kill-session", "-t", "top")


def keys(*names):
    tmux("send-keys", "-t", "top", *names)


def send(number):
    """To the program in the terminal, and to nothing else."""
    shell = int(tmux("display-message", "-p", "-t", "top", "#{pane_pid}"))
    children = pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
    os.kill(int(children[0]), number)


def shows_and_moves():
    daemon = Daemon()
    start(80, 24, "LC_ALL=C.UTF-8")
    wait("1 outage, critical, for 41 s")
    wait(r"\A fairlead 0\.1\.0  site fra1, mode act")
    wait(r"\n transit-a       confirmed  99\.0 %        2\.1 ms good ")
    wait(re.escape(r"transit-a \x1b[2J\x1b]0;owned\x07\x9b31m?"))
    wait("\x1b\\[[0-9;]*31m", lambda: capture("-e"))  # red
    keys("Enter")
    wait("OUTAGE 5: critical")
    wait(r"99\.1 %  change by luke on ca1")
    keys("Escape")
    wait("OPEN OUTAGES")
    keys("?")
    wait("This screen only looks")
    keys("q")
    end(lambda: None)
    return daemon


def survives_resizing_and_a_lost_daemon(daemon):
    start(60, 20, "LC_ALL=C.UTF-8")
    wait("WAYS OUT")
    wait("v4 transit-a")
    tmux("resize-window", "-t", "top", "-x", "150", "-y", "50")
    wait("carries out")
    wait("3\\.1 Gbit/s  31 %")
    daemon.stop()
    wait("NO ANSWER for [0-9]+ s: no daemon is running there. What stands here is as old.")
    wait("confirmed")
    daemon = Daemon()
    wait("NO ANSWER", gone=True)
    end(lambda: send(signal.SIGTERM))


def draws_without_colour():
    for environment in "NO_COLOR=1 LC_ALL=C.UTF-8", "TERM=vt100 LC_ALL=C":
        start(80, 24, environment)
        wait("1 outage, critical")
        assert not re.search("\x1b\\[[0-9;]*(3[0-7]|38;[0-9;]*|4[0-7])m", capture("-e")), environment
        end(lambda: keys("C-c"))


def refuses_what_is_no_terminal():
    done = subprocess.run([FAIRLEAD, "top", "--control", SOCKET], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 2 and "this is no terminal" in done.stderr, done
    start(80, 24, "TERM=nonsense ASAN_OPTIONS=detect_leaks=0")  # ncurses keeps what it began to draw on
    assert "status 2" in wait("is TERM right.*\n(.*\n)*.*status")


def main():
    try:
        daemon = shows_and_moves()
        survives_resizing_and_a_lost_daemon(daemon)
        draws_without_colour()
        refuses_what_is_no_terminal()
    finally:
        subprocess.run([*TMUX, "kill-server"], stderr=subprocess.DEVNULL)
    print("top: all shown, and the terminal given back")


main()
