"""Runs the comparisons: training steps, inference, and epochs. Called by bench/run.sh.

Prints a table per comparison, ours against the best of the others (a ratio above 1 means that weir is quicker), and
writes build/bench/results.json. No figure counts before its answer was checked: logits against numpy or torch in
double precision, training by the losses it reaches on the same data.
"""

import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(sys.path[0]), "test", "oracle"))
import compare_cnn  # noqa: E402
import compare_inference  # noqa: E402
import compare_mlp  # noqa: E402
from common import OUT, machine, say, show  # noqa: E402

NETS = ["mlp_80_60", *compare_inference.CASES]


def main():
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--nets", default=",".join(NETS), help=f"which nets, by commas, of {', '.join(NETS)}")
    parser.add_argument("--only", default="step,infer,epoch", help="which comparisons, by commas")
    parser.add_argument("--rounds", type=int, default=6, help="turns of each system")
    parser.add_argument("--threads", default="1,2", help="thread counts, by commas")
    parser.add_argument("--peers-only", action="store_true", help="without weir, to see that the peers run")
    parser.add_argument("--slow-peers", action="store_true", help="also what takes minutes to compile or to run")
    options = parser.parse_args()
    unknown = [net for net in options.nets.split(",") if net not in NETS]
    if unknown:
        parser.error(f"--nets expects names of {', '.join(NETS)}, but got {', '.join(unknown)}")
    os.makedirs(OUT, exist_ok=True)
    report = {"machine": machine(), "comparisons": {}}
    print(f"{report['machine']['cpu']}, {report['machine']['cpus']} CPUs, load {os.getloadavg()[0]:.2f}, {report['machine']['date']}")
    wanted = options.only.split(",")
    path = os.path.join(OUT, "results.json")
    with open(os.path.join(OUT, "peers.log"), "w") as log:
        for net in options.nets.split(","):
            runs = [run for run in comparisons(net, options, wanted) if run[0] in wanted]
            for threads in map(int, options.threads.split(",")):
                for _, name, compare in runs:
                    title = f"{name}, {threads} thread{'' if threads == 1 else 's'}"
                    say(title)
                    results = compare(threads, options, log)
                    report["comparisons"][title] = {"results": results, "ratio": show(title, results), "load": os.getloadavg()}
                    # After every comparison: a run of all of them takes long, and what was measured should not be lost.
                    with open(path, "w") as file:
                        json.dump(report, file, indent=1)
    print(f"\nwritten to {os.path.relpath(path)}; load at the end {os.getloadavg()[0]:.2f}")


def comparisons(net, options, wanted):
    if net not in compare_inference.CASES:
        return compare_mlp.comparisons(options)
    training = {"step", "epoch"}.intersection(wanted) and net in compare_cnn.CASES
    return (compare_cnn.comparisons(net, options) if training else []) + compare_inference.comparisons(net, options)


if __name__ == "__main__":
    main()
