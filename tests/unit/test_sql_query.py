"""`sql_query` on SQLite: what is new goes into one more file, once; nothing is written to the database."""

import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import UnusableInput
from tests.databases import QUERY, Extracting

TABLE = "CREATE TABLE posting (id INTEGER PRIMARY KEY, stored, place TEXT DEFAULT 'NDC', amount)"


class Shop(Extracting):
    """An extraction from `shop.db` in the workspace."""

    def run(self, statement: str, *rows: tuple[object, ...]) -> None:
        with sqlite3.connect(self.root / "shop.db") as con:
            con.executemany(statement, rows or [()])
        con.close()

    def add(self, *rows: tuple[object, ...]) -> None:
        self.run("INSERT INTO posting (id, stored, amount) VALUES (?, ?, ?)", *rows)

    def refusal(self, **feed: object) -> str:
        with pytest.raises(UnusableInput) as refused:
            self.extract(**feed)
        return str(refused.value)


@pytest.fixture
def shop(engine, tmp_path):
    root = tmp_path / "workspace"
    root.mkdir()
    made = Shop(engine, root, {"database": {"file": "shop.db"}})
    made.run(TABLE)
    return made


def test_each_row_is_extracted_once(shop):
    shop.add((1, "2026-03-01 10:00:00", 5), (2, "2026-03-01 10:00:30", -2.5))
    assert (shop.extract(), shop.extract()) == (2, 0)
    shop.add((3, "2026-03-01 10:00:30", 7))
    assert (shop.extract(), shop.extract()) == (1, 0)
    assert shop.files() == ["000001-2026-03-01T100030.parquet", "000002-2026-03-01T100030.parquet"]
    assert [row[0] for row in shop.texts()] == ["1", "2", "3"]


def test_a_row_behind_the_watermark_is_found_inside_the_overlap_only(shop):
    """60 seconds before 10:00:30 is 09:59:30."""
    shop.add((1, "2026-03-01 10:00:30", 1))
    shop.extract()
    shop.add((2, "2026-03-01 09:59:30", 2), (3, "2026-03-01 09:59:29", 3))
    assert shop.extract() == 1
    assert [row[0] for row in shop.texts()] == ["1", "2"]


def test_a_changed_row_is_one_more_row_and_a_deleted_one_stays(shop):
    shop.add((1, "2026-03-01 10:00:00", 1), (2, "2026-03-01 10:00:00", 2))
    shop.extract()
    shop.run("UPDATE posting SET amount = 9 WHERE id = 1")
    shop.run("DELETE FROM posting WHERE id = 2")
    assert shop.extract() == 1
    assert [(row[0], row[2]) for row in shop.texts()] == [("1", "1"), ("1", "9"), ("2", "2")]


def test_rows_that_the_database_itself_repeats_are_kept_as_often(shop):
    repeated = f"{QUERY} UNION ALL {QUERY}"
    shop.add((1, "2026-03-01 10:00:00", 1))
    assert shop.extract(query=repeated) == 2
    assert shop.extract(query=repeated) == 0


def test_rows_without_a_watermark_are_not_lost_and_come_when_they_get_one(shop):
    shop.add((1, None, 1), (2, "2026-03-01 10:00:00", 2))
    assert (shop.extract(), shop.extract()) == (2, 0)
    shop.add((3, None, 3))
    shop.run("UPDATE posting SET stored = '2026-03-02 10:00:00' WHERE id = 1")
    assert (shop.extract(), shop.extract()) == (2, 0)
    assert [row[0] for row in shop.texts()] == ["1", "1", "2", "3"]


def test_without_a_watermark_all_is_read_and_what_is_new_is_written(shop):
    shop.add((1, "2026-03-01 10:00:00", 1))
    assert (shop.extract(watermark=None), shop.extract(watermark=None)) == (1, 0)
    shop.add((2, "1999-01-01 10:00:00", 2))
    assert shop.extract(watermark=None) == 1
    assert shop.files() == ["000001.parquet", "000002.parquet"]


