"""Checks the rooms' walls: which room includes which (docs/layout.md), by the #include lines of a tree.

Usage: check_includes.py TREE. Prints one line for each line that breaks a rule, and how many files were read; exit 1
if any rule was broken, or if there was nothing to read.
"""

import pathlib
import re
import sys

# room -> the other rooms that it may include. Tests may include every room.
ROOMS = {
    "frontend": {"ir"},
    "ir": set(),
    "passes": {"ir"},
    "kernels": {"ir"},
    "runtime": set(),
    "tools": {"frontend", "ir", "passes", "kernels", "runtime"},
}
# A foreign header -> the rooms that may see it.
FOREIGN = [
    (re.compile(r"Halide(Runtime)?\w*\.h$"), {"kernels"}),
    (re.compile(r"(mlir|llvm)/"), {"frontend", "ir", "passes", "kernels", "tools"}),
]
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def broken(tree):
    """Yields (file, line number, sentence) for every rule broken, and last the number of files read."""
    files = 0
    for room, neighbours in ROOMS.items():
        for path in sorted((tree / room).rglob("*")):
            if path.suffix not in {".h", ".cpp", ".c", ".def", ".inc"}:
                continue
            files += 1
            for number, line in enumerate(path.read_text().splitlines(), 1):
                found = INCLUDE.match(line)
                if not found:
                    continue
                quote, header = found.groups()
                where = header.split("/")[0]
                if where in ROOMS and where != room and where not in neighbours:
                    yield path, number, f"{room}/ may not include {where}/"
                for pattern, allowed in FOREIGN:
                    if pattern.match(header) and room not in allowed:
                        yield path, number, f"{room}/ may not include '{header}'"
                if quote == '"' and "/" not in header and not pattern_of_foreign(header):
                    yield path, number, f"'{header}' is not a path from the repository's root"
    yield files


def pattern_of_foreign(header):
    """Whether a header without a folder belongs to a library that has its headers so."""
    return FOREIGN[0][0].match(header) is not None


def main(tree):
    *complaints, files = broken(pathlib.Path(tree))
    for path, number, sentence in complaints:
        print(f"{path.relative_to(tree)}:{number}: {sentence}")
    print(f"{files} files, {len(complaints)} broken rules")
    return 1 if complaints or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
