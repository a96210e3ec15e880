"""EPCIS documents, published and simulated, 1.2 and 2.0, XML and JSON: every event lands and says what it says."""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pytest
from lxml import etree

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile, adapters
from pipelines.simulator import simulate
from pipelines.workspace import Feed
from tests.epcis import landed, told, word
from tests.support import real_data
from transforms.contracts import CONTRACTS

Row = dict[str, Any]
Landed = dict[Path, dict[int, list[Row]]]
# Not two words of one file name: a document that was renamed on one side.
RENAMED = {"TransformationEvent_with_errorDeclaration": "TransformationEvent_with_error_declaration"}
SINGLE = "its root is "
REFUSED = {
    "1.2/EPCIS/XML/Capture/Documents/Single_event.xml": SINGLE,
    "1.2/EPCIS/XML/Capture/Documents/Single_event_with_namespace.xml": SINGLE,
    "2.0/EPCIS/XML/Capture/Events/AggregationEvent.xml": SINGLE,
    "2.0/EPCIS/XML/Capture/Events/AssociationEvent.xml": SINGLE,
    "2.0/EPCIS/XML/Capture/Events/Namespace_event.xml": SINGLE,
    "2.0/EPCIS/XML/Capture/Events/ObjectEvent.xml": SINGLE,
    "2.0/EPCIS/XML/Capture/Events/TransactionEvent.xml": SINGLE,
    "2.0/EPCIS/XML/Capture/Events/TransformationEvent.xml": SINGLE,
    "2.0/EPCIS/XML/Capture/Invalid/ObjectEvent_bare_event_without_action.xml": SINGLE,
    "2.0/EPCIS/XML/Query/Invalid/QueryDocument_with_missing_value.xml": "holds no EventList",  # a question
    "2.0/EPCIS/XML/Query/Queries/Invalid/Query_without_queryName.xml": "holds no EventList",
    "2.0/EPCIS/XML/Query/Queries/SimpleEventQuery.xml": "holds no EventList",
    "2.0/EPCIS/JSON/Capture/Events/AggregationEvent.json": "has no epcisBody",
    "2.0/EPCIS/JSON/Capture/Events/AssociationEvent.json": "has no epcisBody",
    "2.0/EPCIS/JSON/Capture/Events/ObjectEvent.json": "has no epcisBody",
    "2.0/EPCIS/JSON/Capture/Events/TransactionEvent.json": "has no epcisBody",
    "2.0/EPCIS/JSON/Capture/Events/TransformationEvent.json": "has no epcisBody",
    "2.0/EPCIS/JSON/Query/Queries/Invalid/Query_with_invalid_values.json": "has no epcisBody",
    "2.0/EPCIS/JSON/Query/Queries/Invalid/Query_with_unknown_parameter.json": "has no epcisBody",
    "2.0/EPCIS/JSON/Query/Queries/SimpleEventQuery.json": "has no epcisBody",
}
# Documents of one name that do not say the same, and in which columns.
DIFFERENT = {
    # <declarationTime>2019-11-07T14:00:00.000+01:00, and "2019-11-07T14:00:00Z".
    "Capture/Documents/Combination_of_different_event": {"withdrawn_at"},
    "Query/Combination_of_different_event": {"withdrawn_at"},
    # A link to a GRAI without its leading zero and with check digit 7; that of 030013450007 is 1.
    "Query/Invalid/QueryDocument_with_invalid_action": {"event_id", "item_id", "raw_item_id"},
    "Query/Invalid/QueryDocument_with_invalid_eventType": {"event_id", "item_id", "raw_item_id"},
}


def documents(name: str) -> list[Path]:
    """Every XML and JSON document of a collection."""
    folder = real_data(name)
    found = [path for path in folder.rglob("*") if path.suffix in (".xml", ".json", ".jsonld")]
    assert len(found) > 40
    return sorted(found)


def place_in(path: Path) -> str:
    """A document's path within its collection."""
    return str(path.relative_to(real_data("epcis-openepcis")))


