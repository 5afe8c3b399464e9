#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A certificate that is renewed while the daemon runs: certificate_test.py FAIRLEAD, over IPv4 and IPv6. A
daemon shows it after SIGHUP, at web and for syslog over TLS, and after their processes died; a bad one changes
nothing; whoever shows no certificate of access.tls_authorities is refused; who was logged in stays so, and a device that is connected; each read of its key is on record. Needs root, for the sockets of probes. About 3 s."""
import http.client, json, os, pathlib, re, shutil, signal, socket, ssl, subprocess, sys, tempfile, time

FAIRLEAD = os.path.abspath(sys.argv[1])
HERE = tempfile.TemporaryDirectory(prefix="fairlead-certificate-")
PLACE = pathlib.Path(HERE.name)
CONFIG = """\
site: here
mode: observe
user: nobody
control: {here}/control.sock
audit: {here}/audit.jsonl
web: "{address}:{port}"
bgp: {{as: 64500, router_id: 127.0.0.9}}
routers:
  - {{name: edge1, address: 127.0.0.1, port: {nobody}, families: [ipv4, ipv6]}}
upstreams:
  - {{name: transit-a, router: edge1, next_hop: [192.0.2.1, "2001:db8::1"], probe: {{source: [127.0.0.1, "::1"]}}}}
steer: {{prefixes: [192.0.2.0/24], marker: "64500:666:1"}}
targets:
  - {{name: here, address: [127.0.0.1, "::1"], protocol: icmp}}
syslog: {{tls_listen: ["{bare}"], tls_port: {syslog}, tls_certificate: {here}/web.pem, tls_key: {here}/web.key}}
access:
  tls_certificate: {here}/web.pem
  tls_key: {here}/web.key
{authorities}  users: [{{name: anna, password: "{password}", rights: [read]}}]
"""
LINE = ("<165>Feb  7 22:22:26 fra-rr-4 Bfd: %BFD-5-STATE_CHANGE: peer (vrf:default, ip:18.11.5.1, intf:Ethernet50/1, "
        "srcIp:0.0.0.0, type:normal) changed state from Up to Down diag None")
PASSWORD = "correct horse battery"
WAIT_S = 30  # generous: what is waited for is a condition


def free_port(family, address):
    with socket.socket(family) as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def make_certificate(name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", PLACE / f"{name}.key", "-out", PLACE / f"{name}.pem"],
                   check=True, capture_output=True)
    return ssl.PEM_cert_to_DER_cert((PLACE / f"{name}.pem").read_text())


class Daemon:
    def __init__(self, family, address, password, mode, authorities=""):
        self.address, self.place = address, PLACE / (address.replace(":", "_") + authorities)
        self.shown = None  # the name of the certificate that we show
        self.port, self.syslog = free_port(family, address), free_port(family, address)
        self.place.mkdir()
        shutil.chown(self.place, "nobody")
        self.put("old.pem", "old.key")
        if authorities:
            shutil.copy(PLACE / f"{authorities}.pem", self.place / "authorities.pem")
        config = self.place / "fairlead.yaml"
        config.write_text(CONFIG.format(here=self.place, address=f"[{address}]" if ":" in address else address, port=self.port,
                                        bare=address, syslog=self.syslog,
                                        nobody=free_port(socket.AF_INET, "127.0.0.1"), password=password,
                                        authorities=f"  tls_authorities: {self.place}/authorities.pem\n" if authorities else ""))
        config.chmod(mode)
        self.open = bool(mode & 0o4)
        self.log = open(self.place / "log", "w+")
        self.process = subprocess.Popen([FAIRLEAD, "run", "-c", config], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def put(self, certificate, key):
        for source, name in (certificate, "web.pem"), (key, "web.key"):
            shutil.copy(PLACE / source, self.place / "new")
            (self.place / "new").chmod(0o600)
            shutil.chown(self.place / "new", "nobody")
            os.replace(self.place / "new", self.place / name)

    def said(self):
        return (self.place / "log").read_text()

    def connection(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.shown:
            context.load_cert_chain(PLACE / f"{self.shown}.pem", PLACE / f"{self.shown}.key")
        connection = http.client.HTTPSConnection(self.address, self.port, timeout=WAIT_S, context=context)
        connection.connect()
        return connection

    def shows(self):
        connection = self.connection()
        shown = connection.sock.getpeercert(binary_form=True)
        connection.close()
        return shown

    def device(self):
        """A connection for syslog, as a device has it."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(socket.create_connection((self.address, self.syslog), timeout=WAIT_S))

    def shows_devices(self):
        with self.device() as connection:
            return connection.getpeercert(binary_form=True)

    def ask(self, method, path, body=None, **headers):
        host = f"[{self.address}]" if ":" in self.address else self.address
        connection = self.connection()
        connection.request(method, path, body and json.dumps(body), {"Host": f"{host}:{self.port}", **headers})
        return connection.getresponse()

    def process_of(self, name):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        names = {pathlib.Path(f"/proc/{pid}/comm").read_text().strip(): int(pid) for pid in children}
        return names.get(f"fairlead-{name}")

    def wait_for(self, what, condition):
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if found := condition():
                    return found
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"never: {what}\n{self.said()[-3000:]}")


