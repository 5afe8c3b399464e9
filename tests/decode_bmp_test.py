#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Runs `fairlead decode bmp` over the corpora in corpus/bmp, over captures and bad input; and, where
they stand beside the checkout, over the real routers' captures in ../shared.

usage: decode_bmp_test.py FAIRLEAD
"""
import collections, json, pathlib, struct, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).parent
SHARED = HERE.parent.parent / "shared/data/corpora"
FAIRLEAD = sys.argv[1]
failures = []


def check(name, good, seen):
    if not good:
        failures.append(f"{name}: {seen}")


def decode(protocol, options, octets):
    return subprocess.run(
        [FAIRLEAD, "decode", protocol, *map(str, options)], input=octets, capture_output=True,
        timeout=60,
    )  # fmt: skip


def answers_of(run):
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def holds(wanted, answer):
    """Whether all that is wanted stands in the answer; lists must have the same length."""
    if isinstance(wanted, dict):
        return isinstance(answer, dict) and all(
            key in answer and holds(value, answer[key]) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(answer, list)
            and len(wanted) == len(answer)
            and all(map(holds, wanted, answer))
        )
    return wanted == answer


def rows_of_tables():
    for table in sorted((HERE / "corpus/bmp").glob("*.tsv")):
        for line in table.read_text().splitlines():
            if not line.startswith("#"):
                name, verdicts, values, octets = line.split("\t")
                yield f"{table.stem}/{name}", verdicts.split(), values, octets


def corpora():
    """Each row of each table: its verdicts in order, and what stands in the last answer."""
    rows = list(rows_of_tables())
    run = decode("bmp", ["--hex"], "".join(row[3] + "\n" for row in rows).encode())
    by_line = collections.defaultdict(list)
    for answer in answers_of(run):
        by_line[answer["line"]].append(answer)
    check("corpora", run.returncode == 0 and not run.stderr, run.stderr)
    for number, (name, verdicts, values, _) in enumerate(rows, 1):
        answers = by_line[number]
        seen = [answer["verdict"] for answer in answers]
        check(name, seen == verdicts, f"{seen}, not {verdicts}")
        check(name, values == "-" or holds(json.loads(values), answers[-1]), answers)
    return len(rows)


# An UPDATE with a bad ORIGIN, and two octets behind it.
BEHIND = (
    "030000005b00" + "0000" + "00" * 20 + "c00002090000fbf4c00002096553f10000000000" + "ff" * 16
    + "0029020000000e40010109400200400304c000020118c63364" + "0000"
)
INITIATION = bytes.fromhex("0300000011040001000178000200027231")
TERMINATION = bytes.fromhex("030000000c05000100020000")


def lines_go_on():
    """A bad line is told of, and the next is read; each is a router of its own."""
    rows = [
        (INITIATION.hex(), ["accept"]),
        ("", ["close"]),
        ("hello", ["close"]),
        (INITIATION.hex() + "f", ["close"]),
        ("03", ["close"]),
        (INITIATION.hex()[:-2], ["close"]),
        (INITIATION.hex() + "0300", ["accept", "close"]),
        ("00" * 300000, ["close"]),
        (INITIATION.hex().upper() + " \t\r", ["accept"]),
        ((TERMINATION + INITIATION).hex(), ["close"]),
        ((INITIATION * 3).hex(), ["accept"] * 3),
        (BEHIND, ["treat-as-withdraw"]),
    ]
    answers = answers_of(decode("bmp", ["--hex"], "\n".join(row[0] for row in rows).encode()))
    for number, (text, verdicts) in enumerate(rows, 1):
        seen = [answer["verdict"] for answer in answers if answer["line"] == number]
        check(f"line {number}", seen == verdicts, seen)
    check("no line", decode("bmp", ["--hex"], b"").stdout == b"", "output")


def raw_streams():
    """Without --hex: the octets that one router sent, the offset of each message."""
    stream = INITIATION * 3 + TERMINATION
    answers = answers_of(decode("bmp", [], stream))
    check("raw", [a["offset"] for a in answers] == [0, 17, 34, 51], answers)
    for cut in 35, 38, 39, 40, 50:
        answers = answers_of(decode("bmp", [], stream[:cut]))
        seen = [a["verdict"] for a in answers]
        check(f"cut {cut}", seen == ["accept", "accept", "close"], seen)
    # Longer than what is read at once, with messages across the seams.
    answers = answers_of(decode("bmp", [], INITIATION * 40000))
    check("long", len(answers) == 40000 and answers[-1]["offset"] == 17 * 39999, len(answers))
    answers = answers_of(decode("bmp", [], b"\3\0\2\0\0\4" + bytes(131066) + TERMINATION))
    check("longest", [a["verdict"] for a in answers] == ["ignore", "close"], answers)
    answers = answers_of(decode("bmp", [], b"\3\0\2\0\1\4" + bytes(131067) + TERMINATION))
    check("too long", [a["verdict"] for a in answers] == ["close"], answers)
    empty = decode("bmp", [], b"")
    check("empty", empty.returncode == 0 and not empty.stdout, empty)


def bad_usage():
    for arguments in ["--port", "0"], ["--port", "65536"], ["--port", "x"], ["--port"], ["--nonsense"], ["a", "b"]:
        run = decode("bmp", arguments, b"")
        good = run.returncode == 2 and run.stderr.startswith(b"fairlead: ") and not run.stdout
        check(f"{arguments}", good, run)
    missing = decode("bmp", ["/nonexistent"], b"")
    check("missing", missing.returncode == 3 and b"cannot open" in missing.stderr, missing)
    run = decode("bmp", ["--help"], b"")
    screen = run.stdout.decode().splitlines()
    check("help", run.returncode == 0 and screen[0].startswith("  fairlead ") and len(screen) < 40, run)
    full = subprocess.run(
        f"echo {INITIATION.hex()} | {FAIRLEAD} decode bmp --hex > /dev/full", shell=True,
        capture_output=True,
    )  # fmt: skip
    check("full disk", full.returncode == 3 and b"fairlead: cannot write" in full.stderr, full)


SYN, FIN = 2, 1


def segment(source, destination, sequence, data=b"", flags=16):
    """An IP packet of either family; the ends are (address octets, port)."""
    tcp = struct.pack(">HHIIBBHHH", source[1], destination[1], sequence % 2**32, 0, 0x50, flags,
                      8192, 0, 0) + data  # fmt: skip
    if len(source[0]) == 4:
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0)
    else:
        head = struct.pack(">IHBB", 6 << 28, len(tcp), 6, 64)
    return head + source[0] + destination[0] + tcp


def pcap(packets, link=101, order="<"):
    """A capture of bare IP packets, one each second from 2023-11-14T22:13:20Z."""
    head = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    return head + b"".join(
        struct.pack(order + "IIII", 1700000000 + n, 7, len(packet), len(packet)) + packet
        for n, packet in enumerate(packets)
    )


def pcapng(packets):
    def block(kind, body):
        size = 12 + len(body) + -len(body) % 4
        return struct.pack("<II", kind, size) + body + bytes(-len(body) % 4) + struct.pack("<I", size)

    blocks = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    blocks += block(1, struct.pack("<HHI", 101, 0, 65535))
    for packet in packets:
        blocks += block(6, struct.pack("<IIIII", 0, 0, 0, len(packet), len(packet)) + packet)
    return blocks


A4, B4 = (b"\xc0\0\2\1", 40000), (b"\xc0\0\2\2", 11019)
A6, B6 = (bytes.fromhex("20010db8" + "00" * 11 + "01"), 40000), (bytes.fromhex("20010db8" + "00" * 11 + "02"), 11019)


def streams_in(octets, options=(), protocol="bmp"):
    with tempfile.NamedTemporaryFile() as file:
        file.write(octets)
        file.flush()
        return decode(protocol, [*options, file.name], b"")


def captures():
    """Segments in any order, of both families, at every place a message can be cut."""
    stream = INITIATION * 2 + TERMINATION
    for a, b, name in (A4, B4, "192.0.2.1:40000"), (A6, B6, "[2001:db8::1]:40000"):
        for cut in *range(1, 20, 3), *range(20, len(stream), 5):
            packets = [
                segment(a, b, 99, flags=SYN),
                segment(a, b, 100 + cut, stream[cut:]),
                segment(a, b, 100, stream[:cut]),
                segment(a, b, 100, stream[:cut]),
                segment(a, b, 100 + len(stream), flags=FIN),
            ]
            answers = answers_of(streams_in(pcap(packets)))
            good = [x["verdict"] for x in answers] == ["accept", "accept", "close"]
            check(f"{name} cut {cut}", good and answers[0]["from"] == name, answers)
    packets = [segment(A4, B4, 100, INITIATION), segment(B6, A6, 5, INITIATION)]
    piped = decode("bmp", [], pcap(packets))
    check("a pipe is read as a file", piped.stdout == streams_in(pcap(packets)).stdout, piped)
    for form in pcap(packets), pcap(packets, order=">"), pcapng(packets):
        answers = answers_of(streams_in(form))
        check("forms", [x["stream"] for x in answers] == [1, 2], answers)
    packets = [segment(A4, B4, 99, flags=SYN), segment(A4, B4, 100, INITIATION)] + packets
    first = answers_of(streams_in(pcap(packets)))[0]
    check("time", first["time"] == "2023-11-14T22:13:21.000007Z", first)
    # What was not captured is told, and the next message that can be found is read.
    packets = [
        segment(A4, B4, 99, flags=SYN), segment(A4, B4, 100, INITIATION + INITIATION[:9]),
        segment(A4, B4, 100 + 17 * 2, INITIATION[5:] + INITIATION * 2),
    ]  # fmt: skip
    answers = answers_of(streams_in(pcap(packets)))
    seen = [x["verdict"] for x in answers]
    check("gap", seen == ["accept", "ignore", "ignore", "accept", "accept"], answers)
    check("gap", "8 octets were not captured" in answers[1]["reason"], answers[1])
    check("gap", [x["offset"] for x in answers] == [0, 17, 34, 46, 63], answers)
    # A capture that begins in mid-stream, and what is not BMP.
    answers = answers_of(streams_in(pcap([segment(A4, B4, 7, INITIATION[3:] + INITIATION * 3)]), ["--port", 11019]))
    check("middle", [x["verdict"] for x in answers] == ["ignore"] + ["accept"] * 3, answers)
    run = streams_in(pcap([segment(A4, B4, 7, b"GET / HTTP/1.1\r\n\r\n ...")]))
    check("other", run.returncode == 0 and not run.stdout and b"no BMP" in run.stderr, run)
    run = streams_in(pcap([segment(A4, B4, 7, INITIATION)]), ["--port", 1790])
    check("port", not run.stdout and b"--port" in run.stderr, run)


def broken_captures():
    packets = [segment(A4, B4, 100, INITIATION)] * 2
    whole = pcap(packets)
    for cut in 4, 12, 23, 24, 25, 39, 40, 60, 96, 97, 98, 112, 113, 140, len(whole) - 1:
        run = streams_in(whole[:cut])
        at_record = cut in (24, 24 + 16 + len(packets[0]))
        check(f"cut {cut}", run.returncode == (0 if at_record else 3), run)
        check(f"cut {cut}", len(run.stdout.splitlines()) == (cut >= 24 + 16 + len(packets[0])), run)
    run = streams_in(pcap(packets, link=147))
    check("link", run.returncode == 3 and b"link type 147" in run.stderr, run)
    fragment = bytearray(packets[0])
    fragment[6] = 0x20
    run = streams_in(pcap([fragment, packets[0][:30]]))
    check("fragment", b"1 IP fragments and 1 packets cut" in run.stderr, run)


MARK = "ff" * 16


def bgp_open(asn, capabilities):
    parameters = bytes.fromhex(capabilities)
    body = struct.pack(">BHHIBBB", 4, asn, 90, asn, len(parameters) + 2, 2, len(parameters)) + parameters
    return bytes.fromhex(MARK) + struct.pack(">HB", 19 + len(body), 1) + body


def bgp_captures():
    """Both OPENs say how the UPDATEs of each direction are to be read; options say it louder."""
    four, two = "0206 0001 02 0000fde9", "0204 0001 01 fde9"
    paths = "45040001010"
    route = "18c63364"

    def update(path_attribute, prefix=route):
        attributes = bytes.fromhex("40010100 4002" + path_attribute[:2] + path_attribute[5:].replace(" ", "") + "400304c0000201")
        body = struct.pack(">HH", 0, len(attributes)) + attributes + bytes.fromhex(prefix)
        return bytes.fromhex(MARK) + struct.pack(">HB", 19 + len(body), 2) + body

    as4 = update("06 : 0201 0000fde9")
    as2 = update("04 : 0201 fde9")
    ids = update("06 : 0201 0000fde9", "00000007" + route)
    as4_cap = "41040000fbf4"
    a, b = A4, (B4[0], 179)
    cases = [
        ("both have 4 octets", as4_cap, as4_cap, as4, [], "accept"),
        ("one has not", as4_cap, "0200", as2, [], "accept"),
        ("one has not, but", as4_cap, "0200", as4, ["--as4"], "accept"),
        ("sender sends paths", as4_cap + paths + "2", as4_cap + paths + "1", ids, [], "accept"),
        ("sender receives paths", as4_cap + paths + "1", as4_cap + paths + "2", as4, [], "accept"),
        ("both receive paths", as4_cap + paths + "1", as4_cap + paths + "1", as4, [], "accept"),
        ("nobody, but", as4_cap, as4_cap, ids, ["--addpath", "ipv4"], "accept"),
        ("no OPEN of the other", as4_cap, None, as4, [], "accept"),
    ]
    for name, sent, received, message, options, verdict in cases:
        opening = bgp_open(64500, sent)
        packets = [segment(a, b, 0, flags=SYN), segment(b, a, 0, flags=SYN), segment(a, b, 1, opening)]
        if received:
            packets.append(segment(b, a, 1, bgp_open(64500, received)))
        packets.append(segment(a, b, 1 + len(opening), message))
        answers = answers_of(streams_in(pcap(packets), options, "bgp"))
        check(name, answers[-1]["verdict"] == verdict and answers[-1]["message"] == "update", answers)
        if verdict == "accept":
            check(name, answers[-1]["announced"][0]["prefix"] == "198.51.100.0/24", answers[-1])
    # Who is in another AS says nothing of LOCAL_PREF, and a long message needs two who take such.
    prefer = update("06 : 0201 0000fbf4 400504 00000064")
    long = update("06 : 0201 0000fbf4", route * 1100)
    for name, asn, sent, received, message, verdict in (
        ("one AS", 64500, as4_cap, as4_cap, prefer, "accept"),
        ("two ASes", 64501, as4_cap, "41040000fbf5", prefer, "attribute-discard"),
        ("both take long ones", 64500, as4_cap + "0600", as4_cap + "0600", long, "accept"),
        ("the sender does", 64500, as4_cap + "0600", as4_cap, long, "session-reset"),
    ):
        opening = bgp_open(64500, sent)
        packets = [segment(a, b, 0, flags=SYN), segment(b, a, 0, flags=SYN), segment(a, b, 1, opening),
                   segment(b, a, 1, bgp_open(asn, received)), segment(a, b, 1 + len(opening), message)]  # fmt: skip
        answers = answers_of(streams_in(pcap(packets), (), "bgp"))
        check(name, answers[-1]["verdict"] == verdict, answers[-1])
    keepalive = bytes.fromhex(MARK + "001304")
    packets = [segment(a, b, 0, keepalive[4:] + keepalive), segment(a, b, 90, keepalive * 2)]
    answers = answers_of(streams_in(pcap(packets), (), "bgp"))
    seen = [x["verdict"] for x in answers]
    check("BGP gap", seen == ["ignore", "accept", "ignore", "accept", "accept"], answers)
    # What comes after a gap may begin within a message, and what is sought come in two pieces.
    for name, packets, wanted in (
        ("within a message", [(0, keepalive[4:] + keepalive), (90, keepalive[7:] + keepalive)],
         ["ignore", "accept", "ignore", "ignore", "accept"]),
        ("in two pieces", [(0, keepalive[14:] + keepalive[:8]), (13, keepalive[8:] + keepalive)],
         ["ignore", "accept", "accept"]),
    ):  # fmt: skip
        answers = answers_of(streams_in(pcap([segment(a, b, at, octets) for at, octets in packets]), (), "bgp"))
        check(name, [x["verdict"] for x in answers] == wanted, answers)


def unicast_routes(answers):
    """Every route that was told, as pmacct tells it."""
    for answer in answers:
        bgp, peer = answer.get("bgp", {}), answer.get("peer", {})
        for kind, key in ("update", "announced"), ("delete", "withdrawn"):
            for route in bgp.get(key, []) if answer["message"] == "route-monitoring" else []:
                attributes = bgp["attributes"] if kind == "update" else {}
                yield (kind, peer.get("address"), peer.get("distinguisher"), route["prefix"],
                       attributes.get("next_hop"), attributes.get("as_path"))  # fmt: skip


def pmacct_routes(lines):
    for line in lines:
        if line.get("bmp_msg_type") == "route_monitor" and line.get("safi") == 1 and line["log_type"] in ("update", "delete"):
            rd = line.get("rd")
            told = line["log_type"] == "update"
            peer = line["peer_ip"] if line["peer_ip"] != "0.0.0.0" else None
            yield (line["log_type"], peer, rd.split(":", 1)[1] if rd and rd != "0:0:0" else None,
                   line["ip_prefix"], line.get("bgp_nexthop") if told else None,
                   " ".join(line["as_path"]) if told else None)  # fmt: skip


def real_routers():
    """Captures of Cisco and Huawei: the capture equals the bytes in it, and pmacct reads the same."""
    if not (SHARED / "pmacct-a").is_dir():
        print("no ../shared/data/corpora: the captures of real routers were not read")
        return
    for capture in sorted((SHARED / "pmacct-a").glob("20*/*.pcap")):
        name = capture.parent.name + "/" + capture.stem
        told = answers_of(decode("bmp", [capture], b""))
        messages = []
        for number, raw in enumerate(sorted(capture.parent.glob(capture.name + ".s*.bmp"))):
            messages += answers_of(decode("bmp", [raw], b""))
        plain = [{k: v for k, v in x.items() if k not in ("stream", "from", "to", "time", "offset")} for x in told]
        bare = [{k: v for k, v in x.items() if k != "offset"} for x in messages]
        order = lambda x: json.dumps(x, sort_keys=True)
        # The last message of a capture may be cut; the raw streams end before it.
        extra = collections.Counter(map(order, plain)) - collections.Counter(map(order, bare))
        lack = collections.Counter(map(order, bare)) - collections.Counter(map(order, plain))
        check(name, not lack and all('"close"' in x for x in extra), (list(lack)[:2], list(extra)[:2]))
    for test in "200-BMP-HUAWEI-locrib_instance", "201-BMP-CISCO-rd_instance":
        folder = SHARED / "pmacct-a" / test
        expected = [json.loads(line) for line in (folder / "output-bmp-00.json").read_text().splitlines()]
        answers = answers_of(decode("bmp", [folder / "traffic-00.pcap"], b""))
        ours, theirs = list(unicast_routes(answers)), list(pmacct_routes(expected))
        updates = [x for x in theirs if x[0] == "update"]
        check(test, [x for x in ours if x[0] == "update"] == updates, (ours[:3], updates[:3]))
        counts = collections.Counter(x.get("bmp_msg_type") for x in expected)
        seen = collections.Counter(x["message"] for x in answers)
        for theirs_is, ours_is in ("init", "initiation"), ("peer_up", "peer-up"), ("peer_down", "peer-down"):
            check(test, counts[theirs_is] == seen[ours_is], (theirs_is, counts, seen))


ran = corpora()
lines_go_on()
raw_streams()
bad_usage()
captures()
broken_captures()
bgp_captures()
real_routers()
print("\n".join(map(str, failures[:40])))
print(f"{ran} streams of the corpora, {len(failures)} failures")
sys.exit(bool(failures) or ran < 30)
