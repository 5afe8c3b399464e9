#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Every text that a device can send, hostile: misbehave.py NAME ADDRESS..., by BMP (RFC 7854) and syslog, from
the network namespace it runs in. NAME says how the messages' own host is called."""
import socket, struct, sys

EVIL = "<img src=x onerror=hit=1><script>hit=1</script>\x00\x1b[2J\u202egnp.exe\u2066 \"'`&amp;//evil.example "
WORD = "<img/src=x/onerror=hit=1>\x1b[2J"
BMP_PORT, SYSLOG_PORT = 11019, 514


def evil(what, size=200):
    return (f"{what} {EVIL}".encode()[:size - 8]).decode(errors="ignore").encode()


def bmp(kind, body):
    return struct.pack("!BIB", 3, 6 + len(body), kind) + body


def tlv(kind, text):
    return struct.pack("!HH", kind, len(text)) + text


def bgp(kind, body):
    return b"\xff" * 16 + struct.pack("!HB", 19 + len(body), kind) + body


def peer(asn=65001):
    return (bytes([0, 0]) + bytes(8) + bytes(12) + socket.inet_aton("192.0.2.77") + struct.pack("!I", asn) +
            socket.inet_aton("192.0.2.77") + struct.pack("!II", 1, 0))


def by_bmp(address):
    hello = bgp(1, struct.pack("!BHH", 4, 65001, 90) + socket.inet_aton("192.0.2.77") + b"\0")
    shutdown = evil("shutdown")
    messages = [
        bmp(4, tlv(1, evil("sysDescr")) + tlv(2, evil("sysName")) + tlv(0, evil("free"))),
        bmp(3, peer() + bytes(16) + struct.pack("!HH", 179, 179) + hello + hello + tlv(3, evil("table")) + tlv(4, evil("admin label"))),
        bmp(2, peer() + b"\1" + bgp(3, bytes([6, 2, len(shutdown)]) + shutdown)),  # RFC 9003
        bmp(5, tlv(0, evil("termination"))),
    ]
    with socket.create_connection((address, BMP_PORT)) as connection:
        connection.sendall(b"".join(messages))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


def by_syslog(name, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        for text in (f"%BGP-5-ADJCHANGE: neighbor 192.0.2.77 Down {EVIL}", f"%SYS-5-CONFIG_I: Configured from console by {WORD} on {EVIL}",
                     f"%LINK-3-UPDOWN: Interface {WORD}, changed state to down"):
            s.sendto(f"<189>30: {name}: May 23 13:56:15.055: {text}".encode(), (address, SYSLOG_PORT))


def main():
    name, *addresses = sys.argv[1:]
    for address in addresses:
        by_syslog(name, address)
        by_bmp(address)


main()
