#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What devices said: tell.py DAY TIME ADDRESS [ADDRESS].

Sends every line of the file DAY that begins with TIME as syslog by UDP, as a relay passes it on: to
each address in turn, so that both families are used. The time in the line becomes the present one.
"""
import pathlib, socket, sys, time

day, moment, *addresses = sys.argv[1:]
now = time.strftime("%b %e %H:%M:%S")
lines = [line.split(" ", 1)[1] for line in pathlib.Path(day).read_text().splitlines() if line.startswith(moment + " ")]
assert lines, f"nothing is said at {moment}"
for number, line in enumerate(lines):
    address = addresses[number % len(addresses)]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        out.sendto(line.replace("WHEN", now, 1).encode(), (address, 514))
