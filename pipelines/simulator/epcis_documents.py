"""Events as EPCIS 2.0 JSON documents, the way a site that speaks GS1 would send them.

Standard fields carry what EPCIS has a word for; the rest is an extension under the `dockledger` prefix. A business
transaction is `https://<site>.example/bt/<document>/<line>`; its type is a CBV word where there is one (po, rma) and
otherwise `https://<site>.example/btt/<type>`, a business step likewise `https://<site>.example/bizstep/<event type>`.
"""

import polars as pl

from pipelines.feeds.epcis_rows import NAMESPACE
from pipelines.simulator.events import DOCUMENTS, EVENT_TYPES
from pipelines.simulator.generate import Generated
from pipelines.simulator.master import gln, gtin
from pipelines.simulator.render import instant, iso, local, render_events, word
from pipelines.simulator.scenario import Scenario

PREFIX = "dockledger"
CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"

# Business step and disposition in CBV words; every other type has a step of its own.
CBV_STEPS: dict[str, tuple[str, str | None]] = {
    "receipt_created": ("arriving", "in_progress"),
    "receipt_confirmed": ("receiving", "in_progress"),
    "putaway_completed": ("storing", "in_progress"),
    "transfer_shipped": ("shipping", "in_transit"),
    "transfer_received": ("receiving", "in_progress"),
    "pick_confirmed": ("picking", "in_progress"),
    "shipment_confirmed": ("shipping", "in_transit"),
    "cycle_count_recorded": ("cycle_counting", None),
    "return_received": ("receiving", "returned"),
    "quality_hold_placed": ("holding", "non_sellable_other"),
}
CBV_TRANSACTIONS = {"po", "rma"}
EXTENSIONS = ("supplier_id", "from_status", "to_status", "actor_id", "shift")


def header(sent_at: int) -> str:
    """All of a document before its first event."""
    created = pl.Series("t", [sent_at]).to_frame().with_columns(t=instant("t")).select(iso("t")).item()
    return (
        f'{{"@context":["{CONTEXT}",{{"{PREFIX}":"{NAMESPACE}"}}],"type":"EPCISDocument","schemaVersion":"2.0",'
        f'"creationDate":"{created}","epcisBody":{{"eventList":[\n'
    )


FOOTER = "\n]}}\n"


def event_texts(scenario: Scenario, made: Generated, number: int, rows: pl.DataFrame) -> pl.Series:
    """One JSON object per event of a site."""
    site = scenario.facilities[number]
    host = f"https://{site.id.lower()}.example"
    glns = [gln(scenario.gs1_company_prefix, s.gln_reference) for s in scenario.facilities]
    gtins = [gtin(scenario.gs1_company_prefix, n) for n in range(len(made.items))]
    own = f"https://id.gs1.org/414/{glns[number]}"
    shown = render_events(scenario, made, rows).with_columns(
        rows.select(
            gtin=word("item", gtins),
            partner_gln=word("partner", glns),
            step=word("event_type", [CBV_STEPS.get(t, (f"{host}/bizstep/{t}",))[0] for t in EVENT_TYPES]),
            disposition=word("event_type", [CBV_STEPS.get(t, ("", None))[1] for t in EVENT_TYPES]),
            transaction=word("document_kind", [_transaction_type(host, kind) for _, kind in DOCUMENTS.values()]),
        )
    )
    parts = [
        '{"type":"ObjectEvent","eventID":"', pl.col("event_id"),
        '","eventTime":"', local("event_time", site.timezone, "%Y-%m-%dT%H:%M:%S%:z"),
        '","eventTimeZoneOffset":"', local("event_time", site.timezone, "%:z"),
        '","recordTime":"', iso("recorded_at"), '","action":"OBSERVE","bizStep":"', pl.col("step"), '"',
        _optional(',"disposition":"', "disposition", '"'),
        f',"readPoint":{{"id":"{own}/254/', pl.col("location_id"), f'"}},"bizLocation":{{"id":"{own}"}}',
        ',"quantityList":[{"epcClass":"https://id.gs1.org/01/', pl.col("gtin"), _optional("/10/", "lot_id", ""),
        '","quantity":', pl.col("quantity").abs().cast(pl.String), "}]",
        ',"bizTransactionList":[{"type":"', pl.col("transaction"), f'","bizTransaction":"{host}/bt/',
        pl.col("document_id"), "/", pl.col("document_line"), '"}]',
        _partner(), *[_optional(f',"{PREFIX}:{name}":"', name, '"') for name in EXTENSIONS],
        f',"{PREFIX}:sequence_no":', pl.col("sequence_no").cast(pl.String), _signed(), "}",
    ]  # fmt: skip
    return shown.select(pl.concat_str([pl.lit(p) if isinstance(p, str) else p for p in parts])).to_series()


def _transaction_type(host: str, kind: str) -> str:
    return kind if kind in CBV_TRANSACTIONS else f"{host}/btt/{kind}"


def _optional(before: str, column: str, after: str) -> pl.Expr:
    """A piece of text that is left out where the column is NULL."""
    return pl.concat_str(pl.lit(before), pl.col(column), pl.lit(after)).fill_null("")


def _partner() -> pl.Expr:
    """The other end of a transfer: the source of what is received, the destination of all else."""
    place = "https://id.gs1.org/414/"
    source = _optional(f',"sourceList":[{{"type":"location","source":"{place}', "partner_gln", '"}]')
    destination = _optional(f',"destinationList":[{{"type":"location","destination":"{place}', "partner_gln", '"}]')
    return pl.when(pl.col("event_type") == "transfer_received").then(source).otherwise(destination)


def _signed() -> pl.Expr:
    """EPCIS quantities have no sign; a downward correction states it in an extension."""
    text = pl.concat_str(pl.lit(f',"{PREFIX}:quantity":'), pl.col("quantity").cast(pl.String))
    return pl.when(pl.col("quantity") < 0).then(text).otherwise(pl.lit(""))
