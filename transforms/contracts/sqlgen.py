"""SQL generated from a contract: typing and judging delivered rows.

Big tables are validated by one scan with this SQL, small frames by pandera; both read the same schema, and a
test holds the two together.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from transforms.contracts import reading
from transforms.contracts.base import FIRST_INSTANT, LAST_INSTANT, SQL_TYPE, Contract
from transforms.contracts.reading import Given, literal

__all__ = ["KEY_JOINT", "Given", "bound_conditions", "landing_sql", "literal"]

# The closed list of reasons for which a row is quarantined.
SCHEMA_VIOLATION = "schema violation"
NAIVE_TIME = "naive time"
IMPOSSIBLE_TIME = "impossible time"
NON_NUMERIC = "non-numeric quantity"
MISSING_LOT = "missing lot"
DROPPED = "dropped by correction"
UNKNOWN = {
    "event_type": "unknown event type",
    "facility": "unknown facility",
    "item": "unknown item",
    "uom": "unknown unit",
    "status": "unknown status",
}

# How the detail of a row with an unknown code states it: see _unknown and _item_problems.
REFUSED_VALUE = r"(?s)^\w+ '(.*)' (?:is not known|cannot be converted)"

# Joins the parts of a key that is looked up; no code holds it.
KEY_JOINT = "\x1f"


def _lines(parts: Iterable[str], joint: str = ",\n    ") -> str:
    return joint.join(parts)


def landing_sql(contract: Contract, scan: str, given: Given) -> str:
    """One SELECT: every delivered row typed, with `reason` and `detail` where it is refused.

    Codes are looked up by LEFT JOINs of the small tables `lookup_*`, whose `code` is unique; a planner that keeps the
    right side of a join as the side to build from never copies the wide one.

    Args:
        scan: a SELECT of the delivered columns, `file` and `row_number`.

    Returns columns: the contract's, `file`, `row_number`, `time_flags`, `raw_*` beside mapped values, `reason`,
    `detail`, `raw` (JSON, refused rows only), `is_superseded` (FALSE).
    """
    problems = _problems(contract, given)
    delivered = [f"{reading.delivered(c, given)} AS r_{c}" for c in given.columns]
    delivered += [f"{reading.delivered(c, given, 'delivered_')} AS delivered_{c}" for c in given.corrected]
    delivered += ["drop_reason"] if given.has_drops else []
    typed = [f"{_typed(contract, c, given)} AS {c}" for c in contract.columns]
    raw = [f"{_raw(c, given)} AS raw_{c}" for c in _raw_columns(contract, given)]
    numbered = "CASE " + " ".join(f"WHEN {p.when} THEN {n}" for n, p in enumerate(problems, 1)) + " END"
    reasons = (
        "CASE problem " + " ".join(f"WHEN {n} THEN {literal(p.reason)}" for n, p in enumerate(problems, 1)) + " END"
    )
    details = "CASE problem " + " ".join(f"WHEN {n} THEN {p.detail}" for n, p in enumerate(problems, 1)) + " END"
    as_object = ", ".join(f"{c} := {reading.text_before_correction(c, given)}" for c in given.columns)
    return f"""WITH delivered AS (
    SELECT {_lines(delivered)},
    o.file, s.row_number
    FROM ({scan}) s JOIN lookup_file o ON o.code = s.file
), coded AS (
    {_coded(contract, given)}
), itemised AS (
    {_itemised(contract, given)}
), measured AS (
    {_measured(contract, given)}
), typed AS (
    SELECT {_lines(typed)},
    {_time_flags(contract, given)} AS time_flags,
    *
    FROM measured
), judged AS (
    SELECT *, {numbered} AS problem FROM typed
)
SELECT {_lines([*contract.columns, "file", "row_number", "time_flags", *raw])},
    {reasons} AS reason,
    {details} AS detail,
    CASE WHEN problem IS NOT NULL THEN CAST(to_json(struct_pack({as_object})) AS VARCHAR) END AS raw,
    FALSE AS is_superseded
