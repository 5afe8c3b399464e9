#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes the seeds of the MRT fuzzers (mrt_reader/) from the archives in mrt/."""
import pathlib

HERE = pathlib.Path(__file__).parent


def main():
    seeds = HERE / "mrt_reader"
    for line in (HERE / "mrt/core.tsv").read_text().splitlines():
        if not line.startswith("#"):
            name, _, octets = line.split("\t")
            (seeds / f"core-{name}").write_bytes(bytes.fromhex(octets))
    for archive in sorted((HERE / "mrt").glob("*.mrt")):
        (seeds / archive.stem).write_bytes(archive.read_bytes())


main()
