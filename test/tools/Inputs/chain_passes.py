"""Runs the pass behind each dumped file on it, and compares with the next file. Usage: chain_passes.py WEIR FOLDER"""

import pathlib
import subprocess
import sys
import tempfile

weir, folder = sys.argv[1], pathlib.Path(sys.argv[2])
files = sorted(folder.glob("*.mlir"))
failed = False
for before, after in zip(files, files[1:]):
    name = after.stem.split("-", 1)[1]
    if name == "compile-kernels":  # is no pass: Halide and LLVM make objects
        continue
    with tempfile.TemporaryDirectory() as again:
        subprocess.run([weir, "opt", before, f"--pass-pipeline={name}", f"--dump-ir={again}", "-o", "-"],
                       check=True, stdout=subprocess.DEVNULL)
        same = (pathlib.Path(again) / f"01-{name}.mlir").read_bytes() == after.read_bytes()
    failed |= not same
    print(before.name, f"{name}:", "the same" if same else "DIFFERENT")
sys.exit(failed)
