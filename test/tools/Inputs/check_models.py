"""Holds every pass to its bound on the models: check_models.py WEIR MODELS first|second

Every net in the folder is checked, so that a new one cannot be forgotten; `first` and `second` are halves of the work. Those that are too large
for the reference are made smaller where they offer it.
"""
import json
import pathlib
import subprocess
import sys

SMALLER = {
    "mobilenet_v2": ["height=32", "width=32", "width_multiplier=0.25", "classes=10"],
    "mobilenet_v2_mnist": ["width_multiplier=0.25", "height=12", "width=12"],
    "squeezenet": ["height=32", "width=32", "classes=10"],
    "squeezenet_mnist": ["height=14", "width=14"],
    "resnet": ["height=12", "width=12"],
}
SECOND = {"mobilenet_v2", "squeezenet", "resnet"}


def check(weir, model):
    sets = [argument for value in SMALLER.get(model.stem, []) for argument in ("--set", value)]
    run = subprocess.run([weir, "compile", model, "--check-passes", "--json", *sets], capture_output=True, text=True)
    assert run.returncode == 0, f"{model}: exit code {run.returncode}\n{run.stderr}{run.stdout}"
    report = json.loads(run.stdout)
    assert report["ok"], run.stdout
    for part in report["parts"]:
        assert len(part["inputs"]) == 6, f"{model}: only {part['inputs']}"
        worst = max(part["passes"], key=lambda row: row.get("ulps", 0))
        print(f"{model.stem:<20}{part['net']:<22}{len(part['passes']):>3} passes, worst {worst.get('ulps', 0):.2g} ulp: {worst['pass']}")


weir, folder, half = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
nets = [model for model in sorted(folder.glob("*.weir")) if "\nnet " in model.read_text()]
assert len(nets) >= 11, nets
for model in nets:
    if (model.stem in SECOND) == (half == "second"):
        check(weir, model)
