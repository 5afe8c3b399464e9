#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`fairlead feed` into BIRD, FRR, OpenBGPD, GoBGP and `fairlead run`; needs root; about 20 s.

    feed 10.99.0.10 fd00:99::a (-f) ---- 10.99.0.1 to .5, fd00:99::1 (-d) the daemons, AS 64500

Each daemon's table must equal the archive's, attribute by attribute. Usage: feed_test.py FAIRLEAD
"""
import atexit, ipaddress, json, os, pathlib, pty, pwd, queue, re, shutil, signal
import socket, struct, subprocess, sys, tempfile, threading, time

FAIRLEAD = os.path.abspath(sys.argv[1])
GENERATOR = pathlib.Path(__file__).resolve().parents[3] / "shared/data/gen_fulltable.py"
FEED, DAEMONS = f"flf{os.getpid()}-f", f"flf{os.getpid()}-d"
HERE = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-feed-"))
SKIP = 77
FROM, FROM6 = "10.99.0.10", "fd00:99::a"  # the generator's next hops
PLACES = {"bird": "10.99.0.1", "frr": "10.99.0.2", "openbgpd": "10.99.0.3", "gobgp": "10.99.0.4",
          "fairlead": "10.99.0.5"}


def run(*words, check=True, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if check and done.returncode:
        sys.exit(f"FAIL: {' '.join(map(str, words))}: {done.stderr.strip()}")
    return done.stdout if check else done


def inside(space, *words):
    return ["ip", "netns", "exec", space, *map(str, words)]


def check(condition, *shown):
    if not condition:
        print(*shown, sep="\n---\n")
        raise AssertionError


def wait_for(what, condition, seconds=20):
    until = time.monotonic() + seconds
    while not (found := condition()):
        check(time.monotonic() < until, f"never: {what}")
        time.sleep(0.05)
    return found


def file(name, text, mode=0o600):
    path = HERE / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def start(space, name, *words):
    log = open(HERE / f"{name}.log", "ab")
    daemon = subprocess.Popen(inside(space, *words), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    atexit.register(lambda: (daemon.kill(), daemon.wait()))
    return daemon


def build():
    for space in FEED, DAEMONS:
        run("ip", "netns", "add", space)
        atexit.register(subprocess.run, ["ip", "netns", "del", space])
        atexit.register(end_all_in, space)
        run(*inside(space, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0"))
        run("ip", "-n", space, "link", "set", "lo", "up")
    run("ip", "link", "add", "wire", "netns", FEED, "type", "veth", "peer", "name", "wire", "netns", DAEMONS)
    for space, addresses in (FEED, [FROM, "10.99.0.11", FROM6]), (DAEMONS, [*PLACES.values(), "fd00:99::1"]):
        for address in addresses:
            length = 64 if ":" in address else 24
            flags = ["nodad"] if ":" in address else []
            run("ip", "-n", space, "addr", "add", f"{address}/{length}", "dev", "wire", *flags)
        run("ip", "-n", space, "link", "set", "wire", "up")


def end_all_in(space):
    for pid in subprocess.run(["ip", "netns", "pids", space], capture_output=True, text=True).stdout.split():
        os.kill(int(pid), signal.SIGKILL)


# Archives: RFC 6396.


def record(kind, subtype, body, at=1_700_000_000, us=None):
    if us is not None:
        body = struct.pack(">I", us) + body
    return struct.pack(">IHHI", at, kind, subtype, len(body)) + body


def peers(*listed):
    body = b"\xc0\x00\x02\x01" + struct.pack(">HH", 0, len(listed))
    for address, asn in listed:
        body += b"\x02" + bytes((10, 255, 0, 1)) + socket.inet_aton(address) + struct.pack(">I", asn)
    return record(13, 1, body)


def nlri(prefix):
    net = ipaddress.ip_network(prefix)
    return bytes([net.prefixlen]) + net.network_address.packed[: (net.prefixlen + 7) // 8]


def attributes(*path, hop=FROM, med=None, communities=(), more=b""):
    segment = bytes((2, len(path))) + struct.pack(f">{len(path)}I", *path)
    a = b"\x40\x01\x01\x00\x40\x02" + bytes([len(segment)]) + segment
    a += b"\x40\x03\x04" + socket.inet_aton(hop) if ":" not in hop else b""
    a += b"\x80\x04\x04" + struct.pack(">I", med) if med is not None else b""
    if communities:
        a += b"\xc0\x08" + bytes([4 * len(communities)])
        a += b"".join(struct.pack(">HH", *community) for community in communities)
    a += b"\x80\x0e\x11\x10" + socket.inet_pton(socket.AF_INET6, hop) if ":" in hop else b""
    return a + more


def rib(prefix, *entries, sequence=0, add_path=False):
    """Entries: (peer, attributes), or with ADD-PATH (peer, identifier, attributes)."""
    body = struct.pack(">I", sequence) + nlri(prefix) + struct.pack(">H", len(entries))
    for peer, *identifier, a in entries:
        body += struct.pack(">HI", peer, 1_700_000_000)
        body += struct.pack(">I", *identifier) if add_path else b""
        body += struct.pack(">H", len(a)) + a
    return record(13, (4 if ":" in prefix else 2) + (6 if add_path and ":" not in prefix else 0)
                  + (6 if add_path and ":" in prefix else 0), body)  # fmt: skip


def update(at_us, announced=(), withdrawn=(), a=b"", peer=FROM, asn=65001):
    gone = b"".join(map(nlri, withdrawn))
    body = struct.pack(">H", len(gone)) + gone + struct.pack(">H", len(a)) + a + b"".join(map(nlri, announced))
    message = b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 2) + body
    head = struct.pack(">IIHH", asn, 64500, 0, 1) + socket.inet_aton(peer) + socket.inet_aton("10.99.0.9")
    return record(17, 4, head + message, 1_700_000_000 + at_us // 1_000_000, at_us % 1_000_000)


def own_table():
    """Where the generator is absent: less of everything."""
    records = peers((FROM, 65001))
    for i in range(600):
        more = b"\xc0\x20\x0c" + struct.pack(">III", 65001, 1, i) if i % 5 == 0 else b""
        a = attributes(65001, 3356 + i % 40, 4_200_000_000 + i % 7, med=i % 3 or None, more=more,
                       communities=[(65001, c) for c in range(i % 6)])
        records += rib(f"{20 + i // 200}.{i % 200}.0.0/{16 + i % 9}", (0, a))
    for i in range(200):
        a = attributes(65001, 6939, 64510 + i % 9, hop=FROM6, communities=[(65001, i % 4)])
        records += rib(f"2001:{0x4000 + i:x}::/{32 + i % 17}", (0, a))
    return file("table.mrt", records)


def table_file():
    if not GENERATOR.exists():
        print("note: ../shared is absent: a smaller table of this test's own")
        return own_table()
    path = HERE / "table.mrt"
    run(sys.executable, GENERATOR, "-o", path, "--v4", "5000", "--v6", "1000")
    return path


def read_table(path):
    """{prefix: what a daemon must show}, from the archive's octets."""
    data, at, routes = path.read_bytes(), 0, {}
    while at < len(data):
        _, kind, subtype, size = struct.unpack_from(">IHHI", data, at)
        body, at = data[at + 12 : at + 12 + size], at + 12 + size
        if subtype not in (2, 4):
            continue
        length = body[4]
        octets = (length + 7) // 8
        packed = body[5 : 5 + octets].ljust(4 if subtype == 2 else 16, b"\0")
        prefix = f"{ipaddress.ip_address(packed)}/{length}"
        (a_size,) = struct.unpack_from(">H", body, 5 + octets + 2 + 6)
        routes[prefix] = read_attributes(body[5 + octets + 2 + 8 :][:a_size])
    return routes


