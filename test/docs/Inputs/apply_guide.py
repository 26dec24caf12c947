"""Puts the code blocks of a guide where the guide says that they go.

A comment stands before such a block: `<!-- into FILE, before: TEXT -->` (in front of the one line of FILE that holds TEXT),
`<!-- into FILE, behind: TEXT -->`, or `<!-- into a new file FILE -->`.
Usage: apply_guide.py GUIDE.md TREE [COPY]: into COPY, which gets those files of TREE that are changed; without it only
checks that each block has its place. Prints the files.
"""

import pathlib
import re
import sys

BLOCK = re.compile(r"<!-- into (a new file )?(\S+?)(?:, (before|behind): (.*?))? -->\n```\w*\n(.*?)```", re.S)


def main(guide, tree, copy=None):
    tree = pathlib.Path(tree)
    texts = {}
    for new, name, side, anchor, code in BLOCK.findall(pathlib.Path(guide).read_text()):
        path = tree / name
        if new:
            assert not path.exists(), f"{name} is there already"
            texts[name] = code
            continue
        lines = texts.get(name, path.read_text()).splitlines(True)
        places = [i for i, line in enumerate(lines) if anchor in line]
        if len(places) != 1:
            sys.exit(f"{guide}: {name} has {len(places)} lines with '{anchor}', not one")
        at = places[0] + (side == "behind")
        texts[name] = "".join(lines[:at] + [code] + lines[at:])
    for name, text in texts.items():
        print(name)
        if copy:
            target = pathlib.Path(copy) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
