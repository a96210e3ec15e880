"""How a delivered value is read: as what it was typed, as ISO text, or in the formats that a feed declares.

Every function gives SQL over `r_<column>`, the delivered value without the blanks around it.
"""

import re
from dataclasses import dataclass, field

ISO = "iso"

# The engine's codes for parts of a time, and what each looks like. No names of zones: CST is three zones.
_PARTS = {
    "%Y": r"\d{4}", "%y": r"\d{2}", "%f": r"\d+", "%z": r"[+-]\d{2}(:?\d{2})?", "%p": "[AaPp][Mm]",
    "%b": r"\pL+", "%B": r"\pL+", "%a": r"\pL+", "%A": r"\pL+",
    **dict.fromkeys(("%m", "%d", "%H", "%I", "%M", "%S", "%-m", "%-d", "%-H", "%-I", "%-M", "%-S"), r"\d{1,2}"),
}  # fmt: skip
_DAY = ({"%Y", "%y"}, {"%m", "%-m", "%b", "%B"}, {"%d", "%-d"})
_HOUR = {"%H", "%-H", "%I", "%-I"}
_CODE = re.compile(r"%-?.?", re.DOTALL)
_ISO_SHAPE = r"\d{4}-\d{2}-\d{2}.*:.*"


@dataclass(frozen=True)
class Formats:
    """How a feed writes times, days and numbers.

    Attributes:
        datetimes: strptime formats of times, tried in order; `iso` stands for ISO 8601.
        dates: the same of days.
        decimal: the decimal sign.
        thousands: the sign between groups of three digits, or '' where digits are not grouped.
        minus: `after` where a minus may also stand behind its number.
    """

    datetimes: tuple[str, ...] = (ISO,)
    dates: tuple[str, ...] = (ISO,)
    decimal: str = "."
    thousands: str = ""
    minus: str = "before"


@dataclass(frozen=True)
class Given:
    """What a feed and its workspace give, and so what a row is judged by.

    Attributes:
        feed: feed name.
        columns: canonical columns that the scan delivers.
        types: the type of those that do not come as text: TIMESTAMP (WITH TIME ZONE) for an instant, DATE for a day, a
            DECIMAL or an integer type for a number.
        formats: how values that come as text are written.
        facility: facility of rows that name none, or None.
        zone: SQL for the zone of naive times (a literal or `facility_zone`), or None: naive times are refused.
        change_mask: SQL for the mask of local days on which that zone changes its offset.
        fold: `earlier` or `later`, for a local time that occurs twice.
        maps_postings: the feed's own words for event types may stand as `posting_type`.
        types_postings: no other words may.
        is_mapped: keep raw values beside.
        has_items, has_aliases, has_conversions: which reference tables the workspace gives.
        corrected: columns of which the scan yields what was delivered, too, as `delivered_<column>`.
        has_drops: the scan yields `drop_reason`: why a correction drops the row, or NULL.
        has_units: codes of units are of a standard and are translated.
        other_units: codes that mean another unit in the feed than in the reference tables.
        has_gs1_codes: items are named by GTIN and facilities by GLN, which have check digits.
    """

    feed: str
    columns: tuple[str, ...]
    types: dict[str, str] = field(default_factory=dict)
    formats: Formats = Formats()
    facility: str | None = None
    zone: str | None = None
    change_mask: str = "NULL"
    fold: str = "earlier"
    maps_postings: bool = False
    types_postings: bool = False
    is_mapped: bool = False
    has_items: bool = False
    has_aliases: bool = False
    has_conversions: bool = False
    corrected: tuple[str, ...] = ()
    has_drops: bool = False
    has_units: bool = False
    other_units: tuple[str, ...] = ()
    has_gs1_codes: bool = False


def literal(value: object) -> str:
    """A SQL string literal, or NULL."""
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def format_problem(text: str, *, has_time: bool) -> str:
    """What is wrong with a format of times or days, in words; nothing where it is fine."""
    codes = [] if text == ISO else _CODE.findall(text)
    named = set(codes)
    is_timed = bool(_HOUR & named)
    unknown = [code for code in codes if code not in _PARTS]
    problems = {
        f"holds {' '.join(unknown)}; known are {' '.join(_PARTS)}": bool(unknown),
        "does not name year, month and day": not all(part & named for part in _DAY),
        "names no hour: a day is no time": has_time and not is_timed,
        "names an hour, which a day does not have": is_timed and not has_time,
        "counts hours to twelve without %p": bool(named & {"%I", "%-I"}) and "%p" not in named,
        f"takes the Z of UTC for a letter; write {ISO} for such times": text.endswith("Z"),
    }
    found = next((words for words, is_wrong in problems.items() if is_wrong), "")
    return f"'{text}' {found}" if found and text != ISO else ""


