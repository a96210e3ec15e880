"""`ocel`: files that are broken, or made to do harm, are refused in one sentence; nothing is fetched, memory is bounded."""

import gzip
import json
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UnusableInput
from tests.landing import Landing
from tests.ocel import Log, as_json, as_sqlite, as_xml

T = "2026-01-05T08:00:00Z"
ONE = Log([("e1", "pick_confirmed", T, {}, [("I1", "")])], [("I1", "item", [])])
COLUMNS = {"item_id": "object:item"}


def land(landing: Landing, **feed: Any) -> list[tuple[Any, ...]]:
    return landing.land("event_id, item_id", adapter="ocel", facility="NDC", **{"columns": COLUMNS, **feed})


def refusal(landing: Landing, content: str | bytes | None = None, **feed: Any) -> str:
    if content is not None:
        landing.write("feeds/a", content)
    with pytest.raises(UnusableInput) as caught:
        land(landing, **feed)
    return str(caught.value).removeprefix("feeds/a: ")


def database(landing: Landing, statements: str = "", log: Log = ONE) -> Path:
    path = landing.root / "feeds" / "a"
    as_sqlite(log, path)
    with closing(sqlite3.connect(path)) as con:
        con.executescript(statements)
    return path


@pytest.mark.parametrize("write", [as_json, as_xml])
def test_a_packed_text_is_read(landing, write):
    landing.write("feeds/a.gz", gzip.compress(write(ONE).encode()))
    assert land(landing) == [(1, "e1", "I1")]


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_an_empty_file_is_no_rows(landing, content):
    landing.write("feeds/a", content)
    assert land(landing) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_xml_is_read_in_the_encoding_that_it_marks(landing, encoding):
    landing.write("feeds/a", as_xml(Log([("é1", "pick_confirmed", T, {}, [])])).encode(encoding))
    assert land(landing) == [(1, "é1", None)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("event_id,event_type\n", "it is no OCEL: neither SQLite, nor JSON, nor XML, nor CSV with ocel:eid, ocel:activity, ocel:timestamp"),
        (b"\x00\x01\x02", "it is no OCEL: neither SQLite, nor JSON, nor XML, nor CSV with ocel:eid, ocel:activity, ocel:timestamp"),
        ("{}", "it is not OCEL 2.0: it has no array events, objects"),
        ('{"ocel:events": {"e1": {}}, "events": {}, "objects": []}', "it is not OCEL 2.0: it has no array events"),
        ('{"events": [\n{"id": "e1"},\n{"id": ]}', "line 3: it is not whole JSON (Expecting value)"),
        ('{"events": [{"id": "e1"}', "line 1: it is not whole JSON (',' or ']' is expected)"),
        ('{"events": [], "objects": []} {}', "line 1: it is not whole JSON (there is more after the document's end)"),
        ('{"events": [' + "[" * 100_000, "line 1: it is not whole JSON (it is nested too deeply)"),
        (b'{"events": ["\xff"]}', "line 1: it is not whole JSON (the file is not UTF-8 text)"),
        ("<log><events/></log>", "it is not OCEL 2.0: it has no element objects"),
        ("<log xmlns='http://www.xes-standard.org/'><trace/></log>", "it is not OCEL 2.0: it has no element events, objects"),
        ("<html/>", "line 1: the outermost element is html, not log"),
        ("<log>\n<events></log>", "line 2: it is not whole XML (Opening and ending tag mismatch: events line 2 and log, line 2, column 15)"),
        ('<!DOCTYPE log [<!ENTITY a "b">]><log><events/></log>', "line 1: a document type (DOCTYPE) is not read"),
        ('<!DOCTYPE log SYSTEM "http://localhost:9/x.dtd"><log/>', "line 1: a document type (DOCTYPE) is not read"),
        ('ocel:eid,ocel:activity,ocel:timestamp,ocel:eid\n', "row 1: column ocel:eid appears twice in the header"),
        ('ocel:eid,ocel:activity,ocel:timestamp\n1,"a', "row 1: it cannot be read on (unexpected end of data)"),
    ],
)  # fmt: skip
def test_what_is_no_event_log_is_refused_in_one_sentence(landing, content, reason):
    assert refusal(landing, content) == reason


