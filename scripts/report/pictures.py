"""The report's pictures, by matplotlib, as SVG text that stays text: curves of training and confusion matrices."""

import io

import matplotlib
import numpy

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

# Fixed names inside the drawings, so that the same figures give the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "weir", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3})
FIRST, SECOND = "#1f5fbf", "#c2500a"


def finish(figure):
    text = io.StringIO()
    figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
    return text.getvalue()[text.getvalue().index("<svg") :]


def panels(count, columns, width, height):
    rows = -(-count // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(width * columns, height * rows), squeeze=False, layout="constrained")
    for axis in axes.flat[count:]:
        axis.axis("off")
    return figure, axes.flat


def curves(rows):
    """Validation accuracy after each epoch: rows of (title, report's figure, record of its settings, record of ours)."""
    figure, axes = panels(len(rows), 3, 3.6, 2.6)
    for axis, (title, theirs, same, ours) in zip(axes, rows):
        for record, name, color, style in ((same, "the report's settings", SECOND, "--"), (ours, "our recipe", FIRST, "-")):
            epochs = record["training"]["epochs"]
            axis.plot(
                [epoch["epoch"] for epoch in epochs], [epoch["val_accuracy"] for epoch in epochs], style, color=color, marker=".", label=name
            )
        axis.axhline(theirs, color="gray", linewidth=1, linestyle=":", label="the report's result")
        axis.set_title(title)
        axis.set_xlabel("epoch")
        low = min(epoch["val_accuracy"] for record in (same, ours) for epoch in record["training"]["epochs"])
        axis.set_ylim(0 if min(low, theirs) < 0.8 else 0.93, 1)
        axis.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    axes[0].set_ylabel("validation accuracy")
    axes[0].legend(loc="lower right", fontsize=7)
    return finish(figure)


def bars(rows):
    """The second table as bars: rows of (title, torch's accuracy, ours)."""
    figure, axis = pyplot.subplots(figsize=(8, 0.55 * len(rows) + 1), layout="constrained")
    places = numpy.arange(len(rows))
    axis.barh(places - 0.2, [row[1] for row in rows], 0.38, color=SECOND, label="torch, where it was stopped")
    axis.barh(places + 0.2, [row[2] for row in rows], 0.38, color=FIRST, label="weir, after one epoch")
    axis.set_yticks(places, [row[0] for row in rows])
    axis.invert_yaxis()
    axis.set_xlim(0, 1)
    axis.set_xlabel("validation accuracy")
    axis.legend()
    return finish(figure)


def confusions(rows):
    """Confusion matrices of (title, [label][prediction] counts): shades of each label's share, numbers where wrong."""
    figure, axes = panels(len(rows), 3, 3.4, 3.3)
    for axis, (title, counts) in zip(axes, rows):
        counts = numpy.array(counts)
        shares = counts / numpy.maximum(1, counts.sum(axis=1, keepdims=True))
        axis.pcolormesh(shares**0.4, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=0.5)
        for label, row in enumerate(counts):
            for prediction, count in enumerate(row):
                if count:
                    color = "white" if shares[label, prediction] > 0.2 else "black"
                    axis.text(prediction + 0.5, label + 0.5, str(count), ha="center", va="center", fontsize=5, color=color)
        axis.set_title(title)
        axis.set_xticks(numpy.arange(len(counts)) + 0.5, range(len(counts)))
        axis.set_yticks(numpy.arange(len(counts)) + 0.5, range(len(counts)))
        axis.invert_yaxis()
        axis.set_xlabel("predicted")
        axis.set_ylabel("label")
        axis.grid(False)
        axis.set_aspect("equal")
    return finish(figure)
