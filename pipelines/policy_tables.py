"""What the business has agreed on, as tables of schema `reference`: SLAs, working hours, fiscal periods, bounds."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipelines.policy import WEEKDAYS, FiscalCalendar
from pipelines.workspace import Workspace
from transforms.contracts import CONTRACTS
from transforms.contracts.base import FIRST_INSTANT, LAST_INSTANT, POLARS_TYPE

# Weeks of the periods of a quarter.
_WEEKS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}


def policy_tables(workspace: Workspace, rules: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Name of a table of schema `reference` -> its rows.

    Args:
        rules: names of the exception rules; each gets its assumed effort.
    """
    return {
        "sla": sla_rows(workspace),
        "calendar_shift": _shifts(workspace),
        "calendar_holiday": _holidays(workspace),
        "fiscal_period": fiscal_periods(workspace.fiscal_calendar),
        "setting": _settings(workspace),
        "effort": _efforts(workspace, rules),
        "target": _by_metric(workspace.targets, "target"),
        "materiality": _by_metric(workspace.materiality, "least_difference"),
    }


def sla_rows(workspace: Workspace) -> pl.DataFrame:
    """The SLAs as contract rows: a NULL scope means any, the most specific row wins."""
    sla = workspace.sla
    rows = [
        _sla("posting", sla.posting_seconds),
        _sla("transfer", sla.transfer_seconds),
        _sla("acknowledgement", sla.acknowledgement_seconds),
        *(_sla("rule", seconds, rule=rule) for rule, seconds in sla.by_rule.items()),
        *(_sla("posting", own.posting_seconds, event_type=name) for name, own in sla.by_event_type.items()),
        *(
            _sla("transfer", lane.transfer_seconds, facility_id=lane.receiver, from_facility_id=lane.shipper)
            for lane in sla.by_lane
        ),
    ]
    for scope, refinements in (("facility_id", sla.by_facility), ("facility_kind", sla.by_kind)):
        for name, own in refinements.items():
            stated = {
                "posting": own.posting_seconds,
                "transfer": own.transfer_seconds,
                "acknowledgement": own.acknowledgement_seconds,
            }
            rows += [_sla(kind, s, **{scope: name}) for kind, s in stated.items() if s is not None]
            rows += [_sla("posting", s, **{scope: name}, event_type=t) for t, s in own.by_event_type.items()]
    contract = CONTRACTS["sla"]
    frame = pl.DataFrame(rows, schema={name: POLARS_TYPE[contract.kind(name)] for name in contract.columns})
    contract.schema.validate(frame)
    return frame


def _sla(kind: str, seconds: int, **scope: str) -> dict[str, Any]:
    return {"sla_kind": kind, "seconds": seconds, **scope}


def _shifts(workspace: Workspace) -> pl.DataFrame:
    """A row per calendar, shift and weekday (1 Monday) on which it begins; minutes from that day's midnight, local."""
    rows = [
        {
            "calendar": name,
            "shift": shift.name,
            "weekday": WEEKDAYS.index(day) + 1,
            "start_minute": shift.minutes[0],
            "end_minute": shift.minutes[1],
        }
        for name, calendar in workspace.calendars.items()
        for shift in calendar.shifts
        for day in shift.days
    ]
    integers = dict.fromkeys(("weekday", "start_minute", "end_minute"), pl.Int64)
    return pl.DataFrame(rows, schema={"calendar": pl.String, "shift": pl.String, **integers})


def _holidays(workspace: Workspace) -> pl.DataFrame:
    rows = [(name, day) for name, calendar in workspace.calendars.items() for day in sorted(set(calendar.holidays))]
    return pl.DataFrame(rows, schema={"calendar": pl.String, "day": pl.Date}, orient="row")


def fiscal_periods(fiscal: FiscalCalendar) -> pl.DataFrame:
    """Every period of the years from 1970 to 2099: fiscal_year, period_no (from 1), first_date, last_date."""
    periods = _months(fiscal) if fiscal.pattern == "months" else _weeks(fiscal)
    rows = [row for row in periods if FIRST_INSTANT.date() <= row[3] and row[2] < LAST_INSTANT.date()]
    schema = {"fiscal_year": pl.Int64, "period_no": pl.Int64, "first_date": pl.Date, "last_date": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _months(fiscal: FiscalCalendar) -> Iterator[tuple[int, int, date, date]]:
    named_later = _name_of(fiscal) - fiscal.year_starts.year
    for year in range(FIRST_INSTANT.year - 1, LAST_INSTANT.year + 1):
        for period in range(12):
            ends = [divmod(fiscal.year_starts.month - 1 + period + n, 12) for n in (0, 1)]
            first, following = (date(year + years, month + 1, 1) for years, month in ends)
            yield year + named_later, period + 1, first, following - timedelta(days=1)


def _weeks(fiscal: FiscalCalendar) -> Iterator[tuple[int, int, date, date]]:
    """Years of weeks, forwards and backwards from the one whose beginning is stated."""
    pattern = _WEEKS[fiscal.pattern] * 4
    start, year = fiscal.year_starts, _name_of(fiscal)
    while start > FIRST_INSTANT.date():
        year -= 1
        start -= timedelta(weeks=52 + (year in fiscal.long_years))
    while start < LAST_INSTANT.date():
        for period, weeks in enumerate(pattern, start=1):
            is_long = period == len(pattern) and year in fiscal.long_years
            last = start + timedelta(weeks=weeks + is_long, days=-1)
            yield year, period, start, last
            start = last + timedelta(days=1)
        year += 1


def _name_of(fiscal: FiscalCalendar) -> int:
    """The year that begins on `year_starts`."""
    start = fiscal.year_starts
    if fiscal.year is not None:
        return fiscal.year
    if fiscal.pattern == "months":
        return start.year if start.month == 1 else start.year + 1
    return (start + timedelta(weeks=26)).year


def _settings(workspace: Workspace) -> pl.DataFrame:
    """One row: the bounds that models read."""
    return pl.DataFrame(
        {
            "invoice_quantity_ratio": [workspace.tolerances.invoice_quantity_ratio],
            "invoice_price_ratio": [workspace.tolerances.invoice_price_ratio],
            "message_attempts": [workspace.thresholds.message_attempts],
        },
        schema={"invoice_quantity_ratio": pl.Float64, "invoice_price_ratio": pl.Float64, "message_attempts": pl.Int64},
    )


def _efforts(workspace: Workspace, rules: Iterable[str]) -> pl.DataFrame:
    effort = workspace.effort
    rows = [(rule, float(effort.by_rule.get(rule, effort.minutes))) for rule in rules]
    return pl.DataFrame(rows, schema={"rule": pl.String, "minutes": pl.Float64}, orient="row")


def _by_metric(given: dict[str, float], column: str) -> pl.DataFrame:
    return pl.DataFrame(list(given.items()), schema={"metric": pl.String, column: pl.Float64}, orient="row")
