"""Checks the results of a sweep by successive halving against the epochs that its members reported.

Usage: check_halving.py FOLDER
"""

import collections
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
results = json.loads((folder / "results.json").read_text())["results"]
epochs = {}
for result in results:
    lines = (folder / "members" / f"{result['member']:04}.jsonl").read_text().splitlines()
    epochs[result["member"]] = {line["epoch"]: line for line in map(json.loads, lines) if "epoch" in line}

counts = collections.Counter((result["status"], result["epochs"]) for result in results)
print(f"{counts['done', 27]} done, {counts['stopped', 9]} stopped after 9, {counts['stopped', 3]} stopped after 3")


def order(member, epoch):
    return -epochs[member][epoch]["val_accuracy"], epochs[member][epoch]["val_loss"]


right = True
for epoch in (3, 9):
    present = [result for result in results if result["epochs"] >= epoch]
    stopped = [order(result["member"], epoch) for result in present if result["epochs"] == epoch]
    going = [order(result["member"], epoch) for result in present if result["epochs"] > epoch]
    right = right and max(going) <= min(stopped) and len(going) == len(present) // 3
print("those that went on were the best of their rung:", right)
