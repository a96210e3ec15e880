"""What a reader chooses before anything is counted: cases of one process, by what they are and what they did."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from transforms.spec import SELECTION_TABLES, Model, filtered_models

TimeBasis = Literal["started", "ended", "within", "touching"]
_LISTS = {
    "facilities": "facility",
    "items": "item",
    "abc_classes": "abc_class",
    "suppliers": "supplier",
    "shifts": "shift",
    "variants": "variant",
    "starts": "starts",
    "ends": "ends",
    "passes": "passes",
    "avoids": "avoids",
}
_PAIRS = ("follows", "eventually")


@dataclass(frozen=True)
class Selection:
    """A choice of whole cases; what is left out does not restrict.

    Attributes:
        process: of which process.
        facilities, items, abc_classes, suppliers, shifts: any of them.
        variants: any of them, each as its activities joined with " > ".
        starts, ends: first and last activity, any of them.
        passes, avoids: activities, all of which, or none of which, a case must have.
        follows, eventually: pairs of activities, all of which a case must have, directly or with others in between.
        from_at, to_at: instants, from inclusive, to exclusive.
        time_basis: what has to lie between them: the first event (`started`), the last (`ended`), both (`within`), or
            any moment of the case (`touching`).
        min_duration_s, max_duration_s: seconds from the first event to the last, inclusive.
        is_open: only cases that may still go on, or only those that may not.
    """

    process: str
    facilities: Sequence[str] = ()
    items: Sequence[str] = ()
    abc_classes: Sequence[str] = ()
    suppliers: Sequence[str] = ()
    shifts: Sequence[str] = ()
    variants: Sequence[str] = ()
    starts: Sequence[str] = ()
    ends: Sequence[str] = ()
    passes: Sequence[str] = ()
    avoids: Sequence[str] = ()
    follows: Sequence[tuple[str, str]] = ()
    eventually: Sequence[tuple[str, str]] = ()
    from_at: datetime | None = None
    to_at: datetime | None = None
    time_basis: TimeBasis = "started"
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    is_open: bool | None = None

    def period_before(self) -> "Selection | None":
        """The same choice in as long a time, just before; None where this one has no beginning or no end."""
        if self.from_at is None or self.to_at is None:
            return None
        return replace(self, from_at=self.from_at - (self.to_at - self.from_at), to_at=self.from_at)


Rows = dict[str, list[tuple[Any, ...]]]


def selection_rows(sides: Mapping[str, Selection]) -> Rows:
    """Choices as rows of the tables that filtered models read.

    Args:
        sides: the choice, or the two choices that are compared, by name.
    """
    single = [
        (side, *(getattr(chosen, name) for name in list(SELECTION_TABLES["selection"])[1:]))
        for side, chosen in sides.items()
    ]
    return {"selection": single, "selection_value": [row for side in sides for row in _values(side, sides[side])]}


def _values(side: str, chosen: Selection) -> Iterator[tuple[str, str, str, str | None]]:
    """What is chosen of lists; each value once, since the models count them."""
    for name, kind in _LISTS.items():
        for value in dict.fromkeys(getattr(chosen, name)):
            yield side, kind, value, None
    for kind in _PAIRS:
        for value, next_value in dict.fromkeys(map(tuple, getattr(chosen, kind))):
            yield side, kind, value, next_value


def needed(name: str) -> list[Model]:
    """A filtered model and those that it reads, each after what it reads.

    Errors: KeyError for a name that no filtered model has.
    """
    known = filtered_models()
    wanted = {known[name].table}
    for table, model in reversed(known.items()):
        if table in wanted:
            wanted |= {source for source in model.inputs if source in known}
    return [model for table, model in known.items() if table in wanted]
