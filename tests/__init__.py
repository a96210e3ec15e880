"""The tests: unit, golden, property, parity, soundness, pipelines, dashboards and conventions."""
