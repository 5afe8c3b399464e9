#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What the daemon notices of own prefixes on real routers, and what it answers: watch_test.py FAIRLEAD;
needs root, bird and frr; about 20 s.

                     one LAN: 198.51.100.0/24, 2001:db8:0:1::/64
      .5 fairlead    .11 edge1, BIRD    .12 edge2, FRR    .21 transit, BIRD    .22 nobody
               AS 64500, iBGP to both edges                  AS 65001

The transit announces 203.0.113.0/24 and 2001:db8:f::/48, which are ours, from AS 65100. Then it
withdraws them, moves them, lets another AS originate them, and more-specifics of them. Counters and flows
are posted, in both families, and it is asked where their traffic would go.
"""
import atexit, json, os, pathlib, pwd, shutil, signal, socket, subprocess, sys, tempfile, time

FAIRLEAD = os.path.abspath(sys.argv[1])
HERE = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-watch-"))
ID = f"flw{os.getpid()}"
OWN = {"ipv4": "203.0.113.0/24", "ipv6": "2001:db8:f::/48"}
MORE = {"ipv4": "203.0.113.128/25", "ipv6": "2001:db8:f:8000::/49"}
FAR = {"ipv4": "198.18.5.0/24", "ipv6": "2001:db8:5:5::/64"}
COUNTERS, MBIT = 8471, 10**6
HOSTS = {"guard": 5, "edge1": 11, "edge2": 12, "transit": 21}
HANG_S, SKIP = 30, 77

CONFIG = f"""
site: lab
bgp: {{as: 64500, router_id: 198.51.100.5}}
routers:
  - {{name: edge1, address: 198.51.100.11, families: [ipv4, ipv6]}}
  - {{name: edge2, address: 198.51.100.12, families: [ipv4, ipv6]}}
upstreams:
  - {{name: transit-a, router: edge1, next_hop: [198.51.100.21, "2001:db8:0:1::21"],
     probe: {{mark: 1}}, capacity_mbps: 10000, use: {{from: pushed}}}}
  - {{name: transit-b, router: edge2, next_hop: [198.51.100.22, "2001:db8:0:1::22"],
     probe: {{mark: 2}}, capacity_mbps: 1000, use: {{from: pushed}}}}
targets:
  - {{name: far-1, address: [198.51.100.11, "2001:db8:0:1::11"], protocol: icmp, ours: true, rate_pps: 1}}
  - {{name: far-2, address: [198.51.100.12, "2001:db8:0:1::12"], protocol: icmp, ours: true, rate_pps: 1}}
counters: {{http: [127.0.0.1, "::1"], token: watched-by-nobody-else}}
steer: {{prefixes: [198.18.0.0/15, "2001:db8:5::/48"], marker: '64500:666:1'}}
own:
  - {{prefix: {OWN["ipv4"]}, origins: [65100]}}
  - {{prefix: "{OWN["ipv6"]}", origins: [65100]}}
