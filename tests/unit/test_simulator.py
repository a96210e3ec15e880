"""A simulated workspace hangs together: stock, documents, clocks, deliveries and truth."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from pipelines.errors import UnusableInput
from pipelines.simulator import Summary, scenario_names, simulate
from pipelines.simulator.events import DOCUMENTS, IS_EXPECTED, SIGN, TYPE
from pipelines.simulator.scenario import load_scenario, read_scenario
from pipelines.workspace import load_workspace

EVENTS = 4_000
# The nights of 7 and 31 March hold the clock changes of New York and Chicago; the span of a week covers the first.
START = date(2026, 3, 5)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulated") / "ws"
    simulate("three-dc", out, events=EVENTS, seed=11, start=START)
    return out


def truth(workspace: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(workspace / "truth" / f"{name}.parquet")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its relative name."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def references(workspace: Path, rule: str) -> set[str]:
    return set(truth(workspace, "exceptions").filter(pl.col("rule") == rule)["reference_id"])


def bounds(values: pl.Series) -> tuple[Any, Any]:
    """The lowest and the highest value."""
    return values.min(), values.max()


def as_of(workspace: Path) -> datetime:
    moment = load_workspace(workspace).as_of
    assert moment is not None
    return moment


def delivered(workspace: Path, feed: str, delimiter: str = ",") -> pl.DataFrame:
    """All rows of a CSV feed as text, with their file."""
    files = sorted((workspace / "feeds" / feed).glob("*.csv"))
    frames = [pl.read_csv(f, infer_schema=False, separator=delimiter).with_columns(file=pl.lit(f.name)) for f in files]
    return pl.concat(frames)


@pytest.mark.parametrize("scenario", scenario_names())
def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(scenario, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulate(scenario, tmp_path / name, events=600, seed=seed)
    first, again, other = (contents(tmp_path / name) for name in "abc")
    assert first == again
    assert first != other


def test_exactly_as_many_events_as_asked_for_happen_each_with_an_id_of_its_own(workspace, tmp_path):
    assert truth(workspace, "inventory_event")["event_id"].n_unique() == EVENTS
    summary = simulate("three-dc", tmp_path / "one", events=1, seed=1)
    assert isinstance(summary, Summary)
    assert (summary.events, len(truth(tmp_path / "one", "inventory_event"))) == (1, 1)


def test_stock_is_never_negative(workspace):
    """By direction of the event type, and also where a correction's sign counts."""
    events = truth(workspace, "inventory_event").with_row_index()
    sign = {name: int(SIGN[code]) for name, code in TYPE.items()}
    moved = events.with_columns(
        strict=pl.col("quantity") * pl.col("event_type").replace_strict(sign),
        corrected=pl.col("quantity") * pl.col("event_type").replace_strict(sign | {"inventory_adjusted": 1}),
    ).sort("event_time", "index")
    site = ["facility_id", "item_id"]
    stock = moved.select(*site, *(pl.col(c).cum_sum().over(site) for c in ("strict", "corrected")))
    assert bounds(stock["strict"])[0] >= 0
    assert bounds(stock["corrected"])[0] >= 0
    assert (events.filter(pl.col("event_type") != "inventory_adjusted")["quantity"] >= 0).all()


def steps(workspace: Path, kind: str, names: list[str], key: list[str]) -> pl.DataFrame:
    """One row per document (line) of a kind: the last time of each step; only where a fault says so it happens twice."""
    prefix = DOCUMENTS[kind][0]
    own = truth(workspace, "inventory_event").filter(pl.col("document_id").str.starts_with(prefix))
    assert set(own["event_type"]) <= set(names)
    twice = own.filter(own.select(*key, "event_type").is_duplicated()).select(*key, activity="event_type").unique()
    told = truth(workspace, "deviations").filter(pl.col("kind") == "repeated")
    assert twice.join(told, on=[*key, "activity"], how="anti").is_empty()
    return own.pivot("event_type", index=key, values="event_time", aggregate_function="max")


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            "receipt",
            [
                "receipt_created",
                "receipt_confirmed",
                "quality_hold_placed",
                "quality_hold_released",
                "putaway_completed",
            ],
        ),
        ("order", ["inventory_reserved", "pick_released", "pick_confirmed", "shipment_confirmed"]),
        ("count", ["cycle_count_recorded", "count_variance_approved", "inventory_adjusted"]),
        ("return", ["return_received", "return_dispositioned"]),
    ],
)
def test_each_line_of_a_document_goes_through_its_steps_in_order(workspace, kind, names):
    lines = steps(workspace, kind, names, ["document_id", "document_line"])
    assert len(lines) > 3
    present = [name for name in names if name in lines.columns]
    assert lines[present[0]].null_count() == 0
    for before, after in pairwise(present):
        assert (
            lines.filter(pl.col(after).is_not_null() & pl.col(before).is_not_null())
            .select(pl.col(before) < pl.col(after))
            .to_series()
        ).all()


