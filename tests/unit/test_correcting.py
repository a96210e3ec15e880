"""Corrections act on the delivered text of any format, on typed values, and on columns that a file does not have."""

import duckdb
import pytest

from pipelines.correcting import _key
from pipelines.errors import UnusableInput
from pipelines.feeds.base import Scan
from tests.landing import event, events
from transforms.contracts import CONTRACTS

HEADER = "table,key,action,column,expected,value,reason,reported_date\n"


def correct(landing, *lines: str) -> None:
    landing.write("corrections/a.csv", HEADER + "".join(f"inventory_event,{line},why,2026-03-01\n" for line in lines))


def hits(landing):
    return landing.engine.rows("""SELECT file, row_key, column_name, outcome, found, rows_count
        FROM landing.correction_hit ORDER BY ALL""")


def test_a_correction_acts_before_mapping_and_raw_values_stay_as_they_were_delivered(landing):
    """A local time of Chicago, a local word and a facility code are mended in the feed's own spelling."""
    landing.write("feeds/a.csv", "ID;WHAT;AT;WHERE\nE1;PCK;2026-03-01 10:00;DC1\nE2;PCK;2026-03-01 10:00;DC01\n")
    correct(landing, "E1,set,facility_id,DC1,DC01", "E1,set,event_time,2026-03-01 10:00,2026-03-01 11:00")
    names = {"event_id": "ID", "event_type": "WHAT", "event_time": "AT", "facility_id": "WHERE"}
    own = {"columns": names, "event_types": {"PCK": "pick_confirmed"}, "delimiter": ";", "adapter": "mapped_csv"}
    seen = "facility_id, CAST(event_time AS VARCHAR), raw_facility_id, raw_event_time, reason"
    assert landing.land(seen, system_timezone="America/Chicago", **own) == [
        (1, "NDC", "2026-03-01 17:00:00+00", "DC1", "2026-03-01 10:00", None),
        (2, "NDC", "2026-03-01 16:00:00+00", "DC01", "2026-03-01 10:00", None),
    ]


def test_a_column_that_no_file_has_can_be_set_and_is_empty_in_the_other_rows(landing):
    landing.write("feeds/a.csv", "event_id,event_type,event_time,facility_id\n" + "".join(
        f"E{n},pick_confirmed,2026-03-01T10:00:00Z,NDC\n" for n in (1, 2)))  # fmt: skip
    correct(landing, "E2,set,lot_id,,L7")
    assert landing.land("lot_id, reason") == [(1, None, None), (2, "L7", None)]


def test_a_value_can_be_taken_away(landing):
    landing.write("feeds/a.csv", events(event(event_id="E1", recorded_at="0000-00-00T00:00:00Z")))
    correct(landing, "E1,set,recorded_at,0000-00-00T00:00:00Z,")
    assert landing.land("recorded_at, reason") == [(1, None, None)]


def test_rows_keep_their_numbers_around_malformed_ones_and_blanks_around_keys_and_values_do_not_count(landing):
    lines = events(*(event(event_id=f" E{n} ", quantity=" 1 ") for n in (1, 2, 3))).splitlines()
    landing.write("feeds/a.csv", "\n".join([lines[0], "half a row", *lines[1:]]) + "\n")
    landing.write("feeds/b.csv", events(event(event_id="E3", quantity="7")))
    correct(landing, "E3,set,quantity,1,5", "E9,drop,,,")
    assert landing.land("CAST(quantity AS INTEGER)") == [(2, 1), (3, 1), (4, 5), (1, 7)]
    assert hits(landing) == [
        ("feeds/a.csv", "E3", "quantity", "applied", "1", 1),
        ("feeds/b.csv", "E3", "quantity", "differs", "7", 1),
    ]


def write_parquet(landing) -> None:
    (landing.root / "feeds").mkdir(exist_ok=True)
    duckdb.sql(f"""COPY (SELECT 'E' || n AS event_id, 'pick_confirmed' AS event_type, 'NDC' AS facility_id,
        TIMESTAMPTZ '2026-03-01 10:00:00+00' AS event_time, CAST(n AS DECIMAL(9, 2)) AS quantity
        FROM range(1, 4) r(n)) TO '{landing.root}/feeds/a.parquet' (FORMAT parquet)""")


def test_typed_values_are_compared_and_set_as_what_they_are(landing):
    """10:00 in UTC is 11:00 an hour east, and 1.00 is 1."""
    write_parquet(landing)
    correct(
        landing,
        "E1,set,event_time,2026-03-01T11:00:00+01:00,2026-03-01T12:30:00Z",
        "E2,set,quantity,2,2.5",
        "E3,set,quantity,4,5",
    )
    assert landing.land("CAST(event_time AS VARCHAR), CAST(quantity AS DOUBLE)", adapter="canonical_parquet") == [
        (1, "2026-03-01 12:30:00+00", 1.0),
        (2, "2026-03-01 10:00:00+00", 2.5),
        (3, "2026-03-01 10:00:00+00", 3.0),
    ]
    assert [row[3] for row in hits(landing)] == ["applied", "applied", "differs"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("E1,set,quantity,one,1", "expected 'one' is not of the type of quantity in the feed's files, DECIMAL"),
        ("E1,set,event_time,2026-03-01T10:00:00Z,2026-03-01 11:00", "value '2026-03-01 11:00' is not of the type of"),
    ],
)
def test_a_value_that_a_typed_column_cannot_hold_is_refused_and_no_zone_is_guessed(landing, line, said):
    write_parquet(landing)
    correct(landing, line)
    with pytest.raises(UnusableInput, match=f"corrections/a.csv: row 1: {said}"):
        landing.land("1", adapter="canonical_parquet")


def test_json_lines_are_corrected_by_what_they_say(landing):
    landing.write("feeds/a.jsonl", '{"event_id": "E1", "event_type": "pick_confirmed", "facility_id": "NDC", '
                  '"event_time": "2026-03-01T10:00:00Z", "quantity": 1}\n')  # fmt: skip
    correct(landing, "E1,set,quantity,1,3")
    assert landing.land("CAST(quantity AS INTEGER)", adapter="canonical_jsonl") == [(1, 3)]


def test_the_parts_of_a_composite_key_are_joined_with_a_bar(engine):
    scan = Scan("item_alias", "", ("facility_id", "local_code"))
    key = _key(CONTRACTS["item_alias"], scan)
    rows = "(VALUES (' NDC', '4711 '), ('NDC', NULL)) s(facility_id, local_code)"
    assert engine.rows(f"SELECT {key} FROM {rows}") == [("NDC|4711",), (None,)]
