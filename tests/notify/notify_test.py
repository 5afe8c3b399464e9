#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Pages by real HTTP and SMTP with TLS, in both families: notify_test.py HARNESS. Each channel's own
form, retries, what hangs and what lies, the spool, and processes killed at moments of chance."""
import base64, email, hmac, json, os, pathlib, re, socket, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import crash
from receivers import FAMILIES, Http, Server, Smtp, make_certificate, tls_of
from sender import NUMBER, Sender, configuration, page

HARNESS = sys.argv[1]


def with_place(test):
    def run():
        with tempfile.TemporaryDirectory() as place:
            test(pathlib.Path(place))
    return run


def secret(place, name, text):
    path = place / name
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def bodies(server):
    return [json.loads(taken["body"]) for taken in server.taken]


@with_place
def every_vendor_gets_its_own_form(place):
    server = Server("ipv4", Http)
    key = secret(place, "key", "s3cret")
    kinds = ["webhook", "slack", "teams", "pagerduty", "opsgenie", "alertmanager"]
    channels = [{"name": k, "kind": k, "url": server.url("http", f"/{k}"), "secret_file": key} for k in kinds]
    sender = Sender(HARNESS, configuration(place, channels))
    text = 'loss "38 %" caf\u00e9'
    for n, kind in enumerate(kinds, 1):
        sender.send(page(n, kind, text=text, severity="critical"))
        sender.hear_of(n, "sent")
    for n, kind in enumerate(kinds, 1):
        sender.send(page(n + 100, kind, kind="over", outage=n, text="over"))
        sender.hear_of(n + 100, "sent")
    sender.end()
    new, over = server.taken[:6], server.taken[6:]
    webhook, slack, teams, pagerduty, opsgenie, alertmanager = [json.loads(t["body"]) for t in new]
    assert webhook["text"] == text and webhook["person"] == "anna" and webhook["kind"] == "new", webhook
    assert slack == {"text": text}
    assert teams["attachments"][0]["content"]["body"][0]["text"] == text
    assert pagerduty == {"routing_key": "s3cret", "event_action": "trigger", "dedup_key": "fairlead-fra1-1700000000-4",
                         "payload": {"summary": text, "source": "fra1", "severity": "critical",
                                     "custom_details": {"acknowledge": ""}}}, pagerduty
    assert opsgenie["alias"] == "fairlead-fra1-1700000000-5" and opsgenie["priority"] == "P1", opsgenie
    assert alertmanager[0]["labels"] == {"alertname": "FairleadOutage", "site": "fra1", "severity": "critical",
                                         "outage": "fairlead-fra1-1700000000-6"}, alertmanager
    assert "endsAt" not in alertmanager[0] and "endsAt" in json.loads(over[5]["body"])[0]
    assert json.loads(over[3]["body"])["event_action"] == "resolve"
    assert over[4]["path"] == "/opsgenie/fairlead-fra1-1700000000-5/close?identifierType=alias", over[4]
    assert new[0]["headers"]["Authorization"] == "Bearer s3cret"
    assert new[4]["headers"]["Authorization"] == "GenieKey s3cret"
    assert "Authorization" not in new[1]["headers"]


LINK = r"(https://guard\.example\.net:8470/ack\?outage=(\d+)&run=1700000000&person=anna&until=(\d+)&sign=([0-9a-f]{32}))"


def is_signed(link, secret):
    _, outage, until, sign = re.fullmatch(LINK, link).groups()
    said = f"fairlead-ack-1 fra1 {outage} 1700000000 anna {until}"
    right = hmac.new(secret.encode(), said.encode(), "sha256").hexdigest()[:32]
    return sign == right and 86000 < int(until) - time.time() <= 86400


@with_place
def a_link_says_that_somebody_has_it(place):
    server, key = Server("ipv6", Http), secret(place, "key", "s3cret")
    kinds = ["webhook", "slack", "teams", "pagerduty", "opsgenie", "alertmanager"]
    channels = [{"name": k, "kind": k, "url": server.url("http", f"/{k}"), "secret_file": key} for k in kinds]
    signs = "0123456789abcdef0123456789abcdef"
    access = {"url": "https://guard.example.net:8470", "link_secret_file": secret(place, "link", signs)}
    sender = Sender(HARNESS, configuration(place, channels, access=access))
    for n, kind in enumerate(kinds, 1):
        sender.send(page(n, kind, text="text", outage=n))
        sender.hear_of(n, "sent")
    sender.send(page(10, "webhook", kind="over", outage=1, text="over"))
    sender.hear_of(10, "sent")
    sender.end()
    webhook, slack, teams, pagerduty, opsgenie, alertmanager, over = bodies(server)
    links = [
        webhook["link"], re.fullmatch(f"text I have it: {LINK}", slack["text"])[1],
        re.fullmatch(rf"text \[I have it\]\({LINK}\)", teams["attachments"][0]["content"]["body"][0]["text"])[1],
        pagerduty["payload"]["custom_details"]["acknowledge"],
        re.fullmatch(f"text I have it: {LINK}", opsgenie["description"])[1],
        alertmanager[0]["annotations"]["acknowledge"],
    ]
    for n, link in enumerate(links, 1):
        assert is_signed(link, signs) and f"outage={n}&" in link, link
    assert over["link"] == "", over  # nothing is left to have


@with_place
def mail_goes_by_tls_or_not_at_all(place):
    certificate = make_certificate(place)
    for family in FAMILIES:
        server = Server(family, Smtp, tls_of(certificate))
        mail = {"kind": "email", "url": server.url("smtp"), "from": "guard@fra1", "to": "noc@fra1", "user": "guard",
                "secret_file": secret(place, "password", "pw"), "timeout_s": 5}
        channels = [{"name": "mail", "ca_file": certificate[0], **mail}, {"name": "stranger", **mail}]
        sender = Sender(HARNESS, configuration(place, channels, spool=False))
        sender.send(page(1, "mail", text=".loss on transit-a, caf\u00e9"))
        sender.hear_of(1, "sent")
        sender.send(page(2, "stranger"))  # nobody vouches for that certificate
        failed = sender.hear_of(2, "failed")[-1]
        assert "certificate" in failed["reason"], failed
        sender.end()
        (taken,) = server.taken
        assert taken["tls"] and "guard@fra1" in taken["mail"] and "noc@fra1" in taken["rcpt"], taken
        assert base64.b64decode(taken["auth"]) == b"\0guard\0pw", taken
        message = email.message_from_string(taken["data"])
        assert message["Subject"] == ".loss on transit-a, caf??" and message["To"] == "noc@fra1", taken
        assert message.get_payload() == ".loss on transit-a, caf\u00e9\r\n", taken
        plain = Server(family, Smtp)
        sender = Sender(HARNESS, configuration(place, [{"name": "mail", **mail, "url": plain.url("smtp")}], spool=False))
        sender.send(page(3, "mail"))  # it offers TLS and then cannot
        sender.hear_of(3, "failed")
        sender.end()
        assert plain.taken == []


@with_place
def https_in_both_families_and_by_a_chosen_way(place):
    certificate = make_certificate(place)
    servers = {family: Server(family, Http, tls_of(certificate)) for family in FAMILIES}
    channels = [{"name": f, "kind": "webhook", "url": s.url("https", "/x"), "ca_file": certificate[0]}
                for f, s in servers.items()]
    sender = Sender(HARNESS, configuration(place, channels))
    for n, family in enumerate(FAMILIES, 1):
        sender.send(page(n, family))
        sender.hear_of(n, "sent")
    sender.send(page(5, "ipv4", way="transit-a"))
    sender.hear_of(5, "sent")
    sender.send(page(6, "ipv6", way="transit-a"))  # which has no source in this family
    sender.hear_of(6, "failed")
    sender.end()
    assert [len(s.taken) for s in servers.values()] == [2, 1]


@with_place
def what_fails_or_hangs_is_tried_again_and_holds_up_nothing(place):
    good, bad = Server("ipv4", Http), Server("ipv6", Http)
    bad.failing = 1.0
    channels = [{"name": "good", "kind": "slack", "url": good.url("http")},
                {"name": "bad", "kind": "slack", "url": bad.url("http"), "timeout_s": 2}]
    sender = Sender(HARNESS, configuration(place, channels))
    sender.send(page(1, "bad"))
    assert sender.hear_of(1, "failed")[-1]["reason"].startswith("status 503: busy"), "its words"
    bad.failing, bad.hanging = 0.0, True
    sender.send(page(2, "bad", outage=2))
    for n in range(10, 20):
        sender.send(page(n, "good"))
        sender.hear_of(n, "sent")  # although the other one hangs
    sender.hear_of(2, "failed")
    bad.hanging = False
    bad.wait_for(lambda taken: {"page 1", "page 2"} <= {json.loads(t["body"])["text"] for t in taken}, "both")
    sender.end()


@with_place
def a_dead_name_server_holds_up_nothing(place):
    if os.geteuid() != 0:
        return  # it takes a name server's port, and a mount of our own
    dead = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    dead.bind(("127.0.0.77", 53))  # it never answers
    (place / "resolv.conf").write_text("nameserver 127.0.0.77\noptions timeout:30 attempts:4\n")
    server = Server("ipv4", Http)
    path = configuration(place, [{"name": "good", "kind": "slack", "url": server.url("http")},
                                 {"name": "bad", "kind": "slack", "url": "http://nowhere.example.net/", "timeout_s": 1}])
    mount = f'mount --bind {place}/resolv.conf /etc/resolv.conf && exec "$0" "$@"'
    sender = Sender(HARNESS, path, within=("unshare", "-m", "sh", "-c", mount))
    sender.send(page(1, "bad"))
    heard = []
    for n in range(10, 20):
        sender.send(page(n, "good"))
        heard += sender.hear_of(n, "sent")
    if not any(w["state"] == "failed" for w in heard):
        heard += sender.hear_of(1, "failed")
    (first, *_) = [w for w in heard if w["state"] == "failed"]  # not after getaddrinfo's own ten seconds
    assert first["channel"] == "bad" and first["reason"].startswith("Resolving timed out after 1"), first
    for n in range(20, 30):  # nor is the name waited for afterwards, which takes two minutes
        sender.send(page(n, "good"))
        sender.hear_of(n, "sent")
    sender.end()


@with_place
def newer_words_replace_those_that_wait(place):
    server = Server("ipv4", Http)
    server.failing = 1.0
    path = configuration(place, [{"name": "c", "kind": "slack", "url": server.url("http")}])
    sender = Sender(HARNESS, path)
    sender.send(page(1, "c", outage=1, text="first"))
    sender.hear_of(1, "failed")
    server.failing = 0.0
    sender.send(page(2, "c", outage=1, kind="over", text="last"))
    sender.hear_of(2, "sent")
    sender.end()
    sender = Sender(HARNESS, path)  # nor does the older one come back
    sender.send(page(3, "c", outage=3, text="other"))
    sender.hear_of(3, "sent")
    sender.end()
    assert [b["text"] for b in bodies(server)] == ["last", "other"], bodies(server)


@with_place
def what_came_by_one_channel_goes_by_no_other(place):
    dead, good = Server("ipv4", Http), Server("ipv6", Http)
    dead.failing = 1.0
    path = configuration(place, [{"name": "dead", "kind": "slack", "url": dead.url("http")},
                                 {"name": "good", "kind": "slack", "url": good.url("http")}])
    sender = Sender(HARNESS, path)
    sender.send(page(1, "dead"))
    sender.hear_of(1, "failed")
    sender.send(page(1, "good"))
    sender.hear_of(1, "sent")
    sender.end()
    dead.failing = 0.0
    sender = Sender(HARNESS, path)
    sender.send(page(2, "dead"))
    sender.hear_of(2, "sent")
    sender.end()
    assert [b["text"] for b in bodies(dead)] == ["page 2"], bodies(dead)


@with_place
def heartbeats_go_where_they_should_and_are_not_kept(place):
    server = Server("ipv4", Http)
    path = configuration(place, [{"name": "c", "kind": "slack", "url": "http://127.0.0.1:1/",
                                  "heartbeat_s": 10, "heartbeat_to": server.url("http", "/watcher")}])
    sender = Sender(HARNESS, path)
    sender.send(page(1, "c", kind="heartbeat", person=None))
    words = sender.hear_of(1, "sent")
    assert [w["state"] for w in words] == ["sent"], words
    sender.end()
    assert [t["path"] for t in server.taken] == ["/watcher"]
    assert not (place / "spool.0").read_text() and not (place / "spool.1").read_text()


@with_place
def programs_are_run(place):
    script = place / "ring"
    script.write_text(f"#!/bin/sh\necho \"$FAIRLEAD_KIND $FAIRLEAD_OUTAGE $FAIRLEAD_PERSON $FAIRLEAD_TEXT\" >>{place}/rung\n"
                      "[ $FAIRLEAD_OUTAGE != 2 ] || { echo no paper; exit 1; }\n")
    script.chmod(0o755)
    sender = Sender(HARNESS, configuration(place, [{"name": "bell", "kind": "program", "program": script}]))
    sender.send(page(1, "bell"))
    sender.hear_of(1, "sent")
    sender.send(page(2, "bell"))
    assert "no paper" in sender.hear_of(2, "failed")[-1]["reason"]
    sender.end()
    assert (place / "rung").read_text().splitlines()[:2] == ["new 1 anna page 1", "new 2 anna page 2"]


@with_place
def a_disk_that_is_full_loses_no_page(place):
    server = Server("ipv4", Http)
    path = configuration(place, [{"name": "c", "kind": "slack", "url": server.url("http")}])
    sender = Sender(HARNESS, path, file_bytes_max=100)
    for n in range(1, 5):
        sender.send(page(n, "c"))
        assert all(w["state"] != "kept" for w in sender.hear_of(n, "sent"))
    sender.end()


@with_place
def a_spool_that_is_no_file_is_refused(place):
    path = configuration(place, [{"name": "c", "kind": "slack", "url": "http://127.0.0.1:1/"}])
    for bad in lambda p: p.symlink_to("/dev/zero"), lambda p: os.mkfifo(p), lambda p: p.mkdir():
        bad(place / "spool.0")
        process = subprocess.run([HARNESS, path, "notify"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert process.returncode == 3 and "cannot keep pages in" in process.stderr, process
        (place / "spool.0").rmdir() if (place / "spool.0").is_dir() else (place / "spool.0").unlink()


@with_place
def what_an_older_version_kept_goes_out(place):
    server = Server("ipv6", Http)
    path = configuration(place, [{"name": "c", "kind": "webhook", "url": server.url("http")},
                                 {"name": "d", "kind": "webhook", "url": server.url("http")}])
    old = [{k: v for k, v in page(n, channel).items() if k != "run_s"} for n, channel in ((1, "c"), (2, "d"), (3, "c"))]
    newer = page(4, "c") | {"run_s": 1_600_000_000}  # of an outage that began in an earlier life
    lines = [f"P {int(time.time()) - 5} {json.dumps(p, separators=(',', ':'))}" for p in [*old, newer]]
    (place / "spool.0").write_text("\n".join([*lines, f"D {old[2]['page']} c", ""]))
    sender = Sender(HARNESS, path)
    waits = {NUMBER + n for n in (1, 2, 4)}
    while waits:
        word = sender.hear()
        waits -= {word["page"]} if word["state"] == "sent" else set()
    sender.end()
    keys = sorted(body["key"] for body in bodies(server))
    assert keys == ["fairlead-fra1-1600000000-4", "fairlead-fra1-1700000000-1", "fairlead-fra1-1700000000-2"], keys


@with_place
def no_page_is_lost_when_it_is_killed(place):
    result = crash.run(HARNESS, place, kills=6, seed=1)
    assert result["lost"] == 0 and result["kills"] == 6 and result["kept"] > 0, result


def main():
    for test in (every_vendor_gets_its_own_form, a_link_says_that_somebody_has_it, mail_goes_by_tls_or_not_at_all,
                 https_in_both_families_and_by_a_chosen_way, what_fails_or_hangs_is_tried_again_and_holds_up_nothing,
                 a_dead_name_server_holds_up_nothing, newer_words_replace_those_that_wait,
                 what_came_by_one_channel_goes_by_no_other, heartbeats_go_where_they_should_and_are_not_kept,
                 programs_are_run, a_disk_that_is_full_loses_no_page, a_spool_that_is_no_file_is_refused,
                 what_an_older_version_kept_goes_out, no_page_is_lost_when_it_is_killed):
        test()


if __name__ == "__main__":
    main()
