"""The layers of cnn.py as ONNX nodes (opset 20, NCHW), for the inference peers; batch norms in their inference form.

The exported net takes images [batch, channels, height, width] and gives logits [batch, classes].
"""

import numpy
import onnx
from cnn import NETS

LAYOUT = {("conv2d", 4): (3, 2, 0, 1), ("depthwise_conv2d", 3): (2, 0, 1)}


class OnnxLayers:
    """A tensor is (name, channels)."""

    def __init__(self, layers):
        self.layers, self.nodes, self.constants = iter(layers), [], []

    def constant(self, op, values):
        order = LAYOUT.get((op, values.ndim))
        values = numpy.ascontiguousarray(values.transpose(order) if order else values)
        values = values[:, None] if values.ndim == 3 else values
        self.constants.append(onnx.numpy_helper.from_array(values, f"constant{len(self.constants)}"))
        return self.constants[-1].name

    def node(self, kind, inputs, channels, **attributes):
        self.nodes.append(onnx.helper.make_node(kind, inputs, [f"value{len(self.nodes)}"], **attributes))
        return self.nodes[-1].output[0], channels

    def weights(self):
        op, tensors = next(self.layers)
        return [self.constant(op, values) for values in tensors.values()]

    def conv(self, x, units, kernel, stride=1, padding=0, bias=True, groups=1):
        window = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [padding] * 4, "group": groups}
        return self.node("Conv", [x[0], *self.weights()], units, **window)

    def depthwise(self, x, kernel, stride, padding):
        return self.conv(x, x[1], kernel, stride, padding, groups=x[1])

    def dense(self, x, units):
        return self.node("Gemm", [x[0], *self.weights()], units)

    def batchNorm(self, x):
        return self.node("BatchNormalization", [x[0], *self.weights()], x[1], epsilon=1e-5)

    def maxPool(self, x):
        return self.node("MaxPool", [x[0]], x[1], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)

    def globalPool(self, x):
        x = self.node("GlobalAveragePool", [x[0]], x[1])
        return self.node("Flatten", [x[0]], x[1], axis=1)

    def concat(self, a, b):
        return self.node("Concat", [a[0], b[0]], a[1] + b[1], axis=1)

    def add(self, x, y):
        return self.node("Add", [x[0], y[0]], x[1])

    def relu(self, x):
        return self.node("Relu", [x[0]], x[1])

    def relu6(self, x):
        bounds = [self.constant("clip", numpy.array(bound, numpy.float32)) for bound in (0, 6)]
        return self.node("Clip", [x[0], *bounds], x[1])

    def channels(self, x):
        return x[1]


def writeCnn(name, layers, shape, path):
    """The net with these layers at one fixed batch; `shape` is [batch, height, width, channels]."""
    net, (batch, height, width, channels) = OnnxLayers(layers), shape
    classes = layers[-1][1]["bias"].size
    value, _ = NETS[name](net, ("image", channels), classes=classes)
    tensor = lambda name, shape: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    ends = [tensor("image", [batch, channels, height, width])], [tensor(value, [batch, classes])]
    graph = onnx.helper.make_graph(net.nodes, name, *ends, net.constants)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    onnx.save(model, path)
