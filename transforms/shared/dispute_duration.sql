/*
title: Durations of invoice disputes, counted
question: How often does each time from dispute to resolution of an invoice line occur?
definition: Seconds from dispute to resolution of invoice lines per facility and supplier, counted resolved and open.
edge_rules:
  - A line disputed after as_of is not yet disputed; one resolved after as_of is open.
source: domain model, headline measures
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: dispute_resolution}
  group_1: {unit: id, description: where the goods were received, nullable: true}
  group_2: {unit: text, description: the supplier, nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
SELECT
    'dispute_resolution' AS measure,
    i.facility_id AS group_1,
    i.supplier_id AS group_2,
    seconds_between(i.disputed_at, coalesce(i.resolved_at, i.as_of)) AS duration_s,
    count(i.resolved_at) AS finished_count,
    count(*) - count(i.resolved_at) AS censored_count
FROM (
    SELECT
        l.facility_id, l.supplier_id, l.disputed_at, e.as_of,
        CASE WHEN l.dispute_resolved_at <= e.as_of THEN l.dispute_resolved_at END AS resolved_at
    FROM canonical.invoice_line l
    CROSS JOIN reference.evaluation e
    WHERE l.disputed_at <= e.as_of
) AS i
GROUP BY i.facility_id, i.supplier_id, seconds_between(i.disputed_at, coalesce(i.resolved_at, i.as_of))
