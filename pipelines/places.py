"""Where a feed's rows are: a path inside the workspace, a database, as `dockledger.yaml` says it."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _inside(value: str) -> str:
    if Path(value).is_absolute() or ".." in Path(value).parts:
        raise ValueError(f"path '{value}' must stay inside the workspace")
    return value


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_inside)]


class Database(BaseModel):
    """Where a database is.

    Attributes:
        url_env: the environment variable that holds its address.
        file: an SQLite file inside the workspace.
    """

    model_config = ConfigDict(extra="forbid")
    url_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    file: Pattern | None = None

    @model_validator(mode="after")
    def _is_one_place(self) -> "Database":
        if (self.url_env is None) == (self.file is None):
            raise ValueError("either url_env (the name of an environment variable) or file (an SQLite file) is needed")
        return self
