"""A live ERP: one working day in Tryton, read from its database as docs/how-to/read-tryton.md says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.building import build_tables
from tests.pipelines.support import make_workspace, rows
from tests.postgresql import PASSWORD, running
from tests.support import ROOT

pytestmark = pytest.mark.timeout(600)  # the first test installs the ERP: half a minute, more where the machine is busy
PAGE = ROOT / "docs" / "how-to" / "read-tryton.md"
# tests/tryton_site.py states what happens. Every movement that crosses the border of a warehouse or is made inside one:
# type, place, item, quantity with its sign, unit, accounting day.
POSTINGS = [
    ("inventory_adjusted", "WH-A", "BOLT", -1, "u", "2026-03-06"),
    ("inventory_adjusted", "WH-A", "SALT", 0.25, "kg", "2026-03-06"),
    ("pick_confirmed", "WH-A", "BOLT", 4, "u", "2026-03-03"),
    ("pick_confirmed", "WH-A", "SALT", 250, "g", "2026-03-03"),
    ("putaway_completed", "WH-A", "BOLT", 1, "u", "2026-03-09"),
    ("putaway_completed", "WH-A", "BOLT", 10, "u", "2026-03-02"),
    ("putaway_completed", "WH-A", "SALT", 2.5, "kg", "2026-03-02"),
    ("receipt_confirmed", "WH-A", "BOLT", 10, "u", "2026-03-02"),
    ("receipt_confirmed", "WH-A", "SALT", 2.5, "kg", "2026-03-02"),
    ("return_received", "WH-A", "BOLT", 1, "u", "2026-03-09"),
    ("shipment_confirmed", "WH-A", "BOLT", -4, "u", "2026-03-03"),
    ("shipment_confirmed", "WH-A", "SALT", -250, "g", "2026-03-03"),
    ("transfer_received", "WH-B", "BOLT", 3, "u", "2026-03-05"),
    ("transfer_shipped", "WH-A", "BOLT", -3, "u", "2026-03-04"),
]


def configuration() -> str:
    """The workspace that the page shows."""
    [found] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return found


@pytest.fixture(scope="session")
def site(once):
    """A workspace built from Tryton's database; the server is stopped. `clock.txt`: its UTC time before and after."""

    def fill(folder: Path) -> None:
        with running() as server, pytest.MonkeyPatch.context() as environment:
            clock = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
            [(before,)] = server.run("CREATE DATABASE tryton", clock)
            command = [sys.executable, "-W", "ignore", str(ROOT / "tests" / "tryton_site.py")]
            made = subprocess.run(
                [*command, server.address("").rstrip("/"), "tryton"], capture_output=True, text=True, env=os.environ
            )
            assert made.returncode == 0, made.stderr
            [(after,)] = server.run(clock)
            environment.setenv("TRYTON_URL", server.address("tryton"))
            build_tables(make_workspace(folder, {}, configuration()))
            (folder / "clock.txt").write_text(f"{before}\n{after}")

    return once("tryton", fill)


@pytest.fixture(scope="session")
def warehouse(site):
    with duckdb.connect(str(site / "warehouse.duckdb"), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        yield con


def test_every_movement_arrives_once_with_sign_unit_place_and_accounting_day(warehouse):
    found = warehouse.execute(
        "SELECT posting_type, facility_id, item_id, CAST(quantity AS DOUBLE), uom, CAST(posting_date AS VARCHAR) "
        "FROM canonical.erp_posting ORDER BY ALL"
    ).fetchall()
    assert found == sorted(POSTINGS)


def test_the_stock_of_every_warehouse_is_what_was_counted_and_moved(warehouse):
    """WH-A: 10 received, 4 shipped, 3 sent away, 1 short, 1 returned: 3 BOLT. WH-B: 3 BOLT. Movements inside change nothing."""
    found = warehouse.execute(
        "SELECT facility_id, CAST(sum(quantity) AS INTEGER) FROM canonical.erp_posting WHERE item_id = 'BOLT' "
        "AND posting_type NOT IN ('putaway_completed', 'pick_confirmed') GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert found == [("WH-A", 3), ("WH-B", 3)]


def test_counts_arrive_with_what_was_found_and_what_the_books_said(site):
    found = rows(
        site,
        "SELECT facility_id, location_id, item_id, counted_quantity, book_quantity, variance_units "
        "FROM marts.count_records ORDER BY item_id",
    )
    assert [tuple(row.values()) for row in found] == [
        ("WH-A", "STO", "BOLT", 2, 3, -1),
        ("WH-A", "STO", "SALT", 2.5, 2.25, 0.25),
    ]


@pytest.mark.parametrize(
    ("table", "column"), [("erp_posting", "posted_at"), ("count_record", "counted_at"), ("count_record", "approved_at")]
)
def test_stored_times_are_utc_though_the_servers_zone_is_not(site, warehouse, table, column):
    before, after = (site / "clock.txt").read_text().splitlines()
    inside = f"{column} BETWEEN TIMESTAMPTZ '{before}+00' AND TIMESTAMPTZ '{after}+00'"
    assert warehouse.execute(
        f"SELECT count(*), count(*) FILTER (WHERE {inside}) FROM canonical.{table}"
    ).fetchall() in (
        [(14, 14)],
        [(2, 2)],
    )


def test_postings_are_stored_in_the_order_in_which_they_were_made(warehouse):
    """The transfer left before it arrived, though its arrival was entered first; a count comes before what corrects it."""
    times = dict(
        warehouse.execute("SELECT posting_type, min(posted_at) FROM canonical.erp_posting GROUP BY ALL").fetchall()
    )
    assert times["receipt_confirmed"] < times["pick_confirmed"] < times["shipment_confirmed"]
    assert times["transfer_shipped"] < times["transfer_received"] < times["inventory_adjusted"]
    [(counted, approved)] = warehouse.execute(
        "SELECT max(counted_at), min(approved_at) FROM canonical.count_record"
    ).fetchall()
    assert counted < approved == times["inventory_adjusted"]


def test_documents_bear_their_numbers_and_postings_their_user(warehouse):
    found = warehouse.execute(
        "SELECT posting_type, document_type, document_id, posted_by FROM canonical.erp_posting "
        "WHERE item_id = 'BOLT' AND posting_type IN ('receipt_confirmed', 'transfer_shipped', 'inventory_adjusted') ORDER BY 1"
    ).fetchall()
    assert found == [
        ("inventory_adjusted", None, None, "admin"),
        ("receipt_confirmed", "stock.shipment.in", "1", "admin"),
        ("transfer_shipped", "stock.shipment.internal", "1", "admin"),
    ]


def test_nothing_is_refused_and_every_row_is_accounted_for(site):
    counted = rows(
        site,
        "SELECT feed, received_count, accepted_count, quarantined_count FROM marts.feed_reconciliation ORDER BY feed",
    )
    assert [tuple(row.values()) for row in counted] == [("tryton", 14, 14, 0), ("tryton_counts", 2, 2, 0)]


def test_no_file_of_the_workspace_holds_the_password(site):
    files = [path for path in site.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert [path.name for path in files if PASSWORD.encode() in path.read_bytes()] == []
