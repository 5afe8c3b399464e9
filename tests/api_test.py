#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The API of a daemon that runs: api_test.py FAIRLEAD. Every place that can be read is read, over IPv4
and IPv6, also amid an outage, and answers with what the document at /api/v1/openapi.json promises and
nothing else; acts are done once, by who may; a listener hears of them; a freeze stands over a
kill, a drain is said to have ended with the daemon before, and whoever is on call is paged of both; only what is drafted is
published. Needs root, for the sockets of probes. About 20 s."""
import hashlib, http.client, http.server, json, os, pathlib, re, signal, socket, sqlite3, subprocess, sys, tempfile, threading, time

FAIRLEAD = os.path.abspath(sys.argv[1])
HERE = tempfile.TemporaryDirectory(prefix="fairlead-api-")
CONFIG = """\
site: api
mode: observe
user: nobody
control: {here}/control.sock
web: "{address}:{port}"
store: {{file: {here}/store.db}}
audit: {here}/{port}.audit
status_page: {{directory: {here}/status}}
bgp: {{as: 64500, router_id: 127.0.0.9}}
routers:
  - {{name: edge1, address: 127.0.0.1, port: {nobody}, families: [ipv4, ipv6]}}
upstreams:
  - {{name: transit-a, router: edge1, next_hop: [192.0.2.1, "2001:db8::1"], probe: {{source: [127.0.0.1, "::1"]}}}}
  - {{name: transit-b, router: edge1, next_hop: [192.0.2.2, "2001:db8::2"], probe: {{source: [127.0.0.1, "::1"], mark: 7}}}}
steer: {{prefixes: [192.0.2.0/24], marker: "64500:666:1"}}
targets:
  - {{name: here, address: [127.0.0.1, "::1"], protocol: icmp}}
syslog: {{listen: "{plain}", port: {syslog}, devices: [{{name: ca1, address: [127.0.0.1, "::1"]}}]}}
alert:
  channels: [{{name: phone, kind: webhook, url: "http://{address}:{pager}/"}}]
  people: [{{name: anna, channels: phone}}]
  teams: [{{name: network, rota: [{{people: anna, from: 2020-01-06 09:00}}]}}]
  severities: {{minor: {{teams: network}}, major: {{teams: network}}, critical: {{teams: network}}}}
access:
  users:
    - {{name: anna, password: "{password}", rights: [read, ack, act]}}
  tokens:
    - {{name: ci, sha256: {digest}, rights: [read], until: 2100-01-01 00:00}}
