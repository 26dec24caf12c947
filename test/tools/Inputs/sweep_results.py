"""Looks through a sweep's results.

Usage: sweep_results.py FOLDER RUN.json MEMBER   compares a member with a run of its own, and the files with each other
       sweep_results.py FOLDER --same FOLDER     whether two sweeps have the same members with the same results
"""

import csv
import json
import pathlib
import sys


def load(folder):
    return json.loads((pathlib.Path(folder) / "results.json").read_text())["results"]


def timeless(results):
    return [{key: value for key, value in result.items() if key != "seconds"} for result in results]


folder = sys.argv[1]
results = load(folder)
if sys.argv[2] == "--same":
    print(f"{len(results)} members, the same: {timeless(results) == timeless(load(sys.argv[3]))}")
    sys.exit()

run = json.loads(pathlib.Path(sys.argv[2]).read_text())
(member,) = [result for result in results if result["member"] == int(sys.argv[3])]
print(
    f"member {member['member']}: {member['settings']}, {member['status']}, {member['epochs']} epochs, "
    f"continues {member.get('continues')}"
)
last = run["epochs"][-1]
names = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
print(
    "same as a run of its own:",
    member["weights_sha256"] == run["weights_sha256"]
    and all(member[name] == last[name] for name in names)
    and member["best_val_accuracy"] == max(epoch["val_accuracy"] for epoch in run["epochs"]),
)
accuracies = [result["val_accuracy"] for result in results]
print("ranked:", accuracies == sorted(accuracies, reverse=True))
with open(pathlib.Path(folder) / "results.csv", newline="") as file:
    rows = list(csv.DictReader(file))
same = [
    int(row["member"]) == result["member"]
    and float(row["val_accuracy"]) == result["val_accuracy"]
    and int(row["digits_right"]) == result["digits_right"]
    and row["weights_sha256"] == result["weights_sha256"]
    for row, result in zip(rows, results, strict=True)
]
print("csv and json agree:", all(same))
