"""mlp_80_60 in JAX and optax: the net, its loss, and one training step (nadam, dropout 0.2, erf gelu, batch 32)."""

import jax
import jax.numpy as jnp
import optax

# The quicker generator for the dropout masks; JAX's default (threefry) makes a step slower.
jax.config.update("jax_default_prng_impl", "unsafe_rbg")
BATCH = 32
optimizer = optax.nadam(1e-3)


def initialise(seed=1):
    widths = [784, 80, 60, 10]
    keys = jax.random.split(jax.random.key(seed), 3)
    return [
        (jax.random.normal(key, (n, m)) * jnp.sqrt(2 / n), jnp.zeros(m)) for key, n, m in zip(keys, widths, widths[1:])
    ]


def lossOf(parameters, images, labels, key):
    x = images
    for index, (weight, bias) in enumerate(parameters):
        x = x @ weight + bias
        if index + 1 < len(parameters):
            x = jax.nn.gelu(x, approximate=False)
            key, mask = jax.random.split(key)
            x = jnp.where(jax.random.bernoulli(mask, 0.8, x.shape), x / 0.8, 0)
    return optax.softmax_cross_entropy_with_integer_labels(x, labels).mean()


def step(state, images, labels, index):
    """One step on batch number `index` of the images, which live on the device: (state, loss)."""
    parameters, moments = state
    batch = jax.lax.dynamic_slice_in_dim(images, index * BATCH, BATCH)
    target = jax.lax.dynamic_slice_in_dim(labels, index * BATCH, BATCH)
    key = jax.random.fold_in(jax.random.key(0), index)
    loss, gradient = jax.value_and_grad(lossOf)(parameters, batch, target, key)
    change, moments = optimizer.update(gradient, moments, parameters)
    return (optax.apply_updates(parameters, change), moments), loss


def scanSteps(state, images, labels, first, count):
    """`count` steps in one program on the device: (state, mean loss)."""
    body = lambda state, index: step(state, images, labels, first + index)
    state, losses = jax.lax.scan(body, state, jnp.arange(count))
    return state, losses.mean()
