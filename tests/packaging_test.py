#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What is in packaging/: packaging_test.py SOURCE_DIR FAIRLEAD. The alerts and the dashboard ask for metrics that
Fairlead has, by labels that they have; with promtool (Debian's package prometheus) the alerts are played
on series. Bash completes verbs and options. The units are as closed as asked.
"""
import json, os, pathlib, re, shutil, subprocess, sys

HERE, FAIRLEAD = pathlib.Path(sys.argv[1]), os.path.abspath(sys.argv[2])
RULES = HERE / "packaging/prometheus/fairlead.rules.yml"
TESTS = HERE / "packaging/prometheus/fairlead.rules.test.yml"
BOARD = HERE / "packaging/grafana/fairlead.json"
OTHERS = {"up"}  # Prometheus' own
EVERYWHERE = {"instance", "job", "state"}


def metrics():
    """The labels of each metric, as the source's table has them."""
    source = (HERE / "src/role/web_metrics.c").read_text()
    shared = dict(re.findall(r"#define (OF_\w+) (.*)", source))
    found = {"fairlead_up": set(), "fairlead_picture_age_seconds": set()}
    for name, row in re.findall(r'\{"(fairlead_\w+)",(.*?)\},\n', source, re.S):
        for word, text in shared.items():
            row = row.replace(word, text)
        labels = re.search(r"\.labels = \{([^}]*)\}", row)
        found[name] = set(re.findall(r'"(\w+)"', labels[1] if labels else "")) | set(
            re.findall(r'\.word_label = "(\w+)"', row))
    return found


def asked(text):
    """Each metric with the labels by which it is asked for."""
    for name, labels in re.findall(r"\b(fairlead_\w+|up)\b(?:\{([^}]*)\})?", text):
        yield name, set(re.findall(r"(\w+)=", labels))


def check_known(where, text, known):
    for name, labels in asked(text):
        assert name in known or name in OTHERS, f"{where}: there is no metric {name}"
        strange = labels - known.get(name, set()) - EVERYWHERE
        assert not strange, f"{where}: {name} has no label {strange}"


def completed(*words):
    """What bash offers for the last word."""
    script = f"""
        source {HERE}/packaging/completions/fairlead.bash
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _fairlead
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script, "bash", FAIRLEAD, *words], check=True, capture_output=True, text=True)
    return done.stdout.split()


def check_completion():
    assert completed("dra") == ["drain"], completed("dra")
    assert {"run", "config", "withdraw-all"} <= set(completed("")), completed("")
    assert {"--reason", "--for", "--wait"} <= set(completed("drain", "upstream", "a", "--")), completed("drain", "--")
    assert completed("drain", "--rea") == ["--reason"]


def check_units():
    """As systemd scores them; 10 is worst."""
    for unit in sorted((HERE / "packaging/systemd").glob("*.service")):
        said = subprocess.run(["systemd-analyze", "security", "--offline=true", unit], check=True, capture_output=True,
                              text=True).stdout
        exposure = float(re.search(r"exposure level for .*: ([\d.]+)", said)[1])
        assert exposure <= 2.0, f"{unit.name}: {exposure}"


def main():
    known = metrics()
    assert len(known) > 15, known
    expressions = re.findall(r"expr: (.*)", RULES.read_text())
    assert len(expressions) >= 10
    for expression in expressions:
        check_known(RULES.name, expression, known)
    for panel in json.loads(BOARD.read_text())["panels"]:
        for target in panel["targets"]:
            check_known(f"{BOARD.name}, {panel['title']}", target["expr"], known)
    check_completion()
    if shutil.which("systemd-analyze"):
        check_units()
    if promtool := shutil.which("promtool"):
        subprocess.run([promtool, "check", "rules", RULES], check=True)
        subprocess.run([promtool, "test", "rules", TESTS], check=True)
    print("passed", "" if promtool else "(without promtool)")


main()
