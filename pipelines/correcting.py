"""Corrections at work: how a scan takes them in, what they find, and whether that is what they expect."""

from dataclasses import dataclass, replace

from pipelines.audit import Finding
from pipelines.corrections import KEY_SEPARATOR, Correction, correction_rows
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.errors import UnusableInput
from pipelines.feeds.base import Scan
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS
from transforms.contracts.base import Contract
from transforms.contracts.sqlgen import literal

CHECKS = ("corrections_hold",)
WARNINGS = ("corrections_find_rows",)
_MOST_TOLD = 5


@dataclass(frozen=True)
class Corrected:
    """A scan with its corrections taken in.

    Attributes:
        scan: yields the corrected values.
        columns: what of them may have been set; what was delivered stands in `delivered_<column>`.
        has_drops: the scan yields `drop_reason`, NULL where the row is not dropped.
    """

    scan: Scan
    columns: tuple[str, ...] = ()
    has_drops: bool = False


def make_hits(engine: DuckDBEngine) -> None:
    """Makes `landing.correction_hit` where there is none: how many rows of a file a correction found, and how.

    Its `outcome` is applied, mended (the row states the new value already) or differs (it states something else).
    """
    engine.con.execute(
        "CREATE TABLE IF NOT EXISTS landing.correction_hit (feed VARCHAR, table_name VARCHAR, file VARCHAR, "
        "row_key VARCHAR, action VARCHAR, column_name VARCHAR, outcome VARCHAR, found VARCHAR, rows_count BIGINT)"
    )


def correct(engine: DuckDBEngine, feed: Feed, scan: Scan, source: str, corrections: list[Correction]) -> Corrected:
    """A scan as it reads with its corrections taken in; notes in `landing.correction_hit` what they find.

    Args:
        source: a SELECT of the scan's columns, `file` and `row_number`.

    Errors: UnusableInput where the scan's column is typed and a correction's value is not of that type.
    """
    mine = [c for c in corrections if c.table_name == scan.table]
    if not mine:
        return Corrected(replace(scan, sql=source))
    for correction in mine:
        _refuse_other_type(engine, correction, scan.types.get(str(correction.column_name)))
    con = engine.con
    with engine.given(correction_rows(mine)) as given:
        con.execute(f"CREATE OR REPLACE TEMP TABLE correction AS SELECT * FROM {given}")
    key = _key(CONTRACTS[scan.table], scan)
    cells = list(dict.fromkeys((c.action, c.column_name) for c in mine))
    _note_hits(engine, feed, scan, f"SELECT *, {key} AS row_key FROM ({source}) s", cells)
    joins, values, drops = [], dict[str, str](), []
    for number, (action, column) in enumerate(cells):
        cell = f"c{number}"
        own = f"action = {literal(action)} AND column_name IS NOT DISTINCT FROM {literal(column)}"
        joins.append(f"LEFT JOIN (SELECT * FROM correction WHERE {own}) {cell} ON {cell}.row_key = {key}")
        holds = f"{cell}.row_key IS NOT NULL AND {_states(scan, column, f'{cell}.expected')}"
        if action == "set" and column:
            put = _typed(scan, column, f"{cell}.value")
            values[column] = f"CASE WHEN {holds} THEN {put} ELSE {_found(scan, column)} END"
        else:
            drops.append(f"WHEN {holds} THEN {cell}.reason")
    selected = _selected(scan, values, drops)
    new = [column for column in values if column not in scan.columns]
    sql = f"SELECT {selected} FROM ({source}) s {' '.join(joins)}"
    return Corrected(replace(scan, sql=sql, columns=(*scan.columns, *new)), tuple(values), bool(drops))


def _selected(scan: Scan, values: dict[str, str], drops: list[str]) -> str:
    kept = [f"s.{column}" for column in (*scan.columns, "file", "row_number") if column not in values]
    made = [f"{value} AS {column}" for column, value in values.items()]
    before = [f"{_found(scan, column)} AS delivered_{column}" for column in values]
    dropped = [f"CASE {' '.join(drops)} END AS drop_reason"] if drops else []
    return ", ".join([*kept, *made, *before, *dropped])