def shape(text: str) -> str:
    """A regular expression for what looks like a time or day in this format, possible or not."""
    if text == ISO:
        return _ISO_SHAPE
    literals = [re.escape(part) for part in _CODE.split(text)]
    codes = [_PARTS[code] for code in _CODE.findall(text)] + [""]
    return "".join(part for pair in zip(literals, codes, strict=True) for part in pair)


def delivered(column: str, given: Given, prefix: str = "") -> str:
    """The delivered value without blanks around it, for the name `r_<column>`.

    Args:
        prefix: of the scan's name for it.
    """
    return f"{prefix}{column}" if column in given.types else f"stripped({prefix}{column})"


def text(column: str, given: Given) -> str:
    """The value as text."""
    return f"CAST(r_{column} AS VARCHAR)" if column in given.types else f"r_{column}"


def text_before_correction(column: str, given: Given) -> str:
    """The value as text, as it was delivered."""
    if column not in given.corrected:
        return text(column, given)
    return f"CAST(delivered_{column} AS VARCHAR)" if column in given.types else f"delivered_{column}"


def naive_time(column: str, given: Given) -> str | None:
    """The local time that a value states, NULL where it states a zone or no time; None where no value can."""
    kind = given.types.get(column)
    if kind:
        return f"r_{column}" if kind == "TIMESTAMP" else None
    plain = [f for f in given.formats.datetimes if f != ISO and "%z" not in f]
    iso = f"CASE WHEN NOT states_zone(r_{column}) THEN naive_time_of(r_{column}) END"
    return _either([_parsed(column, plain)] if plain else [], [iso] if ISO in given.formats.datetimes else [])


def stated_instant(column: str, given: Given) -> str:
    """The instant that a value states with its zone; of a value that states none, anything."""
    kind = given.types.get(column)
    if kind:
        return f"r_{column}" if kind == "TIMESTAMP WITH TIME ZONE" else "CAST(NULL AS TIMESTAMPTZ)"
    zoned = [f for f in given.formats.datetimes if "%z" in f]
    iso = (
        f"instant_of(r_{column})"
        if given.zone
        else f"CASE WHEN states_zone(r_{column}) THEN instant_of(r_{column}) END"
    )
    found = _either([_parsed(column, zoned)] if zoned else [], [iso] if ISO in given.formats.datetimes else [])
    return found or "CAST(NULL AS TIMESTAMPTZ)"


def looks_like_time(column: str, given: Given) -> str:
    """Whether a value is written like a time, possible or not."""
    shapes = "|".join(f"({shape(f)})" for f in given.formats.datetimes)
    return f"regexp_full_match({text(column, given)}, {literal(shapes)})"


def day(column: str, given: Given) -> str:
    """The day that a value states."""
    iso = f"TRY_CAST(r_{column} AS DATE)"
    own = [f for f in given.formats.dates if f != ISO]
    if column in given.types or not own:
        return iso
    parsed = f"CAST({_parsed(column, own)} AS DATE)"
    return _either([parsed], [iso] if ISO in given.formats.dates else []) or iso


def number(column: str, given: Given) -> str:
    """A number with its digits not grouped and a decimal point, or NULL where it is not written as declared."""
    formats, value = given.formats, f"r_{column}"
    if column in given.types or (formats.decimal, formats.thousands, formats.minus) == (".", "", "before"):
        return value
    group, fraction = re.escape(formats.thousands), re.escape(formats.decimal)
    whole = rf"(\d+|\d{{1,3}}({group}\d{{3}})+)" if formats.thousands else r"\d+"
    plain = f"replace({value}, {literal(formats.thousands)}, '')" if formats.thousands else value
    written, plain = rf"[+-]?{whole}({fraction}\d+)?", f"replace({plain}, {literal(formats.decimal)}, '.')"
    if formats.minus == "after":
        written = rf"{written}|{whole}({fraction}\d+)?-"
        plain = f"CASE WHEN ends_with({plain}, '-') THEN '-' || rtrim({plain}, '-') ELSE {plain} END"
    return f"CASE WHEN regexp_full_match({value}, {literal(written)}) THEN {plain} END"


def whole_number(column: str, given: Given) -> str:
    """A number without a fraction; a cast to an integer would round."""
    value = number(column, given)
    return value if column in given.types else f"CASE WHEN NOT contains({value}, '.') THEN {value} END"


def _parsed(column: str, formats: list[str]) -> str:
    return f"try_strptime(r_{column}, [{', '.join(literal(f) for f in formats)}])"


def _either(first: list[str], second: list[str]) -> str | None:
    found = [*first, *second]
    return f"coalesce({', '.join(found)})" if len(found) > 1 else found[0] if found else None
