#!/usr/bin/env python3
"""Prints how many tests of a meson testlog.json passed, failed and were skipped; fails when there was none."""
import json, sys

GOOD, SKIPPED = {"OK", "EXPECTEDFAIL"}, {"SKIP"}

try:
    results = [json.loads(line)["result"] for line in open(sys.argv[1])]
except OSError as error:
    sys.exit(f"cannot read the test log: {error}")
passed = sum(result in GOOD for result in results)
skipped = sum(result in SKIPPED for result in results)
print(passed, len(results) - passed - skipped, skipped)
sys.exit(not results)
