"""SQL over the columns of a delivered file: values made of them, and the conditions of row templates."""

from collections.abc import Mapping

from pipelines.columns import NAMED, RowTemplate, Taken, source_columns
from transforms.contracts.sqlgen import literal

_DIGIT_FIRST = "^{sign}[0-9.,]"


def is_given(source: str | Taken, columns: Mapping[str, str]) -> bool:
    """Whether a file has what a source reads; of columns that are joined, one is enough."""
    given = [name in columns for name in source_columns(source)]
    return any(given) if isinstance(source, Taken) and source.joined else all(given)


def source_sql(source: str | Taken, columns: Mapping[str, str]) -> str:
    """The value of a source as SQL.

    Args:
        columns: column of the file -> its SQL.
    """
    if isinstance(source, str):
        return columns[source]
    if source.joined:
        parts = ", ".join(_filled(columns[name]) for name in source.joined if name in columns)
        return f"nullif(concat_ws(' ', {parts}), '')"
    if source.text:
        return _text_sql(source.text, columns)
    if source.before:
        return f"split_part(trim({columns[source.of]}), {literal(source.before)}, 1)"
    return _minus_sql(columns[source.minus])


def _filled(column: str) -> str:
    return f"nullif(trim({column}), '')"


def _text_sql(text: str, columns: Mapping[str, str]) -> str:
    """The pieces between the names are literals; NULL where a named column is empty, since `||` is."""
    literals = NAMED.split(text)[::2]
    named = [*(_filled(columns[name]) for name in NAMED.findall(text)), ""]
    parts = [part for piece, column in zip(literals, named, strict=True) for part in (literal(piece), column)]
    return f"({' || '.join(part for part in parts if part not in ('', literal('')))})"


def _minus_sql(column: str) -> str:
    """The other sign of a number as text: what is no number stays none."""
    value = f"trim({column})"
    negative, positive = (literal(_DIGIT_FIRST.format(sign=sign)) for sign in ("-", r"\+"))
    return (
        f"CASE WHEN regexp_matches({value}, {negative}) THEN substr({value}, 2) "
        f"WHEN regexp_matches({value}, {positive}) THEN '-' || substr({value}, 2) "
        f"WHEN {value} <> '' THEN '-' || {value} END"
    )


def condition_sql(template: RowTemplate, columns: Mapping[str, str]) -> str:
    """True where a row of the file gives the row of a template; never NULL."""
    tests = [_is_one_of(columns[name], words) for name, words in template.when.items()]
    tests += [f"NOT {_is_one_of(columns[name], words)}" for name, words in template.unless.items()]
    for pair, operator in ((template.same, "IS NOT DISTINCT FROM"), (template.differ, "IS DISTINCT FROM")):
        if pair:
            tests.append(f" {operator} ".join(f"nullif(trim({source_sql(one, columns)}), '')" for one in pair))
    return " AND ".join(tests) or "TRUE"


def _is_one_of(column: str, words: list[str]) -> str:
    return f"(coalesce(trim({column}), '') IN ({', '.join(literal(word) for word in words)}))"
