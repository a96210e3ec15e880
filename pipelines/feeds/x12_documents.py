"""X12 warehouse documents as canonical rows.

Which element says what follows the segment tables of ASC X12 releases 004010 to 007060: W04 (943), W07 and W13 (944),
W12 (945), W19 (947), RCD and LIN (861), HL, LIN and SN1 (856), LIN and QTY (846).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pipelines.feeds.edi_times import Stated, instant, moment
from pipelines.feeds.x12_heads import Head, first, head_of
from pipelines.feeds.x12_lines import ITEMS, Facts, Line, flat_lines, lin_pairs, pairs, tree_lines
from pipelines.feeds.x12_text import Group, Segment, Transaction, element

EVENT_COLUMNS = (
    "event_id", "event_type", "event_time", "facility_id", "item_id", "quantity", "uom", "recorded_at", "lot_id",
    "serial_id", "location_id", "to_status", "partner_facility_id", "supplier_id", "owner_id", "document_type",
    "document_id", "document_line", "correlation_id",
)  # fmt: skip
ORDER_COLUMNS = (
    "order_id", "order_line", "shipment_id", "facility_id", "item_id", "ordered_quantity", "shipped_quantity",
    "shipped_at", "uom", "last_changed_at",
)  # fmt: skip
COUNT_COLUMNS = ("count_id", "facility_id", "location_id", "item_id", "counted_at", "counted_quantity", "uom")

Row = tuple[str | int | None, ...]


@dataclass
class Rows:
    """What transaction sets came to.

    Attributes:
        events, counts, orders: rows in the order of EVENT_COLUMNS, COUNT_COLUMNS and ORDER_COLUMNS, then the ordinal of
            the segment.
        skipped_count: quantities, and transaction sets without any, that make no row.
    """

    events: list[Row] = field(default_factory=list)
    counts: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    skipped_count: int = 0

    def received_count(self) -> int:
        """Quantities, and transaction sets without any."""
        return len(self.events) + len(self.counts) + len(self.orders) + self.skipped_count


class _Moved(NamedTuple):
    """What of a line is moved, and how it is named.

    Attributes:
        label: the line in the row's id.
        quantity, uom: as delivered.
        identified: the line's pairs of elements 235 and 234.
        lot: element 451.
        document_line: the line of the business document; '' where the line states none.
        document_id: the line's own business document, before the heading's.
        code: why, or in which condition; it stands beside the document type.
    """

    label: str
    quantity: str
    uom: str
    identified: dict[str, str]
    lot: str = ""
    document_line: str = ""
    document_id: str | None = None
    code: str = ""


@dataclass(frozen=True)
class _Layout:
    """Where the line segment of a warehouse document keeps what: places of its elements, 0 for none.

    `ordered` and `ordered_pair` are of what was ordered, which may be another item than what is moved.
    """

    start: str
    quantity: int
    uom: int
    case_code: int
    pairs: tuple[int, ...]
    lot: int = 0
    code: int = 0
    ordered: int = 0
    ordered_pair: int = 0


_LAYOUTS = {
    "943": _Layout("W04", 1, 2, 3, (4, 6, 14)),
    "944": _Layout("W07", 1, 2, 3, (4, 6, 10), lot=8),
    "945": _Layout("W12", 3, 5, 6, (7, 21), lot=9, code=1, ordered=2, ordered_pair=17),
    "947": _Layout("W19", 2, 3, 4, (5, 7, 17), lot=9, code=1),
}
# Element 412: what became of units that arrived in question. Other codes tell of differences, not of units.
_CONDITIONS = {
    "": ("quality_hold_placed", "quality_hold"),
    "01": ("quality_hold_placed", "damaged"),
    "04": ("quality_hold_placed", "quality_hold"),
    "05": ("quality_hold_placed", "quality_hold"),
    "06": ("quality_hold_placed", "quality_hold"),
    "08": ("quality_hold_placed", "quality_hold"),
    "09": ("quality_hold_placed", "quality_hold"),
    "10": ("quality_hold_placed", "damaged"),
    "12": ("return_dispositioned", None),
}
_ON_HAND = "17"  # element 673
_DEPOSITOR = "DE"  # element 98
_QUESTIONS = range(6, 19, 3)
_ORDERED = ("receipt_confirmed", "receipt_created")


def _is_some(quantity: str) -> bool:
    """Whether a quantity is stated and not zero."""
    return bool(quantity.strip("+-0."))


class _Document:
    """One document on its way to rows."""

    def __init__(self, kind: str, group: Group, head: Head, facts: Facts, rows: Rows) -> None:
        self.kind, self.head, self.rows = kind, head, rows
        self._component, self._written = group.component, Stated(group.date, group.time)
        self._base = "/".join((kind, group.sender, *head.numbers)) if head.numbers else None
        self._recorded_at = instant(self._written)
        self._heading = facts
        self._moment = moment(head.dates, self._written)
        self._parties = self._parties_of(facts)
        self._labels: dict[str, int] = {}
        self._ordered: dict[str, int] = {}

    def happened(self, line: Line) -> str | None:
        """When a line happened: as it or a level between says, else as the heading says."""
        if line.facts.dates is self._heading.dates:
            return self._moment
        return moment((*line.facts.stated(*self.head.date_kinds), *self.head.dates), self._written)

    def _parties_of(self, facts: Facts) -> tuple[str | None, ...]:
        """Place, partner, supplier and owner."""
        head = self.head
        return (*(facts.party(*kinds) for kinds in (head.place, head.partner, head.supplier)), facts.party(_DEPOSITOR))

    def row_id(self, label: str) -> str | None:
        """The id of a line's row: the document's numbers and the line, told apart where a line number repeats."""
        if self._base is None:
            return None
        nth = self._labels[label] = self._labels.get(label, 0) + 1
        return f"{self._base}/{label}" if nth == 1 else f"{self._base}/{label}#{nth}"

    def component(self, text: str) -> str | None:
        """The first component of an element, such as the unit of a composite one."""
        return text.split(self._component, 1)[0] or None

    def add(self, line: Line, moved: _Moved, number: int, event_type: str = "", to_status: str | None = None) -> None:
        """One event of a line.

        Args:
            line: the line.
            moved: what of it is moved.
            number: ordinal of the segment that states the quantity.
            event_type: where it is not that of the document.
            to_status: the status that the units now have.
        """
        head, facts, identified = self.head, line.facts, moved.identified
        at_heading = facts.parties is self._heading.parties
        place, partner, supplier, owner = self._parties if at_heading else self._parties_of(facts)
        quantity = moved.quantity
        if head.sign < 0 and _is_some(quantity) and not quantity.startswith("-"):
            quantity = f"-{quantity}"
        self.rows.events.append((
            self.row_id(moved.label),
            (event_type or head.event_type) + head.note,
            self.happened(line),
            place,
            ITEMS.item_of(identified),
            quantity or None,
            self.component(moved.uom),
            self._recorded_at,
            identified.get("LT") or identified.get("B8") or moved.lot or facts.reference("LT", "BT"),
            identified.get("SN") or facts.reference("SE"),
            facts.reference("WS"),
            to_status,
            partner,
            supplier,
            owner,
            f"{self.kind}/{moved.code}" if moved.code else self.kind,
            moved.document_id or head.document_id,
            moved.document_line or None,
            head.correlation_id,
            number,
        ))  # fmt: skip

    def order(self, line: Line, moved: _Moved, layout: _Layout, number: int) -> None:
        """What was ordered of a line, and what was shipped of it; of what is no fact, nothing is known."""
        head, ordered = self.head, element(line.segment, layout.ordered)
        if head.note:
            self.rows.skipped_count += 1
            return
        nth = self._ordered[moved.label] = self._ordered.get(moved.label, 0) + 1
        wanted = pairs(line.segment, (layout.ordered_pair,)) or moved.identified
        self.rows.orders.append((
            head.order_id,
            moved.label if nth == 1 else f"{moved.label}#{nth}",
            head.shipment_id,
            line.facts.party(*head.place),
            ITEMS.item_of(wanted),
            ordered,
            moved.quantity or None,
            self.happened(line),
            self.component(moved.uom),
            self._recorded_at,
            number,
        ))  # fmt: skip

    def question(self, line: Line, moved: _Moved, number: int) -> None:
        """Units whose condition is stated: on hold, damaged, sent back. What tells of a difference only is skipped."""
        if moved.code not in _CONDITIONS or not _is_some(moved.quantity):
            self.rows.skipped_count += 1
            return
        event_type, to_status = _CONDITIONS[moved.code]
        self.add(line, moved, number, event_type, to_status)


def _warehouse_lines(document: _Document, lines: list[Line]) -> None:
    """943, 944, 945 and 947; what a W13 says of a 944's line follows it."""
    layout = _LAYOUTS[document.kind]
    for ordinal, line in enumerate(lines, 1):
        segment = line.segment
        identified = pairs(segment, layout.pairs, layout.case_code)
        own_line = line.facts.reference("LI") or identified.get("PL", "")
        label = own_line or str(ordinal)
        lot = element(segment, layout.lot) if layout.lot else ""
        code = element(segment, layout.code) if layout.code else ""
        quantity, uom = element(segment, layout.quantity), element(segment, layout.uom)
        line_of = _Moved(label, quantity, uom, identified, lot, own_line, code=code)
        document.add(line, line_of, line.number)
        if layout.ordered and element(segment, layout.ordered):
            document.order(line, line_of, layout, line.number)
        for number, w13 in line.parts:
            quantity, uom, condition, own_lot = (element(w13, place) for place in range(1, 5))
            moved = _Moved(
                f"{label}/exception", quantity, uom, identified, own_lot or lot, own_line, code=condition
            )  # fmt: skip
            document.question(line, moved, number)


