#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The console of a switch: console.py ADDRESS PORT SWITCHPORT...

A line "shut" takes the switch's ports down, "open" brings them up, the last one first: whoever sends
by it finds that those it sends to are there. It answers "done", or what is wrong. The console's own port, of that name, leaves the bridge: it is a network of its own.
"""
import socketserver, subprocess, sys


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True)


class Console(socketserver.StreamRequestHandler):
    def handle(self):
        word = self.rfile.readline(64).decode("ascii", "replace").strip()
        states = {"shut": "down", "open": "up"}
        if word not in states:
            self.wfile.write(b"shut or open?\n")
            return
        ports = sys.argv[3:] if word == "shut" else sys.argv[:2:-1]
        failed = [ip("link", "set", "dev", port, states[word]).stderr for port in ports]
        self.wfile.write(("".join(failed) or "done\n").encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


ip("link", "set", "dev", "console", "nomaster")
ip("address", "add", sys.argv[1] + "/24", "dev", "console")
Server((sys.argv[1], int(sys.argv[2])), Console).serve_forever()
