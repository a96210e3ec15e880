"""What holds for all X12 documents: times, items, places, ids, and what is no fact or out of scope."""

import pytest

from tests.x12 import Landed, document, file, group, interchange, text, transaction


@pytest.mark.parametrize(
    ("kind", "segments", "usage", "event_type"),
    [
        ("944", ("W17*F*20260105*R1", "W07*1*EA**VN*A"), "T", "receipt_confirmed (test)"),
        ("945", ("W06*F*O*20260105*S********3", "W12*CC*1*1**EA**VN*A"), "P",
         "shipment_confirmed (cancelled)"),
        ("947", ("W15*20260105*A*D*01", "W19*56*1*EA**VN*A"), "P", "inventory_adjusted (cancelled)"),
        ("856", ("BSN*03*N*20260105*0700", "HL*1**I", "LIN*1*VN*A", "SN1**1*EA"), "P", "receipt_created (cancelled)"),
        ("861", ("BRA*N*20260105*01*2", "RCD*1*1*EA"), "P", "receipt_confirmed (cancelled)"),
    ],
)  # fmt: skip
def test_what_is_no_fact_bears_a_word_that_no_event_type_has(landed, kind, segments, usage, event_type):
    [row] = landed(kind, *segments, usage=usage).events
    assert row["event_type"] == event_type


@pytest.mark.parametrize(
    ("w17", "more", "written", "event_time"),
    [
        # A time of its own.
        ("W17*F*20260105*R***2*0715", [], "20260109*1200", "2026-01-05T07:15:00"),
        ("W17*F*260105*R***2*071530", [], "20260109*1200", "2026-01-05T07:15:30"),
        ("W17*F*20260105*R***2*07153025", [], "20260109*1200", "2026-01-05T07:15:30.25"),
        # The time that another segment states for the same day, with its zone.
        ("W17*F*20260105*R", ["G62*19*20260105*2*0800*ET"], "20260109*1200", "2026-01-05T08:00:00-05:00"),
        ("W17*F*20260705*R", ["G62*19*20260705*2*0800*ET"], "20260709*1200", "2026-07-05T08:00:00-04:00"),
        ("W17*F*20260105*R", ["G62*19*20260105*2*0800*27"], "20260109*1200", "2026-01-05T08:00:00+05:30"),
        ("W17*F*20260105*R", ["G62*19*20260105*2*0800*PD"], "20260109*1200", "2026-01-05T08:00:00-07:00"),
        ("W17*F*20260105*R", ["G62*19*20260105*2*0800*LT"], "20260109*1200", "2026-01-05T08:00:00"),
        ("W17*F*20260105*R", ["G62*19*20260106*2*0800*ET"], "20260109*1200", "2026-01-05"),
        # The group was written on that day: the latest that it can have been.
        ("W17*F*20260105*R", [], "20260105*1200", "2026-01-05T12:00:00"),
        ("W17*F*20260105*R", [], "260105*1200", "2026-01-05T12:00:00"),
        # It was not: a date is no instant, and none is made up.
        ("W17*F*20260105*R", [], "20260106*0100", "2026-01-05"),
        # What cannot be a time, and a zone that is not known or does not decide, is left to be refused.
        ("W17*F*20260105*R***2*2561", [], "20260105*1200", "2026-01-05T25:61:00"),
        ("W17*F*2026*R***2*0715", [], "20260105*1200", "2026T07:15:00"),
        ("W17*F*20260105*R", ["G62*19*20260105*2*0800*QQ"], "20260105*1200", "2026-01-05T08:00:00 QQ"),
        ("W17*F*20261101*R", ["G62*19*20261101*2*0130*ET"], "20261101*1200", "2026-11-01T01:30:00 ET"),
        ("W17*F*20260308*R", ["G62*19*20260308*2*0230*ET"], "20260308*1200", "2026-03-08T02:30:00 ET"),
        ("W17*F**R", [], "20260105*1200", None),
    ],
)
def test_a_time_is_what_is_stated_and_a_date_alone_is_none(landed, w17, more, written, event_time):
    [row] = landed("944", w17, *more, "W07*1*EA**VN*A", written=written).events
    assert row.get("event_time") == event_time


