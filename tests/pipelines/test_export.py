"""Exports of event logs: what they say, that they keep to the standards, and that other readers and our own agree."""

import csv
import io
import json
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.exports.built import built_warehouse
from pipelines.exports.choice import Choice
from pipelines.exports.event_log import EventLog
from pipelines.workspace import load_workspace
from tests.building import build_tables
from tests.exported import (
    BELONGING,
    CONFIGURATION,
    EVENTS,
    FILES,
    POSTINGS,
    RELATIONS,
    TYPES,
    instant,
    number,
    read_by_pm4py,
    text,
    violations,
)
from tests.pipelines.support import dockledger_here, make_workspace

OCEL = ["ocel-json", "ocel-xml", "ocel-sqlite"]
ROWS = list(csv.DictReader(io.StringIO(EVENTS)))
POSTED_AT = {row["event_id"]: row["posted_at"] for row in csv.DictReader(io.StringIO(POSTINGS))}
TEXTS = (
    "facility_id", "partner_facility_id", "item_id", "lot_id", "serial_id", "location_id", "supplier_id", "document_type",
    "document_id", "document_line", "shift",
)  # fmt: skip
# What a feed over an export maps to get the same events back.
MAPPED = [name for name in ROWS[0] if name not in ("event_id", "event_type", "event_time")]


