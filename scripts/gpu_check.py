"""The work of gpu-check.sh: device tests, recipes and timings on the first usable CUDA device, as one JSON document."""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
WEIR = BUILD / "bin" / "weir"
PEERS = ROOT / "bench" / "peers"
RECIPES = ["mlp_80_60", "mlp_110_100_90", "mlp_80_60_50", "mlp_60_100_80", "squeezenet_mnist", "mobilenet_v2_mnist"]
BATCHES = [5, 32, 128, 1024]
# The nets as bench/ compares them: without dropout in the CNNs, Adadelta 1.0; 28x28, one channel, ten classes.
SMALL = ["height=28", "width=28", "channels=1", "classes=10", "drop=0.0", 'init="he_normal"', 'data=images("mnist")']
ADADELTA = ["optimizer=adadelta(learning_rate: 1.0)", "schedule=constant"]
NETS = {
    "mlp_80_60": ("mlp_80_60.weir", ["drop=0.2", "optimizer=nadam(learning_rate: 0.001)", "schedule=constant"]),
    "squeezenet_1.1": ("squeezenet.weir", [*SMALL, *ADADELTA, "version=1.1"]),
    "mobilenet_v2": ("mobilenet_v2.weir", [*SMALL, *ADADELTA]),
}


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def run(command, **options):
    """The JSON that a command prints; ends the run, with what it said, if it fails."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: exit code {done.returncode}")
    return json.loads(done.stdout)


def findDevice():
    rows = run([WEIR, "devices", "--json"])
    return next((row for row in rows if row["device"].startswith("cuda") and row["usable"]), None)


def compileProgram(folder, model, name, settings=(), options=()):
    program = folder / name
    sets = [word for setting in settings for word in ("--set", setting)]
    command = [WEIR, "compile", ROOT / "models" / model, *sets, *options, "--target=host,cuda", "-o", program]
    subprocess.run([str(word) for word in command], check=True)
    return program


def runTests(device):
    """The kernels' cases, the runtime's device tests and whole models, with the GPU as the device that they ask for."""
    environment = {**os.environ, "WEIR_TEST_DEVICE": device}
    results = {}
    ctest = ["ctest", "--test-dir", BUILD, "--tests-regex", "kernels.cuda|Device|Gpu", "--timeout", "600", "--output-on-failure"]
    lit = ["lit", "--filter", "device|gpu", "--verbose", BUILD / "test"]
    for name, command in (("ctest", ctest), ("lit", lit)):
        done = subprocess.run([str(word) for word in command], stdout=sys.stderr, env=environment)
        results[name] = {"command": " ".join(map(str, command)), "passed": done.returncode == 0}
    return results


def trainRecipe(folder, name):
    program = compileProgram(folder, f"{name}.weir", name)
    checkpoint = folder / f"{name}.safetensors"
    result = run([program, "train", "--device", "cuda", "--json", "--checkpoint", checkpoint])
    # The same weights must mean the same to the CPU.
    evaluate = [program, "eval", "--weights", checkpoint, "--json", "--device"]
    accuracies = {device: run([*evaluate, device])["accuracy"] for device in ("cuda", "cpu")}
    return {
        "device": result["device"],
        "device_reason": result["device_reason"],
        "epochs": result["epochs"],
        "seconds": result["seconds"],
        "eval_accuracy": accuracies,
    }


def timeWeir(folder, name, batch, seconds):
    model, settings = NETS[name]
    program = compileProgram(folder, model, f"{name}_b{batch}", [*settings, f"batch={batch}"], ["--infer-batch", batch])
    entries = run([program, "bench", "--device", "cuda", "--seconds", seconds, "--json"])["entries"]
    calls = {"infer": "infer", "train_step": "step"}
    return {
        calls[entry["entry"]]: {
            "min_ms": entry["min_ms"],
            "median_ms": entry["median_ms"],
            "kernels_ms": {kernel["name"]: kernel["min_ms"] for kernel in entry["kernels"]},
        }
        for entry in entries
        if entry["entry"] in calls and entry["batch"] == batch
    }


def timeTorch(python, name, batches, seconds):
    """torch's rows of torch_gpu.py, or none where it cannot run at all."""
    paths = os.pathsep.join(map(str, (PEERS, ROOT / "bench", ROOT / "test" / "oracle")))
    command = [python, PEERS / "torch_gpu.py", name, seconds, *batches]
    try:
        return run(command, env={**os.environ, "PYTHONPATH": paths})
    except SystemExit as problem:
        say(f"left out: {problem}")
        return None


def timeNets(folder, python, batches, seconds):
    results = []
    for name in NETS:
        say(f"{name}, batches {', '.join(map(str, batches))}")
        weir = {batch: timeWeir(folder, name, batch, seconds) for batch in batches}
        results.append({"net": name, "weir": weir, "torch": python and timeTorch(python, name, batches, seconds)})
    return results


def table(timings):
    """Milliseconds of weir and torch side by side, as text: minima."""
    lines = [f"{'net':16} {'batch':>5} {'call':>6} {'weir':>8} {'graph':>8} {'ratio':>6} {'eager':>8} {'ratio':>6}"]
    for timing in timings:
        rows = timing["torch"]["rows"] if timing["torch"] else []
        peers = {(row["batch"], row["call"], row["mode"]): row.get("min_ms") for row in rows}
        for batch, entries in timing["weir"].items():
            for call, entry in entries.items():
                ours = entry["min_ms"]
                line = f"{timing['net']:16} {batch:5} {call:>6} {ours:8.4f}"
                for mode in ("graph", "eager"):
                    peer = peers.get((batch, call, mode))
                    line += f" {peer:8.4f} {peer / ours:6.2f}" if peer else f" {'-':>8} {'-':>6}"
                lines.append(line)
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--find-device", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--torch", default="")
    parser.add_argument("--output", default=str(BUILD / "gpu-check.json"))
    options = parser.parse_args()
    device = findDevice()
    if not device:
        raise SystemExit(1)
    if options.find_device:
        return
    say(f"{device['device']}: {device['reason']}")
    document = {"device": device, "machine": platform.platform(), "tests": runTests(device["device"])}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        recipes = RECIPES[:1] if options.quick else RECIPES
        document["recipes"] = {recipe: trainRecipe(folder, recipe) for recipe in recipes}
        document["timings"] = timeNets(folder, options.torch, BATCHES[:2] if options.quick else BATCHES, "1")
        print(table(document["timings"]))
    pathlib.Path(options.output).write_text(json.dumps(document, indent=2) + "\n")
    say(f"written: {options.output}")
    if not all(result["passed"] for result in document["tests"].values()):
        raise SystemExit("device tests failed")


main()
