"""mlp_80_60 for the inference peers: one set of weights written as ONNX and as a LiteRT flatbuffer.

Weights come from a safetensors file of the compiled program, so that all systems compute the same function; `logits`
is the plain numpy answer that each of them is compared with before its time counts.
"""

import math

import flatbuffers
import numpy
import onnx
from ai_edge_litert import schema_py_generated as tflite
from safetensors.numpy import load_file

WIDTHS = [784, 80, 60, 10]


def makeWeights(seed=1):
    """He-normal weights, used where no trained file is given: [(weight [in, out], bias [out])] float32."""
    random = numpy.random.default_rng(seed)
    return [
        (
            (random.standard_normal((n, m)) * math.sqrt(2 / n)).astype(numpy.float32),
            (random.standard_normal(m) * 0.1).astype(numpy.float32),
        )
        for n, m in zip(WIDTHS, WIDTHS[1:])
    ]


def readWeights(path):
    """The three layers of a weights file, told apart by their shapes alone."""
    tensors = load_file(path)
    layers = []
    for n, m in zip(WIDTHS, WIDTHS[1:]):
        # A checkpoint also holds the optimizer's state, under longer names.
        weight = [(name, t) for name, t in tensors.items() if t.shape == (n, m) and name.endswith(".weight")]
        if len(weight) != 1:
            raise SystemExit(f"{path}: expects one tensor of shape {n}x{m}, but got {len(weight)}")
        name, values = weight[0]
        layers.append((values, tensors[name.rsplit(".", 1)[0] + ".bias"]))
    return layers


def logits(layers, images):
    """The net's answer in double precision: images [n, 784] -> [n, 10]."""
    erf = numpy.vectorize(math.erf)
    x = images.astype(numpy.float64)
    for index, (weight, bias) in enumerate(layers):
        x = x @ weight.astype(numpy.float64) + bias
        if index + 1 < len(layers):
            x = 0.5 * x * (1 + erf(x / math.sqrt(2)))
    return x


def writeOnnx(layers, batch, path):
    """Gemm and Gelu (opset 20) at one fixed batch."""
    nodes, constants, value = [], [], "image"
    for index, (weight, bias) in enumerate(layers):
        constants += [onnx.numpy_helper.from_array(weight, f"w{index}"), onnx.numpy_helper.from_array(bias, f"b{index}")]
        nodes.append(onnx.helper.make_node("Gemm", [value, f"w{index}", f"b{index}"], [f"dense{index}"]))
        value = f"dense{index}"
        if index + 1 < len(layers):
            nodes.append(onnx.helper.make_node("Gelu", [value], [f"gelu{index}"], approximate="none"))
            value = f"gelu{index}"
    first, last = layers[0][0].shape[0], layers[-1][0].shape[1]
    tensor = lambda name, shape: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    graph = onnx.helper.make_graph(nodes, "mlp", [tensor("image", [batch, first])], [tensor(value, [batch, last])], constants)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def writeLiteRt(layers, batch, path):
    """FULLY_CONNECTED and GELU, written with the flatbuffer schema that the package carries."""
    model, graph = tflite.ModelT(), tflite.SubGraphT()
    model.version, model.description = 3, "mlp_80_60"
    model.buffers, graph.tensors, graph.operators = [tflite.BufferT()], [], []
    codes = []
    for builtin in (tflite.BuiltinOperator.FULLY_CONNECTED, tflite.BuiltinOperator.GELU):
        code = tflite.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = builtin
        code.version = 1
        codes.append(code)
    # Codes above 127 keep a placeholder in the old one-byte field.
    codes[1].deprecatedBuiltinCode = min(codes[1].builtinCode, 127)
    model.operatorCodes = codes

    def addTensor(name, shape, values=None):
        tensor = tflite.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), tflite.TensorType.FLOAT32
        tensor.buffer = 0
        if values is not None:
            buffer = tflite.BufferT()
            buffer.data = numpy.frombuffer(numpy.ascontiguousarray(values).tobytes(), numpy.uint8)
            model.buffers.append(buffer)
            tensor.buffer = len(model.buffers) - 1
        graph.tensors.append(tensor)
        return len(graph.tensors) - 1

    def addOperator(code, kind, options, inputs, output):
        operator = tflite.OperatorT()
        operator.opcodeIndex, operator.builtinOptionsType, operator.builtinOptions = code, kind, options
        operator.inputs, operator.outputs = inputs, [output]
        graph.operators.append(operator)

    value = addTensor("image", [batch, layers[0][0].shape[0]])
    graph.inputs = [value]
    for index, (weight, bias) in enumerate(layers):
        parameters = [addTensor(f"w{index}", weight.T.shape, weight.T), addTensor(f"b{index}", bias.shape, bias)]
        result = addTensor(f"dense{index}", [batch, weight.shape[1]])
        options = tflite.BuiltinOptions.FullyConnectedOptions
        addOperator(0, options, tflite.FullyConnectedOptionsT(), [value, *parameters], result)
        value = result
        if index + 1 < len(layers):
            result = addTensor(f"gelu{index}", [batch, weight.shape[1]])
            gelu = tflite.GeluOptionsT()
            gelu.approximate = False
            addOperator(1, tflite.BuiltinOptions.GeluOptions, gelu, [value], result)
            value = result
    graph.outputs = [value]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    with open(path, "wb") as file:
        file.write(builder.Output())
