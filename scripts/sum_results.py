"""Adds up what the test runners wrote, names what failed, and ends with the line `N passed, N failed, N skipped`.

Usage: sum_results.py FILE..., each a JUnit file of ctest (*.xml), a JSON file of lit (*.json), or the lines
`pass|fail|skip NAME` of a script (*.txt). A file that is missing or unreadable counts as one failure, so that a
runner that died cannot look like one that passed. Exit 1 if anything failed or nothing passed.
"""

import json
import os
import sys
import xml.etree.ElementTree

LIT = {"PASS": "pass", "FLAKYPASS": "pass", "XFAIL": "pass", "UNSUPPORTED": "skip", "SKIPPED": "skip", "EXCLUDED": None}


def readJUnit(path):
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        skipped = case.find("skipped") is not None or case.get("status") in {"notrun", "disabled"}
        yield "skip" if skipped else "fail" if case.find("failure") is not None else "pass", case.get("name")


def readLit(path):
    with open(path) as file:
        for test in json.load(file)["tests"]:
            kind = LIT.get(test["code"], "fail")
            if kind:
                yield kind, test["name"]


def readLines(path):
    with open(path) as file:
        for line in file:
            kind, name = line.rstrip("\n").split(" ", 1)
            yield kind, name


def main(paths):
    readers = {".xml": readJUnit, ".json": readLit, ".txt": readLines}
    counts = {"pass": 0, "fail": 0, "skip": 0}
    for path in paths:
        try:
            results = list(readers[os.path.splitext(path)[1]](path))
        except (OSError, ValueError, KeyError, xml.etree.ElementTree.ParseError) as error:
            results = [("fail", f"{os.path.basename(path)} (the runner left no result: {error})")]
        for kind, name in results:
            counts[kind] += 1
            if kind == "fail":
                print(f"failed: {name}")
    print("{pass} passed, {fail} failed, {skip} skipped".format(**counts), flush=True)
    return 1 if counts["fail"] or not counts["pass"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
