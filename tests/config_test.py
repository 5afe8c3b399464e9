#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The configuration as people meet it: config_test.py FAIRLEAD. The example is good and names every
key; a bad file is told line by line, as text and as JSON; the exit status says which it was."""
import hashlib, json, pathlib, re, subprocess, sys, tempfile

FAIRLEAD = sys.argv[1]
EXAMPLE = pathlib.Path(__file__).parent.parent / "doc/fairlead.example.yaml"


def fairlead(*arguments):
    done = subprocess.run([FAIRLEAD, *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def example_is_good():
    status, out, errors = fairlead("config", "check", EXAMPLE)
    assert (status, errors) == (0, ""), errors  # no warning either
    assert "good: site fra1, mode observe, 2 routers, 2 upstreams" in out, out


def example_names_every_key():
    text = EXAMPLE.read_text()
    keys = [json.loads(line) for line in fairlead("config", "keys", "--json")[1].splitlines()]
    assert len(keys) > 50
    for key in keys:
        name = re.sub(r".*\.|\[\]", "", key["key"])
        assert re.search(rf"^[\s-]*{name}:", text, re.M), f"{key['key']} is not in the example"
        if default := key.get("default"):  # and where it stands, its default is what the table says
            found = re.findall(rf"^[\s-]*{name}: *([^\s#]+)", text, re.M)
            assert default.split()[0] in found or key["key"].startswith("targets[]"), (key, found)


def bad_file_is_told():
    with tempfile.TemporaryDirectory() as place:
        path = pathlib.Path(place) / "fairlead.yaml"
        path.write_text(EXAMPLE.read_text().replace("198.51.100.1\n", "198.51.100.300\n", 1).replace("mode:", "mood:", 1))
        status, out, errors = fairlead("config", "check", path)
        assert status == 2 and out == "", (status, out)
        lines = errors.splitlines()
        assert len(lines) == 2, errors
        assert lines[0] == f"{path}:6: the file: unknown key 'mood': did you mean 'mode'?", errors
        assert re.fullmatch(rf"{path}:\d+: routers\[0\]\.address: '198\.51\.100\.300' is not an IP address: "
                            "write an IPv4 or IPv6 address", lines[1]), errors
        status, out, errors = fairlead("config", "check", path, "--json")
        assert status == 2 and errors == ""
        assert [json.loads(line)["line"] for line in out.splitlines()] == [6, int(lines[1].split(":")[1])]
        status, out, errors = fairlead("run", "-c", path)
        assert status == 2 and "mood" in errors and out == "", (status, errors)


def too_few_probes_are_told():
    site = (EXAMPLE.parent.parent / "tests/replay/site.yaml").read_text()
    site += "audit: /var/lib/fairlead/audit.jsonl\n" if "\naudit:" not in site else ""
    with tempfile.TemporaryDirectory() as place:
        path = pathlib.Path(place) / "fairlead.yaml"
        for rate, warned in (8, False), (6, True):  # three of them: 24 and 18 a second, of 21
            path.write_text(site.replace("rate_pps: 28", f"rate_pps: {rate}"))
            status, _, errors = fairlead("config", "check", path)
            told = [line for line in errors.splitlines() if "not proven" in line]
            line = site[:site.index("\ntargets:")].count("\n") + 2
            assert status == 0 and len(told) == 2 * warned, (rate, errors)
            for family, text in zip(("ipv4", "ipv6"), told):
                assert text.startswith(f"{path}:{line}: warning: targets: as-routed {family}: "), text


def passwords_are_hashed():
    def password(text, *arguments):
        done = subprocess.run([FAIRLEAD, "password", *arguments], input=text, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    status, out, errors = password("correct horse battery\n")
    assert (status, errors) == (0, "") and re.fullmatch(r"\$7\$BU\.{4}/\.{4}[./0-9A-Za-z]{22}\$[./0-9A-Za-z]{43}\n", out)
    assert password("correct horse battery")[1] != out  # salted
    for text in "", "eleven byte\n", "x" * 256:
        status, out, errors = password(text)
        assert status == 2 and out == "" and errors.startswith("fairlead: password: "), (text, status, errors)
        assert not text or text.strip() not in errors
    assert password("", "correct horse battery")[0] == 2  # never as an argument
    status, out, errors = password("", "--token")
    token, digest = re.fullmatch(r"token: (fl_[-\w]{43})\nsha256: ([0-9a-f]{64})\n", out).groups()
    assert (status, errors) == (0, "") and hashlib.sha256(token.encode()).hexdigest() == digest


def wrong_usage_is_told():
    rows = [
        (["config"], 2), (["config", "chek", "x"], 2), (["config", "check"], 2),
        (["config", "check", "/nowhere"], 3), (["config", "check", "/"], 3), (["config", "keys", "--x"], 2),
        (["run"], 2), (["run", "-c"], 2), (["run", "-c", "/nowhere"], 3), (["run", "-c", EXAMPLE, "x"], 2),
        (["run", "--speed"], 2), (["fly"], 2), ([], 2),
    ]
    for arguments, expected in rows:
        status, out, errors = fairlead(*arguments)
        assert status == expected and out == "" and errors, (arguments, status, errors)
        assert errors.startswith(("fairlead: ", "  fairlead", "usage: ")), (arguments, errors)
    for arguments in ["--help"], ["config", "--help"], ["run", "--help"]:
        status, out, errors = fairlead(*arguments)
        lines_max = 24 if arguments[:-1] else 56  # the list of all verbs has a line each, and headings
        assert status == 0 and errors == "" and len(out.splitlines()) <= lines_max, (arguments, out)
        assert out.startswith("  fairlead "), out  # an example first


def main():
    example_is_good()
    example_names_every_key()
    bad_file_is_told()
    too_few_probes_are_told()
    passwords_are_hashed()
    wrong_usage_is_told()


if __name__ == "__main__":
    main()
