"""Real logs of cases: what the engine counts equals what pm4py counts of the sorted rows."""

import sqlite3
from contextlib import closing

import polars as pl
import pytest

from pipelines.engines.duckdb import DuckDBEngine
from tests.process_counts import check_counts
from tests.support import real_data

pytestmark = pytest.mark.timeout(300)


def logged(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of case_id, activity and at as a log: each event with an id of its own, times in UTC."""
    zoned = rows.with_columns(pl.col("at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    return zoned.with_row_index("place").with_columns(
        event_id=pl.format("{}-{}", "case_id", pl.col("place").cast(pl.String).str.zfill(9))
    )


def test_purchase_orders_of_sap(engine: DuckDBEngine) -> None:
    rows = pl.read_parquet(real_data("sap-p2p-log", "log_p2p.parquet"))
    named = rows.select("event_id", case_id="EBELN", activity="event_activity", at="event_timestamp")
    log = logged(named.drop_nulls().unique(["case_id", "event_id"], maintain_order=True).drop("event_id"))
    assert log.height > 20_000
    check_counts(engine, log)


def test_the_document_flow_of_sap(engine: DuckDBEngine) -> None:
    """A case is a document, its activities the kinds of documents that follow it."""
    rows = pl.read_csv(real_data("sap-document-flow", "VBFA.csv.gz"), infer_schema=False)
    at = pl.concat_str("ERDAT", "ERZET").str.to_datetime("%Y%m%d%H%M%S", strict=False)
    log = logged(rows.select(case_id="VBELV", activity="VBTYP_N", at=at).drop_nulls())
    assert log.height > 100_000
    check_counts(engine, log)


def test_customer_orders_of_the_inventory_log(engine: DuckDBEngine) -> None:
    path = real_data("ocel-inventory-quantities", "qel_inventory.sqlite")
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as con:
        kinds = [row[0] for row in con.execute("SELECT ocel_type_map FROM event_map_type")]
        times = " UNION ALL ".join(f'SELECT ocel_id, ocel_time FROM "event_{kind}"' for kind in kinds)
        rows = con.execute(
            f"SELECT DISTINCT o.ocel_id, e.ocel_type, t.ocel_time, e.ocel_id FROM event e JOIN ({times}) t USING (ocel_id) "
            "JOIN event_object r ON r.ocel_event_id = e.ocel_id JOIN object o ON o.ocel_id = r.ocel_object_id "
            "WHERE o.ocel_type = 'Customer Order' ORDER BY e.ocel_id"
        ).fetchall()
    frame = pl.DataFrame(rows, schema=["case_id", "activity", "at", "own_id"], orient="row")
    log = logged(frame.with_columns(pl.col("at").str.to_datetime("%Y-%m-%d %H:%M:%S%.f")))
    assert log["case_id"].n_unique() > 500
    check_counts(engine, log)


def test_the_simulated_purchasing_log(engine: DuckDBEngine) -> None:
    rows = pl.read_csv(real_data("purchasing-log", "PurchasingExample.csv.gz"), infer_schema=False)
    at = pl.col("end_time").str.to_datetime(time_zone="UTC").dt.replace_time_zone(None)
    log = logged(rows.select(case_id="case_id", activity="activity", at=at))
    assert (log.height, log["case_id"].n_unique()) == (9_119, 608)
    check_counts(engine, log)
