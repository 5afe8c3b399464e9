#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Fairlead's BGP speaker against BIRD 2, FRR, OpenBGPD and GoBGP, each in a namespace of its own.

                      one LAN: 198.51.100.0/24, 2001:db8:0:1::/64
      .5 harness    .11 bird    .12 frr    .13 openbgpd    .14 gobgp    .21 .22 transits (BIRD)
         AS 64500, iBGP to each; BIRD's over IPv6; MD5 with BIRD and FRR     AS 65001, AS 65002

The transits announce 203.0.113.0/24 and 2001:db8:f::/48 to all four. The harness is the route role
alone: this test is its engine. Usage: speaker_test.py ROUTE_HARNESS
"""
import fcntl, json, os, pathlib, pwd, re, shutil, signal, subprocess, sys, tempfile, threading, time

V4, V6 = "203.0.113.0/24", "2001:db8:f::/48"
ROUTERS = {"bird": 11, "frr": 12, "openbgpd": 13, "gobgp": 14}
HOLD_S = 9  # what Fairlead said is gone this long, and a second, after it dies
SKIP = 77


def v4(host):
    return f"198.51.100.{host}"


def v6(host):
    return f"2001:db8:0:1::{host}"


def wait_for(what, condition, seconds):
    """Polls until the condition holds and gives its value and the time it took."""
    start = time.monotonic()
    while not (value := condition()):
        if time.monotonic() - start > seconds:
            sys.exit(f"FAIL: waited {seconds} s for {what}")
        time.sleep(0.05)
    return value, time.monotonic() - start


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, **options)


class Lab:
    """Namespaces on one bridge, the daemons in them; everything is gone after close()."""

    def __init__(self):
        self.id = f"fls{os.getpid()}"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-speaker-"))
        self.dir.chmod(0o755)
        self.daemons = []
        self.made_run_dir = False

    def must(self, *words):
        if (result := run(*words)).returncode:
            sys.exit(f"FAIL: {' '.join(words)}: {result.stderr.strip()}")

    def add_switch(self):
        self.must("ip", "netns", "add", self.name("sw"))
        self.inside("sw", "ip", "link", "add", "lan", "type", "bridge")
        self.inside("sw", "ip", "link", "set", "lan", "up")

    def name(self, node):
        return f"{self.id}-{node}"

    def inside(self, node, *words):
        self.must("ip", "netns", "exec", self.name(node), *words)

    def add_node(self, node, *hosts):
        space = self.name(node)
        self.must("ip", "netns", "add", space)
        self.must("ip", "link", "add", "eth0", "netns", space, "type", "veth", "peer", "name", node,
                  "netns", self.name("sw"))  # fmt: skip
        self.inside("sw", "ip", "link", "set", node, "master", "lan", "up")
        self.inside(node, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0",
                    "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.eth0.accept_dad=0",
                    "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")  # fmt: skip
        self.inside(node, "ip", "link", "set", "lo", "up")
        self.inside(node, "ip", "link", "set", "eth0", "up")
        for host in hosts:
            self.inside(node, "ip", "addr", "add", f"{v4(host)}/24", "dev", "eth0")
            self.inside(node, "ip", "addr", "add", f"{v6(host)}/64", "dev", "eth0", "nodad")

    def file(self, name, text, mode=0o600):
        path = self.dir / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def start(self, node, *words, **options):
        log = open(self.dir / f"{node}.log", "ab")
        options = {"stdout": log, "stderr": log, "stdin": subprocess.DEVNULL} | options
        daemon = subprocess.Popen(("ip", "netns", "exec", self.name(node)) + words, **options)
        self.daemons.append(daemon)
        return daemon

    def close(self):
        for daemon in self.daemons:
            daemon.kill()
            daemon.wait()
        for node in ("sw", "guard", "transits", *ROUTERS):
            for pid in run("ip", "netns", "pids", self.name(node)).stdout.split():
                os.kill(int(pid), signal.SIGKILL)
            run("ip", "netns", "del", self.name(node))
        if self.made_run_dir:
            shutil.rmtree("/run/openbgpd", ignore_errors=True)
        shutil.rmtree(self.dir, ignore_errors=True)


def start_transit(lab, host, asn):
    """One BIRD for each, in one namespace: what differs is the address and the AS they speak from."""
    text = f"router id {v4(host)};\nprotocol device {{}}\n"
    text += f"protocol static s4 {{ ipv4; route {V4} blackhole; }}\n"
    text += f"protocol static s6 {{ ipv6; route {V6} blackhole; }}\n"
    # transit-b's path is longer: the routers take transit-a of their own accord
    prepend = "bgp_path.prepend(65100);" * (asn - 65000)
    for router, at in ROUTERS.items():
        for family, address in ("ipv4", v4), ("ipv6", v6):
            text += (
                f"protocol bgp {router}_{family} {{ local {address(host)} as {asn};"
                f" neighbor {address(at)} as 64500; strict bind yes; connect retry time 1;"
                f" connect delay time 1; error wait time 1,2;"
                f" {family} {{ import none; export filter {{ {prepend} accept; }}; }}; }}\n"
            )
    config = lab.file(f"transit{asn}.conf", text)
    lab.start("transits", "bird", "-f", "-c", config, "-s", str(lab.dir / f"transit{asn}.ctl"))


def start_bird(lab):
    text = f"router id {v4(11)};\nprotocol device {{}}\nprotocol direct {{ ipv4; ipv6; }}\n"
    for asn, host in (65001, 21), (65002, 22):
        for family, address in ("ipv4", v4), ("ipv6", v6):
            text += (
                f"protocol bgp t{asn}_{family} {{ local {address(11)} as 64500;"
                f" neighbor {address(host)} as {asn}; connect delay time 1;"
                f" {family} {{ import all; export none; }}; }}\n"
            )
    channel = "{ add paths tx; import all; export where source = RTS_BGP; };"
    text += (
        f"protocol bgp GUARD {{ local {v6(11)} as 64500; neighbor {v6(5)} as 64500; hold time 9;"
        f' password "a-key"; error wait time 1,4; ipv4 {channel} ipv6 {channel} }}\n'
    )
    config, control = lab.file("bird.conf", text), str(lab.dir / "bird.ctl")
    lab.start("bird", "bird", "-f", "-c", config, "-s", control)


def bird_routes(lab, prefix):
    """What stands as learned from us, one dictionary a route."""
    control = str(lab.dir / "bird.ctl")
    text = run("birdc", "-r", "-s", control, "show", "route", "for", prefix, "protocol", "GUARD",
               "all").stdout  # fmt: skip
    if "BGP.next_hop" not in text:
        return []
    fields = dict(
        line.strip().removeprefix("BGP.").split(": ", 1) for line in text.splitlines() if ": " in line
    )
    return [{
        "next_hop": fields["next_hop"].split()[0], "as_path": fields["as_path"],
        "local_pref": int(fields["local_pref"]), "no_export": "(65535,65281)" in fields["community"],
        "marker": fields["large_community"] == "(64500, 666, 1)", "best": " * (" in text,
    }]  # fmt: skip


def start_frr(lab):
    own = pwd.getpwnam("frr")
    home = lab.dir / "frr"
    home.mkdir()
    os.chown(home, own.pw_uid, own.pw_gid)
    activate = {"ipv4": "", "ipv6": ""}
    text = f"router bgp 64500\n bgp router-id {v4(12)}\n no bgp ebgp-requires-policy\n"
    text += " no bgp default ipv4-unicast\n no bgp network import-check\n"
    for host, asn in (21, 65001), (22, 65002):
        for family, address in ("ipv4", v4), ("ipv6", v6):
            text += f" neighbor {address(host)} remote-as {asn}\n"
            text += f" neighbor {address(host)} timers connect 1\n"
            activate[family] += f"  neighbor {address(host)} activate\n"
    text += f" neighbor {v4(5)} remote-as 64500\n neighbor {v4(5)} timers 3 9\n"
    text += f" neighbor {v4(5)} password a-key\n neighbor {v4(5)} timers connect 1\n"
    for family, lines in activate.items():
        text += f" address-family {family} unicast\n{lines}  neighbor {v4(5)} activate\n"
        text += f"  neighbor {v4(5)} addpath-tx-all-paths\n exit-address-family\n"
    for name, content in ("zebra.conf", ""), ("bgpd.conf", text):
        lab.file(f"frr/{name}", content, 0o644)
    for daemon in "zebra", "bgpd":
        lab.start("frr", f"/usr/lib/frr/{daemon}", "-f", f"{home}/{daemon}.conf", "-i",
                  f"{home}/{daemon}.pid", "-z", f"{home}/zserv.api", "--vty_socket", str(home), "-A",
                  "127.0.0.1", "-P", "0", "--log", "stdout")  # fmt: skip
        if daemon == "zebra":
            wait_for("zebra", (home / "zserv.api").exists, 5)


def frr_routes(lab, prefix):
    family = "ipv6" if ":" in prefix else "ipv4"
    text = run("vtysh", "--vty_socket", str(lab.dir / "frr"), "-c",
               f"show bgp {family} unicast {prefix} json").stdout  # fmt: skip
    paths = json.loads(text or "{}").get("paths", [])
    return [{
        "next_hop": path["nexthops"][0]["ip"], "as_path": path["aspath"]["string"],
        "local_pref": path["locPrf"], "no_export": "noExport" in path["community"]["list"],
        "marker": path["largeCommunity"]["string"] == "64500:666:1",
        "best": path.get("bestpath", {}).get("overall", False),
    } for path in paths if path["peer"]["peerId"] == v4(5)]  # fmt: skip


def start_openbgpd(lab):
    chroot = pathlib.Path("/run/openbgpd")  # compiled in
    lab.made_run_dir = not chroot.exists()
    chroot.mkdir(exist_ok=True)
    text = f"AS 64500\nrouter-id {v4(13)}\nfib-update no\nsocket \"{lab.dir}/bgpd.sock\"\n"
    text += f"listen on {v4(13)}\nlisten on {v6(13)}\n"
    for asn, host in (65001, 21), (65002, 22):
        for family, address in ("IPv4", v4), ("IPv6", v6):
            text += f"neighbor {address(host)} {{\n remote-as {asn}\n local-address {address(13)}\n"
            text += f" announce {family} unicast\n}}\n"
    text += f"neighbor {v4(5)} {{\n remote-as 64500\n local-address {v4(13)}\n holdtime 9\n"
    text += " announce IPv4 unicast\n announce IPv6 unicast\n announce add-path send all\n}\n"
    text += "allow from any\nallow to ibgp\n"
    lab.start("openbgpd", "/usr/sbin/bgpd", "-d", "-f", lab.file("bgpd.conf", text))


def openbgpd_routes(lab, prefix):
    text = run("ip", "netns", "exec", lab.name("openbgpd"), "bgpctl", "-s", f"{lab.dir}/bgpd.sock",
               "-j", "show", "rib", "detail", prefix).stdout  # fmt: skip
    routes = json.loads(text or "{}").get("rib", [])
    return [{
        "next_hop": route["exit_nexthop"], "as_path": route["aspath"],
        "local_pref": route["localpref"],
        "no_export": "NO_EXPORT" in str(route.get("communities", "")),
        "marker": "64500:666:1" in str(route.get("large_communities", "")),
        "best": route.get("best", False),
    } for route in routes if route["neighbor"]["remote_addr"] == v4(5)]  # fmt: skip


def start_gobgp(lab):
    def neighbor(address, asn, families, extra=""):
        text = f'[[neighbors]]\n[neighbors.config]\nneighbor-address = "{address}"\npeer-as = {asn}\n'
        text += "[neighbors.timers.config]\nconnect-retry = 1\nidle-hold-time-after-reset = 1\n"
        text += "hold-time = 9\nkeepalive-interval = 3\n"
        for family in families:
            text += "[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\n"
            text += f'afi-safi-name = "{family}-unicast"\n{extra}'
        return text

    text = f'[global.config]\nas = 64500\nrouter-id = "{v4(14)}"\n'
    for asn, host in (65001, 21), (65002, 22):
        text += neighbor(v4(host), asn, ["ipv4"]) + neighbor(v6(host), asn, ["ipv6"])
    send = "[neighbors.afi-safis.add-paths.config]\nsend-max = 8\n"
    text += neighbor(v4(5), 64500, ["ipv4", "ipv6"], send)
    config = lab.file("gobgpd.toml", text)
    lab.start("gobgp", "gobgpd", "-f", config, "--api-hosts", "127.0.0.1:50051")


def gobgp_routes(lab, prefix):
    family = "ipv6" if ":" in prefix else "ipv4"
    text = run("ip", "netns", "exec", lab.name("gobgp"), "gobgp", "-j", "global", "rib", "-a", family,
               prefix).stdout  # fmt: skip
    try:
        paths = [path for paths in json.loads(text).values() for path in paths]
    except json.JSONDecodeError:
        return []
    routes = []
    for path in paths:
        attrs = {attr["type"]: attr for attr in path["attrs"]}
        if path.get("source-id") != v4(5):
            continue
        hop = attrs[3]["nexthop"] if 3 in attrs else attrs[14]["nexthop"]
        routes.append({
            "next_hop": hop,
            "as_path": " ".join(str(n) for part in attrs[2]["as_paths"] for n in part["asns"]),
            "local_pref": attrs[5]["value"], "no_export": 0xFFFFFF01 in attrs[8]["communities"],
            "marker": attrs[32]["value"] == [{"ASN": 64500, "LocalData1": 666, "LocalData2": 1}],
            "best": path.get("best", False),
        })  # fmt: skip
    return routes


DAEMONS = {
    "bird": (start_bird, bird_routes),
    "frr": (start_frr, frr_routes),
    "openbgpd": (start_openbgpd, openbgpd_routes),
    "gobgp": (start_gobgp, gobgp_routes),
}


EXPECTED = {(r, u, p) for r in ROUTERS for u in ("transit-a", "transit-b") for p in (V4, V6)}


def fairlead_config(key):
    keyed = {"bird": key, "frr": key}
    routers = "".join(
        f"""
  - name: {name}
    address: "{v6(host) if name == "bird" else v4(host)}"
    local_address: "{v6(5) if name == "bird" else v4(5)}"
    md5_key: "{keyed.get(name, "")}"
    families: [ipv4, ipv6]"""
        for name, host in ROUTERS.items()
    )
    return f"""
