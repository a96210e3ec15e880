"""The same canonical rows land equal from CSV, Parquet and JSON Lines."""

import csv
import json
import tempfile
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from tests.landing import Landing
from tests.support import examples

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws an eighth

WORDS = st.text(alphabet='aé0 ,;"\\:{}[]._-' + "\u00a0", max_size=8)
QUANTITIES = st.decimals(-(10**11), 10**11, places=6, allow_nan=False)
TIMES = st.sampled_from(
    [
        "2026-03-01T10:00:00Z",
        "2026-03-01 10:00:00.123456+01:00",
        "2026-03-01 10:00:00",
        "2026-02-30T10:00:00Z",
        "noon",
        "",
    ]
)
ROW = st.fixed_dictionaries(
    {
        "event_id": WORDS,
        "event_type": st.sampled_from(["pick_confirmed", "teleported"]),
        "event_time": TIMES,
        "facility_id": st.sampled_from(["NDC", "DC01", "MOON"]),
        "item_id": st.none() | WORDS,
        "quantity": st.none() | QUANTITIES,
        "sequence_no": st.none() | st.integers(-(2**63), 2**63 - 1),
    }
)
SEEN = "event_id, event_type, epoch_us(event_time), facility_id, item_id, quantity, sequence_no, reason, detail"


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    out = StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_jsonl(rows: list[dict[str, Any]]) -> bytes:
    """Quantities as JSON numbers with all their digits."""
    lines = []
    for row in rows:
        text = json.dumps({k: v for k, v in row.items() if k != "quantity"}, ensure_ascii=False)
        number = "null" if row["quantity"] is None else f"{row['quantity']:f}"
        lines.append(f'{text[:-1]}, "quantity": {number}}}\n')
    return "".join(lines).encode()


def as_parquet(rows: list[dict[str, Any]], path: Path) -> None:
    table = pa.Table.from_pylist(rows).to_pydict()
    kinds = dict.fromkeys(table, pa.string()) | {"quantity": pa.decimal128(18, 6), "sequence_no": pa.int64()}
    pq.write_table(pa.table({name: pa.array(values, kinds[name]) for name, values in table.items()}), path)


def landed(folder: Path, adapter: str, content: bytes | list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    root = folder / adapter
    (root / "feeds").mkdir(parents=True)
    if isinstance(content, bytes):
        (root / "feeds/a").write_bytes(content)
    else:
        as_parquet(content, root / "feeds/a")
    engine = DuckDBEngine(root / "warehouse.duckdb", Engine(threads=1))
    try:
        return Landing(engine, root).land(SEEN, adapter=adapter, system_timezone="facility")
    finally:
        engine.close()


@settings(max_examples=examples(30), deadline=None, derandomize=True)
@given(rows=st.lists(ROW, min_size=1, max_size=20))
def test_the_same_rows_land_equal_from_every_canonical_format(rows):
    rows = [row | {"quantity": row["quantity"] and Decimal(row["quantity"])} for row in rows]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = landed(folder, "canonical_csv", as_csv(rows))
        assert len(expected) == len(rows)
        assert landed(folder, "canonical_parquet", rows) == expected
        assert landed(folder, "canonical_jsonl", as_jsonl(rows)) == expected
