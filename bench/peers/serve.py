"""The child's side of a measurement: answers lines on stdin with lines of JSON on stdout.

A peer calls `serve(version, check, runOnce, scale, before)`. It answers one line at the start, {"version", "check",
"memory_mb"}, where check is a figure that the driver verifies (logits, or a loss after training) and memory_mb what the
net has taken so far: the most memory that the process had, less `before`, what it had with its libraries and data but
no net. Then for each line `N`, the times of N calls, {"min_ms", "median_ms"}, each divided by scale, the number of
steps that one call stands for.
"""

import json
import os
import sys
import time

import numpy


def memory(field):
    """This process's memory in MB: "VmRSS" now, "VmHWM" at most."""
    for line in open("/proc/self/status"):
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def serve(version, check, runOnce, scale=1, before=None):
    answer = os.fdopen(os.dup(1), "w", buffering=1)
    taken = None if before is None else memory("VmHWM") - before
    print(json.dumps({"version": version, "check": check, "memory_mb": taken}), file=answer)
    for line in sys.stdin:
        times = numpy.empty(int(line), numpy.float64)
        runOnce()
        for index in range(len(times)):
            start = time.perf_counter_ns()
            runOnce()
            times[index] = time.perf_counter_ns() - start
        times *= 1e-6 / scale
        print(json.dumps({"min_ms": times.min(), "median_ms": float(numpy.median(times))}), file=answer)