site: lab1
mode: act
audit: /run/speaker-audit
bgp: {{as: 64500, router_id: {v4(5)}, listen: ["{v4(5)}", "{v6(5)}"]}}
routers: {routers}
upstreams:
  - {{name: transit-a, router: bird, next_hop: ["{v4(21)}", "{v6(21)}"],
     probe: {{source: ["{v4(5)}", "{v6(5)}"], mark: 1}}}}
  - {{name: transit-b, router: frr, next_hop: ["{v4(22)}", "{v6(22)}"],
     probe: {{source: ["{v4(5)}", "{v6(5)}"], mark: 2}}}}
targets:
  - {{name: one, address: [203.0.113.1, "2001:db8:f::1"], protocol: icmp, ours: true, flows: 1}}
  - {{name: two, address: [203.0.113.2, "2001:db8:f::2"], protocol: icmp, ours: true, flows: 1}}
probe:
  as_routed: {{source: ["{v4(5)}", "{v6(5)}"]}}
steer:
  capacity: ignore
  prefixes: ["{V4}", "{V6}"]
  local_pref: 500
  marker: 64500:666:1
  quiet_start_s: 1
  lease_s: 3
limits:
  protected_prefixes: [198.51.100.0/24]
  allowed_bogons: ["{V4}", "{V6}"]
