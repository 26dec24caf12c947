"""Checks that no file of the tree holds what must not stand there: hosts of package registries (a machine's own
configuration says where they are), absolute paths of somebody's machine, and notes that something is unfinished.

Usage: check_words.py TREE. Prints path:line: what; exit 1 if anything was found, or if there was nothing to read.
"""

import pathlib
import re
import sys

FORBIDDEN = {
    "host of a package registry": re.compile(
        r"pypi\.org|pythonhosted\.org|debian\.org/debian|anaconda\.(org|com)|pytorch\.org/whl|registry\.npmjs|crates\.io"
    ),
    "path of one machine": re.compile(r"(?<![\w.$}])/(home|root|work)/\w"),
    "unfinished": re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b"),
}
BINARY = {".png", ".gz", ".onnx", ".safetensors"}


def listFiles(tree):
    """The project's files: everything but what .gitignore leaves out (build folders, caches) and git's own."""
    for path in sorted(tree.rglob("*")):
        top = path.relative_to(tree).parts[0]
        generated = top in {".git", "build"} or top.startswith("build-") or "__pycache__" in path.parts
        if path.is_file() and not generated:
            yield path


def main(tree):
    tree = pathlib.Path(tree)
    files = complaints = 0
    for path in listFiles(tree):
        if path.suffix in BINARY:
            continue
        files += 1
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            for what, pattern in FORBIDDEN.items():
                found = pattern.search(line)
                if found:
                    complaints += 1
                    print(f"{path.relative_to(tree)}:{number}: {what}: '{found.group()}'")
    print(f"{files} files, {complaints} findings")
    return 1 if complaints or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
