"""The small tables that landing joins delivered rows with: codes of a feed and what they mean."""

import polars as pl

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.feeds.base import AdapterSpec, FeedFile
from pipelines.units import UnitTable, unit_table
from pipelines.workspace import Feed, Workspace
from transforms.contracts.base import UNIT_RATIO_SQL
from transforms.contracts.sqlgen import KEY_JOINT, literal


def define_lookups(
    engine: DuckDBEngine, workspace: Workspace, feed: Feed, spec: AdapterSpec, files: list[FeedFile]
) -> None:
    """The `lookup_*` tables of this feed, from the reference tables and from its files' names."""
    _define_units(engine, unit_table(workspace, feed, spec))
    own = f"WHERE feed = {literal(feed.name)}"
    codes = {"code": [str(f.path) for f in files] + [f.name for f in files], "file": [f.name for f in files] * 2}
    with engine.given(pl.DataFrame(codes, schema={"code": pl.String, "file": pl.String}).unique("code")) as given:
        engine.lookup("file", f"SELECT code, file FROM {given}")
    engine.lookup(
        "facility",
        """SELECT c.code, c.facility_id, f.timezone, CAST(z.change_mask AS BIT) AS change_mask
        FROM reference.facility_code c
        JOIN reference.facility f USING (facility_id) JOIN reference.zone z USING (timezone)""",
    )
    zone = literal(feed.system_timezone)
    mask = f"SELECT CAST(change_mask AS BIT) FROM reference.zone WHERE timezone = {zone}"
    engine.con.execute(f"SET VARIABLE change_mask = ({mask})")
    engine.lookup("event_type", f"SELECT code, event_type FROM reference.event_type_code {own}")
    engine.lookup("status", f"SELECT code, status FROM reference.status_code {own}")
    engine.lookup("item", "SELECT code, item_id, base_uom, lot_tracked FROM reference.item_code")
    engine.lookup(
        "alias",
        f"SELECT facility_id || '{KEY_JOINT}' || local_code AS code, item_id AS alias FROM reference.item_alias",
    )


def _define_units(engine: DuckDBEngine, table: UnitTable) -> None:
    """`lookup_unit`: fixed ratios of units; `lookup_conversion`: an item's own, by what else the feed calls its units.

    A code that an item's conversions list comes before a synonym; synonyms that contradict each other are none.
    """
    bases = [base for (base,) in engine.rows("SELECT DISTINCT base_uom FROM reference.item WHERE base_uom IS NOT NULL")]
    with engine.given(table.ratios(bases)) as given:
        ratio = f"TRY_CAST(ratio AS {UNIT_RATIO_SQL})"
        engine.lookup(
            "unit",
            f"""SELECT base_uom || '{KEY_JOINT}' || code AS code, {ratio} AS ratio
            FROM {given} WHERE {ratio} > 0""",
        )
    others = ", ".join(literal(code) for code in ("", *table.other_codes()))
    codes = [code for (code,) in engine.rows("SELECT DISTINCT uom FROM reference.uom_conversion")]
    with engine.given(table.synonyms(codes)) as given:
        own = f"SELECT item_id, uom, factor FROM reference.uom_conversion WHERE uom NOT IN ({others})"
        engine.lookup(
            "conversion",
            f"""WITH own AS ({own}), named AS (
                SELECT c.item_id, s.code AS uom, min(c.factor) AS factor FROM reference.uom_conversion c
                JOIN {given} s ON s.uom = c.uom GROUP BY c.item_id, s.code HAVING count(DISTINCT c.factor) = 1)
            SELECT item_id || '{KEY_JOINT}' || uom AS code, factor FROM own UNION ALL
            SELECT item_id || '{KEY_JOINT}' || uom, factor FROM named ANTI JOIN own USING (item_id, uom)""",
        )
