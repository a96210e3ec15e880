-- Both event types in one scan; lines with one receipt leave before anything is put in order.
WITH told AS MATERIALIZED (
    SELECT
        event_type = 'transfer_shipped' AS is_shipped, event_id, event_time, recorded_at, sequence_no, facility_id, item_id, document_id, file, row_number,
        coalesce(document_line, '') AS line_key, coalesce(item_id, '') AS item_key, abs(quantity) AS q
    FROM canonical.inventory_event
    WHERE event_type IN ('transfer_received', 'transfer_shipped') AND document_id IS NOT NULL
), placed AS MATERIALIZED (
    SELECT
        r.*,
        row_number() OVER (PARTITION BY r.document_id, r.line_key, r.item_key, r.facility_id, r.q ORDER BY r.event_time, r.recorded_at NULLS FIRST, r.sequence_no NULLS FIRST, r.event_id) AS nth_equal,
        sum(r.q) OVER (
            PARTITION BY r.document_id, r.line_key, r.item_key, r.facility_id ORDER BY r.event_time, r.recorded_at NULLS FIRST, r.sequence_no NULLS FIRST, r.event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM told r
    SEMI JOIN (
        SELECT document_id, line_key, item_key, facility_id FROM told WHERE NOT is_shipped AND q IS NOT NULL GROUP BY ALL HAVING count(*) > 1
    ) p USING (document_id, line_key, item_key, facility_id)
    WHERE NOT r.is_shipped AND r.q IS NOT NULL
), shipped AS (
    SELECT document_id, line_key, item_key, sum(q) AS shipped
    FROM told
    WHERE is_shipped AND document_id IN (SELECT document_id FROM placed)
    GROUP BY ALL
), of_item AS (
    SELECT document_id, item_key, sum(shipped) AS every_line, sum(shipped) FILTER (line_key = '') AS no_line FROM shipped GROUP BY ALL
), compared AS (
    SELECT r.*, coalesce(s.shipped, if(r.line_key = '', i.every_line, i.no_line)) AS shipped
    FROM placed r
    LEFT JOIN shipped s USING (document_id, line_key, item_key)
    LEFT JOIN of_item i USING (document_id, item_key)
    WHERE r.nth_equal > 1
)
SELECT
    r.facility_id, r.event_id AS reference_id, r.event_time AS opened_at, NULL::TIMESTAMPTZ AS resolved_at, NULL::DOUBLE AS sla_s, r.item_id, r.q AS quantity,
    concat_ws(' ', 'event:' || replace(r.event_id, ' ', '%20'), 'document:' || replace(r.document_id, ' ', '%20'), 'file:' || replace(r.file, ' ', '%20') || '#' || r.row_number) AS evidence,
    concat(r.q, ' received again; ', r.before, ' had come, ', coalesce(r.shipped::VARCHAR, 'an unknown quantity'), ' had been shipped') AS detail
FROM compared r
WHERE r.shipped IS NULL OR r.before >= r.shipped
