"""Starts a sweep and disturbs it once so many of its members are known and others are training.

Usage: interrupt_sweep.py KILL|INT|SECOND MEMBERS FOLDER COMMAND…

KILL and INT send that signal and say how the sweep ended, how many of its children were left, and whether it had
some, but not all, of its members. SECOND runs the same command once more beside it, says how that ended, and then
ends the first.
"""

import os
import pathlib
import signal
import subprocess
import sys
import time

how, members, folder, command = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4:]


def known():
    journal = folder / "journal.jsonl"
    return journal.read_text().count("\n") if journal.exists() else 0


def trains():
    return any(path.stat().st_size > 0 for path in folder.glob("members/*.jsonl")) and any(children())


def children():
    """Processes that work for this sweep: their command names its folder."""
    wanted = os.fsencode(f"{folder}/members/")
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if wanted in path.read_bytes() and os.readlink(path.parent / "cwd") == os.getcwd():
                yield int(path.parent.name)
        except OSError:
            pass


sweep = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
while sweep.poll() is None and not (known() >= members and trains()):
    time.sleep(0.01)
if how == "SECOND":
    second = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    print(f"second ended with {second.returncode}: {second.stderr}")
    sweep.send_signal(signal.SIGTERM)
    sweep.wait()
    sys.exit()

sweep.send_signal(getattr(signal, "SIG" + how))
code = sweep.wait()
for _ in range(500):  # whom the kernel kills with its parent needs a moment to go
    if not any(children()):
        break
    time.sleep(0.01)
ending = f"by signal {-code}" if code < 0 else f"with {code}"
some = "1 or more, not all" if 1 <= known() < 6 else str(known())
print(f"ended {ending}, children left: {len(list(children()))}, members known: {some}")