def test_a_transfer_is_in_order_unless_it_was_made_to_deviate(workspace):
    names = ["transfer_requested", "transfer_approved", "transfer_shipped", "transfer_received"]
    transfers = steps(workspace, "transfer", names, ["document_id"])
    odd = truth(workspace, "deviations").filter(pl.col("process") == "transfer_to_reconcile")
    assert len(transfers) > 20
    proper = transfers.join(odd, left_on="document_id", right_on="case_id", how="anti")
    for before, after in pairwise(names):
        reached = proper.filter(pl.col(after).is_not_null())
        assert (reached[before] < reached[after]).all()
    shipped = transfers.filter(pl.col("transfer_shipped") < pl.col("transfer_received"))
    hours = (shipped["transfer_received"] - shipped["transfer_shipped"]).dt.total_seconds() / 3600
    assert bounds(hours)[0] >= 4


def test_what_a_transfer_ships_is_what_it_receives_at_the_other_end(workspace):
    events = truth(workspace, "inventory_event")
    out, came = (events.filter(pl.col("event_type") == f"transfer_{end}") for end in ("shipped", "received"))
    both = out.join(came, on="document_id", suffix="_came")
    assert len(both) > 10
    for column in ("item_id", "quantity", "lot_id"):
        assert both[column].equals(both[f"{column}_came"], null_equal=True, check_names=False)
    assert both["facility_id"].equals(both["partner_facility_id_came"], check_names=False)
    assert both["partner_facility_id"].equals(both["facility_id_came"], check_names=False)


def test_every_event_says_when_it_was_recorded_by_whom_and_where(workspace):
    events = truth(workspace, "inventory_event")
    assert (events["recorded_at"] > events["event_time"]).all()
    for column in ("actor_id", "shift", "location_id", "document_id", "document_line", "item_id", "quantity"):
        assert events[column].null_count() == 0
    numbered = events.group_by("facility_id").agg(pl.col("sequence_no").sort())
    assert all(numbers.to_list() == list(range(1, len(numbers) + 1)) for numbers in numbered["sequence_no"])


def test_lots_are_named_for_exactly_the_lot_tracked_items(workspace):
    items = pl.read_csv(workspace / "master" / "items.csv")
    events = truth(workspace, "inventory_event").join(items, on="item_id")
    assert events["lot_id"].is_not_null().equals(events["lot_tracked"], check_names=False)


def test_local_times_of_the_regional_warehouse_stay_clear_of_the_clock_change_and_lose_nothing(workspace):
    rows = delivered(workspace, "rdc", ";")
    events = truth(workspace, "inventory_event").filter(pl.col("facility_id") == "RDC")
    zone = ZoneInfo("America/New_York")
    first, last = bounds(events["event_time"])
    assert first < datetime(2026, 3, 8, 7, tzinfo=ZoneInfo("UTC")) < last
    for own, canonical in (("TXN_TIME", "event_time"), ("ENTERED_AT", "recorded_at")):
        read = {}
        for number, text in rows.select("TXN_ID", own).rows():
            local = datetime.fromisoformat(text)
            assert local.replace(tzinfo=zone, fold=0).utcoffset() == local.replace(tzinfo=zone, fold=1).utcoffset()
            read[number] = local.replace(tzinfo=zone)
        assert all(read[number] == moment for number, moment in events.select("event_id", canonical).rows())


def test_a_file_of_the_regional_warehouse_is_one_upload_of_half_an_hour(workspace):
    rows = delivered(workspace, "rdc", ";").unique("TXN_ID", keep="first", maintain_order=True)
    recorded = rows["ENTERED_AT"].str.to_datetime()
    sent = rows["file"].str.extract(r"-(\d{8}T\d{4})Z-").str.to_datetime("%Y%m%dT%H%M")
    local = sent.dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)
    waited = (local - recorded).dt.total_seconds()
    shortest, longest = bounds(waited)
    assert 0 <= shortest <= longest < 1800


def test_local_codes_lead_back_to_the_items(workspace):
    aliases = pl.read_csv(workspace / "master" / "item_aliases.csv")
    rows = delivered(workspace, "rdc", ";").join(aliases, left_on="SKU", right_on="local_code")
    events = truth(workspace, "inventory_event")
    both = rows.join(events, left_on="TXN_ID", right_on="event_id", suffix="_true")
    assert len(both) == len(delivered(workspace, "rdc", ";"))
    assert both["item_id"].equals(both["item_id_true"], check_names=False)


