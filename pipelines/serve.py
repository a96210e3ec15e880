"""`dockledger serve`: runs the dashboard's server on the loopback address and prints where it is."""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from pipelines.errors import UnusableInput

HOST = "127.0.0.1"


def run_dashboard(workspace: Path, port: int, say: Callable[[str], object]) -> NoReturn:
    """Becomes the dashboard's server, so that a signal to this process reaches it.

    Errors: UnusableInput when the port is taken.
    """
    chosen = _free_port(port)
    say(f"http://{HOST}:{chosen}  (stop with Ctrl-C)")
    sys.stdout.flush()
    os.execv(  # noqa: S606  (our own interpreter, no shell)
        sys.executable, [sys.executable, "-m", "dashboards.serve", str(workspace.resolve()), str(chosen)]
    )


def _free_port(port: int) -> int:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UnusableInput(
                f"port {port} of {HOST} cannot be used ({error.strerror}); choose another with --port"
            ) from None
        return int(probe.getsockname()[1])
