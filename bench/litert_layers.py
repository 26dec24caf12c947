"""The layers of cnn.py as a LiteRT flatbuffer (NHWC), for the inference peer.

What its converter would do is done here: batch norms are folded into the convolutions before them, activations are
part of their operators. Written with the schema that the package carries.
"""

import flatbuffers
import numpy
from ai_edge_litert import schema_py_generated as tflite
from cnn import NETS

EPSILON = 1e-5
ACTIVATION = tflite.ActivationFunctionType
PADDING = tflite.Padding


class Value:
    """A tensor between operators: its number, its [batch, height, width, channels], and the operator that makes it."""

    def __init__(self, number, shape, maker=None):
        self.number, self.shape, self.maker = number, list(shape), maker


class LiteRtLayers:
    """A tensor is a Value. Weights may still change until `write`: a batch norm scales those before it."""

    def __init__(self, layers, shape):
        self.layers, self.codes, self.constants = iter(layers), {}, {}
        self.graph = tflite.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.image = self.tensor(shape)
        self.graph.inputs = [self.image.number]

    def tensor(self, shape, kind=tflite.TensorType.FLOAT32):
        tensor = tflite.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = f"value{len(self.graph.tensors)}", list(shape), kind, 0
        self.graph.tensors.append(tensor)
        return Value(len(self.graph.tensors) - 1, shape)

    def constant(self, values):
        kind = tflite.TensorType.INT32 if values.dtype == numpy.int32 else tflite.TensorType.FLOAT32
        number = self.tensor(values.shape, kind).number
        self.constants[number] = values
        return number

    def node(self, name, inputs, shape, **options):
        """One operator; `options` are the fields of its options table, named after it."""
        operator, kind = tflite.OperatorT(), OPTIONS[name]
        code = getattr(tflite.BuiltinOperator, name)
        operator.opcodeIndex = self.codes.setdefault(code, len(self.codes))
        operator.builtinOptionsType = getattr(tflite.BuiltinOptions, kind)
        operator.builtinOptions = getattr(tflite, kind + "T")()
        for field, value in options.items():
            setattr(operator.builtinOptions, field, value)
        result = self.tensor(shape)
        operator.inputs, operator.outputs = [getattr(i, "number", i) for i in inputs], [result.number]
        self.graph.operators.append(operator)
        result.maker = operator
        return result

    def weights(self):
        return next(self.layers)[1]

    def window(self, name, x, parameters, units, kernel, stride, padding, **options):
        """A window over x with `padding` zeros on each side, which only a stride of 1 can have built in."""
        same = padding > 0 and stride == 1 and kernel == 2 * padding + 1
        batch, height, width, channels = x.shape
        if padding and not same:
            sides = numpy.array([[0, 0], [padding, padding], [padding, padding], [0, 0]], numpy.int32)
            height, width = height + 2 * padding, width + 2 * padding
            x = self.node("PAD", [x, self.constant(sides)], [batch, height, width, channels])
        extents = [height, width] if same else [(extent - kernel) // stride + 1 for extent in (height, width)]
        where = {"padding": PADDING.SAME if same else PADDING.VALID, "strideH": stride, "strideW": stride}
        return self.node(name, [x, *parameters], [batch, *extents, units], **where, **options)

    def conv(self, x, units, kernel, stride=1, padding=0, bias=True):
        given = self.weights()
        weight = numpy.ascontiguousarray(given["weight"].transpose(3, 0, 1, 2))
        parameters = [self.constant(weight), self.constant(given["bias"] if bias else numpy.zeros(units, numpy.float32))]
        return self.window("CONV_2D", x, parameters, units, kernel, stride, padding)

    def depthwise(self, x, kernel, stride, padding):
        parameters = [self.constant(self.weights()["weight"][None]), self.constant(numpy.zeros(x.shape[3], numpy.float32))]
        return self.window("DEPTHWISE_CONV_2D", x, parameters, x.shape[3], kernel, stride, padding, depthMultiplier=1)

    def dense(self, x, units):
        given = self.weights()
        parameters = [self.constant(numpy.ascontiguousarray(given["weight"].T)), self.constant(given["bias"])]
        return self.node("FULLY_CONNECTED", [x, *parameters], [x.shape[0], units])

    def batchNorm(self, x):
        given = self.weights()
        scale = given["scale"] / numpy.sqrt(given["variance"] + EPSILON)
        _, weight, bias = x.maker.inputs
        depthwise = x.maker.opcodeIndex == self.codes.get(tflite.BuiltinOperator.DEPTHWISE_CONV_2D)
        self.constants[weight] = (self.constants[weight] * (scale if depthwise else scale[:, None, None, None])).astype(numpy.float32)
        self.constants[bias] = ((self.constants[bias] - given["mean"]) * scale + given["offset"]).astype(numpy.float32)
        return x

    def maxPool(self, x):
        batch, height, width, channels = x.shape
        exact = (height - 3) % 2 == 0 and (width - 3) % 2 == 0
        # Rounded up, as SAME does where it adds a line at the end only: for even extents.
        if not exact and (height % 2 or width % 2):
            raise ValueError(f"LiteRT has no pool of {height}x{width} that rounds up")
        extents = [-(-(extent - 3) // 2) + 1 for extent in (height, width)]
        where = {"padding": PADDING.VALID if exact else PADDING.SAME, "strideH": 2, "strideW": 2}
        return self.node("MAX_POOL_2D", [x], [batch, *extents, channels], **where, filterHeight=3, filterWidth=3)

    def globalPool(self, x):
        axes = self.constant(numpy.array([1, 2], numpy.int32))
        return self.node("MEAN", [x, axes], [x.shape[0], x.shape[3]], keepDims=False)

    def concat(self, a, b):
        return self.node("CONCATENATION", [a, b], [*a.shape[:3], a.shape[3] + b.shape[3]], axis=3)

    def add(self, x, y):
        return self.node("ADD", [x, y], x.shape)

    def relu(self, x, kind=ACTIVATION.RELU):
        x.maker.builtinOptions.fusedActivationFunction = kind
        return x

    def relu6(self, x):
        return self.relu(x, ACTIVATION.RELU6)

    def channels(self, x):
        return x.shape[3]

    def write(self, result, path):
        self.graph.outputs = [result.number]
        model = tflite.ModelT()
        model.version, model.subgraphs, model.operatorCodes, model.buffers = 3, [self.graph], [], [tflite.BufferT()]
        for number in self.codes:
            code = tflite.OperatorCodeT()
            code.builtinCode, code.deprecatedBuiltinCode, code.version = number, number, 1
            model.operatorCodes.append(code)
        for number, values in self.constants.items():
            buffer = tflite.BufferT()
            buffer.data = numpy.frombuffer(values.tobytes(), numpy.uint8)
            self.graph.tensors[number].buffer = len(model.buffers)
            model.buffers.append(buffer)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        with open(path, "wb") as file:
            file.write(builder.Output())


OPTIONS = {
    "ADD": "AddOptions",
    "CONCATENATION": "ConcatenationOptions",
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "PAD": "PadOptions",
}


def writeCnnLiteRt(name, layers, shape, path):
    """The net with these layers for images of `shape` [batch, height, width, channels]."""
    net = LiteRtLayers(layers, shape)
    classes = layers[-1][1]["bias"].size
    net.write(NETS[name](net, net.image, classes=classes), path)
