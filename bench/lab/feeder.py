# SPDX-License-Identifier: ISC
"""`fairlead feed` told step by step: a table is announced or withdrawn when the bench says so."""
import json, queue, subprocess, threading

from data import FAIRLEAD
from daemons import DEVICE_AS, HOLD_S
from ground import DEVICE, FEEDER_CORE, fail, feeder_address


class Feeder:
    """One session with a view of the table; encoded and up before anything is measured."""

    def __init__(self, ground, device, table, peer):
        words = self.command(device, table, peer)
        self.ground, self.said = ground, queue.Queue()
        self.log = open(ground.dir / f"feeder{peer}.log", "w+")
        self.process = ground.start(
            ground.feeders, FEEDER_CORE, *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True)
        threading.Thread(target=self.listen, args=[self.process.stdout], daemon=True).start()

    def command(self, device, table, peer):
        return [FAIRLEAD, "feed", table, "--to", DEVICE, "--local-address", feeder_address(peer),
                "--view", feeder_address(peer), "--local-as", device.feeder_as(peer), "--peer-as",
                DEVICE_AS, "--hold", HOLD_S, "--no-extended", "--step", "--json"]

    def wait_up(self):
        encoded = self.wait("encoded", 120)
        self.routes = encoded["routes_ipv4"] + encoded["routes_ipv6"]
        self.messages, self.bytes = encoded["messages"], encoded["bytes"]
        self.wait("up", 30)

    def listen(self, lines):
        for line in lines:
            self.said.put(json.loads(line))
        self.said.put(None)

    def wait(self, event, seconds):
        """The next line of that event; ends the bench when the session is gone instead."""
        while True:
            try:
                said = self.said.get(timeout=seconds)
            except queue.Empty:
                fail(f"the feeder does not say '{event}' in {seconds} s")
            if said is None or said["event"] == "down":
                self.log.seek(0)
                fail(f"the feeder is gone: {self.log.read().strip() or said}")
            if said["event"] == event:
                return said

    def step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def stepped(self, seconds=900):
        """When the step began and ended, on the monotonic clock: seconds."""
        begun = self.wait("begun", seconds)
        done = self.wait("done", seconds)
        return begun["at_ns"] / 1e9, done["at_ns"] / 1e9

    def end(self):
        if self.process:
            self.ground.stop(self.process)
            self.process = None