def test_repeated_deliveries_are_the_same_row_in_a_later_file_and_the_truth_knows_them(workspace):
    rdc = delivered(workspace, "rdc", ";")
    third = delivered(workspace, "3pl1")
    repeated = set()
    for rows, key in ((rdc, "TXN_ID"), (third, "event_id")):
        again = rows.filter(pl.col(key).is_duplicated())
        assert again.group_by(key).agg(pl.col("file").n_unique() == pl.len())["file"].all()
        assert again.drop("file").unique().height == again[key].n_unique()
        repeated |= set(again[key])
    documents = [json.loads(f.read_text()) for f in (workspace / "feeds" / "ndc").glob("*.json")]
    events = [json.dumps(e) for document in documents for e in document["epcisBody"]["eventList"]]
    repeated |= {json.loads(text)["eventID"] for text, copies in Counter(events).items() if copies > 1}
    assert len({json.loads(text)["eventID"] for text in set(events)}) == len(set(events))
    assert references(workspace, "duplicate_event") == repeated
    assert len(repeated) > 3


def test_postings_without_event_id_name_a_document_line_that_one_event_alone_has(workspace):
    events = truth(workspace, "inventory_event")
    directions = {name: int(SIGN[code]) for name, code in TYPE.items()}
    key = ["document_id", "document_line", "item_id", "facility_id", "direction"]
    keyed_events = events.with_columns(direction=pl.col("event_type").replace_strict(directions))
    postings = truth(workspace, "erp_posting")
    keyed = postings.filter(pl.col("event_id").is_null() & pl.col("true_event_id").is_not_null())
    keyed = keyed.with_columns(direction=pl.col("quantity").sign().cast(pl.Int64))
    matched = keyed.join(keyed_events.with_columns(pl.col("direction").cast(pl.Int64)), on=key, suffix="_event")
    assert len(keyed) > 100
    assert len(matched) == len(keyed)
    assert matched["true_event_id"].equals(matched["event_id_event"], check_names=False)
    assert keyed.select(key).is_unique().all()


def test_manual_postings_name_documents_that_no_event_knows(workspace):
    postings = truth(workspace, "erp_posting")
    manual = postings.filter(pl.col("true_event_id").is_null())
    known = truth(workspace, "inventory_event")["document_id"].implode()
    assert manual["event_id"].null_count() == len(manual) > 0
    assert not manual["document_id"].is_in(known).any()
    assert references(workspace, "orphan_posting") == set(
        manual.filter(pl.col("posted_at") <= as_of(workspace))["posting_id"]
    )


def test_the_truth_of_postings_follows_from_the_rules_by_plain_arithmetic(workspace):
    """Row by row in Python, from the workspace's own SLAs: no code of the simulator takes part."""
    sla, now = load_workspace(workspace).sla, as_of(workspace)
    expected: dict[str, set[str]] = {"missing_posting": set(), "late_posting": set(), "negative_latency": set()}
    wanted = {name for name, code in TYPE.items() if IS_EXPECTED[code]}
    for row in truth(workspace, "inventory_event").rows(named=True):
        own = sla.by_facility.get(row["facility_id"])
        general = sla.by_event_type.get(row["event_type"])
        seconds: int | None = sla.posting_seconds if general is None else general.posting_seconds
        if own is not None:
            seconds = own.by_event_type.get(row["event_type"], own.posting_seconds)
        due = row["event_time"] + timedelta(seconds=seconds or 0)
        posted = row["posted_at"] if row["posted_at"] is not None and row["posted_at"] <= now else None
        if posted is None and row["event_type"] in wanted and due < now:
            expected["missing_posting"].add(row["event_id"])
        if posted is not None and posted > due:
            expected["late_posting"].add(row["event_id"])
        if posted is not None and posted < row["event_time"]:
            expected["negative_latency"].add(row["event_id"])
    assert {rule: references(workspace, rule) for rule in expected} == expected
    assert all(expected.values())


def test_the_truth_of_counts_follows_from_book_and_tolerance(workspace):
    items = pl.read_csv(workspace / "master" / "items.csv")
    counts = truth(workspace, "count_record").join(items, on="item_id")
    allowed = {"A": 1, "B": 3, "C": 5}
    over = {
        row["count_id"]
        for row in counts.rows(named=True)
        if abs(row["counted_quantity"] - row["book_quantity"]) * 100
        > allowed[row["abc_class"]] * abs(row["book_quantity"])
    }
    assert references(workspace, "count_variance_over_tolerance") == over
    assert 0 < len(over) < len(counts)


