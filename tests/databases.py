"""A workspace whose feed comes from a database, extracted and landed without a whole build."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.extraction import extract_feed
from pipelines.landing import land_feed
from pipelines.reference import build_reference
from pipelines.workspace import Workspace

QUERY = "SELECT id AS posting_id, stored AS posted_at, place AS facility_id, amount AS quantity FROM posting"


@dataclass
class Extracting:
    """A feed `erp` of postings; what is given changes the feed's settings."""

    engine: DuckDBEngine
    root: Path
    settings: dict[str, Any] = field(default_factory=dict)

    def workspace(self, **feed: Any) -> Workspace:
        usual = {"name": "erp", "adapter": "sql_query", "table": "erp_posting", "path": "extracts/erp/*.parquet",
                 "query": QUERY, "watermark": "posted_at", "overlap": 60, "system_timezone": "UTC"}  # fmt: skip
        given = {"facilities": [{"id": "NDC", "timezone": "UTC"}], "feeds": [usual | self.settings | feed]}
        return Workspace.model_validate(given).model_copy(update={"root": self.root})

    def extract(self, **feed: Any) -> int:
        """Extracts what is new; returns how many rows that is."""
        workspace = self.workspace(**feed)
        made = extract_feed(self.engine, workspace, workspace.feeds[0])
        return made.rows if made else 0

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.root / "extracts" / "erp").glob("*"))

    def texts(self, columns: str = "posting_id, posted_at, quantity") -> list[tuple[Any, ...]]:
        """What the files hold."""
        source = f"read_parquet('{self.root}/extracts/erp/*.parquet', union_by_name=true)"
        return self.engine.rows(f"SELECT {columns} FROM {source} ORDER BY ALL")

    def land(self, seen: str, **feed: Any) -> list[tuple[Any, ...]]:
        """Lands the files; what is to be seen of their rows."""
        workspace = self.workspace(**feed)
        build_reference(self.engine, workspace)
        land_feed(self.engine, workspace, workspace.feeds[0])
        return self.engine.rows(f"SELECT {seen} FROM landing.erp__erp_posting ORDER BY file, row_number")
