"""What a build has to make anew of canonical rows and matching: what new, gone and newly visible rows touch, or all.

While feeds land, the keys of rows that come and go are noted, with what could link them to other rows. That works on
top of what the build before finished, which `canonical.progress` says: the row is taken away when a build begins and
written when matching has ended, so that after a build that died everything is made anew.
"""

import hashlib
import json
from dataclasses import dataclass, field

from pipelines.deliveries import code_hash, fingerprint
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.workspace import Workspace
from transforms.contracts import CONTRACTS, FEED_TABLES
from transforms.contracts.base import Contract

# By what, beside its key, a row of a table can be linked to rows of others.
LINKS = {
    "inventory_event": ("document_id",),
    "erp_posting": ("event_id", "document_id", "reverses_posting_id"),
}
_CODE = (
    "pipelines/canonical.py", "pipelines/increment.py", "pipelines/neighbourhood.py", "transforms/contracts/*.py",
    "transforms/matching/*.sql", "transforms/dialects/*.sql",
)  # fmt: skip


@dataclass
class Increment:
    """How one build stands to the one before. Made by `begin`; as it comes, it says that all is to be made anew.

    Attributes:
        is_whole: whether canonical rows and matching are made anew completely.
        is_compact: whether row ids are as the build before left them: no landing table held deleted rows, which the
            engine's clearing up would have moved others into.
        as_of: the evaluation instant of the build before, as text.
        last_rows: landing table -> its last row before this build's own.
        fingerprints: feed -> what its rows are made with, as it was before this build read any of it.
    """

    is_whole: bool = True
    is_compact: bool = False
    as_of: str | None = None
    last_rows: dict[str, int] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)

    def begin(self, engine: DuckDBEngine, workspace: Workspace) -> None:
        """Reads how the build before ended, and takes that away until this one has ended."""
        engine.con.execute(
            "CREATE TABLE IF NOT EXISTS canonical.progress (as_of VARCHAR, fingerprint VARCHAR, is_compact BOOLEAN)"
        )
        self.fingerprints = {feed.name: fingerprint(workspace, feed) for feed in workspace.feeds}
        before = engine.rows(
            f"SELECT as_of, is_compact FROM canonical.progress WHERE fingerprint = '{_made_with(workspace)}'"
        )
        engine.con.execute("DELETE FROM canonical.progress")
        self.is_whole = not before or before[0][0] is None
        if not self.is_whole:
            self.as_of, self.is_compact = before[0]
        for table in FEED_TABLES:
            columns = ", ".join(f"{name} VARCHAR" for name in linked_columns(CONTRACTS[table]))
            engine.con.execute(f"CREATE OR REPLACE TEMP TABLE touched_{table} ({columns})")

    def end(self, engine: DuckDBEngine, workspace: Workspace, landed: list[str]) -> None:
        """Says that canonical rows and matching are whole.

        Args:
            landed: all landing tables.
        """
        counted = [f"(SELECT count(*) = coalesce(max(rowid), -1) + 1 FROM {table})" for table in landed]
        engine.con.execute("DELETE FROM canonical.progress")
        is_compact = " AND ".join(counted)
        engine.con.execute(f"""INSERT INTO canonical.progress
            SELECT CAST(as_of AS VARCHAR), '{_made_with(workspace)}', {is_compact} FROM reference.evaluation""")

    def note_last_row(self, engine: DuckDBEngine, landed: str) -> None:
        """Notes where the rows of this build will begin in a landing table."""
        self.last_rows[landed] = (
            engine.value(f"SELECT coalesce(max(rowid), -1) FROM {landed}") if engine.has_table(landed) else -1
        )

    def note_rows(self, engine: DuckDBEngine, table: str, landed: str, condition: str) -> None:
        """Notes the keys and links of rows of a landing table that come or go.

        Args:
            table: the canonical table.
            condition: which rows, in SQL.
        """
        if self.is_whole:
            return
        columns = ", ".join(linked_columns(CONTRACTS[table]))
        engine.con.execute(
            f"INSERT INTO touched_{table} SELECT {columns} FROM {landed} WHERE reason IS NULL AND {condition}"
        )


def linked_columns(contract: Contract) -> tuple[str, ...]:
    """The columns that are noted of a touched row."""
    return (*contract.key, *LINKS.get(contract.name, ()))


def _made_with(workspace: Workspace) -> str:
    """A hash of everything but landed rows that canonical rows and matching depend on."""
    feeds = [(feed.name, feed.adapter, feed.table) for feed in workspace.feeds]
    settings = json.dumps([feeds, workspace.posting_expected], sort_keys=True)
    return hashlib.sha256((code_hash(_CODE) + settings).encode()).hexdigest()
