"""Asks `weir info --json` about every model with a recipe; prints those that are warned of."""
import json
import pathlib
import subprocess
import sys

weir, models = sys.argv[1], pathlib.Path(sys.argv[2])
recipes = 0
warned = []
for model in sorted(models.glob("*.weir")):
    if "\ntrain {" not in model.read_text():
        continue
    recipes += 1
    run = subprocess.run([weir, "info", "--json", str(model)], capture_output=True, text=True)
    if run.returncode != 0:
        warned.append(f"{model.name}: exit {run.returncode}: {run.stderr}")
        continue
    for warning in json.loads(run.stdout)["warnings"]:
        if warning["severity"] == "warning":
            warned.append(f"{model.name}: [{warning['code']}] {warning['message']}")
print("\n".join(warned))
print(f"{recipes} recipes, silent: " + ("all" if not warned and recipes > 4 else "not all"))
