"""Compares the codes of warnings in the sources with the entries of docs/learning.md, both ways."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
used = set()
for room in ("passes", "runtime", "tools"):
    for path in sorted((root / room).rglob("*")):
        if path.suffix in (".cpp", ".h"):
            used |= set(re.findall(r"\b([WE][12]\d\d)\b", path.read_text()))
documented = set(re.findall(r"^### ([WE][12]\d\d)\b", (root / "docs/learning.md").read_text(), re.M))


def listed(codes):
    return ", ".join(sorted(codes)) or "none"


print("codes without an entry:", listed(used - documented))
print("entries without a code:", listed(documented - used))
