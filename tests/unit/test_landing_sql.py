"""Landing judges every delivered row: its reason where it is refused, its codes and units where it is not."""

import json

from tests.landing import event, events

ITEMS = "item_id,gtin,base_uom,lot_tracked\nI1,00614141000012,EA,\nI2,,EA,true\nI3,,,\n"


def test_each_fault_of_an_event_gives_its_own_reason_with_its_row(landing):
    landing.write("items.csv", ITEMS)
    landing.write("feeds/a.csv", events(
        event(),
        event(event_id=""),
        event(event_type="teleported"),
        event(event_time="2026-03-01 10:00:00"),
        event(event_time="2026-02-30T10:00:00Z"),
        event(event_time="1969-12-31T23:59:59Z"),
        event(event_time="2100-01-01T00:00:00Z"),
        event(event_time="yesterday"),
        event(facility_id="MOON"),
        event(item_id="I9"),
        event(quantity="a few"),
        event(uom="PAL"),
        event(item_id="I2"),
        event(from_status="lost"),
        event(to_status="lost"),
        event(sequence_no="first"),
        event(quantity=""),
    ))  # fmt: skip
    assert landing.land("reason") == [
        (1, None),
        (2, "schema violation"),
        (3, "unknown event type"),
        (4, "naive time"),
        (5, "impossible time"),
        (6, "impossible time"),
        (7, "impossible time"),
        (8, "schema violation"),
        (9, "unknown facility"),
        (10, "unknown item"),
        (11, "non-numeric quantity"),
        (12, "unknown unit"),
        (13, "missing lot"),
        (14, "unknown status"),
        (15, "unknown status"),
        (16, "schema violation"),
        (17, None),
    ]


def test_the_detail_names_the_column_the_value_and_what_is_wrong_with_it(landing):
    landing.write("items.csv", ITEMS)
    landing.write("feeds/a.csv", events(
        event(event_id=""),
        event(event_type="it's new"),
        event(event_time="2026-03-01 10:00:00"),
        event(event_time="2026-02-30T10:00:00Z"),
        event(event_time="1969-12-31T23:59:59Z"),
        event(event_time="yesterday"),
        event(quantity="a few"),
        event(uom="PAL"),
        event(item_id="I2"),
        event(sequence_no="first"),
    ))  # fmt: skip
    assert [detail for _, detail in landing.land("detail")] == [
        "event_id is empty",
        "event_type 'it's new' is not known",
        "event_time '2026-03-01 10:00:00' states no time zone and feed wms declares no system_timezone",
        "event_time '2026-02-30T10:00:00Z' is not a possible time",
        "event_time '1969-12-31T23:59:59Z' is outside 1970 to 2100",
        "event_time 'yesterday' is not a time",
        "quantity 'a few' is not a number that can be kept",
        "uom 'PAL' cannot be converted to the item's base unit",
        "item I2 is lot-tracked and the row names no lot",
        "sequence_no 'first' has the wrong type",
    ]


def test_a_refused_row_keeps_what_was_delivered_and_an_accepted_one_does_not(landing):
    landing.write("feeds/a.csv", "event_id,event_type,event_time,facility_id,site\n"
                  "E1,pick_confirmed,2026-03-01T10:00:00Z,NDC,north\n"
                  "E2,pick_confirmed, noon ,,north\n")  # fmt: skip
    first, second = landing.land("raw")
    assert first == (1, None)
    assert json.loads(second[1]) == {
        "event_id": "E2",
        "event_type": "pick_confirmed",
        "event_time": "noon",
        "facility_id": None,
    }


def test_the_faults_of_a_posting(landing):
    landing.write("feeds/a.csv", "posting_id,posted_at,facility_id,quantity,posting_date,value_amount,posting_type\n"
                  "P1,2026-03-01T10:00:00Z,NDC,-5,2026-02-28,1.50,correction\n"
                  "P2,2026-03-01T10:00:00Z,NDC,five,2026-02-28,1.50,\n"
                  "P3,2026-03-01T10:00:00Z,NDC,5,2026-02-30,1.50,\n"
                  "P4,2026-03-01T10:00:00Z,NDC,5,,much,\n"
                  "P5,,NDC,5,,,\n"
                  "P6,2026-03-01T10:00:00Z,,5,,,\n"
                  ",2026-03-01T10:00:00Z,NDC,5,,,\n")  # fmt: skip
    assert landing.land("reason, detail", table="erp_posting") == [
        (1, None, None),
        (2, "non-numeric quantity", "quantity 'five' is not a number that can be kept"),
        (3, "schema violation", "posting_date '2026-02-30' has the wrong type"),
        (4, "schema violation", "value_amount 'much' is not a number that can be kept"),
        (5, "schema violation", "posted_at is empty"),
        (6, "schema violation", "facility_id is empty"),
        (7, "schema violation", "posting_id is empty"),
    ]


