#!/usr/bin/env bash
# Sets up, builds the release and runs all tests; the last line sums them up. Usage: scripts/check.sh [--long]
# --long adds what takes more than a few minutes: clang-tidy, the tests under the sanitizers, and the comparison of
# every optimizer with torch (in the environment of the benchmarks, build/bench-venv).
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

long=false
case "${1:-}" in
"") ;;
--long) long=true ;;
*) die "usage: scripts/check.sh [--long]" ;;
esac

"$root/scripts/setup.sh"
findData
say "data: $WEIR_DATA ($dataSet)"
"$root/scripts/build.sh" release

# The assembler of NVIDIA's GPUs, for the tests of their kernels.
if ! command -v ptxas >/dev/null && [ ! -x /usr/local/cuda/bin/ptxas ]; then
  (makeVenv "$build/cuda-venv" "$root/scripts/cuda-requirements.txt") ||
    say "no ptxas: the kernels' PTX will not be assembled"
fi

results=$build/results
rm -rf "$results"
mkdir -p "$results"
cd "$root"

# record NAME COMMAND...: one check of this script itself, as a line that sum_results.py reads.
record() {
  local name=$1
  shift
  if "$@" >&2; then echo "pass $name"; else echo "fail $name"; fi >>"$results/style.txt"
}

# runTests FOLDER NAME [LIT-OPTION...]: the C++ tests by ctest, everything else by lit, of one build folder.
runTests() {
  local folder=$1 name=$2
  shift 2
  say "C++ tests ($name)"
  ctest --test-dir "$folder" --parallel "$(nproc)" --output-on-failure --timeout 300 --no-tests=ignore \
    --output-junit "$results/$name-ctest.xml" >&2 || true
  say "lit ($name)"
  lit --workers "$(nproc)" --order=smart --verbose --output "$results/$name-lit.json" "$@" "$folder/test" >&2 || true
}

# sources PATTERN...: the files of the rooms and tests with such names; without git, which may not know this checkout.
sources() {
  local names=()
  for pattern in "$@"; do names+=(-o -name "$pattern"); done
  find frontend ir passes kernels runtime tools test -type f \( "${names[@]:1}" \) -print0
}

checkFormat() { sources '*.h' '*.cpp' '*.c' | xargs -0 clang-format-22 --dry-run --Werror; }

checkShell() { shellcheck --external-sources scripts/*.sh bench/*.sh .ci/run; }

checkTidy() {
  sources '*.cpp' | grep -zv '^test/' | xargs -0 -P "$(nproc)" -n 2 clang-tidy-22 -p "$build" --quiet --warnings-as-errors='*'
}

say "style"
record clang-format checkFormat
record shellcheck checkShell

if $long; then
  export WEIR_TEST_LONG=1 # all cases of the kernels' tests on GPUs
  makeVenv "$build/bench-venv" "$root/bench/requirements.txt"
  aptInstall chromium # the page of --dump-ir; 300 MB, and so not for the quick check
  runTests "$build" release --param long=1 --param oracle_python="$build/bench-venv/bin/python"
  say "clang-tidy"
  record clang-tidy checkTidy
  "$root/scripts/build.sh" asan
  # The libraries of Debian are not instrumented: what our side of an LLVM allocator poisons, theirs never unpoisons.
  ASAN_OPTIONS=detect_leaks=0:allow_user_poisoning=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 runTests "$root/build-asan" asan
else
  runTests "$build" release
fi

python "$root/scripts/sum_results.py" "$results"/*