@pytest.mark.parametrize(
    ("first", "inside", "outside", "overlap"),
    [
        (100, 97, 96, 3),
        (2**62, 2**62 - 3, 2**62 - 4, 3),
        (2.5, 2.0, 1.9, 0.5),
        ("2026-03-31", "2026-03-29", "2026-03-28", 2 * 86_400),
        ("2026-03-01T00:00:01Z", "2026-02-28T23:59:59.5Z", "2026-02-28T23:59:58.9Z", 2),
        ("2026-03-01 10:00:00.750", "2026-03-01 09:59:59.000", "2026-03-01 09:59:58.999", 1),
        ("2026-03-01 10:00", "2026-03-01 09:59", "2026-03-01 09:58", 60),
    ],
    ids=["integer", "wide integer", "real", "day", "ISO with zone", "fraction", "minute"],
)
def test_a_watermark_is_a_number_a_day_or_a_time(shop, first, inside, outside, overlap):
    settings = {"watermark": "stored", "overlap": overlap,
                "query": "SELECT id AS posting_id, '2026-03-01' AS posted_at, place AS facility_id, stored FROM posting"}  # fmt: skip
    shop.add((1, first, 0))
    shop.extract(**settings)
    shop.add((2, inside, 0), (3, outside, 0))
    assert (shop.extract(**settings), shop.extract(**settings)) == (1, 0)
    assert [row[0] for row in shop.texts("posting_id")] == ["1", "2"]


def test_values_arrive_as_they_are_though_their_types_differ_from_row_to_row(shop):
    """Two thousand empty rows first: the driver guesses a column's type from its first rows."""
    shop.add(*((n, None, None) for n in range(2000)), (2000, "2026-03-01 10:00:00", "12,5"), (2001, 7, 0.1),
             (2002, "Zoë", 2**60), (2003, "", 1e300))  # fmt: skip
    shop.extract(watermark=None)
    assert shop.texts()[1:5] == [("1", None, None), ("10", None, None), ("100", None, None), ("1000", None, None)]
    found = {row[0]: row[1:] for row in shop.texts()}
    assert [found[str(n)] for n in range(2000, 2003)] == [
        ("2026-03-01 10:00:00", "12,5"), ("7", "0.1"), ("Zoë", "1152921504606846976"),
    ]  # fmt: skip
    assert found["2003"] == ("", "1.0e+300")


def test_an_overlap_longer_than_all_time_reads_everything(shop):
    shop.add((1, "2026-03-01 10:00:00", 1))
    shop.extract(overlap=1e12)
    shop.add((2, "1066-10-14 09:00:00", 2))
    assert shop.extract(overlap=1e12) == 1


def test_rows_land_mapped_and_bad_ones_are_quarantined(shop):
    shop.run("CREATE TABLE buchung (beleg, zeit, werk, menge)")
    shop.run("INSERT INTO buchung VALUES (?, ?, ?, ?)", ("B1", "01.03.2026 10:05", "NDC", "1.234,5"),
             ("B2", "01.03.2026 10:05", "NIL", "1"), ("B3", None, "NDC", "1"))  # fmt: skip
    settings = {
        "query": "SELECT * FROM buchung", "watermark": None, "system_timezone": "Europe/Berlin",
        "columns": {"posting_id": "beleg", "posted_at": "zeit", "facility_id": "werk", "quantity": "menge"},
        "formats": {"datetime": "%d.%m.%Y %H:%M", "decimal": ",", "thousands": "."},
    }  # fmt: skip
    shop.extract(**settings)
    # Berlin is an hour ahead of UTC.
    assert shop.land("posting_id, CAST(posted_at AS VARCHAR), CAST(quantity AS VARCHAR), reason", **settings) == [
        ("B1", "2026-03-01 09:05:00+00", "1234.500000", None),
        ("B2", "2026-03-01 09:05:00+00", "1.000000", "unknown facility"),
        ("B3", None, "1.000000", "schema violation"),
    ]


