"""When and where it runs: only here is Dagster imported, an engine opened for writing, the outside world touched."""
