"""X12 warehouse documents become the rows that their segment tables say, worked out by hand.

No foreign sample of the documents other than 944 is at hand: the fixtures follow the segment tables of ASC X12 release
004010 (943: ST W06 N1 N9 G62 W27 W04 N9 W03; 945: ST W06 N1 G62 W27 LX W12 N9 W03; 947: ST W15 N1 G62 W19 N9; 861: ST BRA
DTM PRF N1 RCD LIN; 856: ST BSN DTM HL N1 PRF LIN SN1 CTT; 846: ST BIA DTM N1 LIN DTM REF QTY CTT).
"""

import pytest

from pipelines.feeds.base import FeedFile
from tests.support import real_data
from tests.x12 import Landed

WRITTEN = "2026-01-05T23:00:00"  # GS04 and GS05 of every test document, where not told


def test_the_real_944_is_five_receipts_of_120_cases():
    """Read by eye. Segments: ISA 1, GS 2, ST 3, W17 4, N1 5, W08 6, then W07, N9 and W20 from 7, 10, 13, 16 and 19.

    W17 states the day alone, and the group was written on that day: 29 September 2023, 14:19.
    """
    path = real_data("x12-944", "944.edi")
    found = Landed(FeedFile(path, path.name))
    shared = {
        "event_type": "receipt_confirmed",
        "event_time": "2023-09-29T14:19:00",
        "recorded_at": "2023-09-29T14:19:00",
        "facility_id": "PC1234",
        "item_id": "100000154",
        "quantity": "120",
        "uom": "CA",
        "document_type": "944",
        "document_id": "0450366097",
        "correlation_id": "4280",
        "file": "944.edi",
    }
    assert found.events == [
        shared
        | {
            "event_id": f"944/1114315990/4280/0450366097/{n}",
            "lot_id": f"2241396{n + 1}",
            "row_number": 3 * n + 4,
        }
        for n in range(1, 6)
    ]
    assert (found.counts, found.received) == ([], {"944.edi": 5})


def test_a_943_is_a_transfer_that_left_the_shipper_for_the_warehouse(landed):
    found = landed(
        "943",
        "W06*F*TO-77*20260105*SHP-1",
        "N1*SF*Plant*9*DC01",
        "N1*ST*Hub*9*DC02",
        "N1*DE*Owner*9*OWN1",
        "G62*11*20260105*1*0830",
        "W27*M*CARR",
        "W04*10*CA**VN*SKU-1*LT*L9",
        "N9*LI*3",
        "W04*2.5*KG**VN*SKU-2",
        "W03*13",
    )
    shared = {
        "event_type": "transfer_shipped",
        "event_time": "2026-01-05T08:30:00",
        "recorded_at": WRITTEN,
        "facility_id": "DC01",
        "partner_facility_id": "DC02",
        "owner_id": "OWN1",
        "document_type": "943",
        "document_id": "TO-77",
        "correlation_id": "SHP-1",
        "file": "a.edi",
    }
    assert found.events == [
        # The document's own segments begin with number 4: six of the heading, so the lines are 10 and 12.
        shared
        | {"event_id": "943/THREEPL/TO-77/SHP-1/3", "item_id": "SKU-1", "quantity": "10", "uom": "CA", "lot_id": "L9",
           "document_line": "3", "row_number": 10},
        shared | {"event_id": "943/THREEPL/TO-77/SHP-1/2", "item_id": "SKU-2", "quantity": "2.5", "uom": "KG",
                  "row_number": 12},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("w17", "more", "event_type", "document_id", "quantity"),
    [
        ("W17*F*20260105*R1*O1*S1*2*0715", [], "receipt_confirmed", "O1", "5"),
        ("W17*P*20260105*R1**S1*2*0715", [], "receipt_confirmed", "S1", "5"),
        ("W17*B*20260105*R1***2*0715", [], "transfer_received", "R1", "5"),
        ("W17*F*20260105*R1*O1**2*0715", ["N9*TF*T-9"], "transfer_received", "T-9", "5"),
        ("W17*C*20260105*R1*O1**2*0715", [], "return_received", "O1", "5"),
        ("W17*A*20260105*R1*O1**2*0715", [], "inventory_adjusted", "O1", "5"),
        ("W17*O*20260105*R1*O1**2*0715", [], "inventory_adjusted", "O1", "5"),
        ("W17*S*20260105*R1*O1**2*0715", [], "inventory_adjusted", "O1", "-5"),
        ("W17*K*20260105*R1*O1**2*0715", [], "receipt_confirmed (simulation)", "O1", "5"),
    ],
)
def test_the_reporting_code_or_a_transfer_number_says_what_a_944_received(
    landed, w17, more, event_type, document_id, quantity
):
    [row] = landed("944", w17, *more, "N1*WH**9*DC02", "N1*SF**9*DC01", "W07*5*EA**VN*A").events
    assert (row["event_type"], row["document_id"], row["quantity"]) == (event_type, document_id, quantity)
    assert (row["facility_id"], row["event_time"]) == ("DC02", "2026-01-05T07:15:00")
    assert row.get("partner_facility_id") == ("DC01" if event_type == "transfer_received" else None)


