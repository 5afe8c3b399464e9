#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`fairlead decode bgp` against tshark, reading the same UPDATEs: those of the corpora that are good,
and random ones. What both read of prefixes and attributes must be equal.

usage: tshark_test.py FAIRLEAD     exit 77: skipped, tshark is not there
"""
import ipaddress, json, pathlib, random, shutil, struct, subprocess, sys, tempfile
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).parent
FAIRLEAD = sys.argv[1]
MARK = b"\xff" * 16
RANDOM = 1500  # messages made here, seed fixed
SEGMENTS = {1: ("{", ",", "}"), 2: ("", " ", ""), 3: ("(", " ", ")"), 4: ("[", ",", "]")}
ORIGINS = {"0": "igp", "1": "egp", "2": "incomplete"}
PREFIXES = {  # tshark's field: ours
    "bgp.nlri_prefix": "announced",
    "bgp.mp_reach_nlri_ipv4_prefix": "announced",
    "bgp.mp_reach_nlri_ipv6_prefix": "announced",
    "bgp.withdrawn_prefix": "withdrawn",
    "bgp.mp_unreach_nlri_ipv4_prefix": "withdrawn",
    "bgp.mp_unreach_nlri_ipv6_prefix": "withdrawn",
}
SINGLE = {
    "bgp.update.path_attribute.next_hop": "next_hop",
    "bgp.update.path_attribute.multi_exit_disc": "med",
    "bgp.update.path_attribute.local_pref": "local_pref",
    "bgp.update.path_attribute.originator_id": "originator_id",
}


def attribute(flags, kind, value):
    long = len(value) > 255
    size = struct.pack(">H", len(value)) if long else bytes([len(value)])
    return bytes([flags | (0x10 if long else 0), kind]) + size + value


def as_path(random, as4):
    path = b""
    for _ in range(random.choice((0, 1, 1, 1, 2))):
        numbers = [random.randrange(1, 1 << (32 if as4 else 16)) for _ in range(random.randrange(1, 8))]
        path += bytes([2, len(numbers)])
        path += b"".join(struct.pack(">I" if as4 else ">H", number) for number in numbers)
    return path


def prefixes(random, bits, count):
    out = b""
    for _ in range(count):
        length = random.choice((8, 16, 22, 24, 24, 32)) if bits == 32 else random.choice((20, 32, 44, 48, 64, 128))
        value = random.getrandbits(length) << bits - length
        out += bytes([length]) + value.to_bytes(bits // 8, "big")[: (length + 7) // 8]
    return out


def some(random, size):
    return random.randbytes(size * random.randrange(1, 6))


def random_update(random, as4):
    """An UPDATE that a speaker could send: attributes in the order of their types."""
    six = random.random() < 0.4
    attributes = [(0x40, 1, bytes([random.randrange(3)])), (0x40, 2, as_path(random, as4))]
    if not six:
        attributes.append((0x40, 3, bytes([random.randrange(1, 224)]) + random.randbytes(3)))
    optional = [
        (0x80, 4, random.randbytes(4)), (0x40, 5, random.randbytes(4)), (0x40, 6, b""),
        (0xC0, 8, some(random, 4)), (0x80, 9, b"\x01" + random.randbytes(3)), (0x80, 10, some(random, 4)),
        (0xC0, 32, some(random, 12)),
    ]  # fmt: skip
    attributes += [item for item in optional if random.random() < 0.4]
    if random.random() < 0.3:
        asn = struct.pack(">I" if as4 else ">H", random.randrange(1, 1 << (32 if as4 else 16)))
        attributes.append((0xC0, 7, asn + random.randbytes(4)))
    block = b"".join(attribute(*item) for item in sorted(attributes, key=lambda item: item[1]))
    if six:
        hop = ipaddress.ip_address("2001:db8::1").packed
        value = struct.pack(">HBB", 2, 1, 16) + hop + b"\0" + prefixes(random, 128, random.randrange(1, 20))
        block = attribute(0x80, 14, value) + block
    if random.random() < 0.3:
        block += attribute(0x80, 15, struct.pack(">HB", 2, 1) + prefixes(random, 128, random.randrange(1, 9)))
    announced = b"" if six else prefixes(random, 32, random.randrange(1, 30))
    withdrawn = prefixes(random, 32, random.randrange(6)) if random.random() < 0.3 else b""
    body = struct.pack(">H", len(withdrawn)) + withdrawn + struct.pack(">H", len(block)) + block + announced
    return MARK + struct.pack(">HB", 19 + len(body), 2) + body


def corpus(as4):
    """The good UPDATEs of the tables, but those whose reading depends on what was negotiated."""
    messages = []
    for table in sorted((HERE / "corpus/bgp").glob("*.tsv")):
        for line in table.read_text().splitlines():
            if line.startswith("#"):
                continue
            _, options, verdict, _, octets = line.split("\t")
            message = bytes.fromhex(octets)
            framed = len(message) > 22 and message[18] == 2 and int.from_bytes(message[16:18], "big") == len(message)
            plain = "addpath" not in options and ("--no-as4" in options) != as4 and "--families" not in options
            if verdict == "accept" and framed and plain:
                messages.append(message)
    return messages


def capture(messages, path):
    """Each message alone in a segment of a connection of its own."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 101))  # raw IP
        for number, message in enumerate(messages):
            tcp = struct.pack(">HHIIBBHHH", 1024 + number, 179, 1, 1, 0x50, 0x18, 65535, 0, 0) + message
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), number, 0, 64, 6, 0)
            ip += bytes([10, 1, number >> 8, number & 255, 10, 2, 0, 1]) + tcp
            out.write(struct.pack("<IIII", number, 0, len(ip), len(ip)) + ip)


