"""The workspace's `dockledger.yaml`, and the words that a site with a system of its own uses."""

import io
from datetime import UTC, datetime
from typing import Any

from ruamel.yaml import YAML

from pipelines.simulator.business_text import switched_on
from pipelines.simulator.master import gln
from pipelines.simulator.scenario import Channel, Scenario
from pipelines.simulator.sites import Site

# canonical column -> the site's own header
LOCAL_COLUMNS: dict[str, str] = {
    "event_id": "TXN_ID",
    "event_type": "TXN_TYPE",
    "event_time": "TXN_TIME",
    "recorded_at": "ENTERED_AT",
    "item_id": "SKU",
    "quantity": "QTY",
    "uom": "UOM",
    "lot_id": "LOT",
    "location_id": "BIN",
    "from_status": "ST_FROM",
    "to_status": "ST_TO",
    "partner_facility_id": "PARTNER",
    "supplier_id": "VENDOR",
    "document_type": "DOC_TYPE",
    "document_id": "DOC_NO",
    "document_line": "DOC_LINE",
    "actor_id": "USER",
    "shift": "SHIFT",
    "sequence_no": "SEQ",
}
LOCAL_EVENT_TYPES: dict[str, str] = {
    "receipt_created": "RCN",
    "receipt_confirmed": "RCV",
    "putaway_completed": "PUT",
    "transfer_requested": "TRQ",
    "transfer_approved": "TAP",
    "transfer_shipped": "TSH",
    "transfer_received": "TRC",
    "inventory_reserved": "RSV",
    "pick_released": "PRL",
    "pick_confirmed": "PCK",
    "shipment_confirmed": "SHP",
    "cycle_count_recorded": "CNT",
    "count_variance_approved": "CVA",
    "return_received": "RTN",
    "return_dispositioned": "RDS",
    "quality_hold_placed": "QHP",
    "quality_hold_released": "QHR",
    "inventory_adjusted": "ADJ",
}
LOCAL_STATUSES: dict[str, str] = {
    "available": "AVL",
    "allocated": "ALC",
    "in_transit": "TRN",
    "quality_hold": "QCH",
    "damaged": "DMG",
    "returned": "RET",
    "quarantined": "QRT",
}
LOCAL_DELIMITER = ";"
CENTRAL_INTERVAL_S = 86400


def workspace_text(scenario: Scenario, as_of: int) -> str:
    """The whole file; `as_of` in UTC seconds."""
    moment = datetime.fromtimestamp(as_of, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    tree = {
        "as_of": moment,
        "facilities": [_facility(scenario, site) for site in scenario.facilities],
        "feeds": [*[_feed(scenario, channel) for channel in scenario.channels()], *_central_feeds(scenario)],
        "sla": scenario.sla.model_dump(exclude_none=True, exclude_defaults=True),
        "reference": _reference(scenario),
        "targets": dict(scenario.targets),
    }
    text = io.StringIO()
    writer = YAML()
    writer.default_flow_style = False
    writer.width = 120
    writer.dump(tree, text)
    return f"# {scenario.title} (simulated).\n{text.getvalue()}"


def _facility(scenario: Scenario, site: Site) -> dict[str, Any]:
    facility: dict[str, Any] = {
        "id": site.id,
        "name": site.name,
        "kind": site.kind,
        "timezone": site.timezone,
        "country": site.country,
        "legal_entity_id": site.legal_entity_id,
        "gln": gln(scenario.gs1_company_prefix, site.gln_reference),
        "codes": list(site.codes),
        "timing_model": site.posting.timing_model,
    }
    if site.posting.interval_seconds:
        facility["interval_seconds"] = site.posting.interval_seconds
    return facility


def _reference(scenario: Scenario) -> dict[str, str]:
    given = {"items": True, "item_aliases": True, "suppliers": scenario.supplier_names}
    given |= {"opening_stock": scenario.opening_stock}
    return {name: f"master/{name}.csv" for name, is_given in given.items() if is_given}


def _feed(scenario: Scenario, channel: Channel) -> dict[str, Any]:
    site, shape = scenario.facilities[channel.facility], channel.feed
    feed: dict[str, Any] = {"name": shape.name}
    if shape.kind == "epcis":
        feed |= {"adapter": "epcis_json", "path": f"{shape.path}/*.json"}
    elif shape.kind == "canonical_csv":
        feed |= {"adapter": "canonical_csv", "table": "inventory_event", "path": f"{shape.path}/*.csv"}
    else:
        feed |= {
            "adapter": "mapped_csv",
            "table": "inventory_event",
            "path": f"{shape.path}/*.csv",
            "facility": site.id,
            "system_timezone": site.timezone,
            "delimiter": LOCAL_DELIMITER,
            "columns": dict(LOCAL_COLUMNS),
            "event_types": {own: canonical for canonical, own in LOCAL_EVENT_TYPES.items()},
            "statuses": {own: canonical for canonical, own in LOCAL_STATUSES.items()},
        }
    if shape.expected_interval_seconds:
        feed["expected_interval_seconds"] = shape.expected_interval_seconds
    return feed


def _central_feeds(scenario: Scenario) -> list[dict[str, Any]]:
    """What does not come from a site: the ERP's postings, the counts, and what else the scenario tells."""
    tables = [("erp", "erp_posting"), ("counts", "count_record")]
    tables += [(feed.name, feed.table) for feed in switched_on(scenario)]
    return [
        {
            "name": name,
            "adapter": "canonical_csv",
            "table": table,
            "path": f"feeds/{name}/*.csv",
            "expected_interval_seconds": CENTRAL_INTERVAL_S,
        }
        for name, table in tables
    ]
