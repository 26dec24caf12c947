"""A training step in JAX: `dispatched` (one call a step) or `scanned` (500 steps a call, JAX's best)."""

import functools
import sys

import jax
from jax_net import initialise, optimizer, scanSteps, step
from serve import serve

from mnist import loadMnist

SCANNED = 500
images, labels = map(jax.device_put, loadMnist("train"))
parameters = initialise()
state = (parameters, optimizer.init(parameters))
batches = len(labels) // 32
position = 0

if sys.argv[1] == "scanned":
    advance = jax.jit(functools.partial(scanSteps, count=SCANNED), donate_argnums=0)
    stride = SCANNED
else:
    advance = jax.jit(step, donate_argnums=0)
    stride = 1


def runOnce():
    global state, position
    state, loss = advance(state, images, labels, position)
    position = (position + stride) % (batches - stride + 1)
    return loss.block_until_ready()


losses = [float(runOnce()) for _ in range(1500 // stride)]
check = sum(losses[-max(1, 500 // stride):]) / max(1, 500 // stride)
serve(f"jax {jax.__version__}", check, runOnce, scale=stride)
