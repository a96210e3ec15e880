"""Lines of EDIFACT messages: what stands in a heading, a line or a quantity, and which item a line names.

Segments and their elements by the UN/EDIFACT directories D.96A to D.01B.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.feeds.edi_items import ItemCodes
from pipelines.feeds.edi_times import Stated
from pipelines.feeds.edifact_text import Segment, value

READ = frozenset({
    "BGM", "DTM", "RFF", "NAD", "LOC", "CPS", "PAC", "PCI", "TDT", "LIN", "PIA", "QTY", "QVR", "INV", "GIN", "CNT",
})  # fmt: skip

# Element 7143 in order of preference. Trade item numbers (GTIN, with a check digit) come first, padded to 14 digits.
ITEMS = ItemCodes(
    gtins=("SRV", "EN", "UP", "UK"),
    others=("SA", "IN", "BP", "VN", "VP", "MF", "MN"),
    no_items=frozenset({"NB", "SN", "GB", "PV", "BB"}),  # batches, serial numbers, promotions
)
_IDENTIFYING = ("5", "1")  # element 4347: product identification, additional identification; others name substitutes
_GS1 = "9"  # element 3055
_SUB_LINE = "1"  # element 5495


class Facts:
    """Parties, references, dates, places and numbers of one level; what it does not say, the level above does.

    A level that names two parties or orders passes on none of them as one: two parties become `A or B`, which no
    facility is called, and two references of a kind, or two numbers, none.
    """

    __slots__ = ("_above", "_said")

    def __init__(self, above: "Facts | None" = None) -> None:
        self._above = above
        self._said: dict[tuple[str, str], str] = {}

    def note(self, segment: Segment) -> None:
        """Takes up one NAD, RFF, DTM, LOC, GIN, INV, or what tells that it is packed (CPS, PAC, PCI)."""
        tag, kind = str(segment[0]), value(segment, 1)
        if tag == "NAD":
            self._note(tag, kind, value(segment, 2) or value(segment, 4) or value(segment, 3), " or ")
        elif tag == "RFF":
            self._note(tag, kind, value(segment, 1, 1))
            self._note("RFF line", kind, value(segment, 1, 2))
        elif tag == "DTM":
            self._said.setdefault((tag, kind), "\x1f".join((value(segment, 1, 1), value(segment, 1, 2))))
        elif tag == "LOC":
            is_facility = kind != _LOCATION_OF_GOODS or value(segment, 2, 2) == _GS1
            if kind in _PLACES:
                self._note("LOC" if is_facility else "bin", "", value(segment, 2), " or ")
                self._note("bin", "", value(segment, 3))
        elif tag == "GIN":
            for place in range(2, 7):
                self._note(tag, kind, value(segment, place))
                self._note(tag, kind, value(segment, place, 1))
        elif tag == "INV":
            for place, name in enumerate(("direction", "stock", "reason", "method"), 1):
                self._note(tag, name, value(segment, place))
        else:
            self._said["packed", ""] = tag

    def _note(self, what: str, kind: str, said: str, joint: str = "") -> None:
        """Keeps what is said; said twice and differently, both joined, or none where they cannot be."""
        if not said:
            return
        known = self._said.get((what, kind))
        if known is None:
            self._said[what, kind] = said
        elif said not in known.split(" or "):
            self._said[what, kind] = f"{known}{joint}{said}" if joint else ""

    def _find(self, what: str, kind: str) -> str | None:
        level: Facts | None = self
        while level is not None:
            if (what, kind) in level._said:
                return level._said[what, kind]
            level = level._above
        return None

    def is_detailed(self) -> bool:
        """Whether this very level names packages, lots or serial numbers."""
        return any(what in ("packed", "GIN") for what, _ in self._said)

    def _first(self, what: str, kinds: tuple[str, ...]) -> str | None:
        return next((found for kind in kinds if (found := self._find(what, kind))), None)

    def party(self, *kinds: str) -> str | None:
        """The first of these parties (element 3035) that is named."""
        return self._first("NAD", kinds)

    def place(self) -> str | None:
        """The facility that LOC names."""
        return self._find("LOC", "") or None

    def bin(self) -> str | None:
        """The place within a facility that LOC names."""
        return self._find("bin", "") or None

    def reference(self, *kinds: str) -> str | None:
        """The first of these references (element 1153) that is given."""
        return self._first("RFF", kinds)

    def reference_line(self, kind: str) -> str | None:
        """The line (element 1156) of the document that a reference names."""
        return self._find("RFF line", kind) or None

    def number(self, *kinds: str) -> str | None:
        """The one number (element 7402) of these kinds (element 7405); none where several are stated."""
        return self._first("GIN", kinds)

    def inventory(self, name: str) -> str:
        """What INV says: direction, stock, reason or method; '' for nothing."""
        return self._find("INV", name) or ""

    def stated(self, *kinds: str) -> tuple[Stated, ...]:
        """The dates of these kinds (element 2005), in their order."""
        found = (self._find("DTM", kind) for kind in kinds)
        return tuple(stated_of(*text.split("\x1f")) for text in found if text)


_LOCATION_OF_GOODS = "14"  # element 3227
_PLACES = frozenset({"14", "18", "19"})  # location of goods, warehouse, plant

# Element 2379 -> where year, month and day stand, where the time stands, where the zone.
_FORMATS = {
    "101": ("YYMMDD", ""), "102": ("CCYYMMDD", ""), "201": ("YYMMDD", "HHMM"), "202": ("YYMMDD", "HHMMSS"),
    "203": ("CCYYMMDD", "HHMM"), "204": ("CCYYMMDD", "HHMMSS"), "205": ("CCYYMMDD", "HHMM"),
    "303": ("CCYYMMDD", "HHMM"), "304": ("CCYYMMDD", "HHMMSS"),
}  # fmt: skip
_PERIODS = frozenset({"711", "717", "718", "719"})
_UTC = frozenset({"UTC", "GMT", "Z"})
_ZONE = re.compile(r"([+-])(\d{2}):?(\d{2})?")


def stated_of(text: str, form: str) -> Stated:
    """A date with its format code; what is not written as its code says keeps it beside, to be refused.

    A period that begins and ends on one day is that day; any other is no moment.
    """
    if form in _PERIODS:
        first, _, last = text.partition("-")
        is_day = len(first) == len(last) == 8 and first == last
        return Stated(first if is_day else text)
    unread = Stated(f"{text} ({form or 'no format'})" if text else "")
    day_form, time_form = _FORMATS.get(form, ("", ""))
    whole = len(day_form) + len(time_form)
    digits, zone = text[:whole], text[whole:].strip()
    if not day_form or not (digits.isascii() and digits.isdigit() and len(digits) == whole):
        return unread
    if bool(zone) != (form in ("205", "303", "304")):
        return unread
    return Stated(digits[: len(day_form)], digits[len(day_form) :], _offset(zone))


def _offset(zone: str) -> str:
    """A zone as an offset if it is one for sure: CET, EST and their like may follow a clock, and are refused later."""
    found = _ZONE.fullmatch(zone)
    if zone in _UTC:
        return "+00:00"
    return f"{found[1]}{found[2]}:{found[3] or '00'}" if found else zone


@dataclass(slots=True)
class Quantity:
    """One QTY or QVR of a line.

    Attributes:
        number: ordinal of its segment in the file.
        kind: element 6063.
        amount, uom: as delivered.
        facts: what is said of it, and above it.
        is_variance: it is a QVR.
        is_part: it stands below a package or place of its line, and so is a part of what the line states.
        reason: elements 4221 or 4295 of a QVR.
    """

    number: int
    kind: str
    amount: str
    uom: str
    facts: Facts
    is_variance: bool = False
    is_part: bool = False
    reason: str = ""


@dataclass(slots=True)
class Line:
    """A line of a message.

    Attributes:
        label: element 1082; '' where it is not stated.
        is_sub_line: it says what another line is made of.
        facts: what is said of it, and above it.
        identified: item numbers by element 7143.
        quantities: in file order.
    """

    label: str
    is_sub_line: bool
    facts: Facts
    identified: dict[str, str] = field(default_factory=dict)
    quantities: list[Quantity] = field(default_factory=list)


def number_of(text: str) -> str:
    """A number with a decimal point: ISO 9735 allows a comma, too, and no sign between thousands."""
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


# What is said of a party, a reference, packages or the transport, and not of the level that they stand in.
_THEIRS = {"NAD": ("RFF", "DTM"), "RFF": ("DTM",), "PAC": ("RFF", "DTM", "LOC", "GIN"), "TDT": ("RFF", "DTM", "LOC")}


class LineReader:
    """Takes up the segments of one message in their order.

    What a DTM or RFF belongs to depends on what stands before it: a date behind a reference or a party is theirs.

    Attributes:
        code, own_number, function: what BGM says (elements 1001, 1004, 1225).
        heading: what holds for all lines.
        lines: in file order.
    """

    def __init__(self, *, has_groups: bool) -> None:
        """Args: has_groups: each quantity has places, dates and numbers of its own (INVRPT)."""
        self.heading = Facts()
        self.lines: list[Line] = []
        self.code = self.own_number = self.function = ""
        self._has_groups = has_groups
        self._is_inv_first = False
        self._here = self.heading
        self._line: Line | None = None
        self._owner = ""  # what the next segments belong to
        self._is_part = False

    def take(self, number: int, segment: Segment) -> None:
        """One segment with its ordinal."""
        tag = str(segment[0])
        if tag == "BGM":
            self.code, self.own_number, self.function = (value(segment, place) for place in (1, 2, 3))
        elif tag in ("CPS", "PAC", "PCI", "TDT", "CNT"):
            self._leave(segment)
        elif tag == "LIN":
            self._begin(segment)
        elif tag == "PIA":
            self._identify(segment)
        elif tag in ("QTY", "QVR"):
            self._measure(number, segment)
        else:
            self._note(tag, segment)

    def _leave(self, segment: Segment) -> None:
        """What follows is said of packages, of the transport, or of nothing that is read."""
        self._owner = str(segment[0])
        if self._owner == "TDT":
            return
        if self._has_groups and self._line is not None:
            self._here.note(segment)
        elif self._owner in ("CPS", "CNT"):
            self._line, self._here = None, Facts()
        self._is_part = self._line is not None

    def _begin(self, lin: Segment) -> None:
        self._here = Facts(self.heading)
        self._line = Line(value(lin, 1), value(lin, 4) == _SUB_LINE, self._here)
        if value(lin, 3):
            self._line.identified[value(lin, 3, 1)] = value(lin, 3)
        self._owner, self._is_part = "LIN", False
        self.lines.append(self._line)

    def _identify(self, pia: Segment) -> None:
        if self._line is not None and value(pia, 1) in _IDENTIFYING:
            for place in range(2, 7):
                if value(pia, place):
                    self._line.identified.setdefault(value(pia, place, 1), value(pia, place))

    def _measure(self, number: int, segment: Segment) -> None:
        """A QTY (6063, 6060, 6411) or a QVR (6064, 6063; its unit is the line's); those of packages are no line's."""
        line, is_variance = self._line, segment[0] == "QVR"
        if line is None:
            return
        self._owner = "QTY"
        if self._has_groups:
            self._is_part = False
            self._here = self._here if self._is_inv_first else Facts(line.facts)
        first, second = value(segment, 1), value(segment, 1, 1)
        kind, amount = (second, first) if is_variance else (first, second)
        reason = (value(segment, 2) or value(segment, 3)) if is_variance else ""
        uom = "" if is_variance else value(segment, 1, 2)
        line.quantities.append(
            Quantity(number, kind, number_of(amount), uom, self._here, is_variance, self._is_part, reason)
        )

    def _note(self, tag: str, segment: Segment) -> None:
        if tag == "INV":
            self._begin_group(segment)
        elif tag not in _THEIRS.get(self._owner, ()):
            self._here.note(segment)
            if tag in ("NAD", "RFF"):
                self._owner = tag
            if tag == "LOC" and self._line is not None and not self._has_groups:
                self._is_part = True  # one of several places of delivery

    def _begin_group(self, inv: Segment) -> None:
        """INV stands behind the QTY that it tells of in D.96A; in D.01B it begins the group, before its QTY."""
        if self._line is None:
            return
        self._owner = "INV"
        self._is_inv_first = self._is_inv_first or not self._line.quantities
        if self._is_inv_first:
            self._here = Facts(self._line.facts)
        self._here.note(inv)


def numbered(lines: list[Line]) -> Iterator[tuple[str, Line]]:
    """Lines with their labels: what they state, else their position."""
    return ((line.label or str(ordinal), line) for ordinal, line in enumerate(lines, 1))
