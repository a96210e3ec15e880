"""Which files a pattern finds, and which folders, links, archives and changes are refused."""

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import pytest

import pipelines.landing
from pipelines.accounts import account
from pipelines.errors import UnusableInput
from pipelines.feed_files import feed_files
from pipelines.feeds.unpacked import FREE_BYTES, MOST_TIMES
from pipelines.workspace import load_workspace
from tests.landing import event, events
from tests.support import ROOT

NOBODY = 65534
SETTINGS = "facilities: [{{id: NDC, timezone: UTC}}]\nfeeds:\n  - {{name: wms, adapter: canonical_csv, table: inventory_event, path: {path}}}\n"


def found(root: Path, path: str) -> list[str]:
    (root / "dockledger.yaml").write_text(SETTINGS.format(path=f"'{path}'"))
    workspace = load_workspace(root)
    return [file.name for file in feed_files(workspace, workspace.feeds[0])]


@pytest.fixture
def root(tmp_path):
    """A workspace with plain files, hidden ones, links inside it, and a folder beside it."""
    root = tmp_path / "ws"
    for name in (
        "feeds/a.csv",
        "feeds/.b.csv",
        "feeds/site/c.csv",
        "feeds/site/.old/d.csv",
        "feeds/e.txt",
        "kept/f.csv",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "secret.csv").touch()
    return root


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("feeds/*.csv", ["feeds/.b.csv", "feeds/a.csv"]),
        ("feeds/**/*.csv", ["feeds/.b.csv", "feeds/a.csv", "feeds/site/.old/d.csv", "feeds/site/c.csv"]),
        ("**/f.csv", ["kept/f.csv"]),
        ("feeds/*/[c-d].csv", ["feeds/site/c.csv"]),
        ("feeds/a.csv", ["feeds/a.csv"]),
        ("feeds/*", ["feeds/.b.csv", "feeds/a.csv", "feeds/e.txt"]),
        ("nowhere/*.csv", []),
    ],
)
def test_a_pattern_finds_files_hidden_ones_too_in_name_order_and_no_folder(root, path, expected):
    assert found(root, path) == expected


def test_links_that_stay_inside_are_followed(root):
    (root / "feeds" / "g.csv").symlink_to(root / "kept" / "f.csv")
    (root / "feeds" / "linked").symlink_to(root / "kept")
    assert found(root, "feeds/g*") == ["feeds/g.csv"]
    assert found(root, "feeds/linked/*.csv") == ["feeds/linked/f.csv"]
    assert "feeds/linked/f.csv" in found(root, "feeds/**/*.csv")


@pytest.mark.parametrize("path", ["feeds/*.csv", "feeds/**/*.csv", "feeds/out/*", "feeds/out/secret.csv", "**/*.csv"])
def test_a_link_that_leads_outside_is_refused(root, path):
    if "out" in path or "**" in path:
        (root / "feeds" / "out").symlink_to(root.parent / "beside")
        name = "feeds/out/secret.csv"
    else:
        (root / "feeds" / "out.csv").symlink_to(root.parent / "beside" / "secret.csv")
        name = "feeds/out.csv"
    with pytest.raises(UnusableInput, match=rf"^{re.escape(name)}: feed wms reaches outside the workspace$"):
        found(root, path)


def test_a_link_back_to_the_folder_it_lies_in_is_refused(root):
    (root / "feeds" / "again").symlink_to(root / "feeds")
    with pytest.raises(UnusableInput, match=r"^feeds/again.*: the folder is a link back to a folder that it lies in$"):
        found(root, "feeds/**/*.csv")


OUTSIDE = r"must stay inside the workspace$"


@pytest.mark.parametrize("path", ["../beside/*.csv", "feeds/../../beside/secret.csv", "/etc/*", "feeds/**/../../*"])
def test_a_pattern_that_leaves_the_workspace_is_refused_with_its_line(root, path):
    with pytest.raises(UnusableInput, match=rf"line 3: feeds\.0\.path: path '.*' {OUTSIDE}"):
        found(root, path)


@pytest.mark.parametrize("key", ["items", "item_aliases", "uom_conversions"])
@pytest.mark.parametrize("path", ["../beside/secret.csv", "/etc/passwd"])
def test_reference_files_stay_inside_the_workspace(root, key, path):
    (root / "dockledger.yaml").write_text(SETTINGS.format(path="feeds/*") + f"reference:\n  {key}: {path}\n")
    with pytest.raises(UnusableInput, match=rf"line 5: reference\.{key}: path '{path}' {OUTSIDE}"):
        load_workspace(root)
    (root / "linked.csv").symlink_to(root.parent / "beside" / "secret.csv")
    (root / "dockledger.yaml").write_text(SETTINGS.format(path="feeds/*") + f"reference: {{{key}: linked.csv}}\n")
    with pytest.raises(UnusableInput, match=rf"reference\.{key}: 'linked\.csv' leads outside the workspace$"):
        load_workspace(root)


# What is closed, how, and a pattern on whose way it lies. Who may enter a folder but not list it finds a file by its name.
CLOSED = {
    "feeds/*.csv": ("feeds", 0o300),
    "feeds/*/c.csv": ("feeds", 0o300),
    "feeds/**/*.csv": ("feeds/site", 0o000),
    "feeds/site/c.csv": ("feeds/site", 0o600),
    "feeds/site/*.csv": ("feeds", 0o600),
    "feeds/a.csv": ("feeds", 0o300),
}
# Lists as a user without rights what was prepared; as oneself where that is such a user already.
LISTING = f"""
import os, sys
from pathlib import Path
from pipelines.errors import UnusableInput
from pipelines.feed_files import feed_files
from pipelines.workspace import Facility, Feed, Workspace
if os.geteuid() == 0:
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
for folder, path in zip(sys.argv[1::2], sys.argv[2::2]):
    feed = Feed(name="wms", adapter="canonical_csv", path=path)
    workspace = Workspace(facilities=[Facility(id="NDC", timezone="UTC")], feeds=[feed], root=Path(folder))
    try:
        print([file.name for file in feed_files(workspace, feed)])
    except UnusableInput as error:
        print(error)
"""


