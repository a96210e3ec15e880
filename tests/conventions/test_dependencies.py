"""What is installed is exactly what the lock names, and every bound says why it is there."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.version import Version

from tests.conventions.tree import text
from tests.support import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = [declared for extra in PYPROJECT["project"]["optional-dependencies"].values() for declared in extra]
DECLARED = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"], *EXTRAS]
LOCK = "".join((ROOT / name).read_text() for name in ("requirements.lock", "requirements-spark.lock"))


def canonical(name: str) -> str:
    """A distribution's name as the lock writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, list[str]]:
    """Every requirement of the lock: `name==version` and its marker -> its hashes."""
    entries = LOCK.replace("\\\n", " ").strip().splitlines()
    return {entry.split(" --hash=")[0].strip(): re.findall(r"--hash=(\S+)", entry) for entry in entries}


def versions() -> dict[str, list[Version]]:
    """Every distribution of the lock -> the versions it is pinned to (several where a marker chooses)."""
    found: dict[str, list[Version]] = {}
    for entry in locked():
        pin = re.fullmatch(r"([a-z0-9-]+)(?:\[[^]]+\])?==([^ ;]+)(?: *;.*)?", entry)
        assert pin, f"{entry} is not pinned"
        found.setdefault(pin.group(1), []).append(Version(pin.group(2)))
    return found


def upper_bounds() -> list[str]:
    """Declared requirements that exclude newer versions."""
    return [d for d in DECLARED if any(s.operator in ("<", "<=", "==", "~=") for s in Requirement(d).specifier)]


def test_every_locked_version_has_a_sha256_hash():
    for entry, hashes in locked().items():
        assert hashes, entry
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", h) for h in hashes), entry


def test_the_lock_names_no_place_to_download_from():
    assert re.findall(r"^.*(?:://|--index|--find-links|--extra|@ ).*$", LOCK, flags=re.MULTILINE) == []


def test_the_lock_fulfils_everything_that_is_declared():
    pinned = versions()
    for declared in DECLARED:
        requirement = Requirement(declared)
        found = pinned.get(canonical(requirement.name), [])
        assert found, f"{declared} is not in requirements.lock; run make lock"
        assert all(requirement.specifier.contains(v) for v in found), f"{declared} is locked as {found}; run make lock"


def test_every_upper_bound_has_its_reason_beside_it():
    lines = text(ROOT / "pyproject.toml").splitlines()
    bare = []
    for bound in upper_bounds():
        line = next(line for line in lines if f'"{bound}"' in line)
        if not re.search(r"#\s*\S+ \S+ \S+", line):
            bare.append(bound)
    assert bare == []


def test_a_requirement_with_an_upper_bound_is_recognised():
    """duckdb is held below 2, click is not held at all."""
    names = {Requirement(b).name for b in upper_bounds()}
    assert "duckdb" in names
    assert "click" not in names
