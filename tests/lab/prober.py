# SPDX-License-Identifier: ISC
"""The probe role by itself, run by probe_host in a namespace, and sums of what it tells."""
import atexit, collections, json, os, signal, subprocess, tempfile, time

from spaces import check


class Prober:
    """The role and whatever it told so far."""

    def __init__(self, space, program, config, *arguments, wrapper=()):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.file.write(config)
        self.file.flush()
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", space, *wrapper, program, self.file.name, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.rest = ""
        line = self.process.stdout.readline()
        if not line:  # refused: the caller reads why
            return
        self.pid = json.loads(line)["prober"]
        atexit.register(lambda: os.path.exists(f"/proc/{self.pid}") and os.kill(self.pid, signal.SIGKILL))
        os.set_blocking(self.process.stdout.fileno(), False)

    def events(self):
        try:
            while chunk := os.read(self.process.stdout.fileno(), 1 << 20):
                self.rest += chunk.decode()
        except BlockingIOError:
            pass
        lines = self.rest.split("\n")
        self.rest = lines.pop()
        return [json.loads(line) for line in lines]

    def watch(self, seconds):
        """Sums for each path of what is told from now on, and the signals."""
        self.events()
        return self.sums(seconds)

    def sums(self, seconds):
        until, sums, signals, last = time.monotonic() + seconds, {}, [], time.monotonic()
        self.silence = 0
        while time.monotonic() < until:
            time.sleep(0.02)
            for event in self.events():
                self.silence, last = max(self.silence, time.monotonic() - last), time.monotonic()
                if event["event"] == "signal":
                    signals.append((event["signal"], event["path"]))
                if event["event"] != "tally":
                    continue
                if event["event"] != "tally":  # a fault
                    continue
                for key in event:
                    if isinstance(event[key], int):
                        of_path = sums.setdefault(event["path"], collections.Counter())
                        of_path[key] += event[key]
                        of_path[event["target"] + "/" + key] += event[key]
        return sums, signals

    def stop(self):
        """Lets the engine's end go away; the role must follow, in peace."""
        self.process.kill()
        for _ in range(100):
            if not os.path.exists(f"/proc/{self.pid}"):
                break
            time.sleep(0.02)
        errors = self.process.stderr.read()
        check("event=probe_end" in errors, f"the role ends with its engine: {errors}")
        return errors