def test_a_file_of_the_machine_is_never_read_through_an_entity(landing, tmp_path):
    (tmp_path / "secret").write_text("secret")
    document = (
        f'<!DOCTYPE log [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><log><events><event id="&x;"/></events></log>'
    )
    assert refusal(landing, document) == "line 1: a document type (DOCTYPE) is not read"


def test_entities_that_multiply_are_refused_before_they_do(landing):
    many = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 30))
    document = f'<!DOCTYPE log [<!ENTITY a0 "x">{many}]><log><events><event id="&a29;"/></events></log>'
    assert refusal(landing, document) == "line 1: a document type (DOCTYPE) is not read"


def test_an_archive_that_unpacks_to_too_much_is_refused(landing):
    """65 MiB of equal events pack to a thousandth: more than 64 MiB and more than 200 times the archive."""
    event = b'{"id": "e", "note": "' + b"x" * 100_000 + b'"},'
    bomb = gzip.compress(b'{"events": [' + event * (65 * (1 << 20) // len(event)))
    assert len(bomb) * 200 < 65 << 20
    assert refusal(landing, bomb) == "the archive unpacks to more than 200 times its size"


@pytest.mark.parametrize(
    "content",
    [
        b'{"events": [{"id": "' + b"x" * (17 << 20) + b'"}], "objects": []}',
        b"<log><events><event>" + b"<attributes/>" * (17 * (1 << 20) // 13) + b"</event></events><objects/></log>",
        b"<log>" + b"<!-- nothing -->" * (1 << 20) + b" " * (1 << 20) + b"</log>",
    ],
    ids=["json", "xml", "comments"],
)
def test_an_event_of_more_than_16_mib_is_refused(landing, content):
    assert refusal(landing, content) == ("there is no event or object within 16 MiB, so one is larger or there is none")


@pytest.mark.parametrize("notation", ["json", "xml"])
def test_memory_is_that_of_a_portion_however_long_the_document(notation, tmp_path):
    """Read with less than a fifth of the document in Python's memory."""
    from pipelines.feeds.base import FeedFile
    from pipelines.feeds.json_stream import array_elements
    from pipelines.feeds.safe_xml import elements

    log = Log([(f"e{n}", "pick_confirmed", T, {"note": "x" * 200}, []) for n in range(20_000)])
    path = tmp_path / "long"
    path.write_text(as_json(log) if notation == "json" else as_xml(log))
    size = path.stat().st_size
    del log
    file = FeedFile(path, "long")
    tracemalloc.start()
    read = array_elements(file, set()) if notation == "json" else elements(file, "log", {("log", "events", "event")})
    count = sum(1 for _ in read)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < size / 5


def test_a_database_is_read_without_being_written_to(landing):
    path = database(landing)
    before = path.stat().st_mtime_ns, path.read_bytes()
    path.chmod(0o444)
    assert land(landing) == [(1, "e1", "I1")]
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    assert [p.name for p in path.parent.iterdir()] == ["a"]


def test_a_database_may_have_any_name(landing):
    as_sqlite(ONE, landing.root / "feeds" / "a #1?mode=rwc&x=%41 [b].sqlite")
    assert land(landing) == [(1, "e1", "I1")]
    assert len(list((landing.root / "feeds").iterdir())) == 1


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        ("DROP TABLE event_object", "it is not OCEL 2.0: it has no table event_object"),
        ("DROP TABLE event_E0", "it is not OCEL 2.0: event_map_type names the table event_E0, which there is not"),
        ("DROP TABLE object_O0", "it is not OCEL 2.0: object_map_type names the table object_O0, which there is not"),
        ("DROP TABLE event; CREATE VIEW event AS SELECT 1 AS ocel_id, 2 AS ocel_type",
         "it is not OCEL 2.0: it has no table event"),
        ("ALTER TABLE event_E0 RENAME COLUMN ocel_time TO t", "it is not OCEL 2.0: table event_E0 has no column ocel_time"),
        ("INSERT INTO event VALUES (CAST(x'ff' AS TEXT), 'x')",
         "the database cannot be read (Could not decode to UTF-8 column 'ocel_id' with text '\ufffd')"),
        ("INSERT INTO event VALUES (zeroblob(20000000), 'x')", "the database cannot be read (string or blob too big)"),
    ],
)  # fmt: skip
def test_a_database_that_is_no_ocel_is_refused_in_one_sentence(landing, statements, reason):
    database(landing, statements)
    assert refusal(landing) == reason


def test_a_database_with_spoilt_pages_is_refused(landing):
    path = database(landing)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x5a" * (len(content) - 4096))
    assert refusal(landing) == "the database cannot be read (database disk image is malformed)"
    path.write_bytes(content[:5000])
    assert refusal(landing).startswith("the database cannot be read (")


def test_a_database_that_was_copied_while_in_use_is_refused(landing):
    path = database(landing)
    path.with_name("a-wal").write_bytes(b"x")
    assert refusal(landing, path="feeds/a") == "a-wal lies beside it, so it was copied while it was in use"


def test_a_packed_database_is_refused(landing):
    path = database(landing)
    landing.write("feeds/a", gzip.compress(path.read_bytes()))
    assert refusal(landing) == "a packed database cannot be read; unpack it"


def test_what_a_database_states_of_no_event_is_set_aside_with_a_number_after_the_events(landing):
    database(landing, "INSERT INTO event_E0 VALUES ('e9', NULL); INSERT INTO event_object VALUES ('e8', 'I1', '');")
    assert land(landing) == [(1, "e1", "I1")]
    assert landing.malformed() == [
        (2, "a table of type 'pick_confirmed' holds event 'e9', which table event does not hold with this type"),
        (3, "table event_object names event 'e8', which table event does not hold"),
    ]
    assert landing.received() == 3


def test_an_id_that_looks_like_a_command_is_a_text(landing):
    own = "e'; DROP TABLE x; --"
    landing.write("feeds/a", as_json(Log([(own, "pick_confirmed", T, {}, [("I'1", "")])], [("I'1", "it'em", [])])))
    assert land(landing, columns={"item_id": "object:it'em"}) == [(1, own, "I'1")]


QUANTITIES = {"item_id": "quantity:item", "location_id": "quantity:place", "quantity": "quantity:value"}


def test_each_quantity_of_an_operation_is_a_row(landing):
    """By collection point and item; an operation that moves nothing is out of scope, one of no event is quarantined."""
    log = Log(
        [("e1", "pick_confirmed", T, {}, []), ("e2", "pick_confirmed", T, {}, [])],
        operations=[("e1", "SHELF", {"B": 2, "A": -1.5}), ("e1", "DOCK", {"A": 0}), ("e2", "DOCK", {}),
                    ("init", "DOCK", {"A": 7})],
    )  # fmt: skip
    database(landing, log=log)
    seen = "event_id, location_id, item_id, quantity::DOUBLE, reason"
    found = landing.land(seen, adapter="ocel", facility="NDC", columns=QUANTITIES)
    assert sorted(found, key=lambda row: row[:2]) == [
        (1, "e1", "DOCK", "A", 0.0, None),
        (1, "e1#2", "SHELF", "A", -1.5, None),
        (1, "e1#3", "SHELF", "B", 2.0, None),
        (2, "e2", None, None, None, None),
        (3, "init", "DOCK", "A", 7.0, "schema violation"),
    ]
    assert landing.received() == 6


def test_quantities_that_a_file_does_not_hold_are_asked_for_in_vain(landing):
    database(landing)
    assert refusal(landing, columns=QUANTITIES) == "it is not OCEL 2.0: it has no table quantity_operations"
    told = refusal(landing, as_json(ONE), columns=QUANTITIES)
    assert told == "`columns` name quantities, which JSON does not hold"


def test_numbers_of_json_keep_their_digits(landing):
    event = {"id": 12345678901234567890123, "type": "pick_confirmed", "time": T,
             "attributes": [{"name": "qty", "value": "0.10"}, {"name": "ok", "value": True}, {"name": 5, "value": [1]}]}  # fmt: skip
    text = json.dumps({"events": [event, 7, None], "objects": [{"id": "I1"}, 3]}).replace('"0.10"', "0.10")
    landing.write("feeds/a", text)
    columns = {"quantity": "attribute:qty", "lot_id": "attribute:ok"}
    found = landing.land(
        "event_id, quantity::VARCHAR, lot_id, raw_event_type, detail", adapter="ocel", facility="NDC", columns=columns
    )
    assert found == [
        (1, "12345678901234567890123", "0.100000", "true", "pick_confirmed", None),
        (2, None, None, None, None, "event_id is empty"),
        (3, None, None, None, None, "event_id is empty"),
    ]
