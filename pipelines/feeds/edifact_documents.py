"""DESADV, RECADV and INVRPT as canonical rows.

Which element says what follows the UN/EDIFACT directories D.96A to D.01B and the EANCOM 1997 and 2002 guides of GS1.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pipelines.feeds.edi_times import Stated, instant, moment
from pipelines.feeds.edifact_lines import ITEMS, Facts, Line, LineReader, Quantity, numbered
from pipelines.feeds.edifact_text import Message

EVENT_COLUMNS = (
    "event_id", "event_type", "event_time", "facility_id", "item_id", "quantity", "uom", "recorded_at", "lot_id",
    "serial_id", "location_id", "to_status", "partner_facility_id", "supplier_id", "owner_id", "document_type",
    "document_id", "document_line", "correlation_id",
)  # fmt: skip
COUNT_COLUMNS = ("count_id", "facility_id", "location_id", "item_id", "counted_at", "counted_quantity", "uom")

Row = tuple[str | int | None, ...]

# Element 3035. A party that EANCOM leaves out because it is the buyer or supplier is taken to be that one.
_SHIPPERS = ("SF", "SH", "DEQ", "CZ", "PW", "WH", "SU")
_SHIPPED_FROM = ("SF", "SH", "DEQ", "CZ", "PW", "SU")
_RECEIVERS = ("DP", "ST", "CN", "BY")
_KEEPERS = ("WH", "GY")
_BUYER, _SUPPLIERS, _OWNER = "BY", ("SU", "SE"), "GO"
# Element 2005, most telling first: despatched, collected; received, delivered; as of, period end, report end, written.
_SHIPPED_AT, _RECEIVED_AT, _STOCK_AT = ("11", "200"), ("50", "35"), ("366", "206", "91", "137")
_MOVED_AT, _WRITTEN_AT = ("7", "11", "50", "35", "366"), ("137",)
# Element 1153.
_ORDER, _ADVICE, _DELIVERY_NOTE, _LINE, _BATCH, _SERIAL = "ON", "AAK", "DQ", "LI", "BT", "SE"
_BATCHES, _SERIALS = ("BX",), ("BN",)  # element 7405
_PREVIOUS = "ACW"
# Element 6063: shipped, shipped free of charge; what of a receipt is believed, in this order.
_SHIPPED_QUANTITIES, _RECEIVED_QUANTITIES = {"12": "", "192": "/free"}, ("194", "48", "46")
# What of a receipt was not accepted: units in question. Other variances tell of a difference, not of units.
_NOT_ACCEPTED = {
    "124": ("quality_hold_placed", "damaged"),
    "195": ("return_dispositioned", None),
    "196": ("quality_hold_placed", "damaged"),
}
_ON_HAND, _WITHDRAWN = frozenset({"145", "17"}), "199"
_OUT, _IN = "1", "2"  # element 4501
_ACCEPTED_STOCK, _BOOK_BALANCE = frozenset({"", "1"}), "1"  # elements 7491 and 4503
# Element 4499 -> what happened, by direction out and in; one without a reason has a name of its own, to be mapped.
_MOVEMENTS = {
    "1": ("", "receipt_confirmed"),
    "2": ("shipment_confirmed", ""),
    "3": ("inventory_adjusted", "inventory_adjusted"),
    "4": ("inventory_adjusted", "inventory_adjusted"),
    "6": ("inventory_adjusted", "inventory_adjusted"),
    "8": ("inventory_adjusted", "inventory_adjusted"),
    "10": ("inventory_adjusted", "inventory_adjusted"),
    "11": ("inventory_adjusted", ""),
}
_MOVEMENT_ADVICE = "78"  # element 1001
_CANCELLING, _REPLACING, _REQUESTING = frozenset({"1", "3"}), "5", "13"  # element 1225
ANNOUNCED, SHIPPED = "receipt_created", "shipment_confirmed"


@dataclass
class Rows:
    """What messages came to.

    Attributes:
        events, counts: rows in the order of EVENT_COLUMNS and COUNT_COLUMNS, then the ordinal of the segment.
        skipped_count: quantities, and messages without any, that make no row.
    """

    events: list[Row] = field(default_factory=list)
    counts: list[Row] = field(default_factory=list)
    skipped_count: int = 0


def _is_some(amount: str) -> bool:
    """Whether an amount is stated and not zero."""
    return bool(amount.strip("+-0."))


@dataclass(frozen=True)
class _Kind:
    """What is the same for all events of a message: its event type, its places and its dates."""

    event_type: str
    place: tuple[str, ...]
    partner: tuple[str, ...]
    dates: tuple[str, ...]
    supplier: tuple[str, ...] = ()


class _Document:
    """One message on its way to rows."""

    def __init__(self, message: Message, reader: LineReader, rows: Rows) -> None:
        self.kind, self.rows, self.code = message.kind, rows, reader.code
        self._interchange, self._heading, self._number = message.interchange, reader.heading, reader.own_number
        sent = Stated(self._interchange.date, self._interchange.time)
        made = next((stated for stated in self._heading.stated(*_WRITTEN_AT) if stated.time), sent)
        self._written, self._recorded_at = made, instant(made)
        self.note = self._note_of(reader.function)
        self._labels: dict[str, int] = {}

    def _note_of(self, function: str) -> str:
        """'' or what sets the message apart from a fact."""
        if self._interchange.is_test:
            return " (test)"
        if function in _CANCELLING:
            return " (cancelled)"
        is_another = self._heading.reference(_PREVIOUS) not in (None, self._number)
        if function == _REPLACING and is_another:
            return " (replacement)"
        return " (request)" if function == _REQUESTING else ""

    def is_own_transfer(self) -> bool:
        """Whether buyer and supplier are one: goods that change their place and not their owner."""
        buyer = self._heading.party(_BUYER)
        return buyer is not None and buyer == self._heading.party(*_SUPPLIERS)

    def row_id(self, label: str) -> str | None:
        """The id of a row: the document's number and the line, told apart where a line number repeats."""
        if not self._number:
            return None
        nth = self._labels[label] = self._labels.get(label, 0) + 1
        base = f"{self.kind}/{self._interchange.sender}/{self._number}/{label}"
        return base if nth == 1 else f"{base}#{nth}"

    def happened(self, facts: Facts, kinds: tuple[str, ...]) -> str | None:
        """When something happened, as its own dates or those above say."""
        return moment(facts.stated(*kinds), self._written)

    def _documents(self, facts: Facts) -> tuple[str | None, str | None]:
        """The business document, and the number that ties messages of one delivery together."""
        order, advice = facts.reference(_ORDER), facts.reference(_ADVICE)
        if self.kind == "RECADV":
            return order or advice or facts.reference(_DELIVERY_NOTE) or self._number or None, advice or self._number
        return order or self._number or None, self._number

    def add(
        self, line: Line, quantity: Quantity, label: str, kind: _Kind, *,
        code: str = "", to_status: str | None = None, amount: str = "", uom: str = "",
    ) -> None:  # fmt: skip
        """One event.

        Args:
            line, quantity: what it is said of.
            label: the line in the row's id.
            kind: of the message.
            code: why, or in which condition; it stands beside the document type.
            to_status: the status that the units now have.
            amount, uom: where they are not those of the quantity.
        """
        facts = quantity.facts
        document_id, correlation_id = self._documents(facts)
        identified = line.identified
        self.rows.events.append((
            self.row_id(label),
            kind.event_type + self.note,
            self.happened(facts, kind.dates),
            facts.place() or facts.party(*kind.place) if self.kind == "INVRPT" else facts.party(*kind.place),
            ITEMS.item_of(identified),
            amount or quantity.amount or None,
            uom or quantity.uom or None,
            self._recorded_at,
            facts.number(*_BATCHES) or identified.get("NB") or facts.reference(_BATCH),
            facts.number(*_SERIALS) or identified.get("SN") or facts.reference(_SERIAL),
            facts.bin(),
            to_status,
            facts.party(*kind.partner),
            facts.party(*kind.supplier),
            facts.party(_OWNER),
            f"{self.kind}/{code}" if code else self.kind,
            document_id,
            facts.reference_line(_ORDER) or facts.reference(_LINE) or line.label or None,
            correlation_id or None,
            quantity.number,
        ))  # fmt: skip

    def count(self, line: Line, quantity: Quantity, label: str) -> None:
        """One count of stock on hand."""
        facts = quantity.facts
        self.rows.counts.append((
            self.row_id(label),
            facts.place() or facts.party(*_KEEPERS),
            facts.bin(),
            ITEMS.item_of(line.identified),
            self.happened(facts, _STOCK_AT),
            quantity.amount or None,
            quantity.uom or None,
            quantity.number,
        ))  # fmt: skip


