"""A published object-centric log: the engine's object-centric process map equals pm4py's."""

import sqlite3
from contextlib import closing

import polars as pl

from pipelines.engines.duckdb import DuckDBEngine
from tests.object_edges import check_object_edges
from tests.support import real_data


def test_all_object_types_of_the_inventory_log(engine: DuckDBEngine) -> None:
    path = real_data("ocel-inventory-quantities", "qel_inventory.sqlite")
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as con:
        kinds = [row[0] for row in con.execute("SELECT ocel_type_map FROM event_map_type")]
        times = " UNION ALL ".join(f'SELECT ocel_id, ocel_time FROM "event_{kind}"' for kind in kinds)
        rows = con.execute(
            f"SELECT DISTINCT e.ocel_id, e.ocel_type, t.ocel_time, o.ocel_id, o.ocel_type FROM event e "
            f"JOIN ({times}) t USING (ocel_id) JOIN event_object r ON r.ocel_event_id = e.ocel_id "
            "JOIN object o ON o.ocel_id = r.ocel_object_id"
        ).fetchall()
    columns = ["event_id", "activity", "at", "object_id", "object_type"]
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        pl.col("at").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us").dt.replace_time_zone("UTC")
    )
    assert frame["object_type"].n_unique() == 7
    assert frame.height > 8_000
    check_object_edges(engine, frame)
