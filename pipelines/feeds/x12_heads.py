"""What the heading of an X12 warehouse document says of all its lines.

Elements by ASC X12 releases 004010 to 007060: W06 (943, 945), W17 (944), W15 (947), BRA (861), BSN (856), BIA (846).
"""

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.feeds.edi_times import Stated
from pipelines.feeds.x12_lines import Facts
from pipelines.feeds.x12_text import Group, Segment, element


@dataclass(frozen=True)
class Head:
    """What a document's heading says of all its lines.

    Attributes:
        numbers: the document's own numbers, which identify it in every delivery; none: its rows have no id.
        document_id: the business document that the ERP knows it by.
        correlation_id: the number of the shipment, receipt or adjustment.
        event_type: what happened; '' for counts.
        note: '' or what sets it apart from a fact: ' (test)', ' (cancelled)', ' (simulation)', ' (request)'.
        dates: when it happened, most telling first.
        date_kinds: qualifiers of line dates that say the same.
        place, partner, supplier: party kinds (element 98) in order of preference.
        order_id, shipment_id: of what is shipped to order: the order, and what tells its shipments apart.
        sign: -1 where the document reports a shortage by a positive number.
    """

    numbers: tuple[str, ...]
    document_id: str | None
    correlation_id: str | None
    event_type: str
    note: str
    dates: tuple[Stated, ...]
    date_kinds: tuple[str, ...]
    place: tuple[str, ...]
    partner: tuple[str, ...] = ()
    supplier: tuple[str, ...] = ()
    order_id: str | None = None
    shipment_id: str | None = None
    sign: int = 1


_CANCELLING = frozenset({"01", "03"})  # element 353: cancellation, delete
_REQUEST = "13"
_DELETING = frozenset({"3", "C"})  # element 306: delete, cancelled
_INTERPLANT, _TO_CUSTOMER = "44", "42"  # element 640, in later releases only
_TRANSFER_NUMBER = "TF"  # element 128
_SHIPPED_FROM, _SHIPPED_TO, _RECEIVED_AT = ("SF", "SH"), ("ST", "WH", "CN"), ("ST", "WH")
_KEPT_AT = ("WH", "SF", "ST")
_SUPPLIER = ("SU", "VN", "SE")
# Element 432: shipped on this date; effective date; date unloaded, delivered on this date.
_SHIPPED, _EFFECTIVE, _UNLOADED = ("11",), ("07",), ("19", "35")
# Element 374: shipped; effective; received, delivered.
_DTM_SHIPPED, _DTM_EFFECTIVE, _DTM_RECEIVED = ("011",), ("007",), ("050", "035")
# Element 514 in W1701, where it says more than how full the detail is.
_RECEIPTS = {
    "A": "inventory_adjusted",
    "B": "transfer_received",
    "C": "return_received",
    "O": "inventory_adjusted",
    "S": "inventory_adjusted",
}
_BOOK_TRANSFER, _SHORTAGE, _SIMULATION = "B", "S", "K"


def _note(group: Group, purpose: str = "", action: str = "", reporting: str = "") -> str:
    if group.is_test:
        return " (test)"
    if purpose in _CANCELLING or action in _DELETING:
        return " (cancelled)"
    return " (simulation)" if reporting == _SIMULATION else ""


def _given(*numbers: str) -> tuple[str, ...]:
    return tuple(number for number in numbers if number)


def first(*values: str | None) -> str | None:
    """The first value that is not empty."""
    return next((value for value in values if value), None)


def _transfer_shipped(w06: Segment, facts: Facts, group: Group) -> Head:
    return _shipped(w06, facts, group, "transfer_shipped", _SHIPPED_FROM)


def _shipment(w06: Segment, facts: Facts, group: Group) -> Head:
    is_transfer = facts.reference(_TRANSFER_NUMBER) or element(w06, 1) == _BOOK_TRANSFER
    is_transfer = is_transfer or element(w06, 11) == _INTERPLANT
    return _shipped(w06, facts, group, "transfer_shipped" if is_transfer else "shipment_confirmed", ("WH", "SF"))


def _shipped(w06: Segment, facts: Facts, group: Group, event_type: str, place: tuple[str, ...]) -> Head:
    """Head of a 943 or 945; an order that ships in parts is told apart by the shipment's number, else its date."""
    order, shipment = element(w06, 2), element(w06, 4)
    to_other_end = tuple(kind for kind in _SHIPPED_TO if kind not in place)
    return Head(
        numbers=_given(order, shipment or element(w06, 3)) if order or shipment else (),
        document_id=first(facts.reference(_TRANSFER_NUMBER), order, shipment),
        correlation_id=first(shipment, element(w06, 5)),
        event_type=event_type,
        note=_note(group, action=element(w06, 12), reporting=element(w06, 1)),
        dates=(*facts.stated(*_SHIPPED), Stated(element(w06, 3))),
        date_kinds=_SHIPPED,
        place=place,
        partner=to_other_end if event_type == "transfer_shipped" else (),
        order_id=order or None,
        shipment_id=first(shipment, element(w06, 3)),
    )


