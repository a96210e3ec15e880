"""Reading the published run."""

import threading
from datetime import UTC, datetime

import duckdb
import pytest

from dashboards.reader import NOT_NULL, NothingPublished, UnknownName, Unreadable, open_reader
from tests.dashboards.conftest import write_status

FOUR_COUNTS = """
INSERT INTO marts.count_variance VALUES
    ('A', 10, -3, 5, 0.9, 1.0, 0.99), ('B', 20, 2, 2, 0.8, 0.9, 0.98), (NULL, 30, NULL, 0, 1.0, 1.0, 1.0),
    ('D''; DROP', 1, 7, 7, 0, 0, 0)
"""


@pytest.fixture
def reader(tmp_path, publish):
    return open_reader(publish(tmp_path, sql=FOUR_COUNTS))


def test_a_filter_is_a_value_a_list_null_or_not_null(reader):
    def found(wanted):
        return reader.table("count_variance", {"facility_id": wanted}, order_by="counts_count")[
            "counts_count"
        ].to_list()

    assert found("A") == [10]
    assert found(["A", "B"]) == [10, 20]
    assert found([]) == []
    assert found(None) == [30]
    assert found(NOT_NULL) == [1, 10, 20]
    assert found("D'; DROP") == [1]


def test_order_puts_null_last_either_way_and_can_go_by_magnitude(reader):
    def order(**choice):
        return reader.table("count_variance", order_by="variance_units", **choice)["variance_units"].to_list()

    assert order() == [-3, 2, 7, None]
    assert order(descending=True) == [7, 2, -3, None]
    assert order(descending=True, by_magnitude=True, limit=2) == [7, -3]


def test_columns_are_chosen_in_the_order_asked_for(reader):
    assert reader.table("count_variance", columns=["counts_count", "facility_id"]).columns == [
        "counts_count",
        "facility_id",
    ]


def test_counts_and_values_follow_the_filter(reader):
    assert reader.count("count_variance") == 4
    assert reader.count("count_variance", {"facility_id": NOT_NULL}) == 3
    assert reader.values("count_variance", "facility_id") == ["A", "B", "D'; DROP"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda r: r.table("nonsense"),
        lambda r: r.table('count_variance"; --'),
        lambda r: r.table("count_variance", {"nonsense": 1}),
        lambda r: r.table("count_variance", order_by="nonsense"),
        lambda r: r.table("count_variance", columns=["nonsense"]),
        lambda r: r.values("count_variance", "1; DROP"),
        lambda r: r.count("information_schema.tables"),
    ],
)
def test_a_name_that_the_run_does_not_have_is_refused(reader, ask):
    with pytest.raises(UnknownName):
        ask(reader)


def test_the_connection_reads_nothing_but_the_published_file(reader, tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    connection = reader._database.connection
    for statement in (
        f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
        f"ATTACH '{tmp_path}/other.duckdb'",
        f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
        "SET enable_external_access = true",
        "CREATE TABLE marts.mine (a INTEGER)",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement)


def test_instants_come_in_utc(reader):
    assert reader.run.as_of == datetime(2026, 3, 1, tzinfo=UTC)
    assert reader.run.run_id == "20260301T000000Z-5f3a"


def test_a_reader_keeps_to_its_run_while_another_is_published(tmp_path, publish):
    workspace = publish(tmp_path, run_id="first", sql=FOUR_COUNTS)
    before = open_reader(workspace)
    publish(workspace, run_id="second", sql="DELETE FROM marts.count_variance")
    assert before.count("count_variance") == 4
    assert open_reader(workspace).count("count_variance") == 0
    (workspace / "published" / "first.duckdb").unlink()
    assert before.count("count_variance") == 4
    assert before.run.run_id == "first"


def test_a_run_is_opened_once(tmp_path, publish):
    workspace = publish(tmp_path)
    assert open_reader(workspace)._database is open_reader(workspace)._database


def test_a_run_can_be_opened_again_while_an_old_view_of_it_is_open(tmp_path, publish):
    workspace = publish(tmp_path / "kept")
    kept = open_reader(workspace)
    for n in range(5):  # more runs than are kept open
        open_reader(publish(tmp_path / f"other{n}"))
    again = open_reader(workspace)
    assert again._database is not kept._database
    assert kept.run == again.run


def test_a_reader_does_not_keep_a_build_from_publishing(tmp_path, publish):
    workspace = publish(tmp_path, run_id="first")
    open_reader(workspace)
    with duckdb.connect(str(workspace / "warehouse.duckdb")) as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS a")
    publish(workspace, run_id="second")
    assert open_reader(workspace).run.run_id == "second"


def test_many_threads_may_read_at_once(reader):
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(reader.count("count_variance"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [4] * 8


def test_without_a_pointer_nothing_is_published(tmp_path):
    with pytest.raises(NothingPublished):
        open_reader(tmp_path)


@pytest.mark.parametrize("name", ["", "../warehouse.duckdb", "gone.duckdb", "/etc/passwd", "notes.txt"])
def test_a_pointer_to_no_published_file_is_told_in_one_sentence(tmp_path, publish, name):
    workspace = publish(tmp_path)
    (workspace / "published" / "notes.txt").write_text("not a database, although it lies there")
    (workspace / "published" / "CURRENT").write_text(name)
    with pytest.raises(Unreadable) as caught:
        open_reader(workspace)
    assert str(caught.value).count(".") >= 1
    assert "\n" not in str(caught.value)


def test_the_status_says_how_the_latest_build_ended(tmp_path, publish):
    workspace = publish(tmp_path)
    published = open_reader(workspace).status
    assert published is not None
    assert published.is_published
    write_status(
        workspace, run_id="r2", outcome="checks_failed", sentence="No.", failed_checks=["grain", {"name": "x"}]
    )
    failed = open_reader(workspace).status
    assert failed is not None
    assert not failed.is_published
    assert failed.failed_checks == ("grain", "{'name': 'x'}")
    (workspace / "published" / "STATUS.json").unlink()
    assert open_reader(workspace).status is None
    (workspace / "published" / "STATUS.json").write_text("{half")
    unknown = open_reader(workspace).status
    assert unknown is not None
    assert not unknown.is_published
