"""A training step in JAX: jax_step.py NET SIZE BATCH STEPS LOSSES [shifted]

One call is STEPS steps scanned on the device (many: JAX's best), or with 1 one dispatched step. With `shifted`,
depthwise convolutions are written as products of shifted images.
"""

import sys

import jax
import numpy
from jax_net import makeTraining, scanSteps
from serve import memory, serve

from images import loadImages

name, size, batch, stride, count = sys.argv[1], *map(int, sys.argv[2:6])
images, labels = map(jax.device_put, loadImages(size))
batches = len(labels) // batch
before = memory("VmRSS")
state, step = makeTraining(name, batch, "shifted" in sys.argv, size)
advance = scanSteps(step, stride) if stride > 1 else jax.jit(step, donate_argnums=0)
position = 0


def runOnce():
    global state, position
    state, losses = advance(state, images, labels, position)
    position = (position + stride) % (batches - stride + 1)
    return losses.block_until_ready()


losses = numpy.concatenate([numpy.atleast_1d(runOnce()) for _ in range(-(-count // stride))])
serve(f"jax {jax.__version__}", losses[:count].tolist(), runOnce, stride, before)
