#!/usr/bin/env python3
"""count_tests.py LOG: prints how many tests of a meson testlog.json passed, failed and were skipped; fails
when there was none. count_tests.py --failed LOG: the names of those that failed, a line each."""
import json, sys

GOOD, SKIPPED = {"OK", "EXPECTEDFAIL"}, {"SKIP"}

try:
    tests = [json.loads(line) for line in open(sys.argv[-1])]
except OSError as error:
    sys.exit(f"cannot read the test log: {error}")
failed = [test["name"].split(" / ")[-1] for test in tests if test["result"] not in GOOD | SKIPPED]
if sys.argv[1] == "--failed":
    print("\n".join(failed))
else:
    skipped = sum(test["result"] in SKIPPED for test in tests)
    print(len(tests) - len(failed) - skipped, len(failed), skipped)
    sys.exit(not tests)
