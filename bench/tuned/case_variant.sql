-- The text of a variant is one ordered string_agg; where a case between facilities is told, one arg_min over those cases alone.
WITH trace AS MATERIALIZED (
    SELECT case_no, bit_xor(hash(hash(hash(activity, event_order)), event_order)) AS trace, count(*) FILTER (waited_s = 0) AS ties_count
    FROM process.case_event
    GROUP BY case_no
), told AS (
    SELECT
        case_no,
        arg_min(
            if(activity IN ('transfer_shipped', 'transfer_requested'), coalesce(partner_facility_id, facility_id), facility_id),
            event_order + CASE
                WHEN activity = 'transfer_shipped' AND partner_facility_id IS NOT NULL THEN 0
                WHEN activity = 'transfer_received' THEN 10000000000
                WHEN activity = 'transfer_requested' AND partner_facility_id IS NOT NULL THEN 20000000000
                ELSE 30000000000
            END
        ) AS facility_id
    FROM process.case_event
    WHERE case_no IN (SELECT case_no FROM process.case_number WHERE is_between_facilities)
    GROUP BY case_no
), sample AS (
    SELECT n.process, t.trace, min(case_no) AS case_no FROM trace t JOIN process.case_number n USING (case_no) GROUP BY ALL
), named AS MATERIALIZED (
    SELECT s.process, s.trace, string_agg(e.activity, ' > ' ORDER BY e.event_order) AS variant
    FROM process.case_event e
    JOIN sample s USING (case_no)
    GROUP BY ALL
)
SELECT
    n.process, coalesce(o.facility_id, n.facility_id) AS facility_id, n.case_id, v.variant, n.first_at, n.last_at, n.events_count,
    NOT n.is_ended AND epoch(x.as_of) - epoch(n.last_at) < n.horizon_s AS is_open,
    substr(md5(v.variant), 1, 16) AS variant_id, t.ties_count, n.item_id, n.supplier_id, n.shift, n.case_no
FROM process.case_number n
JOIN trace t USING (case_no)
JOIN named v ON v.process = n.process AND v.trace = t.trace
LEFT JOIN told o ON o.case_no = n.case_no
CROSS JOIN reference.evaluation x
