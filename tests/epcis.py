"""What EPCIS documents say, read apart from the adapters: whole trees, plain Python, check digits by python-stdnum."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lxml import etree
from stdnum import ean

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from pipelines.landing import land_feed
from pipelines.reference import build_reference
from pipelines.workspace import Workspace

# The business steps that are event types of ours; `returned` goods that are received are a return.
STEPS = {
    "arriving": "receipt_created",
    "receiving": "receipt_confirmed",
    "storing": "putaway_completed",
    "picking": "pick_confirmed",
    "shipping": "shipment_confirmed",
    "cycle_counting": "cycle_count_recorded",
    "stock_taking": "cycle_count_recorded",
    "holding": "quality_hold_placed",
}
Thing = tuple[str, Decimal | None, str | None]


@dataclass(frozen=True)
class Told:
    """What a document says of one event.

    Attributes:
        event_type: ours; None where no event type is meant.
        event_time, record_time, withdrawn_at: instants; None where absent or no instant.
        facility: GLN or URI of the place.
        things: what it names: URI, quantity, unit.
    """

    event_id: str | None
    event_type: str | None
    event_time: datetime | None
    record_time: datetime | None
    withdrawn_at: datetime | None
    facility: str | None
    things: tuple[Thing, ...]

    def summary(self) -> dict[str, Any]:
        """What the landed rows of the event must come to."""
        return {
            "event_ids": {f"{self.event_id}#{n}" if n > 1 else self.event_id for n in range(1, self.count + 1)}
            if self.event_id
            else {None},
            "clocks": {(self.event_time, self.record_time, self.withdrawn_at)},
            "event_types": {self.event_type},
            "facilities": {self.facility},
            "quantities": Counter((quantity, unit) for _, quantity, unit in self.things or [("", None, None)]),
        }

    @property
    def count(self) -> int:
        """How many rows the event makes."""
        return max(1, len(self.things))


def told(path: Path) -> list[Told]:
    """Every event of a document in its order."""
    return [_told(event) for event in (_xml_events(path) if path.suffix == ".xml" else _json_events(path))]


def landed(folder: Path, adapter: str, paths: list[Path]) -> dict[Path, dict[int, list[dict[str, Any]]]]:
    """Path -> ordinal of the event -> its landed rows, in a workspace that knows every place that the documents name."""
    (folder / "feeds").mkdir(parents=True)
    for number, path in enumerate(paths):
        (folder / "feeds" / f"{number:04}").write_bytes(path.read_bytes())
    places = sorted({event.facility for path in paths for event in told(path)} - {None}, key=str)
    feed = {"name": "epcis", "adapter": adapter, "path": "feeds/*"}
    settings = {"facilities": [{"id": place, "timezone": "UTC"} for place in places], "feeds": [feed]}
    workspace = Workspace.model_validate(settings).model_copy(update={"root": folder})
    engine = DuckDBEngine(folder / "epcis.duckdb", Engine(memory_limit="1GiB", threads=1))
    build_reference(engine, workspace)
    land_feed(engine, workspace, workspace.feeds[0])
    table = engine.con.execute("SELECT * FROM landing.epcis__inventory_event ORDER BY file, row_number, event_id")
    names = [column[0] for column in table.description]
    found: dict[Path, dict[int, list[dict[str, Any]]]] = {path: {} for path in paths}
    for values in table.fetchall():
        row = dict(zip(names, values, strict=True))
        found[paths[int(row["file"][-4:])]].setdefault(row["row_number"], []).append(row)
    engine.close()
    return found


def word(uri: str | None) -> str | None:
    """The word of a vocabulary term in any spelling."""
    return uri and re.sub(r"^(BizStep|Disp|BTT|SDT)-", "", re.split(r"[/:#]", uri)[-1])


def place(uri: str | None) -> str | None:
    """The GLN of a place, else its URI."""
    if uri is None:
        return None
    link = re.search(r"/41[47]/(\d{13})", uri)
    urn = re.fullmatch(r"urn:epc:id:[sp]gln:(\d+)\.(\d*)(\..*)?", uri)
    if link:
        return link[1]
    return urn[1] + urn[2] + ean.calc_check_digit(urn[1] + urn[2]) if urn else uri


def instant(text: str | None) -> datetime | None:
    """An instant, to the microsecond; a local time is none."""
    try:
        stated = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return stated.astimezone(UTC) if stated.tzinfo else None


def _told(event: dict[str, Any]) -> Told:
    step, disposition = word(event.get("bizStep")), word(event.get("disposition"))
    kinds = {word(kind) for kind, _ in event["transactions"]}
    event_type = STEPS.get(step or "")
    if event_type == "receipt_confirmed" and (disposition == "returned" or "rma" in kinds):
        event_type = "return_received"
    is_transformation = event["type"] == "TransformationEvent"
    return Told(
        event.get("eventID"),
        None if is_transformation else event_type,
        instant(event.get("eventTime")),
        instant(event.get("recordTime")),
        instant(event.get("declared")),
        place(event.get("bizLocation") or event.get("readPoint")),
        tuple(event["things"]),
    )


def _number(text: Any) -> Decimal | None:
    try:
        return None if text is None else Decimal(str(text))
    except InvalidOperation:
        return None


def _json_events(path: Path) -> Iterator[dict[str, Any]]:
    body = json.loads(path.read_text(), parse_float=Decimal)["epcisBody"]
    listed = body["eventList"] if "eventList" in body else body["queryResults"]["resultsBody"]["eventList"]
    for event in listed:
        quantities = [q for name in ("quantityList", "childQuantityList") for q in event.get(name) or []]
        epcs = [epc for name in ("epcList", "childEPCs") for epc in event.get(name) or []]
        yield {
            **{k: event.get(k) for k in ("type", "eventID", "eventTime", "recordTime", "bizStep", "disposition")},
            "bizLocation": (event.get("bizLocation") or {}).get("id"),
            "readPoint": (event.get("readPoint") or {}).get("id"),
            "declared": (event.get("errorDeclaration") or {}).get("declarationTime"),
            "transactions": [(t.get("type"), t["bizTransaction"]) for t in event.get("bizTransactionList") or []],
            "things": [
                *((q["epcClass"], _number(q.get("quantity")), q.get("uom")) for q in quantities),
                *((epc, Decimal(1), None) for epc in epcs),
            ],
        }


def _name(node: Any) -> str:
    return etree.QName(node).localname


def _unwrapped(node: Any) -> Iterator[Any]:
    """The elements of a node, those within `extension` and `baseExtension` among them."""
    for child in node.iterchildren(tag=etree.Element):
        if _name(child) in ("extension", "baseExtension"):
            yield from _unwrapped(child)
        else:
            yield child


def _text(node: Any, *path: str) -> str | None:
    for name in path:
        node = next((child for child in _unwrapped(node) if _name(child) == name), None)
        if node is None:
            return None
    return (node.text or "").strip() or None


def _within(event: Any, *names: str) -> list[Any]:
    return [child for part in _unwrapped(event) if _name(part) in names for child in part.iterchildren(etree.Element)]


def _xml_events(path: Path) -> Iterator[dict[str, Any]]:
    [listed] = etree.parse(path).iter("{*}EventList")
    for event in _unwrapped(listed):
        quantities = _within(event, "quantityList", "childQuantityList")
        yield {
            "type": _name(event),
            **{k: _text(event, k) for k in ("eventID", "eventTime", "recordTime", "bizStep", "disposition")},
            "bizLocation": _text(event, "bizLocation", "id"),
            "readPoint": _text(event, "readPoint", "id"),
            "declared": _text(event, "errorDeclaration", "declarationTime"),
            "transactions": [(t.get("type"), t.text.strip()) for t in _within(event, "bizTransactionList")],
            "things": [
                *((_text(q, "epcClass") or "", _number(_text(q, "quantity")), _text(q, "uom")) for q in quantities),
                *((e.text.strip(), Decimal(1), None) for e in _within(event, "epcList", "childEPCs")),
            ],
        }
