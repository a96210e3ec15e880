"""What a mapped feed's `columns` may name, the same for every adapter that reads them."""

from pipelines.errors import UnusableInput
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS


def own_columns(feed: Feed, usual: dict[str, str] | None = None) -> dict[str, str]:
    """Canonical column of the feed's table -> the file's own name for it, in contract order.

    Args:
        usual: names where the feed states none; what is no column of the table is left out.

    Errors: UnusableInput when `columns` names something that is not canonical, or joins several of the file's.
    """
    table = str(feed.table)
    contract = CONTRACTS[table]
    unknown = [c for c in feed.columns if c not in contract.columns]
    if unknown:
        raise UnusableInput(f"feed {feed.name}: columns names {', '.join(unknown)}, which {table} does not have")
    plain = {column: source for column, source in feed.columns.items() if isinstance(source, str)}
    if joined := [column for column in feed.columns if column not in plain]:
        raise UnusableInput(f"feed {feed.name}: `columns` must give {joined[0]} one name; mapped_csv joins several")
    names = {**(usual or {}), **plain}
    return {column: names[column] for column in contract.columns if column in names}


def check_required(feed: Feed, columns: dict[str, str]) -> None:
    """Refuses a feed that leaves a required column without a source: every row would be quarantined.

    Errors: UnusableInput naming the columns.
    """
    required = CONTRACTS[str(feed.table)].required
    missing = [c for c in required if c not in columns and not (c == "facility_id" and feed.facility)]
    if missing:
        also = ", or state `facility`" if "facility_id" in missing else ""
        raise UnusableInput(f"feed {feed.name}: `columns` must say what gives {', '.join(missing)}{also}")
