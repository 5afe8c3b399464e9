#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Grey failures on real routers: grey_test.py FAIRLEAD; needs root; about 2 minutes.

One run each of some scenarios: the traffic must show that the lab broke what it says, no more and no
less, and the scenario's own expectations must hold. bench/grey plays all of them, many times.
"""
import collections, json, os, subprocess, sys, tempfile

FAIRLEAD = os.path.abspath(sys.argv[1])
SKIPPED = 77
FAMILIES = "ipv4", "ipv6"


def play(name, *arguments):
    """(the run, its losses by family, each as a sequence number)."""
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run([FAIRLEAD, "rehearse", name, "--json", "--report", directory, *arguments],
                              capture_output=True, text=True)
        assert done.stdout, done.stderr
        print(done.stdout)
        run, total = (json.loads(line) for line in done.stdout.splitlines())
        assert done.returncode == 0 and total["verdict"] == "pass", total["failures"]
        lost = {family: [] for family in FAMILIES}
        for line in open(os.path.join(directory, "run-01.traffic.jsonl")):
            packet = json.loads(line)
            if "lost" in packet:
                lost[packet["family"]].append(packet["lost"])
    return run, lost


def test_bucket():
    """Every eighth 5-tuple is lost, wholly: 4 destinations, 1024 ports, each 2 or 3 times in 10 s."""
    run, lost = play("bucket-dead")
    for family in FAMILIES:
        assert 900 < run[family]["lost_packets"] < 1600, run[family]
        times = collections.Counter((n % 4, n // 4 % 1024) for n in lost[family])
        # Of packets lost one by one, as many would be of 1140 of them, and most of those lost once.
        assert 350 < len(times) < 700, len(times)
        assert sum(count == 1 for count in times.values()) < 0.1 * len(times), times


def test_switch():
    """Half of all packets, while every link is up."""
    run, _ = play("dataforest")
    for family in FAMILIES:
        assert 2000 < run[family]["lost_packets"] < 4000, run[family]


def test_delay():
    run, _ = play("latency-step")
    for family in FAMILIES:
        assert run[family]["lost_all_packets"] == 0, run[family]
        assert 0.9 < run[family]["late_all_packets"] / 8000 < 1.1, run[family]


def test_dead_target():
    """It is dead, and nobody acts."""
    run, _ = play("target-dead", "--seconds", "10")
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
