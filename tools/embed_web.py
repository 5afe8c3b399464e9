#!/usr/bin/env python3
"""Turns the files of the dashboard into C: index.html as it is, the rest compressed.

usage: tools/embed_web.py OUTPUT.c FILE...

Fails when together they are more than a phone on a bad line should have to fetch.
"""
import gzip, pathlib, re, sys

COMPRESSED_MAX = 300_000
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


def row(path):
    content = path.read_bytes()
    page = path.suffix == ".html"  # what even those see that take nothing compressed
    if not page:
        content = gzip.compress(content, 9, mtime=0)
    name = re.sub(r"\W", "_", path.name)
    lines = [", ".join(str(byte) for byte in content[i : i + 24]) for i in range(0, len(content), 24)]
    data = f"static const unsigned char {name}[] = {{\n    " + ",\n    ".join(lines) + ",\n};\n"
    place = "/" if page else "/" + path.name
    encoding = "NULL" if page else '"gzip"'
    entry = f'    {{"{place}", "{TYPES[path.suffix]}", {name}, sizeof {name}, web_policy, {encoding}}},\n'
    return len(content), data, entry


def main():
    rows = [row(pathlib.Path(name)) for name in sys.argv[2:]]
    size = sum(size for size, _, _ in rows)
    if size > COMPRESSED_MAX:
        sys.exit(f"the dashboard has {size} bytes compressed: {COMPRESSED_MAX} are allowed")
    pathlib.Path(sys.argv[1]).write_text(
        '#include "role/web_files.h"\n\n'
        + "".join(data for _, data, _ in rows)
        + "const struct web_file web_files[] = {\n"
        + "".join(entry for _, _, entry in rows)
        + "};\nconst size_t web_file_count = sizeof web_files / sizeof web_files[0];\n"
    )


if __name__ == "__main__":
    main()