def _note_hits(engine: DuckDBEngine, feed: Feed, scan: Scan, keyed: str, cells: list[tuple[str, str | None]]) -> None:
    """Counts, for each correction and file, the rows that it meets."""
    keys = "SELECT row_key FROM correction"
    engine.con.execute(f"CREATE OR REPLACE TEMP TABLE corrected_row AS FROM ({keyed}) WHERE row_key IN ({keys})")
    for action, column in cells:
        found = f"CAST({_found(scan, column)} AS VARCHAR)"
        mended = f"WHEN {_states(scan, column, 'c.value')} THEN 'mended'" if action == "set" else ""
        engine.con.execute(f"""INSERT INTO landing.correction_hit
            SELECT {literal(feed.name)}, {literal(scan.table)}, o.file, c.row_key, c.action, c.column_name,
                CASE WHEN {_states(scan, column, "c.expected")} THEN 'applied' {mended} ELSE 'differs' END AS outcome,
                {found} AS found, count(*)
            FROM corrected_row s
            JOIN correction c ON c.row_key = s.row_key AND c.action = {literal(action)}
                AND c.column_name IS NOT DISTINCT FROM {literal(column)}
            JOIN lookup_file o ON o.code = s.file
            GROUP BY o.file, c.row_key, c.action, c.column_name, outcome, found""")
    engine.con.execute("DROP TABLE corrected_row")


def _key(contract: Contract, scan: Scan) -> str:
    return f" || '{KEY_SEPARATOR}' || ".join(f"CAST({_found(scan, part)} AS VARCHAR)" for part in contract.key)


def _found(scan: Scan, column: str | None) -> str:
    """What the source states in a column: text without blanks around it, or typed; NULL where it has no such column."""
    if column is None or column not in scan.columns:
        return "CAST(NULL AS VARCHAR)"
    return f"s.{column}" if column in scan.types else f"stripped(s.{column})"


def _typed(scan: Scan, column: str, value: str) -> str:
    return f"TRY_CAST({value} AS {scan.types[column]})" if column in scan.types else value


def _states(scan: Scan, column: str | None, value: str) -> str:
    """Whether the source states a value; without a column there is nothing to differ."""
    if column is None:
        return "TRUE"
    return f"{_found(scan, column)} IS NOT DISTINCT FROM {_typed(scan, column, value)}"


def _refuse_other_type(engine: DuckDBEngine, c: Correction, kind: str | None) -> None:
    for name, value in (("expected", c.expected), ("value", c.value)):
        if kind is None or value is None:
            continue
        text = literal(value)
        # The engine would take a time without a zone for UTC, and drop the zone of one that states it.
        zoned = {"TIMESTAMP WITH TIME ZONE": f"states_zone({text})", "TIMESTAMP": f"NOT states_zone({text})"}
        if not engine.value(f"SELECT TRY_CAST({text} AS {kind}) IS NOT NULL AND {zoned.get(kind, 'TRUE')}"):
            what = f"{name} '{value}' is not of the type of {c.column_name} in the feed's files, {kind}"
            raise UnusableInput(what, file=c.file, row=c.row_number)


def judge_corrections(engine: DuckDBEngine) -> list[Finding]:
    """Of marts.corrections: whether each finds what it expects, and whether each finds a row at all (a warning)."""
    columns = "file, row_number, table_name, row_key, column_name, expected, state, found, found_file"
    rows = engine.rows(f"""SELECT {columns} FROM marts.corrections
        WHERE state IN ('contradicted', 'no such row') ORDER BY file, row_number""")
    differing = [_contradiction(*row[:6], *row[7:]) for row in rows if row[6] == "contradicted"]
    idle = [f"{row[0]} row {row[1]}: there is no {row[2]} {row[3]}" for row in rows if row[6] == "no such row"]
    return [
        Finding(CHECKS[0], not differing, _told(differing) or "every source states what is expected"),
        Finding(WARNINGS[0], not idle, _told(idle) or "every correction finds a row", is_blocking=False),
    ]


def _contradiction(
    file: str, row: int, table: str, key: str, column: str, expected: str | None, found: str | None, where: str
) -> str:
    wanted, stated = ("nothing" if v is None else f"'{v}'" for v in (expected, found))
    return f"{file} row {row} expects {wanted} as {column} of {table} {key}, but {where} states {stated}"


def _told(sentences: list[str]) -> str:
    more = f"; and {len(sentences) - _MOST_TOLD} more" if len(sentences) > _MOST_TOLD else ""
    return "; ".join(sentences[:_MOST_TOLD]) + more
