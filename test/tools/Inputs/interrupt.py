"""Starts a command, ends it by SIGTERM as soon as a path under $TMPDIR has WORD in it, and says how it ended and what it left there: interrupt.py WORD COMMAND..."""

import os
import signal
import subprocess
import sys
import time

folder, word = os.environ["TMPDIR"], sys.argv[1]
process = subprocess.Popen(sys.argv[2:])


def isThere():
    return any(word in os.path.join(path, name) for path, folders, files in os.walk(folder) for name in folders + files)


while process.poll() is None and not isThere():
    time.sleep(0.005)
process.send_signal(signal.SIGTERM)
code = process.wait()
print(f"ended {f'by signal {-code}' if code < 0 else f'with {code}'}, left {os.listdir(folder)}")
