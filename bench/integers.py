"""8-bit programs against float ones of the same trained weights, entry by entry, measured in turns in one run.

Both hold their weights, so batch norm is folded in both. Usage: bench/integers.py [--weights FOLDER] [--models A,B]
[--threads N] [--rounds N]; the folder has MODEL.safetensors, as scripts/quantize-table.sh leaves them in build/weights.
"""

import argparse
import os
import subprocess
import sys

from tuning import ROOT, WEIR, bench, least, say

OUT = os.path.join(ROOT, "build", "bench", "integers")
MODELS = ["mlp_80_60", "squeezenet_mnist", "mobilenet_v2_mnist"]


def compilePair(model, weights):
    """The float program and the quantized one."""
    programs = {}
    for kind, flags in (("float", []), ("int8", ["--quantize"])):
        programs[kind] = os.path.join(OUT, f"{model}_{kind}")
        subprocess.run([WEIR, "compile", os.path.join(ROOT, "models", model + ".weir"), *flags, "--weights", weights,
                        "--infer-batch", "1,32", "-o", programs[kind]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return programs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default=os.path.join(ROOT, "build", "weights"))
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each measurement")
    options = parser.parse_args()
    os.makedirs(OUT, exist_ok=True)
    print(f"{'net':20} {'entry':12} {'float ms':>10} {'int8 ms':>10} {'ratio':>7}   ({options.threads} thread(s), minima)")
    for model in options.models.split(","):
        weights = os.path.join(options.weights, model + ".safetensors")
        if not os.path.exists(weights):
            sys.exit(f"integers.py: error: no '{weights}'; scripts/quantize-table.sh trains it")
        say(f"{model}: compiling")
        programs = compilePair(model, weights)
        rounds = {kind: [] for kind in programs}
        for _ in range(options.rounds):
            for kind, program in programs.items():
                rounds[kind].append(bench(program, options.threads, options.seconds))
        times = {kind: least(entries) for kind, entries in rounds.items()}
        for entry, row in times["float"].items():
            ratio = row["min_ms"] / times["int8"][entry]["min_ms"]
            print(f"{model:20} {entry:12} {row['min_ms']:10.4f} {times['int8'][entry]['min_ms']:10.4f} {ratio:6.2f}x", flush=True)


if __name__ == "__main__":
    main()
