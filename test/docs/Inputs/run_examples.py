"""Runs the commands of a page and compares what they print with what the page says.

In blocks ```console a line that begins with `$ ` is a command, the lines below it are its output. Commands run in the
repository's root; $DUMP is a path in a temporary folder. Usage: run_examples.py [--update] ROOT BIN PAGE.md
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def run(command, root, environment):
    done = subprocess.run(["bash", "-c", command], cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.stderr:
        sys.exit(f"{command}\n{done.stderr}")
    return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def main(arguments):
    update = arguments[:1] == ["--update"]
    root, programs, page = arguments[update:]
    text = pathlib.Path(page).read_text()
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "DUMP": f"{folder}/dump", "LC_ALL": "C"}

        def again(block):
            nonlocal count
            result = ""
            for command in re.findall(r"^\$ (.*)$", block.group(1), re.M):
                count += 1
                printed = run(command, root, environment)
                result += f"$ {command}\n{printed}"
            return f"```console\n{result}```\n"

        fresh = re.sub(r"```console\n(.*?)```\n", again, text, flags=re.S)
    if update:
        pathlib.Path(page).write_text(fresh)
    elif fresh != text:
        sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), fresh.splitlines(True), "the page", "what is printed"))
        sys.exit(f"{page} is not up to date: run_examples.py --update writes it anew")
    print(f"{count} commands")


if __name__ == "__main__":
    main(sys.argv[1:])
