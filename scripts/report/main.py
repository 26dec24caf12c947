"""Trains what the report trained and writes docs/report.md and build/report/report.html. Called by scripts/report.sh.

rows.py says what is trained, measure.py does it and keeps the records, pictures.py draws, templates/ is the text.
"""

import argparse
import os
import pathlib
import re
from datetime import datetime, timezone

import jinja2
import pictures
from measure import OUT, ROOT, recordOf
from rows import ROWS, STARTS, allRuns


def seconds(value):
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min"


def codes(record):
    """The codes of the warnings said before and while it trained: "W100, W103; then W201"."""
    found = lambda texts: list(dict.fromkeys(code for text in texts for code in re.findall(r"\b[WN]\d{3}\b", text)))
    before, during = found(record["beforehand"]), [warning["code"] for warning in record["training"].get("warnings", [])]
    text = ", ".join(before) or "nothing"
    return text + ("; while training: " + ", ".join(during) if during else "")


def machine():
    lines = open("/proc/cpuinfo").read().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown CPU")


def gather(records):
    """All that the templates show."""
    rows = []
    for row in ROWS:
        runs = [("same settings", records[row.same.name])]
        if row.healed:
            runs.append(("both causes healed", records[row.healed.name]))
        runs.append(("our recipe", records[row.ours.name]))
        rows.append({"title": row.title, "theirs": row.theirs, "parameters": runs[0][1]["parameters"], "runs": runs})
    starts = [(start, records[start.run().name]) for start in STARTS]
    recipes = {row.ours.name: records[row.ours.name] for row in ROWS}
    titled = [(f"{start.init}, {start.rate}" + (", batch norm" if start.normalize else ""), run) for start, run in starts]
    return {
        "date": datetime.now(timezone.utc).strftime("%-d %B %Y"),
        "cpu": machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "minutes": round(sum(record["train_seconds"] for record in records.values()) / 60),
        "rows": rows,
        "starts": starts,
        "recipes": list(recipes.items()),
        "sentences": [(title, run["beforehand"]) for title, run in titled if run["beforehand"]],
        "curves": pictures.curves(
            [(row.title, row.theirs["validation"], records[row.same.name], records[row.ours.name]) for row in ROWS]
        ),
        "bars": pictures.bars([(title, start.validation, run["accuracy"]) for (title, run), (start, _) in zip(titled, starts)]),
        "confusions": pictures.confusions([(name, record["confusion"]) for name, record in recipes.items()]),
        "seconds": seconds,
        "codes": codes,
    }


def write(facts):
    loader = jinja2.FileSystemLoader(pathlib.Path(__file__).parent / "templates")
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    for template, path in (("report.md.j2", ROOT / "docs" / "report.md"), ("report.html.j2", OUT / "report.html")):
        environment.autoescape = ".html" in template
        path.write_text(environment.get_template(template).render(facts))
        print(f"written: {path.relative_to(ROOT)}")


def main():
    parser = argparse.ArgumentParser(prog="scripts/report.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--again", action="store_true", help="forget what was measured before")
    parser.add_argument("--list", action="store_true", help="name the runs and end")
    parser.add_argument("names", nargs="*", metavar="RUN", help="only these runs, and no pages")
    options = parser.parse_args()
    runs = {run.name: run for run in allRuns()}
    if options.list:
        print("\n".join(runs))
        return
    unknown = [name for name in options.names if name not in runs]
    if unknown:
        parser.error(f"no run '{unknown[0]}'; --list names them")
    os.chdir(ROOT)
    OUT.mkdir(parents=True, exist_ok=True)
    records = {name: recordOf(run, options.again) for name, run in runs.items() if not options.names or name in options.names}
    if not options.names:
        write(gather(records))


if __name__ == "__main__":
    main()
