# SPDX-License-Identifier: ISC
"""Kills any process of a real daemon, the daemon itself too, at moments of chance around the beginning of an
outage, and starts it again as systemd would: whoever is on call must hear of the outage all the same. The
network is that of tests/lab/pages_lab.py."""
import collections, os, pathlib, random, shutil, signal, sys, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
import pages_lab as lab

KEYS = """
store: {{file: {here}/state/store.sqlite}}
audit: {here}/state/audit.jsonl
syslog: {{listen: [127.0.0.1, "::1"], port: 5514}}
"""
LATEST_S = 1.5  # after the outage began; by then the page is out, or nearly


class Supervisor:
    def __init__(self, fairlead):
        self.fairlead, self.daemon, self.starts = fairlead, None, 0
        self.start()

    def start(self):
        self.daemon = lab.guard(self.fairlead, "w" if self.starts == 0 else "a")
        self.starts += 1

    def turn(self):
        if self.daemon.poll() is not None:
            self.start()

    def measures(self):
        paths = lab.status(self.fairlead).get("paths", [])
        return len(paths) >= 6 and all(path["samples"] >= 20 for path in paths)

    def end(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait(lab.HANG_S)


def trial(fairlead, dice):
    """(who was killed, seconds from the outage to the page; None: it was lost)"""
    shutil.rmtree(lab.HERE / "state", ignore_errors=True)
    (lab.HERE / "state").mkdir()
    (lab.HERE / "state").chmod(0o777)  # the store's process is nobody
    for spool in lab.HERE.glob("spool*"):
        spool.unlink()
    lab.answer_pings(lab.FAR[0], True)
    supervisor = Supervisor(fairlead)
    lab.wait_for("paths that are measured", supervisor.measures)
    before, began, killed = len(lab.taken(8443)), time.monotonic(), None
    lab.answer_pings(lab.FAR[0], False)
    at, until = began + dice.uniform(0, LATEST_S), began + lab.HANG_S
    while (now := time.monotonic()) < until:
        if not killed and now >= at:
            killed, pid = dice.choice(sorted(lab.processes(supervisor.daemon)))
            os.kill(pid, signal.SIGKILL)
        supervisor.turn()
        pages = [page for page in lab.taken(8443)[before:] if page["kind"] == "new" and "transit-a" in page["text"]]
        if killed and pages:
            break
        time.sleep(0.01)
    supervisor.end()
    return killed, time.monotonic() - began if pages else None


def run(fairlead, kills, seed):
    dice = random.Random(seed)
    lab.build()
    lab.take_pages(KEYS)
    trials = [trial(fairlead, dice) for _ in range(kills)]
    waited = sorted(seconds for _, seconds in trials if seconds is not None)
    return {"kills": kills, "killed": dict(collections.Counter(name for name, _ in trials)),
            "lost": sum(seconds is None for _, seconds in trials),
            "page_p50_s": round(waited[len(waited) // 2], 2) if waited else None,
            "page_max_s": round(waited[-1], 2) if waited else None}
