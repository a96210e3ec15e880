-- In substance the model: the highest number before by one window over narrow rows, of which the few below it are joined.
WITH placed AS (
    SELECT
        event_id, sequence_no,
        max(sequence_no) OVER (PARTITION BY feed, facility_id ORDER BY recorded_at, sequence_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS highest_before
    FROM canonical.inventory_event
    WHERE recorded_at <= (SELECT as_of FROM reference.evaluation) AND sequence_no IS NOT NULL
    QUALIFY sequence_no < highest_before
)
SELECT
    e.facility_id, e.event_id AS reference_id, e.recorded_at AS opened_at, NULL::TIMESTAMPTZ AS resolved_at, NULL::DOUBLE AS sla_s, e.item_id, abs(e.quantity) AS quantity,
    concat_ws(' ', 'event:' || replace(e.event_id, ' ', '%20'), 'document:' || replace(e.document_id, ' ', '%20'), 'file:' || replace(e.file, ' ', '%20') || '#' || e.row_number) AS evidence,
    'number ' || p.sequence_no || ' came after ' || p.highest_before AS detail
FROM canonical.inventory_event e
JOIN placed p ON p.event_id = e.event_id
