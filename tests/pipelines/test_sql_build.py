"""`sql_query` in whole builds: a real ERP's tables in SQLite, what a check says and leaves alone, a build that fails late."""

import shutil
import sqlite3
from collections import Counter
from decimal import Decimal

import duckdb
import pytest

from pipelines.extraction import extract_feed
from pipelines.feed_pages import FORMATS
from pipelines.workspace import load_workspace
from tests.building import build_tables
from tests.pipelines.support import dockledger_here, make_workspace, put, rows, sentence, snapshot
from tests.support import real_data

# A goods movement states when it was stored; a material document states a day alone, which is no instant.
REAL = """\
facilities:
  - {id: P1, timezone: Europe/Berlin, codes: [Plant1]}
  - {id: P2, timezone: Europe/Berlin, codes: [Plant2]}
  - {id: P3, timezone: Europe/Berlin, codes: [Plant3]}
  - {id: P4, timezone: Europe/Berlin, codes: [Plant4]}
  - {id: P5, timezone: Europe/Berlin, codes: [Plant5]}
feeds:
  - name: goods
    adapter: sql_query
    table: erp_posting
    path: "extracts/goods/*.parquet"
    database: {file: erp.db}
    query: |
      SELECT fiscal_year || '/' || document_number || '/' || accounting_document_line AS posting_id,
        date_of_the_posting_in_the_document || ' ' || time_of_the_posting_in_the_document AS posted_at,
        posting_date_in_the_document AS posting_date, plant AS facility_id, material_number AS item_id,
        CASE movement_type WHEN 'Goods Issue' THEN -quantity ELSE quantity END AS quantity, movement_type,
        purchase_document_number AS document_id, line_item_in_purchase_document AS document_line
      FROM GoodsReceiptsAndIssues
    watermark: posted_at
    system_timezone: facility
  - name: documents
    adapter: sql_query
    table: inventory_event
    path: "extracts/documents/*.parquet"
    database: {file: erp.db}
    query: SELECT * FROM MaterialDocuments
    columns: {event_id: material_document_number, event_type: movement_type, facility_id: plant, item_id: material_number,
              event_time: posting_date_in_the_document, partner_facility_id: receiving_plant, location_id: storage_location}
    event_types: {Goods Issue: shipment_confirmed, Goods Receipt: receipt_confirmed}
    system_timezone: facility
"""
SMALL = """\
as_of: 2026-03-09T00:00:00Z
facilities: [{id: NDC, timezone: UTC}]
feeds:
  - name: erp
    adapter: sql_query
    table: erp_posting
    path: "extracts/erp/*.parquet"
    facility: NDC
    database: {file: shop.db}
    query: SELECT id AS posting_id, stored AS posted_at, amount AS quantity FROM posting
    watermark: posted_at
  - {name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/wms/*.csv"}
"""


@pytest.fixture(scope="session")
def erp(once):
    source = real_data("erp-inventory-sqlite", "inventory_management.db")

    def fill(folder):
        make_workspace(folder, {}, REAL)
        shutil.copy(source, folder / "erp.db")
        build_tables(folder)

    return once("erp-inventory-sqlite", fill)


@pytest.fixture
def shop(tmp_path):
    root = make_workspace(tmp_path / "ws", {}, SMALL)
    with sqlite3.connect(root / "shop.db") as con:
        con.execute("CREATE TABLE posting (id INTEGER, stored TEXT, amount)")
        con.execute("INSERT INTO posting VALUES (1, '2026-03-01T10:00:00Z', 1), (2, '2026-03-01T11:00:00', 2)")
    con.close()
    return root


