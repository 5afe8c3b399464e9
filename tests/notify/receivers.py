# SPDX-License-Identifier: ISC
"""Who takes pages in tests: HTTP, with and without TLS, and SMTP that demands TLS, on loopback in both
families; each remembers what it took, and fails or hangs as it is told."""
import http.server, pathlib, random, socket, socketserver, ssl, subprocess, threading, time

FAMILIES = {"ipv4": (socket.AF_INET, "127.0.0.1"), "ipv6": (socket.AF_INET6, "::1")}


def make_certificate(place):
    """A self-signed certificate of both loopback addresses: (certificate, key)."""
    names = place / "cert.pem", place / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1,IP:::1",
         "-keyout", names[1], "-out", names[0]], check=True, capture_output=True)
    return names


def tls_of(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True

    def __init__(self, family, handler, tls=None):
        self.address_family, self.host = FAMILIES[family]
        super().__init__((self.host, 0), handler)
        self.tls, self.taken, self.lock = tls, [], threading.Lock()
        self.failing, self.hanging, self.random = 0.0, False, random.Random(1)
        self.changed = threading.Condition(self.lock)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, scheme, path=""):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.server_address[1]}{path}"

    def take(self, what):
        """False: it is to fail this time."""
        with self.lock:
            if self.random.random() < self.failing:
                return False
            self.taken.append(what)
            self.changed.notify_all()
            return True

    def wait_for(self, wanted, what, limit_s=60):
        """Until wanted(taken) holds; the limit only ends a test that hangs."""
        with self.lock:
            assert self.changed.wait_for(lambda: wanted(self.taken), limit_s), (what, self.taken)
            return list(self.taken)

    def handle_error(self, request, client_address):
        pass  # whoever is killed leaves half a conversation


class Http(http.server.BaseHTTPRequestHandler):
    def setup(self):
        if self.server.tls:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        while self.server.hanging:
            time.sleep(0.05)
        good = self.server.take({"path": self.path, "body": body, "headers": dict(self.headers)})
        self.send_response(200 if good else 503)
        self.end_headers()
        self.wfile.write(b"{}" if good else b"busy\n")

    def log_message(self, *arguments):
        pass


class Smtp(socketserver.StreamRequestHandler):
    """RFC 5321 as far as a page needs it, with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4616)."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def take_data(self, mail):
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.decode().removeprefix("."))
        good = self.server.take({**mail, "data": "".join(lines)})
        self.say("250 taken" if good else "451 later")

    def start_tls(self):
        self.say("220 go on")
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)

    def handle(self):
        mail = {"tls": False}
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                more = [] if mail["tls"] else ["STARTTLS"]
                for word in ["test", *more, "AUTH PLAIN"]:
                    self.say(f"250-{word}")
                self.say("250 8BITMIME")
            elif verb == "STARTTLS":
                self.start_tls()
                mail["tls"] = True
            elif verb == "AUTH":
                self.say("334 ")
                mail["auth"] = self.rfile.readline().decode().strip()
                self.say("235 welcome")
            elif verb in ("MAIL", "RCPT"):
                mail[verb.lower()] = line
                self.say("250 good")
            elif verb == "DATA":
                self.take_data(mail)
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say("500 what?")