control: {HERE}/run/control.sock
web: ''
"""


def v4(host):
    return f"198.51.100.{host}"


def v6(host):
    return f"2001:db8:0:1::{host}"


def run(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


def wait_for(what, condition, seconds=HANG_S):
    until = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > until:
            sys.exit(f"FAIL: waited {seconds} s for {what}\n{(HERE / 'err').read_text()}")
        time.sleep(0.05)
    return found


def start(node, *words, **options):
    log = open(HERE / f"{node}.log", "ab")
    options = {"stdout": log, "stderr": log, "stdin": subprocess.DEVNULL} | options
    daemon = subprocess.Popen(["ip", "netns", "exec", f"{ID}-{node}", *map(str, words)], **options)
    atexit.register(lambda: (daemon.kill(), daemon.wait()))
    return daemon


def build():
    for node in ("sw", *HOSTS):
        run("ip", "netns", "add", f"{ID}-{node}")
        atexit.register(subprocess.run, ["ip", "netns", "del", f"{ID}-{node}"])
    inside = lambda node, *words: run("ip", "netns", "exec", f"{ID}-{node}", *words)
    inside("sw", "ip", "link", "add", "lan", "type", "bridge")
    inside("sw", "ip", "link", "set", "lan", "up")
    for node, host in HOSTS.items():
        run("ip", "link", "add", "eth0", "netns", f"{ID}-{node}", "type", "veth", "peer", "name", node,
            "netns", f"{ID}-sw")  # fmt: skip
        inside("sw", "ip", "link", "set", node, "master", "lan", "up")
        inside(node, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.eth0.accept_dad=0")
        inside(node, "ip", "link", "set", "lo", "up")
        inside(node, "ip", "link", "set", "eth0", "up")
        inside(node, "ip", "addr", "add", f"{v4(host)}/24", "dev", "eth0")
        inside(node, "ip", "addr", "add", f"{v6(host)}/64", "dev", "eth0", "nodad")


def transit_says(routes, origin=65100, hop=21, far=None):
    """The transit's whole configuration: what it announces, from whom, and by which next hop; to edge2 by `far`, if
    that is given, and over a longer path."""
    text = f"router id {v4(21)};\nprotocol device {{}}\n"
    for family, number in ("ipv4", 4), ("ipv6", 6):
        statics = "".join(f" route {prefix} blackhole;" for prefix in routes[family])
        text += f"protocol static s{number} {{ {family};{statics} }}\n"
        address = v4 if family == "ipv4" else v6
        for edge, by, longer in (11, hop, ""), (12, far or hop, f" bgp_path.prepend({origin});" if far else ""):
            text += (
                f"protocol bgp e{edge}_{number} {{ local {address(21)} as 65001; neighbor {address(edge)} as 64500;"
                f" connect retry time 1; connect delay time 1; error wait time 1,2; {family} {{ import none;"
                f" export filter {{ bgp_path.prepend({origin});{longer} bgp_next_hop = {address(by)}; accept; }}; }}; }}\n"
            )
    (HERE / "transit.conf").write_text(text)


def transit_changes(routes, **how):
    transit_says(routes, **how)
    run("birdc", "-s", str(HERE / "transit.ctl"), "configure")


def start_edge1():
    text = f"router id {v4(11)};\nprotocol device {{}}\nprotocol direct {{ ipv4; ipv6; }}\n"
    for family, address in ("ipv4", v4), ("ipv6", v6):
        text += (f"protocol bgp t_{family} {{ local {address(11)} as 64500; neighbor {address(21)} as 65001;"
                 f" connect delay time 1; {family} {{ import all; export none; }}; }}\n")  # fmt: skip
    text += (f"protocol bgp guard {{ local {v4(11)} as 64500; neighbor {v4(5)} as 64500; hold time 9;"
             " error wait time 1,2; ipv4 { import none; export where source = RTS_BGP; };"
             " ipv6 { import none; export where source = RTS_BGP; }; }\n")  # fmt: skip
    (HERE / "edge1.conf").write_text(text)
    start("edge1", "bird", "-f", "-c", HERE / "edge1.conf", "-s", HERE / "edge1.ctl")


def start_edge2():
    home, own = HERE / "frr", pwd.getpwnam("frr")
    home.mkdir()
    os.chown(home, own.pw_uid, own.pw_gid)
    text = f"router bgp 64500\n bgp router-id {v4(12)}\n no bgp ebgp-requires-policy\n no bgp default ipv4-unicast\n"
    for neighbor, asn in (v4(21), 65001), (v6(21), 65001), (v4(5), 64500):
        text += f" neighbor {neighbor} remote-as {asn}\n neighbor {neighbor} timers connect 1\n"
    for family, neighbor in ("ipv4", v4(21)), ("ipv6", v6(21)):
        text += (f" address-family {family} unicast\n  neighbor {neighbor} activate\n  neighbor {v4(5)} activate\n"
                 " exit-address-family\n")  # fmt: skip
    for daemon, content in ("zebra", ""), ("bgpd", text):
        (home / f"{daemon}.conf").write_text(content)
        start("edge2", f"/usr/lib/frr/{daemon}", "-f", f"{home}/{daemon}.conf", "-i", f"{home}/{daemon}.pid", "-z",
              f"{home}/zserv.api", "--vty_socket", home, "-A", "127.0.0.1", "-P", "0", "--log", "stdout")  # fmt: skip
        if daemon == "zebra":
            wait_for("zebra", (home / "zserv.api").exists)


def start_guard(config=CONFIG):
    (HERE / "fairlead.yaml").write_text(config)
    return start("guard", FAIRLEAD, "run", "-c", HERE / "fairlead.yaml", "--json",
          stdout=open(HERE / "out", "w"), stderr=open(HERE / "err", "w"))  # fmt: skip


def effects(kind):
    lines = (HERE / "out").read_text().splitlines()
    return [e for line in lines if line.endswith("}") and (e := json.loads(line)).get("effect") == kind]


def ask(*words, status=0):
    done = subprocess.run([FAIRLEAD, *words, "-c", str(HERE / "fairlead.yaml"), "--json"], capture_output=True, text=True)
    assert done.returncode == status, (words, done)
    return [json.loads(line) for line in done.stdout.splitlines()]


def notices(notice, raised, count, since):
    """Waits for so many of them behind the `since` first; each within a second of its message."""
    def found():
        have = [e for e in effects("notice")[since:] if (e["notice"], e["raised"]) == (notice, raised)]
        return have if len(have) >= count else None
    for e in (have := wait_for(f"{count} of {notice} {raised}", found)):
        late_ms = (e["at_ns"] - e["since_ns"]) / 1e6
        assert not raised or 0 <= late_ms <= 1000, (late_ms, e)
    return {(e["peer"], e["prefix"]) for e in have}


def each(prefixes, peers=("edge1", "edge2")):
    return {(peer, prefixes[family]) for family in prefixes for peer in peers}


def told():
    return len(effects("notice"))


BOTH = {family: [prefix] for family, prefix in OWN.items()}


def tells_what_becomes_of_own_prefixes():
    before = told()
    transit_changes({"ipv4": [], "ipv6": []})
    assert notices("own_withdrawn", True, 4, before) == each(OWN)
    assert notices("own_invisible", True, 2, before) == each(OWN, [""])
    states = [line["seen"]["state"] for line in ask("routes", OWN["ipv6"], status=1) if "seen" in line]
    assert states == ["absent", "absent"], states
    before = told()
    transit_changes(BOTH)
    assert notices("own_withdrawn", False, 4, before) == each(OWN)
    assert notices("own_invisible", False, 2, before) == each(OWN, [""])
    before = told()
    transit_changes(BOTH, origin=65666)
    assert notices("own_origin_changed", True, 4, before) == each(OWN)
    wait_for("an outage of it", lambda: [o for o in effects("outage") if all(words in o["title"] + o["cause"] for words in (
        OWN["ipv4"], OWN["ipv6"], "announced by others", "origin AS 65666, neighbour AS 65001, seen by edge"))])
    before = told()
    transit_changes(BOTH)
    assert notices("own_origin_changed", False, 4, before) == each(OWN)
    before = told()
    transit_changes(BOTH, hop=22)
    assert notices("own_moved", True, 4, before) == each(OWN)
    before = told()
    transit_changes({family: [OWN[family], MORE[family]] for family in OWN}, hop=22, origin=65666)
    assert notices("own_more_specific", True, 2, before) == each(MORE, [""])
    before = told()
    transit_changes(BOTH)
    assert notices("own_more_specific", False, 2, before) == each(MORE, [""])


def answers():
    lines = ask("routes", "203.0.113.7")
    paths = {line["path"]["peer"]: line["path"] for line in lines if "path" in line}
    assert set(paths) == {"edge1", "edge2"}, lines
    assert all(p["as_path"] == "65001 65100" and p["upstream"] == "transit-a" for p in paths.values()), paths
    assert sum("change" in line for line in lines) >= 8, lines
    peers = {line["peer"]["peer"]: line["peer"] for line in ask("upstreams") if "peer" in line}
    assert peers["edge1"]["routes_ipv4"] == 1 and peers["edge2"]["complete"] == ["ipv4", "ipv6"], peers
    assert peers["edge1"]["churn"]["10min"]["withdrawn"] >= 2, peers
    *lines, done = ask("whatif", "drain", "upstream", "transit-a", "--prefixes", status=1)
    moves, (v4_sum, v6_sum) = [m for m in lines if "move" in m], [s for s in lines if "summary" in s]
    assert v4_sum["summary"]["lost"] == 1 and v6_sum["summary"]["lost"] == 1, v4_sum
    assert {m["move"]["prefix"] for m in moves} == set(OWN.values()) and done["incomplete"] == [], (moves, done)
    *_, done = ask("notices")
    assert done["standing"] == 0 and done["told"] > 20, done
    assert ask("status")[0]["engine"]["site"] == "lab"
    human = subprocess.run([FAIRLEAD, "routes", OWN["ipv4"], "-c", str(HERE / "fairlead.yaml")], capture_output=True, text=True)
    assert human.returncode == 0 and "transit-a" in human.stdout and "last changes" in human.stdout, human


def post(what, items, address):
    """From the daemon's own host."""
    run("ip", "netns", "exec", f"{ID}-guard", "curl", "-sSf", "-H", "Authorization: Bearer watched-by-nobody-else", "-d", json.dumps(items),
        f"http://{address}:{COUNTERS}/api/v1/{what}")  # fmt: skip


