#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`fairlead history` over a store that no daemon has open.

usage: history_test.py FAIRLEAD
"""
import json, pathlib, sqlite3, subprocess, sys, tempfile

S = 1_000_000_000
SCHEMA = """
CREATE TABLE facts (id INTEGER PRIMARY KEY, run INTEGER, at_ns INTEGER, kind TEXT, text TEXT,
    said TEXT);
CREATE TABLE outages (run INTEGER, number INTEGER, onset_ns INTEGER, changed_ns INTEGER, state TEXT,
    severity TEXT, title TEXT, cause TEXT, action TEXT, PRIMARY KEY (run, number));
CREATE TABLE paths (path INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE rates (slot INTEGER, path INTEGER, samples INTEGER, lost INTEGER, lost_forward INTEGER,
    lost_reverse INTEGER, rtt_p50_ns INTEGER, rtt_p90_ns INTEGER, rtt_p99_ns INTEGER);
INSERT INTO paths VALUES (1, 'transit-a ipv6');
INSERT INTO rates VALUES (10, 1, 800, 2, 1, 0, 2100000, 2400000, 11000000), (11, 1, 0, 0, 0, 0, 0, 0, 0);
"""


def fairlead(*arguments, verb="history"):
    done = subprocess.run([sys.argv[1], verb, *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def make(path):
    with sqlite3.connect(path) as db:
        db.executescript(SCHEMA)
        outages = [(1, 1, 100, 110, "over"), (1, 2, 200, 260, "over"), (2, 1, 300, 305, "open")]
        for run, number, onset, changed, state in outages:
            row = (run, number, onset * S, changed * S, state, "major", f"title {run}.{number}",
                   "cause\x1b[31m", "")
            db.execute("INSERT INTO outages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        for run, at, kind in [(1, 100, "outage"), (1, 150, "plan"), (1, 205, "acted"), (2, 300, "outage"),
                              (1, 101, "signal"), (1, 104, "plan"), (1, 105, "acted")]:
            text = json.dumps({"effect": kind, "at_ns": 5, "run_here": run, "number": 1, "state": "announced"})
            db.execute("INSERT INTO facts (run, at_ns, kind, text, said) VALUES (?, ?, ?, ?, ?)",
                       (run, at * S, kind, text, f"said of\n*{kind}*"))


def main():
    place = pathlib.Path(tempfile.mkdtemp())
    store = place / "store"
    make(store)

    status, out, _ = fairlead("--store", store)
    assert status == 0 and [line.split()[0] for line in out.splitlines()] == ["2.1", "1.2", "1.1"], out
    assert "1970-01-01T00:05:00Z" in out and "title 2.1" in out and "\x1b" not in out, out
    status, out, _ = fairlead("--store", store, "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 0 and [(o["run"], o["number"], o["state"]) for o in lines] == [
        (2, 1, "open"), (1, 2, "over"), (1, 1, "over")], out

    for number, run, kinds in ("1", 2, ["outage"]), ("1.1", 1, ["outage", "signal", "plan", "acted"]), ("2", 1, ["acted"]):
        status, out, _ = fairlead("--store", store, "--json", number)
        facts = [json.loads(line) for line in out.splitlines()]
        assert status == 0 and [f["effect"] for f in facts] == kinds, out
        assert all(f["run_here"] == run and "at_ns" not in f and f["time"] for f in facts), out
        assert fairlead("--store", store, number)[0] == 0

    times = "--from", "1970-01-01", "--until", "1970-01-01T00:02"
    status, out, _ = fairlead("--store", store, "--json", *times)
    assert status == 0 and [json.loads(line)["effect"] for line in out.splitlines()] == [
        "outage", "signal", "plan", "acted"], out
    status, out, _ = fairlead("--store", store, "--path", "transit-a ipv6", *times)
    assert status == 0 and [line.split() for line in out.splitlines()][1:] == [
        ["1970-01-01T00:01:40Z", "transit-a", "ipv6", "2", "800", "0.25", "2.10", "2.40", "11.00"],
        ["1970-01-01T00:01:50Z", "transit-a", "ipv6", "0", "0", "-", "-", "-", "-"]], out
    status, out, _ = fairlead("--store", store, "--path", "all", "--json", "--step", 60, *times)
    assert status == 0 and json.loads(out)["samples"] == 800, out
    assert fairlead("--store", store, "--path", "transit-b ipv6", *times)[0] == 1
    for words in ["--from", "x"], ["--until", "x"], ["--step", "60"], ["--path", "all", "--step", "x"], ["1", *times], [
            "--from", "1970-01-02", "--until", "1970-01-01"]:
        assert fairlead("--store", store, *words)[0] == 2, words
    assert fairlead("--store", store, "--path", "all", "1.1", verb="postmortem")[0] == 2

    status, out, _ = fairlead("--store", store, "1.1", verb="postmortem")
    assert status == 0 and out.startswith("# Incident 1.1: title 1.1\n"), out
    for line in ("| detected | 1970-01-01T00:01:40.000Z | 0.0 |", "| acknowledged | - | - |", "| first act | 1970-01-01T00:01:45.000Z | 5.0 |",
                 "| over | 1970-01-01T00:01:50.000Z | 10.0 |", "- cause: cause \\[31m",
                 "- 1970-01-01T00:01:44.000Z said of \\*plan\\*"):
        assert line + "\n" in out, out
    evidence, rest = out.split("## Evidence")[1].split("## People")[0].split("## Decisions")
    assert "signal" in evidence and "plan" not in evidence and rest.count("acted") == 1, out
    out = fairlead("--store", store, "2.1", verb="postmortem")[1]
    assert "| over | - | - |" in out and "Nothing was told." in out, out
    assert fairlead("--store", store, "7", verb="postmortem")[0] == 1
    assert fairlead("--store", store, verb="postmortem")[0] == 2

    # Evidence of a provider, and what the outage costs.
    with sqlite3.connect(store) as db:
        flow = {"effect": "flow", "path": "transit-a ipv6", "source": "2001:db8::5", "source_port": 40001,
                "destination": "2001:db8:f::1", "destination_port": 862, "protocol": "stamp", "sent": 9, "lost": 4}
        db.execute("INSERT INTO facts (run, at_ns, kind, text, said) VALUES (1, ?, 'flow', ?, '')",
                   (109 * S, json.dumps(flow)))
        db.execute("INSERT INTO paths VALUES (2, 'as-routed ipv6')")
        db.execute("INSERT INTO rates VALUES (11, 2, 100, 50, 0, 0, 0, 0, 0)")
        db.execute("INSERT INTO rates SELECT 11, 1, 90, 9, 9, 0, 0, 0, 0 ON CONFLICT DO NOTHING")
    db.close()
    status, out, _ = fairlead("--store", store, "1.1", verb="evidence")
    assert status == 0 and "stamp [2001:db8::5]:40001 -> [2001:db8:f::1]:862  sent 9 lost 4" in out, out
    status, out, _ = fairlead("--store", store, "1.1", "--directory", place, verb="evidence")
    files = [pathlib.Path(line) for line in out.split()]
    assert status == 0 and [f.name for f in files] == [f"evidence-1.1-transit-a.{e}" for e in ("txt", "json")], out
    assert json.loads(files[1].read_text())["flows"][0]["lost"] == 4
    assert [f.unlink() for f in files]
    assert fairlead("--store", store, "1.1", "--upstream", "transit-b", verb="evidence")[0] == 1
    assert fairlead("--store", store, "1.1", "--directory", place / "nowhere", verb="evidence")[0] == 3
    customers, levels = place / "c.csv", place / "l.csv"
    customers.write_text("account,sites,level,monthly_fee\nada,,gold,1000.00\nbob,fra1,none,1\n")
    levels.write_text("level,down_from_loss_percent,below_percent,credit_percent\ngold,5,100,12.5\n")
    files = ["--customers", customers, "--levels", levels]
    status, out, errors = fairlead("--store", store, "1.1", "--site", "fra1", *files, verb="credits")
    assert status == 1 and errors == f"{customers}:3: no such level: 'none'\n", errors
    assert out.splitlines()[1] == ("ada,1970-01,gold,measured,10,2678400,12.5,1000.00,125.00,"
        "100 % * (2678400 - 10) / 2678400 = 99.9996 % < 100 %; 1000.00 * 12.5 % = 125.00"), out
    month = [*files, "--site", "fra1", "--month"]
    status, out, _ = fairlead("--store", store, *month, "1970-01", verb="credits")
    assert status == 1 and out.splitlines()[1].startswith("ada,1970-01,gold,measured,10,2678400,12.5,1000.00,125.00,"), out
    assert out.splitlines()[1].endswith(" = 125.00; 10 of 2678400 s were measured"), out
    status, _, errors = fairlead("--store", store, *month, "1999-02", verb="credits")
    assert status == 1 and "nothing is known of 1999-02" in errors, errors
    for wrong in "1970-13", "1970-1", "70-01", "+970-01", "1970-01-01", "1970--1":
        assert fairlead("--store", store, *month, wrong, verb="credits")[0] == 2, wrong
    assert fairlead("--store", store, "1.1", *month, "1970-01", verb="credits")[0] == 2
    assert fairlead("--store", store, "1.1", *files, verb="credits")[0] == 2
    assert fairlead("--store", store, "7", "--site", "x", *files, verb="credits")[0] == 1
    customers.unlink()
    assert fairlead("--store", store, "1.1", "--site", "fra1", *files, verb="credits")[0] == 3
    levels.unlink()

    assert fairlead("--store", store, "3")[0] == 1 and fairlead("--store", store, "9.1")[0] == 1
    for words in ["x"], ["1."], [".1"], ["1.x"], ["1", "2"], ["--wrong"], ["-1x"]:
        assert fairlead("--store", store, *words)[0] == 2, words
    assert fairlead()[0] == 2 and fairlead("-c", "/nowhere")[0] == 3
    status, _, errors = fairlead("--store", place / "nowhere")
    assert status == 3 and "nowhere" in errors and not (place / "nowhere").exists(), errors
    store.write_bytes(b"noise" * 3000)
    status, out, errors = fairlead("--store", store)
    assert status == 3 and not out and "not a database" in errors, errors
    store.unlink()
    place.rmdir()


main()
