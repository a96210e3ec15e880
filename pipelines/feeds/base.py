"""What an adapter is: a spec that says what a format carries, and scans that yield its rows as raw text.

An adapter only parses. Casting, mapping, units, time zones, validation, duplicates and accounting are the
same for every format and live in `pipelines.landing` and `transforms`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import pipelines.feeds as feeds_package

if TYPE_CHECKING:
    import duckdb

    from pipelines.engines.duckdb import DuckDBEngine
    from pipelines.workspace import Feed, Workspace

    Extract = Callable[[DuckDBEngine, Workspace, Feed, list["FeedFile"], Path | None, int | None], "Extracted | None"]


@dataclass(frozen=True)
class FeedFile:
    """One delivered file.

    Attributes:
        path: where it is.
        name: its path relative to the workspace, with forward slashes; the `file` of every lineage column.
    """

    path: Path
    name: str


@dataclass(frozen=True)
class Scan:
    """One SELECT over delivered files that yields rows of one canonical table as they were delivered.

    Attributes:
        table: canonical table the rows are for (a key of CONTRACTS).
        sql: a SELECT whose columns are canonical column names (a subset is fine; VARCHAR but for `types`), plus `file`
            (the FeedFile.name) and, when `has_row_number`, `row_number` (BIGINT, the first data row is 1).
            Rows must come in file order when `has_row_number` is false: their number is then their position.
        columns: the canonical columns that the SELECT yields.
        has_row_number: whether the SELECT yields `row_number`.
        types: what comes typed, by column: `transforms.contracts.reading.Given` says which types may.
        stage: makes the temporary table `landing_stage` first, which `sql` then reads: what comes in small pieces is
            worked on faster when it was gathered once. It may raise UnusableInput.
        shape: makes of a SELECT of what `sql` yields, with row numbers, the SELECT of canonical rows: where a row of a
            file may give none or several. None: `sql` yields canonical rows.
    """

    table: str
    sql: str
    columns: tuple[str, ...]
    has_row_number: bool = False
    stage: "Callable[[duckdb.DuckDBPyConnection], None] | None" = None
    types: dict[str, str] = field(default_factory=dict)
    shape: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Landing:
    """What an adapter makes of a feed's files.

    Attributes:
        scans: one or more scans; each row of a file appears in at most one of them.
        received_sql: SELECT file, received_count for formats where not every row is selected; rows that no
            scan yields are counted as out of scope. None: every row is selected.
        malformed_sql: SELECT file, row_number, detail, raw of what was delivered and can be no row of any scan; their
            numbers are those of the scans' own row numbers. (CSV's malformed rows are found by landing itself.)
    """

    scans: list[Scan]
    received_sql: str | None = None
    malformed_sql: str | None = None


@dataclass(frozen=True)
class Extracted:
    """A file that an adapter has made of a database's rows.

    Attributes:
        file: the file.
        rows: how many rows it holds.
    """

    file: FeedFile
    rows: int


@dataclass(frozen=True)
class AdapterSpec:
    """What people and the pipeline need to know about a format.

    Attributes:
        name: adapter name in the workspace.
        title: one line for the documentation.
        tables: canonical tables it can yield; more than one element means the workspace's `table` chooses,
            unless `yields_all`.
        yields_all: the adapter always yields all of `tables`; the workspace must not name one.
        clocks: canonical clock columns the format supplies.
        refuses: what makes a file unusable, in words.
        is_csv: its files are CSV with the feed's delimiter and encoding, so that malformed rows can be set aside.
        reads_formats: the feed's `formats` say how its values are written.
        reads_shapes: the feed's `header`, `rename`, `values`, `rows` and `profile` say what its files look like.
        reads_lifecycle: the feed's `lifecycle` says which of its events are rows.
        writes_iso: the adapter writes some values as ISO, whatever `formats` say: typed cells, SAP's dates.
        reads_sheets: the feed's `sheet` and `header_row` say where its rows stand.
        reads_only: the feed's `only` says which rows are wanted.
        reads_database: the feed's `database`, `query`, `watermark` and `overlap` say what its files are extracted from.
        types_postings: `posting_type` is a code that must be known, as an event type or by `event_types`.
        reads_files_together: what a row says depends on other files, so that a change of one means reading all.
        is_mapped: the format's values differ from canonical ones; raw values are kept beside.
        personal_data: canonical columns that may name a person.
        unit_codes: the standard that its codes of units are of (a `standard` of data/reference/unit_codes.csv), unless
            the feed says another; none: codes are taken as they are written.
        gs1_codes: items may be named by GTIN and facilities by GLN: an unknown one with a wrong check digit is told so.
        layout: the standard or layout document that it follows.
        reads: canonical table -> canonical column -> what of a file it is taken from; none: the contract's columns.
        guide: a page of `docs/how-to/` that says more.
    """

    name: str
    title: str
    tables: tuple[str, ...]
    clocks: tuple[str, ...]
    refuses: tuple[str, ...]
    yields_all: bool = False
    is_csv: bool = False
    reads_formats: bool = False
    reads_shapes: bool = False
    reads_lifecycle: bool = False
    writes_iso: bool = False
    reads_sheets: bool = False
    reads_only: bool = False
    reads_database: bool = False
    types_postings: bool = False
    reads_files_together: bool = False
    is_mapped: bool = False
    personal_data: tuple[str, ...] = ()
    unit_codes: str | None = None
    gs1_codes: bool = False
    layout: str = ""
    reads: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    guide: str = ""


@dataclass(frozen=True)
class Adapter:
    """A spec and the function that makes scans of files.

    `land(con, feed, files)` may create temporary tables; it raises UnusableInput for a file that cannot be read.
    `extract(engine, workspace, feed, files, folder, limit)`, of an adapter whose files come from a database: of at most
    `limit` rows (None: all) it writes those that no file holds yet as one more file into `folder` (None: where the
    feed's files are); None where there is nothing new.
    """

    spec: AdapterSpec
    land: "Callable[[duckdb.DuckDBPyConnection, Feed, list[FeedFile]], Landing]" = field(repr=False)
    extract: "Extract | None" = field(default=None, repr=False)


def adapters() -> dict[str, Adapter]:
    """Every adapter by name: a file in `pipelines/feeds/` with an ADAPTER is one, and is found by itself."""
    modules = [import_module(f"pipelines.feeds.{module.name}") for module in iter_modules(feeds_package.__path__)]
    found = [module.ADAPTER for module in modules if hasattr(module, "ADAPTER")]
    return {adapter.spec.name: adapter for adapter in sorted(found, key=lambda adapter: adapter.spec.name)}
