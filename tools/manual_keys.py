#!/usr/bin/env python3
"""Keeps the list of keys in fairlead.yaml(5) equal to the table that the parser uses.

usage: tools/manual_keys.py FAIRLEAD MANUAL          says whether they agree (exit 0 or 1)
       tools/manual_keys.py FAIRLEAD MANUAL --write  puts the table's list into the manual
"""
import difflib, pathlib, subprocess, sys

BEGIN, END = '.\\" keys: made by tools/manual_keys.py, do not edit\n', '.\\" keys: end\n'


def main():
    program, path = sys.argv[1], pathlib.Path(sys.argv[2])
    listed = subprocess.run(
        [program, "config", "keys", "--mdoc"], check=True, capture_output=True, text=True
    ).stdout
    manual = path.read_text()
    head, rest = manual.split(BEGIN)
    present, tail = rest.split(END)
    if sys.argv[3:] == ["--write"]:
        path.write_text(head + BEGIN + listed + END + tail)
    elif listed != present or not listed.count("\n.It ") > 50:
        lines = (text.splitlines(keepends=True) for text in (present, listed))
        sys.stdout.writelines(difflib.unified_diff(*lines, str(path), "fairlead config keys"))
        print("the manual differs from the table: run tools/manual_keys.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