def read_attributes(a):
    route = {"path": [], "med": None, "communities": set(), "large": set()}
    while a:
        extended = a[0] >> 4 & 1
        kind, size = a[1], struct.unpack_from(">H", a, 2)[0] if extended else a[2]
        value, a = a[3 + extended : 3 + extended + size], a[3 + extended + size :]
        if kind == 1:
            route["origin"] = value[0]
        elif kind == 2:
            while value:
                route["path"] += struct.unpack_from(f">{value[1]}I", value, 2)
                value = value[2 + 4 * value[1] :]
        elif kind in (3, 14):
            route["hop"] = str(ipaddress.ip_address(value[-4:] if kind == 3 else value[-16:]))
        elif kind == 4:
            (route["med"],) = struct.unpack(">I", value)
        elif kind == 8:
            route["communities"] = set(struct.iter_unpack(">HH", value))
        elif kind == 32:
            route["large"] = set(struct.iter_unpack(">III", value))
    return route


# The daemons: how each is started, and its table as read_table() gives it.


def start_bird():
    both = "ipv4 { import all; export none; }; ipv6 { import all; export none; };"
    session = "local {here} as 64500; neighbor {there} as {asn}; passive; strict bind yes; error wait time 1,2;"
    text = "router id 10.99.0.1;\nprotocol device {}\n"
    text += f"protocol bgp OUTER {{ {session.format(here='10.99.0.1', there=FROM, asn=65001)} {both} }}\n"
    text += f"protocol bgp SHORT {{ {session.format(here='10.99.0.1', there='10.99.0.11', asn=65002)}"
    text += " enable as4 off; ipv4 { import all; export none; add paths rx; }; }\n"
    text += f'protocol bgp INNER {{ {session.format(here="fd00:99::1", there=FROM6, asn=64500)} password "a-key";'
    text += f" {both.replace('{', '{ gateway recursive; ')} }}\n"
    start(DAEMONS, "bird", "bird", "-f", "-c", file("bird.conf", text), "-s", HERE / "bird.ctl")
    wait_for("bird", (HERE / "bird.ctl").exists)