def _own_order(document: _Document, line: Line, identified: dict[str, str]) -> str | None:
    """The order that a line belongs to; a transfer keeps its own number."""
    is_ordered = document.head.event_type in _ORDERED
    return first(identified.get("PO"), line.facts.reference("PRF", "PO")) if is_ordered else None


def _receiving_lines(document: _Document, lines: list[Line]) -> None:
    """861: units accepted, returned and in question are rows of their own."""
    for ordinal, line in enumerate(lines, 1):
        rcd, lin = line.segment, line.part("LIN")
        identified = lin_pairs(lin)
        own_line = identified.get("PL") or element(lin, 1)
        label = own_line or element(rcd, 1) or str(ordinal)
        order = _own_order(document, line, identified)

        line_of = _Moved(label, element(rcd, 2), element(rcd, 3), identified, "", own_line, order)
        questions = [place for place in _QUESTIONS if element(rcd, place)]
        if line_of.quantity or not (element(rcd, 4) or questions):
            document.add(line, line_of, line.number)
        if _is_some(element(rcd, 4)):
            moved = _at(rcd, 4, line_of, "returned")
            document.add(line, moved, line.number, "return_dispositioned")
        for place in questions:
            moved = _at(rcd, place, line_of, "question", element(rcd, place + 2))
            document.question(line, moved, line.number)


