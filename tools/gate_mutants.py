#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Whether the gate's tests notice each of its rules.

usage: tools/gate_mutants.py BUILD_DIRECTORY

Every mutant is src/steer/gate.c with one row of its table changed: the rule left out, left out for one
kind of permit, or no longer asked while a route stands. Each is linked into the gate's unit
tests in the place of the real one; tests that stay green have missed it. Prints a table, then one JSON
object; exit 1 when a mutant lives.
"""
import json, os, pathlib, re, shlex, subprocess, sys, tempfile

TESTS = ("steer_gate_test", "steer_gate_kinds_test", "steer_gate_permit_test")
SOURCE = pathlib.Path(__file__).parent.parent / "src/steer/gate.c"
ROW = re.compile(r"    \{(gate_\w+), (GATE_\w+), ([A-Z_ |]+), (ONCE|SETTLED|LIVE)\},\n")
KINDS = {"ALL": ["OVERRIDE", "EXIT", "OWN"], "MOVES": ["OVERRIDE", "EXIT"]}


def kinds_of(mask):
    return [kind for word in mask.split(" | ") for kind in KINDS.get(word, [word])]


def mutants(text):
    for row in ROW.finditer(text):
        rule, otherwise, mask, moment = row.groups()
        replace = lambda new: text[: row.start()] + new + text[row.end() :]
        yield rule, "left out", replace("")
        kinds = kinds_of(mask)
        for kind in kinds if len(kinds) > 1 else ():
            rest = " | ".join(k for k in kinds if k != kind)
            yield rule, f"without {kind}", replace(f"    {{{rule}, {otherwise}, {rest}, {moment}}},\n")
        if moment == "LIVE":
            row_at_the_door = f"    {{{rule}, {otherwise}, {mask}, ONCE}},\n"
            yield rule, "not while it stands", replace(row_at_the_door)


def commands(build, target):
    out = subprocess.run(["ninja", "-C", build, "-t", "commands", target], check=True,
                         capture_output=True, text=True).stdout  # fmt: skip
    return [line for line in out.splitlines() if not line.startswith("ninja")]


def quiet(words, build):
    around = {**os.environ, "LD_LIBRARY_PATH": os.path.abspath(build)}  # the mutants lie elsewhere
    return subprocess.run(words, cwd=build, capture_output=True, text=True, env=around)


class Builder:
    """Compiles one file as the build would, and links the tests with it before the library."""

    def __init__(self, build, place):
        self.build, self.place = build, place
        compile_line = next(line for line in commands(build, TESTS[0]) if line.endswith("/gate.c"))
        self.compile = shlex.split(compile_line)
        self.links = {test: shlex.split(commands(build, test)[-1]) for test in TESTS}

    def make(self, text):
        source, thing = self.place / "gate.c", str(self.place / "gate.o")
        source.write_text(text)
        words = list(self.compile)
        words[words.index("-o") + 1] = thing
        words[-1] = str(source)
        words.append("-Wno-error")  # a rule that nobody uses is what is wanted
        if (done := quiet(words, self.build)).returncode:
            sys.exit(f"the mutant does not compile:\n{done.stderr}")
        return thing

    def test(self, test, thing):
        words = list(self.links[test])
        program = str(self.place / test)
        words[words.index("-o") + 1] = program
        words.insert(next(i for i, word in enumerate(words) if word.startswith("libcore.")), thing)
        if (done := quiet(words, self.build)).returncode:
            sys.exit(f"{test} does not link:\n{done.stderr}")
        return quiet([program], self.build).returncode == 0


def main():
    build = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
    subprocess.run(["ninja", "-C", build, *TESTS], check=True, stdout=subprocess.DEVNULL)
    text, lived, count = SOURCE.read_text(), [], 0
    with tempfile.TemporaryDirectory(prefix="gate-mutants-") as place:
        builder = Builder(build, pathlib.Path(place))
        if not all(builder.test(test, builder.make(text)) for test in TESTS):
            sys.exit("the tests fail without a mutant")
        for rule, what, mutant in mutants(text):
            thing = builder.make(mutant)
            noticed = [test for test in TESTS if not builder.test(test, thing)]
            count += 1
            if not noticed:
                lived.append(f"{rule}, {what}")
            print(f"{rule:32} {what:20} {', '.join(noticed) or 'LIVES'}", flush=True)
    asked = [{"what": "mutants of the gate that tests miss", "is": len(lived), "at_most": 0}]
    print(json.dumps({"bench": "gate_mutants", "mutants": count, "lived": lived, "asked": asked}))
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
