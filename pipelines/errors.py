"""The ways a run can end badly, and the sentence that a person reads."""


class UnusableInput(Exception):
    """Input that no build can use (exit code 2): an unreadable file, a missing column, a wrong setting.

    The message is one sentence with file, row and reason.
    """

    def __init__(self, reason: str, *, file: object = None, row: int | None = None) -> None:
        where = f"{file}: " if file is not None else ""
        line = f"row {row}: " if row is not None else ""
        super().__init__(f"{where}{line}{reason}")


class ChecksFailed(Exception):
    """The build ran, but a blocking check failed and nothing was published (exit code 1)."""


class BuildStopped(Exception):
    """Somebody stopped the build before its end; nothing was published (exit code 130, as after any Ctrl-C)."""
