"""`canonical_jsonl`: JSON Lines, one object a line whose keys are the canonical names.

A row's number counts the lines that are not blank. Strings, numbers and booleans mean what their text in a canonical
CSV would mean, null and an absent key are NULL, other keys are ignored. A line that is no such object is set aside.
"""

import gzip
from pathlib import Path

import duckdb

from pipelines.errors import UnusableInput
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS, FEED_TABLES
from transforms.contracts.sqlgen import literal

SPEC = AdapterSpec(
    name="canonical_jsonl",
    title="JSON Lines: one object a line with the canonical names as keys, UTF-8",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=("a binary file", "a file that is not UTF-8", "a line of more than 1 MiB"),
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="JSON (RFC 8259), one object a line; the keys are the canonical columns",
)

_LONGEST_BYTES = 1 << 20  # the engine refuses lines of more than 2 MiB
# The engine reads a number as a DOUBLE; one of more digits than that holds is made a string first. Should that break
# the object, since the pattern matched within a string, the line stays as it is.
_LONG_NUMBER = r'([{,]\s*"(?:[^"\\]|\\.)*"\s*:\s*)(-?\d[\d.]{14,}(?:[eE][+-]?\d+)?)'
_BLANKS = "' ' || chr(9) || chr(13)"


def land(con: duckdb.DuckDBPyConnection, feed: Feed, files: list[FeedFile]) -> Landing:
    """Gathers the lines in a temporary table, each with its number and what is wrong with it.

    Errors: UnusableInput for a file that is not text in UTF-8 or holds a line that is too long.
    """
    if not files:
        return Landing([])
    for file in files:
        _refuse_other_than_text(file)
    columns = tuple(CONTRACTS[str(feed.table)].columns)
    paths = ", ".join(literal(f"$.{column}") for column in columns)
    lines = f"jsonl_{feed.name}"
    _gather(con, lines, [file.path for file in files], paths)
    values = ", ".join(f"v[{place}] AS {column}" for place, column in enumerate(columns, 1))
    sql = f"""SELECT {values}, file, row_number
        FROM (SELECT json_extract_string(line, [{paths}]) AS v, file, row_number FROM {lines} WHERE detail IS NULL)"""
    malformed = f"SELECT file, row_number, detail, line AS raw FROM {lines} WHERE detail IS NOT NULL"
    return Landing([Scan(str(feed.table), sql, columns, has_row_number=True)], malformed_sql=malformed)


def _refuse_other_than_text(file: FeedFile) -> None:
    opener = gzip.open if file.path.suffix == ".gz" else Path.open
    with opener(file.path, "rb") as stream:
        number = 0
        while line := stream.readline(_LONGEST_BYTES + 1):
            number += 1
            if b"\x00" in line:
                raise UnusableInput("the file is binary, not JSON Lines", file=file.name, row=number)
            if len(line) > _LONGEST_BYTES:
                raise UnusableInput(f"the line is longer than {_LONGEST_BYTES} bytes", file=file.name, row=number)
            try:
                line.decode()
            except UnicodeDecodeError:
                raise UnusableInput("the line is not UTF-8 text", file=file.name, row=number) from None


def _gather(con: duckdb.DuckDBPyConnection, name: str, paths: list[Path], fields: str) -> None:
    """Makes a table of `line`, `file`, `row_number` and `detail`; lines keep their order while they are read."""
    delivered = ", ".join(literal(path) for path in paths)
    con.execute(f"""CREATE OR REPLACE TEMP TABLE {name}_read AS
        SELECT line, delivered_path AS file
        FROM read_csv([{delivered}], auto_detect=false, header=false, delim='', quote='', escape='', strict_mode=false,
            columns={{line: 'VARCHAR'}}, filename='delivered_path')
        WHERE trim(line, {_BLANKS}) <> ''""")
    long, quoted = literal(_LONG_NUMBER), literal(r'\1"\2"')
    con.execute(rf"""CREATE OR REPLACE TEMP TABLE {name} AS
        WITH numbered AS (
            SELECT l.line, l.file, l.rowid - f.first_row + 1 AS row_number
            FROM {name}_read l
            JOIN (SELECT file, min(rowid) AS first_row FROM {name}_read GROUP BY file) f ON f.file = l.file
        ), exact AS (
            SELECT line, file, row_number, CASE WHEN regexp_matches(line, ':\s*-?\d[\d.]{{14}}')
                THEN regexp_replace(line, {long}, {quoted}, 'g') END AS quoted FROM numbered
        )
        SELECT CASE WHEN json_valid(quoted) THEN quoted ELSE line END AS line, file, row_number,
            CASE WHEN NOT json_valid(line) THEN 'the line is not JSON'
                 WHEN json_type(line) <> 'OBJECT' THEN 'the line is not a JSON object'
                 WHEN len(json_keys(line)) <> list_unique(json_keys(line)) THEN 'a key appears twice'
                 WHEN list_has_any(json_type(line, [{fields}]), ['OBJECT', 'ARRAY'])
                 THEN 'a value is an object or a list' END AS detail
        FROM exact""")
    con.execute(f"DROP TABLE {name}_read")


ADAPTER = Adapter(SPEC, land)