def test_a_local_time_needs_a_zone(shop):
    shop.add((1, "2026-03-01 10:00:00", 1))
    shop.extract()
    assert shop.land("reason", system_timezone=None) == [("naive time",)]


def test_an_empty_table_makes_no_file_and_no_rows(shop):
    assert (shop.extract(), shop.files(), shop.land("posting_id")) == (0, [], [])


def test_the_database_is_opened_read_only(shop):
    shop.add((1, "2026-03-01 10:00:00", 1))
    before = (shop.root / "shop.db").read_bytes()
    shop.extract()
    assert (shop.root / "shop.db").read_bytes() == before


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM posting",
        f"{QUERY}; DELETE FROM posting",
        "WITH gone AS (DELETE FROM posting RETURNING id) SELECT * FROM gone",
        "SELECT * INTO copied FROM posting",
        "PRAGMA user_version = 7",
        "ATTACH 'other.db' AS other",
        "SELECT 1) AS q; --",
        "-- nothing",
    ],
)
def test_what_is_not_one_select_is_refused(shop, query):
    assert "`query` must be one SELECT that only reads" in shop.refusal(query=query)


def test_a_closing_semicolon_and_comments_are_let_through(shop):
    shop.add((1, "2026-03-01 10:00:00", 1))
    assert shop.extract(query=f"/* all */ {QUERY} -- of them\n;") == 1


