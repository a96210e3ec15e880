-- The scalar and the two small tables are folded into one lookup of facility and event type, probed once an event.
WITH asked AS MATERIALIZED (
    SELECT s.facility_id, s.event_type, s.sla_s, t.is_posting_expected, (SELECT as_of FROM reference.evaluation) AS as_of
    FROM shared.posting_sla s
    JOIN reference.event_type t USING (event_type)
)
SELECT
    e.event_id, e.facility_id, e.event_type, e.event_time, m.posting_id, m.posted_at,
    epoch_us(m.posted_at) / 1e6 - epoch_us(e.event_time) / 1e6 AS latency_s,
    b.worked_s + if(b.is_open, (epoch_us(m.posted_at) - epoch_us(b.starts_at)) / 1e6, 0)
        - a.worked_s - if(a.is_open, (epoch_us(e.event_time) - epoch_us(a.starts_at)) / 1e6, 0) AS business_latency_s,
    m.posting_id IS NOT NULL AS is_posted, m.match_method, m.match_confidence_ratio,
    coalesce(m.posted_quantity, p.posted_quantity) AS posted_quantity,
    p.missing_quantity,
    coalesce(m.is_quantity_mismatch, FALSE) AS is_quantity_mismatch,
    e.recorded_at, e.item_id, e.quantity, e.document_id, e.shift, e.supplier_id,
    c.local_date, c.local_hour, c.local_weekday, s.sla_s,
    epoch_us(coalesce(m.posted_at, s.as_of)) - epoch_us(e.event_time) > s.sla_s * 1e6 AS is_late,
    e.feed, e.file, e.row_number
FROM canonical.inventory_event e
JOIN asked s ON s.facility_id = e.facility_id AND s.event_type = e.event_type
JOIN shared.local_clock c ON c.facility_id = e.facility_id AND c.quarter_no = epoch_us(e.event_time) // 900000000
LEFT JOIN matching.event_posting m ON m.event_id = e.event_id
LEFT JOIN matching.partial_event p ON p.event_id = e.event_id
LEFT JOIN shared.working_clock a ON a.facility_id = e.facility_id AND a.quarter_no = epoch_us(e.event_time) // 900000000
LEFT JOIN shared.working_clock b ON b.facility_id = e.facility_id AND b.quarter_no = epoch_us(m.posted_at) // 900000000
WHERE s.is_posting_expected OR m.posting_id IS NOT NULL
