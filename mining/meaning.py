"""What the catalogue says about a table that is made here and not by SQL."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """What the catalogue says about a table that mining makes."""

    title: str
    question: str
    definition: str
