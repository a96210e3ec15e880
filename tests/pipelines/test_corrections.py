"""Corrections: they act on what was delivered, say what they found, and stop a build where it is not what they expect."""

import pytest

from pipelines.errors import ChecksFailed
from tests.building import build_tables
from tests.pipelines.support import (
    FILES,
    WORKSPACE,
    dockledger_here,
    make_workspace,
    published_state,
    put,
    rows,
    sentence,
)

HEADER = "table,feed,key,action,column,expected,value,reason,reported_date,reported_by\n"
MONDAY = "feeds/wms/monday.csv"
# E3 and E7 cannot be used as they are: a facility and a quantity that nobody knows.
BAD = FILES[MONDAY].replace(
    "E3,shipment_confirmed,2026-02-23T12:00:00Z,3PL1", "E3,shipment_confirmed,2026-02-23T12:00:00Z,P1"
)
BAD += "E7,pick_confirmed,2026-02-23T13:00:00Z,NDC,A,ten,D7,1,\n"
STATES = "SELECT row_number, state, applied_count, mended_count FROM marts.corrections ORDER BY file, row_number"
ACCOUNT = """SELECT received_count, accepted_count, quarantined_count, duplicate_count, out_of_scope_count
    FROM marts.feed_reconciliation WHERE feed = 'wms' AND file = 'feeds/wms/monday.csv'"""


def corrections(*lines: str) -> str:
    return HEADER + "".join(line + "\n" for line in lines)


@pytest.fixture
def root(tmp_path):
    return make_workspace(tmp_path / "ws", {**FILES, MONDAY: BAD})


def test_quarantined_rows_that_are_mended_enter_and_keep_what_was_delivered_out_of_quarantine(root):
    build_tables(root)
    assert {r["raw"].split('"')[3] for r in rows(root, "SELECT raw FROM marts.quarantine")} == {"E3", "E7"}
    put(
        root,
        "corrections/march.csv",
        corrections(
            "inventory_event,wms,E3,set,facility_id,P1,3PL1,site renamed,2026-03-01,Ann",
            "inventory_event,,E7,set,quantity,ten,10,typed in words,2026-03-02,",
            "inventory_event,,E7,set,partner_facility_id,,3PL1,left out,2026-03-02,",
        ),
    )
    build_tables(root)
    assert rows(root, "SELECT count(*) AS n FROM marts.quarantine") == [{"n": 0}]
    assert rows(root, "SELECT facility_id, CAST(quantity AS INTEGER) AS q FROM marts.event_latency WHERE event_id IN "
                      "('E3', 'E7') ORDER BY event_id") == [{"facility_id": "3PL1", "q": 4}, {"facility_id": "NDC", "q": 10}]  # fmt: skip
    assert rows(root, STATES) == [
        {"row_number": n, "state": "applied", "applied_count": 1, "mended_count": 0} for n in (1, 2, 3)
    ]


def test_a_dropped_row_is_quarantined_with_the_reason_and_what_was_delivered_so_that_the_account_adds_up(root):
    put(
        root,
        "corrections/a.csv",
        corrections(
            "inventory_event,,E1,drop,,,,a test message,2026-03-01,",
            "inventory_event,,E2,drop,document_id,R1,,booked twice,2026-03-01,",
            "inventory_event,,E3,set,facility_id,P1,DC77,site renamed,2026-03-01,",
        ),
    )
    build_tables(root)
    found = rows(root, "SELECT reason, detail, raw FROM marts.quarantine ORDER BY row_number")
    assert [(r["reason"], r["detail"]) for r in found] == [
        ("dropped by correction", "a test message"),
        ("dropped by correction", "booked twice"),
        ("unknown facility", "facility_id 'DC77' is not known"),
        ("non-numeric quantity", "quantity 'ten' is not a number that can be kept"),
    ]
    assert '"facility_id":"P1"' in found[2]["raw"]  # as delivered, not as corrected
    # Four rows in the file: two dropped, two that cannot be used.
    assert rows(root, ACCOUNT) == [
        {
            "received_count": 4,
            "accepted_count": 0,
            "quarantined_count": 4,
            "duplicate_count": 0,
            "out_of_scope_count": 0,
        }
    ]
    listed = dockledger_here("quarantine", root, "--reason", "dropped by correction")
    assert listed.exit_code == 0
    assert "booked twice" in listed.output


