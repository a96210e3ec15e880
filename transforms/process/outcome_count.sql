/*
title: Outcomes by attribute
question: Of the cases or events with a value of an attribute at a facility, how many have the outcome?
definition: Cases or events by outcome, facility, attribute and value, and those of them that have the outcome.
edge_rules:
  - "Attributes: facility, feed, supplier, abc_class, shift, operator_pool, weekday (1 Monday to 7 Sunday) and hour (00 to 23, both local)."
  - "The feed stands for the interface of a site: an event says by which feed it came, and nothing else of its way."
  - What does not state an attribute is in no row of it; every case, event or received line states its facility.
  - Late, missing and unequal postings are outcomes of events, adjustments of received lines, slow segments of the cases that pass them, deviations of cases.
  - An outcome that nothing has is in no row.
not_to_be_confused_with: causes, which compares these counts
source: domain model, process models
owner: process owner
grain: [subject, kind, activity, from_activity, facility_id, attribute, value]
columns:
  subject: {unit: text, description: 'normative process, or posting'}
  kind: {unit: text, description: 'skipped, inserted, wrong_order, repeated, too_late, slow, late_posting, missing_posting, quantity_mismatch or adjusted'}
  activity: {unit: text, description: 'what it concerns; of a segment, its second activity'}
  from_activity: {unit: text, description: 'first activity of the segment; NULL: no segment', nullable: true}
  facility_id: {unit: id, description: 'facility that the case is told at, or of the event'}
  attribute: {unit: text, description: which attribute}
  value: {unit: text, description: its value}
  units_count: {unit: count, description: cases or events with the value, min: 1}
  outcome_count: {unit: count, description: those of them with the outcome, min: 0}
additivity: additive
*/
WITH attribute AS (
    SELECT 'facility' AS attribute
    UNION ALL SELECT 'feed'
    UNION ALL SELECT 'supplier'
    UNION ALL SELECT 'abc_class'
    UNION ALL SELECT 'shift'
    UNION ALL SELECT 'operator_pool'
    UNION ALL SELECT 'weekday'
    UNION ALL SELECT 'hour'
), outcome AS (
    -- Deviations are sought among whole cases, which are a population without an activity.
    SELECT *, CASE WHEN population <> 'cases' THEN activity END AS population_activity
    FROM (
        SELECT DISTINCT
            subject, kind, activity, from_activity,
            CASE
                WHEN kind = 'slow' THEN 'passes'
                WHEN kind = 'adjusted' THEN 'received_lines'
                WHEN kind IN ('late_posting', 'missing_posting', 'quantity_mismatch') THEN 'events'
                ELSE 'cases'
            END AS population
        FROM process.outcome_cell
    ) AS found
), all_units AS (
    SELECT
        c.subject, c.population, c.activity, c.from_activity, c.facility_id, a.attribute,
        CASE a.attribute
            WHEN 'facility' THEN c.facility_id WHEN 'feed' THEN c.feed WHEN 'supplier' THEN c.supplier_id
            WHEN 'abc_class' THEN c.abc_class WHEN 'shift' THEN c.shift WHEN 'operator_pool' THEN c.operator_pool
            WHEN 'weekday' THEN CAST(CAST(c.weekday AS INT) AS STRING)
            ELSE substr(CAST(100 + CAST(c.hour AS INT) AS STRING), 2)
        END AS value,
        sum(c.units_count) AS units_count
    FROM process.population_cell c
    CROSS JOIN attribute a
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), with_outcome AS (
    SELECT
        c.subject, c.kind, c.activity, c.from_activity, c.facility_id, a.attribute,
        CASE a.attribute
            WHEN 'facility' THEN c.facility_id WHEN 'feed' THEN c.feed WHEN 'supplier' THEN c.supplier_id
            WHEN 'abc_class' THEN c.abc_class WHEN 'shift' THEN c.shift WHEN 'operator_pool' THEN c.operator_pool
            WHEN 'weekday' THEN CAST(CAST(c.weekday AS INT) AS STRING)
            ELSE substr(CAST(100 + CAST(c.hour AS INT) AS STRING), 2)
        END AS value,
        sum(c.outcome_count) AS outcome_count
    FROM process.outcome_cell c
    CROSS JOIN attribute a
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT
    o.subject, o.kind, o.activity, o.from_activity, u.facility_id, u.attribute, u.value,
    CAST(u.units_count AS BIGINT) AS units_count, CAST(coalesce(w.outcome_count, 0) AS BIGINT) AS outcome_count
FROM outcome o
JOIN all_units u
  ON u.subject = o.subject AND u.population = o.population AND u.activity IS NOT DISTINCT FROM o.population_activity
 AND u.from_activity IS NOT DISTINCT FROM o.from_activity
LEFT JOIN with_outcome w
  ON w.subject = o.subject AND w.kind = o.kind AND w.activity = o.activity
 AND w.from_activity IS NOT DISTINCT FROM o.from_activity
 AND w.facility_id = u.facility_id AND w.attribute = u.attribute AND w.value = u.value
WHERE u.value IS NOT NULL
