#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The audit log as people check it: audit_test.py FAIRLEAD. It is made here, by what the manual says
of its form, so that the form is checked too."""
import hashlib, json, pathlib, subprocess, sys, tempfile

FAIRLEAD = sys.argv[1]
ZERO = "0" * 64


def seal(hash, number, record):
    rest = f'"number":{number},' + json.dumps(record, separators=(",", ":"))[1:]
    hash = hashlib.sha256((hash + rest).encode()).hexdigest()
    return hash, f'{{"hash":"{hash}",{rest}\n'


def log(records, hash=ZERO, number=0):
    lines = []
    for record in [{"record": "begin", "previous": hash}] + records:
        number += 1
        hash, line = seal(hash, number, record)
        lines.append(line)
    return lines, hash, number


def act(incident, second):
    return {"record": "effect", "time": f"2026-11-26T10:00:{second:02}.000000Z",
            "effect": {"effect": "announce", "at_ns": 1, "prefix": "203.0.113.0/24", "router": "e\x1b",
                       "incident": incident}}


def audit(*arguments):
    done = subprocess.run([FAIRLEAD, "audit", *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def main():
    place = pathlib.Path(tempfile.mkdtemp())
    first, second = place / "log.000000000001", place / "log"
    lines, hash, number = log([act(7, 1), act(8, 2), act(7, 3)])
    first.write_text("".join(lines))
    more, last, number = log([{"record": "stop", "time": "2026-11-26T11:00:00.000000Z", "exit_status": 0}],
                             hash, number)
    second.write_text("".join(more))
    status, out, errors = audit("verify", first, second)
    assert (status, errors) == (0, ""), errors
    assert out == f"good: 6 records in 2 files, 0 torn ends; the last is number 6\n{last}\n", out
    assert json.loads(audit("verify", "--json", first, second)[1]) == {
        "verdict": "good", "files": 2, "records": 6, "torn": 0, "number": 6, "hash": last}
    status, out, errors = audit("verify", second, first)
    assert status == 1 and f"{first}:1: the record at byte 0 does not continue the file before" in errors, errors

    status, out, errors = audit("show", "--incident", 7, first)
    assert (status, errors, len(out.splitlines())) == (0, "", 2), out
    assert "\x1b" not in out and 'announce prefix=203.0.113.0/24 router=e\\x1b' in out, out
    status, out, _ = audit("show", "--since", "2026-11-26T10:00:03", "--json", first, second)
    assert [json.loads(line)["number"] for line in out.splitlines()] == [4, 6], out

    damaged = place / "damaged"
    damaged.write_text("".join(lines).replace('"incident":8', '"incident":9'))
    status, out, errors = audit("verify", "--json", damaged)
    verdict = json.loads(out)
    assert status == 1 and verdict["line"] == 3 and verdict["byte"] == len(lines[0] + lines[1]), verdict
    assert "does not fit its hash" in errors, errors
    status, out, errors = audit("show", damaged)  # what stands before it is shown all the same
    assert status == 1 and len(out.splitlines()) == 2, out
    damaged.write_text("".join(lines)[:-9])
    status, out, errors = audit("verify", damaged)
    assert status == 1 and ":4: " in errors and "as after a power loss" in errors, errors

    assert audit("verify", place / "none")[0] == 3
    for wrong in ([], ["verify"], ["look", first], ["show", "--incident", "x", first],
                  ["verify", "--since", "2026", first], ["show", "--unknown", first]):
        assert audit(*wrong)[0] == 2, wrong
    print("audit: 15 checks")


main()
