#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`fairlead decode stamp` and `decode icmp`: lines, captures made here, and bad usage.

usage: decode_probe_test.py FAIRLEAD
"""
import ipaddress, json, pathlib, struct, subprocess, sys, tempfile

FAIRLEAD = sys.argv[1]
failures = []


def check(name, good, seen):
    if not good:
        failures.append(f"{name}: {seen}")


def decode(protocol, options, data=b""):
    command = [FAIRLEAD, "decode", protocol, *options]
    return subprocess.run(command, input=data, capture_output=True, timeout=60)


def answers(run):
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def holds(wanted, answer):
    """Whether all that is wanted stands in the answer; lists must have the same length."""
    if isinstance(wanted, dict):
        return isinstance(answer, dict) and all(key in answer and holds(value, answer[key]) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(answer, list) and len(wanted) == len(answer) and all(map(holds, wanted, answer))
    return wanted == answer


ZEROS = "00" * 28
REQUEST = "00000007 e900000080000000 8001 0102" + ZEROS
REPLY = (
    "00000005 e900000200000000 1001 0102 e900000100000000"
    "00000007 e900000080000000 8001 0000 fd 000000"
)
PTP = "00000007 6553f10000000400 5001 0000" + ZEROS
STAMP = [
    ("base", "", REQUEST, {"verdict": "accept", "message": "request", "sequence": 7, "ssid": 258, "tlvs": [],
     "timestamp": {"raw": "e900000080000000", "time": "2023-11-16T02:42:08.500000Z"},
     "error_estimate": {"synchronized": True, "format": "ntp", "scale": 0, "multiplier": 1}}),
    ("PTP", "", PTP, {"timestamp": {"time": "2023-11-14T22:13:20.000001Z"},
     "error_estimate": {"synchronized": False, "format": "ptp", "scale": 16, "multiplier": 1}}),
    ("reply", "", REPLY, {"verdict": "accept", "message": "reply", "sequence": 5, "sender_sequence": 7, "sender_ttl": 253,
     "received": {"time": "2023-11-16T02:42:09.000000Z"}, "kept_ns": 1000000000,
     "sender_timestamp": {"raw": "e900000080000000"}, "sender_error_estimate": {"synchronized": True}}),
    ("TWAMP-Light", "", REQUEST[:-6], {"verdict": "accept", "message": "request", "tlvs": []}),
    ("TWAMP-Light answer", "", REPLY[:-7], {"verdict": "accept", "message": "reply", "sender_ttl": 253}),
    ("one side, by word", "--from reflector", REQUEST, {"message": "reply", "sender_sequence": 0}),
    ("the other, by word", "--from sender", REPLY, {"message": "request", "sequence": 5}),
    ("a byte short", "", REQUEST[:-8], {"verdict": "ignore", "at": 40, "spec": "RFC 8762 §4.6"}),
    ("nothing", "", "", {"verdict": "ignore", "at": 0}),
    ("junk", "", "hello", {"verdict": "ignore", "reason": "column 1 is no octet in hexadecimal"}),
    ("class", "", REQUEST + "80 04 0004 b8000000", {"verdict": "accept", "tlvs": [
     {"type": 4, "name": "class_of_service", "unrecognized": True, "length": 4, "dscp_back": 46, "dscp_came": 0}]}),
    ("re-marked", "", REPLY + "00 04 0004 b8850000", {"tlvs": [
     {"unrecognized": False, "dscp_back": 46, "dscp_came": 8, "ecn_came": 1, "refused": True}]}),
    ("node", "", REQUEST + "80 09 0010 20010db8000000000000000000000001", {"tlvs": [{"address": "2001:db8::1"}]}),
    ("link", "", REPLY + "00 0b 0004 00010007", {"tlvs": [{"name": "micro_session_id", "sender": 1, "reflector": 7}]}),
    ("padding", "", REQUEST + "80 01 0002 abcd 80 c8 0001 ff", {"verdict": "accept", "tlvs": [
     {"name": "extra_padding", "length": 2}, {"type": 200, "value": "ff"}]}),
    ("too long", "", REQUEST + "80 01 0003 abcd", {"verdict": "attribute-discard", "at": 44, "spec": "RFC 8972 §4",
     "reason": "a TLV is longer than the packet", "tlvs": [{"length": 3}]}),
    ("wrong length", "", REQUEST + "80 01 0000 80 04 0002 0000 80 01 0000", {"verdict": "attribute-discard", "at": 48,
     "reason": "a TLV has a length that its type cannot have", "tlvs": [{}, {"type": 4}]}),
    ("rest", "", REQUEST + "80 01 0000 8001", {"verdict": "attribute-discard", "at": 48}),
]  # fmt: skip

QUOTED4 = "45b80040 01f24000 01110000 c0000201 c6336409 ee48 035e 0000 0000"
QUOTED6 = "60012345 00381101" + "20010db8" + "0" * 22 + "01" + "20010db8" + "0" * 22 + "09" + "ee48 035e 0038 0000"


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def message4(text):
    octets = bytes.fromhex(text)
    return (octets[:2] + checksum(octets).to_bytes(2, "big") + octets[4:]).hex()


ICMP = [
    ("echo", "", message4("0000 0000 fffa 0001 00112233"), {"verdict": "accept", "family": "ipv4",
     "message": "echo_reply", "id": 65530, "sequence": 1, "payload_bytes": 4}),
    ("echo, IPv6", "", "8100 1234 fffa 0001", {"verdict": "accept", "family": "ipv6", "message": "echo_reply"}),
    ("request", "", message4("0800 0000 0001 0002"), {"message": "echo_request"}),
    ("request, IPv6", "", "8000 0000 0001 0002", {"message": "echo_request", "family": "ipv6"}),
    ("exceeded", "", message4("0b00 0000 00000000" + QUOTED4), {"verdict": "accept", "message": "time_exceeded",
     "quoted": {"source": "192.0.2.1", "destination": "198.51.100.9", "dscp": 46, "ip_id": 498, "ttl": 1,
     "protocol": 17, "source_port": 61000, "destination_port": 862}}),
    ("exceeded, IPv6", "--family ipv6", "0300 0000 00000000" + QUOTED6, {"verdict": "accept", "message": "time_exceeded",
     "quoted": {"source": "2001:db8::1", "destination": "2001:db8::9", "flow_label": 0x12345, "ttl": 1,
     "source_port": 61000, "destination_port": 862}}),
    ("too big, IPv4", "", message4("0304 0000 0000 0578" + QUOTED4), {"message": "destination_unreachable", "mtu_bytes": 1400}),
    ("too big, IPv6", "--family ipv6", "0200 0000 00000578" + QUOTED6, {"message": "packet_too_big", "mtu_bytes": 1400}),
    ("redirect", "", message4("0501 0000 c0000202" + QUOTED4), {"message": "redirect", "gateway": "192.0.2.2"}),
    ("quotes little", "", message4("0b00 0000 00000000" + QUOTED4[:-10]), {"verdict": "accept", "quoted": {"protocol": 17}}),
    ("quotes nothing", "", message4("0b00 0000 00000000"), {"verdict": "ignore", "reason": "quotes no packet"}),
    ("quotes another family", "--family ipv6", "0300 0000 00000000" + QUOTED4, {"verdict": "ignore"}),
    ("a wrong checksum", "", "0000 0001 fffa 0001", {"verdict": "ignore", "reason": "the checksum is wrong", "at": 2}),
    ("short", "", "0000 0000 fffa", {"verdict": "ignore", "at": 6}),
    ("a code", "", message4("0001 0000 fffa 0001"), {"verdict": "ignore", "reason": "echo with a code"}),
    ("timestamp", "", message4("0d00 0000 fffa 0001"), {"verdict": "ignore", "reason": "of no use to a prober"}),
    ("a packet", "", "4500001c 00004000 40010000 c0000201 c0000202" + message4("0000 0000 fffa 0001"),
     {"verdict": "accept", "message": "echo_reply"}),
    ("a packet of UDP", "", "4500001c 00004000 40110000 c0000201 c0000202 0001 0002 0008 0000", {"verdict": "ignore"}),
    ("junk", "", "0", {"verdict": "ignore"}),
]  # fmt: skip


def lines():
    for protocol, rows in ("stamp", STAMP), ("icmp", ICMP):
        for name, options, octets, wanted in rows:
            run = decode(protocol, ["--hex", *options.split()], octets.encode() + b"\n")
            seen = answers(run)
            check(f"{protocol}, {name}", run.returncode == 0 and len(seen) == 1, run)
            check(f"{protocol}, {name}", seen and seen[0]["line"] == 1 and holds(wanted, seen[0]), seen)
        text = "\n".join(row[2] for row in rows)
        check(protocol, len(answers(decode(protocol, ["--hex"], text.encode()))) == len(rows), "not one for each line")
        octets = bytes.fromhex(rows[0][2])
        for cut in range(len(octets)):
            seen = answers(decode(protocol, ["--hex"], octets[:cut].hex().encode() + b"\n"))
            check(f"{protocol}, cut at {cut}", len(seen) == 1 and "verdict" in seen[0], seen)


def packet(source, destination, protocol, payload, ttl=255):
    ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    if len(ends) == 32:
        return struct.pack(">IHBB", 6 << 28 | 46 << 22, len(payload), protocol, ttl) + ends + payload
    return struct.pack(">BBHHHBBH", 0x45, 46 << 2, 20 + len(payload), 0, 0x4000, ttl, protocol, 0) + ends + payload


def udp(source, destination, payload):
    return struct.pack(">HHHH", source, destination, 8 + len(payload), 0) + payload


def capture(packets):
    file = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for octets in packets:
        file += struct.pack("<IIII", 1700000000, 5, len(octets), len(octets)) + octets
    return file


def captures():
    request, reply = bytes.fromhex(REQUEST), bytes.fromhex(REPLY)
    for near, far in ("192.0.2.1", "198.51.100.9"), ("2001:db8::1", "2001:db8::9"):
        ends = [f"[{a}]" if ":" in a else a for a in (near, far)]
        file = capture([
            packet(near, far, 17, udp(61000, 862, request)),
            packet(far, near, 17, udp(862, 61000, reply), 250),
            packet(near, far, 17, udp(861, 863, request)),
            packet(near, far, 17, udp(862, 862, reply)),
            packet(near, far, 17, udp(61000, 862, reply)),  # a strange request is one all the same
            packet(near, far, 6, bytes(20)),
        ])  # fmt: skip
        seen = answers(decode("stamp", [], file))
        wanted = [
            {"packet": 1, "from": f"{ends[0]}:61000", "to": f"{ends[1]}:862", "time": "2023-11-14T22:13:20.000005Z",
             "ttl": 255, "dscp": 46, "verdict": "accept", "message": "request"},
            {"packet": 2, "ttl": 250, "message": "reply"},
            {"packet": 4, "message": "reply"},
            {"packet": 5, "message": "request", "sequence": 5},
        ]  # fmt: skip
        check("capture of STAMP", holds(wanted, seen), seen)
        check("another port", [a["packet"] for a in answers(decode("stamp", ["--port", "863"], file))] == [3], "")
    echo = bytes.fromhex(message4("0000 0000 fffa 0001"))
    pseudo = ipaddress.ip_address("2001:db8::9").packed + ipaddress.ip_address("2001:db8::1").packed + struct.pack(">II", 8, 58)
    echo6 = bytes.fromhex("8100 0000 fffa 0001")
    good6 = echo6[:2] + checksum(pseudo + echo6).to_bytes(2, "big") + echo6[4:]
    file = capture([
        packet("198.51.100.9", "192.0.2.1", 1, echo),
        packet("2001:db8::9", "2001:db8::1", 58, good6),
        packet("2001:db8::9", "2001:db8::1", 58, echo6),
        packet("192.0.2.1", "198.51.100.9", 17, udp(1, 2, b"")),
    ])  # fmt: skip
    seen = answers(decode("icmp", [], file))
    wanted = [
        {"packet": 1, "from": "198.51.100.9", "to": "192.0.2.1", "verdict": "accept"},
        {"packet": 2, "from": "2001:db8::9", "verdict": "accept", "family": "ipv6"},
        {"packet": 3, "verdict": "ignore", "reason": "the checksum is wrong"},
    ]
    check("capture of ICMP", holds(wanted, seen), seen)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "file")
        path.write_bytes(file)
        check("a file", len(answers(decode("icmp", [str(path)]))) == 3, "")


def bad_usage():
    for protocol in "stamp", "icmp":
        check("help", b"fairlead decode " + protocol.encode() in decode(protocol, ["--help"]).stdout, "")
        for options in (["--nothing"], ["--hex", "a", "b"], ["--family", "ipv5"], ["--from", "me"], ["--port", "0"]):
            run = decode(protocol, options)
            check(options, run.returncode == 2 and run.stderr.startswith(b"fairlead: "), run)
        run = decode(protocol, ["/nonexistent"])
        check("no file", run.returncode == 3 and b"No such file" in run.stderr, run)
        run = decode(protocol, [], b"hello")
        check("no capture", run.returncode == 3 and b"--hex" in run.stderr, run)
        run = decode(protocol, [], capture([]))
        check("an empty capture", run.returncode == 0 and run.stdout == b"" and b"no " in run.stderr, run)


lines()
captures()
bad_usage()
print("\n".join(str(failure)[:800] for failure in failures))
print(f"{len(STAMP) + len(ICMP)} lines, {len(failures)} failures")
sys.exit(bool(failures))