def birdc(*words):
    return run("birdc", "-s", HERE / "bird.ctl", *words)


def bird_table(protocol="OUTER"):
    routes, route = {}, None
    for line in birdc("show", "route", "all", "protocol", protocol).splitlines():
        words = line.split()
        if re.match(r"\S+/\d+ ", line):
            route = routes[words[0]] = {"path": [], "med": None, "communities": set(), "large": set()}
        elif "BGP." in line and route is not None:
            name, values = words[0].removeprefix("BGP.").rstrip(":"), words[1:]
            groups = [tuple(map(int, group.split(","))) for group in re.findall(r"\(([\d, ]+)\)", line)]
            if name == "origin":
                route["origin"] = ["IGP", "EGP", "Incomplete"].index(values[0])
            elif name == "as_path":
                route["path"] = [int(value) for value in values]
            elif name == "next_hop":
                route["hop"] = values[0]
            elif name == "med":
                route["med"] = int(values[0])
            elif name == "local_pref":
                route["pref"] = int(values[0])
            elif name in ("community", "large_community"):
                route["communities" if name == "community" else "large"] = set(groups)
    if protocol == "OUTER":
        for route in routes.values():
            route.pop("pref", None)
    return routes


def start_frr():
    own, home = pwd.getpwnam("frr"), HERE / "frr"
    home.mkdir()
    os.chown(home, own.pw_uid, own.pw_gid)
    text = f"router bgp 64500\n bgp router-id 10.99.0.2\n no bgp ebgp-requires-policy\n neighbor {FROM} remote-as 65001\n"
    text += f" neighbor {FROM} passive\n address-family ipv6 unicast\n  neighbor {FROM} activate\n exit-address-family\n"
    common = ["-z", home / "zserv.api", "--vty_socket", home, "-A", "127.0.0.1", "-P", "0", "--log", "stdout"]
    start(DAEMONS, "zebra", "/usr/lib/frr/zebra", "-f", file("frr/zebra.conf", "", 0o644), "-i", home / "z.pid", *common)
    wait_for("zebra", (home / "zserv.api").exists)
    start(DAEMONS, "frr", "/usr/lib/frr/bgpd", "-f", file("frr/bgpd.conf", text, 0o644), "-i", home / "b.pid",
          "--no_kernel", "-l", "10.99.0.2", *common)  # fmt: skip
    wait_for("frr", (home / "bgpd.vty").exists)


