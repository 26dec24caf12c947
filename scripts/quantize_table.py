"""Accuracy float against int8 of the MNIST models, as a table in Markdown.

Usage: scripts/quantize-table.sh [--weights FOLDER] [--models A,B] [--quick]. Weights that are not in FOLDER are trained
first, by each model's recipe (minutes for the convolutional nets). Each row is one `weir compile --quantize`, measured
on all 10,000 test images by the compiled code.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WEIR = ROOT / "build" / "bin" / "weir"
MODELS = ["mlp_80_60", "mlp_110_100_90", "mlp_80_60_50", "mlp_60_100_80", "squeezenet_mnist", "mobilenet_v2_mnist"]
NEITHER = ["equalize=false", "correct_bias=false"]
VARIANTS = {
    "as in the file": [],
    "min_max": ["method=min_max"],
    "percentile(99.99)": ["method=percentile(99.99)"],
    "percentile(99.9)": ["method=percentile(99.9)"],
    "entropy": ["method=entropy"],
    "mean_square": ["method=mean_square"],
    "not equalized": ["equalize=false"],
    "biases not corrected": ["correct_bias=false"],
    "neither": NEITHER,
    "per tensor": ["weights=per_tensor"],
    "per tensor, not equalized": ["weights=per_tensor", "equalize=false"],
    "per tensor, neither": ["weights=per_tensor", *NEITHER],
}


def train(model, weights):
    print(f"training {model}", file=sys.stderr)
    partial = weights.with_suffix(".part.safetensors")
    command = [WEIR, "run", ROOT / "models" / f"{model}.weir", "--", "train", "--checkpoint", partial]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    partial.rename(weights)


def quantize(model, weights, settings, table):
    """The report of one compilation, without a contract: the plain figures."""
    command = [WEIR, "compile", ROOT / "models" / f"{model}.weir", "--quantize", "--weights", weights, "--json"]
    command += ["-o", table.with_suffix(".program"), "--calibration-table", table]
    for setting in ["require=none", *settings]:
        command += ["--set", setting]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=pathlib.Path, default=ROOT / "build" / "weights", help="folder of safetensors")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--quick", action="store_true", help="only as in the file")
    options = parser.parse_args()
    options.weights.mkdir(parents=True, exist_ok=True)
    models = options.models.split(",")
    variants = dict(list(VARIANTS.items())[:1]) if options.quick else VARIANTS
    results = {}
    for model in models:
        weights = options.weights / f"{model}.safetensors"
        if not weights.exists():
            train(model, weights)
        for name, settings in variants.items():
            # Equalized nets and others have other values: a table each.
            equalized = "equalize=false" not in settings
            table = options.weights / f"{model}.{'equalized' if equalized else 'plain'}.table"
            results[model, name] = quantize(model, weights, settings, table)
            print(f"{model}, {name}: {results[model, name]['int8_accuracy']:.4f}", file=sys.stderr)
    print("| |", " | ".join(models), "|")
    print("|---|" + "---|" * len(models))
    print("| float |", " | ".join(f"{results[model, 'as in the file']['float_accuracy']:.4f}" for model in models), "|")
    for name in variants:
        print(f"| {name} |", " | ".join(f"{results[model, name]['int8_accuracy']:.4f}" for model in models), "|")


if __name__ == "__main__":
    main()
