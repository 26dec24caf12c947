#!/usr/bin/env bash
# Trains every net of the student report, with its settings and with ours, and writes docs/report.md (tables) and
# build/report/report.html (one page with curves and confusion matrices). Usage: scripts/report.sh [--again] [RUN...]
# Rows that are done stay in build/report/rows, so that an interrupted run continues; --again forgets them.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$root/scripts/setup.sh"
findData
[ "$dataSet" = mnist ] || die "the report is about MNIST, and only $dataSet is here; name its folder with WEIR_DATA"
"$root/scripts/build.sh" release
# An environment of its own: the plotting library is of no use to the build.
makeVenv "$build/report-venv" "$root/scripts/report/requirements.txt"
exec "$build/report-venv/bin/python" "$root/scripts/report/main.py" "$@"