def _receipt(w17: Segment, facts: Facts, group: Group) -> Head:
    reporting, receipt, order, shipment = (element(w17, place) for place in (1, 3, 4, 5))
    transfer = facts.reference(_TRANSFER_NUMBER)
    event_type = _RECEIPTS.get(reporting, "transfer_received" if transfer else "receipt_confirmed")
    return Head(
        numbers=_given(receipt or shipment, order) if receipt or shipment else (),
        document_id=first(transfer, order, shipment, receipt),
        correlation_id=first(shipment, receipt),
        event_type=event_type,
        note=_note(group, reporting=reporting),
        dates=(Stated(element(w17, 2), element(w17, 7)), *facts.stated(*_UNLOADED)),
        date_kinds=_UNLOADED,
        place=("WH", "ST"),
        partner=_SHIPPED_FROM if event_type == "transfer_received" else (),
        supplier=_SUPPLIER if event_type == "receipt_confirmed" else (),
        sign=-1 if reporting == _SHORTAGE else 1,
    )


def _adjustment(w15: Segment, facts: Facts, group: Group) -> Head:
    own, depositors = element(w15, 2), element(w15, 3)
    return Head(
        numbers=_given(own, depositors),
        document_id=first(depositors, own),
        correlation_id=own or None,
        event_type="inventory_adjusted",
        note=_note(group, purpose=element(w15, 4), action=element(w15, 6)),
        dates=(*facts.stated(*_EFFECTIVE), Stated(element(w15, 1))),
        date_kinds=_EFFECTIVE,
        place=_KEPT_AT,
    )


def _receiving_advice(bra: Segment, facts: Facts, group: Group) -> Head:
    """BRA02 and BRA05 say when the advice was made, not when the goods came: they are no event time."""
    number, transfer = element(bra, 1), facts.reference(_TRANSFER_NUMBER)
    return Head(
        numbers=_given(number),
        document_id=first(transfer, number),
        correlation_id=number or None,
        event_type="transfer_received" if transfer else "receipt_confirmed",
        note=_note(group, purpose=element(bra, 3), action=element(bra, 7)),
        dates=facts.stated(*_DTM_RECEIVED),
        date_kinds=_DTM_RECEIVED,
        place=_RECEIVED_AT,
        partner=_SHIPPED_FROM if transfer else (),
        supplier=() if transfer else (*_SUPPLIER, "SF"),
    )


def _ship_notice(bsn: Segment, facts: Facts, group: Group) -> Head:
    """A notice announces goods to the receiver, unless it says that it is the shipper's own movement."""
    number, kind, transfer = element(bsn, 2), element(bsn, 6), facts.reference(_TRANSFER_NUMBER)
    is_transfer = kind == _INTERPLANT or transfer is not None
    is_shipment = is_transfer or kind == _TO_CUSTOMER
    event_type = "transfer_shipped" if is_transfer else "shipment_confirmed" if is_shipment else "receipt_created"
    made = Stated(element(bsn, 3), element(bsn, 4))
    return Head(
        numbers=_given(number),
        document_id=first(transfer, number),
        correlation_id=number or None,
        event_type=event_type,
        note=_note(group, purpose=element(bsn, 1)),
        dates=facts.stated(*_DTM_SHIPPED) if is_shipment else (made,),
        date_kinds=_DTM_SHIPPED if is_shipment else (),
        place=_SHIPPED_FROM if is_shipment else _RECEIVED_AT,
        partner=_SHIPPED_TO if is_transfer else (),
        supplier=() if is_shipment else (*_SUPPLIER, "SF"),
    )


def _stock(bia: Segment, facts: Facts, group: Group) -> Head:
    purpose = element(bia, 1)
    return Head(
        numbers=_given(element(bia, 3)),
        document_id=element(bia, 3) or None,
        correlation_id=None,
        event_type="",
        note=" (request)" if purpose == _REQUEST else _note(group, purpose=purpose),
        dates=(*facts.stated(*_DTM_EFFECTIVE), Stated(element(bia, 4), element(bia, 5))),
        date_kinds=_DTM_EFFECTIVE,
        place=_KEPT_AT,
    )


# Transaction set -> its beginning segment, and how that is read.
_HEADS: dict[str, tuple[str, Callable[[Segment, Facts, Group], Head]]] = {
    "943": ("W06", _transfer_shipped),
    "944": ("W17", _receipt),
    "945": ("W06", _shipment),
    "947": ("W15", _adjustment),
    "861": ("BRA", _receiving_advice),
    "856": ("BSN", _ship_notice),
    "846": ("BIA", _stock),
}
KINDS = frozenset(_HEADS)


def head_of(kind: str, segments: list[Segment], facts: Facts, group: Group) -> Head:
    """The head of a document of one of KINDS; without its beginning segment it has no numbers."""
    begin, read = _HEADS[kind]
    return read(next((segment for segment in segments if segment[0] == begin), [begin]), facts, group)
