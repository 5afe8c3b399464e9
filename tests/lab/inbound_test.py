#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The world leaves a transit that loses what it sends: inbound_test.py FAIRLEAD; needs root; about 55 s.

Plays the scenario `inbound`, whose traffic says by which transit each packet came, and meanwhile reads the tables
and counters of its routers: what Fairlead says to edge1 (FRR), edge1 to transit-a (BIRD), transit-a to the far side
(BIRD); before, while it stands, and when people have withdrawn it. `inbound-hold` waits for the end of the 30 minutes.
"""
import json, os, pathlib, re, subprocess, sys, tempfile, time

FAIRLEAD = os.path.abspath(sys.argv[1])
OWN = {"4": "203.0.113.0/24", "6": "2001:db8:53::/48"}
PORTS = {"transit-a": ("edge1", "to-a"), "transit-b": ("edge2", "to-b")}
GRACEFUL = "(65535,0)"
HANG_S, SKIPPED = 60, 77


class Lab:
    def __init__(self, report):
        self.process = subprocess.Popen([FAIRLEAD, "rehearse", "inbound", "--json", "--report", report],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.name = f"fl{self.process.pid}"
        self.directory = pathlib.Path("/run/fairlead-lab", self.name)

    def output(self, *words):
        return subprocess.run(words, capture_output=True, text=True).stdout

    def bird(self, node, prefix):
        """Routes to it, each a text; the first is the best."""
        text = self.output("birdc", "-r", "-s", str(self.directory / node / "bird.ctl"), "show", "route", prefix, "all")
        return re.split(r"\n(?=\S* +unicast \[)", text)[1:]

    def best(self, node, prefix):
        """The protocol that the best route came by."""
        return next((route.split("[")[1].split(" ")[0] for route in self.bird(node, prefix)), None)

    def frr(self, prefix):
        """Large communities of it on edge1."""
        family = "ipv6" if ":" in prefix else "ipv4"
        told = self.output("vtysh", "--vty_socket", str(self.directory / "edge1"), "-c", f"show bgp {family} unicast {prefix} json")
        paths = json.loads(told or "{}").get("paths", [])
        return " ".join(path.get("largeCommunity", {}).get("string", "") for path in paths)

    def octets(self):
        """That came in from each transit."""
        found = {}
        for transit, (router, port) in PORTS.items():
            devices = self.output("ip", "netns", "exec", f"{self.name}-{router}", "cat", "/proc/net/dev")
            found[transit] = int(re.search(rf"{port}: *(\d+)", devices).group(1))
        return found

    def mbps(self):
        before, began = self.octets(), time.monotonic()
        time.sleep(1)
        after, ended = self.octets(), time.monotonic()
        return {transit: (after[transit] - before[transit]) * 8e-6 / (ended - began) for transit in PORTS}

    def ask(self, *question):
        return self.output(FAIRLEAD, *question, "--control", str(self.directory / "guard/control.sock"))


def wait_for(what, condition):
    end = time.monotonic() + HANG_S
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {HANG_S} s: {what}"
        time.sleep(0.1)
    return found


def is_usual(lab):
    """The customer's route is what transit-a prefers, and the far side prefers transit-a."""
    for family, prefix in OWN.items():
        routes = lab.bird("transit-a", prefix)
        if not (routes and f"[edge1_{family}" in routes[0] and "local_pref: 200" in routes[0] and GRACEFUL not in routes[0]
                and lab.best("far", prefix) == f"transit_a{family}"):
            return False
    return True


def is_left(lab):
    """What transit-a hears of its customer is its last choice: it goes by its peer, and tells the far side no more."""
    for family, prefix in OWN.items():
        routes = lab.bird("transit-a", prefix)
        last = [route for route in routes if f"[edge1_{family}" in route]
        if not ("64500:1:2" in lab.frr(prefix) and last and "local_pref: 0" in last[0] and GRACEFUL in last[0]
                and f"[peer{family}" in routes[0] and len(lab.bird("far", prefix)) == 1
                and lab.best("far", prefix) == f"transit_b{family}"):
            return False
    return True


def check_others(lab):
    """To transit-b it is offered as ever."""
    for family, prefix in OWN.items():
        routes = lab.bird("transit-b", prefix)
        assert f"[edge2_{family}" in routes[0] and GRACEFUL not in routes[0], routes


def check_words(lab):
    """What people read while it stands."""
    plans = lab.ask("plans")
    for family in "ipv4", "ipv6":
        assert re.search(rf"incident \d+ +transit-a {family} +held +1 own as graceful +\d+\.\d Mbit/s came in by it", plans), plans
    print(plans)


def inbound(report, lines):
    told = [json.loads(line) for line in lines if '"effect":"inbound"' in line]
    return [{key: value for key, value in effect.items() if key not in ("time", "at_ns")} for effect in told]


def check_effects(report):
    """Of each family it acts, is heeded and is let go; and a replay decides the same."""
    lived = inbound(report, open(report / "run-01.effects.jsonl"))
    for family in "ipv4", "ipv6":
        said = [(e["stage"], e["verdict"]) for e in lived if e["family"] == family]
        assert said == [("planned", "act"), ("heeded", "act"), ("planned", "undo")], lived
    done = subprocess.run([FAIRLEAD, "replay", report / "run-01.recording", "--json"], check=True, capture_output=True, text=True)
    assert inbound(report, done.stdout.splitlines()) == lived


def main():
    if os.geteuid() != 0:
        print("needs root: skipped")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory() as report:
        lab = Lab(report)
        try:
            wait_for("all as usual", lambda: is_usual(lab))
            usual = lab.mbps()
            wait_for("transit-a is left", lambda: is_left(lab))
            check_others(lab)
            wait_for("the world has turned", lambda: "Mbit/s came in by it" in lab.ask("plans"))
            left = lab.mbps()
            check_words(lab)
            wait_for("all as usual again", lambda: is_usual(lab))
            print(f"Mbit/s in, usual: {usual}, left: {left}")
            assert usual["transit-a"] > 5 > 1 > usual["transit-b"] and left["transit-b"] > 5 > 1 > left["transit-a"]
            out, err = lab.process.communicate()
        finally:
            lab.process.terminate()
            lab.process.wait()
        print(out)
        assert lab.process.returncode == 0, err
        check_effects(pathlib.Path(report))


main()
