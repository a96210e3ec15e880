-- Only the events of deviating cases meet the canonical rows, the smaller side as the hash table.
WITH by_variant AS MATERIALIZED (
    SELECT f.process, f.facility_id, f.variant_id, f.is_open, d.kind, d.activity
    FROM process.variant_deviation d
    JOIN process.variant_frequency f USING (process, facility_id, variant, is_open)
), found AS MATERIALIZED (
    SELECT c.process, c.case_id, c.case_no, c.facility_id, c.variant_id, v.kind, v.activity
    FROM process.case_variant c
    JOIN by_variant v USING (process, facility_id, variant_id, is_open)
    UNION ALL
    SELECT c.process, c.case_id, c.case_no, c.facility_id, c.variant_id, 'too_late', d.activity
    FROM (SELECT DISTINCT process, case_id, activity FROM process.case_delay) d
    JOIN process.case_variant c USING (process, case_id)
), step AS MATERIALIZED (
    SELECT e.case_no, e.event_id, a.value_rank
    FROM process.case_event e
    JOIN (SELECT DISTINCT case_no, process FROM found) d USING (case_no)
    JOIN reference.process_activity a ON a.process = d.process AND a.event_type = e.activity
    WHERE a.value_rank IS NOT NULL
), part AS MATERIALIZED (
    SELECT s.case_no, s.value_rank, i.item_id, sum(abs(i.quantity)) AS units, max(i.event_time) AS moved_at
    FROM canonical.inventory_event i
    JOIN step s ON s.event_id = i.event_id
    WHERE i.item_id IS NOT NULL AND i.quantity IS NOT NULL
    GROUP BY ALL
), worth AS (
    SELECT p.case_no, sum((p.units::DOUBLE * c.unit_cost_usd)::DECIMAL(24, 6))::DOUBLE AS value_usd
    FROM part p
    JOIN (SELECT case_no, min(value_rank) AS value_rank FROM part GROUP BY ALL) USING (case_no, value_rank)
    LEFT JOIN shared.item_cost c ON c.item_id = p.item_id AND p.moved_at >= c.valid_from_at AND p.moved_at < c.valid_until_at
    GROUP BY p.case_no
), accepted AS MATERIALIZED (
    SELECT
        a.process, f.facility_id, a.kind, a.activity,
        arg_max(a.reason, concat_ws(' ', a.until_date::VARCHAR, a.reason)) AS reason, max(a.until_date) AS until_date
    FROM reference.accepted_deviation a
    JOIN reference.facility f ON f.facility_id = a.facility_id OR a.facility_id IS NULL
    CROSS JOIN reference.evaluation v
    WHERE a.until_date >= timezone(f.timezone, v.as_of)::DATE
    GROUP BY ALL
)
SELECT
    f.process, f.case_id, f.facility_id, f.kind, f.activity, f.variant_id, a.reason IS NOT NULL AS is_accepted, a.reason AS accepted_reason,
    a.until_date AS accepted_until_date, w.value_usd AS value_at_risk_usd,
    CASE WHEN w.case_no IS NULL THEN 'no quantity is stated' WHEN w.value_usd IS NULL THEN 'no cost is known' END AS value_reason
FROM found f
LEFT JOIN worth w USING (case_no)
LEFT JOIN accepted a USING (process, facility_id, kind, activity)
