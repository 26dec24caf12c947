"""Runs each example of docs/learning.md and compares what weir says with what stands there.

Examples are pairs: a block ```weir with a whole model, then a block ```text with what `weir info` prints on
stderr, in which the file is called net.weir. The code of the entry must be among it.
Usage: learning_examples.py PAGE WEIR FOLDER [--update]"""
import pathlib
import re
import subprocess
import sys

page, weir, folder = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
examples = wrong = 0


def example(match):
    global examples, wrong
    entry, model, expected = match["entry"], match["model"], match["output"]
    examples += 1
    (folder / "net.weir").write_text(model)
    run = subprocess.run([weir, "info", "net.weir"], cwd=folder, capture_output=True, text=True)
    if run.returncode != 0 or run.stderr.strip() != expected.strip() or f"[{entry}]" not in run.stderr:
        wrong += 1
        print(f"{entry}: expected:\n{expected}\ngot (exit {run.returncode}):\n{run.stderr}")
    return match[0].replace(f"```text\n{expected}```", f"```text\n{run.stderr}```")


entries = r"^### (?P<entry>[WE]\d+)(?:(?!^###).)*?^```weir\n(?P<model>.*?)^```\n+```text\n(?P<output>.*?)^```"
text = re.sub(entries, example, page.read_text(), flags=re.S | re.M)
if "--update" in sys.argv[4:]:
    page.write_text(text)
print(f"{examples} examples, " + ("all as shown" if not wrong and examples else f"{wrong} differ"))
