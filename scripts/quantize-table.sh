#!/usr/bin/env bash
# Accuracy float against int8 of the MNIST models, for all methods, as a table: scripts/quantize-table.sh [--weights FOLDER]
# [--models A,B] [--quick]. Trains what FOLDER (build/weights) lacks.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$root/scripts/build.sh" release weir
findData
exec "$venv/bin/python" "$root/scripts/quantize_table.py" "$@"
