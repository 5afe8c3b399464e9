#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A router's kernel against what BGP chose, on real routers: fib_test.py FAIRLEAD ROUTE_HARNESS.

      transits, AS 65001 (a) and AS 65002 (b): two BIRDs that tell of the same prefixes
              | ta     | tb                   | ta     | tb
           [ bird: BIRD, AS 64500 ]        [ frr: FRR, AS 64500 ]      harness in each: fib local
                     | tg                        | tg
                  [ guard: harness, by `fairlead agent` on both routers ]

Every way of lab.md 7.5 to make a kernel forward otherwise than BGP chose is provoked behind the
daemon's back, in both families at once, on both routers, and must be told by both eyes: the harness
on the router and the one that reads its agent. Then comes what must not be told: sessions that flap,
5,000 routes that come and go, daemons that start again, multipath, nexthop groups on and off.
"""
import atexit, json, os, pathlib, pwd, shutil, subprocess, sys, tempfile, threading, time

FAIRLEAD, HARNESS = (os.path.abspath(path) for path in sys.argv[1:3])
HERE = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-fib-"))
HANG_S, SETTLE_MS, MANY = 20, 300, 5000
FAMILIES, ROUTERS = ("ipv4", "ipv6"), ("bird", "frr")
BEGAN = time.monotonic()
NUMBER = {"bird": 1, "frr": 2}


def space(node):
    return f"flf{os.getpid()}-{node}"


def run(*words, check=True):
    result = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    assert not check or result.returncode == 0, f"{' '.join(map(str, words))}: {result.stderr}"
    return result.stdout


def inside(node, *words, **options):
    return run("ip", "netns", "exec", space(node), *words, **options)


def wait_for(what, condition):
    until = time.monotonic() + HANG_S
    while not (found := condition()):
        assert time.monotonic() < until, f"never: {what() if callable(what) else what}"
        time.sleep(0.02)
    return found


def start(node, *words, **options):
    log = open(HERE / f"{node}.log", "ab")
    options = {"stdout": log, "stderr": log, "stdin": subprocess.DEVNULL} | options
    words = ["ip", "netns", "exec", space(node), *map(str, words)]
    process = subprocess.Popen(words, **options)
    atexit.register(lambda: (process.kill(), process.wait()))
    return process


# Addresses: link ta is 10.R.1.0/24 and fd62:R:1::/64, tb 2, tg 3; R is the router's number. The router
# is .1, the other end .2. Loopbacks for the harness on the router: .5 of network 9.
def at(family, router, link, host):
    net = f"10.{60 + NUMBER[router]}.{link}" if family == "ipv4" else f"fd62:{NUMBER[router]}:{link}:"
    return f"{net}.{host}" if family == "ipv4" else f"{net}:{host}"


def prefix(family, n, more=0):
    return f"198.51.{n}.0/{24 + more}" if family == "ipv4" else f"2001:db8:{n}::/{48 + more}"


def ip(node, family, *words, **options):
    return inside(node, "ip", "-4" if family == "ipv4" else "-6", *words, **options)


def make_spaces():
    for node in (*ROUTERS, "transits", "guard"):
        run("ip", "netns", "add", space(node))
        atexit.register(run, "ip", "netns", "del", space(node), check=False)
        inside(node, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0",
               "net.ipv6.conf.default.accept_dad=0", "net.ipv4.ip_forward=1",
               "net.ipv6.conf.all.forwarding=1")  # fmt: skip
        inside(node, "ip", "link", "set", "lo", "up")
    for router in ROUTERS:
        for number, (link, other) in enumerate((("ta", "transits"), ("tb", "transits"), ("tg", "guard")), 1):
            run("ip", "link", "add", "name", link, "netns", space(router), "type", "veth", "peer", "name",
                f"{router}-{link}", "netns", space(other))  # fmt: skip
            for family, bits in ("ipv4", 24), ("ipv6", 64):
                ip(router, family, "addr", "add", f"{at(family, router, number, 1)}/{bits}", "dev", link)
                ip(other, family, "addr", "add", f"{at(family, router, number, 2)}/{bits}", "dev",
                   f"{router}-{link}")  # fmt: skip
            inside(router, "ip", "link", "set", link, "up")
            inside(other, "ip", "link", "set", f"{router}-{link}", "up")
        for host in 1, 5:
            ip(router, "ipv4", "addr", "add", f"{at('ipv4', router, 9, host)}/32", "dev", "lo")


class Bird:
    def __init__(self, node, name, text):
        self.node, self.control = node, HERE / f"{name}.ctl"
        self.config = HERE / f"{name}.conf"
        self.config.write_text(text)
        self.start()

    def start(self):
        self.process = start(self.node, "bird", "-f", "-c", self.config, "-s", self.control)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def say(self, *words):
        return run("birdc", "-s", self.control, *words)

    restart = lambda self: (self.stop(), self.start())


def transit(asn, number):
    """Prefixes 1 to 60 by one protocol, one that can go alone (61), and many that come and go."""
    text = f"router id 10.0.0.{number};\nprotocol device {{}}\n"
    for family, reach in ("ipv4", "blackhole"), ("ipv6", "blackhole"):
        short = family[-1]
        few = "".join(f" route {prefix(family, n)} {reach};" for n in range(1, 61))
        text += f"protocol static few{short} {{ {family};{few} }}\n"
        text += f"protocol static one{short} {{ {family}; route {prefix(family, 61)} {reach}; }}\n"
        many = (
            f" route 100.{64 + n // 256}.{n % 256}.0/24 {reach};" if family == "ipv4"
            else f" route 2001:db8:{0x1000 + n:x}::/48 {reach};" for n in range(MANY)
        )  # fmt: skip
        text += f"protocol static many{short} {{ disabled; {family};{''.join(many)} }}\n"
        prepend = "bgp_path.prepend(65100);" * (number - 1)
        for router in ROUTERS:
            text += (
                f"protocol bgp {router}{short} {{ local {at(family, router, number, 2)} as {asn};"
                f" neighbor {at(family, router, number, 1)} as 64500; strict bind yes; connect retry time 1;"
                f" connect delay time 1; error wait time 1,2; {family} {{ import none;"
                f" export filter {{ {prepend} accept; }}; }}; }}\n"
            )
    return Bird("transits", f"transit{number}", text)


def bird_router():
    text = f"router id {at('ipv4', 'bird', 9, 1)};\nprotocol device {{}}\n"
    text += "protocol direct { ipv4; ipv6; }\n"
    for family in FAMILIES:
        short = family[-1]
        text += (
            f"protocol kernel kernel{short} {{ persist; scan time 60;"
            f" {family} {{ import none; export where source = RTS_BGP; }}; }}\n"
        )
        for number, asn in (1, 65001), (2, 65002):
            text += (
                f"protocol bgp t{number}_{short} {{ local {at(family, 'bird', number, 1)} as 64500;"
                f" neighbor {at(family, 'bird', number, 2)} as {asn}; connect delay time 1;"
                f" connect retry time 1; error wait time 1,2;"
                f" {family} {{ import all; export none; }}; }}\n"
            )
    channels = "".join(
        f" {family} {{ import none; export where source = RTS_BGP; }};" for family in FAMILIES
    )
    for name, own, other in (
        ("eye", at("ipv4", "bird", 9, 1), at("ipv4", "bird", 9, 5)),
        ("guard", at("ipv4", "bird", 3, 1), at("ipv4", "bird", 3, 2)),
    ):
        text += (
            f"protocol bgp {name} {{ local {own} as 64500; neighbor {other} as 64500; multihop;"
            f" passive; hold time 9; error wait time 1,2; {channels} }}\n"
        )
    return Bird("bird", "bird", text)


class Frr:
    def __init__(self):
        own = pwd.getpwnam("frr")
        self.home = HERE / "frr"
        self.home.mkdir()
        os.chown(self.home, own.pw_uid, own.pw_gid)
        HERE.chmod(0o755)
        text = f"router bgp 64500\n bgp router-id {at('ipv4', 'frr', 9, 1)}\n"
        text += " no bgp ebgp-requires-policy\n no bgp default ipv4-unicast\n"
        text += " bgp bestpath as-path multipath-relax\n"
        families = {family: "" for family in FAMILIES}
        for family in FAMILIES:
            for number, asn in (1, 65001), (2, 65002):
                other = at(family, "frr", number, 2)
                text += f" neighbor {other} remote-as {asn}\n neighbor {other} timers connect 1\n"
                families[family] += f"  neighbor {other} activate\n"
        for other in at("ipv4", "frr", 9, 5), at("ipv4", "frr", 3, 2):
            text += f" neighbor {other} remote-as 64500\n neighbor {other} passive\n"
            text += f" neighbor {other} timers 3 9\n neighbor {other} timers connect 1\n"
            for family in FAMILIES:
                families[family] += f"  neighbor {other} activate\n"
        text += f" neighbor {at('ipv4', 'frr', 9, 5)} update-source {at('ipv4', 'frr', 9, 1)}\n"
        for family, lines in families.items():
            text += f" address-family {family} unicast\n{lines} exit-address-family\n"
        for name, content in ("zebra", ""), ("bgpd", text):
            (self.home / f"{name}.conf").write_text(content)
            (self.home / f"{name}.conf").chmod(0o644)
        self.start()

    def start(self):
        self.daemons = {}
        for name in "zebra", "bgpd":
            self.daemons[name] = start(
                "frr", f"/usr/lib/frr/{name}", "-f", self.home / f"{name}.conf", "-i",
                self.home / f"{name}.pid", "-z", self.home / "zserv.api", "--vty_socket", self.home,
                "-A", "127.0.0.1", "-P", "0",
            )  # fmt: skip
            if name == "zebra":
                wait_for("zebra", (self.home / "zserv.api").exists)

    def stop(self):
        for daemon in self.daemons.values():
            daemon.terminate()
            daemon.wait()
        (self.home / "zserv.api").unlink(missing_ok=True)

    restart = lambda self: (self.stop(), self.start())

    def say(self, *commands):
        words = [word for command in commands for word in ("-c", command)]
        return run("vtysh", "--vty_socket", self.home, *words)


class Eye:
    """A harness, and what it told: a list of (name, raised, router, family or subject, event)."""

    def __init__(self, node, routers):
        self.name, self.events, self.lock = node, [], threading.Lock()
        config = HERE / f"eye-{node}.yaml"
        config.write_text(self.configure(node, routers))
        self.process = start(node, HARNESS, config, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()

    @staticmethod
    def configure(node, routers):
        is_guard = node == "guard"
        text = "site: lab\nbgp: {as: 64500, router_id: 10.99.0.%d}\nrouters:\n" % (
            9 if is_guard else NUMBER[node]
        )
        for router in routers:
            link, own, other = (3, 2, 1) if is_guard else (9, 5, 1)
            source = f"agent {at('ipv4', router, 3, 1)}:8471" if is_guard else "local"
            text += f"  - name: {router}\n    address: {at('ipv4', router, link, other)}\n"
            text += f"    local_address: {at('ipv4', router, link, own)}\n"
            text += "    families: [ipv4, ipv6]\n"
            text += f"    fib: {{from: '{source}', settle_ms: {SETTLE_MS}, md5_key: '{'key' * is_guard}'}}\n"
        text += "upstreams:\n"
        for router in routers:
            for number, link in (1, "a"), (2, "b"):
                hops = ", ".join(f'"{at(family, router, number, 2)}"' for family in FAMILIES)
                text += f"  - {{name: {router}-{link}, router: {router}, next_hop: [{hops}],"
                text += f" probe: {{mark: {NUMBER[router] * 10 + number}}}}}\n"
        text += "targets:\n"
        for n in 1, 2:
            text += f"  - {{name: t{n}, address: [198.51.{n}.1, '2001:db8:{n}::1'], ours: true}}\n"
        return text + "steer: {marker: '64500:666:1'}\nweb: ''\n"

    def read(self):
        for line in self.process.stdout:
            event = json.loads(line) | {"heard": time.monotonic()}
            with self.lock:
                self.events.append(event)

    def notices(self, since=0):
        with self.lock:
            return [e for e in self.events[since:] if e.get("event") == "notice"
                    and e["notice"].startswith("fib_")]  # fmt: skip

    def mark(self):
        with self.lock:
            return len(self.events)

    def count(self, wanted):
        with self.lock:
            return sum(1 for event in self.events if wanted(event))


def say_notice(e):
    return f"{'+' if e['raised'] else '-'}{e['notice'][4:]} {e.get('prefix') or e.get('peer')}"


class Lab:
    def __init__(self):
        make_spaces()
        self.transits = [transit(65001, 1), transit(65002, 2)]
        self.daemons = {"bird": bird_router(), "frr": Frr()}
        (HERE / "key").write_text("key\n")
        for router in ROUTERS:
            start(router, FAIRLEAD, "agent", "--listen", f"{at('ipv4', router, 3, 1)}:8471",
                  "--allow", at("ipv4", router, 3, 2), "--md5-key-file", HERE / "key")  # fmt: skip
        self.eyes = [Eye("bird", ["bird"]), Eye("frr", ["frr"]), Eye("guard", ROUTERS)]
        self.eyes_of = {r: [e for e in self.eyes if e.name in (r, "guard")] for r in ROUTERS}
        self.slowest = 0.0

    def all_by(self, link, count=60):
        return all(
            ip(router, family, "route", "show", "dev", link).count("via") >= count
            for router in ROUTERS for family in FAMILIES
        )  # fmt: skip

    def settle(self):
        wait_for("all prefixes by transit a", lambda: self.all_by("ta"))

    def told(self, router, marks):
        return {eye.name: [say_notice(e) for e in eye.notices(marks[eye.name]) if e["router"] == router]
                for eye in self.eyes_of[router]}  # fmt: skip

    def marks(self):
        return {eye.name: eye.mark() for eye in self.eyes}

    def expect(self, name, expected, act):
        """Acts, and waits until each eye has told just that: {router: [notice, ...]}, in any order."""
        marks, began = self.marks(), time.monotonic()
        act()
        done = time.monotonic()
        for router, notices in expected.items():
            wait_for(
                lambda: f"{name} on {router}: expected {notices}, told {self.told(router, marks)}",
                lambda: all(sorted(told) == sorted(notices) for told in self.told(router, marks).values()),
            )
        times = [e["heard"] - done for eye in self.eyes for e in eye.notices(marks[eye.name])]
        slow = max(times, default=0.0)
        self.slowest = max(self.slowest, slow)
        print(f"ok: {name}: told by every eye at most {slow:.2f} s after {done - began:.2f} s of doing it ({time.monotonic() - BEGAN:.1f} s)")

    def quiet(self, name, act):
        marks = self.marks()
        act()
        time.sleep(2.5 * SETTLE_MS / 1000)
        for router in ROUTERS:
            told = self.told(router, marks)
            assert not any(told.values()), f"{name} on {router}: told {told}"
        print(f"ok: {name}: nothing told ({time.monotonic() - BEGAN:.1f} s)")


def both(form, *prefixes):
    """{form} with the prefix of either family."""
    return [form.format(*(prefix(f, *((n,) if isinstance(n, int) else n)) for n in prefixes))
            for f in FAMILIES]  # fmt: skip


def each(act, routers=ROUTERS):
    for router in routers:
        for family in FAMILIES:
            act(router, family)


def faults(lab):
    saved = {}

    def save(router, family, n):
        saved[router, family, n] = ip(router, family, "route", "show", prefix(family, n)).split()

    def restore(router, family, n):
        words = [w for w in saved[router, family, n] if w not in ("linkdown", "pref", "medium")]
        if "nhid" in words:  # the rest is only a copy of what the object says
            at_id = words.index("nhid")
            keep = words[words.index("proto") :]
            words = [words[0], *words[at_id : at_id + 2], *keep]
        ip(router, family, "route", "replace", *words)

    def back(notice, n):
        lab.expect(f"{notice} mended", {r: both(f"-{notice} {{}}", n) for r in ROUTERS},
                   lambda: each(lambda r, f: restore(r, f, n)))  # fmt: skip

    for n in range(1, 10):
        each(lambda r, f: save(r, f, n))

    # FRR puts it back within 10 ms, which is told as well; BIRD at its next scan, a minute away.
    lab.expect(
        "route deleted",
        {"bird": both("+missing {}", 1), "frr": both("+missing {}", 1) + both("-missing {}", 1)},
        lambda: each(lambda r, f: ip(r, f, "route", "del", prefix(f, 1))),
    )
    lab.expect("missing mended", {"bird": both("-missing {}", 1)},
               lambda: each(lambda r, f: restore(r, f, 1), ["bird"]))  # fmt: skip

    def wrong_hop(r, f):
        how = saved[r, f, 2]
        ip(r, f, "route", "replace", prefix(f, 2), "via", at(f, r, 2, 2), "proto",
           how[how.index("proto") + 1], "metric", how[how.index("metric") + 1])  # fmt: skip

    lab.expect("another next hop", {r: both("+next_hop {}", 2) for r in ROUTERS}, lambda: each(wrong_hop))
    back("next_hop", 2)

    for n, kind in (3, "blackhole"), (4, "unreachable"), (5, "prohibit"):
        def discard(r, f):
            how = saved[r, f, n]
            ip(r, f, "route", "replace", kind, prefix(f, n), "proto", how[how.index("proto") + 1],
               "metric", how[how.index("metric") + 1])  # fmt: skip

        lab.expect(f"{kind} of the same protocol and metric",
                   {r: both("+blackhole {}", n) for r in ROUTERS}, lambda: each(discard))  # fmt: skip
        back("blackhole", n)

    def alien(r, f, *words):
        ip(r, f, "route", words[0], words[1], "via", at(f, r, 2, 2), *words[2:])

    lab.expect("a route of lower metric", {r: both("+alien {}", 6) for r in ROUTERS},
               lambda: each(lambda r, f: alien(r, f, "add", prefix(f, 6), "metric", "5")))  # fmt: skip
    lab.expect("alien gone", {r: both("-alien {}", 6) for r in ROUTERS},
               lambda: each(lambda r, f: ip(r, f, "route", "del", prefix(f, 6), "metric", "5")))  # fmt: skip
    lab.expect("a more-specific route", {r: both("+more_specific {}", (7, 1)) for r in ROUTERS},
               lambda: each(lambda r, f: alien(r, f, "add", prefix(f, 7, 1))))  # fmt: skip
    lab.expect("more-specific gone", {r: both("-more_specific {}", (7, 1)) for r in ROUTERS},
               lambda: each(lambda r, f: ip(r, f, "route", "del", prefix(f, 7, 1))))  # fmt: skip

    def rule(r, f):
        ip(r, f, "route", "add", "blackhole", "default", "table", "99")
        ip(r, f, "rule", "add", "pref", "100", "to", prefix(f, 8), "lookup", "99")

    lab.expect("a rule and another table",
               {r: [f"+rule {r} rule 100 {f}" for f in FAMILIES] for r in ROUTERS},
               lambda: each(rule))  # fmt: skip
    lab.expect("rule gone", {r: [f"-rule {r} rule 100 {f}" for f in FAMILIES] for r in ROUTERS},
               lambda: each(lambda r, f: ip(r, f, "rule", "del", "pref", "100")))  # fmt: skip

    def wrong_mac(r, f):
        ip(r, f, "neigh", "replace", at(f, r, 1, 2), "lladdr", "02:de:ad:be:ef:01", "dev", "ta", "nud",
           "permanent")  # fmt: skip

    gateways = {r: [f"{r} {at(f, r, 1, 2)} ta" for f in FAMILIES] for r in ROUTERS}
    lab.expect("a wrong neighbour entry",
               {r: [f"+neighbour {g}" for g in gateways[r]] for r in ROUTERS},
               lambda: each(wrong_mac))  # fmt: skip
    lab.expect("neighbour right again",
               {r: [f"-neighbour {g}" for g in gateways[r]] for r in ROUTERS},
               lambda: each(lambda r, f: ip(r, f, "neigh", "del", at(f, r, 1, 2), "dev", "ta")))  # fmt: skip


def stale(lab):
    bird, frr = lab.daemons["bird"], lab.daemons["frr"]

    def withdraw():
        bird.say("disable", "kernel4"), bird.say("disable", "kernel6")
        frr.daemons["zebra"].send_signal(19)
        for t in lab.transits:
            t.say("disable", "one4"), t.say("disable", "one6")

    def go_on():
        bird.say("enable", "kernel4"), bird.say("enable", "kernel6")
        frr.daemons["zebra"].send_signal(18)

    lab.expect("withdrawn, but not by the kernel", {r: both("+stale {}", 61) for r in ROUTERS}, withdraw)
    lab.expect("stale gone", {r: both("-stale {}", 61) for r in ROUTERS}, go_on)


def nexthop_object(lab):
    """FRR's own kind: the object of transit a is deleted, and the kernel drops its routes with it: of
    IPv4 silently, so that they stay away; those of IPv6 FRR puts back at once, which is told too."""
    frr = lab.daemons["frr"]
    ids = {f: ip("frr", f, "route", "show", prefix(f, 9)).split("nhid ")[1].split()[0] for f in FAMILIES}
    lab.expect("nexthop objects deleted",
               {"frr": [f"+nexthop_gone frr nexthop {i}" for i in ids.values()]
                       + [f"-nexthop_gone frr nexthop {ids['ipv6']}"]},
               lambda: [inside("frr", "ip", "nexthop", "del", "id", i) for i in ids.values()])  # fmt: skip
    lab.quiet("dumps that no longer have the routes", lambda: time.sleep(0.6))
    assert not ip("frr", "ipv4", "route", "show", prefix("ipv4", 9)), "FRR puts the routes back?"
    marks = lab.marks()
    frr.say(f"clear bgp {at('ipv4', 'frr', 1, 2)}")
    wanted = [f"-nexthop_gone frr nexthop {ids['ipv4']}"]
    wait_for(lambda: f"nexthops back, told {lab.told('frr', marks)}",
             lambda: all(sorted(t) == wanted for t in lab.told("frr", marks).values()))  # fmt: skip
    lab.settle()
    print("ok: nexthop objects are back, with their routes")


def harmless(lab):
    a, b = lab.transits
    bird, frr = lab.daemons["bird"], lab.daemons["frr"]
    sessions = [f"{router}{f[-1]}" for router in ROUTERS for f in FAMILIES]

    def flap():
        for session in sessions:
            a.say("disable", session)
        wait_for("all by transit b", lambda: lab.all_by("tb"))
        for session in sessions:
            a.say("enable", session)
        lab.settle()

    def churn():
        a.say("enable", "many4"), a.say("enable", "many6")
        wait_for("many routes", lambda: lab.all_by("ta", MANY))
        a.say("disable", "many4"), a.say("disable", "many6")
        wait_for("few routes", lambda: not lab.all_by("ta", 100))

    def restart():
        complete = lambda e: e.get("state") == "complete"
        before = [eye.count(complete) for eye in lab.eyes]
        bird.restart(), frr.restart()
        wait_for("sessions again", lambda: all(
            eye.count(complete) >= n + 2 * len(ROUTERS if eye.name == "guard" else [0])
            for eye, n in zip(lab.eyes, before)))  # fmt: skip
        lab.settle()

    def groups():
        for word in "no zebra nexthop kernel enable", "zebra nexthop kernel enable":
            frr.say("configure terminal", word)
            for family in FAMILIES:  # installed anew, by another kind of route
                frr.say(f"clear bgp {at(family, 'frr', 1, 2)}")
            lab.settle()

    def set_paths(number):
        for family in FAMILIES:
            frr.say("configure terminal", "router bgp 64500", f"address-family {family} unicast",
                    f"maximum-paths {number}")  # fmt: skip

    def multipath():
        set_paths(2)
        text = b.config.read_text()
        b.config.write_text(text.replace("bgp_path.prepend(65100);", ""))
        b.say("configure")
        is_there = lambda r, f: ip(r, f, "route", "show", prefix(f, 9)).count("nexthop via") == 2
        wait_for("two next hops", lambda: all(is_there("frr", f) for f in FAMILIES))
        b.say("disable", '"frr*"')
        wait_for("one next hop", lambda: not any(is_there("frr", f) for f in FAMILIES))
        b.say("enable", '"frr*"')
        wait_for("two next hops again", lambda: all(is_there("frr", f) for f in FAMILIES))
        b.config.write_text(text)
        b.say("configure")
        set_paths(1)
        lab.settle()

    lab.quiet("sessions flap", flap)
    lab.quiet(f"{MANY} routes of each family come and go", churn)
    lab.quiet("nexthop groups off and on", groups)
    lab.quiet("multipath comes and goes", multipath)
    lab.quiet("BIRD and FRR start again", restart)


def main():
    if os.geteuid() != 0:
        print("skipped: namespaces need root")
        return 77
    atexit.register(shutil.rmtree, HERE, ignore_errors=True)
    began = time.monotonic()
    lab = Lab()
    lab.settle()
    complete = lambda e: e.get("state") == "complete"
    wait_for("complete tables", lambda: all(eye.count(complete) >= 2 for eye in lab.eyes))
    lab.quiet("all well", lambda: None)
    faults(lab)
    nexthop_object(lab)
    stale(lab)
    harmless(lab)
    print(f"ok: all in {time.monotonic() - began:.1f} s; the slowest finding came after {lab.slowest:.2f} s")
    return 0


sys.exit(main())