def test_a_correction_whose_expected_value_the_source_no_longer_states_stops_the_build_until_it_is_gone(root):
    put(root, "corrections/a.csv", corrections("inventory_event,,E7,set,quantity,ten,10,words,2026-03-01,"))
    build_tables(root)
    before = published_state(root)
    put(root, MONDAY, BAD.replace("ten", "12"))
    failed = dockledger_here("build", root, "--quiet")
    assert failed.exit_code == 1
    said = sentence(failed.stderr)
    assert (
        "corrections/a.csv row 1 expects 'ten' as quantity of inventory_event E7, but feeds/wms/monday.csv states '12'"
        in said
    )
    assert published_state(root) == before
    with pytest.raises(ChecksFailed, match=r"monday\.csv states '12'"):  # nothing new to read, and still wrong
        build_tables(root)
    put(root, MONDAY, BAD.replace("ten", "10"))
    with pytest.raises(ChecksFailed, match=r"monday\.csv states '10'"):
        build_tables(root)
    put(root, "corrections/a.csv", HEADER)
    build_tables(root)
    assert rows(root, "SELECT CAST(quantity AS INTEGER) AS q FROM marts.event_latency WHERE event_id = 'E7'") == [
        {"q": 10}
    ]
    assert rows(root, STATES) == []


def test_a_source_that_delivers_the_mended_row_beside_the_old_one_is_told_and_one_content_remains(root):
    put(root, "corrections/a.csv", corrections("inventory_event,,E7,set,quantity,ten,10,words,2026-03-01,"))
    head, last = BAD.splitlines()[0], BAD.splitlines()[-1]
    put(root, "feeds/wms/wednesday.csv", f"{head}\n{last.replace('ten', ' 10 ')}\n")
    build_tables(root)
    assert rows(root, STATES) == [
        {"row_number": 1, "state": "source was mended", "applied_count": 1, "mended_count": 1}
    ]
    # Corrected, both deliveries say the same: one is a duplicate, and there is no conflict.
    assert rows(root, "SELECT sum(duplicate_count)::INT AS n FROM marts.feed_reconciliation") == [{"n": 1}]


def test_a_correction_that_finds_no_row_is_a_warning(root):
    put(root, "corrections/a.csv", corrections("inventory_event,,E99,set,quantity,1,2,words,2026-03-01,"))
    told = dockledger_here("build", root, "--quiet")
    assert told.exit_code == 0
    assert (
        "warning: marts.corrections: corrections_find_rows: corrections/a.csv row 1: there is no inventory_event E99"
        in (told.output)
    )
    assert rows(root, STATES) == [{"row_number": 1, "state": "no such row", "applied_count": 0, "mended_count": 0}]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("inventory_evnt,,E1,set,quantity,10,1,why,2026-03-01,", "table 'inventory_evnt' is not known; there are count_record, "),
        ("inventory_event,wsm,E1,set,quantity,10,1,why,2026-03-01,", "feed 'wsm' is not known; there are wms, erp, counts"),
        ("inventory_event,erp,E1,set,quantity,10,1,why,2026-03-01,", "feed 'erp' does not fill inventory_event"),
        ("inventory_event,,E1,mend,quantity,10,1,why,2026-03-01,", "action 'mend' is not known; there are set, drop"),
        ("inventory_event,,E1,set,quantty,10,1,why,2026-03-01,", "column 'quantty' is not one of inventory_event; there are"),
        ("inventory_event,,E1,set,,,1,why,2026-03-01,", "column is empty: there is nothing to set"),
        ("inventory_event,,,set,quantity,10,1,why,2026-03-01,", "key is empty"),
        ("inventory_event,,E1,set,quantity,10,1, ,2026-03-01,", "reason is empty"),
        ("inventory_event,,E1,set,quantity,10,1,why,,", "reported_date is empty"),
        ("inventory_event,,E1,set,quantity,10,1,why,1.3.2026,", "reported_date '1.3.2026' is not a day such as 2026-03-01"),
        ("inventory_event,,E1,set,quantity,10,1,why,2026-02-30,", "reported_date '2026-02-30' is not a day"),
        ("inventory_event,,E1,set,quantity,10,10,why,2026-03-01,", "value is what is expected: nothing would change"),
        ("inventory_event,,E1,drop,quantity,10,1,why,2026-03-01,", "a drop sets nothing: leave value empty"),
        ("inventory_event,,E1,drop,,10,,why,2026-03-01,", "expected is given without a column"),
        ("inventory_event,,E2,set,quantity,9,8,why,2026-03-01,", "inventory_event E2 is corrected twice; corrections/a.csv row 1"),
        ("inventory_event,wms,E2,drop,,,,why,2026-03-01,", "inventory_event E2 is corrected twice; corrections/a.csv row 1"),
        ("inventory_event,,E1,set", "it has 4 fields instead of 10"),
        ('inventory_event,,E1,set,quantity,"10"x,1,why,2026-03-01,', "the line is not CSV"),
    ],
)  # fmt: skip
def test_a_wrong_correction_is_refused_with_file_row_and_reason_before_anything_is_read(root, line, said):
    right = "inventory_event,,E2,set,quantity,10,11,why,2026-03-01,"
    put(root, "corrections/a.csv", corrections(right, line))
    refused = dockledger_here("build", root, "--quiet")
    assert refused.exit_code == 2
    assert refused.output.startswith(f"dockledger: corrections/a.csv: row 2: {said}")
    assert not (root / "published" / "CURRENT").exists()


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("table,key,action,column,value,reason", "required column reported_date is missing"),
        (
            "table,key,action,column,was,value,reason,reported_date",
            "column 'was' is not known; there are table, feed, key",
        ),
        ("table,key,key,action,reason,reported_date", "column 'key' appears twice"),
    ],
)
def test_a_header_that_is_not_that_of_corrections_is_refused(root, header, said):
    put(root, "corrections/a.csv", f"{header}\n")
    refused = dockledger_here("check", root)
    assert refused.exit_code == 2
    assert refused.output.startswith(f"dockledger: corrections/a.csv: {said}")


