"""`dockledger check` proposes mappings for codes that it does not know; what is proposed can be pasted, and helps."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipelines.proposals import nearest
from tests.pipelines.support import dockledger_here, make_workspace, put, snapshot

EVENTS = ["receipt_confirmed", "putaway_completed", "pick_confirmed"]
CONFIGURATION = """\
facilities: [{id: NDC, timezone: UTC, codes: [DC-01]}]
feeds:
  - name: other
    adapter: mapped_csv
    table: inventory_event
    path: "feeds/other/*.csv"
    columns: {event_id: id}
    event_types: {Wareneingang: receipt_confirmed}
  - name: wms
    adapter: mapped_csv
    table: inventory_event
    path: "feeds/wms/*.csv"
    system_timezone: UTC
    columns: {event_id: id, event_type: what, event_time: at, facility_id: site, item_id: sku, to_status: state}
<here>
reference: {items: items.csv<aliases>}
"""
LINES = [
    "E1,Wareneingänge,2026-01-05 08:00,NDC,SKU-0100,available",
    "E2,Wareneingänge,2026-01-05 08:00,NDC,SKU 100,Q-Hold",
    "E3,PICK CONFIRMED,2026-01-05 08:00,NDC,SKU 100,quality hold",
    "E4,Wareneingänge,no time at all,NDC,SKU 100,available",
    "E5,XQ7,2026-01-05 08:00,DC01,ZZZ,available",
    "E6,pick_confirmed,2026-01-05 08:00,NDC,A1,available",
]


def workspace(root: Path, here: str = "", aliases: str = "") -> Path:
    """The workspace with more settings of feed wms, and perhaps aliases."""
    configuration = CONFIGURATION.replace("<here>", here).replace("<aliases>", aliases)
    files: dict[str, str | bytes] = {
        "items.csv": "item_id\nSKU-100\nA1\nB2\n",
        "feeds/wms/a.csv": "\n".join(["id,what,at,site,sku,state", *LINES, ""]),
    }
    return make_workspace(root, files, configuration)


def proposed(root: Path) -> list[str]:
    """The lines below the heading of the proposals."""
    lines = dockledger_here("check", root).stdout.splitlines()
    heads = [n for n, line in enumerate(lines) if line.startswith("  proposals for feed wms")]
    return lines[heads[0] + 1 :] if heads else []


def test_unknown_codes_are_listed_most_frequent_first_with_what_they_resemble(tmp_path):
    """E4 is refused for its time, and its word counts all the same; E5's item has no facility yet to be an alias of."""
    assert proposed(workspace(tmp_path / "ws")) == [
        "    event_types:",
        '      "Wareneingänge": receipt_confirmed  # proposal: near "Wareneingang"; 3 rows',
        '      "PICK CONFIRMED": pick_confirmed  # proposal: near "pick_confirmed"; 1 row',
        '      # "XQ7":  # nothing near; 1 row',
        "    statuses:",
        # q hold against quality_hold: 2 * 5 / (5 + 11) = 0.625.
        '      "Q-Hold": quality_hold  # proposal: near "quality_hold"; 1 row',
        '      "quality hold": quality_hold  # proposal: near "quality_hold"; 1 row',
        '    # facilities: add "DC01" to codes of NDC?  # proposal; 1 row',
        '    # item "SKU 100" at NDC: proposal: near "SKU-100"; 3 rows',
        '    # item "SKU-0100" at NDC: proposal: near "SKU-100"; 1 row',
        "    # lines for a new file, named by reference: item_aliases",
        "facility_id,local_code,item_id",
        "NDC,SKU 100,SKU-100",
        "NDC,SKU-0100,SKU-100",
    ]


def test_what_is_proposed_can_be_pasted_and_makes_the_codes_known(tmp_path):
    lines = proposed(workspace(tmp_path / "ws"))
    cut = lines.index("facility_id,local_code,item_id")
    root = workspace(tmp_path / "mended", "\n".join(lines[:cut]), ", item_aliases: aliases.csv")
    put(root, "aliases.csv", "\n".join([*lines[cut:], ""]))
    told = dockledger_here("check", root).stdout
    # The time of E4 and the word of E5 remain, and E5's facility behind its word.
    assert "wms: 1 files, 6 rows, 2 refused" in told
    assert "1 x schema violation: event_time 'no time at all' is not a time" in told
    assert proposed(root)[:2] == ["    # event_types:", '      # "XQ7":  # nothing near; 1 row']


def test_a_block_without_any_proposal_is_a_comment_and_so_changes_nothing(tmp_path):
    root = workspace(tmp_path / "ws")
    put(root, "feeds/wms/a.csv", 'id,what,at,site,sku,state\nE5,"X""Q: #7",2026-01-05 08:00,NDC,A1,available\n')
    text = "\n".join(proposed(root))
    assert text == '    # event_types:\n      # "X\\"Q: #7":  # nothing near; 1 row'
    assert YAML().load(text) is None


def test_where_every_code_is_known_nothing_is_proposed_and_check_writes_nothing(tmp_path):
    root = workspace(tmp_path / "ws")
    before = snapshot(root)
    assert proposed(root)
    assert snapshot(root) == before
    put(root, "feeds/wms/a.csv", "id,what,at,site,sku,state\nE6,pick_confirmed,2026-01-05 08:00,NDC,A1,available\n")
    assert "proposals" not in dockledger_here("check", root).stdout


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Pick-Confirmed", ("pick_confirmed", "pick_confirmed")),
        ("00004711", ("A", "4711")),
        # pickconfirm against pickconfirmed: 2 * 11 / (11 + 13) = 0.917.
        ("PICKCONFIRM", ("pick_confirmed", "pick_confirmed")),
        # 4712 against 4711: 2 * 3 / 8 = 0.75.
        ("4712", ("A", "4711")),
        ("umb", (None, None)),
        ("---", (None, None)),
        # Two codes that look alike and mean different things: neither.
        ("x9", (None, None)),
    ],
)
def test_the_nearest_known_code_gives_the_meaning(code, expected):
    known = {"pick_confirmed": "pick_confirmed", "4711": "A", "X-9": "B", "x.9": "C", "x 9": "B"}
    assert nearest(code, known) == expected
