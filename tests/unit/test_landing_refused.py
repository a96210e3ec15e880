"""What landing could read of the rows that it refused: exception rules ask for it."""

from tests.landing import Landing, event, events

AS_READ = "record_id, facility_id, item_id, quantity, CAST(happened_at AS VARCHAR), reason, refused_value"


def refused(landing: Landing) -> list[tuple[object, ...]]:
    landing.engine.con.execute("SET TimeZone = 'UTC'")
    return landing.engine.rows(f"SELECT {AS_READ} FROM landing.refused ORDER BY row_number")


def test_an_unknown_code_is_told_as_it_was_delivered_beside_what_could_be_read(landing):
    landing.write("items.csv", "item_id,base_uom\nI1,EA\n")
    landing.write(
        "feeds/a.csv",
        events(
            event(event_id="E1", item_id="it's 'X'", quantity="-4"),
            event(event_id="E2", facility_id="nowhere"),
            event(event_id="E3", uom="PAL"),
            event(event_id="E4", event_type="teleported"),
            event(event_id="E5", to_status="fine"),
        ),
    )
    landing.canonical()
    at = "2026-03-01 10:00:00+00"
    assert refused(landing) == [
        ("E1", "NDC", None, -4, at, "unknown item", "it's 'X'"),
        ("E2", None, "I1", 1, at, "unknown facility", "nowhere"),
        ("E3", "NDC", "I1", 1, at, "unknown unit", "PAL"),
        ("E4", "NDC", "I1", 1, at, "unknown event type", "teleported"),
        ("E5", "NDC", "I1", 1, at, "unknown status", "fine"),
    ]


def test_a_row_refused_for_another_reason_bears_no_unknown_code(landing):
    landing.write("items.csv", "item_id,base_uom,lot_tracked\nI1,EA,true\n")
    landing.write("feeds/a.csv", events(event(event_id="E1"), event(event_id="", event_time="25:99", lot_id="L1")))
    landing.canonical()
    assert refused(landing) == [
        ("E1", "NDC", "I1", 1, "2026-03-01 10:00:00+00", "missing lot", None),
        (None, "NDC", "I1", 1, None, "schema violation", None),
    ]


def test_a_code_across_lines_is_told_whole_and_a_long_one_by_its_first_200_characters(landing):
    landing.write("items.csv", "item_id,base_uom\nI1,EA\n")
    landing.write(
        "feeds/a.csv", events(event(event_id="E1", item_id='"A\nB"'), event(event_id="E2", item_id="X" * 300))
    )
    landing.canonical()
    assert [row[-1] for row in refused(landing)] == ["A\nB", "X" * 200]
