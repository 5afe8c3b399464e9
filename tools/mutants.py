#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Disables each rule of the gate and of the engine in turn, and says who notices.

usage: tools/mutants.py [--build DIRECTORY] [--seeds N] [NAME...]

A rule that nobody misses protects nobody: each mutant must be caught by a unit test or by virtual
networks. Mutates the sources in place, one at a time, and restores them; a file that git does not
know as it is, is refused. Exit status 1: one survived.
"""
import argparse, pathlib, re, subprocess, sys

TOP = pathlib.Path(__file__).resolve().parent.parent
ALWAYS, NEVER, NOTHING = "    return true;\n", "    return false;\n", "    return NULL;\n"
# What each rule is called, the file and function it stands in, and what is put at its beginning.
RULES = [
    ("S16 mode", "steer/gate_rules.c", "gate_mode_is_act", ALWAYS),
    ("S7 complete, quiet", "steer/gate_rules.c", "gate_tables_are_complete", ALWAYS),
    ("S5 bogons", "steer/gate_rules.c", "gate_is_no_bogon", ALWAYS),
    ("S5 lengths", "steer/gate_rules.c", "gate_length_is_permissible", ALWAYS),
    ("S13 another way", "steer/gate_rules.c", "gate_another_way_stays", ALWAYS),
    ("S6 control paths", "steer/gate_control.c", "gate_spares_control_paths", ALWAYS),
    ("S1 learned", "steer/gate_rules.c", "gate_is_learned", "    look(q);\n    return true;\n"),
    ("S3 marker", "steer/gate_rules.c", "gate_is_marked", ALWAYS),
    ("S4 room", "steer/gate_often.c", "gate_there_is_room", ALWAYS),
    ("S4 room, engine", "steer/moves.c", "moves_room", "    return MOVES_MAX - moves->count;\n"),
    ("S8 pace", "steer/gate_often.c", "gate_minute_has_room", ALWAYS),
    ("S15 acts an hour", "steer/hold.c", "hold_allows", ALWAYS),
    ("hold doubles", "steer/hold.c", "hold_failed", "    return;\n"),
    ("S13 proven", "engine/watch.c", "watch_is_proven", ALWAYS),
    ("S13 fresh", "engine/watch.c", "watch_is_fresh", ALWAYS),
    ("over", "engine/watch.c", "watch_is_losing", ALWAYS),
    ("S9 drained", "engine/budget.c", "budget_may_drain", ALWAYS),
    ("S10 room", "engine/room.c", "use_kbps", "    return 0;\n"),
    ("S12 lag", "engine/presence.c", "notice_lag", "    return;\n"),
    ("S12 S14 presence", "engine/presence.c", "presence_refusal",
     "    *subject = NET_NOBODY;\n    return REFUSAL_NONE;\n"),
    ("S14 release", "engine/presence.c", "why_to_release", NOTHING),
    ("S11 lease renewed for ever", "steer/orders.c", "lease_holds", ALWAYS),
    ("S20 orders read first", "steer/orders.c", "takes_back", NEVER),
    ("S20 stop", "engine/presence.c", "presence_release", "    return;\n"),
    ("I4 one at a time", "engine/budget.c", "is_one_under_way", NEVER),
    ("I6 relative", "detect/relative.c", "relative_millinats", "    return 20000;\n"),
    ("I8 let down", "engine/stay.c", "is_let_down", NEVER),
    ("I14 trial", "engine/stay.c", "advance_slice_verify",
     "    moves_want(&e->moves, path, false);\n    e->stories[path].phase = TRIAL_REST_DOWN;\n"
     "    return;\n"),
    ("order of routers", "steer/moves.c", "first_of", "    return net->router_count - 1;\n"),
    ("the last waits", "steer/moves.c", "is_last_ones_turn", ALWAYS),
    ("I2 turns", "engine/turn.c", "turn_is_ours", ALWAYS),
    ("I2 turns back", "engine/turn.c", "turn_may_return", ALWAYS),
    ("loss bounds", "engine/watch.c", "watch_high_ppm_good", "    return 0;\n"),
    ("I6 spared", "engine/watch.c", "watch_is_spared", ALWAYS),
    ("S8 one part", "engine/repair.c", "is_another_out", NEVER),
    ("S13 last part", "engine/repair.c", "is_another_whole", ALWAYS),
    ("S13 deaf", "engine/repair.c", "was_deaf", NEVER),
    ("S13 part out before", "engine/hooks.c", "found", "    return;\n"),
    ("S10 all there is", "engine/use.c", "slot_all_bps", "    return 0;\n"),
]


def mutate(text, function, lines):
    """The text with the lines at the beginning of the function; None: there is none."""
    found = re.search(r"^[a-z][^;{}]*\b" + function + r"\([^;{}]*\)\n\{\n", text, re.M)
    return found and text[:found.end()] + lines + text[found.end():]


def run(*command):
    return subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace")


def judges(build):
    """The unit tests that may notice; each is a program of the same name."""
    rooms = "steer/", "engine/", "detect/relative"
    listed = run("meson", "test", "-C", build, "--list").stdout.splitlines()
    names = [line.split(" / ")[-1].strip() for line in listed]
    return [n for n in names if n.startswith(rooms) and "corpus" not in n]


def make(build, names):
    programs = [n.replace("/", "_") + "_test" for n in names]
    return run("ninja", "-C", build, "fairlead", *programs)


def catchers(build, names, seeds):
    """Who notices: unit tests by name, and what virtual networks say first."""
    tests = run("meson", "test", "-C", build, "--no-rebuild", *names).stdout
    found = re.findall(r"(\S+) +(?:FAIL|TIMEOUT|ERROR)", tests)
    played = run(f"{build}/fairlead", "simulate", "--seeds", f"1-{seeds}", "--jobs", "2")
    broken = sorted(set(re.findall(r"broken=(\w+)", played.stdout)))
    if played.returncode not in (0, 1):
        broken = ["aborted"]
    return sorted(set(found)), broken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    survived, names = 0, judges(options.build)
    for name, file, function, lines in RULES:
        path = TOP / "src" / file
        if options.names and not any(n in name for n in options.names):
            continue
        text = path.read_text() if path.exists() else ""
        mutant = mutate(text, function, lines)
        if mutant is None:
            print(f"{name:28} is not where it was: {file} {function}()")
            survived += 1
            continue
        if run("git", "diff", "--quiet", str(path)).returncode:
            sys.exit(f"mutants: {file} has changes that are not committed")
        try:
            path.write_text(mutant)
            build = make(options.build, names)
            units, worlds = (["does not build"], []) if build.returncode else \
                catchers(options.build, names, options.seeds)
        finally:
            path.write_text(text)
        caught = bool(units or worlds) and units != ["does not build"]
        survived += not caught
        print(f"{name:28} {'caught' if caught else 'SURVIVED'}  tests: {' '.join(units) or '-'}"
              f"  worlds: {' '.join(worlds) or '-'}", flush=True)
    make(options.build, names)
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
