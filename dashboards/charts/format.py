"""How a number is written for a person: the only place where a page's figures change unit.

Published tables hold seconds, ratios from 0 to 1 and UTC instants. Everything here turns one value into
words, or a number into a place on an axis, and never combines two values.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

NOTHING = "—"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_ACRONYMS = {"sla": "SLA", "erp": "ERP", "km": "KM", "id": "ID", "ira": "IRA", "abc": "ABC", "3pl": "3PL", "uom": "UOM"}
# Names of several words for one thing, which all pages call the same.
_ALIKE = {"realtime": "Real time", "at_once": "Real time"}
# A quantile at the end of a column's name, or before "days": what precedes it, whether it counts what is open, which.
_QUANTILE = re.compile(r"^(?P<of>.*?)_?(?P<km>km_)?p(?P<percent>\d\d)(?P<rest>_[a-z]+)?$")
# What a column's unit is called behind its heading, where the cells are bare numbers; and what of its name said so.
_UNIT_WORDS = {
    "s": "h:m:s",
    "h": "h",
    "ms": "ms",
    "usd": "USD",
    "units": "units",
    "unit_h": "unit h",
    "usd_h": "USD h",
    "instant": "UTC",
}
# The same where two columns would have the same heading.
_ALIKE_WORDS = {**_UNIT_WORDS, "s": "time", "count": "count", "ratio": "share"}
# Columns whose names say less than a heading should; a unit is added as to any other.
_HEADINGS = {
    "unknown_reason": "Why not known",
    "level_unknown_reason": "Why not known",
    "added_duration_reason": "Why no duration",
    "value_reason": "Why no value",
    "untested_reason": "Why not tested",
    "unsplit_reason": "Why not split",
    "edges_count": "How often",
    "differing_count": "Differ",
    "explained_count": "Explained by timing",
    "explained_ratio": "Explained by timing",
    "recount_due_count": "To count again",
    "exact_recount_count": "To count again, though equal",
    "unsplit_count": "Not split",
}
_SUFFIXES = ("_unit_h", "_usd_h", "_units", "_usd", "_ratio", "_count", "_at", "_id", "_ms", "_s", "_h")
_SMALL, _SMALLEST = 1, 0.001
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SIGN_OF_DIRECTION = {"up_is_good": "≥ ", "down_is_good": "≤ "}
_TICKS_S = (
    1,
    10,
    _MINUTE,
    10 * _MINUTE,
    _HOUR,
    6 * _HOUR,
    _DAY,
    7 * _DAY,
    30 * _DAY,
    365 * _DAY,
    3650 * _DAY,
    36500 * _DAY,
    365000 * _DAY,
)
_FINE_TICKS_S = (
    *(1, 2, 5, 10, 20, 30),
    *(n * _MINUTE for n in (1, 2, 5, 10, 20, 30)),
    *(n * _HOUR for n in (1, 2, 4, 8, 16)),
    *(n * _DAY for n in (1, 2, 4, 7, 14, 30, 90, 365, 3650, 36500, 365000)),
)
_FEW_TICKS = 4
_WITH_DECIMALS = 1000  # unit-hours from which on parts of one say nothing
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$<>:&])")


def duration(seconds: float | None) -> str:
    """Seconds as "42 s", "37 min", "5.2 h" or "3.1 d"; three significant digits at most."""
    if _is_missing(seconds):
        return NOTHING
    size = abs(float(seconds))  # type: ignore[arg-type]
    sign = "-" if float(seconds) < 0 else ""  # type: ignore[arg-type]
    for unit, length, limit in (("s", 1, _MINUTE), ("min", _MINUTE, _HOUR), ("h", _HOUR, 2 * _DAY)):
        # The rounded text decides, so that 59.97 s reads "1 min" and never "60 s".
        text = _three_digits(size / length)
        if float(text.replace(",", "")) < limit / length:
            return f"{sign}{text} {unit}"
    return f"{sign}{_three_digits(size / _DAY)} d"


def ratio(value: float | None) -> str:
    """A ratio from 0 to 1 as "98.2 %". One that is not whole never reads "100 %" or "0 %"."""
    if _is_missing(value):
        return NOTHING
    number = float(value)  # type: ignore[arg-type]
    if 0.9995 <= number < 1:
        return "> 99.9 %"
    if 0 < number < 0.0005:
        return "< 0.1 %"
    return f"{_signed(number * 100, 1)} %".replace(".0 %", " %")


def times(value: float | None) -> str:
    """How many times as much, as "3.4 x", with up to three significant digits."""
    return NOTHING if _is_missing(value) else f"{_three_digits(float(value))} x"  # type: ignore[arg-type]


def count(value: float | None) -> str:
    """A whole number with thousands separated by commas."""
    return NOTHING if _is_missing(value) else _signed(float(value), 0)  # type: ignore[arg-type]


def quantity(value: float | None) -> str:
    """A number of units: whole where it is whole, else with up to three decimals."""
    if _is_missing(value):
        return NOTHING
    text = _signed(float(value), 3)  # type: ignore[arg-type]
    return text.rstrip("0").rstrip(".")


def value(number: Any, unit: str) -> str:
    """A value of a published measure in words, by its unit."""
    if _is_missing(number):
        return NOTHING
    if isinstance(number, datetime):
        return instant(number)
    if isinstance(number, bool):
        return "yes" if number else "no"
    write = _WRITERS.get(unit)
    return write(number) if write else str(number)


def target(number: float | None, unit: str, direction: str) -> str:
    """A target in words: the side that is good, and the value, for example "≥ 95 %"."""
    if _is_missing(number):
        return "no target"
    return f"{_SIGN_OF_DIRECTION.get(direction, '')}{value(number, unit)}"


def _usd(number: float) -> str:
    return f"{_signed(float(number), 2)} USD"


def _unit_hours(number: float) -> str:
    write = quantity if abs(float(number)) < _WITH_DECIMALS else count
    return f"{write(float(number))} unit h"


def _usd_hours(number: float) -> str:
    return f"{_signed(float(number), 2)} USD h"


def _hours(number: float) -> str:
    return duration(float(number) * _HOUR)


def _milliseconds(number: float) -> str:
    return f"{_three_digits(float(number))} ms"


def _number(number: float) -> str:
    """A number without unit; small ones, such as p-values, keep three significant digits."""
    size = abs(float(number))
    if 0 < size < _SMALLEST:
        return f"< {_SMALLEST:g}" if number > 0 else f"> -{_SMALLEST:g}"
    return f"{float(number):.3g}" if size < _SMALL else quantity(float(number))


_WRITERS: dict[str, Callable[[Any], str]] = {
    "s": duration,
    "h": _hours,
    "ratio": ratio,
    "count": count,
    "units": quantity,
    "number": _number,
    "ms": _milliseconds,
    "usd": _usd,
    "unit_h": _unit_hours,
    "usd_h": _usd_hours,
}


def instant(moment: datetime | None) -> str:
    """An instant as "2026-03-01 14:05 UTC", with seconds where there are any."""
    if moment is None:
        return NOTHING
    utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return utc.strftime("%Y-%m-%d %H:%M:%S UTC" if utc.second or utc.microsecond else "%Y-%m-%d %H:%M UTC")


def day(moment: date) -> str:
    """A day as "Sun 1 Mar 2026"."""
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def weekday(number: int) -> str:
    """1 as "Mon" to 7 as "Sun"."""
    return _WEEKDAYS[number - 1]


def label(name: str | None) -> str:
    """An identifier in words: "missing_posting" as "Missing posting"."""
    if name is None:
        return NOTHING
    if name in _ALIKE:
        return _ALIKE[name]
    words = [_ACRONYMS.get(word, word) for word in str(name).split("_") if word]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def heading(column: str, unit: str, *, is_bare: bool = False) -> str:
    """The heading of a column: "value_at_risk_usd" as "Value at risk", and as "Value at risk (USD)" over bare numbers.

    Args:
        column: its name.
        unit: its unit.
        is_bare: whether its cells do not say their unit themselves; quantities never do.
    """
    words = next((column.removesuffix(end) for end in _SUFFIXES if column.endswith(end)), column)
    text = _HEADINGS.get(column) or _quantile_of(words) or label(words.removeprefix("is_").removeprefix("has_"))
    return f"{text} ({_UNIT_WORDS[unit]})" if unit == "units" or (is_bare and unit in _UNIT_WORDS) else text


def quantile_words(percent: int, *, is_open_counted: bool = False) -> str:
    """What a quantile is called: "Median" or "90 % within"; "incl. open" where what is not over yet is counted, too."""
    words = "Median" if percent == 50 else f"{percent} % within"
    return f"{words}, incl. open" if is_open_counted else words


def _quantile_of(words: str) -> str | None:
    """A column of a quantile in words: "ledger_km_p90" as "Ledger, 90 % within, incl. open"; None for any other."""
    found = _QUANTILE.match(words)
    if found is None:
        return None
    told = quantile_words(int(found["percent"]), is_open_counted=bool(found["km"]))
    parts = [label(found["of"]) if found["of"] else "", told, (found["rest"] or "").removeprefix("_")]
    text = ", ".join(part for part in parts if part)
    return text[:1].upper() + text[1:].replace("Median", "median") if found["of"] else text


def headings(units: Mapping[str, str], *, is_bare: bool = False) -> dict[str, str]:
    """The heading of each column; those of which two would read the same say what tells them apart.

    Args:
        units: columns to their units.
        is_bare: as for `heading`.
    """
    alone = {column: heading(column, unit, is_bare=is_bare) for column, unit in units.items()}
    times = Counter(alone.values())
    return {
        column: f"{text} ({_ALIKE_WORDS[units[column]]})" if times[text] > 1 and units[column] in _ALIKE_WORDS else text
        for column, text in alone.items()
    }


def bucket(lower_s: float | None, upper_s: float | None) -> str:
    """The bounds of a latency bucket in words, for example "1 min to 5 min"."""
    if lower_s is None:
        return f"< {duration(upper_s)}"
    if upper_s is None:
        return f"≥ {duration(lower_s)}"
    return f"{duration(lower_s)} to {duration(upper_s)}"


def span(low_s: float, high_s: float) -> str:
    """A range of durations: "35 min to 4 h", and "12 h" where both ends read the same."""
    ends = (duration(low_s), duration(high_s))
    return " to ".join(dict.fromkeys(ends))


def duration_position(seconds: float | None) -> float | None:
    """Where a duration lies on an axis: logarithmic on both sides of zero, so that 2 s, 2 d and -2 s are all seen."""
    if _is_missing(seconds):
        return None
    return math.copysign(math.log10(1 + abs(float(seconds))), float(seconds))  # type: ignore[arg-type]


def duration_ticks(values_s: Sequence[float | None]) -> tuple[list[float], list[str]]:
    """Axis ticks (positions, words) from the last one at or below the given durations to the first at or above."""
    known = [float(v) for v in values_s if not _is_missing(v)] or [0.0, 1.0]  # type: ignore[arg-type]
    chosen = _around(known, _TICKS_S)
    if len(chosen) < _FEW_TICKS:
        chosen = _around(known, _FINE_TICKS_S)
    return [duration_position(m) or 0.0 for m in chosen], [duration(m) if m else "0" for m in chosen]


def markdown(text: Any) -> str:
    """Text from the data as Markdown that reads as itself: no link, no formula, no colour."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", str(text).replace("\n", " "))


def html(text: Any) -> str:
    """Text from the data for a chart label, where plotly reads tags."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "&#37;{")


def _around(known: list[float], ticks: tuple[int, ...]) -> list[float]:
    marks = [-float(t) for t in reversed(ticks)] + [0.0] + [float(t) for t in ticks]
    first = max((i for i, mark in enumerate(marks[:-1]) if mark <= min(known)), default=0)
    last = min((i for i, mark in enumerate(marks) if mark >= max(known)), default=len(marks) - 1)
    return marks[first : max(last, first + 1) + 1]


def _three_digits(number: float) -> str:
    if number >= 100:
        return f"{number:,.0f}"
    text = f"{number:.1f}" if number >= 10 else f"{number:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(number: float, decimals: int) -> str:
    text = f"{abs(number):,.{decimals}f}"
    is_zero = not text.strip("0.,")
    return text if number >= 0 or is_zero else f"-{text}"


def _is_missing(number: Any) -> bool:
    return number is None or (isinstance(number, float) and math.isnan(number))
