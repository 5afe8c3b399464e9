# SPDX-License-Identifier: ISC
"""The notify role under the test's hand: pages in, what became of them out."""
import json, os, queue, resource, signal, subprocess, threading

SITE = """site: fra1
bgp: {as: 64500, router_id: 198.51.100.5}
routers: [{name: edge1, address: 198.51.100.1, families: [ipv4]}]
upstreams:
  - {name: transit-a, router: edge1, next_hop: 10.0.1.1,
     probe: {source: [127.0.0.2]}}
targets: [{name: far-1, address: 203.0.113.10}, {name: far-2, address: 203.0.113.138}]
steer: {prefixes: 203.0.113.0/24, marker: 64500:666:1}
alert:
"""
NUMBER = 1_700_000_000 << 20  # pages of one life of an engine


def page(n, channel, **others):
    return {"effect": "page", "at_ns": 1, "page": NUMBER + n, "kind": "new", "outage": n, "person": "anna",
            "channel": channel, "way": None, "severity": "major", "text": f"page {n}",
            "run_s": NUMBER >> 20, **others}


def configuration(place, channels, spool=True, access=None):
    """Writes it; `channels`: dictionaries of keys."""
    lines = [SITE, f"  spool: {place}/spool\n" if spool else "", "  channels:\n"]
    lines += ["    - {" + ", ".join(f"{k}: '{v}'" for k, v in c.items()) + "}\n" for c in channels]
    lines.append(f"  people: [{{name: anna, channels: [{channels[0]['name']}]}}]\n")
    if access:
        lines.append("access: {" + ", ".join(f"{k}: '{v}'" for k, v in access.items()) + "}\n")
    path = place / "fairlead.yaml"
    path.write_text("".join(lines))
    return path


class Sender:
    def __init__(self, harness, path, file_bytes_max=resource.RLIM_INFINITY, within=()):
        limit = (file_bytes_max, file_bytes_max)
        self.process = subprocess.Popen(  # Python ignores SIGXFSZ; its child is to do so too
            [*within, harness, path, "notify"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, restore_signals=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        self.heard = queue.Queue()
        self.pid = json.loads(self.process.stdout.readline())["role_pid"]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.heard.put(json.loads(line))
        self.heard.put(None)

    def send(self, effect):
        try:
            self.process.stdin.write(json.dumps(effect) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it was killed: whoever sent asks once more

    def hear(self, limit_s=60):
        """The next thing it says; None: it is gone."""
        return self.heard.get(timeout=limit_s)

    def hear_of(self, n, state):
        """What was said up to the first word of this state for page n."""
        words = []
        while True:
            word = self.hear()
            assert word, f"it ended before page {n} was {state}"
            words.append(word)
            if word["page"] == NUMBER + n and word["state"] == state:
                return words

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait()
        words = []
        while (word := self.hear()) is not None:
            words.append(word)
        return words

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=20) == 0
