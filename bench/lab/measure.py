# SPDX-License-Identifier: ISC
"""One step (announce or withdraw a table on every session) and what it cost the device."""
import time

from feeder import Feeder
from ground import cpu_s, fail, proportional_mib, resident_mib

IDLE_S = 0.3  # so long without work, and the device is done
IDLE_SHARE = 0.1  # of a core: timers and probes go on
BUSY_S, BUSY_SHARE = 0.015, 0.25  # what is work, and no timer
STEP_MAX_S = 900


class Work:
    """CPU seconds of a device as they grow: when did it stop working?"""

    def __init__(self, device):
        self.device, self.samples = device, []
        self.look()

    def look(self):
        self.samples.append((time.monotonic(), cpu_s(self.device.pids())))

    def is_idle(self):
        now, used = self.samples[-1]
        before = [cpu for at, cpu in self.samples if at <= now - IDLE_S]
        return bool(before) and used - before[-1] < IDLE_SHARE * IDLE_S

    def ended(self):
        """The last moment before which it worked for BUSY_SHARE of BUSY_S."""
        ended = before = 0
        for i, (at, used) in enumerate(self.samples):
            while self.samples[before + 1][0] <= at - BUSY_S:
                before += 1
            since, cpu = self.samples[before]
            if used - cpu > BUSY_SHARE * (at - since):
                ended = i
        return self.samples[ended][0]

    def cpu(self):
        return self.samples[-1][1] - self.samples[0][1]


class Session:
    """A device with its feeders, all sessions up, nothing announced yet."""

    def __init__(self, ground, kind, table, peers, feeder_kind=Feeder):
        self.device = kind(ground, peers).begin()
        self.feeders = [feeder_kind(ground, self.device, table, peer) for peer in range(peers)]
        for feeder in self.feeders:
            feeder.wait_up()
        self.routes = [feeder.routes for feeder in self.feeders]
        self.steps = 0

    def step(self):
        """Announces or withdraws all; seconds from the first octet on.

        complete_s: its own count was right, or, where a count is work for it, it stopped working
        and its count was right then; idle_s: it stopped working; cpu_s: until then.
        """
        device, steps = self.device, self.steps
        self.steps += 1
        expected = self.routes if steps % 2 == 0 else [0] * len(self.routes)
        work, complete = Work(device), None
        for feeder in self.feeders:
            feeder.step()
        while not complete or not work.is_idle():
            time.sleep(device.poll_s)
            work.look()
            if not complete and device.asked == "always" and device.counts() == expected:
                complete = time.monotonic()
            elif not complete and device.asked != "always" and work.is_idle():
                ended = work.ended()  # before the question makes work
                if device.asked == "never" or device.counts() == expected:
                    complete = ended
                    break
            if work.samples[-1][0] - work.samples[0][0] > STEP_MAX_S:
                fail(f"{device.name} has {device.counts()} after {STEP_MAX_S} s, not {expected}")
        steps = [feeder.stepped() for feeder in self.feeders]
        began, sent = min(began for began, _ in steps), max(sent for _, sent in steps)
        complete = max(complete, sent)
        return {
            "complete_s": complete - began,
            "idle_s": max(work.ended(), complete) - began,
            "sent_s": sent - began,
            "cpu_s": work.cpu(),
        } | self.memory()

    def memory(self):
        pids = self.device.pids()
        return {"rss_mib": resident_mib(self.device.main_pid()),
                "pss_mib": proportional_mib(pids)}

    def end(self):
        for feeder in self.feeders:
            feeder.end()
        self.device.end()
