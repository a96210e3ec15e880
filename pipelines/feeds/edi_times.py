"""Dates and times of X12 and EDIFACT as text that landing reads: local without a zone, with an offset if one is stated.

A date is CCYYMMDD or YYMMDD (70 to 99: 19..); a time is HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from data import DATA

_CENTURY_TURN = 70
_LOCAL = "LT"
_OFFSET = re.compile(r"[+-]\d{2}:\d{2}")


@dataclass(frozen=True)
class Stated:
    """A date, a time ('' where none is stated) and a zone: a code of X12 element 623, or an offset such as +01:00."""

    date: str
    time: str = ""
    code: str = ""


@lru_cache(maxsize=1 << 14)
def day(date: str) -> str:
    """A date as 2026-01-05; what is none is left as it is, to be judged as text."""
    if len(date) == 6 and date.isdigit():
        date = ("20" if int(date[:2]) < _CENTURY_TURN else "19") + date
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else date


@lru_cache(maxsize=1 << 14)
def spelled(stated: Stated) -> str:
    """A stated time as 2026-01-05T14:19:00, with its offset if its code names one; without a time the day alone.

    A code that is not known stays beside the time, and so does one such as ET on the hour that occurs twice or never:
    landing refuses such a row instead of guessing.
    """
    if not stated.time:
        return day(stated.date)
    time = stated.time
    if time.isdigit() and len(time) in (4, 6, 7, 8):
        seconds = time[4:6] or "00"
        fraction = f".{time[6:]}" if time[6:] else ""
        time = f"{time[:2]}:{time[2:4]}:{seconds}{fraction}"
    text = f"{day(stated.date)}T{time}"
    return text if stated.code in ("", _LOCAL) else text + _offset(text, stated.code)


def _offset(text: str, code: str) -> str:
    if _OFFSET.fullmatch(code):
        return code
    offset, zone = _codes().get(code, ("", ""))
    if not zone:
        return offset or f" {code}"
    try:
        naive = datetime.fromisoformat(text)
    except ValueError:
        return f" {code}"
    first, second = (naive.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1))
    return _as_text(first) if first == second and first is not None else f" {code}"


def _as_text(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@cache
def _codes() -> dict[str, tuple[str, str]]:
    with (DATA / "reference" / "x12_time_codes.csv").open(encoding="utf-8", newline="") as stream:
        return {row["code"]: (row["utc_offset"], row["timezone"]) for row in csv.DictReader(stream)}


def instant(stated: Stated) -> str | None:
    """A stated time as text; nothing where no date is stated."""
    return spelled(stated) if stated.date else None


def moment(candidates: Iterable[Stated | None], written: Stated) -> str | None:
    """The instant that a document states, as text.

    The first candidate with a date decides the day. Its own time holds, else the time that another candidate states for
    the same day, else the time when the document was written if that was on the same day: it happened no later. On any
    other day the date is passed on alone, and landing refuses the row: a date is no instant.
    """
    dated = [c for c in candidates if c is not None and c.date]
    if not dated:
        return None
    date = day(dated[0].date)
    for candidate in (*dated, written):
        if candidate.time and day(candidate.date) == date:
            return spelled(candidate)
    return date
