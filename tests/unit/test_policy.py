"""Settings of what the business has agreed on, and the tables that models read of them."""

from datetime import date

import polars as pl
import pytest

from mining import process_limits
from mining.process import PROCESSES as PROCESS_FILES
from pipelines.errors import UnusableInput
from pipelines.policy import FiscalCalendar
from pipelines.policy_tables import fiscal_periods, policy_tables, sla_rows
from pipelines.processes import accepted_deviations, check_models, workspace_processes
from pipelines.workspace import Workspace, load_workspace

BASE = """facilities: [{id: NDC, timezone: America/Chicago, kind: dc}, {id: RDC, timezone: UTC, kind: dc, calendar: two}]
feeds: [{name: f, adapter: canonical_csv, table: inventory_event, path: 'feeds/*.csv'}]
calendars: {two: {shifts: [{name: early, days: [monday, tuesday], starts: '06:00', ends: '14:00'}]}}
"""
MONDAYS = "{name: %s, days: [%s], starts: '%s', ends: '%s'}"


def loaded(tmp_path, more: str = "", base: str = BASE) -> Workspace:
    (tmp_path / "dockledger.yaml").write_text(base + more)
    return load_workspace(tmp_path)


def refusal(tmp_path, more: str = "", base: str = BASE) -> str:
    with pytest.raises(UnusableInput) as refused:
        loaded(tmp_path, more, base)
    return str(refused.value)


def periods(given: FiscalCalendar, first: date, last: date) -> list[tuple[object, ...]]:
    return fiscal_periods(given).filter(pl.col("first_date").is_between(first, last)).rows()


def test_months_of_a_year_that_begins_in_october_belong_to_the_year_in_which_it_ends():
    rows = periods(FiscalCalendar(year_starts=date(2020, 10, 1)), date(2023, 9, 1), date(2024, 2, 1))
    assert rows == [
        (2023, 12, date(2023, 9, 1), date(2023, 9, 30)),
        (2024, 1, date(2023, 10, 1), date(2023, 10, 31)),
        (2024, 2, date(2023, 11, 1), date(2023, 11, 30)),
        (2024, 3, date(2023, 12, 1), date(2023, 12, 31)),
        (2024, 4, date(2024, 1, 1), date(2024, 1, 31)),
        (2024, 5, date(2024, 2, 1), date(2024, 2, 29)),
    ]


def test_weeks_of_a_long_year_end_with_a_week_more():
    """The retail year 2023 began on 2023-01-29 and had 53 weeks, so that 2024 began on 2024-02-04."""
    retail = FiscalCalendar(pattern="4-5-4", year_starts=date(2023, 1, 29), long_years=[2023])
    [*_, last], [first, *_] = (
        periods(retail, date(2023, 1, 29), date(2024, 1, 31)),
        periods(retail, date(2024, 2, 1), date(2024, 3, 31)),
    )
    assert last == (2023, 12, date(2023, 12, 31), date(2024, 2, 3))
    assert first == (2024, 1, date(2024, 2, 4), date(2024, 3, 2))


@pytest.mark.parametrize("start", [date(2022, 1, 30), date(2023, 1, 29), date(2024, 2, 4)])
def test_any_year_may_be_the_one_whose_beginning_is_stated(start):
    stated = FiscalCalendar(pattern="4-5-4", year_starts=start, long_years=[2023])
    other = FiscalCalendar(pattern="4-5-4", year_starts=date(2023, 1, 29), long_years=[2023])
    assert fiscal_periods(stated).equals(fiscal_periods(other))


def test_a_year_of_weeks_may_be_named_by_hand():
    july = FiscalCalendar(pattern="4-4-5", year_starts=date(2024, 7, 1), year=2025)
    assert periods(july, date(2024, 7, 1), date(2024, 7, 28)) == [(2025, 1, date(2024, 7, 1), date(2024, 7, 28))]


@pytest.mark.parametrize("pattern", ["months", "4-4-5", "4-5-4", "5-4-4"])
def test_no_day_is_in_two_periods_or_in_none(pattern):
    frame = fiscal_periods(FiscalCalendar(pattern=pattern, year_starts=date(2024, 1, 1), long_years=[2026]))
    following = frame["first_date"].shift(-1) - frame["last_date"]
    assert set(following.drop_nulls().dt.total_days()) == {1}
    assert frame["first_date"].to_list()[0] <= date(1970, 1, 1)
    assert frame["last_date"].to_list()[-1] >= date(2099, 12, 31)


def test_a_shift_over_midnight_ends_beyond_the_day_on_which_it_begins(tmp_path):
    night = BASE.replace("starts: '06:00', ends: '14:00'", "starts: '22:00', ends: '06:00'")
    table = policy_tables(loaded(tmp_path, base=night), [])["calendar_shift"]
    assert table.rows() == [("two", "early", 1, 1320, 1800), ("two", "early", 2, 1320, 1800)]


