"""What index.html of --dump-ir holds, against the files beside it. Usage: check_page.py FOLDER"""

import base64
import json
import pathlib
import re
import sys
import zlib

folder = pathlib.Path(sys.argv[1])
page = (folder / "index.html").read_text()
index = json.loads(re.search(r'id="index">(.*?)</script>', page, re.S).group(1))
packed = dict(re.findall(r'<script type="text/plain" id="piece-(\d+)">([^<]*)</script>', page))


def piece(number):
    return zlib.decompress(base64.b64decode(packed[str(number)])).decode()


def withoutLocations(text):
    """As a file of the dump has them: `loc(#loc3)` behind ops, aliases around the module."""
    text = re.sub(r" loc\((?:[^()]|\([^()]*\))*\)", "", text)
    return "\n".join(line for line in text.splitlines() if not line.startswith("#loc"))


for entry in index["passes"]:
    lines = json.loads(piece(entry["lines"]))
    text = piece(entry["text"])
    assert len(lines) == text.count("\n") + 1, entry["name"]
    if entry["kernels"] or entry["phase"] in ("frontend", "ir"):
        assert withoutLocations((folder / entry["file"]).read_text()) == text.rstrip("\n"), entry["file"]
    for place in lines:
        assert -1 <= place < len(index["places"])
print(f"{len(index['passes'])} passes, texts as in the files")

sources = [source["text"].count("\n") for source in index["sources"]]
for file, line, column, path in index["places"]:
    assert file >= 0 and 1 <= line <= sources[file] and column >= 1, path
remarks = json.loads(piece(index["remarks"]["piece"]))
assert remarks["list"] and all(place >= 0 and text < len(remarks["texts"]) for _, place, _, _, _, text in remarks["list"])
categories = {category for _, _, category, *_ in remarks["list"]}
assert {"fuse", "layout", "memory", "schedule"} <= categories, categories
for target in index["targets"]:
    for function in target["functions"]:
        assert all(place >= 0 for _, place in function["kernels"])
print("places: every kernel and remark leads to a line of the model")

for target in index["targets"]:
    for group in target["groups"]:
        assert "for (" in piece(group["loops"]) or "produce" in piece(group["loops"]) or group["loops"], group["symbol"]
        assert "ret" in piece(group["assembly"]) and group["moved"] > 0, group["symbol"]
    memory = piece(target["memory"])
    for function in target["functions"]:
        assert f"{function['name']}: arena {function['arena']} bytes" in memory
        steps = range(len(function["kernels"]))
        assert max((sum(b[1] for b in function["buffers"] if b[2] <= i <= b[3]) for i in steps), default=0) <= function["arena"]
print("kernels: loops and assembly of each")

outside = re.sub(r"<script type=\"(text/plain|application/json)\".*?</script>", "", page, flags=re.S)
assert not re.search(r"https?:|\bsrc=|\bhref=|@import|fetch\(|XMLHttpRequest", outside)
print("nothing is fetched")

if "profile" in index:
    timed = [f["name"] for f in index["targets"][0]["functions"] if len(f.get("microseconds", [])) == len(f["kernels"])]
    assert all(f["roofline"]["gflops"] > 0 and f["roofline"]["gbytes"] > 0 for f in index["targets"][0]["functions"] if "microseconds" in f)
    print("times: of each kernel of", *timed)
