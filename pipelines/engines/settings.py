"""What a workspace says about the engine."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, model_validator

_MASTER = r"^(local(\[(\d+|\*)\])?|spark://[\w.-]+:\d+|sc://[\w.-]+(:\d+)?(/.*)?)$"


class Engine(BaseModel):
    """Which engine runs the SQL models, and what it may use.

    `memory_limit` and `threads` hold for the warehouse, and for Spark where it runs in this process. `master` is where
    Spark runs: here (`local`, `local[4]`), on a cluster (`spark://host:7077`) or behind Spark Connect
    (`sc://host:15002`). `exchange` is a folder that Spark's workers reach under the same path; it lies in the workspace
    where none is given. `settings` are handed to Spark as they are.
    """

    model_config = ConfigDict(extra="forbid")
    name: Literal["duckdb", "spark"] = "duckdb"
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s*[KMG]i?B$")] = "3GiB"
    threads: PositiveInt | None = None
    master: Annotated[str, Field(pattern=_MASTER)] | None = None
    exchange: Annotated[str, Field(pattern="^/.")] | None = None
    settings: dict[Annotated[str, Field(pattern=r"^spark\.")], str | int | float | bool] = {}

    @model_validator(mode="after")
    def _what_spark_needs_is_for_spark(self) -> "Engine":
        for key in ("master", "exchange", "settings"):
            if self.name != "spark" and getattr(self, key):
                raise ValueError(f"{key} is for Spark, and name is not spark")
        return self


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


EngineChoice = Annotated[Engine, BeforeValidator(_named)]
