/*
title: Receipts that are adjusted afterwards
question: Which supplier's receipts are always put right by hand?
definition: Share of received lines of a supplier that an adjustment follows, per facility and supplier, with the units adjusted.
formula: "adjusted_ratio = adjusted_count / receipts_count; adjusted = an adjustment bears its document, or none and comes within 259200 s and before the next receipt"
headline: adjusted_ratio
edge_rules:
  - A received line is a facility, document, line, item and supplier with a confirmed receipt; its time is that of the first.
  - An adjustment follows it that bears its document, at the same facility and of the same item, at or after it (and of the same line where both name one); or one without any document, within 259200 s (three days, inclusive) after the receipt and before the next one of the item there.
  - Adjustments of counts bear the count's document and so follow no receipt.
  - A supplier that is not stated is NULL.
not_to_be_confused_with: receipt discrepancies, which are found at the dock
source: domain model, scenarios (a supplier whose receipts are always adjusted)
owner: purchasing
grain: [facility_id, supplier_id]
direction: down_is_good
columns:
  facility_id: {unit: id, description: where it was received}
  supplier_id: {unit: id, description: who delivered, nullable: true}
  supplier_name: {unit: text, description: 'what people call it; NULL: the suppliers of the workspace do not say', nullable: true}
  receipts_count: {unit: count, description: lines received, min: 1}
  adjusted_count: {unit: count, description: those that an adjustment followed, min: 0}
  adjusted_ratio: {unit: ratio, description: share of lines adjusted, min: 0, max: 1}
  received_units: {unit: units, description: units received, nullable: true, min: 0}
  adjusted_net_units: {unit: units, description: signed units of the adjustments}
  adjusted_absolute_units: {unit: units, description: units of the adjustments without sign, min: 0}
*/
WITH receipt AS (
    SELECT
        facility_id, document_id, document_line, item_id, supplier_id,
        min(event_time) AS received_at,
        sum(abs(quantity)) AS received_quantity,
        min(event_id) AS receipt_id
    FROM canonical.inventory_event
    WHERE event_type = 'receipt_confirmed'
    GROUP BY facility_id, document_id, document_line, item_id, supplier_id
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
    r.facility_id,
    r.supplier_id,
    max(n.name) AS supplier_name,
    count(*) AS receipts_count,
    count(f.receipt_id) AS adjusted_count,
    CAST(count(f.receipt_id) AS DOUBLE) / nullif(count(*), 0) AS adjusted_ratio,
    CAST(sum(r.received_quantity) AS DOUBLE) AS received_units,
    CAST(coalesce(sum(f.net_quantity), 0) AS DOUBLE) AS adjusted_net_units,
    CAST(coalesce(sum(f.absolute_quantity), 0) AS DOUBLE) AS adjusted_absolute_units
FROM receipt r
LEFT JOIN following f ON f.receipt_id = r.receipt_id
LEFT JOIN reference.supplier n ON n.supplier_id = r.supplier_id
GROUP BY r.facility_id, r.supplier_id
