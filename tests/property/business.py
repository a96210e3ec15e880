"""A small workspace of every canonical table: what `support` tells, and the orders, invoices and messages around it."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

from tests.property.support import Row, deliver, stamp, tables, write_settings

DOCUMENTS = 12  # of `support.tables`, D0 to D11, five events each
DAY_MINUTES = 24 * 60
# NDC states what it held before, 3PL1 does not; I6 has no cost.
MASTERS = {
    "items": [
        {"item_id": f"I{n}", "base_uom": "EA", "unit_cost": "" if n == 6 else str(10 + n), "currency": "USD"}
        | {"abc_class": "ABC"[n % 3]}
        for n in range(7)
    ],
    "opening_stock": [{"facility_id": "NDC", "item_id": f"I{n}", "quantity": str(4 * n)} for n in range(7)],
    "suppliers": [{"supplier_id": "S0", "name": "Amber Supply"}, {"supplier_id": "S1", "name": "Cobalt Parts"}],
}
INTERVAL_S = 7200
SETTINGS = """reference: {items: master/items.csv, opening_stock: master/opening_stock.csv, suppliers: master/suppliers.csv}
sla: {posting_seconds: 1800, transfer_seconds: 86400, acknowledgement_seconds: 1200}
"""


def day(minutes: int, shift: timedelta) -> str:
    """The day (UTC) some minutes after the start."""
    return stamp(minutes, shift)[:10]


def business_tables(shift: timedelta = timedelta()) -> dict[str, list[Row]]:
    """All canonical tables: every document of the events is bought, sold, charged, promised and sent, some of it wrongly."""
    told = tables(shift)
    numbered = {f"E{n}": n for n in range(5 * DOCUMENTS)}
    for number, event in enumerate(told["inventory_event"]):
        event |= {
            "shift": ["early", "late", ""][number % 3],
            "supplier_id": f"S{number % 2}",
            "lot_id": f"L{number % 4}",
        }
        event |= {"ingested_at": later(event["recorded_at"], number % 5)}
    for number, posting in enumerate(told["erp_posting"]):
        dated_back = timedelta(days=3 if number % 7 == 0 else 0)
        posting |= {"posting_date": (datetime.fromisoformat(posting["posted_at"]) - dated_back).date().isoformat()}
        posting |= {"value_amount": str(50 + number), "currency": "USD", "legal_entity_id": "US01"}
    for number, count in enumerate(told["count_record"]):
        approved = later(count["counted_at"], 90) if number % 2 else ""
        count |= {"shift": ["early", "late"][number % 2], "approved_at": approved}
    told["inventory_event"].append(told["inventory_event"][0] | {"event_id": "E-parked", "event_type": "parked"})
    messages = [_message(numbered[e["event_id"]], e) for e in told["inventory_event"] if e["event_id"] in numbered]
    each = [(n, _document(n)) for n in range(DOCUMENTS)]
    return told | {
        "order_line": [_order(n, own, shift) for n, own in each],
        "purchase_line": [_purchase(n, own, shift) for n, own in each],
        "invoice_line": [_invoice(n, own, shift) for n, own in each if n != 3],
        "reservation": [_reservation(n, own, shift) for n, own in each],
        "integration_message": messages,
    }


def later(instant: str, minutes: int) -> str:
    """An instant some minutes after another."""
    return (datetime.fromisoformat(instant) + timedelta(minutes=minutes)).isoformat()


def _document(number: int) -> Row:
    return {"facility_id": ["NDC", "3PL1"][number % 2], "item_id": f"I{(5 * number + 1) % 7}"}


def _order(number: int, own: Row, shift: timedelta) -> Row:
    """Every third is shipped short, every fourth not at all, some later than promised."""
    started, is_open = 300 * number, number % 4 == 3
    shipped = "" if is_open else ["5", "5", "3"][number % 3]
    row = {"order_id": f"D{number}", "order_line": "1", "ordered_quantity": "5", "shipped_quantity": shipped}
    row |= {"ordered_at": stamp(started - 200, shift), "promised_at": stamp(started + 200 + 40 * (number % 5), shift)}
    return own | row | {"shipped_at": "" if is_open else stamp(started + 270, shift)}


def _purchase(number: int, own: Row, shift: timedelta) -> Row:
    row = {"purchase_order_id": f"D{number}", "purchase_order_line": "1", "supplier_id": f"S{number % 2}"}
    row |= {"ordered_quantity": "5" if number % 3 else "8", "received_quantity": "5", "unit_price": "7.50"}
    row |= {"currency": "USD", "ordered_at": stamp(300 * number - 2 * DAY_MINUTES, shift)}
    row |= {"ordered_date": day(300 * number - 2 * DAY_MINUTES, shift), "due_date": day(300 * number, shift)}
    return own | row | {"rejected_quantity": "1" if number == 5 else "0"}


def _invoice(number: int, own: Row, shift: timedelta) -> Row:
    """Some charge more, another price, or a line that nobody ordered; some of these are disputed."""
    entered, is_wrong = 300 * number + 400, number % 3 == 1
    row = {"invoice_id": f"V{number}", "invoice_line": "1", "purchase_order_id": f"D{number}", "currency": "USD"}
    row |= {"purchase_order_line": "9" if number == 7 else "1", "supplier_id": f"S{number % 2}"}
    row |= {"quantity": "6" if is_wrong else "5", "unit_price": "8.00" if number % 4 == 2 else "7.50"}
    row |= {"invoiced_at": stamp(entered, shift), "invoice_date": day(entered, shift)}
    row |= {"due_date": day(entered + 2 * DAY_MINUTES, shift)}
    row |= {"disputed_at": stamp(entered + 60, shift) if is_wrong else ""}
    row |= {"dispute_resolved_at": stamp(entered + 700, shift) if number == 4 else ""}
    return own | row | {"paid_at": "" if is_wrong else stamp(entered + 900, shift)}


def _reservation(number: int, own: Row, shift: timedelta) -> Row:
    """Promised ahead of the order's picking; every fourth is never released."""
    row = {"reservation_id": f"R{number}", "quantity": str(2 + 4 * (number % 3)), "order_id": f"D{number}"}
    row |= {"order_line": "1", "reserved_at": stamp(300 * number + 20, shift)}
    return own | row | {"released_at": "" if number % 4 == 3 else stamp(300 * number + 270, shift)}