def tells_where_traffic_would_go():
    """What leaves by transit-a would go by transit-b, which has 1000 Mbit/s, 800 of them to be used."""
    transit_changes({family: [OWN[family], FAR[family]] for family in OWN}, far=22)
    wait_for("longer paths by transit-b", lambda: all(
        [line["path"]["as_path"] for line in ask_any("routes", FAR[family]) if line.get("path", {}).get("upstream") == "transit-b"]
        == ["65001 65100 65100"] for family in FAR))  # fmt: skip
    span = lambda least, most=None: {"least": least * MBIT, "most": (least if most is None else most) * MBIT}
    for leaves, fits, over, status in (500, True, 0, 0), (600, False, 0, 0), (900, False, 200, 1):
        def told():
            post("use", [{"upstream": "transit-a", "out_bps": leaves * MBIT, "in_bps": 0}], "[::1]")
            post("use", [{"upstream": "transit-b", "out_bps": 300 * MBIT, "in_bps": 0}], "127.0.0.1")
            post("demand", [{"prefix": FAR["ipv4"], "bps": 123 * MBIT}, {"prefix": FAR["ipv6"], "bps": 77 * MBIT}], "[::1]")
            words = ("whatif", "drain", "upstream", "transit-a", "-c", str(HERE / "fairlead.yaml"))
            done = subprocess.run([FAIRLEAD, *words, "--json"], capture_output=True, text=True)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            ways = {line["traffic"]["way"]: line["traffic"] for line in lines if "traffic" in line}
            known = ways["transit-a"]["use_bps"] == leaves * MBIT and ways["transit-b"]["use_bps"] == 300 * MBIT
            return known and ways["transit-b"]["ipv6"]["most"] > 0 and (done.returncode, ways["transit-b"], lines[-1], words)
        code, way, done, words = wait_for(f"traffic of {leaves} Mbit/s", told)
        assert (way["ipv4"], way["ipv6"], way["untold"]) == (span(123), span(77), span(leaves - 200)), way
        assert (way["gains"], way["after"], way["over"]) == (span(leaves), span(300 + leaves), span(over)), way
        assert way["fits"] is fits and way["limit_bps"] == 800 * MBIT and way["capacity_bps"] == 1000 * MBIT, way
        assert done["all_traffic"] == {"leaves": span(leaves), "told": span(200), "no_way": span(0), "lost": span(over)}, done
        assert code == status, (code, done)
    human = subprocess.run([FAIRLEAD, *words], capture_output=True, text=True)
    assert human.returncode == 1, human
    rows = [line.split() for line in human.stdout.splitlines()]
    assert ["from", "transit-a", "900", "8000"] in rows, human.stdout
    assert "to transit-b 300 123 77 700 1200 800 too much: at least 200 would be lost".split() in rows, human.stdout
    assert "lost: 200 Mbit/s, of it without a way: 0" in human.stdout, human.stdout
    transit_changes(BOTH)
    wait_for("as it was", lambda: not any("path" in line for family in FAR for line in ask_any("routes", FAR[family])))


