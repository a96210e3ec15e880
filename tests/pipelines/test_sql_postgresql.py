"""`sql_query` on a live PostgreSQL server: exact values, late commits, changed rows, and what it may not do or tell."""

import socket
import time

import duckdb
import pytest

from pipelines.errors import UnusableInput
from tests.building import build_tables
from tests.databases import QUERY, Extracting
from tests.pipelines.support import dockledger, make_workspace, rows, sentence
from tests.postgresql import PASSWORD, running

TABLE = "CREATE TABLE posting (id bigint, stored timestamptz, place text DEFAULT 'NDC', amount numeric)"
CONFIGURATION = """\
as_of: 2026-03-09T00:00:00Z
facilities: [{id: NDC, timezone: UTC}]
feeds:
  - name: erp
    adapter: sql_query
    table: erp_posting
    path: "extracts/erp/*.parquet"
    database: {url_env: ERP_URL}
    query: SELECT id AS posting_id, stored AS posted_at, place AS facility_id, amount AS quantity FROM posting
    watermark: posted_at
    overlap: 600
"""


@pytest.fixture(scope="module")
def server():
    with running() as made:
        yield made


@pytest.fixture
def run(server, request, monkeypatch):
    """Runs statements in an empty database of the test's own, which ERP_URL names."""
    database = f"test_{abs(hash(request.node.name))}"
    server.run(f"CREATE DATABASE {database}")
    monkeypatch.setenv("ERP_URL", server.address(database))
    return lambda *statements: server.run(*statements, database=database)


@pytest.fixture
def erp(engine, tmp_path, run):
    run(TABLE)
    return Extracting(engine, tmp_path, {"database": {"url_env": "ERP_URL"}})


def add(run, *values):
    run(*(f"INSERT INTO posting (id, stored, amount) VALUES {value}" for value in values))


def refusal(erp, **feed):
    with pytest.raises(UnusableInput) as refused:
        erp.extract(**feed)
    assert PASSWORD not in str(refused.value)
    return str(refused.value)


def test_values_arrive_exactly_whatever_the_servers_zone_and_style(erp, run):
    """The server writes days first and is in Kolkata, five and a half hours ahead: 10:00+05:30 is 04:30 UTC."""
    add(run, "(9007199254740993, '2026-03-01 10:00:00.123456+05:30', 123456789012345678.901234567890)")
    query = QUERY.replace("amount", "amount::numeric(38, 12)").replace(
        " FROM", ", DATE '2026-03-02' AS posting_date, 0.1::float8 AS value_amount, TRUE AS uom, NULL AS currency FROM"
    )
    assert erp.extract(query=query) == 1
    assert erp.texts("*") == [
        ("9007199254740993", "2026-03-01 04:30:00.123456+00", "NDC", "123456789012345678.901234567890", "2026-03-02", "0.1",
         "true", None)
    ]  # fmt: skip


def test_a_timestamp_without_a_zone_is_a_local_time(erp, run):
    add(run, "(1, '2026-07-01 12:00:00+00', 1)")
    query = QUERY.replace("stored", "CAST('2026-07-01 12:00:00' AS timestamp)")
    erp.extract(query=query)
    assert erp.land("reason", query=query, system_timezone=None) == [("naive time",)]
    # Berlin is two hours ahead of UTC in July.
    assert erp.land("CAST(posted_at AS VARCHAR)", query=query, system_timezone="Europe/Berlin") == [
        ("2026-07-01 10:00:00+00",)
    ]


@pytest.mark.parametrize(
    ("kind", "first", "inside", "outside"),
    [
        ("timestamptz", "'2026-03-01 12:00:00+00'", "'2026-03-01 11:59:00+00'", "'2026-03-01 11:58:59.9+00'"),
        ("timestamp", "'2026-03-01 12:00:00'", "'2026-03-01 11:59:00'", "'2026-03-01 11:58:59.9'"),
        ("date", "'2026-03-02'", "'2026-03-01'", "'2026-02-28'"),
        ("bigint", "9007199254740993", "9007199254740933", "9007199254740932"),
        ("numeric", "100.5", "40.5", "40.49"),
    ],
)
def test_a_late_row_is_found_inside_the_overlap_of_any_type(erp, run, kind, first, inside, outside):
    run(f"ALTER TABLE posting ADD COLUMN mark {kind}")
    settings = {"query": QUERY.replace(" FROM", ", mark FROM"), "watermark": "mark", "overlap": 60}
    run(f"INSERT INTO posting (id, mark) VALUES (1, {first})")
    erp.extract(**settings)
    run(f"INSERT INTO posting (id, mark) VALUES (2, {inside}), (3, {outside})")
    assert (erp.extract(**settings), erp.extract(**settings)) == (1, 0)
    assert [row[0] for row in erp.texts("posting_id")] == ["1", "2"]


