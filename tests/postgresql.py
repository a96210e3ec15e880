"""A private PostgreSQL server of Debian's package: a cluster in a folder of its own, on a free port of this machine."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support import skip_or_fail

USER, PASSWORD = "reader", "Kellerschluessel/7Q?"  # the password that no message and no file may hold
NOBODY = 65534
# Far from UTC, so that a time that is not UTC shows.
SETTINGS = """listen_addresses = '127.0.0.1'
unix_socket_directories = ''
timezone = 'Asia/Kolkata'
datestyle = 'SQL, DMY'
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
jit = off
"""


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int

    def address(self, database: str = "postgres") -> str:
        """The address of a database, with its password."""
        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Runs statements one by one; returns the rows of the last."""
        import adbc_driver_postgresql.dbapi as postgresql

        with postgresql.connect(self.address(database), autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def binaries() -> Path:
    """The folder of the server's programs; without it the test says so."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    onpath = shutil.which("initdb")
    if not found and not onpath:
        skip_or_fail("PostgreSQL is not installed (on Debian: apt-get install postgresql)")
    return found[-1].parent if found else Path(str(onpath)).parent


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def running() -> Iterator[Server]:
    """Makes a cluster, starts its server and stops it. The server refuses root, who therefore becomes nobody."""
    programs = binaries()
    # pytest's folders are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="dockledger-postgresql-"))
    unprivileged = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    (folder / "password").write_text(PASSWORD)
    if unprivileged:
        shutil.chown(folder, NOBODY, NOBODY)
        shutil.chown(folder / "password", NOBODY, NOBODY)
    server = Server(_free_port())
    log = folder / "log"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    how: dict[str, Any] = {"cwd": folder, "env": environment, **unprivileged}
    made = subprocess.run(
        [programs / "initdb", "-D", "data", "-U", USER, "-A", "scram-sha-256", "--pwfile", "password", "-E", "UTF8",
         "--locale=C.UTF-8", "--no-sync"],
        capture_output=True, text=True, check=False, **how,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    (folder / "data" / "postgresql.auto.conf").write_text(f"{SETTINGS}port = {server.port}\n")
    with log.open("wb") as output:
        process = subprocess.Popen([programs / "postgres", "-D", "data"], stdout=output, stderr=output, **how)
    try:
        _wait_for(programs, server, process, log)
        yield server
    finally:
        process.terminate()  # open sessions end first
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(programs: Path, server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    asked = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(server.port), "-t", "30"]
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        if subprocess.run(asked, check=False).returncode == 0:
            return
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(log.read_text())