def read_segment(segment):
    kind, numbers = 0, []
    for field in segment.iter("field"):
        name = field.get("name").removeprefix("bgp.update.path_attribute.as_path_segment.")
        if name == "type":
            kind = int(field.get("show"))
        elif name in ("as2", "as4"):
            numbers.append(field.get("show"))
    before, between, after = SEGMENTS[kind]
    return before + between.join(numbers) + after


def read_attribute(attribute, out):
    code = attribute.find("field[@name='bgp.update.path_attribute.type_code']")
    fields = [(field.get("name"), field.get("show")) for field in attribute.iter("field")]
    shows = dict(fields)
    if code is None:
        return
    if code.get("show") == "2":
        segments = attribute.findall("field[@name='bgp.update.path_attribute.as_path_segment']")
        out["as_path"] = " ".join(read_segment(segment) for segment in segments)
    if code.get("show") == "1":
        out["origin"] = ORIGINS[shows["bgp.update.path_attribute.origin"]]
    if code.get("show") == "8":
        ases = [show for name, show in fields if name == "bgp.update.path_attribute.community_as"]
        values = [show for name, show in fields if name == "bgp.update.path_attribute.community_value"]
        size = int(shows["bgp.update.path_attribute.length"])
        if len(ases) == len(values) == size // 4:  # well-known ones it shows by name alone
            out["communities"] = [f"{a}:{v}" for a, v in zip(ases, values)]
    if code.get("show") == "7" and "bgp.update.path_attribute.aggregator_as" in shows:
        out["aggregator"] = (
            f"{shows['bgp.update.path_attribute.aggregator_as']} "
            f"{shows['bgp.update.path_attribute.aggregator_origin']}"
        )
    if code.get("show") == "32":
        parts = [[show for name, show in fields if name == f"bgp.large_communities.{part}"] for part in ("ga", "ldp1", "ldp2")]
        out["large_communities"] = [":".join(item) for item in zip(*parts)]
    for name, key in SINGLE.items():
        if name in shows:  # of two alike the first: RFC 7606 section 3 g
            value = shows[name]
            out.setdefault(key, int(value) if key in ("med", "local_pref") else value)


def tshark(path, as4):
    """What it reads of each packet."""
    pdml = subprocess.run(
        ["tshark", "-r", path, "-T", "pdml", "-o", f"bgp.asn_len:{4 if as4 else 2} octet"],
        capture_output=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    for packet in xml.etree.ElementTree.fromstring(pdml).iter("packet"):
        out = {"announced": [], "withdrawn": [], "attributes": {}}
        protocols = packet.findall("proto[@name='bgp']")
        names = {field.get("name") for field in packet.iter("field")}
        # It guesses whether there are path identifiers, and gives up at what it calls malformed.
        gives_up = packet.find("proto[@name='_ws.malformed']") is not None
        if len(protocols) != 1 or gives_up or "bgp.nlri_path_id" in names:
            yield None
            continue
        length = None
        for field in protocols[0].iter("field"):
            if field.get("name") == "bgp.prefix_length":
                length = field.get("show")
            elif field.get("name") in PREFIXES:
                out[PREFIXES[field.get("name")]].append(f"{field.get('show')}/{length}")
            elif field.get("name") == "bgp.update.path_attribute":
                read_attribute(field, out["attributes"])
        yield out


def fairlead(messages, as4):
    text = "".join(message.hex() + "\n" for message in messages)
    options = ["--as4" if as4 else "--no-as4", "--as-sets", "--local-id", "0.0.0.1"]
    run = subprocess.run(
        [FAIRLEAD, "decode", "bgp", "--hex", *options], input=text, capture_output=True, text=True, check=True
    )  # fmt: skip
    return [json.loads(line) for line in run.stdout.splitlines()]


def canonical(prefix):
    """With the bits past its length cleared: tshark shows them."""
    return str(ipaddress.ip_network(prefix, strict=False))


def differences(ours, theirs):
    for key in ("announced", "withdrawn"):
        read = sorted(item["prefix"] for item in ours[key])  # MP_REACH_NLRI stands before or after
        if read != sorted(canonical(prefix) for prefix in theirs[key]):
            yield f"{key}: {read}, tshark {theirs[key]}"
    for key, value in theirs["attributes"].items():
        # Beside 4-octet numbers of AS4_PATH ours is the whole path, and the first one is kept apart.
        mine = ours["attributes"].get("as_path_2_octet" if key == "as_path" and "as4_path" in ours["attributes"] else key)
        if key == "aggregator" and value.startswith("23456 "):
            continue  # ours is that of AS4_AGGREGATOR
        if key == "next_hop" and not ours["announced"]:
            continue
        if mine != value:
            yield f"{key}: {mine}, tshark {value}"


def main():
    if not shutil.which("tshark"):
        print("skipped: tshark is not installed")
        return 77
    seeded, failures, compared = random.Random(8654), [], 0
    for as4 in True, False:
        messages = corpus(as4) + [random_update(seeded, as4) for _ in range(RANDOM // 2)]
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            capture(messages, file.name)
            read = list(tshark(file.name, as4))
        answers = fairlead(messages, as4)
        for message, ours, theirs in zip(messages, answers, read, strict=True):
            if theirs is None or "unsupported" in ours:
                continue
            compared += 1
            if ours["verdict"] not in ("accept", "attribute-discard"):
                failures.append(f"{ours['verdict']}: {ours['reason']}: {message.hex()}")
                continue
            failures += [f"{fault}\n    {message.hex()}" for fault in differences(ours, theirs)]
    print("\n".join(failures[:20]))
    print(f"{compared} messages compared with tshark's reading, {len(failures)} differences")
    return int(bool(failures) or compared < RANDOM)


sys.exit(main())
