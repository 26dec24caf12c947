"""Prints whether the runs behind several `train --json` documents learned and ended with the same weights."""

import json
import sys

runs = [json.load(open(name, encoding="utf-8")) for name in sys.argv[1:]]
epochs = runs[0]["epochs"]
print(f"{len(epochs)} epochs, validation accuracy above 0.95: {epochs[-1]['val_accuracy'] > 0.95}")
print(f"same weights: {len({run['weights_sha256'] for run in runs}) == 1}")
