#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Options stand in three places, and are the same in all: options_test.py FAIRLEAD MANUAL CC. The table that the
parser is given (read when it is: a library of one function stands before the C library's), the verb's --help,
of which both completions ask, and the synopsis of fairlead(8).
"""
import os, pathlib, re, subprocess, sys, tempfile

FAIRLEAD, MANUAL, CC = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
SHOW = """
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>
int getopt_long(int argc, char *const argv[], const char *shorts, const struct option *longs, int *index)
{
    (void)argc, (void)argv, (void)shorts, (void)index;
    for (; longs->name; longs++)
        printf("option %s\\n", longs->name);
    fflush(stdout);
    _exit(77);
}
"""


def synopsis():
    """{verb: {words of it: options}}; words as in "config check"; -c is --config."""
    text = re.search(r"^\.Sh SYNOPSIS\n(.*?)^\.Sh", MANUAL.read_text(), re.M | re.S)[1]
    found = {}
    for entry in re.split(r"^\.Nm\n(?=\.Cm)", text, flags=re.M)[1:]:
        words = re.match(r"\.Cm (.*)", entry)[1]
        options = set(re.findall(r"Fl -([a-z][a-z0-9-]*)", entry)) | ({"config"} if "Fl c " in entry else set())
        for form in words.split(" | ") if " | " in words and words.count(" | ") * 2 == len(words.split()) - 1 else [words]:
            found.setdefault(form.split()[0], {}).setdefault(form, set()).update(options - {"help"})
    return found


def of_help(verb):
    said = subprocess.run([FAIRLEAD, verb, "--help"], capture_output=True, text=True, check=True).stdout
    return {option for option in re.findall(r"(?<![\w`])--([a-z][a-z0-9-]*)", said)} - {"help"}


def of_parser(library, *words):
    done = subprocess.run([FAIRLEAD, *words, "x"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20,
                          env=dict(os.environ, LD_PRELOAD=library, ASAN_OPTIONS="verify_asan_link_order=0"))
    return set(re.findall(r"^option (.*)$", done.stdout, re.M)) - {"help"} if done.returncode == 77 else None


def is_refused(verb, option):
    """Verbs share tables, and refuse what is not theirs."""
    return any(subprocess.run([FAIRLEAD, verb, f"--{option}", *value], capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=20).returncode == 2 for value in ([], ["1"]))


def compare(verb, forms, library):
    """What is wrong with a verb, and whether it has a table."""
    tables = [table for form in forms if (table := of_parser(library, *form.split())) is not None]
    in_help = of_help(verb)
    in_parser = set().union(*tables) if tables else in_help
    in_parser = {option for option in in_parser if option in in_help or not is_refused(verb, option)}
    places = ("the synopsis of fairlead(8)", set().union(*forms.values())), (f"fairlead {verb} --help", in_help)
    return [f"{verb}: not in {name}: {sorted(in_parser - there)}; only there: {sorted(there - in_parser)}"
            for name, there in places if there != in_parser], bool(tables)


def main():
    usage = subprocess.run([FAIRLEAD, "--help"], capture_output=True, text=True, check=True).stdout
    verbs = re.findall(r"^  ([a-z][a-z-]*)  ?", usage.split("usage:")[1], re.M)
    manual, parsed = synopsis(), 0
    wrong = [f"only in --help or only in the synopsis: {verb}" for verb in sorted(set(verbs) ^ set(manual))]
    with tempfile.TemporaryDirectory() as directory:
        library = f"{directory}/show.so"
        pathlib.Path(f"{directory}/show.c").write_text(SHOW)
        subprocess.run([*CC, "-shared", "-fPIC", "-o", library, f"{directory}/show.c"], check=True)
        for verb in sorted(set(verbs) & set(manual)):
            found, has_table = compare(verb, manual[verb], library)
            wrong += found
            parsed += has_table
    if parsed < len(verbs) * 3 // 4:
        wrong.append(f"of {len(verbs)} verbs only {parsed} have a table that could be read")
    print("\n".join(wrong) or f"passed: {len(verbs)} verbs, tables of {parsed}")
    return bool(wrong)


sys.exit(main())
