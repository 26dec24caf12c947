"""Fetches the four MNIST files into a folder, from whichever public mirror answers first, and checks their SHA-256.

Usage: fetch_mnist.py FOLDER. Files that are there and right are kept. Exit 1, with one line, where no mirror can be
reached: without a network that takes a few seconds, not minutes. Nothing half-written is left behind.
"""

import hashlib
import os
import sys
import urllib.request

MIRRORS = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
]
FILES = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
CONNECT_SECONDS = 5


def right(path, digest):
    """Whether the file is there and has this SHA-256."""
    if not os.path.exists(path):
        return False
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest() == digest


def fetch(mirror, name, digest, path):
    """Writes one file under its final name only after its hash was found right."""
    with urllib.request.urlopen(mirror + name, timeout=CONNECT_SECONDS) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise OSError(f"'{name}' has another SHA-256 than MNIST's")
    with open(path + ".part", "wb") as file:
        file.write(content)
    os.replace(path + ".part", path)


def main(folder):
    missing = [name for name in FILES if not right(os.path.join(folder, name), FILES[name])]
    if not missing:
        return 0
    os.makedirs(folder, exist_ok=True)
    for mirror in MIRRORS:
        try:
            for name in list(missing):
                fetch(mirror, name, FILES[name], os.path.join(folder, name))
                missing.remove(name)
            print(f"MNIST fetched into {folder}", file=sys.stderr)
            return 0
        except OSError as error:
            print(f"note: a mirror of MNIST does not answer: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: fetch_mnist.py FOLDER")
    sys.exit(main(sys.argv[1]))