def _usable(line: Line, kinds: tuple[str, ...]) -> list[Quantity]:
    """The quantities of these kinds: what the line itself states, else its parts; of sub-lines none."""
    found = [q for q in line.quantities if q.kind in kinds and not q.is_variance and not line.is_sub_line]
    return [q for q in found if not q.is_part] or found


def _shipped(document: _Document, lines: list[Line], feed_types: dict[str, str]) -> None:
    """DESADV: what left the shipper; where the feed says that its shipments are announcements, what will come."""
    is_transfer = document.is_own_transfer()
    event_type = "transfer_shipped" if is_transfer else SHIPPED
    kind = _Kind(event_type, _SHIPPERS, _RECEIVERS, _SHIPPED_AT)
    if not is_transfer and feed_types.get(SHIPPED) == ANNOUNCED:
        kind = _Kind(SHIPPED, _RECEIVERS, _SHIPPED_FROM, _WRITTEN_AT, _SUPPLIERS)
    for label, line in numbered(lines):
        used = _usable(line, tuple(_SHIPPED_QUANTITIES))
        for quantity in used:
            document.add(line, quantity, label + _SHIPPED_QUANTITIES[quantity.kind], kind)
        document.rows.skipped_count += len(line.quantities) - len(used)


def _received(document: _Document, lines: list[Line], _: dict[str, str]) -> None:
    """RECADV: what was accepted, and what was not."""
    event_type = "transfer_received" if document.is_own_transfer() else "receipt_confirmed"
    kind = _Kind(event_type, _RECEIVERS, _SHIPPED_FROM, _RECEIVED_AT, _SUPPLIERS)
    for label, line in numbered(lines):
        used = next((found for k in _RECEIVED_QUANTITIES if (found := _usable(line, (k,)))), [])
        for quantity in used:
            document.add(line, quantity, label, kind)
        unit = used[0].uom if used else ""
        in_question = _in_question(line)
        for quantity in in_question:
            name, to_status = _NOT_ACCEPTED[quantity.kind]
            held = _Kind(name, kind.place, kind.partner, kind.dates, kind.supplier)
            code = "/".join(part for part in (quantity.kind, quantity.reason) if part)
            amount, uom = quantity.amount.lstrip("-"), quantity.uom or unit
            document.add(
                line, quantity, f"{label}/{quantity.kind}", held,
                code=code, to_status=to_status, amount=amount, uom=uom,
            )  # fmt: skip
        document.rows.skipped_count += len(line.quantities) - len(used) - len(in_question)


