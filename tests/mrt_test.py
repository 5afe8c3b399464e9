#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Runs `fairlead mrt` over archives, whole, packed, cut, and odd ones, beside bgpdump where it is
installed: the lines of the two must be the same octets.

usage: mrt_test.py FAIRLEAD     (FAIRLEAD_SHARED=DIRECTORY: other than ../shared)
"""
import bz2, collections, gzip, hashlib, ipaddress, json, os, pathlib, random, shutil, struct, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).parent
FAIRLEAD = sys.argv[1]
CORPUS = HERE / "corpus/mrt"
SHARED = pathlib.Path(os.environ.get("FAIRLEAD_SHARED", HERE.parent.parent / "shared")) / "data"
BGPDUMP = shutil.which("bgpdump")
PEERS = bytes.fromhex("6553f100 000d0001 00000015 c0000201 0000 0001 02 c0000202 c0000202 0000fbf4")
RIB = bytes.fromhex("6553f100 000d0002 00000026 00000007 18c63364 0001 0000 00000001 0014"
                    "40010100 400206 0201 0000fbf4 400304 c0000201")
LINE = b"TABLE_DUMP2|1700000000|B|192.0.2.2|64500|198.51.100.0/24|64500|IGP|192.0.2.1|0|0||NAG||\n"
failures = []


def check(name, good, seen=""):
    if not good:
        failures.append(f"{name}: {str(seen)[:400]}")


def mrt(*arguments, octets=None):
    return subprocess.run([FAIRLEAD, "mrt", *arguments], input=octets, capture_output=True, timeout=110)


def lines_of(octets):
    return mrt("-", octets=octets).stdout


def bgpdump_of(octets, directory):
    path = pathlib.Path(directory) / "archive"
    path.write_bytes(octets)
    run = subprocess.run([BGPDUMP, "-v", "-m", path], capture_output=True, timeout=110)
    from_memory = b"unknown MP nexthop length" in run.stderr  # it may print what its memory holds
    return run.stdout if run.returncode == 0 and not from_memory else None


def first_difference(a, b):
    for number, (x, y) in enumerate(zip(a.splitlines(), b.splitlines()), 1):
        if x != y:
            return f"line {number}: {x!r}, not {y!r}"
    return f"{a.count(10)} lines, not {b.count(10)}"


def golden_archives(directory):
    """What bgpdump once printed of the archives in the corpus, and prints now."""
    for archive in sorted(CORPUS.glob("*.mrt")):
        octets, wanted = archive.read_bytes(), archive.with_suffix(".lines").read_bytes()
        run = mrt(archive)
        check(archive.name, run.stdout == wanted, first_difference(run.stdout, wanted))
        check(archive.name, run.returncode == 0, run.stderr)
        if BGPDUMP:
            check(f"{archive.name} by bgpdump", bgpdump_of(octets, directory) == wanted)
        json_says_the_same(archive.name, octets, wanted)


def odd_records(directory):
    """Odd and broken attributes and messages, one by one only where something is wrong."""
    table = (CORPUS / "odd.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in table if not line.startswith("#")]
    rows = [(name, note, bytes.fromhex(octets), json.loads(text).encode()) for name, note, octets, text in rows]
    run = mrt("-", octets=b"".join(row[2] for row in rows))
    if run.stdout != b"".join(row[3] for row in rows):
        for name, _, octets, wanted in rows:
            seen = lines_of(octets)
            check(name, seen == wanted, first_difference(seen, wanted))
        check("odd records", False, "all of them differ from one by one")
    for name, note, octets, wanted in rows if BGPDUMP else []:
        if note == "-":
            check(f"{name} by bgpdump", bgpdump_of(octets, directory) in (None, wanted))
    for line in (CORPUS / "json.tsv").read_text().splitlines():
        if not line.startswith("#"):
            name, octets, wanted = line.split("\t")
            seen = mrt("--json", "-", octets=bytes.fromhex(octets)).stdout
            check(f"{name} as JSON", seen == json.loads(wanted).encode(), seen)
    return len(rows)


def masked(prefix):
    return str(ipaddress.ip_network(prefix, strict=False))


def attributes_of(o):
    """What a line has of them, of an object that was accepted."""
    if o["kind"] == "withdraw":
        return ()
    a = o.get("attributes", {})
    hop = str(ipaddress.ip_address(a.get("next_hop", "255.255.255.255")))
    return a.get("as_path", ""), a.get("origin", "").upper(), hop, a.get("med", 0), a.get("local_pref", 0)


def json_says_the_same(name, octets, lines):
    """Routes of --json and of the lines are the same ones, but for what a verdict forbids."""
    run = mrt("--json", "-", octets=octets)
    objects = [json.loads(line) for line in run.stdout.splitlines()]
    kinds = {"B": "rib", "A": "announce", "W": "withdraw"}
    seen, wanted = collections.Counter(), collections.Counter()
    for o in objects:
        if o["kind"] in kinds.values() and "prefix" in o and "safi" not in o:
            seen[o["kind"], o["peer"], o["peer_as"], o["prefix"], attributes_of(o)] += 1
    for line in lines.decode().splitlines():
        field = line.split("|")
        if field[2] in kinds:
            peer = str(ipaddress.ip_address(field[3]))
            rest = field[6 + ("_AP" in field[0]):]
            attributes = ()
            if field[2] != "W":
                attributes = rest[0], rest[1], str(ipaddress.ip_address(rest[2])), int(rest[4]), int(rest[3])
            wanted[kinds[field[2]], peer, int(field[4]), masked(field[5]), attributes] += 1
    check(f"{name} as JSON", run.returncode == 0 and objects, run.stderr)
    # bgpdump misreads path identifiers that the record does not tell of, and has no lines for
    # OpenBGPD's "mp", nor for attributes that a verdict takes away.
    if any("add_path" in o for o in objects) or "table-mp" in name:
        return
    discarded = [o for o in objects if "verdict" in o and "safi" not in o]
    if not discarded:
        check(f"{name} as JSON", seen == wanted, (seen - wanted, wanted - seen))
    totals = json.loads(mrt("--json", "--count", "-", octets=octets).stdout)
    routes = sum(totals[key] for key in ("rib_routes", "table_routes", "announced", "withdrawn", "states"))
    if not any(o["kind"] == "update" or "safi" in o and o["kind"] != "rib" for o in objects):
        check(f"{name} counted", routes == len(objects), (totals, len(objects)))


def generated_tables(directory):
    """A small table with the shape of the Internet's, seen by one peer and by four."""
    generator = SHARED / "gen_fulltable.py"
    if not generator.exists():
        print("../shared/data is absent: no generated tables")
        return
    for peers in 1, 4:
        path = pathlib.Path(directory) / f"table{peers}"
        subprocess.run([sys.executable, generator, "-o", path, "--v4", "2000", "--v6", "500",
                        "--paths", "80000", "--peers", str(peers)], check=True, capture_output=True)
        octets = path.read_bytes()
        lines = lines_of(octets)
        check(f"table of {peers}", lines.count(b"\n") == 2500 * peers, lines.count(b"\n"))
        if BGPDUMP:
            wanted = bgpdump_of(octets, directory)
            check(f"table of {peers}", lines == wanted, first_difference(lines, wanted))
        json_says_the_same(f"table of {peers}", octets, lines)
        for pack in gzip.compress, bz2.compress:
            check(f"{pack.__module__}", lines_of(pack(octets)) == lines)


