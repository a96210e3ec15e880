"""A row that bears no number is numbered by its place in its file, however the engine read the files."""

import pytest

import pipelines.landing
from pipelines.landing import _stage
from tests.landing import event, events

FILES, ROWS = 60, 700


def test_rows_of_many_small_files_bear_their_place_in_their_own_file(landing):
    for file in range(FILES):
        landing.write(f"feeds/{file:03}.csv", events(*(event(event_id=f"{file}-{row}") for row in range(1, ROWS + 1))))
    told = landing.land("event_id")
    assert told == [(row, f"{file}-{row}") for file in range(FILES) for row in range(1, ROWS + 1)]


def test_after_landing_the_engine_keeps_no_order_so_that_models_run_on_all_threads(landing):
    landing.write("feeds/a.csv", events(event()))
    landing.land("event_id")
    assert landing.engine.value("SELECT current_setting('preserve_insertion_order')") is False


def test_files_too_large_for_one_thread_are_read_in_their_order(landing, monkeypatch):
    monkeypatch.setattr(pipelines.landing, "_SMALL_BYTES", 10)
    landing.write("feeds/a.csv", events(*(event(event_id=f"a{row}") for row in range(1, ROWS))))
    assert landing.land("event_id") == [(row, f"a{row}") for row in range(1, ROWS)]


def test_where_files_were_torn_their_order_is_kept_at_the_second_attempt(engine):
    """Three rows of file a with one of b between them: as if two threads had read them."""
    torn = "SELECT * FROM (VALUES ('a', 1), ('b', 1), ('a', 2), ('a', 3)) t(file, place)"
    asked: list[bool] = []
    engine.keep_order = asked.append
    numbered = engine.rows(f"SELECT file, place, row_number FROM ({_stage(engine, torn, is_scattered=True)})")
    assert asked == [False, True]
    assert len(numbered) == 4


@pytest.mark.parametrize("malformed", [[3], [1, 2], [2, 5], [1, 3, 5]])
def test_rows_after_malformed_ones_keep_their_number_in_the_whole_file(landing, malformed):
    lines = events(*(event(event_id=f"E{row}") for row in range(1, 6))).splitlines()
    for row in malformed:
        lines[row] = "half a row"
    landing.write("feeds/a.csv", "\n".join(lines) + "\n")
    landing.write("feeds/b.csv", events(event(event_id="E1")))
    kept = [(row, f"E{row}") for row in range(1, 6) if row not in malformed]
    assert landing.land("event_id") == [*kept, (1, "E1")]
