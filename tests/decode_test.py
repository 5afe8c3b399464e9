#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Runs `fairlead decode bgp` over the corpora in corpus/bgp, and over bad usage and bad input.

usage: decode_test.py FAIRLEAD
"""
import collections, json, pathlib, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).parent
FAIRLEAD = sys.argv[1]
MARK = "ff" * 16
KEEPALIVE = MARK + "001304"
EOR = MARK + "00170200000000"
failures = []


def check(name, good, seen):
    if not good:
        failures.append(f"{name}: {seen}")


def decode(options, text):
    return subprocess.run(
        [FAIRLEAD, "decode", "bgp", *options], input=text, capture_output=True, timeout=60
    )


def lines_of(run):
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


def corpora():
    """Each row of each table: its verdict, and the values that must stand in the answer."""
    by_options = collections.defaultdict(list)
    for table in sorted((HERE / "corpus/bgp").glob("*.tsv")):
        for line in table.read_text().splitlines():
            if not line.startswith("#"):
                name, options, verdict, values, octets = line.split("\t")
                row = (f"{table.stem}/{name}", verdict, values, octets)
                by_options["" if options == "-" else options].append(row)
    for options, rows in by_options.items():
        text = "".join(row[3] + "\n" for row in rows)
        run = decode(["--hex", *options.split()], text.encode())
        answers = lines_of(run)
        check(options, run.returncode == 0 and len(answers) == len(rows), run.stderr)
        for number, ((name, verdict, values, _), answer) in enumerate(zip(rows, answers), 1):
            seen = " ".join(answer[key] for key in ("verdict", "notification") if key in answer)
            check(name, answer["line"] == number, answer)
            check(name, seen == verdict, f"{seen}, not {verdict}: {answer.get('reason')}")
            check(name, values == "-" or holds(json.loads(values), answer), answer)
    return sum(map(len, by_options.values()))


def update(attributes, announced, withdrawn=""):
    fields = [bytes.fromhex(field) for field in (withdrawn, attributes, announced)]
    sizes = [len(field).to_bytes(2, "big") for field in fields]
    body = sizes[0] + fields[0] + sizes[1] + fields[1] + fields[2]
    return MARK + f"{19 + len(body):04x}02" + body.hex()


GOOD = "40010100 400206 0201 0000fde9 400304c0000201"
NET = "18c63364"
UPDATE = update("40010100 400200 400304c0000201 400504 00000064", NET)
TWO_OCTETS = update("40010100 400204 0201 fde9 400304c0000201", NET)
PATH_ID = update(GOOD, "00000007" + NET)
OPEN = MARK + "001d0104fbf4005ac000020200"




def lines_go_on():
    """One answer for each line, whatever stands on it."""
    rows = [
        (KEEPALIVE, "accept"),
        ("", "session-reset 1/2"),
        ("hello", "session-reset 1/2"),
        ("fff", "session-reset 1/2"),
        (KEEPALIVE + "f", "session-reset 1/2"),
        (KEEPALIVE[:6] + "g" + KEEPALIVE[6:], "session-reset 1/2"),
        (MARK + "0013", "session-reset 1/2"),
        (MARK.upper() + " 00 13\t04 \r", "accept"),
        (MARK + "001404", "session-reset 1/2"),
        ("00\0ff", "session-reset 1/2"),
        ("00" * 300000, "session-reset 1/2"),
        (UPDATE, "accept"),
        (KEEPALIVE + EOR, "accept"),
        (KEEPALIVE + EOR + "00", "session-reset 1/2"),
        (EOR, "accept"),
    ]
    answers = lines_of(decode(["--hex"], "\n".join(row[0] for row in rows).encode()))
    check("lines", len(answers) == len(rows), len(answers))
    for number, ((text, verdict), answer) in enumerate(zip(rows, answers), 1):
        seen = " ".join(answer[key] for key in ("verdict", "notification") if key in answer)
        check(f"line {number}", answer["line"] == number and seen == verdict, answer)
    check("more", [item["message"] for item in answers[12]["more"]] == ["update"], answers[12])
    check("no more", "more" not in answers[0] and "more" not in answers[13], answers[13])
    check("end of RIB", answers[14]["end_of_rib"] == "ipv4", answers[14])
    check("no line", decode(["--hex"], b"").stdout == b"", "output")
    check("empty line", len(lines_of(decode(["--hex"], b"\n"))) == 1, "not one")


def the_shape_of_the_manual():
    """Octet for octet what the manual shows, keys in its order."""
    message = update(
        "40010100 40020a 0202 0000fbf4 0000fbf5 400304c0000201 400504 00000064"
        "c00804 fbf40001 c0200c 0000fbf40000000100000002",
        NET,
    )
    run = decode(["--hex"], message.encode())
    check(
        "shape",
        run.stdout.decode()
        == '{"line":1,"verdict":"accept","message":"update","announced":[{"prefix":'
        '"198.51.100.0/24"}],"withdrawn":[],"attributes":{"origin":"igp","as_path":"64500 64501",'
        '"next_hop":"192.0.2.1","local_pref":100,"communities":["64500:1"],'
        '"large_communities":["64500:1:2"]}}\n',
        run.stdout,
    )
    run = decode(["--hex"], update("40010105", "").encode())
    keys = list(lines_of(run)[0])
    wanted = ["line", "verdict", "notification", "reason", "spec", "at", "message"]
    check("keys", keys == wanted, keys)  # nothing of the body: it is not to be used


def options():
    """What each option changes, and what is wrong usage."""
    cases = [
        (["--peer", "ebgp"], UPDATE, "attribute-discard"),  # LOCAL_PREF
        (["--peer", "ibgp"], UPDATE, "accept"),
        (["--no-as4"], TWO_OCTETS, "accept"),
        (["--as4"], TWO_OCTETS, "treat-as-withdraw"),
        (["--families", "ipv6"], update(GOOD, NET, NET), "ignore"),
        (["--addpath", "ipv6,ipv4"], PATH_ID, "accept"),
        (["--addpath", "ipv6"], PATH_ID, "session-reset"),
        (["--as-sets"], update("40010100 400206 0101 0000fde9 400304c0000201", NET), "accept"),
        (["--state", "opensent"], KEEPALIVE, "session-reset"),
        (["--state", "openconfirm"], KEEPALIVE, "accept"),
        ([], OPEN, "session-reset"),
        (["--state", "any"], OPEN, "accept"),
        (["--state", "any", "--local-as", "64999"], OPEN, "session-reset"),
        (["--state", "any", "--local-as", "64500"], OPEN, "accept"),
        (["--state", "any", "--local-as", "64999", "--peer", "ebgp"], OPEN, "accept"),
        (["--state", "any", "--peer-as", "1"], OPEN, "session-reset"),
        (["--state", "any", "--local-id", "192.0.2.2"], OPEN, "session-reset"),
        (["--enhanced-refresh"], MARK + "00170500010101", "accept"),
        ([], MARK + "00170500010101", "ignore"),
        (["--extended-message"], update(GOOD, NET * 1100), "accept"),
        ([], update(GOOD, NET * 1100), "session-reset"),
    ]
    for arguments, message, verdict in cases:
        answers = lines_of(decode(["--hex", *arguments], message.encode()))
        check(f"{arguments}", answers and answers[0]["verdict"] == verdict, answers)
    wrong = [
        ["--peer", "both"], ["--families", "ipx"], ["--addpath", "ipv4;ipv6"], ["--state", "idle"],
        ["--local-as", "0"], ["--local-as", "-1"], ["--local-as", "4294967296"], ["--local-as", "1x"],
        ["--local-id", "2001:db8::1"], ["--local-id", ""], ["--role", "boss"], ["--nonsense"],
        ["a", "b"], ["--peer"],
    ]
    for arguments in wrong:
        run = decode(["--hex", *arguments], b"")
        good = run.returncode == 2 and run.stderr.startswith(b"fairlead: ") and not run.stdout
        check(f"{arguments}", good, (run.returncode, run.stderr))
    missing = decode(["--hex", "/nonexistent"], b"")
    check("missing", missing.returncode == 3 and b"fairlead: cannot open" in missing.stderr, missing)
    full = subprocess.run(
        f"echo {KEEPALIVE} | {FAIRLEAD} decode bgp --hex > /dev/full", shell=True, capture_output=True
    )
    check("full disk", full.returncode == 3 and b"fairlead: cannot write" in full.stderr, full)
    for arguments in [["decode", "--help"], ["decode", "bgp", "--help"]]:
        run = subprocess.run([FAIRLEAD, *arguments], capture_output=True)
        screen = run.stdout.decode().splitlines()
        check(f"{arguments}", run.returncode == 0 and 5 < len(screen) <= 40, run.returncode)
        check(f"{arguments}", screen[0].startswith("  echo "), screen[0])
    run = subprocess.run([FAIRLEAD, "decode", "x25"], capture_output=True)
    check("x25", run.returncode == 2 and b"cannot decode 'x25'" in run.stderr, run.stderr)


def streams():
    """Without --hex: the octets of one direction, the offset of each message, the end where known."""
    stream = bytes.fromhex(MARK + "001d0104fbf4005ac000020200" + KEEPALIVE + EOR)
    answers = lines_of(decode([], stream))
    check("stream", [a["offset"] for a in answers] == [0, 29, 48], answers)
    check("stream", [a["verdict"] for a in answers] == ["accept"] * 3, answers)
    for cut in range(49, len(stream)):
        answers = lines_of(decode([], stream[:cut]))
        check(f"cut {cut}", len(answers) == 3 and answers[2]["verdict"] == "session-reset", answers)
    answers = lines_of(decode([], b"\0" * 40 + stream))
    check("garbage", len(answers) == 1 and answers[0]["notification"] == "1/1", answers)
    with tempfile.NamedTemporaryFile() as capture:
        capture.write(bytes.fromhex("d4c3b2a1") + b"\0" * 20)
        capture.flush()
        run = decode([capture.name], b"")
        good = run.returncode == 3 and b"cannot read the capture" in run.stderr and not run.stdout
        check("pcap", good, run)


ran = corpora()
lines_go_on()
the_shape_of_the_manual()
options()
streams()
print("\n".join(failures[:40]))
print(f"{ran} messages of the corpora, {len(failures)} failures")
sys.exit(bool(failures) or ran < 400)
