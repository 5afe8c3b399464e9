# SPDX-License-Identifier: ISC
"""One step (announce or withdraw a table on every session) and what it cost the device."""
import time

from feeder import Feeder
from ground import cpu_s, fail, proportional_mib, resident_mib

IDLE_S = 0.25  # so long without work, the device is done
IDLE_SHARE = 0.1  # of a core: timers and probes go on
STEP_MAX_S = 900


class Session:
    """A device with its feeders, all sessions up, nothing announced yet."""

    def __init__(self, ground, kind, table, peers):
        self.device = kind(ground, peers).begin()
        self.feeders = [Feeder(ground, self.device, table, peer) for peer in range(peers)]
        self.routes = [feeder.routes for feeder in self.feeders]
        self.steps = 0

    def step(self):
        """Announces or withdraws all; seconds from the first octet on.

        complete_s: its own count was right; idle_s: it stopped working; cpu_s: until then.
        """
        device, steps = self.device, self.steps
        self.steps += 1
        expected = self.routes if steps % 2 == 0 else [0] * len(self.routes)
        counted = steps < device.counted_steps
        cpu_before = cpu = cpu_s(device.pids())
        for feeder in self.feeders:
            feeder.step()
        began_late = busy = now = time.monotonic()
        complete = None
        while (counted and not complete) or now - busy < IDLE_S:
            time.sleep(device.poll_s)
            if counted and not complete and device.counts() == expected:
                complete = time.monotonic()
            before, now, used = now, time.monotonic(), cpu_s(device.pids())
            if used - cpu > IDLE_SHARE * (now - before):
                busy = now
            cpu = used
            if now - began_late > STEP_MAX_S:
                fail(f"{device.name} has {device.counts()} after {STEP_MAX_S} s, not {expected}")
        steps = [feeder.stepped() for feeder in self.feeders]
        began = min(began for began, _ in steps)
        return {
            "complete_s": (complete or busy) - began,
            "idle_s": max(busy, complete or busy) - began,
            "sent_s": max(ended for _, ended in steps) - began,
            "cpu_s": cpu - cpu_before,
        } | self.memory()

    def memory(self):
        pids = self.device.pids()
        return {"rss_mib": resident_mib(self.device.main_pid()),
                "pss_mib": proportional_mib(pids)}

    def end(self):
        for feeder in self.feeders:
            feeder.end()
        self.device.end()
