"""`ocel`: events and related objects become the rows that the mapping says, worked out by hand, in every notation."""

from typing import Any

import pytest

from pipelines.errors import UnusableInput
from tests.landing import Landing
from tests.ocel import Log, as_json, as_sqlite, as_xml

NOTATIONS = ("json", "xml", "sqlite")
COLUMNS = {"item_id": "object:item", "document_id": "object:order", "facility_id": "attribute:warehouse"}
NDC = {"warehouse": "NDC"}
T = "2026-01-05T08:00:00Z"
THINGS: list[tuple[str, str, list[tuple[str, str | None, Any]]]] = [
    ("I1", "item", []),
    ("I2", "item", []),
    ("O1", "order", []),
    ("O2", "order", []),
]


def put(landing: Landing, log: Log, notation: str) -> None:
    if notation == "sqlite":
        as_sqlite(log, landing.root / "feeds" / "a")
    else:
        landing.write("feeds/a", as_json(log) if notation == "json" else as_xml(log))


def land(landing: Landing, seen: str, log: Log, notation: str = "json", **feed: Any) -> list[tuple[Any, ...]]:
    put(landing, log, notation)
    given = {"columns": COLUMNS, "event_types": {"pick": "pick_confirmed"}, **feed}
    return in_order(landing.land(seen, adapter="ocel", **given))


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows of one event have one number: they are sorted by what is seen first."""
    return sorted(rows, key=lambda row: (row[0], str(row[1])))


def refusal(landing: Landing, log: Log, notation: str = "json", **feed: Any) -> str:
    with pytest.raises(UnusableInput) as caught:
        land(landing, "event_id", log, notation, **feed)
    return str(caught.value)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_event_becomes_a_row_with_its_objects_and_attributes(landing, notation):
    """The name of the file says nothing of its notation."""
    log = Log(
        [
            ("e1", "pick", T, {"warehouse": "NDC", "qty": 2.5, "bin": "A & B"}, [("I1", ""), ("O1", "")]),
            ("e2", "pick", "2026-01-05T10:00:00+01:00", {"warehouse": "DC01", "qty": 3}, [("O2", "")]),
            ("e3", "count", T, NDC, []),
        ],
        THINGS,
    )
    columns = {**COLUMNS, "quantity": "attribute:qty", "location_id": "attribute:bin"}
    seen = "event_id, event_type, event_time::VARCHAR, facility_id, item_id, document_id, quantity::VARCHAR, location_id, reason"
    assert land(landing, seen, log, notation, columns=columns) == [
        (1, "e1", "pick_confirmed", "2026-01-05 08:00:00+00", "NDC", "I1", "O1", "2.500000", "A & B", None),
        (2, "e2", "pick_confirmed", "2026-01-05 09:00:00+00", "NDC", None, "O2", "3.000000", None, None),
        (3, "e3", None, "2026-01-05 08:00:00+00", "NDC", None, None, None, None, "unknown event type"),
    ]
    assert (landing.received(), landing.malformed()) == (3, [])


@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_event_with_several_objects_of_one_kind_is_a_row_each(landing, notation):
    """In the order of their ids, whatever order the file has; an object that is named twice is one."""
    log = Log([("e1", "pick", T, NDC, [("I2", "to"), ("I1", "to"), ("I2", "from"), ("O1", "")])], THINGS)
    assert land(landing, "event_id, item_id, document_id", log, notation) == [
        (1, "e1", "I1", "O1"),
        (1, "e1#2", "I2", "O1"),
    ]
    assert landing.received() == 2


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_qualifier_chooses_among_objects_of_a_type(landing, notation):
    log = Log([("e1", "pick", T, NDC, [("I1", "old"), ("I2", "new")])], THINGS)
    columns = {"facility_id": "attribute:warehouse", "item_id": "object:item/new", "lot_id": "object:item/old"}
    assert land(landing, "event_id, item_id, lot_id", log, notation, columns=columns) == [(1, "e1", "I2", "I1")]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_objects_attribute_has_the_value_that_held_at_the_events_time(landing, notation):
    """A at the beginning, B from 09:00, nothing from 11:00: at the very instant the new value holds."""
    values = [("sku", "1970-01-01T00:00:00Z", "A"), ("sku", "2026-01-05T09:00:00Z", "B"),
              ("sku", "2026-01-05T11:00:00Z", ""), ("unit", "1970-01-01T00:00:00Z", "EA")]  # fmt: skip
    times = ["2026-01-05T08:59:59Z", "2026-01-05T10:00:00+01:00", "2026-01-05T10:59:59.999999Z", "2026-01-05T11:00:00Z"]
    events = [(f"e{n}", "pick", time, NDC, [("I1", "")]) for n, time in enumerate(times, 1)]
    columns = {"facility_id": "attribute:warehouse", "item_id": "object:item.sku", "uom": "object:item.unit"}
    assert land(landing, "item_id, uom", Log(events, [("I1", "item", values)]), notation, columns=columns) == [
        (1, "A", "EA"),
        (2, "B", "EA"),
        (3, "B", "EA"),
        (4, None, "EA"),
    ]


def test_local_times_are_compared_with_local_times(landing):
    values = [("sku", "1970-01-01T00:00:00Z", "A"), ("sku", "2026-01-05 09:00:00", "B")]
    events = [(f"e{hour}", "pick", f"2026-01-05 {hour}:00", NDC, [("I1", "")]) for hour in ("08", "09")]
    columns = {"facility_id": "attribute:warehouse", "item_id": "object:item.sku"}
    log = Log(events, [("I1", "item", values)])
    # 08:00 and 09:00 in Chicago are 14:00 and 15:00 UTC.
    assert land(landing, "event_time::VARCHAR, item_id", log, columns=columns, system_timezone="facility") == [
        (1, "2026-01-05 14:00:00+00", "A"),
        (2, "2026-01-05 15:00:00+00", "B"),
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [("2026-01-05 09:00:00", "2026-01-05 09:00:00"), ("2026-01-04", "2026-01-04"), ("soon", "soon")],
)
def test_a_value_whose_time_cannot_be_compared_with_the_events_refuses_the_file(landing, changed, said):
    values = [("sku", "1970-01-01T00:00:00Z", "A"), ("sku", changed, "B")]
    columns = {"facility_id": "attribute:warehouse", "item_id": "object:item.sku"}
    log = Log([("e1", "pick", T, NDC, [("I1", "")])], [("I1", "item", values)])
    assert refusal(landing, log, columns=columns) == (
        f"feeds/a: object I1 has a value of sku from '{said}', event e1 was at '{T}': which was first cannot be said"
    )


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_time_without_a_zone_is_never_taken_for_utc(landing, notation):
    log = Log([("e1", "pick", "2026-01-05 08:00:00", NDC, []), ("e2", "pick", "2026-01-05", NDC, [])])
    assert land(landing, "event_time, reason", log, notation) == [
        (1, None, "naive time"),
        (2, None, "schema violation"),  # a day is no instant
    ]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_event_without_id_type_or_time_is_quarantined(landing, notation):
    log = Log([("e1", "pick", None, NDC, []), (None, "pick", T, NDC, []), ("e3", None, T, NDC, [])])
    found = land(landing, "reason, detail", log, notation)
    # A database holds time and attributes of an event with its id in the table of its type: it finds them by both.
    e3 = "event_type is empty"
    assert found == [(1, "schema violation", "event_time is empty"), (2, "schema violation", "event_id is empty"),
                     (3, "schema violation", e3)]  # fmt: skip


@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_event_related_to_an_object_that_there_is_not_is_set_aside(landing, notation):
    log = Log([("e1", "pick", T, NDC, [("I1", ""), ("I9", "")]), ("e2", "pick", T, NDC, [("I1", "")])], THINGS)
    assert land(landing, "event_id", log, notation) == [(2, "e2")]
    assert landing.malformed() == [(1, "it is related to object 'I9', which the file does not hold")]
    assert landing.received() == 2


@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_event_related_to_an_object_of_two_types_is_set_aside(landing, notation):
    log = Log([("e1", "pick", T, NDC, [("I1", "")])], [*THINGS, ("I1", "order", [])])
    assert land(landing, "event_id", log, notation) == []
    assert landing.malformed() == [(1, "it is related to object 'I1', which the file gives more than one type")]


def test_what_belongs_together_is_not_guessed(landing):
    log = Log([("e1", "pick", T, NDC, [("I1", ""), ("I2", ""), ("O1", ""), ("O2", "")])], THINGS)
    assert land(landing, "event_id", log) == []
    assert landing.malformed() == [
        (1, "it is related to 2 objects of type item and to 2 objects of type order: which belong together is not said")
    ]


def test_a_quantity_is_never_counted_twice(landing):
    """Of an event that states one quantity for two items, no row says how much of which."""
    related = [("I1", ""), ("I2", "")]
    log = Log([("e1", "pick", T, {**NDC, "qty": 5}, related), ("e2", "pick", T, NDC, related)], THINGS)
    columns = {**COLUMNS, "quantity": "attribute:qty"}
    assert land(landing, "event_id, item_id, quantity", log, columns=columns) == [
        (2, "e2", "I1", None),
        (2, "e2#2", "I2", None),
    ]
    assert landing.malformed() == [
        (1, "it is related to 2 objects of type item, but states one quantity: how it is divided is not said")
    ]


def test_a_quantity_of_the_object_itself_may_differ_from_row_to_row(landing):
    things = [(own, "item", [("qty", "1970-01-01T00:00:00Z", qty)]) for own, qty in (("I1", 4), ("I2", 6))]
    columns = {**COLUMNS, "quantity": "object:item.qty"}
    log = Log([("e1", "pick", T, NDC, [("I1", ""), ("I2", "")])], things)
    assert land(landing, "item_id, quantity::INT", log, columns=columns) == [(1, "I1", 4), (1, "I2", 6)]


def test_postings_and_counts_are_mapped_alike(landing):
    log = Log([("e1", "pick", T, {**NDC, "found": "7", "by": "U1"}, [("I1", "")])], THINGS)
    columns = {"facility_id": "attribute:warehouse", "item_id": "object:item"}
    put(landing, log, "json")
    posting = landing.land(
        "posting_id, posting_type, posted_at::VARCHAR, posted_by", table="erp_posting", adapter="ocel",
        columns={**columns, "posted_by": "attribute:by"},
    )  # fmt: skip
    count = landing.land(
        "count_id, counted_at::VARCHAR, counted_quantity::INT", table="count_record", adapter="ocel",
        columns={**columns, "counted_quantity": "attribute:found"},
    )  # fmt: skip
    assert posting == [(1, "e1", "pick", "2026-01-05 08:00:00+00", "U1")]
    assert count == [(1, "e1", "2026-01-05 08:00:00+00", 7)]


def test_names_with_signs_of_the_mapping_are_quoted(landing):
    log = Log([("e1", "pick", T, NDC, [("I1", "a/b")])], [("I1", "S/4.item", [("x.y", "1970-01-01T00:00:00Z", "V")])])
    columns = {"facility_id": "attribute:warehouse", "item_id": 'object:"S/4.item"/"a/b"."x.y"'}
    assert land(landing, "item_id", log, columns=columns) == [(1, "V")]


@pytest.mark.parametrize("words", ["item", "object:", "object:item.", "ocel:qualifier", "attribute:", "quantity:unit"])
def test_a_mapping_that_names_nothing_of_an_event_is_refused(landing, words):
    told = refusal(landing, Log([]), columns={**COLUMNS, "item_id": words})
    assert told.startswith(f"feed wms: columns: item_id: '{words}' is none of ocel:id, ocel:type, ocel:time")


def test_a_mapping_that_leaves_a_required_column_without_a_source_is_refused(landing):
    assert refusal(landing, Log([]), columns={}) == (
        "feed wms: `columns` must say what gives facility_id, or state `facility`"
    )
    assert refusal(landing, Log([]), columns={"colour": "ocel:id"}) == (
        "feed wms: columns names colour, which inventory_event does not have"
    )


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_log_without_events_is_no_rows(landing, notation):
    assert land(landing, "event_id", Log([], THINGS), notation) == []


def test_an_event_that_is_delivered_again_is_the_same_in_another_notation(landing):
    log = Log([("e1", "pick", T, NDC, [("I1", ""), ("I2", "")])], THINGS)
    landing.write("feeds/b", as_xml(log))
    as_sqlite(log, landing.root / "feeds" / "c")
    rows = land(landing, "event_id, event_time::VARCHAR, item_id, raw_event_type", log)
    assert rows == [
        *[(1, "e1", "2026-01-05 08:00:00+00", "I1", "pick")] * 3,
        *[(1, "e1#2", "2026-01-05 08:00:00+00", "I2", "pick")] * 3,
    ]


def test_the_flat_csv_of_ocel_1_is_read(landing):
    landing.write(
        "feeds/a",
        "ocel:activity,ocel:timestamp,ocel:type:item,ocel:type:order,warehouse,ocel:eid\n"
        f"pick,{T},\"['I1', 'I2']\",O1,NDC,e1\n"
        f"pick,{T},,,NDC,e2\n"
        f"pick,{T},\"['I1'\",,NDC,e3\n"
        f"pick,{T},[],NDC\n",
    )
    found = landing.land("event_id, item_id, document_id", adapter="ocel", columns=COLUMNS,
                         event_types={"pick": "pick_confirmed"})  # fmt: skip
    assert in_order(found) == [(1, "e1", "I1", "O1"), (1, "e1#2", "I2", "O1"), (2, "e2", None, None)]
    assert landing.malformed() == [
        (3, "ocel:type:item '['I1'' is no list of objects"),
        (4, "it has 4 cells where the header has 6"),
    ]
    assert landing.received() == 5
