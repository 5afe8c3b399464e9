#!/usr/bin/env python3
"""Turns a file into C: its bytes.

usage: tools/embed_text.py HEADER NAME INPUT OUTPUT.c
"""
import pathlib, sys

header, name, source, output = sys.argv[1:]
content = pathlib.Path(source).read_bytes()
rows = [", ".join(str(byte) for byte in content[i : i + 24]) for i in range(0, len(content), 24)]
pathlib.Path(output).write_text(
    f'#include "{header}"\n\nconst unsigned char {name}[] = {{\n    '
    + ",\n    ".join(rows)
    + f",\n}};\nconst size_t {name}_size = sizeof {name};\n"
)
