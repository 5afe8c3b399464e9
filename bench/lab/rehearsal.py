# SPDX-License-Identifier: ISC
"""Rehearsals of a scenario on real routers, as `fairlead rehearse` says what came of them."""
import json, pathlib, subprocess, sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent


def rehearse(name, runs, *options):
    """(what each run says, what all of them come to)."""
    command = [TOP / "build/fairlead", "rehearse", name, "--runs", str(runs), "--json", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=TOP)
    if done.returncode not in (0, 1):
        sys.exit(f"bench: {name}: the rehearsal failed")
    *each, total = [json.loads(line) for line in done.stdout.splitlines()]
    print(f"bench: {name}: {total['verdict']}", file=sys.stderr)
    for failure in total["failures"]:
        print(f"bench:   {failure}", file=sys.stderr)
    return each, total
