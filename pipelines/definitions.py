"""The entry point of `dagster dev`: those of the workspace that DOCKLEDGER_WORKSPACE names, or the sample."""

import os

from data import DATA
from pipelines.defs.build import build_defs
from pipelines.workspace import load_workspace

defs = build_defs(load_workspace(os.environ.get("DOCKLEDGER_WORKSPACE", str(DATA / "sample"))))
