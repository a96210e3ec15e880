"""The simulator's event table: whole numbers only, one row an event, until text is rendered at the very end."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from data import DATA
from pipelines.simulator.draws import Ints

_REFERENCE = pl.read_csv(DATA / "reference" / "event_types.csv")
EVENT_TYPES: list[str] = _REFERENCE["event_type"].to_list()
TYPE: dict[str, int] = {name: code for code, name in enumerate(EVENT_TYPES)}
SIGN: Ints = np.array([{"in": 1, "out": -1, "none": 0}[d] for d in _REFERENCE["direction"]], dtype=np.int64)
IS_EXPECTED = np.array([str(flag).lower() == "true" for flag in _REFERENCE["is_posting_expected"]])

STATUSES: list[str] = pl.read_csv(DATA / "reference" / "statuses.csv")["status"].to_list()

# What each type does to the status of the stock it moves.
STATUS_CHANGE: dict[str, tuple[str | None, str | None]] = {
    "receipt_confirmed": (None, "available"),
    "putaway_completed": ("available", "available"),
    "transfer_approved": ("available", "allocated"),
    "transfer_shipped": ("allocated", "in_transit"),
    "transfer_received": ("in_transit", "available"),
    "inventory_reserved": ("available", "allocated"),
    "pick_released": ("allocated", "allocated"),
    "pick_confirmed": ("allocated", "allocated"),
    "shipment_confirmed": ("allocated", None),
    "return_received": (None, "returned"),
    "return_dispositioned": ("returned", "available"),
    "quality_hold_placed": ("available", "quality_hold"),
    "quality_hold_released": ("quality_hold", "available"),
}

# Documents: kind -> (prefix of its number, document_type).
DOCUMENTS: dict[str, tuple[str, str]] = {
    "receipt": ("PO", "po"),
    "transfer": ("TO", "transfer_order"),
    "order": ("SO", "sales_order"),
    "count": ("CC", "count_order"),
    "return": ("RM", "rma"),
    "adjustment": ("AD", "adjustment"),
}
DOCUMENT_KIND: dict[str, int] = {kind: code for code, kind in enumerate(DOCUMENTS)}

# What documents are called; that of an urgent transfer says so, but where a site speaks EPCIS: there the plain word is
# what tells its receipt from that of a purchase (data/reference/epcis_event_types.csv).
DOCUMENT_TYPES: list[str] = [*(kind for _, kind in DOCUMENTS.values()), "urgent_transfer_order"]
URGENT_TRANSFER = len(DOCUMENTS)

# Location codes below zero are docks; others are storage bins.
DOCK_IN, DOCK_OUT = -1, -2
NONE = -1

COLUMNS: dict[str, pl.DataType] = {
    "event_time": pl.Int64(),
    "event_type": pl.Int8(),
    "facility": pl.Int8(),
    "item": pl.Int32(),
    "quantity": pl.Int64(),
    "lot": pl.Int32(),
    "location": pl.Int32(),
    "to_status": pl.Int8(),
    "partner": pl.Int8(),
    "supplier": pl.Int16(),
    "document_kind": pl.Int8(),
    "document": pl.Int32(),
    "line": pl.Int32(),
}


@dataclass(frozen=True)
class Lines:
    """Document lines that a block of events is about; all arrays of one length.

    Attributes:
        lot: lot number, NONE where the item is not lot-tracked.
    """

    kind: str
    document: Ints
    line: Ints
    item: Ints
    quantity: Ints
    lot: Ints

    def __getitem__(self, chosen: np.ndarray) -> "Lines":
        """The chosen lines, by flag or position."""
        arrays = (getattr(self, name)[chosen] for name in ("document", "line", "item", "quantity", "lot"))
        return Lines(self.kind, *arrays)

    def __len__(self) -> int:
        return len(self.item)


def block(
    event_type: str,
    time: Ints,
    facility: int,
    lines: Lines,
    *,
    location: Ints | int,
    partner: int = NONE,
    supplier: Ints | int = NONE,
    to_status: Ints | int | None = None,
) -> pl.DataFrame:
    """One event of a type per document line.

    Args:
        event_type: canonical name.
        time: UTC seconds per line.
        facility: position of the facility in the scenario.
        lines: the document lines.
        location: storage bin, or DOCK_IN, DOCK_OUT.
        partner: position of the other end of a transfer.
        supplier: number of the supplier of a receipt.
        to_status: position in STATUSES; None: what the type usually does.
    """
    usual = STATUS_CHANGE.get(event_type, (None, None))[1]
    if to_status is None:
        to_status = STATUSES.index(usual) if usual else NONE
    values = {
        "event_time": time,
        "event_type": TYPE[event_type],
        "facility": facility,
        "item": lines.item,
        "quantity": lines.quantity,
        "lot": lines.lot,
        "location": location,
        "to_status": to_status,
        "partner": partner,
        "supplier": supplier,
        "document_kind": DOCUMENT_KIND[lines.kind],
        "document": lines.document,
        "line": lines.line,
    }
    full = {name: np.broadcast_to(np.asarray(value), (len(lines),)) for name, value in values.items()}
    return pl.DataFrame({name: pl.Series(array).cast(COLUMNS[name]) for name, array in full.items()}, schema=COLUMNS)
