-- A case that no core activity makes leaves before it is named; the text of a variant is one ordered string_agg.
WITH told AS (
    SELECT
        e.process, e.case_id, e.event_order, e.event_time, e.activity, e.waited_s, e.item_id, e.supplier_id, e.shift, a.is_core, a.is_end, a.horizon_s,
        if(e.activity IN ('transfer_shipped', 'transfer_requested'), coalesce(e.partner_facility_id, e.facility_id), e.facility_id) AS told_at,
        e.event_order + CASE
            WHEN e.activity = 'transfer_shipped' AND e.partner_facility_id IS NOT NULL THEN 0
            WHEN e.activity = 'transfer_received' THEN 10000000000
            WHEN e.activity = 'transfer_requested' AND e.partner_facility_id IS NOT NULL THEN 20000000000
            ELSE 30000000000
        END AS told_rank
    FROM process.case_event e
    JOIN reference.process_activity a ON a.process = e.process AND a.event_type = e.activity
), whole AS MATERIALIZED (
    SELECT
        process, case_id, arg_min(told_at, told_rank) AS facility_id, bit_xor(hash(hash(activity, event_order), event_order)) AS trace,
        min(event_time) AS first_at, max(event_time) AS last_at, count(*) AS events_count,
        count(*) FILTER (waited_s = 0) AS ties_count, bool_or(is_end) AS has_end, max(horizon_s) AS horizon_s,
        if(min(item_id) = max(item_id), min(item_id), NULL) AS item_id,
        if(min(supplier_id) = max(supplier_id), min(supplier_id), NULL) AS supplier_id,
        if(min(shift) = max(shift), min(shift), NULL) AS shift
    FROM told
    GROUP BY process, case_id
    HAVING bool_or(is_core)
), sample AS (
    SELECT process, trace, any_value(case_id) AS case_id FROM whole GROUP BY process, trace
), named AS MATERIALIZED (
    SELECT s.process, s.trace, string_agg(e.activity, ' > ' ORDER BY e.event_order) AS variant
    FROM process.case_event e
    JOIN sample s ON s.process = e.process AND s.case_id = e.case_id
    GROUP BY s.process, s.trace
)
SELECT
    w.process, w.facility_id, w.case_id, n.variant, w.first_at, w.last_at, w.events_count,
    NOT w.has_end AND epoch(v.as_of) - epoch(w.last_at) < w.horizon_s AS is_open,
    substr(md5(n.variant), 1, 16) AS variant_id, w.ties_count,
    w.item_id, w.supplier_id, w.shift
FROM whole w
JOIN named n USING (process, trace)
CROSS JOIN reference.evaluation v
