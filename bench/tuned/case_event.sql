-- The case as one hash, so that the sort compares whole numbers; a clash of 64-bit hashes would be the price of it.
WITH member AS (
    SELECT
        a.process,
        if(a.case_key = 'document', e.document_id, e.facility_id || '|' || e.document_id || '|' || coalesce(e.document_line, '')) AS case_id,
        e.facility_id, e.partner_facility_id, e.event_type AS activity, e.event_time, e.recorded_at, e.sequence_no, e.event_id,
        e.item_id, e.supplier_id, e.shift, e.actor_id
    FROM canonical.inventory_event e
    JOIN reference.process_activity a ON a.event_type = e.event_type
    WHERE e.document_id IS NOT NULL
)
SELECT
    process, case_id, facility_id, partner_facility_id, activity, event_time,
    row_number() OVER in_case AS event_order,
    lag(activity) OVER in_case AS from_activity,
    (epoch_us(event_time) - epoch_us(lag(event_time) OVER in_case)) / 1e6 AS waited_s,
    event_id,
    lag(facility_id) OVER in_case AS from_facility_id,
    item_id, supplier_id, shift, actor_id
FROM member
WINDOW in_case AS (PARTITION BY hash(process, case_id) ORDER BY event_time, recorded_at NULLS FIRST, sequence_no NULLS FIRST, event_id)
