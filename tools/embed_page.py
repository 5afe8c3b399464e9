#!/usr/bin/env python3
"""Turns the status page into C: its bytes, and a content-security policy that lets nothing run or
load but the page's own script and style, known by their hashes.

usage: tools/embed_page.py PAGE.html OUTPUT.c
"""
import base64, hashlib, pathlib, re, sys


def hash_of(page, tag):
    found = re.findall(rb"<%s>(.*?)</%s>" % (tag, tag), page, re.S)
    if len(found) != 1:
        sys.exit(f"{sys.argv[1]}: {len(found)} <{tag.decode()}> elements, exactly 1 is wanted")
    return base64.b64encode(hashlib.sha256(found[0]).digest()).decode()


def main():
    page = pathlib.Path(sys.argv[1]).read_bytes()
    for forbidden in rb"innerHTML", rb"outerHTML", rb"insertAdjacentHTML", rb"document\.write", rb"https?://":
        if re.search(forbidden, page):
            sys.exit(f"{sys.argv[1]}: {forbidden.decode()} has no place in the page")
    policy = (
        "default-src 'none'; connect-src 'self'; img-src data:; "
        f"script-src 'sha256-{hash_of(page, b'script')}'; "
        f"style-src 'sha256-{hash_of(page, b'style')}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    rows = [", ".join(str(byte) for byte in page[i : i + 20]) for i in range(0, len(page), 20)]
    pathlib.Path(sys.argv[2]).write_text(
        '#include "role/status_page.h"\n\n'
        "const unsigned char status_page[] = {\n    " + ",\n    ".join(rows) + ",\n};\n"
        "const size_t status_page_size = sizeof status_page;\n"
        f'const char status_page_policy[] = "{policy}";\n'
    )


if __name__ == "__main__":
    main()