def test_every_count_is_an_event_and_what_was_approved_says_why(workspace):
    counts, events = truth(workspace, "count_record"), truth(workspace, "inventory_event")
    recorded = events.filter(pl.col("event_type") == "cycle_count_recorded")
    both = counts.join(recorded, left_on="count_id", right_on="document_id")
    assert len(both) == len(counts) == len(recorded)
    assert both["counted_quantity"].equals(both["quantity"], check_names=False)
    approved = set(events.filter(pl.col("event_type") == "count_variance_approved")["document_id"])
    assert set(counts.filter(pl.col("approved_at").is_not_null())["count_id"]) == approved
    assert set(counts.filter(pl.col("reason_code") == "shrinkage")["count_id"]) == approved


def test_a_deviation_shows_in_the_events(workspace):
    events = truth(workspace, "inventory_event")
    present = set(events.select("document_id", "document_line", "event_type").rows())
    deviations = truth(workspace, "deviations")
    assert len(deviations) > 0
    for row in deviations.filter(pl.col("kind") == "skipped").rows(named=True):
        assert (row["document_id"], row["document_line"], row["activity"]) not in present


def test_late_transfers_are_told_from_confirmed_ones_by_the_receivers_sla(workspace):
    now = as_of(workspace)
    expected = set()
    for row in truth(workspace, "transfers").rows(named=True):
        allowed = timedelta(seconds=216000 if row["to_facility_id"] == "3PL1" else 172800)
        if row["shipped_at"] is not None and (row["received_at"] or now) - row["shipped_at"] > allowed:
            expected.add(row["transfer_id"])
    assert references(workspace, "transfer_unconfirmed") == expected


def test_the_workspace_file_is_one_that_the_product_reads(workspace):
    read = load_workspace(workspace)
    assert [f.id for f in read.facilities] == ["NDC", "RDC", "3PL1"]
    assert all(list(workspace.glob(feed.path)) for feed in read.feeds)
    assert read.sla.by_facility["3PL1"].posting_seconds == 43200
    _, last = bounds(truth(workspace, "inventory_event")["recorded_at"])
    assert timedelta(hours=6) <= as_of(workspace) - last < timedelta(hours=7)


def test_a_folder_that_holds_something_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(UnusableInput, match="the folder is not empty"):
        simulate("three-dc", tmp_path, events=10, seed=1)
    assert contents(tmp_path) == {"mine.txt": b"keep"}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UnusableInput, match="the folder cannot be used"):
        simulate("three-dc", tmp_path / "file", events=10, seed=1)


def test_an_unknown_scenario_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(
        UnusableInput,
        match="there is no scenario 'four-dc'; there are five-sites, six-warehouses, stale-allocation, three-dc, two-entities",
    ):
        simulate("four-dc", tmp_path / "ws", events=10, seed=1)
    assert "three-dc" in scenario_names()


@pytest.mark.parametrize(("events", "seed"), [(0, 1), (-5, 1), (5, -1)])
def test_numbers_that_make_no_sense_are_refused(tmp_path, events, seed):
    with pytest.raises(UnusableInput, match="events must be at least 1 and seed at least 0"):
        simulate("three-dc", tmp_path / "ws", events=events, seed=seed)


@pytest.mark.parametrize(
    ("line", "changed", "reason"),
    [
        ("suppliers: 12", "suppliers: many", "suppliers: "),
        ("suppliers: 12", "supplier: 12", "supplier"),
        ("{from: NDC, to: RDC,", "{from: RDC, to: NDC,", "the shipper must stand before the receiver"),
        ("{from: NDC, to: RDC,", "{from: NDC, to: XDC,", "both must be facilities"),
        ("timing_model: batch", "timing_model: micro_batch", None),
    ],
)
def test_a_wrong_scenario_is_refused_by_key(tmp_path, line, changed, reason):
    text = (Path(load_scenario.__globals__["SCENARIOS"]) / "three-dc.yaml").read_text()
    assert line in text
    path = tmp_path / "s.yaml"
    path.write_text(text.replace(line, changed))
    if reason is None:
        assert read_scenario(path).name == "three-dc"
        return
    with pytest.raises(UnusableInput, match=reason):
        read_scenario(path)


def test_progress_names_the_stages(tmp_path):
    told: list[str] = []
    simulate("three-dc", tmp_path / "ws", events=50, seed=1, progress=told.append)
    assert told[0] == "simulating 50 events"
    assert told[-1] == "writing truth"
