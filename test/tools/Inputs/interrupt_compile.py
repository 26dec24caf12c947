"""Starts a compilation, ends it as soon as it compiles kernels, and says how it ended and what it left in $TMPDIR: interrupt_compile.py COMMAND..."""

import os
import signal
import subprocess
import sys
import time

folder = os.environ["TMPDIR"]
process = subprocess.Popen(sys.argv[1:])
while process.poll() is None and not any("weir-kernel" in path for path, _, _ in os.walk(folder)):
    time.sleep(0.005)
process.send_signal(signal.SIGTERM)
print(f"ended by signal {-process.wait()}, left {os.listdir(folder)}")
