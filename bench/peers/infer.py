"""Inference by another runtime: infer.py SYSTEM MODEL IMAGES.npy, one call = one batch.

Each runtime gets its quickest way in: buffers bound beforehand, nothing copied by Python, and all of the CPUs this
process may use. The check figure is the logits for the given images.
"""

import os
import sys

import numpy
from serve import memory, serve

system, model, images = sys.argv[1], sys.argv[2], numpy.load(sys.argv[3])
threads = len(os.sched_getaffinity(0))


def useOnnxRuntime():
    import onnxruntime

    before = memory("VmRSS")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    result = numpy.empty((len(images), session.get_outputs()[0].shape[1]), numpy.float32)
    for bind, name, array in (
        (binding.bind_input, session.get_inputs()[0].name, images),
        (binding.bind_output, session.get_outputs()[0].name, result),
    ):
        bind(name, "cpu", 0, numpy.float32, array.shape, array.ctypes.data)
    return before, onnxruntime.__version__, lambda: session.run_with_iobinding(binding), lambda: result


def useOpenVino():
    import openvino

    core, before = openvino.Core(), memory("VmRSS")
    hints = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "f32",
    }
    request = core.compile_model(model, "CPU", hints).create_infer_request()
    tensor = openvino.Tensor(images, shared_memory=True)
    # The base class's infer(): the Python wrapper around it only converts.
    bare = super(type(request), request).infer
    run = lambda: bare(tensor, share_outputs=True, decode_strings=False)
    return before, openvino.__version__, run, lambda: request.get_output_tensor().data


def useLiteRt():
    from importlib.metadata import version

    from ai_edge_litert.interpreter import Interpreter

    before = memory("VmRSS")
    interpreter = Interpreter(model_path=model, num_threads=threads)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], images)
    result = interpreter.get_output_details()[0]["index"]
    return before, version("ai-edge-litert"), interpreter.invoke, lambda: interpreter.get_tensor(result)


before, version, runOnce, result = {"onnxruntime": useOnnxRuntime, "openvino": useOpenVino, "litert": useLiteRt}[system]()
runOnce()
serve(f"{system} {version}", numpy.asarray(result()).tolist(), runOnce, before=before)
