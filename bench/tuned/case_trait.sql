-- Every closed case has its row of conformance, so that only the few that were not aligned are looked up by their texts. Two
-- narrow hash tables instead of wide ones: the first events find feed and shift by hash, and their cases by number.
WITH first_event AS MATERIALIZED (
    SELECT e.case_no, hash(e.event_id) AS h
    FROM process.case_event e
    WHERE e.event_order = 1
), begun AS MATERIALIZED (
    -- Place and time of an event are read where its feed is.
    SELECT b.case_no, i.feed, i.shift, p.operator_pool, k.local_weekday, k.local_hour
    FROM canonical.inventory_event i
    JOIN first_event b ON b.h = hash(i.event_id)
    JOIN shared.local_clock k ON k.facility_id = i.facility_id AND k.quarter_no = epoch_us(i.event_time) // 900000000
    LEFT JOIN process.operator_pool p ON p.facility_id = i.facility_id AND p.shift = i.shift
)
SELECT
    c.case_no, c.process, c.case_id, c.facility_id, b.feed, c.supplier_id, c.abc_class, b.shift, b.operator_pool,
    b.local_weekday AS weekday, b.local_hour AS hour
FROM marts.process_cases c
JOIN begun b ON b.case_no = c.case_no
ANTI JOIN (SELECT process, case_id FROM marts.case_conformance WHERE NOT is_exact) f ON f.process = c.process AND f.case_id = c.case_id
WHERE NOT c.is_open
