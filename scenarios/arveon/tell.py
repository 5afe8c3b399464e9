#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The syslog daemon of a reflector: tell.py LOG NAME. What BIRD logs goes to the guard, as it comes, by
IPv4 and IPv6 in turn (RFC 3164), from the addresses by which the guard knows the reflector: by
itself the kernel takes that of a session."""
import itertools, socket, sys, time

log, name = sys.argv[1:]
number = name.rsplit("-", 1)[-1]
sockets = []
for family, network in ((socket.AF_INET, "10.64.0."), (socket.AF_INET6, "2001:db8:64::")):
    way = socket.socket(family, socket.SOCK_DGRAM)
    way.bind((network + number, 0))
    sockets.append((way, (network + "5", 514)))
ways = itertools.cycle(sockets)
with open(log) as lines:
    while True:
        line = lines.readline()
        if not line:
            time.sleep(0.02)
            continue
        text = line.split("> ", 1)[-1].strip()  # without BIRD's own time and class
        way, guard = next(ways)
        try:
            way.sendto(f"<30>{time.strftime('%b %e %H:%M:%S')} {name} bird: {text}".encode(), guard)
        except OSError:
            pass  # as every syslog daemon: what cannot be sent is gone
