"""A compiled net behind its C interface, for the oracles; and the weights and batches that both sides train on."""

import ctypes
import json
import math
import os
import pathlib
import subprocess

import numpy

MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"
WIDTHS = [784, 80, 60, 10]


def makeWeights(seed=1):
    """He-normal weights and small biases: [(weight [in, out], bias [out])], float32."""
    random = numpy.random.default_rng(seed)
    return [
        (
            (random.standard_normal((n, m)) * math.sqrt(2 / n)).astype(numpy.float32),
            (random.standard_normal(m) * 0.05).astype(numpy.float32),
        )
        for n, m in zip(WIDTHS, WIDTHS[1:])
    ]


def makeBatches(steps, size=32, seed=2):
    """`steps` batches of (images [size, 784], labels [size]) that can be learnt: ten noisy patterns, one per label.

    Pixels are around zero, as normalised ones are: otherwise all weights of a unit move together, the first steps
    overshoot, and rounding grows faster than any tolerance allows.
    """
    random = numpy.random.default_rng(seed)
    patterns = random.uniform(-1, 1, (10, 784))
    batches = []
    for _ in range(steps):
        labels = random.integers(0, 10, size).astype(numpy.int32)
        images = 0.3 * patterns[labels] + random.uniform(-1, 1, (size, 784))
        batches.append((images.astype(numpy.float32), labels))
    return batches


def writeSafetensors(path, tensors):
    """The tensors {name: float32 array} as a safetensors file."""
    header, position = {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [position, position + values.nbytes]}
        position += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for values in tensors.values():
            file.write(numpy.ascontiguousarray(values).tobytes())


def settingWords(settings):
    """{name: value} as words of a command line."""
    return [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]


def readInfo(weir, model, settings):
    """What `weir info --json` tells of a model with some settings."""
    done = subprocess.run([weir, "info", "--json", str(model), *settingWords(settings)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def namedTensors(model, about, tensors):
    """{variable's name: array} of [(role, array)] in the order of the net's layers; RuntimeError where they do not fit."""
    variables = [variable for variable in about["variables"] if variable["kind"] in ("parameter", "statistic")]
    ours = [(variable["name"].rsplit(".", 1)[1], tuple(variable["shape"])) for variable in variables]
    given = [(role, values.shape) for role, values in tensors]
    if ours != given:
        differing = next((pair for pair in zip(ours, given) if pair[0] != pair[1]), (len(ours), len(given)))
        raise RuntimeError(f"{model} has other weights than given: {differing[0]} against {differing[1]}")
    return {variable["name"]: values for variable, (_, values) in zip(variables, tensors)}


def denseTensors(layers):
    """[(weight, bias)] as the list of tensors that CompiledNet takes."""
    return [pair for weight, bias in layers for pair in (("weight", weight), ("bias", bias))]


class CompiledNet:
    """A model compiled with some settings, holding the given weights. Failures raise RuntimeError.

    `tensors` are [(role, float32 array)], all weights and running statistics in the order of the net's layers. With
    `inside` they are compiled in, and the net only infers.
    """

    def __init__(self, weir, folder, model, settings, tensors, threads=1, inside=False):
        folder.mkdir(parents=True, exist_ok=True)
        archive, shared, weights = folder / "libnet.a", folder / "libnet.so", folder / "weights.safetensors"
        about = readInfo(weir, model, settings)
        writeSafetensors(weights, namedTensors(model, about, tensors))
        options = ["--emit=lib", *(["--weights", str(weights)] if inside else [])]
        subprocess.run([weir, "compile", str(model), *settingWords(settings), *options, "-o", str(archive)], check=True)
        whole = ["-Wl,--whole-archive", str(archive), "-Wl,--no-whole-archive"]
        subprocess.run(["gcc", "-shared", "-o", str(shared), *whole, "-lstdc++", "-lm"], check=True)
        self.input, self.classes = about["input_shape"], about["classes"]
        self.library = ctypes.CDLL(str(shared))
        self.library.weir_last_error.restype = ctypes.c_char_p
        self.library.weir_net_create.restype = ctypes.c_void_p
        program = ctypes.byref(ctypes.c_char.in_dll(self.library, f"weir_program_{about['net']}"))
        self.net = ctypes.c_void_p(self.library.weir_net_create(program, threads, ctypes.c_uint64(1)))
        self.verify(self.net.value is not None)
        if not inside:
            self.verify(self.library.weir_net_load(self.net, os.fsencode(weights)) == 0)

    def verify(self, fine):
        if not fine:
            raise RuntimeError(self.library.weir_last_error().decode())

    def trainStep(self, images, labels, learningRate):
        """The loss of one step on one batch of images (NHWC, float32) and labels (int32)."""
        loss = ctypes.c_float()
        pointers = (images.ctypes.data_as(ctypes.c_void_p), labels.ctypes.data_as(ctypes.c_void_p))
        rate = ctypes.c_float(learningRate)
        self.verify(self.library.weir_net_train_step(self.net, *pointers, rate, ctypes.byref(loss), None) == 0)
        return loss.value

    def infer(self, images):
        """Logits [n, classes] of images (NHWC, float32)."""
        logits = numpy.empty((len(images), self.classes), numpy.float32)
        pointers = (images.ctypes.data_as(ctypes.c_void_p), ctypes.c_uint64(len(images)), logits.ctypes.data_as(ctypes.c_void_p))
        self.verify(self.library.weir_net_infer(self.net, *pointers) == 0)
        return logits
