"""Models, limits and accepted deviations of a workspace's own, from `dockledger.yaml` to what is published.

At as_of, 2026-03-01T00:00Z, it is still 28 February at NDC in Chicago. R1 of NDC has no receipt_created, S1 of 3PL1 only
a shipment, and the transfer T1 was neither requested nor approved and under way for 169,200 s.
"""

import pytest

from tests.bpmn import model_of
from tests.building import build_tables
from tests.pipelines.support import WORKSPACE, dockledger_here, make_workspace, put, rows

OF_R1 = "process: procure_to_receive, kind: skipped, activity: receipt_created"
OF_T1 = "process: transfer_to_reconcile, kind: skipped"
SETTINGS = f"""\
processes:
  order_to_fulfil: {{by_facility: {{3PL1: processes/ship_only.bpmn}}}}
  transfer_to_reconcile: {{limits: [{{activity: transfer_received, after: transfer_shipped, seconds: 169199}}]}}
accepted_deviations:
  - {{{OF_R1}, reason: old scanners, until: 2026-02-28}}
  - {{{OF_T1}, activity: transfer_requested, reason: by telephone, until: 2026-02-28}}
"""


def built(root, settings: str):
    put(root, "processes/ship_only.bpmn", model_of("shipment_confirmed"))
    (root / "dockledger.yaml").write_text(WORKSPACE + settings)
    build_tables(root)
    return root


@pytest.fixture(scope="module")
def with_settings(tmp_path_factory):
    return built(make_workspace(tmp_path_factory.mktemp("own") / "mine"), SETTINGS)


def deviations(root, process: str) -> list[tuple]:
    sql = f"""SELECT facility_id, kind, activity, is_accepted, accepted_reason FROM marts.deviations
        WHERE process = '{process}' ORDER BY kind, activity"""
    return [tuple(row.values()) for row in rows(root, sql)]


def test_an_accepted_deviation_counts_for_nothing_up_to_the_end_of_its_day_where_it_happened(with_settings):
    assert deviations(with_settings, "procure_to_receive") == [
        ("NDC", "skipped", "receipt_created", True, "old scanners")
    ]
    cases = rows(with_settings, "SELECT is_conformant, cost FROM marts.case_conformance WHERE case_id = 'NDC|R1|1'")
    assert cases == [{"is_conformant": True, "cost": 1}]


def test_an_expired_entry_counts_again_and_a_tighter_limit_is_broken_by_a_second(with_settings):
    """At 3PL1, in UTC, 28 February is over. The limit of the workspace stands for that of the transfer SLA, 172,800 s."""
    assert deviations(with_settings, "transfer_to_reconcile") == [
        ("3PL1", "skipped", "transfer_approved", False, None),
        ("3PL1", "skipped", "transfer_requested", False, None),
        ("3PL1", "too_late", "transfer_received", False, None),
    ]


def test_a_facility_with_a_model_of_its_own_is_held_to_it(with_settings, tmp_path):
    assert deviations(with_settings, "order_to_fulfil") == []
    told = "SELECT adherence_ratio FROM marts.process_conformance WHERE process = 'order_to_fulfil'"
    assert rows(with_settings, told) == [{"adherence_ratio": 1.0}]
    plain = built(make_workspace(tmp_path / "plain"), "")
    skipped = ["inventory_reserved", "pick_confirmed", "pick_released"]
    assert deviations(plain, "order_to_fulfil") == [("3PL1", "skipped", step, False, None) for step in skipped]
    assert rows(plain, told) == [{"adherence_ratio": 0.0}]


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_model_that_cannot_be_read_stops_the_run_with_its_element(tmp_path, command):
    root = make_workspace(tmp_path / "mine", configuration=WORKSPACE + SETTINGS)
    put(root, "processes/ship_only.bpmn", model_of("shipment_confirmed").replace("<task", "<callActivity"))
    ran = dockledger_here(command, root)
    assert ran.exit_code == 2
    said = [line for line in ran.stderr.splitlines() if not line.startswith("[")]
    assert len(said) == 1
    assert "processes/ship_only.bpmn: line 1: callActivity 'shipment_confirmed' is not supported" in said[0]
