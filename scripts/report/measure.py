"""One run, from compiling to reading drawn digits, by the programs that a user would call; its record as JSON.

Records are kept in build/report/rows, named after the run, with a key over the models and the settings: a run is done
again only where one of them changed.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIR = ROOT / "build" / "bin" / "weir"
OUT = ROOT / "build" / "report"
RECORDS = OUT / "rows"


class Failed(Exception):
    """A program ended with a status that no report expects; the text says which."""


def start(*command):
    """(stdout, stderr) of a program, whose stderr the user sees as well."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True)
    sys.stderr.write(done.stderr)
    if done.returncode != 0:
        raise Failed(f"'{' '.join(words)}' ended with status {done.returncode}")
    return done.stdout, done.stderr


def answer(*command):
    return json.loads(start(*command, "--json")[0])


def keyOf(run):
    text = json.dumps([run.model, run.settings, run.epochs], sort_keys=True)
    for path in sorted((ROOT / "models").glob("*.weir")):
        text += path.read_text()
    return hashlib.sha256(text.encode()).hexdigest()


def drawnDigits(program, weights, folder):
    """{right, of, answers} for the pictures 0.png ... 9.png of a folder, or None where there are none."""
    pictures = sorted(folder.glob("[0-9].png"))
    if not pictures:
        return None
    answers = answer(program, "predict", "--weights", weights, *pictures)
    got = {pathlib.Path(one["file"]).stem: one["class"] for one in answers}
    return {"right": sum(int(digit) == found for digit, found in got.items()), "of": len(got), "answers": got}


def measure(run):
    """Everything about a run."""
    program, weights = OUT / run.name, OUT / f"{run.name}.safetensors"
    model = os.path.relpath(ROOT / "models" / f"{run.model}.weir", ROOT)
    # The epochs are set while compiling, too: what is said beforehand is about the run as planned.
    planned = {**run.settings, **({"epochs": run.epochs} if run.epochs else {})}
    settings = [word for name, value in planned.items() for word in ("--set", f"{name}={value}")]
    began = time.perf_counter()
    _, said = start(WEIR, "compile", model, *settings, "-o", program)
    compiled = time.perf_counter() - began
    epochs = ["--epochs", run.epochs] if run.epochs else []
    began = time.perf_counter()
    training = answer(program, "train", "--checkpoint", weights, *epochs)
    trained = time.perf_counter() - began
    info = answer(program, "info")
    test = answer(program, "eval", "--weights", weights)
    entries = {entry["name"]: entry for entry in answer(program, "bench", "--batch", 1, "--seconds", 1)["entries"]}
    return {
        "name": run.name,
        "parameters": info["trainable_parameters"],
        "macs": info["macs"],
        "beforehand": [line for line in said.splitlines() if ": warning: " in line],
        "training": training,
        "accuracy": test["accuracy"],
        "confusion": test["confusion"],
        "own": drawnDigits(program, weights, pathlib.Path(os.environ["WEIR_DATA"]) / "own-digits"),
        "drawn": drawnDigits(program, weights, ROOT / "models" / "digits"),
        "infer_ms": entries["infer_b1"]["min_ms"],
        "compile_seconds": compiled,
        "train_seconds": trained,
        "bytes": program.stat().st_size,
    }


def recordOf(run, again=False):
    """The run's record, measured now unless it is there."""
    path, key = RECORDS / f"{run.name}.json", keyOf(run)
    if path.exists() and not again:
        record = json.loads(path.read_text())
        if record["key"] == key:
            return record
    print(f"== {run.name}", file=sys.stderr, flush=True)
    record = {"key": key, **measure(run)}
    RECORDS.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1))
    part.replace(path)
    return record
