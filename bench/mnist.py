"""MNIST as numpy arrays, for the peers: the same bytes that the compiled programs read."""

import gzip
import os

import numpy


def loadMnist(split):
    """Images [n, 784] float32 in 0..1 and labels [n] int32 of 'train' or 't10k', from $WEIR_DATA/mnist."""
    stem = os.path.join(os.environ["WEIR_DATA"], "mnist", split)
    with gzip.open(stem + "-images-idx3-ubyte.gz") as file:
        images = numpy.frombuffer(file.read(), numpy.uint8, offset=16)
    with gzip.open(stem + "-labels-idx1-ubyte.gz") as file:
        labels = numpy.frombuffer(file.read(), numpy.uint8, offset=8)
    return images.reshape(-1, 784).astype(numpy.float32) / 255, labels.astype(numpy.int32)
