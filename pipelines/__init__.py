"""When and where it runs: the only room that imports Dagster, opens an engine for writing or touches the outside world."""
