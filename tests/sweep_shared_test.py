#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Streams and captures that are not ours to ship, read from ../shared beside the checkout, cut at
every octet and with every octet set to 00 and to ff, in the process of the fuzzers' replay.

usage: sweep_shared_test.py BUILD_DIRECTORY
"""
import json, os, pathlib, struct, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).parent
SHARED = pathlib.Path(os.environ.get("FAIRLEAD_SHARED", HERE.parent.parent / "shared"))
SETS = SHARED / "data/corpora"
BUILD = pathlib.Path(sys.argv[1])
SKIP = 77
STREAM_MAX = 800  # octets of a seed: every cut and octet of it is run
LINKS = {0: 0, 1: 1, 9: 2, 101: 3, 104: 4, 113: 5, 276: 6}  # as src/capture/streams_fuzz.c has them


def bmp_seeds():
    for cases in sorted(SETS.glob("bmp-*/cases.jsonl")):
        for line in cases.read_text().splitlines():
            case = json.loads(line)
            yield bytes.fromhex(case["hex"])
    for stream in sorted(SETS.glob("pmacct-a/*/*.bmp")):
        octets = stream.read_bytes()
        yield octets[:STREAM_MAX]
        yield octets[len(octets) // 2 :][:STREAM_MAX]  # from within a message, mostly


def packets_of(octets):
    """The link type and the packets of a pcap file, as far as they are whole."""
    order = "<" if octets[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    (link,) = struct.unpack(order + "I", octets[20:24])
    packets, at = [], 24
    while at + 16 <= len(octets):
        (size,) = struct.unpack(order + "I", octets[at + 8 : at + 12])
        packets.append(octets[at + 16 : at + 16 + size])
        at += 16 + size
    return link, packets


def capture_seeds():
    for capture in sorted(SETS.glob("*/*.pcap")) + sorted(SETS.glob("pmacct-a/*/*.pcap")):
        octets = capture.read_bytes()
        if octets[:4] == b"\x0a\x0d\x0d\x0a":
            continue
        link, packets = packets_of(octets)
        if link in LINKS:
            parts = [struct.pack(">H", min(len(p), 120)) + p[:120] for p in packets[:9]]
            yield bytes([LINKS[link]]) + b"".join(parts)


def sweep(program, seeds):
    with tempfile.TemporaryDirectory() as directory:
        count = 0
        for count, seed in enumerate(seeds, 1):
            (pathlib.Path(directory) / str(count)).write_bytes(seed)
        run = subprocess.run([BUILD / program, directory], capture_output=True, text=True)
    good = run.returncode == 0 and f"{count} inputs ran" in run.stdout and count > 0
    print(f"{program}: {count} seeds, {'ok' if good else 'FAIL'}", run.stderr[-3000:])
    return good


if not SETS.is_dir():
    print(f"skipped: no {SETS}")
    sys.exit(SKIP)
good = sweep("bmp_stream_corpus", bmp_seeds())
good &= sweep("capture_streams_corpus", capture_seeds())
sys.exit(not good)
