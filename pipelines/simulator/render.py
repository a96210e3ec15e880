"""Whole numbers into canonical text: identifiers, documents, places, statuses, times."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from pipelines.simulator.events import (
    DOCK_IN,
    DOCK_OUT,
    DOCUMENT_TYPES,
    DOCUMENTS,
    EVENT_TYPES,
    STATUS_CHANGE,
    STATUSES,
)
from pipelines.simulator.generate import Generated
from pipelines.simulator.master import item_id
from pipelines.simulator.scenario import Scenario
from pipelines.simulator.sites import Site

UNIT = "EA"

MOVEMENT_TYPES: dict[str, str] = {
    "receipt_confirmed": "101",
    "putaway_completed": "311",
    "transfer_shipped": "303",
    "transfer_received": "305",
    "pick_confirmed": "311",
    "shipment_confirmed": "601",
    "count_variance_approved": "701",
    "return_received": "651",
    "return_dispositioned": "453",
    "quality_hold_placed": "322",
    "quality_hold_released": "321",
    "inventory_adjusted": "702",
}
MANUAL_MOVEMENT_TYPE = "711"
# A posting that is valued at another cost than the item's is so by an eighth.
MISVALUED_PERCENT = 112


def word(column: str, words: Sequence[str | None]) -> pl.Expr:
    """The word at the position that a column holds; NULL below zero."""
    values = pl.lit(pl.Series(list(words), dtype=pl.String))
    position = pl.col(column).cast(pl.Int64)
    return values.gather(pl.when(position >= 0).then(position))


def instant(column: str) -> pl.Expr:
    """UTC seconds as an instant."""
    return pl.from_epoch(pl.col(column), time_unit="s").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def iso(instant_column: str) -> pl.Expr:
    """An instant as ISO text with Z."""
    return pl.col(instant_column).dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def local(instant_column: str, zone: str, form: str = "%Y-%m-%d %H:%M:%S") -> pl.Expr:
    """An instant as local text."""
    return pl.col(instant_column).dt.convert_time_zone(zone).dt.strftime(form)


def _padded(column: str, digits: int) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(digits)


def _document(kinds: str, numbers: str) -> pl.Expr:
    prefix = word(kinds, [prefix for prefix, _ in DOCUMENTS.values()])
    return pl.concat_str(prefix, _padded(numbers, 8))


def event_prefix(site: Site) -> str:
    """What an event's number is preceded by; EPCIS wants a URI."""
    return f"{site.id.lower()}:event:" if site.feed.kind == "epcis" else f"{site.id}-"


def posting_id(scenario: Scenario) -> pl.Expr:
    """The ERP's own number of a posting, from `number` and, where legal entities number for themselves, `facility`."""
    owner = pl.lit("ERP")
    if scenario.numbers_by_entity:
        owner = pl.concat_str(word("facility", [site.legal_entity_id for site in scenario.facilities]), pl.lit("-"))
    return pl.concat_str(owner, _padded("number", 9))


def event_id(scenario: Scenario) -> pl.Expr:
    """What a site calls an event, from `facility` and `number`."""
    prefixes = [event_prefix(site) for site in scenario.facilities]
    return pl.concat_str(word("facility", prefixes), _padded("number", 9))


def document(kind: str) -> pl.Expr:
    """A document's number of a known kind, from `document`."""
    return pl.concat_str(pl.lit(DOCUMENTS[kind][0]), _padded("document", 8))


def supplier_id(column: str) -> pl.Expr:
    """A supplier by its position."""
    number = pl.col(column)
    name = pl.concat_str(pl.lit("SUP-"), (number + 1).cast(pl.String).str.zfill(2))
    return pl.when(number >= 0).then(name)


def item_code(made: Generated) -> pl.Expr:
    """What everybody but a site with codes of its own calls an item, from `item`."""
    return word("item", [item_id(number) for number in range(len(made.items))])


