"""Master data as files: items, what sites call them, suppliers, and the stock before the first event."""

from pathlib import Path

import polars as pl

from pipelines.simulator.generate import Generated
from pipelines.simulator.master import gtin, item_id, local_code
from pipelines.simulator.render import UNIT, cents
from pipelines.simulator.scenario import Scenario


def write_master(scenario: Scenario, made: Generated, folder: Path) -> None:
    """Writes what the scenario states."""
    tables = {
        "items": _items(scenario, made),
        "item_aliases": _aliases(scenario, made),
        "suppliers": _suppliers(scenario),
        "opening_stock": _opening(scenario, made),
    }
    for name, table in tables.items():
        if table is not None:
            (folder / f"{name}.csv").write_text(table.write_csv(), encoding="utf-8", newline="\n")


def _items(scenario: Scenario, made: Generated) -> pl.DataFrame:
    items, numbers = made.items, range(len(made.items))
    return pl.DataFrame(
        {
            "item_id": [item_id(n) for n in numbers],
            "gtin": [gtin(scenario.gs1_company_prefix, n) for n in numbers],
            "base_uom": [UNIT] * len(items),
            "unit_cost": pl.Series(items.cost_cents),
            "currency": [scenario.currency] * len(items),
            "abc_class": ["ABC"[c] for c in items.abc],
            "lot_tracked": ["true" if t else "false" for t in items.is_lot_tracked],
        }
    ).with_columns(cents("unit_cost").alias("unit_cost"))


def _aliases(scenario: Scenario, made: Generated) -> pl.DataFrame:
    """The codes of every site that has its own."""
    aliases = [
        (site.id, local_code(n), item_id(n))
        for site in scenario.facilities
        if site.writes_local_time()
        for n in range(len(made.items))
    ]
    return pl.DataFrame(aliases, schema=["facility_id", "local_code", "item_id"], orient="row")


def _suppliers(scenario: Scenario) -> pl.DataFrame | None:
    names = scenario.supplier_names
    rows = [(f"SUP-{number:02d}", name) for number, name in enumerate(names, 1)]
    return pl.DataFrame(rows, schema=["supplier_id", "name"], orient="row") if names else None


def _opening(scenario: Scenario, made: Generated) -> pl.DataFrame | None:
    rows = [
        (scenario.facilities[facility].id, item_id(int(item)), int(quantity))
        for facility, stock in made.opening.items()
        for item, quantity in zip(*stock, strict=True)
    ]
    schema = ["facility_id", "item_id", "quantity"]
    return pl.DataFrame(rows, schema=schema, orient="row") if scenario.opening_stock else None