def vtysh(command):
    return json.loads(run("vtysh", "--vty_socket", HERE / "frr", "-c", command, check=False).stdout or "{}")


def frr_table():
    routes = {}
    for family in "ipv4", "ipv6":
        for prefix, found in vtysh(f"show bgp {family} unicast json detail").get("routes", {}).items():
            path = found[-1]  # what stands before it is the prefix
            routes[prefix] = {
                "path": [int(n) for n in path["aspath"]["string"].split()],
                "origin": ["IGP", "EGP", "incomplete"].index(path["origin"]),
                "hop": path["nexthops"][0]["ip"],
                "med": path.get("metric"),
                "communities": {well_known(c) for c in path.get("community", {}).get("list", [])},
                "large": {tuple(map(int, c.split(":"))) for c in path.get("largeCommunity", {}).get("list", [])},
            }
    return routes


def well_known(text):
    return tuple(map(int, text.split(":"))) if ":" in text else text


def start_openbgpd():
    home = pathlib.Path("/run/openbgpd")  # compiled in
    if not home.exists():
        home.mkdir()
        atexit.register(shutil.rmtree, home, True)
    text = f'AS 64500\nrouter-id 10.99.0.3\nfib-update no\nsocket "{HERE}/bgpd.sock"\nlisten on 10.99.0.3\n'
    text += f"neighbor {FROM} {{\n remote-as 65001\n passive\n announce IPv4 unicast\n announce IPv6 unicast\n}}\n"
    start(DAEMONS, "openbgpd", "/usr/sbin/bgpd", "-d", "-f", file("bgpd.conf", text + "allow from any\n"))
    wait_for("openbgpd", lambda: bgpctl("show", "neighbor"))


def bgpctl(*words):
    done = run("bgpctl", "-s", HERE / "bgpd.sock", "-j", *words, check=False)
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else None


def openbgpd_table():
    return {
        route["prefix"]: {
            "path": [int(n) for n in route["aspath"].split()],
            "origin": ["IGP", "EGP", "incomplete"].index(route["origin"]),
            "hop": route["exit_nexthop"],
            "med": route["metric"],
            "communities": {tuple(map(int, c.split(":"))) for c in route.get("communities", [])},
            "large": {tuple(map(int, c.split(":"))) for c in route.get("large_communities", [])},
        }
        for route in (bgpctl("show", "rib", "detail") or {}).get("rib", [])
    }


def start_gobgp():
    text = '[global.config]\nas = 64500\nrouter-id = "10.99.0.4"\nlocal-address-list = ["10.99.0.4"]\n'
    text += f'[[neighbors]]\n[neighbors.config]\nneighbor-address = "{FROM}"\npeer-as = 65001\n'
    text += "[neighbors.transport.config]\npassive-mode = true\n"
    for family in "ipv4", "ipv6":
        text += f'[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\nafi-safi-name = "{family}-unicast"\n'
    start(DAEMONS, "gobgp", "gobgpd", "-f", file("gobgpd.toml", text), "--api-hosts", "127.0.0.1:50051",
          "--pprof-disable")  # fmt: skip
    wait_for("gobgp", lambda: gobgp("neighbor"))


def gobgp(*words):
    done = run(*inside(DAEMONS, "gobgp", "-j", *words), check=False)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return None


