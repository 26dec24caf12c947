"""Compares quantized ops' reference semantics with onnxruntime's QLinear operators on random integers.

Usage: integers.py --weir-opt WEIR_OPT --work FOLDER. onnxruntime multiplies the scales in f32, weir in float64 rounded
once: a result on a tie may differ by one step, which is counted.
"""

import argparse
import pathlib
import subprocess

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

RANDOM = np.random.default_rng(7)


def quantized(scale, zero, storage="u8"):
    return f"!quant.uniform<{storage}:f32, {scale!r}:{zero}>"


def per_channel(storage, axis, scales):
    return f"!quant.uniform<{storage}:f32:{axis}, {{{', '.join(repr(float(s)) for s in scales)}}}>"


def tensor(shape, element):
    return f"tensor<{'x'.join(map(str, shape))}x{element}>"


def argument(name, values, element, storage):
    literal = np.array2string(values, separator=", ", threshold=values.size + 1).replace("\n", "")
    return (
        f"%{name}: {tensor(values.shape, element)} "
        f"{{weir.value = dense<{literal}> : {tensor(values.shape, storage)}}}"
    )


def scales(count):
    """Numbers of f32, so that both sides have the very same."""
    return [float(np.float32(s)) for s in RANDOM.uniform(0.001, 0.05, count)]


