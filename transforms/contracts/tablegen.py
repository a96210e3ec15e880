"""SQL generated from a contract over whole tables: repeated deliveries, the canonical rows, audits."""

from transforms.contracts.base import QUANTITY_SQL, SQL_TYPE, Contract
from transforms.contracts.sqlgen import KEY_JOINT, REFUSED_VALUE, UNKNOWN, bound_conditions, literal

# The column by which a delivery takes its row back: whatever was or will be delivered of its key counts no more.
WITHDRAWN = "withdrawn_at"
# By these a row is known from then on: a later state, or a declaration, is not seen before it was made.
KNOWN_FROM = ("ingested_at", "last_changed_at", WITHDRAWN)


def content_hash_sql(contract: Contract) -> str:
    """An expression: md5 over the canonical values, the same on every engine. NULL and empty differ."""
    parts = []
    for column in contract.content_columns():
        text = f"epoch_us({column})" if contract.kind(column) == "instant" else column
        parts.append(f"coalesce(CAST({text} AS VARCHAR), '\\N')")
    return f"md5(concat_ws('{KEY_JOINT}', {', '.join(parts)}))"


def union_sql(contract: Contract, landed: list[tuple[str, str]], chosen: str = "") -> str:
    """A SELECT over the landing tables of all feeds of one canonical table.

    Args:
        landed: (feed, qualified landing table) pairs.
        chosen: a table of (feed, landed_row) whose rows alone are wanted; empty: all.
    """
    columns = ", ".join(contract.columns)
    content_hash = f"{content_hash_sql(contract)} AS content_hash"
    extra = f"file, row_number, time_flags, reason, detail, raw, is_superseded, {content_hash}"
    only = " WHERE rowid IN (SELECT landed_row FROM {chosen} WHERE feed = {feed})" if chosen else ""
    selects = [
        f"SELECT {columns}, {literal(feed)} AS feed, rowid AS landed_row, {extra} FROM {table}"
        + only.format(chosen=chosen, feed=literal(feed))
        for feed, table in landed
    ]
    if not selects:
        nulls = ", ".join(f"CAST(NULL AS {SQL_TYPE[contract.kind(c)]}) AS {c}" for c in contract.columns)
        texts = ", ".join(
            f"CAST(NULL AS VARCHAR) AS {c}" for c in ("feed", "file", "time_flags", "reason", "detail", "raw")
        )
        return (
            f"SELECT {nulls}, {texts}, CAST(NULL AS BIGINT) AS landed_row, CAST(NULL AS BIGINT) AS row_number, "
            "CAST(NULL AS VARCHAR) AS content_hash, FALSE AS is_superseded WHERE FALSE"
        )
    return "\nUNION ALL\n".join(selects)


def accepted_sql(contract: Contract) -> str:
    """A SELECT over `landing.<name>`: place and clocks of every accepted row, in one shape for all tables."""
    # What was changed since it happened, as a line of an order, is as new as its latest change.
    happened = ("last_changed_at", contract.clock)
    times = {"happened_at": happened, "recorded_at": ("recorded_at",), "ingested_at": ("ingested_at",)}
    clocks = [
        f"coalesce({', '.join([*(c for c in given if c in contract.columns), 'CAST(NULL AS TIMESTAMPTZ)'])}) AS {name}"
        for name, given in times.items()
    ]
    facility = "facility_id" if "facility_id" in contract.columns else "CAST(NULL AS VARCHAR) AS facility_id"
    selected = ", ".join(
        [f"{literal(contract.name)} AS table_name", "feed", "file", "landed_row", "row_number", facility, *clocks]
    )
    return f"SELECT {selected} FROM landing.{contract.name} WHERE reason IS NULL"


def refused_sql(contract: Contract) -> str:
    """A SELECT over `landing.<name>`: every refused row with what could be read of it, in one shape for all tables.

    `record_id` is the first column of its key, `refused_value` the code that is not known, of at most 200 characters;
    NULL where it was refused for another reason.
    """
    typed = {
        "record_id": contract.key[0], "facility_id": "facility_id", "item_id": "item_id", "quantity": "quantity",
        "happened_at": contract.clock, "ingested_at": "ingested_at",
    }  # fmt: skip
    types = {"quantity": QUANTITY_SQL, "happened_at": "TIMESTAMPTZ", "ingested_at": "TIMESTAMPTZ"}
    columns = [
        f"{source} AS {name}" if source in contract.columns else f"CAST(NULL AS {types.get(name, 'VARCHAR')}) AS {name}"
        for name, source in typed.items()
    ]
    told = f"regexp_extract(detail, {literal(REFUSED_VALUE)}, 1)"
    unknown = ", ".join(literal(reason) for reason in UNKNOWN.values())
    columns.append(f"CASE WHEN reason IN ({unknown}) THEN {told} END AS refused_value")
    lineage = f"feed, {literal(contract.name)} AS table_name, file, landed_row, row_number, reason, detail, raw"
    return f"SELECT {lineage}, {', '.join(columns)} FROM landing.{contract.name} WHERE reason IS NOT NULL"


