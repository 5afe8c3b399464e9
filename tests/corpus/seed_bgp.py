#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes the seeds of the BGP fuzzers (bgp_message/, bgp_open/) from the messages in bgp/*.tsv."""
import pathlib

HERE = pathlib.Path(__file__).parent
STATES = {"any": 0, "opensent": 1, "openconfirm": 2, "established": 3}


def context(options):
    """The first octet of a seed, as fuzz_context() in src/bgp/fuzz.h takes it apart."""
    words = options.split()
    state = words[words.index("--state") + 1] if "--state" in words else "established"
    return (
        ("ebgp" in words)
        | ("--no-as4" in words) << 1
        | ("--addpath" in words) << 2
        | ("--enhanced-refresh" in words) << 4
        | STATES[state] << 5
    )


def main():
    for table in sorted((HERE / "bgp").glob("*.tsv")):
        for line in table.read_text().splitlines():
            if line.startswith("#"):
                continue
            name, options, _, _, octets = line.split("\t")
            message, head = bytes.fromhex(octets), bytes([context(options)])
            seed = f"{table.stem}-{name}"
            (HERE / "bgp_message" / seed).write_bytes(head + message)
            if message[18:19] == b"\x01" and len(message) > 19:
                (HERE / "bgp_open" / seed).write_bytes(head + message[19:])


main()
