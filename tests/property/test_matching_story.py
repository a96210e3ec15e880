"""What a ledger may do to events, told in files and read from what is published."""

from pathlib import Path
from typing import Any

from tests.property.support import Row, published, stamp

EVENT_COLUMNS = (
    "event_id",
    "event_type",
    "event_time",
    "facility_id",
    "item_id",
    "quantity",
    "document_id",
    "document_line",
)
POSTING_COLUMNS = (
    "posting_id", "posted_at", "facility_id", "item_id", "quantity", "event_id", "document_id", "document_line",
    "reverses_posting_id",
)  # fmt: skip


def event(name: str, quantity: int, document: str = "", line: str = "") -> Row:
    return dict(
        zip(
            EVENT_COLUMNS, (name, "receipt_confirmed", stamp(0), "NDC", "A", str(quantity), document, line), strict=True
        )
    )


def posting(name: str, minute: int, quantity: int, event_id: str = "", document: str = "", reverses: str = "") -> Row:
    values = (name, stamp(minute), "NDC", "A", str(quantity), event_id, document, "", reverses)
    return dict(zip(POSTING_COLUMNS, values, strict=True))


EVENTS = [
    event("split", 10), event("partial", 10), event("less", 10), event("remade", 5), event("undone", 5), event("twice", 5),
    event("batch-1", 6, "PO1", "1"), event("batch-2", 4, "PO1", "2"),
    event("lineless", 5, "PO2", "1"), event("itself", 4, "PO3", "3"),
    event("keyed", 96, "PO4"), event("named", 9), event("gone", 5),
    event("rest-1", 5, "PO3", "1"), event("rest-2", 7, "PO3", "2"),
]  # fmt: skip
POSTINGS = [
    posting("S1", 10, 6, "split"), posting("S2", 30, 4, "split"),
    posting("T1", 10, 6, "partial"), posting("T2", 30, 3, "partial"),
    posting("L1", 10, 8, "less"),
    posting("R1", 10, 5, "remade"), posting("R2", 20, -5, "remade", reverses="R1"), posting("R3", 40, 5, "remade"),
    posting("U1", 10, 5, "undone"), posting("U2", 20, -5, reverses="U1"),
    posting("D1", 10, 5, "twice"), posting("D2", 20, 5, "twice"),
    posting("B1", 60, 10, document="PO1"),
    posting("O1", 10, 5, document="PO2"), posting("O2", 10, 12, document="PO3"), posting("O3", 10, 4, document="PO3"),
    posting("K1", 10, 100, document="PO4"), posting("K2", 90, -4, reverses="K1"),
    posting("N1", 10, 12, "named"), posting("N2", 90, -3, reverses="N1"),
    posting("G1", 10, 5, "gone"), posting("G2", 20, -3, reverses="G1"), posting("G3", 30, -2, reverses="G1"),
    posting("V1", 70, -3, reverses="nobody knows it"),
]  # fmt: skip


def story(root: Path, as_of_minute: int = 600) -> dict[str, Any]:
    return published(root, {"inventory_event": [EVENTS], "erp_posting": [POSTINGS]}, stamp(as_of_minute))


def test_what_is_split_summed_reversed_doubled_or_short_is_told_as_it_is(tmp_path: Path):
    marts = story(tmp_path / "ws")
    named = {name for row in marts["event_latency"] for name in row if isinstance(name, str)}
    # Completed by S2, summed up by B1 and O2 (5 + 7), made anew by R3; T2 completes nothing, and R1 and U1 were taken back.
    # O1 and O3 name no line, but what is on the line of one event.
    # K2 leaves 96 of K1's 100 and N2 9 of N1's 12; G2 and G3 leave nothing of G1.
    assert {"S2", "B1", "R3", "L1", "D1", "O1", "O2", "O3", "K2", "N2"} <= named
    assert not {"S1", "T1", "T2", "R1", "R2", "U1", "U2", "D2", "V1", "K1", "N1", "G1", "G2", "G3"} & named
    assert {tuple(row[:2]) for row in marts["posting_leftovers"]} == {
        ("partial", "partial"), ("quantity_mismatch", "less"), ("double", "D2"), ("without_event", "V1"),
    }  # fmt: skip
    rules = {"missing_posting", "orphan_posting", "duplicate_posting", "quantity_mismatch"}
    assert {row[1:4:2] for row in marts["exceptions"] if row[1] in rules} == {
        ("missing_posting", "partial"), ("missing_posting", "undone"), ("missing_posting", "gone"), ("orphan_posting", "V1"),
        ("duplicate_posting", "D2"), ("quantity_mismatch", "less"),
    }  # fmt: skip


def test_a_reversal_after_the_evaluation_instant_has_not_happened_yet(tmp_path: Path):
    named = {name for row in story(tmp_path / "ws", 15)["event_latency"] for name in row if isinstance(name, str)}
    assert {"R1", "U1"} <= named