def deliveries_sql(contract: Contract, as_of: str, source: str = "") -> str:
    """A SELECT over `landing.<name>`: the rows whose key was delivered more than once, and which one is used.

    Args:
        as_of: SQL of the evaluation instant.
        source: a table with the columns of `landing.<name>` and all rows of some keys, to be read instead.

    Columns: the key, feed, file, landed_row, content_hash, `is_visible` (delivered up to as_of), `copy_no` (1 for the
    first delivery of a content, what is visible before the rest), `visible_copies_count`
    (deliveries of this content up to as_of), `contents_count`, `is_used`.
    """
    key = ", ".join(contract.key)
    same = contract.same_key("l", "k")
    source = source or f"landing.{contract.name}"
    visible = _visible(contract, as_of)
    versions = [c for c in (WITHDRAWN, *contract.version_order) if c in contract.columns]
    lineage = ("feed", "file", "row_number", "landed_row", "content_hash")
    named = ", ".join(f"l.{c}" for c in (*contract.key, *lineage, *versions))
    newest = "".join(_newest_first(contract, c, as_of) for c in versions)
    # Repeated keys are found first, by the key alone; whole rows are hashed and ordered only where that is needed.
    return f"""WITH repeated_key AS (
    SELECT {key} FROM {source} WHERE reason IS NULL GROUP BY {key} HAVING count(*) > 1
), delivery AS (
    SELECT {named}, {visible} AS is_visible
    FROM {source} l
    JOIN repeated_key k ON {same}
    WHERE l.reason IS NULL
)
SELECT {key}, feed, file, landed_row, content_hash, is_visible,
    row_number() OVER (
        PARTITION BY {key}, content_hash ORDER BY is_visible DESC, feed, file, row_number, landed_row
    ) AS copy_no,
    count(*) FILTER (WHERE is_visible) OVER (PARTITION BY {key}, content_hash) AS visible_copies_count,
    is_visible AND row_number() OVER (
        PARTITION BY {key}
        ORDER BY is_visible DESC, {newest}content_hash DESC, feed, file, row_number, landed_row
    ) = 1 AS is_used
FROM delivery"""


def _newest_first(contract: Contract, column: str, as_of: str) -> str:
    """Terms of an order: the highest version first; one of an instant after as_of is not yet known, and last."""
    later = f"coalesce({column} > {as_of}, FALSE), " if contract.kind(column) == "instant" else ""
    return f"{later}{column} DESC NULLS LAST, "


def _visible(contract: Contract, as_of: str) -> str:
    """True of rows that had been delivered up to as_of, and of declarations made up to then."""
    known = [f"(l.{c} IS NULL OR l.{c} <= {as_of})" for c in KNOWN_FROM if c in contract.columns]
    return " AND ".join(known) or "TRUE"


def canonical_sql(contract: Contract, as_of: str, source: str = "") -> str:
    """A SELECT: the accepted rows, each key once, of what had happened and was delivered up to `as_of`.

    Args:
        as_of: SQL of the evaluation instant; a literal, since planners misjudge a comparison with a table's value.
        source: a table with the columns of `landing.<name>`, to be read instead of that.
    """
    columns = ", ".join(f"l.{c}" for c in contract.columns)
    standing = f" AND l.{WITHDRAWN} IS NULL" if WITHDRAWN in contract.columns else ""
    happened = f"l.{contract.clock} <= {as_of}"
    if contract.clock not in contract.required:
        unstated = f"l.{contract.clock} IS NULL"
        if contract.day:  # where neither it nor as_of is known, the row is inside
            unstated += f" AND coalesce(l.{contract.day} <= local_day({as_of}, 'UTC'), TRUE)"
        happened = f"({unstated} OR {happened})"
    return f"""SELECT {columns}, l.feed, l.file, l.landed_row, l.row_number, l.time_flags, l.content_hash
FROM {source or f"landing.{contract.name}"} l
WHERE l.reason IS NULL AND NOT l.is_superseded{standing}
  AND {happened} AND {_visible(contract, as_of)}"""


def supersede_sql(contract: Contract, feed: str, table: str) -> str:
    """An UPDATE that marks the rows of one landing table that another delivery of their key replaces.

    Marking the few rows once spares every reader of the canonical view a join that planners misjudge.
    """
    replaced = f"SELECT landed_row FROM canonical.{contract.name}_delivery WHERE feed = {literal(feed)} AND NOT is_used"
    return f"UPDATE {table} SET is_superseded = TRUE WHERE rowid IN ({replaced})"


def audit_sql(contract: Contract, table: str) -> str:
    """One scan that counts what breaks the contract: a row of (check, broken_count) per check, as columns."""
    key = ", ".join(contract.key)
    counts = [f"count(*) - count({c}) AS {c}_is_missing" for c in contract.required]
    for column in contract.columns:
        for number, (when, _words) in enumerate(bound_conditions(contract, column), 1):
            counts.append(f"count(*) FILTER (WHERE {when}) AS {column}_bound_{number}")
    unique = f"(SELECT count(*) FROM (SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1)) AS key_is_repeated"
    return f"SELECT {', '.join([*counts, unique])} FROM {table}"
