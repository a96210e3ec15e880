"""A model's header says what its SQL cannot; what the SQL says is read from it; wrong ones are refused by name."""

from pathlib import Path

import pytest

from transforms import spec
from transforms.errors import BadModel
from transforms.spec import Model, parse_model

HEADER = """title: A thing
question: How many?
definition: Number of things.
source: made up
owner: nobody
grain: [thing_id]
columns:
  thing_id: {unit: id, description: the thing}
  things_count: {unit: count, description: how many, min: 0}
"""


def written(
    root: Path, *, header: str = HEADER, sql: str = "SELECT 1 AS thing_id", at: str = "metrics/thing.sql"
) -> Path:
    path = root / at
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"/*\n{header}*/\n{sql}\n", encoding="utf-8")
    return path


def inputs(root: Path, sql: str) -> tuple[str, ...]:
    return parse_model(written(root, sql=sql)).inputs


def models_below(root: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Model]:
    """The registry as it would be with its files below another folder."""
    monkeypatch.setattr(spec, "SQL_ROOT", root)
    return spec.models.__wrapped__()


def test_name_schema_and_statement_follow_from_the_file(tmp_path):
    model = parse_model(written(tmp_path, sql="SELECT 1 AS thing_id;\n"))
    assert (model.name, model.folder, model.table, model.sql) == (
        "thing",
        "metrics",
        "marts.thing",
        "SELECT 1 AS thing_id",
    )


def test_the_unit_of_a_measure_is_that_of_its_figure(tmp_path):
    first = parse_model(written(tmp_path)).header
    assert (first.figure, first.unit) == ("things_count", "count")
    more = "  wait_s: {unit: s, description: how long}\n"
    named = parse_model(written(tmp_path, header=f"headline: wait_s\n{HEADER}{more}")).header
    assert (named.figure, named.unit) == ("wait_s", "s")
    listed = parse_model(written(tmp_path, header=HEADER.replace("unit: count", "unit: text"))).header
    assert (listed.figure, listed.unit) == (None, "text")
    rule = parse_model(written(tmp_path, header=f"severity: low\n{HEADER}{more}")).header
    assert (rule.figure, rule.unit) == (None, "count")


def test_a_headline_that_is_no_column_is_refused(tmp_path):
    with pytest.raises(BadModel, match=r"/thing\.sql: headline names a column that is not described: wait_s"):
        parse_model(written(tmp_path, header=f"headline: wait_s\n{HEADER}"))


def test_what_a_header_leaves_out_has_a_meaning(tmp_path):
    header = parse_model(written(tmp_path)).header
    assert (header.version, header.direction, header.additivity, header.edge_rules) == (
        1,
        "neutral",
        "non_additive",
        [],
    )
    assert (header.columns["thing_id"].nullable, header.columns["things_count"].min) == (False, 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT 1", "must open with"),
        ("-- title: A thing\nSELECT 1", "must open with"),
        ("/* title: A thing\nSELECT 1", "must open with"),
        ("", "must open with"),
    ],
    ids=["no comment", "a line comment", "a comment without end", "an empty file"],
)
def test_a_file_that_does_not_open_with_a_header_is_refused_by_name(tmp_path, text, why):
    path = tmp_path / "thing.sql"
    path.write_text(text)
    with pytest.raises(BadModel, match=rf"/thing\.sql: .*{why}"):
        parse_model(path)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("title: A thing", "title: [A thing", "line 3: its header is not YAML"),
        (HEADER, "", "cannot be used"),
        ("owner: nobody\n", "", "owner: it is missing"),
        ("owner: nobody", "owner: nobody\ncolour: red", "colour: this key is not known"),
        ("unit: count", "unit: furlong", "columns.things_count.unit: must be one of 's', 'h'"),
        ("min: 0", "minimum: 0", "things_count.minimum"),
        ("grain: [thing_id]", "grain: thing_id", "grain"),
        ("grain: [thing_id]", "grain: [thing_id, day]", "not described: day"),
        ("owner: nobody", "owner: nobody\nversion: 0", "version"),
        ("owner: nobody", "owner: nobody\ndirection: sideways", "direction"),
        ("owner: nobody", "owner: nobody\nseverity: dire", "severity"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused_with_the_file_and_the_key(tmp_path, old, new, why):
    path = written(tmp_path, header=HEADER.replace(old, new))
    with pytest.raises(BadModel, match=r"/thing\.sql: ") as refused:
        parse_model(path)
    assert why in str(refused.value)


def test_a_file_that_is_not_utf8_is_refused_by_name(tmp_path):
    path = written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"nobody", b"nob\xf6dy"))
    with pytest.raises(BadModel, match=r"/thing\.sql: it is not UTF-8 text$"):
        parse_model(path)


