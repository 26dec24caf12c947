"""A whole script: read MNIST, train one epoch of mlp_80_60 in shuffled order in one scan on the device, save weights."""

import functools
import sys

import jax
import numpy
from jax_net import BATCH, initialise, optimizer, scanSteps
from safetensors.numpy import save_file

from mnist import loadMnist

images, labels = loadMnist("train")
order = numpy.random.default_rng(1).permutation(len(labels))
parameters = initialise()
advance = jax.jit(functools.partial(scanSteps, count=len(labels) // BATCH), donate_argnums=0)
(parameters, _), loss = advance((parameters, optimizer.init(parameters)), images[order], labels[order], 0)
arrays = {f"dense_{i}.{part}": numpy.asarray(t) for i, pair in enumerate(parameters) for part, t in zip(("weight", "bias"), pair)}
save_file(arrays, sys.argv[1])
print(float(loss))
