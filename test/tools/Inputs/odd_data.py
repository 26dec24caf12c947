"""Writes data sets that no calibration can work with, in the form of tiny_data.py: `constant` (all pixels 0) and `empty`.

Usage: odd_data.py FOLDER
"""

import pathlib
import struct
import sys

SIZE = 8


def write(folder, name, count):
    folder.mkdir(parents=True, exist_ok=True)
    header = struct.pack(">4I", 0x803, count, SIZE, SIZE)
    (folder / f"{name}-images-idx3-ubyte").write_bytes(header + bytes(count * SIZE * SIZE))
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, count) + bytes(count))


for part in ("train", "t10k"):
    write(pathlib.Path(sys.argv[1]) / "constant", part, 256)
    write(pathlib.Path(sys.argv[1]) / "empty", part, 0)