def shared_archives():
    """Real archives, odd and cut ones, too large for the tree: by the hash of bgpdump's lines."""
    for line in (CORPUS / "shared.sha256").read_text().splitlines():
        wanted, name = line.split()
        if not (SHARED / name).exists():
            print(f"{SHARED / name} is absent")
            continue
        run = mrt(SHARED / name)
        check(name, hashlib.sha256(run.stdout).hexdigest() == wanted, "other lines than bgpdump's")
        damaged = b": damaged at octet " in run.stderr
        check(name, run.returncode == (3 if damaged else 0), run.stderr)
        if (SHARED / name).stat().st_size < 50000:
            as_json = mrt("--json", SHARED / name)
            check(name, as_json.returncode == run.returncode and as_json.stdout.endswith(b"}\n"))


def records_of(archive):
    octets = archive.read_bytes()
    while octets:
        size = 12 + struct.unpack(">I", octets[8:12])[0]
        yield octets[:size]
        octets = octets[size:]


def mutated_records(directory, rounds=120):
    """Records with a few octets changed: the same lines, or a bad record is told; never a crash."""
    source = random.Random(7)
    records = [r for archive in sorted(CORPUS.glob("*.mrt")) for r in records_of(archive)]
    peers = next(r for r in records if r[4:8] == b"\0\x0d\0\1")
    for number in range(rounds):
        record = bytearray(source.choice(records))
        for _ in range(source.choice((1, 1, 2, 3))):
            at = source.randrange(12, len(record))
            record[at] = source.choice((0, 1, 2, 4, 14, 16, 32, 64, 128, 255, source.randrange(256)))
        octets = peers + bytes(record)
        run = mrt("-", octets=octets)
        check(f"mutation {number}", run.returncode in (0, 3), (run.returncode, run.stderr))
        wanted = bgpdump_of(octets, directory) if BGPDUMP else None
        if wanted is not None and wanted.isascii():
            good = run.stdout == wanted or b": bad record at octet " in run.stderr
            check(f"mutation {number}", good, first_difference(run.stdout, wanted) + " " + octets.hex())