def test_a_folder_that_cannot_be_listed_is_refused_since_its_rows_would_leave(root):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        arguments = []
        for number, (path, (closed, mode)) in enumerate(CLOSED.items()):
            copy = Path(shutil.copytree(root, Path(folder) / str(number)))
            for place in [copy, *copy.rglob("*")] if os.geteuid() == 0 else []:
                os.chown(place, NOBODY, NOBODY)
            (copy / closed).chmod(mode)
            arguments += [str(copy), path]
        ran = subprocess.run(
            [sys.executable, "-c", LISTING, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
        )
        for number, (closed, _) in enumerate(CLOSED.values()):
            (Path(folder) / str(number) / closed).chmod(0o700)
    assert ran.returncode == 0, ran.stderr
    refused = [f"{closed}: feed wms: the folder cannot be listed" for closed, _ in CLOSED.values()]
    assert ran.stdout.splitlines() == [*refused[:-1], "['feeds/a.csv']"]


def test_a_folder_that_is_gone_is_no_file_and_its_rows_leave(landing):
    landing.write("feeds/a.csv", events(event(event_id="E1")))
    assert landing.land("event_id") == [(1, "E1")]
    shutil.rmtree(landing.root / "feeds")
    assert (landing.land("event_id"), landing.engine.count("landing.file")) == ([], 0)


@pytest.mark.parametrize("adapter", ["canonical_csv", "canonical_jsonl", "epcis_json"])
def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused(landing, adapter):
    """Blanks, so that a reader without the bound would find nothing wrong with the first of them."""
    packer, bomb = zlib.compressobj(9, wbits=31), bytearray()
    for _ in range((FREE_BYTES >> 20) + 2):
        bomb += packer.compress(b" " * (1 << 20))
    bomb += packer.flush()
    assert len(bomb) * MOST_TIMES < FREE_BYTES
    landing.write("feeds/a.gz", bytes(bomb))
    table = {} if adapter == "epcis_json" else {"table": "inventory_event"}
    with pytest.raises(
        UnusableInput, match=r"^feeds/a\.gz: the archive unpacks to more than 200 times its size and 64 MiB"
    ):
        landing.land("event_id", adapter=adapter, **table)


def test_an_archive_that_packs_well_and_is_small_is_read(landing):
    lines = [event(event_id="E1"), *[""] * 3_000_000]
    packed = gzip.compress(events(*lines).encode())
    assert len(packed) * MOST_TIMES < 3_000_000
    landing.write("feeds/a.csv.gz", packed)
    assert landing.land("event_id") == [(1, "E1")]


def grow(path: Path) -> None:
    path.write_text(events(*(event(event_id=name) for name in ("E1", "E2"))))


def touch(path: Path) -> None:
    """As a program does that writes the same size again."""
    os.utime(path, ns=(1, 1))


def vanish(path: Path) -> None:
    path.unlink(missing_ok=True)


CHANGED = "feeds/a.csv: the file changed while it was read; the next build reads it again"


@pytest.mark.parametrize("change", [grow, touch, vanish])
@pytest.mark.parametrize("moment", ["refuse_harmful_archive", "_read_tidily", "keep_malformed", "account"])
def test_a_file_that_changes_while_it_is_read_is_refused_and_read_again_by_the_next_build(
    landing, monkeypatch, change, moment
):
    """It was hashed before; it is changed just before the archive is tried, it is read, its rows are accounted for."""
    landing.write("feeds/a.csv", events(event(event_id="E1")))
    landing.write("feeds/b.csv", events(event(event_id="E3")))
    function = getattr(pipelines.landing, moment)

    def changed(*arguments):
        change(landing.root / "feeds" / "a.csv")
        return function(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(pipelines.landing, moment, changed)
        with pytest.raises(UnusableInput) as refused:
            landing.land("event_id")
    assert str(refused.value) == CHANGED
    assert landing.engine.rows("SELECT file FROM landing.delivery") == []
    after = {grow: [(1, "E1"), (2, "E2"), (1, "E3")], touch: [(1, "E1"), (1, "E3")], vanish: [(1, "E3")]}[change]
    assert landing.land("event_id") == after
    assert landing.received() == len(after)
    assert landing.land("event_id") == after


def test_files_that_were_read_before_stay_known_when_another_changes(landing, monkeypatch):
    landing.write("feeds/a.csv", events(event(event_id="E1")))
    landing.land("event_id")
    landing.write("feeds/b.csv", events(event(event_id="E3")))

    def changed(*arguments):
        landing.write("feeds/b.csv", events(event(event_id="E3"), event(event_id="E2")))
        account(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(pipelines.landing, "account", changed)
        with pytest.raises(UnusableInput, match=r"^feeds/b\.csv: the file changed"):
            landing.land("event_id")
    assert landing.engine.rows("SELECT file FROM landing.delivery") == [("feeds/a.csv",)]
    assert landing.land("event_id") == [(1, "E1"), (1, "E3"), (2, "E2")]


def test_a_complaint_about_a_file_that_stayed_as_it_is_is_told_as_it_is(landing):
    landing.write("feeds/a.csv", "event_id\nE1\n")
    with pytest.raises(UnusableInput, match=r"^feeds/a\.csv: row 1: required columns"):
        landing.land("event_id")
