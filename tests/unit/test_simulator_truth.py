"""The truth of every rule follows from what a workspace's files say, by going through them row by row.

No code of the simulator's truth takes part: definitions are applied in plain Python, to small numbers.
"""

import csv
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from pipelines.simulator import simulate
from pipelines.workspace import load_workspace

IN = {"receipt_confirmed", "transfer_received", "return_received"}
OUT = {"shipment_confirmed", "transfer_shipped"}
Row = dict[str, Any]


def at(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Workspace:
    """A simulated workspace as its files tell it."""

    root: Path

    @cached_property
    def as_of(self) -> datetime:
        moment = load_workspace(self.root).as_of
        assert moment is not None
        return moment

    def truth(self, name: str) -> list[Row]:
        return pl.read_parquet(self.root / "truth" / f"{name}.parquet").rows(named=True)

    def feed(self, name: str) -> list[Row]:
        rows = []
        for path in sorted((self.root / "feeds" / name).glob("*.csv")):
            with path.open(newline="") as stream:
                rows += list(csv.DictReader(stream))
        return rows

    @cached_property
    def events(self) -> list[Row]:
        """What the feeds make known, in the total order."""
        refused = {row["event_id"] for row in self.truth("refused_event")}
        known = [row for row in self.truth("inventory_event") if row["event_id"] not in refused]
        return sorted(known, key=lambda e: (e["event_time"], e["recorded_at"], e["sequence_no"], e["event_id"]))

    @cached_property
    def postings(self) -> list[Row]:
        return [row for row in self.truth("erp_posting") if row["posted_at"] <= self.as_of]

    @cached_property
    def known(self) -> set[str]:
        return {event["event_id"] for event in self.events}

    @cached_property
    def opening(self) -> dict[tuple[str, str], int]:
        with (self.root / "master" / "opening_stock.csv").open() as stream:
            return {(r["facility_id"], r["item_id"]): int(r["quantity"]) for r in csv.DictReader(stream)}

    def stock(self, moves: list[tuple[str, str, datetime, int]]) -> Callable[[str, str, datetime], int]:
        """Stock of an item at a facility at a time, from its signed movements."""
        own = defaultdict(list)
        for facility, item, time, quantity in moves:
            own[facility, item].append((time, quantity))
        return lambda facility, item, time: (
            self.opening.get((facility, item), 0)
            + sum(quantity for moved, quantity in own[facility, item] if moved <= time)
        )


def signed(kind: str | None, quantity: int) -> int:
    """By direction; of what has no direction only corrections and what somebody posted by hand count."""
    if kind in IN or kind in OUT:
        return abs(quantity) if kind in IN else -abs(quantity)
    return quantity if kind in ("inventory_adjusted", None) else 0


def document(row: Row) -> tuple[str, str, str]:
    """What an adjustment and the approval of its count have in common."""
    return row["facility_id"], row["document_id"], row["item_id"]


def reservation_conflict(ws: Workspace) -> set[str]:
    """An approved count that nobody adjusts changes the stock by its approval."""
    adjusted = {document(e) for e in ws.events if e["event_type"] == "inventory_adjusted"}
    moves = []
    for e in ws.events:
        is_change = e["event_type"] == "count_variance_approved" and document(e) not in adjusted
        kind = None if is_change else e["event_type"]
        moves.append((e["facility_id"], e["item_id"], e["event_time"], signed(kind, e["quantity"])))
    there, own = ws.stock(moves), defaultdict(list)
    rows = sorted(ws.feed("reservations"), key=lambda r: (at(r["reserved_at"]), r["reservation_id"]))
    found = set()
    for row in rows:
        key, time = (row["facility_id"], row["item_id"]), datetime.fromisoformat(row["reserved_at"])
        own[key].append((at(row["released_at"]), int(row["quantity"])))
        active = sum(quantity for ended, quantity in own[key] if ended is None or ended > time)
        if active > there(*key, time):
            found.add(row["reservation_id"])
    return found


def shipped_before_posted(ws: Workspace) -> set[str]:
    """An approved count that nobody adjusts changes the books by its approval."""
    rows = [*((e["event_type"], e) for e in ws.events), *((p["posting_type"], p) for p in ws.postings)]
    adjusted = {document(row) for kind, row in rows if kind == "inventory_adjusted"}
    kinds = []
    for posting in ws.postings:
        kind = posting["posting_type"] if posting["true_event_id"] else None
        is_alone = document(posting) not in adjusted
        kinds.append((None if kind == "count_variance_approved" and is_alone else kind, posting))
    books = ws.stock([(p["facility_id"], p["item_id"], p["posted_at"], signed(k, p["quantity"])) for k, p in kinds])
    out = [e for e in ws.events if e["event_type"] in OUT]
    return {e["event_id"] for e in out if books(e["facility_id"], e["item_id"], e["event_time"]) < abs(e["quantity"])}


def out_of_sequence(ws: Workspace) -> set[str]:
    found: set[str] = set()
    highest: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for event in sorted(ws.events, key=lambda e: e["recorded_at"]):
        before = [n for moment, n in highest[event["facility_id"]] if moment < event["recorded_at"]]
        if before and event["sequence_no"] < max(before):
            found.add(event["event_id"])
        top = max([event["sequence_no"], *(n for _, n in highest[event["facility_id"]])])
        highest[event["facility_id"]] = [*highest[event["facility_id"]][-3:], (event["recorded_at"], top)]
    return found


def transfer_lines(ws: Workspace, kind: str) -> dict[tuple, list[Row]]:
    found = defaultdict(list)
    for event in ws.events:
        if event["event_type"] == kind:
            found[event["document_id"], event["document_line"], event["item_id"]].append(event)
    return found


def duplicate_transfer_receipt(ws: Workspace) -> set[str]:
    shipped, found = transfer_lines(ws, "transfer_shipped"), set()
    for line, receipts in transfer_lines(ws, "transfer_received").items():
        for place, event in enumerate(receipts):
            before = [r["quantity"] for r in receipts[:place] if r["facility_id"] == event["facility_id"]]
            sent = sum(s["quantity"] for s in shipped.get(line, []))
            if event["quantity"] in before and (line not in shipped or sum(before) >= sent):
                found.add(event["event_id"])
    return found


def transfer_quantity_discrepancy(ws: Workspace) -> set[str]:
    shipped, received = (transfer_lines(ws, f"transfer_{end}") for end in ("shipped", "received"))
    both = {line[0] for line in shipped} & {line[0] for line in received}
    total = [{line: sum(e["quantity"] for e in own) for line, own in side.items()} for side in (shipped, received)]
    lines = set(shipped) | set(received)
    return {line[0] for line in lines if line[0] in both and total[0].get(line, 0) != total[1].get(line, 0)}


def three_way_mismatch(ws: Workspace) -> set[str]:
    invoices = ws.feed("invoices")
    charged: dict[tuple[str, str], int] = defaultdict(int)
    come: dict[tuple[str, str], int] = defaultdict(int)
    orders = {(r["purchase_order_id"], r["purchase_order_line"]): r for r in ws.feed("purchases")}
    for row in invoices:
        charged[row["purchase_order_id"], row["purchase_order_line"]] += int(row["quantity"])
    for event in ws.events:
        if event["event_type"] == "receipt_confirmed":
            come[event["document_id"], event["document_line"]] += event["quantity"]
    found = set()
    for row in invoices:
        line = (row["purchase_order_id"], row["purchase_order_line"])
        order = orders.get(line)
        if (
            order is None
            or charged[line] != come.get(line, int(order["received_quantity"]))
            or Decimal(row["unit_price"]) != Decimal(order["unit_price"])
        ):
            found.add(f"{row['invoice_id']}/{row['invoice_line']}")
    return found


def delayed_3pl_acknowledgement(ws: Workspace) -> set[str]:
    sla = timedelta(seconds=load_workspace(ws.root).sla.acknowledgement_seconds)
    own = [m for m in ws.feed("messages") if m["facility_id"] == "3PL2"]
    ends = [(m, at(m["acknowledged_at"]) or ws.as_of) for m in own]
    return {m["message_id"] for m, end in ends if end - datetime.fromisoformat(m["sent_at"]) > sla}


def message_retries_exhausted(ws: Workspace) -> set[str]:
    return {m["message_id"] for m in ws.feed("messages") if m["status"] == "failed" and int(m["attempts"]) >= 3}


def manual_adjustment(ws: Workspace) -> set[str]:
    approved = {e["document_id"] for e in ws.events if e["event_type"] == "count_variance_approved"}
    approved |= {c["count_id"] for c in ws.feed("counts") if c["approved_at"]}
    adjusted = [(e["event_id"], e) for e in ws.events if e["event_type"] == "inventory_adjusted"]
    orphans = [p for p in ws.postings if p["true_event_id"] not in ws.known]
    adjusted += [(p["posting_id"], p) for p in orphans if p["posting_type"] == "inventory_adjusted"]
    return {name for name, row in adjusted if row["document_id"] not in approved}


def orphan_posting(ws: Workspace) -> set[str]:
    return {p["posting_id"] for p in ws.postings if p["true_event_id"] not in ws.known}


def duplicate_posting(ws: Workspace) -> set[str]:
    found: set[str] = set()
    seen: set[str] = set()
    for posting in sorted(ws.postings, key=lambda p: p["posted_at"]):
        if posting["true_event_id"] in seen and posting["true_event_id"] in ws.known:
            found.add(posting["posting_id"])
        seen.add(posting["true_event_id"])
    return found


def quantity_mismatch(ws: Workspace) -> set[str]:
    told = {e["event_id"]: abs(e["quantity"]) for e in ws.events}
    links = [(p["true_event_id"], abs(p["quantity"])) for p in ws.postings if p["true_event_id"] in told]
    return {event for event, quantity in links if told[event] != quantity}


def backdated_posting(ws: Workspace) -> set[str]:
    zones = {f.id: ZoneInfo(f.timezone) for f in load_workspace(ws.root).facilities}
    days = [(p, p["posted_at"].astimezone(zones[p["facility_id"]]).date()) for p in ws.postings]
    return {p["posting_id"] for p, day in days if date.fromisoformat(p["posting_date"]) < day}


RULES: dict[str, Callable[[Workspace], set[str]]] = {
    rule.__name__: rule
    for rule in (
        reservation_conflict, shipped_before_posted, out_of_sequence, duplicate_transfer_receipt,
        transfer_quantity_discrepancy, three_way_mismatch, delayed_3pl_acknowledgement, message_retries_exhausted,
        manual_adjustment, orphan_posting, duplicate_posting, quantity_mismatch, backdated_posting,
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    out = tmp_path_factory.mktemp("simulated") / "ws"
    simulate("stale-allocation", out, events=12_000, seed=5)
    return Workspace(out)


@pytest.mark.parametrize("rule", RULES)
def test_the_truth_of_a_rule_is_what_the_files_say(workspace, rule):
    found = {e["reference_id"] for e in workspace.truth("exceptions") if e["rule"] == rule}
    assert found == RULES[rule](workspace)
    assert found


def test_rows_that_nobody_can_take_are_told_so_that_nobody_can(workspace):
    """At CDC, whose feed is canonical: a code that the item master does not have, or no lot where one is wanted."""
    reasons = {row["event_id"]: row["reason"] for row in workspace.truth("refused_event")}
    with (workspace.root / "master" / "items.csv").open() as stream:
        is_tracked = {row["item_id"]: row["lot_tracked"] == "true" for row in csv.DictReader(stream)}
    told = {}
    for row in workspace.feed("cdc"):
        lotless = is_tracked.get(row["item_id"], False) and not row["lot_id"]
        told[row["event_id"]] = (
            "unknown item" if row["item_id"] not in is_tracked else "missing lot" if lotless else None
        )
    assert {event: reason for event, reason in told.items() if reason} == {
        event: reason for event, reason in reasons.items() if event.startswith("CDC-")
    }
    exceptions = workspace.truth("exceptions")
    lotless = {event for event, reason in reasons.items() if reason == "missing lot"}
    assert {e["reference_id"] for e in exceptions if e["rule"] == "missing_lot"} == lotless
    codes = {
        f"cdc_wms:unknown item:{row['item_id']}" for row in workspace.feed("cdc") if row["item_id"] not in is_tracked
    }
    unmapped = {e["reference_id"] for e in exceptions if e["rule"] == "unmapped_code"}
    assert {code for code in unmapped if code.startswith("cdc_wms:")} == codes


def test_what_comes_in_two_versions_is_a_conflict_and_the_later_version_is_what_happened(workspace):
    versions = defaultdict(set)
    for row in workspace.feed("cdc"):
        versions[row["event_id"]].add((row["recorded_at"], row["quantity"]))
    conflicts = {event for event, contents in versions.items() if len(contents) > 1}
    told = {e["reference_id"] for e in workspace.truth("exceptions") if e["rule"] == "conflicting_event"}
    assert {event for event in told if event.startswith("CDC-")} == conflicts
    assert conflicts
    happened = {e["event_id"]: e for e in workspace.events}
    for event in conflicts:
        recorded, quantity = max(versions[event])
        assert (at(recorded), int(quantity)) == (happened[event]["recorded_at"], happened[event]["quantity"])


def test_a_feed_is_stale_after_two_intervals_of_silence(workspace):
    """Of the ERP's feed, whose rows are expected every day: per facility by its newest posting."""
    newest: dict[str, datetime] = {}
    for posting in workspace.postings:
        newest[posting["facility_id"]] = max(
            posting["posted_at"], newest.get(posting["facility_id"], posting["posted_at"])
        )
    stale = {f"erp:{site}" for site, last in newest.items() if workspace.as_of - last > timedelta(days=2)}
    told = {e["reference_id"] for e in workspace.truth("exceptions") if e["rule"] == "stale_feed"}
    assert {reference for reference in told if reference.startswith("erp:")} == stale


def test_a_site_that_falls_silent_opens_a_stale_feed_two_intervals_after_its_newest_row(tmp_path):
    simulate("five-sites", tmp_path / "ws", events=3000, seed=5, days=8)
    silent = Workspace(tmp_path / "ws")
    newest = max(at(row["recorded_at"]) for row in silent.feed("pl2"))  # type: ignore[type-var]
    [told] = [e for e in silent.truth("exceptions") if e["reference_id"] == "pl2_export:PL2"]
    assert newest is not None
    assert (told["rule"], told["opened_at"]) == ("stale_feed", newest + timedelta(seconds=2 * 64_800))
    last = max(e["event_time"] for e in silent.truth("inventory_event") if e["facility_id"] == "PL2")
    assert last > newest + timedelta(hours=24)