def malformed_archives():
    """What must come of each: records read, records bad, and whether reading ends there."""
    wanted = {
        "good": (1, 0, 0), "trunc-header": (0, 0, 3), "trunc-body": (0, 0, 3), "len-4g": (0, 0, 3),
        "unknown-type-then-good": (1, 0, 0), "unknown-subtype-then-good": (1, 0, 0),
        "rib-entry-count-lie": (2, 1, 0),
    }
    rows = [l.split("\t") for l in (CORPUS / "core.tsv").read_text().splitlines() if l[0] != "#"]
    for name, expect, octets in rows:
        routes, bad, status = wanted.get(name, (1, 1, 0))
        archive = bytes.fromhex(octets)
        for arguments in ["--json"], []:
            run = mrt(*arguments, "-", octets=archive)
            check(name, run.stdout.count(b"\n") == routes, (expect, run.stdout))
            check(name, run.stderr.count(b": bad record at octet ") == bad, run.stderr)
            check(name, run.returncode == status, run.returncode)
            check(name, run.stderr.count(b": damaged at octet ") == (status == 3), run.stderr)
        totals = json.loads(mrt("--count", "--json", "-", octets=archive).stdout)
        check(name, totals["bad"] == bad, totals)
        check(name, totals["unknown"] == ("unknown" in name), totals)
    return len(rows)


def cuts(directory):
    """Of an archive cut anywhere: all whole records, one word about the rest, exit status 3."""
    whole = PEERS + RIB + RIB
    for pack in (lambda octets: octets), gzip.compress, bz2.compress:
        packed = pack(whole)
        for cut in range(0, len(packed), 7):
            run = mrt("-", octets=packed[:cut])
            boundary = pack(b"") == b"" and cut in (0, len(PEERS), len(PEERS + RIB))
            check(f"cut {cut}", LINE * 2 == run.stdout + LINE * (2 - run.stdout.count(b"\n")), run.stdout)
            check(f"cut {cut}", run.returncode == (0 if cut == 0 or boundary else 3), run.stderr)
            check(f"cut {cut}", run.stderr.count(b"\n") == (run.returncode == 3), run.stderr)
    run = mrt("-", octets=whole[:-1])
    wanted = (b"fairlead: standard input: damaged at octet 83: a record of 50 octets begins there, "
              b"49 are left\n")
    check("cut", run.stdout == LINE and run.stderr == wanted, run.stderr)