FROM judged"""


def _raw_columns(contract: Contract, given: Given) -> list[str]:
    if not given.is_mapped:
        return []
    # An instant that states its zone, and a quantity or price that is not converted, lose nothing when they are typed.
    is_converted = given.has_conversions or given.has_units
    changed = {"instant"} if given.zone else set()
    changed |= {"quantity"} if is_converted else set()
    return [
        c
        for c in contract.columns
        if contract.refers(c) or contract.kind(c) in changed or (is_converted and contract.is_per_unit(c))
    ]


def _raw(column: str, given: Given) -> str:
    return reading.text_before_correction(column, given) if column in given.columns else "CAST(NULL AS VARCHAR)"


def _has(column: str, contract: Contract, given: Given) -> bool:
    return column in given.columns and column in contract.columns


def _looked_up(source: str, columns: list[str], joins: list[str]) -> str:
    """A SELECT of all columns of `source` and some more, which may come from tables joined to it."""
    return f"SELECT {', '.join([f'{source}.*', *columns])} FROM {' LEFT JOIN '.join([source, *joins])}"


def _coded(contract: Contract, given: Given) -> str:
    """Canonical values of coded columns."""
    own = literal(given.facility)
    columns, joins = [f"CAST({own} AS VARCHAR) AS m_facility_id"], []
    if _has("facility_id", contract, given):
        columns = [f"CASE WHEN r_facility_id IS NULL THEN {own} ELSE f.facility_id END AS m_facility_id"]
        joins.append("lookup_facility f ON f.code = r_facility_id")
    if _has("partner_facility_id", contract, given):
        columns.append("coalesce(p.facility_id, r_partner_facility_id) AS m_partner_facility_id")
        joins.append("lookup_facility p ON p.code = r_partner_facility_id")
    if _has("event_type", contract, given):
        columns.append("e.event_type AS m_event_type")
        joins.append("lookup_event_type e ON e.code = r_event_type")
    if _has("posting_type", contract, given) and given.maps_postings:
        other = "" if given.types_postings else ", r_posting_type"
        columns.append(f"coalesce(t.event_type{other}) AS m_posting_type")
        joins.append("lookup_event_type t ON t.code = r_posting_type")
    for column in (c for c in ("from_status", "to_status") if _has(c, contract, given)):
        columns.append(f"{column}_code.status AS m_{column}")
        joins.append(f"lookup_status {column}_code ON {column}_code.code = r_{column}")
    return _looked_up("delivered", columns, joins)


def _itemised(contract: Contract, given: Given) -> str:
    """Columns that depend on the facility."""
    columns, joins = [], []
    if given.zone == "facility_zone":
        columns.append("z.timezone AS facility_zone, z.change_mask AS facility_change_mask")
        joins.append("lookup_facility z ON z.code = m_facility_id")
    if given.zone:
        columns.extend(f"{reading.naive_time(c, given)} AS n_{c}" for c in _naive_columns(contract, given))
    if _has("item_id", contract, given):
        code = "r_item_id"
        if given.has_aliases:
            code = "coalesce(a.alias, r_item_id)"
            joins.append(f"lookup_alias a ON a.code = m_facility_id || '{KEY_JOINT}' || r_item_id")
        columns.append(f"{code} AS {'item_code' if given.has_items else 'm_item_id'}")
    return _looked_up("coded", columns, joins)


def _measured(contract: Contract, given: Given) -> str:
    """Columns that depend on the item."""
    columns, joins, item = [], [], "m_item_id"
    if _has("item_id", contract, given) and given.has_items:
        columns.append("i.item_id AS m_item_id, i.base_uom, i.lot_tracked")
        joins.append("lookup_item i ON i.code = item_code")
        item = "i.item_id"
    if _has("item_id", contract, given) and _has("uom", contract, given) and given.has_conversions:
        columns.append("c.factor")
        joins.append(f"lookup_conversion c ON c.code = {item} || '{KEY_JOINT}' || r_uom")
    if _has_units(contract, given):
        columns.append("u.ratio")
        joins.append(f"lookup_unit u ON u.code = i.base_uom || '{KEY_JOINT}' || r_uom")
    return _looked_up("itemised", columns, joins)


def _typed(contract: Contract, column: str, given: Given) -> str:
    kind, sql_type = contract.kind(column), SQL_TYPE[contract.kind(column)]
    mapped = {"facility", "partner", "event_type", "status", "item"}
    mapped |= {"posting_type"} if given.maps_postings else set()
    if column == "facility_id":
        return "m_facility_id"
    if column not in given.columns or contract.refers(column) in mapped:
        return f"m_{column}" if column in given.columns else f"CAST(NULL AS {sql_type})"
    if kind == "instant":
        return _instant(column, given)
    if kind in ("text", "date"):
        return f"r_{column}" if kind == "text" else reading.day(column, given)
    plain = reading.whole_number(column, given) if kind == "integer" else reading.number(column, given)
    value = f"TRY_CAST({plain} AS {sql_type})"
    if kind == "quantity":
        return _converted(value, "*", contract, given)
    return _converted(value, "/", contract, given) if contract.is_per_unit(column) else value


def _converted(value: str, operator: str, contract: Contract, given: Given) -> str:
    """A value brought to the base unit of its item: an item's own factor goes before a fixed ratio of units.

    Args:
        operator: `*` for a quantity, `/` for a price of one unit.
    """
    if not _has("uom", contract, given) or not _has("item_id", contract, given):
        return value
    sql_type = SQL_TYPE["quantity"]
    factors = ["factor"] if given.has_conversions else []
    factors += ["ratio"] if _has_units(contract, given) else []
    products = " ".join(f"WHEN {f} IS NOT NULL THEN TRY_CAST({value} {operator} {f} AS {sql_type})" for f in factors)
    return f"CASE {products} ELSE {value} END" if factors else value


def _has_units(contract: Contract, given: Given) -> bool:
    """Whether codes of units are translated: those of the feed are of a standard, and items say their base unit."""
    is_known = _has("item_id", contract, given) and _has("uom", contract, given)
    return given.has_units and given.has_items and is_known


def _naive_columns(contract: Contract, given: Given) -> list[str]:
    """Columns that may state a local time."""
    instants = (c for c in contract.of_kind("instant") if c in given.columns)
    return [c for c in instants if reading.naive_time(c, given)]


def _instant(column: str, given: Given) -> str:
    stated = reading.stated_instant(column, given)
    if not given.zone or not reading.naive_time(column, given):
        return stated
    careful = f"WHEN {_is_change_day(column, given)} THEN {given.fold}_instant(n_{column}, {given.zone})"
    plain = f"timezone({given.zone}, n_{column})"
    return f"CASE WHEN n_{column} IS NULL THEN {stated} {careful} ELSE {plain} END"


def _is_change_day(column: str, given: Given) -> str:
    """True where a local time may occur twice or not at all: the costly questions are asked on those days only."""
    return f"is_marked_day({given.change_mask}, n_{column})"


def _time_flags(contract: Contract, given: Given) -> str:
    flags = []
    for column in _naive_columns(contract, given) if given.zone else []:
        for word, test in (("ambiguous", "is_fold_time"), ("nonexistent", "is_gap_time")):
            asked = f"{_is_change_day(column, given)} AND {test}(n_{column}, {given.zone})"
            flags.append(f"CASE WHEN n_{column} IS NULL THEN NULL WHEN {asked} THEN '{column} {word}' END")
    return f"nullif(concat_ws('; ', {', '.join(flags)}), '')" if flags else "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True)
class _Problem:
    when: str
    reason: str
    detail: str


# What an unknown code may be by its looks where a feed names things by keys of GS1: shape and name.
_KEYS = {"item": (r"\d{14}", "GTIN"), "facility": (r"\d{13}", "GLN")}


def _unknown(column: str, refers: str, given: Given) -> _Problem:
    """A code that is not known; a key of GS1 whose check digit is wrong is told so."""
    detail = _quoted(column, given, "is not known")
    if given.has_gs1_codes and refers in _KEYS:
        shape, name = _KEYS[refers]
        is_wrong = f"regexp_full_match(r_{column}, {literal(shape)}) AND NOT has_check_digit(r_{column})"
        detail = f"concat({detail}, CASE WHEN {is_wrong} THEN '; as a {name} its check digit is wrong' ELSE '' END)"
    return _Problem(f"r_{column} IS NOT NULL AND m_{column} IS NULL", UNKNOWN[refers], detail)


def _quoted(column: str, given: Given, words: str) -> str:
    return f"concat('{column} ''', left({reading.text(column, given)}, 200), ''' {words}')"


def _problems(contract: Contract, given: Given) -> list[_Problem]:
    """What can be wrong with a row, the first that holds is its reason."""
    found = [_Problem("drop_reason IS NOT NULL", DROPPED, "drop_reason")] if given.has_drops else []
    found += [_empty(column, given) for column in contract.required]
    # Facilities first: without its facility a local time has no zone, and would be called impossible.
    for column in sorted(contract.columns, key=lambda c: contract.refers(c) != "facility"):
        if column not in given.columns:
            continue
        refers = contract.refers(column)
        refers = "event_type" if refers == "posting_type" and given.types_postings else refers
        if refers in ("event_type", "facility", "status") or (refers == "item" and given.has_items):
            found.append(_unknown(column, str(refers), given))
        if contract.kind(column) == "instant":
            found.extend(_time_problems(contract, column, given))
        elif contract.kind(column) != "text":
            reason = NON_NUMERIC if contract.kind(column) == "quantity" else SCHEMA_VIOLATION
            text = (
                "is not a number that can be kept"
                if contract.kind(column) in ("quantity", "amount")
                else "has the wrong type"
            )
            found.append(_Problem(f"r_{column} IS NOT NULL AND {column} IS NULL", reason, _quoted(column, given, text)))
        found.extend(_bound_problems(contract, column, given))
    return [*found, *_item_problems(contract, given)]


def _empty(column: str, given: Given) -> _Problem:
    value = "m_facility_id" if column == "facility_id" and column not in given.columns else f"r_{column}"
    if column == "facility_id" and column in given.columns and given.facility:
        value = "coalesce(r_facility_id, m_facility_id)"
    return _Problem(f"{value} IS NULL", SCHEMA_VIOLATION, literal(f"{column} is empty"))


def _time_problems(contract: Contract, column: str, given: Given) -> list[_Problem]:
    raw = f"r_{column}"
    unread = f"{raw} IS NOT NULL AND {column} IS NULL"
    problems = []
    local = reading.naive_time(column, given)
    if given.zone is None and local:
        naive = f"{unread} AND {local} IS NOT NULL"
        text = f"states no time zone and feed {given.feed} declares no system_timezone"
        problems.append(_Problem(naive, NAIVE_TIME, _quoted(column, given, text)))
    elif given.zone == "facility_zone" and local and "facility_id" not in contract.required:
        naive = f"facility_zone IS NULL AND {unread} AND {local} IS NOT NULL"
        text = "states no time zone and the row names no facility whose zone it could be"
        problems.append(_Problem(naive, NAIVE_TIME, _quoted(column, given, text)))
    timelike = f"{unread} AND {reading.looks_like_time(column, given)}"
    problems.append(_Problem(timelike, IMPOSSIBLE_TIME, _quoted(column, given, "is not a possible time")))
    problems.append(_Problem(unread, SCHEMA_VIOLATION, _quoted(column, given, "is not a time")))
    first, last = (
        f"TIMESTAMPTZ '{FIRST_INSTANT:%Y-%m-%d} 00:00:00+00'",
        f"TIMESTAMPTZ '{LAST_INSTANT:%Y-%m-%d} 00:00:00+00'",
    )
    outside = f"{column} < {first} OR {column} >= {last}"
    problems.append(
        _Problem(
            outside, IMPOSSIBLE_TIME, _quoted(column, given, f"is outside {FIRST_INSTANT.year} to {LAST_INSTANT.year}")
        )
    )
    return problems


def bound_conditions(contract: Contract, column: str) -> list[tuple[str, str]]:
    """The pandera checks of a column as (SQL that is true where it is broken, words)."""
    conditions = []
    for check in contract.schema.columns[column].checks:
        numbers = check.statistics or {}
        if check.name == "greater_than_or_equal_to":
            conditions.append((f"{column} < {numbers['min_value']}", f"is below {numbers['min_value']}"))
        elif check.name == "greater_than":
            conditions.append((f"{column} <= {numbers['min_value']}", f"is not above {numbers['min_value']}"))
        elif check.name == "isin":
            allowed = ", ".join(literal(v) for v in numbers["allowed_values"])
            conditions.append((f"{column} NOT IN ({allowed})", f"is not one of {allowed.replace(chr(39), '')}"))
        else:
            raise ValueError(f"{contract.name}.{column}: no SQL is known for the check {check.name}")
    return conditions


def _bound_problems(contract: Contract, column: str, given: Given) -> list[_Problem]:
    return [
        _Problem(when, SCHEMA_VIOLATION, _quoted(column, given, words))
        for when, words in bound_conditions(contract, column)
    ]


def _item_problems(contract: Contract, given: Given) -> list[_Problem]:
    problems: list[_Problem] = []
    if not (given.has_items and _has("item_id", contract, given)):
        return problems
    if _has("uom", contract, given):
        known = "factor IS NULL AND " if given.has_conversions else ""
        known += "ratio IS NULL AND " if given.has_units else ""
        others = ", ".join(literal(code) for code in given.other_units)
        is_other = f"(r_uom <> base_uom OR r_uom IN ({others}))" if others else "r_uom <> base_uom"
        when = f"{known}base_uom IS NOT NULL AND r_uom IS NOT NULL AND {is_other}"
        problems.append(
            _Problem(when, UNKNOWN["uom"], _quoted("uom", given, "cannot be converted to the item''s base unit"))
        )
    if "lot_id" in contract.columns:
        lot = "r_lot_id IS NULL" if "lot_id" in given.columns else "TRUE"
        text = "concat('item ', m_item_id, ' is lot-tracked and the row names no lot')"
        problems.append(_Problem(f"lot_tracked AND r_item_id IS NOT NULL AND {lot}", MISSING_LOT, text))
    return problems