def test_inputs_are_the_tables_that_the_sql_reads_each_once_and_sorted(tmp_path):
    sql = """WITH own AS (SELECT * FROM marts.b JOIN canonical.a ON TRUE), other AS (SELECT * FROM own)
        SELECT * FROM other, (SELECT 1 FROM shared.c) AS d
        WHERE EXISTS (SELECT 1 FROM reference.e) AND x IN (SELECT y FROM matching.f)
        UNION ALL SELECT * FROM marts.b LEFT JOIN rules.g USING (x)"""
    assert inputs(tmp_path, sql) == ("canonical.a", "marts.b", "matching.f", "reference.e", "rules.g", "shared.c")


def test_a_name_in_a_comment_or_a_text_or_a_function_is_no_input(tmp_path):
    sql = "SELECT 'FROM marts.b' AS thing_id, local_day(x, 'UTC') /* marts.c */ FROM canonical.a -- JOIN marts.d"
    assert inputs(tmp_path, sql) == ("canonical.a",)


def test_a_subquery_that_bears_a_tables_name_hides_only_itself(tmp_path):
    assert inputs(tmp_path, "WITH a AS (SELECT * FROM canonical.a) SELECT * FROM a") == ("canonical.a",)


def test_models_come_after_what_they_read(tmp_path, monkeypatch):
    written(tmp_path, at="metrics/a.sql", sql="SELECT * FROM rules.z")
    written(tmp_path, at="rules/z.sql", sql="SELECT * FROM shared.m")
    written(tmp_path, at="shared/m.sql", sql="SELECT * FROM canonical.inventory_event")
    assert list(models_below(tmp_path, monkeypatch)) == ["shared.m", "rules.z", "marts.a"]


def test_models_that_read_each_other_in_a_circle_are_refused_with_the_whole_circle(tmp_path, monkeypatch):
    written(tmp_path, at="metrics/a.sql", sql="SELECT * FROM marts.b")
    written(tmp_path, at="metrics/b.sql", sql="SELECT * FROM shared.c")
    written(tmp_path, at="shared/c.sql", sql="SELECT * FROM marts.a")
    with pytest.raises(BadModel, match=r"in a circle: shared\.c -> marts\.a -> marts\.b -> shared\.c$"):
        models_below(tmp_path, monkeypatch)


def test_a_model_may_read_what_it_has_made_itself(tmp_path, monkeypatch):
    """One that works in rounds does."""
    written(tmp_path, at="matching/m.sql", sql="SELECT * FROM canonical.a WHERE NOT EXISTS (SELECT 1 FROM matching.m)")
    assert list(models_below(tmp_path, monkeypatch)) == ["matching.m"]


def test_one_wrong_header_is_enough_to_refuse_the_registry(tmp_path, monkeypatch):
    written(tmp_path, at="metrics/good.sql")
    written(tmp_path, at="rules/bad.sql", header="title: only that\n")
    with pytest.raises(BadModel, match=r"/rules/bad\.sql: "):
        models_below(tmp_path, monkeypatch)


def test_every_model_of_the_project_comes_after_what_it_reads():
    order = {table: place for place, table in enumerate(spec.models())}
    late = [(t, i) for t, m in spec.models().items() for i in m.inputs if order.get(i, -1) > order[t]]
    assert late == []


def test_rules_and_measures_are_known_by_their_bare_names():
    assert {m.folder for m in spec.rules().values()} == {"rules"}
    assert {m.folder for m in spec.metrics().values()} == {"metrics"}
    assert spec.rules()["late_posting"].table == "rules.late_posting"
    assert spec.metrics()["event_latency"].table == "marts.event_latency"
