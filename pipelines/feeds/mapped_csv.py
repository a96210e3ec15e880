"""`mapped_csv`: a CSV with a site's own column names, codes and local times, mapped by the workspace."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipelines.errors import UnusableInput
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing
from pipelines.feeds.csv_rows import csv_landing
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS, FEED_TABLES

if TYPE_CHECKING:
    import duckdb

SPEC = AdapterSpec(
    name="mapped_csv",
    title="CSV with own names (`columns`), words (`event_types`, `statuses`), `formats` and `system_timezone`",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=(
        "a binary file",
        "a header without a required column, or one by which rows are chosen or that is renamed",
        "a header that repeats a column",
        "text that is not in `encoding`; where that is UTF-8, in the header alone",
    ),
    is_csv=True,
    is_mapped=True,
    reads_formats=True,
    reads_shapes=True,
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="RFC 4180 with a header, or with the names that `header` gives; what a column is called, the workspace says",
    guide="use-your-own-files.md",
)


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Scans of the files, with the file's own names turned into canonical ones.

    Errors: UnusableInput when `columns`, `values` or `rows` name something that is not canonical.
    """
    table = str(feed.table)
    maps: dict[str, Iterable[str]] = {"columns": feed.columns, "values": feed.values}
    for number, row in enumerate(feed.rows, 1):
        maps |= {f"row {number}: columns": row.columns, f"row {number}: values": row.values}
    for what, stated in maps.items():
        if unknown := [c for c in stated if c not in CONTRACTS[table].columns]:
            raise UnusableInput(f"feed {feed.name}: {what} names {', '.join(unknown)}, which {table} does not have")
    return csv_landing(con, feed, table, files, feed.columns)


ADAPTER = Adapter(SPEC, land)
