/*
title: Receipts and what was adjusted of them
question: Which received lines does an adjustment follow?
definition: One row per received line, with the units of the adjustments that follow it.
edge_rules:
  - A received line is a facility, document, line, item and supplier with a confirmed receipt, and every receipt without a document is one of its own; its time is that of the first.
  - An adjustment follows it that bears its document, at the same facility and of the same item, at or after it (and of the same line where both name one); or one without any document, within 259200 s (three days, inclusive) after the receipt and before the next one of the item there.
  - Adjustments of counts bear the count's document and so follow no receipt.
  - A line that no adjustment follows has no adjusted units, not zero.
source: domain model, scenarios (a supplier whose receipts are always adjusted)
owner: purchasing
grain: [receipt_id]
columns:
  receipt_id: {unit: id, description: the first of its receipts by name}
  facility_id: {unit: id, description: where it was received}
  supplier_id: {unit: id, description: who delivered, nullable: true}
  received_units: {unit: units, description: units received, nullable: true, min: 0}
  adjusted_net_units: {unit: units, description: 'signed units of the adjustments; NULL: none follows', nullable: true}
  adjusted_absolute_units: {unit: units, description: 'units of the adjustments without sign; NULL: none follows', nullable: true, min: 0}
additivity: additive
*/
WITH receipt AS (
    SELECT
        facility_id, document_id, document_line, item_id, supplier_id,
        min(event_time) AS received_at,
        sum(abs(quantity)) AS received_quantity,
        min(event_id) AS receipt_id
    FROM canonical.inventory_event
    WHERE event_type = 'receipt_confirmed'
    GROUP BY facility_id, document_id, document_line, item_id, supplier_id, CASE WHEN document_id IS NULL THEN event_id END
), adjustment AS (
    SELECT event_id, facility_id, document_id, document_line, item_id, event_time, coalesce(quantity, 0) AS quantity
    FROM canonical.inventory_event
    WHERE event_type = 'inventory_adjusted' AND item_id IS NOT NULL
), by_document AS (
    SELECT
        a.event_id, a.quantity, r.receipt_id,
        row_number() OVER (PARTITION BY a.event_id ORDER BY r.received_at DESC, r.receipt_id) AS place
    FROM adjustment a
    JOIN receipt r ON r.facility_id = a.facility_id AND r.document_id = a.document_id AND r.item_id = a.item_id
    WHERE a.event_time >= r.received_at
      AND (a.document_line IS NULL OR r.document_line IS NULL OR a.document_line = r.document_line)
), place_in_time AS (
    SELECT facility_id, item_id, received_at AS moment, 0 AS step, receipt_id, CAST(NULL AS STRING) AS event_id, 0 AS quantity
    FROM receipt
    WHERE item_id IN (SELECT item_id FROM adjustment WHERE document_id IS NULL)
    UNION ALL
    SELECT facility_id, item_id, event_time, 1, NULL, event_id, quantity FROM adjustment WHERE document_id IS NULL
), numbered AS (
    SELECT
        *,
        count(receipt_id) OVER (
            PARTITION BY facility_id, item_id ORDER BY moment, step, receipt_id, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS receipt_no
    FROM place_in_time
), by_time AS (
    SELECT a.event_id, a.quantity, r.receipt_id
    FROM numbered a
    JOIN numbered r
      ON r.facility_id = a.facility_id AND r.item_id = a.item_id AND r.receipt_no = a.receipt_no AND r.receipt_id IS NOT NULL
    WHERE a.event_id IS NOT NULL AND seconds_between(r.moment, a.moment) <= 259200
), following AS (
    SELECT receipt_id, sum(quantity) AS net_quantity, sum(abs(quantity)) AS absolute_quantity
    FROM (
        SELECT receipt_id, quantity FROM by_document WHERE place = 1
        UNION ALL
        SELECT receipt_id, quantity FROM by_time
    ) AS found
    GROUP BY receipt_id
)
SELECT
    r.receipt_id, r.facility_id, r.supplier_id, r.received_quantity AS received_units,
    f.net_quantity AS adjusted_net_units, f.absolute_quantity AS adjusted_absolute_units
FROM receipt r
LEFT JOIN following f ON f.receipt_id = r.receipt_id
