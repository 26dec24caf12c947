"""The report's rows: what it found, and what is trained here beside it.

A run is a model of models/ with settings. `theirs` are the report's figures (validation accuracy, share of its ten own
digits, minutes of training where it names them); the learning rate of its MLPs is Keras's default, its dropout rate
is not known, and 0.2 stands for it.
"""

from dataclasses import dataclass, field


@dataclass
class Run:
    name: str
    model: str
    settings: dict = field(default_factory=dict)
    epochs: int | None = None  # the recipe's


@dataclass
class Row:
    title: str
    theirs: dict
    same: Run  # the report's settings
    ours: Run  # the model's own recipe
    healed: Run | None = None  # the report's settings with the two causes taken away


def mlp(model, validation, own, optimizer="nadam", drop=0.2):
    settings = {"optimizer": f"{optimizer}(learning_rate: 0.001)", "schedule": "constant", "drop": drop, "data": 'images("mnist")'}
    suffix = "" if drop else ", no dropout"
    name = f"{model}_{optimizer}" + ("" if drop else "_no_dropout")
    return Row(
        f"{model}, {optimizer}{suffix}", {"validation": validation, "own": own, "minutes": None}, Run(name, model, settings, 30), Run(model, model)
    )


PUBLISHED = {
    "height": 28,
    "width": 28,
    "channels": 1,
    "classes": 10,
    "data": 'images("mnist")',
    "schedule": "constant",
}


def published(name, model, batch, init, rate, **more):
    """A net as published (ImageNet's strides) at 28x28, one epoch with Adadelta."""
    settings = {"batch": batch, "init": f'"{init}"', "optimizer": f"adadelta(learning_rate: {rate})"}
    return Run(name, model, {**PUBLISHED, **settings, **more}, 1)


def cnn(title, model, batch, validation, minutes, **more):
    theirs = {"validation": validation, "own": 0.10, "minutes": minutes}
    same = published(f"{model}_glorot_0.001", model, batch, "glorot_uniform", 0.001, **more)
    healed = published(f"{model}_he_1.0", model, batch, "he_normal", 1.0, **more)
    return Row(title, theirs, same, Run(f"{model}_mnist", f"{model}_mnist"), healed)


ROWS = [
    mlp("mlp_80_60", 0.9774, 0.90),
    mlp("mlp_110_100_90", 0.9774, 0.80),
    mlp("mlp_110_100_90", 0.9759, 0.80, optimizer="adam"),
    mlp("mlp_80_60_50", 0.9802, 0.90),
    mlp("mlp_80_60_50", 0.9776, 1.00, drop=0.0),
    mlp("mlp_60_100_80", 0.9774, 1.00),
    cnn("squeezenet v1.1", "squeezenet", 4, 0.1135, 30, version=1.1),
    cnn("mobilenet_v2", "mobilenet_v2", 5, 0.1045, 15),
]


@dataclass
class Start:
    """A row of the second table: SqueezeNet v1.1 at batch 4, by first values and learning rate; torch's figures."""

    init: str
    rate: float
    normalize: bool
    steps: int
    validation: float
    outcome: str

    def run(self):
        name = f"squeezenet_{self.init.split('_')[0]}_{self.rate}" + ("_normalized" if self.normalize else "")
        more = {"version": 1.1, **({"normalize": "true"} if self.normalize else {})}
        return published(name, "squeezenet", 4, self.init, self.rate, **more)


STARTS = [
    Start("pytorch_default", 0.001, False, 9111, 0.098, "chance"),
    Start("pytorch_default", 1.0, False, 8613, 0.1135, "chance"),
    Start("glorot_uniform", 1.0, False, 3624, 0.1135, "chance"),
    Start("he_normal", 0.001, False, 5974, 0.189, "hardly moves"),
    Start("he_normal", 1.0, False, 3971, 0.818, "learns"),
    Start("pytorch_default", 1.0, True, 4641, 0.528, "learns, slowly"),
]


def allRuns():
    """Every run once, the quick ones first."""
    rows = [run for row in ROWS for run in (row.same, row.ours, row.healed) if run]
    runs = {run.name: run for run in [*rows, *(start.run() for start in STARTS)]}
    return list(runs.values())
