"""A test has as much time as its numbers need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

# Where one second is usual, larger numbers have six: the sleeper is stopped unless it takes such.
TESTS = """
import time
import pytest

@pytest.mark.soundness
def test_larger(): time.sleep(1.5)

@pytest.mark.soundness
@pytest.mark.timeout(0.2)
def test_larger_with_a_shorter_limit(): time.sleep(1.5)

@pytest.mark.soundness
@pytest.mark.timeout(60)
def test_larger_with_a_longer_limit(pytestconfig, request):
    assert request.node.get_closest_marker("timeout").args == (60,)

def test_usual(): time.sleep(1.5)
"""


@pytest.mark.parametrize(
    ("thorough", "stopped"),
    [("", {"test_larger", "test_larger_with_a_shorter_limit", "test_usual"}), ("1", {"test_usual"})],
)
def test_larger_numbers_have_as_much_more_time(tmp_path: Path, thorough: str, stopped: set[str]) -> None:
    (tmp_path / "test_sleepers.py").write_text(TESTS)
    options = ["-c", str(ROOT / "pyproject.toml"), "-o", "timeout=1", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--color=no", *options, str(tmp_path)],
        cwd=ROOT, env={**os.environ, "DOCKLEDGER_SOUNDNESS": thorough}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    told = [line.split() for line in ran.stdout.splitlines() if line.startswith("FAILED ")]
    assert {words[1].split("::")[1] for words in told} == stopped, ran.stdout + ran.stderr
    assert all("Timeout" in " ".join(words) for words in told), ran.stdout
    assert f"{4 - len(stopped)} passed" in ran.stdout
