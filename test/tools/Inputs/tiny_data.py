"""Writes a tiny data set in IDX form: 8x8 grey images of four classes, told apart by which quarter is bright.

Usage: tiny_data.py FOLDER. 256 training and 64 test images, the same on every machine.
"""

import pathlib
import random
import struct
import sys

SIZE, CLASSES = 8, 4


def image(label, generator):
    half = SIZE // 2
    pixels = bytearray(generator.randrange(60) for _ in range(SIZE * SIZE))
    for _ in range(6):  # six bright pixels in the class's quarter
        row = generator.randrange(half) + half * (label // 2)
        column = generator.randrange(half) + half * (label % 2)
        pixels[row * SIZE + column] = 255 - generator.randrange(120)
    return bytes(pixels)


def write(folder, name, count, generator):
    labels = bytes(i % CLASSES for i in range(count))
    images = b"".join(image(label, generator) for label in labels)
    (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, count, SIZE, SIZE) + images)
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, count) + labels)


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
generator = random.Random(5)
write(folder, "train", 256, generator)
write(folder, "t10k", 64, generator)
