#!/usr/bin/env bash
# How long weir takes to compile mlp_80_60 (training step and both inference entries), with an empty cache and with a
# warm one, and how big the program is. Usage: bench/compile_time.sh [MODEL.weir] [ROUNDS]
set -euo pipefail
# shellcheck source=../scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"

model=${1:-$root/models/mlp_80_60.weir}
rounds=${2:-5}
weir=$build/bin/weir
[ -x "$weir" ] || die "build/bin/weir is not there: scripts/build.sh builds it"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export XDG_CACHE_HOME=$scratch/cache
program=$scratch/program

# seconds COMMAND...: wall-clock seconds of one run.
seconds() {
  local start=$EPOCHREALTIME
  "$@"
  awk -v from="$start" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", to - from }'
}

# best: the smallest of the lines, and all of them.
best() { sort -n | awk '{ all = all " " $1 } NR == 1 { least = $1 } END { printf "%s s  (all:%s)\n", least, all }'; }

printf '%s, %s CPUs, load %s\n' "$(sed -n 's/^model name.*: //p;' /proc/cpuinfo | head -1)" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
printf 'cold   '
for _ in $(seq "$rounds"); do
  rm -rf "$XDG_CACHE_HOME"
  seconds "$weir" compile "$model" -o "$program"
done | best
printf 'cached '
for _ in $(seq "$rounds"); do seconds "$weir" compile "$model" -o "$program"; done | best
cp "$program" "$scratch/stripped"
strip "$scratch/stripped"
printf 'program %s bytes, stripped %s bytes; needs: %s\n' "$(stat -c %s "$program")" "$(stat -c %s "$scratch/stripped")" \
  "$(objdump -p "$program" | awk '/NEEDED/ { printf "%s ", $2 }')"
