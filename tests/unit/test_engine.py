"""The engine that models are made with."""


def test_a_table_may_become_a_view_and_a_view_a_table(engine):
    engine.table("shared.both", "SELECT 1 AS n")
    engine.view("shared.both", "SELECT 2 AS n")
    assert engine.value("SELECT n FROM shared.both") == 2
    assert engine.value("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'both'") == 0
    engine.table("shared.both", "SELECT 3 AS n")
    assert engine.value("SELECT n FROM shared.both") == 3
    assert engine.value("SELECT count(*) FROM duckdb_views() WHERE view_name = 'both'") == 0
