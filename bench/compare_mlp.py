"""The comparisons of mlp_80_60: a training step, inference, and one epoch from process start to saved weights."""

import json
import os
import pathlib
import subprocess
import sys
import time

import numpy
from common import EMPTY, OUT, WEIR, compileProgram, gather, say
from compiled_net import MODELS, CompiledNet, denseTensors
from mlp_models import logits, makeWeights, readWeights, writeLiteRt, writeOnnx
from mnist import loadMnist
from rounds import HERE, Peer, Program, environment, interleave, pinned

PROGRAM = os.path.join(OUT, "mlp_80_60")
WEIGHTS = os.path.join(OUT, "weights.safetensors")
# After 1500 steps the mean loss of the last 500 on MNIST is near 0.35; a net that does not learn stays at 2.30.
LEARNT, STEPS = 0.7, 1500


def comparisons(options):
    """[(kind, title, function (threads, options, log) -> results)]; compiles and trains the net first."""
    layers = prepareProgram(options.peers_only)
    return [
        ("step", "mlp_80_60, training step, batch 32, nadam, dropout", compareStep),
        *(
            ("infer", f"mlp_80_60, inference, batch {batch}", lambda *rest, b=batch: compareInference(b, layers, *rest))
            for batch in (1, 32)
        ),
        ("epoch", "mlp_80_60, one epoch, process start to saved weights", compareEpoch),
    ]


def prepareProgram(peersOnly):
    """Compiles mlp_80_60 and trains it for an epoch; gives the layers that all inference systems share."""
    if peersOnly:
        say("--peers-only: weir is left out, and the peers get random weights")
        return makeWeights()
    # The same step for everyone, whatever recipe the file has come to hold.
    settings = {"batch": "32", "drop": "0.2", "optimizer": "nadam(learning_rate: 0.001)"}
    compileProgram("mlp_80_60.weir", settings, PROGRAM)
    subprocess.run([PROGRAM, "train", "--epochs", "1", "--checkpoint", WEIGHTS], check=True, stdout=sys.stderr)
    layers = readWeights(WEIGHTS)
    # The program's logits come by way of the library: the same kernels behind a C interface.
    net = CompiledNet(WEIR, pathlib.Path(OUT) / "library", MODELS / "mlp_80_60.weir", settings, denseTensors(layers))
    images = loadMnist("t10k")[0][:33].copy()
    for count in (1, 32, 33):
        verifyLogits("weir", net.infer(images[:count].copy()), layers, images[:count])
    return layers


def verifyLogits(name, got, layers, images):
    """Ends the run if the logits are not those of the weights: a wrong answer must not be timed."""
    expected = logits(layers, images)
    difference = numpy.abs(numpy.asarray(got) - expected).max()
    if not difference < 1e-4 * max(1, numpy.abs(expected).max()):
        raise SystemExit(f"{name} computes something else: logits differ by {difference:.2g}")


def compareStep(threads, options, log):
    makers = []
    if not options.peers_only:
        # As training does it: each step gathers and normalises its batch from 60,000 images. And without that.
        makers.append(lambda: Program("weir, data included", PROGRAM, "train_step_with_data", threads))
        makers.append(lambda: Program("weir, the step alone", PROGRAM, "train_step", threads))
    for name, arguments, count in (
        ("jax, 500 steps scanned", ["jax_step.py", "mlp_80_60", "28", "32", "500", STEPS], 4),
        ("jax, dispatched", ["jax_step.py", "mlp_80_60", "28", "32", "1", STEPS], 1000),
        ("torch, eager", ["torch_step.py", "mlp_80_60", "28", "32", "eager", STEPS], 300),
        ("torch, compiled", ["torch_step.py", "mlp_80_60", "28", "32", "compiled", STEPS], 300),
    ):
        makers.append(lambda n=name, a=arguments, c=count: Peer(n, a, threads, c, log))
    systems = gather(makers)
    for system in systems:
        if system.check is not None and not numpy.mean(system.check[-500:]) < LEARNT:
            raise SystemExit(f"{system.name} does not learn: loss {numpy.mean(system.check[-500:]):.3f} after {STEPS} steps")
    return interleave(systems, options.rounds)


def writeModels(stem, layers, images):
    """The net and its input for the other runtimes; gives {kind: path}."""
    paths = {kind: os.path.join(OUT, f"{stem}.{kind}") for kind in ("onnx", "tflite", "npy")}
    writeOnnx(layers, len(images), paths["onnx"])
    writeLiteRt(layers, len(images), paths["tflite"])
    numpy.save(paths["npy"], images)
    return paths


def compareInference(batch, layers, threads, options, log):
    images = loadMnist("t10k")[0][:batch].copy()
    paths = writeModels(f"mlp_80_60_b{batch}", layers, images)
    # A net of one multiplication shows what a call costs by itself: the others are called from Python.
    empty = writeModels("empty", [(numpy.ones((1, 1), numpy.float32), numpy.zeros(1, numpy.float32))], images[:1, :1].copy())
    makers = []
    if not options.peers_only:
        makers.append(lambda: Program("weir", PROGRAM, f"infer_b{batch}", threads))
    for name, model in (("onnxruntime", "onnx"), ("openvino", "onnx"), ("litert", "tflite")):
        makers.append(lambda n=name, m=model: Peer(n, ["infer.py", n, paths[m], paths["npy"]], threads, 3000, log))
        if batch == 1:
            arguments = ["infer.py", name, empty[model], empty["npy"]]
            makers.append(lambda n=name, a=arguments: Peer(n + EMPTY, a, threads, 3000, log))
    systems = gather(makers)
    for system in systems:
        if system.check is not None and not system.name.endswith(EMPTY):
            verifyLogits(system.name, system.check, layers, images)
    return interleave(systems, options.rounds)


def compareEpoch(threads, options, log):
    """Wall-clock time of whole processes, from start to saved weights."""
    peers = os.path.join(HERE, "peers")
    commands = {
        "jax, one scan": [sys.executable, os.path.join(peers, "epoch_jax.py"), os.path.join(OUT, "jax.safetensors")],
        "torch, eager": [sys.executable, os.path.join(peers, "epoch_torch.py"), os.path.join(OUT, "torch.safetensors")],
    }
    if not options.peers_only:
        ours = [PROGRAM, "train", "--epochs", "1", "--threads", str(threads), "--checkpoint", WEIGHTS, "--json"]
        commands = {"weir, with validation": ours, **commands}
    times = {name: [] for name in commands}
    for _ in range(max(2, options.rounds // 2)):
        for name, command in commands.items():
            start = time.perf_counter()
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment(threads), preexec_fn=pinned(threads)
            )
            times[name].append((time.perf_counter() - start) * 1000)
            if done.returncode != 0:
                raise SystemExit(f"{name} ended with status {done.returncode}; see build/bench/peers.log")
            loss = json.loads(done.stdout)["epochs"][-1]["train_loss"] if name.startswith("weir") else float(done.stdout)
            if not loss < LEARNT:
                raise SystemExit(f"{name} does not learn: mean loss {loss:.3f} over the epoch")
    return {
        name: {"min_ms": min(values), "median_ms": float(numpy.median(values)), "version": "", "rounds": values}
        for name, values in times.items()
    }
