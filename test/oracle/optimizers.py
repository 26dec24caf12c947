"""Compares 20 training steps of every optimizer with another implementation, from the same weights and batches.

Usage: optimizers.py --weir PROGRAM --work FOLDER [--oracle numpy|torch] [NAME...]

mlp_80_60 without dropout is compiled into a static library once per optimizer, linked into a shared one and called
through its C interface (runtime/weir.h). The oracle trains the same net: `torch` with torch's own layers and
optimizers, `numpy` with the formulas of the papers in double precision. Prints one line per optimizer with the
largest relative difference of the losses; exit 1 where one is above 1e-4, or where the losses did not move.
"""

import argparse
import math
import os
import pathlib
import sys

import numpy

from compiled_net import MODELS, CompiledNet, denseTensors, makeBatches, makeWeights

STEPS = 20
TOLERANCE = 1e-4

# name -> (what the .weir file says, torch's class and arguments). Learning rates are large enough that 20 steps move
# the loss by far more than the tolerance.
CASES = {
    "sgd": ("sgd(learning_rate: 0.1)", ("SGD", {"lr": 0.1})),
    "momentum": ("sgd(learning_rate: 0.02, momentum: 0.9)", ("SGD", {"lr": 0.02, "momentum": 0.9})),
    "nesterov": (
        "sgd(learning_rate: 0.02, momentum: 0.9, nesterov: true)",
        ("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    ),
    "adagrad": ("adagrad(learning_rate: 0.01)", ("Adagrad", {"lr": 0.01})),
    "rmsprop": ("rmsprop(learning_rate: 0.001)", ("RMSprop", {"lr": 0.001})),
    "adadelta": ("adadelta", ("Adadelta", {"lr": 1.0})),
    "adam": ("adam(learning_rate: 0.002)", ("Adam", {"lr": 0.002})),
    "adamw": ("adamw(learning_rate: 0.002, weight_decay: 0.1)", ("AdamW", {"lr": 0.002, "weight_decay": 0.1})),
    "nadam": ("nadam(learning_rate: 0.002)", ("NAdam", {"lr": 0.002})),
}


def torchLosses(case, layers, batches):
    import torch
    from torch import nn

    torch.set_num_threads(1)
    modules = []
    for weight, bias in layers:
        linear = nn.Linear(*weight.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight.T))
            linear.bias.copy_(torch.from_numpy(bias))
        modules += [linear, nn.GELU()]
    net = nn.Sequential(*modules[:-1])
    name, arguments = case
    optimizer = getattr(torch.optim, name)(net.parameters(), **arguments)
    losses = []
    for images, labels in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(torch.from_numpy(images)), torch.from_numpy(labels).long())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def updateRule(case):
    """The update w <- rule(w, g, state, t) of a case, in the notation of ir/OptimizerOps.td; t counts from 1."""
    name, given = case
    lr, momentum = given["lr"], given.get("momentum", 0.0)

    def adamMoments(g, s):
        s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
        s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2

    def sgd(w, g, s, t):
        s["v"] = momentum * s.get("v", 0) + g
        return w - lr * (g + momentum * s["v"] if given.get("nesterov") else s["v"])

    def adagrad(w, g, s, t):
        s["sum"] = s.get("sum", 0) + g**2
        return w - lr * g / (numpy.sqrt(s["sum"]) + 1e-10)

    def rmsprop(w, g, s, t):
        s["v"] = 0.99 * s.get("v", 0) + 0.01 * g**2
        return w - lr * g / (numpy.sqrt(s["v"]) + 1e-8)

    def adadelta(w, g, s, t):
        s["v"] = 0.9 * s.get("v", 0) + 0.1 * g**2
        u = g * numpy.sqrt(s.get("d", 0) + 1e-6) / numpy.sqrt(s["v"] + 1e-6)
        s["d"] = 0.9 * s.get("d", 0) + 0.1 * u**2
        return w - lr * u

    def adam(w, g, s, t):
        adamMoments(g, s)
        w = w - lr * given.get("weight_decay", 0.0) * w
        return w - lr * s["m"] / (1 - 0.9**t) / (numpy.sqrt(s["v"] / (1 - 0.999**t)) + 1e-8)

    def nadam(w, g, s, t):
        adamMoments(g, s)
        mu = lambda t: 0.9 * (1 - 0.5 * 0.96 ** (t * 0.004))
        s["p"] = s.get("p", 1.0) * mu(t)
        step = mu(t + 1) * s["m"] / (1 - s["p"] * mu(t + 1)) + (1 - mu(t)) * g / (1 - s["p"])
        return w - lr * step / (numpy.sqrt(s["v"] / (1 - 0.999**t)) + 1e-8)

    rules = {"SGD": sgd, "Adagrad": adagrad, "RMSprop": rmsprop, "Adadelta": adadelta}
    return {**rules, "Adam": adam, "AdamW": adam, "NAdam": nadam}[name]


