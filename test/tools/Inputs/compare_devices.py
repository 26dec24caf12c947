"""Trains a model on the CPU and on a device, and says how far their losses and logits lie apart.

Usage: compare_devices.py WEIR MODEL.weir [NAME=VALUE...]. 28x28 images of ten classes that this writes itself; three steps an epoch, two epochs.
The device is OpenCL's, or what WEIR_TEST_DEVICE says ("cuda:0").
"""

import json
import os
import pathlib
import random
import struct
import subprocess
import sys

weir, model, *settings = sys.argv[1:]
device = os.environ.get("WEIR_TEST_DEVICE", "opencl")
kind = device.split(":")[0]
BATCH, STEPS, TEST = 4, 3, 8
channels = next((int(s.split("=")[1]) for s in settings if s.startswith("channels=")), 1)


def write(folder, name, count, generator):
    labels = bytes(i % 10 for i in range(count))
    pixels = bytes(generator.randrange(90) + (150 if row // 3 == label else 0)
                   for label in labels for row in range(28) for _ in range(28 * channels))
    extents = (count, 28, 28) if channels == 1 else (count, 28, 28, channels)
    magic = 0x803 if channels == 1 else 0x804
    (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(f">{len(extents) + 1}I", magic, *extents) + pixels)
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, count) + labels)


def run(*command):
    return json.loads(subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True).stdout)


name = pathlib.Path(model).stem
folder = pathlib.Path(f"{name}.data")
folder.mkdir()
generator = random.Random(5)
write(folder, "train", BATCH * STEPS, generator)
write(folder, "t10k", TEST, generator)
program = pathlib.Path(f"{name}.program").absolute()
sets = [word for s in (*settings, f"batch={BATCH}") for word in ("--set", s)]
subprocess.run([weir, "compile", model, *sets, "--infer-batch", "4", f"--target=host,{kind}", "-o", str(program)], check=True)

train = [program, "train", "--data", folder, "--epochs", "2", "--json", "--keep", "last", "--checkpoint"]
gpu, cpu = (run(*train, f"{name}.{label}.safetensors", "--device", where)
            for label, where in (("gpu", device), ("cpu", "cpu")))
evaluate = [program, "eval", "--data", folder, "--json", "--weights", f"{name}.cpu.safetensors", "--device"]
there, here = (run(*evaluate, where)["loss"] for where in (device, "cpu"))
def relative(a, b):
    return abs(a - b) / abs(b)


# The same weights, and the first epoch. Later ones drift apart: with a batch of 4, batch norm and Adam make much of a
# difference in the last place (on one device two orders of a sum do the same).
losses = [relative(a["train_loss"], b["train_loss"]) for a, b in zip(gpu["epochs"], cpu["epochs"])]
apart = max(relative(there, here), losses[0])
print(f"{name}: largest relative difference {apart:.1e}, below 1e-3: {apart < 1e-3}; "
      f"after {2 * STEPS} steps {losses[1]:.1e}, below 2e-2: {losses[1] < 2e-2}")
