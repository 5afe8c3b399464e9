#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Router configurations as a pipeline checks them: check_test.py FAIRLEAD. The arveon change, as its
template would have rendered it, and what happens to those who hand over rubbish."""
import json, pathlib, subprocess, sys, tempfile

FAIRLEAD = sys.argv[1]
FRR = """frr version 8.4.4
hostname {name}
!
bfd
 profile zones
  detect-multiplier 3
  transmit-interval {interval}
  receive-interval 150
 !
!
router bgp 64500
 bgp router-id 192.0.2.{number}
 neighbor 2001:db8::1 remote-as 64500
 neighbor 2001:db8::1 bfd profile zones
exit
!
end
"""


def check(*arguments):
    done = subprocess.run([FAIRLEAD, "check", *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def render(place, intervals):
    place.mkdir()
    for number, interval in enumerate(intervals, 1):
        name = f"fra-rr-{number}"
        (place / f"{name}.conf").write_text(FRR.format(name=name, interval=interval, number=number))
    return place


def main():
    place = pathlib.Path(tempfile.mkdtemp())
    running = render(place / "running", [1500] * 4)
    golden = render(place / "golden", [150] * 4)
    rendered = render(place / "rendered", [150, 150, 150, 15])
    bad = rendered / "fra-rr-4.conf"
    odd = "bfd profile zones transmit-interval 15; the others have 150"
    assert check(running) == (0, "4 configurations, 0 findings\n", "")
    assert check("--before", running, golden)[0] == 0
    assert check(rendered) == (1, f"{bad}:7: {odd}\n4 configurations, 1 finding\n", "")
    assert check("--before", running, rendered)[1].startswith(
        f"{bad}:7: {odd}, it had 1500 before\n")
    status, out, _ = check("--json", "--golden", golden, rendered)
    found = [json.loads(line) for line in out.splitlines()]
    assert status == 1 and [f.get("finding") for f in found] == [
        "differs", "differs", "odd_value", None]
    assert found[0] == {"finding": "differs", "device": "fra-rr-4", "file": str(bad), "line": 7,
                        "what": "the golden file does not have: bfd profile zones "
                                "transmit-interval 15"}
    assert found[1]["line"] is None and found[3] == {"done": True, "devices": 4, "findings": 3}
    assert check("--alone", rendered)[0] == 0
    (rendered / "fra-rr-5.conf").write_text("bfd\n profile {{ zone }}\n")
    assert f"fra-rr-5.conf:2: a template left something behind: bfd profile {{{{ zone }}}}\n" in check(
        "--alone", rendered)[1]
    assert "fra-rr-5.conf: there is no golden file of this name\n" in check(
        "--alone", "--golden", golden, rendered)[1]
    empty = place / "empty"
    empty.mkdir()
    for arguments, expected, words in [
        ([], 2, "no file is named"),
        (["--colour", rendered], 2, "an unknown option"),
        ([empty], 2, "there is no file in the directory"),
        ([place / "nowhere"], 3, "No such file"),
        (["--before", place / "nowhere", rendered], 3, "No such file"),
        (["/dev/null", "/proc/self/mem"], 3, "it is no ordinary file, or damaged"),
    ]:
        status, out, err = check(*arguments)
        assert (status, out) == (expected, "") and words in err, (arguments, status, out, err)
    print("check: as it should be")


main()
