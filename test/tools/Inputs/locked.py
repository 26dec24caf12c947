"""Runs a command while this process holds a tuning database's lock: locked.py FILE COMMAND..."""

import fcntl
import subprocess
import sys

with open(sys.argv[1] + ".lock", "w", encoding="utf-8") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    sys.exit(subprocess.run(sys.argv[2:], check=False).returncode)
