/*
title: Outcomes whose causes are sought, counted
question: How many cases deviate or are slow, and how many events are posted late, not at all, with another quantity or adjusted afterwards, by everything that may have to do with it?
definition: Cases with a deviation, cases that take long over a segment, and events that break their posting SLA or are put right afterwards, counted by outcome and all attributes at once.
edge_rules:
  - Deviations are those of case_deviation, accepted ones and those that came too late (an overdue transfer) too, of the cases of process.case_trait.
  - A segment is a pair of activities that directly follow each other. A case is slow over it where one of its passes takes strictly longer than nine tenths of all passes of the process do, at every facility (interpolated linearly). So a tenth of the passes at most is slow; what is told is where those are.
  - late_posting is posted after the SLA, missing_posting is unposted and older than it. quantity_mismatch is posted with another quantity, in time or not. adjusted is a received line that an adjustment follows (shared.adjusted_receipt), counted at its first receipt by name, posted or not.
not_to_be_confused_with: process.population_cell, which counts all that could have the outcome
source: "domain model, process models and exception rules; the slowest tenth as the slowest class of duration, after V. Denisov, D. Fahland, W. van der Aalst, Unbiased, fine-grained description of processes performance from event data (2018), who class by quartiles"
owner: process owner
grain: [subject, kind, activity, from_activity, facility_id, feed, supplier_id, abc_class, shift, operator_pool, weekday, hour]
columns:
  subject: {unit: text, description: 'normative process, or posting'}
  kind: {unit: text, description: 'skipped, inserted, wrong_order, repeated, too_late, slow, late_posting, missing_posting, quantity_mismatch or adjusted'}
  activity: {unit: text, description: 'what it concerns; of a segment, its second activity'}
  from_activity: {unit: text, description: 'first activity of the segment; NULL: no segment', nullable: true}
  facility_id: {unit: id, description: 'facility that the case is told at, or of the event'}
  feed: {unit: text, description: which feed}
  supplier_id: {unit: id, description: whose goods, nullable: true}
  abc_class: {unit: text, description: class of the item, nullable: true}
  shift: {unit: text, description: shift, nullable: true}
  operator_pool: {unit: text, description: 'crew; NULL: not known, or fewer than five people', nullable: true}
  weekday: {unit: number, description: '1 Monday to 7 Sunday, local', min: 1, max: 7}
  hour: {unit: number, description: local hour, min: 0, max: 23}
  outcome_count: {unit: count, description: cases or events with the outcome, min: 1}
additivity: additive
version: 2
*/
WITH segment AS (
    SELECT edge_no, percentile_cont(0.9) WITHIN GROUP (ORDER BY waited_s) AS p90_s
    FROM marts.process_case_edges
    GROUP BY edge_no
), named AS (
    SELECT edge_no, min(from_activity) AS from_activity, min(to_activity) AS to_activity
    FROM marts.process_variant_edges
    GROUP BY edge_no
), slow AS (
    SELECT DISTINCT e.case_no, e.edge_no
    FROM marts.process_case_edges e
    JOIN segment s ON s.edge_no = e.edge_no
    WHERE e.waited_s > s.p90_s
), fault AS (
    SELECT *, CASE WHEN is_posted THEN 'late_posting' ELSE 'missing_posting' END AS kind
    FROM marts.event_latency
    WHERE is_late
    UNION ALL
    SELECT *, 'quantity_mismatch' AS kind
    FROM marts.event_latency
    WHERE is_posted AND is_quantity_mismatch
    UNION ALL
    SELECT l.*, 'adjusted' AS kind
    FROM marts.event_latency l
    JOIN shared.adjusted_receipt r ON r.receipt_id = l.event_id
    WHERE r.adjusted_absolute_units IS NOT NULL
), had AS (
    SELECT t.case_no, d.kind, d.activity, CAST(NULL AS STRING) AS from_activity
    FROM marts.case_deviation d
    JOIN process.case_trait t ON t.process = d.process AND t.case_id = d.case_id
    UNION ALL
    SELECT s.case_no, 'slow' AS kind, n.to_activity AS activity, n.from_activity
    FROM slow s
    JOIN named n ON n.edge_no = s.edge_no
)
SELECT
    t.process AS subject, h.kind, h.activity, h.from_activity,
    t.facility_id, t.feed, t.supplier_id, t.abc_class, t.shift, t.operator_pool, t.weekday, t.hour, count(*) AS outcome_count
FROM had h
JOIN process.case_trait t ON t.case_no = h.case_no
GROUP BY
    t.process, h.kind, h.activity, h.from_activity,
    t.facility_id, t.feed, t.supplier_id, t.abc_class, t.shift, t.operator_pool, t.weekday, t.hour
UNION ALL
SELECT
    'posting' AS subject, l.kind, l.event_type AS activity, CAST(NULL AS STRING) AS from_activity,
    l.facility_id, l.feed, l.supplier_id, i.abc_class, l.shift, p.operator_pool,
    l.local_weekday AS weekday, l.local_hour AS hour, count(*) AS outcome_count
FROM fault l
LEFT JOIN reference.item i ON i.item_id = l.item_id
LEFT JOIN process.operator_pool p ON p.facility_id = l.facility_id AND p.shift = l.shift
GROUP BY
    l.kind, l.event_type, l.facility_id, l.feed, l.supplier_id, i.abc_class, l.shift, p.operator_pool,
    l.local_weekday, l.local_hour
