#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The looking glass of AS 65100: glass.py DIRECTORY, that of its FRR. A line "203.0.113.0/24 65001" asks
whether that network is announced there by that neighbour; it answers "seen" or "gone"."""
import json, socket, socketserver, subprocess, sys


def answer(prefix, neighbour):
    family = "ipv6" if ":" in prefix else "ipv4"
    shown = subprocess.run(["vtysh", "--vty_socket", sys.argv[1], "-c", f"show bgp {family} unicast {prefix} json"],
                           capture_output=True, text=True).stdout
    try:
        paths = json.loads(shown).get("paths", []) if shown.strip() else []
    except ValueError:
        return "?"
    return "seen" if any(p.get("aspath", {}).get("string", "").split()[:1] == [neighbour] for p in paths) else "gone"


class Glass(socketserver.StreamRequestHandler):
    def handle(self):
        words = self.rfile.readline(128).decode("ascii", "replace").split()
        self.wfile.write((answer(*words) if len(words) == 2 else "?").encode() + b"\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    address_family = socket.AF_INET6


Server(("::", 8179), Glass).serve_forever()
