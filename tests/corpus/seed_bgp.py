#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes the seeds of the BGP fuzzers (bgp_message/, bgp_open/, bgp_foreign/) from bgp/*.tsv."""
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


# The families of bgp_foreigns[] in src/bgp/family.c that can be read, by AFI and SAFI.
FOREIGN = [(1, 2), (2, 2), (1, 4), (2, 4), (1, 128), (2, 128), (25, 70), (1, 133), (2, 133),
           (1, 134), (2, 134)]  # fmt: skip


def foreign(message):
    """The NLRI of its MP_REACH_NLRI and MP_UNREACH_NLRI, each behind two octets of context."""
    withdrawn = int.from_bytes(message[19:21], "big")
    block = message[23 + withdrawn :]
    block = block[: int.from_bytes(message[21 + withdrawn : 23 + withdrawn], "big")]
    while len(block) > 3:
        long = block[0] >> 4 & 1
        size = int.from_bytes(block[2 : 3 + long], "big")
        kind, value, block = block[1], block[3 + long : 3 + long + size], block[3 + long + size :]
        family = (int.from_bytes(value[:2], "big"), value[2] if len(value) > 2 else 0)
        if kind in (14, 15) and family in FOREIGN and len(value) > 4:
            nlri = value[5 + value[3] :] if kind == 14 else value[3:]
            yield bytes([FOREIGN.index(family), 2 if kind == 15 else 0]) + nlri


def main():
    for folder in "bgp_message", "bgp_open", "bgp_foreign":
        (HERE / folder).mkdir(exist_ok=True)
    for table in sorted((HERE / "bgp").glob("*.tsv")):
        for line in table.read_text().splitlines():
            if line.startswith("#"):
                continue
            name, options, _, _, octets = line.split("\t")
            message, head = bytes.fromhex(octets), bytes([context(options)])
            seed = f"{table.stem}-{name}"
            (HERE / "bgp_message" / seed).write_bytes(head + message)
            if message[18:19] == b"\x02":
                for count, octets in enumerate(foreign(message)):
                    (HERE / "bgp_foreign" / f"{seed}-{count}").write_bytes(octets)
            if message[18:19] == b"\x01" and len(message) > 19:
                (HERE / "bgp_open" / seed).write_bytes(head + message[19:])


main()
