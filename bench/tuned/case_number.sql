-- Attributes are compared by their hashes, a clash of which would be the price; the number comes from a sort of three columns.
WITH whole AS MATERIALIZED (
    SELECT
        a.process,
        if(a.case_key = 'document', e.document_id, e.facility_id || '|' || e.document_id || '|' || coalesce(e.document_line, '')) AS case_id,
        min(e.event_time) AS first_at, max(e.event_time) AS last_at, count(*) AS events_count,
        bool_or(a.is_end) AS is_ended, max(a.horizon_s) AS horizon_s, min(e.facility_id) AS facility_id,
        min(hash(e.facility_id)) <> max(hash(e.facility_id)) OR count(e.partner_facility_id) > 0 AS is_between_facilities,
        if(min(hash(e.item_id)) FILTER (e.item_id IS NOT NULL) = max(hash(e.item_id)) FILTER (e.item_id IS NOT NULL), any_value(e.item_id), NULL) AS item_id,
        if(min(hash(e.supplier_id)) FILTER (e.supplier_id IS NOT NULL) = max(hash(e.supplier_id)) FILTER (e.supplier_id IS NOT NULL), any_value(e.supplier_id), NULL) AS supplier_id,
        if(min(hash(e.shift)) FILTER (e.shift IS NOT NULL) = max(hash(e.shift)) FILTER (e.shift IS NOT NULL), any_value(e.shift), NULL) AS shift
    FROM canonical.inventory_event e
    JOIN reference.process_activity a ON a.event_type = e.event_type
    WHERE e.document_id IS NOT NULL
    GROUP BY ALL
    HAVING bool_or(a.is_core)
)
SELECT
    row_number() OVER (ORDER BY process, first_at, case_id)::INTEGER AS case_no,
    process, case_id, first_at, last_at, events_count, is_ended, horizon_s, facility_id, is_between_facilities, item_id, supplier_id, shift
FROM whole
