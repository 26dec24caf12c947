"""The comparisons of training SqueezeNet and MobileNetV2 as published (ImageNet's strides) at 28x28x1, 10 classes.

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
from mnist import loadMnist
from rounds import Peer, Program, interleave, pinned

LOSSES = 3
IMAGES = 60000
INPUT = {"height": 28, "width": 28, "channels": 1, "classes": 10, "drop": 0.0}
# As the compiled programs train: He's first values, and pixels between 0 and 1 as the peers get them.
RECIPE = {"init": '"he_normal"', "optimizer": "adadelta(learning_rate: 1.0)", "schedule": "constant", "data": 'images("mnist")'}

# net -> its model, settings, and per batch how much one turn of a peer measures: steps in one call of jax and of keras, torch's
# steps.
CASES = {
    "squeezenet_1.1": ("squeezenet.weir", {"version": 1.1}, {4: (40, 40), 32: (8, 20)}),
    "mobilenet_v2": ("mobilenet_v2.weir", {}, {5: (10, 15), 32: (4, 8)}),
}


def comparisons(name, options):
    """[(kind, title, function (threads, options, log) -> results)]; compiles the net for each batch first."""
    runs, steps = [], {}
    for batch in CASES[name][2]:
        program = prepareProgram(name, batch, options.peers_only)
        runs.append(("step", f"{name}, training step, batch {batch}, adadelta", stepOf(name, batch, program, steps)))
        runs.append(("epoch", f"{name}, one epoch, batch {batch}, adadelta", epochOf(batch, program, steps)))
    return runs


def prepareProgram(name, batch, peersOnly):
    """The program, after its library gave the losses and logits of torch in double precision."""
    program = os.path.join(OUT, f"{name}_b{batch}")
    if not peersOnly:
        model, settings, _ = CASES[name]
        settings = {**INPUT, **RECIPE, **settings, "batch": batch}
        compileProgram(model, settings, program)
        layers = makeLayers(name, settled=True)
        net = CompiledNet(WEIR, pathlib.Path(OUT) / f"{name}_b{batch}_library", MODELS / model, settings, flatten(layers))
        verify("weir", "logits", net.infer(firstImages(3)), torchLogits(name, layers, firstImages(3)))
        batches = [(firstImages(batch, step * batch), loadMnist("train")[1][step * batch :][:batch].copy()) for step in range(LOSSES)]
        verify("weir", "losses", [net.trainStep(*pair, 1.0) for pair in batches], referenceLosses(name, batch))
    return program


def firstImages(count, first=0):
    return loadMnist("train")[0][first : first + count].reshape(-1, 28, 28, 1).copy()


def referenceLosses(name, batch):
    """The first losses of training on MNIST's images in their order, in double precision."""
    # Here and not above: importing torch takes seconds that a run without CNNs need not spend.
    import torch
    from torch_layers import TorchNet

    net, losses = TorchNet(name, makeLayers(name, settled=True), double=True), []
    optimizer = torch.optim.Adadelta(net.parameters(), lr=1.0)
    labels = torch.from_numpy(loadMnist("train")[1]).long()
    for step in range(LOSSES):
        first = step * batch
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(torch.from_numpy(firstImages(batch, first))), labels[first : first + batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def stepOf(name, batch, program, steps):
    def compare(threads, options, log):
        scanned, counted = CASES[name][2][batch]
        peers = [(f"jax, {scanned} steps scanned", ["jax_step.py", name, batch, scanned, LOSSES, "shifted"], 1)]
        peers.append((f"keras, {scanned} steps a call", ["keras_step.py", name, batch, scanned, LOSSES], 1))
        peers.append(("torch, eager", ["torch_step.py", name, batch, "eager", LOSSES], counted))
        if options.slow_peers:
            peers.append(("torch, compiled", ["torch_step.py", name, batch, "compiled", LOSSES], counted))
            if name == "mobilenet_v2":
                peers.append(("jax, grouped convolutions", ["jax_step.py", name, batch, 4, LOSSES], 1))
        makers = [lambda p=peer: Peer(p[0], p[1], threads, p[2], log) for peer in peers]
        if not options.peers_only:
            entries = {"weir, data included": "train_step_with_data", "weir, the step alone": "train_step"}
            makers = [lambda n=n, e=e: Program(n, program, e, threads) for n, e in entries.items()] + makers
        systems = gather(makers)
        for system in systems:
            if system.check is not None:
                verify(system.name, "losses", system.check, referenceLosses(name, batch))
        steps[batch, threads] = interleave(systems, options.rounds)
        return steps[batch, threads]

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
