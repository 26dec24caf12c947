"""A compiled net behind its C interface, for the oracles; and the weights and batches that both sides train on."""

import ctypes
import json
import math
import os
import pathlib
import subprocess

import numpy

MODEL = pathlib.Path(__file__).resolve().parents[2] / "models" / "mlp_80_60.weir"
WIDTHS = [784, 80, 60, 10]


def makeWeights(seed=1):
    """He-normal weights and small biases: [(weight [in, out], bias [out])], float32."""
    random = numpy.random.default_rng(seed)
    return [
        (
            (random.standard_normal((n, m)) * math.sqrt(2 / n)).astype(numpy.float32),
            (random.standard_normal(m) * 0.05).astype(numpy.float32),
        )
        for n, m in zip(WIDTHS, WIDTHS[1:])
    ]


def makeBatches(steps, size=32, seed=2):
    """`steps` batches of (images [size, 784], labels [size]) that can be learnt: ten noisy patterns, one per label."""
    random = numpy.random.default_rng(seed)
    patterns = random.uniform(0, 1, (10, 784))
    batches = []
    for _ in range(steps):
        labels = random.integers(0, 10, size).astype(numpy.int32)
        images = 0.5 * patterns[labels] + 0.5 * random.uniform(0, 1, (size, 784))
        batches.append((images.astype(numpy.float32), labels))
    return batches


def writeSafetensors(path, tensors):
    """The tensors {name: float32 array} as a safetensors file."""
    header, position = {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [position, position + values.nbytes]}
        position += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for values in tensors.values():
            file.write(numpy.ascontiguousarray(values).tobytes())
