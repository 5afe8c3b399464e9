#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Grey failures on real routers: grey_test.py FAIRLEAD; needs root; about a minute.

One run each of some scenarios: the traffic must show that the lab broke what it says, no more and no
less, and the scenario's own expectations must hold. bench/grey plays all of them, many times.
"""
import json, os, subprocess, sys

FAIRLEAD = os.path.abspath(sys.argv[1])
SKIPPED = 77
FAMILIES = "ipv4", "ipv6"


def play(name, *arguments):
    """What the run says."""
    done = subprocess.run([FAIRLEAD, "rehearse", name, "--json", *arguments], capture_output=True,
                          text=True)
    assert done.stdout, done.stderr
    print(done.stdout)
    run, total = (json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 0 and total["verdict"] == "pass", total["failures"]
    return run


def test_bucket():
    """Every eighth packet is lost until they are moved, and the bucket is named."""
    run = play("bucket-dead")
    for family in FAMILIES:
        moved_ms = run[family]["new_way_ms"] or 10000  # at 1000 packets a second
        assert 0.05 < run[family]["lost_packets"] / moved_ms < 0.25, run[family]
    assert run["name_ms"] < 3000, run


def test_dead_target():
    """It is dead, and nobody acts."""
    run = play("target-dead", "--seconds", "10")
    for family in FAMILIES:
        assert run[family]["lost_all_packets"] > 1000, run[family]


def main():
    if os.geteuid() != 0:
        print("needs root: skipped")
        sys.exit(SKIPPED)
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print("ok", name, flush=True)


main()
