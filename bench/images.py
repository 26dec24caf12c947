"""What the CNNs are measured on: MNIST's images at 28x28, noise of ImageNet's shape and number of classes at 224x224."""

import numpy

from mnist import loadMnist

# Side of an image -> its shape and the classes.
SIZES = {28: ((28, 28, 1), 10), 224: ((224, 224, 3), 1000)}


def loadImages(size):
    """Training images [n, size, size, channels] float32 in 0..1 and labels [n] int32."""
    shape, classes = SIZES[size]
    if size == 28:
        images, labels = loadMnist("train")
        return images.reshape(-1, *shape), labels
    random = numpy.random.default_rng(3)
    return random.uniform(0, 1, (64, *shape)).astype(numpy.float32), random.integers(0, classes, 64).astype(numpy.int32)