def ask_any(*words):
    done = subprocess.run([FAIRLEAD, *words, "-c", str(HERE / "fairlead.yaml"), "--json"], capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def dump_from_cut_daemon(archive, answer):
    """What the verb says of a daemon that ends with this."""
    with socket.socket(socket.AF_UNIX) as listener:
        path = HERE / "cut.sock"
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        listener.listen()
        verb = subprocess.Popen([FAIRLEAD, "table", "dump", archive, "--control", path], stderr=subprocess.PIPE)
        with listener.accept()[0] as daemon:
            daemon.recv(512)
            daemon.sendall(answer)
    why = verb.communicate(timeout=HANG_S)[1]
    assert why.startswith(b"fairlead: "), why
    return verb.returncode


def dumps_its_tables():
    """The archive, read by `fairlead mrt` and by bgpdump, has what the tables have; no half file is left."""
    archive, config = HERE / "dump.mrt", str(HERE / "fairlead.yaml")
    total = json.loads(run(FAIRLEAD, "table", "dump", str(archive), "-c", config, "--json"))
    peers = [line["peer"] for line in ask("upstreams") if "peer" in line]
    have = sum(p["routes_ipv4"] + p["routes_ipv6"] for p in peers)
    assert total["routes"] == have == 4 and total["left_out"] == 0 and total["peers"] == 2, (total, peers)
    assert total["bytes"] == archive.stat().st_size, total
    rows = [json.loads(line) for line in run(FAIRLEAD, "mrt", str(archive), "--json").splitlines()]
    for prefix in OWN.values():
        paths = {line["path"]["router"]: line["path"] for line in ask("routes", prefix) if "path" in line}
        dumped = {row["peer"]: row for row in rows if row["prefix"] == prefix}
        assert set(dumped) == {v4(11), v4(12)} and len(paths) == 2, (rows, paths)
        for edge, host in ("edge1", 11), ("edge2", 12):
            left, right = paths[edge], dumped[v4(host)]["attributes"]
            keys = "as_path", "origin", "next_hop", "local_pref", "med"
            assert [left.get(k) for k in keys] == [right.get(k) for k in keys], (left, right)
    if shutil.which("bgpdump"):
        assert run("bgpdump", "-m", str(archive)) == run(FAIRLEAD, "mrt", str(archive))
    inside = lambda *words: subprocess.run([FAIRLEAD, "table", "dump", *words, "-c", config], capture_output=True)
    assert inside("-").stdout[12:] and inside(str(HERE / "no" / "dump")).returncode == 3
    before = archive.read_bytes()
    for rest in b"", b'{"piece":10}\n', b'{"piece":10}\n12345', b'{"piece":1}\n1', b'{"piece":-1}\n', \
            b'{"piece":4000000000}\n1', b'{"piece":2}\n12{"error":"lost"}\n', b"\xff\n":  # fmt: skip
        assert dump_from_cut_daemon(archive, rest) == 3, rest
        assert archive.read_bytes() == before, rest
    assert [p.name for p in HERE.iterdir() if p.name.startswith("dump")] == ["dump.mrt"]
    assert ask("fib")[-1] == {"done": True, "kernels": 0, "lost": 0, "findings": 0}


def tells_of_kernels(guard):
    """The guard's own kernel taken for that of edge1: it has none of the routes."""
    guard.terminate()
    guard.wait(HANG_S)
    start_guard(CONFIG.replace("{name: edge1, ", "{name: edge1, fib: {from: local}, "))
    wait_for("the control socket", (HERE / "run" / "control.sock").exists)
    def stands():
        done = subprocess.run([FAIRLEAD, "fib", "edge1", "-c", str(HERE / "fairlead.yaml"), "--json"],
                              capture_output=True, text=True)  # fmt: skip
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        found = [line["finding"] for line in lines if "finding" in line]
        return (lines[0]["kernel"], found) if done.returncode == 1 and len(found) == 2 else None
    kernel, found = wait_for("what the kernel lacks", stands)
    assert kernel["known"] and kernel["from"] == "local" and kernel["found"] == {"missing": 2}, kernel
    assert {(f["class"], f["prefix"]) for f in found} == {("missing", prefix) for prefix in OWN.values()}, found
    assert all(f["evidence"] for f in found), found
    human = subprocess.run([FAIRLEAD, "fib", "-c", str(HERE / "fairlead.yaml")], capture_output=True, text=True)
    assert human.returncode == 1 and "missing" in human.stdout and "known" in human.stdout, human


def main():
    if os.geteuid() or not all(map(shutil.which, ("bird", "birdc", "vtysh"))):
        print("SKIP: needs root, bird and frr")
        sys.exit(SKIP)
    atexit.register(shutil.rmtree, HERE, ignore_errors=True)
    for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        signal.signal(number, lambda *_: sys.exit(1))
    HERE.chmod(0o755)
    build()
    transit_says(BOTH)
    start("transit", "bird", "-f", "-c", HERE / "transit.conf", "-s", HERE / "transit.ctl")
    start_edge1()
    start_edge2()
    guard = start_guard()
    complete = lambda: sum(e["state"] == "complete" for e in effects("session")) >= 4
    wait_for("complete tables", complete)
    shows = lambda: sum("path" in line for line in ask("routes", OWN["ipv4"])) == 2
    wait_for("both edges' paths", lambda: subprocess.run(
        [FAIRLEAD, "routes", OWN["ipv6"], "-c", str(HERE / "fairlead.yaml")], capture_output=True).returncode == 0 and shows())
    time.sleep(0.5)  # what is not told cannot be waited for: the tables settle
    for test in tells_what_becomes_of_own_prefixes, answers, tells_where_traffic_would_go, dumps_its_tables:
        test()
        print(f"{test.__name__}: good")
    tells_of_kernels(guard)
    print("tells_of_kernels: good")


main()
