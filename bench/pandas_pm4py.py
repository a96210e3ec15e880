"""What an analyst who knows pandas, pm4py and these three sites, not Dockledger, would write in one sitting."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pm4py

from bench.results import KEYS, as_of, columns

GLN = {"9521234000013": "NDC", "9521234000020": "RDC", "9521234000037": "3PL1"}
CODE = {"DC-CHI": "NDC", "RW-EAST": "RDC", "EXT-3PL": "3PL1"}
WORD = {
    "RCN": "receipt_created", "RCV": "receipt_confirmed", "PUT": "putaway_completed", "TRQ": "transfer_requested",
    "TAP": "transfer_approved", "TSH": "transfer_shipped", "TRC": "transfer_received", "RSV": "inventory_reserved",
    "PRL": "pick_released", "PCK": "pick_confirmed", "SHP": "shipment_confirmed", "CNT": "cycle_count_recorded",
    "CVA": "count_variance_approved", "RTN": "return_received", "RDS": "return_dispositioned",
    "QHP": "quality_hold_placed", "QHR": "quality_hold_released", "ADJ": "inventory_adjusted",
}  # fmt: skip
STEP = {
    "arriving": "receipt_created", "storing": "putaway_completed", "picking": "pick_confirmed",
    "holding": "quality_hold_placed", "cycle_counting": "cycle_count_recorded",
}  # fmt: skip
NOT_EXPECTED = {
    "receipt_created", "transfer_requested", "transfer_approved", "inventory_reserved", "pick_released",
    "cycle_count_recorded",
}  # fmt: skip
# Of each process whose case is a line of a document: the steps that make a case, and those that belong to one.
BY_LINE = {
    "procure_to_receive": (
        ["receipt_created", "receipt_confirmed", "putaway_completed"],
        ["quality_hold_placed", "quality_hold_released"],
    ),
    "order_to_fulfil": (["inventory_reserved", "pick_released", "pick_confirmed", "shipment_confirmed"], []),
    "count_to_adjust": (["cycle_count_recorded", "count_variance_approved"], ["inventory_adjusted"]),
    "return_to_disposition": (
        ["return_received", "return_dispositioned"],
        ["quality_hold_placed", "quality_hold_released"],
    ),
}
TRANSFER = ["transfer_requested", "transfer_approved", "transfer_shipped", "transfer_received"]
TRANSFER_SLA = {"NDC": 172800, "RDC": 172800, "3PL1": 216000}
TOLERANCE = {"A": 0.01, "B": 0.03, "C": 0.05}
EVENT = [
    "event_id", "event_type", "event_time", "recorded_at", "sequence_no", "facility_id", "item_id", "document_id",
    "document_line", "partner_facility_id",
]  # fmt: skip
ORDER = ["event_time", "recorded_at", "sequence_no", "event_id"]


def last(text: str) -> str:
    """The last part of a URI."""
    return text.rsplit("/", 1)[-1]


def epcis_row(event: dict, items: dict[str, str]) -> tuple:
    """One EPCIS event as a row: step and transaction type together say what happened."""
    transaction = event["bizTransactionList"][0]
    step, kind = last(event["bizStep"]), last(transaction["type"])
    if step == "receiving":
        step = {"po": "receipt_confirmed", "rma": "return_received"}.get(kind, "transfer_received")
    elif step == "shipping":
        step = "transfer_shipped" if kind == "transfer_order" else "shipment_confirmed"
    *_, document, line = transaction["bizTransaction"].split("/")
    ends = [
        *(s["source"] for s in event.get("sourceList", ())),
        *(d["destination"] for d in event.get("destinationList", ())),
    ]
    return (
        event["eventID"], STEP.get(step, step), event["eventTime"], event["recordTime"],
        event["dockledger:sequence_no"], "NDC", items.get(event["quantityList"][0]["epcClass"].split("/")[4]),
        document, line, GLN.get(last(ends[0])) if ends else None,
    )  # fmt: skip


def read_ndc(workspace: Path, items: dict[str, str]) -> pd.DataFrame:
    """The national DC: EPCIS documents."""
    rows: list[tuple] = []
    for path in sorted((workspace / "feeds" / "ndc").glob("*.json")):
        document = json.loads(path.read_bytes())
        rows.extend(epcis_row(event, items) for event in document["epcisBody"]["eventList"])
    events = pd.DataFrame(rows, columns=EVENT)
    for clock in ("event_time", "recorded_at"):
        events[clock] = pd.to_datetime(events[clock], utc=True, format="ISO8601")
    return events


def read_files(folder: Path, **options) -> pd.DataFrame:
    """All CSV files of a folder."""
    text = {"document_line": str, "DOC_LINE": str}
    return pd.concat([pd.read_csv(p, dtype=text, **options) for p in sorted(folder.glob("*.csv"))], ignore_index=True)


def read_rdc(workspace: Path) -> pd.DataFrame:
    """The regional warehouse: its own columns and codes, local time without a zone."""
    raw = read_files(workspace / "feeds" / "rdc", sep=";")
    alias = pd.read_csv(workspace / "master" / "item_aliases.csv").query("facility_id == 'RDC'")
    clocks = {}
    for ours, theirs in (("event_time", "TXN_TIME"), ("recorded_at", "ENTERED_AT")):
        local = pd.to_datetime(raw[theirs], format="%Y-%m-%d %H:%M:%S")
        clocks[ours] = local.dt.tz_localize(
            "America/New_York", ambiguous=True, nonexistent="shift_forward"
        ).dt.tz_convert("UTC")
    return pd.DataFrame({
        "event_id": raw["TXN_ID"], "event_type": raw["TXN_TYPE"].map(WORD), **clocks, "sequence_no": raw["SEQ"],
        "facility_id": "RDC", "item_id": raw["SKU"].map(alias.set_index("local_code")["item_id"]),
        "document_id": raw["DOC_NO"], "document_line": raw["DOC_LINE"], "partner_facility_id": raw["PARTNER"].map(CODE),
    })  # fmt: skip


def read_3pl(workspace: Path) -> pd.DataFrame:
    """The 3PL: canonical names."""
    raw = read_files(workspace / "feeds" / "3pl1")
    for clock in ("event_time", "recorded_at"):
        raw[clock] = pd.to_datetime(raw[clock], utc=True)
    return raw[EVENT]


def read_events(workspace: Path, items: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """All events, each once, with the number of times it was delivered."""
    codes = items.set_index("gtin")["item_id"].to_dict()
    delivered = pd.concat([read_ndc(workspace, codes), read_rdc(workspace), read_3pl(workspace)], ignore_index=True)
    delivered = delivered[delivered["event_time"] <= now]
    copies = delivered["event_id"].value_counts()
    events = delivered.drop_duplicates("event_id")
    return events.assign(copies=events["event_id"].map(copies))


def match(events: pd.DataFrame, postings: pd.DataFrame) -> pd.DataFrame:
    """Which posting posts which event: by event_id, else by business key, nearest in time."""
    stated = postings[postings["event_id"].notna()].sort_values(["posted_at", "posting_id"])
    by_id = stated.drop_duplicates("event_id")[["event_id", "posting_id", "posted_at"]]
    key = ["document_id", "document_line", "item_id", "facility_id", "event_type"]
    unstated = postings[postings["event_id"].isna()].rename(columns={"posting_type": "event_type"})
    open_events = events[~events["event_id"].isin(by_id["event_id"])]
    pair = open_events[["event_id", "event_time", *key]].merge(unstated[["posting_id", "posted_at", *key]], on=key)
    pair["distance"] = (pair["posted_at"] - pair["event_time"]).abs()
    pair["of_event"] = pair.sort_values(["distance", "posted_at", "posting_id"]).groupby("event_id").cumcount()
    pair["of_posting"] = pair.sort_values(["distance", "event_time", "event_id"]).groupby("posting_id").cumcount()
    by_key = pair[(pair["of_event"] == 0) & (pair["of_posting"] == 0)]
    return pd.concat([by_id, by_key[["event_id", "posting_id", "posted_at"]]], ignore_index=True)


def latencies(events: pd.DataFrame, matched: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Every event that is posted or should be, with seconds to its posting or to now, and its SLA."""
    rows = events.merge(matched, on="event_id", how="left")
    rows["is_posted"] = rows["posting_id"].notna()
    rows = rows[rows["is_posted"] | ~rows["event_type"].isin(NOT_EXPECTED)].copy()
    rows["duration_s"] = (rows["posted_at"].fillna(now) - rows["event_time"]).dt.total_seconds()
    is_3pl = rows["facility_id"] == "3PL1"
    choices = [
        (is_3pl & (rows["event_type"] == "return_dispositioned"), 86400),
        (is_3pl, 43200),
        (rows["event_type"] == "shipment_confirmed", 2100),
        (rows["event_type"] == "count_variance_approved", 14400),
    ]
    rows["sla_s"] = np.select([c for c, _ in choices], [s for _, s in choices], 3600)
    return rows