def test_goods_movements_of_five_plants_arrive_with_their_sums(erp):
    expected: Counter[tuple[str, str]] = Counter()
    moved: dict[tuple[str, str], Decimal] = {}
    with sqlite3.connect(erp / "erp.db") as con:
        for plant, kind, quantity in con.execute("SELECT plant, movement_type, quantity FROM GoodsReceiptsAndIssues"):
            key = (plant.replace("Plant", "P"), kind)
            expected[key] += 1
            sign = -1 if kind == "Goods Issue" else 1
            moved[key] = moved.get(key, Decimal(0)) + sign * Decimal(repr(quantity))
    con.close()
    with duckdb.connect(str(erp / "warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute(
            "SELECT facility_id, movement_type, count(*), sum(quantity) FROM canonical.erp_posting GROUP BY ALL"
        ).fetchall()
    assert sum(expected.values()) == 200
    assert {(place, kind): n for place, kind, n, _ in found} == expected
    assert {(place, kind): total for place, kind, _, total in found} == moved


def test_stored_times_are_berlin_times(erp):
    """All 200 were stored at 11:56:27: 10:56:27 UTC in winter, 09:56:27 in summer, which begins on 31 March 2024."""
    with sqlite3.connect(erp / "erp.db") as con:
        days = [day for (day,) in con.execute("SELECT date_of_the_posting_in_the_document FROM GoodsReceiptsAndIssues")]
    con.close()
    winter = sum("2023-10-29" <= day < "2024-03-31" for day in days)
    with duckdb.connect(str(erp / "warehouse.duckdb"), read_only=True) as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'")
        found = warehouse.execute(
            "SELECT strftime(posted_at, '%H:%M:%S'), count(*) FROM canonical.erp_posting GROUP BY ALL ORDER BY 1 DESC"
        ).fetchall()
    assert found == [("10:56:27", winter), ("09:56:27", 200 - winter)]


def test_a_day_without_a_time_is_no_instant(erp):
    counted = rows(
        erp,
        "SELECT feed, received_count, accepted_count, quarantined_count FROM marts.feed_reconciliation ORDER BY feed",
    )
    assert [tuple(row.values()) for row in counted] == [("documents", 200, 0, 200), ("goods", 200, 200, 0)]
    reasons = rows(erp, "SELECT DISTINCT reason, left(detail, 12) AS detail FROM marts.quarantine")
    assert reasons == [{"reason": "schema violation", "detail": "event_time '"}]


def test_a_check_reads_the_database_and_writes_nothing(shop):
    before = snapshot(shop)
    told = dockledger_here("check", shop).stdout.splitlines()
    assert told[:3] == [
        "erp: 1 files, 2 rows, 1 refused",
        "  2 of them are in the database only; a build extracts them (looked at: the first 10,000)",
        "  1 x naive time: posted_at '2026-03-01T11:00:00' states no time zone and feed erp declares no system_timezone "
        "(first extracts/erp/000001-2026-03-01T110000.parquet row 2)",
    ]
    assert snapshot(shop) == before


def test_a_check_after_a_build_finds_nothing_new(shop):
    build_tables(shop)
    assert dockledger_here("check", shop).stdout.splitlines()[0] == "erp: 1 files, 2 rows, 1 refused"
    assert "in the database only" not in dockledger_here("check", shop).stdout


def test_what_a_failed_build_extracted_lands_in_the_next(shop):
    put(shop, "feeds/wms/broken.csv", "event_id\nE1\n")
    assert dockledger_here("build", shop, "--quiet").exit_code == 2
    assert [path.name for path in (shop / "extracts/erp").iterdir()] == ["000001-2026-03-01T110000.parquet"]
    (shop / "feeds/wms/broken.csv").unlink()
    build_tables(shop)
    assert rows(shop, "SELECT received_count AS n FROM marts.feed_reconciliation") == [{"n": 2}]
    assert len(list((shop / "extracts/erp").iterdir())) == 1


def test_a_variable_that_is_not_set_is_unusable_input(shop, monkeypatch):
    monkeypatch.delenv("ERP_URL", raising=False)
    make_workspace(shop, {}, SMALL.replace("{file: shop.db}", "{url_env: ERP_URL}"))
    for command in ("check", "build"):
        ended = dockledger_here(command, shop)
        assert ended.exit_code == 2
        assert sentence(ended.stderr.splitlines()[-1]) == "feed erp: the environment variable ERP_URL is not set"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{file: ../shop.db}", "line 9: feeds.0.database.file: path '../shop.db' must stay inside the workspace"),
        ("{}", "line 9: feeds.0.database: either url_env"),
        ("{url_env: A, file: b}", "line 9: feeds.0.database: either url_env"),
        ("{url_env: 'postgresql://a:s3cret@b/c'}", "line 9: feeds.0.database.url_env: String should match pattern"),
    ],
)
def test_a_database_is_named_by_a_variable_or_a_file_inside(shop, written, told):
    make_workspace(shop, {}, SMALL.replace("{file: shop.db}", written))
    said = sentence(dockledger_here("check", shop).stderr)
    assert told in said
    assert "s3cret" not in said


def test_the_samples_file_is_what_its_database_gives(engine, tmp_path):
    folder = shutil.copytree(FORMATS / "sql_query", tmp_path / "sample")
    [shipped] = (folder / "feeds").glob("*.parquet")
    shipped.rename(tmp_path / "shipped.parquet")
    with sqlite3.connect(folder / "erp.db") as con:
        con.executescript((folder / "feeds" / "erp.sql").read_text())
    con.close()
    workspace = load_workspace(folder)
    made = extract_feed(engine, workspace, workspace.feeds[0])
    assert made is not None
    assert made.file.path == shipped
    both = [engine.rows(f"SELECT * FROM read_parquet('{path}')") for path in (shipped, tmp_path / "shipped.parquet")]
    assert both[0] == both[1]
    assert len(both[0]) == 3
