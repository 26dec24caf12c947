"""runs_or_refuses.py PROGRAM ARG...: a program for another CPU either runs, or ends with exit code 1 and one line that says
what this machine lacks."""
import subprocess
import sys

done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
lines = done.stderr.splitlines()
refuses = done.returncode == 1 and not done.stdout and len(lines) == 1
if not (done.returncode == 0 or (refuses and lines[0].startswith("error: this program was compiled for '"))):
    sys.exit(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
