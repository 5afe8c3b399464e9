#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""An outage that is open when the daemon is killed goes on when it is started again: resume_test.py FAIRLEAD;
needs root.

In the network of pages_lab.py a device tells of a crash after a change, by syslog alone; then one transit
answers nothing any more. The daemon is killed in each and started as systemd would: to people it is the
same outage. Who knows of it is not called anew, the next one is called when it was time, what was
acknowledged stays so, and its end is said.
"""
import collections, os, pathlib, signal, subprocess, sys, time

import pages_lab as lab
from pages_lab import FAR, GUARD, HERE, answer, answer_pings, build, guard, inside, processes, status, take_pages, taken, wait_for

FAIRLEAD = os.path.abspath(sys.argv[1])
ACKNOWLEDGE_S = 20
KEYS = """
store: {{file: {here}/state/store.sqlite}}
syslog: {{listen: [127.0.0.1, "::1"], port: 5514, devices: [{{name: ca1, address: [127.0.0.1, "::1"]}}]}}
"""
SEND = "import socket, sys; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(sys.argv[1].encode(), ('::1', 5514))"


def say(line):
    subprocess.run(inside(GUARD, sys.executable, "-c", SEND, line), check=True)


def kill_and_start(daemon):
    all = [pid for _, pid in processes(daemon)]
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    wait_for("the end of all its processes", lambda: not any(pathlib.Path(f"/proc/{pid}/exe").exists() for pid in all))
    again = guard(FAIRLEAD, "a")
    wait_for("an engine", lambda: status(FAIRLEAD))
    return again


def outages():
    return {outage["outage"]: outage for outage in status(FAIRLEAD).get("outages", [])}


def case(number):
    return next((c for c in status(FAIRLEAD)["pages"]["cases"] if c["outage"] == number), None)


def calls(kind, outage):
    return [page["person"] for page in taken(8443) if page["kind"] == kind and int(page["outage"]) == outage]


def is_delivered(number):
    paged = case(number)["paged"]
    return paged and all(person["delivered"] for person in paged)


def warn(daemon):
    """What only a device tells, and the call to the next one, across a death."""
    say("<189>Nov 26 12:00:00 ca1 mgd[5]: UI_COMMIT: User 'anna' requested 'commit' operation (comment: CR-7)")
    wait_for("the change", lambda: "anna" in (HERE / "out").read_text())
    say("<29>Nov 26 12:00:05 ca1 systemd: l2ald.service: Main process exited, code=dumped, status=6/abrt")
    wait_for("a page of the warning", lambda: calls("new", 1))
    began = time.monotonic()
    wait_for("its delivery", lambda: is_delivered(1))
    time.sleep(0.5)  # until that is kept
    before = outages()[1]
    daemon = kill_and_start(daemon)
    after = wait_for("the same outage", lambda: outages().get(1))
    assert (after["state"], after["title"], after["cause"]) == ("warned", before["title"], before["cause"]), after
    assert abs(after["age_ns"] - before["age_ns"]) < 20e9, (before, after)
    wait_for("a call to the next one", lambda: "ben" in calls("new", 1))
    assert time.monotonic() - began > ACKNOWLEDGE_S - 2, "too soon"
    wait_for("another to the first", lambda: "root" in calls("again", 1))
    assert calls("new", 1).count("root") == 1, taken(8443)
    return daemon


def lose(daemon):
    """The warning comes true, and is acknowledged, across a death."""
    answer_pings(FAR[0], False)
    wait_for("a page of the loss", lambda: "root" in calls("graver", 1))
    wait_for("all that is lost", lambda: outages()[1]["severity"] == "critical" and is_delivered(1))
    wait_for("an acknowledgement that holds", lambda: answer(FAIRLEAD, "ack", 1).returncode == 0 and
             case(1)["state"] == "acknowledged")
    time.sleep(0.5)  # until that is kept
    before = len(taken(8443))
    daemon = kill_and_start(daemon)
    wait_for("the outage", lambda: outages().get(1))
    assert (case(1)["state"], case(1)["has_it"]) == ("acknowledged", "root"), case(1)
    # The loss is found again, and is not another one.
    wait_for("the loss", lambda: [p for p in status(FAIRLEAD)["paths"] if p["verdict"] == "confirmed"])
    time.sleep(5)
    assert sorted(outages()) == [1] and not [p for p in taken(8443)[before:] if p["kind"] != "changed"], taken(8443)
    return daemon


def main():
    build()
    lab.CONFIG = lab.CONFIG.replace("noc6]}", f"noc6], acknowledge_s: {ACKNOWLEDGE_S}}}")
    lab.HANG_S = 200
    take_pages(KEYS)
    (HERE / "state").mkdir()
    (HERE / "state").chmod(0o777)  # the store's process is nobody
    daemon = guard(FAIRLEAD)
    wait_for("paths that are measured", lambda: len(p := status(FAIRLEAD).get("paths", [])) >= 6 and
             all(path["samples"] >= 20 for path in p))
    daemon = warn(daemon)
    daemon = lose(daemon)
    say("<189>Nov 26 12:01:00 ca1 mgd[5]: UI_LOAD_EVENT: User 'anna' is performing a 'rollback'")
    answer_pings(FAR[0], True)
    wait_for("its end", lambda: calls("over", 1))
    assert not outages()
    assert len({(p["outage"], p["key"]) for p in taken(8443)}) == 1, "to vendors, too, it is one"
    new = collections.Counter((p["person"], int(p["outage"])) for p in taken(8443) if p["kind"] == "new")
    assert dict(new) == {("root", 1): 1, ("ben", 1): 1}, new
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=lab.HANG_S) == 0
    past = subprocess.run([FAIRLEAD, "history", "--store", HERE / "state/store.sqlite"], capture_output=True, text=True).stdout
    assert [line.split()[0] for line in past.splitlines()] == ["1.1"], past


if __name__ == "__main__":
    main()
