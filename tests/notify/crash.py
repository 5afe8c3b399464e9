# SPDX-License-Identifier: ISC
"""Kills the notify process at moments of chance, while pages come and the receiver fails every third
time. Its spool is all that survives: the test's engine asks only for what it was not told is kept, as
the real one does, and each page must arrive."""
import json, random, time

from receivers import Http, Server
from sender import NUMBER, Sender, configuration, page


class Trial:
    def __init__(self, harness, path, server, seed):
        self.harness, self.path, self.server = harness, path, server
        self.random, self.count = random.Random(seed), 0
        self.waiting, self.kept_ever = {}, 0  # pages that nobody vouches for yet

    def note(self, words):
        for word in words:
            if word["state"] in ("kept", "sent"):
                self.waiting.pop(word["page"] - NUMBER, None)
            self.kept_ever += word["state"] == "kept"

    def live(self, pages, seconds):
        """One life of the process: asks for what is not vouched for, then for new pages, until killed."""
        sender = Sender(self.harness, self.path)
        for effect in list(self.waiting.values()):
            sender.send(effect)
        end = time.monotonic() + seconds
        for _ in range(pages):
            self.count += 1
            self.waiting[self.count] = page(self.count, "c")
            sender.send(self.waiting[self.count])
            time.sleep(seconds / pages / 2)
        while (left := end - time.monotonic()) > 0:
            time.sleep(left)
        self.note(sender.kill())

    def arrived(self):
        return {json.loads(t["body"])["text"] for t in self.server.taken}

    def finish(self):
        """A last life, for as long as it takes; gives what never arrives."""
        self.server.failing = 0.0
        sender = Sender(self.harness, self.path)
        for effect in list(self.waiting.values()):
            sender.send(effect)
        wanted = {f"page {n}" for n in range(1, self.count + 1)}
        try:
            self.server.wait_for(lambda taken: len(taken) >= len(wanted) and wanted <= {
                json.loads(t["body"])["text"] for t in taken}, "all of them")
        except AssertionError:
            pass
        sender.end()
        return wanted - self.arrived()


def run(harness, place, kills, seed):
    server = Server("ipv4", Http)
    server.failing = 1 / 3
    path = configuration(place, [{"name": "c", "kind": "slack", "url": server.url("http")}])
    trial = Trial(harness, path, server, seed)
    for _ in range(kills):
        trial.live(pages=trial.random.randint(1, 6), seconds=trial.random.uniform(0, 0.25))
    lost = trial.finish()
    return {"kills": kills, "pages": trial.count, "kept": trial.kept_ever, "lost": len(lost),
            "twice": len(server.taken) - len(trial.arrived())}
