"""Extraction: what is new in the database of a feed becomes one more of its files, before the feed is landed."""

from pathlib import Path

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.feed_files import feed_files
from pipelines.feeds.base import Extracted
from pipelines.landing import adapter_of
from pipelines.workspace import Feed, Workspace


def extract_feed(
    engine: DuckDBEngine, workspace: Workspace, feed: Feed, folder: Path | None = None, limit: int | None = None
) -> Extracted | None:
    """Brings what is new in a feed's database into one more file; None where nothing is, or the feed has no database.

    Args:
        folder: where to write the file; None: among the feed's own.
        limit: read at most so many rows of the database; None: all.

    Errors: UnusableInput for a database, a query or a file that cannot be used.
    """
    adapter = adapter_of(feed)
    if adapter.extract is None:
        return None
    return adapter.extract(engine, workspace, feed, feed_files(workspace, feed), folder, limit)
