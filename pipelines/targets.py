"""What a workspace aims at: the figures that a target or a materiality can be set for, and what is set, in words."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from math import inf

from data import DATA
from pipelines.errors import UnusableInput
from pipelines.workspace import Workspace
from transforms.spec import Column, Model, metrics, rules

_NUMERIC = ("s", "h", "ms", "units", "usd", "unit_h", "usd_h", "ratio", "count", "number")
_SIDES = {"up_is_good": "at least ", "down_is_good": "at most ", "neutral": ""}
_NONE = "the workspace sets none"


@dataclass(frozen=True)
class Figure:
    """What a target can be set for.

    Attributes:
        model: the measure or rule that it is of.
        unit: its unit, in which the target is.
        side: `at least ` or `at most `; empty where the header does not say which side is good.
        low, high: the bounds of a target.
    """

    model: str
    unit: str
    side: str
    low: float
    high: float


@dataclass(frozen=True)
class Targets:
    """What a workspace sets, by the name of a figure: targets, and the gaps from which on missing one matters."""

    values: Mapping[str, float]
    materiality: Mapping[str, float] = field(default_factory=dict)

    def said(self, name: str) -> str:
        """Target and materiality of a figure in words."""
        figure = figures()[name]
        words = f"{figure.side}{self.values[name]:.12g} {figure.unit}" if name in self.values else _NONE
        gap = self.materiality.get(name)
        return words if gap is None else f"{words}, a gap of {gap:.12g} is material"


def workspace_targets(workspace: Workspace) -> Targets:
    """The targets and the materiality that a workspace sets.

    Errors: UnusableInput for a figure that there is not, with the names near it, and for a value that it cannot have.
    """
    for name, value in workspace.targets.items():
        figure = _figure("targets", name)
        _refuse_outside("targets", name, value, figure, figure.low, figure.high)
    for name, value in workspace.materiality.items():
        figure = _figure("materiality", name)
        _refuse_outside("materiality", name, value, figure, 0, figure.high - figure.low)
    return Targets(workspace.targets, workspace.materiality)


def _figure(key: str, name: str) -> Figure:
    known = figures()
    if name in known:
        return known[name]
    column = name.rpartition(".")[2]
    near = get_close_matches(name, known, n=3) or sorted(n for n in known if column and n.endswith(f".{column}"))[:3]
    meant = f"near it: {', '.join(near)}; " if near else ""
    kinds = "there are measures of the scorecard, figures of a measure (measure.column) and rules"
    raise UnusableInput(f"{key}: '{name}' is not known; {meant}{kinds}", file="dockledger.yaml")


def _refuse_outside(key: str, name: str, value: float, figure: Figure, low: float, high: float) -> None:
    """A share is between 0 and 1: 95 would be a target that nothing can reach."""
    if low <= value <= high and abs(value) < inf:
        return
    kind = "ratio" if figure.unit == "ratio" else f"figure in {figure.unit}"
    bounds = f"of {low:g} or more" if low > -inf else "that is finite"
    if high < inf:
        bounds = f"between {low:g} and {high:g}"
    raise UnusableInput(f"{key}: {name} is a {kind} {bounds}, not {value:g}", file="dockledger.yaml")


@cache
def figures() -> dict[str, Figure]:
    """Everything that a target can be set for, by name: measures of the scorecard, `measure.column`, rules."""
    found = {
        m["metric"]: Figure(m["model"], m["unit"], _SIDES[m["direction"]], *_bounds(m["unit"], None))
        for m in scorecard_measures()
    }
    for model in metrics().values():
        h = model.header
        for name, column in h.columns.items():
            if column.unit in _NUMERIC and name not in h.grain:
                side = _SIDES[h.direction] if name == h.figure else ""
                found[f"{model.name}.{name}"] = Figure(model.name, column.unit, side, *_bounds(column.unit, column))
    for name, model in rules().items():
        found[name] = Figure(name, "count", _SIDES[model.header.direction], 0, inf)
    return found


def _bounds(unit: str, column: Column | None) -> tuple[float, float]:
    """Those of the column; of a ratio that states none, and of a measure of the scorecard, those of its unit."""
    low, high = (column.min, column.max) if column else (0 if unit == "count" else None, None)
    if unit == "ratio" and low is None and high is None:
        return 0, 1
    return (-inf if low is None else low), (inf if high is None else high)


def scorecard_measures() -> list[dict[str, str]]:
    """The measures of the scorecard (`metric`, `unit`, `direction`, `model`, ...), in order."""
    with (DATA / "reference" / "scorecard_metrics.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def target_words(model: Model, targets: Targets | None) -> str | None:
    """The targets of a measure or rule in words; None for a list of things, in which there is no figure.

    Args:
        model: the measure or rule.
        targets: those of a workspace; None where no workspace is named.
    """
    of_model = [name for name, figure in figures().items() if figure.model == model.name]
    shown = [m["metric"] for m in scorecard_measures() if m["model"] == model.name]
    if targets is None:
        usual = f"{model.name}.{model.header.figure}" if model.folder == "metrics" else model.name
        named = shown or [name for name in of_model if name == usual]
        said = [f"{name}: {figures()[name].side}what the workspace says ({figures()[name].unit})" for name in named]
        return "; ".join(said) or None
    stated = [name for name in of_model if name in targets.values or name in targets.materiality]
    said = [f"{name}: {targets.said(name)}" for name in of_model if name in shown or name in stated]
    return "; ".join(said) or (_NONE if of_model else None)
