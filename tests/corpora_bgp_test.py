#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`fairlead decode bgp` against what others' sets of messages expect, also those that may not be
shipped: read from ../shared beside the checkout. DIFFERENCES.md says where we differ, and why.

usage: corpora_bgp_test.py FAIRLEAD     exit 77: skipped, the sets are not there
"""
import ipaddress, json, pathlib, re, subprocess, sys

HERE = pathlib.Path(__file__).parent
FAIRLEAD = sys.argv[1]
SETS = HERE.parent.parent / "shared/data/corpora"
FAMILIES = "ipv4,ipv6,ipv4-labelled,ipv6-labelled,ipv4-vpn,ipv6-vpn,l2vpn-evpn,ipv4-flowspec,ipv6-flowspec"
GOOD = {"accept", "attribute-discard"}
failures = []


def check(name, good, seen):
    if not good:
        failures.append(f"{name}: {seen}")


def decode(options, messages):
    text = "".join(message + "\n" for message in messages)
    run = subprocess.run(
        [FAIRLEAD, "decode", "bgp", "--hex", *options], input=text, capture_output=True, text=True, timeout=120
    )
    check(options, run.returncode == 0, run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


def one(options, message):
    return decode(options, [message])[0]


def stream(path, options=()):
    run = subprocess.run([FAIRLEAD, "decode", "bgp", *options, str(path)], capture_output=True, text=True, timeout=60)
    check(path.name, run.returncode == 0, run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


def cases(name):
    return [json.loads(line) for line in (SETS / name / "cases.jsonl").read_text().splitlines()]


def every_line_has_an_answer():
    """Any octets of any set: one answer each."""
    count = 0
    for path in sorted(SETS.glob("bgp-*/*.jsonl")):
        messages = [row["hex"] for row in map(json.loads, path.read_text().splitlines()) if "hex" in row]
        for options in ["--state", "any"], ["--peer", "ebgp", "--no-as4", "--families", FAMILIES]:
            answers = decode(options, messages)
            check(path, len(answers) == len(messages), len(answers))
            count += len(answers)
    return count


def the_tables_hold_the_sets():
    """What may be shipped is in the tables of tests/corpus/bgp, where each verdict stands."""
    shipped = set()
    for table in (HERE / "corpus/bgp").glob("*.tsv"):
        shipped |= {line.split("\t")[-1] for line in table.read_text().splitlines() if not line.startswith("#")}
    for name in "bgp-core-malformed", "bgp-frr-rfc7606-a", "bgp-gobgp", "bgp-bgpkit", "bgp-routecore":
        missing = [row["id"] for row in cases(name) if row["layer"].startswith("bgp-msg") and row["hex"] not in shipped]
        check(name, not missing, f"not in the tables: {missing}")


def rfc_mandated():
    """FRR's own cases of RFC 7606: wherever the RFC leaves no choice."""
    count = 0
    for row in cases("bgp-frr-rfc7606-a"):
        options = ["--peer", row["peer"], "--local-as", str(row["local_as"]), "--peer-as", str(row["peer_as"])]
        answer = one([*options, "--as4" if row["asn4"] else "--no-as4"], row["hex"])
        if row["rfc_mandated"]:
            count += 1
            check(row["id"], answer["verdict"] == row["expect"], f"{answer}, not {row['expect']}")
    return count


def frr_units():
    allowed = {
        "accept": {"accept"},
        "treat-as-withdraw": {"treat-as-withdraw"},
        "accept-or-attribute-discard": GOOD,
        "reject": {"session-reset", "ignore", "treat-as-withdraw"},
        "accept OPEN": {"accept"},
    }
    for row in cases("bgp-frr-unit-a"):
        if row["layer"] != "bgp-msg" or row.get("peer") == "ebgp-oad":
            continue  # one administration's sessions between ASes: not spoken here
        key = "reject" if row["expect"].startswith("reject (") else row["expect"]
        peer = row.get("peer") or "ebgp"
        answer = one(["--state", "any", "--peer", peer, "--role", "none", "--families", FAMILIES], row["hex"])
        if row["expect"].startswith("reject OPEN"):
            notified = answer.get("notification", "2/").startswith("2/")
            check(row["id"], notified and answer["verdict"] in ("session-reset", "accept"), answer)
        else:
            check(row["id"], answer["verdict"] in allowed[key], f"{answer}, not {row['expect']}")


