#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What upstreams carry, from the counters of the routers' own ports to Fairlead.

meter.py tell PORT                           on a router: whoever asks gets its clock and the port's octets, out and in
meter.py push UPSTREAM=ROUTER... URL TOKEN   beside Fairlead: asks every second, and pushes bits a second
"""
import json, socket, socketserver, sys, time, urllib.request

TCP_PORT = 9100
EVERY_S = 1


def octets(port):
    """Out and in, of /proc/net/dev: after the name eight columns of what came in, then of what went out."""
    for line in open("/proc/self/net/dev"):
        name, _, columns = line.partition(":")
        if name.strip() == port:
            return int(columns.split()[8]), int(columns.split()[0])


class Tell(socketserver.BaseRequestHandler):
    def handle(self):
        # The clock of who counts: how long the answer is under way says nothing of the port.
        self.request.sendall(b"%d %d %d" % (time.monotonic_ns(), *octets(sys.argv[2])))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


def ask(router):
    with socket.create_connection((router, TCP_PORT), timeout=1) as s:
        return tuple(map(int, s.makefile().read().split()))


def push(url, token, items):
    headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(items).encode(), headers), timeout=1).close()


def main():
    if sys.argv[1] == "tell":
        Server(("", TCP_PORT), Tell).serve_forever()
    *pairs, url, token = sys.argv[2:]
    last = {}
    while True:
        items = []
        for upstream, router in (pair.split("=") for pair in pairs):
            try:
                now = ask(router)
            except OSError:
                continue
            if before := last.get(upstream):
                rates = [int((b - a) * 8e9 / (now[0] - before[0])) for a, b in zip(before[1:], now[1:])]
                items.append({"upstream": upstream, "out_bps": rates[0], "in_bps": rates[1]})
            last[upstream] = now
        try:
            push(url, token, items)
        except OSError:
            pass  # Fairlead is not there now
        time.sleep(EVERY_S)


main()
