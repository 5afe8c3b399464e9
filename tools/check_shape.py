#!/usr/bin/env python3
"""Fails when a file includes what its folder may not, or a function or file is too long."""
import pathlib, re, sys

MAY_INCLUDE = {  # the floors: nothing includes a folder that is not on its line
    "base": "",
    "stat": "base",
    "bgp": "base",
    "probe": "base",
    "syslog": "base",
    "flow": "base",
    "net": "base",
    "bmp": "base bgp",
    "mrt": "base bgp",
    "rib": "base bgp net",
    "change": "base net",
    "detect": "base stat probe rib net",
    "incident": "base net detect change syslog",
    "steer": "base net rib incident",
    "alert": "base net incident",
}
MAY_INCLUDE["engine"] = " ".join(MAY_INCLUDE)
for top in "role", "sim", "lab":  # the lab knows no role: it watches from outside
    MAY_INCLUDE[top] = MAY_INCLUDE["engine"] + " engine"
MAY_INCLUDE["cmd"] = MAY_INCLUDE["engine"] + " engine role sim lab"
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600

def faults(path, folder):
    lines = path.read_text().splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield f"{path}: {len(lines)} lines, at most {FILE_LINES_MAX}"
    opened = None
    for number, line in enumerate(lines, 1):
        if include := re.match(r'#include "(\w+)/', line):
            if include[1] != folder and include[1] not in MAY_INCLUDE[folder].split():
                yield f"{path}:{number}: {folder}/ may not include {include[1]}/"
        if line == "{":
            opened = number
        elif line == "}" and opened:
            if number - opened + 1 > FUNCTION_LINES_MAX:
                yield f"{path}:{opened}: {number - opened + 1} lines, at most {FUNCTION_LINES_MAX}"
            opened = None

src = pathlib.Path(sys.argv[1])
found = [f for d in sorted(MAY_INCLUDE) for p in sorted((src / d).glob("*.[ch]")) for f in faults(p, d)]
print("\n".join(found), end="\n" if found else "")
sys.exit(bool(found))