@pytest.mark.parametrize(
    ("feed", "told"),
    [
        ({"watermark": "changed_at"}, "the watermark changed_at is not a column; the query yields: posting_id, posted_at"),
        ({"query": "SELECT id AS posting_id, place AS facility_id FROM posting", "watermark": None},
         "required column posted_at is missing; the query yields: posting_id, facility_id"),
        ({"columns": {"uom": "einheit"}}, "required column einheit is missing"),
        ({"columns": {"unit": "uom"}}, "columns names unit, which erp_posting does not have"),
        ({"query": "SELECT * FROM nowhere"}, "the query fails (no such table: nowhere)"),
        ({"query": "SELECT FROM WHERE"}, "cannot be read as one"),
        ({"path": "extracts/*/*.parquet"}, "path must be a folder and *.parquet"),
        ({"database": {"file": "none.db"}}, "none.db: feed erp: there is no such database"),
        ({"database": {"url_env": "DOCKLEDGER_NO_SUCH"}}, "the environment variable DOCKLEDGER_NO_SUCH is not set"),
        ({"database": None}, "adapter sql_query needs `database` and `query`"),
        ({"adapter": "mapped_csv"}, "adapter mapped_csv reads no `database`; sql_query does"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_in_one_sentence(shop, feed, told):
    said = shop.refusal(**feed)
    assert told in said
    assert "\n" not in said
    assert shop.files() == []


@pytest.mark.parametrize("value", ["soon", "01.03.2026 10:00", "2026-13-01", "17"])
def test_a_watermark_of_other_text_is_refused_before_it_is_written(shop, value):
    """Text is compared as text: '17' would be lower than '9'."""
    shop.add((1, value, 1))
    assert f"watermark posted_at holds '{value}' (text), which is neither a number nor a time" in shop.refusal()
    assert shop.files() == []


def test_text_that_is_not_utf_8_is_refused(shop):
    shop.run("INSERT INTO posting (id, stored, amount) VALUES (1, '2026-03-01', CAST(x'ff' AS TEXT))")
    assert "the query yields text that is not UTF-8" in shop.refusal()


def test_a_file_that_is_no_database_is_refused(shop):
    (shop.root / "shop.db").write_bytes(b"no database at all" * 100)
    assert "shop.db cannot be opened (it is no SQLite database)" in shop.refusal()


def test_files_of_another_query_are_not_mixed_with_new_ones(shop):
    shop.add((1, "2026-03-01 10:00:00", 1))
    shop.extract()
    told = shop.refusal(query=f"{QUERY} WHERE amount > 0")
    assert told.startswith("extracts/erp/000001-2026-03-01T100000.parquet: it was not extracted with this query")
    assert shop.extract(query=QUERY.replace(" FROM", "\n  FROM"), overlap=5) == 0


def test_a_build_that_dies_while_it_writes_leaves_nothing_that_lands(shop):
    """What it left is swept away by the next, which reads the same rows."""
    (shop.root / "extracts/erp").mkdir(parents=True)
    (shop.root / "extracts/erp/000001.part").write_bytes(b"PAR1 half a file")
    assert shop.land("posting_id") == []
    shop.add((1, "2026-03-01 10:00:00", 1))
    shop.extract()
    assert shop.files() == ["000001-2026-03-01T100000.parquet"]


def test_a_build_that_dies_before_it_lands_loses_nothing(shop):
    shop.add((1, "2026-03-01 10:00:00", 1))
    shop.extract()
    shop.add((2, "2026-03-01 11:00:00", 2))
    shop.extract()
    assert shop.land("posting_id") == [("1",), ("2",)]


def test_the_last_file_may_be_lost_and_comes_again(shop):
    for n in (1, 2):
        shop.add((n, f"2026-03-0{n} 10:00:00", n))
        shop.extract()
    (shop.root / "extracts/erp" / shop.files()[1]).unlink()
    assert shop.extract() == 1
    assert [row[0] for row in shop.texts()] == ["1", "2"]


def test_a_file_that_is_not_whole_is_refused_by_name(shop):
    shop.add((1, "2026-03-01 10:00:00", 1))
    shop.extract()
    path = shop.root / "extracts/erp" / shop.files()[0]
    path.write_bytes(path.read_bytes()[:-20])
    assert shop.refusal().startswith(f"extracts/erp/{path.name}: the file cannot be read")


def test_files_of_differing_columns_are_one_feed(shop):
    """A table that grew: `SELECT *` yields a column more; the file before it does not have it."""
    query = "SELECT id AS posting_id, stored AS posted_at, place AS facility_id, posting.* FROM posting"
    shop.add((1, "2026-03-01 10:00:00", 1))
    shop.extract(query=query)
    shop.run("ALTER TABLE posting ADD COLUMN uom TEXT")
    shop.run("INSERT INTO posting VALUES (2, '2026-03-01 12:00:00', 'NDC', 2, 'EA')")
    shop.extract(query=query)
    assert shop.land("posting_id, uom", query=query) == [("1", None), ("2", "EA")]


def test_a_database_reached_through_a_link_out_of_the_workspace_is_refused(shop, tmp_path):
    (shop.root / "shop.db").rename(tmp_path / "elsewhere.db")
    (shop.root / "shop.db").symlink_to(tmp_path / "elsewhere.db")
    assert "reaches outside the workspace" in shop.refusal()


def test_an_sqlite_database_elsewhere_is_named_by_a_variable(shop, tmp_path, monkeypatch):
    shop.add((1, "2026-03-01 10:00:00", 1))
    (shop.root / "shop.db").rename(tmp_path / "an odd?name.db")
    monkeypatch.setenv("SHOP_URL", f"sqlite://{tmp_path}/an%20odd%3Fname.db")
    assert shop.extract(database={"url_env": "SHOP_URL"}) == 1
    monkeypatch.setenv("SHOP_URL", "mysql://clerk:s3cret@host/shop")
    told = shop.refusal(database={"url_env": "SHOP_URL"})
    assert "SHOP_URL does not hold an address such as" in told
    assert "s3cret" not in told


def test_files_hold_text_only(shop):
    shop.add((1, "2026-03-01 10:00:00", 1))
    shop.extract()
    [file] = shop.files()
    schema = pq.read_schema(Path(shop.root, "extracts/erp", file))
    assert set(schema.types) == {pa.string()}
