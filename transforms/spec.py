"""Reads SQL models: a YAML header in the opening comment, then one SELECT. The registry of all of them.

Nothing is stated twice: a model's name is its file's, its schema its folder's, its inputs are the tables
that its SQL reads.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from transforms.errors import BadModel

SQL_ROOT = Path(__file__).resolve().parent
SCHEMA_OF_FOLDER = {
    "canonical": "canonical",
    "matching": "matching",
    "shared": "shared",
    "process": "process",
    "rules": "rules",
    "metrics": "marts",
}
# Models that are run where published tables are read, over a choice that a reader makes (docs/adr/0026). Their tables
# have no schema; what the choice is stands in two of them.
FILTERED_FOLDER = "filtered"
SELECTION_TABLES = {
    "selection": {
        "side": "VARCHAR",
        "process": "VARCHAR",
        "from_at": "TIMESTAMPTZ",
        "to_at": "TIMESTAMPTZ",
        "time_basis": "VARCHAR",
        "min_duration_s": "DOUBLE",
        "max_duration_s": "DOUBLE",
        "is_open": "BOOLEAN",
    },
    "selection_value": {"side": "VARCHAR", "kind": "VARCHAR", "value": "VARCHAR", "next_value": "VARCHAR"},
}
Direction = Literal["up_is_good", "down_is_good", "neutral"]
Additivity = Literal["additive", "semi_additive", "non_additive"]
Unit = Literal[
    "s",
    "h",
    "ms",
    "units",
    "usd",
    "unit_h",
    "usd_h",
    "ratio",
    "count",
    "instant",
    "date",
    "id",
    "text",
    "boolean",
    "number",
]
UNIT_OF_SUFFIX: tuple[tuple[str, Unit], ...] = (
    ("_ratio", "ratio"),
    ("_count", "count"),
    ("_units", "units"),
    ("_unit_h", "unit_h"),
    ("_usd_h", "usd_h"),
    ("_usd", "usd"),
    ("_at", "instant"),
    ("_time", "instant"),
    ("_date", "date"),
    ("_id", "id"),
    ("_ms", "ms"),
    ("_s", "s"),
    ("_h", "h"),
)
# Comments and texts; a table after FROM or JOIN, but neither a function nor the other side of IS DISTINCT FROM; a name
# given by WITH.
_NO_CODE = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_READ = re.compile(r"(?<!\bDISTINCT )\b(?:FROM|JOIN)\s+([a-z_]\w*(?:\.[a-z_]\w*)?)\b(?!\s*\()", re.IGNORECASE)
_CTE = re.compile(r"(?:\bWITH(?:\s+RECURSIVE)?|\)\s*,)\s+([a-z_]\w*)\s+AS\s*\(", re.IGNORECASE)
_FIGURES: tuple[Unit, ...] = ("s", "h", "ms", "ratio", "units", "usd", "count")


class Column(BaseModel):
    """One column of a model: unit, meaning and what a value may be."""

    model_config = ConfigDict(extra="forbid")
    unit: Unit
    description: str
    nullable: bool = False
    min: float | None = None
    max: float | None = None


class Header(BaseModel):
    """What the SQL of a model cannot say.

    `formula` is the definition as an equation of column names; `headline` names the column that carries the figure,
    the first measured one where it is left out.
    """

    model_config = ConfigDict(extra="forbid")
    title: str
    question: str
    definition: str
    formula: str | None = None
    headline: str | None = None
    edge_rules: list[str] = []
    not_to_be_confused_with: str | None = None
    source: str
    owner: str
    grain: list[str]
    columns: dict[str, Column]
    direction: Direction = "neutral"
    additivity: Additivity = "non_additive"
    version: int = Field(default=1, ge=1)
    severity: Literal["low", "medium", "high", "critical"] | None = None
    sla: Literal["posting", "transfer", "acknowledgement"] | int | None = None
    queue: str | None = None
    cause: str | None = None
    rounds: bool = False
    storage: Literal["table", "view"] = "table"

    @property
    def figure(self) -> str | None:
        """The column that carries the figure; None for a list of things, and for a rule, whose rows are counted."""
        if self.severity is not None:
            return None
        return self.headline or next((name for name, c in self.columns.items() if c.unit in _FIGURES), None)

    @property
    def unit(self) -> Unit:
        """The unit of the figure; `text` for a list of things, `count` for a rule."""
        if self.severity is not None:
            return "count"
        return self.columns[self.figure].unit if self.figure else "text"


@dataclass(frozen=True)
class Model:
    """One SQL model.

    Attributes:
        name: the file's name without `.sql`.
        folder: the folder below `transforms/`.
        header: what the opening comment says.
        sql: one SELECT statement.
        sql_line: the line of the file on which it begins.
    """

    name: str
    folder: str
    header: Header
    sql: str
    sql_line: int = 1

    @property
    def file(self) -> str:
        """Where it stands, for messages."""
        return f"{SQL_ROOT.name}/{self.folder}/{self.name}.sql"

    @property
    def table(self) -> str:
        """The qualified name of the table that the model makes; that of a filtered model has no schema."""
        if self.folder == FILTERED_FOLDER:
            return self.name
        return f"{SCHEMA_OF_FOLDER[self.folder]}.{self.name}"

    @property
    def inputs(self) -> tuple[str, ...]:
        """Qualified names of the tables that the SQL reads, sorted."""
        return _inputs(self.sql)


@cache
def _inputs(sql: str) -> tuple[str, ...]:
    # By patterns: a parse tree of every model costs each command a second. A convention holds them against the tree.
    said = _NO_CODE.sub(" ", sql)
    return tuple(sorted(set(_READ.findall(said)) - set(_CTE.findall(said))))


def parse_model(path: Path) -> Model:
    """Reads one `.sql` file.

    Errors: BadModel with the file and what is wrong.
    """
    shown = f"{SQL_ROOT.name}/{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadModel(f"{shown}: it is not UTF-8 text") from None
    if not text.startswith("/*") or "*/" not in text:
        raise BadModel(f"{shown}: it must open with a /* ... */ comment that holds the header")
    comment, sql = text[2:].split("*/", 1)
    try:
        header = Header.model_validate(yaml.load(comment, Loader=yaml.CSafeLoader) or {})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)  # the comment begins on the first line, as the file does
        where = f"line {mark.line + 1}: " if mark else ""
        raise BadModel(f"{shown}: {where}its header is not YAML ({getattr(error, 'problem', error)})") from None
    except ValidationError as error:
        raise BadModel(f"{shown}: its header cannot be used: {_first_problem(error)}") from None
    missing = [c for c in header.grain if c not in header.columns]
    if missing:
        raise BadModel(f"{shown}: grain names columns that are not described: {', '.join(missing)}")
    if header.headline and header.headline not in header.columns:
        raise BadModel(f"{shown}: headline names a column that is not described: {header.headline}")
    before = text[: len(text) - len(sql.lstrip())]
    return Model(path.stem, path.parent.name, header, sql.strip().rstrip(";"), before.count("\n") + 1)


def _first_problem(error: ValidationError) -> str:
    """Key and reason of the first problem; a misspelt key is also a missing one: the one that stands there is named."""
    problems = error.errors(include_url=False)
    problem = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    key = ".".join(str(part) for part in problem["loc"]) or "the header"
    reasons = {
        "extra_forbidden": "this key is not known",
        "missing": "it is missing",
        "literal_error": f"must be one of {problem.get('ctx', {}).get('expected')}, and is {problem['input']!r}",
    }
    return f"{key}: {reasons.get(problem['type'], problem['msg'])}"


@cache
def models() -> dict[str, Model]:
    """Every SQL model by qualified table name, in dependency order."""
    return _in_order(*SCHEMA_OF_FOLDER)


@cache
def filtered_models() -> dict[str, Model]:
    """The models that are run over a choice of published rows, by name, in dependency order."""
    return _in_order(FILTERED_FOLDER)


def _in_order(*folders: str) -> dict[str, Model]:
    """The models of some folders by table, each after those of them that it reads."""
    found = [parse_model(p) for folder in folders for p in sorted((SQL_ROOT / folder).glob("*.sql"))]
    by_table = {model.table: model for model in found}
    ordered: dict[str, Model] = {}

    def place(table: str, trail: tuple[str, ...]) -> None:
        if table in ordered or table not in by_table:
            return
        if table in trail:
            raise BadModel(f"models read each other in a circle: {' -> '.join([*trail, table])}")
        for source in by_table[table].inputs:
            if source != table:
                place(source, (*trail, table))
        ordered[table] = by_table[table]

    for table in by_table:
        place(table, ())
    return ordered


def rules() -> dict[str, Model]:
    """The exception rules by name."""
    return {m.name: m for m in models().values() if m.folder == "rules"}


def metrics() -> dict[str, Model]:
    """The measures by name."""
    return {m.name: m for m in models().values() if m.folder == "metrics"}
