"""Which cases an export is about. Cases are taken whole: no event is cut from one (docs/adr/0026)."""

from dataclasses import dataclass
from datetime import date

from pipelines.errors import UnusableInput
from pipelines.workspace import Workspace
from transforms.contracts.reading import literal


@dataclass(frozen=True)
class Choice:
    """What is exported; without any restriction, every accepted event.

    Attributes:
        process: only cases of this process.
        facility: only cases that are told at this facility.
        since: only cases that begin on this day (UTC) or later.
        until: only cases that begin before this day (UTC).
        has_actors: whether it says who did it, which may name persons.
    """

    process: str | None = None
    facility: str | None = None
    since: date | None = None
    until: date | None = None
    has_actors: bool = False

    @property
    def is_restricted(self) -> bool:
        """Whether only the events of chosen cases are exported, and none that is in no case."""
        return any((self.process, self.facility, self.since, self.until))

    def check(self, workspace: Workspace, processes: list[str]) -> None:
        """Refuses what the workspace does not have.

        Errors: UnusableInput naming what there is instead.
        """
        facilities = [facility.id for facility in workspace.facilities]
        for what, name, names in (("process", self.process, processes), ("facility", self.facility, facilities)):
            if name is not None and name not in names:
                raise UnusableInput(f"{what} '{name}' is not known; there are {', '.join(names)}")
        if self.since and self.until and self.since >= self.until:
            raise UnusableInput(f"no day is on or after {self.since} and before {self.until}")

    def case_sql(self, case: str) -> str:
        """The condition on a case.

        Args:
            case: what a row of process.case_variant is called.
        """
        asked = [
            f"{case}.process = {literal(self.process)}" if self.process else "",
            f"{case}.facility_id = {literal(self.facility)}" if self.facility else "",
            f"{case}.first_at >= TIMESTAMPTZ '{self.since} 00:00:00Z'" if self.since else "",
            f"{case}.first_at < TIMESTAMPTZ '{self.until} 00:00:00Z'" if self.until else "",
        ]
        return " AND ".join(condition for condition in asked if condition) or "TRUE"

    def event_sql(self, event_id: str) -> str:
        """The condition on an event.

        Args:
            event_id: the column that bears its id.
        """
        if not self.is_restricted:
            return "TRUE"
        return f"""{event_id} IN (SELECT c.event_id FROM process.case_event c
            JOIN process.case_variant v ON v.case_no = c.case_no
            WHERE {self.case_sql("v")})"""