def the_shape_of_the_manual():
    """Octet for octet what the manual shows, keys in its order."""
    run = mrt("--json", "-", octets=PEERS + RIB)
    check("shape", run.stdout ==
          b'{"time":"2023-11-14T22:13:20.000000Z","kind":"rib","peer":"192.0.2.2","peer_as":64500,'
          b'"prefix":"198.51.100.0/24","originated":"1970-01-01T00:00:01.000000Z","attributes":'
          b'{"origin":"igp","as_path":"64500","next_hop":"192.0.2.1"}}\n', run.stdout)
    with_set, broken = RIB.replace(b"\2\1\0\0\xfb", b"\1\1\0\0\xfb"), RIB.replace(b"\x40\1\1\0", b"\x40\1\1\7")
    seen = [json.loads(line) for line in mrt("--json", "-", octets=PEERS + with_set + broken).stdout.splitlines()]
    check("set", seen[0]["attributes"]["as_path"] == "{64500}" and "verdict" not in seen[0], seen)
    keys = ["time", "kind", "peer", "peer_as", "prefix", "originated", "verdict", "reason", "spec", "attributes"]
    check("verdict", list(seen[1]) == keys and seen[1]["verdict"] == "treat-as-withdraw", seen)
    message = next(m for m in records_of(CORPUS / "bird_bgp.mrt") if b"\x40\1\1\0" in m)
    seen = mrt("--json", "-", octets=message.replace(b"\x40\1\1\0", b"\x40\1\1\7")).stdout.splitlines()
    seen = json.loads(seen[0])
    check("at", seen["verdict"] == "treat-as-withdraw" and seen["at"] == 26, seen)
    vpn = [json.loads(l) for l in mrt("--json", CORPUS / "openbgpd_rib_table-v2.mrt").stdout.splitlines()]
    vpn = [o["route"] for o in vpn if "safi" in o]
    check("VPN", vpn[0] == {"rd": "65010:15", "prefix": "192.168.0.0/16", "labels": [16]}, vpn)
    bird = [json.loads(l) for l in mrt("--json", CORPUS / "bird_bgp.mrt").stdout.splitlines()]
    bird = {(o["prefix"], o["path_id"]) for o in bird if o.get("add_path") == "guessed"}
    check("BIRD 1", ("172.17.0.0/24", 2) in bird and len(bird) == 7, bird)
    bird = [json.loads(l) for l in mrt("--json", CORPUS / "bird6-mrtdump_rib.mrt").stdout.splitlines()]
    check("no hop", bird[1]["reason"] == "the next hop is missing" and "next_hop" not in bird[1]["attributes"], bird[1])
    run = mrt("--count", "--json", "-", octets=PEERS + RIB)
    check("shape", run.stdout ==
          b'{"records":2,"peer_tables":1,"rib_prefixes":1,"rib_routes":1,"table_routes":0,'
          b'"messages":0,"announced":0,"withdrawn":0,"states":0,"unknown":0,"bad":0}\n', run.stdout)
    rows = mrt("--count", "-", octets=PEERS + RIB).stdout.decode().splitlines()
    check("shape", rows[0].split() == ["records", "2"] and rows[3].split()[:2] == ["rib_routes", "1"], rows)
    bad = RIB[:-21] + b"\xff" + RIB[-20:]  # the attributes are longer than the record
    run = mrt("-", octets=PEERS + bad + RIB)
    check("bad", run.stderr == b"fairlead: standard input: bad record at octet 33: an entry goes "
          b"past the end of the record (octet 18 of its body)\n", run.stderr)
    other = bytes.fromhex("6553f100 00300000 00000000") * 2 + bytes.fromhex("6553f100 03e70009 00000000")
    run = mrt("-", octets=other)
    check("unknown", run.stderr.splitlines() ==
          [b"fairlead: standard input: passed over 2 records of type 48 (OSPFv3) subtype 0",
           b"fairlead: standard input: passed over 1 records of type 999 (unknown) subtype 9"], run.stderr)
    many = b"".join(struct.pack(">IHHI", 0, 100 + n, 0, 0) for n in range(40)) + bad * 12
    told = mrt("-", octets=PEERS + many).stderr.splitlines()
    check("many", told[-2] == b"fairlead: standard input: passed over 8 records of still other types", told[-2:])
    check("many", told[-1] == b"fairlead: standard input: 12 bad records in all" and len(told) == 10 + 32 + 2, len(told))


def usage(directory):
    for arguments in [], ["a", "b"], ["--nonsense", "-"], ["--count"]:
        run = mrt(*arguments, octets=b"")
        check(f"{arguments}", run.returncode == 2 and run.stderr.startswith(b"fairlead: mrt: ") and not run.stdout, run)
    for path in "/nonexistent", directory:
        run = mrt(path)
        check(path, run.returncode == 3 and run.stderr.startswith(b"fairlead: ") and not run.stdout, run)
    for options in "", "--json", "--count":
        full = subprocess.run(f"{FAIRLEAD} mrt {options} - > /dev/full", shell=True, input=PEERS + RIB, capture_output=True)
        check("full disk", full.returncode == 3 and b"fairlead: cannot write" in full.stderr, full)
    run = mrt("--help")
    screen = run.stdout.decode().splitlines()
    check("help", run.returncode == 0 and 5 < len(screen) <= 24 and screen[0].startswith("  fairlead mrt "), screen)
    run = mrt("-", octets=b"")
    check("empty", run.returncode == 0 and not run.stdout and not run.stderr, run)


with tempfile.TemporaryDirectory() as place:
    if not BGPDUMP:
        print("bgpdump is absent: compared only with what it once printed")
    golden_archives(place)
    odd = odd_records(place)
    malformed = malformed_archives()
    generated_tables(place)
    shared_archives()
    mutated_records(place)
    cuts(place)
    the_shape_of_the_manual()
    usage(place)
print("\n".join(failures[:40]))
print(f"{odd} odd records, {malformed} malformed archives, {len(failures)} failures")
sys.exit(bool(failures) or odd < 200 or malformed < 17)