def location(column: str) -> pl.Expr:
    """A dock, or a storage bin as zone-aisle-place."""
    place = pl.col(column)
    zone = pl.lit(pl.Series(list("ABCDEFGH"))).gather(place.abs() // 250 % 8)
    aisle, bay = place // 10 % 25 + 1, place % 10 + 1
    storage = pl.concat_str(zone, aisle.cast(pl.String), bay.cast(pl.String), separator="-")
    docks = pl.when(place == DOCK_IN).then(pl.lit("DOCK-IN")).when(place == DOCK_OUT).then(pl.lit("DOCK-OUT"))
    return docks.otherwise(storage)


def actor(column: str, prefixes: pl.Expr) -> pl.Expr:
    """A worker's account at a site; NULL where nobody is named."""
    return pl.concat_str(prefixes, pl.lit("-U"), _padded(column, 3))


def _shift(made: Generated) -> pl.Expr:
    """The shift's name: each site numbers its own."""
    names = pl.lit(None, dtype=pl.String)
    for number, clock in enumerate(made.clocks):
        here = pl.col("facility") == number
        own = pl.lit(pl.Series(clock.shift_names)).gather(pl.when(here).then(pl.col("shift").cast(pl.Int64)))
        names = pl.when(here).then(own).otherwise(names)
    return names


def render_events(scenario: Scenario, made: Generated, events: pl.DataFrame) -> pl.DataFrame:
    """Canonical columns of some events, text and instants; quantities stay whole numbers."""
    ids = [site.id for site in scenario.facilities]
    units = [None if site.feed.kind == "epcis" else UNIT for site in scenario.facilities]
    usual_from = [STATUS_CHANGE.get(t, (None, None))[0] for t in EVENT_TYPES]
    return events.select(
        event_id=event_id(scenario),
        event_type=word("event_type", EVENT_TYPES),
        event_time=instant("event_time"),
        facility_id=word("facility", ids),
        item_id=item_code(made),
        quantity=pl.col("quantity"),
        uom=word("facility", units),
        recorded_at=instant("recorded_at"),
        lot_id=pl.when(pl.col("lot") >= 0).then(pl.concat_str(pl.lit("L"), _padded("lot", 7))),
        location_id=location("location"),
        from_status=word("event_type", usual_from),
        to_status=word("to_status", STATUSES),
        partner_facility_id=word("partner", ids),
        supplier_id=supplier_id("supplier"),
        document_type=word("document_type", DOCUMENT_TYPES),
        document_id=_document("document_kind", "document"),
        document_line=pl.col("line").cast(pl.String),
        actor_id=actor("actor", word("facility", ids)),
        shift=_shift(made),
        sequence_no=pl.col("sequence_no"),
    )


def cents(column: str) -> pl.Expr:
    """Whole cents as decimal text."""
    amount = pl.col(column)
    sign = pl.when(amount < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(
        sign, (amount.abs() // 100).cast(pl.String), pl.lit("."), (amount.abs() % 100).cast(pl.String).str.zfill(2)
    )


def render_postings(scenario: Scenario, made: Generated, postings: pl.DataFrame) -> pl.DataFrame:
    """Canonical columns of postings with `number` (from 1), plus `true_event_id`: which event each really posts."""
    ids = [site.id for site in scenario.facilities]
    is_manual = pl.col("event") < 0
    costs = pl.Series(made.items.cost_cents)
    numbers = pl.Series(made.events["number"].to_numpy())
    value = pl.col("quantity") * pl.lit(costs).gather(pl.col("item").cast(pl.Int64))
    numbered = postings.with_columns(
        cents=pl.when(pl.col("is_misvalued")).then(value * MISVALUED_PERCENT // 100).otherwise(value),
        posting_id=posting_id(scenario),
        number=pl.lit(numbers).gather(pl.when(~is_manual).then(pl.col("event"))),
        posted_instant=instant("posted_at"),
    )
    event = event_id(scenario)
    legal = [site.legal_entity_id for site in scenario.facilities]
    movement = word("event_type", [MOVEMENT_TYPES.get(t) for t in EVENT_TYPES])
    return numbered.select(
        posting_id=pl.col("posting_id"),
        posted_at=pl.col("posted_instant"),
        facility_id=word("facility", ids),
        item_id=item_code(made),
        quantity=pl.col("quantity"),
        uom=pl.lit(UNIT),
        event_id=pl.when(~pl.col("is_keyed")).then(event),
        posting_type=word("event_type", EVENT_TYPES).fill_null(pl.lit(scenario.manual_posting_type, dtype=pl.String)),
        movement_type=movement.fill_null(MANUAL_MOVEMENT_TYPE),
        posting_date=_local_day(scenario),
        document_type=word("document_type", DOCUMENT_TYPES).fill_null("manual"),
        document_id=pl.when(is_manual)
        .then(pl.concat_str(pl.lit("MAN-"), _padded("document", 6)))
        .otherwise(_document("document_kind", "document")),
        document_line=pl.col("line").cast(pl.String),
        value_amount=cents("cents"),
        currency=pl.lit(scenario.currency),
        legal_entity_id=word("facility", legal),
        posted_by=pl.when(is_manual).then(pl.lit("erp-clerk")).otherwise(pl.lit("interface")),
        true_event_id=event,
    )


def _local_day(scenario: Scenario) -> pl.Expr:
    """The accounting day: the facility's local day of the posting, or some days before."""
    day = pl.lit(None, dtype=pl.String)
    for number, site in enumerate(scenario.facilities):
        own = pl.col("posted_instant").dt.convert_time_zone(site.timezone).dt.date() - pl.duration(days="days_back")
        day = pl.when(pl.col("facility") == number).then(own.dt.strftime("%Y-%m-%d")).otherwise(day)
    return day


def render_counts(scenario: Scenario, made: Generated, counts: pl.DataFrame, book: np.ndarray) -> pl.DataFrame:
    """Canonical columns of counts."""
    ids = [site.id for site in scenario.facilities]
    reason = pl.when(pl.col("is_miscount")).then(pl.lit("miscount"))
    return counts.with_columns(book=pl.Series(book)).select(
        count_id=pl.concat_str(pl.lit(DOCUMENTS["count"][0]), _padded("document", 8)),
        facility_id=word("facility", ids),
        location_id=location("location"),
        item_id=item_code(made),
        counted_at=instant("counted_at"),
        counted_quantity=pl.col("counted_quantity"),
        book_quantity=pl.col("book"),
        uom=pl.lit(UNIT),
        shift=_shift(made),
        counted_by=actor("actor", word("facility", ids)),
        approved_at=instant("approved_at"),
        approved_by=actor("approver", word("facility", ids)),
        reason_code=reason.when(pl.col("approved_at").is_not_null()).then(pl.lit("shrinkage")),
    )
