# Shared by every script here: where things are, how to say so, and which data set the machine has.
# Sourced, never run: . "$(dirname "$0")/lib.sh"
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build
venv=$build/venv
export PATH=$venv/bin:$PATH

# One line of progress. To stderr, so that the output of the work itself stays clean.
say() { printf '\033[1m== %s\033[0m\n' "$*" | plainUnlessTerminal >&2; }
plainUnlessTerminal() { if [ -t 2 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
die() {
  printf '%s: error: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# contentHash FILE...: one hash over the contents, the key of a stamp file.
contentHash() { cat "$@" | sha256sum | cut -d' ' -f1; }

# stampIs FILE KEY: whether the work that FILE stands for was finished for this very KEY.
stampIs() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# asRoot COMMAND...: through sudo where we are not root.
asRoot() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root to run '$*', and there is no sudo"
  fi
}

# missingPackages NAME...: those of them that dpkg does not have installed.
missingPackages() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p') || true
  printf '%s\n' "$@" | grep -vxF -e "$installed" || true
}

# aptInstall NAME...: nothing at all, not even a lock, when everything is there already.
aptInstall() {
  local missing
  missing=$(missingPackages "$@")
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "needs these Debian packages, and there is no apt-get: ${missing//$'\n'/ }"
  say "installing from Debian: ${missing//$'\n'/ }"
  asRoot apt-get -qq update || say "the package lists could not be refreshed; trying with those at hand"
  # shellcheck disable=SC2086 # one word per package
  asRoot env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install --no-install-recommends $missing >&2 ||
    die "Debian could not install: ${missing//$'\n'/ } (a Debian 12 with its security archive has them all)"
}

# makeVenv DIR REQUIREMENTS: a virtual environment with exactly the pinned packages; quick when it is complete.
makeVenv() {
  local dir=$1 requirements=$2 python=/usr/bin/python3 key
  [ -x $python ] || python=python3
  key="$(contentHash "$requirements") $($python -c 'import sys; print(*sys.version_info[:3])') $dir"
  stampIs "$dir/.stamp" "$key" && return 0
  say "installing from Python's index into ${dir#"$root"/}"
  rm -rf "$dir"
  mkdir -p "$(dirname "$dir")"
  $python -m venv "$dir"
  "$dir/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" ||
    die "Python's index could not provide what $requirements lists"
  printf '%s' "$key" >"$dir/.stamp"
}

# findData: sets WEIR_DATA and dataSet (mnist, or fashion-mnist where nothing else can be had) and says which. In order:
# the caller's WEIR_DATA, ../shared/data beside the checkout, MNIST fetched into build/data, Debian's Fashion-MNIST.
findData() {
  dataSet=mnist
  if [ -n "${WEIR_DATA:-}" ]; then
    [ -d "$WEIR_DATA/mnist" ] || say "WEIR_DATA=$WEIR_DATA has no mnist/: tests that need it are skipped"
  elif [ -d "$root/../shared/data/mnist" ]; then
    WEIR_DATA=$(cd "$root/../shared/data" && pwd)
  elif "$venv/bin/python" "$root/scripts/fetch_mnist.py" "$build/data/mnist"; then
    WEIR_DATA=$build/data
  else
    aptInstall dataset-fashion-mnist
    WEIR_DATA=/usr/share/datasets
    dataSet=fashion-mnist
    say "NOT MNIST: no mirror of MNIST can be reached, so this is Debian's Fashion-MNIST (clothes, not digits)"
  fi
  export WEIR_DATA dataSet
}
