#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A running `fairlead reflect`, `decode stamp` and `decode icmp` against others' sets of packets,
read from ../shared beside the checkout where they are, and against Scapy's STAMP where it is
installed (Debian: python3-scapy, the only other implementation there): it writes requests that we
answer, and reads the answers.

usage: corpora_probe_test.py FAIRLEAD     exit 77: skipped, neither is there
"""
import atexit, json, pathlib, random, socket, subprocess, sys

HERE = pathlib.Path(__file__).parent
FAIRLEAD = sys.argv[1]
SETS = HERE.parent.parent / "shared/data/corpora"
failures = []


def check(name, good, seen):
    if not good:
        failures.append(f"{name}: {seen}")


def free_port():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.bind(("::", 0))
        return s.getsockname()[1]


class Reflector:
    def __init__(self, *options):
        self.port = free_port()
        command = [FAIRLEAD, "reflect", "--port", str(self.port), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        check("reflect", "reflecting" in self.process.stdout.readline(), "it does not")
        self.sockets = {}
        for family, host in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
            s = self.sockets[family] = socket.socket(family, socket.SOCK_DGRAM)
            s.connect((host, self.port))
            s.settimeout(5)

    def ask(self, request, family=socket.AF_INET):
        """The answer; None when a good probe behind the request is answered first."""
        s = self.sockets[family]
        mark = random.randbytes(4)
        s.send(request)
        s.send(mark + bytes(40))
        answers = [s.recv(65535)]
        if answers[0][24:28] != mark or len(answers[0]) != 44 or request[:4] == mark:
            answers.append(s.recv(65535))
        return answers[0] if len(answers) == 2 else None

    def stop(self):
        self.process.send_signal(2)
        said = self.process.communicate(timeout=10)[0]
        check("it ends well", self.process.returncode == 0, self.process.returncode)
        return said


def decode(protocol, *options, text=None):
    run = subprocess.run([FAIRLEAD, "decode", protocol, *options], input=text, capture_output=True, text=True, timeout=60)
    return run, [json.loads(line) for line in run.stdout.splitlines()]


def cases(name):
    return [json.loads(line) for line in (SETS / name / "cases.jsonl").read_text().splitlines()]


def stamp_suite(reflector):
    """Each case of the set in both families: an answer no longer than the request, flags as it says."""
    flag = {"stamp-suite-tlv-overrun": 0x40, "stamp-suite-unknown-tlv": 0x80, "stamp-suite-cos-wrong-length": 0x40,
            "stamp-suite-hmac-len-0": 0x40, "stamp-suite-hmac-len-8": 0x40, "stamp-suite-hmac-len-17": 0x40}  # fmt: skip
    exact = {"stamp-suite-tlv-overrun", "stamp-suite-unknown-tlv", "stamp-suite-cos-wrong-length"}
    rows = cases("stamp-suite-a")
    for row in rows:
        request = bytes.fromhex(row["hex"])
        for family in reflector.sockets:
            answer = reflector.ask(request, family)
            check(row["id"], (answer is None) == (len(request) < 41), answer)
            if answer is None:
                continue
            check(row["id"], len(answer) == len(request), len(answer))
            fields = answer[24:28] + answer[28:36] + answer[36:38] + answer[14:16]
            check(row["id"], fields == request[:14] + request[14:16], answer.hex())
            check(row["id"], answer[40] in (64, 255), answer[40])
            if row["id"] in flag:
                check(row["id"], answer[44] & flag[row["id"]], hex(answer[44]))
            if row["id"] in exact:
                check(row["id"], answer[44] == flag[row["id"]], hex(answer[44]))
                check(row["id"], answer[45:] == request[45:], answer.hex())
    _, seen = decode("stamp", "--hex", "--from", "sender", text="".join(row["hex"] + "\n" for row in rows))
    for row, answer in zip(rows, seen, strict=True):
        good = {"accept", "attribute-discard"} if len(row["hex"]) >= 82 else {"ignore"}
        check(row["id"], answer["verdict"] in good, answer)
    return len(rows)


def seconds(timestamp):
    return int(timestamp["raw"], 16) / 2**32


def stamp_scapy(reflector):
    sender, reflected = cases("stamp-scapy")
    request = bytes.fromhex(sender["hex"])
    answer = reflector.ask(request)
    check("answer", answer[24:28] == request[:4] and answer[28:38] == request[4:14], answer.hex())
    check("answer", answer[14:16] == request[14:16] and answer[40] in (64, 255), answer.hex())
    _, (request, reply) = decode("stamp", "--hex", text=sender["hex"] + "\n" + reflected["hex"] + "\n")
    estimate = sender["fields"]["err_estimate"]
    check("sender", request["message"] == "request" and request["sequence"] == 4660 and request["ssid"] == 1357, request)
    check("sender", request["error_estimate"] == {"synchronized": bool(estimate["S"]), "format": "ntp",
          "scale": estimate["scale"], "multiplier": estimate["multiplier"]}, request)  # fmt: skip
    fields = reflected["fields"]
    check("reflected", reply["message"] == "reply" and reply["sequence"] == fields["seq"], reply)
    check("reflected", reply["sender_sequence"] == fields["seq_sender"] and reply["sender_ttl"] == fields["ttl_sender"], reply)
    check("reflected", abs(seconds(reply["received"]) - fields["ts_rx"]) < 1e-4, reply)
    check("reflected", abs(seconds(reply["sender_timestamp"]) - fields["ts_sender"]) < 1e-4, reply)
    return 2


NAMES = {  # as tcpdump writes them: ours
    "echo request": "echo_request", "echo reply": "echo_reply", "time exceeded": "time_exceeded", "unreachable": "destination_unreachable",
    "parameter problem": "parameter_problem", "packet too big": "packet_too_big", "redirect": "redirect",
}  # fmt: skip


def icmp_tcpdump():
    """What is accepted, tcpdump names so too; what it calls invalid, nobody has to name."""
    count = 0
    for row in map(json.loads, (SETS / "icmp-tcpdump/index.jsonl").read_text().splitlines()):
        run, seen = decode("icmp", str(SETS / "icmp-tcpdump" / row["pcap"]))
        foreign = "link type" in run.stderr
        check(row["pcap"], run.returncode == (3 if foreign else 0), run.stderr)
        words = (SETS / "icmp-tcpdump" / row["expected"][0]["file"]).read_text()
        for answer in seen:
            count += 1
            check(row["pcap"], answer["verdict"] in ("accept", "ignore"), answer)
            if answer["verdict"] == "accept" and "(invalid)" not in words:
                said = any(word in words.lower() and name == answer["message"] for word, name in NAMES.items())
                check(row["pcap"], said, (answer, words[:300]))
    return count


def scapy(reflector):
    """Requests that Scapy writes, with random TLVs, and our answers as it reads them."""
    try:
        from scapy.contrib import stamp
        from scapy.layers.inet import UDP
    except ImportError:
        return 0
    random.seed(862)
    known = {1: lambda: random.randbytes(random.randrange(40)), 4: lambda: bytes([random.randrange(64) << 2, 0, 0, 0]), 200: lambda: random.randbytes(5)}
    for number in range(100):
        family = random.choice(list(reflector.sockets))
        wanted = [(kind, known[kind]()) for kind in random.choices(list(known), k=random.randrange(4))]
        # 2.5.0 takes "U" for the lowest bit, and cannot read TLVs: their type is ours to look at.
        tlvs = [stamp.STAMPTestTLV(flags=0x80, type=kind, len=len(value), value=value) for kind, value in wanted]
        sequence, ssid = random.getrandbits(32), random.randrange(1, 65536)
        packet = stamp.STAMPSessionSenderTestUnauthenticated(seq=sequence, ts=number, ssid=ssid, tlv_objects=tlvs)
        octets = bytes(packet)
        answer = reflector.ask(octets, family)
        if answer is None:
            check("scapy", False, octets.hex())
            continue
        base = bytes(UDP(sport=862, dport=61000, len=8 + 44)) + answer[:44]
        read = UDP(base)[stamp.STAMPSessionReflectorTestUnauthenticated]
        check("scapy", len(answer) == len(octets), answer.hex())
        check("scapy", read.seq_sender == sequence and read.ssid == ssid and read.ttl_sender in (64, 255), read.show(dump=True))
        check("scapy", bytes(answer[28:36]) == octets[4:12], answer.hex())
        _, (reply,) = decode("stamp", "--hex", "--from", "reflector", text=answer.hex() + "\n")
        back = [(t["type"], t["unrecognized"], t["malformed"]) for t in reply["tlvs"]]
        check("scapy", back == [(kind, kind == 200, False) for kind, _ in wanted], (wanted, reply))
        _, (ours,) = decode("stamp", "--hex", text=octets.hex() + "\n") if number % 20 == 0 else (None, (None,))
        if ours:
            check("scapy", ours["sequence"] == sequence and [t["type"] for t in ours["tlvs"]] == [k for k, _ in wanted], ours)
    return 100


def main():
    reflector = Reflector()
    counts = {"from Scapy": scapy(reflector)}
    if SETS.is_dir():
        counts |= {"of stamp-suite": stamp_suite(reflector), "of stamp-scapy": stamp_scapy(reflector), "ICMP": icmp_tcpdump()}
        check("counts", all(counts[name] for name in list(counts)[1:]), counts)
    said = reflector.stop()
    if not any(counts.values()):
        print(f"skipped: neither {SETS} nor Scapy is there")
        return 77
    print("\n".join(str(failure)[:600] for failure in failures[:30]))
    print(", ".join(f"{count} {name}" for name, count in counts.items()), said.strip(), f"{len(failures)} failures", sep="; ")
    return int(bool(failures))


sys.exit(main())
