#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`fairlead decode syslog` against others' sets of lines, read from ../shared beside the checkout.

usage: corpora_syslog_test.py FAIRLEAD     exit 77: skipped, they are not there
"""
import json, pathlib, subprocess, sys

FAIRLEAD = sys.argv[1]
SETS = pathlib.Path(__file__).parent.parent.parent / "shared/data/corpora"
failures = []

# Header fields that we read otherwise, and why. A row of None: another vendor's form, read as text.
OTHERWISE = {
    "napalm-fortinet-FORWARD_TRAFFIC-default": None,  # key=value lines of firewalls
    "napalm-opengear-RXDATA-default": None,  # what a console said
    "napalm-opengear-USER_LOGIN-default": None,
    "napalm-ios-OSPF_NEIGHBOR_DOWN-init_to_down": ["text"],  # "Process 1" is no process of the device
    "napalm-junos-BGP_PEER_NOT_CONFIGURED-default": ["text"],  # a line of the source is no text
    "napalm-junos-FAILED_ALLOCATING_PACKET_BUFFER-default": ["tag"],  # fpc0 is the card: node
    "napalm-junos-SYSTEM_ALARM-default": ["tag", "text"],  # "Alarm set" is text
    "napalm-junos-SYSTEM_ALARM-default_fpc": ["tag", "text"],
    "napalm-junos-SYSTEM_ALARM-reason_nonalpha": ["tag", "text"],
    "napalm-sonic-BGP_NEIGHBOR_STATE_CHANGED-down_to_up": ["tag", "text"],  # ADJCHANGE is the mnemonic
    "napalm-sonic-BGP_NEIGHBOR_STATE_CHANGED-up_to_down": ["tag", "text"],
    "napalm-sonic-INTERFACE_UP-default": ["text"],
}
# Events to facts; those that are absent are not mapped, see doc/decisions/0086: nothing to act or wake for.
FACTS = {
    "BGP_CEASE_PREFIX_LIMIT_EXCEEDED": "bgp_down",
    "BGP_CONNECTION_RESET": "bgp_down",
    "BGP_MD5_INCORRECT": "bgp_key_wrong",
    "BGP_PREFIX_THRESH_EXCEEDED": "bgp_prefix_limit",
    "CONFIGURATION_COMMIT_COMPLETED": "config_committed",
    "CONFIGURATION_COMMIT_REQUESTED": "config_committed",
    "CONFIGURATION_ROLLBACK": "config_rolled_back",
    "INTERFACE_DOWN": "interface_down",
    "INTERFACE_UP": "interface_up",
    "ISIS_NEIGHBOR_DOWN": "igp_down",
    "ISIS_NEIGHBOR_UP": "igp_up",
    "LACP_INTERFACE_DOWN": "lacp_down",
    "MAINTENANCE_MODE_ENDED": "maintenance_ended",
    "MAJOR_ALARM_SET": "alarm_set",
    "MINOR_ALARM_SET": "alarm_set",
    "OSPF_NEIGHBOR_DOWN": "igp_down",
    "PROCESS_RESTART": "process_restarted",
    "PROCESS_TERMINATED": "process_crashed",
    "SYSTEM_ALARM": "alarm_set",
    "USER_EXIT_CONFIG_MODE": "config_committed",
}
NOT_MAPPED = {"AGENT_INITIALIZED", "BGP_PEER_NOT_CONFIGURED", "BPDU_BLOCK_INTERFACE_DISABLED",
              "FAILED_ALLOCATING_PACKET_BUFFER", "FORWARD_TRAFFIC", "INTERFACE_MAC_LIMIT_REACHED",
              "NAT_SESSION_CREATED", "NH_INSTALL_FAILED", "NTP_SERVER_UNREACHABLE", "RXDATA",
              "USER_ENTER_CONFIG_MODE", "USER_LOGIN"}  # fmt: skip


def check(name, good, seen):
    if not good:
        failures.append(f"{name}: {seen}")


def rows_of(name):
    return [json.loads(line) for line in open(SETS / name / "cases.jsonl")]


def decode(rows, *options):
    text = "".join(row["hex"] + "\n" for row in rows)
    run = subprocess.run([FAIRLEAD, "decode", "syslog", "--hex", *options], input=text, capture_output=True,
                         text=True, timeout=60)  # fmt: skip
    check("decode", run.returncode == 0, run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


def wanted_fact(row):
    """OSPF tells each step of a neighbour's coming up; the last is the fact."""
    if row["event"] == "OSPF_NEIGHBOR_UP":
        return "igp_up" if row["variant"].endswith("_to_full") else None
    if row["event"] == "BGP_NEIGHBOR_STATE_CHANGED":
        up = row["variant"].endswith(("_to_up", "_to_established"))
        return "bgp_up" if up else "bgp_down"
    check(row["event"], row["event"] in FACTS or row["event"] in NOT_MAPPED, "neither mapped nor listed")
    return FACTS.get(row["event"])


