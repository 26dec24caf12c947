"""Starts a tuner, sends it Ctrl-C as soon as it has found something, and says how it ended: interrupt_tune.py COMMAND..."""

import signal
import subprocess
import sys

process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
kept = False
for line in process.stdout:
    if " instead of " in line and not kept:
        process.send_signal(signal.SIGINT)
        kept = True
print(f"ended with {process.wait()}, records kept: {kept}")
