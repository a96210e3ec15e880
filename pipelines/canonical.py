"""Canonical rows: of each key the delivery that counts, as views over the landing tables.

Only what repeated keys need is stored: all their deliveries (`canonical.<table>_delivery`) and a mark on the landing
rows that another delivery replaces. After the first build, that is made anew only for the keys that were touched.
"""

from pipelines.audit import Finding, audit_contract
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.increment import Increment, linked_columns
from pipelines.reference import evaluation_literal
from transforms.contracts.base import Contract
from transforms.contracts.sqlgen import literal
from transforms.contracts.tablegen import KNOWN_FROM, canonical_sql, deliveries_sql, supersede_sql, union_sql


def make_canonical(
    engine: DuckDBEngine, contract: Contract, landed: list[tuple[str, str]], increment: Increment
) -> list[Finding]:
    """Makes `canonical.<name>` and `canonical.<name>_delivery`; returns what the audit of the contract found.

    Args:
        landed: (feed, landing table) pairs.
        increment: what the build before has left; its touched rows are completed by all that share their key.
    """
    as_of = evaluation_literal(engine)
    engine.view(f"canonical.{contract.name}", canonical_sql(contract, as_of))
    if increment.is_whole or not increment.is_compact:
        _mark_all(engine, contract, landed, as_of)
    if increment.is_whole:
        return audit_contract(engine, contract, f"canonical.{contract.name}")
    _note_newly_visible(engine, contract, str(increment.as_of), as_of)
    _read_touched(engine, contract, landed)
    if increment.is_compact:
        _mark_touched(engine, contract, landed, as_of)
    _note_links(engine, contract)
    return audit_contract(engine, contract, f"({canonical_sql(contract, as_of, _touched_row(contract))})")


def _touched_row(contract: Contract) -> str:
    return f"touched_row_{contract.name}"


def _mark_all(engine: DuckDBEngine, contract: Contract, landed: list[tuple[str, str]], as_of: str) -> None:
    engine.table(f"canonical.{contract.name}_delivery", deliveries_sql(contract, as_of))
    for feed, table in landed:
        engine.con.execute(f"UPDATE {table} SET is_superseded = FALSE WHERE is_superseded")
        engine.con.execute(supersede_sql(contract, feed, table))


def _note_newly_visible(engine: DuckDBEngine, contract: Contract, before: str, as_of: str) -> None:
    """Notes rows that one evaluation instant sees and the other does not; they did not land in this build."""
    then = f"CAST({literal(before)} AS TIMESTAMPTZ)"
    columns = ", ".join(linked_columns(contract))
    for clock in _known_by(contract):  # one by one, so that the engine can pass over old rows
        engine.con.execute(f"""INSERT INTO touched_{contract.name}
            SELECT {columns} FROM landing.{contract.name}
            WHERE reason IS NULL AND {clock} > least({then}, {as_of}) AND {clock} <= greatest({then}, {as_of})""")
    if contract.day:
        first, last = (f"local_day({bound}({then}, {as_of}), 'UTC')" for bound in ("least", "greatest"))
        engine.con.execute(f"""INSERT INTO touched_{contract.name}
            SELECT {columns} FROM landing.{contract.name}
            WHERE reason IS NULL AND {contract.clock} IS NULL
                AND {contract.day} > {first} AND {contract.day} <= {last}""")


def _known_by(contract: Contract) -> list[str]:
    """The instants by which a row is seen, or preferred to others of its key, from then on."""
    clocks = dict.fromkeys((contract.clock, *KNOWN_FROM, *contract.version_order))
    return [c for c in clocks if c in contract.columns and contract.kind(c) == "instant"]


def _read_touched(engine: DuckDBEngine, contract: Contract, landed: list[tuple[str, str]]) -> None:
    """Makes `touched_row_<name>`: every accepted landing row of a touched key. Found by key alone, then read whole."""
    key = ", ".join(contract.key)
    engine.con.execute("CREATE OR REPLACE TEMP TABLE touched_place (feed VARCHAR, landed_row BIGINT)")
    for feed, table in landed if engine.count(f"touched_{contract.name}") else []:
        engine.con.execute(f"""INSERT INTO touched_place SELECT {literal(feed)}, l.rowid FROM {table} l
            JOIN (SELECT DISTINCT {key} FROM touched_{contract.name}) t ON {contract.same_key("l", "t")}
            WHERE l.reason IS NULL""")
    rows = union_sql(contract, landed, "touched_place")
    engine.con.execute(f"CREATE OR REPLACE TEMP TABLE {_touched_row(contract)} AS {rows}")


def _mark_touched(engine: DuckDBEngine, contract: Contract, landed: list[tuple[str, str]], as_of: str) -> None:
    """Judges the deliveries of touched keys again and turns the marks that have changed."""
    delivery, rows = f"canonical.{contract.name}_delivery", _touched_row(contract)
    engine.con.execute(f"""DELETE FROM {delivery} AS d
        USING (SELECT DISTINCT {", ".join(contract.key)} FROM touched_{contract.name}) t
        WHERE {contract.same_key("d", "t")}""")
    engine.con.execute(f"INSERT INTO {delivery} BY NAME {deliveries_sql(contract, as_of, rows)}")
    engine.con.execute(f"""CREATE OR REPLACE TEMP TABLE turned AS
        SELECT r.feed, r.landed_row FROM {rows} r
        LEFT JOIN {delivery} d ON d.feed = r.feed AND d.landed_row = r.landed_row
        WHERE r.is_superseded <> coalesce(NOT d.is_used, FALSE)""")
    turn = "SET is_superseded = NOT is_superseded WHERE"
    engine.con.execute(f"UPDATE {rows} {turn} (feed, landed_row) IN (SELECT (feed, landed_row) FROM turned)")
    for feed, table in landed:
        engine.con.execute(
            f"UPDATE {table} {turn} rowid IN (SELECT landed_row FROM turned WHERE feed = {literal(feed)})"
        )


def _note_links(engine: DuckDBEngine, contract: Contract) -> None:
    """Notes what other deliveries of a touched key were linked to: one of them may have counted until now."""
    columns = ", ".join(linked_columns(contract))
    engine.con.execute(f"INSERT INTO touched_{contract.name} SELECT {columns} FROM {_touched_row(contract)}")
