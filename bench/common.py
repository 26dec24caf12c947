"""What the comparisons share: where things are, starting systems, the table of one comparison, the machine."""

import json
import os
import platform
import subprocess
import sys
from datetime import datetime, timezone

import numpy
from compiled_net import settingWords
from rounds import HERE, Unavailable

ROOT = os.path.dirname(HERE)
OUT = os.path.join(ROOT, "build", "bench")
WEIR = os.path.join(ROOT, "build", "bin", "weir")
# Rows that show the cost of a call and take no part in the ratio.
EMPTY = ", empty net"
# Of the largest value: three steps of training in single precision.
TOLERANCE = 2e-3


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def compileProgram(model, settings, program, *options):
    """A model of models/ with some settings as a program."""
    if not os.path.exists(WEIR):
        raise SystemExit("build/bin/weir is not there: scripts/build.sh builds it; --peers-only measures the others alone")
    words = [*settingWords(settings), *options, "-o", program]
    subprocess.run([WEIR, "compile", os.path.join(ROOT, "models", model), *words], check=True)


def verify(system, what, got, wanted):
    """Ends the run if a system computes something else: a wrong answer must not be timed."""
    difference = numpy.abs(numpy.asarray(got) - wanted).max() / numpy.abs(wanted).max()
    if not difference < TOLERANCE:
        raise SystemExit(f"{system} computes something else: its {what} differ by {difference:.2g}")


def gather(makers):
    """Starts the systems, leaving out, aloud, those that cannot run here."""
    systems = []
    for make in makers:
        try:
            systems.append(make())
        except (Unavailable, json.JSONDecodeError) as problem:
            say(f"left out: {problem}")
    return systems


def duration(milliseconds):
    return f"{milliseconds:.4f} ms" if milliseconds < 10000 else f"{milliseconds / 1000:.1f} s"


def show(title, results):
    """The table of one comparison; gives the ratio to the best peer, if weir took part."""
    print(f"\n{title}")
    ours = next((name for name in results if name.startswith("weir")), None)
    for name, figures in results.items():
        ratio = f"{figures['min_ms'] / results[ours]['min_ms']:8.2f}x" if ours else ""
        least, median = duration(figures["min_ms"]), duration(figures["median_ms"])
        memory = f"{figures['memory_mb']:8.1f} MB" if figures.get("memory_mb") is not None else " " * 11
        print(f"  {name:32} min {least:>13}   median {median:>13} {ratio} {memory}  {figures['version']}")
    if ours and len(results) > 1:
        others = [figures for name, figures in results.items() if not name.startswith("weir") and not name.endswith(EMPTY)]
        best = {key: min(figures[key] for figures in others) / results[ours][key] for key in ("min_ms", "median_ms")}
        print(f"  -> weir is {best['min_ms']:.2f}x as quick as the best other (by medians {best['median_ms']:.2f}x)")
        return best
    return None


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return {
        "cpu": model or platform.processor(),
        "cpus": len(os.sched_getaffinity(0)),
        "avx512": "avx512f" in open("/proc/cpuinfo").read(),
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "load": os.getloadavg(),
    }
