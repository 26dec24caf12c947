"""Follows the guides in a copy of the tree: builds it and runs the tests that the guides add.

Usage: build_guides.py ROOT COPY GUIDE.md...
"""

import os
import pathlib
import shutil
import subprocess
import sys

import apply_guide

root, copy = map(pathlib.Path, sys.argv[1:3])
shutil.copytree(root, copy, ignore=lambda folder, names: [
    name for name in names if pathlib.Path(folder) == root and (name.startswith("build") or name == ".git")])
(copy / "build").mkdir()
(copy / "build/venv").symlink_to(root / "build/venv")  # the presets' Python
for guide in sys.argv[3:]:
    apply_guide.main(guide, copy, copy)

environment = {**os.environ, "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}


def run(*command):
    done = subprocess.run(command, cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-6000:]}")


run("cmake", "--preset", "release")
run("cmake", "--build", "build", "--target", "weir", "weir-opt", "ir_tests", "weir-kernels-tests")
run(sys.executable, "-c", "from lit.main import main; main()", "--filter", "ir/softplus|passes/merge-scales|tools/ops", "--verbose", "build/test")
run("build/bin/ir_tests", "--gtest_filter=Gradient.*")
run("build/test/kernels/weir-kernels-tests", "--gtest_filter=Elementwise.*")
print("built and tested")
