"""`mapped_parquet`: Parquet with a site's own column names, typed or text, mapped by the workspace."""

import duckdb

from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing
from pipelines.feeds.own_columns import own_columns
from pipelines.feeds.parquet_columns import parquet_landing
from pipelines.workspace import Feed
from transforms.contracts import FEED_TABLES

SPEC = AdapterSpec(
    name="mapped_parquet",
    title="Parquet with own names (`columns`), words, and rows chosen by `only`, typed or text",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=(
        "a file that is not whole Parquet",
        "a file without a required column, or without one that `only` names",
        "a column that is read and holds lists, structs or maps",
        "text that is not UTF-8",
    ),
    is_mapped=True,
    reads_formats=True,
    writes_iso=True,
    reads_only=True,
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="Apache Parquet; what a column is called, the workspace says",
    guide="use-your-own-files.md",
)


def land(con: duckdb.DuckDBPyConnection, feed: Feed, files: list[FeedFile]) -> Landing:
    """Scans of the files, with the file's own names turned into canonical ones.

    Errors: UnusableInput when `columns` names something that is not canonical, or a file cannot be read.
    """
    return parquet_landing(con, feed, files, own_columns(feed))


ADAPTER = Adapter(SPEC, land)
