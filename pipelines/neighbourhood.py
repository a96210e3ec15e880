"""Matching made anew only where rows were touched: in whole neighbourhoods, which no match can leave.

Two rows can have to do with each other only by an event_id, a document_id or a reversal that one states of the other.
Everything that touched rows reach in that way, in any number of steps, is a neighbourhood. The matching models run
over its rows alone, in a catalog of their own, by the same SQL; their rows then replace those of the warehouse.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.engines.duckdb import PRELUDE, DuckDBEngine
from pipelines.increment import Increment
from pipelines.reference import evaluation_literal
from transforms.contracts import CONTRACTS
from transforms.contracts.sqlgen import literal
from transforms.contracts.tablegen import canonical_sql, union_sql
from transforms.spec import Model

_NEAR = "neighbourhood"
_TABLES = ("inventory_event", "erp_posting")
# What a row of each kind states: its table, and its key before what it names.
_STATED = {
    "event": ("inventory_event", ("event_id", "document_id")),
    "posting": ("erp_posting", ("posting_id", "event_id", "document_id", "reverses_posting_id")),
}
# Where ids are looked for: a key only where its row was not read yet.
_SEARCHED = {
    "event": {"event_id": "unread_event", "document_id": "open_document"},
    "posting": {
        "posting_id": "unread_posting",
        "event_id": "open_event",
        "document_id": "open_document",
        "reverses_posting_id": "open_posting",
    },
}
_LARGEST_RATIO = 0.25  # beyond it, to make everything anew is cheaper


def find_neighbourhood(engine: DuckDBEngine, increment: Increment, landed: dict[str, list[tuple[str, str]]]) -> None:
    """Makes `matching.scope`: how many events and postings are to be matched anew; NULL where it is all of them.

    Args:
        landed: canonical table -> (feed, landing table) pairs.
    """
    counts = "NULL, NULL"
    if not increment.is_whole:
        _reach(engine, landed)
        found = engine.rows("SELECT (SELECT count(*) FROM near_event), (SELECT count(*) FROM near_posting)")[0]
        landed_count = engine.value("SELECT sum(landed_count) FROM landing.file") or 0
        increment.is_whole = sum(found) > _LARGEST_RATIO * landed_count
        if not increment.is_whole:
            counts = f"{found[0]}, {found[1]}"
            _open_catalog(engine, landed)
    engine.table("matching.scope", f"SELECT * FROM (VALUES ({counts})) AS s (events_count, postings_count)")


def _reach(engine: DuckDBEngine, landed: dict[str, list[tuple[str, str]]]) -> None:
    """Makes `near_event` and `near_posting`: what touched rows reach, in rounds until one finds nothing new.

    What is still to be looked for waits in `open_*`: ids of documents, events and postings, as stated by rows found.
    Touched rows have been read already. A scan of all ids is what costs here, so that none is made for nothing.
    """
    as_of = evaluation_literal(engine)
    for what in ("document", "event", "posting"):
        engine.con.execute(f"CREATE OR REPLACE TEMP TABLE known_{what} (id VARCHAR)")
    for what, (table, columns) in _STATED.items():
        own = canonical_sql(CONTRACTS[table], as_of, f"touched_row_{table}")
        place = f"{', '.join(columns)}, feed, landed_row"
        engine.con.execute(f"CREATE OR REPLACE TEMP TABLE near_{what} AS SELECT {place} FROM ({own})")
        engine.con.execute(
            f"CREATE OR REPLACE TEMP VIEW last_{what} AS SELECT {', '.join(columns)} FROM touched_{table}"
        )
    while _next_open(engine):
        for what, (table, columns) in _STATED.items():
            _search(engine, what, landed[table])
            rows = union_sql(CONTRACTS[table], landed[table], f"found_{what}_place")
            found = canonical_sql(CONTRACTS[table], as_of, f"({rows})")
            place = f"{', '.join(columns)}, feed, landed_row"
            engine.con.execute(f"CREATE OR REPLACE TEMP TABLE found_{what} AS SELECT {place} FROM ({found})")
            engine.con.execute(f"CREATE OR REPLACE TEMP VIEW last_{what} AS SELECT * FROM found_{what}")
            engine.con.execute(f"INSERT INTO near_{what} FROM found_{what}")


def _next_open(engine: DuckDBEngine) -> bool:
    """Puts what the rows found last state, and was not looked for yet, into `open_*`; whether there is any."""
    stated = {
        "document": "SELECT document_id FROM last_event UNION SELECT document_id FROM last_posting",
        "event": "SELECT event_id FROM last_event UNION SELECT event_id FROM last_posting",
        "posting": "SELECT posting_id FROM last_posting UNION SELECT reverses_posting_id FROM last_posting",
    }
    count = 0
    for what, sql in stated.items():
        engine.con.execute(f"""CREATE OR REPLACE TEMP TABLE open_{what} AS
            SELECT id FROM ({sql}) AS s (id) WHERE id IS NOT NULL AND id NOT IN (FROM known_{what})""")
        engine.con.execute(f"INSERT INTO known_{what} FROM open_{what}")
        count += engine.count(f"open_{what}")
    for what, (table, (key, *_)) in _STATED.items():
        engine.con.execute(f"""CREATE OR REPLACE TEMP TABLE unread_{what} AS SELECT id FROM open_{what}
            WHERE id NOT IN (SELECT n.{key} FROM near_{what} n UNION ALL SELECT t.{key} FROM touched_{table} t)""")
    return count > 0


def _search(engine: DuckDBEngine, what: str, landed: list[tuple[str, str]]) -> None:
    """Makes `found_<what>_place`: feed and landed row of what states an id that is looked for and was not read yet."""
    place = f"found_{what}_place"
    engine.con.execute(f"CREATE OR REPLACE TEMP TABLE {place} (feed VARCHAR, landed_row BIGINT)")
    for column, ids in _SEARCHED[what].items():
        if engine.count(ids):
            for feed, table in landed:
                engine.con.execute(f"""INSERT INTO {place} SELECT {literal(feed)}, rowid FROM {table}
                    WHERE {column} IN (FROM {ids})""")
    engine.con.execute(f"DELETE FROM {place} WHERE (feed, landed_row) IN (SELECT (feed, landed_row) FROM near_{what})")


def _open_catalog(engine: DuckDBEngine, landed: dict[str, list[tuple[str, str]]]) -> None:
    """A catalog in memory with the neighbourhood's canonical rows and the reference tables."""
    home, as_of = engine.value("SELECT current_database()"), evaluation_literal(engine)
    engine.con.execute(f"ATTACH ':memory:' AS {_NEAR}")
    for schema in ("reference", "canonical", "matching"):
        engine.con.execute(f"CREATE SCHEMA {_NEAR}.{schema}")
    for (table,) in engine.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'reference'"):
        engine.con.execute(f"CREATE VIEW {_NEAR}.reference.{table} AS FROM {home}.reference.{table}")
    for table, near in zip(_TABLES, ("near_event", "near_posting"), strict=True):
        rows = union_sql(CONTRACTS[table], landed[table], near)
        sql = canonical_sql(CONTRACTS[table], as_of, f"({rows})")
        engine.con.execute(f"CREATE TABLE {_NEAR}.canonical.{table} AS {sql}")
    with in_neighbourhood(engine):
        engine.con.execute(PRELUDE.read_text(encoding="utf-8"))


@contextmanager
def in_neighbourhood(engine: DuckDBEngine) -> Iterator[None]:
    """For a while, the names of models mean the neighbourhood's tables."""
    home = engine.value("SELECT current_database()")
    engine.con.execute(f"USE {_NEAR}")
    try:
        yield
    finally:
        engine.con.execute(f"USE {home}")


def take_over(engine: DuckDBEngine, model: Model) -> None:
    """Replaces what the warehouse's table of a matching model says of the neighbourhood by what its catalog says."""
    key, known = (
        ("posting_id", "known_posting") if "posting_id" in model.header.columns else ("event_id", "known_event")
    )
    engine.con.execute(f"DELETE FROM {model.table} WHERE {key} IN (FROM {known})")
    engine.con.execute(f"INSERT INTO {model.table} BY NAME FROM {_NEAR}.{model.table}")


def close_neighbourhood(engine: DuckDBEngine) -> None:
    """Lets the catalog go, if there is one."""
    engine.con.execute(f"DETACH DATABASE IF EXISTS {_NEAR}")
