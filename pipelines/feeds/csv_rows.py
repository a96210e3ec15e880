"""CSV as canonical rows: columns taken from the file as the feed says; a row gives one row, or by templates."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipelines.columns import RowTemplate, Taken, source_columns
from pipelines.feeds.base import FeedFile, Landing, Scan
from pipelines.feeds.csv_sources import condition_sql, is_given, source_sql
from pipelines.feeds.csv_text import files_by_header, required_columns, rows_of
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS
from transforms.contracts.reading import quoted
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    import duckdb

Sources = Mapping[str, str | Taken]


def csv_landing(
    con: "duckdb.DuckDBPyConnection", feed: Feed, table: str, files: list[FeedFile], sources: Sources
) -> Landing:
    """Scans of CSV files that hold rows of one canonical table.

    Args:
        con: where rows are counted, if the feed has row templates.
        sources: canonical column -> what of the file it is; a column that a file lacks is NULL.

    Errors: UnusableInput for a file that is no CSV text, or lacks a column that a row must have or is chosen by.
    """
    templates = _templates(feed, sources)
    grouped = files_by_header(feed, files, _needed(feed, table, templates))
    if not feed.rows:
        return Landing([_scan(feed, table, header, group, templates[0]) for header, group in grouped.items()])
    scans = [_template_scan(feed, table, header, group, templates) for header, group in grouped.items()]
    received = f"csv_received_{feed.name}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {received} (file VARCHAR, received_count BIGINT)")
    for header, group in grouped.items():
        con.execute(f"INSERT INTO {received} {_received(feed, header, group, templates)}")
    return Landing(scans, received_sql=f"SELECT file, received_count FROM {received}")


def _templates(feed: Feed, sources: Sources) -> list[RowTemplate]:
    """The feed's templates, each with all that it takes; one without conditions where the feed has none."""
    whole = []
    for template in feed.rows or [RowTemplate()]:
        values = {**feed.values, **template.values}
        stated = {c: s for c, s in sources.items() if c not in feed.values} | template.columns
        columns = {c: s for c, s in stated.items() if c not in template.values}
        values = {c: v for c, v in values.items() if c not in template.columns or c in template.values}
        whole.append(template.model_copy(update={"columns": columns, "values": values}))
    return whole


def _needed(feed: Feed, table: str, templates: list[RowTemplate]) -> list[str]:
    """The columns of the file that must be there: what required columns are taken from, and what rows are chosen by."""
    names: list[str] = []
    for template in templates:
        for column in required_columns(feed, table):
            if column not in template.values:
                names.extend(source_columns(template.columns.get(column, column)))
        names.extend(template.condition_columns())
    return list(dict.fromkeys(names))


def _selected(table: str, template: RowTemplate, columns: Mapping[str, str]) -> dict[str, str]:
    """Canonical column -> SQL, of those that a template gives."""
    found = {c: source_sql(s, columns) for c, s in template.columns.items() if is_given(s, columns)}
    found |= {c: literal(value) for c, value in template.values.items()}
    return {c: found[c] for c in CONTRACTS[table].columns if c in found}


def _scan(feed: Feed, table: str, header: tuple[str, ...], files: list[FeedFile], template: RowTemplate) -> Scan:
    given = _selected(table, template, {name: quoted(name) for name in header})
    selected = ", ".join(f"{sql} AS {column}" for column, sql in given.items())
    sql = f"SELECT {selected}, delivered_path AS file FROM {rows_of(feed, header, files)}"
    return Scan(table=table, sql=sql, columns=tuple(given))


def _template_scan(
    feed: Feed, table: str, header: tuple[str, ...], files: list[FeedFile], templates: list[RowTemplate]
) -> Scan:
    """The rows of the file as they are, numbered by landing, then shaped: one SELECT a template."""
    aliases = {name: f"own_{n}" for n, name in enumerate(header)}
    given = [_selected(table, template, aliases) for template in templates]
    yielded = tuple(c for c in CONTRACTS[table].columns if any(c in one for one in given))

    def shape(rows: str) -> str:
        selects = []
        for template, one in zip(templates, given, strict=True):
            columns = ", ".join(f"{one.get(c, 'CAST(NULL AS VARCHAR)')} AS {c}" for c in yielded)
            where = condition_sql(template, aliases)
            selects.append(f"SELECT {columns}, file, row_number FROM delivered_row WHERE {where}")
        return f"WITH delivered_row AS ({rows}) {' UNION ALL '.join(selects)}"

    own = ", ".join(f"{quoted(name)} AS {alias}" for name, alias in aliases.items())
    sql = f"SELECT {own}, delivered_path AS file FROM {rows_of(feed, header, files)}"
    return Scan(table=table, sql=sql, columns=yielded, shape=shape)


def _received(feed: Feed, header: tuple[str, ...], files: list[FeedFile], templates: list[RowTemplate]) -> str:
    """Rows received by file: as many as templates make of a row, and one that they make nothing of."""
    columns = {name: quoted(name) for name in header}
    made = " + ".join(f"CASE WHEN {condition_sql(t, columns)} THEN 1 ELSE 0 END" for t in templates)
    return (
        f"SELECT delivered_path AS file, CAST(sum(greatest({made}, 1)) AS BIGINT) AS received_count "
        f"FROM {rows_of(feed, header, files)} GROUP BY delivered_path"
    )