def gobgp_table():
    routes = {}
    for family in "ipv4", "ipv6":
        for prefix, paths in (gobgp("global", "rib", "-a", family) or {}).items():
            a = {attribute["type"]: attribute for attribute in paths[0]["attrs"]}
            routes[prefix] = {
                "path": [n for part in a[2]["as_paths"] for n in part["asns"]],
                "origin": a[1]["value"],
                "hop": a[3]["nexthop"] if 3 in a else a[14]["nexthop"],
                "med": a[4]["metric"] if 4 in a else None,
                "communities": {(c >> 16, c & 0xFFFF) for c in a.get(8, {}).get("communities", [])},
                "large": {(c["ASN"], c["LocalData1"], c["LocalData2"]) for c in a.get(32, {}).get("value", [])},
            }
    return routes


TABLES = {"bird": (start_bird, bird_table), "frr": (start_frr, frr_table),
          "openbgpd": (start_openbgpd, openbgpd_table), "gobgp": (start_gobgp, gobgp_table)}


class Feed:
    """One `fairlead feed`; its JSON lines."""

    def __init__(self, *words, to=PLACES["bird"], local=FROM):
        self.lines, self.said = [], queue.Queue()
        self.errors = open(HERE / "feed.err", "w+")
        self.process = subprocess.Popen(
            inside(FEED, FAIRLEAD, "feed", *words, "--to", to, "--local-address", local, "--json"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, text=True)  # fmt: skip
        atexit.register(self.process.kill)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.said.put(json.loads(line))
        self.said.put(None)

    def wait(self, event, **fields):
        while True:
            said = self.said.get(timeout=20)
            check(said, f"it did not say {event}", self.lines, self.err())
            self.lines.append(said)
            if self.lines[-1]["event"] == event and fields.items() <= self.lines[-1].items():
                return self.lines[-1]

    def rest(self):
        """What it has said until its end."""
        while said := self.said.get(timeout=20):
            self.lines.append(said)
        return self.lines

    def err(self):
        self.errors.seek(0)
        return self.errors.read()

    def end(self, status=0, sign=signal.SIGINT):
        if sign:
            self.process.send_signal(sign)
        check(self.process.wait(20) == status, self.process.returncode, self.err())
        return self


def same(daemon, found, expected):
    """FRR and OpenBGPD show no MED as 0."""
    if daemon in ("frr", "openbgpd"):
        expected = {prefix: route | {"med": route["med"] or 0} for prefix, route in expected.items()}
        found = {prefix: route | {"med": route["med"] or 0} for prefix, route in found.items()}
    if daemon == "frr":
        known = {(65535, 65281): "noExport"}
        expected = {p: r | {"communities": {known.get(c, c) for c in r["communities"]}} for p, r in expected.items()}
    wrong = [(p, found.get(p), r) for p, r in expected.items() if found.get(p) != r]
    check(not wrong, f"{daemon}: {len(wrong)} of {len(expected)} differ", *wrong[:3])
    check(found.keys() == expected.keys(), daemon, set(found) - set(expected))


def all_daemons_get_the_table(path):
    expected = read_table(path)
    counts = {family: sum(1 for p in expected if (":" in p) == (family == "ipv6")) for family in ("ipv4", "ipv6")}
    for daemon, (_, table) in TABLES.items():
        feed = Feed(path, "--peer-as", 64500, to=PLACES[daemon])
        encoded, done = feed.wait("encoded"), feed.wait("done", step="announced")
        check((encoded["routes_ipv4"], encoded["routes_ipv6"]) == (counts["ipv4"], counts["ipv6"]), encoded)
        check(done["announced"] == len(expected) and encoded["left_out"] == 0, done, encoded)
        wait_for(f"{daemon}'s table", lambda: len(table()) == len(expected))
        same(daemon, table(), expected)
        feed.end()
        wait_for(f"{daemon} to forget", lambda: not table())
        print(f"ok: {daemon} has what the archive has, and after Ctrl-C nothing")


def fairlead_gets_the_table(path):
    expected = read_table(path)
    config = f"""
site: lab
bgp: {{as: 64500, router_id: 10.99.0.5, listen: [10.99.0.5]}}
routers: [{{name: edge, address: {FROM}, local_address: 10.99.0.5, families: [ipv4, ipv6]}}]
upstreams: [{{name: transit, router: edge, next_hop: [{FROM}, "{FROM6}"]}}]
targets:
  - {{name: far-1, address: [{FROM}, "{FROM6}"], protocol: icmp, ours: true, rate_pps: 1}}
  - {{name: far-2, address: [10.99.0.11, "fd00:99::b"], protocol: icmp, ours: true, rate_pps: 1}}
steer: {{prefixes: [198.18.0.0/15], marker: '64500:666:1'}}
web: ''
control: ''
"""
    daemon = start(DAEMONS, "fairlead", FAIRLEAD, "run", "-c", file("fairlead.yaml", config))
    log = HERE / "fairlead.log"
    feed = Feed(path, "--local-as", 64500, "--wait", 15, to=PLACES["fairlead"])
    check(feed.wait("up")["internal"], feed.lines)
    for family, six in ("ipv4", False), ("ipv6", True):
        routes = sum(1 for prefix in expected if (":" in prefix) == six)
        said = f"table_complete router=edge family={family} routes={routes} "
        wait_for(said, lambda: said in log.read_text())
    feed.end()
    daemon.terminate()
    check(daemon.wait(20) == 0, log.read_text())
    print("ok: fairlead run has both tables, complete")


def cycles_and_steps(path):
    count = len(read_table(path))
    feed = Feed(path, "--cycles", 3, "--withdraw", "--for", 0)
    feed.end(sign=None)
    steps = [line["step"] for line in feed.rest() if line["event"] == "done"]
    check(steps == ["announced", "withdrawn"] * 3, steps)
    print(f"ok: {count} routes announced and withdrawn three times")


def inner_session_over_ipv6(path):
    """iBGP, IPv6 transport, MD5, next hops of our choice, our AS nowhere in the paths."""
    expected = read_table(path)
    key = file("key", "a-key\n")
    feed = Feed(path, "--local-as", 64500, "--md5", key, "--next-hop", "10.99.0.77,fd00:99::77", "--id", "10.9.9.9",
                "--families", "ipv4,ipv6", to="fd00:99::1", local=FROM6)  # fmt: skip
    check(feed.wait("up")["internal"], feed.lines)
    feed.wait("done")
    wait_for("the inner table", lambda: len(bird_table("INNER")) == len(expected))
    hops = {False: "10.99.0.77", True: "fd00:99::77"}
    same("inner", bird_table("INNER"),
         {p: r | {"hop": hops[":" in p], "pref": 100} for p, r in expected.items()})  # fmt: skip
    feed.end()
    print("ok: the same to an internal peer over IPv6 with MD5, other next hops")


def paths_to_an_old_speaker():
    """2-octet AS numbers, ADD-PATH, one family, our AS put before paths that do not begin with it."""
    a, b = attributes(3356, 4_200_000_001), attributes(65002, 1299, communities=[(65002, 7)])
    ids = file("ids.mrt", peers(("192.0.2.1", 65002), ("192.0.2.2", 65002))
               + rib("198.51.100.0/24", (0, 7, a), (0, 8, b), add_path=True)
               + rib("203.0.113.0/24", (1, 9, b), add_path=True))  # fmt: skip
    feed = Feed(ids, "--view", "192.0.2.1", local="10.99.0.11")
    up = feed.wait("up")
    check(up["add_path"] and not up["as4"] and not up["ipv6"], up)
    feed.wait("done")
    told = wait_for("two paths", lambda: (t := birdc("show", "route", "all", "protocol", "SHORT")).count("as_path") == 2 and t)
    check("BGP.as_path: 65002 3356 4200000001\n" in told and "BGP.as_path: 65002 1299\n" in told, told)
    check("203.0.113.0" not in told, told)
    feed.end()
    print("ok: ADD-PATH and AS4_PATH to a speaker of 2-octet AS numbers")


def updates_in_their_time():
    a = attributes(65001, 64496)
    one, two = "198.51.100.0/24", "203.0.113.0/24"
    played = file("updates.mrt", update(0, [one], a=a) + update(300_000, [two], a=a)
                  + update(200_000, peer="192.0.2.9", asn=65009, withdrawn=[two])
                  + update(600_000, withdrawn=[one]))  # fmt: skip
    feed = Feed(played, "--view", 65001)
    done = feed.wait("done", step="updated")
    check(done["seconds"] >= 0.6 and (done["announced"], done["withdrawn"]) == (2, 1), done)
    wait_for("what the updates leave", lambda: set(bird_table()) == {two})
    feed.end()
    feed = Feed(played, "--view", 65001, "--speed", 4)
    check(0.15 <= feed.wait("done")["seconds"], feed.lines)
    feed.end()
    feed = Feed(HERE / "table.mrt", played, "--view", 65001, "--speed", "max")
    feed.wait("done", step="announced")
    check(feed.wait("done", step="updated")["announced"] == 2, feed.lines)
    feed.end()
    print("ok: updates in their time, four times as fast, and behind a table without waiting")

    long = file("long.mrt", update(0, [one], a=a) + update(3_600_000_000, [two], a=a))
    feed = Feed(long)
    wait_for("the first update", lambda: set(bird_table()) == {one})
    feed.end()
    wait_for("nothing to be left", lambda: not bird_table())
    print("ok: Ctrl-C while waiting for an update leaves nothing")


SINK = """
import socket, struct, sys
listener = socket.create_server(("10.99.0.5", 1790))
print("ready", flush=True)
peer = listener.accept()[0]
caps = b"\\x01\\x04\\0\\1\\0\\1\\x01\\x04\\0\\2\\0\\1\\x41\\x04" + struct.pack(">I", 64500)
body = struct.pack(">BHH4sBBB", 4, 64500, 180, b"abcd", len(caps) + 2, 2, len(caps)) + caps
peer.sendall(b"\\xff" * 16 + struct.pack(">HB", 19 + len(body), 1) + body + b"\\xff" * 16 + b"\\0\\x13\\4")
sys.stdin.read()
"""


def a_speaker_that_does_not_read():
    big = peers((FROM, 65001))
    routes = [rib(f"{i >> 8 & 63 | 64}.{i & 255}.{j}.0/24", (0, attributes(65001, 64496 + i % 40, i + j)))
              for i in range(3000) for j in range(40)]  # fmt: skip
    path = file("big.mrt", big + b"".join(routes))
    sink = subprocess.Popen(inside(DAEMONS, sys.executable, "-c", SINK), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(sink.kill)
    sink.stdout.readline()
    feed = Feed(path, "--port", 1790, to=PLACES["fairlead"])
    feed.wait("begun")
    time.sleep(0.3)  # it is stuck in some message now
    feed.end()
    check(not any(line["event"] == "done" for line in feed.rest()), feed.lines)
    sink.communicate()
    print("ok: Ctrl-C in the middle of a table that is not read ends at once")


def refusals():
    table = HERE / "table.mrt"
    for words, said in (
        (["--local-as", 65009], "the router says OPEN Message Error/Bad Peer AS: we say that we are AS65009"),
        (["--peer-as", 64999], "we say OPEN Message Error/Bad Peer AS: AS is 64500, not 64999"),
        (["--id", "10.99.0.1"], "OPEN Message Error/Bad BGP Identifier"),
        (["--port", 9, "--wait", 0], "no session with 10.99.0.1:9: in Connect: Connection refused"),
    ):
        if words[0] == "--id":
            words, feed = [*words, "--local-as", 64500], None
            feed = Feed(table, *words, "--md5", HERE / "key", to="fd00:99::1", local=FROM6)
        else:
            feed = Feed(table, *words)
        feed.end(3, sign=None)
        check(said in feed.err(), words, feed.err())
        wait_for("bird's error wait", lambda: "Error wait" not in birdc("show", "protocols", "all", "OUTER"))
    print("ok: who refuses, and why, is said with both sides' AS")


def bad_input():
    whole = (HERE / "table.mrt").read_bytes()
    cut = file("cut.mrt", whole[: len(whole) // 2 + 3])
    feed = Feed(cut, "--for", 0)
    feed.end(3, sign=None)
    done = [line for line in feed.rest() if line["event"] == "done"]
    check(0 < done[0]["announced"] < len(read_table(HERE / "table.mrt")), done)
    check("cut.mrt: damaged at octet" in feed.err() and "what stands before it is played" in feed.err(), feed.err())

    two = file("two.mrt", peers((FROM, 65001), ("192.0.2.2", 65002))
               + rib("198.51.100.0/24", (0, attributes(65001)), (1, attributes(65002))))  # fmt: skip
    for words, status, said in (
        ([HERE / "absent.mrt"], 3, "absent.mrt': No such file or directory"),
        ([file("empty.mrt", "")], 3, "no routes and no updates are in"),
        ([file("text.mrt", "This is no archive, by any means.")], 3, "damaged at octet 0"),
        ([two], 2, "--view 192.0.2.2"),
        ([two, "--view", "192.0.2.3"], 2, "no peer '192.0.2.3'"),
        ([two, "--view", "fred"], 2, "--view 'fred': not an address or an AS number"),
        ([two, "--hold", "2"], 2, "--hold '2'"),
        ([two, "--speed", "0"], 2, "--speed '0'"),
        ([two, "--next-hop", "10.0.0.1,nowhere"], 2, "--next-hop"),
        ([two, "--md5", HERE / "absent"], 2, "--md5"),
        ([two, "--bogus"], 2, "--bogus"),
        ([], 2, "no archive is named"),
    ):
        feed = Feed(*words).end(status, sign=None)
        check(said in feed.err(), words, feed.err())
    print("ok: damaged, absent, ambiguous and wrong input is told as such")


def asks_at_a_terminal():
    for answer, status in (b"n\n", 3), (b"y\n", 0):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            inside(FEED, FAIRLEAD, "feed", HERE / "table.mrt", "--to", PLACES["bird"], "--local-address", FROM, "--for", 0),
            stdin=theirs, stdout=theirs, stderr=theirs)  # fmt: skip
        os.close(theirs)
        told = b""
        while b"[y/N]" not in told:
            told += os.read(ours, 4096)
        check(b"up: " not in told and b"10.99.0.1:179 as AS65001" in told, told)
        os.write(ours, answer)
        try:
            while chunk := os.read(ours, 4096):
                told += chunk
        except OSError:
            pass  # the other end is closed
        check(process.wait(20) == status and (b"up: AS64500" in told) == (status == 0), told)
        os.close(ours)
    print("ok: a person is asked")


def main():
    if os.geteuid() != 0:
        print("skipped: namespaces need root")
        return SKIP
    started = time.monotonic()
    atexit.register(shutil.rmtree, HERE, True)
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(1))
    HERE.chmod(0o755)
    try:
        build()
        path = table_file()
        for begin, _ in TABLES.values():
            begin()
        all_daemons_get_the_table(path)
        fairlead_gets_the_table(path)
        cycles_and_steps(path)
        inner_session_over_ipv6(path)
        paths_to_an_old_speaker()
        updates_in_their_time()
        a_speaker_that_does_not_read()
        refusals()
        bad_input()
        asks_at_a_terminal()
    except BaseException:
        for log in sorted(HERE.glob("*.log")):
            print(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}")
        raise
    print(f"ok: {time.monotonic() - started:.0f} s in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
