"""What an engine that runs the SQL models must do. The rest of the pipeline knows engines by this alone."""

import re
from typing import Any, Protocol

from pipelines.errors import UnusableInput
from transforms.spec import Model


class ModelEngine(Protocol):
    """Runs SQL models over the tables of the warehouse; what a model makes is a table of the warehouse afterwards."""

    @property
    def matches_near(self) -> bool:
        """Whether matching models can be run over the neighbourhood of what was touched instead of over all rows."""

    def make(self, model: Model) -> dict[str, Any]:
        """Makes a model's table anew; returns what it came to, to be shown.

        Its columns have the names, the order and the types that its SQL has in the warehouse. The tables that the model
        reads must be there.

        Errors: UnusableInput with file and line where its SQL cannot be run.
        """

    def close(self) -> None:
        """Lets go of what was opened."""


def refused(model: Model, error: Exception) -> UnusableInput:
    """What an engine has against a model's SQL, as a sentence with file and line."""
    reason = next(line.strip() for line in str(error).splitlines() if line.strip())
    stated = re.search(r"^LINE (\d+):|\bline (\d+)", str(error), re.MULTILINE)
    line = f"line {model.sql_line - 1 + int(stated[1] or stated[2])}: " if stated else ""
    return UnusableInput(f"{line}its SQL cannot be run ({reason})", file=model.file)
