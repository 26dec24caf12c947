"""The layers of cnn.py in Keras' functional API: `makeModel` gives a net with given first values."""

import keras
from cnn import NETS, pooledExtent


def makeModel(name, layers, shape=(28, 28, 1)):
    """A model from images [n, h, w, c] to logits [n, classes]; `layers` as makeLayers gives them."""
    net = KerasLayers()
    images = keras.Input(shape)
    logits = NETS[name](net, images, classes=layers[-1][1]["bias"].size)
    for layer, (op, tensors) in zip(net.layers, layers, strict=True):
        values = list(tensors.values())
        if op == "depthwise_conv2d":
            values[0] = values[0][..., None]
        layer.set_weights(values)
    return keras.Model(images, logits)


class KerasLayers:
    def __init__(self):
        self.layers = []  # those with tensors, in cnn.py's order

    def use(self, layer, x):
        self.layers.append(layer)
        return layer(x)

    @staticmethod
    def pad(x, padding):
        return keras.layers.ZeroPadding2D(padding)(x) if padding else x

    def conv(self, x, units, kernel, stride=1, padding=0, bias=True):
        return self.use(keras.layers.Conv2D(units, kernel, stride, use_bias=bias), self.pad(x, padding))

    def depthwise(self, x, kernel, stride, padding):
        return self.use(keras.layers.DepthwiseConv2D(kernel, stride, use_bias=False), self.pad(x, padding))

    def dense(self, x, units):
        return self.use(keras.layers.Dense(units), x)

    def batchNorm(self, x):
        return self.use(keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5), x)

    def maxPool(self, x):
        after = [(pooledExtent(extent) - 1) * 2 + 3 - extent for extent in x.shape[1:3]]
        # Zeros stand for minus infinity: what comes in has passed a relu.
        return keras.layers.MaxPooling2D(3, 2)(self.pad(x, tuple((0, rows) for rows in after)))

    def globalPool(self, x):
        return keras.layers.GlobalAveragePooling2D()(x)

    def concat(self, a, b):
        return keras.layers.Concatenate()([a, b])

    def add(self, x, y):
        return keras.layers.Add()([x, y])

    def channels(self, x):
        return x.shape[3]

    def relu(self, x):
        return keras.layers.ReLU()(x)

    def relu6(self, x):
        return keras.layers.ReLU(6.0)(x)