"""


class Fairlead:
    """The harness, and this test as its engine."""

    config = staticmethod(fairlead_config)

    def __init__(self, lab, harness, key="a-key"):
        config = lab.file("fairlead.yaml", self.config(key))
        self.process = lab.start("guard", harness, config, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)  # fmt: skip
        fcntl.fcntl(self.process.stdout, fcntl.F_SETFL, os.O_NONBLOCK)
        self.partial, self.events, self.lock = b"", [], threading.Lock()
        threading.Thread(target=self.lease, daemon=True).start()
        self.role = self.wait("the role", lambda e: e.get("role_pid"), 5)[0]["role_pid"]

    def say(self, effect, **fields):
        with self.lock:
            line = json.dumps({"effect": effect, "at_ns": time.monotonic_ns()} | fields)
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    def lease(self):
        try:
            while self.process.poll() is None:
                self.say("lease")
                time.sleep(0.5)
        except (OSError, ValueError):
            pass  # it has gone, or was told to

    def turn(self):
        self.partial += self.process.stdout.read() or b""
        *lines, self.partial = self.partial.split(b"\n")
        self.events += [json.loads(line) for line in lines]

    def wait(self, what, wanted, seconds, count=1):
        """The events that are wanted, once there are so many."""

        def there():
            self.turn()
            found = [event for event in self.events if wanted(event)]
            return found if len(found) >= count else None

        return wait_for(what, there, seconds)[0]

    def learned(self):
        """What is present now, as the events tell."""
        routes = {(e["router"], e["upstream"], e["prefix"]): e["present"]
                  for e in self.events if e.get("event") == "route"}  # fmt: skip
        return {route for route, present in routes.items() if present}

    def order(self, effect, router, prefix):
        self.say(effect, router=router, upstream="transit-b", prefix=prefix, incident=1)

    def move_all(self):
        self.wait("eight complete tables", lambda e: e.get("state") == "complete", 15, 8)
        self.wait("all routes", lambda e: self.learned() == EXPECTED, 20)
        time.sleep(1.2)  # quiet_start_s
        # As the engine orders: first where the upstream is, or packets would circle (S13).
        for router in sorted(ROUTERS, key=lambda name: name != "frr"):
            for prefix in V4, V6:
                self.order("announce", router, prefix)
        overrides = self.wait("eight answers", lambda e: e.get("event") == "override", 5, 8)
        refused = [e for e in overrides if e["state"] != "announced"]
        if refused:
            sys.exit(f"FAIL: refused: {refused}")


def standing(lab):
    """The routes of ours that stand, as {(router, prefix): [route]}, without the empty ones."""
    found = {(r, p): DAEMONS[r][1](lab, p) for r in ROUTERS for p in (V4, V6)}
    return {place: routes for place, routes in found.items() if routes}


def all_moved(lab):
    expected = {"as_path": "65002 65100 65100", "local_pref": 500, "no_export": True,
                "marker": True, "best": True}  # fmt: skip
    found = standing(lab)
    for router in ROUTERS:
        for prefix, hop in (V4, v4(22)), (V6, v6(22)):
            routes = found.get((router, prefix), [])
            if len(routes) != 1 or routes[0] != expected | {"next_hop": hop}:
                return None
    return found


def check_all_moved(lab, what):
    try:
        return wait_for(what, lambda: all_moved(lab), 8)[1]
    except SystemExit:
        print(json.dumps({f"{r} {p}": v for (r, p), v in standing(lab).items()}, indent=1))
        raise


def birdc(lab, *words):
    return run("birdc", "-s", str(lab.dir / "bird.ctl"), *words).stdout


def heard_by_bird(lab):
    """UPDATEs that BIRD has had from us, both families."""
    text = birdc(lab, "show", "protocols", "all", "GUARD")
    return [int(n) for n in re.findall(r"Import updates:\s+(\d+)", text)]


def check_refreshes(lab, fairlead):
    """RFC 7313 both ways: BIRD says all again between marks, and asks us for the same."""
    known = fairlead.learned()
    birdc(lab, "reload", "out", "GUARD")
    log = lab.dir / "guard.log"
    done = [f'event=refresh router=bird family={family} is="done"' for family in ("ipv4", "ipv6")]
    wait_for("BIRD's refresh", lambda: all(line in log.read_text() for line in done), 5)
    fairlead.turn()
    if fairlead.learned() != known:
        sys.exit(f"FAIL: a refresh changed what is known: {known ^ fairlead.learned()}")
    before = heard_by_bird(lab)
    birdc(lab, "reload", "in", "GUARD")
    again = lambda: all(now > then for now, then in zip(heard_by_bird(lab), before))
    wait_for("what BIRD asked for again", again, 5)
    run("vtysh", "--vty_socket", str(lab.dir / "frr"), "-c", f"clear bgp {v4(5)} soft in")
    check_all_moved(lab, "what stands after a refresh")


def test(lab, harness):
    fairlead = Fairlead(lab, harness)
    fairlead.wait("four sessions", lambda e: e.get("state") == "up", 20, len(ROUTERS))
    fairlead.move_all()
    print("ok: four sessions, both paths of both families learned from each by ADD-PATH")
    print(f"ok: overrides are the best routes, to the letter, {check_all_moved(lab, 'moves'):.2f} s")

    check_refreshes(lab, fairlead)
    print("ok: refreshed both ways, and nothing has changed")

    for router in ROUTERS:
        fairlead.order("withdraw", router, V4)
    wait_for("the IPv4 withdrawals", lambda: not any(V4 in place for place in standing(lab)), 5)
    if len(standing(lab)) != len(ROUTERS):
        sys.exit(f"FAIL: only IPv4 was to go: {standing(lab).keys()}")
    print("ok: withdrawn one by one")

    os.kill(fairlead.role, signal.SIGKILL)
    took = wait_for("SIGKILL to be noticed", lambda: not standing(lab), HOLD_S + 1)[1]
    print(f"ok: nothing is left {took:.2f} s after SIGKILL")
    fairlead.process.wait()

    fairlead = Fairlead(lab, harness)
    fairlead.move_all()
    check_all_moved(lab, "moves after a restart")
    os.kill(fairlead.role, signal.SIGSTOP)
    took = wait_for("SIGSTOP to be noticed", lambda: not standing(lab), HOLD_S + 1)[1]
    print(f"ok: nothing is left {took:.2f} s after SIGSTOP")
    os.kill(fairlead.role, signal.SIGKILL)
    fairlead.process.wait()

    fairlead = Fairlead(lab, harness, key="another-key")
    unheard = lambda e: e.get("state") == "down" and e["reason"] == "no answer within 5 s"
    silent = {e["router"] for e in fairlead.wait("wrong keys", unheard, 12, 2)}
    if silent != {"bird", "frr"}:
        sys.exit(f"FAIL: a wrong MD5 key silenced {silent}")
    print("ok: a wrong MD5 key finds no ear")
    fairlead.process.stdin.close()
    if fairlead.process.wait(5) != 0:
        sys.exit("FAIL: the role did not end well")


def play(lab_of, test):
    """Runs `test` in a lab of its own, which ends however the test does. The exit status."""
    if len(sys.argv) != 2:
        sys.exit(sys.modules["__main__"].__doc__)
    if os.geteuid() != 0:
        print("skipped: namespaces need root")
        return SKIP
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("FAIL: asked to stop"))
    lab = lab_of()
    try:
        test(lab)
    except BaseException:
        for log in sorted(lab.dir.glob("*.log")):
            print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}")
        raise
    finally:
        lab.close()
    print(f"ok: {time.monotonic() - started:.0f} s in all")
    return 0


def build_and_test(lab):
    lab.add_switch()
    lab.add_node("guard", 5)
    lab.add_node("transits", 21, 22)
    for router, host in ROUTERS.items():
        lab.add_node(router, host)
        DAEMONS[router][0](lab)
    start_transit(lab, 21, 65001)
    start_transit(lab, 22, 65002)
    test(lab, sys.argv[1])


if __name__ == "__main__":
    sys.exit(play(Lab, build_and_test))
