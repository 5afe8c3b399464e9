#!/usr/bin/env python3
"""Fails when a file includes what its folder may not, is too long, or holds what style forbids."""
import pathlib, re, sys

MAY_INCLUDE = {  # the floors: nothing includes a folder that is not on its line
    "base": "",
    "stat": "base",
    "audit": "base",
    "bgp": "base",
    "probe": "base",
    "kernel": "base",
    "syslog": "base",
    "maintnote": "base",
    "flow": "base",
    "net": "base",
    "capture": "base",
    "bmp": "base bgp",
    "mrt": "base bgp",
    "feed": "base bgp",
    "rib": "base bgp kernel net",
    "change": "base net",
    "count": "base net",
    "detect": "base stat probe rib net count syslog",
    "incident": "base net detect change syslog",
    "steer": "base net rib incident",
    "alert": "base net incident",
}
# What the daemon is made of; feed/ announces whatever it is told to, and is no part of it.
MAY_INCLUDE["engine"] = " ".join(room for room in MAY_INCLUDE if room != "feed")
for top in "web", "said", "role", "sim", "lab":  # the lab knows no role: it watches from outside
    MAY_INCLUDE[top] = MAY_INCLUDE["engine"] + " engine"
MAY_INCLUDE["role"] += " web said"
MAY_INCLUDE["cmd"] = MAY_INCLUDE["engine"] + " engine web said role sim lab feed"
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600
HEADER_LINES_MAX = 120
COLUMNS_MAX = 100
WORLD = {"role", "sim", "lab", "cmd"}  # all other rooms are pure
IMPURE = re.compile(  # what a pure room may not call: clocks, files, sockets, processes, printing
    r"\b(clock_gettime|gettimeofday|time|fopen|open|socket|fork|printf|fprintf\(std|getenv|rand|sleep)\("
)
LONGER_HEADERS = {  # each with its reason
    "net/net.h": "the whole configuration as one value",
    "engine/event.h": "every event on one page",
    "engine/effect.h": "every effect on one page",
    "role/probe.h": "the probe role's whole state, and what its files do, on one page",
    "role/route.h": "the route role's whole state, and what its files do, on one page",
}


def code_of(line):
    """The line without string literals and comments."""
    return re.sub(r"//.*", "", re.sub(r'"(\\.|[^"\\])*"', '""', line))


def line_faults(folder, name, line):
    if include := re.match(r'#include "(\w+)/', line):
        if include[1] != folder and include[1] not in MAY_INCLUDE[folder].split():
            yield f"{folder}/ may not include {include[1]}/"
    if len(line) > COLUMNS_MAX:
        yield f"{len(line)} columns, at most {COLUMNS_MAX}"
    pure = folder not in WORLD and not name.endswith(("_test.c", "_fuzz.c")) and name != "check.h"
    if pure and (call := IMPURE.search(code_of(line))):
        yield f"{folder}/ is pure and may not call {call[1].removesuffix('(std')}()"
    says_route = re.search(r"bgp_(update|withdraw)_encode\(", line)
    if folder == "role" and name != "route_wire.c" and says_route:
        yield "only role/route_wire.c may say a route, and only by a permit"
    if re.match(r"static (?!const\b|inline\b|_Atomic\b)[\w ]+[ *]\w+(\[\w*\])* *(=|;)", line):
        yield "a mutable variable at file scope"


def faults(path, folder):
    lines = path.read_text().splitlines()
    fixture = path.name.endswith("_check.h")  # a test's own, as long as a test may be
    header = path.suffix == ".h" and not fixture and f"{folder}/{path.name}" not in LONGER_HEADERS
    limit = HEADER_LINES_MAX if header else FILE_LINES_MAX
    if len(lines) > limit:
        yield f"{path}: {len(lines)} lines, at most {limit}"
    if not lines or lines[0] != "// SPDX-License-Identifier: ISC":
        yield f"{path}:1: the licence line is missing"
    opened = None
    for number, line in enumerate(lines, 1):
        yield from (f"{path}:{number}: {fault}" for fault in line_faults(folder, path.name, line))
        if line == "{":
            opened = number
        elif line == "}" and opened:
            if number - opened + 1 > FUNCTION_LINES_MAX:
                yield f"{path}:{opened}: {number - opened + 1} lines, at most {FUNCTION_LINES_MAX}"
            opened = None


def main():
    src = pathlib.Path(sys.argv[1])
    strays = [f"{d}: not a room of the house" for d in src.iterdir() if d.name not in MAY_INCLUDE]
    found = [
        fault
        for folder in sorted(MAY_INCLUDE)
        for path in sorted((src / folder).glob("*.[ch]"))
        for fault in faults(path, folder)
    ]
    print("\n".join(strays + found), end="\n" if strays + found else "")
    return bool(strays + found)


if __name__ == "__main__":
    sys.exit(main())
