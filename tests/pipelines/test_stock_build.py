"""What floor and books hold, through a whole build: matching, signs, counts and what is made of them, by hand."""

from pathlib import Path

import pytest

from tests.building import build_tables
from tests.pipelines.support import make_workspace, rows

AS_OF = "2026-03-11T08:00:00Z"
CONFIGURATION = f"""\
as_of: {AS_OF}
facilities: [{{id: SIGN, timezone: UTC}}, {{id: KEYD, timezone: UTC}}, {{id: LEAN, timezone: UTC}}]
feeds:
  - {{name: wms, adapter: canonical_csv, table: inventory_event, path: feeds/events.csv}}
  - {{name: erp, adapter: canonical_csv, table: erp_posting, path: feeds/postings.csv}}
reference: {{opening_stock: opening.csv}}
"""
EVENTS = """\
event_id,event_type,event_time,facility_id,item_id,quantity,document_id,document_line
S1,receipt_confirmed,2026-03-10T08:00:00Z,SIGN,A,10,PO1,1
S2,receipt_confirmed,2026-03-10T08:00:00Z,SIGN,B,6,PO2,1
K1,receipt_confirmed,2026-03-10T08:00:00Z,KEYD,A,10,PO3,1
M1,shipment_confirmed,2026-03-10T08:00:00Z,LEAN,A,5,SO6,1
M2,shipment_confirmed,2026-03-10T09:00:00Z,LEAN,B,4,SO7,1
M3,shipment_confirmed,2026-03-10T09:05:00Z,LEAN,C,6,SO7,2
"""
# A is posted with ten times too much and put right; B as a whole and a part of it back; at KEYD more is taken back than is
# right. At LEAN a posting names an event and states nothing more, and one sums up a document of two items.
POSTINGS = """\
posting_id,posted_at,facility_id,item_id,quantity,event_id,posting_type,document_id,document_line
P1,2026-03-10T08:10:00Z,SIGN,A,100,S1,,,
P2,2026-03-10T09:10:00Z,SIGN,A,-90,S1,,,
P3,2026-03-10T08:10:00Z,SIGN,B,10,,receipt_confirmed,PO2,1
P4,2026-03-10T09:10:00Z,SIGN,B,-4,,receipt_confirmed,PO2,1
P5,2026-03-10T08:10:00Z,KEYD,A,10,K1,,,
P6,2026-03-11T07:00:00Z,KEYD,A,-4,K1,,,
P7,2026-03-10T08:10:00Z,LEAN,,,M1,,,
P8,2026-03-10T09:30:00Z,LEAN,,-10,,shipment_confirmed,SO7,
"""
OPENING = "facility_id,item_id,quantity\nSIGN,A,0\nSIGN,B,0\nKEYD,A,0\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files: dict[str, str | bytes] = {"feeds/events.csv": EVENTS, "feeds/postings.csv": POSTINGS, "opening.csv": OPENING}
    root = make_workspace(tmp_path_factory.mktemp("stock") / "ws", files, CONFIGURATION)
    build_tables(root)
    return root


def distortion(published: Path, facility: str, item: str) -> tuple[float, float]:
    """Unit-hours in which floor and books differ, and those of them in which the books show more."""
    sql = f"""SELECT distorted_unit_h, shortfall_unit_h FROM marts.atp_distortion
        WHERE facility_id = '{facility}' AND item_id = '{item}'"""
    [row] = rows(published, sql)
    return row["distorted_unit_h"], row["shortfall_unit_h"]


def test_what_a_later_posting_takes_back_of_its_event_leaves_the_books(published):
    """A: 10 short for ten minutes, then 90 too much for an hour. B: 6 short for ten minutes, then 4 too much for an hour."""
    assert distortion(published, "SIGN", "A") == pytest.approx((10 / 6 + 90, 90))
    assert distortion(published, "SIGN", "B") == pytest.approx((1 + 4, 4))


def test_books_that_took_back_too_much_show_too_little(published):
    """10 short for ten minutes, right for most of a day, then 4 short from 07:00 to 08:00: never too much."""
    assert distortion(published, "KEYD", "A") == pytest.approx((10 / 6 + 4, 0))


def test_postings_that_leave_item_or_quantity_to_their_events_reach_the_books(published):
    """A: 5 too much for ten minutes. B: 4 for half an hour, C: 6 for 25 minutes, until the summary of both."""
    assert distortion(published, "LEAN", "A") == pytest.approx((5 / 6, 5 / 6))
    assert distortion(published, "LEAN", "B") == pytest.approx((2, 2))
    assert distortion(published, "LEAN", "C") == pytest.approx((2.5, 2.5))