def _in_question(line: Line) -> list[Quantity]:
    """Units that were not accepted; a QVR says the same as a QTY of its kind, and a part the same as the line."""
    if line.is_sub_line:
        return []
    found: list[Quantity] = []
    for kind in _NOT_ACCEPTED:
        stated = [q for q in line.quantities if q.kind == kind and _is_some(q.amount)]
        whole = [q for q in stated if not q.is_part] or stated
        found += [q for q in whole if not q.is_variance] or whole
    return sorted(found, key=lambda quantity: quantity.number)


def _reported(document: _Document, lines: list[Line], _: dict[str, str]) -> None:
    """INVRPT: stock on hand is a count, a movement is an event."""
    for label, line in numbered(lines):
        stock = [q for q in line.quantities if not _direction(document, q)]
        counted = [] if document.note or line.is_sub_line else _counted(stock)
        moved = [] if line.is_sub_line else [q for q in line.quantities if _direction(document, q)]
        for quantity in counted:
            document.count(line, quantity, label)
        for quantity in moved:
            _add_movement(document, line, quantity, label)
        document.rows.skipped_count += len(line.quantities) - len(counted) - len(moved)


def _direction(document: _Document, quantity: Quantity) -> str:
    """Out or in, where a quantity was moved; '' where it lies there."""
    stated = quantity.facts.inventory("direction")
    if quantity.kind in _ON_HAND and document.code != _MOVEMENT_ADVICE:
        return ""
    return stated if stated in (_OUT, _IN) else _OUT if quantity.kind == _WITHDRAWN else ""