def kaplan_meier(group: pd.DataFrame, p: float) -> float:
    """The smallest time at which at most 1 - p are still unposted."""
    counts = group.groupby("duration_s")["is_posted"].agg(["sum", "count"])
    at_risk = counts["count"][::-1].cumsum()[::-1]
    survival = (1 - counts["sum"] / at_risk).cumprod()
    below = survival.index[survival <= 1 - p + 1e-12]
    return below[0] if len(below) else np.nan


def latency_row(group: pd.DataFrame) -> dict[str, float]:
    """One row of latency_by_facility."""
    posted = group.loc[group["is_posted"], "duration_s"]
    is_late = group["duration_s"] > group["sla_s"]
    due = (group["is_posted"] | is_late).sum()
    quantiles = {f"p{q}_s": posted.quantile(q / 100) for q in (50, 90, 95, 99)}
    return {
        "events_count": len(group), "posted_count": len(posted), "unposted_count": len(group) - len(posted),
        **quantiles,
        "km_p50_s": kaplan_meier(group, 0.5), "km_p90_s": kaplan_meier(group, 0.9),
        "within_sla_ratio": (group["is_posted"] & ~is_late).sum() / due if due else np.nan,
    }  # fmt: skip


def latency_by_facility(latency: pd.DataFrame) -> pd.DataFrame:
    """By facility and event type, and by facility over all types."""
    rows = [{"facility_id": f, "event_type": None, **latency_row(g)} for f, g in latency.groupby("facility_id")]
    typed = latency.groupby(["facility_id", "event_type"])
    return pd.DataFrame(rows + [{"facility_id": f, "event_type": t, **latency_row(g)} for (f, t), g in typed])


