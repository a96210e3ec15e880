"""Dagster definitions, generated from the steps of a build."""