@pytest.fixture(scope="session")
def awkward(once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    def fill(folder: Path) -> None:
        build_tables(make_workspace(folder, FILES, CONFIGURATION))

    return once("awkward", fill)


@pytest.fixture(scope="session")
def exported(awkward: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Exports the awkward workspace with options; the same ones once."""
    folder = tmp_path_factory.mktemp("exported")
    made: dict[tuple[str, ...], Path] = {}

    def make(*options: str) -> Path:
        if options not in made:
            made[options] = folder / f"{len(made)}.{options[0]}"
            done = dockledger_here("export", awkward, "--to", *options, "--out", made[options])
            assert done.exit_code == 0, done.output
        return made[options]

    return make


def stated(row: dict[str, str]) -> tuple[Any, ...]:
    """What the delivered row of an event says, in the types of `found`."""
    when = instant(row["event_time"]), instant(row["recorded_at"] or None), instant(POSTED_AT.get(row["event_id"]))
    return (row["event_type"], *when, number(row["quantity"] or None), *(row[name] or None for name in TEXTS))


def found(row: Any, kind: str, time: str) -> tuple[Any, ...]:
    """What a reader found of an event."""
    when = instant(row[time]), instant(row.get("recorded_at")), instant(row.get("posted_at"))
    return (row[kind], *when, number(row.get("quantity")), *(text(row.get(name)) for name in TEXTS))


@pytest.mark.parametrize("options", [*((form,) for form in OCEL), ("xes", "--process", "procure_to_receive")])
def test_an_export_keeps_to_the_standard(exported, options):
    assert violations(options[0], exported(*options)) == []


@pytest.mark.parametrize("form", OCEL)
def test_pm4py_reads_the_events_and_objects_that_were_delivered(exported, form):
    log = read_by_pm4py(form, exported(form))
    events = {row["ocel:eid"]: found(row, "ocel:activity", "ocel:timestamp") for _, row in log.events.iterrows()}
    assert events == {row["event_id"]: stated(row) for row in ROWS}
    relations: dict[str, set[tuple[str, str]]] = {}
    for event, thing, role in log.relations[["ocel:eid", "ocel:oid", "ocel:qualifier"]].itertuples(index=False):
        relations.setdefault(event, set()).add((thing, role))
    assert relations == RELATIONS
    assert dict(log.objects[["ocel:oid", "ocel:type"]].itertuples(index=False)) == TYPES
    assert set(log.o2o[["ocel:oid", "ocel:oid_2", "ocel:qualifier"]].itertuples(index=False, name=None)) == BELONGING


@pytest.mark.parametrize("form", OCEL)
def test_objects_bear_what_reference_data_says_of_them(exported, form):
    objects = read_by_pm4py(form, exported(form)).objects.set_index("ocel:oid")
    named = ["gtin", "base_uom", "abc_class"]
    assert [text(value) for value in objects.loc["item:A&B", named]] == ["09521234000013", "EA", "A"]
    assert [text(value) for value in objects.loc["item:Größe", named]] == [None, "EA", None]
    assert list(objects.loc["facility:NDC", ["name", "country"]]) == ['National <DC> & "Hub"', "US"]
    assert text(objects.loc["lot:A&B|L8", "name"]) is None


@pytest.mark.parametrize("form", ["ocel-json", "ocel-xml"])
def test_r4pm_reads_the_same_relations(exported, form, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import r4pm
    source = tmp_path / f"log.{form[5:]}"  # r4pm tells a notation by the ending
    source.write_bytes(exported(form).read_bytes())
    copied = tmp_path / "copied.json"
    item = r4pm.import_item("OCEL", str(source))
    r4pm.export_item(item, str(copied))
    r4pm.remove_item(item)
    log = json.loads(copied.read_text())
    relations = {e["id"]: {(r["objectId"], r["qualifier"]) for r in e["relationships"]} for e in log["events"]}
    assert relations == RELATIONS
    assert {thing["id"]: thing["type"] for thing in log["objects"]} == TYPES


def test_a_xes_has_a_trace_for_each_case(exported):
    """Line 1 of R'1 was created, confirmed and put away; line 2 was only put away."""
    rows = read_by_pm4py("xes", exported("xes", "--process", "procure_to_receive"))
    cases = rows.groupby("case:concept:name", sort=True)["event_id"].agg(list).to_dict()
    assert cases == {"NDC|R'1|1": ["E1", "E2", "E3"], "NDC|R'1|2": ["E4"]}
    assert set(rows["case:facility_id"]) == {"NDC"}
    by_id = {row["event_id"]: found(row, "concept:name", "time:timestamp") for _, row in rows.iterrows()}
    assert by_id == {row["event_id"]: stated(row) for row in ROWS if row["event_id"] in ("E1", "E2", "E3", "E4")}


def back(root: Path, adapter: str, file: Path, columns: dict[str, str]) -> dict[str, tuple[Any, ...]]:
    """The canonical events of a workspace whose one feed is an export, by id."""
    configuration = CONFIGURATION.split("feeds:")[0] + "reference: {items: items.csv}\nfeeds:\n  - "
    feed = {"name": "log", "adapter": adapter, "table": "inventory_event", "path": "feeds/*", "columns": columns}
    make_workspace(root, {"items.csv": FILES["items.csv"]}, configuration + json.dumps(feed) + "\n")
    (root / "feeds").mkdir()
    (root / "feeds" / file.name).write_bytes(file.read_bytes())
    build_tables(root)
    return canonical(root)


def canonical(root: Path) -> dict[str, tuple[Any, ...]]:
    columns = ", ".join(name for name in ROWS[0] if name != "uom")
    with duckdb.connect(str(root / "warehouse.duckdb"), read_only=True) as con:
        return {row[0]: row for row in con.execute(f"SELECT {columns} FROM canonical.inventory_event").fetchall()}


@pytest.mark.parametrize("form", OCEL)
def test_our_own_import_of_an_ocel_gives_the_same_events_back(awkward, exported, form, tmp_path):
    columns = {name: f"attribute:{name}" for name in MAPPED}
    assert back(tmp_path / "back", "ocel", exported(form, "--with-actors"), columns) == canonical(awkward)


def test_our_own_import_of_a_xes_gives_the_same_events_back(awkward, exported, tmp_path):
    columns = {name: name for name in MAPPED if name != "actor_id"} | {"event_id": "event_id"}
    log = exported("xes", "--process", "procure_to_receive", "--with-actors")
    events = back(tmp_path / "back", "xes", log, columns)
    assert events == {key: row for key, row in canonical(awkward).items() if key in ("E1", "E2", "E3", "E4")}


def test_who_did_it_is_told_when_asked_for_only(exported):
    assert "actor_id" not in read_by_pm4py("ocel-json", exported("ocel-json")).events.columns
    told = read_by_pm4py("ocel-json", exported("ocel-json", "--with-actors")).events
    assert set(told["actor_id"].dropna()) == {"Ann", "Bo"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--process", "transfer_to_reconcile"), {"E5", "E6"}),
        (
            ("--facility", "RDC", "--until", "2026-02-04"),
            {"E5", "E6"},
        ),  # told where it is received, also what was before
        (("--since", "2026-02-03", "--until", "2026-02-07"), {"E5", "E6", "E7", "E8"}),
    ],
)
def test_cases_are_chosen_whole(exported, options, expected):
    log = read_by_pm4py("ocel-sqlite", exported("ocel-sqlite", *options))
    assert set(log.events["ocel:eid"]) == expected
    related = {thing for event in expected for thing, _ in RELATIONS[event]}
    assert set(log.objects["ocel:oid"]) == related
    assert violations("ocel-sqlite", exported("ocel-sqlite", *options)) == []


@pytest.mark.parametrize("options", [*((form,) for form in OCEL), ("xes", "--process", "order_to_fulfil")])
def test_the_same_build_gives_the_same_bytes(awkward, exported, options, tmp_path):
    again = tmp_path / "again"
    assert dockledger_here("export", awkward, "--to", *options, "--out", again).exit_code == 0
    assert again.read_bytes() == exported(*options).read_bytes()


def test_it_says_how_much_it_wrote(awkward, tmp_path):
    done = dockledger_here("export", awkward, "--to", "ocel-json", "--out", tmp_path / "log.json")
    assert done.output == f"{tmp_path / 'log.json'}: 10 events, 16 objects\n"


def test_an_instant_is_written_with_what_it_has_below_a_second(exported):
    events = {e["id"]: e["time"] for e in json.loads(exported("ocel-json").read_text())["events"]}
    assert (events["E2"], events["E3"]) == ("2026-02-02T08:00:00Z", "2026-02-02T09:30:00.000250Z")
    assert datetime.fromisoformat(events["E3"]).microsecond == 250


@pytest.mark.parametrize("size", [1, 2, 3])
def test_slices_part_a_log_anywhere_but_in_a_case_or_an_instant(awkward, tmp_path, size):
    """E1 and E2 happened at one instant; three events are of one case."""
    workspace = load_workspace(awkward)
    with built_warehouse(workspace, tmp_path) as con:
        whole, parts = (EventLog(con, Choice(), slice_size=n) for n in (50_000, size))
        assert [event.event_id for event in parts.events()] == [f"E{n}" for n in range(1, 11)]
        assert list(parts.events()) == list(whole.events())
        chosen = Choice(process="procure_to_receive")
        whole, parts = (EventLog(con, chosen, slice_size=n) for n in (50_000, size))
        assert [len(case.events) for case in parts.cases()] == [3, 1]
        assert list(parts.cases()) == list(whole.cases())
