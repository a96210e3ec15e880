"""`dockledger init`: a new workspace from the commented template in `data/sample/`."""

from pathlib import Path

from data import DATA
from pipelines.errors import UnusableInput
from pipelines.workspace import CONFIG_NAME

TEMPLATE = DATA / "sample" / CONFIG_NAME
FEED_FOLDERS = ("wms", "erp", "counts")


def make_workspace(folder: Path) -> None:
    """Writes the configuration and empty feed folders.

    Errors: UnusableInput when the folder already is a workspace.
    """
    if (folder / CONFIG_NAME).exists():
        raise UnusableInput(f"this folder already has a {CONFIG_NAME}", file=folder)
    for name in FEED_FOLDERS:
        (folder / "feeds" / name).mkdir(parents=True, exist_ok=True)
    (folder / CONFIG_NAME).write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
