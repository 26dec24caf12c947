"""Random weights for a model: make_weights.py OUT [NAME=SHAPE...] < `weir info MODEL --json`.

Like those of a trained net: weights by their fan-in, running variances above 0. NAME=SHAPE replaces a tensor's
shape (2x3), or with no shape leaves the tensor out, for tests of what must be refused."""

import json
import struct
import sys

import numpy

model = json.load(sys.stdin)
changes = dict(argument.split("=") for argument in sys.argv[2:])
random = numpy.random.default_rng(1)
header, data = {}, b""
for variable in sorted(model["variables"], key=lambda v: v["name"]):
    name, shape = variable["name"], variable["shape"]
    if variable["kind"] == "optimizer" or changes.get(name) == "":
        continue
    if name in changes:
        shape = [int(extent) for extent in changes[name].split("x")]
    values = random.standard_normal(shape)
    if name.endswith("variance"):
        values = values**2 + 0.5
    elif name.endswith("scale"):
        values = 1 + 0.2 * values
    elif len(shape) > 1:
        fan = numpy.prod(shape[:-1]) if len(shape) != 3 else shape[0] * shape[1]
        values = values * numpy.sqrt(2 / fan)
    else:
        values = 0.1 * values
    bytes_ = values.astype("<f4").tobytes()
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(bytes_)]}
    data += bytes_
text = json.dumps(header).encode()
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
