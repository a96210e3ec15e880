-- An event meets its objects in two joins on hashes, a clash of which would be the price, instead of five on text: one group for a
-- document's line, one for an item's lot and serial number; document, item, lot and serial number are then found among those groups.
WITH numbered AS MATERIALIZED (
    SELECT
        day * 1000000000 + row_number() OVER (PARTITION BY day ORDER BY event_time, recorded_at NULLS FIRST, sequence_no NULLS FIRST, event_id) AS event_no,
        event_type, event_time, d, if(d IS NULL, NULL, hash(d, document_line)) AS dl, document_line IS NOT NULL AS has_line, i, l, s, hash(i, l, s) AS ils
    FROM (
        SELECT
            epoch_us(event_time) // 86400000000 AS day, event_time, recorded_at, sequence_no, event_id, event_type, document_line,
            if(document_id IS NULL, NULL, hash(document_id)) AS d, if(item_id IS NULL, NULL, hash(item_id)) AS i,
            if(lot_id IS NULL, NULL, hash(hash(coalesce(item_id, '')), lot_id)) AS l,
            if(serial_id IS NULL, NULL, hash(hash(coalesce(item_id, '')), serial_id)) AS s
        FROM canonical.inventory_event
    )
), line AS MATERIALIZED (
    SELECT dl, any_value(d) AS d, if(any_value(has_line), min(event_no), NULL) AS line_no, min(event_no) AS first_no
    FROM numbered
    WHERE d IS NOT NULL
    GROUP BY dl
), kind AS (
    SELECT hash(document_id) AS d, object_type FROM process.document_type
), line_of AS (
    SELECT l.dl, l.line_no, d.document_no, k.object_type
    FROM line l
    JOIN (SELECT d, min(first_no) AS document_no FROM line GROUP BY d) d USING (d)
    JOIN kind k USING (d)
), thing AS MATERIALIZED (
    SELECT ils, any_value(i) AS i, any_value(l) AS l, any_value(s) AS s, min(event_no) AS first_no
    FROM numbered
    WHERE i IS NOT NULL OR l IS NOT NULL OR s IS NOT NULL
    GROUP BY ils
), thing_of AS (
    SELECT t.ils, i.item_no, l.lot_no, s.serial_no
    FROM thing t
    LEFT JOIN (SELECT i, min(first_no) AS item_no FROM thing GROUP BY i) i USING (i)
    LEFT JOIN (SELECT l, min(first_no) AS lot_no FROM thing GROUP BY l) l USING (l)
    LEFT JOIN (SELECT s, min(first_no) AS serial_no FROM thing GROUP BY s) s USING (s)
)
SELECT
    n.event_no, n.event_type AS activity, n.event_time, d.object_type AS document_type, d.document_no, d.line_no, t.item_no, t.lot_no, t.serial_no
FROM numbered n
LEFT JOIN line_of d ON d.dl = n.dl
LEFT JOIN thing_of t ON t.ils = n.ils
