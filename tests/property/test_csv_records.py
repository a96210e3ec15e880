"""What the engine reads of a CSV file without a complaint is what reading it record by record gives."""

import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.feeds.csv_records import is_untidy, open_text, records, tidy
from pipelines.feeds.csv_text import read_csv_sql

HEADER = ["a", "b", "c"]
PIECES = [
    b"x", b'"', b'""', b",", b"\n", b"\r\n", b"\r", b" ", "é".encode(), b"\xff", b'"x"', b'"a,b"', b'x"y', b"\\",
    b"a,b,c\n", b"1,2,3\n", b"4,5,6\n", b"7,8,9\n", b"'",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=10).map(b"".join)
FEW, MANY = 0, 12  # with more files than twice its threads the engine reads in another way


def write(folder: Path, body: bytes, others: int) -> list[Path]:
    paths = [folder / f"{n}.csv" for n in range(others + 1)]
    for path in paths[1:]:
        path.write_bytes(b"a,b,c\n1,2,3\n")
    paths[0].write_bytes(b"a,b,c\n" + body)
    return paths


def values(row: tuple[str | None, ...] | list[str]) -> tuple[str, ...]:
    """Fields as they are judged: trimmed, empty ones and absent ones alike."""
    return tuple((value or "").strip(" ") for value in row)


@pytest.mark.parametrize("others", [FEW, MANY])
@settings(max_examples=300, deadline=None, derandomize=True)
@given(body=TEXTS)
@example(body=b'1,2,3\n"4,5,6\n7,8,9\n')
@example(body=b'1,2,3\n "4')
@example(body=b"\n\n1,2,3\n")
def test_a_file_is_read_alike_or_the_engine_complains_or_it_is_known_to_be_untidy(body: bytes, others: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), body, others)
        if is_untidy(paths[0], ","):
            return
        sql = f"SELECT a, b, c FROM {read_csv_sql(paths, HEADER, ',')} WHERE delivered_path = '{paths[0]}'"
        with duckdb.connect(config={"threads": "2"}) as con:
            try:
                read = con.execute(sql).fetchall()
            except duckdb.InvalidInputException:
                return
        with open_text(paths[0]) as stream:
            _, *expected = records(stream, ",")
    assert [problem for _, _, problem in expected if problem] == []
    assert [values(row) for row in read] == [values(fields[:3]) for _, fields, _ in expected]
    # At the very end of a file the engine forgives one delimiter too many.
    assert [fields for _, fields, _ in expected[:-1] if len(fields) != 3] == []


@settings(max_examples=300, deadline=None, derandomize=True)
@given(body=TEXTS)
def test_every_record_is_kept_or_told_and_the_engine_reads_the_rest_without_a_complaint(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (path,) = write(Path(folder), body, 0)
        clean = Path(folder) / "clean.csv"
        malformed = list(tidy(path, ",", clean))
        assert not is_untidy(clean, ",")
        with duckdb.connect() as con:
            kept = con.execute(f"SELECT a, b, c FROM {read_csv_sql([clean], HEADER, ',')}").fetchall()
        with open_text(path) as stream:
            _, *every = records(stream, ",")
    assert len(kept) + len(malformed) == len(every)
    numbers = [m.row_number for m in malformed]
    well_formed = [fields for n, (_, fields, _) in enumerate(every, 1) if n not in numbers]
    assert [values(row) for row in kept] == [values(fields) for fields in well_formed]
