#!/usr/bin/env bash
# What only a machine with a GPU can show: runs the device tests on it, trains the recipes with --device cuda, times
# steps and inference of the three nets beside torch (eager and CUDA graphs), and writes one JSON.
# Usage: scripts/gpu-check.sh [--quick] [OUTPUT.json]   (default: build/gpu-check.json; --quick trains one net, two
# batches). torch is the machine's own python3's, if that sees the GPU, else that of bench/requirements.txt in
# build/bench-venv. Without a usable GPU it says why and exits 1.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

quick=()
if [ "${1:-}" = --quick ]; then
  quick=(--quick)
  shift
fi
[ $# -le 1 ] || die "usage: scripts/gpu-check.sh [--quick] [OUTPUT.json]"
output=${1:-$build/gpu-check.json}

"$root/scripts/setup.sh"
"$root/scripts/build.sh" release
if ! "$venv/bin/python" "$root/scripts/gpu_check.py" --find-device; then
  "$build/bin/weir" devices >&2
  die "there is no CUDA device that programs can use; the list above says why, and what to do"
fi
findData

seesGpu() { "$1" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; }
torch=
if seesGpu python3; then
  torch=python3
else
  makeVenv "$build/bench-venv" "$root/bench/requirements.txt"
  if seesGpu "$build/bench-venv/bin/python"; then
    torch=$build/bench-venv/bin/python
  else
    say "no torch here sees the GPU: weir's figures stand alone"
  fi
fi

exec "$venv/bin/python" "$root/scripts/gpu_check.py" "${quick[@]}" --torch "$torch" --output "$output"
