"""Copies a safetensors file with one tensor's first number replaced by nan.

Usage: odd_weights.py FROM TO TENSOR
"""

import json
import pathlib
import struct
import sys

content = pathlib.Path(sys.argv[1]).read_bytes()
(length,) = struct.unpack_from("<Q", content)
header, tensors = json.loads(content[8 : 8 + length]), bytearray(content[8 + length :])
struct.pack_into("<f", tensors, header[sys.argv[3]]["data_offsets"][0], float("nan"))
header["__metadata__"].pop("weights_sha256")  # that of other weights
text = json.dumps(header).encode()
pathlib.Path(sys.argv[2]).write_bytes(struct.pack("<Q", len(text)) + text + tensors)