def renews(daemon, old, new):
    daemon.wait_for("the old certificate", lambda: daemon.shows() == old and daemon.shows_devices() == old)
    device = daemon.device()
    warns = f"{daemon.place}/fairlead.yaml' holds secrets, and others may read it: chmod 640" in daemon.said()
    assert warns == daemon.open, daemon.said()
    assert daemon.ask("POST", "/api/v1/login", {"name": PASSWORD, "password": "anna"}).status == 401, "a strange name"
    login = daemon.wait_for("a login", lambda: daemon.ask("POST", "/api/v1/login", {"name": "anna", "password": PASSWORD}))
    cookie = login.getheader("Set-Cookie").split(";")[0]
    assert login.status == 200, login.read()
    listener = daemon.ask("GET", "/api/v1/stream", Cookie=cookie)
    assert listener.status == 200

    daemon.put("old.pem", "new.key")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for("a refusal", lambda: all(
        f"the certificate of {whose} stays as it was: cannot speak TLS" in daemon.said() for whose in ("the dashboard", "syslog over TLS")))
    assert daemon.shows() == old and daemon.shows_devices() == old

    daemon.put("new.pem", "new.key")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for("the new certificate", lambda: daemon.shows() == new)
    try:
        while listener.read(4096):
            pass
    except (http.client.IncompleteRead, ssl.SSLError, ConnectionError):
        pass  # the stream ends, and is taken up again by the same session
    again = daemon.ask("GET", "/api/v1/stream", Cookie=cookie)
    assert again.status == 200 and json.load(daemon.ask("GET", "/api/v1/session", Cookie=cookie))["name"] == "anna"
    assert daemon.ask("GET", "/api/v1/status").status == 401, "without a login nothing is shown"

    daemon.wait_for("the new certificate for devices", lambda: daemon.shows_devices() == new)
    device.sendall(f"{len(LINE)} {LINE}".encode())
    daemon.wait_for("what the connected device says", lambda: "fra-rr-4" in daemon.said())

    for name, shows in ("web", daemon.shows), ("ingest", daemon.shows_devices):
        first = daemon.process_of(name)
        os.kill(first, signal.SIGKILL)
        daemon.wait_for(f"another {name} process", lambda: daemon.process_of(name) not in (None, first))
        daemon.wait_for("the new certificate of it", lambda: shows() == new)

    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(WAIT_S) == 0, daemon.said()
    records = [json.loads(line) for line in (daemon.place / "audit.jsonl").read_text().splitlines()]
    reads = [(r["key"], r["file"], r["role"]) for r in records if r["record"] == "secret_read"]
    # at the start, when it was renewed, when web began anew; what was refused is not used, and not a read
    for wanted in ("access.tls_key", "web"), ("syslog.tls_key", "ingest"):
        assert [(key, role) for key, _, role in reads].count(wanted) == 3, reads
    entries = [(r["record"], r["name"], r["from"]) for r in records if r["record"].startswith("login")]
    assert entries == [("login_refused", "unknown", daemon.address), ("login", "anna", daemon.address)], entries
    assert {file for _, file, _ in reads} == {str(daemon.place / "web.key")} and len(reads) == 6, reads
    assert "PRIVATE" not in daemon.said() + json.dumps(records)


def sign(name, purpose):
    """A certificate of the authority that "old" is here."""
    (PLACE / "ext").write_text(f"extendedKeyUsage={purpose}\n")
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                    "-keyout", PLACE / f"{name}.key", "-out", PLACE / "request"], check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", PLACE / "request", "-days", "2", "-CA", PLACE / "old.pem", "-CAkey",
                    PLACE / "old.key", "-CAcreateserial", "-extfile", PLACE / "ext", "-out", PLACE / f"{name}.pem"],
                   check=True, capture_output=True)


def asks_for_certificates(daemon):
    daemon.wait_for("an answer", lambda: daemon.ask("GET", "/"))
    answers = {}
    for daemon.shown in None, "new", "server", "anna":
        for method, path in ("GET", "/"), ("GET", "/metrics"), ("GET", "/api/v1/status"), ("GET", "/api/v1/stream"):
            answers[daemon.shown, path] = daemon.ask(method, path).status
        login = daemon.ask("POST", "/api/v1/login", {"name": "anna", "password": PASSWORD})
        answers[daemon.shown, "login"] = login.status
    strangers = {status for (shown, _), status in answers.items() if shown != "anna"}
    assert strangers == {403}, answers
    # Whose certificate is signed still has to log in.
    assert (answers["anna", "/"], answers["anna", "login"], answers["anna", "/api/v1/status"]) == (200, 200, 401), answers
    cookie = login.getheader("Set-Cookie").split(";")[0]
    assert daemon.ask("GET", "/api/v1/status", Cookie=cookie).status == 200
    daemon.shown = None
    assert daemon.ask("GET", "/api/v1/status", Cookie=cookie).status == 403, "a stolen cookie"

    daemon.put("new.pem", "new.key")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for("the new certificate", lambda: "goes on with the certificate" in daemon.said())
    assert daemon.wait_for("an answer", lambda: daemon.ask("GET", "/")).status == 403, "it asks after a renewal, too"
    daemon.shown = "anna"
    assert daemon.ask("GET", "/").status == 200

    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(WAIT_S) == 0, daemon.said()


def main():
    if os.geteuid() != 0:
        sys.exit(77)
    PLACE.chmod(0o755)
    old, new = make_certificate("old"), make_certificate("new")
    sign("anna", "clientAuth"), sign("server", "serverAuth")
    password = subprocess.run([FAIRLEAD, "password"], input=PASSWORD, capture_output=True, text=True, check=True).stdout.strip()
    daemons = [Daemon(socket.AF_INET, "127.0.0.1", password, 0o644), Daemon(socket.AF_INET6, "::1", password, 0o640)]
    asking = [Daemon(socket.AF_INET, "127.0.0.1", password, 0o640, "old"), Daemon(socket.AF_INET6, "::1", password, 0o640, "old")]
    daemons += asking
    try:
        for daemon in daemons:
            asks_for_certificates(daemon) if daemon in asking else renews(daemon, old, new)
    finally:
        for daemon in daemons:
            if daemon.process.poll() is None:
                daemon.process.kill()


main()
