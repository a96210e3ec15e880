"""EDIFACT messages become the rows that their segment tables say, worked out by hand.

No foreign sample is at hand: the fixtures follow the segment tables of UN/EDIFACT D.96A (DESADV, RECADV, INVRPT) and D.01B
(INVRPT, where INV stands before its QTY), and the EANCOM 1997 and 2002 guides of GS1 for the codes that trade uses.
The document's own segments begin with number 3: UNB 1, UNH 2.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.edifact import Landed, document, interchange, message
from tests.x12 import file, text

WRITTEN = "2026-01-05T23:00:00"  # UNB of every test file, where not told
SHIPPER, RECEIVER = "5412345000013", "5410738100005"
PARTIES = (f"NAD+BY+{RECEIVER}::9", f"NAD+SU+{SHIPPER}::9")


@pytest.fixture
def landed(tmp_path: Path) -> Callable[..., Landed]:
    """What the adapter makes of a file with one message: its kind, its segments; `feed` is what the feed says."""

    def land(kind: str, *segments: str, feed: dict[str, Any] | None = None, **envelope: Any) -> Landed:
        return Landed(file(tmp_path, document(kind, *segments, **envelope)), **(feed or {}))

    return land


DESPATCH = (
    "BGM+351+DA1+9",
    "DTM+137:202601051200:203",
    "DTM+11:202601050830:203",
    "RFF+ON:PO1",
    "DTM+171:20251224:102",  # of the order
    *PARTIES,
    "RFF+VA:BE1",
    "NAD+SH+5412345000099::9",
    "NAD+DP+5410738100099::9",
    "TDT+20++30",
    "DTM+11:20260101:102",  # of the transport
    "CPS+1",
    "PAC+1++201",
    "PCI+33E",
    "GIN+BJ+354123450000001011",
    "LIN+1++4000862141404:EN",
    "PIA+1+SKU-1:SA",
    "QTY+12:10:PCE",
    "QTY+21:12:PCE",
    "RFF+ON:PO2:30",
    "LIN+2",
    "PIA+5+SKU-2:SA+LOT9:NB",
    "QTY+12:2,5:KGM",
    "QTY+192:1:KGM",
    "CNT+2:2",
)


def test_a_despatch_advice_is_what_left_the_shipper(landed):
    found = landed("DESADV", *DESPATCH)
    shared = {
        "event_type": "shipment_confirmed",
        "event_time": "2026-01-05T08:30:00",
        "recorded_at": "2026-01-05T12:00:00",
        "facility_id": "5412345000099",
        "partner_facility_id": "5410738100099",
        "document_type": "DESADV",
        "correlation_id": "DA1",
        "file": "a.edi",
    }
    second = {"item_id": "SKU-2", "lot_id": "LOT9", "uom": "KGM", "document_id": "PO1", "document_line": "2"}
    # BGM 3, DTM 4, 5, RFF 6, DTM 7, NAD 8, 9, RFF 10, NAD 11, 12, TDT 13, DTM 14, CPS 15, PAC, PCI, GIN 18, LIN 19, PIA,
    # QTY 21, 22, RFF 23, LIN 24, PIA 25, QTY 26, 27. The ordered quantity says nothing of what left.
    assert found.events == [
        shared | {"event_id": "DESADV/THREEPL/DA1/1", "item_id": "04000862141404", "quantity": "10", "uom": "PCE",
                  "document_id": "PO2", "document_line": "30", "row_number": 21},
        shared | second | {"event_id": "DESADV/THREEPL/DA1/2", "quantity": "2.5", "row_number": 26},
        shared | second | {"event_id": "DESADV/THREEPL/DA1/2/free", "quantity": "1", "row_number": 27},
    ]  # fmt: skip
    assert (found.counts, found.received) == ([], {"a.edi": 4})


def despatch(landed, *more, feed=None, **envelope):
    head = ("BGM+351+DA1+9", "DTM+137:202601051200:203", "DTM+11:202601050830:203")
    return landed(
        "DESADV", *head, *more, "CPS+1", "LIN+1++4000862141404:EN", "QTY+12:10:PCE", feed=feed, **envelope
    ).events  # fmt: skip


def test_a_despatch_whose_buyer_is_its_supplier_is_a_transfer(landed):
    own = (f"NAD+BY+{SHIPPER}::9", f"NAD+SU+{SHIPPER}::9", "NAD+DP+5410738100099::9")
    [row] = despatch(landed, *own)
    assert (row["event_type"], row["facility_id"], row["partner_facility_id"]) == (
        "transfer_shipped", SHIPPER, "5410738100099"
    )  # fmt: skip


def test_a_feed_of_suppliers_despatches_announces_what_will_come(landed):
    feed = {"event_types": {"shipment_confirmed": "receipt_created"}}
    [row] = despatch(landed, *PARTIES, feed=feed)
    # The adapter's word stays: landing translates it by the feed's own.
    assert (row["event_type"], row["facility_id"], row["supplier_id"]) == ("shipment_confirmed", RECEIVER, SHIPPER)
    assert row["event_time"] == row["recorded_at"] == "2026-01-05T12:00:00"
    [row] = despatch(landed, *PARTIES)
    assert (row["facility_id"], row.get("supplier_id"), row["event_time"]) == (SHIPPER, None, "2026-01-05T08:30:00")


def test_parts_of_a_line_count_only_where_the_line_states_no_whole(landed):
    head = ("BGM+351+DA1+9", "DTM+11:202601050830:203", "CPS+1")
    found = landed("DESADV", *head,
                   "LIN+1++A:SA", "QTY+12:10:PCE", "PCI+33E", "QTY+12:4:PCE", "GIN+BX+L1", "PCI+33E", "QTY+12:6:PCE",
                   "LIN+2++B:SA", "PCI+33E", "QTY+12:4:PCE", "PCI+33E", "QTY+12:6:PCE",
                   "LIN+3++C:SA", "QTY+12:7:PCE", "LOC+7+5410738100099::9", "QTY+11:7:PCE")  # fmt: skip
    assert [(r["item_id"], r["quantity"], r.get("lot_id")) for r in found.events] == [
        ("A", "10", "L1"), ("B", "4", None), ("B", "6", None), ("C", "7", None),
    ]  # fmt: skip
    assert [r["event_id"] for r in found.events[1:3]] == ["DESADV/THREEPL/DA1/2", "DESADV/THREEPL/DA1/2#2"]
    assert found.received == {"a.edi": 7}


def test_a_sub_line_is_what_another_line_is_made_of(landed):
    found = landed("DESADV", "BGM+351+DA1+9", "DTM+11:202601050830:203", "CPS+1",
                   "LIN+1++DISPLAY:SA", "QTY+12:1:PCE", "LIN+2++PART:SA+1:1", "QTY+12:48:PCE")  # fmt: skip
    assert [(r["item_id"], r["quantity"]) for r in found.events] == [("DISPLAY", "1")]
    assert found.received == {"a.edi": 2}


@pytest.mark.parametrize(("segments", "lot", "serial"), [
    (["GIN+BX+L7"], "L7", None),
    (["GIN+BX+L7:L9"], None, None),  # a range is no lot
    (["GIN+BX+L7+L8"], None, None),
    (["GIN+BX+L7", "GIN+BX+L7"], "L7", None),
    (["RFF+BT:L5", "GIN+BN+S1"], "L5", "S1"),
    (["GIN+BN+S1+S2"], None, None),
])  # fmt: skip
def test_lots_and_serial_numbers_hold_where_one_is_stated(landed, segments, lot, serial):
    [row] = landed("DESADV", "BGM+351+DA1+9", "CPS+1", "LIN+1++A:SA", "QTY+12:1", *segments).events
    assert (row.get("lot_id"), row.get("serial_id")) == (lot, serial)


@pytest.mark.parametrize(("lin", "pia", "item"), [
    ("LIN+1++4000862141404:EN", "PIA+1+X:SA", "04000862141404"),
    ("LIN+1++4000862141404:SRV", "PIA+5+X:SA", "04000862141404"),
    ("LIN+1++614141000012:UP", "PIA+1+X:IN", "00614141000012"),
    ("LIN+1++73513537:EN", "PIA+1+X:IN", "00000073513537"),
    ("LIN+1", "PIA+1+B1:BP+S1:SA", "S1"),
    ("LIN+1", "PIA+1+B1:BP+I1:IN", "I1"),
    ("LIN+1++OWN:ZZZ", "PIA+2+SUB:SA", "OWN"),  # PIA 2: a possible substitute
    ("LIN+1++OWN", "PIA+1+L1:NB", "OWN"),
    ("LIN+1", "PIA+1+L1:NB", None),
])  # fmt: skip
def test_an_item_is_the_one_that_its_numbers_name(landed, lin, pia, item):
    [row] = landed("DESADV", "BGM+351+DA1+9", "CPS+1", lin, pia, "QTY+12:1").events
    assert row.get("item_id") == item


def test_a_receiving_advice_tells_accepted_and_rejected_units_apart(landed):
    """After the second example of the EANCOM 2002 guide: 100 delivered, 95 accepted, 5 damaged and to be destroyed."""
    found = landed(
        "RECADV",
        "BGM+352+REC1+9",
        "DTM+137:202601052200:203",
        "DTM+50:202601051640:203",
        "RFF+ON:PO1",
        "RFF+AAK:DA1",
        *PARTIES,
        "CPS+1",
        "LIN+1++4000862141404:EN",
        "QTY+48:100:PCE",
        "QTY+194:95:PCE",
        "QVR+-5:196++DME",
        "QVR+-2:21+BP",
    )
    shared = {
        "event_time": "2026-01-05T16:40:00", "recorded_at": "2026-01-05T22:00:00", "facility_id": RECEIVER,
        "partner_facility_id": SHIPPER, "supplier_id": SHIPPER, "item_id": "04000862141404", "uom": "PCE",
        "document_id": "PO1", "document_line": "1", "correlation_id": "DA1", "file": "a.edi",
    }  # fmt: skip
    # BGM 3, DTM 4, 5, RFF 6, 7, NAD 8, 9, CPS 10, LIN 11, QTY 12, 13, QVR 14, 15.
    assert found.events == [
        shared | {"event_id": "RECADV/THREEPL/REC1/1", "event_type": "receipt_confirmed", "quantity": "95",
                  "document_type": "RECADV", "row_number": 13},
        shared | {"event_id": "RECADV/THREEPL/REC1/1/196", "event_type": "quality_hold_placed", "quantity": "5",
                  "to_status": "damaged", "document_type": "RECADV/196/DME", "row_number": 14},
    ]  # fmt: skip
    assert found.received == {"a.edi": 4}


def receipt(landed, *quantities, head=()):
    found = landed("RECADV", "BGM+352+R1+9", "DTM+50:202601051640:203", *head, "CPS+1", "LIN+1++A:SA", *quantities)
    return [(r["event_type"], r["quantity"], r["document_type"]) for r in found.events], found.received["a.edi"]


@pytest.mark.parametrize(("quantities", "expected"), [
    (["QTY+48:9"], [("receipt_confirmed", "9", "RECADV")]),
    (["QTY+46:9"], [("receipt_confirmed", "9", "RECADV")]),
    (["QTY+46:9", "QTY+48:8"], [("receipt_confirmed", "8", "RECADV")]),
    (["QTY+194:0", "QVR+-3:195+AF"],
     [("receipt_confirmed", "0", "RECADV"), ("return_dispositioned", "3", "RECADV/195/AF")]),
    (["QTY+194:1", "QTY+195:3", "QVR+-3:195+AF"],  # said twice
     [("receipt_confirmed", "1", "RECADV"), ("return_dispositioned", "3", "RECADV/195")]),
    (["QTY+194:1", "QTY+195:0", "QTY+124:2"],
     [("receipt_confirmed", "1", "RECADV"), ("quality_hold_placed", "2", "RECADV/124")]),
    (["QTY+12:5", "QTY+21:5", "QTY+59:12"], []),
])  # fmt: skip
def test_of_a_receipt_one_quantity_is_believed_and_differences_are_no_units(landed, quantities, expected):
    assert receipt(landed, *quantities) == (expected, len(quantities))


def test_a_receipt_from_oneself_is_a_transfer(landed):
    events, _ = receipt(landed, "QTY+194:1", head=(f"NAD+BY+{SHIPPER}::9", f"NAD+SU+{SHIPPER}::9"))
    assert events == [("transfer_received", "1", "RECADV")]


def test_a_receiving_advice_without_lines_says_nothing_of_quantities(landed):
    found = landed("RECADV", "BGM+352+R1+9", "DTM+50:202601051640:203", "RFF+AAK:DA1")
    assert (found.events, found.received) == ([], {"a.edi": 1})


def test_stock_on_hand_is_a_count_and_packages_of_it_are_none(landed):
    """After the third example of the EANCOM 1997 guide: 300 in stock, of which 150, 100 and 50 in containers."""
    found = landed(
        "INVRPT",
        "BGM+35+INVR1+9",
        "DTM+137:20260106:102",
        "DTM+366:202601052200:203",
        f"NAD+GY+{RECEIVER}::9",
        "RFF+VA:1",
        "LIN+1++5412345100102:EN",
        "QTY+145:300",
        *(segment for amount in (150, 100, 50) for segment in (f"QTY+145:{amount}", "CPS+1", "PAC+1++201::9", "PCI+33E",
                                                               "DTM+361:20260217:102", "GIN+BJ+354123450000001011")),
        "QTY+198:20",
        "LIN+2++5412345100119:EN",
        "QTY+17:7:KGM",
        f"LOC+18+{SHIPPER}::9+AISLE-7",
        "DTM+366:202601051200:203",
        "QTY+145:8:KGM",
        "LOC+14+BIN-9",
    )  # fmt: skip
    shared = {"facility_id": RECEIVER, "file": "a.edi"}
    # BGM 3, DTM 4, 5, NAD 6, RFF 7, LIN 8, QTY 9, three times six to 27, QTY 28, LIN 29, QTY 30, LOC, DTM, QTY 33.
    assert found.counts == [
        shared | {"count_id": "INVRPT/THREEPL/INVR1/1", "item_id": "05412345100102", "counted_quantity": "300",
                  "counted_at": "2026-01-05T22:00:00", "row_number": 9},
        {"count_id": "INVRPT/THREEPL/INVR1/2", "item_id": "05412345100119", "counted_quantity": "7", "uom": "KGM",
         "facility_id": SHIPPER, "location_id": "AISLE-7", "counted_at": "2026-01-05T12:00:00", "row_number": 30,
         "file": "a.edi"},
        shared | {"count_id": "INVRPT/THREEPL/INVR1/2#2", "item_id": "05412345100119", "counted_quantity": "8", "uom": "KGM",
                  "location_id": "BIN-9", "counted_at": "2026-01-05T22:00:00", "row_number": 33},
    ]  # fmt: skip
    assert (found.events, found.received) == ([], {"a.edi": 7})


def report(landed, *segments, code="35", release="D:96A", **envelope):
    head = (f"BGM+{code}+I1+9", "DTM+366:202601052200:203", f"NAD+WH+{RECEIVER}::9", "LIN+1++A:SA")
    return landed("INVRPT", *head, *segments, release=release, **envelope)


def test_containers_are_counted_where_no_whole_is_stated(landed):
    found = report(landed, "QTY+145:150", "CPS+1", "GIN+BJ+1", "QTY+145:50", "GIN+BX+L1")
    assert [r["counted_quantity"] for r in found.counts] == ["150", "50"]


@pytest.mark.parametrize("release", ["D:96A", "D:01B"])
def test_inv_tells_of_the_quantity_beside_it_before_or_behind(landed, release):
    """A balance that the books give is no count, nor is stock that is damaged."""
    pairs = [("QTY+145:1", "INV++++2"), ("QTY+145:2", "INV++++1"), ("QTY+145:3", "INV++2"), ("QTY+145:4", "INV")]
    segments = [s for qty, inv in pairs for s in ((qty, inv) if release == "D:96A" else (inv, qty))]
    found = report(landed, *segments, release=release)
    assert [r["counted_quantity"] for r in found.counts] == ["1", "4"]
    assert found.received == {"a.edi": 4}


@pytest.mark.parametrize(("qty", "inv", "event_type", "quantity", "document_type"), [
    ("QTY+156:5", "INV+2++1", "receipt_confirmed", "5", "INVRPT/156/1"),
    ("QTY+156:5", "INV+1++2", "shipment_confirmed", "5", "INVRPT/156/2"),
    ("QTY+156:5", "INV+1++3", "inventory_adjusted", "-5", "INVRPT/156/3"),
    ("QTY+156:5", "INV+1++4", "inventory_adjusted", "-5", "INVRPT/156/4"),
    ("QTY+156:5", "INV+2++4", "inventory_adjusted", "5", "INVRPT/156/4"),
    ("QTY+156:5", "INV+2++7", "movement in", "5", "INVRPT/156/7"),  # the reversal of another
    ("QTY+156:5", "INV+1", "movement out", "5", "INVRPT/156"),
    ("QTY+199:5", "INV", "movement out", "5", "INVRPT/199"),
])  # fmt: skip
@pytest.mark.parametrize("release", ["D:96A", "D:01B"])
def test_a_movement_is_an_event_by_its_reason_and_none_is_guessed(
    landed, qty, inv, event_type, quantity, document_type, release
):
    pair = (qty, inv) if release == "D:96A" else (inv, qty)
    found = report(landed, *pair, "DTM+7:202601051330:203", code="78", release=release)
    [row] = found.events
    assert (row["event_type"], row["quantity"], row["document_type"]) == (event_type, quantity, document_type)
    assert (row["event_time"], row["facility_id"], found.counts) == ("2026-01-05T13:30:00", RECEIVER, [])


@pytest.mark.parametrize(("dtm", "when"), [
    ("202601051430:203", "2026-01-05T14:30:00"),
    ("20260105143012:204", "2026-01-05T14:30:12"),
    ("2601051430:201", "2026-01-05T14:30:00"),
    ("260105143012:202", "2026-01-05T14:30:12"),
    ("202601051430UTC:303", "2026-01-05T14:30:00+00:00"),
    ("202601051430?+01:303", "2026-01-05T14:30:00+01:00"),
    ("20260105143012GMT:304", "2026-01-05T14:30:12+00:00"),
    ("202601051430?+0530:205", "2026-01-05T14:30:00+05:30"),
    ("202601051430EST:303", "2026-01-05T14:30:00 EST"),  # a zone that is two or follows a clock: refused by landing
    ("20260105:102", WRITTEN),  # the day on which it was written: no later than that
    ("260105:101", WRITTEN),
    ("20260105-20260105:718", WRITTEN),
    ("20260104:102", "2026-01-04"),  # a day alone: refused by landing
    ("20260101-20260105:718", "20260101-20260105"),
    ("202601051430:102", "202601051430 (102)"),  # not as its code says
    ("20260105:203", "20260105 (203)"),
    ("202601051430:303", "202601051430 (303)"),
    ("TOMORROW:999", "TOMORROW (999)"),
    (":203", None),
])  # fmt: skip
def test_a_time_is_what_its_format_says_and_a_day_or_period_is_none(landed, dtm, when):
    [row] = landed("DESADV", "BGM+351+DA1+9", f"DTM+11:{dtm}", "CPS+1", "LIN+1++A:SA", "QTY+12:1").events
    assert row.get("event_time") == when
    assert row["recorded_at"] == WRITTEN


def test_a_day_alone_takes_the_time_of_another_date_of_that_day(landed):
    head = ("BGM+351+DA1+9", "DTM+11:20260105:102", "DTM+200:202601050915:203")
    [row] = landed("DESADV", *head, "CPS+1", "LIN+1++A:SA", "QTY+12:1").events
    assert row["event_time"] == "2026-01-05T09:15:00"


@pytest.mark.parametrize(("bgm", "more", "envelope", "note"), [
    ("BGM+351+DA1+9", [], {}, ""),
    ("BGM+351+DA1+7", [], {}, ""),
    ("BGM+351+DA1", [], {}, ""),
    ("BGM+351+DA1+1", [], {}, " (cancelled)"),
    ("BGM+351+DA1+3", [], {}, " (cancelled)"),
    ("BGM+351+DA1+13", [], {}, " (request)"),
    ("BGM+351+DA2+5", ["RFF+ACW:DA1"], {}, " (replacement)"),
    ("BGM+351+DA1+5", [], {}, ""),  # under its own number it replaces by itself
    ("BGM+351+DA1+9", [], {"test": "1"}, " (test)"),
])  # fmt: skip
def test_what_is_no_fact_has_an_event_type_that_does_not_exist(landed, bgm, more, envelope, note):
    [row] = landed("DESADV", bgm, *more, "CPS+1", "LIN+1++A:SA", "QTY+12:1", **envelope).events
    assert row["event_type"] == f"shipment_confirmed{note}"


def test_a_count_that_is_no_fact_is_out_of_scope(landed):
    found = report(landed, "QTY+145:4", test="1")
    assert (found.counts, found.received) == ([], {"a.edi": 1})


def test_a_document_sent_again_has_the_same_ids_and_one_without_number_has_none(landed):
    once, again = (despatch(landed, reference=reference) for reference in ("7", "8"))
    assert [r["event_id"] for r in once] == [r["event_id"] for r in again] == ["DESADV/THREEPL/DA1/1"]
    [row] = landed("DESADV", "BGM+351++9", "CPS+1", "LIN+1++A:SA", "QTY+12:1").events
    assert "event_id" not in row


def test_two_parties_of_one_kind_are_none(landed):
    [row] = despatch(landed, "NAD+SH+A::9", "NAD+SH+B::9")
    assert row["facility_id"] == "A or B"


def test_a_party_without_code_is_named(landed):
    [row] = despatch(landed, "NAD+SH+++Warehouse North", "NAD+DP++Somewhere else")
    assert (row["facility_id"], row["partner_facility_id"]) == ("Warehouse North", "Somewhere else")


def test_other_messages_are_out_of_scope_once_each(tmp_path):
    content = text(
        interchange(message("ORDERS", "BGM+220+1", "LIN+1", "QTY+21:5"), message("CONTRL", "UCI+1")), "'", "*"
    )
    found = Landed(file(tmp_path, content))
    assert (found.events, found.counts, found.received) == ([], [], {"a.edi": 2})


@pytest.mark.parametrize(
    ("amount", "read"), [("2,5", "2.5"), ("2.5", "2.5"), ("1,234,5", "1,234,5"), ("-3", "-3"), ("", None)]
)
def test_a_decimal_comma_is_a_point(landed, amount, read):
    [row] = landed("DESADV", "BGM+351+DA1+9", "CPS+1", "LIN+1++A:SA", f"QTY+12:{amount}:KGM").events
    assert row.get("quantity") == read
