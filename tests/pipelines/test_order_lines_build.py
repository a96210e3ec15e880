"""Order lines over several builds: a later state replaces an earlier one, in whatever order files come and go."""

from pathlib import Path

from tests.building import build_tables
from tests.pipelines.support import make_workspace, put, rows

CONFIGURATION = """\
facilities: [{id: NDC, timezone: America/Chicago}]
feeds:
  - {name: orders, adapter: canonical_csv, table: order_line, path: "feeds/*.csv", expected_interval_seconds: 3600}
"""
HEADER = "order_id,order_line,shipment_id,facility_id,ordered_quantity,promised_at,shipped_quantity,last_changed_at\n"
# SO1 line 1 comes as a whole, without shipments; line 2 as one shipment of two.
MONDAY = HEADER + "SO1,1,,NDC,10,2026-12-24T00:00:00Z,,2026-03-02T08:00:00Z\nSO1,2,SH1,NDC,8,,5,2026-03-02T08:00:00Z\n"
TUESDAY = (
    HEADER + "SO1,1,,NDC,10,2026-12-24T00:00:00Z,4,2026-03-03T08:00:00Z\nSO1,2,SH2,NDC,8,,3,2026-03-03T08:00:00Z\n"
)
SEEN = """SELECT order_line, shipment_id, CAST(shipped_quantity AS INTEGER) AS shipped, file FROM marts.order_lines
    ORDER BY order_line, shipment_id"""


def build(root: Path) -> list[tuple[object, ...]]:
    build_tables(root)
    return [tuple(row.values()) for row in rows(root, SEEN)]


def test_a_state_that_comes_later_replaces_the_one_before_and_leaves_again(tmp_path):
    root = make_workspace(tmp_path / "ws", {"feeds/monday.csv": MONDAY}, CONFIGURATION)
    first = [("1", None, None, "feeds/monday.csv"), ("2", "SH1", 5, "feeds/monday.csv")]
    assert build(root) == first
    put(root, "feeds/tuesday.csv", TUESDAY)
    assert build(root) == [
        ("1", None, 4, "feeds/tuesday.csv"), ("2", "SH1", 5, "feeds/monday.csv"), ("2", "SH2", 3, "feeds/tuesday.csv"),
    ]  # fmt: skip
    # Up to when: the newest change, not the promise.
    [told] = rows(root, "SELECT as_of FROM marts.run_info")
    [feed] = rows(root, "SELECT facility_id, last_event_at FROM marts.feed_health")
    assert told == {"as_of": "2026-03-03T08:00:00Z"}
    assert feed == {"facility_id": "NDC", "last_event_at": "2026-03-03T08:00:00Z"}
    (root / "feeds" / "tuesday.csv").unlink()
    assert build(root) == first


def test_a_build_without_orders_publishes_empty_tables(tmp_path):
    root = make_workspace(tmp_path / "ws")
    build_tables(root)
    [counted] = rows(
        root, "SELECT (SELECT count(*) FROM marts.order_lines) AS o, (SELECT count(*) FROM marts.purchase_lines) AS p"
    )
    assert counted == {"o": 0, "p": 0}


def test_a_line_that_states_a_day_enters_when_the_evaluation_reaches_it(tmp_path):
    configuration = """\
as_of: {as_of}
facilities: [{{id: NDC, timezone: UTC}}]
feeds: [{{name: orders, adapter: canonical_csv, table: purchase_line, path: "feeds/*.csv"}}]
"""
    lines = (
        "purchase_order_id,purchase_order_line,facility_id,ordered_date\nPO1,1,NDC,2026-03-02\nPO2,1,NDC,2026-03-03\n"
    )
    noon = configuration.format(as_of="2026-03-02T12:00:00Z")
    root = make_workspace(tmp_path / "ws", {"feeds/orders.csv": lines}, noon)
    seen = "SELECT purchase_order_id AS id FROM marts.purchase_lines ORDER BY id"
    for as_of, expected in (("2026-03-02T12:00:00Z", ["PO1"]), ("2026-03-03T00:00:00Z", ["PO1", "PO2"])):
        put(root, "dockledger.yaml", configuration.format(as_of=as_of))
        build_tables(root)
        assert [row["id"] for row in rows(root, seen)] == expected
    put(root, "dockledger.yaml", noon)
    build_tables(root)
    assert [row["id"] for row in rows(root, seen)] == ["PO1"]