@pytest.mark.parametrize(
    ("pairs", "item"),
    [
        ("BP*B*VN*V*UP*614141000036*UK*10614141000033", "10614141000033"),
        ("BP*B*VN*V*UP*614141000036", "00614141000036"),
        ("EO*40123455*VN*V", "00000040123455"),
        ("UP*61414100003*VN*V", "61414100003"),  # not as long as a GTIN is
        ("UI*61414100003*VN*V", "61414100003"),  # has no check digit
        ("IN*I*BP*B*SK*S*VN*V", "V"),
        ("IN*I*BP*B*SK*S", "S"),
        ("IN*I*BP*B", "B"),
        ("LT*L*VE*blue*XX*other", "other"),
        ("LT*L*SN*S", None),
    ],
)
def test_the_item_is_named_by_the_best_of_its_numbers(landed, pairs, item):
    [row] = landed("861", "BRA*N*20260105*00*2", "RCD*1*1*EA", f"LIN*1*{pairs}").events
    assert row.get("item_id") == item
    assert (row.get("lot_id"), row.get("serial_id")) == (
        "L" if "LT*" in pairs else None,
        "S" if "SN*" in pairs else None,
    )


def test_a_level_that_names_two_places_of_one_kind_names_none(landed):
    [row] = landed("944", "W17*F*20260105*R", "N1*WH**9*A", "N1*WH**9*B", "N1*WH**9*A", "W07*1*EA**VN*A").events
    assert row["facility_id"] == "A or B"


def test_a_place_without_a_code_is_its_name(landed):
    [row] = landed("944", "W17*F*20260105*R", "N1*WH*Old Mill", "W07*1*EA**VN*A").events
    assert row["facility_id"] == "Old Mill"


def test_a_document_without_its_number_has_no_id(landed):
    [row] = landed("944", "W17*F*20260105**O1", "W07*1*EA**VN*A").events
    assert "event_id" not in row


def test_ids_do_not_change_when_a_document_is_sent_again(tmp_path):
    segments = ("W17*F*20260105*R1*O1**2*0715", "N1*WH**9*DC02", "W07*5*EA**VN*A", "W07*6*EA**VN*B")
    again = text(
        interchange(group(transaction("997"), transaction("944", *segments, control="0099"), control=5), control=9)
    )
    first, second = file(tmp_path, document("944", *segments)), file(tmp_path, again, "b.edi")
    rows = Landed(first, second).events
    for row in rows:
        del row["file"], row["row_number"]
    assert rows[:2] == rows[2:]
    assert len(rows) == 4


def test_everything_else_is_counted_as_out_of_scope(tmp_path):
    sets = [
        transaction("997", "AK1*RE*1", "AK9*A*1*1*1"),
        transaction("999", "AK1*RE*1"),
        transaction("940", "W05*N*O1", "LX*1", "W01*5*EA**VN*A"),
        transaction("944", "W17*F*20260105*R1", "N1*WH**9*DC02"),  # no line
        transaction("944", "W17*F*20260105*R2", "W07*1*EA**VN*A"),
    ]
    isa, *rest = interchange(group(*sets))
    found = Landed(file(tmp_path, text([isa, "TA1*000000001*260105*2300*A*000", *rest])), file(tmp_path, "", "b.edi"))
    assert [r["event_id"] for r in found.events] == ["944/THREEPL/R2/1"]
    # One row, four other sets, one acknowledgment.
    assert found.received == {"a.edi": 6, "b.edi": 0}


def test_a_feed_without_files_holds_nothing():
    found = Landed()
    assert (found.events, found.counts, found.received) == ([], [], {})


def test_many_rows_come_in_portions_and_in_order(tmp_path):
    sets = [
        transaction(
            "944", f"W17*F*20260105*R{n}", *(f"W07*{line}*EA**VN*A" for line in range(1, 41)), control=f"{n:04}"
        )
        for n in range(60)
    ]
    found = Landed(file(tmp_path, text(interchange(group(*sets)))))
    assert [r["row_number"] for r in found.events] == [
        2 + n * 43 + 2 + line for n in range(60) for line in range(1, 41)
    ]
