"""The catalogue of measures and exception rules: what there is, and what each means."""

from difflib import get_close_matches

import polars as pl

from mining import CAUSE_TABLES, MEANINGS
from pipelines.errors import UnusableInput
from pipelines.targets import Targets, target_words
from transforms.spec import Model, metrics, models, rules


def measured() -> dict[str, Model]:
    """Every measure and rule that is a SQL model, by name."""
    return {**metrics(), **rules()}


def listing() -> str:
    """Every measure and rule, a line each: name, unit, direction, owner and the question that it answers."""
    lines = [f"  {'name':<{_WIDTH}} {'unit':<8} {'direction':<13} {'owner':<20} question".rstrip()]
    for heading, found in (("Measures", metrics()), ("Exception rules", rules())):
        lines += ["", heading, *(_line(m) for _, m in sorted(found.items()))]
    lines += ["", "Made by process mining"]
    lines += [
        f"  {name:<{_WIDTH}} {'count':<8} {'neutral':<13} {'process owner':<20} {m.question}"
        for name, m in MEANINGS.items()
    ]
    return "\n".join(lines)


_WIDTH = 30


def _line(model: Model) -> str:
    h = model.header
    return f"  {model.name:<{_WIDTH}} {h.unit:<8} {h.direction.replace('_', ' '):<13} {h.owner:<20} {h.question}"


def find(name: str) -> Model:
    """A measure or rule by name.

    Errors: UnusableInput for an unknown name, with the names near it.
    """
    known = measured()
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3) or sorted(n for n in known if name and (name in n or n in name))[:3]
    meant = f"; near it: {', '.join(near)}" if near else ""
    raise UnusableInput(f"there is no measure or rule '{name}'{meant}; `dockledger metrics` lists them all")


def describe(name: str, targets: Targets | None = None) -> str:
    """Everything about one measure or rule, as Markdown.

    Args:
        name: of a measure, a rule or a table that mining makes.
        targets: those of a workspace; None where no workspace is named.

    Errors: UnusableInput for an unknown name.
    """
    from pipelines.metric_pages import page

    if name in MEANINGS:
        meaning = MEANINGS[name]
        read = (
            "counts of `process.outcome_count`"
            if name in CAUSE_TABLES
            else "counted variants of `process.variant_frequency`"
        )
        made = f"made by process mining from the {read}"
        facts = (
            f"**Question** {meaning.question}",
            f"**Definition** {meaning.definition}",
            f"**Table** `marts.{name}`, {made}",
        )
        return "\n\n".join([f"# {meaning.title} (`{name}`)", *facts]) + "\n"
    return page(find(name), targets)


def catalogue(targets: Targets) -> pl.DataFrame:
    """One row per published measure or rule, from the headers and a workspace's targets."""
    rows = [_row(m, targets) for m in models().values() if m.folder in ("metrics", "rules")]
    for name, meaning in MEANINGS.items():
        words = {"edge_rules": "", "direction": "neutral", "additivity": "non_additive", "unit": "count"}
        origin = {"owner": "process owner", "source": "domain model, process models", "severity": None, "version": 1}
        rows.append({"model": name, "kind": "measure", **meaning._asdict(), **words, **origin})
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(("severity", "formula", "grain", "target"), pl.String))


def _row(model: Model, targets: Targets) -> dict[str, object]:
    h = model.header
    return {
        "model": model.name,
        "kind": "rule" if model.folder == "rules" else "measure",
        "title": h.title,
        "question": h.question,
        "definition": h.definition,
        "formula": h.formula,
        "edge_rules": "\n".join(h.edge_rules),
        "grain": ", ".join(h.grain),
        "direction": h.direction,
        "additivity": h.additivity,
        "unit": h.unit,
        "target": target_words(model, targets),
        "owner": h.owner,
        "source": h.source,
        "severity": h.severity,
        "version": h.version,
    }
