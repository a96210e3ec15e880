"""`canonical_parquet`: Parquet files whose columns bear the canonical names, typed or text."""

import duckdb

from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing
from pipelines.feeds.parquet_columns import parquet_landing
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS, FEED_TABLES

SPEC = AdapterSpec(
    name="canonical_parquet",
    title="Parquet with the canonical column names, typed or text",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=(
        "a file that is not whole Parquet",
        "a file without a required column",
        "a canonical column that holds lists, structs or maps",
        "text that is not UTF-8",
    ),
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="Apache Parquet; the columns bear the canonical names",
)


def land(con: duckdb.DuckDBPyConnection, feed: Feed, files: list[FeedFile]) -> Landing:
    """Scans of the files.

    Errors: UnusableInput for a file that cannot be read, lacks a required column or repeats one.
    """
    return parquet_landing(con, feed, files, {name: name for name in CONTRACTS[str(feed.table)].columns})


ADAPTER = Adapter(SPEC, land)
