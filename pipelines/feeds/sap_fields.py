"""The fields of SAP's goods movements that are read, and how a file's titles are told to be them.

A title is a field's technical name, or one of those that lists bear in English or German
(`data/reference/sap_movement_titles.csv`), but for case, blanks and punctuation; the feed's `columns` win.
"""

import csv
from functools import cache

from data import DATA
from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.csv_text import missing_columns
from pipelines.workspace import Feed

# Header fields, which stand in MKPF or beside the item (MATDOC, lists, MSEG of later releases), then those of an item.
HEAD = ("BUDAT", "CPUDT", "CPUTM", "USNAM", "XBLNR")
ITEM = (
    "BWART", "XAUTO", "MATNR", "WERKS", "LGORT", "SHKZG", "MENGE", "MEINS", "ERFMG", "ERFME", "DMBTR", "WAERS", "EBELN",
    "EBELP", "AUFNR", "VBELN_IM", "VBELP_IM", "SJAHR", "SMBLN", "SMBLP", "UMWRK", "UMLGO", "BUKRS", "RECORD_TYPE",
)  # fmt: skip
KEY = ("MJAHR", "MBLNR", "ZEILE")
FIELDS = (*KEY, *HEAD, *ITEM)
NUMBERS = ("MENGE", "ERFMG", "DMBTR")


def fields_of(file: FeedFile, feed: Feed, header: list[str]) -> dict[str, int]:
    """Field -> its place in the header.

    Errors: UnusableInput where two columns are one field, or one that `columns` names is no field.
    """
    unknown = [field for field in feed.columns if field not in FIELDS]
    if unknown:
        raise UnusableInput(f"feed {feed.name}: columns names {', '.join(unknown)}; known are {', '.join(FIELDS)}")
    stated = {title: field for field, title in feed.columns.items()}
    found: dict[str, int] = {}
    for place, title in enumerate(header):
        field = stated.get(title) or _titles().get(_plain(title))
        if field is None or (field in feed.columns and title not in stated):
            continue
        if field in found:
            first = header[found[field]]
            words = f"columns '{first}' and '{title}' are both {field}; `columns: {{{field}: ...}}` says which"
            raise UnusableInput(words, file=file.name, row=1)
        found[field] = place
    return found


def refuse_incomplete(file: FeedFile, header: list[str], found: dict[str, int]) -> None:
    """Refuses a file that is neither of document headers (MKPF) nor of items.

    Errors: UnusableInput.
    """
    required = ("MJAHR", "MBLNR", "ZEILE", "BWART") if is_of_items(found) else ("MJAHR", "MBLNR", "CPUDT")
    if missing := missing_columns(list(found), list(required)):
        raise UnusableInput(f"{missing}; the header has: {', '.join(header[:30])}", file=file.name, row=1)


def is_of_items(found: dict[str, int]) -> bool:
    """Whether a file holds items: a file of document headers names no line and no movement type."""
    return "ZEILE" in found or "BWART" in found


def _plain(title: str) -> str:
    """A title without case, blanks and punctuation."""
    return "".join(letter for letter in title.casefold() if letter.isalnum())


@cache
def _titles() -> dict[str, str]:
    """Title -> field."""
    with (DATA / "reference" / "sap_movement_titles.csv").open(encoding="utf-8", newline="") as stream:
        known = {_plain(row["title"]): row["field"] for row in csv.DictReader(stream)}
    return {**known, **{_plain(field): field for field in FIELDS}}
