"""Runs a command N times at once, {} replaced by 0 .. N-1; fails unless all succeed: at_once.py N COMMAND..."""

import subprocess
import sys

commands = [[word.format(i) for word in sys.argv[2:]] for i in range(int(sys.argv[1]))]
processes = [subprocess.Popen(command) for command in commands]
sys.exit(max(process.wait() for process in processes))
