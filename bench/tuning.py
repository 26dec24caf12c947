"""Tuned schedules against the default ones, group by group and entry by entry, and Halide's autoschedulers beside them.

For each net: `weir tune` for the budget, then the program compiled with and without the records, measured in turns in
one run: default, tuned, default, tuned, ... Shown are minima over all turns; the gain of an entry is what a user sees.
Usage: see bench/README.md; `--help` lists the options.
"""

import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
WEIR = os.path.join(ROOT, "build", "bin", "weir")
OUT = os.path.join(ROOT, "build", "bench", "tuning")
IMAGE = {"height": 28, "width": 28, "channels": 1, "classes": 10}

# name -> model, settings.
NETS = {
    "mlp_80_60": ("mlp_80_60.weir", {}),
    "squeezenet_b4": ("squeezenet.weir", {**IMAGE, "version": 1.1, "batch": 4}),
    "squeezenet_b32": ("squeezenet.weir", {**IMAGE, "version": 1.1, "batch": 32}),
    "mobilenet_v2_b5": ("mobilenet_v2.weir", {**IMAGE, "batch": 5}),
    "mobilenet_v2_b32": ("mobilenet_v2.weir", {**IMAGE, "batch": 32}),
}


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def weir(command, name, *options, **keywords):
    model, settings = NETS[name]
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    return subprocess.run([WEIR, command, os.path.join(ROOT, "models", model), *words, *options], check=True, **keywords)


def tune(name, options, database):
    """The tuner's own report."""
    say(f"{name}: tuning for {options.budget}")
    done = weir("tune", name, "--budget", options.budget, "--threads", str(options.threads), "--database", database,
                "--json", stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def compilePair(name, options, database):
    """Programs with the default schedules and with the tuned ones."""
    programs = {}
    for kind, flags in (("default", ["--no-tuning"]), ("tuned", ["--database", database, "--threads", str(options.threads)])):
        programs[kind] = os.path.join(OUT, f"{name}_{kind}")
        weir("compile", name, *flags, "-o", programs[kind], stderr=subprocess.DEVNULL)
    return programs


def bench(program, threads, seconds):
    done = subprocess.run([program, "bench", "--json", "--threads", str(threads), "--seconds", str(seconds)], check=True,
                          stdout=subprocess.PIPE, text=True)
    return {entry["name"]: entry for entry in json.loads(done.stdout)["entries"]}


def least(rounds):
    """entry -> its least time and those of its kernels, over all rounds."""
    best = {}
    for entries in rounds:
        for name, entry in entries.items():
            kernels = [kernel["min_ms"] for kernel in entry["kernels"]]
            if name not in best:
                best[name] = {"min_ms": entry["min_ms"], "kernels": kernels, "names": [k["name"] for k in entry["kernels"]]}
                continue
            best[name]["min_ms"] = min(best[name]["min_ms"], entry["min_ms"])
            best[name]["kernels"] = [min(pair) for pair in zip(best[name]["kernels"], kernels)]
    return best


def measure(programs, options):
    """default and tuned -> entry -> times, measured in turns."""
    rounds = {kind: [] for kind in programs}
    for _ in range(options.rounds):
        for kind, program in programs.items():
            rounds[kind].append(bench(program, options.threads, options.seconds))
    return {kind: least(entries) for kind, entries in rounds.items()}


def groupsOf(times):
    """Per entry and kernel name: number of kernels, milliseconds by default and tuned, all of that name together."""
    rows = []
    for entry, default in times["default"].items():
        sums = {}
        for name, before, after in zip(default["names"], default["kernels"], times["tuned"][entry]["kernels"]):
            count, first, second = sums.get(name, (0, 0.0, 0.0))
            sums[name] = (count + 1, first + before, second + after)
        for name, (count, first, second) in sums.items():
            rows.append({"entry": entry, "name": name, "kernels": count, "default_ms": first, "tuned_ms": second})
    return sorted(rows, key=lambda row: -row["default_ms"])


def show(name, times, rows, report, baselines, limit):
    print(f"\n{name}: {report['candidates']} candidates in {report['seconds']:.0f} s, {report['failed']} skipped; "
          f"{report['threads']} thread(s) of {report['cpu']}; "
          f"{sum(group.get('withdrawn', False) for group in report['groups'])} records withdrawn")
    for entry, default in times["default"].items():
        tuned = times["tuned"][entry]["min_ms"]
        print(f"  {entry:24} {default['min_ms']:10.4f} -> {tuned:10.4f} ms   {100 * (1 - tuned / default['min_ms']):5.1f} % less")
    print(f"  {'entry':12} {'group':64} {'uses':>4} {'default us':>11} {'tuned us':>11} {'less':>7}")
    for row in rows[:limit]:
        less = 100 * (1 - row["tuned_ms"] / row["default_ms"]) if row["default_ms"] else 0
        print(f"  {row['entry']:12} {row['name'][:64]:64} {row['kernels']:4} {1000 * row['default_ms']:11.2f} "
              f"{1000 * row['tuned_ms']:11.2f} {less:6.1f} %")
    if not baselines:
        return
    print(f"  {'by autoscheduler':64} {'default us':>11} {'Adams2019':>14} {'Mullapudi2016':>14}")
    for group in baselines["groups"]:
        cells = [group.get(scheduler, {}) for scheduler in ("Adams2019", "Mullapudi2016")]
        texts = [f"{cell['us']:.2f}" if "us" in cell else f"({cell.get('failed', '')[:28]})" for cell in cells]
        ours = f"{group['default_us']:.2f}" if "default_us" in group else "-"
        print(f"  {group['name'][:64]:64} {ours:>11} {texts[0]:>14} {texts[1]:>14}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nets", default=",".join(NETS), help="some of: %(default)s")
    parser.add_argument("--budget", default="60s", help="of each net's search")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each program")
    parser.add_argument("--seconds", type=float, default=2, help="of a turn")
    parser.add_argument("--groups", type=int, default=1000, help="rows of the table")
    parser.add_argument("--baselines", metavar="BUDGET", help="also Adams2019 and Mullapudi2016, for so long a net")
    parser.add_argument("--keep", action="store_true", help="begin with the records of an earlier run")
    options = parser.parse_args()
    os.makedirs(OUT, exist_ok=True)
    results = {"load": os.getloadavg(), "budget": options.budget, "threads": options.threads, "nets": {}}
    for name in options.nets.split(","):
        database = os.path.join(OUT, f"{name}_{options.threads}.db")
        if not options.keep and os.path.exists(database):
            os.remove(database)
        report = tune(name, options, database)
        times = measure(compilePair(name, options, database), options)
        rows = groupsOf(times)
        baselines = None
        if options.baselines:
            say(f"{name}: autoschedulers for {options.baselines}")
            done = weir("tune", name, "--baselines", "--budget", options.baselines, "--threads", str(options.threads),
                        "--json", stdout=subprocess.PIPE, text=True)
            baselines = json.loads(done.stdout)
        show(name, times, rows, report, baselines, options.groups)
        results["nets"][name] = {"tuner": report, "times": times, "groups": rows, "baselines": baselines}
        with open(os.path.join(OUT, "results.json"), "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    print(f"\n{os.path.join(OUT, 'results.json')}; load at the start {results['load'][0]:.1f}")


if __name__ == "__main__":
    main()