def as_paths():
    """FRR's AS paths as text; those of 2-octet numbers as its own program writes them."""
    count = 0
    for row in cases("bgp-frr-unit-a"):
        if row["layer"] != "bgp-attr-value" or row["attr_type"] != 2:
            continue
        value = bytes.fromhex(row["attr_value_hex"] if "attr_value_hex" in row else row["hex"])
        head = bytes([0x50, 2]) + len(value).to_bytes(2, "big")
        block = bytes.fromhex("40010100") + head + value + bytes.fromhex("400304c0000201")
        body = b"\0\0" + len(block).to_bytes(2, "big") + block + bytes.fromhex("18c63364")
        message = b"\xff" * 16 + (19 + len(body)).to_bytes(2, "big") + b"\2" + body
        answer = one(["--as4" if row["asn4"] else "--no-as4", "--as-sets"], message.hex())
        check(row["id"], answer["verdict"] == "accept", answer)
        text = row.get("aspath_text")
        if text and "confed" not in row["id"] and "asdot" not in row["id"]:
            count += 1
            numbers = re.findall(r"\d+", text)
            # It sorts the numbers of a set and keeps each once.
            same = set if re.search(r"[{\[]", text) else list
            check(row["id"], same(re.findall(r"\d+", answer["attributes"]["as_path"])) == same(numbers), (answer, text))
    return count


# Scapy's assertions on whole messages, each as a question to the answer.
SCAPY = [
    (r"m\.type == BGP\.(\w+)_TYPE", lambda a, m: a["message"].replace("-", "").upper() == m[1]),
    (r"m\.hold_time == (\d+)", lambda a, m: a["hold_time_s"] == int(m[1])),
    (r"m\.my_as == (\d+)", lambda a, m: a["asn"] in (int(m[1]), *([a["asn"]] if a["as4"] else []))),
    (r'm\.bgp_id == "([\d.]+)"', lambda a, m: a["id"] == m[1]),
    (r'm\.withdrawn_routes\[(\d+)\]\.prefix == "(.*)"', lambda a, m: a["withdrawn"][int(m[1])]["prefix"] == m[2]),
    (r'm\.nlri\[(\d+)\]\.prefix == "(.*)"', lambda a, m: a["announced"][int(m[1])]["prefix"] == m[2]),
    (r"m\.nlri == \[\]", lambda a, m: all(":" in item["prefix"] for item in a["announced"])),
    (r".*segments\[0\]\.segment_value == \[([\d, ]+)\]", lambda a, m: a["attributes"]["as_path"] == m[1].replace(",", "")),
    (r".*attribute\.community == 0x(\w{4})(\w{4})", lambda a, m: f"{int(m[1], 16)}:{int(m[2], 16)}" in a["attributes"]["communities"]),
    (r'.*nh_v6_global == "(.*)"', lambda a, m: same_address(a["attributes"]["mp_next_hop"], m[1])),
    (r'.*nh_v6_link_local == "(.*)"', lambda a, m: same_address(a["attributes"]["mp_link_local"], m[1])),
    (r'.*withdrawn_routes\[(\d+)\]\.prefix == "(.*)"', lambda a, m: a["withdrawn"][int(m[1])]["prefix"] == m[2]),
    (r'.*afi_safi_specific\.nlri\[(\d+)\]\.prefix == "(.*)"', lambda a, m: a["announced"][int(m[1])]["prefix"] == m[2]),
    (r"m\.afi == (\d+)", lambda a, m: a["afi"] == int(m[1])),
    (r"m\.safi == (\d+)", lambda a, m: a["safi"] == int(m[1])),
]  # fmt: skip


def same_address(a, b):
    return ipaddress.ip_address(a) == ipaddress.ip_address(b)


def scapy():
    asked = 0
    for row in cases("bgp-scapy"):
        if row["layer"] != "bgp-msg":
            continue
        # Whether AS numbers have two octets or four does not stand in a message.
        options = ["--state", "any", "--peer", "ebgp", "--role", "none"]
        answer = one([*options, "--no-as4"], row["hex"])
        if answer["verdict"] not in GOOD:
            answer = one([*options, "--as4"], row["hex"])
        if "withdrawn" not in answer and "asn" not in answer and "afi" not in answer and answer["verdict"] != "accept":
            continue  # refused as it stands: nothing is shown
        for assertion in row["assertions"]:
            for pattern, holds in SCAPY:
                if match := re.fullmatch(pattern, assertion):
                    asked += 1
                    try:
                        good = holds(answer, match)
                    except (KeyError, IndexError) as fault:
                        good = repr(fault) == ""
                    check(row["id"], good, f"{assertion}: {json.dumps(answer)[:300]}")
                    break
    return asked


