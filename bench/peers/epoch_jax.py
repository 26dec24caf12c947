"""A whole script: read MNIST, train one epoch of mlp_80_60 in shuffled order in one scan on the device, save weights."""

import sys

import numpy
from jax_net import makeTraining, scanSteps
from safetensors.numpy import save_file

from mnist import loadMnist

BATCH = 32
images, labels = loadMnist("train")
order = numpy.random.default_rng(1).permutation(len(labels))
state, step = makeTraining("mlp_80_60", BATCH)
(parameters, _, _), losses = scanSteps(step, len(labels) // BATCH)(state, images[order], labels[order], 0)
arrays = {f"dense_{i}.{part}": numpy.asarray(t) for i, pair in enumerate(parameters) for part, t in zip(("weight", "bias"), pair)}
save_file(arrays, sys.argv[1])
print(float(losses.mean()))
