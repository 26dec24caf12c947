"""The comparisons of training SqueezeNet and MobileNetV2 as published: at 28x28x1 with 10 classes, at 224x224x3 with 1000.

With Adadelta 1.0 and without dropout, whose cost on a vector would not show. All systems start from the same first
values, and their first losses are compared with torch in double precision.
"""

import json
import os
import pathlib
import subprocess

import numpy
from cnn import flatten, makeLayers
from common import OUT, WEIR, compileProgram, gather, say, verify
from compare_inference import torchLogits
from compiled_net import MODELS, CompiledNet
from images import SIZES, loadImages
from rounds import Peer, Program, interleave, pinned

LOSSES = 3
IMAGES = 60000
# As the compiled programs train: He's first values, and pixels between 0 and 1 as the peers get them.
RECIPE = {"drop": 0.0, "init": '"he_normal"', "optimizer": "adadelta(learning_rate: 1.0)", "schedule": "constant"}
# A program that has no such data measures on noise.
DATA = {28: 'images("mnist")', 224: 'images("imagenet")'}

# net -> its model, settings, and per size and batch how much one turn of a peer measures: steps in one call of jax and of
# keras, torch's steps.
CASES = {
    "squeezenet_1.1": ("squeezenet.weir", {"version": 1.1}, {(28, 4): (40, 40), (28, 32): (8, 20), (224, 8): (1, 3)}),
    "mobilenet_v2": ("mobilenet_v2.weir", {}, {(28, 5): (10, 15), (28, 32): (4, 8), (224, 8): (1, 3)}),
}


def comparisons(name, options):
    """[(kind, title, function (threads, options, log) -> results)]; compiles the net for each batch first."""
    runs, steps = [], {}
    for size, batch in CASES[name][2]:
        program = prepareProgram(name, size, batch, options.peers_only)
        runs.append(("step", f"{name}, training step, {size}x{size}, batch {batch}, adadelta", stepOf(name, size, batch, program, steps)))
        if size == 28:
            runs.append(("epoch", f"{name}, one epoch, batch {batch}, adadelta", epochOf(batch, program, steps)))
    return runs


def prepareProgram(name, size, batch, peersOnly):
    """The program, after its library gave the losses and logits of torch in double precision."""
    program = os.path.join(OUT, f"{name}_{size}_b{batch}")
    if not peersOnly:
        model, settings, _ = CASES[name]
        (height, width, channels), classes = SIZES[size]
        about = {"height": height, "width": width, "channels": channels, "classes": classes, "data": DATA[size]}
        settings = {**about, **RECIPE, **settings, "batch": batch}
        compileProgram(model, settings, program)
        layers = makeLayers(name, *SIZES[size], settled=True)
        net = CompiledNet(WEIR, pathlib.Path(OUT) / f"{name}_{size}_b{batch}_library", MODELS / model, settings, flatten(layers))
        images, labels = loadImages(size)
        verify("weir", "logits", net.infer(images[:1].copy()), torchLogits(name, layers, images[:1]))
        losses = [net.trainStep(images[first:][:batch].copy(), labels[first:][:batch].copy(), 1.0) for first in firstOf(batch)]
        verify("weir", "losses", losses, referenceLosses(name, size, batch))
    return program


def firstOf(batch):
    """The first image of each batch that gives a loss."""
    return [step * batch for step in range(LOSSES)]


def referenceLosses(name, size, batch):
    """The first losses of training on the images in their order, in double precision."""
    # Here and not above: importing torch takes seconds that a run without CNNs need not spend.
    import torch
    from torch_layers import TorchNet

    images, labels = loadImages(size)
    net, losses = TorchNet(name, makeLayers(name, *SIZES[size], settled=True), double=True), []
    optimizer = torch.optim.Adadelta(net.parameters(), lr=1.0)
    for first in firstOf(batch):
        optimizer.zero_grad()
        wanted = torch.from_numpy(labels[first:][:batch]).long()
        loss = torch.nn.functional.cross_entropy(net(torch.from_numpy(images[first:][:batch])), wanted)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def stepOf(name, size, batch, program, steps):
    def compare(threads, options, log):
        scanned, counted = CASES[name][2][size, batch]
        case = [name, size, batch]
        one = scanned == 1
        peers = [("jax, dispatched" if one else f"jax, {scanned} steps scanned", ["jax_step.py", *case, scanned, LOSSES, "shifted"], 1)]
        peers.append(("keras, a step a call" if one else f"keras, {scanned} steps a call", ["keras_step.py", *case, scanned, LOSSES], 1))
        peers.append(("torch, eager", ["torch_step.py", *case, "eager", LOSSES], counted))
        if options.slow_peers:
            peers.append(("torch, compiled", ["torch_step.py", *case, "compiled", LOSSES], counted))
            if name == "mobilenet_v2":
                peers.append(("jax, grouped convolutions", ["jax_step.py", *case, min(scanned, 4), LOSSES], 1))
        makers = [lambda p=peer: Peer(p[0], p[1], threads, p[2], log) for peer in peers]
        if not options.peers_only:
            entries = {"weir, data included": "train_step_with_data", "weir, the step alone": "train_step"}
            makers = [lambda n=n, e=e: Program(n, program, e, threads) for n, e in entries.items()] + makers
        systems = gather(makers)
        for system in systems:
            if system.check is not None:
                verify(system.name, "losses", system.check, referenceLosses(name, size, batch))
        results = interleave(systems, options.rounds)
        if size == 28:
            steps[batch, threads] = results
        return results

    return compare


def epochOf(batch, program, steps):
    def compare(threads, options, log):
        """weir's epoch as it runs, with validation; the others' are their steps times the number of steps."""
        results = {}
        if not options.peers_only:
            command = [program, "train", "--epochs", "1", "--threads", str(threads), "--json", "--checkpoint", program + ".safetensors"]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=log, text=True, check=True, preexec_fn=pinned(threads))
            time = json.loads(done.stdout)["seconds"] * 1000
            results["weir, whole process"] = {"min_ms": time, "median_ms": time, "version": "", "rounds": [time]}
        others = {name: figures for name, figures in steps.get((batch, threads), {}).items() if not name.startswith("weir")}
        if not others:
            say("the others' epochs are derived from steps, which were not measured in this run")
        for name, figures in others.items():
            times = {key: figures[key] * (IMAGES // batch) for key in ("min_ms", "median_ms")}
            results[f"{name}, derived"] = {**times, "version": figures["version"], "rounds": []}
        return results

    return compare