@pytest.fixture(scope="module")
def landings(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    """Every usable document of both collections, landed by the adapter of its notation."""
    usable = [path for path in documents("epcis-openepcis") if place_in(path) not in REFUSED]
    usable += documents("epcis-equivalence")
    folder = tmp_path_factory.mktemp("documents")
    xml = [path for path in usable if path.suffix == ".xml"]
    as_json = [path for path in usable if path.suffix != ".xml"]
    return landed(folder / "xml", "epcis_xml", xml) | landed(folder / "json", "epcis_json", as_json)


def summary(rows: list[Row]) -> dict[str, Any]:
    """The landed rows of an event as `Told.summary` says what they must be."""
    return {
        "event_ids": {None if str(row["event_id"]).startswith("md5:") else row["event_id"] for row in rows},
        "clocks": {(row["event_time"], row["recorded_at"], row["withdrawn_at"]) for row in rows},
        "event_types": {row["event_type"] for row in rows},
        "facilities": {row["raw_facility_id"] for row in rows},
        "quantities": Counter((row["quantity"], row["raw_uom"]) for row in rows),
    }


def said(rows: list[Row], *without: str) -> list[dict[str, Any]]:
    """All canonical columns of an event's rows, codes that nothing maps as they came, in an order of their own."""
    columns = {
        *CONTRACTS["inventory_event"].columns,
        *(f"raw_{c}_id" for c in ("facility", "item", "partner_facility")),
    }
    kept = [{c: row[c] for c in columns - set(without)} | {"step": word(row["raw_event_type"])} for row in rows]
    return sorted(kept, key=lambda row: str(sorted(row.items())))


def test_every_event_of_every_document_lands_as_an_independent_reader_says(landings):
    for path, events in landings.items():
        expected = {number: event.summary() for number, event in enumerate(told(path), 1)}
        assert {number: summary(rows) for number, rows in events.items()} == expected, path.name
    assert sum(len(events) for events in landings.values()) > 380


def test_exactly_the_rows_are_used_that_have_a_known_type_a_time_and_a_place(landings):
    """EPCIS lets an event go without eventID, which most of these do: what they say is their id."""
    reasons: Counter[str] = Counter()
    for path, events in landings.items():
        for event, rows in zip(told(path), events.values(), strict=True):
            complete = all((event.event_type, event.event_time, event.facility))
            assert {row["reason"] is None for row in rows} == {complete}, path.name
            assert len({row["event_id"] for row in rows}) == len(rows), path.name
            reasons.update(row["reason"] or "used" for row in rows)
    assert set(reasons) == {"used", "schema violation", "unknown event type"}
    assert reasons["used"] == 190


@pytest.mark.parametrize("name", REFUSED)
def test_a_document_that_is_not_of_events_is_refused_with_the_reason(name):
    path = real_data("epcis-openepcis", *name.split("/"))
    adapter = adapters()["epcis_xml" if path.suffix == ".xml" else "epcis_json"]
    feed = Feed(name="epcis", adapter=adapter.spec.name, path="feeds/*")
    engine = duckdb.connect()

    def gather() -> None:
        for scan in adapter.land(engine, feed, [FeedFile(path, path.name)]).scans:
            if scan.stage:
                scan.stage(engine)

    with pytest.raises(UnusableInput, match=f"{path.name}: .*{REFUSED[name]}"):
        gather()


def test_documents_in_both_notations_say_the_same_in_every_column(landings):
    compared, differing = 0, {}
    folder = real_data("epcis-openepcis", "2.0", "EPCIS")
    for path in (p for p in landings if p.is_relative_to(folder / "XML")):
        place = path.relative_to(folder / "XML").with_suffix("")
        twin = (folder / "JSON" / place.with_name(RENAMED.get(place.name, place.name))).with_suffix(".json")
        if twin in landings:
            compared += 1
            differing[str(place)] = difference(landings[path], landings[twin])
    assert compared == 49
    assert {place: columns for place, columns in differing.items() if columns} == DIFFERENT


def difference(one: dict[int, list[Row]], other: dict[int, list[Row]]) -> set[str]:
    """The columns in which the events of two documents differ."""
    assert {number: len(rows) for number, rows in one.items()} == {number: len(rows) for number, rows in other.items()}
    return {
        column
        for number in one
        for a, b in zip(said(one[number]), said(other[number]), strict=True)
        for column in a
        if a[column] != b[column]
    }


def test_events_that_are_stated_equal_in_one_document_are_equal(landings):
    """Other orders of lists and fields, other precisions and zones, empty lists."""
    folder = real_data("epcis-equivalence", "expected_equal")
    found = {path: events for path, events in landings.items() if path.parent == folder}
    assert len(found) == 11
    for path, events in found.items():
        first, *others = [said(rows) for rows in events.values()]
        assert others, path.name
        assert all(other == first for other in others), path.name


def test_events_that_bear_the_same_published_hash_are_equal(landings):
    """The hash leaves out what a repository adds: the event's id and its record time."""
    folder = real_data("epcis-equivalence", "examples")
    by_hash: dict[str, list[list[dict[str, Any]]]] = {}
    for path in (path for path in landings if path.parent == folder):
        hashes = path.with_suffix(".hashes").read_text().split()
        assert len(hashes) == len(landings[path]), path.name
        for digest, rows in zip(hashes, landings[path].values(), strict=True):
            by_hash.setdefault(digest, []).append(said(rows, "event_id", "recorded_at", "withdrawn_at"))
    groups = [events for events in by_hash.values() if len(events) > 1]
    assert (len(groups), sum(map(len, groups))) == (28, 59)
    assert [group[0] for group in groups if any(event != group[0] for event in group)] == []


def test_every_gs1_key_is_named_as_the_published_normalisation_names_it(landings):
    """`epc=` entries of what is hashed are digital links; a third level (AI 235) is no part of our item."""
    path = real_data("epcis-equivalence", "examples", "epclist_normalisation.jsonld")
    listed = path.with_suffix(".prehashes").read_text().split("action=")[0].split("epc=")[1:]
    expected = Counter(unquote(link).split("/235/")[0] for link in listed)
    assert len(expected) == 23
    found: Counter[str] = Counter()
    for row in landings[path][1]:
        link = row["raw_item_id"]
        if link.isdigit():
            link = f"https://id.gs1.org/01/{link}" + "".join(
                f"/{key}/{row[column]}" for key, column in (("10", "lot_id"), ("21", "serial_id")) if row[column]
            )
        found[unquote(link)] += 1
    assert found == expected


def as_xml(event: dict[str, Any]) -> etree._Element:
    """An event of JSON as EPCIS 2.0 writes it in XML."""
    root = etree.Element(event["type"])
    for name, value in event.items():
        prefix, _, local = name.rpartition(":")
        element = etree.Element(f"{{https://{prefix}.example/epcis/}}{local}" if prefix else name)
        if isinstance(value, dict):
            etree.SubElement(element, "id").text = value["id"]
        elif isinstance(value, list):
            for entry in value:
                element.append(entry_as_xml(entry))
        else:
            element.text = str(value)
        if name != "type":
            root.append(element)
    return root


def entry_as_xml(entry: dict[str, Any]) -> etree._Element:
    """An entry of a list: a quantity, or something of a type."""
    if "epcClass" in entry:
        element = etree.Element("quantityElement")
        for name, value in entry.items():
            etree.SubElement(element, name).text = str(value)
        return element
    [name] = entry.keys() - {"type"}
    element = etree.Element(name, type=entry["type"])
    element.text = entry[name]
    return element


def test_simulated_documents_written_as_xml_land_as_the_json_does(tmp_path):
    """Extensions of our own, transfers, suppliers and statuses among them."""
    simulate("three-dc", tmp_path / "ws", events=1_500, seed=5)
    paths, twins = sorted((tmp_path / "ws" / "feeds" / "ndc").glob("*.json")), []
    for path in paths:
        document = etree.Element("{urn:epcglobal:epcis:xsd:2}EPCISDocument", schemaVersion="2.0")
        listed = etree.SubElement(etree.SubElement(document, "EPCISBody"), "EventList")
        listed.extend(as_xml(event) for event in json.loads(path.read_text())["epcisBody"]["eventList"])
        twins.append(path.with_suffix(".xml"))
        twins[-1].write_bytes(etree.tostring(document, encoding="UTF-8", xml_declaration=True))
    of_json, of_xml = landed(tmp_path / "json", "epcis_json", paths), landed(tmp_path / "xml", "epcis_xml", twins)
    assert [[said(rows) for rows in of_xml[twin].values()] for twin in twins] == [
        [said(rows) for rows in of_json[path].values()] for path in paths
    ]
    filled = {c for events in of_xml.values() for rows in events.values() for c, v in rows[0].items() if v is not None}
    assert {
        "actor_id",
        "shift",
        "sequence_no",
        "from_status",
        "to_status",
        "supplier_id",
        "raw_partner_facility_id",
    } <= filled