def read_transfers(events: pd.DataFrame) -> pd.DataFrame:
    """One row a transfer: its lane, first shipment, last receipt."""
    steps = events[events["event_type"].isin(TRANSFER)].sort_values("event_time")
    shipped = steps[steps["event_type"] == "transfer_shipped"].groupby("document_id")
    received = steps[steps["event_type"] == "transfer_received"].groupby("document_id")
    any_step = steps.groupby("document_id")
    transfers = any_step[["facility_id", "partner_facility_id"]].first()
    from_ends = [shipped["facility_id"].first(), received["partner_facility_id"].first()]
    to_ends = [shipped["partner_facility_id"].first(), received["facility_id"].first()]
    for column, ends, otherwise in (
        ("from_facility_id", from_ends, "facility_id"),
        ("to_facility_id", to_ends, "partner_facility_id"),
    ):
        transfers[column] = ends[0].reindex(transfers.index).fillna(ends[1]).fillna(transfers[otherwise])
    transfers["shipped_at"] = shipped["event_time"].min()
    transfers["received_at"] = received["event_time"].max()
    transfers["cycle_time_s"] = (transfers["received_at"] - transfers["shipped_at"]).dt.total_seconds()
    return transfers.reset_index(names="transfer_id")


def transfer_cycle_time(transfers: pd.DataFrame) -> pd.DataFrame:
    """By lane."""
    lanes = transfers.groupby(["from_facility_id", "to_facility_id"], dropna=False)
    return lanes.agg(
        transfers_count=("transfer_id", "size"),
        open_count=("received_at", lambda r: r.isna().sum()),
        p50_s=("cycle_time_s", lambda s: s.quantile(0.5)),
        p90_s=("cycle_time_s", lambda s: s.quantile(0.9)),
    ).reset_index()