def test_exceptions_of_a_944_are_held_or_damaged_units_and_differences_are_no_units(landed):
    found = landed(
        "944",
        "W17*F*20260105*R1*O1**2*0715",
        "N1*WH**9*DC02",
        "N1*SU**9*V1",
        "W07*100*CA**VN*A***",
        "W13*6*CA*01*L1*DH",
        "W13*4*CA*09",
        "W13*2*CA*02",  # short: these never came
    )
    assert [
        (r["row_number"], r["event_id"], r["event_type"], r.get("to_status"), r["quantity"], r["document_type"])
        for r in found.events
    ] == [
        (7, "944/THREEPL/R1/O1/1", "receipt_confirmed", None, "100", "944"),
        (8, "944/THREEPL/R1/O1/1/exception", "quality_hold_placed", "damaged", "6", "944/01"),
        (9, "944/THREEPL/R1/O1/1/exception#2", "quality_hold_placed", "quality_hold", "4", "944/09"),
    ]
    assert [(r.get("lot_id"), r["item_id"], r["supplier_id"]) for r in found.events[:2]] == [
        (None, "A", "V1"),
        ("L1", "A", "V1"),
    ]
    assert found.received == {"a.edi": 4}


def test_a_945_confirms_what_was_shipped_however_much_was_ordered(landed):
    found = landed(
        "945",
        "W06*F*SO-1*20260105*SHP-9",
        "N1*WH**9*DC02",
        "N1*ST*Customer*9*C1",
        "G62*10*20260104",
        "G62*11*20260105*1*1412*UT",
        "LX*1",
        "W12*BP*10*7*3*EA**VN*SKU-1*LOT7",
        "N9*LI*20",
        "LX*2",
        "N9*LI*30",
        "W12*BO*5*0*5*EA*001234567890",
        "W12*IS*4*4**EA**VN*NEW********VN*OLD",  # another item than the one ordered
    )
    assert [
        (r["event_id"], r["item_id"], r["quantity"], r["uom"], r["document_type"], r["document_line"], r["row_number"])
        for r in found.events
    ] == [
        ("945/THREEPL/SO-1/SHP-9/20", "SKU-1", "7", "EA", "945/BP", "20", 10),
        ("945/THREEPL/SO-1/SHP-9/30", "001234567890", "0", "EA", "945/BO", "30", 14),
        ("945/THREEPL/SO-1/SHP-9/30#2", "NEW", "4", "EA", "945/IS", "30", 15),
    ]
    first = found.events[0]
    assert (first["event_type"], first["event_time"], first["facility_id"], first["lot_id"]) == (
        "shipment_confirmed",
        "2026-01-05T14:12:00+00:00",
        "DC02",
        "LOT7",
    )
    assert "partner_facility_id" not in first


@pytest.mark.parametrize(("w06", "more"), [("W06*B*SO-1*20260105*S", []), ("W06*F*SO-1*20260105*S", ["N9*TF*T-9"])])
def test_a_945_of_a_transfer_left_for_the_other_warehouse(landed, w06, more):
    [row] = landed("945", w06, *more, "N1*WH**9*DC02", "N1*ST**9*DC03", "W12*CC*1*1**EA**VN*A").events
    assert (row["event_type"], row["facility_id"], row["partner_facility_id"]) == ("transfer_shipped", "DC02", "DC03")
    assert row["document_id"] == ("T-9" if more else "SO-1")


def test_a_947_adjusts_with_sign_and_reason(landed):
    found = landed(
        "947",
        "W15*20260104*ADJ-1*D-1",
        "N1*WH**9*DC02",
        "W19*56*12*EA**VN*SKU-1",
        "G62*07*20260103*1*1000",
        "W19*07*-3*EA**VN*SKU-2***L1",
        "G62*07*20260103*1*1130*24",  # an hour behind UTC
        written="20260104*0600",
    )
    assert [(r["quantity"], r["document_type"], r["event_time"], r.get("lot_id")) for r in found.events] == [
        ("12", "947/56", "2026-01-03T10:00:00", None),
        ("-3", "947/07", "2026-01-03T11:30:00-01:00", "L1"),
    ]
    assert {(r["event_type"], r["document_id"], r["correlation_id"]) for r in found.events} == {
        ("inventory_adjusted", "D-1", "ADJ-1")
    }
    assert [r["event_id"] for r in found.events] == ["947/THREEPL/ADJ-1/D-1/1", "947/THREEPL/ADJ-1/D-1/2"]


