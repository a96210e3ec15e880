"""What an engine that runs the SQL models must do. The rest of the pipeline knows engines by this alone."""

from typing import Any, Protocol

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
        """

    def close(self) -> None:
        """Lets go of what was opened."""
