/*
title: Receipts and the purchase lines that they are of
question: Which line of an order does each confirmed receipt belong to?
definition: One row per confirmed receipt under a purchase order, with the line that it names, or the only one that it can be of.
edge_rules:
  - Only receipt_confirmed events with a document and a quantity; what was announced or put away is no receipt.
  - A receipt that names no line is of the line of the order that has its item, where exactly one has; else it is of none and left out.
  - A line that it names counts as named, whether or not the order is known.
source: "domain model, matching (nothing matches without a shared document) and three-way match"
owner: purchasing
grain: [event_id]
storage: view
columns:
  event_id: {unit: id, description: the receipt}
  purchase_order_id: {unit: id, description: its document}
  purchase_order_line: {unit: id, description: the line}
  event_time: {unit: instant, description: when the receipt was confirmed}
  quantity: {unit: units, description: 'units received, absolute', min: 0}
  to_status: {unit: text, description: 'the status that the units were received into', nullable: true}
*/
SELECT
    e.event_id,
    e.document_id AS purchase_order_id,
    coalesce(e.document_line, o.purchase_order_line) AS purchase_order_line,
    e.event_time,
    abs(e.quantity) AS quantity,
    e.to_status
FROM canonical.inventory_event e
LEFT JOIN (
    SELECT purchase_order_id, item_id, min(purchase_order_line) AS purchase_order_line
    FROM canonical.purchase_line
    WHERE item_id IS NOT NULL
    GROUP BY purchase_order_id, item_id
    HAVING count(*) = 1
) AS o ON o.purchase_order_id = e.document_id AND o.item_id = e.item_id AND e.document_line IS NULL
WHERE e.event_type = 'receipt_confirmed' AND e.document_id IS NOT NULL AND e.quantity IS NOT NULL
  AND (e.document_line IS NOT NULL OR o.purchase_order_line IS NOT NULL)
