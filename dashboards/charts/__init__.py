"""Charts, one a file: `(table, spec) -> Figure`. They place and label values; they compute none."""