def test_an_861_tells_accepted_returned_and_questioned_units_apart(landed):
    found = landed(
        "861",
        "BRA*RA-1*20260106*00*2*0900",  # when the advice was made, not when the goods came
        "DTM*050*20260105*1630*CS",
        "PRF*PO-5",
        "N1*ST**92*DC01",
        "N1*SU**92*V1",
        "RCD*1*90*EA*4*EA*6*EA>1>1*01*2*EA*02",
        "LIN*10*BP*B-1*VN*V-1",
        "RCD*2*0*EA*0*EA",
        "LIN**BP*B-2*PO*PO-6*PL*7",
        written="20260106*0915",
    )
    shared = {
        "event_time": "2026-01-05T16:30:00-06:00",
        "recorded_at": "2026-01-06T09:15:00",
        "facility_id": "DC01",
        "supplier_id": "V1",
        "uom": "EA",
        "correlation_id": "RA-1",
        "document_id": "PO-5",
        "file": "a.edi",
    }
    first = shared | {"item_id": "V-1", "document_line": "10", "row_number": 9}
    assert found.events == [
        first | {"event_id": "861/THREEPL/RA-1/10", "event_type": "receipt_confirmed", "quantity": "90",
                 "document_type": "861"},
        first | {"event_id": "861/THREEPL/RA-1/10/question", "event_type": "quality_hold_placed", "quantity": "6",
                 "document_type": "861/01", "to_status": "damaged"},
        first | {"event_id": "861/THREEPL/RA-1/10/returned", "event_type": "return_dispositioned", "quantity": "4",
                 "document_type": "861"},
        # The line names another order than the heading; a zero receipt is one, a zero return is none.
        shared | {"event_id": "861/THREEPL/RA-1/7", "event_type": "receipt_confirmed", "quantity": "0",
                  "document_type": "861", "item_id": "B-2", "document_line": "7", "row_number": 11, "document_id": "PO-6"},
    ]  # fmt: skip
    assert found.received == {"a.edi": 5}  # and two units short, which are no units


def test_an_861_line_belongs_to_its_own_order_where_the_heading_names_several(landed):
    found = landed(
        "861",
        "BRA*RA-1*20260105*00*2",
        "DTM*050*20260105",
        "PRF*PO-5",
        "PRF*PO-6",
        "RCD*1*1*EA",
        "LIN*1*VN*A*PO*PO-6",
        "RCD*2*1*EA",
        "LIN*1*VN*A",
        "RCD*3*1*EA",
        "LIN*1*VN*A",
        "PRF*PO-7",
    )
    assert [r["document_id"] for r in found.events] == ["PO-6", "RA-1", "PO-7"]
    assert [r["event_id"] for r in found.events] == [f"861/THREEPL/RA-1/{line}" for line in ("1", "1#2", "1#3")]


NOTICE = (
    "DTM*011*20260105*0530",
    "HL*1**S",
    "N1*SF**9*DC01",
    "N1*ST**9*DC02",
    "HL*2*1*O",
    "PRF*PO-5",
    "HL*3*2*P",
    "HL*4*3*I",
    "LIN*1*UP*614141000036*VN*V-1",
    "SN1**24*EA",
    "REF*LT*L3",
    "HL*5*1*O",
    "PRF*PO-6",
    "HL*6*5*I",
    "LIN*1*EN*4012345123456",
    "SN1**2*CA",
    "CTT*6",
)


def test_an_856_announces_goods_to_the_receiver(landed):
    found = landed("856", "BSN*00*ASN-1*20260105*0700*0001", *NOTICE)
    shared = {
        "event_type": "receipt_created",
        "event_time": "2026-01-05T07:00:00",
        "recorded_at": WRITTEN,
        "facility_id": "DC02",
        "supplier_id": "DC01",
        "document_type": "856",
        "document_line": "1",
        "correlation_id": "ASN-1",
        "file": "a.edi",
    }
    # BSN is segment 4, so HL*4 is 12 and HL*6 is 18. Both lines call themselves 1.
    assert found.events == [
        shared | {"event_id": "856/THREEPL/ASN-1/1", "item_id": "00614141000036", "quantity": "24", "uom": "EA",
                  "lot_id": "L3", "document_id": "PO-5", "row_number": 12},
        shared | {"event_id": "856/THREEPL/ASN-1/1#2", "item_id": "04012345123456", "quantity": "2", "uom": "CA",
                  "document_id": "PO-6", "row_number": 18},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bsn06", "event_type", "partner"),
    [("42", "shipment_confirmed", None), ("44", "transfer_shipped", "DC02")],
)
def test_an_856_of_the_shipper_itself_says_that_goods_left(landed, bsn06, event_type, partner):
    row, _ = landed("856", f"BSN*00*ASN-1*20260105*0700*0001*{bsn06}", *NOTICE).events
    assert (row["event_type"], row["facility_id"], row.get("partner_facility_id")) == (event_type, "DC01", partner)
    assert (row["event_time"], row["document_id"]) == ("2026-01-05T05:30:00", "ASN-1")