def test_holidays_are_days_of_their_calendar(tmp_path):
    more = "  holidays: [2026-12-25, '2026-01-01']\n"
    base = BASE.replace("calendars: {two: {", "calendars:\n two:\n  ").replace("}]}}\n", "}]\n")
    assert policy_tables(loaded(tmp_path, more, base), [])["calendar_holiday"].rows() == [
        ("two", date(2026, 1, 1)),
        ("two", date(2026, 12, 25)),
    ]


def test_slas_by_kind_and_lane_are_rows_of_their_scope(tmp_path):
    more = """sla:
  by_kind: {dc: {transfer_seconds: 5, by_event_type: {pick_confirmed: 6}}}
  by_lane: [{from: NDC, to: RDC, transfer_seconds: 7}]
  acknowledgement_seconds: 8
"""
    given = sla_rows(loaded(tmp_path, more)).filter(~pl.col("seconds").is_in([3600, 172800]))
    columns = ["sla_kind", "facility_id", "facility_kind", "from_facility_id", "event_type", "seconds"]
    assert set(given.select(columns).rows()) == {
        ("transfer", None, "dc", None, None, 5),
        ("posting", None, "dc", None, "pick_confirmed", 6),
        ("transfer", "RDC", None, "NDC", None, 7),
        ("acknowledgement", None, None, None, None, 8),
    }


def test_effort_is_assumed_for_every_rule_unless_stated_for_it(tmp_path):
    workspace = loaded(tmp_path, "effort: {minutes: 10, by_rule: {late_posting: 2.5}}\n")
    assert policy_tables(workspace, ["late_posting", "stale_feed"])["effort"].rows() == [
        ("late_posting", 2.5),
        ("stale_feed", 10.0),
    ]


@pytest.mark.parametrize(
    ("shifts", "sentence"),
    [
        ([("a", "monday", "06:00", "14:00"), ("b", "monday", "13:45", "22:00")], "the shifts a and b overlap"),
        ([("night", "sunday", "22:00", "06:00"), ("b", "monday", "05:45", "14:00")], "the shifts night and b overlap"),
        ([("a", "monday", "06:10", "14:00")], "is not a quarter of an hour"),
        ([("a", "monday", "6:00", "14:00")], "'6:00' is not a local time such as '06:30'"),
    ],
)
def test_shifts_that_cannot_be_are_refused_in_words(tmp_path, shifts, sentence):
    given = ", ".join(MONDAYS % shift for shift in shifts)
    base = BASE.replace("{name: early, days: [monday, tuesday], starts: '06:00', ends: '14:00'}", given)
    assert sentence in refusal(tmp_path, base=base)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("sla: {by_kind: {3pl: 5}}\n", "no facility is of kind '3pl'; there are dc"),
        ("sla: {by_kind: {dc: {}, DC: {}}}\n", "kind of sla.by_kind 'dc' is given twice"),
        ("sla: {by_lane: [{from: NDC, to: XDC, transfer_seconds: 7}]}\n", "facility 'XDC' is not among the facilities"),
        ("fiscal_calendar: {year_starts: 2024-02-04}\n", "a year of months begins on the first of one"),
    ],
)
def test_settings_that_name_what_is_not_there_are_refused_in_words(tmp_path, more, sentence):
    assert sentence in refusal(tmp_path, more)


def test_a_calendar_that_no_one_has_described_is_refused(tmp_path):
    assert "calendar 'three' of RDC is not among the calendars" in refusal(
        tmp_path, base=BASE.replace("calendar: two", "calendar: three")
    )


PROCESSES = "processes: {procure_to_receive: {bpmn: models/own.bpmn, by_facility: {RDC: models/own.bpmn}}}\n"
OWN_MODEL = (PROCESS_FILES / "procure_to_receive.bpmn").read_text(encoding="utf-8")


def with_model(tmp_path, text: str = OWN_MODEL) -> None:
    (tmp_path / "models").mkdir(exist_ok=True)
    (tmp_path / "models" / "own.bpmn").write_text(text, encoding="utf-8")


