#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What doc/operators tells people to write: operators_test.py FAIRLEAD; needs root, bird and frr; about 5 s.

The configurations of FRR and BIRD in routers.md run as they stand there, in one namespace with the daemon: both
sessions come up complete, FRR's BMP is heard, its ADD-PATH and BIRD's negotiated. The rules of policy routing are
taken by the kernel. Every command of Fairlead that a page names has that verb and those options.
"""
import atexit, json, os, pathlib, re, signal, subprocess, sys, tempfile, time

from spaces import run

ROOT = pathlib.Path(__file__).parents[2]
FAIRLEAD, SPACE = os.path.abspath(sys.argv[1]), f"flo{os.getpid()}"
HERE = pathlib.Path(tempfile.mkdtemp(prefix="fairlead-operators-"))
PAGES = sorted((ROOT / "doc/operators").glob("*.md"))

CONFIG = f"""
site: lab
control: {HERE}/control.sock
bgp: {{as: 64500, router_id: 198.51.100.5}}
routers:
  - {{name: edge1, address: 198.51.100.1, port: 1179, local_address: 198.51.100.5, families: [ipv4, ipv6]}}
  - {{name: edge2, address: 198.51.100.2, local_address: 198.51.100.5, families: [ipv4, ipv6]}}
upstreams:
  - {{name: transit-a, router: edge1, next_hop: [10.0.1.1, "2001:db8:0:a1::1"], probe: {{mark: 101}}}}
  - {{name: transit-b, router: edge2, next_hop: [10.0.2.1, "2001:db8:0:b1::1"], probe: {{mark: 102}}}}
targets: [{{name: far, address: [198.51.100.9, "2001:db8:0:1::9"], protocol: icmp, ours: true, rate_pps: 1}}]
steer: {{prefixes: [198.18.0.0/15], marker: '64500:666:1'}}
bmp: {{listen: [198.51.100.5], senders: [{{name: edge1, address: 198.51.100.5}}]}}
"""


def blocks(language):
    text = (ROOT / "doc/operators/routers.md").read_text()
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)
    assert found, language
    return "\n".join(found)


def wait_for(what, condition):
    until = time.monotonic() + 30
    while not (found := condition()):
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.05)
    return found


def inside(*command):
    return ["ip", "netns", "exec", SPACE, *map(str, command)]


def start(name, *command):
    process = subprocess.Popen(inside(*command), stdout=open(HERE / f"{name}.out", "w"), stderr=subprocess.STDOUT)
    atexit.register(lambda: (process.terminate(), process.wait()))
    return process


def asks(*question):
    done = subprocess.run([FAIRLEAD, *question, "--control", HERE / "control.sock", "--json"], capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()] if done.returncode == 0 else []


def build():
    os.chmod(HERE, 0o755)
    run("ip", "netns", "add", SPACE)
    run(*inside("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0"))
    run(*inside("ip", "link", "set", "lo", "up"))
    for address in "198.51.100.1/32", "198.51.100.2/32", "198.51.100.5/32":
        run(*inside("ip", "address", "add", address, "dev", "lo"))
    run(*inside("ip", "link", "add", "wan", "type", "veth", "peer", "name", "transit"))
    for device in "transit", "wan":
        run(*inside("ip", "link", "set", device, "up"))
    for address in "10.0.1.0/31", "2001:db8:0:a1::2/64":
        run(*inside("ip", "address", "add", address, "dev", "wan", *(["nodad"] if ":" in address else [])))


def policy_routing():
    run(*inside("sh", "-euc", blocks("sh")))
    for family, source in ("-4", "192.0.2.16/28"), ("-6", "2001:db8:0:a0::/64"):
        said = run(*inside("ip", family, "rule", "show"))
        assert f"from {source} lookup 101" in said, said


def sessions():
    (HERE / "bird.conf").write_text('log stderr all;\nrouter id 198.51.100.2;\nprotocol device {}\n' + blocks("bird"))
    (HERE / "frr.conf").write_text(f"log stdout\nrouter bgp 64500\n bgp router-id 198.51.100.1\n!\n{blocks('frr')}")
    (HERE / "fairlead.yaml").write_text(CONFIG)
    start("bird", "bird", "-f", "-c", HERE / "bird.conf", "-s", HERE / "bird.ctl")
    start("bgpd", "/usr/lib/frr/bgpd", "-S", "-Z", "-M", "bmp", "-f", HERE / "frr.conf", "-l", "198.51.100.1", "-p", "1179",
          "-i", HERE / "bgpd.pid", "--vty_socket", HERE, "-P", "0")
    wait_for("bird", (HERE / "bird.ctl").exists)
    start("fairlead", FAIRLEAD, "run", "-c", HERE / "fairlead.yaml")
    out = lambda: (HERE / "fairlead.out").read_text()
    for router in "edge1", "edge2":
        wait_for(f"{router}'s session, and all paths in it", lambda: re.search(
            rf"session with {router} is up: hold time 9 s, families IPv4 and IPv6, ADD-PATH for IPv4 and IPv6", out()))
        for family in "IPv4", "IPv6":
            wait_for(f"the end of {router}'s table", lambda: f"session with {router} is complete for {family}" in out())
    wait_for("BMP", lambda: any(line.get("router", {}).get("up") for line in asks("bmp")))


def commands():
    """`fairlead VERB ... --option`, or such a line of its own."""
    count, helps = 0, {}
    for page in PAGES:
        for verb, rest in re.findall(r"(?:^    |`)fairlead ([a-z][a-z-]*)((?: [^`\n#&|;]*)?)", page.read_text(), re.M):
            if verb not in helps:
                helps[verb] = subprocess.run([FAIRLEAD, verb, "--help"], capture_output=True, text=True)
                assert helps[verb].returncode == 0, f"{page.name}: there is no fairlead {verb}"
            count += 1
            for option in re.findall(r"--[a-z][a-z-]*", rest):
                assert option in helps[verb].stdout, f"{page.name}: fairlead {verb} has no {option}"
    assert count > 30, count


def main():
    atexit.register(subprocess.run, ["rm", "-rf", str(HERE)])
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(1))
    commands()
    atexit.register(subprocess.run, ["ip", "netns", "del", SPACE], stderr=subprocess.DEVNULL)
    build()
    policy_routing()
    sessions()
    print("passed")


main()