def _at(rcd: Segment, place: int, line_of: _Moved, what: str, code: str = "") -> _Moved:
    """Another quantity of a line, with its unit."""
    quantity, uom = element(rcd, place), element(rcd, place + 1)
    return line_of._replace(label=f"{line_of.label}/{what}", quantity=quantity, uom=uom, code=code)


def _notice_lines(document: _Document, lines: list[Line]) -> None:
    """856: one row an item level."""
    for ordinal, line in enumerate(lines, 1):
        lin, sn1 = line.part("LIN"), line.part("SN1")
        identified = lin_pairs(lin)
        own_line = identified.get("PL") or element(lin, 1) or element(sn1, 1)
        order = _own_order(document, line, identified)
        quantity, uom = element(sn1, 2), element(sn1, 3)
        moved = _Moved(own_line or str(ordinal), quantity, uom, identified, "", own_line, order)
        document.add(line, moved, line.number)


def _count_lines(document: _Document, lines: list[Line]) -> None:
    """846: quantities on hand are counts; one that is a test, cancelled or only asked for is none."""
    for ordinal, line in enumerate(lines, 1):
        identified = lin_pairs(line.segment)
        label = element(line.segment, 1) or str(ordinal)
        for number, qty in line.parts:
            if element(qty, 1) != _ON_HAND or document.head.note:
                document.rows.skipped_count += 1
                continue
            document.rows.counts.append((
                document.row_id(label),
                line.facts.party(*document.head.place),
                line.facts.reference("WS"),
                ITEMS.item_of(identified),
                document.happened(line),
                element(qty, 2) or None,
                document.component(element(qty, 3)),
                number,
            ))  # fmt: skip


_MAPPINGS: dict[str, tuple[str, frozenset[str], Callable[[_Document, list[Line]], None]]] = {
    **{kind: (layout.start, frozenset({"W13"}), _warehouse_lines) for kind, layout in _LAYOUTS.items()},
    "861": ("RCD", frozenset({"LIN"}), _receiving_lines),
    "856": ("HL", frozenset({"LIN", "SN1"}), _notice_lines),
    "846": ("LIN", frozenset({"QTY"}), _count_lines),
}


def add_rows(transaction: Transaction, rows: Rows) -> None:
    """Adds what a transaction set says to `rows`; one that says nothing counts as skipped."""
    group, segments = transaction.group, transaction.segments
    before = rows.received_count()
    if group is not None and segments is not None:
        start, parts, add_lines = _MAPPINGS[transaction.kind]
        numbered = enumerate(segments, transaction.number + 1)
        facts, lines = tree_lines(numbered, parts) if start == "HL" else flat_lines(numbered, start, parts)
        head = head_of(transaction.kind, segments, facts, group)
        add_lines(_Document(transaction.kind, group, head, facts, rows), lines)
    if rows.received_count() == before:
        rows.skipped_count += 1


def portions(transactions: Iterator[Transaction], at_once: int) -> Iterator[Rows]:
    """What transaction sets say, in portions of about `at_once` rows."""
    rows = Rows()
    for transaction in transactions:
        add_rows(transaction, rows)
        if len(rows.events) + len(rows.counts) + len(rows.orders) >= at_once:
            yield rows
            rows = Rows()
    yield rows
