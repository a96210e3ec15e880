"""`python -m bench.formats`: how fast each format lands, beside the engine's own reading of the same rows.

Rows are made up, one feed a format; landing types, maps, judges and writes them with their lineage. The peer is
`CREATE TABLE AS` over the same files with every column as text, which is the least that any landing has to do.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.__main__ import WORK
from bench.formats_made import epcis_json, x12
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.landing import land_feed
from pipelines.reference import build_reference
from pipelines.workspace import load_workspace

ROOT = WORK / "formats"
FILES = 4
SETTINGS = """facilities: [{{id: NDC, timezone: America/Chicago, gln: '9521234000013'}}]
feeds: [{{name: f, adapter: {adapter}, path: 'feeds/*', {more}}}]
"""
ROWS = """SELECT 'EV' || lpad(CAST(i AS VARCHAR), 9, '0') AS event_id,
    ['receipt_confirmed', 'putaway_completed', 'pick_confirmed', 'shipment_confirmed'][1 + i % 4] AS event_type,
    TIMESTAMPTZ '2026-01-05 08:00:00+00' + to_seconds(i * 3) AS event_time, 'NDC' AS facility_id,
    'SKU-' || lpad(CAST(hash(i) % 3000 AS VARCHAR), 5, '0') AS item_id,
    CAST(1 + hash(i) % 40 AS DECIMAL(18, 3)) AS quantity,
    'EA' AS uom, TIMESTAMPTZ '2026-01-05 08:00:09+00' + to_seconds(i * 3) AS recorded_at,
    'sales_order' AS document_type, 'SO' || lpad(CAST(i // 5 AS VARCHAR), 9, '0') AS document_id,
    CAST(1 + i % 5 AS VARCHAR) AS document_line, i AS sequence_no
FROM range({first}, {last}) r (i)"""


def copied(options: str, ending: str) -> Callable[[Path, int], int]:
    """Writes rows with the engine itself."""

    def write(folder: Path, count: int) -> int:
        with duckdb.connect() as con:
            con.execute("SET TimeZone = 'UTC'")
            for n in range(FILES):
                rows = ROWS.format(first=n * count // FILES, last=(n + 1) * count // FILES)
                con.execute(f"COPY ({rows}) TO '{folder / f'{n}.{ending}'}' ({options})")
        return count

    return write


@dataclass(frozen=True)
class Format:
    """A feed to make: how many units, the feed's other settings, who writes it, and the engine's own reader of it."""

    count: int
    write: Callable[[Path, int], int]
    unit: str = "rows"
    settings: str = ""
    reader: str = ""


EVENTS = "table: inventory_event"
FORMATS = {
    "canonical_parquet": Format(4_000_000, copied("FORMAT parquet", "parquet"), "rows", EVENTS, "read_parquet"),
    "canonical_csv": Format(2_000_000, copied("HEADER", "csv"), "rows", EVENTS, "read_csv"),
    "canonical_jsonl": Format(300_000, copied("FORMAT json", "jsonl"), "rows", EVENTS, "read_json"),
    "epcis_json": Format(1_000_000, epcis_json, "events"),
    "x12": Format(400_000, x12, "segments", "system_timezone: America/Chicago"),
}


def write(adapter: str) -> int:
    """Makes the feed of a format anew; the number of its units."""
    made = FORMATS[adapter]
    folder = ROOT / adapter / "feeds"
    shutil.rmtree(ROOT / adapter, ignore_errors=True)
    folder.mkdir(parents=True)
    (ROOT / adapter / "dockledger.yaml").write_text(SETTINGS.format(adapter=adapter, more=made.settings))
    return made.write(folder, made.count)


def land(adapter: str) -> dict[str, float]:
    """Seconds of landing, and of the peer."""
    workspace = load_workspace(ROOT / adapter)
    engine = DuckDBEngine(workspace.root / "warehouse.duckdb", workspace.engine)
    build_reference(engine, workspace)
    started = time.perf_counter()
    landed = land_feed(engine, workspace, workspace.feeds[0])
    took = {"landing": time.perf_counter() - started, "received": landed.received, "refused": landed.refused}
    reader = FORMATS[adapter].reader
    if reader:
        options = ", all_varchar = true" if reader == "read_csv" else ""
        started = time.perf_counter()
        engine.con.execute(f"CREATE TABLE peer AS FROM {reader}('{workspace.root}/feeds/*'{options})")
        took["peer"] = time.perf_counter() - started
    engine.close()
    return took


def main() -> None:
    """Prints one line a format; each lands in a process of its own, the best of three."""
    if len(sys.argv) == 2:
        print(json.dumps(land(sys.argv[1])))
        return
    print(f"{'format':20}{'received':>12}{'seconds':>9}{'per second':>22}{'plain read':>12}", flush=True)
    for adapter, made in FORMATS.items():
        units, runs = write(adapter), []
        for _ in range(3):
            (ROOT / adapter / "warehouse.duckdb").unlink(missing_ok=True)
            done = subprocess.run(
                [sys.executable, "-m", "bench.formats", adapter], check=True, capture_output=True, text=True
            )
            runs.append(json.loads(done.stdout.splitlines()[-1]))
        best = min(runs, key=lambda run: run["landing"])
        assert best["refused"] == 0, adapter
        peer = f"{best['landing'] / best['peer']:.1f}x" if "peer" in best else ""
        rate = f"{units / best['landing']:,.0f} {made.unit}"
        print(f"{adapter:20}{best['received']:12,.0f}{best['landing']:9.2f}{rate:>22}{peer:>12}", flush=True)
        shutil.rmtree(ROOT / adapter)


if __name__ == "__main__":
    main()
