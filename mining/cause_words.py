"""Words for what an analyst reads of causes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
# What a value of an attribute is introduced by.
_BEFORE = {
    "facility": "at",
    "feed": "from feed",
    "supplier": "from supplier",
    "abc_class": "items of class",
    "shift": "in shift",
    "operator_pool": "by crew",
}
# The same for all values but some, where "not" before it would read badly.
_BEFORE_OTHERS = {"shift": "in a shift other than", "abc_class": "items not of class"}

# What a value of an attribute is called where it stands alone.
_CALLED = {
    "facility": "Facility",
    "feed": "Feed",
    "supplier": "Supplier",
    "abc_class": "Class",
    "shift": "Shift",
    "operator_pool": "Crew",
}


def label(attribute: str, value: str) -> str:
    """A value of an attribute as it stands alone: `Shift late`, `Mondays`, `07:00 to 08:00`."""
    if attribute == "weekday":
        return _DAYS[int(value) - 1]
    if attribute == "hour":
        return f"{value}:00 to {int(value) + 1:02d}:00"
    return f"{_CALLED[attribute]} {value}"


@dataclass
class Condition:
    """What is known of one attribute: its value, or values that it is not, or of weekday and hour a range.

    `since` is exclusive and `until` inclusive: an hour since 9 until 11 is 10:00 to 11:59.
    """

    attribute: str
    is_value: str | None = None
    not_values: list[str] = field(default_factory=list)
    since: int = -1
    until: int = 99

    @property
    def words(self) -> str:
        """The condition as part of a sentence."""
        if self.attribute == "weekday":
            return _weekdays(max(self.since + 1, 1), min(self.until, 7))
        if self.attribute == "hour":
            return _hours(self.since + 1, min(self.until, 23))
        before = _BEFORE[self.attribute]
        if self.is_value is not None:
            return f"{before} {self.is_value}"
        before_others = _BEFORE_OTHERS.get(self.attribute, f"not {before}")
        return f"{before_others} {' or '.join(sorted(self.not_values))}"


def in_words(conditions: Sequence[Condition]) -> str:
    """Several conditions as the beginning of a sentence."""
    words = ", ".join(condition.words for condition in conditions)
    return words[:1].upper() + words[1:]


def sentence(words: str, hits: int, units: int, other_hits: int, others: int, kind: str) -> str:
    """A share in a sentence, such as "At DC1, in shift late: 34 % of 412 cases, 6 % elsewhere."."""
    return f"{words}: {percent(hits, units)} of {units:,} {kind}, {percent(other_hits, others)} elsewhere."


def percent(part: int, whole: int) -> str:
    """A share in words, with at least two digits that count."""
    share = 100 * part / whole
    if share == 0 or share >= 9.95:
        return f"{share:.0f} %"
    decimals = 1 - math.floor(math.log10(share))
    return f"{share:.{decimals}f} %"


def _weekdays(first: int, last: int) -> str:
    days = _DAYS[first - 1 : last]
    if len(days) == 1:
        return f"on {days[0]}"
    return f"on {days[0]} {'and' if len(days) == 2 else 'to'} {days[-1]}"


def _hours(first: int, last: int) -> str:
    if last >= 23:
        return f"from {first:02d}:00"
    if first <= 0:
        return f"before {last + 1:02d}:00"
    return f"from {first:02d}:00 to {last + 1:02d}:00"
