#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The whole loop on real routers: rehearse_test.py FAIRLEAD [RUNS]; needs root; about 4 minutes.

Rehearsals of `telia` must pass; their recordings must replay to what Fairlead did, twice to the
same bytes; a transit that is too small must get what fits; loss where nobody's packets go must move
nothing; and however a rehearsal ends, nothing stays.
"""
import json, os, pathlib, re, signal, socket, subprocess, sys, tempfile, time, urllib.request

FAIRLEAD = os.path.abspath(sys.argv[1])
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 1
SKIPPED = 77
GONE_S = 3  # a lab that was killed is cleared by its janitor within this


def start(*arguments, **options):
    return subprocess.Popen([FAIRLEAD, "rehearse", *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **options)


def run(*arguments):
    process = start(*arguments)
    out, err = process.communicate()
    return process.returncode, out, err


def wait_for(what, condition, seconds):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
    return found


def remains(prefix):
    """What is left of a lab: namespaces, files, processes."""
    spaces = [n for n in os.listdir("/run/netns") if n.startswith(prefix + "-")]
    directory = pathlib.Path("/run/fairlead-lab", prefix)
    processes = subprocess.run(["pgrep", "-f", str(directory) + "/"], capture_output=True,
                               text=True).stdout.split()
    return spaces + [str(directory)] * directory.exists() + processes


def namespaces(prefix):
    return os.path.isdir("/run/netns") and [
        n for n in os.listdir("/run/netns") if n.startswith(prefix + "-")]


def test_wrong_usage():
    for arguments, status, said in [
        ([], 2, "which scenario"),
        (["telia", "telia"], 2, "only one"),
        (["no-such-outage"], 2, "cannot read the scenario"),
        (["telia", "--runs", "0"], 2, "not a number from 1"),
        (["telia", "--runs", "x"], 2, "not a number from 1"),
        (["telia", "--bogus"], 2, "bogus"),
        (["telia", "--watch", "--runs", "2"], 2, "one run"),
    ]:
        code, _, err = run(*arguments)
        assert (code, said in err) == (status, True), (arguments, code, err)
    code, out, _ = run("--help")
    assert code == 0 and "fairlead rehearse telia" in out


def test_needs_root():
    # It may still read everything: a clone in /root is closed to others.
    reads = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    code = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", *reads, FAIRLEAD, "rehearse",
                           "telia"], capture_output=True, text=True)
    assert code.returncode == 3 and "needs root" in code.stderr, code


def test_page_taken():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", 8470))
        taken.listen()
        code, _, err = run("telia", "--watch")
    assert code == 3 and "port 8470 is taken: is another ./try running?" in err, (code, err)


def page():
    try:
        with urllib.request.urlopen("http://127.0.0.1:8470/", timeout=1) as answer:
            return answer.status == 200 and answer.read()
    except OSError:
        return None


def test_story():
    process = start("telia", "--watch", "--keep")
    assert b"<html" in wait_for("the status page", page, 20)
    code, _, err = run("telia", "--watch")
    assert code == 3 and "port 8470 is taken: is another ./try running?" in err, (code, err)
    lines = [process.stdout.readline() for _ in range(4)]
    assert "a transit drops 38 %" in lines[0] and "the network stands" in lines[1], lines
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 3 and not page()
    assert not remains(f"fl{process.pid}")


def end_early(how, after_s):
    process = start("telia", "--json")
    prefix = f"fl{process.pid}"
    wait_for("namespaces", lambda: namespaces(prefix), 5)
    time.sleep(after_s)  # any moment will do: while it is built, while routers meet, while it runs
    process.send_signal(how)
    code = process.wait(timeout=10)
    wait_for(f"all gone after signal {how}", lambda: not remains(prefix), GONE_S)
    assert code == (3 if how != signal.SIGKILL else -signal.SIGKILL), code
    process.communicate()


def test_ends_clean():
    for how, after_s in [(signal.SIGINT, 0), (signal.SIGINT, 3), (signal.SIGTERM, 6),
                         (signal.SIGKILL, 0.05), (signal.SIGKILL, 6)]:
        end_early(how, after_s)


def check_summary(summary):
    assert summary["scenario"] == "telia" and summary["runs"] == RUNS
    assert summary["family"] == ["ipv4", "ipv6"]
    assert summary["false_actions"] == 0 and summary["return_lost_packets"] == 0
    assert summary["operator_restore_s"] == 1200
    for name in "bird", "frr":
        assert any(re.fullmatch(name + r" [\d.]+\S*", peer) for peer in summary["peers"]), summary
    for block in [summary, *summary["families"].values()]:
        for key in "detect_ms", "restore_ms", "lost_packets":
            assert 0 < block[key]["p50"] <= block[key]["p95"] <= block[key]["max"], (key, block)
    assert summary["verdict"] == "pass", summary["failures"]


def replayed(recording):
    return subprocess.run([FAIRLEAD, "replay", recording, "--json"], check=True,
                          capture_output=True, text=True).stdout


def without_time(lines):
    return [re.sub(r'^\{"time":"[^"]*",', "{", line) for line in lines.splitlines()]


def check_replay(report, number):
    live = (report / f"run-{number:02}.effects.jsonl").read_text()
    once, twice = (replayed(report / f"run-{number:02}.recording") for _ in range(2))
    assert once == twice, "two replays differ"
    assert '"effect":"announce"' in once and '"effect":"withdraw"' in once
    for line, (a, b) in enumerate(zip(without_time(live), without_time(once)), 1):
        assert a == b, f"effect {line}: lived {a}, replayed {b}"
    assert len(live.splitlines()) == len(once.splitlines())


def check_losses(report, run_line, number):
    packets = [json.loads(line) for line in open(report / f"run-{number:02}.traffic.jsonl")]
    for family in "ipv4", "ipv6":
        lost = [p for p in packets if p["family"] == family and "lost" in p]
        assert len(lost) == run_line[family]["lost_all_packets"]
        ways = {p["way"] for p in packets if p["family"] == family and "way" in p}
        assert ways == {"transit-a", "transit-b"}, ways  # and no third, which would be a detour


def test_outage():
    with tempfile.TemporaryDirectory() as directory:
        code, out, err = run("telia", "--runs", str(RUNS), "--json", "--report", directory)
        lines = [json.loads(line) for line in out.splitlines()]
        assert lines, err
        print(out)
        assert len(lines) == RUNS + 1, out
        check_summary(lines[-1])
        assert code == 0, err
        for number in range(1, RUNS + 1):
            check_replay(pathlib.Path(directory), number)
            check_losses(pathlib.Path(directory), lines[number - 1], number)


def test_unused():
    code, out, err = run("telia-unused", "--seconds", "14", "--json")
    summary = json.loads(out.splitlines()[-1])
    assert code == 0 and summary["verdict"] == "pass" and summary["false_actions"] == 0, out + err


def plans(report, number):
    effects = map(json.loads, open(report / f"run-{number:02}.effects.jsonl"))
    return [e for e in effects if e["effect"] == "plan"]


def test_small():
    """The other transit has room for three of eight destinations: so many move, and it is said."""
    with tempfile.TemporaryDirectory() as directory:
        code, out, err = run("telia-small", "--json", "--report", directory)
        said = [(p["verdict"], p["prefixes"], p["reason"]) for p in plans(pathlib.Path(directory), 1)]
    assert code == 0 and json.loads(out.splitlines()[-1])["verdict"] == "pass", out + err
    acts = [(moved, reason) for verdict, moved, reason in said if verdict == "act"]
    assert [moved for moved, _ in acts] == [3] and "; 1 stays, 2 Mbit/s: no room" in acts[0][1], said
    assert any(verdict == "refused" and "has no room for anything" in reason for verdict, _, reason in said), said


def main():
    if os.geteuid() != 0:
        print("needs root: skipped")
        sys.exit(SKIPPED)
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            began = time.monotonic()
            test()
            print(f"{time.monotonic() - began:6.1f} s  {name}", flush=True)


main()
