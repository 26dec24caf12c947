#!/usr/bin/env bash
# Compares weir with other systems on this machine, in one run: installs them (build/bench-venv, pinned), builds weir,
# compiles mlp_80_60, measures everything interleaved, prints tables and writes build/bench/results.json.
# Usage: bench/run.sh [--only step,infer,epoch] [--rounds N] [--threads 1,2] [--peers-only]   (see bench/README.md)
set -euo pipefail
# shellcheck source=../scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"

"$root/scripts/setup.sh"
findData
[ "$dataSet" = mnist ] || die "the comparison needs MNIST, and only $dataSet is here; name its folder with WEIR_DATA"
case " $* " in
*" --peers-only "*) ;;
*) "$root/scripts/build.sh" release ;;
esac
makeVenv "$build/bench-venv" "$root/bench/requirements.txt"
exec "$build/bench-venv/bin/python" "$root/bench/run.py" "$@"
