"""Compiles, trains and tries the nets of models/ and prints one table. Called by scripts/demo.sh, which sets up.

Everything is done by the programs that a user would call, and read from their --json; nothing is computed here.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WEIR = ROOT / "build" / "bin" / "weir"
DRAWINGS = [str(ROOT / "models" / "digits" / f"{digit}.png") for digit in range(10)]
MODELS = ["mlp_80_60", "mlp_110_100_90", "mlp_80_60_50", "mlp_60_100_80", "squeezenet_mnist", "mobilenet_v2_mnist"]


def run(*command):
    """Runs a program whose progress the user sees on stderr; gives its stdout. Ends the demo if the program fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"demo: '{' '.join(words)}' ended with status {done.returncode}")
    return done.stdout


def tryModel(model, folder, options):
    """One row of the table."""
    program, weights = folder / model, folder / f"{model}.safetensors"
    print(f"== {model}", file=sys.stderr, flush=True)
    start = time.perf_counter()
    run(WEIR, "compile", ROOT / "models" / f"{model}.weir", "-o", program)
    compiled = time.perf_counter() - start
    epochs = ["--epochs", options.epochs] if options.epochs else []
    start = time.perf_counter()
    training = json.loads(run(program, "train", "--json", "--data", options.data, "--checkpoint", weights, *epochs))
    trained = time.perf_counter() - start
    info = json.loads(run(program, "info", "--json"))
    accuracy = json.loads(run(program, "eval", "--json", "--data", options.data, "--weights", weights))["accuracy"]
    answers = json.loads(run(program, "predict", "--json", "--weights", weights, *DRAWINGS))
    # Files come back as they were named; the file name is the digit.
    right = sum(answer["class"] == int(pathlib.Path(answer["file"]).stem) for answer in answers)
    return [
        model,
        f"{info['trainable_parameters']:,}",
        str(len(training["epochs"])),
        f"{accuracy:.4f}",
        f"{right} of {len(answers)}" if pathlib.Path(options.data).name == "mnist" else "-",  # clothes teach no digits
        f"{compiled:.1f} s",
        f"{trained:.1f} s",
        f"{os.path.getsize(program) / 1e6:.2f} MB",
    ]


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo.sh")
    parser.add_argument("--data", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--epochs", type=int, help="instead of each recipe's own")
    parser.add_argument("models", nargs="*", metavar="MODEL", default=MODELS, help="names of files in models/")
    options = parser.parse_args()
    folder = ROOT / "build" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    head = ["model", "parameters", "epochs", "validation", "drawn digits", "compile", "train", "program"]
    rows = [head] + [tryModel(model, folder, options) for model in options.models]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    print(f"\ndata: {options.data}")
    for row in rows:
        print("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))))
    print(f"\nThe programs and their weights are in {folder.relative_to(ROOT)}/; try one on a picture of your own:")
    print(f"  build/demo/{options.models[0]} predict --weights build/demo/{options.models[0]}.safetensors --show PICTURE.png")


if __name__ == "__main__":
    main()
