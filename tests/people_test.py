#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What `fairlead drain` and the like ask of a daemon, and what people see and get as exit status:
people_test.py FAIRLEAD; the daemon is played by this script. About 3 s."""
import json, os, pathlib, signal, socket, subprocess, sys, tempfile, threading, time

FAIRLEAD = os.path.abspath(sys.argv[1])
HERE = tempfile.TemporaryDirectory(prefix="fairlead-people-")
SOCKET = pathlib.Path(HERE.name) / "control.sock"


class Daemon(threading.Thread):
    """Answers each kind of question with the next of its lines, the last one for ever."""

    def __init__(self, answers):
        super().__init__(daemon=True)
        self.answers, self.asked = answers, []
        SOCKET.unlink(missing_ok=True)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(SOCKET))
        self.server.listen()
        self.start()

    def run(self):
        while True:
            client, _ = self.server.accept()
            with client:
                question = json.loads(client.makefile().readline())
                self.asked.append(question)
                lines = self.answers[question["ask"]]
                lines = lines.pop(0) if len(lines) > 1 else lines[0]
                client.sendall("".join(json.dumps(line) + "\n" for line in lines).encode())


def fairlead(*words):
    done = subprocess.run([FAIRLEAD, *words, "--control", SOCKET], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def drain_is(state, text):
    return [{"drain": {"number": 3, "state": state, "text": text}}, {"done": True}]


YES = [[{"done": True, "accepted": True, "number": 3, "text": "drain 3 of router edge1 has begun"}]]
NO = [[{"done": True, "accepted": False, "number": 0, "text": "transit-b is not well either"}]]
DRAIN = ["drain", "router", "edge1", "--reason", "TICKET-1"]


def asks_and_shows():
    rows = [
        (YES, 0, "drain 3 of router edge1 has begun\n", ""),
        (NO, 1, "", "fairlead: refused: transit-b is not well either\n"),
        ([[{"error": "there is no router 'x'", "exit": 2}]], 2, "", "fairlead: there is no router 'x'\n"),
        ([[{"error": "out of memory"}]], 3, "", "fairlead: out of memory\n"),
    ]
    for answer, *expected in rows:
        daemon = Daemon({"drain": answer})
        assert list(fairlead(*DRAIN, "--for", "1h30m")) == expected, expected
        assert daemon.asked == [{"ask": "drain", "version": 1, "object": "router edge1",
                                 "for_s": 5400, "reason": "TICKET-1"}], daemon.asked
    daemon = Daemon({"approve": NO})
    assert fairlead("approve", "7")[0] == 1
    assert daemon.asked == [{"ask": "approve", "version": 1, "number": 7, "reason": ""}], daemon.asked
    daemon = Daemon({"ack": YES})
    assert fairlead("ack", "4", "--reason", "calling them")[0] == 0
    assert daemon.asked == [{"ask": "ack", "version": 1, "number": 4, "reason": "calling them"}], daemon.asked
    daemon = Daemon({"undrain": YES, "freeze": YES, "thaw": NO})
    assert fairlead("undrain", "member switches/ca2")[0] == 0
    assert fairlead("freeze", "--reason", "x")[0] == 0 and fairlead("thaw")[0] == 1
    daemon_too = Daemon({"stop": YES})
    assert fairlead("stop", "--reason", "x")[0] == 0
    assert daemon_too.asked == [{"ask": "stop", "version": 1, "reason": "x"}], daemon_too.asked
    Daemon({"undrain": YES, "freeze": YES, "thaw": NO})
    assert [(a["ask"], a["reason"]) for a in daemon.asked] == [("undrain", ""), ("freeze", "x"), ("thaw", "")]
    status, out, _ = fairlead("freeze", "--json")
    assert status == 0 and json.loads(out)["accepted"] is True


def refuses_wrong_usage():
    Daemon({})
    for words in [["drain", "router", "edge1"], ["drain", "--reason", "x"], [*DRAIN, "--for", "2"],
                  [*DRAIN, "--for", "-1h"], [*DRAIN, "--for", "31d"], [*DRAIN, "--for", ""], [*DRAIN, "--for"],
                  ["drain", "a", "b", "c", "--reason", "x"], ["drain", "x" * 200, "--reason", "x"],
                  ["drain", "site", "--reason", "a\nb"], ["drain", "site", "--reason", "x" * 96],
                  ["undrain"], ["undrain", "site", "--wait"], ["undrain", "site", "--for", "1h"],
                  ["freeze", "now"], ["thaw", "--for", "1h"], ["approve"], ["approve", "x"], ["approve", "0"], ["approve", "1", "2"],
                  ["approve", "-1"], ["ack"], ["ack", "0"], ["ack", "1", "2"], ["plans", "3"], ["paths", "x"],
                  ["incidents", "x"], ["incidents", "0"], ["incidents", "1", "2"]]:
        status, out, errors = fairlead(*words)
        assert status == 2 and out == "" and errors.startswith(f"fairlead: {words[0]}: "), (words, errors)
    for verb in "ack", "stop", "maintenance", "lift", "unlift", "approve", "drain", "undrain", "freeze", "thaw", "plans", "paths", "incidents":
        status, out, errors = fairlead(verb, "--help")
        assert status == 0 and out.startswith(f"  fairlead {verb}") and errors == "", verb
    SOCKET.unlink()
    assert fairlead(*DRAIN)[0] == 3


def waits_until_safe():
    steps = [drain_is("moving", "moving away"), drain_is("waiting", "leaving"), drain_is("waiting", "leaving")]
    Daemon({"drain": YES, "plans": [*steps, drain_is("safe", "safe to work")]})
    assert fairlead(*DRAIN, "--wait") == (0, "\n".join(
        ["drain 3 of router edge1 has begun", "moving away", "leaving", "safe to work", ""]), "")
    for last in "unsure", "over", "restoring":
        Daemon({"drain": YES, "plans": [drain_is(last, "the end")]})
        assert fairlead(*DRAIN, "--wait") == (1, "drain 3 of router edge1 has begun\n", "the end\n"), last
    Daemon({"drain": NO})
    assert fairlead(*DRAIN, "--wait")[0] == 1
    Daemon({"drain": YES, "plans": [drain_is("safe", "safe to work")]})
    lines = fairlead(*DRAIN, "--wait", "--json")[1].splitlines()
    assert json.loads(lines[1]) == {"number": 3, "state": "safe", "text": "safe to work"}, lines


def leaves_the_drain_when_interrupted():
    daemon = Daemon({"drain": YES, "plans": [drain_is("waiting", "leaving")]})
    waiting = subprocess.Popen([FAIRLEAD, *DRAIN, "--wait", "--control", SOCKET], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    while len(daemon.asked) < 2:
        time.sleep(0.01)
    waiting.send_signal(signal.SIGINT)
    out, errors = waiting.communicate(timeout=10)
    assert waiting.returncode == 1 and "the drain stands" in errors, (waiting.returncode, errors)
    assert "undrain router edge1" in errors and "undrain" not in {a["ask"] for a in daemon.asked}


def tells_what_is_announced():
    notice = pathlib.Path(HERE.name) / "notice.ics"
    event = "\n".join([
        "BEGIN:VEVENT", "SUMMARY:fibre works", "SEQUENCE:2", "X-MAINTNOTE-PROVIDER:carrier.example",
        "X-MAINTNOTE-ACCOUNT:137", "X-MAINTNOTE-MAINTENANCE-ID:W-1", "X-MAINTNOTE-STATUS:%s",
        "X-MAINTNOTE-OBJECT-ID;X-MAINTNOTE-OBJECT-IMPACT=NO-IMPACT:IC-1", "X-MAINTNOTE-OBJECT-ID:IC-2",
        "DTSTART;TZID=Europe/Berlin:20261025T010000", "DTEND:20261025T040000Z", "END:VEVENT"])
    good, bad = event % "CONFIRMED", event % "SOON"
    notice.write_text("\n".join(["BEGIN:VCALENDAR", good, bad, "END:VCALENDAR", ""]))
    daemon = Daemon({"maintenance": YES})
    status, out, errors = fairlead("maintenance", notice)
    assert status == 1 and errors == (f"fairlead: {notice}: carrier.example W-1: status 'SOON' is not known: there are "
                                      "TENTATIVE, CONFIRMED, IN-PROCESS, COMPLETED and CANCELLED\n"), errors
    told = {"ask": "maintenance", "version": 1, "id": "carrier.example/W-1@137", "sequence": 2,
            "from_s": 1792882800, "until_s": 1792900800, "over": False, "text": "fibre works"}
    assert daemon.asked == [told | {"circuit": "IC-1", "hurts": False}, told | {"circuit": "IC-2", "hurts": True},
                            told | {"circuit": "", "hurts": False}], daemon.asked
    window = "2026-10-24T23:00:00Z to 2026-10-25T04:00:00Z"
    assert out.splitlines()[1] == (f"carrier.example W-1, IC-2: CONFIRMED, OUTAGE, {window}: "
                                   "drain 3 of router edge1 has begun"), out
    daemon = Daemon({"maintenance": NO})
    notice.write_text("\n".join(["BEGIN:VCALENDAR", good, "END:VCALENDAR", ""]))
    assert fairlead("maintenance", notice)[0] == 1 and daemon.asked
    daemon.asked.clear()
    status, out, _ = fairlead("maintenance", "--look", "--json", notice)
    assert status == 0 and not daemon.asked and [json.loads(line)["impact"] for line in out.splitlines()] == [
        "NO-IMPACT", "OUTAGE"], out
    assert fairlead("maintenance", notice, "/nowhere")[0] == 3
    reads_a_directory_of_them(notice)


def reads_a_directory_of_them(notice):
    place = pathlib.Path(HERE.name) / "notices"
    place.mkdir()
    for name in "b.ics", "a.ics", ".half.ics", "a.ics.part", "ics":
        (place / name).write_text(notice.read_text().replace("W-1", f"W-{name}"))
    daemon = Daemon({"maintenance": YES})
    status, _, errors = fairlead("maintenance", place)
    assert status == 0 and [asked["id"] for asked in daemon.asked[::3]] == [
        f"carrier.example/W-{name}@137" for name in ("a.ics", "b.ics")], (errors, daemon.asked)
    (place / "0.ics").mkdir()
    assert fairlead("maintenance", place)[0] == 3
    assert fairlead("maintenance")[0] == 2


def lifts_with_another():
    daemon = Daemon({"lift": YES, "unlift": NO})
    assert fairlead("lift", "S9", "upstream", "transit-b", "--for", "1h", "--reason", "x")[0] == 0
    assert fairlead("unlift", "12")[0] == 1
    assert daemon.asked == [{"ask": "lift", "version": 1, "rule": "S9", "object": "upstream transit-b", "for_s": 3600,
                             "reason": "x"}, {"ask": "unlift", "version": 1, "number": 12, "reason": ""}], daemon.asked
    for words in [["lift", "S3", "upstream", "a", "--for", "1h", "--reason", "x"], ["lift", "S9", "--for", "1h"], ["lift"],
                  ["lift", "S9", "upstream", "a", "--for", "1h"], ["lift", "S9", "upstream", "a", "--reason", "x"],
                  ["unlift"], ["unlift", "x"], ["unlift", "1", "2"]]:
        assert fairlead(*words)[0] == 2, words


def shows_what_is_under_way():
    plan = {"incident": 4, "path": "transit-b ipv6", "state": "held", "prefixes": 12, "to": None, "reason": "why"}
    drain = {"number": 3, "object": "router edge1", "state": "safe", "who": "anna", "text": "safe to work"}
    lift = {"number": 5, "rule": "S9", "object": "upstream transit-b", "state": "in_force", "first": "anna",
            "second": "bert", "reason": "a fire", "left_ns": 3600 * 10**9}
    comes = {"incident": 4, "path": "transit-b ipv6", "state": "held", "verdict": "act", "stance": "graceful", "prefixes": 1,
             "approval": 0, "reason": "6.8 Mbit/s came in by it, now 0.2 do"}
    inbound = [comes, comes | {"state": "none", "verdict": "confirm", "approval": 9}, comes | {"state": "none", "verdict": "refused"},
               comes | {"state": "none", "verdict": "advise"}]
    Daemon({"plans": [[{"drain": drain}, {"plan": plan}, {"lift": lift}, *({"inbound": i} for i in inbound), {"done": True}]],
            "status": [[{"engine": {"site": "lab", "mode": "act", "ready": True, "inbound": inbound[:2]}, "version": "1"}, {"done": True}]]})
    status, out, _ = fairlead("plans")
    assert status == 0 and [line.split()[:4] for line in out.splitlines()] == [
        ["drain", "3", "router", "edge1"], ["incident", "4", "transit-b", "ipv6"],
        ["lift", "5", "upstream", "transit-b"], ["incident", "4", "transit-b", "ipv6"], ["plan", "9", "transit-b", "ipv6"],
        ["incident", "4", "transit-b", "ipv6"], ["incident", "4", "transit-b", "ipv6"]], out
    assert [line.split()[4:8] for line in out.splitlines()[3:]] == [
        ["held", "1", "own", "as"], ["waits", "1", "own", "as"], ["refused", "1", "own", "as"], ["advise", "1", "own", "as"]], out
    assert [line.split()[8] for line in out.splitlines()[3:]] == ["graceful", "graceful", "usual", "graceful"], out
    assert out.splitlines()[2].split("  ")[-1].strip() == "S9, 60 min: a fire", out
    status, out, _ = fairlead("status")
    assert status == 0 and "comes in" in out and "held" in out and "1 own as graceful: 6.8 Mbit/s came in by it" in out, out
    Daemon({"plans": [[{"done": True}]]})
    assert fairlead("plans")[1] == "nothing is under way\n"


def shows_outages():
    cause = {"words": "change by luke on ca1", "share_ppm": 990000, "millinats": 21300, "time_millinats": 7100}
    paths = [{"path": "transit-b ipv4", "incident": 7, "state": "acting", "reason": "why", "since_ns": 1},
             {"path": "transit-a ipv4", "incident": None, "state": "well", "reason": "", "since_ns": None}]
    outage = {"outage": 2, "severity": "critical", "state": "open", "age_ns": 41 * 10**9, "title": "ca2\x1b[2J of ca",
              "cause": "change by luke", "action": "moved", "causes": [cause], "incidents": paths}
    answer = [{"outage": outage}, {"outage": outage | {"outage": 3, "healthy": "BGP with edge1"}}, {"done": True}]
    Daemon({"incidents": [answer, answer, answer, answer, answer[2:]]})
    status, out, _ = fairlead("incidents")
    assert status == 0 and out.count("cause:") == 2 and "7.1" not in out and "\x1b" not in out, out
    status, out, _ = fairlead("incidents", "3")
    lines = [line.split() for line in out.splitlines()]
    assert status == 0 and lines[0][:5] == ["3", "critical", "open", "41", "s"] and lines[4][:3] == ["99.0", "21.3", "7.1"], out
    assert lines[5] == ["transit-b", "ipv4", "incident", "7", "acting", "why"] and lines[6][2:4] == ["-", "well"], out
    assert lines[7] == ["well:", "BGP", "with", "edge1"], out
    assert fairlead("incidents", "4")[::2] == (3, "fairlead: no outage 4 is open\n")
    status, out, _ = fairlead("incidents", "--json", "2")
    assert status == 0 and [json.loads(line)["outage"]["outage"] for line in out.splitlines()] == [2], out
    assert fairlead("incidents")[1] == "nothing is broken, as far as is known\n"


def shows_what_is_over():
    """What is open is told once, in whatever run it began; its number may be that of others in the store."""
    def past(run, number, state):
        return {"run": run, "number": number, "state": state, "severity": "major", "onset": "2026-03-03T09:14:00.123456Z",
                "title": f"title {run}.{number}\x1b[2J", "cause": f"cause {run}.{number}"}
    now = [{"outage": {"outage": n, "severity": "major", "state": "open", "age_ns": 10**9, "title": f"title {n}",
                       "cause": "", "action": ""}} for n in (12, 13)]
    # 13 began in this run, 12 in one before; 5.13 was never seen to its end, 6.12 was.
    store = [past(7, 13, "open"), past(7, 1, "over"), past(6, 12, "over"), past(5, 12, "open"), past(5, 13, "open"), past(4, 13, "over")]
    daemon = Daemon({"incidents": [[*now, {"done": True}]], "history": [[*store, {"done": True}]]})
    status, out, _ = fairlead("incidents", "--past")
    lines = [line.split() for line in out.splitlines() if not line.startswith(" ")]
    assert status == 0 and [line[0] for line in lines] == ["12", "13", "7.1", "6.12", "5.13", "4.13"], out
    assert lines[2] == "7.1 major over 2026-03-03T09:14:00Z title 7.1\\x1b[2J".split() and "cause:  cause 7.1" in out, out
    assert [a["ask"] for a in daemon.asked] == ["incidents", "history"], daemon.asked
    status, out, _ = fairlead("incidents", "--past", "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert status == 0 and [t["past"]["run"] for t in told if "past" in t] == [7, 6, 5, 4] and len(told) == 6, out
    Daemon({"incidents": [[{"done": True}]], "history": [[*store, {"done": True}]]})
    status, out, _ = fairlead("incidents", "--past")
    assert status == 0 and out.count("title") == len(store), out
    Daemon({"incidents": [[{"done": True}]], "history": [[{"error": "there is no store", "exit": 3}]]})
    assert fairlead("incidents", "--past")[::2] == (3, "fairlead: there is no store\n")


def publishes():
    Daemon({"publish": [[{"error": "there is no draft of outage 3.12: why", "exit": 1}]]})
    assert fairlead("publish", "3.12") == (1, "", "fairlead: there is no draft of outage 3.12: why\n")
    daemon = Daemon({"publish": YES})
    assert fairlead("publish", "3.12", "--reason", "We know.")[0] == 0
    assert daemon.asked == [{"ask": "publish", "version": 1, "run": 3, "number": 12, "reason": "We know."}], daemon.asked
    for words in [], ["x"], ["0"], ["3."], [".12"], ["3.0"], ["1", "2"]:
        assert fairlead("publish", *words)[0] == 2, words


def shows_paths():
    usual = {"verdict": "good", "loss_ppm": 0, "samples": 812, "rtt_p50_ns": 2100000, "relative_millinats": 0}
    paths = [usual | {"path": "transit-a ipv4", "upstream": "transit-a", "servers": "12 % of 900 connections fail"},
             usual | {"path": "transit-a ipv6", "verdict": "confirmed", "loss_ppm": 381000, "relative_millinats": 41700},
             usual | {"path": "as-routed ipv6", "verdict": "unheard", "samples": 0, "rtt_p50_ns": 0}]
    Daemon({"status": [[{"engine": {"paths": paths}}, {"done": True}]]})
    status, out, _ = fairlead("paths")
    assert status == 0 and [line.split() for line in out.splitlines()[1:]] == [
        "transit-a ipv4 good 0.00 % 812 2.1 ms 0.0 nats".split(), "transit-a ipv6 confirmed 38.10 % 812 2.1 ms 41.7 nats".split(),
        "as-routed ipv6 unheard - 0 - 0.0 nats".split(),
        "servers over transit-a ipv4: 12 % of 900 connections fail".split()], out
    assert [json.loads(line) for line in fairlead("paths", "--json")[1].splitlines()] == paths


def main():
    asks_and_shows()
    refuses_wrong_usage()
    waits_until_safe()
    leaves_the_drain_when_interrupted()
    tells_what_is_announced()
    lifts_with_another()
    shows_what_is_under_way()
    shows_outages()
    shows_what_is_over()
    publishes()
    shows_paths()


if __name__ == "__main__":
    main()
