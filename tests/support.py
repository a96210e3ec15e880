"""What several tests need: where foreign data lies, and how a test that cannot run here says so."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
# How many times as large the numbers of a test marked `soundness` are, and its time limit, where they are asked for.
THOROUGH_TIMES = 8


def is_ci() -> bool:
    """Whether `.ci/run` started the tests: there every test must run."""
    return os.environ.get("DOCKLEDGER_CI", "") not in ("", "0")


def is_thorough() -> bool:
    """Whether `make soundness` started the tests: those marked `soundness` take larger numbers then."""
    return os.environ.get("DOCKLEDGER_SOUNDNESS", "") not in ("", "0")


def examples(count: int, least: int = 2) -> int:
    """How many examples a property test draws that builds a warehouse for each: an eighth, unless numbers are to be large.

    The first one drawn is the simplest, which shuffles nothing; where all that is drawn is a seed, one will do (`least`).
    """
    return count if is_thorough() else max(least, count // THOROUGH_TIMES)


def skip_or_fail(reason: str) -> NoReturn:
    """Skips the test with the reason; in CI, where everything needed must be present, fails it.

    Args:
        reason: what is missing, as a sentence.
    """
    if is_ci():
        pytest.fail(f"CI must not skip this: {reason}", pytrace=False)
    pytest.skip(reason)


def real_data(*parts: str) -> Path:
    """A file of foreign data below the folder named by DOCKLEDGER_REAL_DATA (default `../shared/data`).

    Args:
        parts: the path below that folder.
    """
    folder = Path(os.environ.get("DOCKLEDGER_REAL_DATA", ROOT.parent / "shared" / "data"))
    path = folder.joinpath(*parts)
    if not path.exists():
        skip_or_fail(f"{'/'.join(parts)} is not in the folder named by DOCKLEDGER_REAL_DATA")
    return path
