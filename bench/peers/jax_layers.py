"""The layers of cnn.py in JAX, NHWC: pure functions over two lists of tensors, trained and running statistics."""

import jax
import jax.numpy as jnp
from cnn import NETS, flatten, isTrained, pooledExtent

IMAGE, KERNEL = "NHWC", "HWIO"


def splitTensors(layers):
    """(trained tensors, running statistics), each in the order in which the net asks for them."""
    return tuple([jnp.asarray(v) for role, v in flatten(layers) if isTrained(role) == trained] for trained in (True, False))


def runNet(name, trained, statistics, images, shifted=False):
    """Logits [n, classes] of images [n, h, w, c], and the new running statistics.

    `shifted` computes a depthwise convolution as nine products of shifted images instead of XLA's grouped
    convolution, which is far quicker on a CPU.
    """
    net = JaxLayers(trained, statistics, shifted)
    logits = NETS[name](net, images, classes=trained[-1].size)
    return logits, net.statistics


class JaxLayers:
    def __init__(self, trained, statistics, shifted):
        self.trained, self.old, self.statistics, self.shifted = iter(trained), iter(statistics), [], shifted

    def convolve(self, x, stride, padding, groups=1):
        numbers, pads = (IMAGE, KERNEL, IMAGE), [(padding, padding)] * 2
        weight = next(self.trained)
        if groups > 1:
            weight = weight[:, :, None]
        return jax.lax.conv_general_dilated(
            x, weight, (stride, stride), pads, dimension_numbers=numbers, feature_group_count=groups
        )

    def conv(self, x, units, kernel, stride=1, padding=0, bias=True):
        x = self.convolve(x, stride, padding)
        return x + next(self.trained) if bias else x

    def depthwise(self, x, kernel, stride, padding):
        if not self.shifted:
            return self.convolve(x, stride, padding, groups=x.shape[3])
        weight = next(self.trained)
        height, width = ((extent + 2 * padding - kernel) // stride + 1 for extent in x.shape[1:3])
        x = jnp.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
        part = lambda r, c: x[:, r : r + (height - 1) * stride + 1 : stride, c : c + (width - 1) * stride + 1 : stride]
        return sum(part(r, c) * weight[r, c] for r in range(kernel) for c in range(kernel))

    def dense(self, x, units):
        return x @ next(self.trained) + next(self.trained)

    def batchNorm(self, x):
        scale, offset, mean, variance = next(self.trained), next(self.trained), next(self.old), next(self.old)
        count = x.size // x.shape[3]
        batchMean = x.mean((0, 1, 2))
        batchVariance = jnp.square(x - batchMean).mean((0, 1, 2))
        unbiased = batchVariance * count / max(1, count - 1)
        self.statistics += [0.9 * mean + 0.1 * batchMean, 0.9 * variance + 0.1 * unbiased]
        return (x - batchMean) * (jax.lax.rsqrt(batchVariance + 1e-5) * scale) + offset

    def maxPool(self, x):
        pads = ((0, 0), *((0, (pooledExtent(extent) - 1) * 2 + 3 - extent) for extent in x.shape[1:3]), (0, 0))
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 3, 3, 1), (1, 2, 2, 1), pads)

    def globalPool(self, x):
        return x.mean((1, 2))

    def concat(self, a, b):
        return jnp.concatenate((a, b), 3)

    def add(self, x, y):
        return x + y

    def channels(self, x):
        return x.shape[3]

    relu, relu6 = staticmethod(jax.nn.relu), staticmethod(jax.nn.relu6)
