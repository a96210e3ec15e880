"""Where a mapped feed takes its canonical columns from, as `dockledger.yaml` or a profile says it."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

NAMED = re.compile(r"\{([^{}]+)\}")


class Taken(BaseModel):
    """A value made of columns of the file in one of four ways.

    Attributes:
        joined: columns, joined by a blank; empty ones are left out.
        text: a text with `{column}` in it; nothing where one of them is empty.
        before, of: what stands in column `of` before the first of these letters; all of it where there is none.
        minus: a column whose number gets the other sign.
    """

    model_config = ConfigDict(extra="forbid")
    joined: list[str] = []
    text: str = ""
    before: str = ""
    of: str = ""
    minus: str = ""

    @model_validator(mode="after")
    def _is_one_way(self) -> "Taken":
        ways = [bool(self.joined), bool(self.text), bool(self.before), bool(self.minus)]
        if sum(ways) != 1 or bool(self.before) != bool(self.of):
            raise ValueError("it must be a column, a list of columns, or one of text, before with of, minus")
        return self

    @property
    def columns(self) -> list[str]:
        """The columns of the file that the value is made of."""
        return [*self.joined, *NAMED.findall(self.text), *([self.of] if self.of else []), *filter(None, [self.minus])]


def _source(value: Any) -> Any:
    """Turns what YAML gives into a column name or a Taken."""
    if isinstance(value, str | Taken):
        return value
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return Taken(joined=value)
    if isinstance(value, dict):
        unknown = sorted(set(value) - set(Taken.model_fields))
        if not unknown and all(isinstance(part, str | list) for part in value.values()):
            return Taken.model_validate(value)
    raise ValueError("it must be a column, a list of columns, or one of text, before with of, minus")


def _word(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _words(value: Any) -> Any:
    return [_word(word) for word in (value if isinstance(value, list) else [value])]


Source = Annotated[str | Taken, BeforeValidator(_source)]
Word = Annotated[str, BeforeValidator(_word)]
Words = Annotated[list[str], BeforeValidator(_words), Field(min_length=1)]
TwoSources = Annotated[list[Source], Field(min_length=2, max_length=2)]


def source_columns(source: str | Taken) -> list[str]:
    """The columns of the file that a source reads."""
    return [source] if isinstance(source, str) else source.columns


class RowTemplate(BaseModel):
    """A canonical row that a row of the file gives where all its conditions hold.

    Attributes:
        when: columns of the file and the words of which they must hold one; '' is an empty field.
        unless: columns of the file and the words of which they may hold none.
        same, differ: two sources that must give the same text, or different ones.
        columns, values: what it takes beside, or instead of, the feed's own.
    """

    model_config = ConfigDict(extra="forbid")
    when: dict[str, Words] = {}
    unless: dict[str, Words] = {}
    same: TwoSources | None = None
    differ: TwoSources | None = None
    columns: dict[str, Source] = {}
    values: dict[str, Word] = {}

    def condition_columns(self) -> list[str]:
        """The columns of the file that its conditions read."""
        compared = [*(self.same or []), *(self.differ or [])]
        return list(
            dict.fromkeys([*self.when, *self.unless, *(c for source in compared for c in source_columns(source))])
        )
