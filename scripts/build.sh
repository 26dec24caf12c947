#!/usr/bin/env bash
# Builds one preset of CMakePresets.json (release unless named): scripts/build.sh [release|dev|asan] [TARGET...]
# The release lands in build/, its programs in build/bin/.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

preset=${1:-release}
[ $# -gt 0 ] && shift
case $preset in
release) folder=$build ;;
dev) folder=$root/build-dev ;;
asan)
  folder=$root/build-asan
  aptInstall libclang-rt-22-dev
  ;;
*) die "no preset '$preset'; there are release, dev and asan" ;;
esac
"$root/scripts/setup.sh"

cd "$root"
# Ninja reruns CMake by itself when a CMake file changes; only the presets are not among its inputs.
key=$(contentHash CMakePresets.json "$venv/.stamp")
if [ ! -f "$folder/build.ninja" ] || ! stampIs "$folder/.configured" "$key"; then
  say "configuring ($preset)"
  cmake --preset "$preset" --log-level=WARNING >&2
  printf '%s' "$key" >"$folder/.configured"
fi
say "building ($preset)"
cmake --build --preset "$preset" ${1:+--target "$@"} >&2
