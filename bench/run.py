"""Runs the comparisons: a training step, inference, and one epoch from process start. Called by bench/run.sh.

Prints a table per comparison, ours against the best of the others (a ratio above 1 means that weir is quicker), and
writes build/bench/results.json. No figure counts before its answer was checked: logits against numpy in double
precision, training by the loss it reaches on the same data.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time
from datetime import datetime, timezone

import numpy

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(sys.path[0]), "test", "oracle"))
from compiled_net import CompiledNet  # noqa: E402
from mnist import loadMnist  # noqa: E402
from nets import logits, makeWeights, readWeights, writeLiteRt, writeOnnx  # noqa: E402
from rounds import HERE, Peer, Program, Unavailable, environment, interleave, pinned  # noqa: E402

ROOT = os.path.dirname(HERE)
OUT = os.path.join(ROOT, "build", "bench")
PROGRAM = os.path.join(OUT, "mlp_80_60")
WEIGHTS = os.path.join(OUT, "weights.safetensors")
# After 1500 steps the mean loss of the last 500 on MNIST is near 0.35; a net that does not learn stays at 2.30.
LEARNT = 0.7
# Rows that show the cost of a call and take no part in the ratio.
EMPTY = ", empty net"


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def prepareProgram(peersOnly):
    """Compiles mlp_80_60 and trains it for an epoch; gives the layers that all inference systems share."""
    if peersOnly:
        say("--peers-only: weir is left out, and the peers get random weights")
        return makeWeights()
    weir = os.path.join(ROOT, "build", "bin", "weir")
    if not os.path.exists(weir):
        raise SystemExit("build/bin/weir is not there: scripts/build.sh builds it; --peers-only measures the others alone")
    model = os.path.join(ROOT, "models", "mlp_80_60.weir")
    # The same step for everyone, whatever recipe the file has come to hold.
    settings = {"batch": "32", "drop": "0.2", "optimizer": "nadam(learning_rate: 0.001)"}
    options = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    subprocess.run([weir, "compile", model, *options, "-o", PROGRAM], check=True)
    subprocess.run([PROGRAM, "train", "--epochs", "1", "--checkpoint", WEIGHTS], check=True, stdout=sys.stderr)
    layers = readWeights(WEIGHTS)
    # The program's logits come by way of the library: the same kernels behind a C interface.
    net = CompiledNet(weir, pathlib.Path(OUT) / "library", settings, layers)
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


def gather(makers):
    """Starts the systems, leaving out, aloud, those that cannot run here."""
    systems = []
    for make in makers:
        try:
            systems.append(make())
        except (Unavailable, json.JSONDecodeError) as problem:
            say(f"left out: {problem}")
    return systems


def compareStep(threads, options, log):
    makers = []
    if not options.peers_only:
        # As training does it: each step gathers and normalises its batch from 60,000 images. And without that.
        makers.append(lambda: Program("weir, data included", PROGRAM, "train_step_with_data", threads))
        makers.append(lambda: Program("weir, the step alone", PROGRAM, "train_step", threads))
    for name, arguments, count in (
        ("jax, 500 steps scanned", ["jax_step.py", "scanned"], 4),
        ("jax, dispatched", ["jax_step.py", "dispatched"], 1000),
        ("torch, eager", ["torch_step.py", "eager"], 300),
        ("torch, compiled", ["torch_step.py", "compiled"], 300),
    ):
        makers.append(lambda name=name, arguments=arguments, count=count: Peer(name, arguments, threads, count, log))
    systems = gather(makers)
    for system in systems:
        if system.check is not None and not system.check < LEARNT:
            raise SystemExit(f"{system.name} does not learn: loss {system.check:.3f} after 1500 steps")
    return interleave(systems, options.rounds)


def writeModels(stem, layers, images):
    """The net and its input for the other runtimes; gives {kind: path}."""
    paths = {kind: os.path.join(OUT, f"{stem}.{kind}") for kind in ("onnx", "tflite", "npy")}
    writeOnnx(layers, len(images), paths["onnx"])
    writeLiteRt(layers, len(images), paths["tflite"])
    numpy.save(paths["npy"], images)
    return paths


def compareInference(batch, threads, layers, options, log):
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


def show(title, results):
    """The table of one comparison; gives the ratio to the best peer, if weir took part."""
    print(f"\n{title}")
    ours = next((name for name in results if name.startswith("weir")), None)
    for name, figures in results.items():
        ratio = f"{figures['min_ms'] / results[ours]['min_ms']:8.2f}x" if ours else ""
        print(f"  {name:26} min {figures['min_ms']:10.4f} ms   median {figures['median_ms']:10.4f} ms {ratio}  {figures['version']}")
    if ours and len(results) > 1:
        others = [figures for name, figures in results.items() if not name.startswith("weir") and not name.endswith(EMPTY)]
        best = {key: min(figures[key] for figures in others) / results[ours][key] for key in ("min_ms", "median_ms")}
        print(f"  -> weir is {best['min_ms']:.2f}x as quick as the best other (by medians {best['median_ms']:.2f}x)")
        return best
    return None


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return {
        "cpu": model or platform.processor(),
        "cpus": len(os.sched_getaffinity(0)),
        "avx512": "avx512f" in open("/proc/cpuinfo").read(),
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "load": os.getloadavg(),
    }


def main():
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="step,infer,epoch", help="which comparisons, by commas")
    parser.add_argument("--rounds", type=int, default=6, help="turns of each system")
    parser.add_argument("--threads", default="1,2", help="thread counts, by commas")
    parser.add_argument("--peers-only", action="store_true", help="without weir, to see that the peers run")
    options = parser.parse_args()
    os.makedirs(OUT, exist_ok=True)
    report = {"machine": machine(), "comparisons": {}}
    print(f"{report['machine']['cpu']}, {report['machine']['cpus']} CPUs, load {os.getloadavg()[0]:.2f}, {report['machine']['date']}")
    layers = prepareProgram(options.peers_only)
    wanted = options.only.split(",")
    with open(os.path.join(OUT, "peers.log"), "w") as log:
        for threads in map(int, options.threads.split(",")):
            plural = "" if threads == 1 else "s"
            runs = []
            if "step" in wanted:
                runs.append(("training step, batch 32, nadam, dropout", lambda: compareStep(threads, options, log)))
            if "infer" in wanted:
                for batch in (1, 32):
                    runs.append((f"inference, batch {batch}", lambda b=batch: compareInference(b, threads, layers, options, log)))
            if "epoch" in wanted:
                runs.append(("one epoch, process start to saved weights", lambda: compareEpoch(threads, options, log)))
            for name, run in runs:
                title = f"mlp_80_60, {name}, {threads} thread{plural}"
                say(title)
                results = run()
                report["comparisons"][title] = {"results": results, "ratio": show(title, results), "load": os.getloadavg()}
    path = os.path.join(OUT, "results.json")
    with open(path, "w") as file:
        json.dump(report, file, indent=1)
    print(f"\nwritten to {os.path.relpath(path)}; load at the end {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
