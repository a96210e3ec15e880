-- All attributes of a case are one hash, a clash of which would be the price, so that segments are grouped by two numbers; only pairs
-- that some variant has several times are made distinct. A crew follows from facility and shift and comes to what is counted.
WITH cell AS MATERIALIZED (
    SELECT
        hash(process, facility_id, feed, supplier_id, abc_class, shift, operator_pool, weekday, hour) AS cell,
        process, facility_id, feed, supplier_id, abc_class, shift, operator_pool, weekday, hour, count(*) AS n
    FROM process.case_trait
    GROUP BY ALL
), segment AS MATERIALIZED (
    SELECT edge_no, any_value(from_activity) AS from_activity, any_value(to_activity) AS to_activity, max(edges_count) > 1 AS is_repeated
    FROM marts.process_variant_edges
    WHERE from_activity IS NOT NULL AND to_activity IS NOT NULL
    GROUP BY edge_no
), passed AS (
    SELECT e.case_no, e.edge_no FROM marts.process_case_edges e SEMI JOIN (FROM segment WHERE NOT is_repeated) s ON s.edge_no = e.edge_no
    UNION ALL
    SELECT DISTINCT e.case_no, e.edge_no FROM marts.process_case_edges e SEMI JOIN (FROM segment WHERE is_repeated) s ON s.edge_no = e.edge_no
), in_segment AS (
    SELECT t.cell, p.edge_no, count(*) AS n
    FROM passed p
    JOIN (
        SELECT case_no, hash(process, facility_id, feed, supplier_id, abc_class, shift, operator_pool, weekday, hour) AS cell FROM process.case_trait
    ) t ON t.case_no = p.case_no
    GROUP BY ALL
), posted AS (
    SELECT l.event_type, l.facility_id, l.feed, l.supplier_id, i.abc_class, l.shift, l.local_weekday, l.local_hour, count(*) AS n
    FROM marts.event_latency l
    LEFT JOIN reference.item i ON i.item_id = l.item_id
    WHERE l.is_posted OR l.is_late
    GROUP BY ALL
), received AS (
    SELECT l.event_type, l.facility_id, l.feed, l.supplier_id, i.abc_class, l.shift, l.local_weekday, l.local_hour, count(*) AS n
    FROM marts.event_latency l
    SEMI JOIN shared.adjusted_receipt r ON r.receipt_id = l.event_id
    LEFT JOIN reference.item i ON i.item_id = l.item_id
    GROUP BY ALL
)
SELECT
    process AS subject, 'cases' AS population, NULL::VARCHAR AS activity, NULL::VARCHAR AS from_activity,
    facility_id, feed, supplier_id, abc_class, shift, operator_pool, weekday, hour, n AS units_count
FROM cell
UNION ALL
SELECT
    c.process, 'passes', s.to_activity, s.from_activity, c.facility_id, c.feed, c.supplier_id, c.abc_class, c.shift, c.operator_pool, c.weekday, c.hour, n.n
FROM in_segment n
JOIN cell c ON c.cell = n.cell
JOIN segment s ON s.edge_no = n.edge_no
UNION ALL
SELECT
    'posting', l.population, l.event_type, NULL, l.facility_id, l.feed, l.supplier_id, l.abc_class, l.shift, p.operator_pool, l.local_weekday, l.local_hour, l.n
FROM (SELECT 'events' AS population, * FROM posted UNION ALL SELECT 'received_lines', * FROM received) l
LEFT JOIN process.operator_pool p ON p.facility_id = l.facility_id AND p.shift = l.shift
