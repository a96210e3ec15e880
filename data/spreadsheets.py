"""Which cells of a CSV a spreadsheet would take for a formula, and how they are written so that it does not.

It stands in this room because the commands and the dashboard both write CSV, and import nothing of each other.
"""

import re

# Patterns that Python and polars read alike. The four wide letters count as the plain ones in some locales.
FORMULA = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
NUMBER = r"^[+\-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+\-]?[0-9]+)?$"
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)


def neutral_text(text: str) -> str:
    """A cell of a CSV, with an apostrophe in front where a spreadsheet would take it for a formula.

    A plain number, negative or not, stays as it is.
    """
    return f"'{text}" if _FORMULA.search(text) and not _NUMBER.fullmatch(text) else text
