#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes the seeds of the fuzzer feed_feed (found-* are what it found): an octet of flags
(src/feed/feed_fuzz.c), then attributes as a table has them, or the body of an UPDATE."""
import pathlib

SEEDS = pathlib.Path(__file__).parent / "feed_feed"
ORIGIN, PATH, HOP = "40010100", "400206 0201 0000fde9", "400304 0a630001"
HOP6 = "800e11 10 20010db8000000000000000000000002"
BODY = "0000 0014" + ORIGIN + PATH + HOP
ALL = {
    "table-external": "03" + ORIGIN + PATH + HOP,
    "table-internal": "02" + ORIGIN + PATH + HOP + "400504 000000c8 c00804 ffffff01",
    "table-prepend": "23" + ORIGIN + "40020a 0102 0000fde9 0000fdea" + HOP,
    "table-to-2-octets": "21" + ORIGIN + "400206 0201 fa56ea00" + HOP + "c00708 fa56ea00 0a000001",
    "table-from-2-octets": "63" + ORIGIN + "400206 0202 fde9 5ba0" + HOP + "c01106 0201 fa56ea00",
    "table-ipv6": "83" + ORIGIN + PATH + HOP6,
    "table-ipv6-whole": "83" + ORIGIN + PATH + "800e1a 0002 01 10 20010db8000000000000000000000002"
                        "00 20 20010db8",
    "table-ipv6-prepend": "a3" + ORIGIN + PATH + "800e21 20 20010db8000000000000000000000002"
                          "fe800000000000000000000000000001",
    "table-ipv4-by-ipv6": "13" + ORIGIN + PATH + HOP6,
    "table-cut": "03" + ORIGIN + PATH + HOP + "d008 00",
    "table-unknown": "03" + ORIGIN + PATH + HOP + "c0f003 010203",
    "update": "03" + BODY + "10 0a01 18 0a0203",
    "update-gone": "03 0003 10 0a01 0000",
    "update-both": "03 0003 10 0a02 0014" + ORIGIN + PATH + HOP + "10 0a01",
    "update-ids": "8b" + BODY + "00000007 10 0a01",
    "update-ipv6": "03 0000 002d" + ORIGIN + PATH + "800e1d 0002 01 10"
                   "20010db8000000000000000000000002 00 38 20010db8000102",
    "update-ipv6-gone": "03 0000 000d 800f0a 0002 01 30 20010db80001",
    "update-end": "03 0000 0006 800f03 0002 01",
    "update-malformed": "03 0000 0015 400102 0000" + PATH + HOP + "10 0a01",
    "update-2-octets": "43 0000 001d" + ORIGIN + "400206 0202 fde9 5ba0" + HOP +
                       "c01106 0201 fa56ea00 10 0a01",
}


def main():
    SEEDS.mkdir(exist_ok=True)
    for name, octets in ALL.items():
        (SEEDS / name).write_bytes(bytes.fromhex(octets))


main()