def numpyLosses(case, layers, batches):
    erf = numpy.vectorize(math.erf, otypes=[numpy.float64])
    rule = updateRule(case)
    parameters = [tensor.astype(numpy.float64) for layer in layers for tensor in layer]
    states = [{} for _ in parameters]
    losses = []
    for t, (images, labels) in enumerate(batches, 1):
        x, kept = images.astype(numpy.float64), []
        for index in range(0, len(parameters), 2):
            y = x @ parameters[index] + parameters[index + 1]
            kept.append((x, y))
            x = 0.5 * y * (1 + erf(y / math.sqrt(2))) if index + 2 < len(parameters) else y
        x = x - x.max(axis=1, keepdims=True)
        softmax = numpy.exp(x) / numpy.exp(x).sum(axis=1, keepdims=True)
        rows = numpy.arange(len(labels))
        losses.append(-numpy.log(softmax[rows, labels]).mean())
        softmax[rows, labels] -= 1
        slope, gradients = softmax / len(labels), []
        for layer in range(len(kept) - 1, -1, -1):
            x, y = kept[layer]
            gradients[:0] = [x.T @ slope, slope.sum(axis=0)]
            if layer:
                slope = slope @ parameters[2 * layer].T
                y = kept[layer - 1][1]
                density = numpy.exp(-(y**2) / 2) / math.sqrt(2 * math.pi)
                slope = slope * (0.5 * (1 + erf(y / math.sqrt(2))) + y * density)
        parameters = [rule(w, g, s, t) for w, g, s in zip(parameters, gradients, states)]
    return losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", required=True)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--oracle", choices=["numpy", "torch"], default="numpy")
    parser.add_argument("names", nargs="*", default=list(CASES))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    layers, batches = makeWeights(), makeBatches(STEPS)
    train = {"numpy": numpyLosses, "torch": torchLosses}[options.oracle]
    failed = False
    for name in options.names:
        text, case = CASES[name]
        settings = {"optimizer": text, "drop": "0.0", "batch": "32"}
        net = CompiledNet(options.weir, options.work / name, MODELS / "mlp_80_60.weir", settings, denseTensors(layers))
        got = [net.trainStep(images, labels, case[1]["lr"]) for images, labels in batches]
        wanted = train(case, layers, batches)
        difference = max(abs(g - w) / w for g, w in zip(got, wanted))
        moved = wanted[0] - min(wanted) > 0.1
        verdict = "agrees" if difference <= TOLERANCE and moved else "DIFFERS" if moved else "DOES NOT LEARN"
        failed |= verdict != "agrees"
        print(f"{name:9} {verdict}: largest relative difference {difference:.1e}, loss {got[0]:.4f} -> {got[-1]:.4f}", flush=True)
    print(f"oracle: {options.oracle}, {STEPS} steps, {len(options.names)} optimizers")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.exit(main())