def run_onnx(nodes, inputs, output, output_type):
    graph = helper.make_graph(
        nodes,
        "net",
        [],
        [helper.make_tensor_value_info(output, output_type, None)],
        [helper.make_tensor(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape, v.flatten()) for n, v in inputs.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"]).run(None, {})[0]


class Comparison:
    def __init__(self, weir_opt, work):
        self.weir_opt, self.work = weir_opt, pathlib.Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.total = self.off = 0

    def check(self, name, text, expected):
        file = self.work / f"{name}.mlir"
        file.write_text(text)
        run = subprocess.run(
            [self.weir_opt, file, "--evaluate", "-o", "/dev/null"], check=True, capture_output=True, text=True
        )
        values = np.array([float(v) for v in run.stdout.split(":", 1)[1].split()]).reshape(expected.shape)
        difference = np.abs(values - expected)
        assert difference.max() <= 1, f"{name}: {difference.max()} steps"
        self.total += difference.size
        self.off += int(np.count_nonzero(difference))


def convolution(comparison, number, stride, pad, channels, filters, groups=1):
    x = RANDOM.integers(0, 256, (2, 9, 8, channels), dtype=np.uint8)
    w = RANDOM.integers(-127, 128, (3, 3, channels // groups, filters), dtype=np.int8)
    b = RANDOM.integers(-20000, 20000, filters, dtype=np.int32)
    (sx,), sw, (sy,) = scales(1), scales(filters), [float(np.float32(0.4))]
    zx, zy = 117, 121
    y_nchw = run_onnx(
        [
            helper.make_node(
                "QLinearConv",
                ["x", "sx", "zx", "w", "sw", "zw", "sy", "zy", "b"],
                ["y"],
                strides=[stride] * 2,
                pads=[pad] * 4,
                group=groups,
            )
        ],
        {
            "x": x.transpose(0, 3, 1, 2).copy(),
            "sx": np.float32(sx),
            "zx": np.uint8(zx),
            "w": w.transpose(3, 2, 0, 1).copy(),
            "sw": np.array(sw, np.float32),
            "zw": np.zeros(filters, np.int8),
            "sy": np.float32(sy),
            "zy": np.uint8(zy),
            "b": b,
        },
        "y",
        TensorProto.UINT8,
    )
    expected = y_nchw.transpose(0, 2, 3, 1)
    sums = [sx * s for s in sw]
    types = [
        tensor(x.shape, quantized(sx, zx)),
        tensor(w.shape, per_channel("i8", 3, sw)),
        tensor(b.shape, per_channel("i32", 0, sums)),
        tensor(expected.shape, per_channel("i32", 3, sums)),
        tensor(expected.shape, quantized(sy, zy)),
    ]
    comparison.check(
        f"conv{number}",
        f"""func.func @f({argument("x", x, quantized(sx, zx), "i8")}, {argument("w", w, per_channel("i8", 3, sw), "i8")},
  {argument("b", b, per_channel("i32", 0, sums), "i32")}) -> {types[4]} {{
  %0 = weir.conv2d %x, %w, %b {{filters = {filters} : i64, kernel = array<i64: 3>, stride = array<i64: {stride}>,
    padding = array<i64: {pad}>, groups = {groups} : i64}} : ({types[0]}, {types[1]}, {types[2]}) -> {types[3]}
  %1 = weir.requantize %0 : {types[3]} -> {types[4]}
  return %1 : {types[4]}
}}
""",
        expected,
    )


def product(comparison):
    x = RANDOM.integers(0, 256, (7, 40), dtype=np.uint8)
    w = RANDOM.integers(-127, 128, (40, 9), dtype=np.int8)
    (sx, sw), sy, zx, zy = scales(2), float(np.float32(0.3)), 100, 140
    expected = run_onnx(
        [helper.make_node("QLinearMatMul", ["x", "sx", "zx", "w", "sw", "zw", "sy", "zy"], ["y"])],
        {
            "x": x,
            "sx": np.float32(sx),
            "zx": np.uint8(zx),
            "w": w,
            "sw": np.float32(sw),
            "zw": np.int8(0),
            "sy": np.float32(sy),
            "zy": np.uint8(zy),
        },
        "y",
        TensorProto.UINT8,
    )
    one = f"!quant.uniform<i8:f32, {sw!r}>"
    types = [
        tensor(x.shape, quantized(sx, zx)),
        tensor(w.shape, one),
        tensor((7, 9), f"!quant.uniform<i32:f32, {sx * sw!r}>"),
        tensor((7, 9), quantized(sy, zy)),
    ]
    comparison.check(
        "dense",
        f"""func.func @f({argument("x", x, quantized(sx, zx), "i8")}, {argument("w", w, one, "i8")}) -> {types[3]} {{
  %0 = weir.dense %x, %w {{units = 9 : i64, use_bias = false}} : ({types[0]}, {types[1]}) -> {types[2]}
  %1 = weir.requantize %0 : {types[2]} -> {types[3]}
  return %1 : {types[3]}
}}
""",
        expected,
    )


def ends(comparison):
    """QuantizeLinear and DequantizeLinear: exact."""
    x = RANDOM.normal(0, 3, (500,)).astype(np.float32)
    x[:40] = np.arange(-20, 20) * np.float32(0.125) + np.float32(0.0625)  # ties of steps of 1/8
    before = comparison.off
    for number, (scale, zero) in enumerate([(0.125, 128), (float(np.float32(0.0271)), 3)]):
        expected = run_onnx(
            [helper.make_node("QuantizeLinear", ["x", "s", "z"], ["y"])],
            {"x": x, "s": np.float32(scale), "z": np.uint8(zero)},
            "y",
            TensorProto.UINT8,
        )
        text = np.array2string(x, separator=", ", threshold=x.size + 1, formatter={"float": lambda v: repr(float(v))})
        literal = text.replace("\n", "").replace("e-0", "e-")
        element = quantized(scale, zero)
        comparison.check(
            f"quantize{number}",
            f"""func.func @f(%x: {tensor(x.shape, "f32")} {{weir.value = dense<{literal}> : {tensor(x.shape, "f32")}}}) -> {tensor(x.shape, element)} {{
  %0 = weir.quantize %x : {tensor(x.shape, "f32")} -> {tensor(x.shape, element)}
  return %0 : {tensor(x.shape, element)}
}}
""",
            expected,
        )
    assert comparison.off == before, "quantize differs from QuantizeLinear"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir-opt", required=True)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    comparison = Comparison(options.weir_opt, options.work)
    convolution(comparison, 0, stride=1, pad=1, channels=5, filters=7)
    convolution(comparison, 1, stride=2, pad=0, channels=3, filters=4)
    convolution(comparison, 2, stride=1, pad=1, channels=6, filters=8, groups=2)
    product(comparison)
    ends(comparison)
    assert comparison.off <= comparison.total / 500, f"{comparison.off} of {comparison.total} differ"
    print(f"oracle: onnxruntime, {comparison.total} integers, {comparison.off} of them one step off")


if __name__ == "__main__":
    main()
