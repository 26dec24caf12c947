"""Says whether two runs of `train --json` on different devices learned the same: same_training.py GPU.json CPU.json."""

import json
import math
import sys

gpu, cpu = (json.load(open(name)) for name in sys.argv[1:3])
print(f"{gpu['device']}, data on the device: {gpu['data_on_device']}")
same = len(gpu["epochs"]) == len(cpu["epochs"])
for a, b in zip(gpu["epochs"], cpu["epochs"]):
    same = same and all(math.isclose(a[key], b[key], rel_tol=1e-3) for key in ("train_loss", "val_loss"))
    same = same and all(abs(a[key] - b[key]) < 0.02 for key in ("train_accuracy", "val_accuracy"))
print(f"same losses and accuracies: {same}")
