"""Compares two outputs of `predict --json`: same_predictions.py A B TOLERANCE."""

import json
import sys

first, second = (json.load(open(path)) for path in sys.argv[1:3])
if len(first) != len(second) or not first:
    sys.exit(f"expected as many predictions, but got {len(first)} and {len(second)}")
worst = 0.0
for a, b in zip(first, second):
    if a["class"] != b["class"]:
        sys.exit(f"{a['file']}: class {a['class']} and {b['class']}")
    worst = max(worst, abs(a["probability"] - b["probability"]))
if worst > float(sys.argv[3]):
    sys.exit(f"probabilities differ by {worst}")
print("same predictions")
