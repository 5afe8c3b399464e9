#!/usr/bin/env python3
"""Replays a recording twice, and recordings that are damaged in every way.

usage: replay_test.py FAIRLEAD RECORD CONFIG
"""
import json, pathlib, subprocess, sys, tempfile

fairlead, record, config = sys.argv[1:4]
directory = tempfile.TemporaryDirectory()
place = pathlib.Path(directory.name)
good, wanted = place / "good.rec", place / "effects"
failed = 0


def replay(*arguments):
    done = subprocess.run([fairlead, "replay", *map(str, arguments)], capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


def check(name, holds, *about):
    global failed
    failed += not holds
    if not holds:
        print("FAILED:", name, *about)


subprocess.run([record, config, good, wanted], check=True)
lines = good.read_bytes().splitlines(keepends=True)
header = json.loads(lines[0])

status, out, err = replay(good, "--json")
check("same effects, to the byte", status == 0 and out == wanted.read_bytes() and err == "", err)
check("twice the same bytes", replay(good, "--json")[1] == out)
effects = [json.loads(line) for line in out.splitlines()]
kinds = [e["effect"] for e in effects]
story = {"ready", "signal", "incident", "plan", "announce", "acted", "withdraw"}
check("the whole story", story <= set(kinds), kinds)
check("both families move", sum(e.get("verdict") == "act" for e in effects) == 2)
states = [(e["before"], e["state"]) for e in effects if e["effect"] == "incident"]
check("and return", states.count(("trial", "closed")) == 2, states)
first = effects[0]
check("times are the recorded ones", first["time"].startswith("2016-06-20T12:09:48"), first)

status, text, err = replay(good)
check("in words", status == 0 and b"transit-a IPv4 loses" in text, text[:300])
check("with times", b"\n12:10:03.4" in text, text[:300])
check("words twice the same", replay(good)[1] == text)

observe = place / "observe.yaml"
observe.write_text(header["config"].replace("mode: act", "mode: observe"))
status, out, err = replay(good, "--config", observe, "--json")
verdicts = [json.loads(line).get("verdict") for line in out.splitlines()]
check("another configuration", status == 0 and "observed" in verdicts, err)
check("only looks", "act" not in verdicts)

# What is damaged: its bytes, and the line that must be named. All effects before it must come.
middle = len(lines) // 2
before = b"".join(lines[:middle])
bad_config = {**header, "config": "site: [\n"}
damages = {
    "empty": (b"", 1),
    "no header": (b"".join(lines[1:]), 1),
    "header of another form": (json.dumps({**header, "recording": 2}).encode() + b"\n", 1),
    "configuration not valid": (json.dumps(bad_config).encode() + b"\n", 1),
    "cut in a line": (before + lines[middle][:30], middle + 1),
    "noise": (before + bytes(range(1, 10)) + b"\n" + lines[middle], middle + 1),
    "a zero byte": (before + b"\0\n", middle + 1),
    "an empty line": (before + b"\n" + lines[middle], middle + 1),
    "an unknown path": (before + lines[middle].replace(b"transit", b"tranzit"), middle + 1),
    "a very long line": (before + b"x" * 3000000, middle + 1),
}
for name, (content, line) in damages.items():
    bad = place / "bad.rec"
    bad.write_bytes(content)
    status, out, err = replay(bad, "--json")
    check(name, status == 3 and err.count(f"is damaged at line {line}:") == 1, status, err)
    check(name + ": what came before", wanted.read_bytes().startswith(out), out[-200:])
    check(name + ": came at all", line == 1 or len(out) > 1000)

for arguments, wants in [
    ((), 2),
    (("--nonsense", good), 2),
    ((good, good), 2),
    (("--help",), 0),
    ((place / "none.rec",), 3),
    ((place,), 3),
    ((good, "--config", place / "none.yaml"), 3),
    ((good, "--config", good), 2),
]:
    status, out, err = replay(*arguments)
    check(f"{arguments}", status == wants and (wants == 0 or err), status, err)

print(f"{failed} failed")
sys.exit(failed > 0)
