"""Two foreign purchasing data sets, mapped in a workspace alone: what is loaded is what the csv module adds up.

AdventureWorks: tab separated and without a header; its columns are those of the sample database's script. Its details state
no time of a receipt: `ModifiedDate`, when the row was last changed, is the only instant, and the workspace says so.
The purchasing log states when an activity began and when it ended: two events of each delivery, and nothing of the rest.
"""

import csv
import gzip
import shutil
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.building import build_tables
from tests.pipelines.support import rows
from tests.support import real_data

DETAIL = ["PurchaseOrderID", "PurchaseOrderDetailID", "DueDate", "OrderQty", "ProductID", "UnitPrice", "LineTotal", "ReceivedQty", "RejectedQty", "StockedQty", "ModifiedDate"]  # fmt: skip
CONFIGURATION = f"""\
facilities: [{{id: AW, timezone: America/Los_Angeles}}, {{id: SITE, timezone: Europe/Amsterdam}}]
feeds:
  - name: po
    adapter: mapped_csv
    table: purchase_line
    path: feeds/PurchaseOrderDetail.csv
    facility: AW
    system_timezone: facility
    delimiter: "\\t"
    header: [{", ".join(DETAIL)}]
    columns: {{purchase_order_id: PurchaseOrderID, purchase_order_line: PurchaseOrderDetailID, item_id: ProductID,
      ordered_quantity: OrderQty, received_quantity: ReceivedQty, rejected_quantity: RejectedQty,
      stocked_quantity: StockedQty, unit_price: UnitPrice, due_date: DueDate, last_changed_at: ModifiedDate}}
    values: {{currency: USD}}
  - name: dock
    adapter: mapped_csv
    table: inventory_event
    path: feeds/PurchaseOrderDetail.csv
    facility: AW
    system_timezone: facility
    delimiter: "\\t"
    header: [{", ".join(DETAIL)}]
    columns: {{event_time: ModifiedDate, item_id: ProductID, document_id: PurchaseOrderID,
      document_line: PurchaseOrderDetailID}}
    rows:
      - unless: {{ReceivedQty: [".00"]}}
        columns: {{event_id: {{text: "{{PurchaseOrderDetailID}}/received"}}, quantity: ReceivedQty}}
        values: {{event_type: receipt_confirmed}}
      - unless: {{RejectedQty: [".00"]}}
        columns: {{event_id: {{text: "{{PurchaseOrderDetailID}}/rejected"}}, quantity: RejectedQty}}
        values: {{event_type: quality_hold_placed, to_status: quality_hold}}
  - name: log
    adapter: mapped_csv
    table: inventory_event
    path: feeds/*.csv.gz
    facility: SITE
    columns: {{document_id: case_id, actor_id: resource}}
    rows:
      - when: {{activity: Deliver Goods Services}}
        columns: {{event_id: {{text: "{{case_id}}/{{start_time}}/began"}}, event_time: start_time}}
        values: {{event_type: receipt_created}}
      - when: {{activity: Deliver Goods Services}}
        columns: {{event_id: {{text: "{{case_id}}/{{start_time}}/ended"}}, event_time: end_time}}
        values: {{event_type: receipt_confirmed}}
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("purchasing") / "ws"
    (root / "feeds").mkdir(parents=True)
    shutil.copy(real_data("adventureworks", "PurchaseOrderDetail.csv"), root / "feeds")
    shutil.copy(real_data("purchasing-log", "PurchasingExample.csv.gz"), root / "feeds")
    (root / "dockledger.yaml").write_text(CONFIGURATION)
    build_tables(root)
    return root


@pytest.fixture(scope="module")
def details() -> list[dict[str, str]]:
    with real_data("adventureworks", "PurchaseOrderDetail.csv").open(newline="") as stream:
        return [dict(zip(DETAIL, record, strict=True)) for record in csv.reader(stream, delimiter="\t")]


@pytest.fixture(scope="module")
def deliveries() -> list[dict[str, str]]:
    with gzip.open(real_data("purchasing-log", "PurchasingExample.csv.gz"), "rt", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_row_of_both_is_accounted_for(published, details, deliveries):
    accounts = rows(
        published,
        "SELECT feed, received_count, accepted_count, quarantined_count, duplicate_count, out_of_scope_count "
        "FROM marts.feed_reconciliation ORDER BY feed",
    )
    received = sum(d["ReceivedQty"] != ".00" for d in details)
    rejected = sum(d["RejectedQty"] != ".00" for d in details)
    neither = sum(d["ReceivedQty"] == d["RejectedQty"] == ".00" for d in details)
    delivered = sum(d["activity"] == "Deliver Goods Services" for d in deliveries)
    others = len(deliveries) - delivered
    assert [tuple(row.values()) for row in accounts] == [
        ("dock", received + rejected + neither, received + rejected, 0, 0, neither),
        ("log", 2 * delivered + others, 2 * delivered, 0, 0, others),
        ("po", len(details), len(details), 0, 0, 0),
    ]
    assert (len(details), delivered) == (8845, 413)


def test_what_was_ordered_received_rejected_and_stocked_adds_up_by_product(published, details):
    expected: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for detail in details:
        stated = (Decimal(detail[name]) for name in ("OrderQty", "ReceivedQty", "RejectedQty", "StockedQty"))
        expected[detail["ProductID"]] = [a + b for a, b in zip(expected[detail["ProductID"]], stated, strict=True)]
    found = rows(
        published,
        "SELECT item_id, CAST(sum(ordered_quantity) AS VARCHAR) AS a, CAST(sum(received_quantity) AS VARCHAR) AS b, "
        "CAST(sum(rejected_quantity) AS VARCHAR) AS c, CAST(sum(stocked_quantity) AS VARCHAR) AS d "
        "FROM marts.purchase_lines GROUP BY item_id",
    )
    assert {row["item_id"]: [Decimal(row[k]) for k in "abcd"] for row in found} == dict(expected)
    assert len(expected) > 200


def test_a_line_leads_back_to_its_row_with_its_days_price_and_instant(published, details):
    # Los Angeles is seven hours behind in April: midnight is 07:00 UTC.
    number, detail = next((n, d) for n, d in enumerate(details, 1) if Decimal(d["RejectedQty"]) > 0)
    [line] = rows(
        published,
        "SELECT purchase_order_id, item_id, CAST(unit_price AS VARCHAR) AS price, currency, CAST(due_date AS VARCHAR) AS due, "
        f"row_number, file FROM marts.purchase_lines WHERE purchase_order_line = '{detail['PurchaseOrderDetailID']}'",
    )
    assert (line["purchase_order_id"], line["item_id"]) == (detail["PurchaseOrderID"], detail["ProductID"])
    assert (Decimal(line["price"]), line["currency"]) == (Decimal(detail["UnitPrice"]), "USD")
    assert (line["due"], line["row_number"]) == (detail["DueDate"][:10], number)
    assert line["file"] == "feeds/PurchaseOrderDetail.csv"
    [first] = rows(published, "SELECT last_changed_at FROM marts.purchase_lines WHERE row_number = 1")
    assert (details[0]["ModifiedDate"], first["last_changed_at"]) == ("2022-04-22 00:00:00.000", "2022-04-22T07:00:00Z")


def test_receipts_and_quality_holds_add_up(published, details):
    found = rows(
        published,
        "SELECT event_type, CAST(sum(quantity) AS VARCHAR) AS units FROM marts.event_latency WHERE facility_id = 'AW' "
        "GROUP BY event_type",
    )
    names = {"receipt_confirmed": "ReceivedQty", "quality_hold_placed": "RejectedQty"}
    expected = {event_type: sum(Decimal(d[name]) for d in details) for event_type, name in names.items()}
    assert {row["event_type"]: Decimal(row["units"]) for row in found} == expected


def test_deliveries_end_when_the_log_says(published, deliveries):
    """The log states offsets: 12:37+02:00 is 10:37 UTC."""
    found = rows(
        published,
        "SELECT count(*) AS n, CAST(epoch(max(event_time)) AS BIGINT) AS newest, CAST(sum(epoch(event_time)) AS BIGINT) AS total "
        "FROM marts.event_latency WHERE facility_id = 'SITE'",
    )
    ends = [datetime.fromisoformat(d["end_time"]) for d in deliveries if d["activity"] == "Deliver Goods Services"]
    seconds = [int(end.timestamp()) for end in ends]
    assert [tuple(row.values()) for row in found] == [(413, max(seconds), sum(seconds))]