def test_an_846_counts_what_is_on_hand(landed):
    found = landed(
        "846",
        "BIA*00*DD*INV-1*20260105*2200",
        "N1*WH**9*DC02",
        "LIN*1*UP*614141000036",
        "QTY*17*95*EA",
        "QTY*33*80*EA",  # for sale: not counted
        "LIN**VN*SKU-2",
        "DTM*007*20260105*2130*UT",
        "REF*WS*BIN-7",
        "QTY*17*0*CA",
        "CTT*2",
    )
    shared = {"facility_id": "DC02", "file": "a.edi"}
    assert found.counts == [
        shared
        | {"count_id": "846/THREEPL/INV-1/1", "item_id": "00614141000036", "counted_at": "2026-01-05T22:00:00",
           "counted_quantity": "95", "uom": "EA", "row_number": 7},
        shared
        | {"count_id": "846/THREEPL/INV-1/2", "item_id": "SKU-2", "counted_at": "2026-01-05T21:30:00+00:00",
           "counted_quantity": "0", "uom": "CA", "location_id": "BIN-7", "row_number": 12},
    ]  # fmt: skip
    assert (found.events, found.received) == ([], {"a.edi": 3})


@pytest.mark.parametrize("segments", [("BIA*13*DD*INV-1*20260105*2200",), ("BIA*01*DD*INV-1*20260105*2200",)])
def test_an_846_that_asks_or_is_cancelled_counts_nothing(landed, segments):
    found = landed("846", *segments, "N1*WH**9*DC02", "LIN*1*VN*A", "QTY*17*95*EA")
    assert (found.counts, found.received) == ([], {"a.edi": 1})


def test_a_945_that_says_what_was_ordered_gives_an_order_line_a_shipment(landed):
    found = landed(
        "945",
        "W06*F*SO-5*20260105*SHP-2",
        "N1*WH**9*DC01",
        "G62*11*20260105*1*0900",
        "W12*BP*10*6*4*EA**VN*SKU-1*********VN*SKU-0",  # W1217, W1218: SKU-0 was ordered
        "N9*LI*1",
        "W12*CC*4*4**EA**VN*SKU-2*LOT-A",
        "N9*LI*2",
        "W12*CC*4*4**EA**VN*SKU-2*LOT-B",
        "N9*LI*2",
        "W12*CC**3**EA**VN*SKU-3",  # does not say what was ordered
    )
    shared = {
        "order_id": "SO-5",
        "shipment_id": "SHP-2",
        "facility_id": "DC01",
        "uom": "EA",
        "shipped_at": "2026-01-05T09:00:00",
        "last_changed_at": WRITTEN,
        "file": "a.edi",
    }
    # The document's own segments begin with number 4: three of the heading, so the lines are 7, 9, 11 and 13.
    assert found.orders == [
        shared
        | {"order_line": "1", "item_id": "SKU-0", "ordered_quantity": "10", "shipped_quantity": "6", "row_number": 7},
        shared
        | {"order_line": "2", "item_id": "SKU-2", "ordered_quantity": "4", "shipped_quantity": "4", "row_number": 9},
        shared
        | {"order_line": "2#2", "item_id": "SKU-2", "ordered_quantity": "4", "shipped_quantity": "4", "row_number": 11},
    ]
    assert [(event["item_id"], event["quantity"]) for event in found.events] == [
        ("SKU-1", "6"), ("SKU-2", "4"), ("SKU-2", "4"), ("SKU-3", "3"),
    ]  # fmt: skip
    assert found.received == {"a.edi": 7}


def test_shipments_of_one_order_line_are_told_apart_by_their_number_else_their_date(landed):
    def shipment(w06):
        [row] = landed("945", w06, "N1*WH**9*DC01", "W12*CC*4*4**EA**VN*SKU-2", "N9*LI*2").orders
        return row["order_id"], row["order_line"], row["shipment_id"]

    assert shipment("W06*F*SO-5*20260105*SHP-2") == ("SO-5", "2", "SHP-2")
    assert shipment("W06*F*SO-5*20260105") == ("SO-5", "2", "20260105")


def test_the_order_lines_of_a_test_or_a_cancelled_945_are_no_facts(landed):
    w06 = "W06*F*SO-5*20260105*SHP-2"
    for found in (
        landed("945", w06, "W12*CC*4*4**EA**VN*A", usage="T"),
        landed("945", f"{w06}********C", "W12*CC*4*4**EA**VN*A"),
    ):
        assert (found.orders, len(found.events), found.received) == ([], 1, {"a.edi": 2})
