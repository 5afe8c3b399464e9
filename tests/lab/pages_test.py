#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""From lost packets to a page in somebody's hands, and back: pages_test.py FAIRLEAD; needs root.

In the network of pages_lab.py one transit answers nothing any more: the one on call is paged by HTTPS,
within the namespace, and two others behind both transits, by IPv4 and by IPv6, by the transit that is
well. The process that sends is killed on the way; then a person acknowledges.
"""
import os, signal, sys

from pages_lab import FAR, HANG_S, answer, answer_pings, build, guard, heard_beyond, sender, status, take_pages, taken, wait_for

FAIRLEAD = os.path.abspath(sys.argv[1])


def main():
    build()
    take_pages()
    daemon = guard(FAIRLEAD)
    wait_for("a heartbeat", lambda: taken(8081))  # the whole way is good
    wait_for("heartbeats by the first transit", lambda: len(taken(8082, "transit-a")) >= 2)
    os.kill(sender(daemon), signal.SIGKILL)
    wait_for("another sender", lambda: sender(daemon))
    answer_pings(FAR[0], False)
    page = wait_for("a page by the second channel", lambda: [t for t in taken(8443) if t["kind"] == "new"])[0]
    assert page["person"] == "root" and "loss on transit-a ipv" in page["text"], page
    assert len(page["text"]) <= 300 and f"Do: fairlead ack {page['outage']}" in page["text"], page
    pages = status(FAIRLEAD)["pages"]
    assert pages["on_call"][0] == {"team": "network", "primary": "root", "secondary": "ben"}, pages
    wait_for("pages beyond the transits", lambda: heard_beyond("transit-b", "new") == ["noc4", "noc6"])
    assert heard_beyond("transit-a", "new") == [], "it is that which fails"
    shown = answer(FAIRLEAD, "status").stdout
    assert "on call" in shown and "then ben" in shown and f"outage {page['outage']}" in shown, shown
    done = answer(FAIRLEAD, "ack", page["outage"], "--reason", "calling them")
    assert done.returncode == 0 and f"outage {page['outage']} is root's" in done.stdout, done
    # While it still turns graver, what was acknowledged was less.
    wait_for("an acknowledgement that holds", lambda: answer(FAIRLEAD, "ack", page["outage"]).returncode == 0 and
             status(FAIRLEAD)["pages"]["cases"][0]["state"] == "acknowledged")
    assert answer(FAIRLEAD, "ack", "99").returncode == 1
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=HANG_S) == 0


if __name__ == "__main__":
    main()
