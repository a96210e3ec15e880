"""`mapped_csv` makes columns of columns, constants and several rows of one, and reads files without a header."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UnusableInput
from pipelines.workspace import load_workspace
from tests.landing import Landing

COLUMNS = {"event_id": "id", "event_type": "what", "event_time": "at", "quantity": "n"}
AT = "2026-03-01T10:00:00Z"


def land(landing: Landing, seen: str, content: str, **feed: Any) -> list[tuple[Any, ...]]:
    landing.write("feeds/a.csv", content)
    given = {"adapter": "mapped_csv", "facility": "NDC", "columns": COLUMNS, **feed}
    return landing.land(seen, **given)


def refusal(landing: Landing, content: str, **feed: Any) -> str:
    with pytest.raises(UnusableInput) as caught:
        land(landing, "reason", content, **feed)
    return str(caught.value)


def picks(*rows: str, header: str = "id,what,at,n") -> str:
    return "\n".join([header, *rows, ""])


def test_a_file_without_a_header_is_read_by_the_names_that_the_feed_gives(landing):
    content = f"E1,pick_confirmed,{AT},4\nE2,pick_confirmed,{AT},5\n"
    told = land(landing, "event_id, CAST(quantity AS VARCHAR)", content, header=["id", "what", "at", "n"])
    assert told == [(1, "E1", "4.000000"), (2, "E2", "5.000000")]
    assert landing.received() == 2


def test_malformed_rows_of_a_file_without_a_header_keep_their_number(landing):
    content = (
        f'E1,pick_confirmed,{AT}\n\nE2,pick_confirmed,{AT},5\nE3,"pick_confirmed,{AT},5\nE4,pick_confirmed,{AT},6\n'
    )
    told = land(landing, "event_id", content, header=["id", "what", "at", "n"])
    assert told == [(2, "E2"), (4, "E4")]
    assert [(n, detail[:27]) for n, detail in landing.malformed()] == [
        (1, "it has 3 fields instead of "),
        (3, "the line is not CSV (unexpe"),
    ]
    assert landing.received() == 4


def test_a_renamed_column_is_known_by_its_new_name_only(landing):
    content = picks(f"E1,pick_confirmed,{AT},4", header="Nr,what,at,n")
    assert land(landing, "event_id", content, rename={"Nr": "id"}) == [(1, "E1")]
    assert refusal(landing, picks(f"E1,pick_confirmed,{AT},4"), rename={"Nr": "id"}) == (
        "feeds/a.csv: row 1: required column Nr is missing; the header has: id, what, at, n"
    )


def test_columns_are_joined_by_a_blank_and_empty_ones_are_left_out(landing):
    content = picks("E1,2026-03-01,10:00:00,a,b", "E2,2026-03-01,,,b", "E3,,10:00:00,a,", header="id,day,hour,x,y")
    columns = {"event_id": "id", "event_time": ["day", "hour"], "actor_id": ["x", "y", "z"]}
    told = land(landing, "CAST(event_time AS VARCHAR), actor_id, reason", content, columns=columns,
                values={"event_type": "pick_confirmed"}, system_timezone="UTC")  # fmt: skip
    assert told == [
        (1, "2026-03-01 10:00:00+00", "a b", None),
        (2, None, "b", "schema violation"),  # a day alone is no instant
        (3, None, "a", "schema violation"),  # nor is an hour
    ]


def test_a_text_holds_columns_and_is_nothing_where_one_of_them_is_empty(landing):
    content = picks(f"7,pick_confirmed,{AT},it's", f",pick_confirmed,{AT},4", f" 8 ,pick_confirmed,{AT},5")
    columns = {**COLUMNS, "event_id": {"text": "p'{id}/{n}."}, "quantity": {"minus": "none"}}
    told = land(landing, "event_id, quantity, detail", content, columns=columns)
    assert told == [(1, "p'7/it's.", None, None), (2, None, None, "event_id is empty"), (3, "p'8/5.", None, None)]


def test_what_stands_before_a_sign_is_taken_and_all_of_it_where_there_is_none(landing):
    content = picks("1,NDC/Stock/A", "2,3PL1", "3,/x", "4, DC01 /y", "5,XX/y", header="id,place")
    columns = {"event_id": "id", "facility_id": {"before": "/", "of": "place"}}
    told = land(landing, "facility_id, detail", content, columns=columns, facility=None,
                values={"event_type": "pick_confirmed", "event_time": AT})  # fmt: skip
    assert told == [
        (1, "NDC", None), (2, "3PL1", None), (3, None, "facility_id is empty"), (4, "NDC", None),
        (5, None, "facility_id 'XX' is not known"),
    ]  # fmt: skip


def test_a_number_gets_the_other_sign_and_what_is_none_stays_none(landing):
    stated = ["4", "-4", "+4", " 4.50 ", "", "-", "--4", "x", "0", ".5"]
    content = picks(*(f"{n},pick_confirmed,{AT},{value}" for n, value in enumerate(stated)))
    told = land(landing, "CAST(quantity AS VARCHAR), reason", content, columns={**COLUMNS, "quantity": {"minus": "n"}})
    assert [(quantity, reason) for _, quantity, reason in told] == [
        ("-4.000000", None), ("4.000000", None), ("-4.000000", None), ("-4.500000", None), (None, None),
        (None, "non-numeric quantity"), (None, "non-numeric quantity"), (None, "non-numeric quantity"),
        ("0.000000", None), ("-0.500000", None),
    ]  # fmt: skip


def test_the_other_sign_is_read_with_the_signs_that_the_feed_declares(landing):
    content = picks(f'1,pick_confirmed,{AT},"1.234,5"', f'2,pick_confirmed,{AT},"-1.234,5"')
    told = land(landing, "CAST(quantity AS VARCHAR)", content, columns={**COLUMNS, "quantity": {"minus": "n"}},
                formats={"decimal": ",", "thousands": "."})  # fmt: skip
    assert told == [(1, "-1234.500000"), (2, "1234.500000")]


ROWS = [
    {
        "when": {"from": "in", "state": ["done", 2]},
        "columns": {"event_id": {"text": "{id}/out"}, "quantity": {"minus": "n"}},
    },
    {
        "when": {"to": "in"},
        "unless": {"state": ""},
        "columns": {"event_id": {"text": "{id}/in"}},
        "values": {"uom": "EA"},
    },
]


def moves(*rows: str) -> str:
    return picks(*rows, header="id,from,to,state,n,file,row_number")


def move_rows(landing: Landing, content: str, rows: list[dict[str, Any]] = ROWS) -> list[tuple[Any, ...]]:
    return land(landing, "event_id, CAST(quantity AS VARCHAR), uom", content, rows=rows, columns={"quantity": "n", "actor_id": "file"},
                values={"event_type": "pick_confirmed", "event_time": AT})  # fmt: skip


def test_a_row_gives_as_many_rows_as_templates_that_hold_and_is_out_of_scope_where_none_does(landing):
    content = moves(
        "1,in,out,done,4,x,9", "2,in,in,2,5,x,9", "3,out,out,done,6,x,9", "4,out, in ,done,7,x,9", "5,in,in,,8,x,9"
    )
    assert sorted(move_rows(landing, content)) == [
        (1, "1/out", "-4.000000", None),
        (2, "2/in", "5.000000", "EA"),
        (2, "2/out", "-5.000000", None),
        (4, "4/in", "7.000000", "EA"),
    ]
    # Rows 1 and 4 give one each, row 2 gives two; rows 3 and 5 give none and count once.
    assert landing.received() == 6


def test_rows_of_templates_are_numbered_around_malformed_rows(landing):
    content = moves("1,in,out,done,4,x,9", "torn", "2,out,out,done,5,x,9", "3,in,in,done,5,x,9")
    assert sorted(move_rows(landing, content)) == [
        (1, "1/out", "-4.000000", None),
        (4, "3/in", "5.000000", "EA"),
        (4, "3/out", "-5.000000", None),
    ]
    assert [n for n, _ in landing.malformed()] == [2]
    assert landing.received() == 5


def test_rows_are_told_apart_by_whether_two_columns_are_the_same(landing):
    rows = [{"same": ["from", {"before": "-", "of": "to"}], "columns": {"event_id": "id"}}]
    assert move_rows(landing, moves("1,a,a-1,,1,x,9", "2,a,b-1,,1,x,9", "3,,,,1,x,9"), rows) == [
        (1, "1", "1.000000", None),
        (3, "3", "1.000000", None),
    ]
    rows = [{"differ": ["from", {"before": "-", "of": "to"}], "columns": {"event_id": "id"}}]
    assert move_rows(landing, moves("1,a,a-1,,1,x,9", "2,a,b-1,,1,x,9", "3,,,,1,x,9", "4,a,,,1,x,9"), rows) == [
        (2, "2", "1.000000", None),
        (4, "4", "1.000000", None),
    ]


def test_files_without_the_column_by_which_rows_are_chosen_are_refused(landing):
    content = picks("1,in,out,4", header="id,from,to,n")
    assert refusal(landing, content, rows=ROWS, values={"event_type": "x", "event_time": AT}) == (
        "feeds/a.csv: row 1: required column state is missing; the header has: id, from, to, n"
    )


def test_what_is_not_canonical_is_refused_wherever_it_stands(landing):
    content = picks(f"E1,pick_confirmed,{AT},4")
    assert refusal(landing, content, values={"colour": "red"}) == (
        "feed wms: values names colour, which inventory_event does not have"
    )
    assert refusal(landing, content, rows=[{}, {"columns": {"colour": "red"}}]) == (
        "feed wms: row 2: columns names colour, which inventory_event does not have"
    )


@pytest.mark.parametrize("key", ["header", "rename", "values", "rows"])
def test_an_adapter_that_maps_nothing_says_which_does(landing, key):
    given = {"header": ["id"], "rename": {"a": "b"}, "values": {"uom": "EA"}, "rows": [{}]}[key]
    told = refusal(landing, picks(f"E1,pick_confirmed,{AT},4"), adapter="canonical_csv", columns={}, **{key: given})
    assert told == f"feed wms: adapter canonical_csv reads no `{key}`; mapped_csv does"


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("columns", {"event_id": {"text": "x", "minus": "y"}}, "columns.event_id"),
        ("columns", {"event_id": {"before": "/"}}, "columns.event_id"),
        ("columns", {"event_id": {"after": "/", "of": "x"}}, "columns.event_id"),
        ("columns", {"event_id": []}, "columns.event_id"),
        ("columns", {"event_id": 4}, "columns.event_id"),
        ("rows", [{"same": ["a", {"of": "x"}]}], "rows.0.same.1"),
    ],
)
def test_a_source_that_is_none_is_refused_with_its_line(tmp_path: Path, key, value, where):
    feed = {"name": "wms", "adapter": "mapped_csv", "table": "inventory_event", "path": "feeds/*", key: value}
    text = {"facilities": [{"id": "NDC", "timezone": "UTC"}], "feeds": [feed]}
    (tmp_path / "dockledger.yaml").write_text(json.dumps(text))
    with pytest.raises(UnusableInput) as caught:
        load_workspace(tmp_path)
    assert str(caught.value).removeprefix(f"{tmp_path / 'dockledger.yaml'}: line 1: ") == (
        f"feeds.0.{where}: it must be a column, a list of columns, or one of text, before with of, minus"
    )


@pytest.mark.parametrize(("header", "told"), [(["a", "a"], "'a' is given twice"), (["a", " "], "a column has no name")])
def test_a_header_that_cannot_be_one_is_refused(tmp_path: Path, header, told):
    feed = {"name": "wms", "adapter": "mapped_csv", "table": "inventory_event", "path": "feeds/*", "header": header}
    (tmp_path / "dockledger.yaml").write_text(
        json.dumps({"facilities": [{"id": "N", "timezone": "UTC"}], "feeds": [feed]})
    )
    with pytest.raises(UnusableInput, match=told):
        load_workspace(tmp_path)