def yang_keys(value):
    """All keys and leaves of the expected value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from yang_keys(inner)
    else:
        yield str(value)


def devices():
    rows = rows_of("syslog-napalm-a")
    for row, is_ in zip(rows, decode(rows), strict=True):
        expected = row["expect"]
        other = OTHERWISE.get(row["id"], [])
        seen = {**is_, "tag": is_.get("id") or is_.get("app"), "text": is_.get("text", "").strip()}
        wanted = {key: expected[key] for key in ("facility", "severity", "host", "tag")}
        wanted["text"] = expected["message"].removeprefix(":").strip()
        if expected["process"]:
            wanted["app"] = expected["process"]
        for key, value in wanted.items():
            if other is not None and key not in other:
                check(f"{row['id']} {key}", seen.get(key) == value, f"{seen.get(key)!r}, not {value!r}")
        check(row["id"], is_.get("fact") == wanted_fact(row), is_)
        if row["event"].startswith(("BGP_NEIGHBOR", "BGP_PREFIX", "INTERFACE_UP", "INTERFACE_DOWN")):
            named = is_["fields"].get("peer") or is_["fields"].get("interface")
            keys = {key.replace(" ", "") for key in yang_keys(expected["yang"])}
            check(row["id"], named.split("(")[0].replace(" ", "") in keys, (named, keys))


def strict():
    names = {"hostname": "host", "appname": "app", "procid": "pid", "msgid": "id", "timestamp": "time"}
    for format, options in ("rfc5424", ["--format", "rfc5424"]), ("rfc3164", []):
        rows = [row for row in rows_of("syslog-gosyslog") if row["format"] == format]
        for row, is_ in zip(rows, decode(rows, *options), strict=True):
            check(row["id"], (is_["verdict"] == "accept") == row["valid"], is_)
            for theirs, ours in names.items():
                value = (row["fields"] or {}).get(theirs)
                same = not value or is_.get(ours, "").split() == value.split()  # "Aug  7" is "Aug 7" there
                check(f"{row['id']} {ours}", same, (is_.get(ours), value))


def streams():
    """What is well formed is read, up to where nobody knows where the next message begins."""
    good = {"empty": 0, "1st ml/2nd ko": 1, "1st ok//utf8": 1, "1st ko//incomplete SYSLOGMSG": 0,
            "1st ko//missing WS found ILLEGAL": 0, "1st ko//missing WS found EOF": 0, "1st ok/2nd ok/3rd ok": 3,
            "MSGLEN gt max message length": 1,  # theirs allows 8192 octets and ours as many; it is cut there
            "1st uf/2nd ok//incomplete SYSLOGMSG/notdetectable": 1}  # fmt: skip
    for row in rows_of("syslog-gosyslog"):
        if row["format"] != "rfc6587-octet-counting":
            continue
        read = [m for m in decode([row], "--stream") if m.get("verdict") == "accept" and not m.get("cut")]
        check(row["descr"], len(read) == good[row["descr"]], read)


def main():
    if not (SETS / "syslog-napalm-a").exists():
        print("skipped: ../shared is not there")
        sys.exit(77)
    devices()
    strict()
    streams()
    print("\n".join(failures) or "all as wanted")
    sys.exit(bool(failures))


main()
