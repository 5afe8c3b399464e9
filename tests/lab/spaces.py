# SPDX-License-Identifier: ISC
"""What lab tests share: commands, also inside a network namespace, and checks that are counted."""
import atexit, subprocess

failures = 0


def check(good, what):
    global failures
    failures += not good
    print("ok  " if good else "FAIL", what, flush=True)


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def inside(space, text, **options):
    return run("ip", "netns", "exec", space, *text.split(), **options)


def start(space, *command, **options):
    """What it prints can be read; it ends with the test."""
    process = subprocess.Popen(["ip", "netns", "exec", space, *command], stdout=subprocess.PIPE, text=True, **options)
    atexit.register(process.kill)
    return process
