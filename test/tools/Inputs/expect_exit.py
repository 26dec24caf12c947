"""Runs a command and fails unless it exits with the code given first: expect_exit.py CODE COMMAND..."""

import subprocess
import sys

expected = int(sys.argv[1])
code = subprocess.run(sys.argv[2:], check=False).returncode
if code != expected:
    sys.exit(f"expected exit code {expected}, but got {code}: {' '.join(sys.argv[2:])}")
