/*
title: Deviations, case by case
question: Which cases leave the standard, how, and what are they worth?
definition: One row per case, kind of deviation and activity in which the case departs from the normative model of its facility, with the US dollars that the case is about.
formula: "value_at_risk_usd = sum over items(abs(quantity) * unit cost)"
headline: value_at_risk_usd
edge_rules:
  - "skipped, inserted, wrong_order, repeated: from the optimal alignment of the case's variant with the model (skipped: asked for and missing; inserted: no place for it; repeated: the same, of an activity that is also in its place; wrong_order: skipped and inserted at once). too_late: later than its limit (process.case_delay)."
  - A case counts once per kind and activity. Steps missing at the end of a case that may still go on are none; what it did out of place and the model still asks for is in wrong order.
  - A case whose alignment would have been too much work (is_exact in case_conformance) has no rows but those of too_late.
  - "Accepted: the workspace's allow-list names process, kind and activity, for the facility or for all, and its last day is not over at as_of, on the facility's calendar day. The entry with the latest day is shown. An expired entry accepts nothing."
  - "Value: of the activities that say what the process is about (reference.process_activity.value_rank), the first one that the case has; its quantities, summed by item, at the cost when it last happened. NULL says in value_reason why; items without a cost add nothing to the others."
not_to_be_confused_with: deviations, which counts these cases by facility
source: domain model, process models
owner: process owner
grain: [process, case_id, kind, activity]
direction: down_is_good
additivity: non_additive
columns:
  process: {unit: text, description: normative process}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  facility_id: {unit: id, description: facility that the case is told at}
  kind: {unit: text, description: 'skipped, inserted, wrong_order, repeated or too_late'}
  activity: {unit: text, description: what it concerns}
  variant_id: {unit: id, description: the way that the case went}
  is_accepted: {unit: boolean, description: whether the allow-list has it at as_of}
  accepted_reason: {unit: text, description: why it is accepted, nullable: true}
  accepted_until_date: {unit: date, description: last day on which it is, nullable: true}
  value_at_risk_usd: {unit: usd, description: what the case is about, nullable: true, min: 0}
  value_reason: {unit: text, description: 'why there is no value: no quantity is stated, or no cost is known', nullable: true}
*/
WITH by_variant AS (
    SELECT f.process, f.facility_id, f.variant_id, f.is_open, d.kind, d.activity
    FROM process.variant_deviation d
    JOIN process.variant_frequency f
      ON f.process = d.process AND f.facility_id = d.facility_id AND f.variant = d.variant AND f.is_open = d.is_open
), found AS (
    SELECT c.process, c.case_id, c.case_no, c.facility_id, c.variant_id, v.kind, v.activity
    FROM process.case_variant c
    JOIN by_variant v
      ON v.process = c.process AND v.facility_id = c.facility_id AND v.variant_id = c.variant_id AND v.is_open = c.is_open
    UNION ALL
    SELECT c.process, c.case_id, c.case_no, c.facility_id, c.variant_id, 'too_late' AS kind, d.activity
    FROM process.case_variant c
    JOIN (SELECT DISTINCT process, case_id, activity FROM process.case_delay) AS d
      ON d.process = c.process AND d.case_id = c.case_id
), deviating AS (
    SELECT DISTINCT case_no, process FROM found
), part AS (
    SELECT
        d.case_no, a.value_rank, i.item_id,
        sum(abs(i.quantity)) AS units, max(i.event_time) AS moved_at
    FROM process.case_event e
    JOIN deviating d ON d.case_no = e.case_no
    JOIN reference.process_activity a ON a.process = d.process AND a.event_type = e.activity
    JOIN canonical.inventory_event i ON i.event_id = e.event_id
    WHERE a.value_rank IS NOT NULL AND i.item_id IS NOT NULL AND i.quantity IS NOT NULL
    GROUP BY d.case_no, a.value_rank, i.item_id
), worth AS (
    SELECT
        p.case_no,
        CAST(sum(CAST(CAST(p.units AS DOUBLE) * c.unit_cost_usd AS DECIMAL(24, 6))) AS DOUBLE) AS value_usd
    FROM part p
    JOIN (SELECT case_no, min(value_rank) AS value_rank FROM part GROUP BY case_no) AS f
      ON f.case_no = p.case_no AND f.value_rank = p.value_rank
    LEFT JOIN shared.item_cost c
      ON c.item_id = p.item_id AND p.moved_at >= c.valid_from_at AND p.moved_at < c.valid_until_at
    GROUP BY p.case_no
), accepted AS (
    SELECT
        a.process, f.facility_id, a.kind, a.activity,
        max_by(a.reason, concat_ws(' ', CAST(a.until_date AS STRING), a.reason)) AS reason, max(a.until_date) AS until_date
    FROM reference.accepted_deviation a
    JOIN reference.facility f ON f.facility_id = a.facility_id OR a.facility_id IS NULL
    CROSS JOIN reference.evaluation v
    WHERE a.until_date >= local_day(v.as_of, f.timezone)
    GROUP BY a.process, f.facility_id, a.kind, a.activity
)
SELECT
    f.process, f.case_id, f.facility_id, f.kind, f.activity, f.variant_id,
    a.reason IS NOT NULL AS is_accepted,
    a.reason AS accepted_reason,
    a.until_date AS accepted_until_date,
    w.value_usd AS value_at_risk_usd,
    CASE WHEN w.case_no IS NULL THEN 'no quantity is stated' WHEN w.value_usd IS NULL THEN 'no cost is known' END AS value_reason
FROM found f
LEFT JOIN worth w ON w.case_no = f.case_no
LEFT JOIN accepted a
  ON a.process = f.process AND a.facility_id = f.facility_id AND a.kind = f.kind AND a.activity = f.activity
