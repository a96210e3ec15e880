"""What raises an outcome in a scenario is what its file says was put there."""

import pytest

from tests.soundness.support import ask

pytestmark = pytest.mark.timeout(900)


def test_where_less_is_seen_no_other_site_is_blamed(workspace_of):
    # With a quarter of the events chance hides one of the two, but nothing takes its place.
    sql = """SELECT DISTINCT value FROM marts.causes
        WHERE kind IN ('missing_posting', 'quantity_mismatch') AND attribute = 'facility' AND is_raised"""
    blamed = {value for (value,) in ask(workspace_of("six-warehouses"), sql)}
    assert blamed
    assert blamed <= {"W5", "W6"}


def test_the_supplier_whose_receipts_are_always_adjusted_is_the_cause(workspace_of):
    # At every site, and of no other supplier (head of two-entities.yaml): no lift, since nothing else has the outcome.
    workspace = workspace_of("two-entities")
    sql = """SELECT attribute, value, share_ratio, others_outcome_count, lift_unknown_reason, standing FROM marts.causes
        WHERE outcome = 'adjusted receipt_confirmed' AND is_raised ORDER BY lift_low_ratio DESC LIMIT 1"""
    [(attribute, value, share, others, reason, standing)] = ask(workspace, sql)
    assert (attribute, value, others, standing) == ("supplier", "SUP-03", 0, "raised")
    assert share >= 0.9
    assert reason == "nothing else has the outcome"
    sql = "SELECT condition FROM marts.cause_rules WHERE outcome = 'adjusted receipt_confirmed' AND is_told"
    assert ask(workspace, sql) == [("From supplier SUP-03",)]


def test_faults_that_are_spread_evenly_are_blamed_on_nobody(workspace_of):
    # two-entities gives every site the same shares of faults: of hundreds of comparisons none may stand out.
    sql = """SELECT count(*) FILTER (WHERE p_value IS NOT NULL), count(*) FILTER (WHERE is_raised) FROM marts.causes
        WHERE kind IN ('skipped', 'repeated', 'wrong_order', 'missing_posting', 'quantity_mismatch')"""
    [(tested, raised_count)] = ask(workspace_of("two-entities"), sql)
    assert tested > 300
    assert raised_count == 0


def test_nothing_is_told_of_too_few(told):
    [(few,)] = ask(
        told.root,
        """SELECT (SELECT count(*) FROM marts.causes WHERE is_raised AND (units_count < 30 OR outcome_count < 5))
            + (SELECT count(*) FROM marts.cause_rules WHERE units_count < 30 OR is_told AND outcome_count < 5)""",
    )
    assert few == 0


def test_adjusted_receipts_are_sought_among_the_received_lines_of_which_receipt_adjustments_tells(workspace_of):
    sql = "SELECT sum(receipts_count), sum(adjusted_count) FROM marts.receipt_adjustments"
    [(lines, adjusted)] = ask(workspace_of("two-entities"), sql)
    assert lines > adjusted > 0
    sql = "SELECT units_count, outcome_count, unknown_reason FROM marts.cause_outcomes WHERE kind = 'adjusted'"
    assert ask(workspace_of("two-entities"), sql) == [(lines, adjusted, None)]


def test_outcomes_are_as_many_as_what_they_are_made_of(told):
    [(late, events)] = ask(
        told.root,
        """SELECT sum(outcome_count) FILTER (WHERE kind IN ('late_posting', 'missing_posting')),
            (SELECT count(*) FROM marts.event_latency WHERE is_late) FROM marts.cause_outcomes""",
    )
    assert late == events > 0
    [(unequal,)] = ask(
        told.root,
        """SELECT count(*) FROM (
            SELECT d.process, d.kind, d.activity, count(*) AS cases_count FROM marts.case_deviation d
            JOIN marts.case_conformance c ON c.process = d.process AND c.case_id = d.case_id
            WHERE c.is_exact AND NOT c.is_open GROUP BY ALL) AS d
        FULL JOIN (SELECT * FROM marts.cause_outcomes WHERE kind <> 'slow' AND subject <> 'posting') AS o
            ON o.subject = d.process AND o.kind = d.kind AND o.activity = d.activity
        WHERE o.outcome_count IS DISTINCT FROM d.cases_count""",
    )
    assert unequal == 0
    # Leaves of a tree are all of what it is about, each once.
    [(uneven,)] = ask(
        told.root,
        """SELECT count(*) FROM marts.cause_outcomes o JOIN (
            SELECT subject, outcome, sum(units_count) AS units, sum(outcome_count) AS hits FROM marts.cause_rules GROUP BY ALL
        ) AS r ON r.subject = o.subject AND r.outcome = o.outcome
        WHERE r.units <> o.units_count OR r.hits <> o.outcome_count""",
    )
    assert uneven == 0
