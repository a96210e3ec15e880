"""A folder of feeds that a test fills, and what landing makes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.landing import land_feed
from pipelines.reference import build_reference
from pipelines.step import Build
from pipelines.workspace import Workspace
from tests.building import run_steps

FACILITIES = [
    {"id": "NDC", "timezone": "America/Chicago", "codes": ["DC01"], "gln": "0614141000005"},
    {"id": "3PL1", "timezone": "UTC"},
]
COLUMNS = (
    "event_id event_type event_time facility_id item_id quantity uom lot_id recorded_at from_status to_status "
    "sequence_no"
)


@dataclass(frozen=True)
class Landing:
    """The engine and workspace of a test: what lies in its folder is what has been delivered."""

    engine: DuckDBEngine
    root: Path

    def write(self, name: str, content: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def workspace(self, *, table: str, as_of: str | None = None, **feed: Any) -> Workspace:
        """A workspace with one feed `wms` over feeds/; reference files are used where they lie there."""
        reference = {n: f"{n}.csv" for n in ("items", "item_aliases", "uom_conversions") if self.has(f"{n}.csv")}
        reference |= feed.pop("reference", {})
        given = {"name": "wms", "adapter": "canonical_csv", "table": table, "path": "feeds/*", **feed}
        settings = {"facilities": FACILITIES, "feeds": [given], "reference": reference, "as_of": as_of}
        return Workspace.model_validate(settings).model_copy(update={"root": self.root})

    def has(self, name: str) -> bool:
        return (self.root / name).exists()

    def land(self, seen: str, *, table: str = "inventory_event", **feed: Any) -> list[tuple[Any, ...]]:
        """Lands the feed; (row number, what is to be seen) of its rows in file order."""
        workspace = self.workspace(table=table, **feed)
        build_reference(self.engine, workspace)
        land_feed(self.engine, workspace, workspace.feeds[0])
        return self.engine.rows(f"SELECT row_number, {seen} FROM landing.wms__{table} ORDER BY file, row_number")

    def malformed(self) -> list[tuple[Any, ...]]:
        return self.engine.rows("SELECT row_number, detail FROM landing.malformed ORDER BY row_number")

    def received(self) -> int:
        return int(self.engine.value("SELECT sum(received_count) FROM landing.file"))

    def canonical(self, as_of: str | None = None, table: str = "inventory_event") -> None:
        """Runs the build's own steps up to the canonical tables."""
        workspace = self.workspace(table=table, as_of=as_of)
        parts = ("reference", "landing", "canonical")
        run_steps(Build(self.engine, workspace, "run", self.engine), keep=lambda step: step.group in parts)


def event(**given: str) -> str:
    """One line of an inventory_event file with every column of COLUMNS; what is not given is in order."""
    usual = {"event_id": "E", "event_type": "pick_confirmed", "event_time": "2026-03-01T10:00:00Z",
             "facility_id": "NDC", "item_id": "I1", "quantity": "1", "uom": "EA"}  # fmt: skip
    row = usual | given
    return ",".join(row.get(c, "") for c in COLUMNS.split())


def events(*lines: str) -> str:
    return "\n".join([COLUMNS.replace(" ", ","), *lines, ""])


def times(*stated: str) -> str:
    """A file whose rows differ in event_time only."""
    return events(*(event(event_id=f"E{n}", event_time=t) for n, t in enumerate(stated, 1)))
