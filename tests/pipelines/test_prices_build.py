"""Prices by the unit in which they are charged, through a whole build: the match and its value, by hand.

Stock is kept in pieces (EA); a case (CS) of A holds 12, one of B 7, and a dozen is twelve of whatever has no case.
"""

from pathlib import Path

import pytest

from tests.building import build_tables
from tests.pipelines.support import make_workspace, rows

CONFIGURATION = """\
as_of: 2026-03-10T12:00:00Z
facilities: [{id: NDC, timezone: UTC}]
feeds:
  - {name: orders, adapter: canonical_csv, table: purchase_line, path: feeds/orders.csv}
  - name: invoices
    adapter: mapped_csv
    table: invoice_line
    path: feeds/invoices.csv
    unit_codes: rec20
    columns: {invoice_id: invoice, invoice_line: line, purchase_order_id: po, purchase_order_line: po_line, facility_id: site,
      item_id: item, quantity: quantity, uom: unit, unit_price: price, currency: currency, invoiced_at: entered}
reference: {items: items.csv, uom_conversions: conversions.csv}
"""
# PO1/2 was ordered by the case at 100: 100 / 12 = 8.333333 a piece. PO1/3 at 24 a piece, PO1/4 at 2.
ORDERS = """\
purchase_order_id,purchase_order_line,facility_id,item_id,ordered_quantity,received_quantity,uom,unit_price,currency
PO1,1,NDC,A,120,120,EA,10,USD
PO1,2,NDC,A,10,10,CS,100,USD
PO1,3,NDC,B,14,14,EA,24,USD
PO1,4,NDC,C,36,36,EA,2,USD
PO1,5,NDC,A,5,5,,3,USD
"""
INVOICES = """\
invoice,line,po,po_line,site,item,quantity,unit,price,currency,entered
V1,1,PO1,1,NDC,A,10,CS,120,USD,2026-03-09T08:00:00Z
V1,2,PO1,2,NDC,A,120,EA,8.333333,USD,2026-03-09T08:00:00Z
V1,3,PO1,3,NDC,B,2,CS,175,USD,2026-03-09T08:00:00Z
V1,4,PO1,4,NDC,C,3,DZN,24,USD,2026-03-09T08:00:00Z
V1,5,PO1,5,NDC,A,5,,3,USD,2026-03-09T08:00:00Z
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files: dict[str, str | bytes] = {
        "feeds/orders.csv": ORDERS,
        "feeds/invoices.csv": INVOICES,
        "items.csv": "item_id,base_uom\nA,EA\nB,EA\nC,EA\n",
        "conversions.csv": "item_id,uom,factor\nA,CS,12\nB,CS,7\n",
    }
    root = make_workspace(tmp_path_factory.mktemp("prices") / "ws", files, CONFIGURATION)
    build_tables(root)
    return root


def test_an_order_shows_its_price_for_one_base_unit(published):
    sql = """SELECT purchase_order_line AS line, CAST(ordered_quantity AS VARCHAR) AS units, CAST(unit_price AS VARCHAR) AS price
        FROM marts.purchase_lines ORDER BY line"""
    assert [tuple(row.values()) for row in rows(published, sql)] == [
        ("1", "120.000000", "10.000000"),
        ("2", "120.000000", "8.333333"),
        ("3", "14.000000", "24.000000"),
        ("4", "36.000000", "2.000000"),
        ("5", "5.000000", "3.000000"),
    ]


def test_a_price_by_the_case_agrees_with_one_by_the_piece_and_is_worth_what_is_charged(published):
    """10 cases at 120, 120 pieces at 8.333333, 2 at 175, 3 dozen at 24 and 5 at 3: 1,200 + 999.99996 + 350 + 72 + 15 = 2,636.99996.

    Only V1/3 differs: 175 / 7 = 25 a piece, ordered at 24. The other four are worth 2,286.99996."""
    [match] = rows(
        published, "SELECT matched_count, price_count, value_usd, matched_value_usd FROM marts.three_way_match"
    )
    assert (match["matched_count"], match["price_count"]) == (4, 1)
    assert match["value_usd"] == pytest.approx(2636.99996, abs=1e-9)
    assert match["matched_value_usd"] == pytest.approx(2286.99996, abs=1e-9)
    told = rows(
        published,
        "SELECT reference_id, CAST(quantity AS VARCHAR) AS units, detail FROM marts.exceptions WHERE rule = 'three_way_mismatch'",
    )
    assert [tuple(row.values()) for row in told] == [("V1/3", "14.000000", "price 25.000000, ordered at 24.000000")]
