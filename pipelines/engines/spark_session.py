"""Spark's sessions: how one is started or reached, what is set in all of them, and what cannot be had in words."""

import importlib.util
import logging
import os
import re
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipelines.engines.settings import Engine
from pipelines.errors import UnusableInput
from transforms.spec import SQL_ROOT

PRELUDE = SQL_ROOT / "dialects" / "spark.sql"
# What makes the SQL models mean what they mean in the warehouse. Set last: no setting of a workspace changes it.
MEANING = {
    "spark.sql.ansi.enabled": "true",  # an overflow or a wrong cast fails instead of becoming NULL
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
_LOCAL = "local[*]"
_CONNECT_PORT = 15002
_REACH_S = 5
_WORKERS_S = 60
_OLDEST_JAVA = 17
_LOST = (
    "SparkContext was shut down",
    "stopped SparkContext",
    "All masters are unresponsive",
    "UNAVAILABLE",
    "No space left",
)


def open_session(settings: Engine, log: Path) -> Any:
    """A session with `MEANING` set and the macros of the dialect. What Spark starts in this process logs to `log`.

    Errors: UnusableInput where PySpark, Java or the master cannot be had.
    """
    master = settings.master or (f"local[{settings.threads}]" if settings.threads else _LOCAL)
    _require_package(master)
    if not master.startswith("local"):
        _require_answer(master)
    if not master.startswith("sc://"):
        _require_java()
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)  # an error is raised, too
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    try:
        with _stderr_to(log):
            builder = builder.remote(master) if master.startswith("sc://") else builder.master(master)
            for key, value in {**_start_settings(settings, master), **_as_text(settings.settings), **MEANING}.items():
                builder = builder.config(key, value)
            session = builder.getOrCreate()
            prepare(session)
    except PySparkException as error:
        raise UnusableInput(f"engine: Spark did not start ({_first_line(error)}); its log is {log}") from None
    if master.startswith("spark://"):
        _wait_for_workers(session, master)
    return session


def prepare(session: Any) -> None:
    """Sets what the models' SQL relies on, and defines the macros."""
    for key, value in MEANING.items():
        session.conf.set(key, value)
    for statement in statements(PRELUDE.read_text(encoding="utf-8")):
        session.sql(statement)


def statements(script: str) -> list[str]:
    """The statements of a script, each of which ends its line with a semicolon."""
    return [part.strip() for part in re.split(r";[ \t]*(?:\n|\Z)", script) if part.strip()]


def stop(session: Any) -> None:
    """Ends a session, as far as the other side is still there."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        session.stop()
    except (Py4JError, PySparkException, OSError):
        return


def _as_text(settings: dict[str, Any]) -> dict[str, str]:
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in settings.items()}


def _start_settings(settings: Engine, master: str) -> dict[str, str]:
    """What a driver in this process is started with; a server behind Spark Connect has been started by others."""
    if master.startswith("sc://"):
        return {}
    given = {"spark.app.name": "dockledger", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if master.startswith("local"):
        given |= {"spark.driver.memory": _jvm_size(settings.memory_limit), "spark.sql.shuffle.partitions": "8"}
    if master.startswith("local") or _is_loopback(str(urlsplit(master).hostname)):
        given |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return given


def _jvm_size(limit: str) -> str:
    """A size such as `1.5GiB` as Java takes it: in whole MiB."""
    number, unit = limit.rstrip("iB").rstrip("KMG "), limit.rstrip("iB")[-1]
    return f"{max(512, int(float(number) * {'K': 1 / 1024, 'M': 1, 'G': 1024}[unit]))}m"


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _require_package(master: str) -> None:
    needed = ("pyspark", "grpc", "grpc_status") if master.startswith("sc://") else ("pyspark",)
    if any(importlib.util.find_spec(name) is None for name in needed):
        raise UnusableInput("engine: Spark needs PySpark, which is not installed; pip install 'dockledger[spark]'")


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (home and os.access(Path(home) / "bin" / "java", os.X_OK)) and not shutil.which("java"):
        raise UnusableInput(
            f"engine: Spark needs Java {_OLDEST_JAVA} or newer, which is not installed; "
            "on Debian: apt-get install default-jre-headless"
        )


def _require_answer(master: str) -> None:
    """Looks whether anything listens at the master's address: Spark itself would go on trying for minutes."""
    at = urlsplit(master)
    host, port = str(at.hostname), at.port or _CONNECT_PORT
    try:
        socket.create_connection((host, port), _REACH_S).close()
    except OSError as error:
        raise UnusableInput(
            f"engine: no Spark answers at {at.scheme}://{host}:{port} ({error.strerror or error})"
        ) from None


def _wait_for_workers(session: Any, master: str) -> None:
    """Waits until a worker has taken the session up; without one, its first query would wait for ever."""
    context = session.sparkContext._jsc.sc()  # PySpark has no other way to ask
    until = time.monotonic() + _WORKERS_S
    while context.getExecutorMemoryStatus().size() < 2:  # the driver itself is one
        if context.isStopped() or time.monotonic() > until:
            stop(session)
            raise UnusableInput(f"engine: the Spark cluster at {master} has no worker that is free")
        time.sleep(0.2)


@contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    """Whatever is started meanwhile writes its errors to a file: the driver's log is long, and is no outcome."""
    sys.stderr.flush()
    with log.open("ab") as stream:
        before = os.dup(2)
        os.dup2(stream.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(before, 2)
            os.close(before)


def in_words(error: BaseException) -> BaseException:
    """A cluster that was lost as a sentence; an error in a query stays what it is."""
    from py4j.protocol import Py4JNetworkError
    from pyspark.errors import PySparkException

    text = str(error)
    if isinstance(error, Py4JNetworkError) or (isinstance(error, PySparkException) and any(w in text for w in _LOST)):
        return UnusableInput(f"engine: Spark was lost while it ran ({_first_line(error)})")
    return error


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
