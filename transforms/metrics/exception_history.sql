/*
title: Exception history
question: What has become of every exception, from build to build?
definition: One row per change of state of an exception, numbered in order, with the instant of the change and the build that first saw it.
formula: "rows = changes of state of an exception (opened, breached, resolved, reopened, withdrawn, back) in the builds so far"
edge_rules:
  - "opened at opened_at, breached at opened_at + SLA, resolved at resolved_at: what the data say, whenever a build saw it."
  - "withdrawn: the rule reports it no more, since its data were corrected, or another rule tells it now (a missing posting that came is a late posting); back: it reports it again; reopened: it states no resolution any more. These three are at the as_of of the build that saw them."
  - Rows are added, never changed; a build that finds nothing new adds none. An exception that a build finds opened, breached and resolved gets all three rows.
  - breached is told once; an instant of opening or resolution that was corrected is no change of state.
  - Only published builds count; what a build sees that fails or is killed is seen by the next.
not_to_be_confused_with: exceptions, which holds what is true now, and exceptions_trend, which counts by the instants in the data
source: domain model, exception rules (a change of state is appended to an audit trail)
owner: operations manager
grain: [exception_id, change_no]
direction: neutral
additivity: additive
columns:
  exception_id: {unit: id, description: 'rule:version:reference'}
  change_no: {unit: number, description: 1 for its first change, min: 1}
  state: {unit: text, description: 'opened, breached, resolved, reopened, withdrawn or back'}
  changed_at: {unit: instant, description: when the state changed}
  run_id: {unit: id, description: the build that first saw it}
*/
WITH known AS (
    SELECT
        exception_id,
        max(change_no) AS changes_count,
        max(CASE WHEN state = 'breached' THEN 1 ELSE 0 END) AS is_breach_told,
        -- The latest change of its life decides whether it was open, resolved or withdrawn.
        coalesce(max(CASE WHEN state IN ('opened', 'reopened', 'back') THEN change_no END), 0) AS open_no,
        coalesce(max(CASE WHEN state = 'resolved' THEN change_no END), 0) AS resolved_no,
        coalesce(max(CASE WHEN state = 'withdrawn' THEN change_no END), 0) AS withdrawn_no
    FROM reference.exception_before
    GROUP BY exception_id
), compared AS (
    SELECT
        x.exception_id, x.opened_at, x.resolved_at, x.sla_s, e.as_of, r.run_id,
        coalesce(k.changes_count, 0) AS changes_count,
        CASE
            WHEN k.exception_id IS NULL THEN 'opened'
            WHEN k.withdrawn_no > k.open_no AND k.withdrawn_no > k.resolved_no THEN 'back'
            WHEN k.resolved_no > k.open_no AND x.resolved_at IS NULL THEN 'reopened'
        END AS begun,
        CASE WHEN x.is_breached AND coalesce(k.is_breach_told, 0) = 0 THEN 1 ELSE 0 END AS breaches,
        CASE
            WHEN x.resolved_at IS NULL THEN 0
            WHEN k.resolved_no > k.open_no AND k.resolved_no > k.withdrawn_no THEN 0
            ELSE 1
        END AS resolves
    FROM marts.exceptions x
    CROSS JOIN reference.evaluation e
    CROSS JOIN reference.run r
    LEFT JOIN known k ON k.exception_id = x.exception_id
), added AS (
    SELECT
        exception_id,
        changes_count + 1 AS change_no,
        begun AS state,
        CASE WHEN begun = 'opened' THEN opened_at ELSE as_of END AS changed_at,
        run_id
    FROM compared
    WHERE begun IS NOT NULL
    UNION ALL
    SELECT
        exception_id,
        changes_count + CASE WHEN begun IS NULL THEN 1 ELSE 2 END AS change_no,
        'breached' AS state,
        add_seconds(opened_at, sla_s) AS changed_at,
        run_id
    FROM compared
    WHERE breaches = 1
    UNION ALL
    SELECT
        exception_id,
        changes_count + CASE WHEN begun IS NULL THEN 1 ELSE 2 END + breaches AS change_no,
        'resolved' AS state,
        resolved_at AS changed_at,
        run_id
    FROM compared
    WHERE resolves = 1
    UNION ALL
    SELECT k.exception_id, k.changes_count + 1 AS change_no, 'withdrawn' AS state, e.as_of AS changed_at, r.run_id
    FROM known k
    CROSS JOIN reference.evaluation e
    CROSS JOIN reference.run r
    WHERE NOT (k.withdrawn_no > k.open_no AND k.withdrawn_no > k.resolved_no)
      AND NOT EXISTS (SELECT 1 FROM marts.exceptions x WHERE x.exception_id = k.exception_id)
)
SELECT exception_id, CAST(change_no AS BIGINT) AS change_no, state, changed_at, run_id
FROM reference.exception_before
UNION ALL
SELECT exception_id, CAST(change_no AS BIGINT) AS change_no, state, changed_at, run_id
FROM added