def read_counts(workspace: Path, items: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """All counts, judged by their item's tolerance."""
    counts = read_files(workspace / "feeds" / "counts")
    for clock in ("counted_at", "approved_at"):
        counts[clock] = pd.to_datetime(counts[clock], utc=True)
    counts = counts[counts["counted_at"] <= now].merge(items[["item_id", "abc_class"]], on="item_id", how="left")
    counts["variance"] = counts["counted_quantity"] - counts["book_quantity"]
    tolerance = counts["abc_class"].fillna("C").map(TOLERANCE) * counts["book_quantity"]
    counts["is_within"] = counts["variance"].abs() <= tolerance + 1e-9
    return counts


def count_variance(counts: pd.DataFrame) -> pd.DataFrame:
    """By facility."""
    rows = []
    for facility, group in counts.groupby("facility_id"):
        absolute, comparable = group["variance"].abs().sum(), group["variance"].notna().sum()
        rows.append({
            "facility_id": facility, "counts_count": len(group), "variance_units": group["variance"].sum(),
            "absolute_variance_units": absolute, "ira_strict_ratio": (group["variance"] == 0).sum() / comparable,
            "ira_tolerance_ratio": group["is_within"].sum() / comparable,
            "unit_accuracy_ratio": 1 - absolute / group["book_quantity"].sum(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def opened(rule: str, rows: pd.DataFrame, opened_at: pd.Series, sla_s: object) -> pd.DataFrame:
    """Open exceptions of one rule."""
    return pd.DataFrame({"rule": rule, "facility_id": rows["facility_id"], "opened_at": opened_at, "sla_s": sla_s})


def manual_adjustments(events: pd.DataFrame, counts: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Adjustments that no approved count explains."""
    approvals = events.loc[events["event_type"] == "count_variance_approved", "document_id"]
    is_explained = events["document_id"].isin({*approvals, *counts.loc[counts["approved_at"] <= now, "count_id"]})
    return events[(events["event_type"] == "inventory_adjusted") & ~is_explained]


def exception_aging(
    latency: pd.DataFrame,
    events: pd.DataFrame,
    postings: pd.DataFrame,
    matched: pd.DataFrame,
    transfers: pd.DataFrame,
    counts: pd.DataFrame,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """Open exceptions by facility, rule and age bucket."""
    missing = latency[~latency["is_posted"] & (latency["duration_s"] > latency["sla_s"])]
    missing = missing.assign(due_at=missing["event_time"] + pd.to_timedelta(missing["sla_s"], unit="s"))
    negative = latency[latency["is_posted"] & (latency["duration_s"] < 0)]
    posts = postings["posting_id"].isin(matched["posting_id"]) | postings["event_id"].isin(events["event_id"])
    orphans = postings[~posts]
    repeated = events[events["copies"] > 1]
    over = counts[~counts["is_within"] & ~(counts["approved_at"] <= now)]
    adjusted = manual_adjustments(events, counts, now)
    sent = transfers[transfers["received_at"].isna()].assign(facility_id=lambda t: t["to_facility_id"])
    sent["sla_s"] = sent["facility_id"].map(TRANSFER_SLA)
    sent["due_at"] = sent["shipped_at"] + pd.to_timedelta(sent["sla_s"], unit="s")
    sent = sent[sent["due_at"] < now]
    parts = [
        opened("missing_posting", missing, missing["due_at"], missing["sla_s"]),
        opened("negative_latency", negative, negative["event_time"], 86400),
        opened("orphan_posting", orphans, orphans["posted_at"], 86400),
        opened("duplicate_event", repeated, repeated["event_time"], 86400),
        opened("count_variance_over_tolerance", over, over["counted_at"], 86400),
        opened("manual_adjustment", adjusted, adjusted["event_time"], 86400),
        opened("transfer_unconfirmed", sent, sent["due_at"], sent["sla_s"]),
    ]
    rows = pd.concat([p for p in parts if len(p)], ignore_index=True)
    age_s = (now - rows["opened_at"]).dt.total_seconds()
    edges, names = [-np.inf, 14400, 86400, 259200, 604800, np.inf], ["0-4h", "4-24h", "1-3d", "3-7d", ">7d"]
    rows["bucket"] = pd.cut(age_s, edges, right=False, labels=names).astype(str)
    rows["is_breached"] = age_s > rows["sla_s"]
    grouped = rows.groupby(["facility_id", "rule", "bucket"])["is_breached"]
    return grouped.agg(open_count="size", breached_count="sum").reset_index()


def line_cases(events: pd.DataFrame, making: list[str], attached: list[str]) -> pd.DataFrame:
    """Events of the lines of documents in which one of the making steps happened."""
    own = events[events["event_type"].isin([*making, *attached])]
    own = own.assign(case=own["document_id"] + "/" + own["document_line"] + "/" + own["facility_id"])
    return own[own["case"].isin(own.loc[own["event_type"].isin(making), "case"])]


def variants(events: pd.DataFrame, transfers: pd.DataFrame) -> pd.DataFrame:
    """Variants of the five processes per facility, counted by pm4py."""
    logs = {process: line_cases(events, *steps) for process, steps in BY_LINE.items()}
    moving = events[events["event_type"].isin(TRANSFER)].drop(columns="facility_id")
    ends = transfers[["transfer_id", "to_facility_id"]].set_axis(["document_id", "facility_id"], axis=1)
    moving = moving.merge(ends, on="document_id").assign(case=lambda m: m["document_id"])
    rows = []
    for process, log in {**logs, "transfer_to_reconcile": moving}.items():
        for facility, part in log.sort_values(ORDER).groupby("facility_id"):
            formatted = pm4py.format_dataframe(
                part, case_id="case", activity_key="event_type", timestamp_key="event_time"
            )
            found = pm4py.get_variants(formatted)
            total = sum(found.values())
            rows += [(process, facility, " > ".join(v), n, n / total) for v, n in found.items()]
    return pd.DataFrame(rows, columns=columns("variants"))


def main(workspace: Path, out: Path) -> None:
    """Reads the feeds of `workspace`, writes one CSV a table to `out`."""
    now = pd.Timestamp(as_of(workspace))
    items = pd.read_csv(workspace / "master" / "items.csv", dtype={"gtin": str})
    events = read_events(workspace, items, now)
    postings = read_files(workspace / "feeds" / "erp")
    postings["posted_at"] = pd.to_datetime(postings["posted_at"], utc=True)
    postings = postings[postings["posted_at"] <= now]
    matched = match(events, postings)
    latency = latencies(events, matched, now)
    transfers, counts = read_transfers(events), read_counts(workspace, items, now)
    made = {
        "latency_by_facility": latency_by_facility(latency),
        "exception_aging": exception_aging(latency, events, postings, matched, transfers, counts, now),
        "transfer_cycle_time": transfer_cycle_time(transfers),
        "count_variance": count_variance(counts),
        "variants": variants(events, transfers),
    }
    for table in KEYS:
        made[table][columns(table)].to_csv(out / f"{table}.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
