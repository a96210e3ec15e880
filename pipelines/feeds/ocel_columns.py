"""What gives each canonical column of an OCEL feed: the words of `columns`, taken apart."""

import re
from dataclasses import dataclass

from pipelines.errors import UnusableInput
from pipelines.feeds.own_columns import check_required, own_columns
from pipelines.workspace import Feed

# What an event states without being asked: the keys, kinds and clocks of the three tables.
USUAL = {
    "event_id": "ocel:id", "event_type": "ocel:type", "event_time": "ocel:time",
    "posting_id": "ocel:id", "posting_type": "ocel:type", "posted_at": "ocel:time",
    "count_id": "ocel:id", "counted_at": "ocel:time",
}  # fmt: skip
_NAME = r'("[^"]+"|[^"/.]+)'
_OBJECT = re.compile(rf"object:{_NAME}(?:/{_NAME})?(?:\.{_NAME})?")
_FIXED = ("ocel:id", "ocel:type", "ocel:time", "quantity:item", "quantity:place", "quantity:value")


@dataclass(frozen=True)
class Related:
    """The objects of one type that an event is related to, all or those with one qualifier."""

    object_type: str
    qualifier: str | None


@dataclass(frozen=True)
class Source:
    """What gives one canonical column.

    Attributes:
        kind: `id`, `type`, `time`, `attribute`, `object`, or `item`, `place`, `value` of a quantity.
        attribute: name of an attribute, of the event or of the object; None: the object's id.
        related: which objects.
    """

    kind: str
    attribute: str | None = None
    related: Related | None = None

    @property
    def is_quantity(self) -> bool:
        """Whether a quantity operation gives it."""
        return self.kind in ("item", "place", "value")


@dataclass(frozen=True)
class Mapping:
    """The sources of a feed's canonical columns, and what has to be read for them."""

    sources: dict[str, Source]

    @property
    def event_attributes(self) -> tuple[str, ...]:
        """Attributes of events, each once."""
        return tuple(dict.fromkeys(s.attribute for s in self.sources.values() if s.kind == "attribute" and s.attribute))

    @property
    def object_attributes(self) -> frozenset[str]:
        """Attributes of objects."""
        return frozenset(s.attribute for s in self.sources.values() if s.kind == "object" and s.attribute)

    @property
    def related(self) -> tuple[Related, ...]:
        """The kinds of related objects, each once."""
        return tuple(dict.fromkeys(s.related for s in self.sources.values() if s.related))

    @property
    def has_quantities(self) -> bool:
        """Whether quantity operations are read."""
        return any(source.is_quantity for source in self.sources.values())

    def columns_of(self, *kinds: str) -> list[str]:
        """Canonical columns whose source is of a kind."""
        return [column for column, source in self.sources.items() if source.kind in kinds]


def ocel_mapping(feed: Feed) -> Mapping:
    """The mapping that a feed states.

    Errors: UnusableInput for a word that names nothing of an event, a column that is not canonical, a required column
        that nothing gives.
    """
    columns = own_columns(feed, USUAL)
    check_required(feed, columns)
    return Mapping({column: _source(feed, column, words) for column, words in columns.items()})


def _source(feed: Feed, column: str, words: str) -> Source:
    if words in _FIXED:
        return Source(words.partition(":")[2])
    if words.startswith("attribute:") and len(words) > len("attribute:"):
        return Source("attribute", attribute=words.removeprefix("attribute:"))
    if found := _OBJECT.fullmatch(words):
        name, qualifier, attribute = (part.strip('"') if part else None for part in found.groups())
        return Source("object", attribute=attribute, related=Related(str(name), qualifier))
    raise UnusableInput(
        f"feed {feed.name}: columns: {column}: '{words}' is none of {', '.join(_FIXED)}, attribute:<name>, "
        "object:<type>, object:<type>/<qualifier>, object:<type>.<attribute> (names with / . in double quotes)"
    )