def _counted(stock: list[Quantity]) -> list[Quantity]:
    """The quantities on hand; those of packages and lots only where nothing states the whole for their place."""
    on_hand = [
        q
        for q in stock
        if q.kind in _ON_HAND
        and q.facts.inventory("stock") in _ACCEPTED_STOCK
        and q.facts.inventory("method") != _BOOK_BALANCE
    ]
    whole = {(q.kind, q.facts.place(), q.facts.bin()) for q in on_hand if not q.facts.is_detailed()}
    return [
        q for q in on_hand if not q.facts.is_detailed() or (q.kind, q.facts.place(), q.facts.bin()) not in whole
    ]  # fmt: skip


def _add_movement(document: _Document, line: Line, quantity: Quantity, label: str) -> None:
    """A movement by its reason; one whose reason says nothing of an event is `movement out` or `movement in`."""
    direction, reason = _direction(document, quantity), quantity.facts.inventory("reason")
    is_out = direction == _OUT
    known = _MOVEMENTS.get(reason, ("", ""))[0 if is_out else 1]
    event_type = known or ("movement out" if is_out else "movement in")
    kind = _Kind(event_type, _KEEPERS, (), _MOVED_AT, _SUPPLIERS if event_type == "receipt_confirmed" else ())
    amount = quantity.amount
    if is_out and event_type == "inventory_adjusted" and _is_some(amount) and not amount.startswith("-"):
        amount = f"-{amount}"
    code = "/".join(part for part in (quantity.kind, reason) if part)
    document.add(line, quantity, f"{label}/{'out' if is_out else 'in'}", kind, code=code, amount=amount)


_MAPPINGS: dict[str, Callable[[_Document, list[Line], dict[str, str]], None]] = {
    "DESADV": _shipped,
    "RECADV": _received,
    "INVRPT": _reported,
}
KINDS = frozenset(_MAPPINGS)


def add_rows(message: Message, rows: Rows, feed_types: dict[str, str]) -> None:
    """Adds what a message says to `rows`; one that says nothing counts as skipped.

    Args:
        message: the message.
        rows: what came before.
        feed_types: the feed's own words for event types.
    """
    before = len(rows.events) + len(rows.counts) + rows.skipped_count
    if message.segments is not None:
        reader = LineReader(has_groups=message.kind == "INVRPT")
        for number, segment in message.segments:
            reader.take(number, segment)
        _MAPPINGS[message.kind](_Document(message, reader, rows), reader.lines, feed_types)
    if len(rows.events) + len(rows.counts) + rows.skipped_count == before:
        rows.skipped_count += 1


def portions(messages: Iterator[Message], at_once: int, feed_types: dict[str, str]) -> Iterator[Rows]:
    """What messages say, in portions of about `at_once` rows."""
    rows = Rows()
    for message in messages:
        add_rows(message, rows, feed_types)
        if len(rows.events) + len(rows.counts) >= at_once:
            yield rows
            rows = Rows()
    yield rows
