-- Each clock is one number and one flag, so that less is joined.
WITH edge AS MATERIALIZED (
    SELECT process, from_activity, to_activity, min(edge_no) AS edge_no
    FROM marts.process_variant_edges
    WHERE from_activity IS NOT NULL AND to_activity IS NOT NULL
    GROUP BY ALL
), clock AS MATERIALIZED (
    SELECT facility_id, quarter_no, worked_s - if(is_open, epoch(starts_at), 0) AS until_s, is_open FROM shared.working_clock
)
SELECT
    e.case_no, (e.event_order - 1)::INTEGER AS edge_order, g.edge_no, e.event_time AS reached_at, e.waited_s,
    (b.until_s + if(b.is_open, epoch(e.event_time), 0)) - (a.until_s + if(a.is_open, epoch(e.event_time) - e.waited_s, 0)) AS business_waited_s
FROM process.case_event e
JOIN process.case_number n USING (case_no)
JOIN edge g ON g.process = n.process AND g.from_activity = e.from_activity AND g.to_activity = e.activity
LEFT JOIN clock a ON a.facility_id = e.facility_id AND a.quarter_no = (epoch_us(e.event_time) - (e.waited_s * 1e6)::BIGINT) // 900000000
LEFT JOIN clock b ON b.facility_id = e.facility_id AND b.quarter_no = epoch_us(e.event_time) // 900000000
ORDER BY e.case_no, e.event_order
