-- The books' own cases are numbered below zero by a hash, a clash of which would be the price, so that the sort has one whole number for a case.
WITH member AS MATERIALIZED (
    SELECT
        a.process, p.posting_id, p.posted_at, p.facility_id, e.event_id, coalesce(e.event_type, p.posting_type) AS activity,
        if(a.case_key = 'document', coalesce(e.document_id, p.document_id),
            if(e.document_id IS NULL, p.facility_id, e.facility_id) || '|' || coalesce(e.document_id, p.document_id) || '|'
            || coalesce(if(e.document_id IS NULL, p.document_line, e.document_line), '')) AS case_id
    FROM canonical.erp_posting p
    LEFT JOIN (
        shared.posting_event l JOIN canonical.inventory_event e ON e.event_id = l.event_id
    ) ON l.posting_id = p.posting_id
    JOIN reference.process_activity a ON a.event_type = coalesce(e.event_type, p.posting_type)
    ANTI JOIN (SELECT posting_id FROM matching.cancelled_posting WHERE fate <> 'in_vain') c ON c.posting_id = p.posting_id
    WHERE coalesce(e.document_id, p.document_id) IS NOT NULL
), numbered AS (
    SELECT m.*, n.case_no, coalesce(n.case_no, -(hash(m.process, m.case_id) >> 2)::BIGINT) AS k
    FROM member m
    LEFT JOIN process.case_number n USING (process, case_id)
)
SELECT
    process, case_no, if(case_no IS NULL, case_id, NULL) AS book_case_id, facility_id, activity, posted_at,
    row_number() OVER in_case::INTEGER AS posting_order, lag(activity) OVER in_case AS from_activity,
    (epoch_us(posted_at) - epoch_us(lag(posted_at) OVER in_case)) / 1e6 AS waited_s, posting_id, event_id,
    lead(posted_at) OVER in_case IS NULL AS is_last
FROM numbered
WINDOW in_case AS (PARTITION BY k ORDER BY posted_at, posting_id, event_id NULLS FIRST)
