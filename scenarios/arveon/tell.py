#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The syslog daemon of a reflector: tell.py LOG NAME. What BIRD logs goes to the guard, as it comes, by
IPv4 and IPv6 in turn (RFC 3164)."""
import itertools, socket, sys, time

log, name = sys.argv[1:]
ways = itertools.cycle([(socket.AF_INET, "10.64.0.5"), (socket.AF_INET6, "2001:db8:64::5")])
sockets = {family: socket.socket(family, socket.SOCK_DGRAM) for family in (socket.AF_INET, socket.AF_INET6)}
with open(log) as lines:
    while True:
        line = lines.readline()
        if not line:
            time.sleep(0.02)
            continue
        text = line.split("> ", 1)[-1].strip()  # without BIRD's own time and class
        family, address = next(ways)
        try:
            sockets[family].sendto(f"<30>{time.strftime('%b %e %H:%M:%S')} {name} bird: {text}".encode(), (address, 514))
        except OSError:
            pass  # as every syslog daemon: what cannot be sent is gone
