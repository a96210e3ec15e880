"""Lines of X12 documents: what stands in a heading, a loop or a line, and which item a line names."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.feeds.edi_items import ItemCodes
from pipelines.feeds.edi_times import Stated
from pipelines.feeds.x12_text import Segment, element

# Element 235 in order of preference. Trade item numbers with a check digit come first and are padded to 14 digits;
# case and consumer codes without one (UA, UI, UN, UD, and element 438, which W segments carry) stay as they are.
CASE_CODE = "UA"
ITEMS = ItemCodes(
    gtins=("UK", "EN", "UP", "EO"),
    others=(CASE_CODE, "UI", "UN", "UD", "VN", "VP", "VA", "SK", "BP", "IN", "PI", "CB", "MG", "MF"),
    no_items=frozenset({"LT", "B8", "SN", "PO", "PL", "VO", "VE", "BO", "CL", "SZ", "IZ"}),
)
_LIN_PAIRS = range(2, 31, 2)
_PERIOD_DAY, _PERIOD_MINUTE = "D8", "DT"


class Facts:
    """Parties, references and dates of one level (N1, N9, REF, PRF, G62, DTM).

    What a level does not say, the level above does; its tables are shared until something is noted. A level that names
    two parties of one kind passes on both names, so that no place is taken for another.

    Attributes:
        parties: kind (element 98) -> identification (N104, else N102).
        references: kind (element 128; PRF for an order) -> number.
        dates: kind (element 432 or 374) -> dates, the nearest level's first.
    """

    __slots__ = ("_own", "dates", "parties", "references")

    def __init__(self, above: "Facts | None" = None) -> None:
        self.parties: dict[str, str] = above.parties if above else {}
        self.references: dict[str, str] = above.references if above else {}
        self.dates: dict[str, tuple[Stated, ...]] = above.dates if above else {}
        self._own: frozenset[tuple[str, str]] = frozenset()

    def note(self, segment: Segment) -> None:
        """Takes up one segment whose tag is in NOTED; of two that say the same kind of thing, the first holds."""
        tag, kind = segment[0], element(segment, 1)
        if tag == "N1":
            self._note_party(kind, element(segment, 4) or element(segment, 2))
        elif tag == "PRF":
            # Several orders: none of them is that of a line which names none.
            is_other = ("", tag) in self._own and self.references[tag] != kind
            self.references = self.references | {tag: "" if is_other else kind}
            self._own |= {("", tag)}
        elif tag in ("N9", "REF"):
            if self._is_first("reference", kind):
                self.references = self.references | {kind: element(segment, 2)}
        elif self._is_first("date", kind):
            self.dates = self.dates | {kind: (_stated(segment), *self.dates.get(kind, ()))}

    def _note_party(self, kind: str, name: str) -> None:
        known = self.parties.get(kind, "")
        if self._is_first("party", kind):
            self.parties = self.parties | {kind: name}
        elif name not in known.split(" or "):
            self.parties = self.parties | {kind: f"{known} or {name}"}

    def _is_first(self, what: str, kind: str) -> bool:
        if (what, kind) in self._own:
            return False
        self._own |= {(what, kind)}
        return True

    def party(self, *kinds: str) -> str | None:
        """The first of these parties that is named."""
        return _first_of(self.parties, kinds)

    def reference(self, *kinds: str) -> str | None:
        """The first of these references that is given."""
        return _first_of(self.references, kinds)

    def stated(self, *kinds: str) -> tuple[Stated, ...]:
        """The dates of these kinds, in their order."""
        return tuple(stated for kind in kinds for stated in self.dates.get(kind, ()))


def _first_of(given: dict[str, str], kinds: tuple[str, ...]) -> str | None:
    for kind in kinds:
        value = given.get(kind)
        if value:
            return value
    return None


NOTED = frozenset({"N1", "N9", "REF", "PRF", "G62", "DTM"})


def _stated(segment: Segment) -> Stated:
    if segment[0] == "G62":
        return Stated(element(segment, 2), element(segment, 4), element(segment, 5))
    if element(segment, 2):
        return Stated(element(segment, 2), element(segment, 3), element(segment, 4))
    form, period = element(segment, 5), element(segment, 6)
    if form == _PERIOD_MINUTE and len(period) == 12:
        return Stated(period[:8], period[8:], element(segment, 4))
    return Stated(period if form == _PERIOD_DAY else "")


@dataclass(slots=True)
class Line:
    """A line of a document.

    Attributes:
        number: ordinal of its first segment in the file.
        segment: that segment.
        facts: what is said of it, and above it.
        parts: other segments of it that the mapping reads, with their ordinals.
    """

    number: int
    segment: Segment
    facts: Facts
    parts: list[tuple[int, Segment]] = field(default_factory=list)

    def part(self, tag: str) -> Segment:
        """Its first segment with this tag; an empty one where there is none."""
        return next((segment for _, segment in self.parts if segment[0] == tag), [tag])


def flat_lines(segments: Iterable[tuple[int, Segment]], start: str, parts: frozenset[str]) -> tuple[Facts, list[Line]]:
    """Heading and lines of a document whose lines begin with one segment; an LX encloses lines.

    Args:
        segments: the document's segments with their ordinals.
        start: tag of the segment that begins a line.
        parts: tags of further segments that the mapping reads.
    """
    heading = Facts()
    within, here = heading, heading
    lines: list[Line] = []
    for number, segment in segments:
        tag = segment[0]
        if tag == start:
            here = Facts(within)
            lines.append(Line(number, segment, here))
        elif tag in NOTED:
            here.note(segment)
        elif tag == "LX":
            here = within = Facts(heading)
        elif tag in parts and lines:
            lines[-1].parts.append((number, segment))
    return heading, lines


def tree_lines(segments: Iterable[tuple[int, Segment]], parts: frozenset[str]) -> tuple[Facts, list[Line]]:
    """Heading and item levels (HL03 = I) of a document of hierarchical levels; a level knows what its parents say."""
    heading = Facts()
    levels: dict[str, Facts] = {}
    here, line = heading, None
    lines: list[Line] = []
    for number, segment in segments:
        tag = segment[0]
        if tag == "HL":
            here = levels[element(segment, 1)] = Facts(levels.get(element(segment, 2), heading))
            line = Line(number, segment, here) if element(segment, 3) == "I" else None
            lines += [line] if line else []
        elif tag in NOTED:
            here.note(segment)
        elif line is not None and tag in parts:
            line.parts.append((number, segment))
    return heading, lines


def pairs(segment: Segment, places: Iterable[int], case_code: int = 0) -> dict[str, str]:
    """Qualifier -> identification (elements 235 and 234); `case_code` is the place of element 438, 0 for none."""
    found: dict[str, str] = {}
    for place in places:
        if place >= len(segment):
            break
        qualifier, value = segment[place].strip(), element(segment, place + 1)
        if qualifier and value:
            found.setdefault(qualifier, value)
    if case_code and (code := element(segment, case_code)):
        found.setdefault(CASE_CODE, code)
    return found


def lin_pairs(segment: Segment) -> dict[str, str]:
    """The pairs of a LIN segment."""
    return pairs(segment, _LIN_PAIRS)
