"""`sql_query`: the rows of a SELECT in a PostgreSQL or SQLite database, extracted into files that are then the feed."""

from typing import TYPE_CHECKING

from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing
from pipelines.feeds.parquet_columns import parquet_landing
from pipelines.feeds.sql_extracts import extract, query_columns
from pipelines.workspace import Feed
from transforms.contracts import FEED_TABLES

if TYPE_CHECKING:
    import duckdb

SPEC = AdapterSpec(
    name="sql_query",
    title="SELECT in a PostgreSQL or SQLite database, extracted into Parquet files; names and words mapped as in a CSV",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=(
        "an environment variable that is not set, a database that cannot be opened within ten seconds",
        "a `query` that is not one SELECT, or that the database refuses",
        "a query without a required column, a column that `columns` names, or the watermark",
        "a watermark that is neither a number nor a time in ISO 8601",
        "text that is not UTF-8",
        "an extracted file that is not whole, or that another query made",
    ),
    is_mapped=True,
    reads_formats=True,
    writes_iso=True,
    reads_database=True,
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="the columns of the query: the canonical names, or what `columns` calls them",
    guide="read-a-database.md",
)


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Scans of the extracted files.

    Errors: UnusableInput for a file that cannot be read or lacks a required column, and when `columns` names something
    that is not canonical.
    """
    return parquet_landing(con, feed, files, query_columns(feed))


ADAPTER = Adapter(SPEC, land, extract)