@pytest.mark.parametrize("mark", ["'2026'", "'infinity'::timestamp", "'NaN'::numeric"])
def test_a_watermark_that_nothing_can_follow_is_refused(erp, run, mark):
    add(run, "(1, now(), 1)")
    told = refusal(erp, query=QUERY.replace(" FROM", f", {mark} AS mark FROM"), watermark="mark")
    assert "which is neither a number nor a time in ISO 8601" in told


def test_incremental_builds_equal_a_full_one(tmp_path, run):
    """Rows come in between, one is committed late inside the overlap, one is changed."""
    run(TABLE)
    root = make_workspace(tmp_path / "ws", {}, CONFIGURATION)
    add(run, "(1, '2026-03-01 10:00:00+00', 1)", "(2, '2026-03-01 10:30:00+00', 2)")
    build_tables(root)
    # Committed after row 2 was read, though stored before it; row 2 was changed; row 4 is new.
    add(run, "(3, '2026-03-01 10:20:00+00', 3)", "(4, '2026-03-01 11:00:00+00', 4)")
    run("UPDATE posting SET amount = 5, stored = '2026-03-01 10:45:00+00' WHERE id = 2")
    build_tables(root)
    build_tables(root)
    marts = [f"SELECT * FROM marts.{name} ORDER BY ALL" for name in ("feed_reconciliation", "posting_leftovers")]
    files, left = before = [rows(root, sql) for sql in marts]
    first, second = (
        f"extracts/erp/{name}.parquet" for name in ("000001-2026-03-01T103000+00", "000002-2026-03-01T110000+00")
    )
    assert [(r["file"], r["received_count"], r["accepted_count"], r["duplicate_count"]) for r in files] == [
        (first, 2, 2, 0),
        (second, 3, 3, 0),
    ]
    with duckdb.connect(str(root / "warehouse.duckdb"), read_only=True) as con:
        conflict = "SELECT posting_id, file, is_used FROM canonical.erp_posting_delivery ORDER BY file"
        assert con.execute(conflict).fetchall() == [("2", first, False), ("2", second, True)]
    assert sorted((row["posting_id"], row["since_at"]) for row in left) == [
        ("1", "2026-03-01T10:00:00Z"),
        ("2", "2026-03-01T10:45:00Z"),
        ("3", "2026-03-01T10:20:00Z"),
        ("4", "2026-03-01T11:00:00Z"),
    ]
    build_tables(root, is_full=True)
    assert [rows(root, sql) for sql in marts] == before
    assert [path.name for path in root.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    "writing",
    ["nextval('numbers')", "made(1)", "set_config('transaction_read_only', 'off', false) || made(1)::text"],
)
def test_a_query_that_writes_is_refused_by_the_server(erp, run, writing):
    run(
        "CREATE SEQUENCE numbers",
        "CREATE FUNCTION made(n int) RETURNS int LANGUAGE sql AS 'INSERT INTO posting (id) VALUES (n) RETURNING 1'",
    )
    add(run, "(1, now(), 1)")
    told = refusal(erp, query=QUERY.replace("place", writing).replace(" FROM", ", place FROM"))
    assert "read-only transaction" in told or "read-write mode" in told
    assert run("SELECT count(*) FROM posting") == [(1,)]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT nothing FROM posting", 'the query fails (column "nothing" does not exist)'),
        (QUERY.replace("amount", "amount / 0"), "the query fails (division by zero)"),
        (QUERY.replace("place", "id"), "the query yields column posting_id twice"),
    ],
)
def test_what_the_server_says_of_a_query_is_told(erp, run, query, told):
    add(run, "(1, now(), 1)")
    if "twice" in told:
        query = query.replace("facility_id", "posting_id")
    assert told in refusal(erp, query=query)


def test_a_wrong_address_is_told_without_it(erp, server, monkeypatch):
    for address, told in [
        (server.address("nothing"), 'cannot be opened (database "nothing" does not exist)'),
        (server.address().replace("reader:", "reader:x"), "cannot be opened (password authentication failed)"),
        (server.address().replace(str(server.port), "1"), "cannot be opened (Connection refused)"),
        (
            f"postgresql://reader:{PASSWORD}@127.0.0.1:{server.port}/postgres",
            "the database named by ERP_URL cannot be opened",
        ),
    ]:
        monkeypatch.setenv("ERP_URL", address)
        said = refusal(erp)
        assert told in said
        assert "Kellerschluessel" not in said


def test_a_server_that_does_not_answer_is_given_up(erp, monkeypatch):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("ERP_URL", f"postgresql://reader@127.0.0.1:{silent.getsockname()[1]}/erp?connect_timeout=2")
        begun = time.monotonic()
        assert "cannot be opened (timeout expired)" in refusal(erp)
        assert time.monotonic() - begun < 20


def test_the_command_says_it_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("ERP_URL", "postgresql://reader:s3cret@127.0.0.1:1/erp")
    root = make_workspace(tmp_path / "ws", {}, CONFIGURATION)
    ended = dockledger("build", root, "--quiet")
    assert ended.returncode == 2
    assert sentence(ended.stderr) == "feed erp: the database named by ERP_URL cannot be opened (Connection refused)"
