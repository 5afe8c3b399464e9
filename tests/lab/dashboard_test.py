#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The dashboard in a browser, of a real daemon in an outage: dashboard_test.py FAIRLEAD PICTURES; needs root,
bird, frr, node, chromium and what `npm ci` brings to tests/web. About a minute.

The scenario `telia`, with a store and people on call, in mode confirm: who looks also acts. When Fairlead has found
the outage, the transit goes on to lose, both ways, for as long as it is looked at; tests/web/dashboard.mjs looks,
approves, does whatever a page can do, at last stops the daemon, and leaves its pictures in PICTURES.
"""
import atexit, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, time

FAIRLEAD, PICTURES = map(os.path.abspath, sys.argv[1:3])
SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
WEB = SOURCE / "tests/web"
PAGE = "http://127.0.0.1:8470/"
PASSWORD = "nobody else knows it"
HANG_S, SKIP = 60, 77

MORE = """
modes: {{override: confirm, stance: confirm}}
announce:
  - {{prefix: 203.0.113.0/24, next_hop: 198.51.100.10}}
  - {{prefix: "2001:db8:53::/48", next_hop: "2001:db8:0:1::10"}}
access:
  users:
    - {{name: anna, password: '{password}', rights: [read, ack, act, admin]}}
    - {{name: ben, password: '{password}', rights: [read, ack, act]}}
    - {{name: carl, password: '{password}', rights: [read]}}
bmp: {{listen: [198.51.100.5, "2001:db8:0:1::5"], senders: [{{name: box, address: [198.51.100.10, "2001:db8:0:1::10"]}}]}}
syslog: {{listen: [198.51.100.5, "2001:db8:0:1::5"], devices: [{{name: box, address: [198.51.100.10, "2001:db8:0:1::10"]}}]}}
store:
  file: {here}/store.db
alert:
  spool: ""
  channels: [{{name: phone, kind: program, program: /bin/true}}]
  people: [{{name: anna, channels: phone}}, {{name: ben, channels: phone}}]
  teams:
    - {{name: network, zone: Europe/Berlin, rota: [{{people: [anna, ben], from: 2020-01-06 09:00, weeks: 52}}]}}
  severities: {{minor: {{teams: network}}, major: {{teams: network}}, critical: {{teams: network}}}}
"""


def wait_for(what, condition):
    until = time.monotonic() + HANG_S
    while not (found := condition()):
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.1)
    return found


def scenario(here):
    """`telia` with MORE in its configuration, own prefixes that the world may be asked to send otherwise, and far-4
    at no place."""
    shutil.copytree(SOURCE / "scenarios/telia", here / "telia")
    password = subprocess.run([FAIRLEAD, "password"], input=PASSWORD, capture_output=True, text=True, check=True).stdout.strip()
    config = here / "telia/fairlead.yaml"
    text = config.read_text() + MORE.format(here=here, password=password)
    text, unplaced = re.subn(r"(- name: far-4\n.*\n) +location: .*\n", r"\1", text)
    text, told = re.subn(r"( +)next_hop: \[10\.0\.(\d)\.1, .*\n", r"\g<0>\1inbound: {graceful: 64500:\2:2, withhold: 64500:\2:3}\n", text)
    text, steers = re.subn(r"steer:\n", r"\g<0>  inbound: true\n", text)
    text, allowed = re.subn(r"allowed_bogons: \[", r"\g<0>203.0.113.0/24, ", text)
    assert (unplaced, told, steers, allowed) == (1, 2, 1, 1)
    config.write_text(text)
    # What comes back to us comes by transit B: or what leaves would be judged by what comes back, too.
    far = here / "telia/far.conf"
    prefers, count = re.subn(r"(as 65002;\n    ipv. {) import all;", r"\1 import filter { bgp_local_pref = 120; accept; };", far.read_text())
    assert count == 2
    far.write_text(prefers)
    here.chmod(0o755)
    shutil.chown(here, "nobody")
    return here / "telia"


def lose_on(lab):
    rules = """table inet looked_at {
        chain forward {
            type filter hook forward priority 0
            numgen random mod 100 < 38 counter drop
        }
    }
    """
    subprocess.run(["ip", "netns", "exec", f"fl{lab.pid}-transit-a", "nft", "-f", "-"], input=rules, text=True, check=True)


def main():
    if os.geteuid() != 0:
        print("needs root: skipped")
        sys.exit(SKIP)
    assert (WEB / "node_modules").is_dir(), "tools/install.sh test brings tests/web/node_modules"
    with tempfile.TemporaryDirectory(prefix="fairlead-dashboard-") as here:
        here = pathlib.Path(here)
        lab = subprocess.Popen([FAIRLEAD, "rehearse", scenario(here), "--watch", "--keep"], stdout=open(here / "out", "w"),
                               stderr=subprocess.STDOUT)
        atexit.register(lab.kill)
        try:
            # A plan whose bounds change waits anew, under another number.
            wait_for("plans that wait", lambda: all(f"waits for approval: move 4 {family} " in (here / "out").read_text()
                                                    for family in ("IPv4", "IPv6")))
            lose_on(lab)
            browser = subprocess.run(["node", WEB / "dashboard.mjs", PAGE, PICTURES],
                                     env=os.environ | {"HOME": str(here), "PASSWORD": PASSWORD, "LAB": f"fl{lab.pid}"})
            if browser.returncode:
                print((here / "out").read_text()[-6000:])
        except AssertionError:
            print((here / "out").read_text())
            raise
        finally:
            lab.send_signal(signal.SIGINT)
            lab.wait(timeout=HANG_S)
    sys.exit(browser.returncode)


main()