def tcpdump_updates(text):
    """The classic prefixes of each UPDATE in tcpdump's words, in their order."""
    updates, field = [], None
    for line in text.splitlines():
        if "Update Message (2)" in line:
            updates.append({"announced": [], "withdrawn": []})
            field = None
        elif re.match(r"\s+Withdrawn routes:", line) and updates and field is None:
            field = "withdrawn"
        elif re.match(r"\s+Updated routes:", line) and updates:
            field = "announced"
        elif field and (match := re.fullmatch(r"\s+(\d+\.\d+\.\d+\.\d+/\d+)(?: \(.*\))?", line)):
            updates[-1][field].append(match[1])
        elif field and not re.match(r"\s{4}", line):
            field = None
    return updates


def tcpdump():
    """Of captures that are whole: the same prefixes in the same UPDATEs, whatever their order."""
    count = 0
    for row in map(json.loads, (SETS / "bgp-tcpdump-a/index.jsonl").read_text().splitlines()):
        streams = row["streams"]
        words = (SETS / "bgp-tcpdump-a" / row["expected"][0]["file"]).read_text()
        if not streams or not all(s["clean"] and not s["gap"] for s in streams) or "(invalid)" in words:
            continue
        seen = []
        for s in streams:
            path = SETS / "bgp-tcpdump-a" / s["file"]
            readings = [stream(path, [option, "--as-sets"]) for option in ("--as4", "--no-as4")]
            best = min(readings, key=lambda answers: sum(a["verdict"] not in GOOD | {"ignore"} for a in answers))
            for a in best:
                if a.get("message") == "update" and "announced" in a:
                    seen.append([sorted(i["prefix"] for i in a[key] if ":" not in i["prefix"]) for key in ("announced", "withdrawn")])
        expected = [
            [sorted(update[key]) for key in ("announced", "withdrawn")]
            for update in tcpdump_updates(words)
        ]
        count += len(expected)
        check(row["pcap"], sorted(seen) == sorted(expected), f"{sorted(seen)}, tcpdump {sorted(expected)}")
    return count


def pmacct():
    """What pmacct learned of live routers' VPN tables: prefix, distinguisher, label and next hop."""
    count = 0
    for folder in sorted(SETS.glob("pmacct-a/30*")):
        told, seen = set(), set()
        for path in folder.glob("output-bgp-*.json"):
            for line in filter(str.strip, path.read_text().splitlines()):
                event = json.loads(line)
                if event.get("log_type") == "update" and event["safi"] == 128:
                    rd = event["rd"].split(":", 1)[1]
                    hop = str(ipaddress.ip_address(event["bgp_nexthop"]))
                    told.add((event["ip_prefix"], rd, int(event["mpls_label"]), hop))
        for path in folder.glob("*.bgp"):
            for answer in stream(path, ["--peer", "ebgp", "--role", "none", "--families", FAMILIES]):
                cut = answer.get("reason", "").startswith("the header says")  # the capture ends there
                check(path, cut or answer["verdict"] in GOOD | {"close"}, answer)
                for field in answer.get("unsupported", []):
                    if field["field"] == "mp_reach":
                        hop = str(ipaddress.ip_address(field["next_hop"]))
                        seen |= {(r["prefix"], r["rd"], r["labels"][0], hop) for r in field["routes"]}
        count += len(told)
        check(folder.name, told and told <= seen, f"not seen: {sorted(told - seen)[:3]} among {sorted(seen)[:3]}")
    return count


def main():
    if not SETS.is_dir():
        print(f"skipped: {SETS} is not there")
        return 77
    counts = {
        "answers": every_line_has_an_answer(),
        "rfc_mandated": rfc_mandated(),
        "AS paths": as_paths(),
        "scapy assertions": scapy(),
        "tcpdump updates": tcpdump(),
        "pmacct routes": pmacct(),
    }
    the_tables_hold_the_sets()
    frr_units()
    print("\n".join(str(failure)[:600] for failure in failures[:30]))
    print(", ".join(f"{count} {name}" for name, count in counts.items()), f"{len(failures)} failures", sep="; ")
    return int(bool(failures) or not all(counts.values()))


sys.exit(main())