def _message(number: int, event: Row) -> Row:
    """The message of an event: some are tried again, fail, are answered late or not at all."""
    row = {"message_id": f"M{number}", "interface": ["edi", "api"][number % 2], "facility_id": event["facility_id"]}
    row |= {"event_id": event["event_id"], "sent_at": later(event["event_time"], 2)}
    row |= {"acknowledged_at": "" if number % 9 == 8 else later(event["event_time"], 3 + number % 40)}
    row |= {"attempts": str(1 + number % 4), "status": "failed" if number % 4 == 3 else "delivered"}
    row |= {"response_ms": str(100 + 7 * number), "queue_wait_ms": str(5 * number)}
    return row | {"sequence_no": str(number if number % 13 else number + 2)}


def write_business(root: Path, deliveries: dict[str, list[list[Row]]], as_of: str) -> None:
    """Makes a workspace of the given files (lists of rows by table), with items, opening stock, suppliers and SLAs."""
    write_settings(root, list(deliveries), as_of)
    for table, files in deliveries.items():
        for number, rows in enumerate(files):
            deliver(root, table, f"{number:03}.csv", rows)
    (root / "master").mkdir()
    for name, rows in MASTERS.items():
        with (root / "master" / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    file = root / "dockledger.yaml"
    feeds = file.read_text().replace(
        "adapter: canonical_csv", f"expected_interval_seconds: {INTERVAL_S}, adapter: canonical_csv"
    )
    file.write_text(feeds + SETTINGS)
