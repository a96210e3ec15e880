/*
title: What can have an outcome, counted
question: Among how many cases, events or received lines is each outcome sought, by everything that may have to do with it?
definition: Cases of a process, cases that pass a segment of it, events whose posting can be judged, and received lines, counted by all attributes at once.
edge_rules:
  - A population of whole cases has no activity; one of a segment has both activities; one of events has their type as activity, as has one of received lines.
  - Cases are those of process.case_trait. A case is once in a segment, however often it passes it.
  - Events can be judged where they are posted, or unposted and older than their SLA, as for the share within the SLA.
  - A received line (shared.adjusted_receipt) is one however many deliveries it came in, posted or not; it has the attributes of its first receipt by name, for which an adjustment of the line counts, too.
not_to_be_confused_with: process.outcome_cell, which counts those that have the outcome
source: domain model, process models and headline measures
owner: process owner
grain: [subject, population, activity, from_activity, facility_id, feed, supplier_id, abc_class, shift, operator_pool, weekday, hour]
columns:
  subject: {unit: text, description: 'normative process, or posting'}
  population: {unit: text, description: 'cases, passes (cases of a segment), events or received_lines'}
  activity: {unit: text, description: 'event type, or second activity of the segment; NULL: whole cases', nullable: true}
  from_activity: {unit: text, description: 'first activity of the segment; NULL: no segment', nullable: true}
  facility_id: {unit: id, description: 'facility that the case is told at, or of the event'}
  feed: {unit: text, description: which feed}
  supplier_id: {unit: id, description: whose goods, nullable: true}
  abc_class: {unit: text, description: class of the item, nullable: true}
  shift: {unit: text, description: shift, nullable: true}
  operator_pool: {unit: text, description: 'crew; NULL: not known, or fewer than five people', nullable: true}
  weekday: {unit: number, description: '1 Monday to 7 Sunday, local', min: 1, max: 7}
  hour: {unit: number, description: local hour, min: 0, max: 23}
  units_count: {unit: count, description: 'cases, events or received lines', min: 1}
additivity: additive
version: 2
*/
WITH passed AS (
    SELECT DISTINCT case_no, edge_no FROM marts.process_case_edges
), segment AS (
    SELECT edge_no, min(from_activity) AS from_activity, min(to_activity) AS to_activity
    FROM marts.process_variant_edges
    WHERE from_activity IS NOT NULL AND to_activity IS NOT NULL
    GROUP BY edge_no
), in_segment AS (
    -- Segments are counted by their numbers first; their names come to what is counted.
    SELECT
        t.process, p.edge_no, t.facility_id, t.feed, t.supplier_id, t.abc_class, t.shift, t.operator_pool, t.weekday, t.hour,
        count(*) AS units_count
    FROM passed p
    JOIN process.case_trait t ON t.case_no = p.case_no
    GROUP BY
        t.process, p.edge_no, t.facility_id, t.feed, t.supplier_id, t.abc_class, t.shift, t.operator_pool, t.weekday, t.hour
)
SELECT
    process AS subject, 'cases' AS population, CAST(NULL AS STRING) AS activity, CAST(NULL AS STRING) AS from_activity,
    facility_id, feed, supplier_id, abc_class, shift, operator_pool, weekday, hour, count(*) AS units_count
FROM process.case_trait
GROUP BY process, facility_id, feed, supplier_id, abc_class, shift, operator_pool, weekday, hour
UNION ALL
SELECT
    n.process AS subject, 'passes' AS population, s.to_activity AS activity, s.from_activity,
    n.facility_id, n.feed, n.supplier_id, n.abc_class, n.shift, n.operator_pool, n.weekday, n.hour, n.units_count
FROM in_segment n
JOIN segment s ON s.edge_no = n.edge_no
UNION ALL
SELECT
    'posting' AS subject, 'events' AS population, l.event_type AS activity, CAST(NULL AS STRING) AS from_activity,
    l.facility_id, l.feed, l.supplier_id, i.abc_class, l.shift, p.operator_pool,
    l.local_weekday AS weekday, l.local_hour AS hour, count(*) AS units_count
FROM marts.event_latency l
LEFT JOIN reference.item i ON i.item_id = l.item_id
LEFT JOIN process.operator_pool p ON p.facility_id = l.facility_id AND p.shift = l.shift
WHERE l.is_posted OR l.is_late
GROUP BY
    l.event_type, l.facility_id, l.feed, l.supplier_id, i.abc_class, l.shift, p.operator_pool, l.local_weekday, l.local_hour
UNION ALL
SELECT
    'posting' AS subject, 'received_lines' AS population, l.event_type AS activity, CAST(NULL AS STRING) AS from_activity,
    l.facility_id, l.feed, l.supplier_id, i.abc_class, l.shift, p.operator_pool,
    l.local_weekday AS weekday, l.local_hour AS hour, count(*) AS units_count
FROM shared.adjusted_receipt r
JOIN marts.event_latency l ON l.event_id = r.receipt_id
LEFT JOIN reference.item i ON i.item_id = l.item_id
LEFT JOIN process.operator_pool p ON p.facility_id = l.facility_id AND p.shift = l.shift
GROUP BY
    l.event_type, l.facility_id, l.feed, l.supplier_id, i.abc_class, l.shift, p.operator_pool, l.local_weekday, l.local_hour
