"""`canonical_csv`: a CSV whose columns already bear the canonical names."""

from typing import TYPE_CHECKING

from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing
from pipelines.feeds.csv_rows import csv_landing
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS, FEED_TABLES

if TYPE_CHECKING:
    import duckdb

SPEC = AdapterSpec(
    name="canonical_csv",
    title="CSV with the canonical column names; UTF-8 and commas unless `encoding` and `delimiter` say otherwise",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=(
        "a binary file",
        "a header without a required column",
        "a header that repeats a column",
        "text that is not in `encoding`; where that is UTF-8, in the header alone",
    ),
    is_csv=True,
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="RFC 4180 with a header; the columns are those of the contracts in `transforms/contracts/`",
    guide="use-your-own-files.md",
)


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Scans of the files; columns that are not canonical are left out."""
    table = str(feed.table)
    return csv_landing(con, feed, table, files, {c: c for c in CONTRACTS[table].columns})


ADAPTER = Adapter(SPEC, land)
