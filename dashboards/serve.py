"""How the dashboard is started. `python -m dashboards.serve WS PORT` starts it."""

import os
import sys
from pathlib import Path

HOST = "127.0.0.1"
_ROOM = Path(__file__).resolve().parent


def command(workspace: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """The argv and the whole environment of a server for one workspace.

    Args:
        workspace: its folder.
        port: a free port of the loopback address.
    """
    argv = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(_ROOM / "app.py"),
        f"--server.address={HOST}",
        f"--server.port={port}",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
    ]
    # Rooms are top-level packages; Streamlit puts only the script's own folder on the path.
    path = os.pathsep.join(filter(None, [str(_ROOM.parent), os.environ.get("PYTHONPATH")]))
    return argv, {**os.environ, "DOCKLEDGER_WORKSPACE": str(Path(workspace).resolve()), "PYTHONPATH": path}


def address(port: int) -> str:
    """Where a person opens it."""
    return f"http://{HOST}:{port}"


if __name__ == "__main__":
    argv, environment = command(Path(sys.argv[1]), int(sys.argv[2]))
    os.execve(argv[0], argv, environment)  # noqa: S606 - the server takes this process's place, so that signals reach it
