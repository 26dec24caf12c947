"""Measures several systems in turns: every system is a child process that waits between its turns.

Rounds go A, B, C, A, B, C, ... so that a slow minute of the machine falls on everyone. A system's figures are the
minimum over all rounds and the median of the rounds' medians.
"""

import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# The nets that tests and comparisons share.
ORACLE = os.path.join(os.path.dirname(HERE), "test", "oracle")
CPUS = sorted(os.sched_getaffinity(0))


class Unavailable(Exception):
    """A system that could not be measured; the text says why, and the table shows it."""


def environment(threads):
    """The child's environment: its own modules, the thread limits that each library reads."""
    limits = {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    paths = os.pathsep.join([HERE, os.path.join(HERE, "peers"), ORACLE])
    return {**os.environ, **limits, "PYTHONPATH": paths, "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}


def pinned(threads):
    """A function for the child that leaves it `threads` CPUs: libraries that ignore the limits cannot take more."""
    cpus = CPUS[:threads]
    return lambda: os.sched_setaffinity(0, cpus)


class Peer:
    """A child that serves measurements (peers/serve.py)."""

    def __init__(self, name, arguments, threads, count, log):
        self.name, self.count, self.rounds = name, count, []
        self.child = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "peers", arguments[0]), *map(str, arguments[1:])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(threads),
            preexec_fn=pinned(threads),
        )
        first = self.answer()
        self.version, self.check, self.memory = first["version"], first["check"], first["memory_mb"]

    def answer(self):
        line = self.child.stdout.readline()
        if not line:
            raise Unavailable(f"{self.name} ended with status {self.child.wait()}; see build/bench/peers.log")
        return json.loads(line)

    def measure(self):
        self.child.stdin.write(f"{self.count}\n")
        self.child.stdin.flush()
        self.rounds.append(self.answer())

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def statedMemory(program, entry):
    """What a compiled program says that the entry point takes, in MB: its variables and its arena."""
    about = json.loads(subprocess.run([program, "info", "--json"], capture_output=True, text=True, check=True).stdout)
    arena = next(e["arena_bytes"] for e in about["entries"] if e["name"] == entry.removesuffix("_with_data"))
    return (about["variables_bytes"] + arena) / 2**20


class Program:
    """A compiled program's own `bench --json`: one process a turn, one entry point of it read."""

    def __init__(self, name, program, entry, threads, options=()):
        self.name, self.entry, self.threads, self.rounds = name, entry, threads, []
        self.command = [program, "bench", "--json", "--seconds", "1", "--threads", str(threads), *options]
        self.version, self.check, self.memory = "weir", None, statedMemory(program, entry)

    def measure(self):
        done = subprocess.run(self.command, capture_output=True, text=True, preexec_fn=pinned(self.threads))
        if done.returncode != 0:
            raise Unavailable(f"{' '.join(self.command)} ended with status {done.returncode}: {done.stderr.strip()}")
        entries = {entry["name"]: entry for entry in json.loads(done.stdout)["entries"]}
        if self.entry not in entries:
            raise Unavailable(f"bench --json has no entry '{self.entry}', only {', '.join(entries)}")
        self.rounds.append({key: entries[self.entry][key] for key in ("min_ms", "median_ms")})

    def close(self):
        pass


def interleave(systems, rounds):
    """Runs the rounds; gives {name: {min_ms, median_ms, rounds, version, memory_mb}}."""
    for _ in range(rounds):
        for system in systems:
            system.measure()
    results = {}
    for system in systems:
        results[system.name] = {
            "min_ms": min(turn["min_ms"] for turn in system.rounds),
            "median_ms": statistics.median(turn["median_ms"] for turn in system.rounds),
            "version": system.version,
            "memory_mb": system.memory,
            "rounds": system.rounds,
        }
        system.close()
    return results