"""
WAIT_S = 30  # generous: what is waited for is a condition


def free_port(family, address):
    with socket.socket(family) as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def drained():
    """The audit log of a daemon that ended while a person had drained an upstream."""
    hash, lines = "0" * 64, ""
    for number, record in enumerate([
            {"record": "begin", "previous": hash, "why": "a new log"},
            {"record": "effect", "time": "2026-11-26T10:00:00.000000Z", "effect": {
                "effect": "drain", "at_ns": 1, "number": 3, "object": "upstream transit-a", "state": "safe", "who": "ben",
                "text": "safe to work"}}], 1):
        rest = f'"number":{number},' + json.dumps(record, separators=(",", ":"))[1:]
        hash = hashlib.sha256((hash + rest).encode()).hexdigest()
        lines += f'{{"hash":"{hash}",{rest}\n'
    return lines


class Pager(http.server.ThreadingHTTPServer):
    """Where pages go."""
    def __init__(self, family, address):
        self.address_family, self.pages = family, []
        super().__init__((address, 0), Pager.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.pages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass


class Daemon:
    def __init__(self, family, address):
        self.pager = Pager(family, address)
        self.address, self.port, self.family = address, free_port(family, address), family
        self.syslog = free_port(family, address)
        hashed = subprocess.run([FAIRLEAD, "password"], input="correct horse battery", capture_output=True, text=True)
        made = subprocess.run([FAIRLEAD, "password", "--token"], capture_output=True, text=True)
        self.token, digest = re.fullmatch(r"token: (\S+)\nsha256: (\S+)\n", made.stdout).groups()
        self.config = pathlib.Path(HERE.name) / f"{self.port}.yaml"
        self.config.write_text(CONFIG.format(
            here=HERE.name, pager=self.pager.server_port, address=f"[{address}]" if ":" in address else address, port=self.port, plain=address, syslog=self.syslog,
            nobody=free_port(socket.AF_INET, "127.0.0.1"), password=hashed.stdout.strip(), digest=digest))
        pathlib.Path(HERE.name, f"{self.port}.audit").write_text(drained())
        self.log = open(pathlib.Path(HERE.name) / "log", "w+")
        self.start()

    def start(self):
        self.process = subprocess.Popen([FAIRLEAD, "run", "-c", self.config], stdout=self.log, stderr=self.log)

    def ask(self, method, path, body=None, **headers):
        host = f"[{self.address}]" if ":" in self.address else self.address
        connection = http.client.HTTPConnection(self.address, self.port, timeout=WAIT_S)
        connection.request(method, path, body and json.dumps(body),
                           {"Host": f"{host}:{self.port}", **{k.replace("_", "-"): v for k, v in headers.items()}})
        return connection.getresponse()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.log.close()
        return self.process.wait(WAIT_S)


def wait_for(condition, is_alive):
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until and is_alive():
        try:
            if found := condition():
                return found
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(pathlib.Path(HERE.name, "log").read_text()[-2000:])


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
         "null": type(None)}
KNOWN = {"type", "required", "properties", "items", "enum", "const", "$ref", "minProperties", "description",
         "additionalProperties"}


def check(document, schema, body, at="$"):
    """As much of JSON Schema as answers are described with. Where members are named there are no others, but
    where the document says so: a client that is made of it would never see them."""
    assert schema.keys() <= KNOWN, f"{at}: {schema.keys() - KNOWN} is not understood here"
    if "$ref" in schema:
        return check(document, document["components"]["schemas"][schema["$ref"].split("/")[-1]], body, at)
    types = schema.get("type", list(TYPES))
    types = [types] if isinstance(types, str) else types
    good = any(isinstance(body, TYPES[t]) and (t == "boolean" or not isinstance(body, bool)) for t in types)
    assert good, f"{at}: {body!r:.80} is none of {types}"
    assert body in schema.get("enum", [body]) and body == schema.get("const", body), f"{at}: {body!r:.80}"
    if isinstance(body, dict):
        assert not (lacks := set(schema.get("required", [])) - body.keys()), f"{at}: without {lacks}"
        assert len(body) >= schema.get("minProperties", 0), at
        named, others = schema.get("properties", {}), schema.get("additionalProperties", "properties" not in schema)
        for name, value in body.items():
            assert name in named or others is not False, f"{at}: {name} is not described: {value!r:.80}"
            inner = named.get(name, others)
            check(document, inner if isinstance(inner, dict) else {}, value, f"{at}.{name}")
    if isinstance(body, list) and "items" in schema:
        for i, item in enumerate(body):
            check(document, schema["items"], item, f"{at}[{i}]")


EXAMPLES = {"id": "1", "path": "transit-a%20ipv4", "prefix": "192.0.2.0/24", "object": "upstream+transit-a",
            "what": "facts", "each": "1", "router": "edge1", "step": "60"}


def address_of(path, item):
    for parameter in item.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace("{%s}" % parameter["name"], EXAMPLES[parameter["name"]])
    query = [f"{p['name']}={EXAMPLES[p['name']]}" for p in item.get("parameters", [])
             if p["in"] == "query" and p["name"] in EXAMPLES]
    return path + ("?" + "&".join(query) if query else "")


def places_keep_their_promise(daemon, document, headers):
    read = 0
    for path, item in document["paths"].items():
        if "get" not in item or path == "/api/v1/stream":
            continue
        answer = daemon.ask("GET", address_of(path, item["get"]), **headers)
        said = item["get"]["responses"].get(str(answer.status)) or item["get"]["responses"].get("default")
        assert said, (path, answer.status, answer.read())
        said = document["components"]["responses"]["Error"] if "$ref" in said else said
        kind = answer.getheader("Content-Type").split(";")[0]
        if path in ("/healthz", "/readyz"):
            assert kind == "text/plain", (path, kind)
            continue
        assert kind in said["content"], (path, kind)
        body = answer.read()
        if kind == "application/json":
            check(document, said["content"][kind]["schema"], json.loads(body))
        read += answer.status == 200
        assert daemon.ask("DELETE", path).status == 405, path
    assert read > 12, read


def break_something(daemon):
    """What a device says of itself is an outage, of which somebody is paged."""
    with socket.socket(daemon.family, socket.SOCK_DGRAM) as s:
        for line in ("<189>Nov 26 12:00:00 ca1 mgd[5]: UI_COMMIT: User 'anna' requested 'commit' operation (comment: CR-7)",
                     "<29>Nov 26 12:00:05 ca1 systemd: l2ald.service: Main process exited, code=dumped, status=6/abrt"):
            s.sendto(line.encode(), (daemon.address, daemon.syslog))


def acts_are_done_once(daemon, document, cookie, csrf):
    stream = daemon.ask("GET", "/api/v1/stream", Cookie=cookie)
    assert stream.status == 200 and stream.getheader("Content-Type") == "text/event-stream"
    body = {"reason": "a test", "request_id": "r-1"}
    post = {"Cookie": cookie, "X_Fairlead_Csrf": csrf, "Content_Type": "application/json"}
    first, again = (json.loads(daemon.ask("POST", "/api/v1/acts/freeze", body, **post).read()) for _ in range(2))
    assert first["accepted"] and "again" not in first and again == {**first, "again": True}, (first, again)
    check(document, {"$ref": "#/components/schemas/Acted"}, again)
    answer = daemon.ask("POST", "/api/v1/acts/stop", {}, **post)
    assert answer.status == 403, answer.status
    assert daemon.ask("POST", "/api/v1/acts/freeze", {"why": 1}, **post).status == 400
    assert daemon.ask("POST", "/api/v1/acts/freeze", body, Authorization=f"Bearer {daemon.token}").status == 403
    heard = ""
    while "event: picture" not in heard or '"effect":"answered"' not in heard:
        line = stream.readline().decode()
        assert line, heard
        heard += line
    answered = next(line for line in heard.splitlines() if '"effect":"answered"' in line)
    assert '"who":"anna"' in answered and "a test" in answered, answered
    log = pathlib.Path(HERE.name, "log").read_text()
    assert log.count("anna (over the web) asked for freeze") == 1, log
    stream.close()


def a_drain_has_ended(daemon):
    """Told once, by the first start behind it."""
    told = "a drain ended with the daemon before this one at upstream transit-a: ben asked for it, it was safe: "
    log = pathlib.Path(HERE.name, "log").read_text()
    assert log.count(told) == 1, log
    assert [text for text in found(daemon) if "drained" in text] == [
        "api: Fairlead started anew. No longer drained: upstream transit-a. Do, if somebody works there: fairlead drain OBJECT"]


def found(daemon):
    """What a start found, as it was paged."""
    return [page["text"] for page in daemon.pager.pages if page["kind"] == "started" and (page["person"], page["link"]) == ("anna", "")]


def a_freeze_stands(daemon):
    def status():
        out = subprocess.run([FAIRLEAD, "status", "--json", "--control", f"{HERE.name}/control.sock"], capture_output=True)
        return [part["engine"] for part in map(json.loads, out.stdout.splitlines()) if "engine" in part]
    for _ in range(2):  # the second start finds it where the first said that it found it
        daemon.process.kill()
        daemon.process.wait(WAIT_S)
        daemon.start()
        engine, = wait_for(status, lambda: daemon.process.poll() is None)
        assert engine["frozen"] and re.fullmatch("anna since 20[^ ]+Z: a test", engine["frozen_why"]), engine
        assert [n["text"] for n in engine["notices"] if n["notice"] == "frozen_before"] == [engine["frozen_why"]], engine
    page, = wait_for(lambda: [text for text in found(daemon) if "frozen" in text], lambda: daemon.process.poll() is None)
    assert page == f"api: Fairlead started anew, still frozen by {engine['frozen_why']}. Nothing is moved. Do: fairlead thaw", page


def publish(outage):
    done = subprocess.run([FAIRLEAD, "publish", outage, "--control", f"{HERE.name}/control.sock"], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def only_drafts_are_published(daemon):
    """Of earlier lives, too: draft() kept one. What a device said lost nothing, so that nothing was drafted."""
    public = pathlib.Path(HERE.name, "status", "public", "status.json")
    wait_for(lambda: publish("1.77")[0] == 0, lambda: daemon.process.poll() is None)
    wait_for(lambda: public.exists() and '"1.77"' in public.read_text(), lambda: daemon.process.poll() is None)
    for outage in "1", "77", "1.78", "2.77":
        status, said = publish(outage)
        assert status == 1 and said.startswith(f"fairlead: there is no draft of outage {outage}: "), (status, said)


def draft():
    with sqlite3.connect(pathlib.Path(HERE.name, "store.db")) as db:
        db.execute("INSERT INTO statuses VALUES (1, 77, ?, '')", (json.dumps({"id": "1.77", "state": "over"}),))
    db.close()


def main():
    os.chmod(HERE.name, 0o777)  # whoever the daemon becomes keeps its store there
    pathlib.Path(HERE.name, "status").mkdir()
    os.chmod(pathlib.Path(HERE.name, "status"), 0o777)
    if os.geteuid() != 0:
        sys.exit(77)
    for family, address in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
        daemon = Daemon(family, address)
        try:
            wait_for(lambda: daemon.ask("GET", "/healthz").status == 200, lambda: daemon.process.poll() is None)
            document = json.loads(daemon.ask("GET", "/api/v1/openapi.json").read())
            assert document["openapi"].startswith("3.1")
            assert daemon.ask("GET", "/api/v1/status").status == 401
            login = daemon.ask("POST", "/api/v1/login", {"name": "anna", "password": "correct horse battery"},
                               Content_Type="application/json")
            session = json.loads(login.read())
            assert login.status == 200, session
            check(document, {"$ref": "#/components/schemas/Session"}, session)
            cookie = login.getheader("Set-Cookie").split(";")[0]
            places_keep_their_promise(daemon, document, {"Cookie": cookie})
            break_something(daemon)
            people = lambda: json.loads(daemon.ask("GET", "/api/v1/people", Cookie=cookie).read())
            wait_for(lambda: people()["cases"] and people()["cases"][0]["paged"], lambda: daemon.process.poll() is None)
            read = json.loads(daemon.ask("GET", "/api/v1/incidents/1", Cookie=cookie).read())
            assert read["causes"], read
            places_keep_their_promise(daemon, document, {"Cookie": cookie})
            assert daemon.ask("GET", "/api/v1/status", Authorization=f"Bearer {daemon.token}").status == 200
            acts_are_done_once(daemon, document, cookie, session["csrf"])
            if family == socket.AF_INET6:
                only_drafts_are_published(daemon)
            wait_for(lambda: found(daemon), lambda: daemon.process.poll() is None)
            a_freeze_stands(daemon)
            a_drain_has_ended(daemon)
        finally:
            status = daemon.stop()
        assert status == 0, pathlib.Path(HERE.name, "log").read_text()
        if family == socket.AF_INET:
            draft()
    print("good")


main()
