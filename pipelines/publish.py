"""Write, audit, publish: a finished file first, then one atomic replacement of the pointer that readers follow."""

import json
from pathlib import Path

from pipelines.audit import Finding
from pipelines.durable import put_in_place
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.workspace import Workspace
from transforms.contracts.sqlgen import literal

CURRENT = "CURRENT"
STATUS = "STATUS.json"


def publish(engine: DuckDBEngine, workspace: Workspace, run_id: str, marts: list[str]) -> Path:
    """Copies the marts into `published/<run_id>.duckdb` and points CURRENT at it; forgets the oldest files.

    The file gets its final name only when it is complete and on disk, and CURRENT only then names it, so a
    process killed at any moment leaves the last published state whole.
    """
    folder = workspace.published
    folder.mkdir(exist_ok=True)
    for leftover in folder.glob("*.part*"):
        leftover.unlink()
    final, part = folder / f"{run_id}.duckdb", folder / f"{run_id}.part"
    try:
        _copy(engine, part, marts)
        part.chmod(0o444)
        put_in_place(part, final)
    except BaseException:
        for leftover in folder.glob(f"{part.name}*"):  # on a full disk its room is needed
            leftover.unlink()
        raise
    replace_text(folder / CURRENT, final.name + "\n")
    _forget_old(folder, final, workspace.publish.keep)
    return final


def _copy(engine: DuckDBEngine, path: Path, marts: list[str]) -> None:
    engine.con.execute(f"ATTACH {literal(path)} AS published")
    engine.con.execute("CREATE SCHEMA published.marts")
    for table in marts:
        engine.con.execute(f"CREATE TABLE published.{table} AS SELECT * FROM {table}")
    engine.con.execute("CHECKPOINT published")
    engine.con.execute("DETACH published")


def replace_text(path: Path, text: str) -> None:
    """Replaces a small file atomically."""
    part = path.with_name(path.name + ".new")
    try:
        part.write_text(text, encoding="utf-8")
        put_in_place(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _forget_old(folder: Path, current: Path, keep: int) -> None:
    """Run ids begin with their time, so that name order is age order."""
    old = sorted(p for p in folder.glob("*.duckdb") if p != current)
    for path in old[: max(0, len(old) - (keep - 1))]:
        path.unlink()


def current_file(root: Path) -> Path | None:
    """The published database that CURRENT names, or None."""
    pointer = root / "published" / CURRENT
    if not pointer.is_file():
        return None
    path = pointer.parent / pointer.read_text(encoding="utf-8").strip()
    return path if path.is_file() else None


def write_status(workspace: Workspace, run_id: str, outcome: str, sentence: str, failed_checks: list[str]) -> None:
    """Says how the latest build ended, for pages and people; never in the way of the build's own outcome."""
    state = {"run_id": run_id, "outcome": outcome, "sentence": sentence, "failed_checks": failed_checks}
    try:
        workspace.published.mkdir(exist_ok=True)
        replace_text(workspace.published / STATUS, json.dumps(state, indent=1) + "\n")
    except OSError:
        return


def coverage(engine: DuckDBEngine, workspace: Workspace) -> Finding:
    """Whether this build sees at least as many events as the published one; a warning, since files may be withdrawn."""
    before = current_file(workspace.root)
    if before is None:
        return Finding("coverage", True, "nothing was published before", is_blocking=False)
    engine.con.execute(f"ATTACH {literal(before)} AS earlier (READ_ONLY)")
    try:
        was = engine.value("SELECT events_count FROM earlier.marts.run_info")
    finally:
        engine.con.execute("DETACH earlier")
    now = engine.value("SELECT events_count FROM marts.run_info")
    return Finding("coverage", now >= was, f"{now} events, {was} in the build before", is_blocking=False)
