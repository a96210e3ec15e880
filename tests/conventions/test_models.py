"""Every SQL model is complete: its header says what its SQL cannot, and no more than that."""

import re

import pytest
import sqlglot
from sqlglot import exp

from tests.conventions.portable import all_models
from tests.conventions.tree import below, text
from transforms.spec import (
    FILTERED_FOLDER,
    SCHEMA_OF_FOLDER,
    SELECTION_TABLES,
    UNIT_OF_SUFFIX,
    Model,
    filtered_models,
    metrics,
    models,
    rules,
)

RULE_COLUMNS = (
    "facility_id", "reference_id", "opened_at", "resolved_at", "sla_s", "item_id", "quantity", "evidence", "detail",
)  # fmt: skip
MEASURED = {"s", "h", "ms", "units", "usd", "unit_h", "usd_h", "ratio", "count"}
# Field terms of the canonical tables: a quantity is in the item's base unit.
UNIT_FREE = {"n"}


def yielded(model: Model) -> list[str]:
    """The column names that a model's outermost SELECT yields."""
    tree = sqlglot.parse_one(model.sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    return list(tree.named_selects)


def wrong_units(model: Model) -> list[str]:
    """Columns whose name and unit do not say the same."""
    found = []
    for name, column in model.header.columns.items():
        suffix_unit = next((unit for suffix, unit in UNIT_OF_SUFFIX if name.endswith(suffix)), None)
        is_field_term = name in UNIT_FREE or name.endswith("quantity")
        if suffix_unit is None and column.unit in MEASURED and not is_field_term:
            found.append(f"{name}: its unit is {column.unit}, but its name does not say so")
        if suffix_unit is not None and suffix_unit != column.unit:
            found.append(f"{name}: its name says {suffix_unit}, its header {column.unit}")
        if column.unit == "boolean" and not name.startswith(("is_", "has_")):
            found.append(f"{name}: a yes or no is named is_...")
    return found


def defined(formula: str | None) -> set[str]:
    """The names to the left of the equations of a formula."""
    return {part.split("=")[0].strip() for part in (formula or "").split(";") if "=" in part}


def test_every_sql_file_of_the_model_folders_is_a_model():
    folders = {*SCHEMA_OF_FOLDER, FILTERED_FOLDER}
    files = {p.stem for p in below("transforms", suffix=".sql") if p.parent.name in folders}
    assert {model.name for model in all_models().values()} == files


def test_every_header_describes_exactly_the_columns_that_the_sql_yields():
    differing = {t: (yielded(m), list(m.header.columns)) for t, m in all_models().items()}
    assert {t: pair for t, pair in differing.items() if pair[0] != pair[1]} == {}


def test_every_header_says_what_the_sql_cannot():
    """Title, question and definition are sentences or names, never blank; a column has a meaning; a grain is given."""
    for table, model in all_models().items():
        header = model.header
        said = [header.title, header.question, header.definition, header.source, header.owner]
        said += [column.description for column in header.columns.values()]
        assert all(words.strip() for words in said), table
        assert header.grain, table


def test_every_metric_and_rule_asks_a_question_and_names_its_edge_rules_where_it_measures():
    found = {name: model.header for name, model in [*metrics().items(), *rules().items()]}
    measuring = {name: h for name, h in found.items() if any(c.unit in MEASURED for c in h.columns.values())}
    assert [name for name, header in found.items() if not header.question.endswith("?")] == []
    assert [name for name, header in measuring.items() if not header.edge_rules] == []


def test_the_formula_of_every_measure_says_what_its_figure_is_or_what_its_rows_are():
    """`name = ...`, several joined by a semicolon; one of the names is that of the figure, or `rows` of a list."""
    wanted = {name: {model.header.figure, "rows"} for name, model in metrics().items()}
    assert [name for name, model in metrics().items() if not defined(model.header.formula) & wanted[name]] == []


def test_every_rule_states_as_a_condition_what_it_counts():
    stated = {name: model.header.formula or "" for name, model in rules().items()}
    assert [name for name, formula in stated.items() if not formula.startswith("exceptions_count = count(")] == []


def test_every_rule_yields_the_shared_shape_and_states_severity_sla_queue_and_cause():
    for name, model in rules().items():
        assert tuple(model.header.columns) == RULE_COLUMNS, name
        assert model.header.severity is not None, name
        assert model.header.sla is not None, name
        assert model.header.queue, name
        assert model.header.cause, name


def test_every_measured_column_carries_its_unit_in_its_name():
    found = {table: wrong_units(model) for table, model in all_models().items()}
    assert {table: names for table, names in found.items() if names} == {}


def test_every_model_reads_only_schemas_that_exist():
    schemas = {*SCHEMA_OF_FOLDER.values(), "reference", "landing"}
    read = {table: [i for i in model.inputs if i.split(".")[0] not in schemas] for table, model in models().items()}
    assert {table: names for table, names in read.items() if names} == {}


def test_a_filtered_model_reads_marts_its_choice_and_other_filtered_models():
    known = {*SELECTION_TABLES, *filtered_models()}
    read = {name: [i for i in model.inputs if i not in known] for name, model in filtered_models().items()}
    assert {table for tables in read.values() for table in tables} <= set(models())
    assert {table.split(".")[0] for tables in read.values() for table in tables} == {"marts"}


@pytest.mark.parametrize(
    ("kind", "registry"), [("metrics", metrics), ("rules", rules), (FILTERED_FOLDER, filtered_models)]
)
def test_every_metric_and_rule_has_a_golden_folder_with_inputs_and_the_expected_output(kind, registry):
    golden = {name: [p.name for p in below("tests") if p.parts[1:4] == ("golden", kind, name)] for name in registry()}
    assert [name for name, files in golden.items() if "expected.csv" not in files or len(files) < 2] == []


@pytest.mark.parametrize("kind", ["metrics", "rules", FILTERED_FOLDER])
def test_no_golden_folder_is_left_without_its_model(kind):
    folders = {p.parts[3] for p in below("tests") if p.parts[1:3] == ("golden", kind) and len(p.parts) > 4}
    assert folders - {p.stem for p in below("transforms", suffix=".sql") if p.parent.name == kind} == set()


def test_the_total_order_of_events_is_one_order_everywhere():
    """What is not stated comes first; where an order runs backwards, last."""
    pattern = re.compile(
        r"recorded_at( DESC)?(?: NULLS (FIRST|LAST))?,\s*(?:\w+\.)?sequence_no( DESC)?(?: NULLS (FIRST|LAST))?[,\s]"
    )
    # Without a word about NULL it is a list of columns; that every key of an order has one is held by another test.
    found = {m.table: set(pattern.findall(m.sql)) - {("", "", "", "")} for m in models().values()}
    assert sum(map(bool, found.values())) > 3
    allowed = {("", "FIRST", "", "FIRST"), (" DESC", "LAST", " DESC", "LAST")}
    assert {table: orders - allowed for table, orders in found.items() if orders - allowed} == {}


def test_the_text_of_every_model_is_plain_ascii_outside_its_header():
    assert [str(p) for p in below("transforms", suffix=".sql") if not text(p).split("*/", 1)[-1].isascii()] == []
