/*
title: Duplicate transfer receipt
question: Which transfers were received twice?
definition: Receipts of a transfer line that repeat an earlier receipt of equal absolute quantity, when what was received before already covers what was shipped.
formula: "exceptions_count = count(receipts where an earlier one of the line has equal abs(quantity) and sum(received before) >= sum(shipped))"
edge_rules:
  - A line is document, line, item and receiving facility; not stated equals not stated. Earlier is the total order of events.
  - What was shipped is the sum over the shipments of document, line and item up to as_of; what was received before is the sum of all earlier receipts of the line. Exactly as much covers it.
  - Where no shipment of the line is known, its receipts that state no line are held against all that was shipped of document and item, those that state one against what was shipped without one.
  - Where that is not known either, any earlier equal receipt suffices. A receipt without quantity or document is not judged.
  - Opens at event_time and stays open.
source: domain model, exception rules
owner: logistics manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: inventory control
cause: a receipt was scanned or sent a second time under another id
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: event_id of the later receipt}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH receipt AS (
    SELECT
        event_id, event_time, recorded_at, sequence_no, facility_id, item_id, document_id, file, row_number,
        coalesce(document_line, '') AS line_key, coalesce(item_id, '') AS item_key, abs(quantity) AS quantity
    FROM canonical.inventory_event
    WHERE event_type = 'transfer_received' AND document_id IS NOT NULL AND quantity IS NOT NULL
), repeated AS (
    SELECT document_id, line_key, item_key, facility_id
    FROM receipt
    GROUP BY document_id, line_key, item_key, facility_id
    HAVING count(*) > 1
), placed AS (
    SELECT
        r.*,
        row_number() OVER (
            PARTITION BY r.document_id, r.line_key, r.item_key, r.facility_id, r.quantity
            ORDER BY r.event_time, r.recorded_at NULLS FIRST, r.sequence_no NULLS FIRST, r.event_id
        ) AS nth_equal,
        sum(r.quantity) OVER (
            PARTITION BY r.document_id, r.line_key, r.item_key, r.facility_id
            ORDER BY r.event_time, r.recorded_at NULLS FIRST, r.sequence_no NULLS FIRST, r.event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS received_before
    FROM receipt r
    JOIN repeated p
      ON p.document_id = r.document_id AND p.line_key = r.line_key AND p.item_key = r.item_key AND p.facility_id = r.facility_id
), shipped AS (
    SELECT e.document_id, coalesce(e.document_line, '') AS line_key, coalesce(e.item_id, '') AS item_key, sum(abs(e.quantity)) AS shipped
    FROM canonical.inventory_event e
    WHERE e.event_type = 'transfer_shipped' AND e.document_id IN (SELECT p.document_id FROM repeated p)
    GROUP BY e.document_id, coalesce(e.document_line, ''), coalesce(e.item_id, '')
), of_item AS (
    -- What a receipt can be held against where it and the shipments do not name their lines alike.
    SELECT document_id, item_key, sum(shipped) AS shipped, sum(CASE WHEN line_key = '' THEN shipped END) AS shipped_without_line
    FROM shipped
    GROUP BY document_id, item_key
), compared AS (
    SELECT
        r.*,
        coalesce(s.shipped, CASE WHEN r.line_key = '' THEN i.shipped ELSE i.shipped_without_line END) AS shipped
    FROM placed r
    LEFT JOIN shipped s ON s.document_id = r.document_id AND s.line_key = r.line_key AND s.item_key = r.item_key
    LEFT JOIN of_item i ON i.document_id = r.document_id AND i.item_key = r.item_key
    WHERE r.nth_equal > 1
)
SELECT
    r.facility_id,
    r.event_id AS reference_id,
    r.event_time AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    r.item_id,
    r.quantity,
    concat_ws(' ',
        'event:' || replace(r.event_id, ' ', '%20'),
        'document:' || replace(r.document_id, ' ', '%20'),
        'file:' || replace(r.file, ' ', '%20') || '#' || CAST(CAST(r.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', CAST(r.quantity AS STRING), ' received again; ', CAST(r.received_before AS STRING), ' had come, ',
        coalesce(CAST(r.shipped AS STRING), 'an unknown quantity'), ' had been shipped') AS detail
FROM compared r
WHERE r.shipped IS NULL OR r.received_before >= r.shipped