def test_a_count_may_not_be_negative_but_the_books_may(landing):
    landing.write("feeds/a.csv", "count_id,facility_id,item_id,counted_at,counted_quantity,book_quantity\n"
                  "C1,NDC,I1,2026-03-01T10:00:00Z,0,-3\n"
                  "C2,NDC,I1,2026-03-01T10:00:00Z,-0.000001,0\n"
                  "C3,NDC,,2026-03-01T10:00:00Z,1,0\n")  # fmt: skip
    assert landing.land("reason, detail", table="count_record") == [
        (1, None, None),
        (2, "schema violation", "counted_quantity '-0.000001' is below 0"),
        (3, "schema violation", "item_id is empty"),
    ]


def test_a_number_is_accepted_also_zero(landing):
    landing.write(
        "feeds/a.csv", events(*(event(quantity=q) for q in ("0", "-0", "-5.25", "1e3", "999999999999.999999")))
    )
    assert landing.land("reason, CAST(quantity AS VARCHAR)") == [
        (1, None, "0.000000"),
        (2, None, "0.000000"),
        (3, None, "-5.250000"),
        (4, None, "1000.000000"),
        (5, None, "999999999999.999999"),
    ]


def test_what_is_no_number_or_too_large_to_keep_is_refused(landing):
    stated = ("NaN", "inf", "1.000.000", "5 EA", "0x10", "1000000000000")
    landing.write("feeds/a.csv", events(*(event(quantity=q) for q in stated)))
    assert landing.land("reason") == [(n, "non-numeric quantity") for n in range(1, 7)]


def test_reference_data_that_the_workspace_does_not_give_is_not_checked_against(landing):
    landing.write("feeds/a.csv", events(event(item_id="never heard of", uom="PAL")))
    assert landing.land("reason, item_id, uom, CAST(quantity AS DOUBLE)") == [(1, None, "never heard of", "PAL", 1.0)]


def test_a_partner_that_is_no_facility_of_the_workspace_is_kept_as_it_is(landing):
    landing.write("feeds/a.csv", "event_id,event_type,event_time,facility_id,partner_facility_id\n"
                  "E1,transfer_shipped,2026-03-01T10:00:00Z,DC01,STORE7\n"
                  "E2,transfer_shipped,2026-03-01T10:00:00Z,3PL1,0614141000005\n")  # fmt: skip
    assert landing.land("reason, facility_id, partner_facility_id") == [
        (1, None, "NDC", "STORE7"),
        (2, None, "3PL1", "NDC"),
    ]


def test_an_unknown_facility_is_the_reason_also_where_its_zone_would_be_needed(landing):
    landing.write("feeds/a.csv", events(event(facility_id="MOON", event_time="2026-03-01 10:00:00")))
    assert landing.land("reason", system_timezone="facility") == [(1, "unknown facility")]


def test_a_local_code_means_the_item_that_its_facility_says(landing):
    """The same code is another item elsewhere; where no alias is given, the code must be an item or a GTIN."""
    landing.write("items.csv", "item_id,gtin,base_uom\nI1,00614141000012,EA\nI2,,EA\n")
    landing.write("item_aliases.csv", "facility_id,local_code,item_id\nNDC,4711,I1\n3PL1,4711,I2\n")
    given = [
        ("NDC", "4711"),
        ("3PL1", "4711"),
        ("DC01", "4711"),
        ("NDC", "I2"),
        ("NDC", "00614141000012"),
        ("NDC", "4712"),
    ]
    landing.write("feeds/a.csv", events(*(event(facility_id=f, item_id=i) for f, i in given)))
    assert landing.land("item_id, reason") == [
        (1, "I1", None),
        (2, "I2", None),
        (3, "I1", None),
        (4, "I2", None),
        (5, "I1", None),
        (6, None, "unknown item"),
    ]


def test_a_gtin_of_two_items_is_none(landing):
    landing.write("items.csv", "item_id,gtin\nI1,00614141000012\nI2,00614141000012\n")
    landing.write("feeds/a.csv", events(event(item_id="00614141000012")))
    assert landing.land("reason") == [(1, "unknown item")]


