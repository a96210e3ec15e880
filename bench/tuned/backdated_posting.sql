-- In substance the model: postings dated before today in UTC or earlier, judged by the local day of their quarter of an hour.
WITH clock AS MATERIALIZED (
    SELECT q.facility_id, q.quarter_no, timezone(f.timezone, make_timestamptz(q.quarter_no * 900000000))::DATE AS local_date
    FROM (
        SELECT DISTINCT facility_id, epoch_us(posted_at) // 900000000 AS quarter_no
        FROM canonical.erp_posting
        WHERE posting_date <= (posted_at AT TIME ZONE 'UTC')::DATE
    ) q
    JOIN reference.facility f USING (facility_id)
)
SELECT
    p.facility_id, p.posting_id AS reference_id, p.posted_at AS opened_at, NULL::TIMESTAMPTZ AS resolved_at, NULL::DOUBLE AS sla_s, p.item_id, abs(p.quantity) AS quantity,
    concat_ws(' ',
        'posting:' || replace(p.posting_id, ' ', '%20'), 'event:' || replace(p.event_id, ' ', '%20'), 'document:' || replace(p.document_id, ' ', '%20'),
        'file:' || replace(p.file, ' ', '%20') || '#' || p.row_number) AS evidence,
    concat('posted on ', c.local_date, ' for ', p.posting_date, ' by ' || p.posted_by) AS detail
FROM canonical.erp_posting p
JOIN clock c ON c.facility_id = p.facility_id AND c.quarter_no = epoch_us(p.posted_at) // 900000000
WHERE p.posting_date < c.local_date
