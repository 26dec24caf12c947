"""The nets in JAX and optax, and one training step of each: mlp_80_60 with nadam and dropout 0.2, the CNNs with Adadelta 1.0."""

import jax
import jax.numpy as jnp
import optax
from cnn import NETS, makeLayers
from jax_layers import runNet, splitTensors

from images import SIZES

# The quicker generator for the dropout masks; JAX's default (threefry) makes a step slower.
jax.config.update("jax_default_prng_impl", "unsafe_rbg")


def initialiseMlp(seed=1):
    widths = [784, 80, 60, 10]
    keys = jax.random.split(jax.random.key(seed), 3)
    return [
        (jax.random.normal(key, (n, m)) * jnp.sqrt(2 / n), jnp.zeros(m)) for key, n, m in zip(keys, widths, widths[1:])
    ]


def runMlp(parameters, images, key):
    x = images
    for index, (weight, bias) in enumerate(parameters):
        x = x @ weight + bias
        if index + 1 < len(parameters):
            x = jax.nn.gelu(x, approximate=False)
            key, mask = jax.random.split(key)
            x = jnp.where(jax.random.bernoulli(mask, 0.8, x.shape), x / 0.8, 0)
    return x


def makeTraining(name, batch, shifted=False, size=28):
    """(state, step): step(state, images, labels [n], index) trains on batch number `index` of the images, which live on
    the device, and gives (state, loss). `shifted`: see jax_layers.runNet."""
    if name in NETS:
        parameters, statistics = splitTensors(makeLayers(name, *SIZES[size], settled=True))
        optimizer = optax.adadelta(1.0, rho=0.9, eps=1e-6)
        forward = lambda p, s, x, key: runNet(name, p, s, x, shifted)
    else:
        parameters, statistics = initialiseMlp(), []
        optimizer = optax.nadam(1e-3)
        forward = lambda p, s, x, key: (runMlp(p, x.reshape(len(x), -1), key), s)

    def lossOf(parameters, statistics, images, labels, key):
        logits, statistics = forward(parameters, statistics, images, key)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean(), statistics

    def step(state, images, labels, index):
        parameters, statistics, moments = state
        x = jax.lax.dynamic_slice_in_dim(images, index * batch, batch)
        y = jax.lax.dynamic_slice_in_dim(labels, index * batch, batch)
        key = jax.random.fold_in(jax.random.key(0), index)
        (loss, statistics), gradient = jax.value_and_grad(lossOf, has_aux=True)(parameters, statistics, x, y, key)
        change, moments = optimizer.update(gradient, moments, parameters)
        return (optax.apply_updates(parameters, change), statistics, moments), loss

    return (parameters, statistics, optimizer.init(parameters)), step


def scanSteps(step, count):
    """A compiled function of `count` steps in one program on the device: (state, losses [count])."""

    def advance(state, images, labels, first):
        return jax.lax.scan(lambda state, index: step(state, images, labels, first + index), state, jnp.arange(count))

    return jax.jit(advance, donate_argnums=0)
