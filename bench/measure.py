"""Runs a command to its end and says how long it took and how much memory it held at its peak."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """What one run of a command came to.

    Attributes:
        wall_s: seconds from start to end, interpreter start included.
        cpu_s: processor seconds, user and system, all threads.
        peak_bytes: the largest resident set of the process.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int


class CommandFailed(Exception):
    """A command ended with another exit code than zero."""


def measure(command: list[str], log: Path) -> Measured:
    """Runs a command, its output to a file.

    Args:
        command: program and arguments.
        log: where its output goes.

    Errors: CommandFailed with the end of the output.
    """
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise CommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Measured(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)
