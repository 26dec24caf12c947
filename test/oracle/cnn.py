"""SqueezeNet and MobileNetV2, written once over a set of layers, so that every system computes the same function.

`squeezenet` and `mobilenet_v2` call the layers of what they are given: `Recorder` here counts parameters and makes
first values, torch_layers.py, jax_layers.py and onnx_layers.py compute. All tensors are kept in weir's order and
layout: per layer `weight` [kh, kw, cin, cout] (depthwise [kh, kw, c], dense [in, out]) and `bias`, for a batch norm
`scale`, `offset`, `mean`, `variance`. Sizes of images are [height, width, channels].
"""

import math

import numpy


def squeezenet(net, x, version="1.1", classes=10):
    """Iandola et al. 2016: version 1.0 as in table 1, 1.1 as in the authors' release. Pools round up, as Caffe's do."""

    def fire(x, squeeze, expand):
        x = net.relu(net.conv(x, squeeze, 1))
        return net.concat(net.relu(net.conv(x, expand, 1)), net.relu(net.conv(x, expand, 3, padding=1)))

    units, kernel, pooled = {"1.0": (96, 7, (0, 3, 7)), "1.1": (64, 3, (0, 2, 4))}[version]
    x = net.relu(net.conv(x, units, kernel, stride=2))
    fires = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)]
    for index, (squeeze, expand) in enumerate(fires):
        if index in pooled:
            x = net.maxPool(x)
        x = fire(x, squeeze, expand)
    return net.globalPool(net.relu(net.conv(x, classes, 1)))


def mobilenet_v2(net, x, classes=10, strides=(2, 1, 2, 2, 2, 1, 2, 1)):
    """Sandler et al. 2018, table 2, width 1.0: no bias before a batch norm, 3x3 padded by one pixel on each side.

    `strides` are those of the first convolution and of the seven groups of bottlenecks.
    """

    def bottleneck(x, expansion, units, stride):
        channels, shortcut = net.channels(x), x
        if expansion != 1:
            x = net.relu6(net.batchNorm(net.conv(x, channels * expansion, 1, bias=False)))
        x = net.relu6(net.batchNorm(net.depthwise(x, 3, stride=stride, padding=1)))
        x = net.batchNorm(net.conv(x, units, 1, bias=False))
        return net.add(x, shortcut) if stride == 1 and channels == units else x

    x = net.relu6(net.batchNorm(net.conv(x, 32, 3, stride=strides[0], padding=1, bias=False)))
    table = [(1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)]
    for (expansion, units, repeats), stride in zip(table, strides[1:]):
        for repeat in range(repeats):
            x = bottleneck(x, expansion, units, 1 if repeat else stride)
    x = net.relu6(net.batchNorm(net.conv(x, 1280, 1, bias=False)))
    return net.dense(net.globalPool(x), classes)


NETS = {
    "squeezenet_1.0": lambda net, x, classes=10: squeezenet(net, x, "1.0", classes),
    "squeezenet_1.1": lambda net, x, classes=10: squeezenet(net, x, "1.1", classes),
    "mobilenet_v2": mobilenet_v2,
}


class Recorder:
    """Layers that only know sizes: collects `layers`, [(op, {role: array})], He-normal weights, and `macs`.

    With `settled`, the first values suit comparisons step by step. Biases, scales and offsets are random, so that a
    mistake in one of them shows; relu6 begins mostly inside its linear part, branches that are added and the last
    layer are small. As usually initialised, a net with 52 batch norms doubles a rounding error every few layers: torch
    in single and in double precision then differ by a tenth of the loss after three steps.
    """

    def __init__(self, seed=1, settled=False):
        self.random, self.settled, self.layers, self.macs = numpy.random.default_rng(seed), settled, [], 0

    def around(self, value, count):
        noise = self.random.standard_normal(count) * 0.1 if self.settled else numpy.zeros(count)
        return (value + noise).astype(numpy.float32)

    def settle(self, role, change):
        if self.settled:
            tensors = self.layers[-1][1]
            tensors[role] = change(tensors[role]).astype(numpy.float32)

    def weights(self, op, shape, fanIn, pixels, bias):
        values = (self.random.standard_normal(shape) * math.sqrt(2 / fanIn)).astype(numpy.float32)
        self.layers.append((op, {"weight": values, **({"bias": self.around(0, shape[-1])} if bias else {})}))
        self.macs += values.size * pixels

    @staticmethod
    def extents(x, kernel, stride, padding):
        return [(extent + 2 * padding - kernel) // stride + 1 for extent in x[:2]]

    def conv(self, x, units, kernel, stride=1, padding=0, bias=True):
        height, width = self.extents(x, kernel, stride, padding)
        self.weights("conv2d", (kernel, kernel, x[2], units), kernel * kernel * x[2], height * width, bias)
        return [height, width, units]

    def depthwise(self, x, kernel, stride, padding):
        height, width = self.extents(x, kernel, stride, padding)
        self.weights("depthwise_conv2d", (kernel, kernel, x[2]), kernel * kernel, height * width, False)
        return [height, width, x[2]]

    def dense(self, x, units):
        self.weights("dense", (x[-1], units), x[-1], 1, True)
        self.settle("weight", lambda values: 0.1 * values)
        return [units]

    def batchNorm(self, x):
        zeros = numpy.zeros(x[2], numpy.float32)
        tensors = {"scale": self.around(1, x[2]), "offset": self.around(0, x[2]), "mean": zeros, "variance": zeros + 1}
        self.layers.append(("batch_norm", tensors))
        return x

    def maxPool(self, x):
        return [pooledExtent(x[0]), pooledExtent(x[1]), x[2]]

    def concat(self, a, b):
        return [*a[:2], a[2] + b[2]]

    def globalPool(self, x):
        return [x[2]]

    def add(self, x, y):
        self.settle("scale", lambda values: 0.25 * values)
        return x

    def relu6(self, x):
        self.settle("offset", lambda values: values + 2)
        return x

    def relu(self, x):
        return x

    def channels(self, x):
        return x[2]


def pooledExtent(extent):
    """What a 3x3 pool of stride 2 makes of an extent, rounded up; a window must begin inside."""
    return math.ceil((extent - 3) / 2) + 1


def makeLayers(name, shape=(28, 28, 1), classes=10, seed=1, settled=False):
    """First values of a net: [(op, {role: array})] in weir's order and layout."""
    recorder = Recorder(seed, settled)
    NETS[name](recorder, list(shape), classes)
    return recorder.layers


def flatten(layers):
    """[(role, array)] of all layers, one after the other."""
    return [pair for _, tensors in layers for pair in tensors.items()]


def isTrained(role):
    """Whether the optimizer moves it; the running statistics of a batch norm are only averaged."""
    return role not in ("mean", "variance")


def countParameters(layers):
    """(trained parameters, running statistics)."""
    sizes = [(isTrained(role), values.size) for role, values in flatten(layers)]
    return tuple(sum(size for trained, size in sizes if trained == wanted) for wanted in (True, False))
