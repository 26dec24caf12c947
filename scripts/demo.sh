#!/usr/bin/env bash
# Installs what is needed, builds, then compiles the nets of models/, trains each on MNIST, lets it read ten digits
# drawn by hand, and prints a table. Usage: scripts/demo.sh [--epochs N] [MODEL...] (the recipe's epochs, all models)
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$root/scripts/setup.sh"
findData
"$root/scripts/build.sh" release
exec python "$root/scripts/demo.py" --data "$WEIR_DATA/$dataSet" "$@"