def test_check_tells_what_corrections_would_find(root):
    put(
        root,
        "corrections/a.csv",
        corrections(
            "inventory_event,,E7,set,quantity,ten,10,words,2026-03-01,",
            "inventory_event,,E1,set,quantity,11,12,words,2026-03-01,",
            "inventory_event,,E99,drop,,,,words,2026-03-01,",
        ),
    )
    lines = dockledger_here("check", root).output.splitlines()
    assert lines[-3:] == [
        "corrections: 1 applied, 1 contradicted, 1 no such row",
        "  corrections/a.csv row 2 expects '11' as quantity of inventory_event E1, but feeds/wms/monday.csv states '10'",
        "  corrections/a.csv row 3: there is no inventory_event E99",
    ]


def test_the_pattern_of_the_files_is_a_setting_that_stays_inside_the_workspace(root):
    line = corrections("inventory_event,,E7,set,quantity,ten,10,words,2026-03-01,")
    put(root, "known/errors.csv", line)
    make_workspace(root, {}, WORKSPACE + 'corrections: "known/*.csv"\n')
    build_tables(root)
    assert rows(root, "SELECT file, state FROM marts.corrections") == [{"file": "known/errors.csv", "state": "applied"}]
    make_workspace(root, {}, WORKSPACE + 'corrections: "../*.csv"\n')
    refused = dockledger_here("build", root, "--quiet")
    assert "corrections: path '../*.csv' must stay inside the workspace" in refused.output


def test_two_feeds_may_be_corrected_differently_in_one_cell(root):
    put(root, "feeds/yard/a.csv", BAD)
    feed = '  - {name: yard, adapter: canonical_csv, table: inventory_event, path: "feeds/yard/*.csv"}\nsla:'
    make_workspace(root, {}, WORKSPACE.replace("sla:", feed))
    put(
        root,
        "corrections/a.csv",
        corrections(
            "inventory_event,wms,E7,set,quantity,ten,10,words,2026-03-01,",
            "inventory_event,yard,E7,drop,,,,not theirs,2026-03-01,",
        ),
    )
    build_tables(root)
    assert [r["state"] for r in rows(root, STATES)] == ["applied", "applied"]
    assert rows(root, "SELECT feed, raw IS NOT NULL AS r FROM marts.quarantine WHERE reason LIKE 'dropped%'") == [
        {"feed": "yard", "r": True}
    ]