def test_a_workspace_puts_models_and_limits_in_the_place_of_the_normative_ones(tmp_path):
    with_model(tmp_path)
    limits = "limits: [{activity: putaway_completed, after: receipt_confirmed, seconds: 7200}]"
    workspace = loaded(tmp_path, PROCESSES.replace("}}}", "}, " + limits + "}}"))
    found = {spec.process: spec for spec in workspace_processes(workspace)}
    own = found["procure_to_receive"]
    assert own.bpmn_of("NDC") == own.bpmn_of("RDC") == tmp_path / "models" / "own.bpmn"
    assert process_limits(list(found.values())).rows() == [
        ("procure_to_receive", "putaway_completed", "receipt_confirmed", None, 7200),
        ("transfer_to_reconcile", "transfer_received", "transfer_shipped", "transfer", None),
    ]
    assert found["transfer_to_reconcile"].bpmn == PROCESS_FILES / "transfer_to_reconcile.bpmn"
    check_models(workspace, list(found.values()))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'name="putaway_completed"',
            'name="put away"',
            "models/own.bpmn: line 39: task 'putaway_completed' is named 'put away', which is not an activity of the process",
        ),
        ('targetRef="end"', 'targetRef="nowhere"', "sequenceFlow 'flow_12' has a target 'nowhere'"),
        ("<?xml", "<!-- no", "models/own.bpmn: it is not XML"),
    ],
)
def test_a_model_that_cannot_be_read_is_refused_in_one_sentence_with_its_element(tmp_path, old, new, sentence):
    with_model(tmp_path, OWN_MODEL.replace(old, new, 1))
    workspace = loaded(tmp_path, PROCESSES)
    with pytest.raises(UnusableInput) as refused:
        check_models(workspace, workspace_processes(workspace))
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_model_that_piles_up_work_is_refused_before_anything_is_built(tmp_path):
    with_model(tmp_path, OWN_MODEL.replace("exclusiveGateway", "parallelGateway", 2))
    workspace = loaded(tmp_path, PROCESSES)
    with pytest.raises(UnusableInput, match=r"^models/own\.bpmn: it does not run soundly: work piles up behind '\w+'$"):
        check_models(workspace, workspace_processes(workspace))


def test_a_model_in_another_encoding_than_utf_8_is_refused(tmp_path):
    with_model(tmp_path)
    text = OWN_MODEL.replace("UTF-8", "ISO-8859-1").replace('name="Procure to receive"', 'name="Pr\u00fcfen"')
    (tmp_path / "models" / "own.bpmn").write_bytes(text.encode("latin-1"))
    workspace = loaded(tmp_path, PROCESSES)
    with pytest.raises(UnusableInput, match=r"^models/own\.bpmn: it is not in UTF-8$"):
        check_models(workspace, workspace_processes(workspace))


def test_a_model_that_is_not_there_or_lies_elsewhere_is_refused(tmp_path):
    workspace = loaded(tmp_path, PROCESSES)
    with pytest.raises(UnusableInput, match=r"models/own\.bpmn: it cannot be read \(No such file"):
        check_models(workspace, workspace_processes(workspace))
    (tmp_path / "models").symlink_to(PROCESS_FILES)
    with pytest.raises(UnusableInput, match=r"'models/own\.bpmn' leads outside the workspace"):
        check_models(workspace, workspace_processes(workspace))


ACCEPTED = "accepted_deviations: [{process: %s, kind: skipped, activity: %s, reason: small shop, until: 2026-12-31}]\n"


def test_accepted_deviations_are_rows_with_reason_and_last_day(tmp_path):
    more = ACCEPTED % ("procure_to_receive", "putaway_completed")
    workspace = loaded(tmp_path, more.replace("}]", "}, {process: count_to_adjust, kind: too_late, facility: RDC, "
                       "activity: inventory_adjusted, reason: audit, until: '2026-06-30'}]"))  # fmt: skip
    assert accepted_deviations(workspace, workspace_processes(workspace)).rows() == [
        ("procure_to_receive", None, "skipped", "putaway_completed", "small shop", date(2026, 12, 31)),
        ("count_to_adjust", "RDC", "too_late", "inventory_adjusted", "audit", date(2026, 6, 30)),
    ]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (ACCEPTED % ("receiving", "putaway_completed"), "accepted_deviations.0.process: 'receiving' is not known"),
        (ACCEPTED % ("procure_to_receive", "putaway"), "accepted_deviations.0.activity: 'putaway' is not known"),
        (
            "processes: {receiving: {bpmn: a.bpmn}}\n",
            "processes.receiving: 'receiving' is not known; there are procure",
        ),
        (
            "processes: {count_to_adjust: {limits: [{activity: x, after: inventory_adjusted, seconds: 5}]}}\n",
            "processes.count_to_adjust: count_to_adjust: 'x' is not among its activities",
        ),
    ],
)
def test_processes_and_activities_that_there_are_not_are_refused_in_words(tmp_path, more, sentence):
    workspace = loaded(tmp_path, more)
    with pytest.raises(UnusableInput) as refused:
        accepted_deviations(workspace, workspace_processes(workspace))
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (ACCEPTED.replace(", until: 2026-12-31", "") % ("a", "b"), "accepted_deviations.0.until: Field required"),
        (ACCEPTED.replace("small shop", "' '") % ("a", "b"), "accepted_deviations.0.reason: String should match"),
        (ACCEPTED.replace("skipped", "late") % ("a", "b"), "accepted_deviations.0.kind: Input should be 'skipped'"),
        (ACCEPTED.replace("{process", "{facility: XDC, process") % ("a", "b"), "facility 'XDC' is not among"),
        ("processes: {count_to_adjust: {by_facility: {XDC: a.bpmn}}}\n", "facility 'XDC' is not among the facilities"),
        ("processes: {count_to_adjust: {bpmn: ../a.bpmn}}\n", "path '../a.bpmn' must stay inside the workspace"),
    ],
)
def test_settings_of_processes_that_cannot_be_are_refused_with_their_key(tmp_path, more, sentence):
    assert sentence in refusal(tmp_path, more)
