"""Says whether two documents of `eval --json` agree: same_evaluation.py A.json B.json."""

import json
import math
import sys

a, b = (json.load(open(name)) for name in sys.argv[1:3])
print(f"same evaluation: {a['confusion'] == b['confusion'] and math.isclose(a['loss'], b['loss'], rel_tol=1e-4)}")