def test_quantities_are_kept_in_the_base_unit_of_their_item(landing):
    """A pallet of I1 holds 48, one of I2 holds 60; half a pallet of I1 is 24. No unit means the base unit."""
    landing.write("items.csv", "item_id,base_uom\nI1,EA\nI2,EA\nI3,\n")
    landing.write("uom_conversions.csv", "item_id,uom,factor\nI1,PAL,48\nI2,PAL,60\nI2,GR,0.001\n")
    given = [
        ("I1", "EA", "5"),
        ("I1", "PAL", "0.5"),
        ("I2", "PAL", "-2"),
        ("I2", "GR", "1"),
        ("I1", "", "7"),
        ("I3", "X", "8"),
    ]
    landing.write("feeds/a.csv", events(*(event(item_id=i, uom=u, quantity=q) for i, u, q in given)))
    assert landing.land("CAST(quantity AS DOUBLE), uom, reason") == [
        (1, 5.0, "EA", None),
        (2, 24.0, "PAL", None),
        (3, -120.0, "PAL", None),
        (4, 0.001, "GR", None),
        (5, 7.0, None, None),
        (6, 8.0, "X", None),
    ]


def test_a_unit_of_another_item_is_unknown(landing):
    landing.write("items.csv", "item_id,base_uom\nI1,EA\nI2,EA\n")
    landing.write("uom_conversions.csv", "item_id,uom,factor\nI1,PAL,48\n")
    landing.write("feeds/a.csv", events(event(item_id="I1", uom="PAL"), event(item_id="I2", uom="PAL")))
    assert landing.land("reason") == [(1, None), (2, "unknown unit")]


def test_both_quantities_of_a_count_are_converted(landing):
    landing.write("items.csv", "item_id,base_uom\nI1,EA\n")
    landing.write("uom_conversions.csv", "item_id,uom,factor\nI1,CS,12\n")
    landing.write("feeds/a.csv", "count_id,facility_id,item_id,counted_at,counted_quantity,book_quantity,uom\n"
                  "C1,NDC,I1,2026-03-01T10:00:00Z,3,2.5,CS\n")  # fmt: skip
    columns = "CAST(counted_quantity AS DOUBLE), CAST(book_quantity AS DOUBLE)"
    assert landing.land(columns, table="count_record") == [(1, 36.0, 30.0)]


def test_a_lot_tracked_item_needs_a_lot_and_no_other_does(landing):
    landing.write("items.csv", ITEMS)
    given = [("I2", "L1"), ("I2", ""), ("I1", ""), ("", "")]
    landing.write("feeds/a.csv", events(*(event(item_id=i, lot_id=lot) for i, lot in given)))
    assert landing.land("reason") == [(1, None), (2, "missing lot"), (3, None), (4, None)]


def test_a_file_without_the_lot_column_names_no_lot(landing):
    landing.write("items.csv", ITEMS)
    landing.write("feeds/a.csv", "event_id,event_type,event_time,facility_id,item_id\n"
                  "E1,pick_confirmed,2026-03-01T10:00:00Z,NDC,I2\n"
                  "E2,pick_confirmed,2026-03-01T10:00:00Z,NDC,I1\n")  # fmt: skip
    assert landing.land("reason") == [(1, "missing lot"), (2, None)]


def test_the_feeds_facility_holds_where_the_row_names_none(landing):
    landing.write("feeds/a.csv", "event_id,event_type,event_time\nA,pick_confirmed,2026-03-01T10:00:00Z\n")
    landing.write("feeds/b.csv", events(event(event_id="B", facility_id=""), event(event_id="C", facility_id="DC01"),
                                        event(event_id="D", facility_id="MOON")))  # fmt: skip
    assert landing.land("event_id, facility_id, reason", facility="3PL1") == [
        (1, "A", "3PL1", None),
        (1, "B", "3PL1", None),
        (2, "C", "NDC", None),
        (3, "D", None, "unknown facility"),
    ]


def test_a_mapped_feed_keeps_the_raw_values_beside(landing):
    landing.write("feeds/a.csv", "nr;what;when;site\n1;PICK;2026-01-15 10:00;DC01\n2;HOLD;2026-01-15 10:00;DC01\n")
    columns = {"event_id": "nr", "event_type": "what", "event_time": "when", "facility_id": "site"}
    feed = {"adapter": "mapped_csv", "columns": columns, "event_types": {"PICK": "pick_confirmed"}, "delimiter": ";",
            "system_timezone": "America/Chicago"}  # fmt: skip
    seen = "event_id, event_type, CAST(event_time AS VARCHAR), raw_event_type, raw_event_time, raw_facility_id, reason"
    assert landing.land(seen, **feed) == [
        (1, "1", "pick_confirmed", "2026-01-15 16:00:00+00", "PICK", "2026-01-15 10:00", "DC01", None),
        (2, "2", None, "2026-01-15 16:00:00+00", "HOLD", "2026-01-15 10:00", "DC01", "unknown event type"),
    ]
