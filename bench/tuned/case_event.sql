-- The case is found by one hash, a clash of which would be the price, and numbers are all that the sort compares but for the last key.
WITH numbered AS MATERIALIZED (
    SELECT hash(process, case_id) AS h, case_no FROM process.case_number
)
SELECT
    n.case_no, row_number() OVER in_case::INTEGER AS event_order,
    e.facility_id, e.partner_facility_id, e.event_type AS activity, e.event_time,
    lag(e.event_type) OVER in_case AS from_activity,
    (epoch_us(e.event_time) - epoch_us(lag(e.event_time) OVER in_case)) / 1e6 AS waited_s,
    e.event_id, e.actor_id
FROM canonical.inventory_event e
JOIN reference.process_activity a ON a.event_type = e.event_type
JOIN numbered n ON n.h = hash(a.process, if(a.case_key = 'document', e.document_id, e.facility_id || '|' || e.document_id || '|' || coalesce(e.document_line, '')))
WHERE e.document_id IS NOT NULL
WINDOW in_case AS (PARTITION BY n.case_no ORDER BY e.event_time, e.recorded_at NULLS FIRST, e.sequence_no NULLS FIRST, e.event_id)
