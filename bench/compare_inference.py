"""The comparisons of CNN inference: SqueezeNet and MobileNetV2 as published, at 224x224x3 with 1000 classes and at 28x28x1 with 10.

All systems get the same weights as constants, and may fold them. Batch 1; logits are compared with torch in double
precision.
"""

import os
import pathlib

import numpy
from cnn import flatten, makeLayers
from common import OUT, WEIR, compileProgram, gather, verify
from compiled_net import MODELS, CompiledNet
from images import SIZES
from litert_layers import writeCnnLiteRt
from onnx_layers import writeCnn
from rounds import Peer, Program, interleave

SMALL, LARGE = SIZES[28], SIZES[224]
# net -> its model, settings, the images it is measured for.
CASES = {
    "squeezenet_1.0": ("squeezenet.weir", {"version": 1.0}, [LARGE]),
    "squeezenet_1.1": ("squeezenet.weir", {"version": 1.1}, [SMALL, LARGE]),
    "mobilenet_v2": ("mobilenet_v2.weir", {}, [SMALL, LARGE]),
}
# Calls in a turn of a peer.
CALLS = {SMALL: 300, LARGE: 30}


def comparisons(name, options):
    """[(kind, title, function (threads, options, log) -> results)]."""
    return [
        ("infer", f"{name}, inference, {'x'.join(map(str, case[0]))}, batch 1", lambda *rest, c=case: compare(name, c, *rest))
        for case in CASES[name][2]
    ]


def torchLogits(name, layers, images):
    # Here and not above: importing torch takes seconds that a run without CNNs need not spend.
    import torch
    from torch_layers import TorchNet

    net = TorchNet(name, layers, double=True)
    net.training = False
    with torch.no_grad():
        return net(torch.from_numpy(images)).numpy()


def compare(name, case, threads, options, log):
    (shape, classes), base = case, os.path.join(OUT, f"{name}_{case[0][0]}")
    layers = makeLayers(name, shape, classes, settled=True)
    images = numpy.random.default_rng(2).uniform(0, 1, (1, *shape)).astype(numpy.float32)
    writeCnn(name, layers, images.shape, base + ".onnx")
    writeCnnLiteRt(name, layers, images.shape, base + ".tflite")
    numpy.save(base + "_nhwc.npy", images)
    numpy.save(base + "_nchw.npy", images.transpose(0, 3, 1, 2).copy())
    wanted = torchLogits(name, layers, images)
    makers = [lambda p=peer: Peer(p[0], ["infer.py", p[0], base + p[1], base + p[2]], threads, CALLS[case], log) for peer in PEERS]
    if not options.peers_only:
        program = prepareProgram(name, case, base, layers, images, wanted)
        makers.insert(0, lambda: Program("weir", program, "infer_b1", threads))
    systems = gather(makers)
    for system in systems:
        if system.check is not None:
            verify(system.name, "logits", system.check, wanted)
    return interleave(systems, options.rounds)


PEERS = [
    ("onnxruntime", ".onnx", "_nchw.npy"),
    ("openvino", ".onnx", "_nchw.npy"),
    ("litert", ".tflite", "_nhwc.npy"),
]


def prepareProgram(name, case, base, layers, images, wanted):
    """The program with the weights inside, after its library gave torch's logits."""
    model, settings, _ = CASES[name]
    (height, width, channels), classes = case
    settings = {**settings, "height": height, "width": width, "channels": channels, "classes": classes, "batch": 2}
    folder = pathlib.Path(base + "_library")
    net = CompiledNet(WEIR, folder, MODELS / model, settings, flatten(layers), inside=True)
    verify("weir", "logits", net.infer(images), wanted)
    compileProgram(model, settings, base, "--weights", str(folder / "weights.safetensors"))
    return base
