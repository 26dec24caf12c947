#!/usr/bin/env bash
# Installs what the build needs: Debian's packages, then the virtual environment build/venv. Does nothing, in well under
# a second, when all of it is there.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

mapfile -t packages < <(grep -v '^#' "$root/scripts/apt-packages.txt")
aptInstall "${packages[@]}"
makeVenv "$venv" "$root/scripts/requirements.txt"
